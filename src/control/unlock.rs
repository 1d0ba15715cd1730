//! Lets somebody sign in again whom nobody in the installation can unlock: the last operator, above all.
//!
//! Whoever reads the data directory may. It is for the console what `accountUnlock` is for administrators.

use commands::{Command, Failure, Handler, Request};
use events::{Actor, RequestId, value::Username};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlocking {
    /// Passwords are evaluated again.
    Unlocked,
    /// They were before.
    NotLocked,
    /// Nobody has the name.
    NoSuchAccount,
}

/// Unlocks the account that has this name.
pub async fn unlock(handler: &Handler, username: &str) -> Result<Unlocking, Failure> {
    let account = match Username::parse(username) {
        Ok(username) => handler.account_of(&username).await?,
        Err(_) => None,
    };
    let Some(account) = account else { return Ok(Unlocking::NoSuchAccount) };
    match handler.account_state(account).await? {
        Some(state) if state.locked => {
            let request = Request::new(Actor::Console, RequestId::new(Uuid::now_v7()));
            handler.handle(&request, Command::AccountUnlock { account }).await?;
            Ok(Unlocking::Unlocked)
        }
        Some(state) if !state.deleted => Ok(Unlocking::NotLocked),
        Some(_) | None => Ok(Unlocking::NoSuchAccount),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use events::{
        CredentialId,
        store::memory::Memory,
        value::{Profile, Text},
        vault::Vault,
    };

    use super::*;
    use crate::{app::SystemIds, testing::FakeClock};

    #[tokio::test]
    async fn s6_the_console_lets_the_only_operator_in_again() {
        let vault = Arc::new(Vault::in_memory().await.unwrap());
        let clock = Arc::new(FakeClock::new());
        let handler = Handler::new(Arc::new(Memory::new()), vault, clock, Arc::new(SystemIds));
        let id = || RequestId::new(Uuid::now_v7());
        let setup = Command::OperatorSetup {
            username: Username::parse("operator").unwrap(),
            profile: Profile { display_name: Text::parse("Operator").unwrap(), entries: vec![] },
            credential: CredentialId::new(Uuid::now_v7()),
        };
        let console = Request::new(Actor::Console, id());
        let account = handler.handle(&console, setup).await.unwrap().subject.unwrap().into();
        for _ in 0..3 {
            let fail = Command::SignInFail { account, threshold: 3, mails: vec![] };
            handler.handle(&Request::new(Actor::Anonymous, id()), fail).await.unwrap();
        }
        assert!(handler.account_state(account).await.unwrap().unwrap().locked);

        assert_eq!(unlock(&handler, "Operator").await.unwrap(), Unlocking::Unlocked);
        assert!(!handler.account_state(account).await.unwrap().unwrap().locked);
        assert_eq!(unlock(&handler, "operator").await.unwrap(), Unlocking::NotLocked);
        assert_eq!(unlock(&handler, "nobody").await.unwrap(), Unlocking::NoSuchAccount);
        assert_eq!(unlock(&handler, "").await.unwrap(), Unlocking::NoSuchAccount);
    }
}
