//! The outbox: mails that wait, and what became of the others.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use commands::{Action, access::Verdict};
use events::{MailId, OrganisationId, mail};
use projections::{PageRequest, directory};

use crate::{
    Answer,
    account::{self, Account},
    asking::{Asking, Sight},
    connection::{Connection, counts, page},
    enums::MailKind,
    ids::GlobalId,
    organisation::{self, Organisation},
    problem::Problem,
    scalar::Position,
};

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::MailState")]
pub(crate) enum MailState {
    /// It is to be sent, for the first time or once more.
    Queued,
    /// It couldn't be delivered, and is tried again.
    Failed,
    /// A mail server took it.
    Sent,
    /// It isn't tried any more; `mailRetry` has it tried once more, as long as what it says is kept.
    GivenUp,
}

/// Why a mail is not tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "mail::GivenUpReason")]
pub(crate) enum MailGivenUpReason {
    /// The server refused it for good: no such address, for instance.
    Refused,
    /// It was tried as often as a mail is.
    Exhausted,
    /// What it was to say holds no longer.
    Expired,
    /// It can't be written: its contents are gone, or its template doesn't work.
    Unwritable,
}

/// Which mails.
#[derive(Debug, Default, InputObject)]
pub(crate) struct MailFilter {
    /// In one of these states.
    state: Option<Vec<MailState>>,
    /// Of one of these kinds.
    kind: Option<Vec<MailKind>>,
}

/// A mail.
pub(crate) struct Mail(pub(crate) directory::Mail);

/// A mail. What it says is shown to nobody but whom it is to.
#[Object]
impl Mail {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Mail(self.0.id).into()
    }

    /// What it is about.
    async fn kind(&self) -> MailKind {
        self.0.kind.into()
    }

    /// In which organisation's name it is; null where it is in that of the installation.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, self.0.organisation).await
    }

    /// To whom it is.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, Some(self.0.account)).await
    }

    /// How far it has come.
    async fn state(&self) -> MailState {
        self.0.state.into()
    }

    /// Since when that is so.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// How often it was tried.
    async fn tries(&self) -> u32 {
        self.0.attempts
    }

    /// When it is tried again; null where nothing was put off.
    async fn next_try_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_at
    }

    /// What the mail server said the last time, or what went wrong on the way to it.
    async fn reply(&self) -> Option<&str> {
        self.0.reply.as_deref()
    }

    /// Why it isn't tried any more, where it isn't.
    async fn reason(&self) -> Option<MailGivenUpReason> {
        self.0.reason.map(Into::into)
    }

    /// When it was asked for.
    async fn queued_at(&self) -> DateTime<Utc> {
        self.0.queued_at
    }

    /// From then on it is of no use and isn't sent any more.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
}

/// A mail that the caller may see; an error where there is none.
pub(crate) async fn get(asking: &Asking<'_>, id: MailId) -> Result<Mail, Problem> {
    let visible = asking.visible(Sight::Directory).await?;
    let found = asking.directory().mail(visible, id).await?.ok_or(Problem::NotFound)?;
    may_see(asking, found.organisation).await?;
    Ok(Mail(found))
}

/// The outbox is the affair of those who can have a mail tried again, not of programs.
pub(super) async fn may_see(
    asking: &Asking<'_>,
    organisation: Option<OrganisationId>,
) -> Result<(), Problem> {
    match asking.standing(organisation).await?.may(Action::MailRetry) {
        Verdict::Allowed => Ok(()),
        Verdict::SignInFirst => Err(Problem::Unauthenticated),
        Verdict::Forbidden => Err(Problem::NotFound),
    }
}

/// Queries about mails.
#[derive(Default)]
pub(crate) struct OutboxQueries;

/// Queries about mails.
#[Object]
impl OutboxQueries {
    /// The mails of an organisation, newest first: those that wait, and what became of the others. For its
    /// administrators, and for operators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a GraphQL field")]
    async fn mails(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The global id of the organisation; where none is given, the caller's, or for \
                          operators who work in none, all mails of the installation."
        )]
        organisation: Option<ID>,
        #[graphql(desc = "Only these.")] filter: Option<MailFilter>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Connection<Mail>> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            let request = page(first, after, last, before)?;
            let id = match organisation {
                Some(id) => Some(GlobalId::organisation(&id).ok_or(Problem::NotFound)?),
                None => asking.viewer.organisation,
            };
            let visible = asking.visible(Sight::Directory).await?;
            may_see(&asking, id).await?;
            let MailFilter { state, kind } = filter.unwrap_or_default();
            let filter = directory::MailFilter {
                states: state.unwrap_or_default().into_iter().map(Into::into).collect(),
                kinds: kind.unwrap_or_default().into_iter().map(Into::into).collect(),
                usable_at: None,
            };
            let directory = asking.directory();
            let page = directory.mails(visible, id, &filter, &request).await?;
            let total = if counts(ctx) {
                Some(directory.count_mails(visible, id, &filter, &PageRequest::ALL).await?)
            } else {
                None
            };
            Ok(Connection::new(page, total, Mail))
        };
        Some(read.await)
    }
}
