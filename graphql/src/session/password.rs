//! Passwords: one's own, and those that administrators choose.

use async_graphql::{Context, ID, InputObject, Object};
use events::{AccountId, value::EmailAddress};
use secrecy::SecretString;

use crate::{
    Answer,
    account::ChangedAccount,
    asking::Asking,
    input::{Conditions, Fields},
    payload::{Outcome, Payload},
    port::{Denied, PasswordMail},
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
    /// The new password; where none is given, one is made up, and mailed.
    #[graphql(secret)]
    password: Option<String>,
    /// Whether to mail it to the account's address.
    #[graphql(default)]
    mail: bool,
    /// Another address to mail it to.
    mail_to: Option<String>,
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

    /// Gives an account another password, chosen or made up, which is active at once; it can be mailed. All sessions of
    /// the account end. Asks for `stepUp` a quarter of an hour after signing in.
    async fn password_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: PasswordSetInput,
    ) -> Answer<Payload<PasswordSetInput, ChangedAccount>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let account = fields.account("account", &input.account);
            let mail_to = fields.optional("mailTo", input.mail_to.as_deref(), EmailAddress::parse);
            let mail = match mail_to.flatten() {
                Some(to) => Some(PasswordMail::Other(to)),
                // What is made up and mailed to nobody would be known to nobody.
                None => (input.mail || input.password.is_none()).then_some(PasswordMail::Own),
            };
            let (account, request) = match fields.valid(account).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(shown(refused, None)),
            };
            let password = input.password.map(SecretString::from);
            let set = asking.api.gate.password_set(&request, account, password, mail).await;
            let outcome = match set {
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
