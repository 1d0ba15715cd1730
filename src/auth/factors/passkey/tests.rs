//! Answers against the vectors of the standard, a device in software, and anything at all.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    answer::{Assertion, Attestation},
    authenticator::AuthenticatorData,
    cbor::Reader,
    key::PublicKey,
    party::{Fault, Owner, RelyingParty},
};
use crate::{
    config::WebOrigin,
    testing::authenticator::{Authenticator, PRESENT, VERIFIED},
};

mod vectors;

const ORIGIN: &str = "https://accounts.example.org";
const CHALLENGE: [u8; 32] = [7; 32];

fn party() -> RelyingParty {
    party_of(ORIGIN, &[]).unwrap()
}

fn party_of(address: &str, listed: &[&str]) -> Option<RelyingParty> {
    let origin = |text: &str| WebOrigin::parse(text).unwrap();
    let listed: Vec<_> = listed.iter().map(|text| origin(text)).collect();
    RelyingParty::of(&origin(address), &listed)
}

fn patience() -> TimeDelta {
    TimeDelta::minutes(5)
}

/// A device with a passkey, and what is known of it.
fn made(device: &mut Authenticator) -> Result<(Vec<u8>, u32), Fault> {
    let owner = Owner { handle: &[1; 16], name: "anna", place: "Bakkerij Bakker" };
    let options = party().creation(&owner, &CHALLENGE, &[], patience());
    let answer = Attestation::parse(&device.create(&options).to_string())?;
    assert_eq!(answer.client.challenge, CHALLENGE);
    let (credential, count) = party().accepts_new(&answer)?;
    assert_eq!(BASE64.encode(credential.id), device.id());
    Ok((credential.key.to_vec(), count))
}

fn signed(device: &mut Authenticator) -> Value {
    device.get(&party().request(&CHALLENGE, &[], patience()))
}

fn accepts(answer: &Value, key: &[u8]) -> Result<u32, Fault> {
    party().accepts(&Assertion::parse(&answer.to_string())?, key)
}

/// What a part of an answer would be with something done to its bytes.
fn altered(mut answer: Value, part: &str, alter: impl Fn(&mut Vec<u8>)) -> Value {
    let text = &mut answer["response"][part];
    let mut bytes = BASE64.decode(text.as_str().unwrap()).unwrap();
    alter(&mut bytes);
    *text = BASE64.encode(bytes).into();
    answer
}

#[test]
fn s13_a_passkey_that_was_made_here_signs_here_whatever_its_algorithm() {
    let long = Authenticator::new(ORIGIN).with_a_long_name();
    for mut device in [Authenticator::new(ORIGIN), Authenticator::ed25519(ORIGIN), long] {
        let (key, count) = made(&mut device).unwrap();
        assert_eq!((count, accepts(&signed(&mut device), &key)), (0, Ok(0)));
        device.count = Some(4);
        assert_eq!(accepts(&signed(&mut device), &key), Ok(5));
    }
}

#[test]
fn s13_an_answer_to_another_page_party_or_question_is_refused() {
    let mut device = Authenticator::new(ORIGIN);
    let (key, _) = made(&mut device).unwrap();
    for origin in [
        "https://accounts.example.org:444",
        "http://accounts.example.org",
        "https://accounts.example.org.evil.example",
        "https://evil.example",
    ] {
        let mut elsewhere = Authenticator::new(origin);
        assert_eq!(made(&mut elsewhere), Err(Fault::Origin));
        origin.clone_into(&mut device.origin);
        assert_eq!(accepts(&signed(&mut device), &key), Err(Fault::Origin));
    }
    ORIGIN.clone_into(&mut device.origin);
    device.party = Some("example.org".to_owned());
    assert_eq!(accepts(&signed(&mut device), &key), Err(Fault::Party));
    assert_eq!(made(&mut device), Err(Fault::Party));
    device.party = None;

    let framed = altered(signed(&mut device), "clientDataJSON", |json| {
        *json = String::from_utf8_lossy(json).replace("false", "true").into_bytes();
    });
    assert_eq!(accepts(&framed, &key), Err(Fault::Origin));
    let framed = altered(signed(&mut device), "clientDataJSON", |json| {
        let more = r#","topOrigin":"https://evil.example"}"#;
        *json = [&json[..json.len() - 1], more.as_bytes()].concat();
    });
    assert_eq!(accepts(&framed, &key), Err(Fault::Origin));
    let making = altered(signed(&mut device), "clientDataJSON", |json| {
        *json = String::from_utf8_lossy(json).replace(".get", ".create").into_bytes();
    });
    assert_eq!(accepts(&making, &key), Err(Fault::Ceremony));
}

#[test]
fn s13_who_was_there_must_be_the_owner() {
    let mut device = Authenticator::new(ORIGIN);
    let (key, _) = made(&mut device).unwrap();
    for (flags, fault) in
        [(PRESENT, Fault::Unverified), (VERIFIED, Fault::Nobody), (0, Fault::Nobody)]
    {
        device.flags = flags;
        assert_eq!(accepts(&signed(&mut device), &key), Err(fault));
        assert_eq!(made(&mut device), Err(fault));
    }
    // A copy of what can't be copied.
    device.flags = PRESENT | VERIFIED | 1 << 4;
    assert_eq!(made(&mut device), Err(Fault::Malformed));
}

#[test]
fn s13_a_signature_of_another_key_or_of_something_else_is_refused() {
    let (mut device, mut other) = (Authenticator::new(ORIGIN), Authenticator::ed25519(ORIGIN));
    let (key, _) = made(&mut device).unwrap();
    let (other_key, _) = made(&mut other).unwrap();
    assert_eq!(accepts(&signed(&mut device), &other_key), Err(Fault::Signature));
    let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1;
    let answer = signed(&mut device);
    for part in ["signature", "authenticatorData"] {
        assert_eq!(accepts(&altered(answer.clone(), part, flip), &key), Err(Fault::Signature));
    }
    let challenged = altered(answer, "clientDataJSON", |json| {
        let (ours, theirs) = (BASE64.encode(CHALLENGE), BASE64.encode([8; 32]));
        *json = String::from_utf8_lossy(json).replace(&ours, &theirs).into_bytes();
    });
    assert_eq!(accepts(&challenged, &key), Err(Fault::Signature));
}

#[test]
fn passkeys_are_made_for_the_name_of_a_host() {
    for (address, id, origin) in [
        ("https://accounts.example.org", "accounts.example.org", "https://accounts.example.org"),
        ("https://Accounts.example.org/", "accounts.example.org", "https://accounts.example.org"),
        ("https://example.org:8443", "example.org", "https://example.org:8443"),
        ("https://example.org:443", "example.org", "https://example.org"),
        ("https://zürich.example", "xn--zrich-kva.example", "https://xn--zrich-kva.example"),
        ("http://127.0.0.1:8090", "localhost", "http://localhost:8090"),
        ("http://[::1]:8090", "localhost", "http://localhost:8090"),
    ] {
        let party = party_of(address, &[]).unwrap();
        let options: Value =
            serde_json::from_str(&party.request(&[1], &[vec![2]], patience())).unwrap();
        assert_eq!(options["rpId"], id);
        assert_eq!(options["allowCredentials"][0], json!({ "type": "public-key", "id": "Ag" }));
        let mut device = Authenticator::new(origin);
        let owner = Owner { handle: &[1], name: "anna", place: "Stamrol" };
        let made = device.create(&party.creation(&owner, &[1], &[], patience()));
        let answer = Attestation::parse(&made.to_string()).unwrap();
        assert!(party.accepts_new(&answer).is_ok(), "{address}");
    }
    for address in ["http://192.0.2.1:8090", "https://[2001:db8::1]", "http://accounts.example.org"]
    {
        assert!(party_of(address, &[]).is_none(), "{address}");
    }
}

#[test]
fn s13_pages_of_listed_origins_have_the_passkeys_that_browsers_give_them() {
    let listed = [
        "https://dash.accounts.example.org",
        "https://accounts.example.org:8443",
        "http://open.accounts.example.org",
        "https://example.org",
        "https://notaccounts.example.org",
        "https://dash.example",
    ];
    let party = party_of(ORIGIN, &listed).unwrap();
    let outcome = |party: &RelyingParty, origin: &str| {
        let mut device = Authenticator::new(origin);
        let owner = Owner { handle: &[1], name: "anna", place: "Stamrol" };
        let made = device.create(&party.creation(&owner, &CHALLENGE, &[], patience()));
        party.accepts_new(&Attestation::parse(&made.to_string()).unwrap()).map(|_| ())
    };
    for origin in [&[ORIGIN], &listed[..2]].concat() {
        assert_eq!(outcome(&party, origin), Ok(()), "{origin}");
    }
    for origin in [&listed[2..], &["https://other.accounts.example.org"]].concat() {
        assert_eq!(outcome(&party, origin), Err(Fault::Origin), "{origin}");
    }
    // Somebody who builds a dashboard on this machine.
    let listed = ["http://localhost:3000", "http://127.0.0.1:3001", "https://a.example"];
    let party = party_of("http://127.0.0.1:8090", &listed).unwrap();
    for origin in ["http://localhost:8090", "http://localhost:3000"] {
        assert_eq!(outcome(&party, origin), Ok(()), "{origin}");
    }
    for origin in ["http://127.0.0.1:8090", "http://127.0.0.1:3001", "https://a.example"] {
        assert_eq!(outcome(&party, origin), Err(Fault::Origin), "{origin}");
    }
}

proptest! {
    #[test]
    fn s13_whatever_is_handed_over_nothing_panics_and_nothing_is_believed(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        text in ".{0,200}",
    ) {
        let _ = Reader::new(&bytes).skip();
        let _ = PublicKey::read(&mut Reader::new(&bytes));
        prop_assert!(AuthenticatorData::read(&bytes).is_none() || bytes.len() >= 37);
        prop_assert!(Attestation::parse(&text).is_err() && Assertion::parse(&text).is_err());
        let answer = |part: &str| json!({
            "rawId": "AQ",
            "type": "public-key",
            "response": {
                "clientDataJSON": BASE64.encode(json!({
                    "type": part, "challenge": "AQ", "origin": ORIGIN,
                }).to_string()),
                "attestationObject": BASE64.encode(&bytes),
                "authenticatorData": BASE64.encode(&bytes),
                "signature": BASE64.encode(&bytes),
            },
        }).to_string();
        let made = Attestation::parse(&answer("webauthn.create")).unwrap();
        prop_assert!(party().accepts_new(&made).is_err());
        let signed = Assertion::parse(&answer("webauthn.get")).unwrap();
        prop_assert!(party().accepts(&signed, &bytes).is_err());
    }

    #[test]
    fn s13_an_answer_that_is_cut_off_or_changed_anywhere_is_refused(
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
        cut in any::<bool>(),
        part in prop::sample::select(vec!["attestationObject", "clientDataJSON", "authenticatorData", "signature"]),
    ) {
        let mut device = Authenticator::new(ORIGIN);
        let owner = Owner { handle: &[1; 16], name: "anna", place: "Bakkerij Bakker" };
        let created = device.create(&party().creation(&owner, &CHALLENGE, &[], patience()));
        let key = made(&mut device).unwrap().0;
        let alter = |bytes: &mut Vec<u8>| {
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        };
        if part != "attestationObject" {
            let signed = altered(signed(&mut device), part, alter);
            prop_assert!(accepts(&signed, &key).is_err());
        } else if let Ok(answer) = Attestation::parse(&altered(created, part, alter).to_string()) {
            // What was made isn't signed; if anything is read from it, it is another credential, and cut off it is none.
            let read = party().accepts_new(&answer);
            prop_assert!(!cut || read.is_err());
        }
    }
}
