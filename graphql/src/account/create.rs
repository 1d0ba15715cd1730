//! Accounts that come to be.

use async_graphql::{Context, ID, InputObject, Object};
use events::value::{Profile, ProfileEntry, ProfileField, Text, Username};
use secrecy::SecretString;

use super::profile::ProfileInput;
use crate::{
    Answer,
    asking::Asking,
    enums::MemberKind,
    input::{Conditions, Fields},
    membership::ChangedMember,
    payload::{Outcome, Payload},
    port::NewAccount,
};

/// Creates an account as a member of an organisation.
#[derive(InputObject)]
pub(crate) struct AccountCreateInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// The name to sign in with: 3 characters at least, unique in the installation, never changed and never free
    /// again. It may be an e-mail address.
    username: String,
    /// The name that lists show; the username where none is given.
    display_name: Option<String>,
    /// Which seat it takes.
    #[graphql(default_with = "MemberKind::Full")]
    kind: MemberKind,
    /// The password; where none is given the account is pending, and nobody can sign in to it.
    #[graphql(secret)]
    password: Option<String>,
    /// Who it is.
    #[graphql(flatten)]
    profile: ProfileInput,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations that create accounts.
#[derive(Default)]
pub(crate) struct AccountCreation;

/// Mutations that create accounts.
#[Object]
impl AccountCreation {
    /// Creates an account as a member of an organisation, which takes a seat.
    async fn account_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AccountCreateInput,
    ) -> Answer<Payload<AccountCreateInput, ChangedMember>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let organisation = fields.organisation(input.organisation.as_ref());
            let username = fields.text("username", &input.username, Username::parse);
            let name = input.display_name.as_deref().unwrap_or(&input.username);
            let name = fields.text("displayName", name, Text::parse);
            let entries = input.profile.changes(&mut fields);
            let account = organisation.zip(username).zip(name.zip(entries));
            let (((organisation, username), (name, entries)), request) =
                match fields.valid(account).await {
                    Ok(valid) => valid,
                    Err(refused) => {
                        let changed = ChangedMember::new(None, refused.seen());
                        return Ok(refused.with(changed));
                    }
                };
            let profile = profile(name, entries);
            let new = NewAccount { organisation, username, profile, kind: input.kind.into() };
            let password = input.password.map(SecretString::from);
            let outcome = match asking.api.gate.account_create(&request, new, password).await {
                Ok(done) => Outcome::done(done),
                Err(denied) => fields.denied(denied, "password").await?,
            };
            let created = outcome.subject().map(|account| (organisation, account));
            let changed = ChangedMember::new(created, outcome.seen());
            Ok(outcome.with(changed))
        };
        Some(change.await)
    }
}

/// A profile of a name and of those fields that are not empty.
pub(crate) fn profile(
    display_name: Text,
    entries: Vec<(ProfileField, Option<ProfileEntry>)>,
) -> Profile {
    let entries = entries.into_iter().filter_map(|(field, entry)| Some((field, entry?)));
    Profile { display_name, entries: entries.collect() }
}
