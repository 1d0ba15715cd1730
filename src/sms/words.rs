//! What messages say: within the alphabet of GSM, so that one message is enough.

use events::value::Language;
use zeroize::Zeroizing;

/// Letters of a sender's name.
const SENDER: usize = 40;
/// Letters of one message.
const MESSAGE: usize = 160;
/// The alphabet of GSM (3GPP TS 23.038, 6.2.1), of which ASCII has the most. With one other letter 70 fit into a message.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Letters that are written as two (6.2.1.1).
const WIDE: &str = "^{}\\[~]|€";

/// A code. With a host, its last line binds it to that host's pages, so that telephones fill it in there and nowhere
/// else (origin-bound one-time codes). The sender is left out where its name would make a second message of it.
pub(super) fn code(
    language: Language,
    sender: &str,
    host: Option<&str>,
    code: &str,
) -> Zeroizing<String> {
    let sender: String = sender.chars().take(SENDER).collect();
    let named = said(language, Some(&sender), host, code);
    if length(&named).is_some_and(|length| length <= MESSAGE) {
        named
    } else {
        said(language, None, host, code)
    }
}

fn said(
    language: Language,
    sender: Option<&str>,
    host: Option<&str>,
    code: &str,
) -> Zeroizing<String> {
    let (is, by, keep) = match language {
        Language::Nl => ("is uw code", "voor", "Geef hem aan niemand, ook niet aan wie belt."),
        Language::De => ("ist Ihr Code", "für", "Geben Sie ihn niemandem, auch keinem Anrufer."),
        Language::En => ("is your code", "for", "Give it to nobody, not even to a caller."),
    };
    let sender = sender.map(|sender| format!(" {by} {sender}")).unwrap_or_default();
    let mut text = Zeroizing::new(format!("{code} {is}{sender}. {keep}"));
    if let Some(host) = host {
        text.push_str("\n\n@");
        text.push_str(host);
        text.push_str(" #");
        text.push_str(code);
    }
    text
}

/// How long a text is in the alphabet of GSM; none where it has other letters.
fn length(text: &str) -> Option<usize> {
    text.chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() || ALPHABET.contains(letter) => Some(1),
            letter if WIDE.contains(letter) => Some(2),
            _ => None,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 3] = [Language::Nl, Language::De, Language::En];

    #[test]
    fn a_code_is_said_first_in_every_language_and_bound_to_the_products_host() {
        for language in ALL {
            let plain = code(language, "Bakkerij Bakker", None, "12345678");
            assert!(plain.starts_with("12345678 ") && plain.contains("Bakkerij Bakker. "));
            let bound = code(language, &"x".repeat(400), Some("accounts.example.org"), "12345678");
            assert!(bound.ends_with("\n\n@accounts.example.org #12345678"));
            assert!(bound.contains(&"x".repeat(SENDER)), "{}", *bound);
            assert!(bound.chars().count() <= MESSAGE, "{}", bound.chars().count());
        }
    }

    #[test]
    fn a_name_with_letters_that_telephones_don_t_have_is_left_out() {
        for language in ALL {
            for name in ["Café Müller & Søn", "Señor Große", "Bäckerei {7} €"] {
                assert!(code(language, name, None, "12345678").contains(name), "{name}");
            }
            for name in ["Bakkerij Daniël", "Naïef", "Пекарня", "Bakker’s", "パン"] {
                let text = code(language, name, Some("accounts.example.org"), "12345678");
                assert!(text.chars().all(|letter| length(&letter.to_string()).is_some()));
                assert!(text.starts_with("12345678 is") && text.contains(". "), "{}", *text);
                assert!(!text.contains(name) && text.ends_with("@accounts.example.org #12345678"));
            }
        }
        assert_eq!(
            *code(Language::Nl, "Bakkerij Daniël", None, "12345678"),
            "12345678 is uw code. Geef hem aan niemand, ook niet aan wie belt."
        );
    }

    #[test]
    fn a_name_that_would_make_two_messages_of_it_is_left_out() {
        let host = format!("{}.example.org", "accounts".repeat(6));
        for language in ALL {
            for (name, host) in [("Bakker", &*host), (&"€".repeat(40), "accounts.example.org")] {
                let short = code(language, name, Some(host), "12345678");
                assert!(length(&short).unwrap() <= MESSAGE, "{}", *short);
                let kept = short.contains(name);
                assert_eq!(kept, length(name).unwrap() < 10, "{}", *short);
            }
            let long = code(language, &"x".repeat(40), Some(&host), "12345678");
            assert!(!long.contains("xx") && length(&long).unwrap() <= MESSAGE, "{}", *long);
        }
    }
}
