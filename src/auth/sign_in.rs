//! Signing in with a name and a password.
//!
//! A name that nobody has, a wrong password, a locked, deactivated or deleted account give the same
//! answer after the same work: whoever may not sign in is compared with a dummy.

use std::time::Duration;

use commands::{Command, Failure, Refusal, Request, factors::Proof, mail::Order};
use events::{
    AccountId, Actor, CredentialId, OrganisationId, SessionId, account::PasswordSetBy,
    session::EndReason, value::Username,
};
use graphql::port::{Denied, FirstStep, SignedIn};
use secrecy::SecretString;

use super::{
    Auth, BUSY, closed, hashing::Verdict, keeper::Hashed, password, policy::needs_second_factor,
    standing::works_in, watch::Why,
};

/// How long after the comparison a refusal is answered. Counting a failed try writes to the disk, and
/// that write hides in here, so that its time doesn't tell whether anybody has the name.
pub(super) const REFUSED_AFTER: Duration = Duration::from_millis(30);
/// Open sessions of one account; the oldest end beyond that.
const SESSIONS: usize = 256;

/// Somebody whose password was right.
pub(super) struct Known {
    pub(super) account: AccountId,
    pub(super) organisation: Option<OrganisationId>,
    /// A hash that is weak by the standards of today.
    pub(super) weak: Option<CredentialId>,
    /// Whether a second factor is asked for, though none may be set up.
    pub(super) asked: bool,
}

impl Auth {
    pub(super) async fn sign_in(
        &self,
        request: &Request,
        username: &str,
        password: SecretString,
    ) -> Result<FirstStep, Denied> {
        let name = Username::parse(username).ok();
        if let Some(origin) = &request.origin {
            // However it is typed, it is one name.
            let name = name.as_ref().map_or_else(|| username.to_lowercase(), Username::skeleton);
            self.limits.count(origin.address, &name).inspect_err(|_| {
                self.watch.refused(Why::TooMany, Some(origin));
            })?;
        }
        let account = match &name {
            Some(name) => self.handler.account_of(name).await?,
            None => None,
        };
        let turn = match account {
            Some(account) => self.turns.take(account).await,
            None => self.turns.take(username.to_lowercase()).await,
        };
        let _turn = turn.ok_or(BUSY)?;

        let known = match self.compare(account, &password).await? {
            Ok(known) => known,
            Err(why) => {
                self.watch.refused(why, request.origin.as_ref());
                let counted = self.count_failure(request, account);
                tokio::join!(counted, tokio::time::sleep(REFUSED_AFTER));
                return Err(Denied::Credentials);
            }
        };
        if let Some(old) = known.weak {
            self.hash_again(known.account, old, password).await;
        }
        let factors = self.handler.factors_of(known.account).await?;
        if !factors.is_empty() || known.asked {
            let attempt = self.ask_for_factor(request, known.account, &factors).await?;
            return Ok(FirstStep::Attempt(attempt));
        }
        Ok(FirstStep::SignedIn(Box::new(self.begin(request, &known, None).await?)))
    }

    /// Opens a session for somebody who has shown all that is asked for.
    pub(super) async fn begin(
        &self,
        request: &Request,
        known: &Known,
        proof: Option<Proof>,
    ) -> Result<SignedIn, Denied> {
        let Known { account, organisation, .. } = *known;
        // Whoever signs in again, over an old session, starts from nothing.
        let anonymous = anonymously(request);
        let session = SessionId::new(self.ids.next());
        let state = self.handler.account_state(account).await?;
        let lifetime = self.policy_for(state.as_ref()).session_lifetime;
        let opened = self.sessions.open(session, account, lifetime).await.map_err(Failure::from)?;
        let mails = self.tell_of_proof(account, proof).await?;
        let sign_in = Command::SignIn { session, account, proof, mails: mails.clone() };
        let done = match self.handler.handle(&anonymous, sign_in).await {
            Ok(done) => done,
            Err(failure) => {
                self.withdraw(&mails).await;
                self.sessions.forget(&[session]).await.map_err(closed)?;
                self.watch.refused(Why::Barred, request.origin.as_ref());
                return Err(match failure {
                    // Its code was used in this very moment.
                    refused @ Failure::Refused(Refusal::CodeUsed) => refused.into(),
                    // The account was barred in this very moment.
                    Failure::Refused(_) => Denied::Credentials,
                    other => other.into(),
                });
            }
        };
        // The session has begun, and its token is shown here or nowhere: older ones that don't end now are no reason to
        // lose it.
        if let Err(error) = self.end_older(request, account).await {
            tracing::warn!(?error, "older sessions could not be ended");
        }
        self.watch.let_in();
        Ok(SignedIn {
            position: done.position,
            session,
            account,
            organisation,
            token: opened.token,
            expires_at: opened.expires_at,
            max_age: opened.max_age,
        })
    }

    /// Compares a password with that of an account.
    async fn compare(
        &self,
        account: Option<AccountId>,
        password: &SecretString,
    ) -> Result<Result<Known, Why>, Denied> {
        let state = match account {
            Some(account) => self.handler.account_state(account).await?,
            None => None,
        };
        let may = state.as_ref().and_then(|state| {
            let organisation = works_in(state).ok().filter(|_| self.within_hours(state))?;
            Some((account?, organisation, state.credential?))
        });
        // Where there is nothing to look up, that takes as long.
        let credential = may.map_or_else(|| self.new_credential(), |(.., credential)| credential);
        let stored = self.vault.credential(credential).await.map_err(closed)?;
        let normal = password::normal(password).ok();
        // What can't be a password is compared all the same.
        let stored = normal.as_ref().and(stored);
        let verdict = self.hashing.verify(normal.unwrap_or_default(), stored).await?;
        let asked = state.as_ref().is_some_and(|it| needs_second_factor(&self.policy, it));
        Ok(match (may, verdict) {
            (Some((account, organisation, _)), Verdict::Right) => {
                Ok(Known { account, organisation, weak: None, asked })
            }
            (Some((account, organisation, credential)), Verdict::RightButWeak) => {
                Ok(Known { account, organisation, weak: Some(credential), asked })
            }
            (Some(_), Verdict::Wrong) => Err(Why::Wrong),
            (None, _) if state.is_some() => Err(Why::Barred),
            (None, _) => Err(Why::Unknown),
        })
    }

    /// Counts a failed try, which may lock the account. Should the log be away, the refusal stands anyway.
    ///
    /// Counted is what the request tried, whatever its conditions: an expected version or an idempotency key
    /// would be a way to guess without being counted.
    pub(super) async fn count_failure(&self, request: &Request, account: Option<AccountId>) {
        let Some(account) = account else { return };
        let failed = |threshold, mails| Command::SignInFail { account, threshold, mails };
        self.count_wrong(request, account, failed).await;
    }

    /// Counts a wrong second factor like a wrong password.
    pub(super) async fn count_wrong_factor(&self, request: &Request, account: AccountId) {
        let failed = |threshold, mails| Command::SecondFactorFail { account, threshold, mails };
        self.count_wrong(request, account, failed).await;
    }

    /// Counts what was wrong, against as many as the account's policy says; whoever is locked out by it is told.
    async fn count_wrong(
        &self,
        request: &Request,
        account: AccountId,
        failed: impl FnOnce(u32, Vec<Order>) -> Command,
    ) {
        // Whoever waits for their turn at this account has it now: this is the try that locks it, or it isn't. Should
        // the log be away, the installation says how many it takes.
        let state = self.handler.account_state(account).await.ok().flatten();
        let threshold = self.policy_for(state.as_ref()).lock_after.get();
        let locks = state.is_some_and(|state| {
            let evaluated = !state.locked && state.credential.is_some();
            evaluated && state.failures + 1 >= threshold
        });
        let mails =
            if locks { self.tell_of_lock(account).await.unwrap_or_default() } else { vec![] };
        match self.handler.handle(&anonymously(request), failed(threshold, mails)).await {
            // A deleted account has nothing to count.
            Ok(_) | Err(Failure::Refused(Refusal::AccountNotFound)) => {}
            Err(failure) => tracing::error!(%failure, "a failed sign-in could not be counted"),
        }
    }

    /// Replaces a hash that is weak by the standards of today. The old one works until that is done, so a failure
    /// is no reason to refuse.
    async fn hash_again(&self, account: AccountId, old: CredentialId, password: SecretString) {
        let request = self.own_request();
        let by = PasswordSetBy::Rehash;
        let again = async {
            let normal = password::normal(&password).map_err(Denied::Password)?;
            let hashed = Hashed {
                id: self.new_credential(),
                account,
                hash: self.hashing.hash(normal).await?,
            };
            let set = Command::PasswordSet { account, credential: hashed.id, by, mails: vec![] };
            Ok::<_, Denied>(self.keeper.replace(&request, hashed, Some(old), set).await?)
        };
        if let Err(error) = again.await {
            tracing::warn!(?error, "a password could not be hashed again");
        }
    }

    /// Ends the session that the request came over, and those beyond the bound.
    async fn end_older(&self, request: &Request, account: AccountId) -> Result<(), Denied> {
        let own = self.own_request();
        let sessions = self.sessions.of(account).await.map_err(closed)?;
        let older: Vec<_> = sessions.into_iter().skip(SESSIONS).map(|(id, _)| id).collect();
        self.end_sessions(&own, account, &older, EndReason::SignedOut).await?;
        if let (Actor::Account { session, .. }, Some(account)) = (request.actor, request.account())
        {
            self.end_sessions(&own, account, &[session], EndReason::SignedOut).await?;
        }
        Ok(())
    }
}

/// A request of nobody in particular, from the same place.
pub(super) fn anonymously(request: &Request) -> Request {
    Request { origin: request.origin.clone(), ..Request::new(Actor::Anonymous, request.id) }
}
