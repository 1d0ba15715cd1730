//! What the API needs of the program beside commands and read models: passwords and tokens.
//!
//! Everything that hashes or makes a secret stands behind [`Gate`], so that no secret is ever in a
//! command, an event or a read model. The program's `auth` implements it.

mod mailing;
mod presence;
mod second;

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Done, Failure, Request};
use events::{
    AccountId, OrganisationId, SessionId,
    value::{
        EmailAddress, Language, MemberKind, Policy, Profile, ProfileEntry, ProfileField, Scope,
        Text, Username,
    },
};
use secrecy::SecretString;

pub use mailing::{MailServer, Mailing, NewPassword, Preview, Tested, Unusable};
pub use presence::{Notice, Noticed, Presence, Whose};
pub use second::{
    App, Attempt, Enrolment, FirstFactor, FirstStep, PasskeyAsked, PasskeyFor, Second, Shown,
    SteppedUp,
};

/// Passwords, sessions and service keys; second factors are in [`Second`], and who is signed in in
/// [`Presence`].
///
/// Passwords arrive as they were typed. A hash or token goes to the vault first and the event second, so
/// a method that fails has changed nothing that anybody refers to.
#[async_trait]
pub trait Gate: Second + Presence {
    /// What the installation says about signing in, where an organisation says nothing.
    fn policy(&self) -> Policy;

    /// Makes the first operator, for the one-time token that the console showed. `done.subject` is the account.
    async fn operator_setup(
        &self,
        request: &Request,
        token: SecretString,
        username: Username,
        profile: Profile,
        password: SecretString,
    ) -> Result<Done, Denied>;

    /// Opens a session, or begins an attempt where the account has a second factor. An unknown name, a wrong password, a locked, deactivated or deleted account are
    /// all [`Denied::Credentials`], after the same work.
    async fn sign_in(
        &self,
        request: &Request,
        username: &str,
        password: SecretString,
    ) -> Result<FirstStep, Denied>;

    /// Ends the session of the request.
    async fn sign_out(&self, request: &Request) -> Result<Done, Denied>;

    /// Replaces the password of whoever asks, who knows the present one ([`Denied::Credentials`] otherwise).
    /// Other sessions of the account end; the present one goes on.
    async fn password_change(
        &self,
        request: &Request,
        current: SecretString,
        new: SecretString,
    ) -> Result<Done, Denied>;

    /// Gives an account another password, as an administrator: the one given, or one that is made up. All of its sessions
    /// end. Where it isn't mailed, somebody who knows it tells it.
    async fn password_set(
        &self,
        request: &Request,
        account: AccountId,
        new: Option<SecretString>,
        mail: Option<PasswordMail>,
    ) -> Result<Done, Denied>;

    /// Asks for another password by mail. Answered before anything is looked up, so that neither the answer nor its time
    /// tells whether anybody has the name.
    async fn password_reset_request(&self, request: &Request, username: &str)
    -> Result<(), Denied>;

    /// Replaces a password, for whoever has the link and the code that were mailed: [`Denied::Token`] where the link works
    /// no longer, [`Denied::LinkCode`] where the code is another one, which is counted. Nobody is signed in by it.
    async fn password_reset(
        &self,
        request: &Request,
        token: SecretString,
        code: &str,
        new: SecretString,
    ) -> Result<Done, Denied>;

    /// Changes fields of a profile. Where the e-mail or recovery address is among them, its owner is told at the old ones
    /// and the new ones.
    async fn profile_update(
        &self,
        request: &Request,
        account: AccountId,
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
    ) -> Result<Done, Denied>;

    /// Asks for another e-mail address of one's own, after proving anew who one is. It counts once it is confirmed; the
    /// present one is told of it at once.
    async fn email_change(&self, request: &Request, email: EmailAddress) -> Result<Done, Denied>;

    /// Confirms an e-mail address, for whoever has the link that was mailed there.
    async fn email_confirm(&self, request: &Request, token: SecretString) -> Result<Done, Denied>;

    /// Creates an account, without a password as a pending one. `done.subject` is the account. Whoever may not is
    /// refused before anything is hashed.
    async fn account_create(
        &self,
        request: &Request,
        new: NewAccount,
        password: Option<SecretString>,
    ) -> Result<Done, Denied>;

    /// Sends somebody what activates a pending account: a link by mail and, with `by_letter`, a code that stands in a
    /// letter. What was sent before works no longer.
    async fn activation_send(
        &self,
        request: &Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<Done, Denied>;

    /// Refuses what [`Gate::activation_send`] would refuse now, and sends nothing.
    async fn activation_check(
        &self,
        request: &Request,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Result<(), Denied>;

    /// Activates an account with what was sent. A wrong code is [`Denied::LinkCode`] and counted; everything else that is
    /// wrong with link or code is [`Denied::Token`].
    async fn activate(
        &self,
        request: &Request,
        token: SecretString,
        code: Option<SecretString>,
        password: SecretString,
    ) -> Result<Done, Denied>;

    /// Makes a link by which people join an organisation, which is shown here once. Without `expires_at` it is valid as
    /// long as the policy lets invitations be.
    async fn invitation_link_create(
        &self,
        request: &Request,
        organisation: OrganisationId,
        kind: MemberKind,
        expires_at: Option<DateTime<Utc>>,
        uses: Option<u32>,
    ) -> Result<(Done, SecretString), Denied>;

    /// Creates an account as a member, for whoever has the token of a link. `done.subject` is the account.
    async fn invitation_accept(
        &self,
        request: &Request,
        token: SecretString,
        username: Username,
        profile: Profile,
        password: SecretString,
    ) -> Result<Done, Denied>;

    /// What letters are about.
    fn letter_subject(&self, language: Language) -> &'static str;

    /// Makes a service key. Its token is shown here once and never again.
    async fn service_key_create(
        &self,
        request: &Request,
        organisation: OrganisationId,
        name: Text,
        scopes: BTreeSet<Scope>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(Done, SecretString), Denied>;
}

/// Where a password is mailed that an administrator chose.
#[derive(Clone, Debug)]
pub enum PasswordMail {
    /// To the account's e-mail address.
    Own,
    /// To another one.
    Other(EmailAddress),
}

/// An account that is to come to be.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Where it becomes a member.
    pub organisation: OrganisationId,
    /// The name to sign in with.
    pub username: Username,
    /// Who it is.
    pub profile: Profile,
    /// Which seat it takes.
    pub kind: MemberKind,
}

/// A session that has begun.
#[derive(Debug)]
pub struct SignedIn {
    /// The position at which read models show it.
    pub position: events::Position,
    /// Which session.
    pub session: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The organisation that it works in; operators may have none.
    pub organisation: Option<OrganisationId>,
    /// What proves it from now on, as `Authorization: Bearer …`.
    pub token: SecretString,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// How long a browser keeps the token; the same limit, as a duration.
    pub max_age: Duration,
}

/// Why the gate stays closed. Nothing has changed, but for the count of failed tries.
#[derive(Debug)]
pub enum Denied {
    /// These names and passwords open nothing. Why is in the history, not in the answer.
    Credentials,
    /// The token was used, has ended or never was.
    Token,
    /// The code isn't that of the link.
    LinkCode,
    /// There is no e-mail address to mail something to.
    NoAddress,
    /// What was shown beside the password shows nothing; or nothing was shown, and something must be.
    Code,
    /// A passkey that opens nothing, wasn't asked for, was asked for too long ago or was shown before; or there is none.
    Passkey,
    /// The new password is not good enough.
    Password(WeakPassword),
    /// Too many tries, or more waiting to be hashed than can be.
    TooMany {
        /// When trying again makes sense.
        retry_after: Duration,
    },
    /// The command behind it failed.
    Failed(Failure),
}

impl From<commands::Refusal> for Denied {
    fn from(refusal: commands::Refusal) -> Self {
        Self::Failed(Failure::Refused(refusal))
    }
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What a new password lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPassword {
    /// Fewer characters than the policy asks for.
    TooShort {
        /// The least number of characters.
        min: usize,
    },
    /// More characters than are evaluated.
    TooLong {
        /// The greatest number of characters.
        max: usize,
    },
    /// A character that can't be typed reliably, such as a control character.
    Character,
    /// The policy asks for a capital letter.
    NeedsCapital,
    /// The policy asks for a digit.
    NeedsDigit,
    /// It stands in a list of common or leaked passwords.
    Common,
    /// It can be guessed: made of names, words, seasons, years or keyboard rows.
    Guessable,
}
