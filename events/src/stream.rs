//! The names of streams: one stream per aggregate.

use std::{fmt, str::FromStr};

use crate::{AccountId, MailId, OrganisationId, ServiceKeyId, SessionId};

/// One aggregate's events, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Who runs the installation, and which services exist. There is one.
    Installation,
    /// Members with type and status, administrators, domains, services.
    Organisation(OrganisationId),
    /// Credentials, profile and sign-in state of one person.
    Account(AccountId),
    /// Services and mailbox of one account in one organisation.
    Membership(OrganisationId, AccountId),
    /// One signed-in session.
    Session(SessionId),
    /// One key of a program.
    ServiceKey(ServiceKeyId),
    /// One mail to one person.
    Mail(MailId),
    /// The second factors of one person.
    Factors(AccountId),
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installation => f.write_str("installation"),
            Self::Organisation(id) => write!(f, "organisation-{id}"),
            Self::Account(id) => write!(f, "account-{id}"),
            Self::Membership(organisation, account) => {
                write!(f, "membership-{organisation}.{account}")
            }
            Self::Session(id) => write!(f, "session-{id}"),
            Self::ServiceKey(id) => write!(f, "service_key-{id}"),
            Self::Mail(id) => write!(f, "mail-{id}"),
            Self::Factors(id) => write!(f, "factor-{id}"),
        }
    }
}

/// A text that names no stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a stream")]
pub struct NotAStream(pub String);

impl FromStr for Stream {
    type Err = NotAStream;

    fn from_str(name: &str) -> Result<Self, NotAStream> {
        let wrong = || NotAStream(name.to_owned());
        if name == "installation" {
            return Ok(Self::Installation);
        }
        let (category, id) = name.split_once('-').ok_or_else(wrong)?;
        let parsed = match category {
            "organisation" => id.parse().ok().map(Self::Organisation),
            "account" => id.parse().ok().map(Self::Account),
            "membership" => id.split_once('.').and_then(|(organisation, account)| {
                Some(Self::Membership(organisation.parse().ok()?, account.parse().ok()?))
            }),
            "session" => id.parse().ok().map(Self::Session),
            "service_key" => id.parse().ok().map(Self::ServiceKey),
            "mail" => id.parse().ok().map(Self::Mail),
            "factor" => id.parse().ok().map(Self::Factors),
            _ => None,
        };
        parsed.ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_stream_is_read_back_from_its_name() {
        let (a, b) = (Uuid::from_u128(7), Uuid::from_u128(9));
        for stream in [
            Stream::Installation,
            Stream::Organisation(a.into()),
            Stream::Account(a.into()),
            Stream::Membership(a.into(), b.into()),
            Stream::Session(a.into()),
            Stream::ServiceKey(b.into()),
            Stream::Mail(a.into()),
            Stream::Factors(a.into()),
        ] {
            assert_eq!(stream.to_string().parse(), Ok(stream));
        }
    }

    #[test]
    fn a_name_of_no_stream_is_refused() {
        for name in
            ["", "account", "account-", "account-7", "planet-00000000-0000-0000-0000-000000000007"]
        {
            assert_eq!(name.parse::<Stream>(), Err(NotAStream(name.to_owned())));
        }
    }
}
