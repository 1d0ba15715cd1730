//! Passkeys: asking for one, and signing in with nothing else.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use events::Position;

use super::sign_in::{NewSession, Opened, through};
use crate::{
    Answer,
    asking::Asking,
    input::{Fields, Once},
    payload::{Payload, Shown},
    port::PasskeyFor,
    problem::Problem,
};

/// Asks for a passkey. There is no `idempotencyKey`: what it has to sign is told once.
#[derive(Default, InputObject)]
pub(crate) struct PasskeyBeginInput {
    /// The token of the attempt that it is to end; without one, and without `stepUp`, it is to sign in with nothing else.
    #[graphql(secret)]
    attempt: Option<String>,
    /// Whether it is for `stepUp` instead of an attempt.
    #[graphql(default)]
    step_up: bool,
}

/// What was shown to sign in with. There is no `idempotencyKey`: a token is shown once and kept nowhere.
#[derive(InputObject)]
pub(crate) struct SignInWithPasskeyInput {
    /// What the browser gave for the options of `passkeyBegin`: the JSON of `PublicKeyCredential.toJSON()`.
    #[graphql(secret)]
    passkey: String,
}

/// What asking for a passkey shows.
#[derive(SimpleObject)]
pub(crate) struct AskedPasskey {
    /// The JSON that `PublicKeyCredential.parseRequestOptionsFromJSON()` takes; null where it was refused.
    options: Option<String>,
    /// Until when it can be answered, once.
    expires_at: Option<DateTime<Utc>>,
}

impl Shown for AskedPasskey {
    const WHAT: &'static str = "what a browser asks a passkey with";
}

/// Mutations of passkeys.
#[derive(Default)]
pub(crate) struct PasskeyMutations;

/// Mutations of passkeys.
#[Object]
impl PasskeyMutations {
    /// Asks for a passkey: to sign in with nothing else, to end an attempt, or to step up. Only the last one is for those
    /// who have signed in.
    async fn passkey_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What for; it can be left out, to sign in.", secret)] input: Option<
            PasskeyBeginInput,
        >,
    ) -> Answer<Payload<PasskeyBeginInput, AskedPasskey>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let PasskeyBeginInput { attempt, step_up } = input.unwrap_or_default();
            let (what_for, field) = match (attempt, step_up) {
                (Some(_), true) => {
                    let message = "Give `attempt` or `stepUp`, not both.";
                    return Err(Problem::BadUserInput(message.to_owned()));
                }
                (Some(attempt), false) => (PasskeyFor::Attempt(attempt.into()), Some("attempt")),
                (None, true) if !asking.is_signed_in() => return Err(Problem::Unauthenticated),
                (None, true) => (PasskeyFor::StepUp, Some("stepUp")),
                (None, false) => (PasskeyFor::SignIn, None),
            };
            match asking.api.gate.passkey_begin(&asking.request(), what_for).await {
                Ok(asked) => {
                    let (options, expires_at) = (Some(asked.options), Some(asked.expires_at));
                    Ok(through(Position::START).with(AskedPasskey { options, expires_at }))
                }
                Err(denied) => {
                    let mut refused = fields.denied(denied, "attempt").await?;
                    refused.position = Position::START;
                    for error in &mut refused.errors {
                        error.field = field.map(|field| vec![field.to_owned()]);
                    }
                    Ok(refused.with(AskedPasskey { options: None, expires_at: None }))
                }
            }
        };
        Some(change.await)
    }

    /// Opens a session for whoever shows a passkey, without name and password: it knows its owner, who has touched it and
    /// is known to it, so that no second factor is asked for. All that can be wrong is answered alike.
    async fn sign_in_with_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is shown.", secret)] input: SignInWithPasskeyInput,
    ) -> Answer<Payload<SignInWithPasskeyInput, Opened>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let passkey = input.passkey.into();
            match asking.api.gate.sign_in_with_passkey(&asking.request(), passkey).await {
                Ok(signed_in) => {
                    let position = signed_in.position;
                    let session = Some(NewSession::of(ctx, signed_in));
                    Ok(through(position).with(Opened { session, attempt: None }))
                }
                Err(denied) => {
                    let mut refused = fields.denied(denied, "passkey").await?;
                    // The log has grown only if there is such an account: the position must not tell.
                    refused.position = Position::START;
                    Ok(refused.with(Opened { session: None, attempt: None }))
                }
            }
        };
        Some(change.await)
    }
}
