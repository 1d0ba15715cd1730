//! What can be set at the edge, with values that are safe to start with.

use std::{net::IpAddr, time::Duration};

use graphql::precheck;

use crate::config::{Network, WebOrigin};

/// The edge's limits and policies.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address that people type, for instance `https://accounts.example.org`: scheme, host and port. Cookies are
    /// for it alone; with `http://` (loopback, development) they lose `Secure` and the `__Host-` prefix.
    pub public_address: WebOrigin,
    /// Further origins whose pages may ask, use the session cookie and open a WebSocket. Default none.
    pub origins: Vec<WebOrigin>,
    /// Proxies whose word on the client's address and scheme counts. Default none.
    pub trusted_proxies: Vec<Network>,
    /// Who may read `/metrics`. Default loopback.
    pub metrics_readers: Vec<Network>,
    /// Sends `Strict-Transport-Security` also where no https is seen. Default false.
    pub hsts: bool,
    /// Whether the schema is told to those who haven't signed in. Default false.
    pub public_introspection: bool,
    /// Whether subscriptions are open to those who haven't signed in. Default false: streams are scarce.
    pub public_subscriptions: bool,
    /// What a document may ask for.
    pub documents: precheck::Limits,
    /// Bytes of a request body. Default 64 KiB.
    pub body_limit: usize,
    /// Bytes of a request body that tries a password, a token or a passkey. Default 8 KiB: a browser says the name of a
    /// passkey four times, which may be 1,023 bytes long.
    pub sign_in_body_limit: usize,
    /// From the end of the headers to the answer. Default 30 s.
    pub request_timeout: Duration,
    /// For the headers of a request, counted from the last answer on that connection. Default 20 s.
    pub header_timeout: Duration,
    /// How long a client may leave an answer or event untaken. Default 20 s.
    pub write_timeout: Duration,
    /// Connections at once; more wait in the system's queue. Default 1,024.
    pub connections: usize,
    /// Of those, from one address (a /64 for IPv6); more are closed. Default 256.
    pub connections_per_address: usize,
    /// Sockets and event streams at once; more are refused. Default 512.
    pub streams: usize,
    /// Of those, to one address (a /64 for IPv6). Default 128.
    pub streams_per_address: usize,
    /// Addresses whose connections and streams aren't counted one by one: many people may be behind each. Default
    /// loopback, where proxies stand that nobody has listed.
    pub uncounted: Vec<Network>,
    /// Points that a caller may spend in a minute on what documents cost. Default 10,000,000: as much as a hundred
    /// of the dearest documents. Never less than [`documents`](Self::documents) allow one to cost.
    pub budget: u64,
    /// Operations at once on one WebSocket. Default 20.
    pub operations_per_socket: usize,
    /// From the opening of a WebSocket to its `connection_init`. Default 5 s.
    pub init_timeout: Duration,
    /// Between signs of life on an idle stream; a WebSocket that misses two is closed. Default 15 s.
    pub heartbeat: Duration,
    /// Between looks at whether the session of an idle stream still holds. Default 1 s.
    pub session_check: Duration,
    /// From the wish to stop to the hard end of what is still running. Default 20 s.
    pub shutdown_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_address: WebOrigin::listening(([127, 0, 0, 1], 8090).into()),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            metrics_readers: vec![Network::LOOPBACK, Network::LOOPBACK_V6],
            hsts: false,
            public_introspection: false,
            public_subscriptions: false,
            documents: precheck::Limits::default(),
            body_limit: 64 * 1024,
            sign_in_body_limit: 8 * 1024,
            request_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(20),
            write_timeout: Duration::from_secs(20),
            connections: 1_024,
            connections_per_address: 256,
            streams: 512,
            streams_per_address: 128,
            uncounted: vec![Network::LOOPBACK, Network::LOOPBACK_V6],
            budget: 10_000_000,
            operations_per_socket: 20,
            init_timeout: Duration::from_secs(5),
            heartbeat: Duration::from_secs(15),
            session_check: Duration::from_secs(1),
            shutdown_timeout: Duration::from_secs(20),
        }
    }
}

impl Settings {
    /// Whether what an address has open is counted against it. Behind a listed proxy the envelope knows the client.
    pub(super) fn is_counted(&self, address: IpAddr) -> bool {
        !Network::any_contains(&self.uncounted, address)
            && !Network::any_contains(&self.trusted_proxies, address)
    }

    /// Whether browsers reach this server over https.
    pub fn is_https(&self) -> bool {
        self.public_address.is_https()
    }
}
