//! Signing in in two steps: whoever knows the password of an account with a second factor gets an attempt, and ends it
//! by showing the factor.
//!
//! An attempt's token is kept like that of a session: by keyed hash. It works once, for ten minutes, from the network
//! that it was given to, and ends after a few wrong codes or with the next attempt of the account.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    Command, Failure, Refusal, Request,
    factors::{Factor, Factors, Proof},
};
use events::{
    AccountId, CredentialId, FactorId, OrganisationId,
    factor::FactorKind,
    vault::{SecretKind, Token, TokenKind},
};
use graphql::port::{Attempt, Denied, PasskeyAsked, Shown, SignedIn};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::{
    Auth, BUSY, closed,
    factors::Purpose,
    passcode::Sent,
    sign_in::{Known, REFUSED_AFTER, anonymously},
    standing::works_in,
    token::{self, Kind},
    watch::Why,
};
use crate::config::Network;

/// How long an attempt can be ended.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Wrong codes that void an attempt. The account's own lock may come earlier.
const TRIES: u8 = 5;
/// Codes that are sent for one attempt.
const SENDINGS: u8 = 3;

/// An attempt, as far as it has come.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    /// Which password was right.
    #[serde(default)]
    credential: Option<CredentialId>,
    /// Where it began.
    network: Option<IpAddr>,
    /// Wrong codes.
    tries: u8,
    /// Codes that were sent.
    sendings: u8,
    /// The newest of them.
    sent: Option<Sent>,
    /// To the telephone of which factor it went; none: by mail.
    #[serde(default)]
    to: Option<FactorId>,
    /// Until when it can be ended.
    expires_at: DateTime<Utc>,
}

/// An attempt that somebody goes on with.
pub(super) struct GoingOn<'a> {
    pub(super) id: Uuid,
    pub(super) account: AccountId,
    pub(super) state: State,
    /// Until it is done, others wait.
    turn: MutexGuard<'a, ()>,
}

impl Auth {
    /// Begins an attempt for somebody who knows the password. Earlier ones of the account are void.
    pub(super) async fn ask_for_factor(
        &self,
        request: &Request,
        account: AccountId,
        factors: &Factors,
    ) -> Result<Attempt, Denied> {
        let (token, hash) = token::generate(self.vault.pepper(), Kind::Attempt)
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        self.void_attempts(account).await?;
        let (id, now) = (self.ids.next(), self.clock.now());
        let expires_at = now + LIFETIME;
        let known = self.handler.account_state(account).await?;
        let state = State {
            credential: known.and_then(|known| known.credential),
            network: came_from(request),
            tries: 0,
            sendings: 0,
            sent: None,
            to: None,
            expires_at,
        };
        self.keep_attempt(id, account, &state).await?;
        let kept = Token {
            kind: TokenKind::SignInAttempt,
            id,
            account: Some(account),
            hash,
            created_at: now,
            last_used_at: now,
            expires_at: Some(expires_at),
        };
        self.vault.put_token(kept).await.map_err(closed)?;
        self.handler.handle(&anonymously(request), Command::SignInAsk { account }).await?;
        let mut kinds: Vec<_> = factors.all().iter().map(|factor| factor.kind).collect();
        let may_enrol = factors.is_empty() && self.has_no_way(account).await?;
        if kinds.is_empty() && !may_enrol {
            // What everybody has whom an organisation asks for a second factor, and who has set up none.
            kinds.push(FactorKind::Mail);
        }
        kinds.sort_unstable();
        kinds.dedup();
        let recovery_codes = factors.recovery().is_some_and(|codes| codes.count() > 0);
        Ok(Attempt { token, expires_at, kinds, recovery_codes, may_enrol })
    }

    pub(super) async fn sign_in_finish(
        &self,
        request: &Request,
        attempt: &SecretString,
        shown: &Shown,
    ) -> Result<SignedIn, Denied> {
        let (id, account) = self.attempt_of(attempt).await?.ok_or(Denied::Token)?;
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &account.to_string()).inspect_err(|_| {
                self.watch.refused(Why::TooMany, Some(origin));
            })?;
        }
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let state = self.running(request, id, account).await?;
        let organisation = self.leads_to(id, account, &state).await?;
        let factors = self.handler.factors_of(account).await?;
        let evidence = self.evidence(request, (id, account), &factors, &state, shown).await?;
        let Some(proof) = evidence else {
            self.count_wrong_code(request, id, account, state).await?;
            return Err(wrong(shown));
        };
        // It works once, whatever comes of it.
        self.void(id).await?;
        let known = Known { account, organisation, weak: None, asked: false };
        self.begin(request, &known, proof).await.map_err(|denied| match denied {
            Denied::Failed(Failure::Refused(Refusal::CodeUsed)) => wrong(shown),
            other => other,
        })
    }

    /// Sends a code for an attempt, by mail or by text message. Whether the account has an address is told nobody; that a
    /// message couldn't be sent is told.
    pub(super) async fn sign_in_code(
        &self,
        request: &Request,
        attempt: &SecretString,
        by: Option<FactorKind>,
    ) -> Result<DateTime<Utc>, Denied> {
        let GoingOn { id, account, state, turn } = self.go_on(request, attempt).await?;
        if state.sendings >= SENDINGS {
            return Err(Denied::TooMany { retry_after: self.left(&state) });
        }
        let factors = self.handler.factors_of(account).await?;
        let (sendings, expires_at) = (state.sendings + 1, state.expires_at);
        let may = |kind| by.is_none_or(|by| by == kind);
        if takes_mail(&factors) && may(FactorKind::Mail) {
            let sent = self.mail_code(id, account, expires_at).await?;
            self.keep_attempt(id, account, &State { sendings, sent, to: None, ..state }).await?;
            return Ok(expires_at);
        }
        let number = Self::number_of(&factors).filter(|_| may(FactorKind::Sms));
        let factor = number.ok_or(Denied::Code)?;
        // Before the code that was sent last is replaced by one that isn't sent.
        self.messages.count_own(account)?;
        let (code, sent) = self.new_sent(id, expires_at)?;
        let state = State { sendings, sent: Some(sent), to: Some(factor), ..state };
        // Kept first: a gateway that says nothing may have sent it all the same.
        self.keep_attempt(id, account, &state).await?;
        // Whoever shares the turn doesn't wait for the gateway.
        drop(turn);
        self.send_to(account, factor, &code).await?;
        Ok(expires_at)
    }

    /// Takes up an attempt again, from where it began; nobody else does meanwhile.
    pub(super) async fn go_on(
        &self,
        request: &Request,
        attempt: &SecretString,
    ) -> Result<GoingOn<'_>, Denied> {
        let (id, account) = self.attempt_of(attempt).await?.ok_or(Denied::Token)?;
        self.count(request, account)?;
        let turn = self.turns.take(account).await;
        let turn = turn.ok_or(BUSY)?;
        let state = self.running(request, id, account).await?;
        Ok(GoingOn { id, account, state, turn })
    }

    /// Where an attempt still leads to; where it leads nowhere any more it is void.
    pub(super) async fn leads_to(
        &self,
        id: Uuid,
        account: AccountId,
        state: &State,
    ) -> Result<Option<OrganisationId>, Denied> {
        let known = self.handler.account_state(account).await?;
        // Whoever knew the password before it was replaced proved nothing that still holds.
        let known = known.filter(|it| it.credential == state.credential && self.within_hours(it));
        let organisation = known.as_ref().and_then(|known| works_in(known).ok());
        if organisation.is_none() {
            self.void(id).await?;
        }
        organisation.ok_or(Denied::Token)
    }

    /// What in `shown` proves who somebody is; the outer none where nothing does. A code that was sent to somebody who has
    /// set up no factor uses none up.
    async fn evidence(
        &self,
        request: &Request,
        (id, account): (Uuid, AccountId),
        factors: &Factors,
        state: &State,
        shown: &Shown,
    ) -> Result<Option<Option<Proof>>, Denied> {
        if let (Shown::Code(code), Some(sent)) = (shown, state.sent)
            && self.is_sent(id, sent, code)
        {
            let proves = |factor: &Factor| Proof::Factor { factor: factor.id, step: None };
            let mut all = factors.all().iter();
            match state.to {
                // It may have been removed meanwhile.
                Some(to) => {
                    if let Some(factor) = all.find(|factor| factor.id == to) {
                        return Ok(Some(Some(proves(factor))));
                    }
                }
                None if takes_mail(factors) => {
                    let mails = all.find(|factor| factor.kind == FactorKind::Mail);
                    return Ok(Some(mails.map(proves)));
                }
                None => {}
            }
        }
        let purpose = Purpose::Finish(id);
        Ok(self.proof(request, account, factors, purpose, shown).await?.map(Some))
    }

    fn left(&self, state: &State) -> std::time::Duration {
        (state.expires_at - self.clock.now()).to_std().unwrap_or_default()
    }

    /// Asks for a passkey that ends an attempt.
    pub(super) async fn passkey_for_attempt(
        &self,
        request: &Request,
        attempt: &SecretString,
    ) -> Result<PasskeyAsked, Denied> {
        let GoingOn { id, account, state, turn: _turn } = self.go_on(request, attempt).await?;
        self.ask_for_passkey(Some(account), Purpose::Finish(id), state.expires_at).await
    }

    /// An attempt that goes on where it began. Whoever came first may have ended it.
    async fn running(
        &self,
        request: &Request,
        id: Uuid,
        account: AccountId,
    ) -> Result<State, Denied> {
        let state = self.attempt(id, account).await?.ok_or(Denied::Token)?;
        if state.network == came_from(request) { Ok(state) } else { Err(Denied::Token) }
    }

    /// Counts a wrong code, for the attempt and for the account, which may lock it.
    async fn count_wrong_code(
        &self,
        request: &Request,
        id: Uuid,
        account: AccountId,
        state: State,
    ) -> Result<(), Denied> {
        self.watch.refused(Why::Wrong, request.origin.as_ref());
        let tries = state.tries + 1;
        if tries < TRIES {
            self.keep_attempt(id, account, &State { tries, ..state }).await?;
        } else {
            self.void(id).await?;
        }
        let counted = self.count_wrong_factor(request, account);
        tokio::join!(counted, tokio::time::sleep(REFUSED_AFTER));
        Ok(())
    }

    /// The attempt of a token that still works.
    async fn attempt_of(&self, token: &SecretString) -> Result<Option<(Uuid, AccountId)>, Denied> {
        if token::kind(token) != Some(Kind::Attempt) {
            return Ok(None);
        }
        let hash = token::hash(self.vault.pepper(), token);
        let kept = self.vault.find_token(&hash).await.map_err(closed)?;
        let now = self.clock.now();
        let works = |kept: &Token| {
            kept.kind == TokenKind::SignInAttempt && kept.expires_at.is_some_and(|end| now < end)
        };
        Ok(kept.filter(works).and_then(|kept| Some((kept.id, kept.account?))))
    }

    async fn attempt(&self, id: Uuid, account: AccountId) -> Result<Option<State>, Denied> {
        let kept = self.vault.secret(SecretKind::Attempt, id, account).await.map_err(closed)?;
        Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
    }

    async fn keep_attempt(
        &self,
        id: Uuid,
        account: AccountId,
        state: &State,
    ) -> Result<(), Denied> {
        let plain =
            serde_json::to_vec(state).map_err(|error| Failure::Unavailable(error.to_string()))?;
        let end = Some(state.expires_at);
        self.vault.put_secret(SecretKind::Attempt, id, account, &plain, end).await.map_err(closed)
    }

    async fn void_attempts(&self, account: AccountId) -> Result<(), Denied> {
        let tokens = self.vault.tokens_of(account).await.map_err(closed)?;
        for token in tokens.iter().filter(|token| token.kind == TokenKind::SignInAttempt) {
            self.void(token.id).await?;
        }
        Ok(())
    }

    pub(super) async fn void(&self, id: Uuid) -> Result<(), Denied> {
        self.vault.delete_tokens(TokenKind::SignInAttempt, &[id]).await.map_err(closed)?;
        self.vault.delete_secrets(&[id]).await.map_err(closed)
    }
}

/// Whether a code by mail is one of the account's factors, or stands in for one.
fn takes_mail(factors: &Factors) -> bool {
    factors.is_empty() || factors.all().iter().any(|factor| factor.kind == FactorKind::Mail)
}

/// What was shown shows nothing.
pub(super) const fn wrong(shown: &Shown) -> Denied {
    match shown {
        Shown::Passkey(_) => Denied::Passkey,
        Shown::Code(_) | Shown::RecoveryCode(_) => Denied::Code,
    }
}

/// The network that a request came from: that of an attempt stays the same.
fn came_from(request: &Request) -> Option<IpAddr> {
    request.origin.as_ref().map(|origin| Network::household(origin.address))
}
