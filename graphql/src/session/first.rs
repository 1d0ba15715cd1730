//! A first factor, set up on one's way in.

use async_graphql::{Context, ID, InputObject, Object};
use commands::Refusal;
use events::{
    Position,
    value::{E164, Text},
};

use super::{
    second::shown,
    sign_in::{NewSession, Opened},
};
use crate::{
    Answer,
    asking::Asking,
    factor::{Begun, Enrolment, FactorKind},
    input::{Fields, Once},
    payload::{Outcome, Payload},
    port::{Denied, FirstFactor},
    user_error::Fault,
};

/// Begins to set up a first factor on one's way in. There is no `idempotencyKey`: a secret is shown once.
#[derive(InputObject)]
pub(crate) struct SignInFactorBeginInput {
    /// The token of the attempt.
    #[graphql(secret)]
    attempt: String,
    /// What it is: `TOTP` or `SMS`.
    kind: FactorKind,
    /// For `SMS`, the number with its country code, such as `+31 6 12345678`: a code is sent there.
    phone: Option<String>,
}

/// Lets that factor count, by showing it. There is no `idempotencyKey`: a code works once.
#[derive(InputObject)]
pub(crate) struct SignInFactorConfirmInput {
    /// The token of the attempt.
    #[graphql(secret)]
    attempt: String,
    /// The factor that was begun.
    factor: ID,
    /// What to call it, for whoever has several.
    name: Option<String>,
    /// The digits that the app shows, or that were sent.
    #[graphql(secret)]
    code: Option<String>,
}

/// Mutations of those who must show a second factor and have none yet.
#[derive(Default)]
pub(crate) struct FirstMutations;

/// Mutations of those who must show a second factor and have none yet.
#[Object]
impl FirstMutations {
    /// Begins to set up a first factor, for whoever gave the right password and has nothing to show (`mayEnrol`).
    async fn sign_in_factor_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which attempt, and what.", secret)] input: SignInFactorBeginInput,
    ) -> Answer<Payload<SignInFactorBeginInput, Begun>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::open(asking, Once::default());
            let phone = fields.optional("phone", input.phone.as_deref(), E164::parse);
            let first = match (input.kind, phone) {
                (_, None) => None,
                (FactorKind::Totp, Some(_)) => Some(FirstFactor::App),
                (FactorKind::Sms, Some(Some(number))) => Some(FirstFactor::Number(number)),
                (FactorKind::Sms, Some(None)) => {
                    fields.note("phone", Fault::Required);
                    None
                }
                (FactorKind::Mail, Some(_)) => {
                    fields.note("kind", Fault::Refused(Refusal::AddressRequired));
                    None
                }
                (FactorKind::Passkey, Some(_)) => {
                    fields.note("kind", Fault::Refused(Refusal::Forbidden));
                    None
                }
            };
            let (first, request) = match fields.valid(first).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(nowhere(refused).with(Begun { enrolment: None })),
            };
            let attempt = input.attempt.into();
            match asking.api.gate.sign_in_factor_begin(&request, attempt, first).await {
                Ok((account, begun)) => {
                    let enrolment = Some(Enrolment::of(account, &begun));
                    Ok(begun_outcome().with(Begun { enrolment }))
                }
                Err(denied) => {
                    let refused = about_attempt(&fields, denied).await?;
                    Ok(refused.with(Begun { enrolment: None }))
                }
            }
        };
        Some(change.await)
    }

    /// Lets the first factor count from now on, and opens the session.
    async fn sign_in_factor_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is shown.", secret)] input: SignInFactorConfirmInput,
    ) -> Answer<Payload<SignInFactorConfirmInput, Opened>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::open(asking, Once::default());
            let factor = fields.factor("factor", &input.factor);
            let name = fields.optional("name", input.name.as_deref(), Text::parse);
            let none = || Opened { session: None, attempt: None };
            let (((_, factor), name), request) = match fields.valid(factor.zip(name)).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(nowhere(refused).with(none())),
            };
            let confirmed = match shown(input.code, None, None) {
                None => Err(Denied::Code),
                Some(shown) => {
                    let (gate, attempt) = (&asking.api.gate, input.attempt.into());
                    gate.sign_in_factor_confirm(&request, attempt, factor, name, shown).await
                }
            };
            match confirmed {
                Ok(signed_in) => {
                    let outcome = Outcome { position: signed_in.position, ..begun_outcome() };
                    let session = Some(NewSession::of(ctx, signed_in));
                    Ok(outcome.with(Opened { session, attempt: None }))
                }
                Err(denied) => Ok(about_attempt(&fields, denied).await?.with(none())),
            }
        };
        Some(change.await)
    }
}

/// Something was done, and whoever hasn't signed in isn't told where in the log.
fn begun_outcome() -> Outcome {
    Outcome { position: Position::START, version: None, subject: None, errors: Vec::new() }
}

fn nowhere(refused: Outcome) -> Outcome {
    Outcome { position: Position::START, ..refused }
}

/// A refusal; where the token is what doesn't work, it is the attempt's.
async fn about_attempt(
    fields: &Fields<'_>,
    denied: Denied,
) -> Result<Outcome, crate::problem::Problem> {
    let is_token = matches!(denied, Denied::Token);
    let mut refused = nowhere(fields.denied(denied, "attempt").await?);
    if is_token {
        for error in &mut refused.errors {
            error.field = Some(vec!["attempt".to_owned()]);
        }
    }
    Ok(refused)
}
