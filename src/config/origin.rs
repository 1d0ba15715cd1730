//! Addresses of pages, as browsers say them.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::value::{NONE, Unparsable, Value, must_be};

/// Names of this machine; the first one has no other meaning on any network.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Scheme, host and port of an address, as browsers say them in `Origin` (RFC 6454): lower case, in punycode, and without
/// the scheme's own port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebOrigin {
    encrypted: bool,
    host: Host,
    port: Option<u16>,
    /// All of it, as it is written.
    text: String,
}

impl WebOrigin {
    /// Reads an address without a path, as browsers read it; none where it is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // Browsers take `http:8090` too, and make an address of that number.
        text.split_once("://")?;
        let url = Url::parse(text).ok()?;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let nobody = url.username().is_empty() && url.password().is_none();
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url.host().filter(|_| nobody && bare)?.to_owned();
        Some(Self::new(encrypted, host, url.port()))
    }

    /// That of a server which listens there and nobody has said more of.
    pub fn listening(address: SocketAddr) -> Self {
        let host = match address.ip() {
            IpAddr::V4(ip) => Host::Ipv4(ip),
            IpAddr::V6(ip) => Host::Ipv6(ip),
        };
        Self::new(false, host, Some(address.port()).filter(|port| *port != 80))
    }

    fn new(encrypted: bool, host: Host, port: Option<u16>) -> Self {
        let scheme = if encrypted { "https" } else { "http" };
        let port_text = port.map(|port| format!(":{port}")).unwrap_or_default();
        let text = format!("{scheme}://{host}{port_text}");
        Self { encrypted, host, port, text }
    }

    /// As it is written, such as `https://accounts.example.org`: without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is reached over TLS.
    pub const fn is_https(&self) -> bool {
        self.encrypted
    }

    /// The name of its host, in punycode; none where it is an address of the network.
    pub fn domain(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) => Some(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    /// Whether browsers let its pages do what needs a trustworthy one: over TLS, or of this machine.
    pub fn is_trustworthy(&self) -> bool {
        let is_local = match &self.host {
            Host::Domain(name) => name == LOOPBACK[0] || name.ends_with(".localhost"),
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        self.encrypted || is_local
    }

    /// The ways in which people write it: this machine goes by three names, and everything else by one.
    pub fn aliases(&self) -> Vec<Self> {
        let is_this_machine = LOOPBACK.contains(&&*self.host.to_string());
        let aliases = LOOPBACK.iter().filter(|_| is_this_machine);
        let aliases = aliases.filter_map(|name| Host::parse(name).ok());
        let mut aliases: Vec<_> =
            aliases.map(|host| Self::new(self.encrypted, host, self.port)).collect();
        if aliases.is_empty() {
            aliases.push(self.clone());
        }
        aliases
    }
}

impl Value for Option<WebOrigin> {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        let origin = WebOrigin::parse(text);
        if origin.is_none() && !text.is_empty() {
            return must_be("an address without a path, such as https://accounts.example.org");
        }
        *self = origin;
        Ok(())
    }

    fn show(&self) -> String {
        self.as_ref().map_or(NONE, WebOrigin::as_str).to_owned()
    }
}

impl Value for Vec<WebOrigin> {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        match items.map(WebOrigin::parse).collect() {
            Some(origins) => *self = origins,
            None => {
                return must_be("addresses without a path, such as https://dashboard.example.org");
            }
        }
        Ok(())
    }

    fn show(&self) -> String {
        let all: Vec<_> = self.iter().map(WebOrigin::as_str).collect();
        if all.is_empty() { NONE.to_owned() } else { all.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_browsers_say_of_it() {
        for (text, origin, domain) in [
            (
                "https://accounts.example.org",
                "https://accounts.example.org",
                Some("accounts.example.org"),
            ),
            (" https://Accounts.Example.org:443/ ", "https://accounts.example.org", None),
            ("http://example.org:80", "http://example.org", Some("example.org")),
            ("http://example.org:443", "http://example.org:443", Some("example.org")),
            ("https://zürich.example:8443", "https://xn--zrich-kva.example:8443", None),
            ("https://[2001:DB8:0::1]:443", "https://[2001:db8::1]", None),
            ("http://127.0.0.1:8090", "http://127.0.0.1:8090", None),
        ] {
            let parsed = WebOrigin::parse(text).unwrap();
            assert_eq!(parsed.as_str(), origin, "{text}");
            assert!(domain.is_none() || parsed.domain() == domain, "{text}");
            assert_eq!(parsed.is_https(), origin.starts_with("https"), "{text}");
            assert_eq!(WebOrigin::parse(origin), Some(parsed), "{text}");
        }
        assert_eq!(WebOrigin::parse("https://[2001:db8::1]").unwrap().domain(), None);
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "",
            "accounts.example.org",
            "http:8090",
            "https://",
            "https://a b",
            "https://a/path",
            "https://a?",
            "https://a#b",
            "https://anna:kanarie@a",
            "ftp://a",
            "https://a:99999",
            "https://xn--a",
            "null",
        ] {
            assert_eq!(WebOrigin::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn where_something_listens_is_an_address_too() {
        for (address, origin) in [
            ("127.0.0.1:8090", "http://127.0.0.1:8090"),
            ("[::1]:80", "http://[::1]"),
            ("192.0.2.1:443", "http://192.0.2.1:443"),
        ] {
            assert_eq!(WebOrigin::listening(address.parse().unwrap()).as_str(), origin);
        }
    }

    #[test]
    fn this_machine_goes_by_three_names_and_is_trusted_without_tls() {
        let aliases = |text: &str| {
            let aliases = WebOrigin::parse(text).unwrap().aliases();
            aliases.iter().map(|origin| origin.as_str().to_owned()).collect::<Vec<_>>()
        };
        let three = ["http://localhost:8090", "http://127.0.0.1:8090", "http://[::1]:8090"];
        for name in three {
            assert_eq!(aliases(name), three);
            assert!(WebOrigin::parse(name).unwrap().is_trustworthy());
        }
        assert_eq!(aliases("https://a.example"), ["https://a.example"]);
        assert!(WebOrigin::parse("https://a.example").unwrap().is_trustworthy());
        assert!(WebOrigin::parse("http://app.localhost").unwrap().is_trustworthy());
        for open in ["http://a.example", "http://192.0.2.1", "http://localhost.example"] {
            assert!(!WebOrigin::parse(open).unwrap().is_trustworthy(), "{open}");
        }
    }
}
