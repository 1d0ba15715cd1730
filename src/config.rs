//! What is configured, and where each value comes from.
//!
//! Four layers, later ones win: built-in defaults, `stamrol.toml`, `STAMROL_…` environment, flags.
//! The list of all keys is [`SETTINGS`]; everything else here follows from it.

mod layer;
mod mail;
mod network;
mod origin;
mod setting;
mod sms;
mod value;

use std::{net::SocketAddr, path::PathBuf};

pub use layer::{ConfigError, Layers, Source, Sources, is_default};
pub use mail::{Mail, MailServer};
pub use network::Network;
pub use origin::WebOrigin;
pub use setting::{SETTINGS, Setting};
pub use sms::{MessageBody, Outgoing, Sms};
pub(crate) use value::unhex;
pub use value::{Filter, LogFormat, MasterKey, Period, Unparsable, Value, Within};

/// Everything that can be configured; [`SETTINGS`] names each field and says what it is for.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen for HTTP.
    pub listen: SocketAddr,
    /// Where everything is kept.
    pub data: PathBuf,
    /// What unwraps the keys in the vault.
    pub master_key: MasterKey,
    /// The edge.
    pub http: Http,
    /// Rules for passwords and their hashes.
    pub passwords: Passwords,
    /// Limits on tries to sign in.
    pub sign_in: SignIn,
    /// How long sessions live.
    pub sessions: Sessions,
    /// Where mail goes.
    pub mail: Mail,
    /// Where text messages go.
    pub sms: Sms,
    /// Calls to other people's servers.
    pub outgoing: Outgoing,
    /// How long a running server may take to end what it has begun.
    pub shutdown_timeout: Period<1, 600>,
    /// What is logged, and how.
    pub log: Log,
}

/// The edge.
#[derive(Clone, Debug)]
pub struct Http {
    /// The address that people type, for instance `https://accounts.example.org`.
    pub public_address: Option<WebOrigin>,
    /// Further origins whose pages may ask, use the session cookie and open a WebSocket.
    pub origins: Vec<WebOrigin>,
    /// The proxies whose word on a client's address counts.
    pub trusted_proxies: Vec<Network>,
    /// Who may read `/metrics`.
    pub metrics_readers: Vec<Network>,
    /// Whether the schema is told to those who haven't signed in.
    pub public_introspection: bool,
    /// Connections at once.
    pub connections: Within<1, 100_000>,
    /// Of those, from one address.
    pub connections_per_address: Within<1, 100_000>,
    /// Open sockets and event streams at once.
    pub streams: Within<1, 100_000>,
    /// Of those, to one address.
    pub streams_per_address: Within<1, 100_000>,
    /// Points that a caller may spend in a minute; the dearest document costs 100,000.
    pub budget: Within<100_000, 4_000_000_000>,
    /// After this a request is answered with an error.
    pub request_timeout: Period<1, 600>,
}

/// Rules for passwords and their hashes.
#[derive(Clone, Debug)]
pub struct Passwords {
    /// The least number of characters.
    pub min_length: Within<8, 128>,
    /// Whether a capital letter is asked for.
    pub capital: bool,
    /// Whether a digit is asked for.
    pub digit: bool,
    /// The least strength, on zxcvbn's scale of 0 to 4.
    pub strength: Within<0, 4>,
    /// Memory of one argon2id hash, in KiB.
    pub memory: Within<19_456, 1_048_576>,
    /// Passes of one argon2id hash.
    pub passes: Within<2, 16>,
}

/// Limits on tries to sign in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// After how many wrong passwords in a row an account is locked.
    pub lock_after: Within<1, 100>,
    /// Tries a minute from one address (a /64 for IPv6).
    pub per_address: Within<1, 1_000_000>,
    /// Tries a minute for one name.
    pub per_name: Within<1, 1_000_000>,
    /// Tries a second altogether.
    pub total: Within<1, 1_000_000>,
}

/// How long sessions live.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// After this long without a request a session is over.
    pub idle: Period<60, 31_536_000>,
    /// After this long a session is over in any case.
    pub absolute: Period<60, 31_536_000>,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// Which events, as `tracing` directives.
    pub filter: Filter,
    /// In which form.
    pub format: LogFormat,
}

impl Config {
    /// Where links lead and browsers go: what is configured, otherwise where the server listens. Never what a request
    /// says (S12).
    pub fn address(&self, listening: SocketAddr) -> WebOrigin {
        let configured = self.http.public_address.clone();
        configured.unwrap_or_else(|| WebOrigin::listening(listening))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            data: PathBuf::from("data"),
            master_key: MasterKey::default(),
            http: Http {
                public_address: None,
                origins: Vec::new(),
                trusted_proxies: Vec::new(),
                metrics_readers: vec![Network::LOOPBACK, Network::LOOPBACK_V6],
                public_introspection: false,
                connections: Within(1_024),
                connections_per_address: Within(256),
                streams: Within(512),
                streams_per_address: Within(128),
                budget: Within(10_000_000),
                request_timeout: Period::seconds(30),
            },
            passwords: Passwords {
                min_length: Within(8),
                capital: true,
                digit: true,
                strength: Within(3),
                memory: Within(19_456),
                passes: Within(2),
            },
            sign_in: SignIn {
                lock_after: Within(3),
                per_address: Within(1_200),
                per_name: Within(600),
                total: Within(200),
            },
            sessions: Sessions {
                idle: Period::seconds(60 * 60),
                absolute: Period::seconds(12 * 60 * 60),
            },
            mail: Mail::default(),
            sms: Sms::default(),
            outgoing: Outgoing::default(),
            shutdown_timeout: Period::seconds(20),
            log: Log { filter: Filter::default(), format: LogFormat::Auto },
        }
    }
}
