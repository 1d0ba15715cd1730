//! Second factors: what proves who somebody is beside the password.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use events::{
    AccountId, factor,
    value::{E164, Text},
};
use projections::directory;
use secrecy::ExposeSecret;

use crate::{
    Answer,
    account::{self, ChangedAccount},
    asking::Asking,
    ids::GlobalId,
    input::{Conditions, Fields, Once},
    payload::{Outcome, Payload, Shown},
    port::{self, Denied},
    problem::Problem,
    session::shown,
    user_error::Fault,
};

/// What a second factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "factor::FactorKind")]
pub(crate) enum FactorKind {
    /// Codes of an app that shares a secret and the time with the product.
    Totp,
    /// A key that never leaves a device.
    Passkey,
    /// Codes in messages to a telephone.
    Sms,
    /// Codes in mails.
    Mail,
}

/// A second factor of an account.
pub(crate) struct Factor {
    pub(crate) account: AccountId,
    pub(crate) row: directory::Factor,
}

/// A second factor of an account. What it knows is shown to nobody.
#[Object]
impl Factor {
    /// Identifies it for `factorRemove`.
    async fn factor(&self) -> ID {
        GlobalId::Factor(self.account, self.row.id).into()
    }

    /// What it is.
    async fn kind(&self) -> FactorKind {
        self.row.kind.into()
    }

    /// What its owner calls it.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// Since when it counts.
    async fn added_at(&self) -> DateTime<Utc> {
        self.row.added_at
    }

    /// When it was used last.
    async fn used_at(&self) -> Option<DateTime<Utc>> {
        self.row.used_at
    }
}

/// Begins to set up a second factor of one's own. There is no `idempotencyKey`: a secret is shown once.
#[derive(Debug, InputObject)]
pub(crate) struct FactorBeginInput {
    /// What it is.
    kind: FactorKind,
    /// For `SMS`, the number with its country code, such as `+31 6 12345678`: a code is sent there.
    phone: Option<String>,
}

/// Lets a second factor of one's own count, by showing it.
#[derive(InputObject)]
pub(crate) struct FactorConfirmInput {
    /// The factor that was begun.
    factor: ID,
    /// What to call it, for whoever has several.
    name: Option<String>,
    /// The digits that the app shows, or that were sent.
    #[graphql(secret)]
    code: Option<String>,
    /// What the browser gave for `passkeyOptions`: the JSON of `PublicKeyCredential.toJSON()`.
    #[graphql(secret)]
    passkey: Option<String>,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Ends that a second factor counts.
#[derive(Debug, InputObject)]
pub(crate) struct FactorRemoveInput {
    /// The factor.
    factor: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Makes new recovery codes of one's own. The same request, by its idempotency key, shows none a second time.
#[derive(Debug, Default, InputObject)]
pub(crate) struct RecoveryCodesMakeInput {
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// A second factor that is being set up, and counts for nothing before it is confirmed.
#[derive(SimpleObject)]
pub(crate) struct Enrolment {
    /// Identifies it for `factorConfirm`.
    factor: ID,
    /// Until when it can be confirmed.
    expires_at: DateTime<Utc>,
    /// For apps: the secret, to be typed. It is shown here once.
    secret: Option<String>,
    /// For apps: all that they have to know, as a link.
    uri: Option<String>,
    /// For apps: the link as a QR code, in SVG.
    qr_code: Option<String>,
    /// For passkeys: the JSON that `PublicKeyCredential.parseCreationOptionsFromJSON()` takes.
    passkey_options: Option<String>,
}

/// What beginning to set up a factor shows.
#[derive(SimpleObject)]
pub(crate) struct Begun {
    /// What is needed to go on; null where it was refused.
    pub(crate) enrolment: Option<Enrolment>,
}

impl Shown for Begun {
    const WHAT: &'static str = "the factor that is being set up, and once its secret";
}

/// What making recovery codes shows.
#[derive(SimpleObject)]
pub(crate) struct MadeCodes {
    /// The codes. They are shown here once and never again; null where it was refused.
    codes: Option<Vec<String>>,
}

impl Shown for MadeCodes {
    const WHAT: &'static str = "the recovery codes, once";
}

/// Mutations of second factors.
#[derive(Default)]
pub(crate) struct FactorMutations;

/// Mutations of second factors.
#[Object]
impl FactorMutations {
    /// Begins to set up a second factor of one's own. Asks for `stepUp` before. For `SMS` and `MAIL` a code is sent, which
    /// `factorConfirm` asks for.
    async fn factor_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: FactorBeginInput,
    ) -> Answer<Payload<FactorBeginInput, Begun>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            if !asking.is_signed_in() {
                return Err(Problem::Unauthenticated);
            }
            let mut fields = Fields::open(asking, Once::default());
            let phone = fields.optional("phone", input.phone.as_deref(), E164::parse);
            if input.kind == FactorKind::Sms && phone == Some(None) {
                fields.note("phone", Fault::Required);
            }
            let (phone, request) = match fields.valid(phone).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(refused.with(Begun { enrolment: None })),
            };
            // What rules say of an account, or of a factor among others, is here about what was asked for.
            fields.spell(&[("account", "kind"), ("factor", "kind")]);
            let gate = &asking.api.gate;
            let begun = match (input.kind, phone) {
                (FactorKind::Sms, Some(number)) => {
                    gate.factor_begin_by_message(&request, number).await
                }
                (kind, _) => gate.factor_begin(&request, kind.into(), &label(&asking).await?).await,
            };
            match begun {
                Ok(begun) => {
                    let account = asking.account().ok_or(Problem::Forbidden)?;
                    let enrolment = Some(Enrolment::of(account, &begun));
                    let (position, errors) = (asking.position(), Vec::new());
                    let begun = Outcome { position, version: None, subject: None, errors };
                    Ok(begun.with(Begun { enrolment }))
                }
                Err(denied) => {
                    Ok(fields.denied(denied, "kind").await?.with(Begun { enrolment: None }))
                }
            }
        };
        Some(change.await)
    }

    /// Lets a second factor count from now on: whoever signs in is asked for one.
    async fn factor_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.", secret)] input: FactorConfirmInput,
    ) -> Answer<Payload<FactorConfirmInput, ChangedAccount>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let factor = fields.factor("factor", &input.factor);
            let name = fields.optional("name", input.name.as_deref(), Text::parse);
            let (((account, factor), name), request) = match fields.valid(factor.zip(name)).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(changed(refused, None)),
            };
            let confirmed = match shown(input.code, None, input.passkey) {
                None => Err(Denied::Code),
                Some(shown) => asking.api.gate.factor_confirm(&request, factor, name, shown).await,
            };
            let outcome = match confirmed {
                Ok(done) => Outcome::done(done),
                Err(denied) => fields.denied(denied, "code").await?,
            };
            Ok(changed(outcome, Some(account)))
        };
        Some(change.await)
    }

    /// Ends that a second factor counts. One's own asks for `stepUp` before; those of somebody who has lost theirs are
    /// removed by an administrator, which asks for it a quarter of an hour after signing in.
    async fn factor_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: FactorRemoveInput,
    ) -> Answer<Payload<FactorRemoveInput, ChangedAccount>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let factor = fields.factor("factor", &input.factor);
            let ((account, factor), request) = match fields.valid(factor).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(changed(refused, None)),
            };
            let outcome = match asking.api.gate.factor_remove(&request, account, factor).await {
                Ok(done) => Outcome::done(done),
                Err(denied) => fields.denied(denied, "factor").await?,
            };
            Ok(changed(outcome, Some(account)))
        };
        Some(change.await)
    }

    /// Makes ten recovery codes of one's own, for the day when a factor is lost; earlier ones work no longer. Each works
    /// once. Asks for `stepUp` before.
    async fn recovery_codes_make(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How to do it; it can be left out.")] input: Option<
            RecoveryCodesMakeInput,
        >,
    ) -> Answer<Payload<RecoveryCodesMakeInput, MadeCodes>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.unwrap_or_default().once)?;
            let request = match fields.valid(Some(())).await {
                Ok(((), request)) => request,
                Err(refused) => return Ok(refused.with(MadeCodes { codes: None })),
            };
            match asking.api.gate.recovery_codes_make(&request).await {
                Ok((done, codes)) => {
                    let codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
                    let codes = Some(codes).filter(|_| !done.replayed);
                    Ok(Outcome::done(done).with(MadeCodes { codes }))
                }
                Err(denied) => {
                    Ok(fields.denied(denied, "codes").await?.with(MadeCodes { codes: None }))
                }
            }
        };
        Some(change.await)
    }
}

impl Enrolment {
    pub(crate) fn of(account: AccountId, begun: &port::Enrolment) -> Self {
        let app = begun.app.as_ref();
        Self {
            factor: GlobalId::Factor(account, begun.factor).into(),
            expires_at: begun.expires_at,
            secret: app.map(|app| app.secret.expose_secret().to_owned()),
            uri: app.map(|app| app.uri.expose_secret().to_owned()),
            qr_code: app.map(|app| app.qr_code.expose_secret().to_owned()),
            passkey_options: begun.passkey.clone(),
        }
    }
}

/// What an app shows beside its codes: the name that one signs in with.
async fn label(asking: &Asking<'_>) -> Result<String, Problem> {
    let Some(id) = asking.account() else { return Ok(String::new()) };
    let account = account::own(asking, id).await?;
    Ok(account.0.username.map(|name| name.as_str().to_owned()).unwrap_or_default())
}

fn changed<I: async_graphql::InputType>(
    outcome: Outcome,
    account: Option<AccountId>,
) -> Payload<I, ChangedAccount> {
    let seen = outcome.seen();
    outcome.with(ChangedAccount { account, seen })
}
