//! An organisation: its members with type and status, administrators, seats, domains and services.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, InvitationLinkId, MessageId, Sealed,
    value::{
        Domain, Language, MailKind, MailTemplate, MemberKind, Plan, PolicyRule, ServiceKind, Text,
    },
};

/// What can happen to an organisation. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The organisation exists, is active and has no members; every built-in service is on.
    Created {
        /// Its name.
        name: Text,
        /// The language of mails and letters where a person has chosen none.
        language: Language,
        /// Its seats.
        plan: Plan,
    },
    /// Its name changed.
    Renamed {
        /// The new name.
        name: Text,
    },
    /// Its default language changed.
    LanguageSet {
        /// The new language.
        language: Language,
    },
    /// Its seats changed.
    PlanSet {
        /// The new plan.
        plan: Plan,
    },
    /// One rule of its policy has another value.
    PolicySet {
        /// Which rule, and its value from now on.
        rule: PolicyRule,
    },
    /// Mails of a kind say something else than the built-in template does, or what it does again.
    MailTemplateSet {
        /// Of which kind.
        kind: MailKind,
        /// In which language.
        language: Language,
        /// What they say; none: what the built-in template does.
        template: Option<MailTemplate>,
    },
    /// None of its members can sign in through it until it is reactivated.
    Deactivated,
    /// It is in use again.
    Reactivated,
    /// Mail for this domain is the organisation's.
    DomainRegistered {
        /// The domain, unique in the installation.
        domain: Domain,
    },
    /// Mail for this domain is the organisation's no longer.
    DomainRemoved {
        /// The domain.
        domain: Domain,
    },
    /// Its members may be given this service.
    ServiceEnabled {
        /// The service.
        service: ServiceKind,
    },
    /// Nobody of the organisation can use this service.
    ServiceDisabled {
        /// The service.
        service: ServiceKind,
    },
    /// An account became a member; this took a seat.
    MemberJoined {
        /// Who.
        account: AccountId,
        /// As what.
        kind: MemberKind,
    },
    /// A member became a reader or a full member.
    MemberKindSet {
        /// Who.
        account: AccountId,
        /// As what from now on.
        kind: MemberKind,
    },
    /// A full member may manage the organisation.
    AdministratorGranted {
        /// Who.
        account: AccountId,
    },
    /// A member may manage the organisation no longer.
    AdministratorRevoked {
        /// Who.
        account: AccountId,
    },
    /// The organisation has a new owner, who is an administrator too.
    OwnerSet {
        /// Who.
        account: AccountId,
    },
    /// A member can't sign in here until reactivated; the seat stays taken.
    MemberDeactivated {
        /// Who.
        account: AccountId,
        /// Why, in the administrator's words.
        reason: Option<Sealed<Text>>,
    },
    /// A member can sign in here again.
    MemberReactivated {
        /// Who.
        account: AccountId,
    },
    /// A membership ended; this freed its seat.
    MemberRemoved {
        /// Who.
        account: AccountId,
    },
    /// Whoever has this link can join.
    InvitationLinkCreated {
        /// Under which id the vault keeps the hash of its token.
        link: InvitationLinkId,
        /// As what they join.
        kind: MemberKind,
        /// Until when.
        expires_at: DateTime<Utc>,
        /// How many can; none: as many as there are seats.
        uses: Option<u32>,
    },
    /// Nobody can join by a link any more.
    InvitationLinkRevoked {
        /// Which.
        link: InvitationLinkId,
    },
    /// Somebody accepted the invitation of a link, and joins.
    InvitationAccepted {
        /// Which link.
        link: InvitationLinkId,
        /// Who.
        account: AccountId,
    },
    /// A message goes to those who are signed in and work in the organisation, at once and until it ends.
    SystemMessageSent {
        /// Its id.
        message: MessageId,
        /// What it says.
        text: Text,
        /// Until when it is shown.
        valid_until: DateTime<Utc>,
    },
}

/// What an [`InvitationLinkId`] identifies.
#[derive(Debug)]
pub enum InvitationLink {}
