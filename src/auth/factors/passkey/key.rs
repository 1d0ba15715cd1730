//! Public keys as authenticators tell them (COSE, RFC 9052), and what they have signed.
//!
//! Three algorithms are enough: what phones and security keys use by default, its modern successor, and what Windows
//! has used.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::cbor::Reader;

/// Names of algorithms (RFC 9053; RFC 8812 for RSA), best first.
pub(super) const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// A public key, where it stands in what an authenticator told.
#[derive(Clone, Copy, Debug)]
pub(super) enum PublicKey<'a> {
    /// A point on P-256.
    Es256 { x: &'a [u8; 32], y: &'a [u8; 32] },
    /// A point on Ed25519.
    EdDsa { x: &'a [u8; 32] },
    /// A modulus and an exponent.
    Rs256 { n: &'a [u8], e: &'a [u8] },
}

/// The parameters of a key by their labels, as far as any is needed.
#[derive(Default)]
struct Parameters<'a> {
    /// Label 1.
    kind: Option<i64>,
    /// Label 3.
    algorithm: Option<i64>,
    /// Label -1 of keys on curves.
    curve: Option<i64>,
    /// Label -1 of RSA keys.
    n: Option<&'a [u8]>,
    /// Label -2: the exponent of RSA keys.
    x: Option<&'a [u8]>,
    /// Label -3.
    y: Option<&'a [u8]>,
}

impl<'a> PublicKey<'a> {
    /// Reads a key, and leaves what stands behind it. None where it is none of those that are accepted.
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let parameters = Parameters::read(reader)?;
        let Parameters { kind, algorithm, curve, n, x, y } = parameters;
        let (x, y) = (x?, y);
        // Kinds of keys and curves: RFC 9053, 7; RFC 8230, 4 for RSA.
        match (algorithm?, kind?) {
            (ES256, 2) if curve == Some(1) => {
                Some(Self::Es256 { x: x.try_into().ok()?, y: y?.try_into().ok()? })
            }
            (EDDSA, 1) if curve == Some(6) => Some(Self::EdDsa { x: x.try_into().ok()? }),
            (RS256, 3) => Some(Self::Rs256 { n: n?, e: x }),
            _ => None,
        }
    }

    /// Whether the owner of the key has signed this.
    pub(super) fn has_signed(self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256 { x, y } => {
                // Uncompressed (SEC 1, 2.3.3).
                let point = [&[4][..], x, y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::EdDsa { x } => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            Self::Rs256 { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        }
        .is_ok()
    }
}

impl<'a> Parameters<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut parameters = Self::default();
        for _ in 0..reader.map()? {
            let label = reader.number()?;
            let twice = match label {
                1 => parameters.kind.replace(reader.number()?).is_some(),
                3 => parameters.algorithm.replace(reader.number()?).is_some(),
                -1 if parameters.kind == Some(3) => parameters.n.replace(reader.bytes()?).is_some(),
                -1 => parameters.curve.replace(reader.number()?).is_some(),
                -2 => parameters.x.replace(reader.bytes()?).is_some(),
                -3 => parameters.y.replace(reader.bytes()?).is_some(),
                _ => {
                    reader.skip()?;
                    false
                }
            };
            if twice {
                return None;
            }
        }
        Some(parameters)
    }
}
