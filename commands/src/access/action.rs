//! Everything that access is decided about.

use crate::Command;

/// What somebody may be allowed to do: every [`Command`], and what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// [`Command::OperatorSetup`].
    OperatorSetup,
    /// [`Command::OperatorAppoint`].
    OperatorAppoint,
    /// [`Command::OperatorDismiss`].
    OperatorDismiss,
    /// [`Command::ServiceRegister`].
    ServiceRegister,
    /// [`Command::OrganisationCreate`].
    OrganisationCreate,
    /// [`Command::OrganisationRename`].
    OrganisationRename,
    /// [`Command::OrganisationLanguageSet`].
    OrganisationLanguageSet,
    /// [`Command::OrganisationPlanSet`].
    OrganisationPlanSet,
    /// [`Command::PolicySet`].
    PolicySet,
    /// [`Command::OrganisationDeactivate`].
    OrganisationDeactivate,
    /// [`Command::OrganisationReactivate`].
    OrganisationReactivate,
    /// [`Command::OwnerSet`].
    OwnerSet,
    /// [`Command::DomainRegister`].
    DomainRegister,
    /// [`Command::DomainRemove`].
    DomainRemove,
    /// [`Command::ServiceEnable`].
    ServiceEnable,
    /// [`Command::ServiceDisable`].
    ServiceDisable,
    /// [`Command::AccountCreate`].
    AccountCreate,
    /// [`Command::InvitationLinkCreate`].
    InvitationLinkCreate,
    /// [`Command::InvitationLinkRevoke`].
    InvitationLinkRevoke,
    /// [`Command::InvitationAccept`].
    InvitationAccept,
    /// [`Command::MemberAdd`].
    MemberAdd,
    /// [`Command::MemberKindSet`].
    MemberKindSet,
    /// [`Command::AdministratorSet`].
    AdministratorSet,
    /// [`Command::AccountDeactivate`].
    AccountDeactivate,
    /// [`Command::AccountReactivate`].
    AccountReactivate,
    /// [`Command::AccountDelete`].
    AccountDelete,
    /// [`Command::DefaultOrganisationSet`].
    DefaultOrganisationSet,
    /// [`Command::ProfileUpdate`].
    ProfileUpdate,
    /// [`Command::PasswordSet`].
    PasswordSet,
    /// [`Command::PasswordResetRequest`].
    PasswordResetRequest,
    /// [`Command::PasswordResetFail`].
    PasswordResetFail,
    /// [`Command::PasswordReset`].
    PasswordReset,
    /// [`Command::EmailChange`].
    EmailChange,
    /// [`Command::EmailConfirm`].
    EmailConfirm,
    /// [`Command::SignInFail`].
    SignInFail,
    /// [`Command::AccountUnlock`].
    AccountUnlock,
    /// [`Command::ActivationSend`].
    ActivationSend,
    /// [`Command::ActivationFail`].
    ActivationFail,
    /// [`Command::Activate`].
    Activate,
    /// [`Command::LetterDownload`].
    LetterDownload,
    /// [`Command::LetterRemove`].
    LetterRemove,
    /// [`Command::SignIn`].
    SignIn,
    /// [`Command::SignInAsk`].
    SignInAsk,
    /// [`Command::SecondFactorFail`].
    SecondFactorFail,
    /// [`Command::StepUp`].
    StepUp,
    /// [`Command::FactorConfirm`].
    FactorConfirm,
    /// [`Command::FactorEnrol`].
    FactorEnrol,
    /// [`Command::FactorCodeSend`].
    FactorCodeSend,
    /// [`Command::FactorSuspect`].
    FactorSuspect,
    /// [`Command::FactorRemove`].
    FactorRemove,
    /// [`Command::RecoveryCodesMake`].
    RecoveryCodesMake,
    /// [`Command::SignInHoursSet`].
    SignInHoursSet,
    /// [`Command::Impersonate`].
    Impersonate,
    /// [`Command::SessionEnd`].
    SessionEnd,
    /// [`Command::ServiceAccessSet`].
    ServiceAccessSet,
    /// [`Command::ServiceAdministratorSet`].
    ServiceAdministratorSet,
    /// [`Command::AliasAdd`].
    AliasAdd,
    /// [`Command::AliasRemove`].
    AliasRemove,
    /// [`Command::SendOnBehalfSet`].
    SendOnBehalfSet,
    /// [`Command::MailboxHiddenSet`].
    MailboxHiddenSet,
    /// [`Command::MailboxSharedSet`].
    MailboxSharedSet,
    /// [`Command::AlwaysBccSet`].
    AlwaysBccSet,
    /// [`Command::ServiceKeyCreate`].
    ServiceKeyCreate,
    /// [`Command::ServiceKeyRevoke`].
    ServiceKeyRevoke,
    /// [`Command::MailTemplateSet`].
    MailTemplateSet,
    /// [`Command::MailSettingsSet`].
    MailSettingsSet,
    /// [`Command::MailSettingsRestore`].
    MailSettingsRestore,
    /// [`Command::MailSettingsTest`].
    MailSettingsTest,
    /// [`Command::SystemMessageSend`].
    SystemMessageSend,
    /// [`Command::MailOrder`].
    MailOrder,
    /// [`Command::MailSend`].
    MailSend,
    /// [`Command::MailFail`].
    MailFail,
    /// [`Command::MailGiveUp`].
    MailGiveUp,
    /// [`Command::MailRetry`].
    MailRetry,
    /// See all organisations, and how the node is doing.
    InstallationRead,
    /// Rebuild and resume projections.
    ProjectionsManage,
    /// See an organisation's name, services and seats.
    OrganisationRead,
    /// See all accounts of an organisation, and its dashboard.
    AccountsRead,
    /// See one account and its row of the dashboard.
    AccountRead,
    /// Read the history of an organisation and of everything in it.
    HistoryRead,
    /// Read the history of one account.
    AccountHistoryRead,
    /// Follow the events of an organisation as they come.
    EventsFollow,
}

impl Action {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 82] = [
        Self::OperatorSetup,
        Self::OperatorAppoint,
        Self::OperatorDismiss,
        Self::ServiceRegister,
        Self::OrganisationCreate,
        Self::OrganisationRename,
        Self::OrganisationLanguageSet,
        Self::OrganisationPlanSet,
        Self::PolicySet,
        Self::OrganisationDeactivate,
        Self::OrganisationReactivate,
        Self::OwnerSet,
        Self::DomainRegister,
        Self::DomainRemove,
        Self::ServiceEnable,
        Self::ServiceDisable,
        Self::AccountCreate,
        Self::InvitationLinkCreate,
        Self::InvitationLinkRevoke,
        Self::InvitationAccept,
        Self::MemberAdd,
        Self::MemberKindSet,
        Self::AdministratorSet,
        Self::AccountDeactivate,
        Self::AccountReactivate,
        Self::AccountDelete,
        Self::DefaultOrganisationSet,
        Self::ProfileUpdate,
        Self::PasswordSet,
        Self::PasswordResetRequest,
        Self::PasswordResetFail,
        Self::PasswordReset,
        Self::EmailChange,
        Self::EmailConfirm,
        Self::SignInFail,
        Self::AccountUnlock,
        Self::ActivationSend,
        Self::ActivationFail,
        Self::Activate,
        Self::LetterDownload,
        Self::LetterRemove,
        Self::SignIn,
        Self::SignInAsk,
        Self::SecondFactorFail,
        Self::StepUp,
        Self::FactorConfirm,
        Self::FactorEnrol,
        Self::FactorCodeSend,
        Self::FactorSuspect,
        Self::FactorRemove,
        Self::RecoveryCodesMake,
        Self::SignInHoursSet,
        Self::Impersonate,
        Self::SessionEnd,
        Self::ServiceAccessSet,
        Self::ServiceAdministratorSet,
        Self::AliasAdd,
        Self::AliasRemove,
        Self::SendOnBehalfSet,
        Self::MailboxHiddenSet,
        Self::MailboxSharedSet,
        Self::AlwaysBccSet,
        Self::ServiceKeyCreate,
        Self::ServiceKeyRevoke,
        Self::MailTemplateSet,
        Self::MailSettingsSet,
        Self::MailSettingsRestore,
        Self::MailSettingsTest,
        Self::SystemMessageSend,
        Self::MailOrder,
        Self::MailSend,
        Self::MailFail,
        Self::MailGiveUp,
        Self::MailRetry,
        Self::InstallationRead,
        Self::ProjectionsManage,
        Self::OrganisationRead,
        Self::AccountsRead,
        Self::AccountRead,
        Self::HistoryRead,
        Self::AccountHistoryRead,
        Self::EventsFollow,
    ];

    /// Its name in causes, logs and the API, for instance `accountCreate`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OperatorSetup => "operatorSetup",
            Self::OperatorAppoint => "operatorAppoint",
            Self::OperatorDismiss => "operatorDismiss",
            Self::ServiceRegister => "serviceRegister",
            Self::OrganisationCreate => "organisationCreate",
            Self::OrganisationRename => "organisationRename",
            Self::OrganisationLanguageSet => "organisationLanguageSet",
            Self::OrganisationPlanSet => "organisationPlanSet",
            Self::PolicySet => "policySet",
            Self::OrganisationDeactivate => "organisationDeactivate",
            Self::OrganisationReactivate => "organisationReactivate",
            Self::OwnerSet => "ownerSet",
            Self::DomainRegister => "domainRegister",
            Self::DomainRemove => "domainRemove",
            Self::ServiceEnable => "serviceEnable",
            Self::ServiceDisable => "serviceDisable",
            Self::AccountCreate => "accountCreate",
            Self::InvitationLinkCreate => "invitationLinkCreate",
            Self::InvitationLinkRevoke => "invitationLinkRevoke",
            Self::InvitationAccept => "invitationAccept",
            Self::MemberAdd => "membershipAdd",
            Self::MemberKindSet => "memberKindSet",
            Self::AdministratorSet => "administratorSet",
            Self::AccountDeactivate => "accountDeactivate",
            Self::AccountReactivate => "accountReactivate",
            Self::AccountDelete => "accountDelete",
            Self::DefaultOrganisationSet => "defaultOrganisationSet",
            Self::ProfileUpdate => "profileUpdate",
            Self::PasswordSet => "passwordSet",
            Self::PasswordResetRequest => "passwordResetRequest",
            Self::PasswordResetFail => "passwordResetFail",
            Self::PasswordReset => "passwordReset",
            Self::EmailChange => "emailChange",
            Self::EmailConfirm => "emailConfirm",
            Self::SignInFail => "signInFail",
            Self::AccountUnlock => "accountUnlock",
            Self::ActivationSend => "activationSend",
            Self::ActivationFail => "activationFail",
            Self::Activate => "activate",
            Self::LetterDownload => "letterDownload",
            Self::LetterRemove => "letterRemove",
            Self::SignIn => "signIn",
            Self::SignInAsk => "signInAsk",
            Self::SecondFactorFail => "secondFactorFail",
            Self::StepUp => "stepUp",
            Self::FactorConfirm => "factorConfirm",
            Self::FactorEnrol => "factorEnrol",
            Self::FactorCodeSend => "factorCodeSend",
            Self::FactorSuspect => "factorSuspect",
            Self::FactorRemove => "factorRemove",
            Self::RecoveryCodesMake => "recoveryCodesMake",
            Self::SignInHoursSet => "signInHoursSet",
            Self::Impersonate => "impersonate",
            Self::SessionEnd => "sessionEnd",
            Self::ServiceAccessSet => "serviceAccessSet",
            Self::ServiceAdministratorSet => "serviceAdministratorSet",
            Self::AliasAdd => "aliasAdd",
            Self::AliasRemove => "aliasRemove",
            Self::SendOnBehalfSet => "sendOnBehalfSet",
            Self::MailboxHiddenSet => "mailboxHiddenSet",
            Self::MailboxSharedSet => "mailboxSharedSet",
            Self::AlwaysBccSet => "alwaysBccSet",
            Self::ServiceKeyCreate => "serviceKeyCreate",
            Self::ServiceKeyRevoke => "serviceKeyRevoke",
            Self::MailTemplateSet => "mailTemplateSet",
            Self::MailSettingsSet => "mailSettingsSet",
            Self::MailSettingsRestore => "mailSettingsRestore",
            Self::MailSettingsTest => "mailSettingsTest",
            Self::SystemMessageSend => "systemMessageSend",
            Self::MailOrder => "mailOrder",
            Self::MailSend => "mailSend",
            Self::MailFail => "mailFail",
            Self::MailGiveUp => "mailGiveUp",
            Self::MailRetry => "mailRetry",
            Self::InstallationRead => "installationRead",
            Self::ProjectionsManage => "projectionsManage",
            Self::OrganisationRead => "organisationRead",
            Self::AccountsRead => "accountsRead",
            Self::AccountRead => "accountRead",
            Self::HistoryRead => "historyRead",
            Self::AccountHistoryRead => "accountHistoryRead",
            Self::EventsFollow => "eventsFollow",
        }
    }
}

impl Command {
    /// What access is decided about.
    pub const fn action(&self) -> Action {
        match self {
            Self::OperatorSetup { .. } => Action::OperatorSetup,
            Self::OperatorAppoint { .. } => Action::OperatorAppoint,
            Self::OperatorDismiss { .. } => Action::OperatorDismiss,
            Self::ServiceRegister { .. } => Action::ServiceRegister,
            Self::OrganisationCreate { .. } => Action::OrganisationCreate,
            Self::OrganisationRename { .. } => Action::OrganisationRename,
            Self::OrganisationLanguageSet { .. } => Action::OrganisationLanguageSet,
            Self::OrganisationPlanSet { .. } => Action::OrganisationPlanSet,
            Self::PolicySet { .. } => Action::PolicySet,
            Self::OrganisationDeactivate { .. } => Action::OrganisationDeactivate,
            Self::OrganisationReactivate { .. } => Action::OrganisationReactivate,
            Self::OwnerSet { .. } => Action::OwnerSet,
            Self::DomainRegister { .. } => Action::DomainRegister,
            Self::DomainRemove { .. } => Action::DomainRemove,
            Self::ServiceEnable { .. } => Action::ServiceEnable,
            Self::ServiceDisable { .. } => Action::ServiceDisable,
            Self::AccountCreate { .. } => Action::AccountCreate,
            Self::InvitationLinkCreate { .. } => Action::InvitationLinkCreate,
            Self::InvitationLinkRevoke { .. } => Action::InvitationLinkRevoke,
            Self::InvitationAccept { .. } => Action::InvitationAccept,
            Self::MemberAdd { .. } => Action::MemberAdd,
            Self::MemberKindSet { .. } => Action::MemberKindSet,
            Self::AdministratorSet { .. } => Action::AdministratorSet,
            Self::AccountDeactivate { .. } => Action::AccountDeactivate,
            Self::AccountReactivate { .. } => Action::AccountReactivate,
            Self::AccountDelete { .. } => Action::AccountDelete,
            Self::DefaultOrganisationSet { .. } => Action::DefaultOrganisationSet,
            Self::ProfileUpdate { .. } => Action::ProfileUpdate,
            Self::PasswordSet { .. } => Action::PasswordSet,
            Self::PasswordResetRequest { .. } => Action::PasswordResetRequest,
            Self::PasswordResetFail { .. } => Action::PasswordResetFail,
            Self::PasswordReset { .. } => Action::PasswordReset,
            Self::EmailChange { .. } => Action::EmailChange,
            Self::EmailConfirm { .. } => Action::EmailConfirm,
            Self::SignInFail { .. } => Action::SignInFail,
            Self::AccountUnlock { .. } => Action::AccountUnlock,
            Self::ActivationSend { .. } => Action::ActivationSend,
            Self::ActivationFail { .. } => Action::ActivationFail,
            Self::Activate { .. } => Action::Activate,
            Self::LetterDownload { .. } => Action::LetterDownload,
            Self::LetterRemove { .. } => Action::LetterRemove,
            Self::SignIn { .. } => Action::SignIn,
            Self::SignInAsk { .. } => Action::SignInAsk,
            Self::SecondFactorFail { .. } => Action::SecondFactorFail,
            Self::StepUp { .. } => Action::StepUp,
            Self::FactorConfirm { .. } => Action::FactorConfirm,
            Self::FactorEnrol { .. } => Action::FactorEnrol,
            Self::FactorCodeSend { .. } => Action::FactorCodeSend,
            Self::FactorSuspect { .. } => Action::FactorSuspect,
            Self::FactorRemove { .. } => Action::FactorRemove,
            Self::RecoveryCodesMake { .. } => Action::RecoveryCodesMake,
            Self::SignInHoursSet { .. } => Action::SignInHoursSet,
            Self::Impersonate { .. } => Action::Impersonate,
            Self::SessionEnd { .. } => Action::SessionEnd,
            Self::ServiceAccessSet { .. } => Action::ServiceAccessSet,
            Self::ServiceAdministratorSet { .. } => Action::ServiceAdministratorSet,
            Self::AliasAdd { .. } => Action::AliasAdd,
            Self::AliasRemove { .. } => Action::AliasRemove,
            Self::SendOnBehalfSet { .. } => Action::SendOnBehalfSet,
            Self::MailboxHiddenSet { .. } => Action::MailboxHiddenSet,
            Self::MailboxSharedSet { .. } => Action::MailboxSharedSet,
            Self::AlwaysBccSet { .. } => Action::AlwaysBccSet,
            Self::ServiceKeyCreate { .. } => Action::ServiceKeyCreate,
            Self::ServiceKeyRevoke { .. } => Action::ServiceKeyRevoke,
            Self::MailTemplateSet { .. } => Action::MailTemplateSet,
            Self::MailSettingsSet { .. } => Action::MailSettingsSet,
            Self::MailSettingsRestore => Action::MailSettingsRestore,
            Self::MailSettingsTest { .. } => Action::MailSettingsTest,
            Self::SystemMessageSend { .. } => Action::SystemMessageSend,
            Self::MailOrder { .. } => Action::MailOrder,
            Self::MailSend { .. } => Action::MailSend,
            Self::MailFail { .. } => Action::MailFail,
            Self::MailGiveUp { .. } => Action::MailGiveUp,
            Self::MailRetry { .. } => Action::MailRetry,
        }
    }
}
