//! The layers of configuration, and how they become one.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use super::{Config, SETTINGS, Setting, value::Unparsable};

/// The file that is read where no other is named.
const FILE: &str = "stamrol.toml";
/// The variable that names another file.
const FILE_VARIABLE: &str = "STAMROL_CONFIG";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A flag on the command line.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key that doesn't exist.
    #[error("`{key}` ({from}) is not a setting{hint}; `stamrol config` lists them all", hint = .nearest.map(|key| format!(" (did you mean `{key}`?)")).unwrap_or_default())]
    Unknown {
        /// The key as given.
        key: String,
        /// Where it was given.
        from: Source,
        /// The key that it looks like.
        nearest: Option<&'static str>,
    },
    /// A value that a key can't have.
    #[error("`{key}` ({from}) {reason}{given}", given = .given.as_ref().map(|text| format!("; it is {text:?}")).unwrap_or_default())]
    Invalid {
        /// The key.
        key: &'static str,
        /// Where it was given.
        from: Source,
        /// What it must be.
        reason: Unparsable,
        /// What was given, unless it is a secret.
        given: Option<String>,
    },
    /// A file that can't be read.
    #[error("{path}: {cause}; mend it, or leave --config and STAMROL_CONFIG away", path = .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file that is not TOML.
    #[error("{path} is not valid TOML: line {line}, column {column}: {reason}", path = .path.display())]
    NotToml {
        /// Which file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// Why, without what stands there: that may be a secret.
        reason: String,
    },
}

/// What each layer says, before it is put together.
#[derive(Debug, Default)]
pub struct Layers {
    /// The file that `--config` names; must exist.
    pub file: Option<PathBuf>,
    /// The environment's variables.
    pub environment: Vec<(String, String)>,
    /// Flags: the key, the value, and the flag as the user wrote it.
    pub flags: Vec<(String, String, String)>,
}

/// Where each of [`SETTINGS`] comes from, in their order.
pub type Sources = Vec<Source>;

/// Whether nobody has set a key.
pub fn is_default(key: &str, sources: &Sources) -> bool {
    let settings = SETTINGS.iter().zip(sources);
    settings.into_iter().any(|(setting, source)| setting.key == key && *source == Source::Default)
}

impl Layers {
    /// Puts the layers together; says of each setting where it comes from.
    pub fn load(&self) -> Result<(Config, Sources), ConfigError> {
        let mut config = Config::default();
        let mut sources = vec![Source::Default; SETTINGS.len()];
        for (key, text, source) in self.values()? {
            let Some(place) = find(&key, &source) else {
                let nearest = nearest(&key, &source);
                return Err(ConfigError::Unknown { key, from: source, nearest });
            };
            let field = SETTINGS[place].field(&mut config);
            field.read(&text).map_err(|reason| ConfigError::Invalid {
                key: SETTINGS[place].key,
                from: source.clone(),
                reason,
                given: (!field.is_secret()).then(|| text.clone()),
            })?;
            sources[place] = source;
        }
        Ok((config, sources))
    }

    /// Everything that is given, weakest first.
    fn values(&self) -> Result<Vec<(String, String, Source)>, ConfigError> {
        let mut values = Vec::new();
        let named = self.environment.iter().find(|(variable, _)| variable == FILE_VARIABLE);
        let named = self.file.clone().or_else(|| named.map(|(_, path)| path.into()));
        let path = named.as_deref().unwrap_or(Path::new(FILE));
        if named.is_some() || path.exists() {
            let source = Source::File(path.to_owned());
            flatten("", &read(path)?, &mut |key, text| values.push((key, text, source.clone())));
        }
        for (variable, text) in &self.environment {
            if variable.starts_with("STAMROL_") && variable != FILE_VARIABLE {
                let source = Source::Environment(variable.clone());
                values.push((variable.clone(), text.clone(), source));
            }
        }
        for (key, text, flag) in &self.flags {
            values.push((key.clone(), text.clone(), Source::Flag(flag.clone())));
        }
        Ok(values)
    }
}

fn read(path: &Path) -> Result<toml::Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
        let reason = error.message().to_owned();
        ConfigError::NotToml { path: path.to_owned(), line, column, reason }
    })
}

/// Tables become dotted keys, and lists become texts with commas.
fn flatten(prefix: &str, table: &toml::Table, found: &mut impl FnMut(String, String)) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, found),
            toml::Value::Array(items) => {
                found(key, items.iter().map(plain).collect::<Vec<_>>().join(","));
            }
            other => found(key, plain(other)),
        }
    }
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        toml::Value::Datetime(time) => time.to_string(),
        // No setting is a list of lists; the text makes the message that says so readable.
        toml::Value::Array(_) | toml::Value::Table(_) => "a nested list".to_owned(),
    }
}

fn name(setting: &Setting, source: &Source) -> String {
    match source {
        Source::Environment(_) => setting.variable(),
        _ => setting.key.to_owned(),
    }
}

fn find(key: &str, source: &Source) -> Option<usize> {
    SETTINGS.iter().position(|setting| name(setting, source) == key)
}

/// The key that differs least, if it differs in at most three places.
fn nearest(key: &str, source: &Source) -> Option<&'static str> {
    let distance = |setting: &Setting| differences(key, &name(setting, source));
    let setting = SETTINGS.iter().min_by_key(|setting| distance(setting))?;
    (distance(setting) <= 3).then_some(setting.key)
}

/// Levenshtein's distance.
fn differences(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(toml: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Layers {
        let directory = tempfile::tempdir().unwrap().keep();
        let file = directory.join(FILE);
        std::fs::write(&file, toml).unwrap();
        let owned = |text: &&str| (*text).to_owned();
        Layers {
            file: Some(file),
            environment: environment.iter().map(|(k, v)| (owned(k), owned(v))).collect(),
            flags: flags.iter().map(|(k, v)| (owned(k), owned(v), format!("--{k}"))).collect(),
        }
    }

    fn source(sources: &Sources, key: &str) -> String {
        let place = SETTINGS.iter().position(|setting| setting.key == key).unwrap();
        sources[place].to_string()
    }

    #[test]
    fn later_layers_win_and_each_value_knows_its_source() {
        let layers = layers(
            "listen = '127.0.0.1:1'\n[sessions]\nidle = '5m'\n[http]\ntrusted_proxies = ['10.0.0.0/8', '::1']",
            &[
                ("STAMROL_LISTEN", "127.0.0.1:2"),
                ("STAMROL_SESSIONS_ABSOLUTE", "2h"),
                ("HOME", "/"),
            ],
            &[("listen", "127.0.0.1:3")],
        );
        let (config, sources) = layers.load().unwrap();
        assert_eq!(config.listen.port(), 3);
        assert_eq!(source(&sources, "listen"), "flag --listen");
        assert_eq!(config.sessions.idle.get().as_secs(), 300);
        assert!(source(&sources, "sessions.idle").starts_with("file "));
        assert_eq!(config.sessions.absolute.get().as_secs(), 7200);
        let absolute = source(&sources, "sessions.absolute");
        assert_eq!(absolute, "environment STAMROL_SESSIONS_ABSOLUTE");
        assert_eq!(config.http.trusted_proxies.len(), 2);
        assert_eq!(source(&sources, "data"), "default");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_source_and_how_to_mend_it() {
        let error = layers("[passwords]\nmin_length = 3", &[], &[]).load().unwrap_err().to_string();
        assert!(error.contains("`passwords.min_length` (file "), "{error}");
        assert!(error.ends_with("must be a number from 8 to 128; it is \"3\""), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_nearest_is_suggested() {
        let error = layers("[sesions]\nidle = '5m'", &[], &[]).load().unwrap_err().to_string();
        assert!(error.contains("did you mean `sessions.idle`?"), "{error}");
        let error = layers("", &[("STAMROL_LISTN", "x")], &[]).load().unwrap_err().to_string();
        assert!(error.contains("environment STAMROL_LISTN"), "{error}");
        assert!(error.contains("did you mean `listen`?"), "{error}");
    }

    #[test]
    fn a_secret_never_stands_in_a_message_nor_in_what_is_shown() {
        let given = "canary-0123456789";
        let error = layers("", &[("STAMROL_MASTER_KEY", given)], &[]).load().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(given));
        let key = "0123456789abcdef".repeat(4);
        let (mut config, _) = layers("", &[("STAMROL_MASTER_KEY", &key)], &[]).load().unwrap();
        assert!(config.master_key.bytes().is_some());
        assert!(!format!("{config:?}").contains(&key));
        for setting in SETTINGS {
            assert!(!setting.field(&mut config).show().contains(&key));
        }
    }

    #[test]
    fn s27_a_file_that_can_t_be_read_is_told_by_its_place_and_not_by_what_stands_there() {
        let key = "0011".repeat(16);
        for wrong in [format!("master_key = {key}"), format!("master_key = '{key}"), key.clone()] {
            let text = format!("listen = '127.0.0.1:1'\n  {wrong}\n");
            let error = layers(&text, &[], &[]).load().unwrap_err();
            assert!(error.to_string().contains("line 2, column "), "{error}");
            assert!(!format!("{error} {error:?}").contains("0011"), "{error} {error:?}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_the_same() {
        let mut config = Config::default();
        for setting in SETTINGS {
            let field = setting.field(&mut config);
            let shown = field.show();
            if shown != "(none)" {
                field.read(&shown).unwrap();
                assert_eq!(field.show(), shown, "{}", setting.key);
            }
        }
    }
}
