//! Mails to those who are signed in.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use events::value::{Prose, Text};

use crate::{
    Answer,
    asking::Asking,
    ids::GlobalId,
    input::{Fields, Once},
    payload::{Outcome, Payload, Shown},
    port::Notice,
    problem::Problem,
    user_error::{Fault, Plain},
};

/// Mails something to those who are signed in, 50 at a time.
#[derive(Debug, InputObject)]
pub(crate) struct NoticeSendInput {
    /// Members of the organisation with this global id; where none is given, everybody, which is for operators.
    organisation: Option<ID>,
    /// What it is about: 1 to 500 characters on one line.
    subject: String,
    /// What it says: 1 to 4,000 characters. An empty line begins a paragraph.
    text: String,
    /// Without `true` nothing is sent, and the answer tells to how many it would be.
    #[graphql(default)]
    confirmed: bool,
    /// The `endCursor` of the answer before, to go on after it.
    after: Option<String>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// What mailing to those who are signed in shows.
#[derive(Default, SimpleObject)]
pub(crate) struct SentNotice {
    /// To how many of this batch it was sent; without confirmation: to how many it would be. Null where it was refused.
    sent: Option<u32>,
    /// How many of this batch have no e-mail address.
    skipped: Option<u32>,
    /// How many come after this batch at most: who of them is signed in is looked up in their batch.
    remaining: Option<u64>,
    /// Where the next batch begins, for `after`; null where this was the last one.
    end_cursor: Option<String>,
}

impl Shown for SentNotice {
    const WHAT: &'static str = "to how many of this batch it was sent, and how many are left";
}

/// Mutations that mail something to those who are signed in.
#[derive(Default)]
pub(crate) struct NoticeMutations;

/// Mutations that mail something to those who are signed in.
#[Object]
impl NoticeMutations {
    /// Mails something to those who are signed in, in the order of their ids, a batch at a time: ask again with `after`
    /// until `endCursor` is null. For administrators, to their organisation, and for operators. What they are to see at
    /// once is told by `systemMessageSend`.
    async fn notice_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to mail to whom.")] input: NoticeSendInput,
    ) -> Answer<Payload<NoticeSendInput, SentNotice>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.once)?;
            let to = match &input.organisation {
                Some(id) => fields.organisation(Some(id)).map(Some),
                None => Some(None),
            };
            let subject = fields.text("subject", &input.subject, Text::parse);
            let text = fields.text("text", &input.text, Prose::parse);
            let after = input.after.map(|after| {
                let account = GlobalId::account(&ID(after));
                account.ok_or(Problem::BadUserInput("`after` is no cursor.".to_owned()))
            });
            let after = after.transpose()?;
            let confirmed = input.confirmed;
            let notice = to.zip(subject).zip(text).map(|((organisation, subject), text)| Notice {
                organisation,
                subject,
                text,
                after,
                confirmed,
            });
            let (notice, request) = match fields.valid(notice).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(refused.with(SentNotice::default())),
            };
            let noticed = match asking.api.gate.notice_send(&request, notice).await {
                Ok(noticed) => noticed,
                Err(denied) => {
                    return Ok(fields.denied(denied, "text").await?.with(SentNotice::default()));
                }
            };
            let position = noticed.position.unwrap_or_else(|| asking.position());
            let outcome = if confirmed {
                Outcome::refused(position, Vec::new())
            } else {
                let unconfirmed = Fault::Plain(Plain::Unconfirmed);
                fields.refused(&unconfirmed, Some(&["confirmed"])).await
            };
            Ok(outcome.with(SentNotice {
                sent: Some(noticed.sent),
                skipped: Some(noticed.skipped),
                remaining: Some(noticed.remaining),
                end_cursor: noticed.last.map(|last| ID::from(GlobalId::Account(last)).0),
            }))
        };
        Some(change.await)
    }
}
