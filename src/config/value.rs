//! The types of configured values: read from text, shown as text.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

/// What is shown where there is nothing.
pub(super) const NONE: &str = "(none)";

/// What a text should have been, so that the message says how to mend it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unparsable(pub String);

/// A configured value: every layer gives it as text, `stamrol config` shows it as text.
pub trait Value {
    /// Takes the value that a text stands for.
    fn read(&mut self, text: &str) -> Result<(), Unparsable>;
    /// The text that stands for the value; secrets give only whether there is one.
    fn show(&self) -> String;
    /// Whether a text given for it must not be repeated in a message.
    fn is_secret(&self) -> bool {
        false
    }
}

pub(super) fn must_be<T>(what: impl Into<String>) -> Result<T, Unparsable> {
    Err(Unparsable(format!("must be {}", what.into())))
}

impl Value for SocketAddr {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        let parsed = text.parse();
        *self = parsed.or_else(|_| must_be("an address with a port, such as 127.0.0.1:8090"))?;
        Ok(())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for PathBuf {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        if text.is_empty() {
            return must_be("a path, such as ./data");
        }
        *self = text.into();
        Ok(())
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Value for bool {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        *self = text.parse().or_else(|_| must_be("true or false"))?;
        Ok(())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// A number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within<const MIN: u32, const MAX: u32>(pub(super) u32);

impl<const MIN: u32, const MAX: u32> Within<MIN, MAX> {
    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> Value for Within<MIN, MAX> {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        match text.parse() {
            Ok(number) if (MIN..=MAX).contains(&number) => self.0 = number,
            _ => return must_be(format!("a number from {MIN} to {MAX}")),
        }
        Ok(())
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// A period of `MIN` to `MAX` seconds, written as `90s`, `30m`, `12h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period<const MIN: u64, const MAX: u64>(Duration);

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl<const MIN: u64, const MAX: u64> Period<MIN, MAX> {
    pub(super) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The period.
    pub const fn get(self) -> Duration {
        self.0
    }
}

fn period(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
    text.strip_suffix(unit)?.parse::<u64>().ok()?.checked_mul(seconds)
}

fn show_period(seconds: u64) -> String {
    let whole = UNITS.into_iter().find(|(_, unit)| seconds.is_multiple_of(*unit));
    whole.map_or_else(
        || format!("{seconds}s"),
        |(letter, unit)| format!("{}{letter}", seconds / unit),
    )
}

impl<const MIN: u64, const MAX: u64> Value for Period<MIN, MAX> {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        match period(text) {
            Some(seconds) if (MIN..=MAX).contains(&seconds) => *self = Self::seconds(seconds),
            _ => {
                let (min, max) = (show_period(MIN), show_period(MAX));
                return must_be(format!(
                    "a period from {min} to {max}, such as 90s, 30m, 12h or 7d"
                ));
            }
        }
        Ok(())
    }

    fn show(&self) -> String {
        show_period(self.0.as_secs())
    }
}

/// The key that unwraps the keys in the vault, where it isn't kept in a file.
#[derive(Clone, Debug, Default)]
pub struct MasterKey(Option<SecretString>);

impl MasterKey {
    /// The key as 32 bytes, where one is configured.
    pub fn bytes(&self) -> Option<zeroize::Zeroizing<[u8; 32]>> {
        self.0.as_ref().and_then(|text| unhex(text.expose_secret()))
    }
}

pub(crate) fn unhex(text: &str) -> Option<zeroize::Zeroizing<[u8; 32]>> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

impl Value for MasterKey {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        if unhex(text).is_none() {
            return must_be("64 hexadecimal digits");
        }
        self.0 = Some(SecretString::from(text));
        Ok(())
    }

    fn show(&self) -> String {
        if self.0.is_some() { "(hidden)" } else { NONE }.to_owned()
    }

    fn is_secret(&self) -> bool {
        true
    }
}

/// Which events are logged, as `tracing` directives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(String);

impl Default for Filter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl Filter {
    /// Warnings and errors only.
    pub fn quiet() -> Self {
        Self("warn".to_owned())
    }

    /// The filter, ready for the subscriber.
    pub fn directives(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl Value for Filter {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        if text.is_empty() || EnvFilter::try_new(text).is_err() {
            return must_be("a filter, such as info or warn,stamrol=debug");
        }
        text.clone_into(&mut self.0);
        Ok(())
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl Value for LogFormat {
    fn read(&mut self, text: &str) -> Result<(), Unparsable> {
        *self = match text {
            "auto" => Self::Auto,
            "pretty" => Self::Pretty,
            "json" => Self::Json,
            _ => return must_be("auto, pretty or json"),
        };
        Ok(())
    }

    fn show(&self) -> String {
        match self {
            Self::Auto => "auto",
            Self::Pretty => "pretty",
            Self::Json => "json",
        }
        .to_owned()
    }
}
