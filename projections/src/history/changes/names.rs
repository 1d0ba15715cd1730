//! Values by the names that they have in the API.

use events::value::{Language, MemberKind, ProfileEntry, ProfileField, Scope};

use super::Value;

/// The value of a field of a profile.
pub(in crate::history) fn entry_value(entry: &ProfileEntry) -> Value {
    Value::Text(match entry {
        ProfileEntry::Text(text) => text.as_str().to_owned(),
        ProfileEntry::Email(address) => address.as_str().to_owned(),
        ProfileEntry::Language(language) => language_name(*language).to_owned(),
        ProfileEntry::TimeZone(zone) => zone.as_str().to_owned(),
        ProfileEntry::Date(date) => date.to_string(),
        ProfileEntry::Phone(number) => number.as_str().to_owned(),
    })
}

/// The name of a field of a profile, as in the API.
pub(in crate::history) const fn field_name(field: ProfileField) -> &'static str {
    match field {
        ProfileField::DisplayName => "displayName",
        ProfileField::FirstName => "firstName",
        ProfileField::LastName => "lastName",
        ProfileField::Salutation => "salutation",
        ProfileField::Email => "email",
        ProfileField::RecoveryEmail => "recoveryEmail",
        ProfileField::Language => "language",
        ProfileField::TimeZone => "timeZone",
        ProfileField::Position => "position",
        ProfileField::Location => "location",
        ProfileField::BirthDate => "birthDate",
        ProfileField::Phone => "phone",
        ProfileField::Mobile => "mobile",
        ProfileField::Description => "description",
    }
}

/// A language, as in the API.
pub(in crate::history) const fn language_name(language: Language) -> &'static str {
    match language {
        Language::Nl => "nl",
        Language::De => "de",
        Language::En => "en",
    }
}

/// A seat, as in the API.
pub(super) const fn kind_name(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::Full => "full",
        MemberKind::Reader => "reader",
    }
}

/// What a key may, as in the API.
pub(super) const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::AccountsRead => "accounts_read",
        Scope::AccountsWrite => "accounts_write",
        Scope::HistoryRead => "history_read",
    }
}
