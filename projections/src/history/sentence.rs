//! What happened, as a sentence: one per kind of event and language, as people who speak it would say it.

mod de;
mod en;
mod factor;
mod mail;
mod nl;
mod policy;

use chrono::NaiveDate;
use events::{
    AccountId, Actor, OrganisationId, Sealed, ServiceKeyId, Stream,
    value::{Language, ProfileEntry, ProfileField, ServiceKind},
};
use uuid::Uuid;

use super::{
    Entry, Value,
    changes::{entry_value, field_name, language_name},
};

/// Says what happened.
pub(super) fn of(entry: &Entry, language: Language) -> String {
    let (words, tell): (_, fn(&Story<'_>) -> String) = match language {
        Language::Nl => (&nl::WORDS, nl::sentence),
        Language::De => (&de::WORDS, de::sentence),
        Language::En => (&en::WORDS, en::sentence),
    };
    let sentence = tell(&Story { entry, words });
    // A word of ours begins with a capital where it begins a sentence; a name is written as its owner writes it.
    let is_ours = [words.service_key, words.outsider].iter().any(|ours| sentence.starts_with(ours));
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) if is_ours => first.to_uppercase().chain(chars).collect(),
        _ => sentence,
    }
}

/// Words for what has no name.
struct Words {
    console: &'static str,
    system: &'static str,
    somebody: &'static str,
    on_behalf_of: &'static str,
    outsider: &'static str,
    erased_person: &'static str,
    erased: &'static str,
    unknown_organisation: &'static str,
    service_key: &'static str,
    language: fn(Language) -> &'static str,
    /// Which language it is.
    own: Language,
}

/// An entry, told in one language.
struct Story<'e> {
    entry: &'e Entry,
    words: &'e Words,
}

impl Story<'_> {
    /// Who did it.
    fn actor(&self) -> String {
        let actor = match self.entry.actor {
            Actor::Console => self.words.console.to_owned(),
            Actor::System => self.words.system.to_owned(),
            Actor::Anonymous => self.words.somebody.to_owned(),
            Actor::Account { account, .. } => self.person(account),
            Actor::ServiceKey { key } => self.service_key(key),
        };
        match self.entry.on_behalf_of {
            Some(other) => format!("{actor} ({} {})", self.words.on_behalf_of, self.person(other)),
            None => actor,
        }
    }

    /// Whether the person whom it concerns did it.
    fn is_own_doing(&self) -> bool {
        self.entry.on_behalf_of.is_none()
            && matches!(self.entry.actor, Actor::Account { account, .. } if Some(account) == self.entry.account)
    }

    /// Whom it concerns.
    fn account(&self) -> String {
        self.entry.account.map_or_else(|| self.words.erased_person.to_owned(), |id| self.person(id))
    }

    /// Which organisation it concerns.
    fn organisation(&self) -> String {
        let unknown = || self.words.unknown_organisation.to_owned();
        self.entry.organisation.map_or_else(unknown, |id| self.organisation_named(id))
    }

    fn organisation_named(&self, id: OrganisationId) -> String {
        self.name(id.uuid()).unwrap_or_else(|| self.words.unknown_organisation.to_owned())
    }

    fn person(&self, id: AccountId) -> String {
        if self.entry.outsiders.contains(&id.uuid()) {
            return self.words.outsider.to_owned();
        }
        self.name(id.uuid()).unwrap_or_else(|| self.words.erased_person.to_owned())
    }

    fn service_key(&self, id: ServiceKeyId) -> String {
        if self.entry.outsiders.contains(&id.uuid()) {
            return self.words.outsider.to_owned();
        }
        self.name(id.uuid()).map_or_else(
            || self.words.service_key.to_owned(),
            |name| format!("{} {name}", self.words.service_key),
        )
    }

    /// The service key that it happened to.
    fn own_service_key(&self) -> String {
        match self.entry.stream {
            Stream::ServiceKey(key) => self.service_key(key),
            _ => self.words.service_key.to_owned(),
        }
    }

    fn name(&self, id: Uuid) -> Option<String> {
        self.entry.names.get(&id).cloned()
    }

    fn text<T>(&self, sealed: &Sealed<T>, text: impl Fn(&T) -> &str) -> String {
        sealed.value().map_or_else(|| self.words.erased.to_owned(), |value| text(value).to_owned())
    }

    /// What a field of a profile holds, as people write it.
    fn entry_text(&self, entry: &ProfileEntry) -> String {
        match entry {
            ProfileEntry::Language(language) => (self.words.language)(*language).to_owned(),
            ProfileEntry::Date(date) => self.date(*date),
            entry => match entry_value(entry) {
                Value::Text(text) => text,
                _ => self.words.erased.to_owned(),
            },
        }
    }

    /// What a field of a profile was before, as people write it.
    fn profile_before(&self, field: ProfileField) -> Option<String> {
        let before = self.before(field_name(field))?;
        Some(match field {
            ProfileField::Language => [Language::Nl, Language::De, Language::En]
                .into_iter()
                .find(|language| language_name(*language) == before)
                .map_or(before, |language| (self.words.language)(language).to_owned()),
            ProfileField::BirthDate => before.parse().map_or(before, |date| self.date(date)),
            _ => before,
        })
    }

    fn date(&self, date: NaiveDate) -> String {
        self.words.own.date(date)
    }

    /// What a field was before.
    fn before(&self, field: &str) -> Option<String> {
        let change = self.entry.changes.iter().find(|change| change.field == field)?;
        match &change.before {
            Value::Text(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Account(account) => Some(self.person(*account)),
            Value::Organisation(organisation) => Some(self.organisation_named(*organisation)),
            Value::Erased => Some(self.words.erased.to_owned()),
            Value::Absent | Value::Flag(_) => None,
        }
    }
}

/// A service by the name that people use, where it is the same in all languages; else none.
fn brand(service: &ServiceKind) -> Option<&'static str> {
    Some(match service.as_str() {
        "crm" => "CRM",
        "alfresco" => "Alfresco",
        "community" => "Community",
        _ => return None,
    })
}
