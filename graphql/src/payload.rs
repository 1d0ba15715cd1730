//! What mutations answer.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{InputType, ObjectType, SimpleObject, TypeName};
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
    pub(crate) fn with<I: InputType, C: ObjectType>(self, objects: C) -> Payload<I, C> {
        Payload {
            objects,
            version: self.version.map(Version),
            position: Position(self.position),
            user_errors: self.errors,
            of: PhantomData,
        }
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

/// What the mutation with the input `I` answers.
///
/// The objects are null where they can't be read; a refusal shows them as they are.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Payload<I, C>
where
    I: InputType,
    C: ObjectType,
{
    #[graphql(flatten)]
    objects: C,
    /// The version that guards the next change of the same kind, for `expectedVersion`; null where nothing was done.
    version: Option<Version>,
    /// Everything that was done is visible to whoever reads with `atLeast` of this.
    position: Position,
    /// Why nothing was done, and how to mend it; empty where it was done.
    user_errors: Vec<UserError>,
    #[graphql(skip)]
    of: PhantomData<fn(I)>,
}

impl<I: InputType, C: ObjectType> TypeName for Payload<I, C> {
    /// `AccountCreateInput` is answered by `AccountCreatePayload`.
    fn type_name() -> Cow<'static, str> {
        let input = I::type_name();
        format!("{}Payload", input.strip_suffix("Input").unwrap_or(&input)).into()
    }
}
