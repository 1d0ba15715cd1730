//! Draws a sheet into a PDF file.

use chrono::{Datelike, Timelike};
use events::value::Language;
use krilla::{
    Document,
    color::{luma, rgb},
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
};

use super::{
    Activation, Undrawable,
    face::Faces,
    page::{Ink, Mark, POINT, SHEET},
    words,
};

/// The file. It says when the letter was written, by whom, and what about; nothing else.
pub(super) fn draw(
    letter: &Activation,
    marks: &[Mark],
    faces: &Faces,
) -> Result<Vec<u8>, Undrawable> {
    let mut document = Document::new();
    document.set_metadata(metadata(letter));
    let settings = PageSettings::from_wh(SHEET.0 * POINT, SHEET.1 * POINT);
    let settings = settings.ok_or_else(|| Undrawable("no such sheet".to_owned()))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    for mark in marks {
        put(&mut surface, mark, faces);
    }
    surface.finish();
    page.finish();
    document.finish().map_err(|error| Undrawable(error.to_string()))
}

fn put(surface: &mut Surface<'_>, mark: &Mark, faces: &Faces) {
    match mark {
        Mark::Text { x, y, size, weight, ink, spread, text } => {
            let face = faces.of(*weight);
            surface.set_fill(Some(fill(*ink)));
            let at = Point::from_xy(x * POINT, y * POINT);
            surface.draw_glyphs(at, &face.glyphs(text, *spread), face.font(), text, *size, false);
        }
        Mark::Area { x, y, width, height, ink } => {
            let area = Rect::from_xywh(x * POINT, y * POINT, width * POINT, height * POINT);
            let path = area.and_then(|area| {
                let mut path = PathBuilder::new();
                path.push_rect(area);
                path.finish()
            });
            if let Some(path) = path {
                surface.set_fill(Some(fill(*ink)));
                surface.draw_path(&path);
            }
        }
    }
}

fn fill(ink: Ink) -> Fill {
    let paint = match ink {
        Ink::Black => luma::Color::black().into(),
        Ink::Grey => luma::Color::new(95).into(),
        Ink::Line => luma::Color::new(150).into(),
        Ink::Tint => rgb::Color::new(238, 241, 245).into(),
    };
    Fill { paint, ..Fill::default() }
}

fn metadata(letter: &Activation) -> Metadata {
    let at = letter.written_at;
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    let written = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0);
    let language = match letter.language {
        Language::Nl => "nl",
        Language::De => "de",
        Language::En => "en",
    };
    Metadata::new()
        .title(words::subject(letter.language).to_owned())
        .authors(vec![letter.sender.clone()])
        .creator("Stamrol".to_owned())
        .language(language.to_owned())
        .creation_date(written)
}
