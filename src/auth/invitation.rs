//! Links by which people join an organisation by themselves (AC5).
//!
//! The vault has the keyed hash of each token. Which organisation it is for stands beside the token, in the clear: it is no
//! secret, and whoever changes it finds no such link there.

use chrono::{DateTime, TimeDelta, Utc};
use commands::{Command, Done, Failure, Refusal, Request};
use events::{
    InvitationLinkId, LinkId, OrganisationId,
    value::{MemberKind, Profile, ProfileField, Username},
    vault::{Token, TokenKind},
};
use graphql::port::Denied;
use secrecy::{ExposeSecret, SecretString};

use super::{
    Auth, closed,
    gate::words,
    sign_in::anonymously,
    token::{self, Kind},
};
use crate::mail::post::Addressee;

impl Auth {
    /// Makes a link, which only this answer shows.
    pub(super) async fn make_link(
        &self,
        request: &Request,
        organisation: OrganisationId,
        kind: MemberKind,
        expires_at: Option<DateTime<Utc>>,
        uses: Option<u32>,
    ) -> Result<(Done, SecretString), Denied> {
        let now = self.clock.now();
        let rules = self.handler.policy_of(organisation).await?.unwrap_or_default();
        let days = self.policy.with(&rules).invitation_days;
        let expires_at = expires_at.unwrap_or_else(|| now + TimeDelta::days(days.get().into()));
        let link = InvitationLinkId::new(self.ids.next());
        let (token, hash) = token::generate(self.vault.pepper(), Kind::Invitation)
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        let kept = Token {
            kind: TokenKind::InvitationLink,
            id: link.uuid(),
            account: None,
            hash,
            created_at: now,
            last_used_at: now,
            expires_at: Some(expires_at),
        };
        let create = Command::InvitationLinkCreate { link, organisation, kind, expires_at, uses };
        if let Some(done) = self.handler.rehearse(request, create.clone()).await? {
            // Its answer was lost with the link, which nobody can show again: the same invitation gets this one.
            let id = done.subject.unwrap_or_default();
            self.vault.put_token(Token { id, ..kept }).await.map_err(closed)?;
            return Ok((done, self.url(organisation, &token)));
        }
        self.vault.put_token(kept.clone()).await.map_err(closed)?;
        let done = self.handler.handle(request, create).await;
        if let Err(Failure::Refused(_) | Failure::Busy | Failure::Full) = &done {
            let gone = [link.uuid()];
            let gone = self.vault.delete_tokens(TokenKind::InvitationLink, &gone).await;
            gone.map_err(closed)?;
        }
        let done = done?;
        if done.replayed {
            // It was made in this very moment by the same request, whose answer shows another link: this one works, too.
            let moved = Token { id: done.subject.unwrap_or_default(), ..kept };
            self.vault
                .delete_tokens(TokenKind::InvitationLink, &[link.uuid()])
                .await
                .map_err(closed)?;
            self.vault.put_token(moved).await.map_err(closed)?;
        }
        Ok((done, self.url(organisation, &token)))
    }

    /// Creates an account for whoever has a link.
    pub(super) async fn join_by_link(
        &self,
        request: &Request,
        token: &SecretString,
        username: Username,
        profile: Profile,
        password: SecretString,
    ) -> Result<Done, Denied> {
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &username.skeleton())?;
        }
        let (token, organisation) = token.expose_secret().split_once('.').ok_or(Denied::Token)?;
        let (token, organisation) = (SecretString::from(token), organisation.parse());
        let organisation: OrganisationId = organisation.map_err(|_| Denied::Token)?;
        if token::kind(&token) != Some(Kind::Invitation) {
            return Err(Denied::Token);
        }
        let hash = token::hash(self.vault.pepper(), &token);
        let kept = self.vault.find_token(&hash).await.map_err(closed)?;
        let kept = kept.filter(|kept| kept.kind == TokenKind::InvitationLink);
        let link = InvitationLinkId::new(kept.ok_or(Denied::Token)?.id);
        let (credential, account) = (self.new_credential(), self.ids.next().into());
        let mut context = words(&username, &profile);
        let anonymous = anonymously(request);
        // Whoever joins may give anybody's address: it counts once whoever reads its mail says so.
        let (email, language) = (profile.email().cloned(), profile.language());
        let entries = profile.entries.into_iter();
        let entries = entries.filter(|(field, _)| *field != ProfileField::Email).collect();
        let profile = Profile { entries, ..profile };
        let nowhere = LinkId::new(self.ids.next());
        let accept = |confirm, mails| Command::InvitationAccept {
            organisation,
            link,
            username: username.clone(),
            profile: profile.clone(),
            email: email.clone(),
            confirm,
            credential,
            mails,
        };
        let ended = |failure| match failure {
            Failure::Refused(Refusal::InvitationEnded | Refusal::OrganisationNotFound) => {
                Denied::Token
            }
            other => other.into(),
        };
        // Nothing is hashed for what won't be done.
        self.handler.rehearse(&anonymous, accept(nowhere, vec![])).await.map_err(ended)?;
        context.extend(self.handler.organisation_name(organisation).await?);
        let rules = self.handler.policy_of(organisation).await?.unwrap_or_default();
        let policy = self.policy.with(&rules);
        let hashed = self.judge(policy, password, credential, account, context).await?;
        let Some(to) = &email else {
            let accept = accept(nowhere, vec![]);
            return self.keeper.create(&anonymous, hashed, accept).await.map_err(ended);
        };
        self.mails.count(account, to.key())?;
        let language = match language {
            Some(language) => language,
            None => self.handler.organisation_language(organisation).await?,
        };
        let addressee =
            Addressee { account, organisation: Some(organisation), to: to.clone(), language };
        let (confirm, order) = self.order_confirmation(addressee).await?;
        let accept = accept(confirm, vec![order.clone()]);
        let done = self.keeper.create(&anonymous, hashed, accept).await;
        self.unless_queued(&done, confirm, &[order]).await;
        done.map_err(ended)
    }

    fn url(&self, organisation: OrganisationId, token: &SecretString) -> SecretString {
        let both = format!("{}.{}", token.expose_secret(), organisation.uuid().simple());
        self.post.link("join", &both.into())
    }
}
