//! An account: one person's sign-in identity, with credentials, profile and sign-in state.

pub mod activation;
pub mod email;
mod password;
mod profile;
pub mod reset;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use events::{
    AccountId, CredentialId, LinkId, OrganisationId, Sealed,
    account::{Event, PasswordSetBy},
    value::{
        EmailAddress, Language, Profile, ProfileEntry, ProfileField, Text, TimeZone, Username,
        WeekHours,
    },
};

use crate::{
    Refusal,
    aggregate::{Aggregate, Name, NameChange, unless},
    plan::leads_to_sign_in,
};
use activation::Activation;
use email::Pending;
use profile::Fields;
use reset::Resets;

/// What one may ask of an account.
#[derive(Clone, Debug)]
pub enum Command {
    /// Lets it come to be.
    Create {
        /// Itself: whom its personal data is about.
        account: AccountId,
        /// The name to sign in with.
        username: Username,
        /// Who it is.
        profile: Profile,
    },
    /// Sets and empties fields of the profile.
    UpdateProfile {
        /// Itself: whom its personal data is about.
        account: AccountId,
        /// The new value per field; none empties it.
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
    },
    /// Notes a membership.
    Join {
        /// Where.
        organisation: OrganisationId,
    },
    /// Notes the end of a membership.
    Leave {
        /// Where.
        organisation: OrganisationId,
    },
    /// Chooses where it works after signing in.
    SetDefaultOrganisation {
        /// Where.
        organisation: OrganisationId,
    },
    /// Replaces the password.
    SetPassword {
        /// Where the vault has the new hash.
        credential: CredentialId,
        /// How it came to be.
        by: PasswordSetBy,
    },
    /// Sets when it may be signed in to.
    SetSignInHours {
        /// None: when its organisations say.
        hours: Option<WeekHours>,
    },
    /// Asks for another password.
    RequestReset {
        /// Where the vault has the link's hash.
        reset: LinkId,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Counts a wrong code.
    FailReset {
        /// Of which reset.
        reset: LinkId,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Replaces the password by means of a reset.
    ResetPassword {
        /// Which reset.
        reset: LinkId,
        /// Where the vault has the new hash.
        credential: CredentialId,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Asks for another e-mail address.
    RequestEmail {
        /// Itself: whom its personal data is about.
        account: AccountId,
        /// Where the vault has the link's hash.
        link: LinkId,
        /// The new address.
        email: EmailAddress,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Confirms the e-mail address that was asked for.
    ConfirmEmail {
        /// Itself: whom its personal data is about.
        account: AccountId,
        /// By which link.
        link: LinkId,
        /// Now.
        now: DateTime<Utc>,
    },
    /// Counts a wrong password.
    FailSignIn {
        /// How many lock the account.
        threshold: u32,
    },
    /// Counts a wrong second factor, which came after a right password.
    FailSecondFactor {
        /// How many wrong tries lock the account.
        threshold: u32,
    },
    /// Notes a right password.
    SignIn,
    /// Ends a lock.
    Unlock,
    /// Whatever concerns its activation.
    Activation(activation::Command),
}

/// An account, as far as rules need it.
#[derive(Clone, Debug, Default)]
pub enum Account {
    /// There is none.
    #[default]
    Unknown,
    /// There is one.
    Present(Box<Person>),
    /// There was one.
    Deleted {
        /// Where the vault has the hash of its password, until that has gone too.
        credential: Option<CredentialId>,
    },
}

/// Who an account is and how it signs in.
#[derive(Clone, Debug)]
pub struct Person {
    profile: Arc<Fields>,
    memberships: Vec<OrganisationId>,
    /// The one that was chosen; otherwise it is the first membership.
    chosen_organisation: Option<OrganisationId>,
    sign_in: SignIn,
    sign_in_hours: Option<WeekHours>,
    resets: Resets,
    pending_email: Option<Pending>,
    /// What was sent last to activate it, as long as that works.
    activation: Option<Activation>,
}

/// How to reach somebody. Empty fields stand for what was never given, or was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The name that is shown.
    pub name: Option<Text>,
    /// How to address the person.
    pub salutation: Option<Text>,
    /// The last name.
    pub last_name: Option<Text>,
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The address for a forgotten password.
    pub recovery_email: Option<EmailAddress>,
    /// The language that was chosen.
    pub language: Option<Language>,
}

/// Whether an account can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Not before it has a password.
    Pending,
    /// With its password.
    Open {
        /// Where the vault has the hash.
        credential: CredentialId,
        /// Wrong passwords in a row.
        failures: u32,
    },
    /// Not before it is unlocked.
    Locked {
        /// Where the vault has the hash.
        credential: CredentialId,
    },
}

impl Aggregate for Account {
    type Command = Command;
    type Event = Event;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Created { profile, .. }) => Self::Present(Box::new(Person {
                profile: Arc::new(profile.value().map(Fields::of).unwrap_or_default()),
                memberships: Vec::new(),
                chosen_organisation: None,
                sign_in: SignIn::Pending,
                sign_in_hours: None,
                resets: Resets::default(),
                pending_email: None,
                activation: None,
            })),
            (Self::Deleted { credential }, _) => Self::Deleted { credential },
            (state, Event::Deleted) => Self::Deleted { credential: state.credential() },
            (Self::Present(person), event) => Self::Present(Box::new(person.evolve(event))),
            (Self::Unknown, _) => Self::Unknown,
        }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self, command) {
            (Self::Unknown, Command::Create { account, username, profile }) => {
                profile::check_new(&profile)?;
                Ok(vec![Event::Created {
                    username: Sealed::new(account, username),
                    profile: Sealed::new(account, profile),
                }])
            }
            (Self::Unknown | Self::Deleted { .. }, _) => Err(Refusal::AccountNotFound),
            (Self::Present(person), command) => person.decide(command),
        }
    }

    fn names(&self, event: &Event) -> Vec<NameChange> {
        let had = self.email().cloned().map(|email| NameChange::Release(Name::Address(email)));
        match event {
            Event::Created { username, profile } => {
                let username = username.value().cloned().map(Name::Username);
                let email =
                    profile.value().and_then(|profile| Fields::of(profile).email().cloned());
                username.into_iter().chain(email.map(Name::Address)).map(NameChange::Take).collect()
            }
            Event::ProfileChanged { field: ProfileField::Email, value } => {
                let has = match value.value() {
                    Some(Some(ProfileEntry::Email(email))) => Some(email.clone()),
                    _ => None,
                };
                had.into_iter()
                    .chain(has.map(|email| NameChange::Take(Name::Address(email))))
                    .collect()
            }
            Event::Deleted => had.into_iter().collect(),
            _ => vec![],
        }
    }
}

impl Account {
    /// The account while it exists; otherwise that there is none.
    pub const fn present(&self) -> Result<&Person, Refusal> {
        match self {
            Self::Present(person) => Ok(person),
            Self::Unknown | Self::Deleted { .. } => Err(Refusal::AccountNotFound),
        }
    }

    /// Where the vault has, or had, the hash of its password.
    pub const fn credential(&self) -> Option<CredentialId> {
        match self {
            Self::Unknown => None,
            Self::Present(person) => person.sign_in.credential(),
            Self::Deleted { credential } => *credential,
        }
    }

    fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Present(person) => person.profile.email(),
            Self::Unknown | Self::Deleted { .. } => None,
        }
    }
}

impl SignIn {
    /// Where the vault has the hash of the password, if there is one.
    pub const fn credential(self) -> Option<CredentialId> {
        match self {
            Self::Pending => None,
            Self::Open { credential, .. } | Self::Locked { credential } => Some(credential),
        }
    }
}

impl Person {
    /// Where it is a member.
    pub fn memberships(&self) -> &[OrganisationId] {
        &self.memberships
    }

    /// Its names and addresses.
    pub fn words(&self) -> Vec<String> {
        self.profile.words()
    }

    /// How to reach it.
    pub fn contact(&self) -> Contact {
        let address = |field| match self.profile.get(field) {
            Some(ProfileEntry::Email(address)) => Some(address.clone()),
            _ => None,
        };
        let text = |field| match self.profile.get(field) {
            Some(ProfileEntry::Text(text)) => Some(text.clone()),
            _ => None,
        };
        Contact {
            name: text(ProfileField::DisplayName),
            salutation: text(ProfileField::Salutation),
            last_name: text(ProfileField::LastName),
            email: address(ProfileField::Email),
            recovery_email: address(ProfileField::RecoveryEmail),
            language: match self.profile.get(ProfileField::Language) {
                Some(ProfileEntry::Language(language)) => Some(*language),
                _ => None,
            },
        }
    }

    /// Where it works after signing in: what was chosen, otherwise its first membership.
    pub fn default_organisation(&self) -> Option<OrganisationId> {
        self.chosen_organisation.or_else(|| self.memberships.first().copied())
    }

    /// When it may be signed in to; none: when its organisations say.
    pub const fn sign_in_hours(&self) -> Option<WeekHours> {
        self.sign_in_hours
    }

    /// The time zone that was chosen.
    pub fn time_zone(&self) -> Option<&TimeZone> {
        match self.profile.get(ProfileField::TimeZone) {
            Some(ProfileEntry::TimeZone(zone)) => Some(zone),
            _ => None,
        }
    }

    /// Whether it can sign in.
    pub const fn sign_in(&self) -> SignIn {
        self.sign_in
    }

    /// How many wrong passwords came in a row.
    pub const fn failures(&self) -> u32 {
        match self.sign_in {
            SignIn::Open { failures, .. } => failures,
            SignIn::Pending | SignIn::Locked { .. } => 0,
        }
    }

    /// Whether too many wrong passwords came.
    pub const fn is_locked(&self) -> bool {
        matches!(self.sign_in, SignIn::Locked { .. })
    }

    /// What was sent last to activate it, as long as that works.
    pub const fn activation(&self) -> Option<&Activation> {
        self.activation.as_ref()
    }

    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::ProfileChanged { field, value } => {
                // What was mailed to an address that isn't theirs any more opens nothing.
                if leads_to_sign_in(*field) {
                    self.resets.void();
                }
                if *field == ProfileField::Email {
                    self.pending_email = None;
                    // Whoever reads the mail of the address before is somebody else, perhaps.
                    self.activation = None;
                }
                let value = value.value().cloned().flatten();
                Arc::make_mut(&mut self.profile).set(*field, value);
            }
            Event::Joined { organisation } => self.memberships.push(*organisation),
            Event::Left { organisation } => {
                self.memberships.retain(|membership| membership != organisation);
                self.chosen_organisation =
                    self.chosen_organisation.filter(|chosen| chosen != organisation);
            }
            Event::DefaultOrganisationSet { organisation } => {
                self.chosen_organisation = Some(*organisation);
            }
            Event::PasswordSet { credential, by } => {
                if *by != PasswordSetBy::Rehash {
                    self.resets.void();
                }
                self.activation = None;
                self.sign_in = match self.sign_in {
                    SignIn::Pending | SignIn::Open { .. } => {
                        SignIn::Open { credential: *credential, failures: 0 }
                    }
                    SignIn::Locked { .. } => SignIn::Locked { credential: *credential },
                };
            }
            Event::SignInHoursSet { hours } => self.sign_in_hours = *hours,
            Event::PasswordResetRequested { reset, expires_at } => {
                self.resets.requested(*reset, *expires_at);
            }
            Event::PasswordResetFailed { .. } => self.resets.failed(),
            Event::PasswordResetVoided { .. } => self.resets.void(),
            Event::EmailChangeRequested { link, email, expires_at } => {
                self.pending_email = Pending::of(*link, email, *expires_at);
            }
            Event::EmailChangeWithdrawn => self.pending_email = None,
            Event::SignInFailed | Event::SecondFactorFailed => {
                if let SignIn::Open { failures, .. } = &mut self.sign_in {
                    *failures += 1;
                }
            }
            Event::Locked => {
                if let SignIn::Open { credential, .. } = self.sign_in {
                    self.sign_in = SignIn::Locked { credential };
                }
            }
            Event::Unlocked | Event::SignInFailuresCleared => {
                if let SignIn::Open { credential, .. } | SignIn::Locked { credential } =
                    self.sign_in
                {
                    self.sign_in = SignIn::Open { credential, failures: 0 };
                }
            }
            Event::ActivationSent { activation, organisation, letter, expires_at } => {
                let sent = Activation::sent(*activation, *organisation, *letter, *expires_at);
                self.activation = Some(sent);
            }
            Event::ActivationCodeFailed { .. } => {
                self.activation.iter_mut().for_each(Activation::fail);
            }
            Event::ActivationVoided { .. } | Event::Activated { .. } => self.activation = None,
            Event::LetterRemoved { .. } => self.activation.iter_mut().for_each(Activation::unlist),
            Event::LetterDownloaded { .. } | Event::Created { .. } | Event::Deleted => {}
        }
        self
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match (self.sign_in, command) {
            (sign_in, Command::Activation(command)) => {
                activation::decide(self.activation.as_ref(), sign_in, command)
            }
            (_, Command::UpdateProfile { account, changes }) => {
                self.profile.update(account, changes)
            }
            (_, Command::Join { organisation }) => {
                Ok(unless(self.memberships.contains(&organisation), Event::Joined { organisation }))
            }
            (_, Command::Leave { organisation }) => Ok(self.leave(organisation)),
            (_, Command::SetDefaultOrganisation { organisation }) => {
                if !self.memberships.contains(&organisation) {
                    return Err(Refusal::MemberNotFound);
                }
                let already = self.default_organisation() == Some(organisation);
                Ok(unless(already, Event::DefaultOrganisationSet { organisation }))
            }
            (_, Command::SetSignInHours { hours }) => {
                Ok(unless(self.sign_in_hours == hours, Event::SignInHoursSet { hours }))
            }
            (SignIn::Pending | SignIn::Open { .. }, Command::SetPassword { credential, by }) => {
                Ok(self.replace_password(credential, by, false))
            }
            // Whoever gets a new password from an administrator is meant to use it.
            (SignIn::Locked { .. }, Command::SetPassword { credential, by }) => {
                Ok(self.replace_password(credential, by, true))
            }
            (SignIn::Open { .. } | SignIn::Locked { .. }, Command::RequestReset { reset, now }) => {
                Ok(self.resets.request(reset, now))
            }
            (_, Command::FailReset { reset, now }) => self.resets.fail(reset, now),
            (state, Command::ResetPassword { reset, credential, now }) => {
                self.resets.check(reset, now)?;
                let is_locked = matches!(state, SignIn::Locked { .. });
                Ok(self.replace_password(credential, PasswordSetBy::Reset, is_locked))
            }
            (_, Command::RequestEmail { account, link, email, now }) => {
                Ok(self.request_email(account, link, email, now))
            }
            (_, Command::ConfirmEmail { account, link, now }) => {
                self.confirm_email(account, link, now)
            }
            (SignIn::Open { failures, .. }, Command::FailSignIn { threshold }) => {
                Ok(fail(Event::SignInFailed, failures, threshold))
            }
            (SignIn::Open { failures, .. }, Command::FailSecondFactor { threshold }) => {
                Ok(fail(Event::SecondFactorFailed, failures, threshold))
            }
            // Nothing was evaluated, so nothing is counted (a flood doesn't make the log grow); already so. And without a
            // password there is none to reset: the account is activated first.
            (
                SignIn::Pending | SignIn::Locked { .. },
                Command::FailSignIn { .. } | Command::FailSecondFactor { .. },
            )
            | (SignIn::Pending, Command::RequestReset { .. })
            | (SignIn::Open { failures: 0, .. }, Command::SignIn)
            | (SignIn::Pending | SignIn::Open { .. }, Command::Unlock) => Ok(vec![]),
            (SignIn::Open { .. }, Command::SignIn) => Ok(vec![Event::SignInFailuresCleared]),
            (SignIn::Pending, Command::SignIn) => Err(Refusal::AccountPending),
            (SignIn::Locked { .. }, Command::SignIn) => Err(Refusal::AccountLocked),
            (SignIn::Locked { .. }, Command::Unlock) => Ok(vec![Event::Unlocked]),
            // It exists already; identities are given once, so nobody can ask this.
            (_, Command::Create { .. }) => Err(Refusal::UsernameTaken),
        }
    }

    /// With its last membership the account goes.
    fn leave(&self, organisation: OrganisationId) -> Vec<Event> {
        match self.memberships.as_slice() {
            [last] if *last == organisation => vec![Event::Left { organisation }, Event::Deleted],
            memberships => {
                unless(!memberships.contains(&organisation), Event::Left { organisation })
            }
        }
    }
}

/// One more failure; the last of a row locks the account.
fn fail(what: Event, failures: u32, threshold: u32) -> Vec<Event> {
    let locks = failures + 1 >= threshold;
    std::iter::once(what).chain(locks.then_some(Event::Locked)).collect()
}
