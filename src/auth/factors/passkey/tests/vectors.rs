//! The test vectors of `WebAuthn` Level 3, chapter 16, for `example.org`: with no attestation, with its own, with that of a
//! maker, and for all three algorithms.

use super::{
    Assertion, Attestation, AuthenticatorData, BASE64, Digest, Engine, Fault, PublicKey, Reader,
    Sha256, Value, json, party_of,
};

const VECTORS: &str = include_str!("vectors.txt");

/// A registration and an authentication.
#[derive(Default)]
struct Vector {
    challenge: Vec<u8>,
    made: Value,
    signed: Value,
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn vectors() -> Vec<(&'static str, Vector)> {
    let mut vectors = Vec::new();
    for line in VECTORS.lines() {
        match line.split_once(' ').unwrap() {
            ("#", name) => vectors.push((name, Vector::default())),
            (part, value) => {
                let (_, vector): &mut (_, Vector) = vectors.last_mut().unwrap();
                let base64 = BASE64.encode(hex(value));
                match part.split_once('.').unwrap() {
                    ("registration", "challenge") => vector.challenge = hex(value),
                    ("registration", part) => vector.made[part] = base64.into(),
                    (_, part) => vector.signed[part] = base64.into(),
                }
            }
        }
    }
    vectors
}

fn answer(response: &Value) -> String {
    json!({ "rawId": "AQ", "type": "public-key", "response": response }).to_string()
}

#[test]
fn s13_the_vectors_of_the_standard_hold() {
    let party = party_of("https://example.org", &[]).unwrap();
    let vectors = vectors();
    assert_eq!(vectors.len(), 5);
    for (name, Vector { challenge, made, signed }) in vectors {
        let made = Attestation::parse(&answer(&made)).unwrap();
        assert_eq!(made.client.challenge, challenge, "{name}");
        let credential = made.data().unwrap().made.unwrap();
        assert_eq!(credential.id.len(), 32, "{name}");

        let signed = Assertion::parse(&answer(&signed)).unwrap();
        let key = PublicKey::read(&mut Reader::new(credential.key)).unwrap();
        let text = [&signed.data[..], Sha256::digest(&signed.client.json).as_slice()].concat();
        assert!(key.has_signed(&text, &signed.signature), "{name}");

        // Some are of devices that don't know who was there, which is enough for the standard and not for us.
        let by_owner = |data: AuthenticatorData<'_>| data.it_was_the_owner();
        let expected = |by_owner| if by_owner { Ok(0) } else { Err(Fault::Unverified) };
        let new = party.accepts_new(&made).map(|(_, count)| count);
        assert_eq!(new, expected(by_owner(made.data().unwrap())), "{name}");
        let again = party.accepts(&signed, credential.key);
        assert_eq!(
            again,
            expected(by_owner(AuthenticatorData::read(&signed.data).unwrap())),
            "{name}"
        );
    }
}
