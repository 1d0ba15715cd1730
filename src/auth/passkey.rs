//! Signing in with a passkey and nothing else: neither a name nor a password is typed.
//!
//! The browser shows its user which passkeys there are, and the one that is chosen says whose it is. A passkey whose owner
//! is known to it is two factors: no second one is asked for. Every refusal says the same after the same time: a passkey
//! that nobody has, one that is removed, and an account that is barred.

use chrono::TimeDelta;
use commands::{Failure, Refusal, Request};
use graphql::port::{Denied, PasskeyAsked, PasskeyFor, SignedIn};
use secrecy::SecretString;
use tokio::time::Instant;

use super::{
    Auth, BUSY,
    factors::{Purpose, ShownPasskey, oneself},
    sign_in::{Known, REFUSED_AFTER},
    standing::works_in,
    watch::Why,
};

/// How long one may take to choose a passkey.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

impl Auth {
    pub(super) async fn passkey_begin(
        &self,
        request: &Request,
        what_for: &PasskeyFor,
    ) -> Result<PasskeyAsked, Denied> {
        let expires_at = self.clock.now() + PATIENCE;
        match what_for {
            PasskeyFor::Attempt(attempt) => self.passkey_for_attempt(request, attempt).await,
            PasskeyFor::StepUp => {
                let (account, session) = oneself(request)?;
                self.count(request, account)?;
                self.ask_for_passkey(Some(account), Purpose::StepUp(session), expires_at).await
            }
            PasskeyFor::SignIn => {
                if let Some(origin) = &request.origin {
                    // Nobody has said a name yet: the limits of the address hold, and those of all.
                    self.limits.count(origin.address, &request.id.to_string())?;
                }
                self.ask_for_passkey(None, Purpose::SignIn, expires_at).await
            }
        }
    }

    pub(super) async fn sign_in_with_passkey(
        &self,
        request: &Request,
        shown: &SecretString,
    ) -> Result<SignedIn, Denied> {
        let began = Instant::now();
        let outcome = self.open_with_passkey(request, shown).await;
        if matches!(outcome, Err(Denied::Passkey)) {
            tokio::time::sleep_until(began + REFUSED_AFTER).await;
        }
        outcome
    }

    async fn open_with_passkey(
        &self,
        request: &Request,
        shown: &SecretString,
    ) -> Result<SignedIn, Denied> {
        let refused = |why| {
            self.watch.refused(why, request.origin.as_ref());
            Denied::Passkey
        };
        let shown = ShownPasskey::parse(shown).ok_or_else(|| refused(Why::Unknown))?;
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &shown.name()).inspect_err(|_| {
                self.watch.refused(Why::TooMany, Some(origin));
            })?;
        }
        if !self.take_turn_of(&shown).await? {
            return Err(refused(Why::Wrong));
        }
        let owner = self.whose(&shown).await?.filter(|_| shown.says_whose());
        let (factor, account) = owner.ok_or_else(|| refused(Why::Unknown))?;
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let state = self.handler.account_state(account).await?;
        let state = state.filter(|state| self.within_hours(state));
        let organisation = state.as_ref().and_then(|state| works_in(state).ok());
        let organisation = organisation.ok_or_else(|| refused(Why::Barred))?;
        let factors = self.handler.factors_of(account).await?;
        let proof = self.passkey_proof(request, account, factor, &factors, &shown).await?;
        let Some(proof) = proof else {
            // It counts towards no lock: nobody guesses signatures, and whoever knows what a passkey is called would
            // lock its owner out.
            return Err(refused(Why::Wrong));
        };
        let known = Known { account, organisation, weak: None, asked: false };
        self.begin(request, &known, Some(proof)).await.map_err(|denied| match denied {
            Denied::Credentials | Denied::Failed(Failure::Refused(Refusal::CodeUsed)) => {
                Denied::Passkey
            }
            other => other,
        })
    }

    /// Uses up the challenge that was answered, and tells whether it was one. Of several answers at once one gets it.
    async fn take_turn_of(&self, shown: &ShownPasskey) -> Result<bool, Denied> {
        let turn = self.turns.take(shown.challenge()).await;
        let _turn = turn.ok_or(BUSY)?;
        self.redeem(Purpose::SignIn, shown.challenge()).await
    }
}
