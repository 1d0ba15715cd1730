//! The fonts of letters: which glyph a character has, how wide a text is, where its lines end.
//!
//! Noto Sans has Latin, Greek and Cyrillic. A character that it lacks is drawn as a replacement sign; lines are set
//! letter by letter, without ligatures and kerning, so no shaping engine is needed.

use krilla::text::{Font, GlyphId as KrillaId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

// Noto Sans 2.x as Debian's `fonts-noto-core` ships it, under the SIL Open Font License (fonts/OFL.txt).
const REGULAR: &[u8] = include_bytes!("fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/NotoSans-Bold.ttf");

/// Both weights.
pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// One font, ready to measure and to draw.
pub(super) struct Face {
    font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

impl Faces {
    pub(super) fn load() -> Option<Self> {
        Some(Self { regular: Face::load(REGULAR)?, bold: Face::load(BOLD)? })
    }

    pub(super) const fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

impl Face {
    fn load(bytes: &'static [u8]) -> Option<Self> {
        let font = Font::new(bytes.into(), 0)?;
        let reference = FontRef::new(bytes).ok()?;
        // One em is 1 here; sizes come in where something is drawn.
        let metrics = reference.glyph_metrics(Size::new(1.0), LocationRef::default());
        Some(Self { font, charmap: reference.charmap(), metrics })
    }

    pub(super) fn font(&self) -> Font {
        self.font.clone()
    }

    /// The text as this font can show it: what is invisible goes, and what it has no glyph for becomes a sign.
    pub(super) fn showable(&self, text: &str) -> String {
        let shown = text.chars().filter(|c| !is_invisible(*c));
        shown
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .map(|c| if self.charmap.map(c).is_some() { c } else { '\u{fffd}' })
            .collect()
    }

    /// How wide a text is at a size, in the unit of the size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    /// The glyphs of a text, each `spread` further apart than the font says, in ems.
    pub(super) fn glyphs(&self, text: &str, spread: f32) -> Vec<KrillaGlyph> {
        text.char_indices()
            .map(|(at, c)| KrillaGlyph {
                glyph_id: KrillaId::new(self.charmap.map(c).map_or(0, skrifa::GlyphId::to_u32)),
                text_range: at..at + c.len_utf8(),
                x_advance: self.advance(c) + spread,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            })
            .collect()
    }

    fn advance(&self, character: char) -> f32 {
        let glyph = self.charmap.map(character).unwrap_or_default();
        self.metrics.advance_width(glyph).unwrap_or_default()
    }

    /// Breaks a text into at most `lines` lines of a width: between words, within a word that is longer than a line.
    /// What doesn't fit ends in an ellipsis.
    pub(super) fn wrap(&self, text: &str, size: f32, width: f32, lines: usize) -> Vec<String> {
        let text = self.showable(text);
        let mut wrapped: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, size) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                wrapped.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                if self.width(&line, size) + self.advance(letter) * size > width && !line.is_empty()
                {
                    wrapped.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
            if wrapped.len() > lines {
                break;
            }
        }
        if !line.is_empty() {
            wrapped.push(line);
        }
        if wrapped.len() > lines {
            wrapped.truncate(lines);
            if let Some(last) = wrapped.last_mut() {
                while !last.is_empty() && self.width(&format!("{last}…"), size) > width {
                    last.pop();
                }
                last.truncate(last.trim_end().len());
                last.push('…');
            }
        }
        wrapped
    }
}

/// Joiners, selectors and the like, which say how to shape letters and are nothing by themselves.
const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}
