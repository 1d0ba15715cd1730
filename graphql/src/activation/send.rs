//! Sending what activates accounts: to one, to several, to all that are pending.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject};
use commands::{Action, access::Verdict};
use events::{AccountId, OrganisationId};
use projections::{
    Direction, PageRequest,
    directory::{AccountFilter, AccountOrder, AccountSort, AccountStatus},
};

use crate::{
    Answer,
    account::{self, Account},
    asking::{Asking, Sight},
    connection::cursor,
    ids::GlobalId,
    input::{Fields, Once},
    payload::{Outcome, Payload, Seen, Shown},
    port::Denied,
    problem::Problem,
    user_error::{Fault, Plain, UserError},
};

/// So many accounts are sent something in one request. Each is a mail, an event and a key to be sealed with.
const MOST: u32 = 50;

/// By which ways the means to activate an account go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ActivationChannel {
    /// A link by mail and a code in a letter, which stands in `documents` and is posted.
    Letter,
    /// A link by mail, which is enough.
    Mail,
}

/// Sends some people what activates their accounts; what was sent before works no longer.
#[derive(Debug, InputObject)]
pub(crate) struct ActivationSendInput {
    /// The global ids of the accounts, 50 at most.
    accounts: Vec<ID>,
    /// In whose name: the global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// By which ways.
    channel: ActivationChannel,
    /// Without `true` nothing is sent, and the answer tells what would be.
    #[graphql(default)]
    confirmed: bool,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// Sends everybody whose account is pending what activates it, 50 at a time, the oldest accounts first.
#[derive(Debug, InputObject)]
pub(crate) struct ActivationSendAllInput {
    /// In whose name: the global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// By which ways.
    channel: ActivationChannel,
    /// Without `true` nothing is sent, and the answer tells what would be.
    #[graphql(default)]
    confirmed: bool,
    /// The `endCursor` of the answer before, to go on after it.
    after: Option<String>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// What became of sending to one account.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ActivationResult {
    /// Whether it was sent; without confirmation: whether it would be.
    sent: bool,
    /// Why not, and how to mend it.
    user_errors: Vec<UserError>,
    #[graphql(skip)]
    account: Option<AccountId>,
    #[graphql(skip)]
    seen: Seen,
}

#[ComplexObject]
impl ActivationResult {
    /// The account; null where there is none that the caller may see.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        account::shown(ctx, self.account, self.seen).await
    }
}

/// What sending shows.
#[derive(SimpleObject)]
pub(crate) struct Sent {
    /// What became of each account, in the order of the input.
    results: Option<Vec<ActivationResult>>,
}

impl Shown for Sent {
    const WHAT: &'static str = "what became of each account";
}

/// What sending to all shows.
#[derive(SimpleObject)]
pub(crate) struct SentAll {
    /// What became of each account of this batch.
    results: Option<Vec<ActivationResult>>,
    /// How many pending accounts come after this batch.
    remaining: Option<u64>,
    /// Where the next batch begins, for `after`; null where this was the last one.
    end_cursor: Option<String>,
}

impl Shown for SentAll {
    const WHAT: &'static str = "what became of each account of this batch, and what is left";
}

/// Mutations that send what activates accounts.
#[derive(Default)]
pub(crate) struct ActivationSending;

/// Mutations that send what activates accounts.
#[Object]
impl ActivationSending {
    /// Sends some people what activates their accounts: by mail alone, or by mail and letter. Each account is sent to or
    /// refused by itself.
    async fn activation_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ActivationSendInput,
    ) -> Answer<Payload<ActivationSendInput, Sent>> {
        let change = async {
            if input.accounts.len() > MOST as usize {
                let message = format!("At most {MOST} accounts can be sent to at a time.");
                return Err(Problem::BadUserInput(message));
            }
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.once)?;
            let organisation = fields.organisation(input.organisation.as_ref());
            let (organisation, request) = match fields.valid(organisation).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(refused.with(Sent { results: None })),
            };
            let accounts = input.accounts.iter().map(|id| GlobalId::account(id));
            let batch = Batch { asking, fields, request, organisation, channel: input.channel };
            let (outcome, results) = batch.send(accounts, input.confirmed).await?;
            Ok(outcome.with(Sent { results: Some(results) }))
        };
        Some(change.await)
    }

    /// Sends everybody in an organisation whose account is pending what activates it, a batch at a time: ask again with
    /// `after` until `endCursor` is null.
    async fn activation_send_all(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ActivationSendAllInput,
    ) -> Answer<Payload<ActivationSendAllInput, SentAll>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.once)?;
            let organisation = fields.organisation(input.organisation.as_ref());
            let none = SentAll { results: None, remaining: None, end_cursor: None };
            let (organisation, request) = match fields.valid(organisation).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(refused.with(none)),
            };
            asking.wait_for(asking.head()).await?;
            let pending = Pending::of(&asking, organisation, input.after).await?;
            let batch = Batch { asking, fields, request, organisation, channel: input.channel };
            let accounts = pending.accounts.into_iter().map(Some);
            let (outcome, results) = batch.send(accounts, input.confirmed).await?;
            let (remaining, end_cursor) = (Some(pending.remaining), pending.end_cursor);
            Ok(outcome.with(SentAll { results: Some(results), remaining, end_cursor }))
        };
        Some(change.await)
    }
}

/// Some of the pending accounts of an organisation.
struct Pending {
    accounts: Vec<AccountId>,
    remaining: u64,
    end_cursor: Option<String>,
}

impl Pending {
    async fn of(
        asking: &Asking<'_>,
        organisation: OrganisationId,
        after: Option<String>,
    ) -> Result<Self, Problem> {
        let visible = asking.visible(Sight::Directory).await?;
        let filter = AccountFilter::And(vec![
            AccountFilter::Organisation(organisation),
            AccountFilter::Status(vec![AccountStatus::Pending]),
        ]);
        // Who is activated meanwhile leaves the list, and the order of creation stays as it is.
        let order = AccountOrder { by: AccountSort::CreatedAt, direction: Direction::Ascending };
        let request = PageRequest::First { count: MOST, after: cursor(after)? };
        let page = asking.directory().accounts(visible, &filter, order, &request).await?;
        let total = asking.directory().count_accounts(visible, &filter).await?;
        let end_cursor = page.edges.last().map(|edge| edge.cursor.to_string());
        let accounts: Vec<_> = page.edges.into_iter().map(|edge| edge.node.id).collect();
        let remaining = if page.has_next { total.saturating_sub(accounts.len() as u64) } else { 0 };
        Ok(Self { accounts, remaining, end_cursor: end_cursor.filter(|_| page.has_next) })
    }
}

/// Several accounts that are sent to in one request.
struct Batch<'a> {
    asking: Asking<'a>,
    fields: Fields<'a>,
    request: commands::Request,
    organisation: OrganisationId,
    channel: ActivationChannel,
}

impl Batch<'_> {
    async fn send(
        self,
        accounts: impl Iterator<Item = Option<AccountId>>,
        confirmed: bool,
    ) -> Result<(Outcome, Vec<ActivationResult>), Problem> {
        let standing = self.asking.standing(Some(self.organisation)).await?;
        match standing.may(Action::ActivationSend) {
            Verdict::Allowed => {}
            Verdict::SignInFirst => return Err(Problem::Unauthenticated),
            Verdict::Forbidden => return Err(Problem::Forbidden),
        }
        let mut position = self.asking.position();
        let mut results = Vec::new();
        for account in accounts {
            let outcome = self.send_one(account, confirmed).await?;
            position = position.max(outcome.position);
            results.push((account, outcome));
        }
        let seen = Seen::Done(position);
        let results = results.into_iter().map(|(account, outcome)| ActivationResult {
            sent: outcome.errors.is_empty(),
            user_errors: outcome.errors,
            account,
            seen,
        });
        let results = results.collect();
        let mut outcome = if confirmed {
            Outcome::refused(position, Vec::new())
        } else {
            let unconfirmed = Fault::Plain(Plain::Unconfirmed);
            self.fields.refused(&unconfirmed, Some(&["confirmed"])).await
        };
        outcome.position = position;
        Ok((outcome, results))
    }

    async fn send_one(
        &self,
        account: Option<AccountId>,
        confirmed: bool,
    ) -> Result<Outcome, Problem> {
        let Some(account) = account else {
            let nobody = Denied::from(commands::Refusal::AccountNotFound);
            return self.fields.denied(nobody, "account").await;
        };
        let by_letter = self.channel == ActivationChannel::Letter;
        let gate = &self.asking.api.gate;
        let sent = if confirmed {
            gate.activation_send(&self.request, self.organisation, account, by_letter)
                .await
                .map(Some)
        } else {
            let would = gate.activation_check(&self.request, self.organisation, account, by_letter);
            would.await.map(|()| None)
        };
        match sent {
            Ok(Some(done)) => Ok(Outcome::done(done)),
            Ok(None) => Ok(Outcome::refused(self.asking.position(), Vec::new())),
            Err(denied) => self.fields.denied(denied, "account").await,
        }
    }
}
