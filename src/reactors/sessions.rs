//! Ends sessions of those who may no longer sign in, or whose password changed, and drops tokens that are void.
//!
//! What is void by the write side's state is refused at every request anyway; this makes the end an
//! event and frees the vault.

use std::sync::Arc;

use async_trait::async_trait;
use commands::{Failure, Request};
use events::{
    Actor, Event, Recorded, Stream,
    account::{self, PasswordSetBy},
    organisation, service_key,
    session::{self, EndReason},
};

use super::Reactor;
use crate::auth::Auth;

/// Ends sessions.
pub struct EndSessions {
    auth: Arc<Auth>,
}

impl EndSessions {
    /// Its name.
    pub(super) const NAME: &'static str = "sessions";

    /// A reactor that ends sessions through `auth`.
    pub fn new(auth: Arc<Auth>) -> Self {
        Self { auth }
    }
}

/// The stored names that it cares about, without version.
const KINDS: [&str; 7] = [
    "account.deleted",
    "account.locked",
    "account.password_set",
    "organisation.member_deactivated",
    "organisation.member_removed",
    "service_key.revoked",
    "session.ended",
];

#[async_trait]
impl Reactor for EndSessions {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn cares(&self, kind: &str) -> bool {
        KINDS
            .iter()
            .any(|known| kind.strip_prefix(known).is_some_and(|version| version.starts_with(".v")))
    }

    async fn react(&self, recorded: &Recorded<Event>) -> Result<(), Failure> {
        let request = Request { caused_by: Some(recorded.id), ..self.auth.own_request() };
        match (recorded.stream, &recorded.event) {
            (Stream::Account(account), Event::Account(event)) => match event {
                account::Event::Deleted | account::Event::Locked => {
                    self.auth.end_if_barred(&request, account).await
                }
                account::Event::PasswordSet { by, .. } if *by != PasswordSetBy::Rehash => {
                    let own = match recorded.cause.actor {
                        Actor::Account { account: who, session } if who == account => Some(session),
                        _ => None,
                    };
                    let reason = EndReason::PasswordChanged;
                    self.auth.end_sessions_of(&request, account, recorded.at, own, reason).await
                }
                _ => Ok(()),
            },
            (
                _,
                Event::Organisation(
                    organisation::Event::MemberDeactivated { account, .. }
                    | organisation::Event::MemberRemoved { account },
                ),
            ) => self.auth.end_if_barred(&request, *account).await,
            (Stream::Session(session), Event::Session(session::Event::Ended { .. })) => {
                self.auth.session_ended(session).await
            }
            (Stream::ServiceKey(key), Event::ServiceKey(service_key::Event::Revoked { .. })) => {
                self.auth.service_key_revoked(key).await
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_cared_about_exists() {
        let stored: Vec<_> = std::fs::read_dir("events/golden")
            .unwrap()
            .filter_map(|file| file.unwrap().file_name().into_string().ok())
            .collect();
        for kind in KINDS {
            let first = format!("{kind}.v1.json");
            assert!(stored.contains(&first), "{kind}");
        }
    }
}
