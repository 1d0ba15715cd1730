//! What a projection writes: statements with their rows.
//!
//! Rows are bound, many per statement, and all statements of a page are one call of the driver: a call costs
//! more than a small statement does, and reading rows out of one JSON text costs five times what binding them does.

use sqlx::{AssertSqlSafe, Sqlite, query::Query, sqlite::SqliteArguments};

/// How many rows one statement has. Few different numbers make few different statements, which stay prepared.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// Up to how many values a query stays prepared.
const KEPT: usize = 200;

/// A statement that takes any number of rows: between its two parts stand `(?, ?), (?, ?)`.
#[derive(Debug)]
pub(crate) struct Statement {
    /// What comes before the rows.
    pub(crate) before: &'static str,
    /// What comes after them.
    pub(crate) after: &'static str,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The rows of a statement, all of one width.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    cells: Vec<Cell>,
    width: usize,
}

/// Statements with their rows, in the order in which they run.
#[derive(Debug, Default)]
pub(crate) struct Writes(Vec<Write>);

#[derive(Debug)]
struct Write {
    statement: &'static Statement,
    rows: Rows,
    is_index: bool,
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Number(flag.into())
    }
}

impl From<u8> for Cell {
    fn from(number: u8) -> Self {
        Self::Number(number.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<K> From<events::Id<K>> for Cell {
    fn from(id: events::Id<K>) -> Self {
        Self::Bytes(id.uuid().as_bytes().to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Rows {
    /// Adds a row; all rows of a statement have as many cells.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        let before = self.cells.len();
        self.cells.extend(row);
        self.width = self.cells.len() - before;
    }
}

impl Writes {
    /// Adds a statement; without rows, adds nothing.
    pub(crate) fn add(&mut self, statement: &'static Statement, rows: Rows) {
        self.push(statement, rows, false);
    }

    /// Adds a statement that keeps up what [`Layout::indexes`](crate::projection::Layout::indexes) makes of all rows,
    /// and has no place before that.
    pub(crate) fn add_index(&mut self, statement: &'static Statement, rows: Rows) {
        self.push(statement, rows, true);
    }

    fn push(&mut self, statement: &'static Statement, rows: Rows, is_index: bool) {
        if !rows.cells.is_empty() {
            self.0.push(Write { statement, rows, is_index });
        }
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.0.iter().map(|Write { rows, .. }| rows.cells.len() / rows.width.max(1)).sum()
    }

    /// One query of all statements, in a transaction that also sets the checkpoint.
    pub(crate) fn into_query(
        self,
        position: i64,
        has_indexes: bool,
    ) -> Query<'static, Sqlite, SqliteArguments> {
        let mut script = String::from("begin immediate;");
        let mut cells = Vec::new();
        for Write { statement, rows, .. } in
            self.0.into_iter().filter(|write| has_indexes || !write.is_index)
        {
            let mut missing = rows.cells.len() / rows.width;
            for size in SIZES {
                while missing >= size {
                    statement.write(&mut script, rows.width, size);
                    missing -= size;
                }
            }
            cells.extend(rows.cells);
        }
        script.push_str("update generation set position = ?;commit");
        // What small pages write comes again; a large one is like no other, and would only fill the memory.
        let comes_again = cells.len() <= KEPT;
        let mut query = sqlx::query(AssertSqlSafe(script)).persistent(comes_again);
        for cell in cells {
            query = match cell {
                Cell::Null => query.bind(None::<i64>),
                Cell::Number(number) => query.bind(number),
                Cell::Text(text) => query.bind(text),
                Cell::Bytes(bytes) => query.bind(bytes),
            };
        }
        query.bind(position)
    }
}

impl Statement {
    /// Writes the statement with room for so many rows.
    pub(crate) fn write(&self, script: &mut String, width: usize, rows: usize) {
        script.push_str(self.before);
        for row in 0..rows {
            script.push_str(if row == 0 { "(?" } else { ",(?" });
            for _ in 1..width {
                script.push_str(",?");
            }
            script.push(')');
        }
        script.push_str(self.after);
        script.push(';');
    }
}
