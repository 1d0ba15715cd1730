use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use serde::{
    Deserializer,
    de::{DeserializeOwned, Visitor, value::Error},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    samples::{bare_samples, samples},
    *,
};
use crate::Sealed;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Stored name → JSON, of every form that was ever stored.
fn golden_files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(golden()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    files
}

/// Keeps the form of a new event version: `STAMROL_GOLDEN=new cargo test -p events golden`.
/// What is there already is never written again.
fn write_missing_golden_files() {
    let mut sums = fs::read_to_string(golden().join("SHA256SUMS")).unwrap_or_default();
    for event in samples() {
        let coded = encode(&event).unwrap();
        let path = golden().join(format!("{}.json", coded.kind));
        if !path.exists() {
            let text = format!("{}\n", coded.data);
            writeln!(sums, "{}  {}.json", sum(&text), coded.kind).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    fs::write(golden().join("SHA256SUMS"), sums).unwrap();
}

fn sum(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut sum, byte| {
        write!(sum, "{byte:02x}").unwrap();
        sum
    })
}

#[test]
fn every_sample_is_stored_as_its_golden_file_says() {
    if std::env::var("STAMROL_GOLDEN").is_ok_and(|mode| mode == "new") {
        write_missing_golden_files();
    }
    let files = golden_files();
    for event in samples() {
        let coded = encode(&event).unwrap();
        let file = files.get(&*coded.kind);
        assert_eq!(
            file.map(|file| file.trim_end()),
            Some(&*coded.data),
            "{} (a new form? STAMROL_GOLDEN=new cargo test -p events golden)",
            coded.kind
        );
    }
}

#[test]
fn every_golden_file_is_read_and_none_is_left_over() {
    for (kind, data) in golden_files() {
        let event = decode(&kind, &data).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let newest = encode(&event).unwrap();
        if *newest.kind == kind {
            assert_eq!(&*newest.data, data.trim_end());
        }
    }
}

#[test]
fn no_golden_file_ever_changes() {
    let sums = fs::read_to_string(golden().join("SHA256SUMS")).unwrap();
    let pinned: BTreeMap<&str, &str> =
        sums.lines().map(|line| line.split_once("  ").unwrap()).map(|(s, f)| (f, s)).collect();
    let files = golden_files();
    assert_eq!(pinned.len(), files.len(), "a golden file is missing, or not pinned in SHA256SUMS");
    for (kind, data) in files {
        assert_eq!(
            pinned.get(&*format!("{kind}.json")),
            Some(&&*sum(&data)),
            "{kind} is in logs for ever: add a version instead"
        );
    }
}

#[test]
fn every_variant_has_a_golden_file() {
    let stored: Vec<_> = golden_files().into_keys().collect();
    let mut variants = 0;
    for stream in variants_of::<Event>() {
        let events = match *stream {
            "installation" => variants_of::<installation::Event>(),
            "organisation" => variants_of::<organisation::Event>(),
            "account" => variants_of::<account::Event>(),
            "membership" => variants_of::<membership::Event>(),
            "session" => variants_of::<session::Event>(),
            "service_key" => variants_of::<service_key::Event>(),
            "mail" => variants_of::<mail::Event>(),
            "factor" => variants_of::<factor::Event>(),
            other => panic!("add the events of `{other}` here and to the samples"),
        };
        for event in events {
            let name = format!("{stream}.{event}.v");
            assert!(
                stored.iter().any(|kind| kind.starts_with(&name)),
                "{name}1 has no golden file"
            );
            variants += 1;
        }
    }
    assert_eq!(variants, samples().len(), "one sample per variant");
}

#[test]
fn what_is_encoded_is_decoded_to_the_same_event() {
    for event in samples().into_iter().chain(bare_samples()) {
        let coded = encode(&event).unwrap();
        assert_eq!(decode(&coded.kind, &coded.data).unwrap(), event, "{}", coded.kind);
    }
}

#[test]
fn a_kind_is_a_stored_name_without_its_version() {
    for event in samples() {
        let (kind, version) = stored_name(&event).rsplit_once(".v").unwrap();
        assert_eq!(kind_of(&event), kind);
        assert!(version.parse::<u32>().is_ok());
    }
}

#[test]
fn open_personal_data_is_never_encoded() {
    let address = crate::value::EmailAddress::parse("anna@example.org").unwrap();
    let open = Sealed::new(Uuid::nil().into(), address);
    let error = encode(&membership::Event::AliasAdded { address: open }.into()).unwrap_err();
    assert!(matches!(error, CodecError::Data { .. }));
    assert!(!error.to_string().contains("anna"), "{error}");
}

#[test]
fn an_unknown_name_or_version_is_said_to_be_unknown() {
    for kind in ["", "account", "account.created", "account.locked.v2", "planet.created.v1"] {
        assert!(decode(kind, "{}").is_err(), "{kind}");
    }
    assert!(
        matches!(decode("account.locked.v2", "{}"), Err(CodecError::UnknownKind(kind)) if kind == "account.locked.v2")
    );
}

#[test]
fn data_that_does_not_fit_or_goes_on_is_refused() {
    for data in ["", "{", "[]", "null", r#"{"organisation":7}"#, "{} {}", "{}"] {
        assert!(decode("account.joined.v1", data).is_err(), "{data}");
    }
    assert!(decode("account.locked.v1", "{").is_err());
}

#[test]
fn an_older_form_is_lifted_step_by_step() {
    let steps = [
        Upcast {
            from: "account.left.v0",
            to: "account.left.v1",
            lift: |old| json!({"organisation": old["tenant"]}),
        },
        Upcast {
            from: "account.left.beta.v9",
            to: "account.left.v0",
            lift: |old| json!({"tenant": old["tenants"][0]}),
        },
    ];
    let tenant = Uuid::from_u128(7);
    let newest = Event::from(account::Event::Left { organisation: tenant.into() });
    let lifted = |kind, data: Value| decode_with(&steps, kind, &data.to_string()).unwrap();
    assert_eq!(lifted("account.left.v0", json!({"tenant": tenant})), newest);
    assert_eq!(lifted("account.left.beta.v9", json!({"tenants": [tenant]})), newest);
    assert_eq!(lifted("account.left.v1", json!({"organisation": tenant})), newest);
}

#[test]
fn no_step_leads_to_an_unknown_name_or_in_a_circle() {
    let known: Vec<_> = samples().iter().map(stored_name).collect();
    for upcast in &UPCASTS {
        assert!(!known.contains(&upcast.from), "{} is the newest form", upcast.from);
        assert!(
            known.contains(&upcast.to) || UPCASTS.iter().any(|next| next.from == upcast.to),
            "{} leads nowhere",
            upcast.from
        );
    }
}

/// The names of an enum's variants, as serde knows them.
fn variants_of<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Ask(std::cell::Cell<&'static [&'static str]>);
    impl<'de> Deserializer<'de> for &Ask {
        type Error = Error;
        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            self.0.set(variants);
            Err(serde::de::Error::custom("only asked"))
        }
        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(serde::de::Error::custom("not an enum"))
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }
    let ask = Ask(std::cell::Cell::new(&[]));
    drop(T::deserialize(&ask));
    ask.0.get()
}
