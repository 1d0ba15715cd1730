use std::collections::BTreeSet;

use super::*;

/// One of each.
fn all() -> Vec<Refusal> {
    use Refusal as R;
    vec![
        R::NotSignedIn,
        R::Forbidden,
        R::Impersonating,
        R::Conflict { current: Version(7) },
        R::KeyReused,
        R::AlreadySetUp,
        R::NotSetUp,
        R::FirstOperator,
        R::ServiceExists,
        R::OrganisationNotFound,
        R::AccountNotFound,
        R::MemberNotFound,
        R::SessionNotFound,
        R::ServiceKeyNotFound,
        R::MailNotFound,
        R::MailSent,
        R::MailGone,
        R::DocumentNotFound,
        R::ServiceNotFound,
        R::OrganisationDeactivated,
        R::MemberDeactivated,
        R::NoFreeSeat { kind: MemberKind::Full, seats: 25 },
        R::PlanBelowUse { kind: MemberKind::Reader, taken: 3 },
        R::AlreadyMember,
        R::LastAdministrator,
        R::OwnSwitch,
        R::OwnerStays,
        R::ReaderCantManage,
        R::FullToReader,
        R::UsernameTaken,
        R::AddressTaken,
        R::AliasTaken,
        R::DomainTaken,
        R::DomainNotRegistered { domain: "haven.example".to_owned() },
        R::ServiceDisabled,
        R::ServiceNotForReaders,
        R::DelegateIsOneself,
        R::DelegateNotFound,
        R::DisplayNameRequired,
        R::WrongKindOfValue { field: ProfileField::BirthDate },
        R::AccountPending,
        R::AccountLocked,
        R::OperatorStays,
        R::BelongsElsewhere,
        R::AlreadyActivated,
        R::ActivationEnded,
        R::InvitationEnded,
        R::AddressRequired,
        R::LimitReached { what: Few::Aliases, most: Few::Aliases.most() },
        R::FactorNotFound,
        R::OperatorNotActedFor,
        R::CodeUsed,
        R::MessageNotSent,
        R::NoFactors,
        R::LinkVoid,
        R::ConfirmationNeeded,
        R::StepUpRequired,
        R::ScopesRequired,
        R::ExpiryPassed,
        R::ExpiryTooFar,
    ]
}

#[test]
fn every_refusal_reads_well_in_three_languages() {
    let lines = all().into_iter().map(|refusal| {
        let field = refusal.field().map_or_else(|| "-".to_owned(), |path| path.join("."));
        let languages = [Language::Nl, Language::De, Language::En];
        let messages = languages.map(|language| format!("\n    {}", refusal.message(language)));
        format!("{} {field}{}", refusal.code(), messages.concat())
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_limit_reads_well_in_three_languages() {
    let all = [
        Few::Aliases,
        Few::Delegates,
        Few::Domains,
        Few::Services,
        Few::Operators,
        Few::InvitationLinks,
    ];
    let lines = all.into_iter().map(|what| {
        let refusal = Refusal::LimitReached { what, most: what.most() };
        [Language::Nl, Language::De, Language::En]
            .map(|language| refusal.message(language))
            .join("\n")
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_refusal_has_a_code_of_its_own() {
    let codes: BTreeSet<_> = all().iter().map(Refusal::code).collect();
    assert_eq!(codes.len(), all().len());
    assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_uppercase() || c == '_')));
}
