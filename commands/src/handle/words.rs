//! What the write side knows in words, for judging passwords, and whether it knows it from this vault.

use events::{
    AccountId, Event, LinkId, OrganisationId, Stream, Version, account,
    value::{EmailAddress, Language, PolicyRules},
};

use super::{Failure, Handler, batch, slots::open};
use crate::{
    account::{Account, Contact},
    aggregate::Name,
    state::State,
};

impl Handler {
    /// Words about an account that its passwords should not be made of: its names and addresses, and the names of the
    /// organisations that it belongs to. None where there is no such account.
    pub async fn words_about(&self, account: AccountId) -> Result<Vec<String>, Failure> {
        let slots = self.gather(vec![Stream::Account(account)]).await?;
        let known = slots.iter().find_map(|slot| match slot.read().durable() {
            State::Account(Account::Present(person)) => {
                Some((person.words(), person.memberships().to_vec()))
            }
            _ => None,
        });
        let Some((mut words, memberships)) = known else { return Ok(Vec::new()) };
        words.extend(self.username_of(account).await?);
        for organisation in memberships {
            words.extend(self.organisation_name(organisation).await?);
        }
        Ok(words)
    }

    /// How to reach somebody, and in which language where nothing was chosen: that of the first organisation. None
    /// where there is no such account.
    pub async fn contact(
        &self,
        account: AccountId,
    ) -> Result<Option<(Contact, Language)>, Failure> {
        let slots = self.gather(vec![Stream::Account(account)]).await?;
        let known = slots.iter().find_map(|slot| match slot.read().durable() {
            State::Account(Account::Present(person)) => {
                Some((person.contact(), person.default_organisation()))
            }
            _ => None,
        });
        let Some((contact, organisation)) = known else { return Ok(None) };
        let language = match (contact.language, organisation) {
            (Some(language), _) => language,
            (None, Some(organisation)) => self.organisation_language(organisation).await?,
            (None, None) => Language::default(),
        };
        Ok(Some((contact, language)))
    }

    /// The language of an organisation; the product's where there is no such organisation.
    pub async fn organisation_language(
        &self,
        organisation: OrganisationId,
    ) -> Result<Language, Failure> {
        let slots = self.gather(vec![Stream::Organisation(organisation)]).await?;
        let language = slots.iter().find_map(|slot| match slot.read().durable() {
            State::Organisation(state) => Some(state.house()?.language()),
            _ => None,
        });
        Ok(language.unwrap_or_default())
    }

    /// The name of an organisation, if there is one.
    pub async fn organisation_name(
        &self,
        organisation: OrganisationId,
    ) -> Result<Option<String>, Failure> {
        let slots = self.gather(vec![Stream::Organisation(organisation)]).await?;
        let name = slots.iter().find_map(|slot| match slot.read().durable() {
            State::Organisation(state) => Some(state.house()?.name().as_str().to_owned()),
            _ => None,
        });
        Ok(name)
    }

    /// The name that an account signs in with; none where there is no such account, or its person was erased. No rule looks
    /// at a username, so nothing but the log has it.
    pub async fn username_of(&self, account: AccountId) -> Result<Option<String>, Failure> {
        let keys = self.vault.keys(&[account]).await?;
        for stored in self.store.read(Stream::Account(account), Version::NONE, 1).await? {
            if let Event::Account(account::Event::Created { username, .. }) = open(&stored, &keys)?
            {
                return Ok(username.value().map(|username| username.as_str().to_owned()));
            }
        }
        Ok(None)
    }

    /// The e-mail address that a link would confirm; none where the link is no longer the account's.
    pub async fn pending_email(
        &self,
        account: AccountId,
        link: LinkId,
    ) -> Result<Option<EmailAddress>, Failure> {
        let slots = self.gather(vec![Stream::Account(account)]).await?;
        Ok(slots.iter().find_map(|slot| match slot.read().durable() {
            State::Account(Account::Present(person)) => person.pending_email(link).cloned(),
            _ => None,
        }))
    }

    /// What an organisation has set about signing in, if there is one.
    pub async fn policy_of(
        &self,
        organisation: OrganisationId,
    ) -> Result<Option<PolicyRules>, Failure> {
        let slots = self.gather(vec![Stream::Organisation(organisation)]).await?;
        let rules = slots.iter().find_map(|slot| match slot.read().durable() {
            State::Organisation(state) => Some(*state.house()?.policy()),
            _ => None,
        });
        Ok(rules)
    }

    /// Whether the vault is that of the log. Under the pepper of another one no name that is taken would be found,
    /// so that each could be taken again.
    pub async fn fits_its_log(&self) -> Result<bool, Failure> {
        let is_fresh = self.store.read(Stream::Installation, Version::NONE, 1).await?.is_empty();
        let first = batch::claim(self.vault.pepper(), &Name::FirstOperator);
        Ok(is_fresh || self.store.owner_of(first).await?.is_some())
    }
}
