//! The relying party: what it asks a browser for, and what it believes (`WebAuthn` Level 3, 7.1 and 7.2).
//!
//! Whether a challenge is ours is decided before, see [`challenge`](super::challenge); whose a credential is and how often
//! it has signed, afterwards.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    answer::{Assertion, Attestation, Client, Said},
    authenticator::{AuthenticatorData, Credential},
    cbor::Reader,
    key::{ALGORITHMS, PublicKey},
};
use crate::config::WebOrigin;

/// Where passkeys are made for: the address that people type.
#[derive(Debug)]
pub(in crate::auth) struct RelyingParty {
    /// The host.
    id: String,
    /// Its SHA-256, which authenticators answer with.
    hash: [u8; 32],
    /// Where its pages are: that address, and those listed ones to which browsers give passkeys of it.
    origins: Vec<WebOrigin>,
}

/// What is wrong with an answer. Never said to whoever gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::auth) enum Fault {
    /// It isn't what browsers and authenticators say.
    #[error("it can't be read")]
    Malformed,
    /// It answers to something else than what was asked.
    #[error("it answers to something else")]
    Ceremony,
    /// It was given to a page of another origin.
    #[error("it was given to another origin")]
    Origin,
    /// It is made for somebody else.
    #[error("it is made for another relying party")]
    Party,
    /// Nobody was there.
    #[error("nobody was there")]
    Nobody,
    /// Somebody was there, and may have been anybody.
    #[error("nobody knows who was there")]
    Unverified,
    /// The signature is another one.
    #[error("the signature is wrong")]
    Signature,
}

/// For whom a credential is made.
pub(super) struct Owner<'a> {
    /// What the authenticator gives back, which tells nobody anything.
    pub(super) handle: &'a [u8],
    /// What people see beside it.
    pub(super) name: &'a str,
    /// Where it is for, as people see it.
    pub(super) place: &'a str,
}

impl RelyingParty {
    /// That of an address, for its pages and those of `listed` ones within its host. None where browsers make no passkeys
    /// for it: they ask for TLS and the name of a host, but for this machine itself, which is `localhost` to them.
    pub(in crate::auth) fn of(address: &WebOrigin, listed: &[WebOrigin]) -> Option<Self> {
        let mut origins = address.aliases();
        origins.retain(WebOrigin::is_trustworthy);
        let id = origins.iter().find_map(WebOrigin::domain)?.to_owned();
        origins.extend(listed.iter().filter(|origin| origin.is_trustworthy()).cloned());
        origins.retain(|origin| origin.domain().is_some_and(|host| is_within(host, &id)));
        Some(Self { hash: Sha256::digest(&id).into(), id, origins })
    }

    /// What `PublicKeyCredential.parseCreationOptionsFromJSON()` takes: a credential is to be made (5.4).
    pub(super) fn creation(
        &self,
        owner: &Owner<'_>,
        challenge: &[u8],
        known: &[Vec<u8>],
        timeout: TimeDelta,
    ) -> String {
        let parameters = ALGORITHMS.map(|alg| json!({ "type": "public-key", "alg": alg }));
        json!({
            "rp": { "id": self.id, "name": owner.place },
            "user": {
                "id": BASE64.encode(owner.handle),
                "name": owner.name,
                "displayName": owner.name,
            },
            "challenge": BASE64.encode(challenge),
            "pubKeyCredParams": parameters,
            "timeout": timeout.num_milliseconds(),
            "excludeCredentials": descriptors(known),
            // Where it has room it keeps whose it is, so that nobody has to type a name.
            "authenticatorSelection": { "residentKey": "preferred", "userVerification": "required" },
            "attestation": "none",
        })
        .to_string()
    }

    /// What `PublicKeyCredential.parseRequestOptionsFromJSON()` takes: a credential is to sign (5.5). Without `known` ones
    /// any that its owner chooses.
    pub(super) fn request(
        &self,
        challenge: &[u8],
        known: &[Vec<u8>],
        timeout: TimeDelta,
    ) -> String {
        json!({
            "challenge": BASE64.encode(challenge),
            "timeout": timeout.num_milliseconds(),
            "rpId": self.id,
            "allowCredentials": descriptors(known),
            "userVerification": "required",
        })
        .to_string()
    }

    /// The credential that was made, and how many signatures it counts (7.1).
    pub(super) fn accepts_new<'a>(
        &self,
        answer: &'a Attestation,
    ) -> Result<(Credential<'a>, u32), Fault> {
        self.check_client(&answer.client, "webauthn.create")?;
        let data = answer.data()?;
        self.check_data(&data)?;
        Ok((data.made.ok_or(Fault::Malformed)?, data.count))
    }

    /// How many signatures the credential with this public key counts, which has signed the answer (7.2).
    pub(super) fn accepts(&self, answer: &Assertion, key: &[u8]) -> Result<u32, Fault> {
        self.check_client(&answer.client, "webauthn.get")?;
        let data = AuthenticatorData::read(&answer.data).ok_or(Fault::Malformed)?;
        self.check_data(&data)?;
        let key = PublicKey::read(&mut Reader::new(key)).ok_or(Fault::Malformed)?;
        let signed = [&answer.data[..], Sha256::digest(&answer.client.json).as_slice()].concat();
        if !key.has_signed(&signed, &answer.signature) {
            return Err(Fault::Signature);
        }
        Ok(data.count)
    }

    /// Steps 7 to 12 of 7.1, and 10 to 14 of 7.2, but for the challenge.
    fn check_client(&self, client: &Client, ceremony: &str) -> Result<(), Fault> {
        if client.said.kind != ceremony {
            return Err(Fault::Ceremony);
        }
        let Said { origin, cross_origin, top_origin, .. } = &client.said;
        let is_ours = self.origins.iter().any(|ours| ours.as_str() == origin);
        // No page frames ours, whichever way a browser says so.
        if !is_ours || *cross_origin || top_origin.is_some() {
            return Err(Fault::Origin);
        }
        Ok(())
    }

    /// Steps 14 to 16 of 7.1, and 15 to 17 of 7.2. Whoever shows a passkey has shown two things: that they have it, and
    /// that it is theirs.
    fn check_data(&self, data: &AuthenticatorData<'_>) -> Result<(), Fault> {
        if !bool::from(data.party.ct_eq(&self.hash)) {
            return Err(Fault::Party);
        }
        if !data.somebody_was_there() {
            return Err(Fault::Nobody);
        }
        if !data.it_was_the_owner() {
            return Err(Fault::Unverified);
        }
        Ok(())
    }
}

/// Whether a host is that of the relying party, or below it (5.1.3, step 8).
fn is_within(host: &str, id: &str) -> bool {
    host.strip_suffix(id).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

fn descriptors(ids: &[Vec<u8>]) -> Vec<Value> {
    ids.iter().map(|id| json!({ "type": "public-key", "id": BASE64.encode(id) })).collect()
}
