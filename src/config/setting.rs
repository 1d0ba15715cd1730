//! The list of all keys.

use super::{Config, value::Value};

/// One key that can be configured.
pub struct Setting {
    /// Its name in `stamrol.toml`, tables joined by dots.
    pub key: &'static str,
    /// What it is for.
    pub about: &'static str,
    field: fn(&mut Config) -> &mut dyn Value,
}

impl Setting {
    /// The name of the environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("STAMROL_{}", self.key.replace('.', "_").to_uppercase())
    }

    /// Its place in a configuration.
    pub fn field<'a>(&self, config: &'a mut Config) -> &'a mut dyn Value {
        (self.field)(config)
    }
}

/// Every key, in the order in which `stamrol config` prints them.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        about: "where to listen for HTTP; port 0 takes a free one",
        field: |c| &mut c.listen,
    },
    Setting { key: "data", about: "where everything is kept", field: |c| &mut c.data },
    Setting {
        key: "master_key",
        about: "what unwraps the keys in the vault, 64 hexadecimal digits; none: the file master.key in the data directory",
        field: |c| &mut c.master_key,
    },
    Setting {
        key: "http.public_address",
        about: "the address that people type; with https, cookies are secure and HSTS is sent",
        field: |c| &mut c.http.public_address,
    },
    Setting {
        key: "http.origins",
        about: "further origins whose pages may ask, use the session cookie and open a WebSocket",
        field: |c| &mut c.http.origins,
    },
    Setting {
        key: "http.trusted_proxies",
        about: "proxies whose forwarded-for header counts, as addresses or networks",
        field: |c| &mut c.http.trusted_proxies,
    },
    Setting {
        key: "http.metrics_readers",
        about: "who may read /metrics, as addresses or networks",
        field: |c| &mut c.http.metrics_readers,
    },
    Setting {
        key: "http.public_introspection",
        about: "whether the schema is told to those who haven't signed in",
        field: |c| &mut c.http.public_introspection,
    },
    Setting {
        key: "http.connections",
        about: "connections at once; more wait",
        field: |c| &mut c.http.connections,
    },
    Setting {
        key: "http.connections_per_address",
        about: "of those, from one address; proxies that are listed and this machine aren't counted",
        field: |c| &mut c.http.connections_per_address,
    },
    Setting {
        key: "http.streams",
        about: "WebSockets and event streams at once; more are refused",
        field: |c| &mut c.http.streams,
    },
    Setting {
        key: "http.streams_per_address",
        about: "of those, to one address; this machine isn't counted",
        field: |c| &mut c.http.streams_per_address,
    },
    Setting {
        key: "http.budget",
        about: "points that a caller may spend in a minute on what documents cost; the dearest costs 100000",
        field: |c| &mut c.http.budget,
    },
    Setting {
        key: "http.request_timeout",
        about: "after this a request is answered with an error",
        field: |c| &mut c.http.request_timeout,
    },
    Setting {
        key: "passwords.min_length",
        about: "the least number of characters; 15 is safer where there is no second factor",
        field: |c| &mut c.passwords.min_length,
    },
    Setting {
        key: "passwords.capital",
        about: "whether a capital letter is asked for",
        field: |c| &mut c.passwords.capital,
    },
    Setting {
        key: "passwords.digit",
        about: "whether a digit is asked for",
        field: |c| &mut c.passwords.digit,
    },
    Setting {
        key: "passwords.strength",
        about: "the least strength as zxcvbn estimates it, 0 to 4",
        field: |c| &mut c.passwords.strength,
    },
    Setting {
        key: "passwords.memory",
        about: "memory of one argon2id hash, in KiB",
        field: |c| &mut c.passwords.memory,
    },
    Setting {
        key: "passwords.passes",
        about: "passes of one argon2id hash",
        field: |c| &mut c.passwords.passes,
    },
    Setting {
        key: "sign_in.lock_after",
        about: "wrong passwords in a row that lock an account",
        field: |c| &mut c.sign_in.lock_after,
    },
    Setting {
        key: "sign_in.per_address",
        about: "tries a minute from one address",
        field: |c| &mut c.sign_in.per_address,
    },
    Setting {
        key: "sign_in.per_name",
        about: "tries a minute for one name",
        field: |c| &mut c.sign_in.per_name,
    },
    Setting {
        key: "sign_in.total",
        about: "tries a second altogether; five times as many at once",
        field: |c| &mut c.sign_in.total,
    },
    Setting {
        key: "sessions.idle",
        about: "a session is over after this long without a request",
        field: |c| &mut c.sessions.idle,
    },
    Setting {
        key: "sessions.absolute",
        about: "a session is over after this long in any case",
        field: |c| &mut c.sessions.absolute,
    },
    Setting {
        key: "mail.server",
        about: "the mail server, such as mail.example.org:587; none: mails become files in the data directory",
        field: |c| &mut c.mail.server,
    },
    Setting {
        key: "mail.tls",
        about: "how the connection to the mail server is kept private: none, starttls or tls",
        field: |c| &mut c.mail.tls,
    },
    Setting {
        key: "mail.username",
        about: "the name to sign in with at the mail server",
        field: |c| &mut c.mail.username,
    },
    Setting {
        key: "mail.password",
        about: "the password to sign in with at the mail server",
        field: |c| &mut c.mail.password,
    },
    Setting {
        key: "mail.from",
        about: "the address that mails come from; none: no-reply at the host of the public address",
        field: |c| &mut c.mail.from,
    },
    Setting {
        key: "mail.at_once",
        about: "mails on their way at once",
        field: |c| &mut c.mail.at_once,
    },
    Setting {
        key: "sms.url",
        about: "the gateway for text messages, such as https://gateway.example.org/messages; none: they become files in the data directory",
        field: |c| &mut c.sms.url,
    },
    Setting {
        key: "sms.header",
        about: "the header that proves to the gateway who asks, such as Authorization: Bearer …",
        field: |c| &mut c.sms.header,
    },
    Setting {
        key: "sms.body",
        about: "what is posted to the gateway, JSON or a form; {to} (+31…), {digits} (31…), {from} and {text} are filled in",
        field: |c| &mut c.sms.body,
    },
    Setting {
        key: "sms.from",
        about: "whom text messages come from: a name of at most 11 letters and digits, or a number",
        field: |c| &mut c.sms.from,
    },
    Setting {
        key: "sms.per_hour",
        about: "text messages an hour, altogether; one account and one number get six",
        field: |c| &mut c.sms.per_hour,
    },
    Setting {
        key: "sms.timeout",
        about: "how long the gateway may take",
        field: |c| &mut c.sms.timeout,
    },
    Setting {
        key: "outgoing.private",
        about: "private addresses or networks that gateways may be at; these also without TLS",
        field: |c| &mut c.outgoing.private,
    },
    Setting {
        key: "shutdown_timeout",
        about: "how long a stopping server waits for requests that run",
        field: |c| &mut c.shutdown_timeout,
    },
    Setting {
        key: "log.filter",
        about: "what is logged, for instance info,stamrol=debug",
        field: |c| &mut c.log.filter,
    },
    Setting {
        key: "log.format",
        about: "auto (pretty on a terminal, JSON elsewhere), pretty or json",
        field: |c| &mut c.log.format,
    },
];
