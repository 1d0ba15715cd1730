//! Who is signed in: sessions are ended from elsewhere, and operators act for somebody.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use commands::{Command, Done, Failure, Refusal, Request, access::Verdict};
use events::{AccountId, Actor, OrganisationId, SessionId, session::EndReason, value::Text};
use graphql::port::{Denied, Notice, Noticed, Presence, SignedIn, Whose};

use super::{Auth, HOLDERS, closed, gate::refused, standing::acted_for_in};

/// How long an operator may act for somebody.
const IMPERSONATION: TimeDelta = TimeDelta::minutes(30);

#[async_trait]
impl Presence for Auth {
    async fn session_end(&self, request: &Request, session: SessionId) -> Result<Done, Denied> {
        let running = self.handler.running_session(session).await?;
        let (account, _) = running.ok_or(refused(Refusal::SessionNotFound))?;
        let end = Command::SessionEnd { session, account, reason: EndReason::Ended };
        let done = self.handler.handle(request, end).await.map_err(|failure| match failure {
            // Whether there is such a session elsewhere is nobody's business here.
            Failure::Refused(Refusal::Forbidden) => Failure::Refused(Refusal::SessionNotFound),
            other => other,
        })?;
        self.sessions.forget(&[session]).await.map_err(closed)?;
        Ok(done)
    }

    async fn sessions_end(
        &self,
        request: &Request,
        whose: Whose,
    ) -> Result<(Option<Done>, u32), Denied> {
        let accounts = match whose {
            Whose::Account(account) => {
                // Who isn't signed in is nobody's business who couldn't end it.
                let session = SessionId::new(self.ids.next());
                let end = Command::SessionEnd { session, account, reason: EndReason::Ended };
                match self.handler.rehearse(request, end).await {
                    Ok(_) | Err(Failure::Refused(Refusal::SessionNotFound)) => vec![account],
                    Err(failure) => return Err(failure.into()),
                }
            }
            Whose::Organisation(organisation) => self.present_in(request, organisation).await?,
        };
        let own = match request.actor {
            Actor::Account { session, .. } => Some(session),
            _ => None,
        };
        let (mut last, mut count) = (None, 0);
        for account in accounts {
            for (session, _) in self.sessions.of(account).await.map_err(closed)? {
                if Some(session) == own {
                    continue;
                }
                let end = Command::SessionEnd { session, account, reason: EndReason::Ended };
                match self.handler.handle(request, end).await {
                    Ok(done) => {
                        last = Some(done);
                        count += 1;
                    }
                    // Its token outlived it.
                    Err(Failure::Refused(Refusal::SessionNotFound)) => {}
                    Err(failure) => return Err(failure.into()),
                }
                self.sessions.forget(&[session]).await.map_err(closed)?;
            }
        }
        Ok((last, count))
    }

    async fn sessions_used(
        &self,
        account: AccountId,
    ) -> Result<Vec<(SessionId, DateTime<Utc>)>, Denied> {
        self.sessions.last_used(account).await.map_err(closed)
    }

    async fn impersonate(
        &self,
        request: &Request,
        account: AccountId,
        reason: Text,
    ) -> Result<SignedIn, Denied> {
        let session = SessionId::new(self.ids.next());
        let until = self.clock.now() + IMPERSONATION;
        let impersonate = Command::Impersonate { session, account, reason, until };
        self.handler.rehearse(request, impersonate.clone()).await?;
        let state = self.handler.account_state(account).await?;
        let organisation = state.as_ref().and_then(|state| acted_for_in(state).ok());
        let organisation = organisation.ok_or(refused(Refusal::AccountLocked))?;
        let opened = self.sessions.open_for_operator(session, account, IMPERSONATION).await;
        let opened = opened.map_err(Failure::from)?;
        let done = match self.handler.handle(request, impersonate).await {
            Ok(done) => done,
            Err(failure) => {
                self.sessions.forget(&[session]).await.map_err(closed)?;
                return Err(failure.into());
            }
        };
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

    async fn notice_send(&self, request: &Request, notice: Notice) -> Result<Noticed, Denied> {
        self.send_notice(request, notice).await
    }
}

impl Auth {
    /// Whose sessions may be ended of an organisation's members, for those who manage it.
    async fn present_in(
        &self,
        request: &Request,
        organisation: OrganisationId,
    ) -> Result<Vec<AccountId>, Denied> {
        let standing = self.handler.standing(request, Some(organisation)).await?;
        if standing.may(commands::Action::AccountDeactivate) != Verdict::Allowed
            || !standing.manages()
        {
            return Err(refused(Refusal::Forbidden));
        }
        self.token_holders(Some(organisation), None).await
    }

    /// Who may be signed in, of an organisation's members or of all, in the order of their ids: whoever has a token that
    /// ends, be it that of a session.
    pub(super) async fn token_holders(
        &self,
        organisation: Option<OrganisationId>,
        mut after: Option<AccountId>,
    ) -> Result<Vec<AccountId>, Denied> {
        let mut present = Vec::new();
        loop {
            let holders = self.vault.token_holders(after, HOLDERS).await.map_err(closed)?;
            let Some(last) = holders.last() else { return Ok(present) };
            after = Some(*last);
            for account in holders {
                let Some(organisation) = organisation else {
                    present.push(account);
                    continue;
                };
                let state = self.handler.account_state(account).await?;
                let is_member = |state: &commands::handle::AccountState| {
                    state.memberships.iter().any(|one| one.organisation == organisation)
                };
                if state.as_ref().is_some_and(is_member) {
                    present.push(account);
                }
            }
        }
    }
}
