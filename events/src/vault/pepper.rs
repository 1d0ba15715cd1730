//! Keyed hashes: what is looked up by content is kept as an HMAC, so that a stolen file can't be searched by guessing.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::SqlitePool;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{MasterKey, VaultError};
use crate::store::{Claim, ClaimKind};

const PLACE: &[u8] = b"pepper";

/// 256 bits that are made with the vault and never change: the key of every keyed hash.
pub struct Pepper {
    /// Padded with zeros to a block, as HMAC would do itself.
    key: Zeroizing<[u8; 64]>,
}

impl Pepper {
    /// The claim to a name, which comes in the form in which it is compared.
    pub fn claim(&self, kind: ClaimKind, normalised: &str) -> Claim {
        let domain = match kind {
            ClaimKind::Username => "claim.username",
            ClaimKind::Address => "claim.address",
            ClaimKind::Domain => "claim.domain",
            ClaimKind::Singleton => "claim.singleton",
        };
        Claim { kind, hash: self.hash(domain, normalised.as_bytes()) }
    }

    /// HMAC-SHA-256 of something in a domain of its own: equal things in two domains have different hashes.
    pub fn hash(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new((&*self.key).into());
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Whether a hash is that of these bytes, in constant time.
    pub fn verify(&self, domain: &str, bytes: &[u8], hash: &[u8; 32]) -> bool {
        self.hash(domain, bytes).ct_eq(hash).into()
    }

    /// Reads the pepper, or makes it in a new vault.
    pub(super) async fn load(pool: &SqlitePool, master: &MasterKey) -> Result<Self, VaultError> {
        let mut fresh = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *fresh).map_err(|error| VaultError::Damaged(error.to_string()))?;
        let wrapped = master.wrap(&fresh, PLACE)?;
        sqlx::query("insert into pepper (id, wrapped) values (1, ?) on conflict do nothing")
            .bind(&*wrapped)
            .execute(pool)
            .await?;
        let kept: Vec<u8> =
            sqlx::query_scalar("select wrapped from pepper where id = 1").fetch_one(pool).await?;
        let mut key = Zeroizing::new([0; 64]);
        key[..32].copy_from_slice(&*master.unwrap(&kept, PLACE)?);
        Ok(Self { key })
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper")
    }
}
