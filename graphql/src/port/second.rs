//! What the API needs of the program to ask for more than a password.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::{Done, Request};
use events::{
    AccountId, FactorId,
    factor::FactorKind,
    value::{E164, Text},
};
use secrecy::SecretString;

use super::{Denied, SignedIn};

/// Second factors: setting them up, and showing them.
#[async_trait]
pub trait Second: Send + Sync + 'static {
    /// Ends a sign-in whose password was right. An attempt that was used, has ended, comes from elsewhere or never was
    /// is [`Denied::Token`]; what doesn't show a factor is [`Denied::Code`].
    async fn sign_in_finish(
        &self,
        request: &Request,
        attempt: SecretString,
        shown: Shown,
    ) -> Result<SignedIn, Denied>;

    /// Sends a code that ends the attempt, by mail or by text message: in the way that is asked for, otherwise in the one
    /// that there is. By mail it is the same answer whether there is an address or not. Tells until when it works.
    async fn sign_in_code(
        &self,
        request: &Request,
        attempt: SecretString,
        by: Option<FactorKind>,
    ) -> Result<DateTime<Utc>, Denied>;

    /// Begins to set up a first factor for whoever has to show one, has none, and has no address that a code could go to
    /// ([`Attempt::may_enrol`]). Tells whose attempt it is.
    async fn sign_in_factor_begin(
        &self,
        request: &Request,
        attempt: SecretString,
        first: FirstFactor,
    ) -> Result<(AccountId, Enrolment), Denied>;

    /// Lets that factor count, and ends the attempt with it.
    async fn sign_in_factor_confirm(
        &self,
        request: &Request,
        attempt: SecretString,
        factor: FactorId,
        name: Option<Text>,
        shown: Shown,
    ) -> Result<SignedIn, Denied>;

    /// Sends a code by text message to whoever asks, for [`Second::step_up`]. Tells until when it works.
    async fn step_up_code(&self, request: &Request) -> Result<DateTime<Utc>, Denied>;

    /// Begins to set up a telephone number of whoever asks as a factor: a code is sent there.
    async fn factor_begin_by_message(
        &self,
        request: &Request,
        number: E164,
    ) -> Result<Enrolment, Denied>;

    /// Asks for a passkey. Where there is none that could be shown, or the attempt has ended, [`Denied::Passkey`] and
    /// [`Denied::Token`].
    async fn passkey_begin(
        &self,
        request: &Request,
        what_for: PasskeyFor,
    ) -> Result<PasskeyAsked, Denied>;

    /// Opens a session for whoever shows a passkey and nothing else. All that is wrong with it, or with the account that it
    /// is for, is [`Denied::Passkey`], after the same time.
    async fn sign_in_with_passkey(
        &self,
        request: &Request,
        passkey: SecretString,
    ) -> Result<SignedIn, Denied>;

    /// Lets whoever asks prove anew who they are. The session has another token afterwards; the one before is worthless.
    async fn step_up(
        &self,
        request: &Request,
        password: SecretString,
        shown: Option<Shown>,
    ) -> Result<SteppedUp, Denied>;

    /// Begins to set up a factor of whoever asks; `label` is what an app shows beside its codes. The factor counts for
    /// nothing before it is confirmed.
    async fn factor_begin(
        &self,
        request: &Request,
        kind: FactorKind,
        label: &str,
    ) -> Result<Enrolment, Denied>;

    /// Lets a factor count whose owner shows it.
    async fn factor_confirm(
        &self,
        request: &Request,
        factor: FactorId,
        name: Option<Text>,
        shown: Shown,
    ) -> Result<Done, Denied>;

    /// Ends that a factor counts, and forgets what it knows.
    async fn factor_remove(
        &self,
        request: &Request,
        account: AccountId,
        factor: FactorId,
    ) -> Result<Done, Denied>;

    /// Makes new recovery codes for whoever asks. They are shown here once and never again: there are none where the
    /// request was done before.
    async fn recovery_codes_make(
        &self,
        request: &Request,
    ) -> Result<(Done, Vec<SecretString>), Denied>;
}

/// What somebody shows beside the password.
pub enum Shown {
    /// Digits of an app, a mail or a message.
    Code(SecretString),
    /// One of the codes that were kept for the day when a factor is lost.
    RecoveryCode(SecretString),
    /// What a browser gave for a passkey, as JSON: that it was made, or that it has signed.
    Passkey(SecretString),
}

/// What a passkey is asked for.
pub enum PasskeyFor {
    /// To sign in with nothing else.
    SignIn,
    /// To end an attempt.
    Attempt(SecretString),
    /// To prove anew who is signed in.
    StepUp,
}

/// A passkey was asked for.
#[derive(Debug)]
pub struct PasskeyAsked {
    /// What the browser's API takes, as JSON.
    pub options: String,
    /// Until when it can be shown.
    pub expires_at: DateTime<Utc>,
}

/// How far a right password leads.
#[derive(Debug)]
pub enum FirstStep {
    /// All the way: nothing more is asked for.
    SignedIn(Box<SignedIn>),
    /// Something has to be shown beside the password.
    Attempt(Attempt),
}

impl FirstStep {
    /// The session, where it led all the way.
    pub fn signed_in(self) -> Option<SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(*signed_in),
            Self::Attempt(_) => None,
        }
    }
}

/// A sign-in whose password was right.
#[derive(Debug)]
pub struct Attempt {
    /// What ends it, once.
    pub token: SecretString,
    /// Until when that works.
    pub expires_at: DateTime<Utc>,
    /// What may be shown.
    pub kinds: Vec<FactorKind>,
    /// Whether a recovery code may be given instead.
    pub recovery_codes: bool,
    /// Whether nothing can be shown, so that a first factor may be set up now.
    pub may_enrol: bool,
}

/// What may be set up on one's way in.
#[derive(Clone, Debug)]
pub enum FirstFactor {
    /// An app that makes codes.
    App,
    /// A telephone that gets them.
    Number(E164),
}

/// A session whose owner has proved anew who they are.
#[derive(Debug)]
pub struct SteppedUp {
    /// What was done.
    pub done: Done,
    /// What proves the session from now on.
    pub token: SecretString,
    /// When the session ends at the latest, as before.
    pub expires_at: DateTime<Utc>,
    /// The same limit, as a duration from now.
    pub max_age: std::time::Duration,
    /// Until when the proof counts.
    pub until: DateTime<Utc>,
}

/// A factor that is being set up.
#[derive(Debug)]
pub struct Enrolment {
    /// Which.
    pub factor: FactorId,
    /// Until when it can be confirmed.
    pub expires_at: DateTime<Utc>,
    /// For apps that make codes: what they have to know.
    pub app: Option<App>,
    /// For passkeys: what the browser's API takes to make one, as JSON.
    pub passkey: Option<String>,
}

/// What an app has to know to make codes.
#[derive(Debug)]
pub struct App {
    /// The secret, to be typed.
    pub secret: SecretString,
    /// All of it as a link.
    pub uri: SecretString,
    /// The link as a QR code, in SVG.
    pub qr_code: SecretString,
}
