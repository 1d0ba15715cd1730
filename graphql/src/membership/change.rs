//! What is changed in a membership: its kind, the administrator switch, its services.

use async_graphql::{Context, InputObject, Object};
use commands::Command;
use events::value::ServiceKind;

use super::{ChangedMember, change, done};
use crate::{
    Answer,
    asking::Asking,
    enums::MemberKind,
    input::{Conditions, Fields, MemberInput},
    payload::Payload,
};

/// Makes an existing account a member of one more organisation.
#[derive(Debug, InputObject)]
pub(crate) struct MembershipAddInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// Which seat it takes.
    #[graphql(default_with = "MemberKind::Full")]
    kind: MemberKind,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Makes a reader a full member.
#[derive(Debug, InputObject)]
pub(crate) struct MemberKindSetInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// What it becomes.
    kind: MemberKind,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Turns the administrator switch of a full member.
#[derive(Debug, InputObject)]
pub(crate) struct AdministratorSetInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// `true`: may manage the organisation.
    administrator: bool,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Switches a service on or off for a member.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceAccessSetInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// The key of the service, for instance `cloud_storage`.
    service: String,
    /// `true`: may use it.
    access: bool,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Makes a member an administrator inside a service, or ends that.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceAdministratorSetInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// The key of the service, for instance `mail`.
    service: String,
    /// `true`: manages it.
    administrator: bool,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of memberships.
#[derive(Default)]
pub(crate) struct MembershipMutations;

/// Mutations of memberships.
#[Object]
impl MembershipMutations {
    /// Makes an existing account a member of one more organisation; this takes a seat. For operators.
    async fn membership_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MembershipAddInput,
    ) -> Answer<Payload<MembershipAddInput, ChangedMember>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let member = fields.newcomer(&input.member);
            let kind = input.kind.into();
            let command = member.map(|(organisation, account)| Command::MemberAdd {
                organisation,
                account,
                kind,
            });
            done(fields, member, command).await
        };
        Some(change.await)
    }

    /// Makes a reader a full member, which takes another seat.
    async fn member_kind_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MemberKindSetInput,
    ) -> Answer<Payload<MemberKindSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |_| {
            Some(move |organisation, account| Command::MemberKindSet {
                organisation,
                account,
                kind: input.kind.into(),
            })
        })
        .await
    }

    /// Turns the administrator switch of a full member. Nobody turns their own, and the last administrator stays.
    async fn administrator_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AdministratorSetInput,
    ) -> Answer<Payload<AdministratorSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |_| {
            Some(move |organisation, account| Command::AdministratorSet {
                organisation,
                account,
                on: input.administrator,
            })
        })
        .await
    }

    /// Switches a service on or off for a member.
    async fn service_access_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ServiceAccessSetInput,
    ) -> Answer<Payload<ServiceAccessSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |fields| {
            let service = fields.text("service", &input.service, ServiceKind::parse)?;
            Some(move |organisation, account| Command::ServiceAccessSet {
                organisation,
                account,
                service,
                on: input.access,
            })
        })
        .await
    }

    /// Makes a member an administrator inside a service, or ends that.
    async fn service_administrator_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ServiceAdministratorSetInput,
    ) -> Answer<Payload<ServiceAdministratorSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |fields| {
            let service = fields.text("service", &input.service, ServiceKind::parse)?;
            Some(move |organisation, account| Command::ServiceAdministratorSet {
                organisation,
                account,
                service,
                on: input.administrator,
            })
        })
        .await
    }
}
