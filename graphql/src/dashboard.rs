//! The dashboard: accounts × services, on or off, and the administrator flag.

use async_graphql::{Context, ID, Object, SimpleObject};
use projections::directory::{self, AccountFilter as Filter, AccountOrder as Order};

use crate::{
    Answer,
    account::{Account, AccountFilter, AccountOrder},
    asking::{Asking, Sight},
    connection::{Connection, page},
    enums::MemberType,
    ids::GlobalId,
    organisation::Service,
    problem::Problem,
    scalar::Position,
};

/// Members × services of one organisation.
#[derive(SimpleObject)]
pub(crate) struct Dashboard {
    /// The columns: the services that there are, by key.
    services: Vec<DashboardService>,
    /// The rows: a page of the members.
    rows: Connection<DashboardRow>,
}

/// A column of the dashboard.
#[derive(SimpleObject)]
pub(crate) struct DashboardService {
    /// The service.
    service: Service,
    /// Whether the organisation has it on.
    enabled: bool,
}

/// A row of the dashboard.
pub(crate) struct DashboardRow(directory::DashboardRow);

/// A row of the dashboard: a member with each service.
#[Object]
impl DashboardRow {
    /// The member.
    async fn account(&self) -> Account {
        Account(self.0.account.clone())
    }

    /// Reader, full member, administrator or owner.
    #[graphql(name = "type")]
    async fn member_type(&self) -> Option<MemberType> {
        self.0.account.memberships.first().map(|membership| membership.member_type.into())
    }

    /// Whether the member manages the organisation, as administrator or owner.
    async fn administrator(&self) -> bool {
        let membership = self.0.account.memberships.first();
        membership.is_some_and(|one| one.member_type >= directory::MemberType::Administrator)
    }

    /// One cell per column, in the order of the columns.
    async fn services(&self) -> Vec<DashboardCell> {
        let cells = self.0.services.iter();
        cells
            .map(|cell| DashboardCell {
                service: Service::new(cell.service.clone()),
                access: cell.access,
                administrator: cell.administrator,
                effective: cell.effective,
            })
            .collect()
    }
}

/// A cell of the dashboard: what a member may do with a service.
#[derive(SimpleObject)]
pub(crate) struct DashboardCell {
    /// The service.
    service: Service,
    /// Whether it is switched on for the member.
    access: bool,
    /// Whether the member is an administrator inside it.
    administrator: bool,
    /// Whether the member can use it: switched on, on in the organisation, and allowed to this type of member.
    effective: bool,
}

/// Queries of the dashboard.
#[derive(Default)]
pub(crate) struct DashboardQueries;

/// Queries of the dashboard.
#[Object]
impl DashboardQueries {
    /// Members × services, on or off, and the administrator flag. Administrators see all members of the
    /// organisation, others only themselves.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a GraphQL field")]
    async fn dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the organisation; where none is given, the caller's.")]
        organisation: Option<ID>,
        #[graphql(desc = "Which members.")] filter: Option<AccountFilter>,
        #[graphql(desc = "In which order; by display name where none is given.")] order_by: Option<
            AccountOrder,
        >,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Dashboard> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            let request = page(first, after, last, before)?;
            let filter = filter.unwrap_or_default().parse()?;
            let order = order_by.map(Order::from).unwrap_or_default();
            let id = match organisation {
                Some(id) => GlobalId::organisation(&id),
                None => asking.viewer.organisation,
            };
            let id = id.ok_or(Problem::NotFound)?;
            let visible = asking.visible(Sight::Directory).await?;
            let directory = asking.directory();
            let found = directory.dashboard(visible, id, &filter, order, &request).await?;
            let found = found.ok_or(Problem::NotFound)?;
            let total = if ctx.look_ahead().field("rows").field("totalCount").exists() {
                let members = Filter::And(vec![Filter::Organisation(id), filter]);
                Some(directory.count_accounts(visible, &members).await?)
            } else {
                None
            };
            let services = found.services.into_iter();
            let services = services.map(|(service, enabled)| DashboardService {
                service: Service::new(service),
                enabled,
            });
            Ok(Dashboard {
                services: services.collect(),
                rows: Connection::new(found.page, total, DashboardRow),
            })
        };
        Some(read.await)
    }
}
