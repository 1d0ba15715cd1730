//! Where a call goes.

use std::fmt;

use hyper::{Uri, header::HeaderValue};

/// An address of HTTP, such as `https://gateway.example.org/messages`.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    encrypted: bool,
    host: String,
    port: u16,
    host_header: HeaderValue,
    path: String,
}

impl Target {
    /// Reads an address; none where it is none, or carries a name and a password.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.trim().parse().ok()?;
        let encrypted = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Some(Self {
            encrypted,
            host: Some(host).filter(|host| !host.is_empty())?.to_owned(),
            port: authority.port_u16().unwrap_or(if encrypted { 443 } else { 80 }),
            host_header: HeaderValue::from_str(authority.as_str()).ok()?,
            path: path.to_owned(),
        })
    }

    /// Whether it is called over TLS.
    pub const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The name or the address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What stands in the `Host` header.
    pub fn host_header(&self) -> HeaderValue {
        self.host_header.clone()
    }

    /// The path with its query.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Without its query, which may hold a key.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.encrypted { "https" } else { "http" };
        let host = self.host_header.to_str().unwrap_or(&self.host);
        let (path, query) = match self.path.split_once('?') {
            Some((path, _)) => (path, "?(hidden)"),
            None => (&*self.path, ""),
        };
        write!(f, "{scheme}://{host}{path}{query}")
    }
}

/// As little as tells which one it is.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_shown() {
        let parsed = |text| Target::parse(text).unwrap();
        let target = parsed("https://sms.example.org/v1/messages?x=1");
        let parts = (target.host(), target.port(), target.path());
        assert_eq!(parts, ("sms.example.org", 443, "/v1/messages?x=1"));
        assert_eq!(target.to_string(), "https://sms.example.org/v1/messages?(hidden)");
        let target = parsed("http://[::1]:8080/");
        assert_eq!((target.host(), target.port(), target.path()), ("::1", 8080, "/"));
        assert_eq!(target.to_string(), "http://[::1]:8080/");
        for wrong in [
            "",
            "sms.example.org",
            "ftp://a/",
            "https://user:pass@a/",
            "https:///x",
            "https://a b/",
        ] {
            assert_eq!(Target::parse(wrong), None, "{wrong:?}");
        }
    }
}
