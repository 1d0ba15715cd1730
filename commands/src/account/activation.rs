//! Activating an account: what was sent for it last, and when that works no longer.

use chrono::{DateTime, Utc};
use events::{
    ActivationId, CredentialId, LetterId, OrganisationId,
    account::{Event, PasswordSetBy},
};

use super::SignIn;
use crate::{Refusal, aggregate::unless};

/// So many wrong codes end an activation (S9).
pub const CODES: u32 = 3;

/// What one may ask about the activation of an account.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    /// Notes that the means to activate it were sent.
    Send {
        /// Under which id the vault has the token of the link.
        activation: ActivationId,
        /// In whose name.
        organisation: OrganisationId,
        /// Under which id the vault has the code, where there is one.
        letter: Option<LetterId>,
        /// Until when they work.
        expires_at: DateTime<Utc>,
    },
    /// Counts a wrong code.
    Fail {
        /// Which code it should have been.
        activation: ActivationId,
    },
    /// Lets its owner in from now on.
    Complete {
        /// By which means.
        activation: ActivationId,
        /// Where the vault has the hash of the password that the owner chose.
        credential: CredentialId,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Notes that the letter was fetched.
    Download {
        /// Which.
        letter: LetterId,
        /// Of which organisation.
        organisation: OrganisationId,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Takes the letter from the list.
    Remove {
        /// Which.
        letter: LetterId,
        /// Of which organisation.
        organisation: OrganisationId,
    },
}

/// The means to activate an account that were sent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    /// Under which id the vault has the token of the link.
    pub id: ActivationId,
    /// In whose name it was sent.
    pub organisation: OrganisationId,
    /// Under which id the vault has the code; none where the link is enough.
    pub letter: Option<LetterId>,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
    failures: u32,
    /// Whether the letter is in the list.
    listed: bool,
}

impl Activation {
    pub(super) const fn sent(
        id: ActivationId,
        organisation: OrganisationId,
        letter: Option<LetterId>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self { id, organisation, letter, expires_at, failures: 0, listed: letter.is_some() }
    }

    pub(super) const fn fail(&mut self) {
        self.failures += 1;
    }

    pub(super) const fn unlist(&mut self) {
        self.listed = false;
    }

    /// Whether the letter is in the list, so that somebody may still print it.
    pub const fn is_listed(&self) -> bool {
        self.listed
    }

    fn lists(&self, letter: LetterId, organisation: OrganisationId) -> bool {
        self.letter == Some(letter) && self.organisation == organisation && self.listed
    }
}

/// What happens when this is asked about what was sent last.
pub(super) fn decide(
    last: Option<&Activation>,
    sign_in: SignIn,
    command: Command,
) -> Result<Vec<Event>, Refusal> {
    match (sign_in, command) {
        (SignIn::Pending, Command::Send { activation, organisation, letter, expires_at }) => {
            Ok(vec![Event::ActivationSent { activation, organisation, letter, expires_at }])
        }
        (SignIn::Open { .. } | SignIn::Locked { .. }, Command::Send { .. }) => {
            Err(Refusal::AlreadyActivated)
        }
        (_, Command::Fail { activation }) => {
            let last = current(last, activation)?;
            let voided = last.failures + 1 >= CODES;
            Ok(std::iter::once(Event::ActivationCodeFailed { activation })
                .chain(voided.then_some(Event::ActivationVoided { activation }))
                .collect())
        }
        (SignIn::Pending, Command::Complete { activation, credential, now }) => {
            if now >= current(last, activation)?.expires_at {
                return Err(Refusal::ActivationEnded);
            }
            let password = Event::PasswordSet { credential, by: PasswordSetBy::Activation };
            Ok(vec![Event::Activated { activation }, password])
        }
        (SignIn::Open { .. } | SignIn::Locked { .. }, Command::Complete { .. }) => {
            Err(Refusal::ActivationEnded)
        }
        (_, Command::Download { letter, organisation, now }) => match last {
            Some(last) if last.lists(letter, organisation) && now < last.expires_at => {
                Ok(vec![Event::LetterDownloaded { letter, organisation }])
            }
            _ => Err(Refusal::DocumentNotFound),
        },
        (_, Command::Remove { letter, organisation }) => match last {
            Some(last) if last.letter == Some(letter) && last.organisation == organisation => {
                Ok(unless(!last.listed, Event::LetterRemoved { letter, organisation }))
            }
            _ => Err(Refusal::DocumentNotFound),
        },
    }
}

/// What was sent last, if it is this one and works.
fn current(last: Option<&Activation>, wanted: ActivationId) -> Result<&Activation, Refusal> {
    last.filter(|last| last.id == wanted).ok_or(Refusal::ActivationEnded)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use events::{Sealed, value::ProfileField};
    use uuid::Uuid;

    use super::*;
    use crate::{
        account::{Account, Command as Asked},
        aggregate::{Given, given},
        testing::{profile, username},
    };

    fn id<K>(number: u128) -> events::Id<K> {
        Uuid::from_u128(number).into()
    }
    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }
    fn sent(activation: u128, letter: Option<u128>) -> Event {
        let expires_at = noon() + TimeDelta::days(7);
        let (activation, letter) = (id(activation), letter.map(id));
        Event::ActivationSent { activation, organisation: id(11), letter, expires_at }
    }
    fn ask(command: Command) -> Asked {
        Asked::Activation(command)
    }
    fn complete(activation: u128, after: TimeDelta) -> Asked {
        let (activation, credential) = (id(activation), id(5));
        ask(Command::Complete { activation, credential, now: noon() + after })
    }
    fn wrong(activation: u128) -> Event {
        Event::ActivationCodeFailed { activation: id(activation) }
    }
    fn after(events: impl IntoIterator<Item = Event>) -> Given<Account> {
        let created = Event::Created {
            username: Sealed::new(id(1), username("anna")),
            profile: Sealed::new(id(1), profile("Anna", Some("anna@haven.example"))),
        };
        given(std::iter::once(created).chain(events))
    }

    #[test]
    fn what_was_sent_last_activates_until_it_expires() {
        let activated = || {
            let password = Event::PasswordSet { credential: id(5), by: PasswordSetBy::Activation };
            [Event::Activated { activation: id(2) }, password]
        };
        let week = TimeDelta::days(7);
        after([sent(2, None)]).when(complete(2, week - TimeDelta::seconds(1))).then(activated());
        after([sent(2, None)]).when(complete(2, week)).then_refused(&Refusal::ActivationEnded);
        after([sent(3, None), sent(2, None)])
            .when(complete(3, TimeDelta::zero()))
            .then_refused(&Refusal::ActivationEnded);
        after(std::iter::once(sent(2, None)).chain(activated()))
            .when(complete(2, TimeDelta::zero()))
            .then_refused(&Refusal::ActivationEnded);
        after([]).when(complete(2, TimeDelta::zero())).then_refused(&Refusal::ActivationEnded);
    }

    #[test]
    fn s9_the_third_wrong_code_ends_it() {
        let fail = || ask(Command::Fail { activation: id(2) });
        after([sent(2, Some(4)), wrong(2)]).when(fail()).then([wrong(2)]);
        let voided = Event::ActivationVoided { activation: id(2) };
        after([sent(2, Some(4)), wrong(2), wrong(2)]).when(fail()).then([wrong(2), voided.clone()]);
        after([sent(2, Some(4)), wrong(2), wrong(2), wrong(2), voided])
            .when(fail())
            .then_refused(&Refusal::ActivationEnded);
    }

    #[test]
    fn another_address_ends_what_was_sent_to_the_one_before() {
        let changed =
            Event::ProfileChanged { field: ProfileField::Email, value: Sealed::new(id(1), None) };
        after([sent(2, None), changed])
            .when(complete(2, TimeDelta::zero()))
            .then_refused(&Refusal::ActivationEnded);
    }

    #[test]
    fn a_letter_is_fetched_as_long_as_it_is_listed_and_removed_once() {
        let download = |organisation: u128| {
            let (letter, organisation) = (id(4), id(organisation));
            ask(Command::Download { letter, organisation, now: noon() })
        };
        let (letter, organisation) = (id(4), id(11));
        let remove = || ask(Command::Remove { letter, organisation });
        let removed = || Event::LetterRemoved { letter, organisation };
        after([sent(2, Some(4))])
            .when(download(11))
            .then([Event::LetterDownloaded { letter, organisation }]);
        after([sent(2, Some(4))]).when(download(12)).then_refused(&Refusal::DocumentNotFound);
        after([sent(2, None)]).when(download(11)).then_refused(&Refusal::DocumentNotFound);
        after([sent(2, Some(4))]).when(remove()).then([removed()]);
        after([sent(2, Some(4)), removed()]).when(remove()).then([]);
        after([sent(2, Some(4)), removed()])
            .when(download(11))
            .then_refused(&Refusal::DocumentNotFound);
    }

    #[test]
    fn who_has_a_password_has_nothing_to_activate() {
        let send = Command::Send {
            activation: id(2),
            organisation: id(11),
            letter: None,
            expires_at: noon(),
        };
        let password = Event::PasswordSet { credential: id(5), by: PasswordSetBy::Administrator };
        after([password]).when(ask(send)).then_refused(&Refusal::AlreadyActivated);
    }
}
