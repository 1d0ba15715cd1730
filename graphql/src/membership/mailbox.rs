//! Mailboxes: aliases, who sends on behalf, hidden, shared, copies.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use commands::Command;
use events::value::EmailAddress as Address;
use futures_util::future::join_all;
use projections::directory;

use super::{ChangedMember, change};
use crate::{
    Answer,
    account::{self, Account},
    input::{Conditions, MemberInput},
    payload::Payload,
    scalar::EmailAddress,
};

/// A member's mailbox.
pub(crate) struct Mailbox(pub(crate) directory::Mailbox);

/// A member's mailbox.
#[Object]
impl Mailbox {
    /// Further addresses that it receives mail for, oldest first.
    async fn aliases(&self) -> Vec<EmailAddress> {
        self.0.aliases.iter().map(Into::into).collect()
    }

    /// Who may send mail in the member's name, oldest first; null in the place of one whom the caller may not see.
    async fn send_on_behalf(&self, ctx: &Context<'_>) -> Vec<Answer<Account>> {
        join_all(self.0.send_on_behalf.iter().map(|id| account::referred(ctx, Some(*id)))).await
    }

    /// Whether the common address book leaves it out.
    async fn hidden(&self) -> bool {
        self.0.hidden
    }

    /// Whether it is a shared one, without sign-in of its own.
    async fn shared(&self) -> bool {
        self.0.shared
    }

    /// The address that gets a blind copy of all that is sent from it.
    async fn always_bcc(&self) -> Option<EmailAddress> {
        self.0.always_bcc.as_ref().map(Into::into)
    }
}

/// Lets a mailbox receive mail for one more address.
#[derive(Debug, InputObject)]
pub(crate) struct AliasAddInput {
    /// Whose mailbox.
    #[graphql(flatten)]
    member: MemberInput,
    /// The address, on a domain of the organisation and unique in the installation.
    alias: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Ends that a mailbox receives mail for an address.
#[derive(Debug, InputObject)]
pub(crate) struct AliasRemoveInput {
    /// Whose mailbox.
    #[graphql(flatten)]
    member: MemberInput,
    /// The address, which is free then.
    alias: String,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Lets another member send mail in a member's name, or ends that.
#[derive(Debug, InputObject)]
pub(crate) struct SendOnBehalfSetInput {
    /// In whose name.
    #[graphql(flatten)]
    member: MemberInput,
    /// Who sends: the global id of an account of the same organisation.
    delegate: ID,
    /// `true`: may; `false`: may not.
    on: bool,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Leaves a mailbox out of the common address book, or takes it in again.
#[derive(Debug, InputObject)]
pub(crate) struct MailboxHiddenSetInput {
    /// Whose mailbox.
    #[graphql(flatten)]
    member: MemberInput,
    /// `true`: left out.
    hidden: bool,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Makes a mailbox a shared one, without sign-in of its own, or ends that.
#[derive(Debug, InputObject)]
pub(crate) struct MailboxSharedSetInput {
    /// Whose mailbox.
    #[graphql(flatten)]
    member: MemberInput,
    /// `true`: shared.
    shared: bool,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Sets where a blind copy of all that a mailbox sends goes.
#[derive(Debug, InputObject)]
pub(crate) struct AlwaysBccSetInput {
    /// Whose mailbox.
    #[graphql(flatten)]
    member: MemberInput,
    /// The address; null: no copies any more. It must be given.
    address: MaybeUndefined<String>,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of mailboxes.
#[derive(Default)]
pub(crate) struct MailboxMutations;

/// Rules know the address of an alias as `address` or `email`; here it is `alias`.
const ALIAS: &[(&str, &str)] = &[("address", "alias"), ("email", "alias")];

/// Mutations of mailboxes.
#[Object]
impl MailboxMutations {
    /// Lets a mailbox receive mail for one more address.
    async fn alias_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AliasAddInput,
    ) -> Answer<Payload<AliasAddInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |fields| {
            let address = fields.spell(ALIAS).text("alias", &input.alias, Address::parse)?;
            Some(move |organisation, account| Command::AliasAdd { organisation, account, address })
        })
        .await
    }

    /// Ends that a mailbox receives mail for an address.
    async fn alias_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AliasRemoveInput,
    ) -> Answer<Payload<AliasRemoveInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |fields| {
            let address = fields.spell(ALIAS).text("alias", &input.alias, Address::parse)?;
            Some(move |organisation, account| Command::AliasRemove {
                organisation,
                account,
                address,
            })
        })
        .await
    }

    /// Lets another member send mail in a member's name, or ends that.
    async fn send_on_behalf_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SendOnBehalfSetInput,
    ) -> Answer<Payload<SendOnBehalfSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |fields| {
            let delegate = fields.account("delegate", &input.delegate)?;
            Some(move |organisation, account| Command::SendOnBehalfSet {
                organisation,
                account,
                delegate,
                on: input.on,
            })
        })
        .await
    }

    /// Leaves a mailbox out of the common address book, or takes it in again.
    async fn mailbox_hidden_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailboxHiddenSetInput,
    ) -> Answer<Payload<MailboxHiddenSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |_| {
            Some(move |organisation, account| Command::MailboxHiddenSet {
                organisation,
                account,
                hidden: input.hidden,
            })
        })
        .await
    }

    /// Makes a mailbox a shared one, without sign-in of its own, or ends that.
    async fn mailbox_shared_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailboxSharedSetInput,
    ) -> Answer<Payload<MailboxSharedSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |_| {
            Some(move |organisation, account| Command::MailboxSharedSet {
                organisation,
                account,
                shared: input.shared,
            })
        })
        .await
    }

    /// Sets where a blind copy of all that a mailbox sends goes.
    async fn always_bcc_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AlwaysBccSetInput,
    ) -> Answer<Payload<AlwaysBccSetInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |fields| {
            let address = fields.given("address", input.address, Address::parse)?;
            Some(move |organisation, account| Command::AlwaysBccSet {
                organisation,
                account,
                address,
            })
        })
        .await
    }
}
