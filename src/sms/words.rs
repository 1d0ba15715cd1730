//! What messages say: within the alphabet of GSM, so that one message is enough.

use events::value::Language;
use zeroize::Zeroizing;

/// Letters of a sender's name.
const SENDER: usize = 40;

/// A code. With a host, its last line binds it to that host's pages, so that telephones fill it in there and nowhere
/// else (origin-bound one-time codes).
pub(super) fn code(
    language: Language,
    sender: &str,
    host: Option<&str>,
    code: &str,
) -> Zeroizing<String> {
    let sender: String = sender.chars().take(SENDER).collect();
    let mut text = match language {
        Language::Nl => {
            format!("{code} is uw code voor {sender}. Geef hem aan niemand, ook niet aan wie belt.")
        }
        Language::De => {
            format!(
                "{code} ist Ihr Code für {sender}. Geben Sie ihn niemandem, auch keinem Anrufer."
            )
        }
        Language::En => {
            format!("{code} is your code for {sender}. Give it to nobody, not even to a caller.")
        }
    };
    if let Some(host) = host {
        text.push_str("\n\n@");
        text.push_str(host);
        text.push_str(" #");
        text.push_str(code);
    }
    Zeroizing::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_said_first_in_every_language_and_bound_to_the_products_host() {
        for language in [Language::Nl, Language::De, Language::En] {
            let plain = code(language, "Bakkerij Bakker", None, "12345678");
            assert!(plain.starts_with("12345678 ") && plain.contains("Bakkerij Bakker"));
            let bound = code(language, &"x".repeat(400), Some("accounts.example.org"), "12345678");
            assert!(bound.ends_with("\n\n@accounts.example.org #12345678"));
            assert!(bound.chars().count() <= 160, "{}", bound.chars().count());
        }
    }
}
