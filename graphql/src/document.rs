//! Documents: letters that wait to be printed and posted.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use commands::{Action, Command, access::Verdict};
use events::{LetterId, OrganisationId};
use projections::directory;

use crate::{
    Answer,
    account::{self, Account, ChangedAccount},
    asking::{Asking, Sight},
    connection::{Connection, counts, page},
    ids::GlobalId,
    input::{Conditions, Fields},
    organisation::{self, Organisation},
    payload::Payload,
    problem::Problem,
    scalar::Position,
};

/// A letter that waits to be printed and posted.
pub(crate) struct Document(pub(crate) directory::Document);

/// A letter that waits to be printed and posted. One that was used, or replaced by a newer one, is in the history only.
#[Object]
impl Document {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Document(self.0.id).into()
    }

    /// What it is about, in the caller's language.
    async fn subject(&self, ctx: &Context<'_>) -> Answer<&'static str> {
        let read = async {
            let asking = Asking::of(ctx)?;
            Ok(asking.api.gate.letter_subject(asking.language().await))
        };
        Some(read.await)
    }

    /// In which organisation's name it is.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, Some(self.0.organisation)).await
    }

    /// To whom it is.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::referred(ctx, Some(self.0.account)).await
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was first downloaded. A day after that it can't be downloaded any more.
    async fn downloaded_at(&self) -> Option<DateTime<Utc>> {
        self.0.downloaded_at
    }

    /// Until when what it says works.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// Where its administrators download it, as a PDF.
    async fn path(&self) -> String {
        format!("/documents/{}", self.0.id)
    }
}

/// A document that the caller may see; an error where there is none.
pub(crate) async fn get(asking: &Asking<'_>, id: LetterId) -> Result<Document, Problem> {
    let visible = asking.visible(Sight::Directory).await?;
    let found = asking.directory().document(visible, id).await?.ok_or(Problem::NotFound)?;
    may_see(asking, found.organisation).await?;
    Ok(Document(found))
}

/// Letters are the affair of those who manage the organisation, not of programs.
async fn may_see(asking: &Asking<'_>, organisation: OrganisationId) -> Result<(), Problem> {
    match asking.standing(Some(organisation)).await?.may(Action::LetterRemove) {
        Verdict::Allowed => Ok(()),
        Verdict::SignInFirst => Err(Problem::Unauthenticated),
        Verdict::Forbidden => Err(Problem::NotFound),
    }
}

/// Queries about documents.
#[derive(Default)]
pub(crate) struct DocumentQueries;

/// Queries about documents.
#[Object]
impl DocumentQueries {
    /// The letters of an organisation that wait to be printed and posted, newest first. For its administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a GraphQL field")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the organisation; where none is given, the caller's.")]
        organisation: Option<ID>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until this position of the log is visible.")] at_least: Option<
            Position,
        >,
    ) -> Answer<Connection<Document>> {
        let read = async {
            let asking = Asking::at_least(ctx, at_least).await?;
            let request = page(first, after, last, before)?;
            let id = match organisation {
                Some(id) => GlobalId::organisation(&id),
                None => asking.viewer.organisation,
            };
            let id = id.ok_or(Problem::NotFound)?;
            let visible = asking.visible(Sight::Directory).await?;
            may_see(&asking, id).await?;
            let directory = asking.directory();
            let page = directory.documents(visible, id, &request).await?;
            let total = if counts(ctx) {
                Some(directory.count_documents(visible, id).await?)
            } else {
                None
            };
            Ok(Connection::new(page, total, Document))
        };
        Some(read.await)
    }
}

/// Takes a letter from the list of documents.
#[derive(Debug, InputObject)]
pub(crate) struct LetterRemoveInput {
    /// The global id of the document.
    document: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of documents.
#[derive(Default)]
pub(crate) struct DocumentMutations;

/// Mutations of documents.
#[Object]
impl DocumentMutations {
    /// Takes a letter from the list of documents. The code that it tells goes on working for whoever has it.
    async fn letter_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: LetterRemoveInput,
    ) -> Answer<Payload<LetterRemoveInput, ChangedAccount>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let found = match GlobalId::document(&input.document) {
                Some(id) => get(&asking, id).await.ok(),
                None => None,
            };
            let found = found.map(|document| document.0);
            if found.is_none() {
                fields.no_document();
            }
            let account = found.as_ref().map(|document| document.account);
            let command = found.map(|document| Command::LetterRemove {
                organisation: document.organisation,
                account: document.account,
                letter: document.id,
            });
            let outcome = fields.handle(command).await?;
            let changed = ChangedAccount { account, seen: outcome.seen() };
            Ok(outcome.with(changed))
        };
        Some(change.await)
    }
}
