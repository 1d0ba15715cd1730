//! What was mailed, read back before it is sent.

use commands::Command;
use events::{
    AccountId, Event,
    value::{EmailAddress, MailKind, ProfileEntry, ProfileField},
};
use secrecy::{ExposeSecret, SecretString};

use super::world::World;

/// A mail, as the post would send it.
pub(super) struct Letter {
    pub(super) kind: MailKind,
    pub(super) to: String,
    fields: serde_json::Value,
}

impl Letter {
    pub(super) fn field(&self, name: &str) -> String {
        self.fields[name].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn token(&self) -> SecretString {
        let link = self.field("link");
        SecretString::from(link.split_once('#').unwrap().1)
    }
}

impl World {
    /// Gives somebody an address of which nobody is told.
    pub(super) async fn address(&self, account: AccountId, field: ProfileField, address: &str) {
        let address = EmailAddress::parse(address).unwrap();
        let changes = vec![(field, Some(ProfileEntry::Email(address)))];
        self.console(Command::ProfileUpdate { account, changes, mails: vec![] }).await;
    }

    /// Every mail that was queued, with what it says.
    pub(super) async fn letters(&self) -> Vec<Letter> {
        let vault = &self.auth.vault;
        let all = self.store.read_all(events::Position::START, 10_000).await.unwrap();
        let all: Vec<_> = all.into_iter().map(std::sync::Arc::new).collect();
        let mut letters = Vec::new();
        for recorded in events::keyring::decode_page(vault, &all).await.unwrap() {
            let (
                events::Stream::Mail(mail),
                Event::Mail(events::mail::Event::Queued { kind, to, .. }),
            ) = (recorded.stream, &recorded.event)
            else {
                continue;
            };
            let parcel = vault.parcel(mail).await.unwrap();
            let fields = parcel
                .map(|parcel| serde_json::from_str(parcel.expose_secret()).unwrap())
                .unwrap_or_default();
            let to = to.value().unwrap().as_str().to_owned();
            letters.push(Letter { kind: *kind, to, fields });
        }
        letters
    }
}
