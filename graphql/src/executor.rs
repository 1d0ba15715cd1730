//! The schema as the transport runs it: what the library leaves open is closed here.
//!
//! - A panic in a resolver becomes an answer, and a line in the log.
//! - Every error has an `extensions.code`; the library's own ones (validation, coercion) have none.
//! - A root field that a mutation names twice would run twice: it is refused.
//! - A variable that an operation requires must be given; the library would run without it.
//! - A subscription has exactly one root field; the library would answer others with silence.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{
    Data, Executor, Request, Response, ServerError, Value, Variables,
    parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet},
};
use futures_util::{FutureExt, StreamExt, future, future::BoxFuture, stream, stream::BoxStream};
use rustc_hash::FxHashSet;

use crate::{Mutation, Query, Subscription, asking::Memo, problem::Problem};

/// The schema, ready to run requests. Cheap to clone; built once by [`schema`](crate::schema()).
#[derive(Clone)]
pub struct Schema(Guarded<async_graphql::Schema<Query, Mutation, Subscription>>);

impl Schema {
    pub(crate) fn new(inner: async_graphql::Schema<Query, Mutation, Subscription>) -> Self {
        Self(Guarded(inner))
    }

    /// Boxed, and never inlined, so that all resolvers are compiled here and not once more in every crate that asks.
    #[inline(never)]
    fn answer(&self, request: Request) -> BoxFuture<'_, Response> {
        self.0.execute(request.data(Memo::default())).boxed()
    }
}

impl Executor for Schema {
    async fn execute(&self, request: Request) -> Response {
        self.answer(request).await
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        self.0.execute_stream(request, session_data)
    }
}

/// What stands around a schema of the library.
#[derive(Clone)]
pub(crate) struct Guarded<S>(pub(crate) S);

impl<S: Executor> Executor for Guarded<S> {
    async fn execute(&self, mut request: Request) -> Response {
        if let Err(refused) = runs_once(&mut request).and_then(|()| has_its_variables(&mut request))
        {
            return coded(Response::from_errors(vec![refused]));
        }
        let answer = AssertUnwindSafe(self.0.execute(request)).catch_unwind().await;
        answer.map_or_else(|_| panicked(), coded)
    }

    fn execute_stream(
        &self,
        mut request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        if let Err(refused) = runs_once(&mut request).and_then(|()| has_its_variables(&mut request))
        {
            let answer = coded(Response::from_errors(vec![refused]));
            return stream::once(future::ready(answer)).boxed();
        }
        AssertUnwindSafe(self.0.execute_stream(request, session_data))
            .catch_unwind()
            .map(|answer| answer.map_or_else(|_| panicked(), coded))
            .boxed()
    }
}

/// Refuses an operation without a variable that it requires; the library would run it as if the argument weren't there.
fn has_its_variables(request: &mut Request) -> Result<(), ServerError> {
    // Lent and given back: the request is borrowed for its document.
    let name = request.operation_name.take();
    let given = std::mem::take(&mut request.variables);
    let checked = request
        .parsed_query()
        .and_then(|document| gives_its_variables(document, name.as_deref(), &given));
    request.operation_name = name;
    request.variables = given;
    checked
}

fn gives_its_variables(
    document: &ExecutableDocument,
    name: Option<&str>,
    given: &Variables,
) -> Result<(), ServerError> {
    let mut chosen = document
        .operations
        .iter()
        .filter(|(known, _)| name.is_none() || known.map(async_graphql::Name::as_str) == name);
    let Some((_, operation)) = chosen.next() else { return Ok(()) };
    for variable in &operation.node.variable_definitions {
        let definition = &variable.node;
        let required = !definition.var_type.node.nullable && definition.default_value.is_none();
        let value = given.get(&definition.name.node);
        if required && value.is_none_or(|value| *value == Value::Null) {
            let message = format!("The variable `${}` must be given.", definition.name.node);
            let mut error = ServerError::new(message, Some(variable.pos));
            error.extensions.get_or_insert_default().set("code", "BAD_USER_INPUT");
            return Err(error);
        }
    }
    Ok(())
}

/// Gives every error without a code the one that fits where it came from.
fn coded(mut answer: Response) -> Response {
    for error in &mut answer.errors {
        let has_path = !error.path.is_empty();
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            // With a path it stands in a field, and all that the library itself refuses there is an argument.
            extensions
                .set("code", if has_path { "BAD_USER_INPUT" } else { "GRAPHQL_VALIDATION_FAILED" });
        }
    }
    answer
}

/// What a panic says could hold a secret, so nobody is told (S27); the program's hook logs where it was.
fn panicked() -> Response {
    tracing::error!("a resolver panicked");
    let fault = async_graphql::Error::from(Problem::Internal);
    Response::from_errors(vec![fault.into_server_error(async_graphql::Pos::default())])
}

/// Refuses a mutation that would run a field twice, and a subscription without exactly one root field.
fn runs_once(request: &mut Request) -> Result<(), ServerError> {
    let document = request.parsed_query()?;
    for (_, operation) in document.operations.iter() {
        match operation.node.ty {
            OperationType::Query => {}
            OperationType::Mutation => {
                let mut keys = FxHashSet::default();
                let selections = &operation.node.selection_set.node;
                names_each_key_once(document, selections, &mut keys, DEEPEST)?;
            }
            OperationType::Subscription => {
                let selections = &operation.node.selection_set.node.items;
                let [Selection::Field(_)] =
                    selections.iter().map(|item| &item.node).collect::<Vec<_>>()[..]
                else {
                    return Err(ServerError::new(
                        "A subscription has exactly one field, which stands in it directly.",
                        Some(operation.pos),
                    ));
                };
            }
        }
    }
    Ok(())
}

/// Fragments at the root of a mutation nest this far at most.
const DEEPEST: u32 = 16;

fn names_each_key_once<'a>(
    document: &'a ExecutableDocument,
    selections: &'a SelectionSet,
    keys: &mut FxHashSet<&'a str>,
    deeper: u32,
) -> Result<(), ServerError> {
    for selection in &selections.items {
        let nested = match &selection.node {
            Selection::Field(field) => {
                let key = field.node.response_key();
                if !keys.insert(&key.node) {
                    let message = format!(
                        "A mutation names `{}` twice: give one of them an alias.",
                        key.node
                    );
                    return Err(ServerError::new(message, Some(field.pos)));
                }
                continue;
            }
            Selection::InlineFragment(fragment) => &fragment.node.selection_set.node,
            Selection::FragmentSpread(spread) => {
                match document.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => &fragment.node.selection_set.node,
                    None => continue,
                }
            }
        };
        let deeper = deeper.checked_sub(1).ok_or_else(|| {
            ServerError::new("Fragments nest too deep here.", Some(selection.pos))
        })?;
        names_each_key_once(document, nested, keys, deeper)?;
    }
    Ok(())
}
