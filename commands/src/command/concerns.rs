//! What each action concerns: the stream that guards it, and what access is decided about.

use events::{OrganisationId, Stream, value::ServiceKind};

use super::Command;
use crate::access::standing::Target;

impl Command {
    /// The stream whose version guards the command: the one that `expectedVersion` is about. None where
    /// the command makes something new.
    pub const fn guard(&self) -> Option<Stream> {
        Some(match self {
            Self::OperatorSetup { .. }
            | Self::OperatorAppoint { .. }
            | Self::OperatorDismiss { .. }
            | Self::ServiceRegister { .. }
            | Self::MailSettingsSet { .. }
            | Self::MailSettingsRestore
            | Self::MailSettingsTest { .. } => Stream::Installation,
            Self::OrganisationCreate { .. } => return None,
            Self::OrganisationRename { organisation, .. }
            | Self::OrganisationLanguageSet { organisation, .. }
            | Self::OrganisationPlanSet { organisation, .. }
            | Self::PolicySet { organisation, .. }
            | Self::MailTemplateSet { organisation, .. }
            | Self::OrganisationDeactivate { organisation }
            | Self::OrganisationReactivate { organisation }
            | Self::OwnerSet { organisation, .. }
            | Self::DomainRegister { organisation, .. }
            | Self::DomainRemove { organisation, .. }
            | Self::ServiceEnable { organisation, .. }
            | Self::ServiceDisable { organisation, .. }
            | Self::AccountCreate { organisation, .. }
            | Self::MemberAdd { organisation, .. }
            | Self::InvitationLinkCreate { organisation, .. }
            | Self::InvitationLinkRevoke { organisation, .. }
            | Self::InvitationAccept { organisation, .. }
            | Self::MemberKindSet { organisation, .. }
            | Self::AdministratorSet { organisation, .. }
            | Self::AccountDeactivate { organisation, .. }
            | Self::AccountReactivate { organisation, .. }
            | Self::AccountDelete { organisation, .. } => Stream::Organisation(*organisation),
            Self::DefaultOrganisationSet { account, .. }
            | Self::ProfileUpdate { account, .. }
            | Self::PasswordSet { account, .. }
            | Self::SignInHoursSet { account, .. }
            | Self::PasswordResetRequest { account, .. }
            | Self::PasswordResetFail { account, .. }
            | Self::PasswordReset { account, .. }
            | Self::EmailChange { account, .. }
            | Self::EmailConfirm { account, .. }
            | Self::SignInFail { account, .. }
            | Self::SecondFactorFail { account, .. }
            | Self::ActivationSend { account, .. }
            | Self::ActivationFail { account, .. }
            | Self::Activate { account, .. }
            | Self::LetterDownload { account, .. }
            | Self::LetterRemove { account, .. }
            | Self::AccountUnlock { account } => Stream::Account(*account),
            Self::SignIn { session, .. }
            | Self::Impersonate { session, .. }
            | Self::StepUp { session, .. }
            | Self::SessionEnd { session, .. } => Stream::Session(*session),
            Self::SignInAsk { account }
            | Self::FactorConfirm { account, .. }
            | Self::FactorEnrol { account, .. }
            | Self::FactorCodeSend { account, .. }
            | Self::FactorSuspect { account, .. }
            | Self::FactorRemove { account, .. }
            | Self::RecoveryCodesMake { account, .. } => Stream::Factors(*account),
            Self::ServiceAccessSet { organisation, account, .. }
            | Self::ServiceAdministratorSet { organisation, account, .. }
            | Self::AliasAdd { organisation, account, .. }
            | Self::AliasRemove { organisation, account, .. }
            | Self::SendOnBehalfSet { organisation, account, .. }
            | Self::MailboxHiddenSet { organisation, account, .. }
            | Self::MailboxSharedSet { organisation, account, .. }
            | Self::AlwaysBccSet { organisation, account, .. } => {
                Stream::Membership(*organisation, *account)
            }
            Self::ServiceKeyCreate { key, .. } | Self::ServiceKeyRevoke { key, .. } => {
                Stream::ServiceKey(*key)
            }
            Self::SystemMessageSend { organisation, .. } => match organisation {
                Some(organisation) => Stream::Organisation(*organisation),
                None => Stream::Installation,
            },
            Self::MailOrder { order } => Stream::Mail(order.mail),
            Self::MailSend { mail, .. }
            | Self::MailFail { mail, .. }
            | Self::MailGiveUp { mail, .. }
            | Self::MailRetry { mail, .. } => Stream::Mail(*mail),
        })
    }

    /// What the command acts on, as far as access is concerned. Where it names no organisation it acts in the
    /// asker's own, and only on accounts that are members there.
    pub(crate) fn target(&self, own: Option<OrganisationId>) -> Target {
        let (organisation, account, service) = match self {
            Self::OperatorSetup { .. }
            | Self::OperatorAppoint { .. }
            | Self::OperatorDismiss { .. }
            | Self::ServiceRegister { .. }
            | Self::MailSettingsSet { .. }
            | Self::MailSettingsRestore
            | Self::MailSettingsTest { .. }
            | Self::OrganisationCreate { .. } => (None, None, None),
            Self::OrganisationRename { organisation, .. }
            | Self::OrganisationLanguageSet { organisation, .. }
            | Self::OrganisationPlanSet { organisation, .. }
            | Self::PolicySet { organisation, .. }
            | Self::MailTemplateSet { organisation, .. }
            | Self::OrganisationDeactivate { organisation }
            | Self::OrganisationReactivate { organisation }
            | Self::DomainRegister { organisation, .. }
            | Self::DomainRemove { organisation, .. }
            | Self::ServiceEnable { organisation, .. }
            | Self::ServiceDisable { organisation, .. }
            | Self::AccountCreate { organisation, .. }
            | Self::InvitationLinkCreate { organisation, .. }
            | Self::InvitationLinkRevoke { organisation, .. }
            | Self::InvitationAccept { organisation, .. }
            | Self::ServiceKeyCreate { organisation, .. }
            | Self::ServiceKeyRevoke { organisation, .. } => (Some(*organisation), None, None),
            Self::OwnerSet { organisation, account }
            | Self::MemberAdd { organisation, account, .. }
            | Self::MemberKindSet { organisation, account, .. }
            | Self::AdministratorSet { organisation, account, .. }
            | Self::AccountDeactivate { organisation, account, .. }
            | Self::AccountReactivate { organisation, account }
            | Self::AccountDelete { organisation, account }
            | Self::ActivationSend { organisation, account, .. }
            | Self::LetterDownload { organisation, account, .. }
            | Self::LetterRemove { organisation, account, .. }
            | Self::DefaultOrganisationSet { organisation, account } => {
                (Some(*organisation), Some(*account), None)
            }
            Self::ServiceAccessSet { organisation, account, service, .. }
            | Self::ServiceAdministratorSet { organisation, account, service, .. } => {
                (Some(*organisation), Some(*account), Some(service.clone()))
            }
            Self::AliasAdd { organisation, account, .. }
            | Self::AliasRemove { organisation, account, .. }
            | Self::SendOnBehalfSet { organisation, account, .. }
            | Self::MailboxHiddenSet { organisation, account, .. }
            | Self::MailboxSharedSet { organisation, account, .. }
            | Self::AlwaysBccSet { organisation, account, .. } => {
                (Some(*organisation), Some(*account), ServiceKind::parse("mail").ok())
            }
            Self::ProfileUpdate { account, .. }
            | Self::PasswordSet { account, .. }
            | Self::PasswordResetRequest { account, .. }
            | Self::PasswordResetFail { account, .. }
            | Self::PasswordReset { account, .. }
            | Self::EmailChange { account, .. }
            | Self::EmailConfirm { account, .. }
            | Self::SignInFail { account, .. }
            | Self::ActivationFail { account, .. }
            | Self::Activate { account, .. }
            | Self::AccountUnlock { account }
            | Self::SignInAsk { account }
            | Self::SignInHoursSet { account, .. }
            | Self::SecondFactorFail { account, .. }
            | Self::FactorConfirm { account, .. }
            | Self::FactorEnrol { account, .. }
            | Self::FactorCodeSend { account, .. }
            | Self::FactorSuspect { account, .. }
            | Self::FactorRemove { account, .. }
            | Self::RecoveryCodesMake { account, .. }
            | Self::StepUp { account, .. }
            | Self::Impersonate { account, .. }
            | Self::SignIn { account, .. }
            | Self::SessionEnd { account, .. } => (own, Some(*account), None),
            Self::MailOrder { order } => (order.organisation, Some(order.account), None),
            Self::MailSend { account, .. }
            | Self::MailFail { account, .. }
            | Self::MailGiveUp { account, .. } => (None, Some(*account), None),
            Self::MailRetry { organisation, .. } | Self::SystemMessageSend { organisation, .. } => {
                (*organisation, None, None)
            }
        };
        let must_be_member = matches!(
            self,
            Self::ProfileUpdate { .. }
                | Self::PasswordSet { .. }
                | Self::EmailChange { .. }
                | Self::AccountUnlock { .. }
                | Self::FactorRemove { .. }
                | Self::SignInHoursSet { .. }
                | Self::SessionEnd { .. }
                | Self::MailOrder { .. }
        );
        Target { organisation, account, service, must_be_member }
    }

    /// Whether it gives an account a password.
    pub(crate) const fn gives_password(&self) -> bool {
        matches!(self, Self::PasswordSet { .. } | Self::AccountCreate { credential: Some(_), .. })
    }
}
