//! What happens when a password is replaced.

use events::{
    CredentialId,
    account::{Event, PasswordSetBy},
};

use super::Person;

impl Person {
    /// Another password. What somebody began who knew the one before is over: the address that they asked for doesn't
    /// count any more (S8).
    pub(super) fn replace_password(
        &self,
        credential: CredentialId,
        by: PasswordSetBy,
        is_locked: bool,
    ) -> Vec<Event> {
        let is_another = by != PasswordSetBy::Rehash;
        let mut events = vec![Event::PasswordSet { credential, by }];
        events.extend(is_locked.then_some(Event::Unlocked));
        let pending = self.pending_email.is_some() && is_another;
        events.extend(pending.then_some(Event::EmailChangeWithdrawn));
        events
    }
}
