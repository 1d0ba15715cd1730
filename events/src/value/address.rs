//! E-mail addresses and domains.

use serde::{Deserialize, Serialize};

use super::Invalid;

/// An e-mail address, its domain in ASCII (IDNA) and lower case.
///
/// The local part is a dot-atom of RFC 5321 in ASCII: no quotes, no comments, no other scripts, for
/// not every mail server takes them. Its case is kept, for a mail server may tell it apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The greatest number of characters.
    pub const MAX: usize = 254;
    /// The greatest number of characters before the `@`.
    pub const MAX_LOCAL: usize = 64;

    /// Reads an address as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        // Before IDNA sees it: a long text costs nothing.
        if text.len() > 4 * Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX });
        }
        let (local, domain) = text.rsplit_once('@').ok_or(Invalid::NotAnAddress)?;
        if local.is_empty()
            || local.starts_with('.')
            || local.ends_with('.')
            || local.contains("..")
        {
            return Err(Invalid::NotAnAddress);
        }
        if let Some(character) = local.chars().find(|c| *c != '.' && !is_atom(*c)) {
            return Err(Invalid::Character { character });
        }
        if local.len() > Self::MAX_LOCAL {
            return Err(Invalid::TooLong { max: Self::MAX_LOCAL });
        }
        let domain = Domain::parse(domain).map_err(|_| Invalid::NotAnAddress)?;
        let address = format!("{local}@{}", domain.as_str());
        if address.len() > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX });
        }
        Ok(Self(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes it unique: the address without case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The part after the `@`.
    pub fn domain(&self) -> Domain {
        Domain(self.0.rsplit_once('@').map_or_else(String::new, |(_, domain)| domain.to_owned()))
    }
}

/// A mail domain of at least two labels, in ASCII (IDNA) and lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Domain(String);

impl Domain {
    /// The greatest number of characters, in ASCII.
    pub const MAX: usize = 253;

    /// Reads a domain as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        if text.len() > 4 * Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX });
        }
        let domain = idna::domain_to_ascii_strict(text).map_err(|_| Invalid::NotADomain)?;
        let (_, last) = domain.rsplit_once('.').ok_or(Invalid::NotADomain)?;
        // No top-level domain begins with a digit: this is an address of a machine.
        if last.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Invalid::NotADomain);
        }
        Ok(Self(domain))
    }

    /// The domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `atext` of RFC 5322.
fn is_atom(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> Result<String, Invalid> {
        EmailAddress::parse(text).map(|address| address.0)
    }

    #[test]
    fn s23_addresses_that_mail_servers_take_are_fine() {
        for (typed, read) in [
            ("anna@example.org", "anna@example.org"),
            (" Anna.Jansen+crm@Example.ORG ", "Anna.Jansen+crm@example.org"),
            ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
            ("info@müller.example", "info@xn--mller-kva.example"),
            ("info@straße.example", "info@xn--strae-oqa.example"),
            ("info@例え.テスト", "info@xn--r8jz45g.xn--zckzah"),
            ("a@4you.example", "a@4you.example"),
        ] {
            assert_eq!(address(typed).as_deref(), Ok(read));
        }
        assert_eq!(EmailAddress::parse("Anna@Example.org").unwrap().key(), "anna@example.org");
        assert_eq!(
            EmailAddress::parse("a@müller.example").unwrap().domain().0,
            "xn--mller-kva.example"
        );
    }

    #[test]
    fn s23_no_literals_no_quotes_no_single_labels() {
        for wrong in [
            "anna",
            "@example.org",
            "anna@",
            "anna@localhost",
            "anna@example.org.",
            "anna@[192.0.2.1]",
            "anna@192.0.2.1",
            "anna@[IPv6:2001:db8::1]",
            ".anna@example.org",
            "anna.@example.org",
            "an..na@example.org",
            "anna@-example.org",
            "anna@exam_ple.org",
            "anna@example..org",
            "anna@xn--a.example",
            "anna@exa\u{200d}mple.org",
            "anna@exa mple.org",
            "anna@example.org\r\nBcc: eve",
        ] {
            assert_eq!(address(wrong), Err(Invalid::NotAnAddress), "{wrong:?}");
        }
        for (wrong, character) in [
            ("\"an na\"@example.org", '"'),
            ("an na@example.org", ' '),
            ("anna\r\n@example.org", '\r'),
            ("anna\0@example.org", '\0'),
            ("a@b@example.org", '@'),
            ("anna@example.org\r\nBcc: eve@example.org", '@'),
            ("Anna <anna@example.org", ' '),
            ("jürgen@example.org", 'ü'),
            ("anna(home)@example.org", '('),
        ] {
            assert_eq!(address(wrong), Err(Invalid::Character { character }), "{wrong:?}");
        }
    }

    #[test]
    fn s23_the_lengths_hold() {
        assert!(address(&format!("{}@example.org", "a".repeat(64))).is_ok());
        let long = format!("{}@example.org", "a".repeat(65));
        assert_eq!(address(&long), Err(Invalid::TooLong { max: 64 }));
        let label = "b".repeat(63);
        let domain = format!("{label}.{label}.{label}");
        assert!(address(&format!("{}@{domain}", "a".repeat(62))).is_ok());
        assert_eq!(
            address(&format!("{}@{domain}", "a".repeat(63))),
            Err(Invalid::TooLong { max: 254 })
        );
        assert_eq!(address(&format!("a@{}.org", "b".repeat(64))), Err(Invalid::NotAnAddress));
        assert!(matches!(address(&"@".repeat(1_000_000)), Err(Invalid::TooLong { .. })));
        assert_eq!(address(""), Err(Invalid::Empty));
    }

    #[test]
    fn s23_domains_have_two_labels_and_no_tricks() {
        assert_eq!(Domain::parse("MÜLLER.example").unwrap().0, "xn--mller-kva.example");
        for wrong in ["example", "ex ample.org", "1.2.3.4", "a.0x7f", "a\n.org", ".org", "*.org"] {
            assert_eq!(Domain::parse(wrong), Err(Invalid::NotADomain), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_the_normal_form_stays(text in "\\PC{0,20}@?\\PC{0,60}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
                prop_assert_eq!(Domain::parse(address.domain().as_str()), Ok(address.domain()));
                let json = serde_json::to_string(&address).unwrap();
                prop_assert_eq!(serde_json::from_str::<EmailAddress>(&json).unwrap(), address);
            }
        }

        #[test]
        fn any_international_domain_keeps_its_normal_form(text in "[\\p{L}\\p{N}-]{1,12}\\.[\\p{L}]{2,6}") {
            if let Ok(domain) = Domain::parse(&text) {
                prop_assert!(domain.as_str().is_ascii());
                prop_assert_eq!(Domain::parse(domain.as_str()), Ok(domain));
            }
        }
    }
}
