//! In which language the command line tells what happened.

use clap::ValueEnum;
use events::value::Language;

/// A language that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Choice {
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    En,
}

impl From<Choice> for Language {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Nl => Self::Nl,
            Choice::De => Self::De,
            Choice::En => Self::En,
        }
    }
}

impl Choice {
    /// What was chosen, or else what the environment says; English where that is another language, or none.
    pub(super) fn or_of_environment(choice: Option<Self>) -> Language {
        choice.map_or_else(|| of(|variable| std::env::var(variable).ok()), Language::from)
    }
}

/// By POSIX, the first of these variables that says anything says it.
fn of(variable: impl Fn(&str) -> Option<String>) -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|locale| !locale.is_empty()))
        .unwrap_or_default();
    // `nl_BE.UTF-8`, `de_AT@euro`, `nl`.
    let language = said.split(['_', '.', '@']).next().unwrap_or_default();
    Choice::from_str(language, true).map_or(Language::En, Language::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_anything_says_the_language() {
        for (variables, language) in [
            (&[("LANG", "nl_NL.UTF-8")][..], Language::Nl),
            (&[("LANG", "nl_BE")], Language::Nl),
            (&[("LANG", "de_AT@euro")], Language::De),
            (&[("LC_ALL", "de"), ("LANG", "nl_NL.UTF-8")], Language::De),
            (&[("LC_ALL", ""), ("LC_MESSAGES", "nl"), ("LANG", "de_DE")], Language::Nl),
            (&[("LC_ALL", "C.UTF-8"), ("LANG", "nl_NL.UTF-8")], Language::En),
            (&[("LANG", "fr_FR.UTF-8")], Language::En),
            (&[("LANG", "denver")], Language::En),
            (&[], Language::En),
        ] {
            let variable = |name: &str| {
                variables
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, text)| (*text).to_owned())
            };
            assert_eq!(of(variable), language, "{variables:?}");
        }
    }
}
