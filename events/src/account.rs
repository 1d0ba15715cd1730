//! An account: one person's sign-in identity, with credentials, profile and sign-in state.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ActivationId, CredentialId, LetterId, LinkId, OrganisationId, Sealed,
    value::{EmailAddress, Profile, ProfileEntry, ProfileField, Username, WeekHours},
};

/// What can happen to an account. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The account exists; nobody can sign in to it before it has a password.
    Created {
        /// The name to sign in with. Never changed, never free again.
        username: Sealed<Username>,
        /// Who it is.
        profile: Sealed<Profile>,
    },
    /// One field of the profile has another value.
    ProfileChanged {
        /// Which field.
        field: ProfileField,
        /// Its value from now on; none when it was emptied.
        value: Sealed<Option<ProfileEntry>>,
    },
    /// The account is a member of an organisation.
    Joined {
        /// Which.
        organisation: OrganisationId,
    },
    /// The account is a member of an organisation no longer.
    Left {
        /// Which.
        organisation: OrganisationId,
    },
    /// The organisation that the account works in when it signs in.
    DefaultOrganisationSet {
        /// Which of its organisations.
        organisation: OrganisationId,
    },
    /// The account has a password; an earlier one no longer works. The hash is in the vault.
    PasswordSet {
        /// Under which id the vault keeps the hash.
        credential: CredentialId,
        /// How it came to be.
        by: PasswordSetBy,
    },
    /// When the account may be signed in to.
    SignInHoursSet {
        /// In the person's time zone; none: when its organisations say.
        hours: Option<WeekHours>,
    },
    /// Somebody asked for another password: a link and a code were mailed. The present one works until they are used.
    PasswordResetRequested {
        /// Under which id the vault keeps the link's hash.
        reset: LinkId,
        /// Until when the link and the code work.
        expires_at: DateTime<Utc>,
    },
    /// A wrong code was given with the link of a reset.
    PasswordResetFailed {
        /// Which reset.
        reset: LinkId,
    },
    /// Too many wrong codes: the link works no longer.
    PasswordResetVoided {
        /// Which reset.
        reset: LinkId,
    },
    /// Another e-mail address was asked for. The present one counts until whoever reads the new one confirms it.
    EmailChangeRequested {
        /// Under which id the vault keeps the link's hash.
        link: LinkId,
        /// The new address.
        email: Sealed<EmailAddress>,
        /// Until when the link works.
        expires_at: DateTime<Utc>,
    },
    /// The present e-mail address stays.
    EmailChangeWithdrawn,
    /// Somebody tried to sign in with a wrong password.
    SignInFailed,
    /// Somebody who knew the password gave a wrong second factor.
    SecondFactorFailed,
    /// Too many wrong passwords or second factors in a row: no password is evaluated until it is unlocked.
    Locked,
    /// Passwords are evaluated again.
    Unlocked,
    /// The right password was given: the wrong tries before it count no longer.
    SignInFailuresCleared,
    /// The means to activate it were sent: a link by mail and, where there is a letter, a code in that. Those that were
    /// sent before work no longer.
    ActivationSent {
        /// Under which id the vault keeps the hash of the link's token.
        activation: ActivationId,
        /// In which organisation's name.
        organisation: OrganisationId,
        /// The letter, under whose id the vault keeps the code; none where the link is enough.
        letter: Option<LetterId>,
        /// Until when they work.
        expires_at: DateTime<Utc>,
    },
    /// Somebody who had the link gave a wrong code.
    ActivationCodeFailed {
        /// Which code it should have been.
        activation: ActivationId,
    },
    /// Too many wrong codes: link and code work no longer.
    ActivationVoided {
        /// Which.
        activation: ActivationId,
    },
    /// The person activated it, with a password of their own.
    Activated {
        /// By which means.
        activation: ActivationId,
    },
    /// Somebody fetched a letter to print it.
    LetterDownloaded {
        /// Which.
        letter: LetterId,
        /// In which organisation's name it is.
        organisation: OrganisationId,
    },
    /// A letter was taken from the list of documents; the code that it tells goes on working.
    LetterRemoved {
        /// Which.
        letter: LetterId,
        /// In which organisation's name it is.
        organisation: OrganisationId,
    },
    /// The account is gone; its username stays taken.
    Deleted,
}

/// What an [`ActivationId`] identifies.
#[derive(Debug)]
pub enum Activation {}

/// What a [`LetterId`] identifies.
#[derive(Debug)]
pub enum Letter {}

/// Who chose a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordSetBy {
    /// The first operator, with the one-time token.
    Setup,
    /// The person.
    Owner,
    /// The person, with the first one: when activating the account, or joining by a link.
    Activation,
    /// An administrator or an operator.
    Administrator,
    /// Whoever had the link and the code that were mailed.
    Reset,
    /// The product, at sign-in, with the same password under stronger parameters.
    Rehash,
}
