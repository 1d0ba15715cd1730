//! Passwords: one's own, and those that administrators choose.

use async_graphql::{Context, ID, InputObject, Object};
use events::AccountId;
use secrecy::SecretString;

use crate::{
    Answer,
    account::ChangedAccount,
    asking::Asking,
    input::{Conditions, Fields},
    payload::{Outcome, Payload},
    port::Denied,
    problem::Problem,
};

/// Replaces one's own password.
#[derive(InputObject)]
pub(crate) struct PasswordChangeInput {
    /// The present password.
    #[graphql(secret)]
    current_password: String,
    /// The new one.
    #[graphql(secret)]
    new_password: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Gives an account another password.
#[derive(InputObject)]
pub(crate) struct PasswordSetInput {
    /// The global id of the account.
    account: ID,
    /// The new password.
    #[graphql(secret)]
    password: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of passwords.
#[derive(Default)]
pub(crate) struct PasswordMutations;

/// Mutations of passwords.
#[Object]
impl PasswordMutations {
    /// Replaces one's own password. All other sessions of the account end; the present one goes on.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: PasswordChangeInput,
    ) -> Answer<Payload<PasswordChangeInput, ChangedAccount>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let account = asking.account().ok_or(Problem::Forbidden)?;
            let request = match fields.valid(Some(())).await {
                Ok(((), request)) => request,
                Err(refused) => return Ok(shown(refused, Some(account))),
            };
            let (current, new) = (input.current_password.into(), input.new_password.into());
            let done = asking.api.gate.password_change(&request, current, new).await;
            let outcome = match done {
                Ok(done) => Outcome::done(done),
                Err(denied @ Denied::Credentials) => {
                    let mut refused = fields.denied(denied, "newPassword").await?;
                    for error in &mut refused.errors {
                        error.field = Some(vec!["currentPassword".to_owned()]);
                    }
                    refused
                }
                Err(denied) => fields.denied(denied, "newPassword").await?,
            };
            Ok(shown(outcome, Some(account)))
        };
        Some(change.await)
    }

    /// Gives an account another password, which is active at once. All sessions of the account end.
    async fn password_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: PasswordSetInput,
    ) -> Answer<Payload<PasswordSetInput, ChangedAccount>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let account = fields.account("account", &input.account);
            let (account, request) = match fields.valid(account).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(shown(refused, None)),
            };
            let password = SecretString::from(input.password);
            let outcome = match asking.api.gate.password_set(&request, account, password).await {
                Ok(done) => Outcome::done(done),
                Err(denied) => fields.denied(denied, "password").await?,
            };
            Ok(shown(outcome, Some(account)))
        };
        Some(change.await)
    }
}

fn shown<I: async_graphql::InputType>(
    outcome: Outcome,
    account: Option<AccountId>,
) -> Payload<I, ChangedAccount> {
    let seen = outcome.seen();
    outcome.with(ChangedAccount { account, seen })
}
