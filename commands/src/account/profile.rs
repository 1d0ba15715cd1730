//! The profile of an account: which value fits which field, and what changes.

use std::collections::BTreeMap;

use events::{
    AccountId, Sealed,
    account::Event,
    value::{EmailAddress, Profile, ProfileEntry, ProfileField},
};

use crate::Refusal;

/// The fields that have a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<ProfileField, ProfileEntry>);

impl Fields {
    pub(super) fn of(profile: &Profile) -> Self {
        let name = ProfileEntry::Text(profile.display_name.clone());
        let mut fields: BTreeMap<_, _> = profile.entries.iter().cloned().collect();
        fields.insert(ProfileField::DisplayName, name);
        Self(fields)
    }

    pub(super) fn email(&self) -> Option<&EmailAddress> {
        match self.0.get(&ProfileField::Email) {
            Some(ProfileEntry::Email(email)) => Some(email),
            _ => None,
        }
    }

    pub(super) fn get(&self, field: ProfileField) -> Option<&ProfileEntry> {
        self.0.get(&field)
    }

    /// Texts and addresses, as they were typed.
    pub(super) fn words(&self) -> Vec<String> {
        let entries = self.0.values();
        let words = entries.filter_map(|entry| match entry {
            ProfileEntry::Text(text) => Some(text.as_str().to_owned()),
            ProfileEntry::Email(address) => Some(address.as_str().to_owned()),
            _ => None,
        });
        words.collect()
    }

    pub(super) fn set(&mut self, field: ProfileField, value: Option<ProfileEntry>) {
        match value {
            Some(value) => self.0.insert(field, value),
            None => self.0.remove(&field),
        };
    }

    /// One event per field that gets another value; nothing is saved when one value is bad.
    pub(super) fn update(
        &self,
        account: AccountId,
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
    ) -> Result<Vec<Event>, Refusal> {
        let mut after = self.clone();
        let mut events = Vec::new();
        for (field, value) in changes {
            match &value {
                Some(value) => check(field, value)?,
                None if field == ProfileField::DisplayName => {
                    return Err(Refusal::DisplayNameRequired);
                }
                None => {}
            }
            if after.0.get(&field) != value.as_ref() {
                after.set(field, value.clone());
                events.push(Event::ProfileChanged { field, value: Sealed::new(account, value) });
            }
        }
        Ok(events)
    }
}

/// Whether every value of a new profile fits its field, and no field comes twice.
pub(super) fn check_new(profile: &Profile) -> Result<(), Refusal> {
    let mut seen = vec![ProfileField::DisplayName];
    for (field, value) in &profile.entries {
        if seen.contains(field) {
            return Err(Refusal::WrongKindOfValue { field: *field });
        }
        seen.push(*field);
        check(*field, value)?;
    }
    Ok(())
}

const fn check(field: ProfileField, value: &ProfileEntry) -> Result<(), Refusal> {
    let fits = match field {
        ProfileField::DisplayName
        | ProfileField::FirstName
        | ProfileField::LastName
        | ProfileField::Salutation
        | ProfileField::Position
        | ProfileField::Location
        | ProfileField::Description => matches!(value, ProfileEntry::Text(_)),
        ProfileField::Email | ProfileField::RecoveryEmail => {
            matches!(value, ProfileEntry::Email(_))
        }
        ProfileField::Language => matches!(value, ProfileEntry::Language(_)),
        ProfileField::TimeZone => matches!(value, ProfileEntry::TimeZone(_)),
        ProfileField::BirthDate => matches!(value, ProfileEntry::Date(_)),
        ProfileField::Phone | ProfileField::Mobile => matches!(value, ProfileEntry::Phone(_)),
    };
    if fits { Ok(()) } else { Err(Refusal::WrongKindOfValue { field }) }
}
