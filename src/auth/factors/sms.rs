//! Codes in text messages, to a number that its owner has confirmed by typing one.

use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    Command, Refusal, Request,
    factors::{Factors, Proof},
};
use events::{
    AccountId, FactorId, SessionId,
    factor::{FactorKind, NotSent},
    value::{E164, Text},
    vault::SecretKind,
};
use graphql::port::{Denied, Enrolment, Shown};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Knowledge, PATIENCE, TRIES, confirm, oneself, refused, unreadable};
use crate::auth::{Auth, BUSY, closed, passcode::Sent, standing};

/// How long a code works that was sent to somebody who proves anew who they are.
const WORKS: TimeDelta = TimeDelta::minutes(10);

/// What a factor knows that gets messages.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Number {
    number: E164,
    /// While it is being set up: the code that was sent, and how often another one was tried.
    sent: Option<(Sent, u8)>,
}

impl Number {
    /// What it is called where its owner calls it nothing: enough to tell it from another one.
    pub(super) fn hint(&self) -> Option<Text> {
        Text::parse(&self.number.hint()).ok()
    }

    pub(super) fn confirmed(&self) -> Self {
        Self { number: self.number.clone(), sent: None }
    }
}

/// A code that somebody got who has signed in, under the id of the session.
#[derive(Serialize, Deserialize)]
struct Proving {
    factor: FactorId,
    sent: Sent,
    /// Wrong codes.
    tries: u8,
}

impl Auth {
    /// Begins to set up a number: a code is sent there, which its owner types to confirm it.
    pub(in crate::auth) async fn sms_begin(
        &self,
        request: &Request,
        number: E164,
    ) -> Result<Enrolment, Denied> {
        let (account, _) = oneself(request)?;
        self.count(request, account)?;
        let factor = FactorId::new(self.ids.next());
        // Nobody is sent a code that couldn't count.
        let confirmed = confirm(account, factor, FactorKind::Sms, None, None);
        self.handler.rehearse(request, confirmed).await?;
        self.begin_number(account, factor, number).await
    }

    /// Sends a code to a number that somebody sets up.
    pub(super) async fn begin_number(
        &self,
        account: AccountId,
        factor: FactorId,
        number: E164,
    ) -> Result<Enrolment, Denied> {
        self.messages.count(account, &number)?;
        let expires_at = self.clock.now() + PATIENCE;
        let (code, sent) = self.new_sent(factor.uuid(), expires_at)?;
        let knowledge = Knowledge::Sms(Number { number: number.clone(), sent: Some((sent, 0)) });
        self.keep(factor, account, &knowledge, Some(expires_at)).await?;
        let sent = self.send_code(account, factor, &number, &code).await;
        if sent.is_err() {
            self.vault.delete_secrets(&[factor.uuid()]).await.map_err(closed)?;
        }
        sent.map(|()| Enrolment { factor, expires_at, app: None, passkey: None })
    }

    /// Whether somebody who sets a number up types the code that was sent there.
    pub(super) async fn is_ones_number(
        &self,
        factor: FactorId,
        account: AccountId,
        Number { number, sent }: &Number,
        code: &SecretString,
    ) -> Result<(), Denied> {
        // It counts already.
        let Some((sent, tries)) = *sent else { return Ok(()) };
        if tries < TRIES && self.is_sent(factor.uuid(), sent, code) {
            return Ok(());
        }
        let sent = Some((sent, tries.saturating_add(1)));
        let more = Knowledge::Sms(Number { number: number.clone(), sent });
        let expires_at = self.clock.now() + PATIENCE;
        self.keep(factor, account, &more, Some(expires_at)).await?;
        Err(Denied::Code)
    }

    /// The factor whose number gets codes: the one that was confirmed last.
    pub(in crate::auth) fn number_of(factors: &Factors) -> Option<FactorId> {
        let newest = factors.all().iter().rev().find(|factor| factor.kind == FactorKind::Sms);
        newest.map(|factor| factor.id)
    }

    /// Sends a code to a factor's number; that it may be sent was counted.
    pub(in crate::auth) async fn send_to(
        &self,
        account: AccountId,
        factor: FactorId,
        code: &SecretString,
    ) -> Result<(), Denied> {
        let Some(Knowledge::Sms(known)) = &self.knowledge(account, factor).await? else {
            return Err(refused(Refusal::FactorNotFound));
        };
        self.send_code(account, factor, &known.number, code).await
    }

    async fn send_code(
        &self,
        account: AccountId,
        factor: FactorId,
        number: &E164,
        code: &SecretString,
    ) -> Result<(), Denied> {
        let Some((_, language)) = self.handler.contact(account).await? else {
            return Err(refused(Refusal::AccountNotFound));
        };
        let state = self.handler.account_state(account).await?;
        let sender = match state.and_then(|state| standing::works_in(&state).ok()).flatten() {
            Some(organisation) => self.handler.organisation_name(organisation).await?,
            None => None,
        };
        let sender = sender.as_deref().unwrap_or(super::ISSUER);
        let failure = self.sms.send_code(number, language, sender, code).await.err();
        self.note_code(account, factor, failure).await;
        match failure {
            None => Ok(()),
            Some(NotSent::Unreachable | NotSent::Refused) => Err(refused(Refusal::MessageNotSent)),
        }
    }

    /// Notes what came of a code. Whoever has it on their telephone can use it, whether it could be noted or not.
    async fn note_code(&self, account: AccountId, factor: FactorId, failure: Option<NotSent>) {
        let note = Command::FactorCodeSend { account, factor, failure };
        if let Err(failure) = self.handler.handle(&self.own_request(), note).await {
            tracing::warn!(%failure, "what came of a text message can't be noted");
        }
    }

    /// Sends a code to somebody who proves anew who they are. Tells until when it works.
    pub(in crate::auth) async fn step_up_code(
        &self,
        request: &Request,
    ) -> Result<DateTime<Utc>, Denied> {
        let (account, session) = oneself(request)?;
        self.count(request, account)?;
        let turn = self.turns.take(account).await;
        let turn = turn.ok_or(BUSY)?;
        let factors = self.handler.factors_of(account).await?;
        let factor = Self::number_of(&factors).ok_or(refused(Refusal::FactorNotFound))?;
        self.messages.count_own(account)?;
        let expires_at = self.clock.now() + WORKS;
        let (code, sent) = self.new_sent(session.uuid(), expires_at)?;
        self.keep_proving(session, account, &Proving { factor, sent, tries: 0 }, expires_at)
            .await?;
        // Whoever shares the turn doesn't wait for the gateway.
        drop(turn);
        self.send_to(account, factor, &code).await?;
        Ok(expires_at)
    }

    /// What a code proves that was sent to somebody who proves anew who they are. It works once.
    pub(in crate::auth) async fn proof_by_message(
        &self,
        session: SessionId,
        account: AccountId,
        factors: &Factors,
        shown: &Shown,
    ) -> Result<Option<Proof>, Denied> {
        let Shown::Code(code) = shown else { return Ok(None) };
        let id: Uuid = session.uuid();
        let kept = self.vault.secret(SecretKind::StepUp, id, account).await.map_err(closed)?;
        let Some(kept) = kept else { return Ok(None) };
        let known: Proving = serde_json::from_slice(&kept).map_err(|error| unreadable(&error))?;
        // It may have been removed meanwhile.
        let Some(factor) = factors.find(known.factor).map(|factor| factor.id) else {
            return Ok(None);
        };
        if self.is_sent(id, known.sent, code) {
            self.vault.delete_secrets(&[id]).await.map_err(closed)?;
            return Ok(Some(Proof::Factor { factor, step: None }));
        }
        let tries = known.tries + 1;
        if tries < TRIES {
            let until = known.sent.expires_at();
            self.keep_proving(session, account, &Proving { tries, ..known }, until).await?;
        } else {
            self.vault.delete_secrets(&[id]).await.map_err(closed)?;
        }
        Ok(None)
    }

    async fn keep_proving(
        &self,
        session: SessionId,
        account: AccountId,
        proving: &Proving,
        expires_at: DateTime<Utc>,
    ) -> Result<(), Denied> {
        let plain = serde_json::to_vec(proving).map_err(|error| unreadable(&error))?;
        let (kind, id) = (SecretKind::StepUp, session.uuid());
        let kept = self.vault.put_secret(kind, id, account, &plain, Some(expires_at));
        kept.await.map_err(closed)
    }
}
