//! What a browser hands over: the JSON of `PublicKeyCredential.toJSON()` (`WebAuthn` Level 3, 5.1), read and not yet believed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, de::DeserializeOwned};

use super::{authenticator::AuthenticatorData, cbor::Reader, party::Fault};

/// What `navigator.credentials.create` gave: a credential was made.
pub(super) struct Attestation {
    pub(super) client: Client,
    object: Vec<u8>,
}

/// What `navigator.credentials.get` gave: a credential signs.
pub(super) struct Assertion {
    /// Which one.
    pub(super) credential: Vec<u8>,
    pub(super) client: Client,
    /// What the authenticator says.
    pub(super) data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// Whose it is, as far as the authenticator keeps that.
    pub(super) user: Option<Vec<u8>>,
}

/// What the browser says of what it was asked for (5.8.1).
pub(super) struct Client {
    pub(super) said: Said,
    /// The same as it was said, which is what is signed.
    pub(super) json: Vec<u8>,
    /// What was to be answered.
    pub(super) challenge: Vec<u8>,
}

/// The client data, as far as anything follows from it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Said {
    #[serde(rename = "type")]
    pub(super) kind: String,
    challenge: String,
    pub(super) origin: String,
    /// Whether a page of another origin was around it.
    #[serde(default)]
    pub(super) cross_origin: bool,
    /// Which page that was.
    pub(super) top_origin: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<R> {
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: R,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    #[serde(rename = "clientDataJSON")]
    client: String,
    attestation_object: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    #[serde(rename = "clientDataJSON")]
    client: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

impl Attestation {
    pub(super) fn parse(json: &str) -> Result<Self, Fault> {
        let (_, Made { client, attestation_object }) = parse(json)?;
        Ok(Self { client: Client::parse(&client)?, object: bytes(&attestation_object)? })
    }

    /// What the authenticator says. What it says of its own make (the statement) was not asked for, and proves nothing here.
    pub(super) fn data(&self) -> Result<AuthenticatorData<'_>, Fault> {
        let mut reader = Reader::new(&self.object);
        let data = data_within(&mut reader).filter(|_| reader.rest().is_empty());
        data.and_then(AuthenticatorData::read).ok_or(Fault::Malformed)
    }
}

impl Assertion {
    pub(super) fn parse(json: &str) -> Result<Self, Fault> {
        let (credential, Signed { client, authenticator_data, signature, user_handle }) =
            parse(json)?;
        Ok(Self {
            credential,
            client: Client::parse(&client)?,
            data: bytes(&authenticator_data)?,
            signature: bytes(&signature)?,
            user: user_handle.as_deref().map(bytes).transpose()?,
        })
    }
}

impl Client {
    fn parse(text: &str) -> Result<Self, Fault> {
        let json = bytes(text)?;
        let said: Said = serde_json::from_slice(&json).map_err(|_| Fault::Malformed)?;
        let challenge = bytes(&said.challenge)?;
        Ok(Self { said, json, challenge })
    }
}

/// An answer of a public key, with the credential's id.
fn parse<R: DeserializeOwned>(json: &str) -> Result<(Vec<u8>, R), Fault> {
    let answer: Answer<R> = serde_json::from_str(json).map_err(|_| Fault::Malformed)?;
    if answer.kind != "public-key" {
        return Err(Fault::Malformed);
    }
    Ok((bytes(&answer.raw_id)?, answer.response))
}

/// The authenticator data within an attestation object (6.5.4).
fn data_within<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let mut data = None;
    for _ in 0..reader.map()? {
        match reader.text()? {
            "authData" if data.is_some() => return None,
            "authData" => data = Some(reader.bytes()?),
            _ => reader.skip()?,
        }
    }
    data
}

fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    BASE64.decode(text).map_err(|_| Fault::Malformed)
}
