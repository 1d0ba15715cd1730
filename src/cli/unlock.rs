//! `stamrol unlock`.

use std::process::ExitCode;

use clap::Args;
use events::value::Language;

use super::{failed, language::Choice};
use crate::{
    app::{Data, Installation},
    config::Config,
    control::{self, Answer, Ask, Unlocking},
};

/// Whom to let in again.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The name that the account signs in with.
    #[arg(value_name = "USERNAME")]
    username: String,
    /// In which language to tell [default: that of the environment].
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Choice>,
}

/// Through a running server; else here, where the log keeps others out.
pub(super) async fn run(config: Config, options: Options) -> ExitCode {
    let Options { username, language } = options;
    let language = Choice::or_of_environment(language);
    let socket = Data::existing(&config.data).control();
    let asked = Ask::Unlock { username: username.clone() };
    let outcome = match control::ask(&socket, &asked).await {
        Ok(Some(answers)) => told(answers).await,
        Ok(None) => here(&config, &username).await,
        Err(error) => Err(format!("{}: {error}", socket.display())),
    };
    match outcome {
        Ok(unlocking) => {
            let text = wording(unlocking, language, &username);
            if unlocking == Unlocking::NoSuchAccount {
                return failed(text);
            }
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(reason) => failed(reason),
    }
}

async fn told(mut answers: control::Answers) -> Result<Unlocking, String> {
    match answers.next().await.map_err(|error| error.to_string())? {
        Some(Answer::Unlocking { outcome }) => Ok(outcome),
        Some(Answer::Refused { reason }) => Err(reason),
        Some(_) | None => Err("the server ended the conversation".to_owned()),
    }
}

async fn here(config: &Config, username: &str) -> Result<Unlocking, String> {
    let installation = Installation::open(config).await.map_err(|error| error.to_string())?;
    let outcome = control::unlock(&installation.handler, username).await;
    installation.close().await;
    outcome.map_err(|failure| failure.to_string())
}

fn wording(unlocking: Unlocking, language: Language, name: &str) -> String {
    match (unlocking, language) {
        (Unlocking::Unlocked, Language::Nl) => {
            format!("{name} is ontgrendeld en kan zich weer aanmelden.")
        }
        (Unlocking::Unlocked, Language::De) => {
            format!("{name} ist entsperrt und kann sich wieder anmelden.")
        }
        (Unlocking::Unlocked, Language::En) => format!("{name} is unlocked and can sign in again."),
        (Unlocking::NotLocked, Language::Nl) => format!("{name} is niet vergrendeld."),
        (Unlocking::NotLocked, Language::De) => format!("{name} ist nicht gesperrt."),
        (Unlocking::NotLocked, Language::En) => format!("{name} is not locked."),
        (Unlocking::NoSuchAccount, Language::Nl) => {
            format!("niemand heeft de gebruikersnaam {name}; controleer de spelling")
        }
        (Unlocking::NoSuchAccount, Language::De) => {
            format!("niemand hat den Benutzernamen {name}; prüfen Sie die Schreibweise")
        }
        (Unlocking::NoSuchAccount, Language::En) => {
            format!("nobody has the username {name}; check how it is spelled")
        }
    }
}
