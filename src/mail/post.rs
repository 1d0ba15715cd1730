//! Where mails are ordered.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use commands::{Failure, mail::Order};
use events::{
    AccountId, MailId, OrganisationId,
    id::Ids,
    value::{EmailAddress, Language, MailKind},
    vault::Vault,
};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;
use zeroize::Zeroizing;

/// Takes orders for mails. Cheap to clone.
#[derive(Clone)]
pub struct Post {
    vault: Arc<Vault>,
    ids: Arc<dyn Ids>,
    address: Arc<str>,
}

/// To whom a mail is, and in whose name.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// The account that it is to.
    pub account: AccountId,
    /// The organisation in whose name it is sent, with whose templates; none: the installation.
    pub organisation: Option<OrganisationId>,
    /// The address.
    pub to: EmailAddress,
    /// The language.
    pub language: Language,
}

/// What a mail says beside what its template does: see [`MailKind::required`] for what each kind can't do without.
/// `organisation`, `address` and `expires` are filled in when it is written, and `name`, where it isn't given here.
#[derive(Clone, Default)]
pub struct Fields(BTreeMap<&'static str, Zeroizing<String>>);

impl Fields {
    /// Nothing beside what every mail says.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more field.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: &str) -> Self {
        self.0.insert(field, Zeroizing::new(value.to_owned()));
        self
    }

    /// With one more field that is a secret.
    #[must_use]
    pub fn with_secret(self, field: &'static str, value: &SecretString) -> Self {
        self.with(field, value.expose_secret())
    }

    fn parcel(&self) -> Result<SecretString, serde_json::Error> {
        let fields: BTreeMap<_, &str> =
            self.0.iter().map(|(field, value)| (field, value.as_str())).collect();
        Ok(SecretString::from(serde_json::to_string(&fields)?))
    }

    /// The first field that a mail of this kind needs, that nobody else fills in, and that isn't here.
    fn lacks(&self, kind: MailKind) -> Option<&'static str> {
        let filled_in = |field: &str| field == "expires";
        let is_here = |field: &str| filled_in(field) || self.0.contains_key(field);
        kind.required().iter().copied().find(|field| !is_here(field))
    }
}

impl Post {
    /// A post whose links lead to `address`, such as `https://accounts.example.org`: the configured one, never what a
    /// request says (S12).
    pub fn new(vault: Arc<Vault>, ids: Arc<dyn Ids>, address: &str) -> Self {
        Self { vault, ids, address: address.trim_end_matches('/').into() }
    }

    /// The address of the product, as people type it, without a slash at its end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A link to a page of the product. The token stands after a `#`, so that no server on the way and no `Referer` ever
    /// sees it; opening the page uses nothing up (S9).
    pub fn link(&self, page: &str, token: &SecretString) -> SecretString {
        SecretString::from(format!("{}/{page}#{}", self.address, token.expose_secret()))
    }

    /// Keeps what a mail says in the vault, and answers with what a command needs to have it sent. A mail that no
    /// command queues is never sent; what it would have said goes at `expires_at`, or by [`withdraw`](Self::withdraw).
    pub async fn order(
        &self,
        kind: MailKind,
        addressee: Addressee,
        fields: &Fields,
        expires_at: DateTime<Utc>,
    ) -> Result<Order, Failure> {
        if let Some(field) = fields.lacks(kind) {
            let kind = kind.as_str();
            return Err(Failure::Unavailable(format!("a mail of kind {kind} needs `{field}`")));
        }
        let Addressee { account, organisation, to, language } = addressee;
        let mail = MailId::new(self.ids.next());
        let parcel = fields.parcel().map_err(|error| Failure::Unavailable(error.to_string()))?;
        self.vault.put_parcel(mail, account, &parcel, expires_at).await?;
        Ok(Order { mail, account, organisation, kind, to, language, expires_at })
    }

    /// Drops what a mail would have said, where the command that was to queue it was refused.
    pub async fn withdraw(&self, order: &Order) {
        if let Err(error) = self.vault.delete_parcel(order.mail).await {
            // It goes at its expiry.
            warn!(mail = %order.mail, %error, "the contents of a mail that isn't sent are still kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SystemIds;

    async fn post() -> (Post, Arc<Vault>) {
        let vault = Arc::new(Vault::in_memory().await.unwrap());
        (Post::new(vault.clone(), Arc::new(SystemIds), "https://accounts.example.org/"), vault)
    }

    fn anna() -> Addressee {
        Addressee {
            account: uuid::Uuid::from_u128(1).into(),
            organisation: None,
            to: EmailAddress::parse("anna@example.org").unwrap(),
            language: Language::Nl,
        }
    }

    fn soon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[tokio::test]
    async fn what_a_mail_says_is_in_the_vault_before_it_is_ordered() {
        let (post, vault) = post().await;
        let fields = Fields::new().with_secret("code", &"kanarie-7".into());
        let order = post.order(MailKind::Passcode, anna(), &fields, soon()).await.unwrap();
        let parcel = vault.parcel(order.mail).await.unwrap().unwrap();
        assert_eq!(parcel.expose_secret(), r#"{"code":"kanarie-7"}"#);
        assert!(vault.due_parcels(soon(), 10).await.unwrap().is_empty(), "it isn't queued yet");
        post.withdraw(&order).await;
        assert!(vault.parcel(order.mail).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_mail_without_what_it_is_for_is_not_taken() {
        let (post, _) = post().await;
        for kind in MailKind::ALL {
            let outcome = post.order(kind, anna(), &Fields::new(), soon()).await;
            let needs = kind.required().iter().any(|field| *field != "expires");
            assert_eq!(outcome.is_err(), needs, "{}", kind.as_str());
        }
    }

    #[tokio::test]
    async fn s12_links_begin_with_the_configured_address_and_hide_the_token_from_servers() {
        let (post, _) = post().await;
        let link = post.link("reset", &"abc".into());
        assert_eq!(link.expose_secret(), "https://accounts.example.org/reset#abc");
    }
}
