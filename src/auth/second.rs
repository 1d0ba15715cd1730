//! What the API asks for beside passwords: showing second factors, and setting them up.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Done, Request};
use events::{
    AccountId, FactorId,
    factor::FactorKind,
    value::{E164, Text},
};
use graphql::port::{
    Denied, Enrolment, FirstFactor, PasskeyAsked, PasskeyFor, Second, Shown, SignedIn, SteppedUp,
};
use secrecy::SecretString;

use super::Auth;

#[async_trait]
impl Second for Auth {
    async fn sign_in_finish(
        &self,
        request: &Request,
        attempt: SecretString,
        shown: Shown,
    ) -> Result<SignedIn, Denied> {
        Self::sign_in_finish(self, request, &attempt, &shown).await
    }

    async fn sign_in_code(
        &self,
        request: &Request,
        attempt: SecretString,
        by: Option<FactorKind>,
    ) -> Result<DateTime<Utc>, Denied> {
        Self::sign_in_code(self, request, &attempt, by).await
    }

    async fn sign_in_factor_begin(
        &self,
        request: &Request,
        attempt: SecretString,
        first: FirstFactor,
    ) -> Result<(AccountId, Enrolment), Denied> {
        Self::sign_in_factor_begin(self, request, &attempt, first).await
    }

    async fn sign_in_factor_confirm(
        &self,
        request: &Request,
        attempt: SecretString,
        factor: FactorId,
        name: Option<Text>,
        shown: Shown,
    ) -> Result<SignedIn, Denied> {
        Self::sign_in_factor_confirm(self, request, &attempt, factor, name, &shown).await
    }

    async fn step_up_code(&self, request: &Request) -> Result<DateTime<Utc>, Denied> {
        Self::step_up_code(self, request).await
    }

    async fn factor_begin_by_message(
        &self,
        request: &Request,
        number: E164,
    ) -> Result<Enrolment, Denied> {
        Self::sms_begin(self, request, number).await
    }

    async fn passkey_begin(
        &self,
        request: &Request,
        what_for: PasskeyFor,
    ) -> Result<PasskeyAsked, Denied> {
        Self::passkey_begin(self, request, &what_for).await
    }

    async fn sign_in_with_passkey(
        &self,
        request: &Request,
        passkey: SecretString,
    ) -> Result<SignedIn, Denied> {
        Self::sign_in_with_passkey(self, request, &passkey).await
    }

    async fn step_up(
        &self,
        request: &Request,
        password: SecretString,
        shown: Option<Shown>,
    ) -> Result<SteppedUp, Denied> {
        Self::step_up(self, request, password, shown).await
    }

    async fn factor_begin(
        &self,
        request: &Request,
        kind: FactorKind,
        label: &str,
    ) -> Result<Enrolment, Denied> {
        Self::factor_begin(self, request, kind, label).await
    }

    async fn factor_confirm(
        &self,
        request: &Request,
        factor: FactorId,
        name: Option<Text>,
        shown: Shown,
    ) -> Result<Done, Denied> {
        Self::factor_confirm(self, request, factor, name, &shown).await
    }

    async fn factor_remove(
        &self,
        request: &Request,
        account: AccountId,
        factor: FactorId,
    ) -> Result<Done, Denied> {
        Self::factor_remove(self, request, account, factor).await
    }

    async fn recovery_codes_make(
        &self,
        request: &Request,
    ) -> Result<(Done, Vec<SecretString>), Denied> {
        Self::recovery_codes_make(self, request).await
    }
}
