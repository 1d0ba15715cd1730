//! Lists that can grow, as Relay connections with keyset cursors.
//!
//! A cursor holds the sort key and the id of its item, never an offset: a deep page costs what the
//! first one costs, and nothing is skipped or shown twice where others write meanwhile.
//!
//! What a page costs is counted in [`precheck`](crate::precheck). A weight that names an argument
//! (`complexity = "first * child_complexity"`) would make the library refuse every document that leaves the variable
//! of that argument unset; only constant weights stand at fields.

use std::borrow::Cow;

use async_graphql::{Context, Object, ObjectType, OutputType, SimpleObject, TypeName};
use projections::{Cursor, Page, PageRequest};

use crate::{problem::Problem, scalar::Position};

/// How many items a page has where nobody says.
pub(crate) const DEFAULT_PAGE: u32 = 20;

/// How many items a page has at most.
pub(crate) const LARGEST_PAGE: u32 = 100;

/// A page of a list.
pub(crate) struct Connection<T> {
    edges: Vec<Edge<T>>,
    has_previous: bool,
    has_next: bool,
    total: Option<u64>,
    position: events::Position,
}

/// An item of a list with its place in it.
pub(crate) struct Edge<T> {
    cursor: String,
    node: T,
}

impl<T> Connection<T> {
    /// A page of a read model; `total` is there where the selection asks for it, see [`counts`].
    pub(crate) fn new<R>(page: Page<R>, total: Option<u64>, node: impl Fn(R) -> T) -> Self {
        let edges = page.edges.into_iter();
        Self {
            edges: edges
                .map(|edge| Edge { cursor: edge.cursor.to_string(), node: node(edge.node) })
                .collect(),
            has_previous: page.has_previous,
            has_next: page.has_next,
            total,
            position: page.position,
        }
    }
}

/// Where a page stands in its list.
#[derive(Debug, SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether items come before this page.
    has_previous_page: bool,
    /// Whether items come after this page.
    has_next_page: bool,
    /// The cursor of the first item: give it to `before`, with `last`, for the page before this one.
    start_cursor: Option<String>,
    /// The cursor of the last item: give it to `after`, with `first`, for the page after this one.
    end_cursor: Option<String>,
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// A page of a list, and what is needed to read the pages beside it.
#[Object(name_type)]
impl<T: ObjectType> Connection<T> {
    /// The items of this page in order, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The items of this page in order, without cursors.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where this page stands in its list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many items the whole list has. Counting them costs more than reading a page.
    #[graphql(complexity = 50)]
    async fn total_count(&self) -> Option<u64> {
        self.total
    }

    /// The position of the log that this list shows.
    async fn position(&self) -> Position {
        Position(self.position)
    }
}

/// An item of a list with its place in it.
#[Object(name_type)]
impl<T: ObjectType> Edge<T> {
    /// Where the item stands in the list: for `after` and `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The item.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// The four arguments of every connection: `first`, `after`, `last`, `before`.
pub(crate) type PageArguments = (Option<i32>, Option<String>, Option<i32>, Option<String>);

/// Whether a selection asks how many items the whole list has.
pub(crate) fn counts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

/// Reads the four arguments of every connection.
pub(crate) fn page(
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> Result<PageRequest, Problem> {
    match (first, after, last, before) {
        (first, after, None, None) => {
            Ok(PageRequest::First { count: size("first", first)?, after: cursor(after)? })
        }
        (None, None, last, before) => {
            Ok(PageRequest::Last { count: size("last", last)?, before: cursor(before)? })
        }
        _ => Err(Problem::BadUserInput(
            "Give `first` and `after` to go forward, or `last` and `before` to go back, not both."
                .into(),
        )),
    }
}

fn size(argument: &str, size: Option<i32>) -> Result<u32, Problem> {
    match size.map(u32::try_from) {
        None => Ok(DEFAULT_PAGE),
        Some(Ok(size)) if size <= LARGEST_PAGE => Ok(size),
        Some(_) => Err(Problem::BadUserInput(format!(
            "`{argument}` must be between 0 and {LARGEST_PAGE}."
        ))),
    }
}

/// Reads a cursor, where there is one.
pub(crate) fn cursor(text: Option<String>) -> Result<Option<Cursor>, Problem> {
    Ok(text.map(|text| text.parse()).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_twenty_items_where_nobody_says() {
        let first = PageRequest::First { count: 20, after: None };
        assert_eq!(page(None, None, None, None).unwrap(), first);
    }

    #[test]
    fn s21_a_page_has_at_most_a_hundred_items_at_either_end() {
        assert!(page(Some(100), None, None, None).is_ok());
        for (first, last) in [(Some(101), None), (None, Some(101)), (Some(-1), None)] {
            let refused = page(first, None, last, None).unwrap_err();
            assert_eq!(refused.code(), "BAD_USER_INPUT");
        }
    }

    #[test]
    fn going_forward_and_back_at_once_is_refused() {
        assert!(page(Some(1), None, Some(1), None).is_err());
        assert!(page(Some(1), None, None, Some("x".into())).is_err());
    }
}
