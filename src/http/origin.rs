//! Which pages in a browser may act with its user's cookie.

use axum::http::{HeaderMap, HeaderValue, header};

use super::{credentials::Kind, refusal::Refusal, settings::Settings};
use crate::config::WebOrigin;

/// The origins that this server belongs to.
pub(super) struct Origins(Vec<WebOrigin>);

impl Origins {
    /// The public address with its loopback aliases, and what else is listed.
    pub(super) fn new(settings: &Settings) -> Self {
        let mut origins = settings.public_address.aliases();
        origins.extend(settings.origins.iter().cloned());
        Self(origins)
    }

    /// Refuses requests that another site's page makes the browser send.
    ///
    /// `Origin` decides where there is one. A cookie without it needs a `Sec-Fetch-Site` that says that the request is
    /// our own page's or was typed by the user. Bearer tokens aren't added by browsers, so they need no such proof.
    pub(super) fn check(&self, headers: &HeaderMap, credentials: Kind) -> Result<(), Refusal> {
        match (credentials, headers.get(header::ORIGIN)) {
            (Kind::Bearer, _) | (Kind::None, None) => Ok(()),
            (Kind::Cookie | Kind::None, Some(origin)) if self.lists(origin) => Ok(()),
            (Kind::Cookie | Kind::None, Some(_)) => {
                Err(Refusal::forbidden("Requests from that origin are not allowed."))
            }
            (Kind::Cookie, None) => {
                match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
                    Some(b"same-origin" | b"none") => Ok(()),
                    _ => Err(Refusal::forbidden(
                        "A request with a cookie needs an Origin or Sec-Fetch-Site header.",
                    )),
                }
            }
        }
    }

    /// As [`check`](Self::check) for opening a WebSocket, where browsers always send `Origin` and never ask before.
    pub(super) fn check_socket(
        &self,
        headers: &HeaderMap,
        credentials: Kind,
    ) -> Result<(), Refusal> {
        match (credentials, headers.get(header::ORIGIN)) {
            (_, Some(origin)) if self.lists(origin) => Ok(()),
            (Kind::Bearer | Kind::None, None) => Ok(()),
            (_, Some(_)) | (Kind::Cookie, None) => {
                Err(Refusal::forbidden("WebSockets from that origin are not allowed."))
            }
        }
    }

    /// Whether pages of that origin may act here.
    pub(super) fn lists(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| {
            self.0.iter().any(|listed| listed.as_str().eq_ignore_ascii_case(origin))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(address: &str) -> Origins {
        let public_address = WebOrigin::parse(address).unwrap();
        Origins::new(&Settings { public_address, ..Settings::default() })
    }

    #[test]
    fn loopback_goes_by_three_names_and_others_by_one() {
        let loopback = origins("http://127.0.0.1:8090");
        assert!(loopback.lists(&HeaderValue::from_static("http://localhost:8090")));
        assert!(!loopback.lists(&HeaderValue::from_static("http://localhost:8091")));
        assert!(!loopback.lists(&HeaderValue::from_static("null")));
        let public = origins("https://accounts.example.org:443");
        assert!(public.lists(&HeaderValue::from_static("https://accounts.example.org")));
        assert!(!public.lists(&HeaderValue::from_static("https://localhost")));
        assert!(
            !public.lists(&HeaderValue::from_static("https://accounts.example.org.evil.example"))
        );
        assert!(
            !origins("https://localhost.example.org")
                .lists(&HeaderValue::from_static("https://127.0.0.1.example.org"))
        );
    }
}
