//! Values of mails.

use serde::{Deserialize, Serialize};

use super::{EmailAddress, Invalid, Text};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// How to activate one's account, with a code that comes by letter.
    Activation,
    /// How to activate one's account, by this mail alone.
    Invitation,
    /// How to choose a new password.
    PasswordReset,
    /// The password that an administrator chose.
    PasswordChosen,
    /// That the password was changed.
    PasswordChanged,
    /// The second factor: a code.
    Passcode,
    /// How to confirm an address.
    EmailConfirm,
    /// That another address was asked for; to the present one.
    EmailChangeAsked,
    /// That the address was changed.
    EmailChanged,
    /// That the recovery address was changed.
    RecoveryEmailChanged,
    /// That the account was locked.
    AccountLocked,
    /// That a second factor was added or removed.
    FactorChanged,
    /// What an administrator tells those who are signed in.
    Notice,
    /// Nothing but that mails arrive.
    Test,
}

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Activation,
        Self::Invitation,
        Self::PasswordReset,
        Self::PasswordChosen,
        Self::PasswordChanged,
        Self::Passcode,
        Self::EmailConfirm,
        Self::EmailChangeAsked,
        Self::EmailChanged,
        Self::RecoveryEmailChanged,
        Self::AccountLocked,
        Self::FactorChanged,
        Self::Notice,
        Self::Test,
    ];

    /// Its key, as in files, streams and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::PasswordChosen => "password_chosen",
            Self::PasswordChanged => "password_changed",
            Self::Passcode => "passcode",
            Self::EmailConfirm => "email_confirm",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChanged => "email_changed",
            Self::RecoveryEmailChanged => "recovery_email_changed",
            Self::AccountLocked => "account_locked",
            Self::FactorChanged => "factor_changed",
            Self::Notice => "notice",
            Self::Test => "test",
        }
    }

    /// Reads a key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == key)
    }

    /// The fields that a mail of this kind is of no use without: whoever orders one gives them, and a template says each.
    /// Every mail also has `name`, `organisation`, `address` (of the product) and `expires`.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Activation | Self::Invitation | Self::EmailConfirm => &["link", "expires"],
            Self::PasswordReset => &["link", "code", "expires"],
            Self::PasswordChosen => &["username", "password"],
            Self::Passcode => &["code", "expires"],
            Self::EmailChangeAsked | Self::EmailChanged | Self::RecoveryEmailChanged => &["email"],
            Self::FactorChanged => &["factor"],
            Self::Notice => &["subject", "text"],
            Self::PasswordChanged | Self::AccountLocked | Self::Test => &[],
        }
    }
}

/// What mails of a kind say, with places for their fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MailTemplate {
    /// Of one line.
    pub subject: String,
    /// The plain text; an empty line separates paragraphs.
    pub text: String,
    /// The HTML; none: made of the text.
    pub html: Option<String>,
}

impl MailTemplate {
    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        self.subject.len() + self.text.len() + self.html.as_ref().map_or(0, String::len)
    }
}

/// How the connection to a mail server is kept private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsMode {
    /// Not at all: for a server on the same machine.
    None,
    /// It begins in the clear, and nothing is said before it is encrypted (port 587, mostly).
    #[default]
    Starttls,
    /// It is encrypted from the start (port 465, mostly).
    Tls,
}

/// The host of a mail server: a name, or an address, in ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailHost(String);

impl MailHost {
    /// The greatest number of characters.
    pub const MAX: usize = 253;

    /// Reads a host as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        if text.len() > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX });
        }
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        if !text.chars().all(is_host) {
            return Err(Invalid::NotADomain);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The host.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where mail goes. The password to sign in with there is in the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    /// The mail server.
    pub host: MailHost,
    /// Its port.
    pub port: u16,
    /// How the connection to it is kept private.
    pub tls: TlsMode,
    /// The name to sign in with there; none: without.
    pub username: Option<Text>,
    /// The address that mails come from.
    pub from: EmailAddress,
}

/// What a mail server said, or what went wrong on the way to it: at most 300 characters on one line. It may name the
/// address, and so is personal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reply(String);

impl Reply {
    /// The greatest number of characters.
    pub const MAX: usize = 300;

    /// Takes what somebody else's program said: what can't be shown becomes a space, and what is too much is cut off.
    pub fn of(text: &str) -> Self {
        // Bounded before anything else: a server can say a lot.
        let plain: String = text
            .chars()
            .take(4 * Self::MAX)
            .map(|c| if super::text::is_plain(c) { c } else { ' ' })
            .collect();
        let words: Vec<&str> = plain.split_whitespace().collect();
        Self(words.join(" ").chars().take(Self::MAX).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_key_which_is_the_stored_one() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(MailKind::parse("newsletter"), None);
    }

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for host in ["mail.example.org", "localhost", "192.0.2.1", "2001:db8::1"] {
            assert_eq!(MailHost::parse(host).unwrap().as_str(), host);
        }
        assert_eq!(MailHost::parse(" "), Err(Invalid::Empty));
        for wrong in ["mail server", "a/b", "a\r\nb", "user@host", "münchen.example"] {
            assert_eq!(MailHost::parse(wrong), Err(Invalid::NotADomain), "{wrong:?}");
        }
    }

    #[test]
    fn a_reply_is_bounded_and_shows_as_what_it_is() {
        let reply = Reply::of("550 5.1.1 <anna@example.org>:\r\n  no\u{202e} such\0user ");
        assert_eq!(reply.as_str(), "550 5.1.1 <anna@example.org>: no such user");
        assert_eq!(Reply::of(&"ü".repeat(1_000_000)).as_str().chars().count(), Reply::MAX);
        assert_eq!(Reply::of("\r\n").as_str(), "");
    }
}
