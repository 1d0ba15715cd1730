//! Inputs of mutations: texts become values here, and all that is wrong is told at once.

use async_graphql::{ID, InputObject, MaybeUndefined};
use commands::{Command, Failure, IdempotencyKey, Refusal, Request};
use events::{AccountId, FactorId, OrganisationId, ServiceKeyId, value::Invalid};
use projections::Name;

use crate::{
    asking::Asking,
    ids::GlobalId,
    payload::Outcome,
    port::{Denied, Unusable},
    problem::Problem,
    scalar::Version,
    user_error::{Fault, Plain},
};

/// What a mutation can be asked with that makes something new, so that there is no version to expect.
#[derive(Debug, Default, InputObject)]
pub(crate) struct Once {
    /// Makes the mutation repeatable: for 24 hours the same key with the same input is answered like the first
    /// time, and nothing is done twice; with another input it is refused. Keys are the caller's own: 1 to 128
    /// printable ASCII characters, a UUID will do. Passwords are compared, too.
    idempotency_key: Option<String>,
}

/// What a mutation can be asked with that changes something.
#[derive(Debug, Default, InputObject)]
pub(crate) struct Conditions {
    #[graphql(flatten)]
    once: Once,
    /// Refuse with `CONFLICT` where what is changed has another `version` than this. It is that of the
    /// organisation for what concerns its members, of the account for profile and password, of the membership
    /// for services and mailbox, of the installation for operators and the catalogue of services, of the key
    /// for service keys; the payload's `version` is the next one.
    expected_version: Option<Version>,
}

impl Once {
    pub(crate) const fn new(idempotency_key: Option<String>) -> Self {
        Self { idempotency_key }
    }
}

impl From<Once> for Conditions {
    fn from(once: Once) -> Self {
        Self { once, expected_version: None }
    }
}

/// Which member a mutation is about.
#[derive(Debug, InputObject)]
pub(crate) struct MemberInput {
    /// The global id of the account.
    account: ID,
    /// The global id of the organisation; where none is given, the caller's, or for operators the account's own.
    organisation: Option<ID>,
}

/// The fields of one input, read one by one.
pub(crate) struct Fields<'a> {
    pub(crate) asking: Asking<'a>,
    request: Request,
    faults: Vec<(&'static str, Fault)>,
    spelling: &'static [(&'static str, &'static str)],
}

impl<'a> Fields<'a> {
    /// The fields of a mutation for those who have signed in.
    pub(crate) fn of(
        asking: Asking<'a>,
        conditions: impl Into<Conditions>,
    ) -> Result<Self, Problem> {
        if !asking.is_signed_in() {
            return Err(Problem::Unauthenticated);
        }
        let Conditions { once, expected_version } = conditions.into();
        let mut fields = Self::open(asking, once);
        fields.request.expected_version = expected_version.map(|version| version.0);
        Ok(fields)
    }

    /// The fields of a mutation for everybody.
    pub(crate) fn open(asking: Asking<'a>, Once { idempotency_key: key }: Once) -> Self {
        let request = asking.request();
        let mut fields = Self { asking, request, faults: Vec::new(), spelling: &[] };
        let key = fields.optional("idempotencyKey", key.as_deref(), IdempotencyKey::parse);
        fields.request.idempotency_key = key.flatten();
        fields
    }

    /// Notes names under which rules know fields that this input calls otherwise.
    pub(crate) fn spell(&mut self, spelling: &'static [(&'static str, &'static str)]) -> &mut Self {
        self.spelling = spelling;
        self
    }

    /// A text that must be there.
    pub(crate) fn text<T>(
        &mut self,
        field: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.checked(field, parse(text))
    }

    /// What was made of a field, unless something is wrong with it.
    pub(crate) fn checked<T>(
        &mut self,
        field: &'static str,
        value: Result<T, Invalid>,
    ) -> Option<T> {
        value.map_err(|invalid| self.note(field, Fault::Invalid(invalid))).ok()
    }

    /// A text that may be there; the outer none is an error that was noted.
    #[expect(clippy::option_option, reason = "absent and wrong are two things")]
    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<Option<T>> {
        match text {
            None => Some(None),
            Some(text) => self.text(field, text, parse).map(Some),
        }
    }

    /// A text that must be given, or null to empty what it stands for; the outer none is an error that was noted.
    #[expect(clippy::option_option, reason = "empty and wrong are two things")]
    pub(crate) fn given<T>(
        &mut self,
        field: &'static str,
        text: MaybeUndefined<String>,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<Option<T>> {
        match text {
            MaybeUndefined::Undefined => {
                self.note(field, Fault::Required);
                None
            }
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(text) => self.text(field, &text, parse).map(Some),
        }
    }

    /// The global id of an account. A text that is no such id is answered like an id of nothing.
    pub(crate) fn account(&mut self, field: &'static str, id: &ID) -> Option<AccountId> {
        let account = GlobalId::account(id);
        if account.is_none() {
            self.note(field, Fault::Refused(Refusal::AccountNotFound));
        }
        account
    }

    /// The account given, or else the caller's own.
    pub(crate) fn account_or_oneself(&mut self, id: Option<&ID>) -> Option<AccountId> {
        match (id, self.request.account()) {
            (Some(id), _) => self.account("account", id),
            (None, Some(oneself)) => Some(oneself),
            (None, None) => {
                self.note("account", Fault::Required);
                None
            }
        }
    }

    /// The global id of a second factor, with its account.
    pub(crate) fn factor(&mut self, field: &'static str, id: &ID) -> Option<(AccountId, FactorId)> {
        let factor = GlobalId::factor(id);
        if factor.is_none() {
            self.note(field, Fault::Refused(Refusal::FactorNotFound));
        }
        factor
    }

    /// The organisation that is meant: the one given, or else the caller's.
    pub(crate) fn organisation(&mut self, id: Option<&ID>) -> Option<OrganisationId> {
        let organisation = match id {
            Some(id) => GlobalId::organisation(id),
            None => self.request.organisation,
        };
        match (organisation, id) {
            (Some(_), _) => {}
            (None, Some(_)) => {
                self.note("organisation", Fault::Refused(Refusal::OrganisationNotFound));
            }
            (None, None) => self.note("organisation", Fault::Required),
        }
        organisation
    }

    /// A member: the account, in the organisation given, or else the caller's, or else, for those who work
    /// in none or in another one (operators), in the account's own.
    pub(crate) async fn member(
        &mut self,
        member: &MemberInput,
    ) -> Result<Option<(OrganisationId, AccountId)>, Problem> {
        let Some(account) = self.account("account", &member.account) else { return Ok(None) };
        let organisation = match member.organisation.as_ref() {
            Some(id) => self.organisation(Some(id)),
            None => match self.asking.home_of(account).await? {
                Some(organisation) => Some(organisation),
                None => self.organisation(None),
            },
        };
        Ok(organisation.map(|organisation| (organisation, account)))
    }

    /// An account that is to become a member: in the organisation given, or else the caller's.
    pub(crate) fn newcomer(&mut self, member: &MemberInput) -> Option<(OrganisationId, AccountId)> {
        let account = self.account("account", &member.account);
        let organisation = self.organisation(member.organisation.as_ref());
        organisation.zip(account)
    }

    /// The global id of a service key, with the organisation that it reaches.
    pub(crate) async fn service_key(
        &mut self,
        field: &'static str,
        id: &ID,
    ) -> Result<Option<(OrganisationId, ServiceKeyId)>, Problem> {
        let state = match GlobalId::service_key(id) {
            Some(id) => {
                let state = self.asking.api.handler.service_key_state(id).await?;
                state.map(|state| (state.organisation, id))
            }
            None => None,
        };
        // The rules speak of keys within an organisation; one elsewhere is answered like none.
        let mine = self.request.organisation;
        let is_operator = self.asking.runs_installation().await?;
        let found = state.filter(|(organisation, _)| is_operator || mine == Some(*organisation));
        if found.is_none() {
            self.note(field, Fault::Refused(Refusal::ServiceKeyNotFound));
        }
        Ok(found)
    }

    /// A projection, by its name.
    pub(crate) fn projection(&mut self, field: &'static str, name: &str) -> Option<Name> {
        let projection = Name::parse(name);
        if projection.is_none() {
            self.note(field, Fault::Plain(Plain::Projection));
        }
        projection
    }

    /// What was made of a mail template, unless it can't be used.
    pub(crate) fn usable<T>(
        &mut self,
        field: &'static str,
        checked: Result<T, Unusable>,
    ) -> Option<T> {
        checked.map_err(|unusable| self.note(field, Fault::Template(unusable))).ok()
    }

    /// Notes that the input names no invitation link.
    pub(crate) fn no_link(&mut self) {
        self.note("link", Fault::Refused(Refusal::InvitationEnded));
    }

    /// Notes that the input names no document.
    pub(crate) fn no_document(&mut self) {
        self.note("document", Fault::Refused(Refusal::DocumentNotFound));
    }

    /// Notes what is wrong with a field.
    pub(crate) fn note(&mut self, field: &'static str, fault: Fault) {
        self.faults.push((field, fault));
    }

    /// What is made of the fields with the request to make it in, or all that is wrong with them.
    pub(crate) async fn valid<T>(&mut self, made: Option<T>) -> Result<(T, Request), Outcome> {
        match made {
            Some(made) if self.faults.is_empty() => Ok((made, self.request.clone())),
            _ => {
                let language = self.asking.language().await;
                let faults = std::mem::take(&mut self.faults);
                let errors =
                    faults.iter().map(|(field, fault)| fault.tell(Some(&[field]), language));
                Err(Outcome::refused(self.asking.position(), errors.collect()))
            }
        }
    }

    /// Has a command done, where the fields made one.
    pub(crate) async fn handle(mut self, command: Option<Command>) -> Result<Outcome, Problem> {
        let (command, request) = match self.valid(command).await {
            Ok(valid) => valid,
            Err(outcome) => return Ok(outcome),
        };
        match self.asking.api.handler.handle(&request, command).await {
            Ok(done) => Ok(Outcome::done(done)),
            Err(failure) => self.failed(failure).await,
        }
    }

    /// What a failed command is answered with.
    pub(crate) async fn failed(&self, failure: Failure) -> Result<Outcome, Problem> {
        match failure {
            Failure::Refused(Refusal::NotSignedIn) => Err(Problem::Unauthenticated),
            Failure::Refused(refusal) => {
                let spelled = |there: &&'static str| {
                    let here = self.spelling.iter().find(|(known, _)| known == there);
                    here.map_or(*there, |(_, here)| *here)
                };
                let field: Option<Vec<_>> =
                    refusal.field().map(|path| path.iter().map(spelled).collect());
                Ok(self.refused(&Fault::Refused(refusal), field.as_deref()).await)
            }
            failure => Err(failure.into()),
        }
    }

    /// What somebody is answered whom the gate denied; `password` is the field of the password.
    pub(crate) async fn denied(
        &self,
        denied: Denied,
        password: &'static str,
    ) -> Result<Outcome, Problem> {
        let (fault, field) = match denied {
            Denied::Failed(failure) => return self.failed(failure).await,
            Denied::TooMany { .. } => return Err(Problem::RateLimited),
            Denied::Credentials => (Fault::Plain(Plain::Credentials), None),
            Denied::LinkCode => (Fault::Plain(Plain::LinkCode), Some(&["code"][..])),
            Denied::NoAddress => (Fault::Plain(Plain::NoAddress), Some(&["mailTo"][..])),
            Denied::Token => (Fault::Plain(Plain::Token), Some(&["token"][..])),
            Denied::Code => (Fault::Plain(Plain::Code), Some(&["code"][..])),
            Denied::Passkey => (Fault::Plain(Plain::Passkey), Some(&["passkey"][..])),
            Denied::Password(weak) => (Fault::Weak(weak), Some(&[password][..])),
        };
        Ok(self.refused(&fault, field).await)
    }

    /// Nothing was done, because of one fault.
    pub(crate) async fn refused(&self, fault: &Fault, field: Option<&[&str]>) -> Outcome {
        let error = fault.tell(field, self.asking.language().await);
        Outcome::refused(self.asking.position(), vec![error])
    }
}
