//! One password in the place of another: by its owner, or by an administrator.

use commands::{Command, Done, Failure, Refusal, Request, handle::AccountState, mail::Order};
use events::{
    AccountId, Actor, CredentialId, SessionId, account::PasswordSetBy, session::EndReason,
    value::Policy,
};
use graphql::port::{Denied, PasswordMail};
use secrecy::SecretString;

use super::{
    Auth, BUSY, closed, email::is_queued, factors::oneself, gate::refused, hashing::Verdict,
    keeper::Hashed, password, watch::Why,
};

impl Auth {
    pub(super) async fn change_password(
        &self,
        request: &Request,
        current: SecretString,
        new: SecretString,
    ) -> Result<Done, Denied> {
        let (account, session) = oneself(request)?;
        self.count(request, account)?;
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let request = &self.with_secret(request, &[&current, &new]);
        let (credential, by) = (self.new_credential(), PasswordSetBy::Owner);
        let set = |mails| Command::PasswordSet { account, credential, by, mails };
        // What is refused, or was done before, doesn't depend on the password that is given as the present one.
        if let Some(done) = self.handler.rehearse(request, set(vec![])).await? {
            return Ok(done);
        }
        let (policy, old) = self.prove(request, account, &current).await?;
        let words = self.handler.words_about(account).await?;
        let hashed = self.judge(policy, new, credential, account, words).await?;
        let mails = self.tell_of_password(account, None).await?;
        let done = self.replace(request, hashed, old, set(mails.clone()), &mails).await?;
        if !done.replayed {
            self.end_others(account, Some(session)).await?;
        }
        Ok(done)
    }

    pub(super) async fn set_password(
        &self,
        request: &Request,
        account: AccountId,
        new: Option<SecretString>,
        mail: Option<PasswordMail>,
    ) -> Result<Done, Denied> {
        // One's own password is changed by whoever knows it, not by whoever holds the session.
        if request.account() == Some(account) {
            return Err(refused(Refusal::Forbidden));
        }
        self.may_hash(request)?;
        // No session may begin with the old password while it is being replaced.
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let state = self.handler.account_state(account).await?;
        let policy = self.policy_for(state.as_ref());
        let to = match &mail {
            Some(PasswordMail::Other(to)) => to.as_str(),
            Some(PasswordMail::Own) | None => "",
        };
        let request = &match &new {
            Some(new) => self.with_secret(request, &[new, &to.into()]),
            None => request.clone(),
        };
        let (credential, by) = (self.new_credential(), PasswordSetBy::Administrator);
        let set = |mails| Command::PasswordSet { account, credential, by, mails };
        if let Some(done) = self.handler.rehearse(request, set(vec![])).await? {
            return Ok(done);
        }
        let new = match new {
            Some(new) => new,
            None => password::generate(&policy)
                .map_err(|error| Failure::Unavailable(error.to_string()))?,
        };
        let old = state.and_then(|state| state.credential);
        let words = self.handler.words_about(account).await?;
        let hashed = self.judge(policy, new.clone(), credential, account, words).await?;
        let mails = match mail {
            Some(mail) => {
                let to = match mail {
                    PasswordMail::Own => None,
                    PasswordMail::Other(to) => Some(to),
                };
                let username = self.handler.username_of(account).await?.unwrap_or_default();
                let order = self.mail_password(account, &username, &new, to).await?;
                let order = order.ok_or(Denied::NoAddress)?;
                // It may go to somebody else's address: its owner is told at their own.
                let mut mails = self.tell_of_password(account, Some(&order.to)).await?;
                mails.push(order);
                mails
            }
            None => self.tell_of_password(account, None).await?,
        };
        let done = self.replace(request, hashed, old, set(mails.clone()), &mails).await?;
        if !done.replayed {
            self.end_others(account, None).await?;
        }
        Ok(done)
    }

    /// Hashing is dear: only for those who have signed in, and not without bound.
    pub(super) fn may_hash(&self, request: &Request) -> Result<(), Denied> {
        if request.actor == Actor::Anonymous {
            return Err(refused(Refusal::NotSignedIn));
        }
        let who = match request.actor {
            Actor::Account { account, .. } => account.to_string(),
            Actor::ServiceKey { key } => key.to_string(),
            Actor::Console | Actor::System | Actor::Anonymous => String::new(),
        };
        match &request.origin {
            Some(origin) => Ok(self.limits.count(origin.address, &who)?),
            None => Ok(()),
        }
    }

    /// Makes sure that somebody knows the present password of an account; a wrong one counts. What holds for the account
    /// then, and where the vault has the hash.
    pub(super) async fn prove(
        &self,
        request: &Request,
        account: AccountId,
        current: &SecretString,
    ) -> Result<(Policy, Option<CredentialId>), Denied> {
        let state = self.handler.account_state(account).await?;
        let policy = self.policy_for(state.as_ref());
        let evaluated = |state: &AccountState| !state.locked && !state.deleted;
        let old = state.filter(evaluated).and_then(|state| state.credential);
        let stored = match old {
            Some(old) => self.vault.credential(old).await.map_err(closed)?,
            None => None,
        };
        let normal = password::normal(current).ok();
        let stored = normal.as_ref().and(stored);
        if self.hashing.verify(normal.unwrap_or_default(), stored).await? == Verdict::Wrong {
            self.watch.refused(Why::Wrong, request.origin.as_ref());
            self.count_failure(request, Some(account)).await;
            return Err(Denied::Credentials);
        }
        Ok((policy, old))
    }

    /// Puts a password in the place of another one; where that isn't done, what `mails` would have said is dropped.
    pub(super) async fn replace(
        &self,
        request: &Request,
        hashed: Hashed,
        old: Option<CredentialId>,
        command: Command,
        mails: &[Order],
    ) -> Result<Done, Failure> {
        let done = self.keeper.replace(request, hashed, old, command).await;
        if !is_queued(&done) {
            self.withdraw(mails).await;
        }
        done
    }

    /// Judges and hashes a new password. `context` are words that don't make it stronger.
    pub(super) async fn judge(
        &self,
        policy: Policy,
        password: SecretString,
        id: CredentialId,
        account: AccountId,
        context: Vec<String>,
    ) -> Result<Hashed, Denied> {
        let hash = self.hashing.hash_new(policy, password, context).await?;
        Ok(Hashed { id, account, hash })
    }

    /// The password changed: sessions that began with the one before are over.
    pub(super) async fn end_others(
        &self,
        account: AccountId,
        but: Option<SessionId>,
    ) -> Result<(), Denied> {
        let (request, now) = (self.own_request(), self.clock.now());
        let reason = EndReason::PasswordChanged;
        Ok(self.end_sessions_of(&request, account, now, but, reason).await?)
    }
}
