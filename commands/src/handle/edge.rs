//! What the edge asks of the write side: who somebody is and what they may do, in microseconds.

use std::sync::{Arc, RwLockReadGuard};

use chrono::{DateTime, Utc};
use events::{
    AccountId, OrganisationId, ServiceKeyId, SessionId, Stream, Version, value::Username,
};

use super::{
    AccountState, Failure, Handler, MembershipState, ServiceKeyState, batch,
    slot::{Inner, Slot},
};
use crate::{
    Request, Standing,
    access::standing::{self, Target},
    account::Account,
    aggregate::Name,
    factors::Factors,
    organisation::Role,
    scene::Scene,
    service_key::ServiceKey,
    state::State,
};

impl Handler {
    /// What the asker of a request may do in an organisation; `None` for the installation. Add
    /// [`Role::Oneself`](crate::access::Role::Oneself) where something is about the asker's own account.
    pub async fn standing(
        &self,
        request: &Request,
        organisation: Option<OrganisationId>,
    ) -> Result<Standing, Failure> {
        let target = Target { organisation, ..Target::default() };
        let slots = self.gather(standing::streams(request, &target)).await?;
        Ok(standing::of(&Landed::of(&slots), request, &target, self.clock.now()))
    }

    /// An account as the log has it; none if there never was such an account.
    pub async fn account_state(&self, account: AccountId) -> Result<Option<AccountState>, Failure> {
        let slots = self.gather(vec![Stream::Installation, Stream::Account(account)]).await?;
        let (mut state, memberships) = {
            let scene = Landed::of(&slots);
            let person = match scene.account(account) {
                Account::Unknown => return Ok(None),
                Account::Deleted { credential } => {
                    return Ok(Some(AccountState::deleted(*credential)));
                }
                Account::Present(person) => person,
            };
            let state = AccountState {
                credential: person.sign_in().credential(),
                locked: person.is_locked(),
                failures: person.failures(),
                operator: scene.installation().is_operator(account),
                deleted: false,
                activation: person.activation().copied(),
                default_organisation: person.default_organisation(),
                sign_in_hours: person.sign_in_hours(),
                time_zone: person.time_zone().cloned(),
                memberships: Vec::with_capacity(person.memberships().len()),
            };
            (state, person.memberships().to_vec())
        };
        let houses = memberships.iter().copied().map(Stream::Organisation).collect();
        let slots = self.gather(houses).await?;
        for organisation in memberships {
            let house = Stream::Organisation(organisation);
            let slot = slots.iter().find(|slot| slot.stream == house);
            let found = slot.and_then(|slot| membership(slot, organisation, account));
            state.memberships.extend(found);
        }
        Ok(Some(state))
    }

    /// Whether every administrator of an organisation may change how somebody signs in: whoever works elsewhere, too, owns
    /// it, or runs the installation, is none of theirs.
    pub async fn may_manage_sign_in(
        &self,
        organisation: OrganisationId,
        account: AccountId,
    ) -> Result<bool, Failure> {
        let streams = vec![
            Stream::Installation,
            Stream::Account(account),
            Stream::Organisation(organisation),
        ];
        let slots = self.gather(streams).await?;
        let scene = Landed::of(&slots);
        let Account::Present(person) = scene.account(account) else { return Ok(false) };
        let is_theirs = person.memberships() == [organisation];
        let is_owner =
            scene.organisation(organisation).in_use().is_ok_and(|it| it.is_owner(account));
        Ok(is_theirs && !is_owner && !scene.installation().is_operator(account))
    }

    /// A service key as the log has it; none if there never was such a key.
    pub async fn service_key_state(
        &self,
        key: ServiceKeyId,
    ) -> Result<Option<ServiceKeyState>, Failure> {
        let slots = self.gather(vec![Stream::ServiceKey(key)]).await?;
        let scene = Landed::of(&slots);
        let (reach, revoked) = match scene.service_key(key) {
            ServiceKey::Unknown => return Ok(None),
            ServiceKey::Active(reach) => (reach.clone(), false),
            ServiceKey::Revoked(reach) => (reach.clone(), true),
        };
        Ok(Some(ServiceKeyState {
            organisation: reach.organisation,
            scopes: reach.scopes,
            expires_at: reach.expires_at,
            revoked,
        }))
    }

    /// The second factors of an account as the log has them.
    pub async fn factors_of(&self, account: AccountId) -> Result<Factors, Failure> {
        let slots = self.gather(vec![Stream::Factors(account)]).await?;
        Ok(Landed::of(&slots).factors(account).cloned().unwrap_or_default())
    }

    /// Until when it counts that the owner of a session has shown who they are, by signing in or by stepping up; none:
    /// it doesn't.
    pub async fn fresh_until(&self, session: SessionId) -> Result<Option<DateTime<Utc>>, Failure> {
        let slots = self.gather(vec![Stream::Session(session)]).await?;
        let until = Landed::of(&slots).session(session).fresh_until();
        Ok(until.filter(|until| self.clock.now() < *until))
    }

    /// Until when it counts that the owner of a session has proved anew who they are, by stepping up; none: it doesn't.
    pub async fn proven_until(&self, session: SessionId) -> Result<Option<DateTime<Utc>>, Failure> {
        let slots = self.gather(vec![Stream::Session(session)]).await?;
        let until = Landed::of(&slots).session(session).proven_until();
        Ok(until.filter(|until| self.clock.now() < *until))
    }

    /// Now, by the clock that rules go by.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Whose a session is while it goes on, and the operator who acts for them, if one does.
    pub async fn running_session(
        &self,
        session: SessionId,
    ) -> Result<Option<(AccountId, Option<AccountId>)>, Failure> {
        let slots = self.gather(vec![Stream::Session(session)]).await?;
        Ok(Landed::of(&slots).session(session).running())
    }

    /// The account that has a username, or had it: deleted accounts keep theirs.
    pub async fn account_of(&self, username: &Username) -> Result<Option<AccountId>, Failure> {
        let claim = batch::claim(self.vault.pepper(), &Name::Username(username.clone()));
        Ok(self.store.owner_of(claim).await?.map(AccountId::new))
    }

    /// Waits until what is known of a stream here has come as far as a version that the log has. Whoever follows the
    /// log hears of an event before the command that appended it knows that it did; without this, what they ask about
    /// the stream then may be from before the event.
    pub async fn reach(&self, stream: Stream, version: Version) -> Result<(), Failure> {
        for slot in self.gather(vec![stream]).await? {
            while !slot.reached(version).await {
                self.slots.refresh(&slot).await?;
            }
        }
        Ok(())
    }

    /// The slots of these streams, which know all whose commands were answered.
    pub(super) async fn gather(&self, mut streams: Vec<Stream>) -> Result<Vec<Arc<Slot>>, Failure> {
        streams.sort_unstable();
        streams.dedup();
        let slots = self.slots.all(&streams, |_| false).await?;
        for slot in &slots {
            let stale = slot.read().is_stale();
            if stale {
                slot.drained().await;
                self.slots.refresh(slot).await?;
            }
        }
        Ok(slots)
    }
}

fn membership(
    slot: &Slot,
    organisation: OrganisationId,
    account: AccountId,
) -> Option<MembershipState> {
    let inner = slot.read();
    let State::Organisation(state) = inner.durable() else { return None };
    let house = state.house()?;
    let member = house.member(account)?;
    Some(MembershipState {
        organisation,
        kind: member.role.kind(),
        administrator: member.role == Role::Administrator,
        owner: house.is_owner(account),
        active: member.active && state.is_active(),
        rules: *house.policy(),
    })
}

/// What is in the log, without what is on its way there.
struct Landed<'a>(Vec<(Stream, RwLockReadGuard<'a, Inner>)>);

impl<'a> Landed<'a> {
    /// Locks the slots, which come in the order of their streams.
    fn of(slots: &'a [Arc<Slot>]) -> Self {
        Self(slots.iter().map(|slot| (slot.stream, slot.read())).collect())
    }
}

impl Scene for Landed<'_> {
    fn state(&self, stream: Stream) -> Option<&State> {
        let (_, inner) = self.0.iter().find(|(other, _)| *other == stream)?;
        Some(inner.durable())
    }
}
