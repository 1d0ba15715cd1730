//! What those who are signed in are told, at once and until it ends.

use std::{collections::VecDeque, time::Duration};

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use commands::{Command, access::Role};
use events::{Actor as By, MessageId, OrganisationId, SessionId, value::Text};
use projections::{Name, directory};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::{
    Answer,
    asking::Asking,
    follow::Caller,
    history::Actor,
    input::{Fields, Once},
    organisation::{self, Organisation},
    payload::{Payload, Seen, Shown},
    problem::Problem,
    scalar::Position,
};

/// How long lies between two looks at what has come, however much happens.
const GAP: Duration = Duration::from_millis(100);

/// Tells those who are signed in something.
#[derive(Debug, InputObject)]
pub(crate) struct SystemMessageSendInput {
    /// Those who work in the organisation with this global id; where none is given, everybody, which is for operators.
    organisation: Option<ID>,
    /// What: 1 to 500 characters on one line.
    text: String,
    /// Until when it is shown, 24 hours ahead at most; where none is given, for an hour.
    valid_until: Option<DateTime<Utc>>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// What those who are signed in are told.
pub(crate) struct SystemMessage(pub(crate) directory::SystemMessage);

/// What those who are signed in are told.
#[Object]
impl SystemMessage {
    /// Its identity, a UUID.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What it says.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// Who sent it.
    async fn sent_by(&self) -> Actor {
        Actor::from(self.0.sent_by)
    }

    /// When it was sent, by the clock of the node; never an order.
    async fn sent_at(&self) -> DateTime<Utc> {
        self.0.sent_at
    }

    /// Until when it is to be shown.
    async fn valid_until(&self) -> DateTime<Utc> {
        self.0.valid_until
    }

    /// Those who work in which organisation are told; null: everybody.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, self.0.organisation).await
    }

    /// Its place in the log.
    async fn position(&self) -> Position {
        Position(self.0.position)
    }
}

/// The object of sending a system message.
pub(crate) struct SentMessage {
    message: Option<MessageId>,
    organisation: Option<OrganisationId>,
    seen: Seen,
}

impl Shown for SentMessage {
    const WHAT: &'static str = "the message";
}

/// The object of sending a system message.
#[Object]
impl SentMessage {
    /// The message; null where it was refused, or where many newer ones came since it was asked for first.
    async fn system_message(&self, ctx: &Context<'_>) -> Answer<SystemMessage> {
        let id = self.message?;
        let read = async {
            let asking = Asking::of(ctx)?;
            self.seen.ready(&asking).await?;
            let first = events::Position::default();
            let told = asking.directory().messages(self.organisation, first).await?;
            Ok(told.into_iter().find(|message| message.id == id))
        };
        read.await.map(|found| found.map(SystemMessage)).transpose()
    }
}

/// Mutations about what those who are signed in are told.
#[derive(Default)]
pub(crate) struct MessageMutations;

/// Mutations about what those who are signed in are told.
#[Object]
impl MessageMutations {
    /// Tells those who are signed in something, who are told by `systemMessages`. For administrators, to their
    /// organisation, and for operators.
    async fn system_message_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to tell whom.")] input: SystemMessageSendInput,
    ) -> Answer<Payload<SystemMessageSendInput, SentMessage>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.once)?;
            fields.spell(&[("expiresAt", "validUntil")]);
            let to = match &input.organisation {
                Some(id) => fields.organisation(Some(id)).map(Some),
                None => Some(None),
            };
            let text = fields.text("text", &input.text, Text::parse);
            let organisation = to.flatten();
            let command = to.zip(text).map(|(organisation, text)| Command::SystemMessageSend {
                organisation,
                text,
                until: input.valid_until,
            });
            let outcome = fields.handle(command).await?;
            let (message, seen) = (outcome.subject(), outcome.seen());
            Ok(outcome.with(SentMessage { message, organisation, seen }))
        };
        Some(change.await)
    }
}

/// Listens to what those who are signed in are told. Where it stands is a position, so that nothing is missed between
/// what is still shown and what comes, and nothing comes twice.
pub(crate) struct Listener {
    caller: Caller,
    session: SessionId,
    after: events::Position,
    gap: Interval,
    ready: VecDeque<directory::SystemMessage>,
}

impl Listener {
    pub(crate) async fn new(caller: Caller) -> Result<Self, Problem> {
        let session = match caller.viewer.actor {
            By::Account { session, .. } => session,
            By::Anonymous => return Err(Problem::Unauthenticated),
            By::ServiceKey { .. } | By::Console | By::System => return Err(Problem::Forbidden),
        };
        let mut gap = interval(GAP);
        gap.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (after, ready) = (events::Position::default(), VecDeque::new());
        let listener = Self { caller, session, after, gap, ready };
        listener.is_signed_in().await?;
        Ok(listener)
    }

    /// The next message that is still shown; waits where there is none yet.
    pub(crate) async fn next(&mut self) -> Result<directory::SystemMessage, Problem> {
        loop {
            self.is_signed_in().await?;
            let now = self.caller.api.handler.now();
            if let Some(message) = self.ready.pop_front() {
                if now < message.valid_until {
                    return Ok(message);
                }
                continue;
            }
            self.gap.tick().await;
            let directory = self.caller.asking().directory();
            // Looked at before the messages are read: what comes while they are is met by the next look.
            let reached = directory.position();
            let told = directory.messages(self.caller.viewer.organisation, self.after).await?;
            match told.last() {
                Some(last) => self.after = last.position,
                None => self.caller.comes(Name::Directory, reached).await,
            }
            self.ready.extend(told);
        }
    }

    /// Refuses whoever isn't signed in any more, or works in the organisation no longer.
    async fn is_signed_in(&self) -> Result<(), Problem> {
        let handler = &self.caller.api.handler;
        if handler.running_session(self.session).await?.is_none() {
            return Err(Problem::Unauthenticated);
        }
        let standing = self.caller.asking().standing(self.caller.viewer.organisation).await?;
        let works_here = match self.caller.viewer.organisation {
            Some(_) => [Role::Operator, Role::Administrator, Role::Member, Role::Reader]
                .into_iter()
                .any(|role| standing.has(role)),
            None => standing.has(Role::Operator),
        };
        if works_here { Ok(()) } else { Err(Problem::Forbidden) }
    }
}
