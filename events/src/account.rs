//! An account: one person's sign-in identity, with credentials, profile and sign-in state.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    CredentialId, LinkId, OrganisationId, Sealed,
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
    /// The account is gone; its username stays taken.
    Deleted,
}

/// Who chose a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordSetBy {
    /// The first operator, with the one-time token.
    Setup,
    /// The person.
    Owner,
    /// An administrator or an operator.
    Administrator,
    /// Whoever had the link and the code that were mailed.
    Reset,
    /// The product, at sign-in, with the same password under stronger parameters.
    Rehash,
}
