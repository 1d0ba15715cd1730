//! Everything that can be refused, each with a stable code, the field that it is about and a
//! message that says how to mend it.

mod de;
mod nl;
#[cfg(test)]
mod tests;

use events::{
    Version,
    value::{Language, MemberKind, ProfileField},
};

/// Why a command was refused. Nothing has changed, and nothing was appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only somebody who has signed in may ask this.
    #[error("Sign in first.")]
    NotSignedIn,
    /// The asker's standing doesn't allow it; also said where it would tell too much to say more.
    #[error("You are not allowed to do this. Ask an administrator of your organisation.")]
    Forbidden,
    /// Whoever acts in somebody else's name changes neither how people sign in nor what they may do (S20).
    #[error(
        "While you act for somebody else you can't change how people sign in, how they are reached, or who manages what. End that session first."
    )]
    Impersonating,
    /// The guarding stream is not at the version that the request expected.
    #[error(
        "Somebody else has changed this in the meantime (it is at version {current} now). Reload it and try again."
    )]
    Conflict {
        /// The version that it has now.
        current: Version,
    },
    /// The idempotency key came before, with another request.
    #[error("This idempotency key was used for another request. Use a new one.")]
    KeyReused,

    /// The installation has its first operator already.
    #[error("This installation has been set up already. Sign in as an operator.")]
    AlreadySetUp,
    /// The installation has no operator yet.
    #[error("This installation has not been set up yet. Set up the first operator.")]
    NotSetUp,
    /// The first operator stays, for ever (AC9).
    #[error("The first operator of the installation can't be dismissed or deleted.")]
    FirstOperator,
    /// There is a service with this key.
    #[error("There is a service with this key already. Choose another key.")]
    ServiceExists,

    /// There is no such organisation.
    #[error("There is no such organisation. Check the id.")]
    OrganisationNotFound,
    /// There is no such account, or it was deleted.
    #[error("There is no such account. Check the id; it may have been deleted.")]
    AccountNotFound,
    /// The account is no member of the organisation.
    #[error("This account is not a member of the organisation.")]
    MemberNotFound,
    /// There is no such session.
    #[error("There is no such session. Check the id.")]
    SessionNotFound,
    /// There is no such service key in the organisation.
    #[error("There is no such service key. Check the id.")]
    ServiceKeyNotFound,
    /// There is no such mail.
    #[error("There is no such mail. Check the id.")]
    MailNotFound,
    /// The mail was sent.
    #[error("This mail has been sent. Have a new one made if it didn't arrive.")]
    MailSent,
    /// What the mail was to say is gone.
    #[error("What this mail was to say is no longer kept. Have a new one made.")]
    MailGone,
    /// The account has no such second factor.
    #[error("There is no such second factor. It may have been removed.")]
    FactorNotFound,
    /// There is no such document, or it is kept no longer.
    #[error("There is no such document. It may have expired, or been replaced by a newer one.")]
    DocumentNotFound,
    /// There is no such service.
    #[error("There is no such service. An operator can register it.")]
    ServiceNotFound,

    /// The organisation is deactivated.
    #[error("The organisation is deactivated. An operator can reactivate it.")]
    OrganisationDeactivated,
    /// The member is deactivated.
    #[error("This member is deactivated. Reactivate the account first.")]
    MemberDeactivated,
    /// All seats of that kind are taken (OR4).
    #[error("All {seats} {} of the plan are taken. Delete an account or ask for a larger plan.", seats_for(*.kind))]
    NoFreeSeat {
        /// Of which kind.
        kind: MemberKind,
        /// How many seats the plan has.
        seats: u32,
    },
    /// The new plan has fewer seats than are taken.
    #[error("{taken} {} are taken, so the plan can't have fewer. Delete accounts first.", seats_for(*.kind))]
    PlanBelowUse {
        /// Of which kind.
        kind: MemberKind,
        /// How many seats are taken.
        taken: u32,
    },
    /// The account is a member already, of another kind.
    #[error("This account is a member of the organisation already.")]
    AlreadyMember,
    /// The organisation would have no active administrator any more (AC9).
    #[error("This is the last administrator. Make somebody else an administrator first.")]
    LastAdministrator,
    /// Nobody turns the own administrator switch (AC9).
    #[error("You can't turn your own administrator switch. Ask another administrator.")]
    OwnSwitch,
    /// The owner can't be demoted, deactivated or deleted.
    #[error("This is the organisation's owner. Give the organisation another owner first.")]
    OwnerStays,
    /// A reader can't be administrator or owner.
    #[error("A reader can't manage anything. Make the account a full member first.")]
    ReaderCantManage,
    /// A full member can't become a reader (AC8).
    #[error("A full member can't become a reader. Create a reader account instead.")]
    FullToReader,

    /// Somebody has, or once had, the username.
    #[error("This username is taken, or was once. Choose another one.")]
    UsernameTaken,
    /// Somebody has the address, as their own or as an alias.
    #[error("This e-mail address is in use already. Choose another one.")]
    AddressTaken,
    /// Somebody has the address that was to be an alias (SV5).
    #[error(
        "This address is in use already, as somebody's own or as an alias. Choose another one."
    )]
    AliasTaken,
    /// An organisation has the domain.
    #[error("This domain belongs to an organisation already. Remove it there first.")]
    DomainTaken,
    /// The domain is not registered for the organisation (SV5).
    #[error(
        "The organisation has no domain {domain}. Choose one of its domains, or ask an operator to register it."
    )]
    DomainNotRegistered {
        /// The domain of the address.
        domain: String,
    },

    /// The organisation has the service turned off.
    #[error("This service is off for the organisation. Enable it there first.")]
    ServiceDisabled,
    /// A reader never gets this service (OR6).
    #[error("A reader can't have this service. Make the account a full member first.")]
    ServiceNotForReaders,
    /// One needs no permission to send in one's own name.
    #[error("A member can always send in their own name. Choose another account.")]
    DelegateIsOneself,
    /// The one who is to send is no active member of the organisation.
    #[error("Whoever sends on behalf must be an active member of the same organisation.")]
    DelegateNotFound,

    /// The name that lists show can't be emptied.
    #[error("The display name can't be empty. Enter a name.")]
    DisplayNameRequired,
    /// The value is not one for this field.
    #[error("This value does not fit the field. Check what the field holds.")]
    WrongKindOfValue {
        /// Which field.
        field: ProfileField,
    },
    /// The account has no password yet.
    #[error("This account has no password yet. Give it one first.")]
    AccountPending,
    /// Too many wrong passwords came (PW5).
    #[error(
        "This account is locked after too many wrong passwords. An administrator can unlock it."
    )]
    AccountLocked,
    /// The link was used, has ended, was replaced by a newer one or never was.
    #[error(
        "This link works no longer: it was used, has expired or was replaced by a newer one. Ask for a new one."
    )]
    LinkVoid,
    /// One's own e-mail address is changed by confirming it (AC11).
    #[error("Your own e-mail address counts once you have confirmed it. Use `emailChange`.")]
    ConfirmationNeeded,
    /// An account that runs the installation keeps its memberships.
    #[error("This account runs the installation. Dismiss it as an operator first.")]
    OperatorStays,
    /// How somebody signs in is not for the administrator of one of several places where they work.
    #[error(
        "This account also belongs elsewhere, so only the person or an operator can change how it signs in."
    )]
    BelongsElsewhere,

    /// The account has a password, so there is nothing to activate.
    #[error("This account has been activated already. Its owner can ask for a new password.")]
    AlreadyActivated,
    /// Link or code were used, have expired or were replaced by newer ones.
    #[error("This activation has ended. Ask for a new link.")]
    ActivationEnded,
    /// The link was revoked, has expired, or as many have joined by it as could.
    #[error("This invitation has ended. Ask for a new link.")]
    InvitationEnded,
    /// There is no address that a mail could go to.
    #[error("This account has no e-mail address. Give it one first.")]
    AddressRequired,

    /// There are as many of these as there can be.
    #[error("There are {most} {} already, and there can't be more. {}", few(*.what).0, few(*.what).1)]
    LimitReached {
        /// Of what.
        what: Few,
        /// How many there are.
        most: usize,
    },

    /// Nobody acts for somebody who runs the installation.
    #[error("Nobody can act for an operator. Choose another account.")]
    OperatorNotActedFor,
    /// The code was used before, and works once.
    #[error("This code was used already. Wait for the next one, or take another one.")]
    CodeUsed,
    /// The gateway for text messages took none.
    #[error(
        "The text message couldn't be sent. Try again in a few minutes, or use another factor."
    )]
    MessageNotSent,
    /// Recovery codes stand in for factors, of which there are none.
    #[error("There is no second factor yet. Set one up first.")]
    NoFactors,
    /// Somebody who has signed in must prove anew who they are (S13).
    #[error(
        "This can let somebody into an account. Prove with `stepUp` that it is you, and try again."
    )]
    StepUpRequired,

    /// A key that may do nothing.
    #[error("A service key needs at least one scope. Choose what it may do.")]
    ScopesRequired,
    /// A key that would have ended before it begins.
    #[error("This moment has passed. Choose one in the future.")]
    ExpiryPassed,
    /// A message that would be shown for too long.
    #[error("A message is shown for 24 hours at most. Choose an earlier moment.")]
    ExpiryTooFar,
}

/// What there can be only so many of, because a rule keeps all of them in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Few {
    /// Aliases of one mailbox.
    Aliases,
    /// Those who may send in the name of one member.
    Delegates,
    /// Domains of one organisation.
    Domains,
    /// Services beside the built-in ones.
    Services,
    /// Operators of the installation.
    Operators,
    /// Second factors of one account.
    Factors,
    /// Links by which people join one organisation.
    InvitationLinks,
}

impl Few {
    /// How many there can be.
    pub const fn most(self) -> usize {
        match self {
            Self::Aliases | Self::Delegates | Self::Services => 200,
            Self::Domains => 500,
            Self::Operators => 100,
            Self::Factors => 10,
            Self::InvitationLinks => 50,
        }
    }

    /// Refuses one more where there are as many as can be.
    pub(crate) fn room(self, taken: usize) -> Result<(), Refusal> {
        let most = self.most();
        if taken < most { Ok(()) } else { Err(Refusal::LimitReached { what: self, most }) }
    }
}

impl Refusal {
    /// Stable, for programs: the API's `ErrorCode`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::Impersonating => "IMPERSONATING",
            Self::Conflict { .. } => "CONFLICT",
            Self::KeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::AlreadySetUp => "ALREADY_SET_UP",
            Self::NotSetUp => "NOT_SET_UP",
            Self::FirstOperator => "FIRST_OPERATOR",
            Self::ServiceExists => "SERVICE_EXISTS",
            Self::OrganisationNotFound => "ORGANISATION_NOT_FOUND",
            Self::AccountNotFound => "ACCOUNT_NOT_FOUND",
            Self::MemberNotFound => "MEMBER_NOT_FOUND",
            Self::SessionNotFound => "SESSION_NOT_FOUND",
            Self::ServiceKeyNotFound => "SERVICE_KEY_NOT_FOUND",
            Self::MailNotFound => "MAIL_NOT_FOUND",
            Self::MailSent => "MAIL_SENT",
            Self::MailGone => "MAIL_GONE",
            Self::FactorNotFound => "FACTOR_NOT_FOUND",
            Self::DocumentNotFound => "DOCUMENT_NOT_FOUND",
            Self::ServiceNotFound => "SERVICE_NOT_FOUND",
            Self::OrganisationDeactivated => "ORGANISATION_DEACTIVATED",
            Self::MemberDeactivated => "MEMBER_DEACTIVATED",
            Self::NoFreeSeat { .. } => "NO_FREE_SEAT",
            Self::PlanBelowUse { .. } => "PLAN_BELOW_USE",
            Self::AlreadyMember => "ALREADY_MEMBER",
            Self::LastAdministrator => "LAST_ADMINISTRATOR",
            Self::OwnSwitch => "OWN_SWITCH",
            Self::OwnerStays => "OWNER_STAYS",
            Self::ReaderCantManage => "READER_CANT_MANAGE",
            Self::FullToReader => "FULL_TO_READER",
            Self::UsernameTaken => "USERNAME_TAKEN",
            Self::AddressTaken => "ADDRESS_TAKEN",
            Self::AliasTaken => "ALIAS_TAKEN",
            Self::DomainTaken => "DOMAIN_TAKEN",
            Self::DomainNotRegistered { .. } => "DOMAIN_NOT_REGISTERED",
            Self::ServiceDisabled => "SERVICE_DISABLED",
            Self::ServiceNotForReaders => "SERVICE_NOT_FOR_READERS",
            Self::DelegateIsOneself => "DELEGATE_IS_ONESELF",
            Self::DelegateNotFound => "DELEGATE_NOT_FOUND",
            Self::DisplayNameRequired => "DISPLAY_NAME_REQUIRED",
            Self::WrongKindOfValue { .. } => "WRONG_KIND_OF_VALUE",
            Self::AccountPending => "ACCOUNT_PENDING",
            Self::AccountLocked => "ACCOUNT_LOCKED",
            Self::LinkVoid => "LINK_VOID",
            Self::ConfirmationNeeded => "CONFIRMATION_NEEDED",
            Self::OperatorStays => "OPERATOR_STAYS",
            Self::BelongsElsewhere => "BELONGS_ELSEWHERE",
            Self::AlreadyActivated => "ALREADY_ACTIVATED",
            Self::ActivationEnded => "ACTIVATION_ENDED",
            Self::InvitationEnded => "INVITATION_ENDED",
            Self::AddressRequired => "ADDRESS_REQUIRED",
            Self::LimitReached { .. } => "LIMIT_REACHED",
            Self::OperatorNotActedFor => "OPERATOR_NOT_ACTED_FOR",
            Self::CodeUsed => "CODE_USED",
            Self::MessageNotSent => "MESSAGE_NOT_SENT",
            Self::NoFactors => "NO_FACTORS",
            Self::StepUpRequired => "STEP_UP_REQUIRED",
            Self::ScopesRequired => "SCOPES_REQUIRED",
            Self::ExpiryPassed => "EXPIRY_PASSED",
            Self::ExpiryTooFar => "EXPIRY_TOO_FAR",
        }
    }

    /// The path in the input of what is to be mended, in the API's spelling; none when it is no single field.
    pub const fn field(&self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::NotSignedIn
            | Self::Forbidden
            | Self::Impersonating
            | Self::AlreadySetUp
            | Self::NotSetUp
            | Self::MessageNotSent
            | Self::NoFactors
            | Self::StepUpRequired
            | Self::OrganisationDeactivated => return None,
            Self::Conflict { .. } => &["expectedVersion"],
            Self::KeyReused => &["idempotencyKey"],
            Self::ServiceExists
            | Self::ServiceNotFound
            | Self::ServiceDisabled
            | Self::ServiceNotForReaders => &["service"],
            Self::OrganisationNotFound => &["organisation"],
            Self::FirstOperator
            | Self::AccountNotFound
            | Self::MemberNotFound
            | Self::MemberDeactivated
            | Self::AlreadyMember
            | Self::LastAdministrator
            | Self::OwnSwitch
            | Self::OwnerStays
            | Self::ReaderCantManage
            | Self::AccountPending
            | Self::AccountLocked
            | Self::OperatorStays
            | Self::OperatorNotActedFor
            | Self::AlreadyActivated
            | Self::AddressRequired
            | Self::BelongsElsewhere => &["account"],
            Self::LinkVoid | Self::ActivationEnded | Self::InvitationEnded => &["token"],
            Self::DocumentNotFound => &["document"],
            Self::SessionNotFound => &["session"],
            Self::FactorNotFound => &["factor"],
            Self::CodeUsed => &["code"],
            Self::ServiceKeyNotFound => &["key"],
            Self::MailNotFound | Self::MailSent | Self::MailGone => &["mail"],
            Self::NoFreeSeat { .. } | Self::FullToReader => &["kind"],
            Self::PlanBelowUse { kind: MemberKind::Full, .. } => &["plan", "fullSeats"],
            Self::PlanBelowUse { kind: MemberKind::Reader, .. } => &["plan", "readerSeats"],
            Self::UsernameTaken => &["username"],
            Self::AddressTaken | Self::ConfirmationNeeded => &["email"],
            Self::DomainTaken => &["domain"],
            Self::AliasTaken | Self::DomainNotRegistered { .. } => &["address"],
            Self::DelegateIsOneself | Self::DelegateNotFound => &["delegate"],
            Self::DisplayNameRequired => &["displayName"],
            Self::WrongKindOfValue { field } => profile_field(*field),
            Self::LimitReached { what, .. } => match what {
                Few::Aliases => &["address"],
                Few::Delegates => &["delegate"],
                Few::Domains => &["domain"],
                Few::Services => &["service"],
                Few::Operators => &["account"],
                Few::Factors => &["factor"],
                Few::InvitationLinks => &["organisation"],
            },
            Self::ScopesRequired => &["scopes"],
            Self::ExpiryPassed => &["expiresAt"],
            Self::ExpiryTooFar => &["validUntil"],
        })
    }

    /// For people: what is wrong and how to mend it.
    pub fn message(&self, language: Language) -> String {
        match language {
            Language::Nl => nl::message(self),
            Language::De => de::message(self),
            Language::En => self.to_string(),
        }
    }
}

const fn profile_field(field: ProfileField) -> &'static [&'static str] {
    match field {
        ProfileField::DisplayName => &["displayName"],
        ProfileField::FirstName => &["firstName"],
        ProfileField::LastName => &["lastName"],
        ProfileField::Salutation => &["salutation"],
        ProfileField::Email => &["email"],
        ProfileField::RecoveryEmail => &["recoveryEmail"],
        ProfileField::Language => &["language"],
        ProfileField::TimeZone => &["timeZone"],
        ProfileField::Position => &["position"],
        ProfileField::Location => &["location"],
        ProfileField::BirthDate => &["birthDate"],
        ProfileField::Phone => &["phone"],
        ProfileField::Mobile => &["mobile"],
        ProfileField::Description => &["description"],
    }
}

const fn few(what: Few) -> (&'static str, &'static str) {
    match what {
        Few::Aliases => ("aliases", "Remove one that is no longer needed."),
        Few::Delegates => ("delegates", "Remove one that no longer sends."),
        Few::Domains => ("domains", "Remove one that is no longer needed."),
        Few::Services => ("services", "Use one that there is."),
        Few::Operators => ("operators", "Dismiss one first."),
        Few::Factors => ("second factors", "Remove one that is no longer used."),
        Few::InvitationLinks => ("invitation links", "Revoke one that is no longer used."),
    }
}

const fn seats_for(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "seats for full members",
        MemberKind::Reader => "seats for readers",
    }
}
