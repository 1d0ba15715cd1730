//! Operators: who runs the installation.

use async_graphql::{Context, ID, InputObject, Object};
use commands::Command;
use events::{
    AccountId,
    value::{EmailAddress, ProfileEntry, ProfileField, ServiceKind, Text, Username},
};
use projections::Visible;
use secrecy::SecretString;

use crate::{
    Answer,
    account::{self, Account, ChangedAccount, profile},
    asking::{Asking, Sight},
    input::{Conditions, Fields, Once},
    organisation::{RegisteredService, Service},
    payload::{Outcome, Payload, Seen, Shown},
    problem::Problem,
};

/// Sets the installation up.
#[derive(InputObject)]
pub(crate) struct OperatorSetupInput {
    /// The one-time token that the console showed at the first start.
    #[graphql(secret)]
    token: String,
    /// The name to sign in with.
    username: String,
    /// The password.
    #[graphql(secret)]
    password: String,
    /// The operator's address.
    email: Option<String>,
    /// The name that lists show; the username where none is given.
    display_name: Option<String>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// Lets an account run the installation.
#[derive(Debug, InputObject)]
pub(crate) struct OperatorAppointInput {
    /// The global id of the account.
    account: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Ends that an account may run the installation.
#[derive(Debug, InputObject)]
pub(crate) struct OperatorDismissInput {
    /// The global id of the account.
    account: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Adds a service to the catalogue.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceRegisterInput {
    /// Its key: a lower-case word of letters, digits and underscores.
    service: String,
    /// Its name, for people.
    name: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// The object of the set-up: whoever sets up has not signed in yet, and sees what came to be all the same.
pub(crate) struct FirstOperator {
    account: Option<AccountId>,
    seen: Seen,
}

/// The object of the set-up.
#[Object]
impl FirstOperator {
    /// The account of the first operator; null where it was refused.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        let id = self.account?;
        let read = async {
            let asking = Asking::of(ctx)?;
            self.seen.ready(&asking).await?;
            account::own(&asking, id).await
        };
        Some(read.await)
    }
}

impl Shown for FirstOperator {
    const WHAT: &'static str = "the account of the first operator";
}

/// Queries about operators.
#[derive(Default)]
pub(crate) struct OperatorQueries;

/// Queries about operators.
#[Object]
impl OperatorQueries {
    /// Who runs the installation. For operators.
    async fn operators(&self, ctx: &Context<'_>) -> Answer<Vec<Account>> {
        let read = async {
            let asking = Asking::at_least(ctx, None).await?;
            let visible = asking.visible(Sight::Directory).await?;
            if visible != Visible::Everything {
                return Err(Problem::Forbidden);
            }
            let operators = asking.directory().operators(visible).await?;
            Ok(operators.into_iter().map(Account).collect())
        };
        Some(read.await)
    }
}

/// Mutations of operators.
#[derive(Default)]
pub(crate) struct OperatorMutations;

/// Mutations of operators.
#[Object]
impl OperatorMutations {
    /// Sets the installation up: its first operator comes to be. Works once, with the token that the console showed.
    async fn operator_setup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: OperatorSetupInput,
    ) -> Answer<Payload<OperatorSetupInput, FirstOperator>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::open(asking, input.once);
            let username = fields.text("username", &input.username, Username::parse);
            let email = fields.optional("email", input.email.as_deref(), EmailAddress::parse);
            let name = input.display_name.as_deref().unwrap_or(&input.username);
            let name = fields.text("displayName", name, Text::parse);
            let outcome = match fields.valid(username.zip(email).zip(name)).await {
                Err(refused) => refused,
                Ok((((username, email), name), request)) => {
                    let email = (ProfileField::Email, email.map(ProfileEntry::Email));
                    let profile = profile(name, vec![email]);
                    let (token, password) =
                        (input.token.into(), SecretString::from(input.password));
                    let gate = &asking.api.gate;
                    match gate.operator_setup(&request, token, username, profile, password).await {
                        Ok(done) => Outcome::done(done),
                        Err(denied) => fields.denied(denied, "password").await?,
                    }
                }
            };
            let (account, seen) = (outcome.subject(), outcome.seen());
            Ok(outcome.with(FirstOperator { account, seen }))
        };
        Some(change.await)
    }

    /// Lets an account run the installation. For operators. Asks for `stepUp` a quarter of an hour after signing in.
    async fn operator_appoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OperatorAppointInput,
    ) -> Answer<Payload<OperatorAppointInput, ChangedAccount>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let account = fields.account("account", &input.account);
            let command = account.map(|account| Command::OperatorAppoint { account });
            let outcome = fields.handle(command).await?;
            let seen = outcome.seen();
            Ok(outcome.with(ChangedAccount { account, seen }))
        };
        Some(change.await)
    }

    /// Ends that an account may run the installation; the first operator stays. For operators.
    async fn operator_dismiss(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OperatorDismissInput,
    ) -> Answer<Payload<OperatorDismissInput, ChangedAccount>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let account = fields.account("account", &input.account);
            let command = account.map(|account| Command::OperatorDismiss { account });
            let outcome = fields.handle(command).await?;
            let seen = outcome.seen();
            Ok(outcome.with(ChangedAccount { account, seen }))
        };
        Some(change.await)
    }

    /// Adds a service to the catalogue, beside the built-in ones. For operators.
    async fn service_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ServiceRegisterInput,
    ) -> Answer<Payload<ServiceRegisterInput, RegisteredService>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let key = fields.text("service", &input.service, ServiceKind::parse);
            let name = fields.text("name", &input.name, Text::parse);
            let service = key.clone().map(Service::new);
            let command =
                key.zip(name).map(|(service, name)| Command::ServiceRegister { service, name });
            let outcome = fields.handle(command).await?;
            let service = service.filter(|_| outcome.errors.is_empty());
            let seen = outcome.seen();
            Ok(outcome.with(RegisteredService { service, seen }))
        };
        Some(change.await)
    }
}
