//! Where text messages go, and what may be called.

use std::fmt;

use events::value::E164;
use hyper::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Network, Period, Within,
    value::{NONE, Unparsable, Value, must_be},
};
use crate::outgoing::Target;

/// Calls to other people's servers.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// Addresses beyond the internet that may be called, and those that may be called without TLS.
    pub private: Vec<Network>,
}

/// Where text messages go.
#[derive(Clone, Debug)]
pub struct Sms {
    /// The gateway; none: messages become files in the data directory.
    pub url: Url,
    /// The header that proves to the gateway who asks.
    pub header: Header,
    /// What is posted to it.
    pub body: MessageBody,
    /// Who messages say they are from.
    pub from: Sender,
    /// Messages an hour altogether: each costs money.
    pub per_hour: Within<1, 1_000_000>,
    /// How long the gateway may take.
    pub timeout: Period<1, 20>,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            url: Url::default(),
            header: Header::default(),
            body: MessageBody::default(),
            from: Sender("Stamrol".to_owned()),
            per_hour: Within(1_000),
            timeout: Period::seconds(10),
        }
    }
}

/// Where something is called, if anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url(pub Option<Target>);

impl Value for Url {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        self.0 = match text {
            "" => None,
            text => match Target::parse(text) {
                Some(target) => Some(target),
                None => {
                    return must_be(
                        "an address without a name and a password, such as https://gateway.example.org/messages",
                    );
                }
            },
        };
        Ok(())
    }

    fn show(&self) -> String {
        self.0.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string)
    }

    /// Some gateways are told a key in the query.
    fn is_secret(&self) -> bool {
        true
    }
}

/// A header with a secret in it, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Header(Option<(HeaderName, SecretString)>);

impl Header {
    /// The header as it is sent; its value is shown in no log.
    pub fn line(&self) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = self.0.as_ref()?;
        let mut value = HeaderValue::from_str(value.expose_secret()).ok()?;
        value.set_sensitive(true);
        Some((name.clone(), value))
    }
}

impl Value for Header {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        if text.is_empty() {
            self.0 = None;
            return Ok(());
        }
        let parsed = text.split_once(':').and_then(|(name, value)| {
            let (name, value) = (name.trim().parse().ok()?, value.trim());
            HeaderValue::from_str(value).ok().filter(|_| !value.is_empty())?;
            Some((name, SecretString::from(value)))
        });
        match parsed {
            Some(header) => self.0 = Some(header),
            None => return must_be("a header, such as Authorization: Bearer …"),
        }
        Ok(())
    }

    fn show(&self) -> String {
        self.0.as_ref().map_or_else(|| NONE.to_owned(), |(name, _)| format!("{name}: (hidden)"))
    }

    fn is_secret(&self) -> bool {
        true
    }
}

/// Whom messages come from: a name of at most 11 letters and digits, or a number, as gateways take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(pub String);

impl Value for Sender {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        let number = E164::parse(text).ok();
        let is_name =
            text.len() <= 11 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
        let name = Some(text).filter(|text| is_name && !text.trim().is_empty());
        match number.as_ref().map(E164::as_str).or(name) {
            Some(sender) => sender.clone_into(&mut self.0),
            None => {
                return must_be(
                    "a name of at most 11 letters and digits, or a number such as +31612345678",
                );
            }
        }
        Ok(())
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// What is posted to a gateway: JSON, or fields of a form, with places for number, sender and text. Some gateways are told
/// a key there.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageBody(String);

impl fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MessageBody").field(&self.show()).finish()
    }
}

/// The places, and what is written there.
const PLACES: [&str; 4] = ["{to}", "{digits}", "{from}", "{text}"];

impl Default for MessageBody {
    fn default() -> Self {
        Self(r#"{"to":"{to}","from":"{from}","text":"{text}"}"#.to_owned())
    }
}

impl MessageBody {
    fn is_json(&self) -> bool {
        self.0.starts_with(['{', '['])
    }

    /// What it is, for the gateway.
    pub fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(if self.is_json() {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        })
    }

    /// With everything in its place, escaped as the form asks for.
    pub fn fill(&self, to: &E164, from: &str, text: &str) -> String {
        let values = [to.as_str(), to.digits(), from, text];
        let (mut filled, mut rest) = (String::with_capacity(self.0.len() + text.len()), &*self.0);
        while let Some((at, place)) = next_place(rest) {
            filled.push_str(&rest[..at]);
            if self.is_json() {
                let quoted = serde_json::Value::from(values[place]).to_string();
                filled.push_str(&quoted[1..quoted.len() - 1]);
            } else {
                escape(values[place], &mut filled);
            }
            rest = &rest[at + PLACES[place].len()..];
        }
        filled.push_str(rest);
        filled
    }
}

/// The first place in a text: where, and which.
fn next_place(text: &str) -> Option<(usize, usize)> {
    let found =
        PLACES.iter().enumerate().filter_map(|(which, place)| Some((text.find(place)?, which)));
    found.min()
}

/// As forms are written (`application/x-www-form-urlencoded`).
fn escape(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.extend([byte >> 4, byte & 15].map(|digit| char::from(HEX[usize::from(digit)])));
        }
    }
}

impl Value for MessageBody {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        let body = Self(text.trim().to_owned());
        let has = |place| body.0.contains(place);
        let Ok(sample) = E164::parse("+31612345678") else { return Ok(()) };
        let filled = body.fill(&sample, "Stamrol", "\"1\"");
        let is_json = serde_json::from_str::<serde_json::Value>(&filled).is_ok();
        if !has("{text}") || !(has("{to}") || has("{digits}")) || body.is_json() && !is_json {
            return must_be(
                r#"JSON or a form that says {text} and {to} or {digits}, such as {"to":"{to}","body":"{text}"} or To={to}&Body={text}"#,
            );
        }
        *self = body;
        Ok(())
    }

    fn show(&self) -> String {
        if *self == Self::default() { self.0.clone() } else { "(set)".to_owned() }
    }

    fn is_secret(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Layers, SETTINGS};

    fn body(text: &str) -> Result<MessageBody, Unparsable> {
        let mut body = MessageBody::default();
        body.read(text).map(|()| body)
    }

    fn anna() -> E164 {
        E164::parse("+31612345678").unwrap()
    }

    #[test]
    fn json_stays_json_whatever_the_text_says() {
        let text = "a \"quote\", a {to}\nand a \\";
        let filled = MessageBody::default().fill(&anna(), "Bakker", text);
        let read: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(read, serde_json::json!({"to": "+31612345678", "from": "Bakker", "text": text}));
        let nested = body(r#"{"messages":[{"msisdn":{digits},"body":"{text}"}]}"#).unwrap();
        let read: serde_json::Value = serde_json::from_str(&nested.fill(&anna(), "", "1")).unwrap();
        assert_eq!(read["messages"][0]["msisdn"], 31_612_345_678_u64);
        assert_eq!(nested.content_type(), "application/json");
    }

    #[test]
    fn a_form_stays_a_form_whatever_the_text_says() {
        let form = body("To={to}&From={from}&Body={text}").unwrap();
        let filled = form.fill(&anna(), "Bakker", "é & {to}=1");
        assert_eq!(filled, "To=%2B31612345678&From=Bakker&Body=%C3%A9%20%26%20%7Bto%7D%3D1");
        assert_eq!(form.content_type(), "application/x-www-form-urlencoded");
    }

    #[test]
    fn a_body_that_lacks_something_or_is_no_json_is_refused() {
        for wrong in [
            "",
            "{\"to\":\"{to}\"}",
            "Body={text}",
            "{\"to\":\"{to}\",\"text\":{text}}",
            "{to} {text",
        ] {
            assert!(body(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn s27_keys_that_a_gateway_is_told_are_neither_shown_nor_repeated() {
        for (key, good, wrong) in [
            (
                "sms.url",
                "https://a.example/messages?key=kanarie",
                "https://anna:kanarie@a.example/",
            ),
            ("sms.body", "key=kanarie&to={to}&text={text}", "key=kanarie&to={to}"),
        ] {
            let load = |text: &str| {
                let flags = vec![(key.to_owned(), text.to_owned(), "--set".to_owned())];
                Layers { flags, ..Layers::default() }.load()
            };
            let (mut config, _) = load(good).unwrap();
            let setting = SETTINGS.iter().find(|setting| setting.key == key).unwrap();
            let shown = setting.field(&mut config).show();
            assert!(!format!("{shown} {config:?}").contains("kanarie"), "{shown} {config:?}");
            assert!(shown.contains("a.example/messages") || shown == "(set)", "{shown}");
            let error = load(wrong).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("kanarie"), "{error} {error:?}");
        }
    }

    #[test]
    fn a_number_that_messages_are_from_is_one_as_gateways_take_it() {
        let mut sender = Sender("Stamrol".to_owned());
        for (text, from) in [
            ("0031-6-12345678", Some("+31612345678")),
            ("+31 6 12345678", Some("+31612345678")),
            ("Bakker 7", Some("Bakker 7")),
            ("Bakkerij Bakker", None),
            ("Daniël", None),
            (" ", None),
        ] {
            assert_eq!(sender.read(text).is_ok(), from.is_some(), "{text:?}");
            assert!(from.is_none_or(|from| sender.0 == from), "{sender:?}");
        }
    }

    #[test]
    fn s27_the_header_is_not_shown() {
        let mut header = Header::default();
        header.read("Authorization: Bearer kanarie-7").unwrap();
        assert_eq!(header.show(), "authorization: (hidden)");
        assert!(header.is_secret() && !format!("{header:?}").contains("kanarie"));
        let (name, value) = header.line().unwrap();
        assert_eq!((name.as_str(), value.as_bytes()), ("authorization", &b"Bearer kanarie-7"[..]));
        assert!(!format!("{value:?}").contains("kanarie"));
        for wrong in ["Bearer kanarie", "A b: c", "X-Key:", "X-Key: a\r\nHost: b"] {
            assert!(header.read(wrong).is_err(), "{wrong:?}");
        }
    }
}
