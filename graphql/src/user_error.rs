//! What somebody can mend: refusals of rules and bad fields, as part of an answer.

mod code;
mod wording;

use async_graphql::SimpleObject;
use commands::Refusal;
use events::value::{Invalid, Language};

pub(crate) use self::code::ErrorCode;
use crate::port::{Unusable, WeakPassword};

/// Why a mutation changed nothing, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub(crate) struct UserError {
    /// The reason, for programs: it never changes.
    pub(crate) code: ErrorCode,
    /// What is wrong and how to mend it, for people, in the caller's language.
    pub(crate) message: String,
    /// The path in the input of what is to be mended; null where it is no single field.
    pub(crate) field: Option<Vec<String>>,
}

/// What is wrong with an input, before it is put in words.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// A text that is not what the field holds.
    Invalid(Invalid),
    /// A rule that says no.
    Refused(Refusal),
    /// A field that must be given here.
    Required,
    /// A password that is not good enough.
    Weak(WeakPassword),
    /// A mail template that can't be used.
    Template(Unusable),
    /// What the edge refuses by itself.
    Plain(Plain),
}

/// What the edge refuses by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Names and passwords that open nothing.
    Credentials,
    /// A token that was used, has ended or never was.
    Token,
    /// What was to show who somebody is shows nothing.
    Code,
    /// A passkey that opens nothing.
    Passkey,
    /// A code that isn't that of the link.
    LinkCode,
    /// Two passwords that should be one.
    Differ,
    /// No address to mail to.
    NoAddress,
    /// Something that is done only when it is confirmed.
    Unconfirmed,
    /// No such projection.
    Projection,
    /// A rebuild is going on.
    Rebuilding,
    /// A projection that isn't parked can't be resumed.
    NotParked,
    /// The node stops, and begins nothing any more.
    Stopping,
}

impl Fault {
    /// In the words of a language, about a field of the input where there is a single one.
    pub(crate) fn tell(&self, field: Option<&[&str]>, language: Language) -> UserError {
        let (code, message) = match self {
            Self::Invalid(invalid) => ((*invalid).into(), invalid.message(language)),
            Self::Refused(refusal) => (refusal.into(), refusal.message(language)),
            Self::Required => (ErrorCode::Required, wording::required(language).to_owned()),
            Self::Weak(weak) => ((*weak).into(), wording::weak(*weak, language)),
            Self::Template(unusable) => (unusable.into(), wording::template(unusable, language)),
            Self::Plain(plain) => ((*plain).into(), wording::plain(*plain, language).to_owned()),
        };
        let field = field.map(|path| path.iter().map(|&part| part.to_owned()).collect());
        UserError { code, message, field }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_field_is_told_with_its_path_in_the_callers_language() {
        let fault = Fault::Invalid(Invalid::TooShort { min: 3 });
        let error = fault.tell(Some(&["plan", "name"]), Language::Nl);
        assert_eq!(error.code, ErrorCode::TooShort);
        assert_eq!(error.field, Some(vec!["plan".to_owned(), "name".to_owned()]));
        assert!(error.message.contains("minstens 3"), "{}", error.message);
    }
}
