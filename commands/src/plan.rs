//! What each business action asks of which aggregates, and what must be so elsewhere.
//!
//! The steps stand in the order in which an engine without transactions would write them: the stream
//! that guards a limit first, so that a prefix of them is safe.

mod condition;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use events::{
    AccountId, MailId, OrganisationId, Sealed, SessionId, Stream, account::PasswordSetBy,
    value::ProfileField,
};

use crate::{
    Command,
    access::Assurance,
    account::{Command as A, activation::Command as Ac},
    factors::Command as F,
    installation::Command as I,
    mail::{Command as L, Order},
    membership::Command as M,
    organisation::{Command as O, links::Command as Li},
    service_key::Command as K,
    session::{Command as S, PROOF_COUNTS},
    state::Step,
    system_message::Draft,
};
pub(crate) use condition::Condition;

/// What an action comes down to.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What is asked of which stream, in order.
    pub(crate) steps: Vec<(Stream, Step)>,
    /// Which mails are queued when anything happens.
    pub(crate) mails: Vec<Order>,
    /// What must be so elsewhere.
    pub(crate) conditions: Vec<Condition>,
    /// What comes to be or is changed.
    pub(crate) subject: Option<Uuid>,
    /// Whom personal data in the events is about.
    pub(crate) person: Option<AccountId>,
    /// The person comes to be: a key has to be made first.
    pub(crate) makes_person: bool,
}

/// What an action needs from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    /// The identity of what comes to be.
    pub(crate) made: Uuid,
    /// The account that asks, if it is one.
    pub(crate) by: Option<AccountId>,
    /// The session that it asks through.
    pub(crate) session: Option<SessionId>,
    /// Now.
    pub(crate) now: DateTime<Utc>,
}

impl Given {
    /// That the session which asks has shown whose it is (S13).
    fn assured(self, command: &Command) -> Option<Condition> {
        let (account, session) = (self.by?, self.session?);
        let assurance = command.asks(account);
        let asked = assurance != Assurance::Token;
        asked.then_some(Condition::Assured { session, account, assurance, now: self.now })
    }
}

impl Plan {
    /// The plan of a command.
    pub(crate) fn of(command: Command, given: Given) -> Self {
        let assured = given.assured(&command);
        // Last, so that nobody proves anything for what is refused anyway.
        Self::without_assurance(command, given).provided_all(assured)
    }

    fn without_assurance(command: Command, given: Given) -> Self {
        use Command as C;
        match command {
            C::OperatorSetup { username, profile, credential } => {
                let account = AccountId::new(given.made);
                let password = A::SetPassword { credential, by: PasswordSetBy::Setup };
                Self::new(given.made)
                    .step(Stream::Installation, I::Initialise { operator: account })
                    .step(Stream::Account(account), A::Create { account, username, profile })
                    .step(Stream::Account(account), password)
                    .making(account)
            }
            C::OperatorAppoint { account } => Self::new(account.uuid())
                .step(Stream::Installation, I::Appoint { account })
                .about(account)
                .provided(Condition::Exists(account)),
            C::OperatorDismiss { account } => Self::new(account.uuid())
                .step(Stream::Installation, I::Dismiss { account })
                .about(account),
            C::ServiceRegister { service, name } => {
                Self::new(None).step(Stream::Installation, I::Register { service, name })
            }

            C::OrganisationCreate { name, language, plan } => {
                Self::organisation(given.made.into(), O::Create { name, language, plan })
            }
            C::OrganisationRename { organisation, name } => {
                Self::organisation(organisation, O::Rename { name })
            }
            C::OrganisationLanguageSet { organisation, language } => {
                Self::organisation(organisation, O::SetLanguage { language })
            }
            C::OrganisationPlanSet { organisation, plan } => {
                Self::organisation(organisation, O::SetPlan { plan })
            }
            C::MailTemplateSet { organisation, kind, language, template } => {
                Self::organisation(organisation, O::SetMailTemplate { kind, language, template })
            }
            C::PolicySet { organisation, rules } => {
                Self::organisation(organisation, O::SetPolicy { rules })
            }
            C::OrganisationDeactivate { organisation } => {
                Self::organisation(organisation, O::Deactivate)
            }
            C::OrganisationReactivate { organisation } => {
                Self::organisation(organisation, O::Reactivate)
            }
            C::OwnerSet { organisation, account } => {
                Self::member(organisation, account, O::SetOwner { account })
            }
            C::DomainRegister { organisation, domain } => {
                Self::organisation(organisation, O::RegisterDomain { domain })
            }
            C::DomainRemove { organisation, domain } => {
                Self::organisation(organisation, O::RemoveDomain { domain })
            }
            C::ServiceEnable { organisation, service } => {
                Self::organisation(organisation, O::EnableService { service: service.clone() })
                    .provided(Condition::Known(service))
            }
            C::ServiceDisable { organisation, service } => {
                Self::organisation(organisation, O::DisableService { service: service.clone() })
                    .provided(Condition::Known(service))
            }

            C::AccountCreate { organisation, username, profile, kind, credential } => {
                let account = AccountId::new(given.made);
                let plan = Self::member(organisation, account, O::Join { account, kind })
                    .step(Stream::Account(account), A::Create { account, username, profile })
                    .step(Stream::Account(account), A::Join { organisation })
                    .making(account);
                match credential {
                    Some(credential) => {
                        let password =
                            A::SetPassword { credential, by: PasswordSetBy::Administrator };
                        plan.step(Stream::Account(account), password)
                    }
                    None => plan,
                }
            }
            C::InvitationLinkCreate { link, organisation, kind, expires_at, uses } => {
                let create = Li::Create { link, kind, expires_at, uses, now: given.now };
                Self::new(link.uuid()).step(Stream::Organisation(organisation), O::Link(create))
            }
            C::InvitationLinkRevoke { organisation, link } => Self::new(link.uuid())
                .step(Stream::Organisation(organisation), O::Link(Li::Revoke { link })),
            C::InvitationAccept {
                organisation,
                link,
                username,
                profile,
                email,
                confirm,
                credential,
                mails,
            } => {
                let account = AccountId::new(given.made);
                let accept = Li::Accept { link, account, now: given.now };
                let password = A::SetPassword { credential, by: PasswordSetBy::Activation };
                let now = given.now;
                let ask = |email| A::RequestEmail { account, link: confirm, email, now };
                Self::member(organisation, account, O::Link(accept))
                    .step(Stream::Account(account), A::Create { account, username, profile })
                    .step(Stream::Account(account), A::Join { organisation })
                    .step(Stream::Account(account), password)
                    .steps(Stream::Account(account), email.map(ask))
                    .mailing(mails)
                    .making(account)
            }
            C::MemberAdd { organisation, account, kind } => {
                Self::member(organisation, account, O::Join { account, kind })
                    .step(Stream::Account(account), A::Join { organisation })
            }
            C::MemberKindSet { organisation, account, kind } => {
                Self::member(organisation, account, O::SetKind { account, kind })
            }
            C::AdministratorSet { organisation, account, on } => {
                let by = given.by;
                Self::member(organisation, account, O::SetAdministrator { account, on, by })
            }
            C::AccountDeactivate { organisation, account, reason } => {
                let reason = reason.map(|reason| Sealed::new(account, reason));
                Self::member(organisation, account, O::DeactivateMember { account, reason })
            }
            C::AccountReactivate { organisation, account } => {
                Self::member(organisation, account, O::ReactivateMember { account })
            }
            C::AccountDelete { organisation, account } => {
                Self::member(organisation, account, O::RemoveMember { account })
                    .step(Stream::Account(account), A::Leave { organisation })
                    .step(Stream::Membership(organisation, account), M::End)
                    .provided(Condition::NotAnOperator(account))
            }
            C::DefaultOrganisationSet { account, organisation } => {
                Self::account(account, A::SetDefaultOrganisation { organisation })
            }

            C::ProfileUpdate { account, changes, mails } => {
                let for_sign_in = changes.iter().any(|(field, _)| leads_to_sign_in(*field));
                let for_address = changes.iter().any(|(field, _)| *field == ProfileField::Email);
                let plan = Self::account(account, A::UpdateProfile { account, changes });
                plan.provided_if(for_sign_in, Condition::MayChangeSignIn(account))
                    .provided_if(for_address, Condition::NotOneself)
                    .mailing(mails)
            }
            C::PasswordSet { account, credential, by, mails } => {
                Self::account(account, A::SetPassword { credential, by })
                    .provided(Condition::MayChangeSignIn(account))
                    .mailing(mails)
            }
            C::PasswordResetRequest { account, reset, mails } => {
                Self::account(account, A::RequestReset { reset, now: given.now }).mailing(mails)
            }
            C::PasswordResetFail { account, reset } => {
                Self::account(account, A::FailReset { reset, now: given.now })
            }
            C::PasswordReset { account, reset, credential, mails } => {
                let step = A::ResetPassword { reset, credential, now: given.now };
                Self::account(account, step).mailing(mails)
            }
            C::EmailChange { account, email, link, mails } => {
                let step = A::RequestEmail { account, link, email, now: given.now };
                Self::account(account, step).mailing(mails)
            }
            C::EmailConfirm { account, link, mails } => {
                let step = A::ConfirmEmail { account, link, now: given.now };
                Self::account(account, step).mailing(mails)
            }
            C::SignInFail { account, threshold, mails } => {
                Self::account(account, A::FailSignIn { threshold }).mailing(mails)
            }
            C::AccountUnlock { account } => Self::account(account, A::Unlock),

            C::ActivationSend {
                organisation,
                account,
                activation,
                letter,
                expires_at,
                mail,
                by_letter: _,
            } => {
                let send = Ac::Send { activation, organisation, letter, expires_at };
                Self::account(account, A::Activation(send))
                    .provided(Condition::Member(organisation, account))
                    .mailing([mail])
            }
            C::ActivationFail { account, activation } => {
                Self::account(account, A::Activation(Ac::Fail { activation }))
            }
            C::Activate { account, activation, credential } => {
                let complete = Ac::Complete { activation, credential, now: given.now };
                Self::account(account, A::Activation(complete))
            }
            C::LetterDownload { organisation, account, letter } => {
                let download = Ac::Download { letter, organisation, now: given.now };
                Self::account(account, A::Activation(download))
                    .provided(Condition::Member(organisation, account))
            }
            C::LetterRemove { organisation, account, letter } => {
                Self::account(account, A::Activation(Ac::Remove { letter, organisation }))
                    .provided(Condition::Member(organisation, account))
            }

            C::SignIn { session, account, proof, mails } => Self::new(session.uuid())
                .step(
                    Stream::Session(session),
                    S::Open { account, until: given.now + PROOF_COUNTS },
                )
                .steps(Stream::Factors(account), proof.map(F::Use))
                .step(Stream::Account(account), A::SignIn)
                .about(account)
                .mailing(mails),
            C::SignInHoursSet { account, hours } => {
                Self::account(account, A::SetSignInHours { hours })
            }
            C::SignInAsk { account } => Self::factors(account, F::Ask),
            C::SecondFactorFail { account, threshold, mails } => {
                Self::account(account, A::FailSecondFactor { threshold }).mailing(mails)
            }
            C::StepUp { session, account, proof, until, mails } => Self::new(session.uuid())
                .step(Stream::Session(session), S::StepUp { account, until })
                .steps(Stream::Factors(account), proof.map(F::Use))
                .step(Stream::Account(account), A::SignIn)
                .about(account)
                .mailing(mails),
            C::FactorEnrol { account, factor, kind, name, step, mails } => {
                Self::factors(account, F::Enrol { account, factor, kind, name, step })
                    .provided(Condition::Exists(account))
                    .mailing(mails)
            }
            C::FactorConfirm { account, factor, kind, name, step, mails } => {
                Self::factors(account, F::Add { account, factor, kind, name, step })
                    .provided(Condition::Exists(account))
                    .mailing(mails)
            }
            C::FactorCodeSend { account, factor, failure } => {
                Self::factors(account, F::NoteCode { factor, failure })
            }
            C::FactorSuspect { account, factor } => Self::factors(account, F::Suspect { factor }),
            C::FactorRemove { account, factor, mails } => {
                Self::factors(account, F::Remove { factor })
                    .provided(Condition::MayChangeSignIn(account))
                    .mailing(mails)
            }
            C::RecoveryCodesMake { account, codes, count } => {
                Self::factors(account, F::MakeRecoveryCodes { codes, count })
            }
            C::Impersonate { session, account, reason, until } => {
                let plan = Self::new(session.uuid()).about(account);
                let plan = plan.provided(Condition::MayBeActedFor(account));
                let step = |by| S::Impersonate { account, by, reason, until };
                given
                    .by
                    .map(step)
                    .into_iter()
                    .fold(plan, |plan, step| plan.step(Stream::Session(session), step))
            }
            C::SessionEnd { session, account, reason } => Self::new(session.uuid())
                .step(Stream::Session(session), S::End { account, reason })
                .about(account),

            C::ServiceAccessSet { organisation, account, service, on } => {
                let plan = Self::membership(
                    organisation,
                    account,
                    M::SetServiceAccess { service: service.clone(), on },
                );
                plan.provided_if(on, Condition::Offered(organisation, account, service))
            }
            C::ServiceAdministratorSet { organisation, account, service, on } => {
                let plan = Self::membership(
                    organisation,
                    account,
                    M::SetServiceAdministrator { service: service.clone(), on },
                );
                plan.provided_if(on, Condition::MayManage(organisation, account))
                    .provided_if(on, Condition::Offered(organisation, account, service))
            }
            C::AliasAdd { organisation, account, address } => {
                let domain = address.domain();
                Self::membership(organisation, account, M::AddAlias { account, address })
                    .provided(Condition::Registered(organisation, domain))
            }
            C::AliasRemove { organisation, account, address } => {
                Self::membership(organisation, account, M::RemoveAlias { account, address })
            }
            C::SendOnBehalfSet { organisation, account, delegate, on } => Self::membership(
                organisation,
                account,
                M::SetSendOnBehalf { account, delegate, on },
            )
            .provided_if(on && account != delegate, Condition::Delegate(organisation, delegate)),
            C::MailboxHiddenSet { organisation, account, hidden } => {
                Self::membership(organisation, account, M::SetHidden { hidden })
            }
            C::MailboxSharedSet { organisation, account, shared } => {
                Self::membership(organisation, account, M::SetShared { shared })
            }
            C::AlwaysBccSet { organisation, account, address } => {
                Self::membership(organisation, account, M::SetAlwaysBcc { account, address })
            }

            C::ServiceKeyCreate { key, organisation, name, scopes, expires_at } => {
                let create = K::Create { organisation, name, scopes, expires_at, now: given.now };
                Self::new(key.uuid())
                    .step(Stream::ServiceKey(key), create)
                    .provided(Condition::InUse(organisation))
            }
            C::ServiceKeyRevoke { organisation, key } => {
                Self::new(key.uuid()).step(Stream::ServiceKey(key), K::Revoke { organisation })
            }

            C::MailSettingsSet { settings, password } => {
                Self::new(None).step(Stream::Installation, I::SetMail { settings, password })
            }
            C::MailSettingsRestore => Self::new(None).step(Stream::Installation, I::RestoreMail),
            C::MailSettingsTest { accepted } => {
                Self::new(None).step(Stream::Installation, I::NoteMailTest { accepted })
            }
            C::SystemMessageSend { organisation, text, until } => {
                let message = given.made.into();
                let draft = Draft { message, text, until, now: given.now };
                let plan = Self::new(given.made);
                match organisation {
                    Some(id) => plan.step(Stream::Organisation(id), O::SendMessage(draft)),
                    None => plan.step(Stream::Installation, I::SendMessage(draft)),
                }
            }
            C::MailOrder { order } => {
                let (mail, account) = (order.mail, order.account);
                let plan = Self::mail(mail, account, L::Queue(order.clone()));
                match order.organisation {
                    Some(organisation) => plan.provided(Condition::Member(organisation, account)),
                    None => plan.provided(Condition::Exists(account)),
                }
            }
            C::MailSend { mail, account, reply } => Self::mail(mail, account, L::Send { reply }),
            C::MailFail { mail, account, reply, next_at } => {
                Self::mail(mail, account, L::Fail { reply, next_at })
            }
            C::MailGiveUp { mail, account, reason, tried, reply } => {
                Self::mail(mail, account, L::GiveUp { reason, tried, reply })
            }
            C::MailRetry { organisation, mail } => Self::new(mail.uuid())
                .step(Stream::Mail(mail), L::Retry { organisation, now: given.now }),
        }
    }

    fn new(subject: impl Into<Option<Uuid>>) -> Self {
        let subject = subject.into();
        Self {
            steps: Vec::new(),
            mails: Vec::new(),
            conditions: Vec::new(),
            subject,
            person: None,
            makes_person: false,
        }
    }

    /// Of something that concerns an organisation as a whole.
    fn organisation(organisation: OrganisationId, step: O) -> Self {
        Self::new(organisation.uuid()).step(Stream::Organisation(organisation), step)
    }

    /// Of something that the organisation's version guards and that concerns one member.
    fn member(organisation: OrganisationId, account: AccountId, step: O) -> Self {
        Self::new(account.uuid()).step(Stream::Organisation(organisation), step).about(account)
    }

    /// Of something that concerns an account wherever it is a member.
    fn account(account: AccountId, step: A) -> Self {
        Self::new(account.uuid()).step(Stream::Account(account), step).about(account)
    }

    /// Of something that concerns the second factors of an account.
    fn factors(account: AccountId, step: F) -> Self {
        Self::new(account.uuid()).step(Stream::Factors(account), step).about(account)
    }

    /// Of something that concerns the services or the mailbox of a member.
    fn membership(organisation: OrganisationId, account: AccountId, step: M) -> Self {
        Self::new(account.uuid())
            .step(Stream::Membership(organisation, account), step)
            .about(account)
            .provided(Condition::Member(organisation, account))
    }

    /// Of something that happens to a mail.
    fn mail(mail: MailId, account: AccountId, step: L) -> Self {
        Self::new(mail.uuid()).step(Stream::Mail(mail), step).about(account)
    }

    fn step(mut self, stream: Stream, step: impl Into<Step>) -> Self {
        self.steps.push((stream, step.into()));
        self
    }

    /// Has mails queued in the same batch; none where nothing happens, because it is already so.
    fn mailing(mut self, orders: impl IntoIterator<Item = Order>) -> Self {
        self.mails.extend(orders);
        self
    }

    /// Whose keys seal what happens: the person whom it is about, and those who get a mail.
    pub(crate) fn people(&self) -> Vec<AccountId> {
        let mut people: Vec<_> =
            self.person.into_iter().chain(self.mails.iter().map(|order| order.account)).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    fn steps(self, stream: Stream, steps: impl IntoIterator<Item = impl Into<Step>>) -> Self {
        steps.into_iter().fold(self, |plan, step| plan.step(stream, step))
    }

    fn provided(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    fn provided_all(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.conditions.extend(conditions);
        self
    }

    fn provided_if(self, so: bool, condition: Condition) -> Self {
        if so { self.provided(condition) } else { self }
    }

    fn about(mut self, person: AccountId) -> Self {
        self.person = Some(person);
        self
    }

    fn making(mut self, person: AccountId) -> Self {
        self.makes_person = true;
        self.about(person)
    }
}

/// Whether whoever controls the field can get into the account.
pub(crate) const fn leads_to_sign_in(field: ProfileField) -> bool {
    matches!(field, ProfileField::Email | ProfileField::RecoveryEmail)
}

/// Whether whoever controls the field is asked for the person.
pub(crate) const fn reaches_the_person(field: ProfileField) -> bool {
    leads_to_sign_in(field) || matches!(field, ProfileField::Phone | ProfileField::Mobile)
}
