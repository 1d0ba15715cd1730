//! Another e-mail address (AC11): asked for after proving anew who one is (S13), confirmed by whoever reads its mail.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use commands::{Command, Done, Failure, Refusal, Request, account::email::LIFETIME, mail::Order};
use events::{
    AccountId, Actor, LinkId,
    value::{EmailAddress, MailKind},
    vault::TokenKind,
};
use graphql::port::Denied;
use secrecy::SecretString;

use super::{
    Auth, BUSY,
    gate::refused,
    reset::void,
    sign_in::anonymously,
    token::{self, Kind},
};
use crate::mail::post::{Addressee, Fields};

impl Auth {
    /// Asks for another address of one's own.
    pub(super) async fn change_email(
        &self,
        request: &Request,
        email: EmailAddress,
    ) -> Result<Done, Denied> {
        let Actor::Account { account, .. } = request.actor else {
            return Err(refused(Refusal::NotSignedIn));
        };
        if request.on_behalf_of.is_some() {
            return Err(refused(Refusal::Impersonating));
        }
        if let Some(origin) = &request.origin {
            self.limits.count(origin.address, &account.to_string())?;
        }
        let turn = self.turns.take(account).await;
        let _turn = turn.ok_or(BUSY)?;
        let change =
            |link, mails| Command::EmailChange { account, email: email.clone(), link, mails };
        let nowhere = LinkId::new(self.ids.next());
        if let Some(done) = self.handler.rehearse(request, change(nowhere, vec![])).await? {
            return Ok(done);
        }
        let Some((contact, language)) = self.handler.contact(account).await? else {
            return Err(refused(Refusal::AccountNotFound));
        };
        if contact.email.as_ref() == Some(&email) {
            // Takes an earlier wish back; there is nothing to confirm.
            return Ok(self.handler.handle(request, change(nowhere, vec![])).await?);
        }
        self.mails.count(account, email.key())?;
        let organisation = request.organisation;
        let addressee = Addressee { account, organisation, to: email.clone(), language };
        let (link, order) = self.order_confirmation(addressee).await?;
        let done = self.handler.handle(request, change(link, vec![order.clone()])).await;
        self.unless_queued(&done, link, &order).await;
        Ok(done?)
    }

    /// A link that confirms an address, and the mail that brings it there.
    pub(super) async fn order_confirmation(
        &self,
        addressee: Addressee,
    ) -> Result<(LinkId, Order), Failure> {
        let (token, link) = self.new_link(Kind::EmailConfirm, addressee.account, LIFETIME).await?;
        let fields = Fields::new().with_secret("link", &self.post.link("email-confirm", &token));
        let until = self.clock.now() + LIFETIME;
        let order = self.post.order(MailKind::EmailConfirm, addressee, &fields, until).await?;
        Ok((link, order))
    }

    /// Forgets link and mail where the command that was to queue them wasn't done.
    pub(super) async fn unless_queued(
        &self,
        done: &Result<Done, Failure>,
        link: LinkId,
        order: &Order,
    ) {
        match done {
            // Where nobody knows whether the log has it, both expire.
            Ok(Done { replayed: false, .. }) | Err(Failure::Unavailable(_)) => {}
            Ok(_) | Err(Failure::Refused(_) | Failure::Busy | Failure::Full) => {
                self.post.withdraw(order).await;
                self.drop_link(TokenKind::EmailConfirm, link).await;
            }
        }
    }

    /// Makes an address count, for whoever has the link.
    pub(super) async fn confirm_email(
        &self,
        request: &Request,
        token: SecretString,
    ) -> Result<Done, Denied> {
        if let Some(origin) = &request.origin {
            self.limits
                .count(origin.address, &BASE64.encode(token::hash(self.vault.pepper(), &token)))?;
        }
        let request = &anonymously(request);
        let hash = token::hash(self.vault.pepper(), &token);
        let found = self.link(Kind::EmailConfirm, &token, &hash).await?;
        let (link, account) = found.ok_or(Denied::Token)?;
        let new = self.pending_email(account, link).await?.ok_or(Denied::Token)?;
        let mails = self.tell_of_email(account, &new).await?;
        let confirm = Command::EmailConfirm { account, link, mails: mails.clone() };
        let done = self.handler.handle(request, confirm).await;
        if done.is_err() {
            self.withdraw(&mails).await;
        }
        let done = done.map_err(void)?;
        self.drop_link(TokenKind::EmailConfirm, link).await;
        Ok(done)
    }

    /// The address that a link confirms.
    async fn pending_email(
        &self,
        account: AccountId,
        link: LinkId,
    ) -> Result<Option<EmailAddress>, Denied> {
        Ok(self.handler.pending_email(account, link).await?)
    }
}
