//! A first factor, set up on one's way in: by somebody who knows the password, must show a factor, and has neither one nor
//! an address that a code could go to. Without it nobody could help them but by asking no factor at all.

use commands::{Command, Failure, Refusal, Request};
use events::{AccountId, FactorId, value::Text};
use graphql::port::{Denied, Enrolment, FirstFactor, Shown, SignedIn};
use secrecy::SecretString;

use super::{PATIENCE, Seen, refused};
use crate::auth::{
    Auth,
    sign_in::{Known, anonymously},
    telling::FactorChange,
};

impl Auth {
    pub(in crate::auth) async fn sign_in_factor_begin(
        &self,
        request: &Request,
        attempt: &SecretString,
        first: FirstFactor,
    ) -> Result<(AccountId, Enrolment), Denied> {
        let going_on = self.go_on(request, attempt).await?;
        let (id, account) = (going_on.id, going_on.account);
        let organisation = self.leads_to(id, account, &going_on.state).await?;
        self.is_first(account).await?;
        let factor = FactorId::new(self.ids.next());
        let begun = match first {
            FirstFactor::Number(number) => {
                // Whoever shares the turn doesn't wait for the gateway.
                drop(going_on);
                self.begin_number(account, factor, number).await?
            }
            FirstFactor::App => {
                let label = self.handler.username_of(account).await?.unwrap_or_default();
                let (knowledge, app) = self.new_app(organisation, &label).await?;
                let expires_at = self.clock.now() + PATIENCE;
                self.keep(factor, account, &knowledge, Some(expires_at)).await?;
                Enrolment { factor, expires_at, app: Some(app), passkey: None }
            }
        };
        Ok((account, begun))
    }

    /// Lets the factor count whose owner shows it, and opens the session that it was set up for.
    pub(in crate::auth) async fn sign_in_factor_confirm(
        &self,
        request: &Request,
        attempt: &SecretString,
        factor: FactorId,
        name: Option<Text>,
        shown: &Shown,
    ) -> Result<SignedIn, Denied> {
        let going_on = self.go_on(request, attempt).await?;
        let (id, account) = (going_on.id, going_on.account);
        let organisation = self.leads_to(id, account, &going_on.state).await?;
        self.is_first(account).await?;
        let Seen { knowledge, kind, step, name: hint } = self.look(account, factor, shown).await?;
        self.settle(account, factor, &knowledge).await?;
        // There may be a recovery address.
        let mails = self.tell_of_factor(account, FactorChange::Added(kind)).await?;
        let (name, told) = (name.or(hint), mails.clone());
        let enrol = Command::FactorEnrol { account, factor, kind, name, step, mails };
        if let Err(failure) = self.handler.handle(&anonymously(request), enrol).await {
            self.withdraw(&told).await;
            return Err(failure.into());
        }
        // It works once, whatever comes of it: the next attempt asks for the factor.
        self.void(id).await?;
        let known = Known { account, organisation, weak: None, asked: false };
        self.begin(request, &known, None).await
    }

    /// Whether somebody has no other way in, and so may set up a first factor.
    pub(in crate::auth) async fn has_no_way(&self, account: AccountId) -> Result<bool, Failure> {
        let contact = self.handler.contact(account).await?;
        Ok(contact.is_none_or(|(contact, _)| contact.email.is_none()))
    }

    async fn is_first(&self, account: AccountId) -> Result<(), Denied> {
        let factors = self.handler.factors_of(account).await?;
        let may = factors.is_empty() && self.has_no_way(account).await?;
        may.then_some(()).ok_or(refused(Refusal::Forbidden))
    }
}
