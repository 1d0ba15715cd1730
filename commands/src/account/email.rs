//! Another e-mail address: it counts once whoever reads its mail has confirmed it.

use chrono::{DateTime, TimeDelta, Utc};
use events::{
    AccountId, LinkId, Sealed,
    account::Event,
    value::{EmailAddress, ProfileEntry, ProfileField},
};

use super::Person;
use crate::{Refusal, aggregate::unless};

/// How long the link works that confirms an address.
pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// An address that isn't confirmed yet.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    link: LinkId,
    email: EmailAddress,
    expires_at: DateTime<Utc>,
}

impl Pending {
    /// What was asked for; nothing where the person was erased.
    pub(super) fn of(
        link: LinkId,
        email: &Sealed<EmailAddress>,
        expires_at: DateTime<Utc>,
    ) -> Option<Self> {
        Some(Self { link, email: email.value()?.clone(), expires_at })
    }
}

impl Person {
    /// The address that a link would confirm.
    pub fn pending_email(&self, link: LinkId) -> Option<&EmailAddress> {
        let pending = self.pending_email.as_ref().filter(|pending| pending.link == link)?;
        Some(&pending.email)
    }

    /// Asking for the address that one has takes an earlier wish back.
    pub(super) fn request_email(
        &self,
        account: AccountId,
        link: LinkId,
        email: EmailAddress,
        now: DateTime<Utc>,
    ) -> Vec<Event> {
        if self.profile.email() == Some(&email) {
            return unless(self.pending_email.is_none(), Event::EmailChangeWithdrawn);
        }
        let (email, expires_at) = (Sealed::new(account, email), now + LIFETIME);
        vec![Event::EmailChangeRequested { link, email, expires_at }]
    }

    /// Refuses a link that was used, has ended, was replaced or never was.
    pub(super) fn confirm_email(
        &self,
        account: AccountId,
        link: LinkId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Event>, Refusal> {
        let works = |pending: &&Pending| pending.link == link && now < pending.expires_at;
        let pending = self.pending_email.as_ref().filter(works).ok_or(Refusal::LinkVoid)?;
        let value = Sealed::new(account, Some(ProfileEntry::Email(pending.email.clone())));
        Ok(vec![Event::ProfileChanged { field: ProfileField::Email, value }])
    }
}
