//! A mail server, spoken to over SMTP.
//!
//! Word by word, and not by the library's transport: a `550` to the sender is about our settings, and every mail would
//! meet it; the same to the recipient is about this one mail. The library's error tells the code, not what it answers.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
use events::value::{EmailAddress, Reply, TlsMode};
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
        response::Response,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep, timeout};

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

/// Until a server takes a connection, at most.
const CONNECT: Duration = Duration::from_secs(30);
/// For one letter altogether: a server that answers a letter at a time must not hold one for ever.
const LETTER: Duration = Duration::from_mins(2);
/// For a goodbye. Whether the server says it, too, doesn't matter.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long a connection waits for the next letter.
const IDLE: Duration = Duration::from_secs(20);
/// How one signs in. Over a connection that is kept private both are as good.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// Speaks to one mail server, over a few connections that are used again.
pub struct Smtp {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    credentials: Option<Credentials>,
    idle: Arc<Idle>,
    connect: Duration,
    letter: Duration,
}

/// How a connection is kept private, with whom one trusts.
enum Tls {
    No,
    Asked(TlsParameters),
    Always(TlsParameters),
}

/// What a server said no to.
enum Refused {
    /// Us: the connection, how we sign in, the sender. Every letter meets that, and somebody can mend it.
    Us(Error),
    /// This letter: its recipient, or what it says.
    Letter(Error),
}

impl Smtp {
    /// To this server, as one who sends from `from`; so many connections wait for the next letter at most. Connects only
    /// when it has a letter. To be called within the runtime.
    pub fn try_new(server: &Server, from: &EmailAddress, connections: u32) -> Result<Self, Error> {
        Self::with_patience(server, from, connections, CONNECT, LETTER)
    }

    pub(super) fn with_patience(
        server: &Server,
        from: &EmailAddress,
        connections: u32,
        connect: Duration,
        letter: Duration,
    ) -> Result<Self, Error> {
        let tls = match server.tls {
            TlsMode::None => Tls::No,
            TlsMode::Starttls => Tls::Asked(TlsParameters::new(server.host.clone())?),
            TlsMode::Tls => Tls::Always(TlsParameters::new(server.host.clone())?),
        };
        let credentials = server.credentials.as_ref().map(|(name, password)| {
            Credentials::new(name.clone(), password.expose_secret().to_owned())
        });
        Ok(Self {
            host: server.host.clone(),
            port: server.port,
            tls,
            hello: ClientId::Domain(from.domain().as_str().to_owned()),
            credentials,
            idle: Idle::new(connections),
            connect,
            letter,
        })
    }

    /// A connection that takes a letter: one that waits, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        while let Some(mut waiting) = self.idle.take() {
            if waiting.test_connected().await {
                return Ok(waiting);
            }
        }
        let private = match &self.tls {
            Tls::Always(parameters) => Some(parameters.clone()),
            Tls::No | Tls::Asked(_) => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(self.connect),
            &self.hello,
            private,
            None,
        )
        .await?;
        if let Tls::Asked(parameters) = &self.tls {
            connection.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    /// Hands a letter over.
    async fn hand_over(
        &self,
        from: Address,
        to: Address,
        message: &[u8],
    ) -> Result<Response, Refused> {
        let mut connection = self.connection().await.map_err(Refused::Us)?;
        let handed = converse(&mut connection, from, to, message).await;
        match &handed {
            Ok(_) => self.idle.put(connection),
            // A server that says no is told goodbye; one that says nothing is left.
            Err(Refused::Us(error) | Refused::Letter(error)) if error.status().is_some() => {
                timeout(GOODBYE, connection.abort()).await.unwrap_or_default();
            }
            Err(_) => {}
        }
        handed
    }
}

/// The words of one letter.
async fn converse(
    connection: &mut AsyncSmtpConnection,
    from: Address,
    to: Address,
    message: &[u8],
) -> Result<Response, Refused> {
    // Addresses and letters are in ASCII, so that no extension is asked for.
    connection.command(Mail::new(Some(from), vec![])).await.map_err(Refused::Us)?;
    connection.command(Rcpt::new(to, vec![])).await.map_err(Refused::Letter)?;
    connection.command(Data).await.map_err(Refused::Letter)?;
    connection.message(message).await.map_err(Refused::Letter)
}

/// Connections that wait for the next letter.
struct Idle {
    waiting: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
    most: usize,
}

impl Idle {
    /// At most so many. Those that have waited too long are closed as long as this is held.
    fn new(most: u32) -> Arc<Self> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let idle = Arc::new(Self { waiting: Mutex::default(), most });
        tokio::spawn(close_old(Arc::downgrade(&idle)));
        idle
    }

    /// The one that was used last, which is the most likely to live.
    fn take(&self) -> Option<AsyncSmtpConnection> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop().map(|(connection, _)| connection)
    }

    fn put(&self, connection: AsyncSmtpConnection) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < self.most {
            waiting.push((connection, Instant::now()));
        }
    }

    fn take_old(&self) -> Vec<AsyncSmtpConnection> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // They stand in the order in which they came back.
        let young = waiting.partition_point(|(_, since)| since.elapsed() >= IDLE);
        waiting.drain(..young).map(|(connection, _)| connection).collect()
    }
}

async fn close_old(idle: Weak<Idle>) {
    loop {
        sleep(IDLE).await;
        let Some(idle) = idle.upgrade() else { return };
        for mut connection in idle.take_old() {
            timeout(GOODBYE, connection.abort()).await.unwrap_or_default();
        }
    }
}

#[async_trait]
impl Carrier for Smtp {
    async fn carry(&self, letter: &Letter) -> Result<Reply, Undelivered> {
        let address = |address: &EmailAddress| address.as_str().parse();
        let (Ok(from), Ok(to)) = (address(&letter.from), address(&letter.to)) else {
            return Err(Undelivered::Ever(Reply::of("this is no address that mail is sent to")));
        };
        match timeout(self.letter, self.hand_over(from, to, &letter.message)).await {
            Ok(Ok(response)) => {
                let said: Vec<_> = response.message().collect();
                Ok(Reply::of(&format!("{} {}", response.code(), said.join(" "))))
            }
            Ok(Err(refused)) => Err(refused.undelivered()),
            Err(_) => Err(Undelivered::Now(Reply::of("the mail server takes too long"))),
        }
    }
}

impl Refused {
    /// What it means: what the server says about the letter holds for good, what it says about us doesn't.
    fn undelivered(&self) -> Undelivered {
        let (Self::Us(error) | Self::Letter(error)) = self;
        let reply = Reply::of(&said(error));
        match (self, error.status().map(u16::from)) {
            // 50x: a word that the server doesn't know; 52x, 53x: it takes no mail, or not from us. That can be mended.
            (Self::Letter(_), Some(550..=559)) => Undelivered::Ever(reply),
            _ => Undelivered::Now(reply),
        }
    }
}

/// All that an error tells.
fn said(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}
