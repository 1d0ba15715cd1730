//! What one may ask of an organisation.

use events::{
    AccountId, Sealed,
    value::{
        Domain, Language, MailKind, MailTemplate, MemberKind, Plan, PolicyRule, ServiceKind, Text,
    },
};

use super::links;
use crate::system_message::Draft;

/// What one may ask of an organisation.
#[derive(Clone, Debug)]
pub enum Command {
    /// Lets it come to be.
    Create {
        /// Its name.
        name: Text,
        /// Its default language.
        language: Language,
        /// Its seats.
        plan: Plan,
    },
    /// Gives it another name.
    Rename {
        /// The new name.
        name: Text,
    },
    /// Gives it another default language.
    SetLanguage {
        /// The new language.
        language: Language,
    },
    /// Gives it other seats.
    SetPlan {
        /// The new plan.
        plan: Plan,
    },
    /// Has mails of a kind say something else.
    SetMailTemplate {
        /// Of which kind.
        kind: MailKind,
        /// In which language.
        language: Language,
        /// What they say; none: what the built-in template does.
        template: Option<MailTemplate>,
    },
    /// Sets rules about signing in.
    SetPolicy {
        /// Which, each with its new value.
        rules: Vec<PolicyRule>,
    },
    /// Bars its members.
    Deactivate,
    /// Puts it to use again.
    Reactivate,
    /// Gives it a (new) owner.
    SetOwner {
        /// Who.
        account: AccountId,
    },
    /// Gives it a mail domain.
    RegisterDomain {
        /// Which.
        domain: Domain,
    },
    /// Takes a mail domain from it.
    RemoveDomain {
        /// Which.
        domain: Domain,
    },
    /// Turns a service on.
    EnableService {
        /// Which.
        service: ServiceKind,
    },
    /// Turns a service off.
    DisableService {
        /// Which.
        service: ServiceKind,
    },
    /// Takes a member in.
    Join {
        /// Who.
        account: AccountId,
        /// As what.
        kind: MemberKind,
    },
    /// Makes a member another kind of member.
    SetKind {
        /// Who.
        account: AccountId,
        /// What.
        kind: MemberKind,
    },
    /// Turns a member's administrator switch.
    SetAdministrator {
        /// Whose.
        account: AccountId,
        /// Which way.
        on: bool,
        /// The account that turns it, if it is one.
        by: Option<AccountId>,
    },
    /// Bars a member.
    DeactivateMember {
        /// Who.
        account: AccountId,
        /// Why.
        reason: Option<Sealed<Text>>,
    },
    /// Lets a member in again.
    ReactivateMember {
        /// Who.
        account: AccountId,
    },
    /// Lets a member go.
    RemoveMember {
        /// Who.
        account: AccountId,
    },
    /// Whatever concerns links by which people join.
    Link(links::Command),
    /// Tells those who are signed in and work here something.
    SendMessage(Draft),
}
