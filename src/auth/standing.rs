//! What the write side knows about an account, as far as signing in is concerned.

use commands::handle::AccountState;
use events::OrganisationId;

/// Nobody may sign in to the account now.
pub(super) struct Barred;

/// Where an account works: its default organisation, else the first that lets it in. Operators may have none.
///
/// Locked, deleted and deactivated accounts are barred, and so are members of nothing.
pub(super) fn works_in(state: &AccountState) -> Result<Option<OrganisationId>, Barred> {
    if state.credential.is_none() {
        return Err(Barred);
    }
    acted_for_in(state)
}

/// Where an operator who acts for an account works: also for one that nobody can sign in to yet.
pub(super) fn acted_for_in(state: &AccountState) -> Result<Option<OrganisationId>, Barred> {
    if state.deleted || state.locked {
        return Err(Barred);
    }
    let mut active = state.memberships.iter().filter(|member| member.active);
    let default =
        active.clone().find(|member| Some(member.organisation) == state.default_organisation);
    match default.or_else(|| active.next()) {
        Some(member) => Ok(Some(member.organisation)),
        None if state.operator => Ok(None),
        None => Err(Barred),
    }
}

/// What bars an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// The account is locked or deleted.
    Account,
    /// It may not work in this organisation.
    Organisation(OrganisationId),
    /// It doesn't run the installation any more.
    Operator,
}

/// Where an account would work if it were barred like this.
pub(super) fn works_without(
    mut state: AccountState,
    bar: Bar,
) -> Result<Option<OrganisationId>, Barred> {
    match bar {
        Bar::Account => return Err(Barred),
        Bar::Organisation(organisation) => {
            state.memberships.retain(|member| member.organisation != organisation);
        }
        Bar::Operator => state.operator = false,
    }
    works_in(&state)
}
