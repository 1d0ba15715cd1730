//! Second factors and who is signed in: here anything is a factor, and nobody signs in with one.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Command, Done, Refusal, access::Verdict};
use events::{
    AccountId, Actor, FactorId, SessionId,
    factor::FactorKind,
    id::Ids,
    session::EndReason,
    value::{E164, Text},
};
use secrecy::SecretString;

use super::Door;
use crate::port::{
    Denied, Enrolment, FirstFactor, Notice, Noticed, PasskeyAsked, PasskeyFor, Presence, Second,
    Shown, SignedIn, SteppedUp, Whose,
};

/// Second factors are the program's affair: here anything is one, and nobody signs in with one.
#[async_trait]
impl Second for Door {
    async fn sign_in_finish(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: Shown,
    ) -> Result<SignedIn, Denied> {
        Err(Denied::Token)
    }

    async fn sign_in_factor_begin(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: FirstFactor,
    ) -> Result<(AccountId, Enrolment), Denied> {
        Err(Denied::Token)
    }

    async fn sign_in_factor_confirm(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: FactorId,
        _: Option<Text>,
        _: Shown,
    ) -> Result<SignedIn, Denied> {
        Err(Denied::Token)
    }

    async fn step_up_code(&self, _: &commands::Request) -> Result<DateTime<Utc>, Denied> {
        Err(Denied::Failed(commands::Failure::Refused(Refusal::FactorNotFound)))
    }

    async fn factor_begin_by_message(
        &self,
        request: &commands::Request,
        _: E164,
    ) -> Result<Enrolment, Denied> {
        self.factor_begin(request, FactorKind::Sms, "").await
    }

    async fn sign_in_code(
        &self,
        _: &commands::Request,
        _: SecretString,
        _: Option<FactorKind>,
    ) -> Result<DateTime<Utc>, Denied> {
        Err(Denied::Token)
    }

    async fn passkey_begin(
        &self,
        _: &commands::Request,
        what_for: PasskeyFor,
    ) -> Result<PasskeyAsked, Denied> {
        match what_for {
            PasskeyFor::Attempt(_) => return Err(Denied::Token),
            PasskeyFor::StepUp => return Err(Denied::Passkey),
            PasskeyFor::SignIn => {}
        }
        let expires_at = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        Ok(PasskeyAsked { options: "{}".to_owned(), expires_at })
    }

    async fn sign_in_with_passkey(
        &self,
        _: &commands::Request,
        _: SecretString,
    ) -> Result<SignedIn, Denied> {
        Err(Denied::Passkey)
    }

    async fn step_up(
        &self,
        request: &commands::Request,
        password: SecretString,
        _: Option<Shown>,
    ) -> Result<SteppedUp, Denied> {
        let Actor::Account { account, session } = request.actor else {
            return Err(Denied::Failed(commands::Failure::Refused(Refusal::NotSignedIn)));
        };
        if !self.fits(account, &password).await? {
            return Err(Denied::Credentials);
        }
        let until = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let step_up = Command::StepUp { session, account, proof: None, until, mails: vec![] };
        let done = self.handler.handle(request, step_up).await?;
        let (token, max_age) = ("renewed".into(), Duration::from_hours(12));
        Ok(SteppedUp { done, token, expires_at: until, max_age, until })
    }

    async fn factor_begin(
        &self,
        request: &commands::Request,
        kind: FactorKind,
        _: &str,
    ) -> Result<Enrolment, Denied> {
        let account = request.account().ok_or(Denied::Token)?;
        let factor = self.ids.next().into();
        let confirm =
            Command::FactorConfirm { account, factor, kind, name: None, step: None, mails: vec![] };
        self.handler.rehearse(request, confirm).await?;
        let expires_at = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        Ok(Enrolment { factor, expires_at, app: None, passkey: None })
    }

    async fn factor_confirm(
        &self,
        request: &commands::Request,
        factor: FactorId,
        name: Option<Text>,
        _: Shown,
    ) -> Result<Done, Denied> {
        let account = request.account().ok_or(Denied::Token)?;
        let kind = FactorKind::Totp;
        let confirm =
            Command::FactorConfirm { account, factor, kind, name, step: None, mails: vec![] };
        Ok(self.handler.handle(request, confirm).await?)
    }

    async fn factor_remove(
        &self,
        request: &commands::Request,
        account: AccountId,
        factor: FactorId,
    ) -> Result<Done, Denied> {
        Ok(self
            .handler
            .handle(request, Command::FactorRemove { account, factor, mails: vec![] })
            .await?)
    }

    async fn recovery_codes_make(
        &self,
        request: &commands::Request,
    ) -> Result<(Done, Vec<SecretString>), Denied> {
        let account = request.account().ok_or(Denied::Token)?;
        let codes = self.ids.next().into();
        let make = Command::RecoveryCodesMake { account, codes, count: 1 };
        Ok((self.handler.handle(request, make).await?, vec!["code".into()]))
    }
}

/// Who is signed in is the program's affair, too.
#[async_trait]
impl Presence for Door {
    async fn session_end(
        &self,
        request: &commands::Request,
        session: SessionId,
    ) -> Result<Done, Denied> {
        let running = self.handler.running_session(session).await?;
        let none = || Denied::Failed(commands::Failure::Refused(Refusal::SessionNotFound));
        let (account, _) = running.ok_or_else(none)?;
        let end = Command::SessionEnd { session, account, reason: EndReason::Ended };
        self.handler.handle(request, end).await.map_err(|_| none())
    }

    async fn sessions_end(
        &self,
        _: &commands::Request,
        _: Whose,
    ) -> Result<(Option<Done>, u32), Denied> {
        Ok((None, 0))
    }

    async fn sessions_used(&self, _: AccountId) -> Result<Vec<(SessionId, DateTime<Utc>)>, Denied> {
        Ok(Vec::new())
    }

    async fn impersonate(
        &self,
        request: &commands::Request,
        account: AccountId,
        reason: Text,
    ) -> Result<SignedIn, Denied> {
        let session = self.ids.next().into();
        let until = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let impersonate = Command::Impersonate { session, account, reason, until };
        let done = self.handler.handle(request, impersonate).await?;
        let (organisation, max_age) = (None, Duration::from_mins(30));
        let (position, token) = (done.position, format!("token-{session}").into());
        Ok(SignedIn { position, session, account, organisation, token, expires_at: until, max_age })
    }

    /// Here nobody reads mails.
    async fn notice_send(
        &self,
        request: &commands::Request,
        notice: Notice,
    ) -> Result<Noticed, Denied> {
        let standing = self.handler.standing(request, notice.organisation).await?;
        match standing.may(commands::Action::MailOrder) {
            Verdict::Allowed => {
                Ok(Noticed { position: None, sent: 0, skipped: 1, remaining: 0, last: None })
            }
            _ => Err(Denied::Failed(commands::Failure::Refused(Refusal::Forbidden))),
        }
    }
}
