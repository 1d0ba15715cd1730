//! Tokens in requests, and the cookie that carries one.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use graphql::client::Change;
use secrecy::{ExposeSecret, SecretString};

use super::{port::Credentials, refusal::Refusal, settings::Settings};

/// Longer tokens are nobody's.
const LONGEST: usize = 512;

/// By what a request says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    None,
    Bearer,
    Cookie,
}

impl Credentials {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::None => Kind::None,
            Self::Bearer(_) => Kind::Bearer,
            Self::Cookie(_) => Kind::Cookie,
        }
    }

    /// The bearer token, else the session cookie. An `Authorization` that can't be read is refused rather than ignored.
    pub(super) fn read(headers: &HeaderMap, settings: &Settings) -> Result<Self, Refusal> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            return match value.to_str().ok().and_then(bearer) {
                Some(token) => Ok(Self::Bearer(token)),
                None => Err(Refusal::new(
                    StatusCode::UNAUTHORIZED,
                    "The Authorization header must be \"Bearer TOKEN\".",
                )
                .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            };
        }
        let name = cookie_name(settings);
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let token =
            pairs.find_map(|(found, token)| (found == name && is_token(token)).then_some(token));
        Ok(token.map_or(Self::None, |token| Self::Cookie(token.into())))
    }
}

/// The token of `Bearer TOKEN`.
pub(super) fn bearer(text: &str) -> Option<SecretString> {
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && is_token(token)).then(|| token.into())
}

/// Whether `token` has the form of one: visible ASCII without what ends a cookie.
pub(super) fn is_token(token: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"' | b'\\');
    (1..=LONGEST).contains(&token.len()) && token.bytes().all(fits)
}

/// `__Host-` makes browsers hold the cookie to this host and https; plain http (loopback) can't have it.
fn cookie_name(settings: &Settings) -> &'static str {
    if settings.is_https() { "__Host-stamrol" } else { "stamrol" }
}

/// The `Set-Cookie` for a change of session; `None` if the token isn't fit for one.
pub(super) fn set_cookie(change: &Change, settings: &Settings) -> Option<HeaderValue> {
    let (token, seconds) = match change {
        Change::Set { token, max_age } => (token.expose_secret(), max_age.as_secs()),
        Change::Clear => ("", 0),
    };
    if !token.is_empty() && !is_token(token) {
        return None;
    }
    let name = cookie_name(settings);
    let secure = if settings.is_https() { "; Secure" } else { "" };
    let cookie =
        format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}
