//! Text messages: codes on their way to telephones.
//!
//! A message is sent at once or not at all: whoever waits for a code is told at once that none comes, and a code that
//! comes an hour late helps nobody. So there is no outbox, and nothing is kept.

pub mod folder;
pub mod gateway;
mod words;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use events::{
    factor::NotSent,
    value::{E164, Language},
};
use metrics::counter;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use self::{folder::Folder, gateway::Http};
use crate::{
    config::{Config, WebOrigin},
    outgoing::Outgoing,
};

/// Messages on their way at once; more are refused, so that a gateway that hangs holds nobody else up.
const AT_ONCE: usize = 32;

/// A message, ready to go.
pub struct Message<'a> {
    /// To which telephone.
    pub to: &'a E164,
    /// What it says.
    pub text: Zeroizing<String>,
}

/// Takes messages to telephones.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Takes one. Ends in bounded time; logs what went wrong, without number or text.
    async fn send(&self, message: &Message<'_>) -> Result<(), NotSent>;
}

/// Sends codes.
pub struct Sms {
    gateway: Arc<dyn Gateway>,
    /// The host of the product's pages, which browsers may fill the code in on, where it is reached over https.
    host: Option<String>,
    places: Semaphore,
}

impl Sms {
    /// As configured: to a gateway, otherwise into a folder; for whoever reads the product's pages at this address.
    pub fn configured(config: &Config, address: &WebOrigin, folder: &Path) -> Self {
        let gateway: Arc<dyn Gateway> = match &config.sms.url.0 {
            None => Arc::new(Folder::new(folder)),
            Some(target) => {
                let outgoing =
                    Outgoing::new(config.outgoing.private.clone(), config.sms.timeout.get());
                Arc::new(Http::new(outgoing, target.clone(), &config.sms))
            }
        };
        let host = address.domain().filter(|_| address.is_https());
        Self::new(gateway, host.map(ToOwned::to_owned))
    }

    /// Through this gateway.
    pub fn new(gateway: Arc<dyn Gateway>, host: Option<String>) -> Self {
        Self { gateway, host, places: Semaphore::new(AT_ONCE) }
    }

    /// Sends a code, in somebody's name.
    pub async fn send_code(
        &self,
        to: &E164,
        language: Language,
        sender: &str,
        code: &SecretString,
    ) -> Result<(), NotSent> {
        let Ok(_place) = self.places.try_acquire() else {
            tracing::warn!("a text message isn't sent: too many are on their way");
            return Err(NotSent::Unreachable);
        };
        let text = words::code(language, sender, self.host.as_deref(), code.expose_secret());
        let sent = self.gateway.send(&Message { to, text }).await;
        let outcome = match sent {
            Ok(()) => "sent",
            Err(NotSent::Unreachable) => "unreachable",
            Err(NotSent::Refused) => "refused",
        };
        counter!("stamrol_messages_total", "outcome" => outcome).increment(1);
        sent
    }
}
