//! From the token of a request to who is asking.

use std::sync::{Arc, atomic::Ordering};

use async_graphql::Data;
use async_trait::async_trait;
use commands::{Failure, handle::AccountState};
use events::{AccountId, Actor, OrganisationId, Origin, RequestId, ServiceKeyId, vault::TokenKind};
use graphql::{client::Client, viewer};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Auth,
    sessions::Session,
    standing::{acted_for_in, works_in},
    token::{self, Hash, Kind},
    unavailable,
};
use crate::http::port::{Authenticate, Credentials, Denied, Viewer};

/// The way in for the transport.
pub struct Edge(pub Arc<Auth>);

/// Who is asking, and how to find out whether that still holds.
struct Asking {
    auth: Arc<Auth>,
    viewer: Arc<viewer::Viewer>,
    proof: Proof,
}

enum Proof {
    None,
    /// With whoever pays for it: the operator, where one acts for somebody.
    Session(Hash, AccountId),
    ServiceKey(ServiceKeyId),
}

#[async_trait]
impl Authenticate for Edge {
    async fn authenticate(
        &self,
        credentials: Credentials,
        client: &Client,
    ) -> Result<Arc<dyn Viewer>, Denied> {
        let auth = self.0.clone();
        let (viewer, proof) = auth.identify(credentials, client).await?;
        Ok(Arc::new(Asking { auth, viewer: Arc::new(viewer), proof }))
    }
}

impl Auth {
    /// Who asks, for routes beside the schema.
    pub async fn viewer(
        &self,
        credentials: Credentials,
        client: &Client,
    ) -> Result<viewer::Viewer, Denied> {
        Ok(self.identify(credentials, client).await?.0)
    }

    async fn identify(
        &self,
        credentials: Credentials,
        client: &Client,
    ) -> Result<(viewer::Viewer, Proof), Denied> {
        let origin = Origin { address: client.address, agent: client.user_agent.clone() };
        let mut viewer = viewer::Viewer::anonymous(request_id(&client.request_id), Some(origin));
        let proof = match credentials {
            Credentials::None => Proof::None,
            Credentials::Cookie(token) => self.by_session(&token, &mut viewer).await?,
            Credentials::Bearer(token) => match token::kind(&token) {
                Some(Kind::Session) => self.by_session(&token, &mut viewer).await?,
                Some(Kind::ServiceKey) => self.by_service_key(&token, &mut viewer).await?,
                Some(
                    Kind::Setup
                    | Kind::Attempt
                    | Kind::PasswordReset
                    | Kind::EmailConfirm
                    | Kind::Activation
                    | Kind::Invitation,
                )
                | None => {
                    return Err(Denied::Invalid);
                }
            },
        };
        Ok((viewer, proof))
    }

    async fn by_session(
        &self,
        token: &SecretString,
        viewer: &mut viewer::Viewer,
    ) -> Result<Proof, Denied> {
        if token::kind(token) != Some(Kind::Session) {
            return Err(Denied::Invalid);
        }
        let hash = token::hash(self.vault.pepper(), token);
        let found = self.sessions.find(&hash).await;
        let session = found.map_err(|error| away(&unavailable(error)))?.ok_or(Denied::Invalid)?;
        let (by, organisation) =
            self.may_go_on(&session).await.map_err(|e| away(&e))?.ok_or(Denied::Invalid)?;
        self.sessions.used(&session);
        let account = session.account;
        viewer.actor = Actor::Account { account: by.unwrap_or(account), session: session.id };
        viewer.on_behalf_of = by.map(|_| account);
        viewer.organisation = organisation;
        Ok(Proof::Session(hash, by.unwrap_or(account)))
    }

    /// The operator who acts in a session, if one does, and where it works; none where it may not go on.
    async fn may_go_on(
        &self,
        session: &Session,
    ) -> Result<Option<(Option<AccountId>, Option<OrganisationId>)>, Failure> {
        let state = self.handler.account_state(session.account).await?;
        let Some(state) = state.filter(|state| self.goes_on(session, state)) else {
            return Ok(None);
        };
        if !session.impersonated {
            return Ok(works_in(&state).ok().map(|organisation| (None, organisation)));
        }
        let running = self.handler.running_session(session.id).await?;
        let Some(by) = running.and_then(|(_, by)| by) else { return Ok(None) };
        let operator = self.handler.account_state(by).await?;
        // Whoever ends all that an operator is signed in with ends this, too.
        let is_in = !self.sessions.of_owner(by).await.map_err(unavailable)?.is_empty();
        let operates = is_in && operator.is_some_and(|it| it.operator && works_in(&it).is_ok());
        let organisation = acted_for_in(&state).ok().filter(|_| operates);
        Ok(organisation.map(|organisation| (Some(by), organisation)))
    }

    /// Whether a session is within the limits of the account's organisations.
    fn goes_on(&self, session: &Session, state: &AccountState) -> bool {
        let policy = self.policy_for(Some(state));
        !self.sessions.is_over(session, policy.session_idle, policy.session_lifetime)
            && (session.impersonated || self.within_hours(state))
    }

    async fn by_service_key(
        &self,
        token: &SecretString,
        viewer: &mut viewer::Viewer,
    ) -> Result<Proof, Denied> {
        let hash = token::hash(self.vault.pepper(), token);
        let key = self.key_of(&hash).await?.ok_or(Denied::Invalid)?;
        let state = self.handler.service_key_state(key).await.map_err(|e| away(&e))?;
        let now = self.clock.now();
        let works = state
            .filter(|state| !state.revoked && state.expires_at.is_none_or(|until| now < until));
        let state = works.ok_or(Denied::Invalid)?;
        viewer.actor = Actor::ServiceKey { key };
        viewer.organisation = Some(state.organisation);
        viewer.scopes = state.scopes;
        Ok(Proof::ServiceKey(key))
    }

    async fn key_of(&self, hash: &Hash) -> Result<Option<ServiceKeyId>, Denied> {
        loop {
            if let Some(key) = self.keys.get(hash) {
                return Ok(Some(key));
            }
            let replacements = self.replacements.load(Ordering::Acquire);
            let kept = self.vault.find_token(hash).await.map_err(|e| away(&unavailable(e)))?;
            let Some(kept) = kept.filter(|kept| kept.kind == TokenKind::ServiceKey) else {
                return Ok(None);
            };
            self.keys.insert(*hash, kept.id.into());
            // A replacement writes the token, counts itself, and clears the cache, in this order.
            if self.replacements.load(Ordering::Acquire) == replacements {
                return Ok(Some(kept.id.into()));
            }
            self.keys.remove(hash);
        }
    }

    /// The token of a service key was replaced: the one before works no longer.
    pub(super) fn forget_key(&self, key: ServiceKeyId) {
        self.replacements.fetch_add(1, Ordering::Release);
        self.keys.retain(|_, known| *known != key);
    }
}

#[async_trait]
impl Viewer for Asking {
    fn is_signed_in(&self) -> bool {
        !matches!(self.proof, Proof::None)
    }

    fn payer(&self) -> Option<Uuid> {
        match self.proof {
            Proof::None => None,
            Proof::Session(_, account) => Some(account.uuid()),
            Proof::ServiceKey(key) => Some(key.uuid()),
        }
    }

    fn attach(self: Arc<Self>, data: &mut Data) {
        data.insert(self.viewer.clone());
    }

    async fn still_valid(&self) -> bool {
        match &self.proof {
            Proof::None => true,
            Proof::Session(hash, _) => {
                let Ok(Some(session)) = self.auth.sessions.find(hash).await else { return false };
                matches!(self.auth.may_go_on(&session).await, Ok(Some(_)))
            }
            Proof::ServiceKey(key) => {
                let now = self.auth.clock.now();
                let state = self.auth.handler.service_key_state(*key).await;
                matches!(state, Ok(Some(state)) if !state.revoked
                    && state.expires_at.is_none_or(|until| now < until))
            }
        }
    }
}

fn away(failure: &Failure) -> Denied {
    tracing::error!(%failure, "credentials can't be checked");
    Denied::Unavailable
}

/// The id that events carry: that of the request, where it is a UUID; else one that follows from it.
fn request_id(id: &str) -> RequestId {
    let uuid = id.parse().unwrap_or_else(|_| {
        let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let half = digest.first_chunk().copied().unwrap_or_default();
        uuid::Builder::from_custom_bytes(half).into_uuid()
    });
    RequestId::new(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_request_stays_what_it_is_or_follows_from_it() {
        let uuid = Uuid::from_u128(7);
        assert_eq!(request_id(&uuid.to_string()), RequestId::new(uuid));
        assert_eq!(request_id("trace-1"), request_id("trace-1"));
        assert_ne!(request_id("trace-1"), request_id("trace-2"));
    }
}
