//! Links by which people join an organisation (AC5).

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use events::{AccountId, InvitationLinkId, organisation::Event, value::MemberKind};

use super::{House, unless};
use crate::{Few, Refusal};

/// What one may ask about such links.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// Makes one.
    Create {
        /// Under which id the vault has its token.
        link: InvitationLinkId,
        /// As what people join by it.
        kind: MemberKind,
        /// Until when.
        expires_at: DateTime<Utc>,
        /// How many can; none: as many as there are seats.
        uses: Option<u32>,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Ends one.
    Revoke {
        /// Which.
        link: InvitationLinkId,
    },
    /// Lets somebody join by one.
    Accept {
        /// Which.
        link: InvitationLinkId,
        /// Who.
        account: AccountId,
        /// Now.
        now: DateTime<Utc>,
    },
}

/// A link that was not revoked.
#[derive(Clone, Copy, Debug)]
struct Link {
    kind: MemberKind,
    expires_at: DateTime<Utc>,
    /// How many can still join; none: as many as there are seats.
    left: Option<u32>,
}

/// The links of an organisation that were not revoked.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(Arc<BTreeMap<InvitationLinkId, Link>>);

impl Links {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn create(
        &mut self,
        link: InvitationLinkId,
        kind: MemberKind,
        expires_at: DateTime<Utc>,
        left: Option<u32>,
    ) {
        Arc::make_mut(&mut self.0).insert(link, Link { kind, expires_at, left });
    }

    pub(super) fn revoke(&mut self, link: InvitationLinkId) {
        Arc::make_mut(&mut self.0).remove(&link);
    }

    pub(super) fn accept(&mut self, link: InvitationLinkId) {
        if let Some(link) = Arc::make_mut(&mut self.0).get_mut(&link) {
            link.left = link.left.map(|left| left.saturating_sub(1));
        }
    }
}

impl House {
    pub(super) fn decide_link(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { link, kind, expires_at, uses, now } => {
                if expires_at <= now {
                    return Err(Refusal::ExpiryPassed);
                }
                Few::InvitationLinks.room(self.links.len())?;
                Ok(vec![Event::InvitationLinkCreated { link, kind, expires_at, uses }])
            }
            Command::Revoke { link } => {
                let known = self.links.0.contains_key(&link);
                Ok(unless(!known, Event::InvitationLinkRevoked { link }))
            }
            Command::Accept { link, account, now } => {
                let found = self.links.0.get(&link).ok_or(Refusal::InvitationEnded)?;
                if now >= found.expires_at || found.left == Some(0) {
                    return Err(Refusal::InvitationEnded);
                }
                let joined = self.join(account, found.kind)?;
                let accepted = Event::InvitationAccepted { link, account };
                Ok(joined.into_iter().chain(std::iter::once(accepted)).collect())
            }
        }
    }
}
