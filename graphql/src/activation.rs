//! Activating accounts: sending what is needed, and taking it back from whoever received it.

mod send;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use secrecy::SecretString;

use crate::{
    Answer,
    asking::Asking,
    input::{Fields, Once},
    payload::{Outcome, Payload, Shown},
    user_error::{Fault, Plain},
};

pub(crate) use send::ActivationSending;

/// Activates an account with what was sent for it. There is no `idempotencyKey`: link and code work once, and a repeated
/// request is answered with `INVALID_TOKEN`; whoever has lost the answer signs in.
#[derive(InputObject)]
pub(crate) struct ActivateInput {
    /// The token of the mailed link: what stands in it after the `#`.
    #[graphql(secret)]
    token: String,
    /// The code in the letter, where one was sent; hyphens, spaces and the case of letters don't matter. The third
    /// wrong one ends link and code.
    #[graphql(secret)]
    code: Option<String>,
    /// The password that the person chose.
    #[graphql(secret)]
    password: String,
    /// The same once more.
    #[graphql(secret)]
    password_repeated: String,
}

/// What activating shows.
#[derive(SimpleObject)]
pub(crate) struct Activated {
    /// Whether one can sign in to the account now. Nobody is signed in by this.
    activated: Option<bool>,
}

impl Shown for Activated {
    const WHAT: &'static str = "whether one can sign in to the account now";
}

/// Mutations of those who activate their own account.
#[derive(Default)]
pub(crate) struct ActivationMutations;

/// Mutations of those who activate their own account.
#[Object]
impl ActivationMutations {
    /// Activates an account with the mailed link, the code in the letter where one was sent, and a password of one's own.
    async fn activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was sent, and what was chosen.", secret)] input: ActivateInput,
    ) -> Answer<Payload<ActivateInput, Activated>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::open(asking, Once::default());
            let outcome = if input.password == input.password_repeated {
                let (token, password) = (input.token.into(), input.password.into());
                let code = input.code.map(SecretString::from);
                match asking.api.gate.activate(&asking.request(), token, code, password).await {
                    Ok(done) => Outcome::done(done),
                    Err(denied) => fields.denied(denied, "password").await?,
                }
            } else {
                let differ = Fault::Plain(Plain::Differ);
                fields.refused(&differ, Some(&["passwordRepeated"])).await
            };
            let activated = Some(outcome.errors.is_empty());
            // Nobody learns from the position how much happened to the account, and there is nothing to wait for.
            Ok(Outcome { version: None, subject: None, ..outcome }.with(Activated { activated }))
        };
        Some(change.await)
    }
}
