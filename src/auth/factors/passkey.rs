//! Passkeys (`WebAuthn` Level 3): keys that never leave a device, or their owner's devices, and sign for nobody but the
//! address that they were made for.
//!
//! | room | what it holds |
//! |---|---|
//! | `challenge` | what an authenticator signs, once |
//! | `answer` | what a browser hands over |
//! | `party` | what is asked for, and what is believed |
//! | `authenticator`, `key`, `cbor` | how authenticators write that |
//!
//! The vault has the public key under its owner's, and a keyed hash of the credential's id, by which it is found and is
//! nobody else's. The log has how often it has signed, as the `step` that can't be used again.

mod answer;
mod authenticator;
mod cbor;
mod challenge;
mod key;
mod party;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use commands::{
    Command, Failure, Refusal, Request,
    factors::{Factors, Proof},
};
use events::{
    AccountId, FactorId,
    factor::FactorKind,
    vault::{Token, TokenKind},
};
use graphql::port::{Denied, PasskeyAsked};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use self::{
    answer::{Assertion, Attestation},
    party::{Fault, Owner},
};
pub(in crate::auth) use self::{challenge::Purpose, party::RelyingParty};
use super::{Knowledge, refused};
use crate::auth::{Auth, closed, sign_in::anonymously};

/// A credential that somebody has shown to have.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Passkey {
    /// What its authenticator calls it.
    credential: Vec<u8>,
    /// Its public key, as a COSE key.
    key: Vec<u8>,
}

/// What was shown, before anything is believed of it.
pub(in crate::auth) struct ShownPasskey(Assertion);

impl Auth {
    /// Asks for a passkey to be made; what the browser's API takes.
    pub(super) async fn ask_to_make(
        &self,
        account: AccountId,
        factor: FactorId,
        (name, place): (&str, &str),
        expires_at: DateTime<Utc>,
    ) -> Result<String, Denied> {
        let party = self.party.as_ref().ok_or(refused(Refusal::Forbidden))?;
        let known = self.credentials(account).await?;
        let challenge = self.challenge(Purpose::SetUp(factor), expires_at).await?;
        let handle = account.uuid();
        let owner = Owner { handle: handle.as_bytes(), name, place };
        Ok(party.creation(&owner, &challenge, &known, expires_at - self.clock.now()))
    }

    /// What is to be kept of a passkey that was made, and the count of its signatures. With `before`, it was kept already,
    /// and the same is shown again.
    pub(super) async fn passkey_made(
        &self,
        factor: FactorId,
        before: Option<&Passkey>,
        shown: &SecretString,
    ) -> Result<(Passkey, Option<u64>), Denied> {
        let party = self.party.as_ref().ok_or(Denied::Passkey)?;
        let answer = Attestation::parse(shown.expose_secret()).map_err(denied)?;
        if before.is_none()
            && !self.redeem(Purpose::SetUp(factor), &answer.client.challenge).await?
        {
            return Err(Denied::Passkey);
        }
        let (credential, count) = party.accepts_new(&answer).map_err(denied)?;
        let made = Passkey { credential: credential.id.to_vec(), key: credential.key.to_vec() };
        if before.is_some_and(|before| *before != made) {
            return Err(Denied::Passkey);
        }
        Ok((made, counted(count)))
    }

    /// Step 26 of 7.1: a credential is nobody's yet. It stays so for whoever has its turn.
    pub(super) async fn is_nobody_elses(
        &self,
        factor: FactorId,
        passkey: &Passkey,
    ) -> Result<(), Denied> {
        match self.owner_of(&passkey.credential).await? {
            Some((known, _)) if known != factor => Err(Denied::Passkey),
            _ => Ok(()),
        }
    }

    /// Notes whose a credential is, so that it is found by its id.
    pub(super) async fn note_owner(
        &self,
        account: AccountId,
        factor: FactorId,
        passkey: &Passkey,
    ) -> Result<(), Denied> {
        let now = self.clock.now();
        let kept = Token {
            kind: TokenKind::Passkey,
            id: factor.uuid(),
            account: Some(account),
            hash: self.hash_of_credential(&passkey.credential),
            created_at: now,
            last_used_at: now,
            expires_at: None,
        };
        self.vault.put_token(kept).await.map_err(closed)
    }

    /// Asks for one of somebody's passkeys, or for anybody's where nobody has said who they are.
    pub(in crate::auth) async fn ask_for_passkey(
        &self,
        account: Option<AccountId>,
        purpose: Purpose,
        expires_at: DateTime<Utc>,
    ) -> Result<PasskeyAsked, Denied> {
        let party = self.party.as_ref().ok_or(Denied::Passkey)?;
        let known = match account {
            Some(account) => self.credentials(account).await?,
            None => Vec::new(),
        };
        if account.is_some() && known.is_empty() {
            // An empty list would mean any.
            return Err(Denied::Passkey);
        }
        let challenge = self.challenge(purpose, expires_at).await?;
        let options = party.request(&challenge, &known, expires_at - self.clock.now());
        Ok(PasskeyAsked { options, expires_at })
    }

    /// The account that a passkey was shown for, and which of its factors that is. None where nobody has it, or its
    /// authenticator says that it is somebody else's.
    pub(in crate::auth) async fn whose(
        &self,
        ShownPasskey(answer): &ShownPasskey,
    ) -> Result<Option<(FactorId, AccountId)>, Denied> {
        let owner = self.owner_of(&answer.credential).await?;
        let fits = |account: AccountId| {
            answer.user.as_ref().is_none_or(|user| user == account.uuid().as_bytes())
        };
        Ok(owner.filter(|(_, account)| fits(*account)))
    }

    pub(super) async fn by_passkey(
        &self,
        request: &Request,
        account: AccountId,
        factors: &Factors,
        purpose: Purpose,
        shown: &SecretString,
    ) -> Result<Option<Proof>, Denied> {
        let Some(shown) = ShownPasskey::parse(shown) else { return Ok(None) };
        if !self.redeem(purpose, shown.challenge()).await? {
            return Ok(None);
        }
        match self.whose(&shown).await? {
            Some((factor, owner)) if owner == account => {
                self.passkey_proof(request, account, factor, factors, &shown).await
            }
            _ => Ok(None),
        }
    }

    /// What a passkey proves, whose owner is known. One that counts backwards proves nothing: there may be two of it, which
    /// history tells.
    pub(in crate::auth) async fn passkey_proof(
        &self,
        request: &Request,
        account: AccountId,
        factor: FactorId,
        factors: &Factors,
        ShownPasskey(answer): &ShownPasskey,
    ) -> Result<Option<Proof>, Denied> {
        let (Some(party), Some(known)) = (&self.party, factors.find(factor)) else {
            return Ok(None);
        };
        let Some(Knowledge::Passkey(Some(passkey))) = &self.knowledge(account, factor).await?
        else {
            return Ok(None);
        };
        let step = match party.accepts(answer, &passkey.key) {
            Ok(count) => counted(count),
            Err(fault) => {
                tell(fault);
                return Ok(None);
            }
        };
        if !known.goes_on(step) {
            let suspect = Command::FactorSuspect { account, factor };
            return match self.handler.handle(&anonymously(request), suspect).await {
                // It was removed in this very moment.
                Ok(_) | Err(Failure::Refused(Refusal::FactorNotFound)) => Ok(None),
                Err(failure) => Err(failure.into()),
            };
        }
        Ok(Some(Proof::Factor { factor, step }))
    }

    /// What the authenticators of somebody's passkeys call them.
    async fn credentials(&self, account: AccountId) -> Result<Vec<Vec<u8>>, Denied> {
        let factors = self.handler.factors_of(account).await?;
        let mut credentials = Vec::new();
        for factor in factors.all().iter().filter(|factor| factor.kind == FactorKind::Passkey) {
            if let Some(Knowledge::Passkey(Some(passkey))) =
                &self.knowledge(account, factor.id).await?
            {
                credentials.push(passkey.credential.clone());
            }
        }
        Ok(credentials)
    }

    async fn owner_of(&self, credential: &[u8]) -> Result<Option<(FactorId, AccountId)>, Denied> {
        let hash = self.hash_of_credential(credential);
        let kept = self.vault.find_token(&hash).await.map_err(closed)?;
        let kept = kept.filter(|kept| kept.kind == TokenKind::Passkey);
        Ok(kept.and_then(|kept| Some((FactorId::new(kept.id), kept.account?))))
    }

    fn hash_of_credential(&self, credential: &[u8]) -> [u8; 32] {
        self.vault.pepper().hash("passkey_credential", credential)
    }
}

impl Passkey {
    /// What its authenticator calls it.
    pub(super) fn credential(&self) -> &[u8] {
        &self.credential
    }
}

impl ShownPasskey {
    pub(in crate::auth) fn parse(shown: &SecretString) -> Option<Self> {
        Assertion::parse(shown.expose_secret()).inspect_err(|fault| tell(*fault)).ok().map(Self)
    }

    /// What it answers to.
    pub(in crate::auth) fn challenge(&self) -> &[u8] {
        &self.0.client.challenge
    }

    /// What is counted that was tried with it, in the place of the name that somebody types.
    pub(in crate::auth) fn name(&self) -> String {
        format!("passkey {:?}", self.0.credential)
    }

    /// Whether its authenticator says whose it is, as it must where nobody else does (7.2, step 6).
    pub(in crate::auth) const fn says_whose(&self) -> bool {
        self.0.user.is_some()
    }
}

/// An authenticator that doesn't count says 0.
fn counted(count: u32) -> Option<u64> {
    (count > 0).then(|| count.into())
}

fn denied(fault: Fault) -> Denied {
    tell(fault);
    Denied::Passkey
}

/// For whoever wonders why no passkey works: mostly the address isn't the configured one.
fn tell(fault: Fault) {
    tracing::debug!(%fault, "a passkey was refused");
}
