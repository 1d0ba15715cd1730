//! Mail: where it goes, whether that works, and what it says.

mod list;
mod retry;
mod template;

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use commands::{Action, Command, access::Verdict};
use events::value::{EmailAddress, Invalid, MailHost, MailSettings as Settings, Text};

use crate::{
    Answer,
    asking::Asking,
    enums::TlsMode,
    input::{Conditions, Fields, Once},
    payload::{Outcome, Payload, Shown},
    port::{self, NewPassword},
    problem::Problem,
};

pub(crate) use list::{Mail, OutboxQueries, get};
pub(crate) use retry::MailRetrying;
pub(crate) use template::{MailTemplateMutations, MailTemplateQueries};

/// Where mail goes.
#[derive(SimpleObject)]
pub(crate) struct MailSettings {
    /// The mail server; null: mails become files in the data directory of the node.
    host: Option<String>,
    /// Its port; null where there is no server.
    port: Option<u16>,
    /// How the connection to it is kept private.
    tls: TlsMode,
    /// The name to sign in with there; null: without.
    username: Option<String>,
    /// Whether there is a password to sign in with there. Nobody reads it back.
    has_password: bool,
    /// The address that mails come from.
    from: String,
    /// Whether that is what the configuration says; otherwise an operator set it.
    configured: bool,
}

impl From<port::MailServer> for MailSettings {
    fn from(server: port::MailServer) -> Self {
        let (host, port) = server.server.unzip();
        Self {
            host,
            port,
            tls: server.tls.into(),
            username: server.username,
            has_password: server.has_password,
            from: server.from.as_str().to_owned(),
            configured: server.is_configured,
        }
    }
}

/// Has mail go to a server, whatever the configuration says.
#[derive(InputObject)]
pub(crate) struct MailSettingsSetInput {
    /// The mail server: a name or an address.
    host: String,
    /// Its port.
    port: u16,
    /// How the connection to it is kept private.
    tls: TlsMode,
    /// The name to sign in with there; none: without.
    username: Option<String>,
    /// The password to sign in with there; null: without. Where it isn't given it stays, as long as host and username do.
    #[graphql(secret)]
    password: MaybeUndefined<String>,
    /// The address that mails come from.
    from: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Has mail go where the configuration says again.
#[derive(Debug, InputObject)]
pub(crate) struct MailSettingsRestoreInput {
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Sends a test mail.
#[derive(Debug, InputObject)]
pub(crate) struct MailSettingsTestInput {
    /// Where to.
    to: String,
}

/// The object of a mutation about where mail goes.
pub(crate) struct ChangedMailSettings;

impl Shown for ChangedMailSettings {
    const WHAT: &'static str = "where mail goes now";
}

/// The object of a mutation about where mail goes.
#[Object]
impl ChangedMailSettings {
    /// Where mail goes now; null for whoever doesn't run the installation.
    async fn mail_settings(&self, ctx: &Context<'_>) -> Answer<MailSettings> {
        Some(async { settings(&Asking::of(ctx)?).await }.await)
    }
}

/// The object of a test.
#[derive(SimpleObject)]
pub(crate) struct TestedMailSettings {
    /// Whether the test mail was taken; null where none was sent.
    accepted: Option<bool>,
    /// What the server said, or what went wrong on the way to it; null where none was sent.
    reply: Option<String>,
}

impl Shown for TestedMailSettings {
    const WHAT: &'static str = "what came of the test mail";
}

/// Where mail goes, for those who run the installation.
async fn settings(asking: &Asking<'_>) -> Result<MailSettings, Problem> {
    if !asking.is_signed_in() {
        return Err(Problem::Unauthenticated);
    }
    let standing = asking.api.handler.standing(&asking.request(), None).await?;
    if standing.may(Action::MailSettingsSet) != Verdict::Allowed {
        return Err(Problem::Forbidden);
    }
    Ok(asking.api.mailing.mail_settings().await?.into())
}

/// Queries about mail.
#[derive(Default)]
pub(crate) struct MailQueries;

/// Queries about mail.
#[Object]
impl MailQueries {
    /// Where mail goes now. For operators.
    async fn mail_settings(&self, ctx: &Context<'_>) -> Answer<MailSettings> {
        Some(async { settings(&Asking::of(ctx)?).await }.await)
    }
}

/// Mutations about mail.
#[derive(Default)]
pub(crate) struct MailMutations;

/// Mutations about mail.
#[Object]
impl MailMutations {
    /// Has mail go to a server, whatever the configuration says. For operators. Asks for `stepUp` a quarter of an hour
    /// after signing in.
    async fn mail_settings_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: MailSettingsSetInput,
    ) -> Answer<Payload<MailSettingsSetInput, ChangedMailSettings>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let host = fields.text("host", &input.host, MailHost::parse);
            let port = match input.port {
                0 => Err(Invalid::OutOfRange { min: 1, max: u32::from(u16::MAX) }),
                port => Ok(port),
            };
            let port = fields.checked("port", port);
            let username = fields.optional("username", input.username.as_deref(), Text::parse);
            let from = fields.text("from", &input.from, EmailAddress::parse);
            let password = match input.password {
                MaybeUndefined::Undefined => NewPassword::Kept,
                MaybeUndefined::Null => NewPassword::None,
                MaybeUndefined::Value(password) => NewPassword::Set(password.into()),
            };
            let tls = input.tls.into();
            let settings =
                host.zip(port).zip(username).zip(from).map(|(((host, port), username), from)| {
                    Settings { host, port, tls, username, from }
                });
            let outcome = match fields.valid(settings).await {
                Err(refused) => refused,
                Ok((settings, request)) => {
                    let mailing = &asking.api.mailing;
                    match mailing.mail_settings_set(&request, settings, password).await {
                        Ok(done) => Outcome::done(done),
                        Err(failure) => fields.failed(failure).await?,
                    }
                }
            };
            Ok(outcome.with(ChangedMailSettings))
        };
        Some(change.await)
    }

    /// Has mail go where the configuration says again. For operators. Asks for `stepUp` a quarter of an hour after
    /// signing in.
    async fn mail_settings_restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailSettingsRestoreInput,
    ) -> Answer<Payload<MailSettingsRestoreInput, ChangedMailSettings>> {
        let change = async {
            let fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let outcome = fields.handle(Some(Command::MailSettingsRestore)).await?;
            Ok(outcome.with(ChangedMailSettings))
        };
        Some(change.await)
    }

    /// Sends a test mail the way that mail goes now, and tells what the server said. For operators.
    async fn mail_settings_test(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailSettingsTestInput,
    ) -> Answer<Payload<MailSettingsTestInput, TestedMailSettings>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, Once::default())?;
            let to = fields.text("to", &input.to, EmailAddress::parse);
            let language = asking.language().await;
            let (outcome, tested) = match fields.valid(to).await {
                Err(refused) => (refused, None),
                Ok((to, request)) => {
                    match asking.api.mailing.mail_settings_test(&request, to, language).await {
                        Ok((done, tested)) => (Outcome::done(done), Some(tested)),
                        Err(failure) => (fields.failed(failure).await?, None),
                    }
                }
            };
            let accepted = tested.as_ref().map(|tested| tested.accepted);
            let reply = tested.map(|tested| tested.reply.as_str().to_owned());
            Ok(outcome.with(TestedMailSettings { accepted, reply }))
        };
        Some(change.await)
    }
}
