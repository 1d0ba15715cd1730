//! What is changed in organisations: name, language, plan, state, owner, domains, services.

use async_graphql::{Context, ID, InputObject, InputType, Object};
use commands::Command;
use events::{
    OrganisationId,
    value::{Domain, Plan, ServiceKind, Text},
};

use super::Organisation;
use crate::{
    Answer,
    asking::Asking,
    enums::Language,
    input::{Conditions, Fields, MemberInput, Once},
    membership::{self, ChangedMember},
    payload::{Payload, Seen, Shown},
    problem::Problem,
};

/// The object of a mutation that is about an organisation.
pub(crate) struct ChangedOrganisation {
    organisation: Option<OrganisationId>,
    seen: Seen,
}

impl Shown for ChangedOrganisation {
    const WHAT: &'static str = "the organisation, as it is now";
}

/// The object of a mutation that is about an organisation.
#[Object]
impl ChangedOrganisation {
    /// The organisation, as it is now; null where there is none that the caller may see.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        super::shown(ctx, self.organisation, self.seen).await
    }
}

/// Has something done about an organisation, and shows it. `read` reads the other fields of the input, and gives what
/// makes the command of them and the organisation; so all that is wrong with an input is told at once.
pub(super) async fn change<'a, I: InputType, C>(
    ctx: &Context<'a>,
    organisation: Option<&ID>,
    conditions: Conditions,
    read: impl FnOnce(&mut Fields<'a>) -> Option<C> + Send,
) -> Answer<Payload<I, ChangedOrganisation>>
where
    C: FnOnce(OrganisationId) -> Command + Send,
{
    let change = async {
        let mut fields = Fields::of(Asking::of(ctx)?, conditions)?;
        let organisation = fields.organisation(organisation);
        let command = read(&mut fields);
        let command =
            organisation.zip(command).map(|(organisation, command)| command(organisation));
        done(fields, organisation, command).await
    };
    Some(change.await)
}

/// Has a command about an organisation done, and shows the organisation.
async fn done<I: InputType>(
    fields: Fields<'_>,
    organisation: Option<OrganisationId>,
    command: Option<Command>,
) -> Result<Payload<I, ChangedOrganisation>, Problem> {
    let outcome = fields.handle(command).await?;
    let organisation = organisation.or_else(|| outcome.subject());
    let seen = outcome.seen();
    Ok(outcome.with(ChangedOrganisation { organisation, seen }))
}

/// How many members an organisation may have.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub(crate) struct PlanInput {
    /// Seats for full members, administrators and the owner included; null: without limit.
    full_seats: Option<u32>,
    /// Seats for readers; null: without limit.
    reader_seats: Option<u32>,
}

impl From<PlanInput> for Plan {
    fn from(plan: PlanInput) -> Self {
        Self { full_seats: plan.full_seats, reader_seats: plan.reader_seats }
    }
}

/// Creates an organisation.
#[derive(Debug, InputObject)]
pub(crate) struct OrganisationCreateInput {
    /// Its name.
    name: String,
    /// The language of mails and letters where a person has chosen none; the caller's where none is given.
    language: Option<Language>,
    /// Its seats; without limit where nothing is given.
    plan: Option<PlanInput>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// Gives an organisation another name.
#[derive(Debug, InputObject)]
pub(crate) struct OrganisationRenameInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The new name.
    name: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Sets the default language.
#[derive(Debug, InputObject)]
pub(crate) struct OrganisationLanguageSetInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The new language.
    language: Language,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Sets the seats.
#[derive(Debug, InputObject)]
pub(crate) struct OrganisationPlanSetInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The new plan, all of it: what is left out is without limit.
    plan: PlanInput,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Bars all members of an organisation until it is reactivated.
#[derive(Debug, InputObject)]
pub(crate) struct OrganisationDeactivateInput {
    /// The global id of the organisation.
    organisation: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Puts an organisation to use again.
#[derive(Debug, InputObject)]
pub(crate) struct OrganisationReactivateInput {
    /// The global id of the organisation.
    organisation: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Makes a full member the owner.
#[derive(Debug, InputObject)]
pub(crate) struct OwnerSetInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Gives an organisation a mail domain.
#[derive(Debug, InputObject)]
pub(crate) struct DomainRegisterInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The domain, for instance `example.org`.
    domain: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Takes a mail domain from an organisation.
#[derive(Debug, InputObject)]
pub(crate) struct DomainRemoveInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The domain.
    domain: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Lets members of an organisation be given a service.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceEnableInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The key of the service, for instance `cloud_storage`.
    service: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Turns a service off for a whole organisation.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceDisableInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The key of the service, for instance `cloud_storage`.
    service: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of organisations.
#[derive(Default)]
pub(crate) struct OrganisationMutations;

/// Mutations of organisations.
#[Object]
impl OrganisationMutations {
    /// Creates an organisation, with every built-in service on and without members. For operators.
    async fn organisation_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OrganisationCreateInput,
    ) -> Answer<Payload<OrganisationCreateInput, ChangedOrganisation>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.once)?;
            let language = match input.language {
                Some(language) => language.into(),
                None => fields.asking.language().await,
            };
            let plan = input.plan.unwrap_or_default().into();
            let name = fields.text("name", &input.name, Text::parse);
            let command = name.map(|name| Command::OrganisationCreate { name, language, plan });
            done(fields, None, command).await
        };
        Some(change.await)
    }

    /// Gives an organisation another name.
    async fn organisation_rename(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OrganisationRenameInput,
    ) -> Answer<Payload<OrganisationRenameInput, ChangedOrganisation>> {
        change(ctx, input.organisation.as_ref(), input.conditions, |fields| {
            let name = fields.text("name", &input.name, Text::parse)?;
            Some(move |organisation| Command::OrganisationRename { organisation, name })
        })
        .await
    }

    /// Sets the language of mails and letters where a person has chosen none.
    async fn organisation_language_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OrganisationLanguageSetInput,
    ) -> Answer<Payload<OrganisationLanguageSetInput, ChangedOrganisation>> {
        change(ctx, input.organisation.as_ref(), input.conditions, |_| {
            Some(move |organisation| Command::OrganisationLanguageSet {
                organisation,
                language: input.language.into(),
            })
        })
        .await
    }

    /// Sets the seats; not below what is taken. For operators.
    async fn organisation_plan_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OrganisationPlanSetInput,
    ) -> Answer<Payload<OrganisationPlanSetInput, ChangedOrganisation>> {
        change(ctx, input.organisation.as_ref(), input.conditions, |_| {
            Some(move |organisation| Command::OrganisationPlanSet {
                organisation,
                plan: input.plan.into(),
            })
        })
        .await
    }

    /// Bars all members of an organisation until it is reactivated; their sessions end. For its owner and for operators.
    async fn organisation_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OrganisationDeactivateInput,
    ) -> Answer<Payload<OrganisationDeactivateInput, ChangedOrganisation>> {
        change(ctx, Some(&input.organisation), input.conditions, |_| {
            Some(move |organisation| Command::OrganisationDeactivate { organisation })
        })
        .await
    }

    /// Puts an organisation to use again. For operators.
    async fn organisation_reactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OrganisationReactivateInput,
    ) -> Answer<Payload<OrganisationReactivateInput, ChangedOrganisation>> {
        change(ctx, Some(&input.organisation), input.conditions, |_| {
            Some(move |organisation| Command::OrganisationReactivate { organisation })
        })
        .await
    }

    /// Makes a full member the owner, who becomes an administrator too. For operators. Asks for `stepUp` a quarter of
    /// an hour after signing in.
    async fn owner_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OwnerSetInput,
    ) -> Answer<Payload<OwnerSetInput, ChangedMember>> {
        membership::change(ctx, &input.member, input.conditions, |_| {
            Some(|organisation, account| Command::OwnerSet { organisation, account })
        })
        .await
    }

    /// Gives an organisation a mail domain, which belongs to one organisation of the installation. For operators.
    async fn domain_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DomainRegisterInput,
    ) -> Answer<Payload<DomainRegisterInput, ChangedOrganisation>> {
        change(ctx, input.organisation.as_ref(), input.conditions, |fields| {
            let domain = fields.text("domain", &input.domain, Domain::parse)?;
            Some(move |organisation| Command::DomainRegister { organisation, domain })
        })
        .await
    }

    /// Takes a mail domain from an organisation. Aliases on it stay with their mailboxes. For operators.
    async fn domain_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DomainRemoveInput,
    ) -> Answer<Payload<DomainRemoveInput, ChangedOrganisation>> {
        change(ctx, input.organisation.as_ref(), input.conditions, |fields| {
            let domain = fields.text("domain", &input.domain, Domain::parse)?;
            Some(move |organisation| Command::DomainRemove { organisation, domain })
        })
        .await
    }

    /// Lets members of an organisation be given a service.
    async fn service_enable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ServiceEnableInput,
    ) -> Answer<Payload<ServiceEnableInput, ChangedOrganisation>> {
        change(ctx, input.organisation.as_ref(), input.conditions, |fields| {
            let service = fields.text("service", &input.service, ServiceKind::parse)?;
            Some(move |organisation| Command::ServiceEnable { organisation, service })
        })
        .await
    }

    /// Turns a service off for a whole organisation; what members were given comes back when it is on again.
    async fn service_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ServiceDisableInput,
    ) -> Answer<Payload<ServiceDisableInput, ChangedOrganisation>> {
        change(ctx, input.organisation.as_ref(), input.conditions, |fields| {
            let service = fields.text("service", &input.service, ServiceKind::parse)?;
            Some(move |organisation| Command::ServiceDisable { organisation, service })
        })
        .await
    }
}
