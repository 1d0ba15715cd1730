//! Everything that has a global id.

use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::join_all;

use crate::{
    Answer,
    account::{self, Account},
    asking::{Asking, Sight},
    document::{self, Document},
    history::HistoryEntry,
    ids::GlobalId,
    invitation::{self, InvitationLink},
    mail::{self, Mail},
    membership::{self, Membership},
    organisation::{self, Organisation},
    problem::Problem,
    projection::{self, Projection},
    scalar::Position,
    service_key::{self, ServiceKey},
    session::{self, Session},
};

/// Something with a global id.
#[derive(Interface)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives as long as one answer, and most are accounts"
)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub(crate) enum Node {
    /// An account.
    Account(Account),
    /// An organisation.
    Organisation(Organisation),
    /// What an account is in an organisation.
    Membership(Membership),
    /// A session.
    Session(Session),
    /// A service key.
    ServiceKey(ServiceKey),
    /// A letter that waits to be printed.
    Document(Document),
    /// A mail.
    Mail(Mail),
    /// A link by which people join an organisation.
    InvitationLink(InvitationLink),
    /// One thing that happened.
    HistoryEntry(HistoryEntry),
    /// A read model.
    Projection(Projection),
}

/// How many ids can be asked for at a time.
const MOST: usize = 100;

/// Queries by global id.
#[derive(Default)]
pub(crate) struct NodeQueries;

/// Queries by global id.
#[Object]
impl NodeQueries {
    /// The thing with a global id. One that isn't there and one that the caller may not see are both `NOT_FOUND`.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Node> {
        Some(async { find(&Asking::at_least(ctx, at_least).await?, &id).await }.await)
    }

    /// The things with these global ids, in this order; null with an error `NOT_FOUND` in the place of each that
    /// isn't there or that the caller may not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, 100 at most.")] ids: Vec<ID>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Vec<Answer<Node>>> {
        let read = async {
            if ids.len() > MOST {
                let message = format!("At most {MOST} ids can be asked for at a time.");
                return Err(Problem::BadUserInput(message));
            }
            let asking = Asking::at_least(ctx, at_least).await?;
            let found = ids.iter().map(|id| async { Some(find(&asking, id).await) });
            Ok(join_all(found).await)
        };
        Some(read.await)
    }
}

async fn find(asking: &Asking<'_>, id: &ID) -> Result<Node, Problem> {
    match GlobalId::parse(id).ok_or(Problem::NotFound)? {
        GlobalId::Account(id) => account::get(asking, id).await.map(Node::Account),
        GlobalId::Organisation(id) => organisation::get(asking, id).await.map(Node::Organisation),
        GlobalId::Membership(organisation, account) => {
            membership::get(asking, organisation, account).await.map(Node::Membership)
        }
        GlobalId::Session(id) => session::get(asking, id).await.map(Node::Session),
        GlobalId::ServiceKey(id) => service_key::get(asking, id).await.map(Node::ServiceKey),
        GlobalId::Document(id) => document::get(asking, id).await.map(Node::Document),
        GlobalId::Mail(id) => mail::get(asking, id).await.map(Node::Mail),
        GlobalId::InvitationLink(organisation, link) => {
            invitation::get(asking, organisation, link).await.map(Node::InvitationLink)
        }
        GlobalId::Event(position) => {
            let visible = asking.visible(Sight::History).await?;
            let found = asking.history().at(visible, position).await?;
            found.map(HistoryEntry).map(Node::HistoryEntry).ok_or(Problem::NotFound)
        }
        // It stands with its account.
        GlobalId::Factor(..) => Err(Problem::NotFound),
        GlobalId::Projection(name) => projection::get(asking, &name).await.map(Node::Projection),
    }
}
