//! Why a mutation changed nothing, for programs.

use async_graphql::Enum;
use commands::Refusal;
use events::value::Invalid;

use super::Plain;
use crate::port::{Unusable, WeakPassword};

/// Why a mutation changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ErrorCode {
    /// Only somebody who has signed in may ask this.
    Unauthenticated,
    /// The caller's standing doesn't allow it.
    Forbidden,
    /// Whoever acts in somebody else's name changes neither how people sign in nor who manages what.
    Impersonating,
    /// Somebody else changed it meanwhile: the answer has the present state.
    Conflict,
    /// The idempotency key came before, with another input.
    IdempotencyKeyReused,
    /// The installation has its first operator already.
    AlreadySetUp,
    /// The installation has no operator yet.
    NotSetUp,
    /// The first operator of the installation stays.
    FirstOperator,
    /// There is a service with this key already.
    ServiceExists,
    /// There is no such organisation.
    OrganisationNotFound,
    /// There is no such account.
    AccountNotFound,
    /// The account is no member of the organisation.
    MemberNotFound,
    /// There is no such session.
    SessionNotFound,
    /// There is no such service key.
    ServiceKeyNotFound,
    /// There is no such mail.
    MailNotFound,
    /// The mail has been sent.
    MailSent,
    /// What the mail was to say is no longer kept.
    MailGone,
    /// There is no such service.
    ServiceNotFound,
    /// There is no such projection.
    ProjectionNotFound,
    /// The organisation is deactivated.
    OrganisationDeactivated,
    /// The member is deactivated.
    MemberDeactivated,
    /// All seats of that kind are taken.
    NoFreeSeat,
    /// The plan would have fewer seats than are taken.
    PlanBelowUse,
    /// The account is a member already.
    AlreadyMember,
    /// The organisation would have no active administrator any more.
    LastAdministrator,
    /// Nobody turns the own administrator switch.
    OwnSwitch,
    /// The owner can't be demoted, deactivated or deleted.
    OwnerStays,
    /// A reader can't be administrator or owner.
    ReaderCantManage,
    /// A full member can't become a reader.
    FullToReader,
    /// Somebody has, or once had, the username.
    UsernameTaken,
    /// Somebody has the e-mail address.
    AddressTaken,
    /// Somebody has the address that was to be an alias.
    AliasTaken,
    /// An organisation has the domain.
    DomainTaken,
    /// The domain is not registered for the organisation.
    DomainNotRegistered,
    /// The organisation has the service turned off.
    ServiceDisabled,
    /// A reader never gets this service.
    ServiceNotForReaders,
    /// One needs no permission to send in one's own name.
    DelegateIsOneself,
    /// The one who is to send is no active member of the organisation.
    DelegateNotFound,
    /// The name that lists show can't be emptied.
    DisplayNameRequired,
    /// The value is not one for this field.
    WrongKindOfValue,
    /// The account has no password yet.
    AccountPending,
    /// Too many wrong passwords came: an administrator unlocks the account.
    AccountLocked,
    /// An account that runs the installation keeps its memberships.
    OperatorStays,
    /// The account also belongs elsewhere: only the person or an operator changes how it signs in.
    BelongsElsewhere,
    /// There are as many of these as there can be.
    LimitReached,
    /// The account has no such second factor.
    FactorNotFound,
    /// Nobody acts for an operator.
    OperatorNotActedFor,
    /// The code was used already.
    CodeUsed,
    /// The text message couldn't be sent now.
    MessageNotSent,
    /// There is no second factor yet.
    NoFactors,
    /// Prove with `stepUp` who you are, and try again.
    StepUpRequired,
    /// A service key that may do nothing.
    ScopesRequired,
    /// A moment that has passed.
    ExpiryPassed,
    /// A moment that is too far ahead.
    ExpiryTooFar,
    /// A field that must be given.
    Required,
    /// A text that is empty.
    Empty,
    /// A text with too few characters.
    TooShort,
    /// A text with too many characters.
    TooLong,
    /// A text with a character that can't be there.
    InvalidCharacter,
    /// A name that mixes letters of several scripts.
    MixedScripts,
    /// A text that is no e-mail address.
    InvalidEmailAddress,
    /// A text that is no domain.
    InvalidDomain,
    /// A text that is no key of a service.
    InvalidServiceKey,
    /// A date that is no date of birth.
    InvalidBirthDate,
    /// A text that is no telephone number.
    InvalidPhoneNumber,
    /// A text that is no time zone.
    InvalidTimeZone,
    /// A text that is no language.
    InvalidLanguage,
    /// The link was used, has ended, was replaced by a newer one or never was.
    LinkVoid,
    /// The account has no e-mail address.
    NoAddress,
    /// The two passwords differ.
    PasswordsDiffer,
    /// One's own e-mail addresses are changed by `emailChange`.
    ConfirmationNeeded,
    /// A number beyond its bounds.
    OutOfRange,
    /// Hours that are none.
    InvalidHours,
    /// These names and passwords open nothing; the same for every reason.
    InvalidCredentials,
    /// The token was used, has ended or never was.
    InvalidToken,
    /// The code is wrong or has ended, or none was given where one must be.
    InvalidCode,
    /// The passkey opens nothing, wasn't asked for, was asked for too long ago or was shown before; the same for every reason.
    InvalidPasskey,
    /// It is done only when it is confirmed.
    ConfirmationRequired,
    /// There is no such document, or it is kept no longer.
    DocumentNotFound,
    /// The account has a password, so there is nothing to activate.
    AlreadyActivated,
    /// Link or code were used, have expired or were replaced.
    ActivationEnded,
    /// The link was revoked, has expired, or as many have joined by it as could.
    InvitationEnded,
    /// The account has no e-mail address that a mail could go to.
    AddressRequired,
    /// The password lacks a capital letter, which the policy asks for.
    PasswordNeedsCapital,
    /// The password lacks a digit, which the policy asks for.
    PasswordNeedsDigit,
    /// The password stands in a list of common or leaked ones.
    PasswordCommon,
    /// The password can be guessed.
    PasswordGuessable,
    /// The mail template doesn't say what mails of its kind are for; the message names the field.
    TemplateLacksField,
    /// The mail template can't be rendered; the message says why.
    TemplateBroken,
    /// The projection is being rebuilt already.
    AlreadyRebuilding,
    /// The projection isn't parked.
    NotParked,
    /// The node is being stopped: ask again when it is back.
    Stopping,
}

impl From<&Refusal> for ErrorCode {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NotSignedIn => Self::Unauthenticated,
            Refusal::Forbidden => Self::Forbidden,
            Refusal::Impersonating => Self::Impersonating,
            Refusal::Conflict { .. } => Self::Conflict,
            Refusal::KeyReused => Self::IdempotencyKeyReused,
            Refusal::AlreadySetUp => Self::AlreadySetUp,
            Refusal::NotSetUp => Self::NotSetUp,
            Refusal::FirstOperator => Self::FirstOperator,
            Refusal::ServiceExists => Self::ServiceExists,
            Refusal::OrganisationNotFound => Self::OrganisationNotFound,
            Refusal::AccountNotFound => Self::AccountNotFound,
            Refusal::MemberNotFound => Self::MemberNotFound,
            Refusal::SessionNotFound => Self::SessionNotFound,
            Refusal::ServiceKeyNotFound => Self::ServiceKeyNotFound,
            Refusal::MailNotFound => Self::MailNotFound,
            Refusal::MailSent => Self::MailSent,
            Refusal::MailGone => Self::MailGone,
            Refusal::ServiceNotFound => Self::ServiceNotFound,
            Refusal::OrganisationDeactivated => Self::OrganisationDeactivated,
            Refusal::MemberDeactivated => Self::MemberDeactivated,
            Refusal::NoFreeSeat { .. } => Self::NoFreeSeat,
            Refusal::PlanBelowUse { .. } => Self::PlanBelowUse,
            Refusal::AlreadyMember => Self::AlreadyMember,
            Refusal::LastAdministrator => Self::LastAdministrator,
            Refusal::OwnSwitch => Self::OwnSwitch,
            Refusal::OwnerStays => Self::OwnerStays,
            Refusal::ReaderCantManage => Self::ReaderCantManage,
            Refusal::FullToReader => Self::FullToReader,
            Refusal::UsernameTaken => Self::UsernameTaken,
            Refusal::AddressTaken => Self::AddressTaken,
            Refusal::AliasTaken => Self::AliasTaken,
            Refusal::DomainTaken => Self::DomainTaken,
            Refusal::DomainNotRegistered { .. } => Self::DomainNotRegistered,
            Refusal::ServiceDisabled => Self::ServiceDisabled,
            Refusal::ServiceNotForReaders => Self::ServiceNotForReaders,
            Refusal::DelegateIsOneself => Self::DelegateIsOneself,
            Refusal::DelegateNotFound => Self::DelegateNotFound,
            Refusal::DisplayNameRequired => Self::DisplayNameRequired,
            Refusal::WrongKindOfValue { .. } => Self::WrongKindOfValue,
            Refusal::AccountPending => Self::AccountPending,
            Refusal::AccountLocked => Self::AccountLocked,
            Refusal::LinkVoid => Self::LinkVoid,
            Refusal::ConfirmationNeeded => Self::ConfirmationNeeded,
            Refusal::OperatorStays => Self::OperatorStays,
            Refusal::BelongsElsewhere => Self::BelongsElsewhere,
            Refusal::DocumentNotFound => Self::DocumentNotFound,
            Refusal::AlreadyActivated => Self::AlreadyActivated,
            Refusal::ActivationEnded => Self::ActivationEnded,
            Refusal::InvitationEnded => Self::InvitationEnded,
            Refusal::AddressRequired => Self::AddressRequired,
            Refusal::LimitReached { .. } => Self::LimitReached,
            Refusal::FactorNotFound => Self::FactorNotFound,
            Refusal::OperatorNotActedFor => Self::OperatorNotActedFor,
            Refusal::CodeUsed => Self::CodeUsed,
            Refusal::MessageNotSent => Self::MessageNotSent,
            Refusal::NoFactors => Self::NoFactors,
            Refusal::StepUpRequired => Self::StepUpRequired,
            Refusal::ScopesRequired => Self::ScopesRequired,
            Refusal::ExpiryPassed => Self::ExpiryPassed,
            Refusal::ExpiryTooFar => Self::ExpiryTooFar,
        }
    }
}

impl From<Invalid> for ErrorCode {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::Empty => Self::Empty,
            Invalid::TooShort { .. } => Self::TooShort,
            Invalid::TooLong { .. } => Self::TooLong,
            Invalid::Character { .. } => Self::InvalidCharacter,
            Invalid::MixedScripts => Self::MixedScripts,
            Invalid::NotAnAddress => Self::InvalidEmailAddress,
            Invalid::NotADomain => Self::InvalidDomain,
            Invalid::NotAServiceKey => Self::InvalidServiceKey,
            Invalid::NotABirthDate => Self::InvalidBirthDate,
            Invalid::NotAPhoneNumber | Invalid::NotInternational => Self::InvalidPhoneNumber,
            Invalid::NotATimeZone => Self::InvalidTimeZone,
            Invalid::NotALanguage => Self::InvalidLanguage,
            Invalid::OutOfRange { .. } => Self::OutOfRange,
            Invalid::NotHours => Self::InvalidHours,
        }
    }
}

impl From<WeakPassword> for ErrorCode {
    fn from(weak: WeakPassword) -> Self {
        match weak {
            WeakPassword::TooShort { .. } => Self::TooShort,
            WeakPassword::TooLong { .. } => Self::TooLong,
            WeakPassword::Character => Self::InvalidCharacter,
            WeakPassword::NeedsCapital => Self::PasswordNeedsCapital,
            WeakPassword::NeedsDigit => Self::PasswordNeedsDigit,
            WeakPassword::Common => Self::PasswordCommon,
            WeakPassword::Guessable => Self::PasswordGuessable,
        }
    }
}

impl From<&Unusable> for ErrorCode {
    fn from(unusable: &Unusable) -> Self {
        match unusable {
            Unusable::Lacks(_) => Self::TemplateLacksField,
            Unusable::Broken { .. } | Unusable::Elaborate { .. } => Self::TemplateBroken,
            Unusable::TooLong { .. } => Self::TooLong,
        }
    }
}

impl From<Plain> for ErrorCode {
    fn from(plain: Plain) -> Self {
        match plain {
            Plain::Credentials => Self::InvalidCredentials,
            Plain::Differ => Self::PasswordsDiffer,
            Plain::NoAddress => Self::NoAddress,
            Plain::Token => Self::InvalidToken,
            Plain::Code | Plain::LinkCode => Self::InvalidCode,
            Plain::Passkey => Self::InvalidPasskey,
            Plain::Unconfirmed => Self::ConfirmationRequired,
            Plain::Projection => Self::ProjectionNotFound,
            Plain::Rebuilding => Self::AlreadyRebuilding,
            Plain::NotParked => Self::NotParked,
            Plain::Stopping => Self::Stopping,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{OutputType, resolver_utils::EnumType};

    use super::*;

    #[test]
    fn a_refusal_has_the_same_code_here_as_on_the_write_side() {
        for refusal in [
            Refusal::NotSignedIn,
            Refusal::Conflict { current: events::Version(3) },
            Refusal::KeyReused,
            Refusal::LastAdministrator,
            Refusal::DomainNotRegistered { domain: "example.org".into() },
            Refusal::ServiceNotForReaders,
        ] {
            let code = ErrorCode::from(&refusal);
            let item = ErrorCode::items().iter().find(|item| item.value == code).unwrap();
            assert_eq!(item.name, refusal.code());
        }
        assert_eq!(ErrorCode::type_name(), "ErrorCode");
    }
}
