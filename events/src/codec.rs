//! Stored names and JSON ⇄ events; older stored forms are lifted here, once.
use crate::Event;

/// An event in its stored form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// The stored name, for instance `account.created.v1`.
    pub kind: std::sync::Arc<str>,
    /// The data, as JSON.
    pub data: Box<str>,
}

/// Why an event can't be coded.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Nobody knows an event of this name.
    #[error("no event is stored under the name `{0}`")]
    UnknownKind(String),
    /// The data doesn't fit the name.
    #[error("`{kind}`: {source}")]
    Data {
        /// The stored name.
        kind: String,
        /// What doesn't fit.
        source: serde_json::Error,
    },
}

/// Codes an event whose personal data is sealed. Open personal data is an error: it would stand in the log for ever.
pub fn encode(_event: &Event) -> Result<Coded, CodecError> {
    Err(CodecError::UnknownKind(String::new()))
}

/// Reads an event of any stored version.
pub fn decode(kind: &str, _data: &str) -> Result<Event, CodecError> {
    Err(CodecError::UnknownKind(kind.to_owned()))
}
