//! More than a password: ending a sign-in in two steps, and proving anew who is signed in.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use commands::Refusal;
use secrecy::{ExposeSecret, SecretString};

use super::sign_in::{NewSession, Opened};
use crate::{
    Answer,
    asking::Asking,
    client::SessionCookie,
    factor::FactorKind,
    input::{Fields, Once},
    payload::{Outcome, Payload, Shown},
    port::{self, Denied},
    problem::Problem,
    user_error::{ErrorCode, UserError},
};

/// A sign-in whose password was right: `signInFinish` ends it.
#[derive(SimpleObject)]
pub(crate) struct SignInAttempt {
    /// Proves the attempt to `signInFinish`, once. It works from where it was given, and not for long.
    token: String,
    /// Until when it works.
    expires_at: DateTime<Utc>,
    /// What may be shown now.
    kinds: Vec<FactorKind>,
    /// Whether a recovery code may be given instead.
    recovery_codes: bool,
    /// Whether nothing can be shown, because there is neither a factor nor an e-mail address: a first factor is set up now,
    /// with `signInFactorBegin` and `signInFactorConfirm`.
    may_enrol: bool,
}

impl From<port::Attempt> for SignInAttempt {
    fn from(attempt: port::Attempt) -> Self {
        Self {
            token: attempt.token.expose_secret().to_owned(),
            expires_at: attempt.expires_at,
            kinds: attempt.kinds.into_iter().map(Into::into).collect(),
            recovery_codes: attempt.recovery_codes,
            may_enrol: attempt.may_enrol,
        }
    }
}

/// What somebody shows beside the password: one of these. There is no `idempotencyKey`: a code works once.
#[derive(InputObject)]
pub(crate) struct SignInFinishInput {
    /// The token of the attempt.
    #[graphql(secret)]
    attempt: String,
    /// The digits that an app shows, or that were sent.
    #[graphql(secret)]
    code: Option<String>,
    /// One of the recovery codes.
    #[graphql(secret)]
    recovery_code: Option<String>,
    /// What the browser gave for the options of `passkeyBegin`: the JSON of `PublicKeyCredential.toJSON()`.
    #[graphql(secret)]
    passkey: Option<String>,
}

/// Has a code sent that ends an attempt. There is no `idempotencyKey`: each code takes the place of the one before.
#[derive(InputObject)]
pub(crate) struct SignInCodeInput {
    /// The token of the attempt.
    #[graphql(secret)]
    attempt: String,
    /// How: `MAIL` or `SMS`, where both are among the kinds of the attempt. Where it is left out, by mail if that is one
    /// of them.
    kind: Option<FactorKind>,
}

/// Has a code sent for `stepUp`. There is no `idempotencyKey`: each code takes the place of the one before.
#[derive(Debug, InputObject)]
pub(crate) struct StepUpCodeInput {
    /// How; by `SMS` is the only way.
    #[graphql(default_with = "FactorKind::Sms")]
    kind: FactorKind,
}

/// What having a code sent shows.
#[derive(SimpleObject)]
pub(crate) struct SentCode {
    /// Until when the code works; null where it was refused.
    expires_at: Option<DateTime<Utc>>,
}

impl Shown for SentCode {
    const WHAT: &'static str = "until when the code works that was sent";
}

/// The password once more, and a second factor where there is one. There is no `idempotencyKey`: the token that it
/// answers with is kept nowhere.
#[derive(InputObject)]
pub(crate) struct StepUpInput {
    /// The password.
    #[graphql(secret)]
    password: String,
    /// The digits that an app shows, or that were sent.
    #[graphql(secret)]
    code: Option<String>,
    /// One of the recovery codes, instead.
    #[graphql(secret)]
    recovery_code: Option<String>,
    /// What the browser gave for the options of `passkeyBegin`, instead: the JSON of `PublicKeyCredential.toJSON()`.
    #[graphql(secret)]
    passkey: Option<String>,
}

/// What was shown, of these.
pub(crate) fn shown(
    code: Option<String>,
    recovery_code: Option<String>,
    passkey: Option<String>,
) -> Option<port::Shown> {
    // People type codes in groups.
    let digits = |code: String| -> String { code.split_whitespace().collect() };
    let code = code.map(|code| port::Shown::Code(SecretString::from(digits(code))));
    let recovery_code = || recovery_code.map(|code| port::Shown::RecoveryCode(code.into()));
    let passkey = || passkey.map(|passkey| port::Shown::Passkey(passkey.into()));
    code.or_else(recovery_code).or_else(passkey)
}

/// A session whose owner has proved anew who they are.
#[derive(SimpleObject)]
pub(crate) struct ProvenSession {
    /// Proves the session from now on; the token before works no longer. Browsers get a cookie too.
    token: String,
    /// When the session ends at the latest, as before.
    expires_at: DateTime<Utc>,
    /// Until when mutations that ask for it go through.
    proven_until: DateTime<Utc>,
}

/// What stepping up shows.
#[derive(SimpleObject)]
pub(crate) struct SteppedUp {
    /// The session, with its new token; null where it was refused.
    session: Option<ProvenSession>,
}

impl Shown for SteppedUp {
    const WHAT: &'static str = "the session, with its new token";
}

/// Mutations that ask for more than a password.
#[derive(Default)]
pub(crate) struct SecondMutations;

/// Mutations that ask for more than a password.
#[Object]
impl SecondMutations {
    /// Sends a code to whoever gave the right password, by mail or by text message, where `MAIL` or `SMS` is among the kinds
    /// of the attempt: three times at most.
    async fn sign_in_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which attempt.", secret)] input: SignInCodeInput,
    ) -> Answer<Payload<SignInCodeInput, SentCode>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let attempt = input.attempt.into();
            let by = input.kind.map(Into::into);
            match asking.api.gate.sign_in_code(&asking.request(), attempt, by).await {
                Ok(expires_at) => {
                    let (position, errors) = (events::Position::START, Vec::new());
                    let outcome = Outcome { position, version: None, subject: None, errors };
                    Ok(outcome.with(SentCode { expires_at: Some(expires_at) }))
                }
                Err(denied) => {
                    let mut refused = fields.denied(denied, "attempt").await?;
                    refused.position = events::Position::START;
                    let is_input = |error: &&mut UserError| error.code != ErrorCode::MessageNotSent;
                    for error in refused.errors.iter_mut().filter(is_input) {
                        error.field = Some(vec!["attempt".to_owned()]);
                    }
                    Ok(refused.with(SentCode { expires_at: None }))
                }
            }
        };
        Some(change.await)
    }

    /// Sends a code for `stepUp` to one's own telephone, to the number that was confirmed last. It works once, for ten
    /// minutes, in this session.
    async fn step_up_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How to send it.")] input: StepUpCodeInput,
    ) -> Answer<Payload<StepUpCodeInput, SentCode>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            if !asking.is_signed_in() {
                return Err(Problem::Unauthenticated);
            }
            let mut fields = Fields::open(asking, Once::default());
            fields.spell(&[("factor", "kind")]);
            let sent = match input.kind {
                FactorKind::Sms => asking.api.gate.step_up_code(&asking.request()).await,
                _ => Err(Refusal::FactorNotFound.into()),
            };
            match sent {
                Ok(expires_at) => {
                    let (position, errors) = (asking.position(), Vec::new());
                    let outcome = Outcome { position, version: None, subject: None, errors };
                    Ok(outcome.with(SentCode { expires_at: Some(expires_at) }))
                }
                Err(denied) => {
                    let refused = fields.denied(denied, "kind").await?;
                    Ok(refused.with(SentCode { expires_at: None }))
                }
            }
        };
        Some(change.await)
    }

    /// Opens a session for somebody whose password was right, and who shows a second factor now. After a few wrong codes
    /// the attempt is void; each counts like a wrong password.
    async fn sign_in_finish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is shown.", secret)] input: SignInFinishInput,
    ) -> Answer<Payload<SignInFinishInput, Opened>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let finished = match shown(input.code, input.recovery_code, input.passkey) {
                None => Err(Denied::Code),
                Some(shown) => {
                    let attempt = input.attempt.into();
                    asking.api.gate.sign_in_finish(&asking.request(), attempt, shown).await
                }
            };
            let refused = match finished {
                Ok(signed_in) => {
                    let outcome = Outcome {
                        position: signed_in.position,
                        version: None,
                        subject: None,
                        errors: Vec::new(),
                    };
                    let session = Some(NewSession::of(ctx, signed_in));
                    return Ok(outcome.with(Opened { session, attempt: None }));
                }
                Err(denied @ Denied::Token) => {
                    let mut refused = fields.denied(denied, "attempt").await?;
                    for error in &mut refused.errors {
                        error.field = Some(vec!["attempt".to_owned()]);
                    }
                    refused
                }
                Err(denied) => fields.denied(denied, "attempt").await?,
            };
            Ok(refused.with(Opened { session: None, attempt: None }))
        };
        Some(change.await)
    }

    /// Proves anew who is signed in. Mutations that change how one signs in or is reached ask for it
    /// (`STEP_UP_REQUIRED`); a quarter of an hour after signing in, so do those that let somebody into other people's
    /// accounts. It counts for a quarter of an hour. The session has another token afterwards: what is asked with the one
    /// before is answered with 401.
    async fn step_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is shown.", secret)] input: StepUpInput,
    ) -> Answer<Payload<StepUpInput, SteppedUp>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            if !asking.is_signed_in() {
                return Err(Problem::Unauthenticated);
            }
            let fields = Fields::open(asking, Once::default());
            let shown = shown(input.code, input.recovery_code, input.passkey);
            let password = SecretString::from(input.password);
            match asking.api.gate.step_up(&asking.request(), password, shown).await {
                Ok(proven) => {
                    let session = ProvenSession {
                        token: proven.token.expose_secret().to_owned(),
                        expires_at: proven.expires_at,
                        proven_until: proven.until,
                    };
                    if let Some(cookie) = ctx.data_opt::<Arc<SessionCookie>>() {
                        cookie.set(proven.token, proven.max_age);
                    }
                    let outcome = Outcome { version: None, ..Outcome::done(proven.done) };
                    Ok(outcome.with(SteppedUp { session: Some(session) }))
                }
                Err(denied) => {
                    let mut refused = fields.denied(denied, "password").await?;
                    for error in refused.errors.iter_mut().filter(|error| error.field.is_none()) {
                        error.field = Some(vec!["password".to_owned()]);
                    }
                    Ok(refused.with(SteppedUp { session: None }))
                }
            }
        };
        Some(change.await)
    }
}
