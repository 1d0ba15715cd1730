//! Profiles: fields that can be given, changed and emptied one by one.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use chrono::NaiveDate;
use events::value::{
    EmailAddress, Invalid, PhoneNumber, ProfileEntry, ProfileField, Text, TimeZone,
};

use super::ChangedAccount;
use crate::{
    Answer,
    asking::Asking,
    enums::Language,
    input::{Conditions, Fields},
    payload::{Outcome, Payload},
};

/// Fields of a profile: one that is left out stays as it is, null empties it.
#[derive(Debug, InputObject)]
pub(crate) struct ProfileInput {
    /// First name.
    first_name: MaybeUndefined<String>,
    /// Last name.
    last_name: MaybeUndefined<String>,
    /// How to address the person, for instance `mevrouw`.
    salutation: MaybeUndefined<String>,
    /// The primary address, unique in the installation.
    email: MaybeUndefined<String>,
    /// Where the means to sign in again go when the password was forgotten.
    recovery_email: MaybeUndefined<String>,
    /// The language of what the person reads.
    language: MaybeUndefined<Language>,
    /// The time zone of what the person reads, by its IANA name.
    time_zone: MaybeUndefined<String>,
    /// What the person does, such as `Head of sales`.
    position: MaybeUndefined<String>,
    /// Where the person works.
    location: MaybeUndefined<String>,
    /// Date of birth, as `1980-12-31`.
    birth_date: MaybeUndefined<String>,
    /// Telephone number.
    phone: MaybeUndefined<String>,
    /// Mobile telephone number.
    mobile: MaybeUndefined<String>,
    /// What administrators should know.
    description: MaybeUndefined<String>,
}

impl ProfileInput {
    /// The fields that are given; none where one of them is not what it should be.
    pub(crate) fn changes(
        self,
        fields: &mut Fields<'_>,
    ) -> Option<Vec<(ProfileField, Option<ProfileEntry>)>> {
        let today = fields.asking.api.handler.now().date_naive();
        let mut changes = Vec::new();
        let mut fit = true;
        let language = match self.language {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(language) => Some(Some(ProfileEntry::Language(language.into()))),
        };
        changes.extend(language.map(|entry| (ProfileField::Language, entry)));
        for (field, name, value) in [
            (ProfileField::FirstName, "firstName", self.first_name),
            (ProfileField::LastName, "lastName", self.last_name),
            (ProfileField::Salutation, "salutation", self.salutation),
            (ProfileField::Email, "email", self.email),
            (ProfileField::RecoveryEmail, "recoveryEmail", self.recovery_email),
            (ProfileField::TimeZone, "timeZone", self.time_zone),
            (ProfileField::Position, "position", self.position),
            (ProfileField::Location, "location", self.location),
            (ProfileField::BirthDate, "birthDate", self.birth_date),
            (ProfileField::Phone, "phone", self.phone),
            (ProfileField::Mobile, "mobile", self.mobile),
            (ProfileField::Description, "description", self.description),
        ] {
            match value {
                MaybeUndefined::Undefined => {}
                MaybeUndefined::Null => changes.push((field, None)),
                MaybeUndefined::Value(text) => {
                    let entry = fields.text(name, &text, |text| entry(field, text, today));
                    fit &= entry.is_some();
                    changes.push((field, entry));
                }
            }
        }
        fit.then_some(changes)
    }
}

/// Changes fields of a profile.
#[derive(Debug, InputObject)]
pub(crate) struct ProfileUpdateInput {
    /// The global id of the account; where none is given, the caller's.
    account: Option<ID>,
    /// The name that lists show; it can't be emptied.
    display_name: MaybeUndefined<String>,
    /// The other fields.
    #[graphql(flatten)]
    profile: ProfileInput,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Mutations of profiles.
#[derive(Default)]
pub(crate) struct ProfileMutations;

/// Mutations of profiles.
#[Object]
impl ProfileMutations {
    /// Changes fields of a profile: one that is left out stays as it is, null empties it. Members change
    /// their own, administrators anyone's. Where one field is bad, nothing is saved. Addresses and telephone numbers of
    /// somebody else ask for `stepUp` a quarter of an hour after signing in, one's own always.
    async fn profile_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ProfileUpdateInput,
    ) -> Answer<Payload<ProfileUpdateInput, ChangedAccount>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let account = fields.account_or_oneself(input.account.as_ref());
            let name = match input.display_name {
                MaybeUndefined::Undefined => Some(None),
                MaybeUndefined::Null => Some(Some((ProfileField::DisplayName, None))),
                MaybeUndefined::Value(name) => fields
                    .text("displayName", &name, Text::parse)
                    .map(|name| Some((ProfileField::DisplayName, Some(ProfileEntry::Text(name))))),
            };
            let others = input.profile.changes(&mut fields);
            let changes = name.zip(others).map(|(name, mut changes)| {
                changes.extend(name);
                changes
            });
            let ((whose, changes), request) = match fields.valid(account.zip(changes)).await {
                Ok(valid) => valid,
                Err(refused) => {
                    let seen = refused.seen();
                    return Ok(refused.with(ChangedAccount { account, seen }));
                }
            };
            let gate = &fields.asking.api.gate;
            let outcome = match gate.profile_update(&request, whose, changes).await {
                Ok(done) => Outcome::done(done),
                Err(denied) => fields.denied(denied, "account").await?,
            };
            let seen = outcome.seen();
            Ok(outcome.with(ChangedAccount { account, seen }))
        };
        Some(change.await)
    }
}

/// The value of a field, of the kind that the field holds.
fn entry(field: ProfileField, text: &str, today: NaiveDate) -> Result<ProfileEntry, Invalid> {
    Ok(match field {
        ProfileField::Email | ProfileField::RecoveryEmail => {
            ProfileEntry::Email(EmailAddress::parse(text)?)
        }
        ProfileField::TimeZone => ProfileEntry::TimeZone(TimeZone::parse(text)?),
        ProfileField::BirthDate => birth_date(text, today)?,
        ProfileField::Phone | ProfileField::Mobile => {
            ProfileEntry::Phone(PhoneNumber::parse(text)?)
        }
        ProfileField::DisplayName
        | ProfileField::FirstName
        | ProfileField::LastName
        | ProfileField::Salutation
        | ProfileField::Language
        | ProfileField::Position
        | ProfileField::Location
        | ProfileField::Description => ProfileEntry::Text(Text::parse(text)?),
    })
}

fn birth_date(text: &str, today: NaiveDate) -> Result<ProfileEntry, Invalid> {
    let date = text.parse().map_err(|_| Invalid::NotABirthDate)?;
    ProfileEntry::birth_date(date, today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_birth_lies_between_1900_and_today() {
        let today = NaiveDate::from_ymd_opt(2027, 1, 15).unwrap();
        for text in ["1980-12-31", "2027-01-15"] {
            assert!(birth_date(text, today).is_ok(), "{text}");
        }
        for text in ["1899-12-31", "2027-01-16", "31-12-1980", ""] {
            assert_eq!(birth_date(text, today), Err(Invalid::NotABirthDate), "{text}");
        }
    }
}
