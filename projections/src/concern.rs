//! Whom and what an event concerns.

use events::{
    AccountId, Event, OrganisationId, Recorded, Stream, installation, membership, organisation,
    service_key, session,
};

/// The accounts that an event concerns: the one that it happened to first.
pub(crate) fn accounts(recorded: &Recorded<Event>) -> Vec<AccountId> {
    let own = match recorded.stream {
        Stream::Account(account) | Stream::Membership(_, account) | Stream::Factors(account) => {
            Some(account)
        }
        Stream::Installation
        | Stream::Organisation(_)
        | Stream::Session(_)
        | Stream::ServiceKey(_)
        | Stream::Mail(_) => None,
    };
    let named = match &recorded.event {
        Event::Installation(event) => match event {
            installation::Event::Initialised { operator: account }
            | installation::Event::OperatorAppointed { account }
            | installation::Event::OperatorDismissed { account } => Some(*account),
            installation::Event::ServiceRegistered { .. }
            | installation::Event::MailSettingsSet { .. }
            | installation::Event::MailSettingsRestored
            | installation::Event::MailSettingsTested { .. }
            | installation::Event::SystemMessageSent { .. } => None,
        },
        Event::Organisation(event) => member(event),
        Event::Membership(
            membership::Event::SendOnBehalfGranted { delegate }
            | membership::Event::SendOnBehalfRevoked { delegate },
        ) => Some(*delegate),
        Event::Session(
            session::Event::Opened { account, .. }
            | session::Event::Impersonated { account, .. }
            | session::Event::SteppedUp { account, .. }
            | session::Event::Ended { account, .. },
        ) => Some(*account),
        Event::Mail(event) => Some(event.concerns().0),
        Event::Account(_) | Event::Membership(_) | Event::ServiceKey(_) | Event::Factor(_) => None,
    };
    own.into_iter().chain(named.filter(|named| Some(*named) != own)).collect()
}

/// The account to which an event happened as such: in none of its organisations, and so in all of them.
pub(crate) const fn person(recorded: &Recorded<Event>) -> Option<AccountId> {
    match (recorded.stream, &recorded.event) {
        (Stream::Account(account) | Stream::Factors(account), _)
            if organisation(recorded).is_none() =>
        {
            Some(account)
        }
        (
            _,
            Event::Session(
                session::Event::Opened { account, .. }
                | session::Event::Impersonated { account, .. }
                | session::Event::SteppedUp { account, .. }
                | session::Event::Ended { account, .. },
            ),
        ) => Some(*account),
        (_, Event::Mail(event)) if organisation(recorded).is_none() => Some(event.concerns().0),
        _ => None,
    }
}

/// The organisation in which an event happened, if in one.
pub(crate) const fn organisation(recorded: &Recorded<Event>) -> Option<OrganisationId> {
    use events::account;
    if let Stream::Organisation(organisation) | Stream::Membership(organisation, _) =
        recorded.stream
    {
        return Some(organisation);
    }
    match &recorded.event {
        Event::Mail(event) => event.concerns().1,
        Event::ServiceKey(
            service_key::Event::Created { organisation, .. }
            | service_key::Event::Revoked { organisation },
        )
        | Event::Account(
            account::Event::Joined { organisation }
            | account::Event::Left { organisation }
            | account::Event::DefaultOrganisationSet { organisation }
            | account::Event::ActivationSent { organisation, .. }
            | account::Event::LetterDownloaded { organisation, .. }
            | account::Event::LetterRemoved { organisation, .. },
        ) => Some(*organisation),
        _ => None,
    }
}

/// The member that an event of an organisation is about.
pub(crate) const fn member(event: &organisation::Event) -> Option<AccountId> {
    use organisation::Event;
    match event {
        Event::MemberJoined { account, .. }
        | Event::MemberKindSet { account, .. }
        | Event::AdministratorGranted { account }
        | Event::AdministratorRevoked { account }
        | Event::OwnerSet { account }
        | Event::MemberDeactivated { account, .. }
        | Event::MemberReactivated { account }
        | Event::MemberRemoved { account }
        | Event::InvitationAccepted { account, .. } => Some(*account),
        Event::Created { .. }
        | Event::Renamed { .. }
        | Event::LanguageSet { .. }
        | Event::PlanSet { .. }
        | Event::PolicySet { .. }
        | Event::MailTemplateSet { .. }
        | Event::Deactivated
        | Event::Reactivated
        | Event::DomainRegistered { .. }
        | Event::DomainRemoved { .. }
        | Event::ServiceEnabled { .. }
        | Event::ServiceDisabled { .. }
        | Event::InvitationLinkCreated { .. }
        | Event::InvitationLinkRevoked { .. }
        | Event::SystemMessageSent { .. } => None,
    }
}
