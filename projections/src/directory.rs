//! Who and what there is now: organisations, accounts with their memberships, service keys, sessions.

mod account;
mod called;
mod document;
mod factor;
mod filter;
mod mail;
mod message;
mod organisation;
mod small;

mod condition;
mod list;
mod scope;
mod sql;

#[cfg(test)]
mod plans;

mod desk;
mod dossier;
mod listing;
mod projector;
mod rows;
mod sheets;
mod statements;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use events::{
    AccountId, Actor, OrganisationId, Origin, Position, ServiceKeyId, SessionId,
    loader::Loader,
    value::{self, ServiceKind},
};
use serde::{Deserialize, Serialize};

pub use account::{Account, AccountStatus, Mailbox, MemberType, Membership, ServiceAccess};
pub use document::Document;
pub use factor::Factor;
pub use filter::{
    AccountFilter, AccountOrder, AccountSort, Comparator, MomentField, Since, TextField,
};
pub use mail::{Mail, MailFilter, MailState};
pub use message::SystemMessage;
pub use organisation::{InvitationLink, Organisation, Seats};

pub(crate) use dossier::Dossier;
pub(crate) use projector::Projector;

use crate::{Edge, Page, PageRequest, QueryError, Visible, page::Window, seat::Seat};
use scope::Scope;

/// Reads who and what there is now. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    seat: Arc<Seat>,
    accounts: Loader<AccountId, Arc<Dossier>, QueryError>,
    organisations: Loader<OrganisationId, Arc<Organisation>, QueryError>,
}

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

/// What is known of something that is referred to by its id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Its name; none when it was erased.
    pub(crate) name: Option<String>,
    /// Whether whoever may see something may see its name whatever it did: in an organisation its members, former
    /// ones too, and operators.
    pub(crate) belongs: bool,
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
    pub scopes: Vec<value::Scope>,
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
    /// The operator who acts for the account, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
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
    pub(crate) fn new(seat: Arc<Seat>) -> Self {
        let (accounts, organisations) = (seat.clone(), seat.clone());
        Self {
            seat,
            accounts: Loader::new(move |ids| small::dossiers(accounts.serving(), ids)),
            organisations: Loader::new(move |ids| {
                small::organisations(organisations.serving(), ids)
            }),
        }
    }

    /// An account, if there is one and it may be seen. Concurrent calls share a statement.
    pub async fn account(
        &self,
        visible: Visible,
        id: AccountId,
    ) -> Result<Option<Account>, QueryError> {
        if matches!(visible, Visible::Account(own) if own != id) {
            return Ok(None);
        }
        Ok(self.accounts.get(id).await?.and_then(|dossier| dossier.show(visible)))
    }

    /// A page of the accounts that fit a filter; deleted ones come last in every order.
    pub async fn accounts(
        &self,
        visible: Visible,
        filter: &AccountFilter,
        order: AccountOrder,
        page: &PageRequest,
    ) -> Result<Page<Account>, QueryError> {
        self.list(visible.into(), filter, order, page).await
    }

    async fn list(
        &self,
        scope: Scope,
        filter: &AccountFilter,
        order: AccountOrder,
        page: &PageRequest,
    ) -> Result<Page<Account>, QueryError> {
        let window = Window::read(page, &list::name(order))?;
        let position = self.position();
        let serving = self.seat.serving();
        let mut connection = serving.readers.acquire().await?;
        let rows = list::read(&mut connection, scope, filter, order, &window).await?;
        Ok(window.page(rows, position))
    }

    /// How many accounts fit a filter. Looks at each of them.
    pub async fn count_accounts(
        &self,
        visible: Visible,
        filter: &AccountFilter,
    ) -> Result<u64, QueryError> {
        let serving = self.seat.serving();
        let mut connection = serving.readers.acquire().await?;
        list::count(&mut connection, visible.into(), filter).await
    }

    /// A page of the dashboard of an organisation; none if the organisation may not be seen.
    /// Who may see one account only sees its row.
    pub async fn dashboard(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        filter: &AccountFilter,
        order: AccountOrder,
        page: &PageRequest,
    ) -> Result<Option<Dashboard>, QueryError> {
        let Some(scope) = Scope::within(visible, organisation) else { return Ok(None) };
        let (found, registered) = tokio::try_join!(
            self.organisation(visible, organisation),
            self.registered_services(),
        )?;
        let Some(found) = found else { return Ok(None) };
        let page = self.list(scope, filter, order, page).await?;
        Ok(Some(Dashboard::new(&found, &registered, page)))
    }

    /// How many rows the dashboard of an organisation has; none if the organisation may not be seen.
    pub async fn count_dashboard(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        filter: &AccountFilter,
    ) -> Result<Option<u64>, QueryError> {
        let Some(scope) = Scope::within(visible, organisation) else { return Ok(None) };
        let serving = self.seat.serving();
        let mut connection = serving.readers.acquire().await?;
        Ok(Some(list::count(&mut connection, scope, filter).await?))
    }

    /// An organisation, if there is one and it may be seen; members see their own. Concurrent calls share a statement.
    pub async fn organisation(
        &self,
        visible: Visible,
        id: OrganisationId,
    ) -> Result<Option<Organisation>, QueryError> {
        let may_be_seen = match visible {
            Visible::Everything => true,
            Visible::Organisation(own) => own == id,
            Visible::Account(own) => self
                .account(visible, own)
                .await?
                .is_some_and(|account| account.membership(id).is_some()),
        };
        if !may_be_seen {
            return Ok(None);
        }
        Ok(self.organisations.get(id).await?.map(|found| (*found).clone()))
    }

    /// Everything up to here is visible.
    pub fn position(&self) -> Position {
        *self.seat.position().borrow()
    }
}

impl Dashboard {
    fn new(
        organisation: &Organisation,
        registered: &[RegisteredService],
        page: Page<Account>,
    ) -> Self {
        let mut services: Vec<ServiceKind> = ServiceKind::BUILT_IN
            .into_iter()
            .filter_map(|key| ServiceKind::parse(key).ok())
            .chain(registered.iter().map(|registered| registered.service.clone()))
            .collect();
        services.sort_unstable();
        let services: Vec<_> = services
            .into_iter()
            .map(|service| {
                let is_on = organisation.services.contains(&service);
                (service, is_on)
            })
            .collect();
        let Page { edges, has_next, has_previous, position } = page;
        let edges = edges
            .into_iter()
            .map(|Edge { cursor, node }| Edge {
                cursor,
                node: DashboardRow {
                    services: services
                        .iter()
                        .map(|(service, is_on)| DashboardCell::new(&node, service, *is_on))
                        .collect(),
                    account: node,
                },
            })
            .collect();
        Self { services, page: Page { edges, has_next, has_previous, position } }
    }
}

impl DashboardCell {
    fn new(account: &Account, service: &ServiceKind, is_on: bool) -> Self {
        let membership = account.memberships.first();
        let switch = membership.and_then(|membership| membership.services.get(service));
        let ServiceAccess { access, administrator } = switch.copied().unwrap_or_default();
        let is_allowed = service.is_for_readers()
            || membership.is_some_and(|membership| membership.member_type > MemberType::Reader);
        let effective = access && is_on && is_allowed;
        Self { service: service.clone(), access, administrator, effective }
    }
}
