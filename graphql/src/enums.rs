//! Words of a fixed set, as clients see them.

use async_graphql::Enum;
use events::value;
use projections::{Direction as ListDirection, directory};

/// A language that the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "value::Language")]
pub(crate) enum Language {
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    En,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "value::MailKind")]
pub(crate) enum MailKind {
    /// How to activate one's account, with a code that comes by letter.
    Activation,
    /// How to activate one's account, by this mail alone.
    Invitation,
    /// How to choose a new password.
    PasswordReset,
    /// The password that an administrator chose.
    PasswordChosen,
    /// That the password was changed.
    PasswordChanged,
    /// The second factor: a code.
    Passcode,
    /// How to confirm an address.
    EmailConfirm,
    /// That another address was asked for; to the present one.
    EmailChangeAsked,
    /// That the address was changed.
    EmailChanged,
    /// That the recovery address was changed.
    RecoveryEmailChanged,
    /// That the account was locked.
    AccountLocked,
    /// That a second factor was added or removed.
    FactorChanged,
    /// What an administrator tells those who are signed in.
    Notice,
    /// Nothing but that mails arrive.
    Test,
}

/// How the connection to a mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "value::TlsMode")]
pub(crate) enum TlsMode {
    /// Not at all: for a server on the same machine.
    None,
    /// It begins in the clear, and nothing is said before it is encrypted; mostly on port 587.
    Starttls,
    /// It is encrypted from the start; mostly on port 465.
    Tls,
}

/// What kind of seat a member takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "value::MemberKind")]
pub(crate) enum MemberKind {
    /// Uses the services that are on for them; can become an administrator.
    Full,
    /// A read-only member or guest.
    Reader,
}

/// What a member is, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::MemberType")]
pub(crate) enum MemberType {
    /// A read-only member or guest.
    Reader,
    /// Uses the services that are on for them.
    Full,
    /// Manages the organisation.
    Administrator,
    /// The one administrator who can hand over the organisation.
    Owner,
}

/// Whether one can sign in to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::AccountStatus")]
pub(crate) enum AccountStatus {
    /// One can sign in.
    Active,
    /// It has no password yet; or it has, and another e-mail address waits to be confirmed (`emailPending`).
    Pending,
    /// Barred until it is reactivated.
    Deactivated,
    /// Too many wrong passwords in a row: barred until it is unlocked.
    Locked,
    /// Gone. Its username stays taken.
    Deleted,
}

/// What a service key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "value::Scope")]
pub(crate) enum Scope {
    /// Read the organisation, its accounts and their services.
    AccountsRead,
    /// Create and change accounts and their services, short of administrators and passwords.
    AccountsWrite,
    /// Read the history, follow events, and see who is signed in from where.
    HistoryRead,
}

/// By what a list of accounts is sorted; accounts that are equal in it stand in the order of their creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::AccountSort")]
pub(crate) enum AccountOrderField {
    /// The name that lists show.
    DisplayName,
    /// The name to sign in with.
    Username,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// The primary e-mail address.
    Email,
    /// What the person does.
    Position,
    /// Where the person works.
    Location,
    /// Reader, full member, administrator, owner.
    Type,
    /// Active, pending, deactivated, locked.
    Status,
    /// The order of their creation.
    CreatedAt,
    /// When the last thing that activates it was sent; where nothing was, before all others.
    ActivationSentAt,
    /// When it was activated; where it wasn't, before all others.
    ActivatedAt,
}

/// The way a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ListDirection")]
pub(crate) enum OrderDirection {
    /// Smallest first.
    #[graphql(name = "ASC")]
    Ascending,
    /// Greatest first.
    #[graphql(name = "DESC")]
    Descending,
}
