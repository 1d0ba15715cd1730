//! Parsed documents: a dashboard sends the same ones all day.

use std::sync::Arc;

use async_graphql::parser::{parse_query, types::ExecutableDocument};
use quick_cache::{Weighter, sync::Cache};

use super::{Limits, Rejection, nesting, syntax, within};

/// About how many bytes of parsed documents are kept.
const BYTES: u64 = 8 << 20;
/// A parsed document takes about so many times the length of its text.
const PARSED: u64 = 32;
/// Longer texts are parsed each time.
const LONGEST: usize = 16 << 10;

/// The documents that were parsed lately, within bounds.
pub struct Documents(Cache<Box<str>, Arc<ExecutableDocument>, ByLength>);

impl Default for Documents {
    fn default() -> Self {
        let items = BYTES / PARSED / 512;
        Self(Cache::with_weighter(usize::try_from(items).unwrap_or(0), BYTES, ByLength))
    }
}

impl Documents {
    /// Parses a text, unless that was done lately. A text with string literals isn't kept: they may be secrets.
    pub(super) fn parse(
        &self,
        text: &str,
        limits: &Limits,
    ) -> Result<Arc<ExecutableDocument>, Rejection> {
        if let Some(document) = self.0.get(text) {
            return Ok(document);
        }
        within("nested brackets", nesting::deepest(text), limits.nesting)?;
        let document = Arc::new(parse_query(text).map_err(|error| syntax(&error))?);
        if text.len() <= LONGEST && !text.contains('"') {
            self.0.insert(text.into(), Arc::clone(&document));
        }
        Ok(document)
    }
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Documents({})", self.0.len())
    }
}

/// A document weighs what its text lets expect.
#[derive(Clone)]
struct ByLength;

impl Weighter<Box<str>, Arc<ExecutableDocument>> for ByLength {
    fn weight(&self, text: &Box<str>, _: &Arc<ExecutableDocument>) -> u64 {
        (text.len() as u64 + 16) * PARSED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(documents: &Documents, text: &str) -> Arc<ExecutableDocument> {
        documents.parse(text, &Limits::default()).unwrap()
    }

    #[test]
    fn a_document_is_parsed_once() {
        let documents = Documents::default();
        let one = parse(&documents, "{ viewer { id } }");
        assert!(Arc::ptr_eq(&one, &parse(&documents, "{ viewer { id } }")));
        assert!(!Arc::ptr_eq(&one, &parse(&documents, "{ viewer { kind } }")));
    }

    #[test]
    fn what_may_hold_a_secret_is_not_kept() {
        let documents = Documents::default();
        let text = r#"mutation { signIn(input: { username: "a", password: "b" }) { position } }"#;
        assert!(!Arc::ptr_eq(&parse(&documents, text), &parse(&documents, text)));
    }

    #[test]
    fn any_number_of_documents_takes_a_bounded_space() {
        let documents = Documents::default();
        for number in 0..20_000 {
            parse(&documents, &format!("{{ viewer {{ a{number}: id }} }}"));
        }
        assert!(documents.0.weight() <= BYTES && documents.0.len() > 100, "{documents:?}");
    }
}
