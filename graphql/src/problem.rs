//! What can go wrong: user errors, which are part of an answer, and faults, which replace it.
//!
//! A rule that refuses is a user error in the payload of its mutation. Everything else (nobody
//! is signed in, a malformed argument, a read model that is late, a full disk) is a [`Problem`]:
//! an error at the top of the answer, with `extensions.code`. A fault inside never shows more than
//! its code; the rest is in the log under the request's id.

use std::fmt;

use async_graphql::{Error, ErrorExtensions};
use commands::{Failure, Refusal};

/// Why a field has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// An argument that can't be used, in words that tell how to mend it.
    BadUserInput(String),
    /// Nobody is signed in.
    Unauthenticated,
    /// Whoever is signed in may not.
    Forbidden,
    /// There is no such thing, or not for whoever asks: the two look alike.
    NotFound,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// The read models didn't reach the position that was asked for in time. Nothing is lost.
    Timeout,
    /// Too many requests, or all that can be served at a time.
    RateLimited,
    /// The product can't do it now: write, or read so much at a time. Nothing was changed.
    Unavailable(String),
    /// A fault of the product.
    Internal,
}

impl Problem {
    /// The value of `extensions.code`.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::BadUserInput(_) => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::Timeout => "TIMEOUT",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable(_) => "SERVICE_UNAVAILABLE",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }

    /// A fault whose cause goes to the log and never to the client.
    pub(crate) fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed by a fault of the product");
        Self::Internal
    }

    /// What went wrong and what to do about it.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::BadUserInput(why) | Self::Unavailable(why) => why,
            Self::Unauthenticated => "Sign in first.",
            Self::Forbidden => "You may not do this.",
            Self::NotFound => "There is no such thing.",
            Self::Conflict => "It was changed meanwhile: read it again.",
            Self::Timeout => {
                "The read models have not reached that position yet: ask again in a moment."
            }
            Self::RateLimited => "Too many requests: try again later.",
            Self::Internal => "Something went wrong here. It was logged under the request's id.",
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::new(problem.message()).extend_with(|_, extensions| {
            extensions.set("code", problem.code());
        })
    }
}

impl From<Failure> for Problem {
    /// For what is no mutation; there a refusal is a user error.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(Refusal::NotSignedIn) => Self::Unauthenticated,
            Failure::Refused(Refusal::Forbidden) => Self::Forbidden,
            Failure::Refused(Refusal::Conflict { .. }) => Self::Conflict,
            Failure::Refused(_) => Self::NotFound,
            Failure::Busy => Self::Unavailable(
                "Too much is being written at this moment. Nothing was changed: try again.".into(),
            ),
            Failure::Full => Self::Unavailable(
                "No space is left to write to. Nothing was changed; reading goes on. Tell the operator.".into(),
            ),
            Failure::Unavailable(_) => {
                tracing::error!(%failure, "the write side is unavailable");
                Self::Unavailable(
                    "Nothing can be written at this moment. Nothing was changed: try again.".into(),
                )
            }
        }
    }
}
