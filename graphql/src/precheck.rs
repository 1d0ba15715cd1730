//! What a document may cost, decided in one linear pass before anything walks it.
//!
//! The library's own limits follow every fragment spread, so that nested spreads double their work per level: under
//! one kilobyte of query costs seconds before the limits speak. Here every fragment is measured once and its totals
//! are reused, and the nesting of brackets is bounded before the parser, which recurses per bracket, sees the text.
//!
//! The document is parsed once, here; the transport hands it on with `Request::set_parsed_query`.

mod documents;
mod nesting;
mod values;
mod walk;

use async_graphql::{
    Name, Pos, Positioned, ServerError, Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};

pub use documents::Documents;

/// How much a document may ask for. Every count is taken after spreading fragments, per operation.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open brackets of any kind at one point of the text. Default 64; the parser's stack depends on it.
    pub nesting: usize,
    /// Operations and fragments in a document. Default 50.
    pub definitions: usize,
    /// Variables of one operation. Default 64.
    pub variables: usize,
    /// Fields, spreads and inline fragments. Default 2,000; the standard introspection query has about 250.
    pub selections: u64,
    /// Values in the `variables` of the request, whether the document names them or not. Default 2,000.
    pub variable_values: u64,
    /// Values in all arguments of the document, those of a variable once per mention. Default 10,000. Lists and objects
    /// count beside what is in them, and a text as one more for every 64 bytes.
    pub values: u64,
    /// Fields, or the values in their arguments where these are more, times the sizes of the pages that they stand in.
    /// Default 100,000.
    pub cost: u64,
    /// Levels of fields. Default 20; the standard introspection query has 15.
    pub depth: u32,
    /// Levels of fields, spreads and inline fragments together. Default 32, which is also what the library recurses.
    pub recursion: u32,
    /// Aliased fields. Default 100.
    pub aliases: u64,
    /// Directives. Default 50.
    pub directives: u64,
    /// Arguments of one field or directive. Default 32.
    pub arguments: usize,
    /// Fields of [`sign_in_fields`](Self::sign_in_fields). Default 1: aliases must not multiply guesses.
    pub sign_ins: u64,
    /// The root fields that try a password, code or token, have one sent, or make one. The default has all of them.
    pub sign_in_fields: &'static [&'static str],
    /// The page size of a connection that names none, for the cost. Default 20.
    pub default_page: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nesting: 64,
            definitions: 50,
            variables: 64,
            selections: 2_000,
            variable_values: 2_000,
            values: 10_000,
            cost: 100_000,
            depth: 20,
            recursion: 32,
            aliases: 100,
            directives: 50,
            arguments: 32,
            sign_ins: 1,
            sign_in_fields: &[
                "signIn",
                "signInFinish",
                "signInCode",
                "signInFactorBegin",
                "signInFactorConfirm",
                "passkeyBegin",
                "stepUp",
                "stepUpCode",
                "factorBegin",
                "activate",
                "invitationAccept",
                "factorConfirm",
                "passwordSet",
                "signInWithPasskey",
                "passwordChange",
                "operatorSetup",
                "passwordReset",
                "passwordResetRequest",
                "emailConfirm",
            ],
            default_page: 20,
        }
    }
}

/// A document within the limits, parsed.
#[derive(Debug)]
pub struct Checked {
    /// The document, for `Request::set_parsed_query`.
    pub document: ExecutableDocument,
    /// The kind of the operation that will run.
    pub kind: OperationType,
    /// What that operation costs.
    pub cost: Cost,
    /// Whether any operation of the document tries a password or token.
    pub signs_in: bool,
    /// Whether the operation asks for the schema (`__schema` or `__type`).
    pub introspects: bool,
}

/// What an operation costs, in the data of every request: `ctx.data::<Cost>()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Fields, or the values in their arguments, times the sizes of the pages that they stand in; what is limited per document and per caller.
    pub total: u64,
    /// The most that `total` may be in one document.
    pub limit: u64,
    /// Fields, spreads and inline fragments.
    pub selections: u64,
    /// Levels of fields.
    pub depth: u32,
}

impl Cost {
    /// As a client sees it in `extensions.cost`.
    pub fn to_value(self) -> Value {
        async_graphql::value!({
            "total": (self.total),
            "limit": (self.limit),
            "selections": (self.selections),
            "depth": (self.depth),
        })
    }
}

/// Why a document isn't run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It isn't GraphQL.
    #[error("{message}")]
    Syntax {
        /// What was expected.
        message: String,
        /// Where.
        locations: Vec<Pos>,
    },
    /// `operationName` names none of its operations.
    #[error("The document has no operation of that name.")]
    UnknownOperation,
    /// It has several operations and no `operationName` chooses one.
    #[error("The document has several operations; \"operationName\" must choose one.")]
    OperationNameRequired,
    /// A variable that must have a value has none. The library would find out only in the middle of running.
    #[error("The variable \"${name}\" of type {kind} needs a value.")]
    VariableMissing {
        /// The variable.
        name: Name,
        /// Its type, such as `ID!`.
        kind: String,
        /// Where it is declared.
        at: Pos,
    },
    /// A fragment spreads itself.
    #[error("The fragment \"{name}\" spreads itself.")]
    Cycle {
        /// The fragment.
        name: Name,
        /// Where it is spread.
        at: Pos,
    },
    /// It asks for more than is allowed.
    #[error("The document has too many {what}; at most {limit} are allowed.")]
    Limit {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The most that is allowed.
        limit: u64,
    },
}

impl From<Rejection> for ServerError {
    /// With `extensions.code`: `GRAPHQL_PARSE_FAILED`, `BAD_USER_INPUT` or `GRAPHQL_VALIDATION_FAILED`.
    fn from(rejection: Rejection) -> Self {
        let mut error = Self::new(rejection.to_string(), None);
        let extensions = error.extensions.get_or_insert_default();
        let code = match rejection {
            Rejection::Syntax { locations, .. } => {
                error.locations = locations;
                "GRAPHQL_PARSE_FAILED"
            }
            Rejection::UnknownOperation | Rejection::OperationNameRequired => "BAD_USER_INPUT",
            Rejection::VariableMissing { at, .. } => {
                error.locations = vec![at];
                "BAD_USER_INPUT"
            }
            Rejection::Cycle { at, .. } => {
                error.locations = vec![at];
                "GRAPHQL_VALIDATION_FAILED"
            }
            Rejection::Limit { what, limit } => {
                extensions.set("exceeded", what);
                extensions.set("limit", limit);
                "GRAPHQL_VALIDATION_FAILED"
            }
        };
        extensions.set("code", code);
        error
    }
}

/// Parses `query`, unless `documents` has it, and measures it; for each of its operations linear in its length, whatever it says.
pub fn check(
    documents: &Documents,
    query: &str,
    operation_name: Option<&str>,
    variables: &Variables,
    limits: &Limits,
) -> Result<Checked, Rejection> {
    let document = documents.parse(query, limits)?;

    let definitions = document.operations.iter().len() + document.fragments.len();
    within("operations and fragments", definitions, limits.definitions)?;

    let inputs = values::Inputs::new(variables);
    if inputs.size() > limits.variable_values {
        let limit = limits.variable_values;
        return Err(Rejection::Limit { what: "values in variables", limit });
    }
    let mut walk = walk::Walk::new(&document, inputs, limits);
    walk.unused_fragments()?;
    let chosen = choose(&document, operation_name)?;
    let kind = chosen.node.ty;
    let mut signs_in = false;
    let mut totals = None;
    for (_, operation) in document.operations.iter() {
        let measured = walk.operation(operation)?;
        signs_in |= measured.sign_ins > 0;
        if std::ptr::eq(operation, chosen) {
            totals = Some(measured);
        }
    }
    let totals = totals.unwrap_or_default();
    given(chosen, variables)?;

    Ok(Checked {
        kind,
        cost: Cost {
            total: totals.cost,
            limit: limits.cost,
            selections: totals.selections,
            depth: totals.depth,
        },
        signs_in,
        introspects: totals.introspects,
        document: std::sync::Arc::unwrap_or_clone(document),
    })
}

/// The operation that the library will run, by the same rules.
fn choose<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, Rejection> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(operation),
        (DocumentOperations::Single(_), Some(_)) => Err(Rejection::UnknownOperation),
        (DocumentOperations::Multiple(all), Some(name)) => {
            all.get(name).ok_or(Rejection::UnknownOperation)
        }
        (DocumentOperations::Multiple(all), None) => {
            let mut operations = all.values();
            match (operations.next(), operations.next()) {
                (Some(operation), None) => Ok(operation),
                _ => Err(Rejection::OperationNameRequired),
            }
        }
    }
}

/// Every variable that may not be null has a value.
fn given(
    operation: &Positioned<OperationDefinition>,
    variables: &Variables,
) -> Result<(), Rejection> {
    for definition in &operation.node.variable_definitions {
        let Positioned { pos, node } = definition;
        let missing = match variables.get(&node.name.node) {
            None => node.default_value.is_none(),
            Some(value) => *value == Value::Null,
        };
        if missing && !node.var_type.node.nullable {
            let kind = node.var_type.node.to_string();
            return Err(Rejection::VariableMissing {
                name: node.name.node.clone(),
                kind,
                at: *pos,
            });
        }
    }
    Ok(())
}

/// The parser's message repeats the whole line of the query, which may hold a secret; only its expectation is told.
fn syntax(error: &async_graphql::parser::Error) -> Rejection {
    let locations = error.positions().collect();
    let text = error.to_string();
    let message = match text.lines().rev().find_map(|line| line.trim_start().strip_prefix("= ")) {
        Some(expected) => format!("Syntax error: {expected}."),
        None => format!("Syntax error: {text}."),
    };
    Rejection::Syntax { message, locations }
}

fn within(what: &'static str, count: usize, limit: usize) -> Result<(), Rejection> {
    if count > limit { Err(Rejection::Limit { what, limit: limit as u64 }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
