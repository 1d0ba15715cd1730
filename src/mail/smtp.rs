//! A mail server, spoken to over SMTP.

use std::time::Duration;

use async_trait::async_trait;
use events::value::{EmailAddress, Reply, TlsMode};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    address::Envelope,
    transport::smtp::{
        Error, PoolConfig,
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::carrier::{Carrier, Letter, Undelivered};

/// How to reach a mail server.
#[derive(Clone)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: TlsMode,
    /// With which name and password one signs in there; none: without.
    pub credentials: Option<(String, SecretString)>,
}

/// Between a word to the server and its answer, at most.
const ANSWER: Duration = Duration::from_secs(30);
/// For one letter altogether: a server that answers a letter at a time must not hold one for ever.
const LETTER: Duration = Duration::from_mins(2);
/// How long a connection waits for the next letter.
const IDLE: Duration = Duration::from_secs(20);

/// Speaks to one mail server, over a few connections that are used again.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    letter: Duration,
}

impl Smtp {
    /// To this server, as one who sends from `from`, over at most so many connections. Connects only when it has a letter.
    pub fn try_new(server: &Server, from: &EmailAddress, connections: u32) -> Result<Self, Error> {
        Self::with_patience(server, from, connections, ANSWER, LETTER)
    }

    pub(super) fn with_patience(
        server: &Server,
        from: &EmailAddress,
        connections: u32,
        answer: Duration,
        letter: Duration,
    ) -> Result<Self, Error> {
        let tls = match server.tls {
            TlsMode::None => Tls::None,
            TlsMode::Starttls => Tls::Required(TlsParameters::new(server.host.clone())?),
            TlsMode::Tls => Tls::Wrapper(TlsParameters::new(server.host.clone())?),
        };
        let pool = PoolConfig::new().max_size(connections).idle_timeout(IDLE);
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.as_str())
                .port(server.port)
                .tls(tls)
                .timeout(Some(answer))
                .hello_name(ClientId::Domain(from.domain().as_str().to_owned()))
                .pool_config(pool);
        if let Some((name, password)) = &server.credentials {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(name.clone(), password));
        }
        Ok(Self { transport: builder.build(), letter })
    }
}

#[async_trait]
impl Carrier for Smtp {
    async fn carry(&self, letter: &Letter) -> Result<Reply, Undelivered> {
        let address = |address: &EmailAddress| address.as_str().parse();
        let (Ok(from), Ok(to)) = (address(&letter.from), address(&letter.to)) else {
            return Err(Undelivered::Ever(Reply::of("this is no address that mail is sent to")));
        };
        let envelope = Envelope::new(Some(from), vec![to])
            .map_err(|error| Undelivered::Ever(Reply::of(&error.to_string())))?;
        match timeout(self.letter, self.transport.send_raw(&envelope, &letter.message)).await {
            Ok(Ok(response)) => {
                let said: Vec<_> = response.message().collect();
                Ok(Reply::of(&format!("{} {}", response.code(), said.join(" "))))
            }
            Ok(Err(error)) => Err(undelivered(&error)),
            Err(_) => Err(Undelivered::Now(Reply::of("the mail server takes too long"))),
        }
    }
}

/// What a failure means: what the server says about the letter holds for good, what it says about us doesn't.
fn undelivered(error: &Error) -> Undelivered {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    let reply = Reply::of(&text);
    let code = error.status().map(u16::from);
    match code {
        // 50x: a word that the server doesn't know; 52x, 53x: it takes no mail, or not from us. That can be mended.
        Some(550..=559) => Undelivered::Ever(reply),
        _ => Undelivered::Now(reply),
    }
}
