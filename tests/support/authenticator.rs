//! An authenticator in software, with the browser around it: it makes passkeys and signs with them, as `WebAuthn` Level 3
//! and CTAP 2.1 say, unless it is told to do otherwise.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const PRESENT: u8 = 1;
pub(crate) const VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;

/// A device with one passkey. What it does wrong is set in its fields.
pub(crate) struct Authenticator {
    key: Key,
    credential: Vec<u8>,
    /// Whose the passkey is, once it was made.
    pub(crate) user: Option<Vec<u8>>,
    /// The page's origin, as the browser says it.
    pub(crate) origin: String,
    /// For whom it signs; none: for whom it is asked.
    pub(crate) party: Option<String>,
    /// What it says of whoever touches it.
    pub(crate) flags: u8,
    /// How often it has signed; none: it doesn't count.
    pub(crate) count: Option<u32>,
}

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Authenticator {
    /// A device that signs with P-256, as most do.
    pub(crate) fn new(origin: &str) -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap();
        Self::with(Key::P256(key), origin)
    }

    /// A device that signs with Ed25519.
    pub(crate) fn ed25519(origin: &str) -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::with(Key::Ed25519(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap()), origin)
    }

    fn with(key: Key, origin: &str) -> Self {
        let mut credential = vec![0; 32];
        SystemRandom::new().fill(&mut credential).unwrap();
        let (user, party, flags) = (None, None, PRESENT | VERIFIED);
        Self { key, credential, user, origin: origin.to_owned(), party, flags, count: None }
    }

    /// The same device, whose passkey has a name as long as any may be (6.5.1).
    pub(crate) fn with_a_long_name(mut self) -> Self {
        self.credential.resize(1_023, 7);
        self
    }

    /// What `navigator.credentials.create` gives for these options.
    pub(crate) fn create(&mut self, options: &str) -> Value {
        let options: Value = serde_json::from_str(options).unwrap();
        self.user = Some(BASE64.decode(options["user"]["id"].as_str().unwrap()).unwrap());
        let party = options["rp"]["id"].as_str().unwrap();
        let mut data = self.data(party, HAS_CREDENTIAL);
        // No model, the credential's id, and its key.
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        data.extend(self.key.cose());
        let object = [
            head(5, 3),
            [text("fmt"), text("none")].concat(),
            [text("attStmt"), head(5, 0)].concat(),
            [text("authData"), bytes(&data)].concat(),
        ];
        let client = self.client("webauthn.create", &options);
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(client),
            "attestationObject": BASE64.encode(object.concat()),
            "authenticatorData": BASE64.encode(data),
            "publicKey": BASE64.encode(self.key.public()),
            "publicKeyAlgorithm": self.key.algorithm(),
            "transports": ["internal"],
        }))
    }

    /// What `navigator.credentials.get` gives for these options.
    pub(crate) fn get(&mut self, options: &str) -> Value {
        let options: Value = serde_json::from_str(options).unwrap();
        self.count = self.count.map(|count| count + 1);
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client = self.client("webauthn.get", &options);
        let signed = [&data[..], Sha256::digest(&client).as_slice()].concat();
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(client),
            "authenticatorData": BASE64.encode(data),
            "signature": BASE64.encode(self.key.sign(&signed)),
            "userHandle": self.user.as_ref().map(|user| BASE64.encode(user)),
        }))
    }

    /// What its passkey is called.
    pub(crate) fn id(&self) -> String {
        BASE64.encode(&self.credential)
    }

    fn answer(&self, response: &Value) -> Value {
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }

    fn data(&self, party: &str, more: u8) -> Vec<u8> {
        let party = self.party.as_deref().unwrap_or(party);
        let mut data = Sha256::digest(party).to_vec();
        data.push(self.flags | more);
        data.extend(self.count.unwrap_or_default().to_be_bytes());
        data
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let (challenge, origin) = (&options["challenge"], &self.origin);
        json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }
}

impl Key {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    const fn algorithm(&self) -> i64 {
        match self {
            Self::P256(_) => -7,
            Self::Ed25519(_) => -8,
        }
    }

    /// The public half as browsers tell it beside that (RFC 5480, RFC 8410).
    fn public(&self) -> Vec<u8> {
        let (head, key): (&[u8], _) = match self {
            Self::P256(key) => (
                b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00",
                key.public_key().as_ref(),
            ),
            Self::Ed25519(key) => (
                b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00",
                key.public_key().as_ref(),
            ),
        };
        [head, key].concat()
    }

    /// The public half as a COSE key (RFC 9053, 7).
    fn cose(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                // An uncompressed point is a 4, and two numbers.
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
                [&head[..], &bytes(x), &[0x22], &bytes(y)].concat()
            }
            Self::Ed25519(key) => {
                let head = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21];
                [&head[..], &bytes(key.public_key().as_ref())].concat()
            }
        }
    }
}

fn text(text: &str) -> Vec<u8> {
    [head(3, text.len()), text.as_bytes().to_vec()].concat()
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    [head(2, bytes.len()), bytes.to_vec()].concat()
}

/// The head of a CBOR item (RFC 8949, 3).
fn head(major: u8, value: usize) -> Vec<u8> {
    match u8::try_from(value) {
        Ok(small @ 0..=23) => vec![major << 5 | small],
        Ok(byte) => vec![major << 5 | 0x18, byte],
        Err(_) => {
            let [high, low] = u16::try_from(value).unwrap().to_be_bytes();
            vec![major << 5 | 0x19, high, low]
        }
    }
}
