//! One mail: written, taken to where it goes, and what became of it noted in the log.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use commands::{Command, Failure, Handler, MailState, Refusal, Request};
use events::{
    Actor, MailId, OrganisationId,
    id::{Clock, Ids},
    mail::GivenUpReason,
    value::{Reply, Text},
    vault::Vault,
};
use metrics::counter;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::sleep;
use tracing::{info, warn};
use zeroize::Zeroizing;

use super::{
    builtin,
    carriage::Carriage,
    carrier::Undelivered,
    message::{Cover, letter},
    template::{self, Values, Written},
    words,
};

/// How long and how often a mail is tried.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Between the first try and the second; it doubles from try to try.
    pub first: Duration,
    /// The longest pause.
    pub most: Duration,
    /// Tries altogether.
    pub tries: u32,
}

impl Default for Patience {
    /// From five seconds, for codes that are waited for, to an hour, for some thirty hours.
    fn default() -> Self {
        Self { first: Duration::from_secs(5), most: Duration::from_hours(1), tries: 40 }
    }
}

impl Patience {
    /// The pause after this many tries.
    pub fn pause(self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.most)
    }
}

/// Between tries to note something in a log that is busy or full.
const NOTE_AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));
/// Who sends what no organisation sends.
const PRODUCT: &str = "Stamrol";

/// Delivers mails.
pub struct Delivery {
    pub(super) handler: Arc<Handler>,
    pub(super) vault: Arc<Vault>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    /// Which way they go.
    pub(super) carriage: Arc<dyn Carriage>,
    /// The address of the product.
    pub(super) address: Arc<str>,
    pub(super) patience: Patience,
}

impl Delivery {
    /// Tries a mail once and notes what became of it. What was sent or given up before is left alone.
    pub(super) async fn deliver(&self, mail: MailId) -> Result<(), Failure> {
        let Some(state) = self.handler.mail_state(mail).await? else {
            // Nobody queued it, whatever stands in the vault.
            return Ok(self.vault.schedule_parcel(mail, None).await?);
        };
        if state.sent {
            return Ok(self.vault.delete_parcel(mail).await?);
        }
        if !state.waiting {
            return Ok(self.vault.schedule_parcel(mail, None).await?);
        }
        if state.expires_at <= self.clock.now() {
            return self.give_up(mail, &state, GivenUpReason::Expired, false, None).await;
        }
        let Some(parcel) = self.vault.parcel(mail).await? else {
            return self.give_up(mail, &state, GivenUpReason::Unwritable, false, None).await;
        };
        match self.try_once(mail, &state, &parcel).await? {
            Ok(reply) => self.sent(mail, &state, reply).await,
            Err(Tried::Unwritable(why)) => {
                warn!(%mail, kind = state.kind.as_str(), why, "a mail can't be written");
                let reply = Some(Reply::of(&why));
                self.give_up(mail, &state, GivenUpReason::Unwritable, false, reply).await
            }
            Err(Tried::Undelivered(Undelivered::Ever(reply))) => {
                self.give_up(mail, &state, GivenUpReason::Refused, true, Some(reply)).await
            }
            Err(Tried::Undelivered(Undelivered::Now(reply))) => {
                self.failed(mail, &state, reply).await
            }
        }
    }

    /// Leaves a mail alone for long, whose delivery broke off for a reason that nobody knows.
    pub(super) async fn postpone(&self, mail: MailId) {
        let at = self.after(self.patience.most);
        if let Err(failure) = self.vault.schedule_parcel(mail, Some(at)).await {
            warn!(%mail, %failure, "a mail can't be left for later");
        }
    }

    async fn try_once(
        &self,
        mail: MailId,
        state: &MailState,
        parcel: &SecretString,
    ) -> Result<Result<Reply, Tried>, Failure> {
        let Some(to) = &state.to else {
            return Ok(Err(Tried::Unwritable("whom it is to was erased".to_owned())));
        };
        let sender = self.sender(state).await?;
        let written = match self.write(state, &sender, parcel).await? {
            Ok(written) => written,
            Err(why) => return Ok(Err(Tried::Unwritable(why))),
        };
        let way = self.carriage.way().await?;
        let cover =
            Cover { mail, sender: &sender, from: &way.from, to, written_at: state.queued_at };
        let letter = match letter(&cover, &written) {
            Ok(letter) => letter,
            Err(why) => return Ok(Err(Tried::Unwritable(why))),
        };
        Ok(way.carrier.carry(&letter).await.map_err(Tried::Undelivered))
    }

    /// In whose name it is.
    async fn sender(&self, state: &MailState) -> Result<Text, Failure> {
        let name = match state.organisation {
            Some(organisation) => self.handler.organisation_name(organisation).await?,
            None => None,
        };
        let name = name.and_then(|name| Text::parse(&name).ok());
        Ok(name.unwrap_or_else(|| Text::parse(PRODUCT).expect("this is a text")))
    }

    async fn write(
        &self,
        state: &MailState,
        sender: &Text,
        parcel: &SecretString,
    ) -> Result<Result<Written, String>, Failure> {
        let Ok(fields) = serde_json::from_str::<BTreeMap<String, String>>(parcel.expose_secret())
        else {
            return Ok(Err("its contents are damaged".to_owned()));
        };
        let mut values: Values =
            fields.into_iter().map(|(field, value)| (field, Zeroizing::new(value))).collect();
        if !values.contains_key("name") {
            let contact = self.handler.contact(state.account).await?;
            let name = contact.and_then(|(contact, _)| contact.name);
            let name = name.map_or_else(String::new, |name| name.as_str().to_owned());
            values.insert("name".to_owned(), Zeroizing::new(name));
        }
        if !values.contains_key("username") {
            let username = self.handler.username_of(state.account).await?.unwrap_or_default();
            values.insert("username".to_owned(), Zeroizing::new(username));
        }
        for (field, value) in [
            ("organisation", sender.as_str().to_owned()),
            ("address", self.address.to_string()),
            ("expires", words::moment(state.expires_at, state.language)),
        ] {
            values.insert(field.to_owned(), Zeroizing::new(value));
        }
        let own = match state.organisation {
            Some(organisation) if self.may_put_it(organisation, state).await? => {
                self.handler.mail_template(organisation, state.kind, state.language).await?
            }
            _ => None,
        };
        if let Some(template) = own {
            match template::write(&template, state.language, &values) {
                Ok(written) => return Ok(Ok(written)),
                // It was checked when it was set; a later release may check more. The built-in one always works.
                Err(unusable) => {
                    warn!(kind = state.kind.as_str(), %unusable, "an organisation's mail template can't be used");
                }
            }
        }
        let template = builtin::template(state.kind, state.language);
        let written = template::write(&template, state.language, &values);
        Ok(written.map_err(|unusable| unusable.to_string()))
    }

    /// Whether an organisation may say in its own words what a mail says. What lets somebody in, it may not where its
    /// administrators couldn't set that person's password: a picture in its HTML could carry the code away.
    async fn may_put_it(
        &self,
        organisation: OrganisationId,
        state: &MailState,
    ) -> Result<bool, Failure> {
        let lets_in = |field: &&str| ["link", "code", "password"].contains(field);
        if !state.kind.required().iter().any(lets_in) {
            return Ok(true);
        }
        self.handler.may_manage_sign_in(organisation, state.account).await
    }

    async fn sent(&self, mail: MailId, state: &MailState, reply: Reply) -> Result<(), Failure> {
        let account = state.account;
        self.note(state, |reply| Command::MailSend { mail, account, reply }, Some(reply)).await;
        count(state, "sent");
        // The log knows; should this fail, the next look at the mail does it.
        Ok(self.vault.delete_parcel(mail).await?)
    }

    async fn failed(&self, mail: MailId, state: &MailState, reply: Reply) -> Result<(), Failure> {
        let attempts = state.attempts + 1;
        if attempts >= self.patience.tries {
            let reason = GivenUpReason::Exhausted;
            return self.give_up(mail, state, reason, true, Some(reply)).await;
        }
        let next_at = self.after(self.patience.pause(attempts));
        if next_at >= state.expires_at {
            let reason = GivenUpReason::Expired;
            return self.give_up(mail, state, reason, true, Some(reply)).await;
        }
        let account = state.account;
        let fail = |reply| Command::MailFail { mail, account, reply, next_at };
        self.note(state, fail, Some(reply)).await;
        count(state, "failed");
        Ok(self.vault.schedule_parcel(mail, Some(next_at)).await?)
    }

    /// What was given up keeps its contents until they are of no use any more, so that it can be tried once more.
    async fn give_up(
        &self,
        mail: MailId,
        state: &MailState,
        reason: GivenUpReason,
        tried: bool,
        reply: Option<Reply>,
    ) -> Result<(), Failure> {
        let account = state.account;
        let give_up = |reply| Command::MailGiveUp { mail, account, reason, tried, reply };
        self.note(state, give_up, reply).await;
        count(state, "given up");
        info!(%mail, kind = state.kind.as_str(), ?reason, "a mail was given up");
        match reason {
            GivenUpReason::Refused | GivenUpReason::Exhausted => {
                Ok(self.vault.schedule_parcel(mail, None).await?)
            }
            GivenUpReason::Expired | GivenUpReason::Unwritable => {
                Ok(self.vault.delete_parcel(mail).await?)
            }
        }
    }

    /// Notes what became of a mail, as often as it takes: a mail that was sent must not be sent again because the log
    /// was busy. What a server said about somebody who was erased isn't kept.
    async fn note(
        &self,
        state: &MailState,
        command: impl Fn(Option<Reply>) -> Command,
        mut reply: Option<Reply>,
    ) {
        let mut pause = NOTE_AGAIN.0;
        loop {
            let request = Request {
                caused_by: Some(state.queued),
                ..Request::new(Actor::System, self.ids.next().into())
            };
            match self.handler.handle(&request, command(reply.clone())).await {
                Ok(_) => return,
                Err(Failure::Refused(Refusal::AccountNotFound)) if reply.is_some() => reply = None,
                Err(Failure::Refused(refusal)) => {
                    warn!(%refusal, "what became of a mail can't be noted");
                    return;
                }
                Err(failure) => {
                    warn!(%failure, "what became of a mail can't be noted now; it is tried again");
                    sleep(pause).await;
                    pause = (pause * 2).min(NOTE_AGAIN.1);
                }
            }
        }
    }

    fn after(&self, pause: Duration) -> DateTime<Utc> {
        let now = self.clock.now();
        chrono::TimeDelta::from_std(pause)
            .ok()
            .and_then(|pause| now.checked_add_signed(pause))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// How a try failed.
enum Tried {
    /// The letter couldn't be written.
    Unwritable(String),
    /// It didn't go.
    Undelivered(Undelivered),
}

fn count(state: &MailState, outcome: &'static str) {
    counter!("stamrol_mails_total", "kind" => state.kind.as_str(), "outcome" => outcome)
        .increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let patience = Patience::default();
        let pauses: Vec<_> =
            [1, 2, 3, 10, 11, 40, u32::MAX].map(|n| patience.pause(n).as_secs()).into();
        assert_eq!(pauses, [5, 10, 20, 2560, 3600, 3600, 3600]);
    }
}
