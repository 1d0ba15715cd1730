//! What is changed in accounts as a whole: barred, let in, deleted, unlocked, moved.

use async_graphql::{Context, ID, InputObject, Object};
use commands::Command;
use events::value::Text;

use super::ChangedAccount;
use crate::{
    Answer,
    asking::Asking,
    input::{Conditions, Fields, MemberInput},
    membership::{ChangedMember, change, done},
    payload::Payload,
};

/// Bars a member from the organisation until it is reactivated.
#[derive(Debug, InputObject)]
pub(crate) struct AccountDeactivateInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// Why, in the administrator's words.
    reason: Option<String>,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Lets a member in again.
#[derive(Debug, InputObject)]
pub(crate) struct AccountReactivateInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Ends a membership; with its last one the account is gone.
#[derive(Debug, InputObject)]
pub(crate) struct AccountDeleteInput {
    /// Whom, and where.
    #[graphql(flatten)]
    member: MemberInput,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Lets passwords of an account be evaluated again.
#[derive(Debug, InputObject)]
pub(crate) struct AccountUnlockInput {
    /// The global id of the account.
    account: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Sets the organisation that an account works in when it signs in.
#[derive(Debug, InputObject)]
pub(crate) struct DefaultOrganisationSetInput {
    /// The global id of the account; where none is given, the caller's.
    account: Option<ID>,
    /// The global id of one of its organisations.
    organisation: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of accounts.
#[derive(Default)]
pub(crate) struct AccountMutations;

/// Mutations of accounts.
#[Object]
impl AccountMutations {
    /// Bars a member from the organisation until it is reactivated. Its sessions end at once; its seat stays taken.
    async fn account_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AccountDeactivateInput,
    ) -> Answer<Payload<AccountDeactivateInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |fields| {
            let reason = fields.optional("reason", input.reason.as_deref(), Text::parse)?;
            Some(move |organisation, account| Command::AccountDeactivate {
                organisation,
                account,
                reason,
            })
        })
        .await
    }

    /// Lets a member in again.
    async fn account_reactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AccountReactivateInput,
    ) -> Answer<Payload<AccountReactivateInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |_| {
            Some(move |organisation, account| Command::AccountReactivate { organisation, account })
        })
        .await
    }

    /// Ends a membership, which frees its seat and its aliases. With its last membership the account
    /// is gone; its username stays taken.
    async fn account_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AccountDeleteInput,
    ) -> Answer<Payload<AccountDeleteInput, ChangedMember>> {
        change(ctx, &input.member, input.conditions, |_| {
            Some(move |organisation, account| Command::AccountDelete { organisation, account })
        })
        .await
    }

    /// Lets passwords of an account be evaluated again, after too many wrong ones.
    async fn account_unlock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AccountUnlockInput,
    ) -> Answer<Payload<AccountUnlockInput, ChangedAccount>> {
        let unlock = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let account = fields.account("account", &input.account);
            let command = account.map(|account| Command::AccountUnlock { account });
            let outcome = fields.handle(command).await?;
            let seen = outcome.seen();
            Ok(outcome.with(ChangedAccount { account, seen }))
        };
        Some(unlock.await)
    }

    /// Sets the organisation that an account works in when it signs in. For the person and for operators.
    async fn default_organisation_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DefaultOrganisationSetInput,
    ) -> Answer<Payload<DefaultOrganisationSetInput, ChangedMember>> {
        let set = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let account = fields.account_or_oneself(input.account.as_ref());
            let organisation = fields.organisation(Some(&input.organisation));
            let member = organisation.zip(account);
            let command = member.map(|(organisation, account)| Command::DefaultOrganisationSet {
                account,
                organisation,
            });
            done(fields, member, command).await
        };
        Some(set.await)
    }
}
