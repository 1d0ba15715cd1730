//! What mutations answer.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContextSelectionSet, InputType, ObjectType, OutputType, Positioned, ServerResult, SimpleObject,
    TypeName, Value, parser::types::Field, registry::Registry,
};
use commands::Done;
use uuid::Uuid;

use crate::{
    asking::Asking,
    problem::Problem,
    scalar::{Position, Version},
    user_error::UserError,
};

/// What came of a mutation.
pub(crate) struct Outcome {
    pub(crate) position: events::Position,
    pub(crate) version: Option<events::Version>,
    /// What came to be or was changed.
    pub(crate) subject: Option<Uuid>,
    pub(crate) errors: Vec<UserError>,
}

/// From when on the objects of a payload are read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// With what was done.
    Done(events::Position),
    /// With all that was there when it was refused.
    Refused,
}

impl Outcome {
    /// Something was done.
    pub(crate) fn done(done: Done) -> Self {
        let (position, version, subject) = (done.position, Some(done.version), done.subject);
        Self { position, version, subject, errors: Vec::new() }
    }

    /// Nothing was done.
    pub(crate) fn refused(position: events::Position, errors: Vec<UserError>) -> Self {
        Self { position, version: None, subject: None, errors }
    }

    /// What came to be or was changed, where it is identified by a `T`.
    pub(crate) fn subject<T: From<Uuid>>(&self) -> Option<T> {
        self.subject.map(T::from)
    }

    /// From when on the objects of the payload are read.
    pub(crate) fn seen(&self) -> Seen {
        if self.errors.is_empty() { Seen::Done(self.position) } else { Seen::Refused }
    }

    /// The answer, with the objects that it shows.
    pub(crate) fn with<I: InputType, C: Shown>(self, objects: C) -> Payload<I, C> {
        Payload(Body {
            objects,
            version: self.version.map(Version),
            position: Position(self.position),
            user_errors: self.errors,
            of: PhantomData,
        })
    }
}

impl Seen {
    /// Waits until the read models show what the payload is about. Only fields that read call it, so
    /// that an answer without objects waits for nothing.
    pub(crate) async fn ready(self, asking: &Asking<'_>) -> Result<(), Problem> {
        match self {
            Self::Done(position) => asking.directory_at(position).await,
            Self::Refused => asking.directory_at(asking.head()).await,
        }
    }
}

/// What a payload shows beside the outcome, as its description tells it.
pub(crate) trait Shown: ObjectType {
    /// In the plural or singular, to stand between "What `X` answers: " and ", and …".
    const WHAT: &'static str;
}

/// What the mutation with the input `I` answers: the objects `C`, and what came of it.
pub(crate) struct Payload<I, C>(Body<I, C>)
where
    I: InputType,
    C: Shown;

/// The fields of a payload.
#[derive(SimpleObject)]
#[graphql(name_type)]
struct Body<I, C>
where
    I: InputType,
    C: Shown,
{
    #[graphql(flatten)]
    objects: C,
    /// The version that guards the next change of the same kind, for `expectedVersion`; null where nothing was done,
    /// and where nothing has a version.
    version: Option<Version>,
    /// Everything that was done is visible to whoever reads with `atLeast` of this.
    position: Position,
    /// Why nothing was done, and how to mend it; empty where it was done.
    user_errors: Vec<UserError>,
    #[graphql(skip)]
    of: PhantomData<fn(I)>,
}

impl<I: InputType, C: Shown> TypeName for Body<I, C> {
    /// `AccountCreateInput` is answered by `AccountCreatePayload`.
    fn type_name() -> Cow<'static, str> {
        format!("{}Payload", stem(&I::type_name())).into()
    }
}

fn stem(input: &str) -> &str {
    input.strip_suffix("Input").unwrap_or(input)
}

impl<I: InputType, C: Shown> OutputType for Payload<I, C> {
    fn type_name() -> Cow<'static, str> {
        <Body<I, C> as OutputType>::type_name()
    }

    /// The library knows one description for all types that are made of one; each payload has its own.
    fn create_type_info(registry: &mut Registry) -> String {
        let qualified = Body::<I, C>::create_type_info(registry);
        let mut mutation = stem(&I::type_name()).to_owned();
        if let Some(first) = mutation.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        let description = format!(
            "What `{mutation}` answers: {}. Where `userErrors` has something in it, nothing was done, and what is shown \
             is the present state.",
            C::WHAT
        );
        registry.set_description(Self::type_name(), description);
        qualified
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}
