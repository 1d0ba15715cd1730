//! The shape of the house: who may know whom, and how large a file may grow.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Every crate of the workspace with the crates of the workspace that it may use, and no others.
const EDGES: [(&str, &[&str]); 6] = [
    ("events", &[]),
    ("rights", &["events"]),
    ("commands", &["events"]),
    ("projections", &["events", "rights"]),
    ("graphql", &["commands", "events", "projections"]),
    ("stamrol", &["commands", "events", "graphql", "projections"]),
];

/// No Rust file is longer, tests included.
const LONGEST_FILE: usize = 800;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The edges between the workspace's crates; what only tests use doesn't count.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let name = |package: &Value| package["name"].as_str().expect("a package has a name").to_owned();
    let members: BTreeSet<String> = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|package| {
            let used = package["dependencies"]
                .as_array()
                .expect("a package lists its dependencies")
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(name)
                .filter(|dependency| members.contains(dependency))
                .collect();
            (name(package), used)
        })
        .collect()
}

#[test]
fn the_crates_know_each_other_only_along_the_allowed_edges() {
    for (package, used) in edges() {
        let (_, allowed) = EDGES
            .iter()
            .find(|(name, _)| *name == package)
            .unwrap_or_else(|| panic!("{package} is a new crate: say in EDGES whom it may know"));
        let forbidden: Vec<_> =
            used.iter().filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(forbidden.is_empty(), "{package} must not know {forbidden:?}");
    }
}

#[test]
fn every_crate_of_the_house_is_there() {
    let found: BTreeSet<String> = edges().into_keys().collect();
    let named: BTreeSet<String> = EDGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, named);
}

#[test]
fn no_file_outgrows_its_room() {
    let files = rust_files(root());
    assert!(files.len() > 50, "only {} Rust files found: the walk is broken", files.len());
    let too_long: Vec<String> = files
        .into_iter()
        .filter_map(|file| {
            let lines =
                std::fs::read_to_string(&file).expect("a Rust file is text").lines().count();
            (lines > LONGEST_FILE).then(|| format!("{} has {lines} lines", file.display()))
        })
        .collect();
    assert!(too_long.is_empty(), "split by topic: {too_long:#?}");
}

/// Requirements of security (SECURITY.md) that what is built so far must meet; each has tests that carry its number.
/// S25 and S26 come with imports and avatars. S32 is a check of the build, `deny.toml`.
const DUE: &[u32] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 27, 28,
    29, 30, 31, 33, 34, 35, 36,
];

#[test]
fn every_requirement_of_security_that_is_due_has_a_test_with_its_number() {
    let all: Vec<String> = rust_files(root())
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("a Rust file is text"))
        .collect();
    let untested: Vec<_> = DUE
        .iter()
        .filter(|number| {
            let name = format!("fn s{number}_");
            !all.iter().any(|text| {
                text.match_indices(&name).any(|(at, _)| {
                    let before: Vec<_> = text[..at].lines().rev().take(3).collect();
                    before.iter().any(|line| line.contains("test"))
                })
            })
        })
        .collect();
    assert!(untested.is_empty(), "no test is called after S{untested:?}");
}

/// `==` stops at the first byte that differs, and how long that took can be heard outside.
#[test]
fn s28_no_secret_is_compared_with_what_was_given_but_in_constant_time() {
    let unequal = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        let secret = ["expose_secret()", "expose_secret(", "hash", "code", "token", "secret"];
        let compared = [" == ", " != "].iter().filter_map(|sign| code.split_once(sign));
        compared.into_iter().any(|(left, right)| {
            let word = |side: &str| {
                let word = side.trim_end_matches(['?', ' ']);
                secret.iter().any(|secret| word.ends_with(secret))
            };
            let first = right.split([' ', ')', ';', ',', '{']).next().unwrap_or_default();
            word(left) || word(first)
        })
    };
    assert!(unequal("if code == given {") && unequal("given != *hash)"), "the check finds none");
    let mut found = Vec::new();
    for room in ["src/auth", "events/src/vault"] {
        for file in rust_files(&root().join(room)) {
            let text = std::fs::read_to_string(&file).expect("a Rust file is text");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let is_test = file.iter().any(|part| part == "tests" || part == "tests.rs");
            let lines = text.lines().filter(|line| !is_test && unequal(line));
            found.extend(lines.map(|line| format!("{}: {}", file.display(), line.trim())));
        }
    }
    assert!(found.is_empty(), "compare these with `subtle`: {found:#?}");
}

/// The system's clock is asked where it is handed out from, and for what no event tells and no rule asks: when a projection
/// stopped, and when a purse is full again.
const CLOCKS: &[&str] = &["src/app/system.rs", "src/http/budget.rs", "projections/src/runner.rs"];

#[test]
fn nobody_asks_the_system_what_time_it_is() {
    let (mut asking, mut asked) = (Vec::new(), 0);
    for file in rust_files(root()) {
        let path = file.strip_prefix(root()).expect("it is in the repository");
        let beside = ["tests", "tests.rs", "benches", "bench", "examples"];
        if path.iter().any(|part| beside.iter().any(|name| part == *name)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a Rust file is text");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if ["Utc::now()", "Local::now()", "SystemTime::now()"].iter().any(|it| text.contains(it)) {
            asked += 1;
            asking.extend(Some(path.display().to_string()).filter(|it| !CLOCKS.contains(&&**it)));
        }
    }
    assert_eq!(asked, CLOCKS.len() + asking.len(), "the check finds none");
    assert!(asking.is_empty(), "take the time from a `Clock`: {asking:#?}");
}

/// All Rust files of the repository; what is built or kept beside it is no part of it.
fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "data", "node_modules"].contains(&name) {
                found.extend(rust_files(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
