//! Letters as their readers get them.

use chrono::TimeZone;
use proptest::prelude::*;

use super::{
    face::{Faces, Weight},
    page::{Mark, POINT, SHEET, lay_out},
    *,
};

fn letter(language: Language) -> Activation {
    Activation {
        language,
        sender: "Woonstichting De Meerpaal".to_owned(),
        recipient: Recipient {
            name: "Anneke de Vries".to_owned(),
            salutation: Some("Mevrouw".to_owned()),
            last_name: Some("de Vries".to_owned()),
            address: vec!["Woonstichting De Meerpaal".to_owned()],
        },
        username: "a.devries@meerpaal.example".to_owned(),
        code: "7KQ49MPX".into(),
        written_at: Utc.with_ymd_and_hms(2026, 3, 2, 14, 5, 0).unwrap(),
        expires_at: Utc.with_ymd_and_hms(2026, 3, 9, 14, 5, 0).unwrap(),
    }
}

/// What the letter says, line by line.
fn lines(letter: &Activation) -> Vec<String> {
    let marks = lay_out(letter, &Faces::load().unwrap());
    let texts = marks.into_iter().filter_map(|mark| match mark {
        Mark::Text { text, .. } => Some(text),
        Mark::Area { .. } => None,
    });
    texts.collect()
}

#[test]
fn ac3_the_letter_says_everything_in_three_languages() {
    for (language, expected) in [
        (
            Language::Nl,
            [
                "Activatiegegevens van ons klantenportaal",
                "Geachte mevrouw De Vries,",
                "2 maart 2026",
                "Geldig tot en met 8 maart 2026",
            ],
        ),
        (
            Language::De,
            [
                "Aktivierungsdaten für unser Kundenportal",
                "Guten Tag Mevrouw de Vries,",
                "2. März 2026",
                "Gültig bis einschließlich 8. März 2026",
            ],
        ),
        (
            Language::En,
            [
                "Activation details for our customer portal",
                "Dear Mevrouw de Vries,",
                "2 March 2026",
                "Valid until 8 March 2026 inclusive",
            ],
        ),
    ] {
        let said = lines(&letter(language));
        for line in expected.into_iter().chain([
            "7KQ4-9MPX",
            "Anneke de Vries",
            "a.devries@meerpaal.example",
            "Woonstichting De Meerpaal",
        ]) {
            assert!(said.iter().any(|said| said == line), "{line:?} in {said:#?}");
        }
    }
}

#[test]
fn the_same_letter_is_the_same_file() {
    let file = || letter(Language::Nl).render().unwrap().into_bytes();
    assert!(file().starts_with(b"%PDF-"));
    assert_eq!(file(), file());
}

#[test]
fn the_file_holds_only_the_letters_it_needs() {
    let bytes = letter(Language::De).render().unwrap().into_bytes();
    assert!(bytes.len() < 60_000, "{} bytes", bytes.len());
}

#[test]
fn a_code_that_expires_today_is_valid_today() {
    let mut letter = letter(Language::En);
    letter.expires_at = letter.written_at + chrono::TimeDelta::hours(2);
    assert!(lines(&letter).contains(&"Valid until 2 March 2026 inclusive".to_owned()));
}

#[test]
fn a_name_that_fits_no_line_is_wrapped_and_ends_in_an_ellipsis() {
    let faces = Faces::load().unwrap();
    let face = faces.of(Weight::Regular);
    assert_eq!(face.wrap("one two three", 10.0, 45.0, 9), ["one two", "three"]);
    assert!(face.wrap(&"m".repeat(500), 10.0, 100.0, 3).len() == 3);
    assert!(face.wrap(&"long ".repeat(100), 10.0, 100.0, 2)[1].ends_with('…'));
    assert_eq!(face.wrap("", 10.0, 100.0, 2), Vec::<String>::new());
}

#[test]
fn a_character_without_a_glyph_is_drawn_as_a_sign() {
    let faces = Faces::load().unwrap();
    let face = faces.of(Weight::Bold);
    assert_eq!(face.showable("Żółć Дмитрий Ελένη"), "Żółć Дмитрий Ελένη");
    assert_eq!(face.showable("a\u{200d}b\u{fe0f}"), "ab");
    assert_eq!(face.showable("株 x"), "\u{fffd} x");
}

/// Whatever stands in a letter stands on the sheet.
fn assert_on_the_sheet(letter: &Activation) {
    let faces = Faces::load().unwrap();
    for mark in lay_out(letter, &faces) {
        let Mark::Text { x, y, size, weight, spread, text, .. } = mark else { continue };
        let letters = u16::try_from(text.chars().count()).unwrap();
        let width = faces.of(weight).width(&text, size / POINT)
            + spread * size / POINT * f32::from(letters);
        assert!(x >= 20.0 && x + width < SHEET.0 - 10.0, "{text:?} is {width} mm wide");
        assert!(y > 10.0 && y < SHEET.1 - 10.0, "{text:?} stands at {y} mm");
    }
}

#[test]
fn the_longest_names_stay_on_the_sheet() {
    for language in [Language::Nl, Language::De, Language::En] {
        for name in ["W".repeat(500), "Wmw ".repeat(125), "w".repeat(80) + " x"] {
            let mut letter = letter(language);
            letter.sender.clone_from(&name);
            letter.username.clone_from(&name);
            letter.recipient = Recipient {
                name: name.clone(),
                salutation: Some(name.clone()),
                last_name: Some(name.clone()),
                address: vec![name; 20],
            };
            assert_on_the_sheet(&letter);
            letter.render().unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_breaks_a_letter(name in any::<String>(), sender in any::<String>(), code in "[A-Z0-9]{8}") {
        let mut letter = letter(Language::Nl);
        (letter.recipient.name, letter.sender, letter.code) = (name, sender, code.into());
        assert_on_the_sheet(&letter);
        letter.render().unwrap();
    }
}
