//! Recovery codes: for the day when a factor is lost. Ten, each works once; only keyed hashes of them are kept.

use commands::{
    Command, Done, Request,
    factors::{Factors, Proof},
};
use events::{AccountId, CredentialId, vault::SecretKind};
use graphql::port::Denied;
use secrecy::SecretString;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{no_randomness, oneself, unreadable};
use crate::auth::{Auth, BUSY, closed, code::RECOVERY, token::NoRandomness};

/// How many there are.
const COUNT: u8 = 10;
/// Hashes, in the order of the codes.
type Hashes = Vec<[u8; 32]>;

impl Auth {
    pub(in crate::auth) async fn recovery_codes_make(
        &self,
        request: &Request,
    ) -> Result<(Done, Vec<SecretString>), Denied> {
        let (account, _) = oneself(request)?;
        // Two at once would each take the other's for the old ones.
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let codes = self.new_credential();
        let make = Command::RecoveryCodesMake { account, codes, count: COUNT };
        if let Some(done) = self.handler.rehearse(request, make.clone()).await? {
            return Ok((done, Vec::new()));
        }
        let before = self.handler.factors_of(account).await?.recovery();
        let texts = (0..COUNT).map(|_| RECOVERY.draw()).collect::<Result<Vec<_>, _>>();
        let texts = texts.map_err(|NoRandomness| no_randomness())?;
        let hashes: Hashes = texts.iter().map(|text| self.hash(codes, text)).collect();
        let plain = serde_json::to_vec(&hashes).map_err(|error| unreadable(&error))?;
        let plain = Zeroizing::new(plain);
        let kept =
            self.vault.put_secret(SecretKind::RecoveryCodes, codes.uuid(), account, &plain, None);
        kept.await.map_err(closed)?;
        let done = self.handler.handle(request, make).await?;
        if done.replayed {
            self.vault.delete_secrets(&[codes.uuid()]).await.map_err(closed)?;
            return Ok((done, Vec::new()));
        }
        if let Some(before) = before {
            self.vault.delete_secrets(&[before.codes.uuid()]).await.map_err(closed)?;
        }
        Ok((done, texts))
    }

    pub(super) async fn by_recovery_code(
        &self,
        account: AccountId,
        factors: &Factors,
        code: &SecretString,
    ) -> Result<Option<Proof>, Denied> {
        let Some(recovery) = factors.recovery() else { return Ok(None) };
        let (kind, codes) = (SecretKind::RecoveryCodes, recovery.codes);
        let kept = self.vault.secret(kind, codes.uuid(), account).await.map_err(closed)?;
        let Some(kept) = kept else { return Ok(None) };
        let hashes: Hashes = serde_json::from_slice(&kept).map_err(|error| unreadable(&error))?;
        let given = self.hash(codes, code);
        let mut found = None;
        for (place, hash) in (0..COUNT).zip(&hashes) {
            if bool::from(hash.ct_eq(&given)) && recovery.is_left(place) {
                found = Some(Proof::RecoveryCode { codes, place });
            }
        }
        Ok(found)
    }

    /// The hash of a code, however it is typed, among those of its set.
    fn hash(&self, codes: CredentialId, code: &SecretString) -> [u8; 32] {
        let mut text = Zeroizing::new(codes.uuid().as_bytes().to_vec());
        text.extend_from_slice(&RECOVERY.typed(code));
        self.vault.pepper().hash("recovery_code", &text)
    }
}
