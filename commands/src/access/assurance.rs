//! What a session must have shown before an action (S13): the second matrix, beside who may do what.
//!
//! A session says who somebody is; whoever has stolen it is that person. So what lets somebody into an account, or gives
//! power that outlasts the session, is asked of a session that has shown lately whose it is. Taking away is never asked
//! about: whoever finds a thief must be able to shut the door at once. Only sessions of persons are asked; the console, the
//! product itself and service keys have none. The decision: `docs/decisions/what-a-stolen-session-cant-do.md`.

use super::Action;
use crate::{Command, plan::reaches_the_person};
use events::AccountId;

/// What a session must have shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// Nothing but its token.
    Token,
    /// Whose it is, lately: by signing in or by stepping up.
    Fresh,
    /// Whose it is, lately and anew: by stepping up.
    Anew,
    /// The same, where the account has second factors.
    AnewWithFactors,
}

/// What an action asks of the session that it comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where it is about the account whose session it is.
    pub own: Assurance,
    /// Where it is about anything else.
    pub others: Assurance,
}

impl Asked {
    const fn always(assurance: Assurance) -> Self {
        Self { own: assurance, others: assurance }
    }
}

impl Action {
    /// What it asks of the session that it comes through. Some ask only where they give something
    /// (`Command::gives`).
    pub const fn asks(self) -> Asked {
        use Assurance::{Anew, AnewWithFactors, Fresh, Token};
        match self {
            // One's own way in: whoever has taken over a session that has just begun must not keep it.
            Self::EmailChange | Self::FactorConfirm | Self::RecoveryCodesMake => {
                Asked::always(Anew)
            }
            Self::ProfileUpdate | Self::FactorRemove => Asked { own: Anew, others: Fresh },
            // The present password of one's own comes with the new one, so that only a factor can be missing.
            Self::PasswordSet => Asked { own: AnewWithFactors, others: Fresh },
            // Somebody else's account.
            Self::Impersonate
            // Power that outlasts the session.
            | Self::OperatorAppoint
            | Self::OwnerSet
            | Self::ServiceKeyCreate
            // What everybody must show to get in.
            | Self::PolicySet
            // Where codes and links go, and what stands beside them.
            | Self::MailSettingsSet
            | Self::MailSettingsRestore
            | Self::MailTemplateSet => Asked::always(Fresh),
            // Everyday work, and taking away.
            Self::OperatorDismiss
            | Self::ServiceRegister
            | Self::OrganisationCreate
            | Self::OrganisationRename
            | Self::OrganisationLanguageSet
            | Self::OrganisationPlanSet
            | Self::OrganisationDeactivate
            | Self::OrganisationReactivate
            | Self::DomainRegister
            | Self::DomainRemove
            | Self::ServiceEnable
            | Self::ServiceDisable
            | Self::AccountCreate
            | Self::InvitationLinkCreate
            | Self::InvitationLinkRevoke
            | Self::MemberAdd
            | Self::MemberKindSet
            | Self::AdministratorSet
            | Self::AccountDeactivate
            | Self::AccountReactivate
            | Self::AccountDelete
            | Self::DefaultOrganisationSet
            | Self::AccountUnlock
            | Self::SignInHoursSet
            | Self::SessionEnd
            | Self::ServiceAccessSet
            | Self::ServiceAdministratorSet
            | Self::AliasAdd
            | Self::AliasRemove
            | Self::SendOnBehalfSet
            | Self::MailboxHiddenSet
            | Self::MailboxSharedSet
            | Self::AlwaysBccSet
            | Self::ServiceKeyRevoke
            | Self::MailSettingsTest
            | Self::SystemMessageSend
            | Self::MailOrder
            | Self::MailRetry
            // They send to an address that is guarded here; a letter is no use without what is sent there.
            | Self::ActivationSend
            | Self::LetterDownload
            | Self::LetterRemove
            // They show themselves who asks.
            | Self::OperatorSetup
            | Self::StepUp
            | Self::SignIn
            | Self::SignInFail
            | Self::SignInAsk
            | Self::SecondFactorFail
            | Self::FactorEnrol
            | Self::FactorSuspect
            | Self::PasswordResetRequest
            | Self::PasswordResetFail
            | Self::PasswordReset
            | Self::EmailConfirm
            | Self::Activate
            | Self::ActivationFail
            | Self::InvitationAccept
            // The product's own.
            | Self::FactorCodeSend
            | Self::MailSend
            | Self::MailFail
            | Self::MailGiveUp
            // Reading, and read models.
            | Self::InstallationRead
            | Self::ProjectionsManage
            | Self::OrganisationRead
            | Self::AccountsRead
            | Self::AccountRead
            | Self::HistoryRead
            | Self::AccountHistoryRead
            | Self::EventsFollow => Asked::always(Token),
        }
    }
}

impl Command {
    /// What it asks of a session of this account.
    pub(crate) fn asks(&self, by: AccountId) -> Assurance {
        let asked = self.action().asks();
        match self {
            _ if !self.gives() => Assurance::Token,
            _ if self.target(None).account == Some(by) => asked.own,
            _ => asked.others,
        }
    }

    /// Whether there is something in it that lets somebody in; what merely takes away, or doesn't matter, asks nothing.
    fn gives(&self) -> bool {
        match self {
            Self::MailTemplateSet { template, .. } => template.is_some(),
            Self::ProfileUpdate { changes, .. } => {
                changes.iter().any(|(field, _)| reaches_the_person(*field))
            }
            _ => true,
        }
    }

    /// Whether it may be done while acting for this account (S20): nothing may that asks a session whose it is, for
    /// nobody shows who somebody else is, and nothing that shows it or hands it out.
    pub(crate) fn may_be_done_for(&self, account: AccountId) -> bool {
        let shows = matches!(
            self,
            // A letter lets whoever reads it choose a password, with a little more.
            Self::StepUp { .. } | Self::FactorEnrol { .. } | Self::LetterDownload { .. }
        );
        !shows && self.asks(account) == Assurance::Token
    }
}
