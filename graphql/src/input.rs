//! Inputs of mutations: texts become values here, and all that is wrong is told at once.

use async_graphql::{ID, InputObject, MaybeUndefined};
use commands::{Command, Failure, IdempotencyKey, Refusal, Request};
use events::{
    AccountId, OrganisationId, ServiceKeyId,
    value::{Invalid, Language},
};

use crate::{
    asking::Asking, ids::GlobalId, payload::Outcome, port::Denied, problem::Problem,
    scalar::Version, user_error::UserError,
};

/// What every mutation can be asked with.
#[derive(Debug, Default, InputObject)]
pub(crate) struct Conditions {
    /// Makes the mutation repeatable: the same key with the same input is answered like the first time, and
    /// nothing is done twice. 1 to 128 printable ASCII characters; a UUID will do.
    idempotency_key: Option<String>,
    /// Refuse with `CONFLICT` where what is changed has another `version` than this. It is that of the
    /// organisation for what concerns its members, of the account for profile and password, of the membership
    /// for services and mailbox; the payload's `version` is the next one.
    expected_version: Option<Version>,
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
    pub(crate) language: Language,
    request: Request,
    errors: Vec<UserError>,
    spelling: &'static [(&'static str, &'static str)],
}

impl<'a> Fields<'a> {
    /// The fields of a mutation for those who have signed in.
    pub(crate) fn of(asking: Asking<'a>, conditions: Conditions) -> Result<Self, Problem> {
        if !asking.is_signed_in() {
            return Err(Problem::Unauthenticated);
        }
        let mut fields = Self::open(asking);
        fields.request.expected_version = conditions.expected_version.map(|version| version.0);
        let key = conditions.idempotency_key;
        let key = fields.optional("idempotencyKey", key.as_deref(), IdempotencyKey::parse);
        fields.request.idempotency_key = key.flatten();
        Ok(fields)
    }

    /// The fields of a mutation for everybody.
    pub(crate) fn open(asking: Asking<'a>) -> Self {
        let (request, language) = (asking.request(), asking.language());
        Self { asking, language, request, errors: Vec::new(), spelling: &[] }
    }

    /// Names under which rules know fields that this input calls otherwise.
    pub(crate) fn spelled(mut self, spelling: &'static [(&'static str, &'static str)]) -> Self {
        self.spelling = spelling;
        self
    }

    /// A text that must be there.
    pub(crate) fn text<T>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        parse(text).map_err(|invalid| self.invalid(&[field], invalid)).ok()
    }

    /// A text that may be there; the outer none is an error that was noted.
    #[expect(clippy::option_option, reason = "absent and wrong are two things")]
    pub(crate) fn optional<T>(
        &mut self,
        field: &str,
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
        field: &str,
        text: MaybeUndefined<String>,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<Option<T>> {
        match text {
            MaybeUndefined::Undefined => {
                self.errors.push(UserError::required(&[field], self.language));
                None
            }
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(text) => self.text(field, &text, parse).map(Some),
        }
    }

    /// The global id of an account. A text that is no such id is answered like an id of nothing.
    pub(crate) fn account(&mut self, field: &str, id: &ID) -> Option<AccountId> {
        let account = GlobalId::account(id);
        if account.is_none() {
            self.refuse(field, &Refusal::AccountNotFound);
        }
        account
    }

    /// The account given, or else the caller's own.
    pub(crate) fn account_or_oneself(&mut self, id: Option<&ID>) -> Option<AccountId> {
        match (id, self.request.account()) {
            (Some(id), _) => self.account("account", id),
            (None, Some(oneself)) => Some(oneself),
            (None, None) => {
                self.errors.push(UserError::required(&["account"], self.language));
                None
            }
        }
    }

    /// The organisation that is meant: the one given, or else the caller's.
    pub(crate) fn organisation(&mut self, id: Option<&ID>) -> Option<OrganisationId> {
        let organisation = match id {
            Some(id) => GlobalId::organisation(id),
            None => self.request.organisation,
        };
        match (organisation, id) {
            (Some(_), _) => {}
            (None, Some(_)) => self.refuse("organisation", &Refusal::OrganisationNotFound),
            (None, None) => self.errors.push(UserError::required(&["organisation"], self.language)),
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
        field: &str,
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
            self.refuse(field, &Refusal::ServiceKeyNotFound);
        }
        Ok(found)
    }

    /// Notes a text that is not what the field holds.
    pub(crate) fn invalid(&mut self, field: &[&str], invalid: Invalid) {
        self.errors.push(UserError::invalid(field, invalid, self.language));
    }

    /// Notes that a rule refuses a field.
    pub(crate) fn refuse(&mut self, field: &str, refusal: &Refusal) {
        let mut error = UserError::refused(refusal, self.language);
        error.field = Some(vec![field.to_owned()]);
        self.errors.push(error);
    }

    /// What is made of the fields with the request to make it in, or all that is wrong with them.
    pub(crate) fn valid<T>(&mut self, made: Option<T>) -> Result<(T, Request), Outcome> {
        match made {
            Some(made) if self.errors.is_empty() => Ok((made, self.request.clone())),
            _ => Err(Outcome::refused(self.asking.position(), std::mem::take(&mut self.errors))),
        }
    }

    /// Has a command done, where the fields made one.
    pub(crate) async fn handle(mut self, command: Option<Command>) -> Result<Outcome, Problem> {
        let (command, request) = match self.valid(command) {
            Ok(valid) => valid,
            Err(outcome) => return Ok(outcome),
        };
        match self.asking.api.handler.handle(&request, command).await {
            Ok(done) => Ok(Outcome::done(done)),
            Err(failure) => self.failed(failure),
        }
    }

    /// What a failed command is answered with.
    pub(crate) fn failed(&self, failure: Failure) -> Result<Outcome, Problem> {
        match failure {
            Failure::Refused(Refusal::NotSignedIn) => Err(Problem::Unauthenticated),
            Failure::Refused(refusal) => {
                let mut error = UserError::refused(&refusal, self.language);
                for part in error.field.iter_mut().flatten() {
                    if let Some((_, here)) = self.spelling.iter().find(|(there, _)| there == part) {
                        (*here).clone_into(part);
                    }
                }
                Ok(Outcome::refused(self.asking.position(), vec![error]))
            }
            failure => Err(failure.into()),
        }
    }

    /// What somebody is answered whom the gate denied; `password` is the field of the new password.
    pub(crate) fn denied(&self, denied: Denied, password: &str) -> Result<Outcome, Problem> {
        let error = match denied {
            Denied::Failed(failure) => return self.failed(failure),
            Denied::TooMany { .. } => return Err(Problem::RateLimited),
            Denied::Credentials => UserError::credentials(self.language),
            Denied::Token => UserError::token(self.language),
            Denied::Password(weak) => UserError::weak(&[password], weak, self.language),
        };
        Ok(Outcome::refused(self.asking.position(), vec![error]))
    }
}
