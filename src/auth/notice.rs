//! What is mailed to those who are signed in (PW8).

use chrono::TimeDelta;
use commands::{Command, Refusal, Request, access::Verdict};
use events::{AccountId, Position, value::MailKind};
use graphql::port::{Denied, Notice, Noticed};

use super::{Auth, closed, email::is_queued, gate::refused};
use crate::mail::post::{Addressee, Fields};

/// So many people are mailed to in one request. Each is a mail, an event and a key to be sealed with.
const BATCH: u32 = 50;
/// How long it is worth reading for whoever was signed in.
const COUNTS: TimeDelta = TimeDelta::days(1);

/// What came of one mail.
enum Outcome {
    /// It waits to be delivered.
    Queued(Position),
    /// It would be sent.
    Possible,
    /// The person isn't signed in.
    Absent,
    /// There is no address.
    Nowhere,
}

impl Auth {
    /// Has something mailed to some of those who are signed in.
    pub(super) async fn send_notice(
        &self,
        request: &Request,
        notice: Notice,
    ) -> Result<Noticed, Denied> {
        let standing = self.handler.standing(request, notice.organisation).await?;
        match standing.may(commands::Action::MailOrder) {
            Verdict::Allowed => {}
            Verdict::SignInFirst => return Err(refused(Refusal::NotSignedIn)),
            Verdict::Forbidden => return Err(refused(Refusal::Forbidden)),
        }
        let said = [notice.subject.as_str().into(), notice.text.as_str().into()];
        let request = &self.with_secret(request, &said.each_ref());
        let holders = self.token_holders(notice.organisation, notice.after).await?;
        let mut noticed = Noticed { position: None, sent: 0, skipped: 0, remaining: 0, last: None };
        let mut done = 0;
        for account in &holders {
            if noticed.sent + noticed.skipped == BATCH {
                break;
            }
            match self.send_notice_to(request, &notice, *account).await {
                Ok(Outcome::Queued(position)) => {
                    noticed.sent += 1;
                    noticed.position = Some(position);
                }
                Ok(Outcome::Possible) => noticed.sent += 1,
                Ok(Outcome::Nowhere) => noticed.skipped += 1,
                Ok(Outcome::Absent) => {}
                Err(denied) if noticed.sent == 0 => return Err(denied),
                Err(denied) => {
                    tracing::warn!(?denied, "a notice went to some, and the others wait");
                    break;
                }
            }
            done += 1;
        }
        noticed.remaining = (holders.len() - done) as u64;
        noticed.last = holders[..done].last().copied().filter(|_| noticed.remaining > 0);
        Ok(noticed)
    }

    async fn send_notice_to(
        &self,
        request: &Request,
        notice: &Notice,
        account: AccountId,
    ) -> Result<Outcome, Denied> {
        // Who is only acted for isn't there.
        if self.sessions.of_owner(account).await.map_err(closed)?.is_empty() {
            return Ok(Outcome::Absent);
        }
        let contact = self.handler.contact(account).await?;
        let reader = contact.and_then(|(contact, language)| Some((contact.email?, language)));
        let Some((to, language)) = reader else { return Ok(Outcome::Nowhere) };
        if !notice.confirmed {
            return Ok(Outcome::Possible);
        }
        let request = &self.with_account(request, account)?;
        let fields = Fields::new()
            .with("subject", notice.subject.as_str())
            .with("text", notice.text.as_str());
        let addressee = Addressee { account, organisation: notice.organisation, to, language };
        let until = self.clock.now() + COUNTS;
        let order = self.post.order(MailKind::Notice, addressee, &fields, until).await?;
        let done = self.handler.handle(request, Command::MailOrder { order: order.clone() }).await;
        if !is_queued(&done) {
            self.post.withdraw(&order).await;
        }
        Ok(Outcome::Queued(done?.position))
    }
}
