//! Random commands from a seed: mostly sensible, some refused, some repeated.

use chrono::{DateTime, Utc};
use events::{
    AccountId, ActivationId, Actor, CredentialId, LetterId, MailId, OrganisationId, ServiceKeyId,
    SessionId,
    account::PasswordSetBy,
    session::EndReason,
    value::{
        Domain, Language, LockAfter, MailKind, MemberKind, Plan, PolicyRule, ProfileEntry,
        ProfileField, Scope, ServiceKind,
    },
};
use uuid::Uuid;

use super::{Random, email, profile, text, username};
use crate::{Command, Done, mail::Order};

/// Until when that works which activates accounts: long after all that happens here.
const EXPIRY: DateTime<Utc> =
    DateTime::from_timestamp_secs(4_000_000_000).expect("there is such a moment");

/// Thinks up what an operator at the console might ask next, of what its commands have made so far.
///
/// The same seed gives the same commands, as long as they are answered the same. Names are few, so that
/// they clash; organisations are few, so that their members meet.
#[derive(Clone, Debug)]
pub struct Script {
    random: Random,
    organisations: Vec<OrganisationId>,
    members: Vec<(OrganisationId, AccountId)>,
    sessions: Vec<(SessionId, AccountId)>,
    keys: Vec<(ServiceKeyId, OrganisationId)>,
    activations: Vec<(AccountId, ActivationId)>,
    /// Whether accounts are activated, too.
    activates: bool,
    /// About how many members there are to be.
    size: u64,
    is_set_up: bool,
}

impl Script {
    /// From a seed, for an installation of about `size` members.
    pub const fn new(seed: u64, size: u64) -> Self {
        Self {
            random: Random::new(seed),
            organisations: Vec::new(),
            members: Vec::new(),
            sessions: Vec::new(),
            keys: Vec::new(),
            activations: Vec::new(),
            activates: false,
            size,
            is_set_up: false,
        }
    }

    /// With what activates accounts among its commands.
    #[must_use]
    pub fn activating(self) -> Self {
        Self { activates: true, ..self }
    }

    /// Its numbers, for what the caller leaves to chance.
    pub const fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// The accounts that were made, with an organisation that they joined.
    pub fn members(&self) -> &[(OrganisationId, AccountId)] {
        &self.members
    }

    /// The organisations that were made.
    pub fn organisations(&self) -> &[OrganisationId] {
        &self.organisations
    }

    /// The next command.
    pub fn command(&mut self) -> Command {
        if !self.is_set_up {
            self.is_set_up = true;
            let credential = CredentialId::new(self.random.uuid());
            let profile = profile("Operator", Some("operator@example.org"));
            return Command::OperatorSetup { username: username("operator"), profile, credential };
        }
        let wanted = 2 + self.size / 200;
        if (self.organisations.len() as u64) < wanted && self.random.once_in(1 + self.size / 50)
            || self.organisations.is_empty()
        {
            return self.organisation_create();
        }
        let growing = (self.members.len() as u64) < self.size;
        if self.members.is_empty() || growing && self.random.once_in(3) {
            return self.account_create();
        }
        self.change()
    }

    /// Who asks it: the console, or where somebody signs in, nobody yet.
    pub const fn actor(command: &Command) -> Actor {
        match command {
            Command::SignIn { .. }
            | Command::SignInFail { .. }
            | Command::SignInAsk { .. }
            | Command::SecondFactorFail { .. }
            | Command::FactorSuspect { .. }
            | Command::Activate { .. } => Actor::Anonymous,
            _ => Actor::Console,
        }
    }

    /// Learns what a command made.
    pub fn note(&mut self, command: &Command, done: &Done) {
        if let Command::ActivationSend { account, activation, .. } = command {
            self.activations.push((*account, *activation));
        }
        let Some(subject) = done.subject else { return };
        match command {
            Command::OrganisationCreate { .. } => self.organisations.push(subject.into()),
            Command::AccountCreate { organisation, .. }
            | Command::MemberAdd { organisation, .. } => {
                self.members.push((*organisation, subject.into()));
            }
            Command::SignIn { session, account, .. } => self.sessions.push((*session, *account)),
            Command::ServiceKeyCreate { key, organisation, .. } => {
                self.keys.push((*key, *organisation));
            }
            _ => {}
        }
    }

    fn change(&mut self) -> Command {
        let (organisation, account) = self.member();
        let other = self.account();
        let on = !self.random.once_in(3);
        match self.random.below(if self.activates { 36 } else { 34 }) {
            0 => Command::OrganisationRename { organisation, name: text(&self.word("Firma")) },
            1 => Command::OrganisationLanguageSet { organisation, language: self.language() },
            2 => Command::OrganisationPlanSet { organisation, plan: self.plan() },
            3 if self.random.once_in(4) => Command::PolicySet { organisation, rules: self.rules() },
            3 if self.random.once_in(10) => Command::OrganisationDeactivate { organisation },
            3 | 4 => Command::OrganisationReactivate { organisation },
            5 => Command::OwnerSet { organisation, account },
            6 => Command::DomainRegister { organisation, domain: self.domain() },
            7 if self.random.once_in(3) => {
                Command::DomainRemove { organisation, domain: self.domain() }
            }
            7 | 8 => Command::ServiceEnable { organisation, service: self.service() },
            9 if self.random.once_in(3) => {
                Command::ServiceDisable { organisation, service: self.service() }
            }
            9 => Command::MemberAdd { organisation, account: other, kind: self.kind() },
            10 => Command::MemberKindSet { organisation, account, kind: self.kind() },
            11 | 12 => Command::AdministratorSet { organisation, account, on },
            13 => {
                let reason = self.random.once_in(2).then(|| text(&self.word("Grund")));
                Command::AccountDeactivate { organisation, account, reason }
            }
            14 => Command::AccountReactivate { organisation, account },
            15 => Command::AccountDelete { organisation, account },
            16 => Command::DefaultOrganisationSet { account, organisation },
            17..=19 => Command::ProfileUpdate { account, changes: self.changes(), mails: vec![] },
            20 => {
                let credential = CredentialId::new(self.random.uuid());
                Command::PasswordSet {
                    account,
                    credential,
                    by: PasswordSetBy::Administrator,
                    mails: vec![],
                }
            }
            21 => Command::AccountUnlock { account },
            22..=24 => {
                Command::ServiceAccessSet { organisation, account, service: self.service(), on }
            }
            25 => Command::ServiceAdministratorSet {
                organisation,
                account,
                service: self.service(),
                on,
            },
            26 | 27 => Command::AliasAdd { organisation, account, address: self.address() },
            28 => Command::AliasRemove { organisation, account, address: self.address() },
            29 => Command::SendOnBehalfSet { organisation, account, delegate: other, on },
            30 => Command::MailboxHiddenSet { organisation, account, hidden: on },
            31 => Command::MailboxSharedSet { organisation, account, shared: on },
            32 => {
                let address = on.then(|| self.address());
                Command::AlwaysBccSet { organisation, account, address }
            }
            34 => self.activation_send(organisation, account, on),
            35 => self.activate(),
            _ => self.rare(organisation, account, on),
        }
    }

    fn rare(&mut self, organisation: OrganisationId, account: AccountId, on: bool) -> Command {
        match (self.random.below(8), self.sessions.last().copied(), self.keys.last().copied()) {
            (0, Some((session, account)), _) => {
                Command::SessionEnd { session, account, reason: EndReason::Expired }
            }
            (1, _, Some((key, organisation))) => Command::ServiceKeyRevoke { organisation, key },
            (2, ..) => {
                let session = SessionId::new(self.random.uuid());
                Command::SignIn { session, account, proof: None, mails: vec![] }
            }
            (3, ..) => Command::SignInFail { account, threshold: 3, mails: vec![] },
            (4, ..) => Command::ServiceRegister {
                service: self.service(),
                name: text(&self.word("Dienst")),
            },
            (5, ..) => Command::OperatorAppoint { account },
            (6, ..) => Command::OperatorDismiss { account },
            _ => Command::ServiceKeyCreate {
                key: ServiceKeyId::new(self.random.uuid()),
                organisation,
                name: text(&self.word("Dashboard")),
                scopes: if on { [Scope::AccountsRead].into() } else { [].into() },
                expires_at: None,
            },
        }
    }

    fn activation_send(
        &mut self,
        organisation: OrganisationId,
        account: AccountId,
        by_letter: bool,
    ) -> Command {
        let expires_at = EXPIRY;
        Command::ActivationSend {
            organisation,
            account,
            by_letter,
            activation: ActivationId::new(self.random.uuid()),
            letter: by_letter.then(|| LetterId::new(self.random.uuid())),
            expires_at,
            mail: Order {
                mail: MailId::new(self.random.uuid()),
                account,
                organisation: Some(organisation),
                kind: if by_letter { MailKind::Activation } else { MailKind::Invitation },
                to: self.address(),
                language: self.language(),
                expires_at,
            },
        }
    }

    /// With what was sent to somebody, who may have been sent another one since.
    fn activate(&mut self) -> Command {
        let sent = self.random.one_of(&self.activations).copied();
        let (account, activation) =
            sent.unwrap_or_else(|| (self.account(), self.random.uuid().into()));
        let credential = CredentialId::new(self.random.uuid());
        Command::Activate { account, activation, credential }
    }

    fn organisation_create(&mut self) -> Command {
        let (name, language) = (text(&self.word("Firma")), self.language());
        Command::OrganisationCreate { name, language, plan: self.plan() }
    }

    fn account_create(&mut self) -> Command {
        let organisation = self.organisation();
        let name = self.name();
        let address = self.random.once_in(2).then(|| self.address());
        let mut profile = profile(&self.word("Anna"), None);
        profile.entries.extend(address.map(|it| (ProfileField::Email, ProfileEntry::Email(it))));
        if self.random.once_in(2) {
            let position = ProfileEntry::Text(text(&self.word("Meister")));
            profile.entries.push((ProfileField::Position, position));
        }
        let credential = self.random.once_in(2).then(|| CredentialId::new(self.random.uuid()));
        let kind = self.kind();
        Command::AccountCreate {
            organisation,
            username: username(&name),
            profile,
            kind,
            credential,
        }
    }

    fn changes(&mut self) -> Vec<(ProfileField, Option<ProfileEntry>)> {
        let keep = !self.random.once_in(4);
        let (field, value) = match self.random.below(5) {
            0 => (ProfileField::DisplayName, ProfileEntry::Text(text(&self.word("Bert")))),
            1 => (ProfileField::Email, ProfileEntry::Email(self.address())),
            2 => (ProfileField::Language, ProfileEntry::Language(self.language())),
            3 => (ProfileField::Location, ProfileEntry::Text(text(&self.word("Saal")))),
            // Doesn't fit.
            _ => (ProfileField::Phone, ProfileEntry::Language(self.language())),
        };
        let second = (ProfileField::FirstName, Some(ProfileEntry::Text(text(&self.word("Cor")))));
        let both = self.random.once_in(2);
        [(field, keep.then_some(value))].into_iter().chain(both.then_some(second)).collect()
    }

    fn organisation(&mut self) -> OrganisationId {
        let unknown = self.unknown();
        self.random.one_of(&self.organisations).copied().unwrap_or_else(|| unknown.into())
    }

    fn member(&mut self) -> (OrganisationId, AccountId) {
        let (organisation, account) = (self.organisation(), self.account());
        if self.random.once_in(12) {
            return (organisation, account);
        }
        self.random.one_of(&self.members).copied().unwrap_or((organisation, account))
    }

    fn account(&mut self) -> AccountId {
        let unknown = self.unknown();
        self.random.one_of(&self.members).map_or_else(|| unknown.into(), |(_, account)| *account)
    }

    /// An identity that nothing has.
    fn unknown(&mut self) -> Uuid {
        self.random.uuid()
    }

    fn name(&mut self) -> String {
        format!("konto{}", self.random.below(3 * self.size))
    }

    fn word(&mut self, stem: &str) -> String {
        format!("{stem} {}", self.random.below(20))
    }

    fn address(&mut self) -> events::value::EmailAddress {
        let (name, domain) = (self.random.below(2 * self.size), self.random.below(8));
        email(&format!("post{name}@firma{domain}.example"))
    }

    #[expect(clippy::expect_used, reason = "only tests come here")]
    fn domain(&mut self) -> Domain {
        Domain::parse(&format!("firma{}.example", self.random.below(8))).expect("a domain")
    }

    #[expect(clippy::expect_used, reason = "only tests come here")]
    fn service(&mut self) -> ServiceKind {
        let more = ["wiki", "planner"];
        let all: Vec<_> = ServiceKind::BUILT_IN.iter().chain(&more).collect();
        let service = self.random.one_of(&all).expect("there are services");
        ServiceKind::parse(service).expect("a service")
    }

    fn rules(&mut self) -> Vec<PolicyRule> {
        let capital = PolicyRule::Capital(Some(self.random.once_in(2)));
        let lock_after = self.random.once_in(2).then(|| LockAfter::nearest(5));
        vec![capital, PolicyRule::LockAfter(lock_after)]
    }

    const fn language(&mut self) -> Language {
        match self.random.below(3) {
            0 => Language::Nl,
            1 => Language::De,
            _ => Language::En,
        }
    }

    const fn kind(&mut self) -> MemberKind {
        if self.random.once_in(4) { MemberKind::Reader } else { MemberKind::Full }
    }

    fn plan(&mut self) -> Plan {
        let size = self.size;
        let seats = |random: &mut Random| {
            let seats = random.below(size / 2 + 2);
            random.once_in(3).then(|| u32::try_from(seats).unwrap_or(u32::MAX))
        };
        Plan { full_seats: seats(&mut self.random), reader_seats: seats(&mut self.random) }
    }
}
