//! Where mail goes, and how.

use events::value::{EmailAddress, TlsMode};
use secrecy::SecretString;

use super::value::{NONE, Unparsable, Value, Within, must_be};

/// Where mail goes, where no operator has said otherwise.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The mail server; none: mails become files in the data directory.
    pub server: MailServer,
    /// How the connection to it is kept private.
    pub tls: TlsMode,
    /// The name to sign in with there; none: without.
    pub username: Name,
    /// The password to sign in with there.
    pub password: Password,
    /// The address that mails come from; none: `no-reply` at the host of the public address.
    pub from: Option<EmailAddress>,
    /// Mails on their way at once.
    pub at_once: Within<1, 64>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: MailServer::default(),
            tls: TlsMode::default(),
            username: Name::default(),
            password: Password::default(),
            from: None,
            at_once: Within(4),
        }
    }
}

/// A host and a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailServer(pub Option<(String, u16)>);

impl Value for MailServer {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        if text.is_empty() {
            self.0 = None;
            return Ok(());
        }
        let parsed = text.rsplit_once(':').and_then(|(host, port)| {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
            let fits = !host.is_empty() && host.len() <= 253 && host.chars().all(is_host);
            Some((fits.then(|| host.to_owned())?, port.parse().ok()?))
        });
        match parsed {
            Some(server) => self.0 = Some(server),
            None => return must_be("a host with a port, such as mail.example.org:587"),
        }
        Ok(())
    }

    fn show(&self) -> String {
        self.0.as_ref().map_or_else(
            || NONE.to_owned(),
            |(host, port)| {
                if host.contains(':') {
                    format!("[{host}]:{port}")
                } else {
                    format!("{host}:{port}")
                }
            },
        )
    }
}

/// A name, if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name(pub Option<String>);

impl Value for Name {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        if text.chars().any(char::is_control) {
            return must_be("a name without control characters");
        }
        self.0 = (!text.is_empty()).then(|| text.to_owned());
        Ok(())
    }

    fn show(&self) -> String {
        self.0.clone().unwrap_or_else(|| NONE.to_owned())
    }
}

/// A password, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Password(pub Option<SecretString>);

impl Value for Password {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        self.0 = (!text.is_empty()).then(|| SecretString::from(text));
        Ok(())
    }

    fn show(&self) -> String {
        if self.0.is_some() { "(hidden)" } else { NONE }.to_owned()
    }

    fn is_secret(&self) -> bool {
        true
    }
}

impl Value for TlsMode {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        *self = match text {
            "none" => Self::None,
            "starttls" => Self::Starttls,
            "tls" => Self::Tls,
            _ => return must_be("none, starttls or tls"),
        };
        Ok(())
    }

    fn show(&self) -> String {
        match self {
            Self::None => "none",
            Self::Starttls => "starttls",
            Self::Tls => "tls",
        }
        .to_owned()
    }
}

impl Value for Option<EmailAddress> {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        if text.is_empty() {
            *self = None;
            return Ok(());
        }
        match EmailAddress::parse(text) {
            Ok(address) => *self = Some(address),
            Err(_) => return must_be("an e-mail address, such as accounts@example.org"),
        }
        Ok(())
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| NONE.to_owned(), |address| address.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_a_host_and_a_port() {
        let mut server = MailServer::default();
        for (text, host, port) in
            [("mail.example.org:587", "mail.example.org", 587), ("[::1]:25", "::1", 25)]
        {
            server.read(text).unwrap();
            assert_eq!(server.0, Some((host.to_owned(), port)));
            assert_eq!(server.show(), text);
        }
        for wrong in ["mail.example.org", ":25", "mail server:25", "mail:99999", "a\r\nb:25"] {
            assert!(server.read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn s27_the_password_is_not_shown() {
        let mut password = Password::default();
        password.read("kanarie").unwrap();
        assert_eq!(password.show(), "(hidden)");
        assert!(!format!("{password:?}").contains("kanarie"));
        assert!(password.is_secret());
    }
}
