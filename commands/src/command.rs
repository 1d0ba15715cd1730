//! The list of all business actions.
//!
//! One variant per action; its name is the name of the API's mutation. Identities of things
//! that come to be are given by the handler, except where a secret had to be kept under them before
//! (credentials, sessions, service keys).

mod concerns;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use events::{
    AccountId, ActivationId, CredentialId, FactorId, InvitationLinkId, LetterId, LinkId, MailId,
    OrganisationId, ServiceKeyId, SessionId,
    account::PasswordSetBy,
    factor::{FactorKind, NotSent},
    mail::GivenUpReason,
    session::EndReason,
    value::{
        Domain, EmailAddress, Language, MailKind, MailSettings, MailTemplate, MemberKind, Plan,
        PolicyRule, Profile, ProfileEntry, ProfileField, Reply, Scope, ServiceKind, Text, Username,
        WeekHours,
    },
};

use crate::{factors::Proof, mail::Order};

/// What one may ask.
///
/// It serialises so that a repeated request can be recognised; what the edge makes anew for every
/// request (credentials, sessions, keys) is no part of that.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Command {
    /// Sets the installation up: its first operator comes to be. Works once.
    OperatorSetup {
        /// The name that the operator signs in with.
        username: Username,
        /// Who it is.
        profile: Profile,
        /// Under which id the vault keeps the password's hash.
        #[serde(skip)]
        credential: CredentialId,
    },
    /// Lets an account run the installation.
    OperatorAppoint {
        /// Who.
        account: AccountId,
    },
    /// Ends that an account may run the installation. The first operator stays.
    OperatorDismiss {
        /// Who.
        account: AccountId,
    },
    /// Adds a service to the catalogue, beside the built-in ones.
    ServiceRegister {
        /// Its key.
        service: ServiceKind,
        /// Its name, for people.
        name: Text,
    },

    /// Creates an organisation.
    OrganisationCreate {
        /// Its name.
        name: Text,
        /// The language of mails and letters where a person has chosen none.
        language: Language,
        /// Its seats.
        plan: Plan,
    },
    /// Gives an organisation another name.
    OrganisationRename {
        /// Which.
        organisation: OrganisationId,
        /// The new name.
        name: Text,
    },
    /// Sets the default language.
    OrganisationLanguageSet {
        /// Which.
        organisation: OrganisationId,
        /// The new language.
        language: Language,
    },
    /// Sets the seats; not below what is taken.
    OrganisationPlanSet {
        /// Which.
        organisation: OrganisationId,
        /// The new plan.
        plan: Plan,
    },
    /// Sets rules about signing in, or leaves them to the installation; what is not named stays as it is.
    PolicySet {
        /// Of which organisation.
        organisation: OrganisationId,
        /// Which rules, each with its new value.
        rules: Vec<PolicyRule>,
    },
    /// Bars all members of an organisation until it is reactivated.
    OrganisationDeactivate {
        /// Which.
        organisation: OrganisationId,
    },
    /// Puts an organisation to use again.
    OrganisationReactivate {
        /// Which.
        organisation: OrganisationId,
    },
    /// Makes a full member the owner, who becomes an administrator too.
    OwnerSet {
        /// Of which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
    },
    /// Gives an organisation a mail domain. A domain belongs to one organisation of the installation.
    DomainRegister {
        /// Which organisation.
        organisation: OrganisationId,
        /// The domain.
        domain: Domain,
    },
    /// Takes a mail domain from an organisation. Aliases on it stay with their mailboxes until they
    /// are removed, so that nobody else gets their mail; new ones can't be added.
    DomainRemove {
        /// Which organisation.
        organisation: OrganisationId,
        /// The domain.
        domain: Domain,
    },
    /// Lets members of an organisation be given a service.
    ServiceEnable {
        /// Which organisation.
        organisation: OrganisationId,
        /// The service.
        service: ServiceKind,
    },
    /// Turns a service off for a whole organisation; what members were given comes back when it is on again.
    ServiceDisable {
        /// Which organisation.
        organisation: OrganisationId,
        /// The service.
        service: ServiceKind,
    },

    /// Creates an account as a member of an organisation. Without a password it is pending.
    AccountCreate {
        /// Which organisation.
        organisation: OrganisationId,
        /// The name to sign in with; never changed, never free again.
        username: Username,
        /// Who it is.
        profile: Profile,
        /// Which seat it takes.
        kind: MemberKind,
        /// Under which id the vault keeps the password's hash, where one was given.
        #[serde(skip)]
        credential: Option<CredentialId>,
    },
    /// Lets whoever has a link join an organisation.
    InvitationLinkCreate {
        /// Under which id the vault keeps the hash of its token.
        #[serde(skip)]
        link: InvitationLinkId,
        /// Which organisation.
        organisation: OrganisationId,
        /// Which seat they take.
        kind: MemberKind,
        /// Until when.
        expires_at: DateTime<Utc>,
        /// How many can; none: as many as there are seats.
        uses: Option<u32>,
    },
    /// Ends that people can join by a link.
    InvitationLinkRevoke {
        /// Which organisation.
        organisation: OrganisationId,
        /// Which link.
        link: InvitationLinkId,
    },
    /// Creates an account as a member, for whoever has a link.
    InvitationAccept {
        /// Which organisation.
        organisation: OrganisationId,
        /// By which link.
        link: InvitationLinkId,
        /// The name to sign in with; never changed, never free again.
        username: Username,
        /// Who it is, but for the e-mail address: whoever joins may give anybody's.
        profile: Profile,
        /// The address, which counts once it is confirmed.
        email: Option<EmailAddress>,
        /// Under which id the vault keeps the hash of the link that confirms it.
        #[serde(skip)]
        confirm: LinkId,
        /// Under which id the vault keeps the password's hash.
        #[serde(skip)]
        credential: CredentialId,
        /// That link, to the address.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Makes an existing account a member of one more organisation.
    MemberAdd {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// Which seat it takes.
        kind: MemberKind,
    },
    /// Makes a reader a full member; the other way is refused.
    MemberKindSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// What it becomes.
        kind: MemberKind,
    },
    /// Turns the administrator switch of a full member.
    AdministratorSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// `true`: may manage the organisation.
        on: bool,
    },
    /// Bars a member from the organisation until reactivated; the seat stays taken.
    AccountDeactivate {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// Why, in the administrator's words.
        reason: Option<Text>,
    },
    /// Lets a member in again.
    AccountReactivate {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
    },
    /// Ends a membership, which frees its seat and its aliases. With its last membership the account
    /// is gone; its username stays taken.
    AccountDelete {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
    },
    /// Sets the organisation that an account works in when it signs in.
    DefaultOrganisationSet {
        /// Whose.
        account: AccountId,
        /// One of its organisations.
        organisation: OrganisationId,
    },

    /// Sets and empties fields of a profile; what is not named stays as it is.
    ProfileUpdate {
        /// Whose.
        account: AccountId,
        /// The new value per field; none empties it.
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Replaces the password; the earlier one no longer works.
    PasswordSet {
        /// Whose.
        account: AccountId,
        /// Under which id the vault keeps the new hash.
        #[serde(skip)]
        credential: CredentialId,
        /// How it came to be.
        by: PasswordSetBy,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Asks for another password, for whoever reads the account's mail. More than five an hour have no effect.
    PasswordResetRequest {
        /// Whose.
        account: AccountId,
        /// Under which id the vault keeps the link's hash.
        #[serde(skip)]
        reset: LinkId,
        /// The link and the code.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Counts a wrong code of a password reset; the third ends it.
    PasswordResetFail {
        /// Whose.
        account: AccountId,
        /// Which reset.
        reset: LinkId,
    },
    /// Replaces the password by means of a link and a code, which work once.
    PasswordReset {
        /// Whose.
        account: AccountId,
        /// Which reset.
        reset: LinkId,
        /// Under which id the vault keeps the new hash.
        #[serde(skip)]
        credential: CredentialId,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Asks for another e-mail address of one's own; it counts once it is confirmed.
    EmailChange {
        /// Whose.
        account: AccountId,
        /// The new address; the present one takes an earlier wish back.
        email: EmailAddress,
        /// Under which id the vault keeps the link's hash.
        #[serde(skip)]
        link: LinkId,
        /// The link, to the new address, and a notice to the old one.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Confirms an e-mail address, by a link that works once.
    EmailConfirm {
        /// Whose.
        account: AccountId,
        /// Which link.
        link: LinkId,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Sets when an account may be signed in to.
    SignInHoursSet {
        /// Whose.
        account: AccountId,
        /// In the person's time zone; none: when its organisations say.
        hours: Option<WeekHours>,
    },
    /// Counts a wrong password; the last of `threshold` in a row locks the account.
    SignInFail {
        /// Whose password it should have been.
        account: AccountId,
        /// How many wrong passwords in a row lock an account, by policy; at least 1.
        threshold: u32,
        /// Whoever is told that it is locked.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Lets passwords be evaluated again.
    AccountUnlock {
        /// Whose.
        account: AccountId,
    },

    /// Sends somebody what activates a pending account; what was sent before works no longer.
    ActivationSend {
        /// In which organisation's name.
        organisation: OrganisationId,
        /// Whose account.
        account: AccountId,
        /// Whether the code goes apart, in a letter.
        by_letter: bool,
        /// Under which id the vault keeps the token of the link.
        #[serde(skip)]
        activation: ActivationId,
        /// Under which id the vault keeps the code; none where the link is enough.
        #[serde(skip)]
        letter: Option<LetterId>,
        /// Until when they work.
        #[serde(skip)]
        expires_at: DateTime<Utc>,
        /// The mail with the link.
        #[serde(skip)]
        mail: Order,
    },
    /// Counts a wrong code; the last of three ends the activation.
    ActivationFail {
        /// Whose account.
        account: AccountId,
        /// Which code it should have been.
        #[serde(skip)]
        activation: ActivationId,
    },
    /// Activates an account, after the edge has found link and code right.
    Activate {
        /// Whose account.
        account: AccountId,
        /// By which means.
        activation: ActivationId,
        /// Under which id the vault keeps the hash of the password that its owner chose.
        #[serde(skip)]
        credential: CredentialId,
    },
    /// Fetches a letter to print it.
    LetterDownload {
        /// Which organisation's.
        organisation: OrganisationId,
        /// To whom it is.
        account: AccountId,
        /// Which.
        letter: LetterId,
    },
    /// Takes a letter from the list of documents.
    LetterRemove {
        /// Which organisation's.
        organisation: OrganisationId,
        /// To whom it is.
        account: AccountId,
        /// Which.
        letter: LetterId,
    },

    /// Opens a session, after the edge has found the password right.
    SignIn {
        /// Under which id the vault keeps the token's hash.
        #[serde(skip)]
        session: SessionId,
        /// Who.
        account: AccountId,
        /// What was shown beside the password; none where it was enough.
        proof: Option<Proof>,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Notes that somebody knew the password, and is asked for a second factor.
    SignInAsk {
        /// Whose password it was.
        account: AccountId,
    },
    /// Counts a wrong second factor like a wrong password.
    SecondFactorFail {
        /// Whose factor it should have been.
        account: AccountId,
        /// How many wrong tries in a row lock an account, by policy; at least 1.
        threshold: u32,
        /// Whoever is told that it is locked.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Notes that the owner of a session has proved anew who they are, and got another token.
    StepUp {
        /// Which.
        session: SessionId,
        /// Whose it is.
        account: AccountId,
        /// What was shown beside the password; none where there is no factor.
        proof: Option<Proof>,
        /// Until when that counts.
        until: DateTime<Utc>,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Lets a second factor count, after the edge has seen that its owner has it.
    FactorConfirm {
        /// Whose.
        account: AccountId,
        /// Under which id the vault keeps its secret.
        factor: FactorId,
        /// What it is.
        kind: FactorKind,
        /// What its owner calls it.
        name: Option<Text>,
        /// The time step of the code that showed it, or how often a passkey has signed.
        step: Option<u64>,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Lets somebody's first factor count on their way in: somebody who knew the password, must show a factor, and has
    /// neither one nor an address that a code could go to. The edge has seen all that.
    FactorEnrol {
        /// Whose.
        account: AccountId,
        /// Under which id the vault keeps its secret.
        factor: FactorId,
        /// What it is.
        kind: FactorKind,
        /// What its owner calls it.
        name: Option<Text>,
        /// The time step of the code that showed it.
        step: Option<u64>,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Notes that a code was sent to a factor's telephone, or why it wasn't.
    FactorCodeSend {
        /// Whose.
        account: AccountId,
        /// Which; it may be on its way to become one.
        factor: FactorId,
        /// Why it wasn't sent.
        failure: Option<NotSent>,
    },
    /// Notes that a passkey counted backwards, which the edge didn't accept.
    FactorSuspect {
        /// Whose.
        account: AccountId,
        /// Which.
        factor: FactorId,
    },
    /// Ends that a second factor counts.
    FactorRemove {
        /// Whose.
        account: AccountId,
        /// Which.
        factor: FactorId,
        /// Whoever is told.
        #[serde(skip)]
        mails: Vec<Order>,
    },
    /// Puts new recovery codes in the place of earlier ones.
    RecoveryCodesMake {
        /// Whose.
        account: AccountId,
        /// Under which id the vault keeps their hashes.
        #[serde(skip)]
        codes: CredentialId,
        /// How many there are.
        count: u8,
    },
    /// Opens a session in which the operator who asks acts for somebody.
    Impersonate {
        /// Under which id the vault keeps the token's hash.
        #[serde(skip)]
        session: SessionId,
        /// For whom.
        account: AccountId,
        /// Why.
        reason: Text,
        /// When it ends at the latest.
        until: DateTime<Utc>,
    },
    /// Ends a session.
    SessionEnd {
        /// Which.
        session: SessionId,
        /// Whose it is.
        account: AccountId,
        /// Why.
        reason: EndReason,
    },

    /// Switches a service on or off for a member.
    ServiceAccessSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// The service.
        service: ServiceKind,
        /// `true`: may use it.
        on: bool,
    },
    /// Makes a member an administrator inside a service, or ends that.
    ServiceAdministratorSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// Who.
        account: AccountId,
        /// The service.
        service: ServiceKind,
        /// `true`: manages it.
        on: bool,
    },
    /// Lets a mailbox receive mail for one more address.
    AliasAdd {
        /// Which organisation.
        organisation: OrganisationId,
        /// Whose mailbox.
        account: AccountId,
        /// On a domain of the organisation; unique in the installation.
        address: EmailAddress,
    },
    /// Ends that a mailbox receives mail for an address, which is free then.
    AliasRemove {
        /// Which organisation.
        organisation: OrganisationId,
        /// Whose mailbox.
        account: AccountId,
        /// The address.
        address: EmailAddress,
    },
    /// Lets another member send mail in a member's name, or ends that.
    SendOnBehalfSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// In whose name.
        account: AccountId,
        /// Who sends.
        delegate: AccountId,
        /// `true`: may.
        on: bool,
    },
    /// Leaves a mailbox out of the common address book, or takes it in again.
    MailboxHiddenSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// Whose mailbox.
        account: AccountId,
        /// `true`: left out.
        hidden: bool,
    },
    /// Makes a mailbox a shared one, without sign-in of its own, or ends that.
    MailboxSharedSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// Whose mailbox.
        account: AccountId,
        /// `true`: shared.
        shared: bool,
    },
    /// Sets where a blind copy of all that a mailbox sends goes.
    AlwaysBccSet {
        /// Which organisation.
        organisation: OrganisationId,
        /// Whose mailbox.
        account: AccountId,
        /// The address; none: no copies.
        address: Option<EmailAddress>,
    },

    /// Lets a program reach an organisation.
    ServiceKeyCreate {
        /// Under which id the vault keeps the key's hash.
        #[serde(skip)]
        key: ServiceKeyId,
        /// Which organisation.
        organisation: OrganisationId,
        /// What the key is for.
        name: Text,
        /// What it may do.
        scopes: BTreeSet<Scope>,
        /// Until when; none: until it is revoked.
        expires_at: Option<DateTime<Utc>>,
    },
    /// Ends that a program reaches an organisation.
    ServiceKeyRevoke {
        /// Which organisation it is for.
        organisation: OrganisationId,
        /// Which key.
        key: ServiceKeyId,
    },

    /// Has mails of a kind say something else than the built-in template does, or what it does again.
    MailTemplateSet {
        /// In which organisation's name they are.
        organisation: OrganisationId,
        /// Of which kind.
        kind: MailKind,
        /// In which language.
        language: Language,
        /// What they say; none: what the built-in template does. Whoever asks has checked it.
        template: Option<MailTemplate>,
    },
    /// Has mail go to a server, whatever the configuration says.
    MailSettingsSet {
        /// Which, and how.
        settings: MailSettings,
        /// Where the vault has the password to sign in with there.
        #[serde(skip)]
        password: Option<CredentialId>,
    },
    /// Has mail go where the configuration says again.
    MailSettingsRestore,
    /// Notes what came of a test mail.
    MailSettingsTest {
        /// Whether it was taken.
        accepted: bool,
    },
    /// Tells those who are signed in something, at once and until it ends.
    SystemMessageSend {
        /// Those who work in which organisation; none: all.
        organisation: Option<OrganisationId>,
        /// What.
        text: Text,
        /// Until when it is shown, a day ahead at most; none: for an hour.
        until: Option<DateTime<Utc>>,
    },
    /// Has a mail sent that is its own reason. All others are ordered by what they tell of.
    MailOrder {
        /// The mail.
        order: Order,
    },
    /// Notes that a server took a mail.
    MailSend {
        /// Which.
        mail: MailId,
        /// To whom it is.
        account: AccountId,
        /// What the server said.
        reply: Option<Reply>,
    },
    /// Notes that a mail couldn't be delivered now.
    MailFail {
        /// Which.
        mail: MailId,
        /// To whom it is.
        account: AccountId,
        /// What went wrong.
        reply: Option<Reply>,
        /// When it is tried again.
        next_at: DateTime<Utc>,
    },
    /// Notes that a mail isn't tried any more.
    MailGiveUp {
        /// Which.
        mail: MailId,
        /// To whom it is.
        account: AccountId,
        /// Why.
        reason: GivenUpReason,
        /// Whether it was tried just now.
        tried: bool,
        /// What went wrong.
        reply: Option<Reply>,
    },
    /// Has a mail that was given up tried once more.
    MailRetry {
        /// In whose name it is; none: in that of the installation.
        organisation: Option<OrganisationId>,
        /// Which.
        mail: MailId,
    },
}
