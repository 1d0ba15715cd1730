//! Second factors: setting them up, and looking at what somebody shows.
//!
//! What a factor knows is in the vault, sealed under its owner's key; the log says which factors there are and which
//! codes were used up.

mod first;
mod passkey;
mod qr;
mod recovery;
mod sms;
mod totp;

use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    Command, Done, Failure, Refusal, Request,
    factors::{Factor, Factors, Proof},
    mail::Order,
};
use events::{
    AccountId, Actor, FactorId, OrganisationId, SessionId,
    factor::FactorKind,
    value::Text,
    vault::{SecretKind, TokenKind},
};
use graphql::port::{App, Denied, Enrolment, Shown};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use self::passkey::Passkey;
use self::sms::Number;
use super::{Auth, BUSY, closed, gate::refused, passcode::Sent, telling::FactorChange};

pub(super) use self::passkey::{Purpose, RelyingParty, ShownPasskey};

/// How long one may take to set a factor up.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);
/// Wrong codes that void what is being set up.
const TRIES: u8 = 5;
/// Whose codes an app shows, where no organisation is known.
const ISSUER: &str = "Stamrol";

/// What a factor knows.
#[derive(Serialize, Deserialize, Zeroize)]
#[serde(rename_all = "snake_case")]
#[zeroize(drop)]
enum Knowledge {
    /// The secret that an app shares.
    Totp(Vec<u8>),
    /// Nothing but, while it is being set up, the code that was mailed, and how often another one was tried.
    Mail(#[zeroize(skip)] Option<(Sent, u8)>),
    /// The number, and while it is being set up what `Mail` knows.
    Sms(#[zeroize(skip)] Number),
    /// The public key; nothing while it is being set up.
    Passkey(#[zeroize(skip)] Option<Passkey>),
}

/// A factor that is being set up, and that its owner has shown to have.
struct Seen {
    /// What it knows from now on.
    knowledge: Knowledge,
    kind: FactorKind,
    /// The time step of the code that showed it.
    step: Option<u64>,
    /// What it is called where its owner calls it nothing.
    name: Option<Text>,
}

impl Auth {
    pub(super) async fn factor_begin(
        &self,
        request: &Request,
        kind: FactorKind,
        label: &str,
    ) -> Result<Enrolment, Denied> {
        let (account, _) = oneself(request)?;
        self.count(request, account)?;
        let factor = FactorId::new(self.ids.next());
        // Nobody is told a secret that couldn't count.
        self.handler.rehearse(request, confirm(account, factor, kind, None, None)).await?;
        let expires_at = self.clock.now() + PATIENCE;
        let begun = Enrolment { factor, expires_at, app: None, passkey: None };
        let (knowledge, begun) = match kind {
            FactorKind::Totp => {
                let (knowledge, app) = self.new_app(request.organisation, label).await?;
                (knowledge, Enrolment { app: Some(app), ..begun })
            }
            FactorKind::Mail => {
                let sent = self.mail_code(factor.uuid(), account, expires_at).await?;
                let sent = sent.ok_or(refused(Refusal::AddressRequired))?;
                (Knowledge::Mail(Some((sent, 0))), begun)
            }
            FactorKind::Passkey => {
                let names = (label, &*self.issuer(request.organisation).await?);
                let options = self.ask_to_make(account, factor, names, expires_at).await?;
                (Knowledge::Passkey(None), Enrolment { passkey: Some(options), ..begun })
            }
            // One begins with a number: see `sms_begin`.
            FactorKind::Sms => return Err(refused(Refusal::Forbidden)),
        };
        self.keep(factor, account, &knowledge, Some(expires_at)).await?;
        Ok(begun)
    }

    /// Whose factors they are, as people see it beside them.
    async fn issuer(&self, organisation: Option<OrganisationId>) -> Result<String, Denied> {
        let name = match organisation {
            Some(organisation) => self.handler.organisation_name(organisation).await?,
            None => None,
        };
        Ok(name.as_deref().unwrap_or(ISSUER).to_owned())
    }

    /// What a new app is to know.
    async fn new_app(
        &self,
        organisation: Option<OrganisationId>,
        label: &str,
    ) -> Result<(Knowledge, App), Denied> {
        let mut secret = vec![0; totp::LENGTH];
        getrandom::fill(&mut secret).map_err(|_| no_randomness())?;
        let app = app(&self.issuer(organisation).await?, label, &secret)?;
        Ok((Knowledge::Totp(secret), app))
    }

    pub(super) async fn factor_confirm(
        &self,
        request: &Request,
        factor: FactorId,
        name: Option<Text>,
        shown: &Shown,
    ) -> Result<Done, Denied> {
        let (account, _) = oneself(request)?;
        self.count(request, account)?;
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let Seen { knowledge, kind, step, name: hint } = self.look(account, factor, shown).await?;
        let name = name.or(hint);
        let command = confirm(account, factor, kind, name, step);
        if let Some(done) = self.handler.rehearse(request, command.clone()).await? {
            return Ok(done);
        }
        self.settle(account, factor, &knowledge).await?;
        let told = self.tell_of_factor(account, FactorChange::Added(kind)).await?;
        let done = self.handler.handle(request, telling(command, told.clone())).await;
        if done.is_err() {
            self.withdraw(&told).await;
        }
        Ok(done?)
    }

    /// Looks at what somebody shows to have a factor that is being set up.
    async fn look(
        &self,
        account: AccountId,
        factor: FactorId,
        shown: &Shown,
    ) -> Result<Seen, Denied> {
        let Some(knowledge) = self.knowledge(account, factor).await? else {
            return Err(refused(Refusal::FactorNotFound));
        };
        let now = totp::step_at(self.clock.now());
        let (kind, step, kept, name) = match (&knowledge, shown) {
            (Knowledge::Mail(Some((sent, tries))), Shown::Code(code)) => {
                if *tries >= TRIES || !self.is_sent(factor.uuid(), *sent, code) {
                    let more = Knowledge::Mail(Some((*sent, tries.saturating_add(1))));
                    let expires_at = self.clock.now() + PATIENCE;
                    self.keep(factor, account, &more, Some(expires_at)).await?;
                    return Err(Denied::Code);
                }
                (FactorKind::Mail, None, Knowledge::Mail(None), None)
            }
            (Knowledge::Sms(number), Shown::Code(code)) => {
                self.is_ones_number(factor, account, number, code).await?;
                (FactorKind::Sms, None, Knowledge::Sms(number.confirmed()), number.hint())
            }
            // It counts already.
            (Knowledge::Mail(None), Shown::Code(_)) => {
                (FactorKind::Mail, None, Knowledge::Mail(None), None)
            }
            (Knowledge::Totp(secret), Shown::Code(code)) => {
                let step = totp::step_of(secret, code.expose_secret(), now);
                (FactorKind::Totp, Some(step.ok_or(Denied::Code)?), knowledge, None)
            }
            (Knowledge::Passkey(before), Shown::Passkey(shown)) => {
                let (made, step) = self.passkey_made(factor, before.as_ref(), shown).await?;
                (FactorKind::Passkey, step, Knowledge::Passkey(Some(made)), None)
            }
            (Knowledge::Passkey(_), _) => return Err(Denied::Passkey),
            (_, Shown::RecoveryCode(_) | Shown::Passkey(_)) => return Err(Denied::Code),
        };
        Ok(Seen { knowledge: kept, kind, step, name })
    }

    /// What a factor knows stays from now on; should nothing come of it, it is swept up.
    async fn settle(
        &self,
        account: AccountId,
        factor: FactorId,
        knowledge: &Knowledge,
    ) -> Result<(), Denied> {
        let Knowledge::Passkey(Some(passkey)) = knowledge else {
            return self.keep(factor, account, knowledge, None).await;
        };
        // Of two accounts that show the same one at once the first has it.
        let turn = self.credentials.take(passkey.credential()).await;
        let _turn = turn.ok_or(BUSY)?;
        self.is_nobody_elses(factor, passkey).await?;
        self.keep(factor, account, knowledge, None).await?;
        self.note_owner(account, factor, passkey).await
    }

    pub(super) async fn factor_remove(
        &self,
        request: &Request,
        account: AccountId,
        factor: FactorId,
    ) -> Result<Done, Denied> {
        let remove = |mails| Command::FactorRemove { account, factor, mails };
        if let Some(done) = self.handler.rehearse(request, remove(vec![])).await? {
            return Ok(done);
        }
        let told = match self.handler.factors_of(account).await?.find(factor) {
            Some(known) => self.tell_of_factor(account, FactorChange::Removed(known.kind)).await?,
            None => vec![],
        };
        let done = self.handler.handle(request, remove(told.clone())).await;
        if done.is_err() {
            self.withdraw(&told).await;
        }
        let done = done?;
        self.vault.delete_secrets(&[factor.uuid()]).await.map_err(closed)?;
        self.vault.delete_tokens(TokenKind::Passkey, &[factor.uuid()]).await.map_err(closed)?;
        Ok(done)
    }

    /// What in `shown` proves who somebody is; none where it proves nothing. What was used up proves nothing either, but
    /// for races, which the write side decides. A passkey must have been asked for to this purpose.
    pub(super) async fn proof(
        &self,
        request: &Request,
        account: AccountId,
        factors: &Factors,
        purpose: Purpose,
        shown: &Shown,
    ) -> Result<Option<Proof>, Denied> {
        match shown {
            Shown::Code(code) => self.by_code(account, factors, code).await,
            Shown::RecoveryCode(code) => self.by_recovery_code(account, factors, code).await,
            Shown::Passkey(passkey) => {
                self.by_passkey(request, account, factors, purpose, passkey).await
            }
        }
    }

    async fn by_code(
        &self,
        account: AccountId,
        factors: &Factors,
        code: &SecretString,
    ) -> Result<Option<Proof>, Denied> {
        let now = totp::step_at(self.clock.now());
        let mut proof = None;
        // All are looked at, so that the time doesn't tell which it was.
        for Factor { id, step: newest, .. } in factors.all().iter().copied() {
            let Some(Knowledge::Totp(secret)) = &self.knowledge(account, id).await? else {
                continue;
            };
            let step = totp::step_of(secret, code.expose_secret(), now);
            if step > newest && step.is_some() {
                proof = Some(Proof::Factor { factor: id, step });
            }
        }
        Ok(proof)
    }

    async fn knowledge(
        &self,
        account: AccountId,
        factor: FactorId,
    ) -> Result<Option<Knowledge>, Denied> {
        let kept = self.vault.secret(SecretKind::Factor, factor.uuid(), account).await;
        let Some(kept) = kept.map_err(closed)? else { return Ok(None) };
        serde_json::from_slice(&kept).map(Some).map_err(|error| unreadable(&error))
    }

    async fn keep(
        &self,
        factor: FactorId,
        account: AccountId,
        knowledge: &Knowledge,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(), Denied> {
        let plain = serde_json::to_vec(knowledge).map_err(|error| unreadable(&error))?;
        let plain = Zeroizing::new(plain);
        let (kind, id) = (SecretKind::Factor, factor.uuid());
        self.vault.put_secret(kind, id, account, &plain, expires_at).await.map_err(closed)
    }

    /// Counts a try of somebody who has signed in.
    pub(super) fn count(&self, request: &Request, account: AccountId) -> Result<(), Denied> {
        match &request.origin {
            Some(origin) => Ok(self.limits.count(origin.address, &account.to_string())?),
            None => Ok(()),
        }
    }
}

/// Whoever asks for themselves, and through which session.
pub(super) fn oneself(request: &Request) -> Result<(AccountId, SessionId), Denied> {
    match (request.actor, request.on_behalf_of) {
        (Actor::Account { account, session }, None) => Ok((account, session)),
        (_, Some(_)) => Err(refused(Refusal::Impersonating)),
        (_, None) => Err(refused(Refusal::NotSignedIn)),
    }
}

fn confirm(
    account: AccountId,
    factor: FactorId,
    kind: FactorKind,
    name: Option<Text>,
    step: Option<u64>,
) -> Command {
    Command::FactorConfirm { account, factor, kind, name, step, mails: vec![] }
}

/// The same, telling somebody of it.
fn telling(mut command: Command, told: Vec<Order>) -> Command {
    if let Command::FactorConfirm { mails, .. } = &mut command {
        *mails = told;
    }
    command
}

fn app(issuer: &str, label: &str, secret: &[u8]) -> Result<App, Denied> {
    let uri = totp::uri(issuer, label, secret);
    let failed = || Denied::Failed(Failure::Unavailable("a QR code can't be drawn".to_owned()));
    let qr_code = qr::svg(&uri).ok_or_else(failed)?.into();
    Ok(App { secret: totp::base32(secret).into(), uri: uri.into(), qr_code })
}

fn no_randomness() -> Denied {
    Denied::Failed(Failure::Unavailable("the system's random generator failed".to_owned()))
}

/// What the vault has can't be read. The message of the error could hold some of it.
fn unreadable(_: &serde_json::Error) -> Denied {
    Denied::Failed(Failure::Unavailable("a secret in the vault can't be read".to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What an app with this secret shows at a moment.
    pub(in crate::auth) fn code_at(secret: &str, moment: DateTime<Utc>) -> String {
        totp::code_of(secret, totp::step_at(moment))
    }
}
