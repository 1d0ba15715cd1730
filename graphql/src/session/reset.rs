//! Links that work once: another password where it was forgotten, another e-mail address.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use commands::account::reset::LIFETIME;
use events::{Position, value::EmailAddress};
use secrecy::SecretString;

use crate::{
    Answer,
    account::ChangedAccount,
    asking::Asking,
    input::{Conditions, Fields, Once},
    payload::{Outcome, Payload, Shown},
    problem::Problem,
    user_error::{Fault, Plain},
};

/// Asks for another password by mail.
#[derive(Debug, InputObject)]
pub(crate) struct PasswordResetRequestInput {
    /// The name to sign in with, or the e-mail address: each account that has it gets a mail, five at most.
    username: String,
}

/// Chooses another password.
#[derive(InputObject)]
pub(crate) struct PasswordResetInput {
    /// What stands behind the `#` of the mailed link.
    #[graphql(secret)]
    token: String,
    /// The mailed code; case and hyphens don't count.
    #[graphql(secret)]
    code: String,
    /// The new password.
    #[graphql(secret)]
    password: String,
    /// The new password once more.
    #[graphql(secret)]
    password_repeated: String,
}

/// Asks for another e-mail address of one's own.
#[derive(Debug, InputObject)]
pub(crate) struct EmailChangeInput {
    /// The new address; the present one takes an earlier wish back.
    email: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Confirms an e-mail address.
#[derive(InputObject)]
pub(crate) struct EmailConfirmInput {
    /// What stands behind the `#` of the mailed link.
    #[graphql(secret)]
    token: String,
}

/// What asking for another password shows.
#[derive(SimpleObject)]
pub(crate) struct Asked {
    /// For how many minutes the link and the code work that were mailed, if there is such an account with an address;
    /// null where nothing was asked.
    valid_minutes: Option<i64>,
}

impl Shown for Asked {
    const WHAT: &'static str =
        "how long what was mailed works, the same whether there is such an account or not";
}

/// What using a link shows.
#[derive(SimpleObject)]
pub(crate) struct Used {
    /// Whether it was done. Nobody is signed in by it.
    done: bool,
}

impl Shown for Used {
    const WHAT: &'static str = "whether it was done";
}

/// Mutations by links that work once.
#[derive(Default)]
pub(crate) struct ResetMutations;

/// Mutations by links that work once.
#[Object]
impl ResetMutations {
    /// Asks for another password: a link and a code are mailed to the recovery address, or else to the e-mail address, and
    /// work for 30 minutes. The present password works until they are used. The answer is the same whether there is such
    /// an account or not; more than five an hour have no effect.
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: PasswordResetRequestInput,
    ) -> Answer<Payload<PasswordResetRequestInput, Asked>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let asked =
                asking.api.gate.password_reset_request(&asking.request(), &input.username).await;
            // The log grows only if there is such an account: the position must not tell.
            let outcome = match asked {
                Ok(()) => Outcome::refused(Position::START, Vec::new()),
                Err(denied) => fields.denied(denied, "username").await?,
            };
            let valid = outcome.errors.is_empty().then_some(LIFETIME.num_minutes());
            Ok(outcome.with(Asked { valid_minutes: valid }))
        };
        Some(change.await)
    }

    /// Chooses another password with the link and the code that were mailed, which work once; three wrong codes end them.
    /// It unlocks the account, ends its sessions, and signs nobody in.
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: PasswordResetInput,
    ) -> Answer<Payload<PasswordResetInput, Used>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            if input.password != input.password_repeated {
                let fault = Fault::Plain(Plain::Differ);
                let refused = fields.refused(&fault, Some(&["passwordRepeated"])).await;
                return Ok(refused.with(Used { done: false }));
            }
            let (token, password) = (input.token.into(), SecretString::from(input.password));
            let request = asking.request();
            let done = asking.api.gate.password_reset(&request, token, &input.code, password).await;
            Ok(used(match done {
                Ok(done) => Outcome::done(done),
                Err(denied) => fields.denied(denied, "password").await?,
            }))
        };
        Some(change.await)
    }

    /// Asks for another e-mail address of one's own, after `stepUp`. A link is mailed to it; until it is opened the present
    /// address counts, and the account shows as pending.
    async fn email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EmailChangeInput,
    ) -> Answer<Payload<EmailChangeInput, ChangedAccount>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let account = asking.account().ok_or(Problem::Forbidden)?;
            let email = fields.text("email", &input.email, EmailAddress::parse);
            let outcome = match fields.valid(email).await {
                Err(refused) => refused,
                Ok((email, request)) => match asking.api.gate.email_change(&request, email).await {
                    Ok(done) => Outcome::done(done),
                    Err(denied) => fields.denied(denied, "password").await?,
                },
            };
            let seen = outcome.seen();
            Ok(outcome.with(ChangedAccount { account: Some(account), seen }))
        };
        Some(change.await)
    }

    /// Confirms an e-mail address with the link that was mailed to it, which works once. The old and the new address are
    /// told.
    async fn email_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: EmailConfirmInput,
    ) -> Answer<Payload<EmailConfirmInput, Used>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let request = asking.request();
            let done = asking.api.gate.email_confirm(&request, input.token.into()).await;
            Ok(used(match done {
                Ok(done) => Outcome::done(done),
                Err(denied) => fields.denied(denied, "token").await?,
            }))
        };
        Some(change.await)
    }
}

fn used<I: async_graphql::InputType>(outcome: Outcome) -> Payload<I, Used> {
    let done = outcome.errors.is_empty();
    outcome.with(Used { done })
}
