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

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use events::value::E164;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        task::JoinHandle,
    };
    use zeroize::Zeroizing;

    use super::*;
    use crate::config::{Config, Network, SETTINGS};

    /// A gateway that answers once, with this status; what it was asked.
    async fn gateway(status: &'static str) -> (SocketAddr, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"}") {
                let mut some = [0; 1024];
                let count = stream.read(&mut some).await.unwrap();
                asked.extend_from_slice(&some[..count]);
            }
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(asked).unwrap()
        });
        (address, asked)
    }

    async fn sent(status: &'static str) -> (Result<(), NotSent>, String) {
        let (address, asked) = gateway(status).await;
        let mut config = Config::default();
        for (key, text) in [("sms.header", "X-Api-Key: kanarie-7"), ("sms.from", "Bakker")] {
            let setting = SETTINGS.iter().find(|setting| setting.key == key).unwrap();
            setting.field(&mut config).read(text).unwrap();
        }
        let target = Target::parse(&format!("http://{address}/messages?v=2")).unwrap();
        let outgoing = Outgoing::new(vec![Network::LOOPBACK], Duration::from_secs(20));
        let to = E164::parse("+31612345678").unwrap();
        let message = Message { to: &to, text: Zeroizing::new("1234 \"5678\"".to_owned()) };
        let sent = Http::new(outgoing, target, &config.sms).send(&message).await;
        (sent, asked.await.unwrap())
    }

    #[tokio::test]
    async fn a_gateway_is_told_who_asks_and_what_to_send_to_whom() {
        let (outcome, asked) = sent("202 Accepted").await;
        assert_eq!(outcome, Ok(()));
        assert!(asked.starts_with("POST /messages?v=2 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("x-api-key: kanarie-7\r\n"), "{asked}");
        assert!(asked.contains("content-type: application/json\r\n"), "{asked}");
        let body = r#"{"to":"+31612345678","from":"Bakker","text":"1234 \"5678\""}"#;
        assert!(asked.ends_with(body), "{asked}");
    }

    #[tokio::test]
    async fn what_a_gateway_refuses_is_told_from_a_gateway_out_of_order() {
        for status in ["400 Bad Request", "401 Unauthorized", "302 Found"] {
            assert_eq!(sent(status).await.0, Err(NotSent::Refused), "{status}");
        }
        assert_eq!(sent("503 Away").await.0, Err(NotSent::Unreachable));
    }
}
