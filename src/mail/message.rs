//! A message as it goes over the wire.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use events::{
    MailId,
    value::{EmailAddress, Text},
};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use zeroize::Zeroizing;

use super::{carrier::Letter, template::Written};

/// What stands on the envelope, beside what the letter says.
pub struct Cover<'a> {
    /// Which mail it is.
    pub mail: MailId,
    /// The name of who sends it.
    pub sender: &'a Text,
    /// The address of who sends it.
    pub from: &'a EmailAddress,
    /// Who gets it.
    pub to: &'a EmailAddress,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Puts a letter into its envelope. The `Message-ID` follows from the mail's identity, so that who gets it twice can tell.
pub fn letter(cover: &Cover<'_>, written: &Written) -> Result<Letter, String> {
    let address = |address: &EmailAddress| {
        address.as_str().parse::<lettre::Address>().map_err(|error| error.to_string())
    };
    let id = format!("<{}@{}>", cover.mail, cover.from.domain().as_str());
    // Whoever is away should not answer to a program.
    let automatic = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    let message = Message::builder()
        .from(Mailbox::new(Some(cover.sender.as_str().to_owned()), address(cover.from)?))
        .to(Mailbox::new(None, address(cover.to)?))
        .subject(written.subject.clone())
        .message_id(Some(id))
        .date(SystemTime::from(cover.written_at))
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(
            written.text.to_string(),
            written.html.to_string(),
        ))
        .map_err(|error| error.to_string())?;
    Ok(Letter {
        mail: cover.mail,
        from: cover.from.clone(),
        to: cover.to.clone(),
        message: Zeroizing::new(message.formatted()),
    })
}
