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
    answer::{Assertion, Attestation, Client},
    authenticator::{AuthenticatorData, Credential},
    cbor::Reader,
    key::{ALGORITHMS, PublicKey},
};

/// Where passkeys are made for: the address that people type.
#[derive(Debug)]
pub(in crate::auth) struct RelyingParty {
    /// The host.
    id: String,
    /// Its SHA-256, which authenticators answer with.
    hash: [u8; 32],
    /// Scheme, host and port.
    origin: String,
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
    /// That of an address such as `https://accounts.example.org`. None where browsers make no passkeys for it: they ask for
    /// the name of a host, but for this machine itself, which is `localhost` to them.
    pub(in crate::auth) fn of(address: &str) -> Option<Self> {
        let address = address.trim_end_matches('/').to_ascii_lowercase();
        let (scheme, authority) = address.split_once("://")?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => (host, port),
            _ => (authority, ""),
        };
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let id = match literal.parse::<std::net::IpAddr>() {
            Ok(ip) if ip.is_loopback() => "localhost",
            Ok(_) => return None,
            Err(_) if host.is_empty() => return None,
            Err(_) => host,
        };
        let colon = if port.is_empty() { "" } else { ":" };
        Some(Self {
            id: id.to_owned(),
            hash: Sha256::digest(id).into(),
            origin: format!("{scheme}://{id}{colon}{port}"),
        })
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
        // No page frames ours.
        if client.said.origin != self.origin || client.said.cross_origin {
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

fn descriptors(ids: &[Vec<u8>]) -> Vec<Value> {
    ids.iter().map(|id| json!({ "type": "public-key", "id": BASE64.encode(id) })).collect()
}
