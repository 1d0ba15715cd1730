//! Mails that were given up, tried once more: one, or all that are still of use.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use commands::{Action, Command, access::Verdict};
use events::{MailId, OrganisationId};
use projections::{PageRequest, directory};

use super::list::{Mail, get};
use crate::{
    Answer,
    asking::{Asking, Sight},
    connection::cursor,
    ids::GlobalId,
    input::{Fields, Once},
    payload::{Outcome, Payload, Seen, Shown},
    problem::Problem,
    user_error::UserError,
};

/// So many mails are tried again in one request: each is an event.
const MOST: u32 = 50;

/// Has a mail that was given up tried once more.
#[derive(Debug, InputObject)]
pub(crate) struct MailRetryInput {
    /// The global id of the mail, or its id as the history has it in the name of its stream.
    mail: ID,
    /// The global id of the organisation in whose name it is; where none is given, the caller's, or for operators who
    /// work in none, the installation.
    organisation: Option<ID>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// Has all mails that were given up tried once more that are still of use, 50 at a time, the newest first.
#[derive(Debug, InputObject)]
pub(crate) struct MailRetryAllInput {
    /// The global id of the organisation in whose name they are; where none is given, the caller's, or for operators who
    /// work in none, all mails of the installation.
    organisation: Option<ID>,
    /// The `endCursor` of the answer before, to go on after it.
    after: Option<String>,
}

/// The object of a mutation about a mail.
pub(crate) struct RetriedMail {
    mail: Option<MailId>,
    seen: Seen,
}

impl Shown for RetriedMail {
    const WHAT: &'static str = "the mail, as it is now";
}

/// The object of a mutation about a mail.
#[Object]
impl RetriedMail {
    /// The mail, as it is now; null where there is none that the caller may see.
    async fn mail(&self, ctx: &Context<'_>) -> Answer<Mail> {
        shown(ctx, self.mail, self.seen).await
    }
}

/// What became of trying a mail once more.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct MailRetryResult {
    /// Whether it is tried once more.
    retried: bool,
    /// Why not.
    user_errors: Vec<UserError>,
    #[graphql(skip)]
    mail: MailId,
    #[graphql(skip)]
    seen: Seen,
}

#[ComplexObject]
impl MailRetryResult {
    /// The mail, as it is now.
    async fn mail(&self, ctx: &Context<'_>) -> Answer<Mail> {
        shown(ctx, Some(self.mail), self.seen).await
    }
}

/// What trying all shows.
#[derive(SimpleObject)]
pub(crate) struct RetriedAll {
    /// What became of each mail of this batch.
    results: Option<Vec<MailRetryResult>>,
    /// How many mails come after this batch.
    remaining: Option<u64>,
    /// Where the next batch begins, for `after`; null where this was the last one.
    end_cursor: Option<String>,
}

impl Shown for RetriedAll {
    const WHAT: &'static str = "what became of each mail of this batch, and what is left";
}

/// A mail in the payload of a mutation: read once the mutation is visible.
async fn shown(ctx: &Context<'_>, mail: Option<MailId>, seen: Seen) -> Answer<Mail> {
    let mail = mail?;
    let read = async {
        let asking = Asking::of(ctx)?;
        seen.ready(&asking).await?;
        get(&asking, mail).await
    };
    match read.await {
        Err(Problem::NotFound) => None,
        read => Some(read),
    }
}

/// Mutations that have mails tried once more.
#[derive(Default)]
pub(crate) struct MailRetrying;

/// Mutations that have mails tried once more.
#[Object]
impl MailRetrying {
    /// Has a mail that was given up tried once more, as long as what it says is kept. For administrators, and for
    /// operators.
    async fn mail_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailRetryInput,
    ) -> Answer<Payload<MailRetryInput, RetriedMail>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let fields = Fields::of(asking, input.once)?;
            let organisation: Option<OrganisationId> = match &input.organisation {
                Some(id) => GlobalId::organisation(id),
                None => asking.viewer.organisation,
            };
            let mail = GlobalId::mail(&input.mail);
            // A text that is no such id is answered like an id of nothing.
            let id = mail.unwrap_or_else(|| MailId::new(uuid::Uuid::nil()));
            let command = Command::MailRetry { organisation, mail: id };
            let outcome = fields.handle(Some(command)).await?;
            let seen = outcome.seen();
            Ok(outcome.with(RetriedMail { mail, seen }))
        };
        Some(change.await)
    }

    /// Has all mails that were given up tried once more that are still of use, a batch at a time: ask again with `after`
    /// until `endCursor` is null. What is on its way already is left alone, so asking twice does nothing twice. For
    /// administrators, and for operators.
    async fn mail_retry_all(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailRetryAllInput,
    ) -> Answer<Payload<MailRetryAllInput, RetriedAll>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let organisation = match &input.organisation {
                Some(id) => Some(GlobalId::organisation(id).ok_or(Problem::NotFound)?),
                None => asking.viewer.organisation,
            };
            match asking.standing(organisation).await?.may(Action::MailRetry) {
                Verdict::Allowed => {}
                Verdict::SignInFirst => return Err(Problem::Unauthenticated),
                Verdict::Forbidden => return Err(Problem::Forbidden),
            }
            asking.wait_for(asking.head()).await?;
            let batch = Batch::of(&asking, organisation, input.after).await?;
            let mut position = asking.position();
            let mut retried = Vec::new();
            for mail in batch.mails {
                let outcome = retry(&asking, &mail).await?;
                position = position.max(outcome.position);
                retried.push((mail.id, outcome.errors));
            }
            let seen = Seen::Done(position);
            let results = retried.into_iter().map(|(mail, user_errors)| MailRetryResult {
                retried: user_errors.is_empty(),
                user_errors,
                mail,
                seen,
            });
            let shown = RetriedAll {
                results: Some(results.collect()),
                remaining: Some(batch.remaining),
                end_cursor: batch.end_cursor,
            };
            Ok(Outcome::refused(position, Vec::new()).with(shown))
        };
        Some(change.await)
    }
}

/// Some of the mails that can be tried once more.
struct Batch {
    mails: Vec<directory::Mail>,
    remaining: u64,
    end_cursor: Option<String>,
}

impl Batch {
    async fn of(
        asking: &Asking<'_>,
        organisation: Option<OrganisationId>,
        after: Option<String>,
    ) -> Result<Self, Problem> {
        let visible = asking.visible(Sight::Directory).await?;
        // Only to leave out what would be refused: the write side asks its own clock.
        let filter = directory::MailFilter::retriable(asking.api.handler.now());
        let request = PageRequest::First { count: MOST, after: cursor(after)? };
        let directory = asking.directory();
        let page = directory.mails(visible, organisation, &filter, &request).await?;
        let last = page.edges.last().map(|edge| edge.cursor.clone()).filter(|_| page.has_next);
        let remaining = match &last {
            None => 0,
            Some(last) => {
                let rest = PageRequest::First { count: 0, after: Some(last.clone()) };
                directory.count_mails(visible, organisation, &filter, &rest).await?
            }
        };
        let mails = page.edges.into_iter().map(|edge| edge.node).collect();
        Ok(Self { mails, remaining, end_cursor: last.map(|last| last.to_string()) })
    }
}

/// Each mail in the name of its own organisation.
async fn retry(asking: &Asking<'_>, mail: &directory::Mail) -> Result<Outcome, Problem> {
    let fields = Fields::of(*asking, Once::default())?;
    let command = Command::MailRetry { organisation: mail.organisation, mail: mail.id };
    fields.handle(Some(command)).await
}
