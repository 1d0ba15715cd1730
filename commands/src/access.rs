//! Who may do what: [`Standing`] × [`Action`] → verdict, without I/O.
//!
//! A standing is worked out by the [handler](crate::Handler::standing) from the write side's state.
//! Deactivated members and organisations give none. What a session must have shown besides is a [matrix of its
//! own](Action::asks). The whole matrix stands in one text file under
//! `snapshots/`, so that nobody changes it without seeing it.

mod action;
mod assurance;
pub(crate) mod standing;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use assurance::{Asked, Assurance};

/// One reason why somebody may do something. One asker can have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Role {
    /// Sits at the console of the machine.
    Console = 1,
    /// Is the product itself.
    System = 1 << 1,
    /// Runs the installation.
    Operator = 1 << 2,
    /// Owns the organisation.
    Owner = 1 << 3,
    /// Manages the organisation.
    Administrator = 1 << 4,
    /// Manages the service that the action is about; for mailboxes that is `mail`.
    ServiceAdministrator = 1 << 5,
    /// Is a full member of the organisation.
    Member = 1 << 6,
    /// Is a read-only member of the organisation.
    Reader = 1 << 7,
    /// Is the account that the action is about.
    Oneself = 1 << 8,
    /// Is a program that may read accounts of the organisation.
    AccountsReadKey = 1 << 9,
    /// Is a program that may change accounts of the organisation.
    AccountsWriteKey = 1 << 10,
    /// Is a program that may read the organisation's history.
    HistoryReadKey = 1 << 11,
    /// Has not signed in.
    Anonymous = 1 << 12,
}

impl Role {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 13] = [
        Self::Console,
        Self::System,
        Self::Operator,
        Self::Owner,
        Self::Administrator,
        Self::ServiceAdministrator,
        Self::Member,
        Self::Reader,
        Self::Oneself,
        Self::AccountsReadKey,
        Self::AccountsWriteKey,
        Self::HistoryReadKey,
        Self::Anonymous,
    ];
}

/// All the roles of one asker, as far as one action in one organisation is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing(u16);

impl Standing {
    /// Signed in, and nothing more.
    pub const NONE: Self = Self(0);

    /// With one more role.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role as u16)
    }

    /// With one more role if `so`.
    #[must_use]
    pub const fn with_if(self, so: bool, role: Role) -> Self {
        if so { self.with(role) } else { self }
    }

    /// Whether the role is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & role as u16 != 0
    }

    /// Whether the asker manages the organisation: as its administrator or owner, or from above.
    pub const fn manages(self) -> bool {
        self.0 & MANAGE.0 != 0
    }

    /// Whether the asker may do it.
    pub const fn may(self, action: Action) -> Verdict {
        if self.0 & allowed(action).0 != 0 {
            Verdict::Allowed
        } else if self.has(Role::Anonymous) {
            Verdict::SignInFirst
        } else {
            Verdict::Forbidden
        }
    }
}

/// What access says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Allowed,
    /// Perhaps, after signing in.
    SignInFirst,
    /// No.
    Forbidden,
}

/// Runs the installation.
const RUN: Standing = Standing::NONE.with(Role::Console).with(Role::Operator);
/// Manages an organisation.
const MANAGE: Standing = RUN.with(Role::Owner).with(Role::Administrator);

/// The matrix: one row per action.
const fn allowed(action: Action) -> Standing {
    use Action as A;
    match action {
        A::OperatorSetup => Standing::NONE.with(Role::Console),
        A::OperatorAppoint
        | A::OperatorDismiss
        | A::ServiceRegister
        | A::OrganisationCreate
        | A::MailSettingsSet
        | A::MailSettingsRestore
        | A::MailSettingsTest
        | A::OrganisationPlanSet
        | A::OrganisationReactivate
        | A::OwnerSet
        | A::DomainRegister
        | A::DomainRemove
        | A::MemberAdd
        | A::InstallationRead
        | A::ProjectionsManage => RUN,
        A::OrganisationDeactivate => RUN.with(Role::Owner),
        A::OrganisationRename
        | A::OrganisationLanguageSet
        | A::PolicySet
        | A::SignInHoursSet
        | A::MailTemplateSet
        | A::ServiceEnable
        | A::ServiceDisable
        | A::AdministratorSet
        | A::ServiceAdministratorSet
        | A::ServiceKeyCreate
        | A::ServiceKeyRevoke
        | A::MailRetry
        | A::SystemMessageSend
        | A::ActivationSend
        | A::InvitationLinkCreate
        | A::InvitationLinkRevoke
        | A::LetterRemove => MANAGE,
        // Whoever runs the installation has no business with what lets people in.
        A::LetterDownload => Standing::NONE.with(Role::Owner).with(Role::Administrator),
        A::AccountCreate
        | A::MemberKindSet
        | A::AccountDeactivate
        | A::AccountReactivate
        | A::AccountDelete => MANAGE.with(Role::AccountsWriteKey),
        A::ServiceAccessSet
        | A::AliasAdd
        | A::AliasRemove
        | A::SendOnBehalfSet
        | A::MailboxHiddenSet
        | A::MailboxSharedSet
        | A::AlwaysBccSet => MANAGE.with(Role::ServiceAdministrator).with(Role::AccountsWriteKey),
        A::ProfileUpdate => MANAGE.with(Role::Oneself).with(Role::AccountsWriteKey),
        A::DefaultOrganisationSet => RUN.with(Role::Oneself),
        A::PasswordSet | A::SessionEnd => MANAGE.with(Role::Oneself).with(Role::System),
        A::AccountUnlock | A::MailOrder => MANAGE.with(Role::System),
        A::MailSend | A::MailFail | A::MailGiveUp | A::FactorCodeSend => {
            Standing::NONE.with(Role::System)
        }
        A::Impersonate => Standing::NONE.with(Role::Operator),
        A::FactorRemove => MANAGE.with(Role::Oneself),
        A::StepUp | A::FactorConfirm | A::RecoveryCodesMake | A::EmailChange => {
            Standing::NONE.with(Role::Oneself)
        }
        A::SignIn
        | A::SignInFail
        | A::SignInAsk
        | A::FactorEnrol
        | A::SecondFactorFail
        | A::FactorSuspect
        | A::PasswordResetRequest
        | A::PasswordResetFail
        | A::PasswordReset
        | A::EmailConfirm
        | A::ActivationFail
        | A::Activate
        | A::InvitationAccept => Standing::NONE.with(Role::Anonymous).with(Role::System),
        A::OrganisationRead => MANAGE
            .with(Role::Member)
            .with(Role::Reader)
            .with(Role::AccountsReadKey)
            .with(Role::AccountsWriteKey),
        A::AccountsRead => MANAGE.with(Role::AccountsReadKey).with(Role::AccountsWriteKey),
        A::AccountRead => {
            MANAGE.with(Role::Oneself).with(Role::AccountsReadKey).with(Role::AccountsWriteKey)
        }
        A::HistoryRead | A::EventsFollow => MANAGE.with(Role::HistoryReadKey),
        A::AccountHistoryRead => MANAGE.with(Role::Oneself).with(Role::HistoryReadKey),
    }
}
