//! Pages of a list: by the key of a row, never by an offset, so that the last page costs what the first does.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use events::Position;
use serde::{Deserialize, Serialize};

use crate::QueryError;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRequest {
    /// The first rows, or those after a cursor.
    First {
        /// How many at most; never more than 1,000.
        count: u32,
        /// After which row.
        after: Option<Cursor>,
    },
    /// The last rows, or those before a cursor; in the order of the list all the same.
    Last {
        /// How many at most; never more than 1,000.
        count: u32,
        /// Before which row.
        before: Option<Cursor>,
    },
}

impl PageRequest {
    /// From the start of a list, for what needs no rows.
    pub const ALL: Self = Self::First { count: 0, after: None };
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

/// What a cursor holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Which list in which order, such as `accounts.email`.
    #[serde(rename = "l")]
    pub(crate) list: String,
    /// The part of the list: rows of a lower rank come first, whatever the direction.
    #[serde(rename = "r", default, skip_serializing_if = "is_first")]
    pub(crate) rank: u8,
    /// What the list is sorted by.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<SortValue>,
    /// What makes the order total.
    #[serde(rename = "k")]
    pub(crate) key: i64,
}

/// What a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum SortValue {
    Number(i64),
    Text(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_first(rank: &u8) -> bool {
    *rank == 0
}

impl Place {
    fn cursor(&self) -> Cursor {
        // A struct of texts and numbers always has a JSON form.
        Cursor(BASE64.encode(serde_json::to_vec(self).unwrap_or_default()))
    }

    fn of(cursor: &Cursor, list: &str) -> Result<Self, QueryError> {
        let json = BASE64.decode(&cursor.0).map_err(|_| QueryError::BadCursor)?;
        let place: Self = serde_json::from_slice(&json).map_err(|_| QueryError::BadCursor)?;
        if place.list == list { Ok(place) } else { Err(QueryError::BadCursor) }
    }
}

/// A page request, read for a certain list.
#[derive(Debug)]
pub(crate) struct Window {
    /// How many rows at most.
    pub(crate) count: usize,
    /// Whether the list is walked from its end.
    pub(crate) backward: bool,
    /// The row beside which the page begins.
    pub(crate) from: Option<Place>,
}

impl Window {
    /// More rows than this are never read at once.
    const MOST: u32 = 1_000;

    pub(crate) fn read(request: &PageRequest, list: &str) -> Result<Self, QueryError> {
        let (count, backward, from) = match request {
            PageRequest::First { count, after } => (*count, false, after),
            PageRequest::Last { count, before } => (*count, true, before),
        };
        let from = from.as_ref().map(|cursor| Place::of(cursor, list)).transpose()?;
        Ok(Self { count: count.min(Self::MOST) as usize, backward, from })
    }

    /// How many rows to read: one more than the page has, which tells whether there are more.
    pub(crate) fn limit(&self) -> i64 {
        i64::try_from(self.count).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Makes a page of rows in the order in which they were walked.
    pub(crate) fn page<T>(&self, mut rows: Vec<(Place, T)>, position: Position) -> Page<T> {
        let more = rows.len() > self.count;
        rows.truncate(self.count);
        if self.backward {
            rows.reverse();
        }
        let edges =
            rows.into_iter().map(|(place, node)| Edge { cursor: place.cursor(), node }).collect();
        let beside = self.from.is_some();
        let (has_next, has_previous) = if self.backward { (beside, more) } else { (more, beside) };
        Page { edges, has_next, has_previous, position }
    }
}
