//! Signing in and out.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use events::{AccountId, OrganisationId, Position};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Answer,
    account::{self, Account},
    asking::Asking,
    client::SessionCookie,
    ids::GlobalId,
    input::{Fields, Once},
    organisation::{self, Organisation},
    payload::{Outcome, Payload, Seen, Shown},
    port::{Denied, FirstStep, SignedIn},
};

use super::second::SignInAttempt;

/// A name and a password. There is no `idempotencyKey`: a token is shown once and kept nowhere, so that no answer
/// with one could be given again. Whoever has lost an answer signs in once more; the session before idles out.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// The name to sign in with.
    username: String,
    /// The password.
    #[graphql(secret)]
    password: String,
}

/// Ends the session of the request.
#[derive(Debug, Default, InputObject)]
pub(crate) struct SignOutInput {
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// A session that has begun, with the token that proves it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct NewSession {
    /// The global id.
    id: ID,
    /// Proves the session, as `Authorization: Bearer …`. It is shown here once; browsers get a cookie too.
    token: String,
    /// When the session ends at the latest.
    expires_at: DateTime<Utc>,
    #[graphql(skip)]
    account: AccountId,
    #[graphql(skip)]
    organisation: Option<OrganisationId>,
    #[graphql(skip)]
    position: Position,
}

#[ComplexObject]
impl NewSession {
    /// Who has signed in.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        let read = async {
            let asking = Asking::of(ctx)?;
            Seen::Done(self.position).ready(&asking).await?;
            account::own(&asking, self.account).await
        };
        Some(read.await)
    }

    /// The organisation that the session works in; operators may have none.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        let id = self.organisation?;
        let read = async {
            let asking = Asking::of(ctx)?;
            Seen::Done(self.position).ready(&asking).await?;
            organisation::own(&asking, self.account, id).await
        };
        Some(read.await)
    }
}

/// What signing in shows.
#[derive(SimpleObject)]
pub(crate) struct Opened {
    /// The session; null where it was refused, and where more is asked for than a password.
    pub(super) session: Option<NewSession>,
    /// What is to be ended by `signInFinish`, where the account has a second factor; null otherwise.
    pub(super) attempt: Option<SignInAttempt>,
}

impl Shown for Opened {
    const WHAT: &'static str =
        "the session, with the token that proves it, or an attempt that is to be ended";
}

/// What signing out shows.
#[derive(SimpleObject)]
pub(crate) struct Closed {
    /// Whether nobody is signed in through this request any more.
    signed_out: bool,
}

impl Shown for Closed {
    const WHAT: &'static str = "whether the session has ended";
}

/// Mutations of sessions.
#[derive(Default)]
pub(crate) struct SessionMutations;

/// Mutations of sessions.
#[Object]
impl SessionMutations {
    /// Opens a session, or where the account has a second factor, begins an attempt. An unknown name, a wrong password and an account that is barred are answered alike.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to sign in.", secret)] input: SignInInput,
    ) -> Answer<Payload<SignInInput, Opened>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let password = SecretString::from(input.password);
            match asking.api.gate.sign_in(&asking.request(), &input.username, password).await {
                Ok(FirstStep::SignedIn(signed_in)) => {
                    let position = signed_in.position;
                    let session = Some(NewSession::of(ctx, *signed_in));
                    Ok(through(position).with(Opened { session, attempt: None }))
                }
                Ok(FirstStep::Attempt(attempt)) => {
                    let attempt = Some(attempt.into());
                    Ok(through(Position::START).with(Opened { session: None, attempt }))
                }
                Err(denied @ Denied::Credentials) => {
                    let mut refused = fields.denied(denied, "password").await?;
                    // The log has grown only if there is such an account: the position must not tell.
                    refused.position = Position::START;
                    Ok(refused.with(Opened { session: None, attempt: None }))
                }
                Err(denied) => Ok(fields
                    .denied(denied, "password")
                    .await?
                    .with(Opened { session: None, attempt: None })),
            }
        };
        Some(change.await)
    }

    /// Ends the session of the request. Its token works no longer: whatever is asked with it is answered with 401.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How to do it; it can be left out.")] input: Option<SignOutInput>,
    ) -> Answer<Payload<SignOutInput, Closed>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.unwrap_or_default().once)?;
            let outcome = match fields.valid(Some(())).await {
                Err(refused) => refused,
                Ok(((), request)) => match asking.api.gate.sign_out(&request).await {
                    Ok(done) => Outcome::done(done),
                    Err(denied) => fields.denied(denied, "password").await?,
                },
            };
            let signed_out = outcome.errors.is_empty();
            if let Some(cookie) = ctx.data_opt::<Arc<SessionCookie>>()
                && signed_out
            {
                cookie.clear();
            }
            Ok(outcome.with(Closed { signed_out }))
        };
        Some(change.await)
    }
}

/// Nothing stood in the way.
pub(super) fn through(position: Position) -> Outcome {
    Outcome { position, version: None, subject: None, errors: Vec::new() }
}

impl NewSession {
    /// Shows a session that has begun, and gives a browser its cookie.
    pub(super) fn of(ctx: &Context<'_>, signed_in: SignedIn) -> Self {
        let session = Self {
            id: GlobalId::Session(signed_in.session).into(),
            token: signed_in.token.expose_secret().to_owned(),
            expires_at: signed_in.expires_at,
            account: signed_in.account,
            organisation: signed_in.organisation,
            position: signed_in.position,
        };
        if let Some(cookie) = ctx.data_opt::<Arc<SessionCookie>>() {
            cookie.set(signed_in.token, signed_in.max_age);
        }
        session
    }
}
