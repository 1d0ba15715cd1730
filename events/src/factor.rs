//! The second factors of one person: what proves who they are beside the password.
//!
//! What a factor knows (a shared secret, a public key, a number) is in the vault, under the factor's id.

use serde::{Deserialize, Serialize};

use crate::{
    CredentialId, FactorId, Sealed,
    value::{Language, Text},
};

/// What can happen to somebody's second factors. Stored for ever: add variants, never change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A factor counts from now on: its owner has shown that they have it.
    Added {
        /// Which. Its secret is in the vault.
        factor: FactorId,
        /// What it is.
        kind: FactorKind,
        /// What its owner calls it.
        name: Option<Sealed<Text>>,
        /// The time step of the code that showed it, or how often a passkey has signed: neither can be used again.
        step: Option<u64>,
    },
    /// A factor counts no longer.
    Removed {
        /// Which.
        factor: FactorId,
    },
    /// There are new recovery codes; earlier ones work no longer. Their hashes are in the vault.
    RecoveryCodesMade {
        /// Under which id the vault keeps them.
        codes: CredentialId,
        /// How many there are.
        count: u8,
    },
    /// Somebody gave the right password and was asked for a second factor.
    Asked,
    /// A factor was shown.
    Used {
        /// Which.
        factor: FactorId,
        /// The time step of its code, or how often a passkey has signed: neither can be used again.
        step: Option<u64>,
    },
    /// A recovery code was given, which works no more.
    RecoveryCodeUsed {
        /// Which, counted from 0.
        place: u8,
    },
    /// A code was sent to the factor's telephone.
    CodeSent {
        /// Which. While it is being set up it doesn't count yet.
        factor: FactorId,
    },
    /// A code was to be sent to the factor's telephone, and couldn't be.
    CodeNotSent {
        /// Which. While it is being set up it doesn't count yet.
        factor: FactorId,
        /// Why.
        reason: NotSent,
    },
    /// A passkey counted backwards, and was not accepted: there may be two of it.
    Suspected {
        /// Which.
        factor: FactorId,
    },
}

/// Why a message to a telephone was not sent. What the gateway said is not kept: it may name number and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSent {
    /// The gateway couldn't be reached, or didn't answer in time.
    Unreachable,
    /// The gateway said no.
    Refused,
}

/// What a second factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// Codes of an app that shares a secret and the time with the product (RFC 6238).
    Totp,
    /// A key that never leaves a device (`WebAuthn`).
    Passkey,
    /// Codes in messages to a telephone.
    Sms,
    /// Codes in mails.
    Mail,
}

impl FactorKind {
    /// What it is called, within a sentence.
    pub const fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Totp, Language::Nl) => "codes van een app",
            (Self::Totp, Language::De) => "Codes einer App",
            (Self::Totp, Language::En) => "codes of an app",
            (Self::Passkey, Language::Nl) => "een passkey",
            (Self::Passkey, Language::De) => "ein Passkey",
            (Self::Passkey, Language::En) => "a passkey",
            (Self::Sms, Language::Nl) => "codes per sms",
            (Self::Sms, Language::De) => "Codes per SMS",
            (Self::Sms, Language::En) => "codes by text message",
            (Self::Mail, Language::Nl) => "codes per e-mail",
            (Self::Mail, Language::De) => "Codes per E-Mail",
            (Self::Mail, Language::En) => "codes by mail",
        }
    }
}
