//! Pages of a list: by the key of a row, never by an offset, so that the last page costs what the first does.

use std::{fmt, str::FromStr};

use events::Position;

use crate::QueryError;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRequest {
    /// The first rows, or those after a cursor.
    First {
        /// How many at most.
        count: u32,
        /// After which row.
        after: Option<Cursor>,
    },
    /// The last rows, or those before a cursor; in the order of the list all the same.
    Last {
        /// How many at most.
        count: u32,
        /// Before which row.
        before: Option<Cursor>,
    },
}

/// The way a list runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Greatest first.
    Descending,
}

/// The place of a row in a list. Opaque to clients; holds the sort key and the id, never an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = QueryError;

    /// Takes a cursor as [`Display`](fmt::Display) wrote it; whether it belongs to a list shows when it is used.
    fn from_str(text: &str) -> Result<Self, QueryError> {
        if text.is_empty() || text.len() > 4096 {
            return Err(QueryError::BadCursor);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A row with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge<T> {
    /// Its place in the list.
    pub cursor: Cursor,
    /// The row.
    pub node: T,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows, in the order of the list.
    pub edges: Vec<Edge<T>>,
    /// Whether rows come after these.
    pub has_next: bool,
    /// Whether rows come before these.
    pub has_previous: bool,
    /// Everything up to this position is in the page.
    pub position: Position,
}
