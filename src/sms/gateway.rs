//! A gateway of text messages, spoken to over HTTP.

use async_trait::async_trait;
use events::factor::NotSent;
use hyper::{HeaderMap, header};
use tracing::warn;

use super::{Gateway, Message};
use crate::{
    config::{MessageBody, Sms},
    outgoing::{CallFailed, Outgoing, Target},
};

/// Posts messages to a gateway. What it answers with 2xx is sent.
pub struct Http {
    outgoing: Outgoing,
    target: Target,
    headers: HeaderMap,
    body: MessageBody,
    from: String,
}

impl Http {
    /// To this gateway, as configured.
    pub fn new(outgoing: Outgoing, target: Target, config: &Sms) -> Self {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = config.header.line() {
            headers.insert(name, value);
        }
        headers.insert(header::CONTENT_TYPE, config.body.content_type());
        let (body, from) = (config.body.clone(), config.from.0.clone());
        Self { outgoing, target, headers, body, from }
    }
}

#[async_trait]
impl Gateway for Http {
    async fn send(&self, message: &Message<'_>) -> Result<(), NotSent> {
        let body = self.body.fill(message.to, &self.from, &message.text);
        // Neither the number nor what the gateway says about it: it may repeat the message.
        match self.outgoing.post(&self.target, self.headers.clone(), body).await {
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) if answer.status.is_server_error() => {
                warn!(
                    status = answer.status.as_u16(),
                    "the gateway for text messages is out of order"
                );
                Err(NotSent::Unreachable)
            }
            Ok(answer) => {
                warn!(status = answer.status.as_u16(), "the gateway refused a text message");
                Err(NotSent::Refused)
            }
            Err(error @ CallFailed::Redirect(_)) => {
                warn!(%error, "the gateway refused a text message");
                Err(NotSent::Refused)
            }
            Err(error) => {
                warn!(%error, "the gateway for text messages can't be reached");
                Err(NotSent::Unreachable)
            }
        }
    }
}
