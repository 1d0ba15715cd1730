//! The built-in templates: one file per kind and language, its first line the subject.

use events::value::{Language, MailKind, MailTemplate as Template};

/// How mails look in HTML where a template has no HTML of its own.
pub(super) const LAYOUT: &str = include_str!("templates/layout.html");

/// The built-in template of a kind in a language.
pub fn template(kind: MailKind, language: Language) -> Template {
    let file = file(kind, language);
    let (subject, text) = file.split_once("\n\n").unwrap_or((file, ""));
    Template { subject: subject.to_owned(), text: text.trim_end().to_owned(), html: None }
}

macro_rules! files {
    ($language:expr, $folder:literal) => {
        match $language {
            Language::Nl => include_str!(concat!("templates/", $folder, "/nl.txt")),
            Language::De => include_str!(concat!("templates/", $folder, "/de.txt")),
            Language::En => include_str!(concat!("templates/", $folder, "/en.txt")),
        }
    };
}

const fn file(kind: MailKind, language: Language) -> &'static str {
    match kind {
        MailKind::Activation => files!(language, "activation"),
        MailKind::Invitation => files!(language, "invitation"),
        MailKind::PasswordReset => files!(language, "password_reset"),
        MailKind::PasswordChosen => files!(language, "password_chosen"),
        MailKind::PasswordChanged => files!(language, "password_changed"),
        MailKind::Passcode => files!(language, "passcode"),
        MailKind::EmailConfirm => files!(language, "email_confirm"),
        MailKind::EmailChangeAsked => files!(language, "email_change_asked"),
        MailKind::EmailChanged => files!(language, "email_changed"),
        MailKind::RecoveryEmailChanged => files!(language, "recovery_email_changed"),
        MailKind::AccountLocked => files!(language, "account_locked"),
        MailKind::FactorChanged => files!(language, "factor_changed"),
        MailKind::Notice => files!(language, "notice"),
        MailKind::Test => files!(language, "test"),
    }
}
