//! When an account may be signed in to.

use async_graphql::{Context, ID, InputObject, Object};
use commands::Command;

use super::ChangedAccount;
use crate::{
    Answer,
    asking::Asking,
    input::{Conditions, Fields},
    organisation::SignInHoursInput,
    payload::Payload,
    user_error::Fault,
};

/// Sets when an account may be signed in to.
#[derive(Debug, InputObject)]
pub(crate) struct SignInHoursSetInput {
    /// The global id of the account.
    account: ID,
    /// The hours, in the person's time zone; null: those of the organisation.
    hours: Option<Vec<SignInHoursInput>>,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of sign-in hours.
#[derive(Default)]
pub(crate) struct HoursMutations;

/// Mutations of sign-in hours.
#[Object]
impl HoursMutations {
    /// Sets when an account may be signed in to. Outside of these hours signing in is refused, and sessions end.
    /// Administrators may always, whatever is set.
    async fn sign_in_hours_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SignInHoursSetInput,
    ) -> Answer<Payload<SignInHoursSetInput, ChangedAccount>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let account = fields.account("account", &input.account);
            let hours = match input.hours.as_deref().map(SignInHoursInput::week) {
                None => Some(None),
                Some(Ok(hours)) => Some(Some(hours)),
                Some(Err(invalid)) => {
                    fields.note("hours", Fault::Invalid(invalid));
                    None
                }
            };
            let command = account
                .zip(hours)
                .map(|(account, hours)| Command::SignInHoursSet { account, hours });
            let outcome = fields.handle(command).await?;
            let seen = outcome.seen();
            Ok(outcome.with(ChangedAccount { account, seen }))
        };
        Some(change.await)
    }
}
