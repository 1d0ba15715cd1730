//! The organisation as a whole: name, domains, services, status.

use super::*;

fn domain() -> Domain {
    Domain::parse("haven.example").unwrap()
}
fn service(key: &str) -> ServiceKind {
    ServiceKind::parse(key).unwrap()
}

#[test]
fn an_organisation_comes_to_be_and_is_renamed() {
    let create = Command::Create {
        name: name("Havenbedrijf"),
        language: Language::Nl,
        plan: Plan::default(),
    };
    given::<Organisation>([]).when(create).then([created()]);
    let rename = |to| Command::Rename { name: name(to) };
    after([]).when(rename("Haven")).then([Event::Renamed { name: name("Haven") }]);
    after([]).when(rename("Havenbedrijf")).then_nothing();
}

#[test]
fn its_language_is_set() {
    let set = |language| Command::SetLanguage { language };
    after([]).when(set(Language::De)).then([Event::LanguageSet { language: Language::De }]);
    after([]).when(set(Language::Nl)).then_nothing();
}

#[test]
fn only_the_rules_of_its_policy_that_change_are_told() {
    let length = PolicyRule::MinLength(MinLength::parse(15).ok());
    let (digit, no_digit) = (PolicyRule::Digit(Some(true)), PolicyRule::Digit(Some(false)));
    let set = |rules: &[PolicyRule]| Command::SetPolicy { rules: rules.to_vec() };
    let told = |rule| Event::PolicySet { rule };
    after([]).when(set(&[length, digit])).then([told(length), told(digit)]);
    after([told(length)]).when(set(&[length, no_digit])).then([told(no_digit)]);
    after([told(length)]).when(set(&[length])).then_nothing();
    after([]).when(set(&[PolicyRule::MinLength(None)])).then_nothing();
    after([told(length)])
        .when(set(&[PolicyRule::MinLength(None)]))
        .then([told(PolicyRule::MinLength(None))]);
}

#[test]
fn an_organisation_that_never_was_refuses_everything() {
    given::<Organisation>([])
        .when(Command::Deactivate)
        .then_refused(&Refusal::OrganisationNotFound);
    given::<Organisation>([])
        .when(Command::Join { account: anna(), kind: MemberKind::Full })
        .then_refused(&Refusal::OrganisationNotFound);
}

#[test]
fn a_deactivated_organisation_refuses_everything_but_its_return() {
    let off = after([joined(anna()), Event::Deactivated]);
    let refusal = &Refusal::OrganisationDeactivated;
    off.when(Command::Rename { name: name("Haven") }).then_refused(refusal);
    off.when(Command::Join { account: ben(), kind: MemberKind::Full }).then_refused(refusal);
    off.when(Command::SetAdministrator { account: anna(), on: true, by: None })
        .then_refused(refusal);
    off.when(Command::RegisterDomain { domain: domain() }).then_refused(refusal);
    off.when(Command::Deactivate).then_nothing();
    off.when(Command::Reactivate).then([Event::Reactivated]);
    after([]).when(Command::Reactivate).then_nothing();
    after([]).when(Command::Deactivate).then([Event::Deactivated]);
}

#[test]
fn members_outlast_a_deactivation() {
    after([joined(anna()), Event::Deactivated, Event::Reactivated])
        .when(Command::Join { account: anna(), kind: MemberKind::Full })
        .then_nothing();
}

#[test]
fn domains_are_registered_and_removed() {
    let (register, remove) = (
        || Command::RegisterDomain { domain: domain() },
        || Command::RemoveDomain { domain: domain() },
    );
    let registered = Event::DomainRegistered { domain: domain() };
    after([]).when(register()).then([registered.clone()]);
    after([registered.clone()]).when(register()).then_nothing();
    after([registered]).when(remove()).then([Event::DomainRemoved { domain: domain() }]);
    after([]).when(remove()).then_nothing();
}

#[test]
fn built_in_services_begin_on_and_others_off() {
    let enable = |key| Command::EnableService { service: service(key) };
    let disable = |key| Command::DisableService { service: service(key) };
    after([]).when(enable("crm")).then_nothing();
    after([]).when(disable("crm")).then([Event::ServiceDisabled { service: service("crm") }]);
    after([]).when(disable("wiki")).then_nothing();
    after([]).when(enable("wiki")).then([Event::ServiceEnabled { service: service("wiki") }]);
    after([Event::ServiceDisabled { service: service("crm") }])
        .when(enable("crm"))
        .then([Event::ServiceEnabled { service: service("crm") }]);
}

#[test]
fn those_who_work_here_are_told_something() {
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let (message, text) = (Uuid::from_u128(7).into(), name("De haven sluit"));
    let send = |until| {
        Command::SendMessage(crate::system_message::Draft {
            message,
            text: name("De haven sluit"),
            until,
            now,
        })
    };
    let valid_until = now + chrono::TimeDelta::hours(24);
    let told = Event::SystemMessageSent { message, text, valid_until };
    after([]).when(send(Some(valid_until))).then([told]);
    after([])
        .when(send(Some(valid_until + chrono::TimeDelta::seconds(1))))
        .then_refused(&Refusal::ExpiryTooFar);
    after([Event::Deactivated]).when(send(None)).then_refused(&Refusal::OrganisationDeactivated);
}
