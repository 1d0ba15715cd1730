//! Opaque tokens: 256 bits from the system's generator. Only their keyed hash is kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use events::vault::Pepper;
use secrecy::{ExposeSecret, SecretString};

/// What a token is for; its prefix says it, so that a leaked one is recognised at sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session of a person.
    Session,
    /// The key of a program.
    ServiceKey,
    /// The right to become the first operator.
    Setup,
    /// The right to choose another password, together with a code.
    PasswordReset,
    /// The right to confirm an e-mail address.
    EmailConfirm,
    /// A sign-in whose password was right.
    Attempt,
    /// The mailed link that activates an account.
    Activation,
    /// The link by which people join an organisation.
    Invitation,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Session,
        Self::ServiceKey,
        Self::Setup,
        Self::Attempt,
        Self::PasswordReset,
        Self::EmailConfirm,
        Self::Activation,
        Self::Invitation,
    ];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "sts_",
            Self::ServiceKey => "stk_",
            Self::Setup => "sto_",
            Self::PasswordReset => "str_",
            Self::EmailConfirm => "ste_",
            Self::Attempt => "sta_",
            Self::Activation => "stl_",
            Self::Invitation => "sti_",
        }
    }
}

/// The system has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("the system's random generator failed")]
pub struct NoRandomness;

/// A token's HMAC under the installation's pepper. Enough without stretching: a token has 256 bits that nobody chose.
pub type Hash = [u8; 32];

/// A new token and its hash.
pub fn generate(pepper: &Pepper, kind: Kind) -> Result<(SecretString, Hash), NoRandomness> {
    let mut bits = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bits).map_err(|_| NoRandomness)?;
    let token = SecretString::from(format!("{}{}", kind.prefix(), BASE64.encode(*bits)));
    let hash = hash(pepper, &token);
    Ok((token, hash))
}

/// The hash under which a token is found.
pub fn hash(pepper: &Pepper, token: &SecretString) -> Hash {
    pepper.hash("token", token.expose_secret().as_bytes())
}

/// What a token claims to be for; none where it has no token's form.
pub fn kind(token: &SecretString) -> Option<Kind> {
    let token = token.expose_secret();
    // Four letters, and 32 bytes in base64 without padding.
    Kind::ALL.into_iter().find(|kind| token.starts_with(kind.prefix()) && token.len() == 4 + 43)
}

#[cfg(test)]
mod tests {
    use events::vault::Vault;

    use super::*;

    #[tokio::test]
    async fn s14_a_token_has_256_bits_and_only_its_hash_finds_it() {
        let vault = Vault::in_memory().await.unwrap();
        let (token, hashed) = generate(vault.pepper(), Kind::Session).unwrap();
        let (other, _) = generate(vault.pepper(), Kind::Session).unwrap();
        let bits = BASE64.decode(&token.expose_secret()["sts_".len()..]).unwrap();
        assert_eq!(bits.len() * 8, 256);
        assert_eq!(hash(vault.pepper(), &token), hashed);
        assert_ne!(hash(vault.pepper(), &other), hashed);
    }

    #[tokio::test]
    async fn s28_a_token_is_found_by_a_keyed_hash_that_nobody_can_steer_without_the_key() {
        let (one, other) = (Vault::in_memory().await.unwrap(), Vault::in_memory().await.unwrap());
        let (token, hashed) = generate(one.pepper(), Kind::Session).unwrap();
        assert_ne!(hash(other.pepper(), &token), hashed);
        assert!(one.pepper().verify("token", token.expose_secret().as_bytes(), &hashed));
    }

    #[tokio::test]
    async fn a_token_says_what_it_is_for() {
        let vault = Vault::in_memory().await.unwrap();
        for kind in Kind::ALL {
            assert_eq!(super::kind(&generate(vault.pepper(), kind).unwrap().0), Some(kind));
        }
        for text in ["", "sts_", "sts_tooshort", "Bearer sts_"] {
            assert_eq!(super::kind(&text.into()), None);
        }
    }
}
