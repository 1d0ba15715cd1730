//! Lifting: what an older release stored, in the form of the next version.
//!
//! One step per version; a form that is three versions old takes three steps. Sealed fields are still
//! closed here: what is inside them grows by optional fields only.

use serde_json::Value;

/// One step, from a stored name to the next version of it.
pub(super) struct Upcast {
    /// The stored name that it reads.
    pub(super) from: &'static str,
    /// The stored name that it makes.
    pub(super) to: &'static str,
    /// What changes in the data.
    pub(super) lift: fn(Value) -> Value,
}

/// Every step there is. None yet: every event is at its first version.
pub(super) const UPCASTS: [Upcast; 0] = [];

/// The newest name and data of an older form; none when the form is not an older one.
pub(super) fn lift(
    upcasts: &[Upcast],
    kind: &str,
    data: &str,
) -> Result<Option<(&'static str, String)>, serde_json::Error> {
    let step = |kind: &str| upcasts.iter().find(|upcast| upcast.from == kind);
    let Some(first) = step(kind) else { return Ok(None) };
    let mut kind = first.to;
    let mut value = (first.lift)(serde_json::from_str(data)?);
    while let Some(next) = step(kind) {
        value = (next.lift)(value);
        kind = next.to;
    }
    Ok(Some((kind, value.to_string())))
}
