//! Who and what there is now: organisations, accounts with their memberships, service keys, sessions.

mod account;
mod filter;
mod organisation;

use chrono::{DateTime, Utc};
use events::{
    AccountId, Actor, OrganisationId, Origin, ServiceKeyId, SessionId,
    value::{Scope, ServiceKind},
};
use serde::{Deserialize, Serialize};

pub use account::{Account, AccountStatus, Mailbox, MemberType, Membership, ServiceAccess};
pub use filter::{AccountFilter, AccountOrder, AccountSort, Comparator, TextField};
pub use organisation::{Organisation, Seats};

use crate::{Page, PageRequest, QueryError, Visible};

/// Reads who and what there is now. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Directory {}

/// A row of the dashboard: a member with each service of the organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct DashboardRow {
    /// The member; [`Account::memberships`] holds the one membership of this dashboard.
    pub account: Account,
    /// One per service, in the order of [`Dashboard::services`].
    pub services: Vec<DashboardCell>,
}

/// What a member may do with a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DashboardCell {
    /// Which service.
    pub service: ServiceKind,
    /// Whether it is switched on for the member.
    pub access: bool,
    /// Whether the member is an administrator inside it.
    pub administrator: bool,
    /// Whether the member can use it: switched on, on in the organisation, and allowed to this type of member.
    pub effective: bool,
}

/// A page of the dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// The services that there are, in order of their keys, each with whether the organisation has it on.
    pub services: Vec<(ServiceKind, bool)>,
    /// Members × services.
    pub page: Page<DashboardRow>,
}

/// A program's way into an organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceKey {
    /// Its id.
    pub id: ServiceKeyId,
    /// Which organisation it reaches.
    pub organisation: OrganisationId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: Actor,
    /// Until when; none: until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Somebody is signed in. Sessions that ended are in the history only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who.
    pub account: AccountId,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// From where; none where it isn't known or was erased.
    pub origin: Option<Origin>,
}

/// A service that was registered beside the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredService {
    /// Its key.
    pub service: ServiceKind,
    /// Its name, for people.
    pub name: String,
}

impl Directory {
    /// An account, if there is one and it may be seen. Concurrent calls share a statement.
    pub async fn account(
        &self,
        visible: Visible,
        id: AccountId,
    ) -> Result<Option<Account>, QueryError> {
        let _ = (visible, id);
        Ok(None)
    }

    /// An operator's or member's account by username, compared as usernames are.
    pub async fn account_by_username(
        &self,
        visible: Visible,
        username: &str,
    ) -> Result<Option<Account>, QueryError> {
        let _ = (visible, username);
        Ok(None)
    }

    /// A page of the accounts that fit a filter; deleted ones come last in every order.
    pub async fn accounts(
        &self,
        visible: Visible,
        filter: &AccountFilter,
        order: AccountOrder,
        page: &PageRequest,
    ) -> Result<Page<Account>, QueryError> {
        let _ = (visible, filter, order, page);
        Err(QueryError::BadCursor)
    }

    /// How many accounts fit a filter. Looks at each of them.
    pub async fn count_accounts(
        &self,
        visible: Visible,
        filter: &AccountFilter,
    ) -> Result<u64, QueryError> {
        let _ = (visible, filter);
        Ok(0)
    }

    /// A page of the dashboard of an organisation; none if the organisation may not be seen.
    pub async fn dashboard(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        filter: &AccountFilter,
        order: AccountOrder,
        page: &PageRequest,
    ) -> Result<Option<Dashboard>, QueryError> {
        let _ = (visible, organisation, filter, order, page);
        Ok(None)
    }

    /// An organisation, if there is one and it may be seen; members see their own. Concurrent calls share a statement.
    pub async fn organisation(
        &self,
        visible: Visible,
        id: OrganisationId,
    ) -> Result<Option<Organisation>, QueryError> {
        let _ = (visible, id);
        Ok(None)
    }

    /// A page of the organisations by name; `name_contains` may be empty.
    pub async fn organisations(
        &self,
        visible: Visible,
        name_contains: &str,
        page: &PageRequest,
    ) -> Result<Page<Organisation>, QueryError> {
        let _ = (visible, name_contains, page);
        Err(QueryError::BadCursor)
    }

    /// How many organisations there are.
    pub async fn count_organisations(
        &self,
        visible: Visible,
        name_contains: &str,
    ) -> Result<u64, QueryError> {
        let _ = (visible, name_contains);
        Ok(0)
    }

    /// A service key, if there is one and it may be seen.
    pub async fn service_key(
        &self,
        visible: Visible,
        id: ServiceKeyId,
    ) -> Result<Option<ServiceKey>, QueryError> {
        let _ = (visible, id);
        Ok(None)
    }

    /// A page of the service keys of an organisation, newest first, revoked ones included.
    pub async fn service_keys(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        page: &PageRequest,
    ) -> Result<Page<ServiceKey>, QueryError> {
        let _ = (visible, organisation, page);
        Err(QueryError::BadCursor)
    }

    /// A page of the running sessions of an account, newest first.
    pub async fn sessions(
        &self,
        visible: Visible,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Session>, QueryError> {
        let _ = (visible, account, page);
        Err(QueryError::BadCursor)
    }

    /// A running session, if there is one and it may be seen.
    pub async fn session(
        &self,
        visible: Visible,
        id: SessionId,
    ) -> Result<Option<Session>, QueryError> {
        let _ = (visible, id);
        Ok(None)
    }

    /// Who runs the installation, for operators only: empty for others.
    pub async fn operators(&self, visible: Visible) -> Result<Vec<Account>, QueryError> {
        let _ = visible;
        Ok(Vec::new())
    }

    /// The services that were registered beside the built-in ones, by key.
    pub async fn registered_services(&self) -> Result<Vec<RegisteredService>, QueryError> {
        Ok(Vec::new())
    }
}
