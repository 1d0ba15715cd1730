//! What the API needs of the program to have mail sent.

use async_trait::async_trait;
use commands::{Done, Failure, Request};
use events::{
    OrganisationId,
    value::{EmailAddress, Language, MailKind, MailSettings, MailTemplate, Reply, TlsMode},
};
use secrecy::SecretString;

/// Where mail goes.
#[async_trait]
pub trait Mailing: Send + Sync + 'static {
    /// Where mail goes now.
    async fn mail_settings(&self) -> Result<MailServer, Failure>;

    /// Has mail go to a server, whatever the configuration says.
    async fn mail_settings_set(
        &self,
        request: &Request,
        settings: MailSettings,
        password: NewPassword,
    ) -> Result<Done, Failure>;

    /// What mails of a kind say in an organisation's name, and whether that is the organisation's own.
    async fn mail_template(
        &self,
        organisation: OrganisationId,
        kind: MailKind,
        language: Language,
    ) -> Result<(MailTemplate, bool), Failure>;

    /// What a mail would say, with sample fields, if the template can be used.
    async fn mail_preview(
        &self,
        template: MailTemplate,
        kind: MailKind,
        language: Language,
    ) -> Result<Result<Preview, Unusable>, Failure>;

    /// Sends a test mail the way that mail goes now, and tells what was said to it. Ends in bounded time.
    async fn mail_settings_test(
        &self,
        request: &Request,
        to: EmailAddress,
        language: Language,
    ) -> Result<(Done, Tested), Failure>;
}

/// Where mail goes, without secrets.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// Host and port of the mail server; none: mails become files.
    pub server: Option<(String, u16)>,
    /// How the connection to it is kept private.
    pub tls: TlsMode,
    /// The name to sign in with there.
    pub username: Option<String>,
    /// Whether there is a password to sign in with there.
    pub has_password: bool,
    /// The address that mails come from.
    pub from: EmailAddress,
    /// Whether that is what the configuration says; otherwise an operator set it.
    pub is_configured: bool,
}

/// What becomes of the password to sign in with at a mail server.
pub enum NewPassword {
    /// It stays, as long as host and name stay.
    Kept,
    /// There is none any more.
    None,
    /// It is this one.
    Set(SecretString),
}

/// What a mail would say.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Of one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// Why a template can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It doesn't say something that mails of its kind are for.
    #[error("the template must say `{{{{ {0} }}}}`")]
    Lacks(&'static str),
    /// It can't be rendered.
    #[error("the {part} of the template can't be rendered: {reason}")]
    Broken {
        /// Which part of it.
        part: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// It holds more than text and fields.
    #[error("the {part} of the template holds more than text and fields, in line {line}")]
    Elaborate {
        /// Which part of it.
        part: &'static str,
        /// In which line, counted from 1.
        line: usize,
    },
    /// A part is too long.
    #[error("the {part} of the template is too long: at most {max} characters")]
    TooLong {
        /// Which part of it.
        part: &'static str,
        /// The greatest number of characters.
        max: usize,
    },
}

/// What came of a test mail.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Whether it was taken.
    pub accepted: bool,
    /// What the server said, or what went wrong on the way to it.
    pub reply: Reply,
}
