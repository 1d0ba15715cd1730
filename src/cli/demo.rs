//! `stamrol demo`.

use std::{process::ExitCode, sync::Mutex};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use clap::Args;
use commands::{Command, Request};
use events::{
    AccountId, Actor, Position, RequestId,
    value::{EmailAddress, Profile, ProfileEntry, ProfileField, Text, Username},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    failed,
    progress::{Progress, caught_up},
};
use crate::{
    app::{Installation, StartError},
    auth::hashing::{HashError, Hashing},
    config::Config,
    demo::{self, LoadError, Size},
    reactors,
};

/// A realistic installation, in a data directory that is empty.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// How many organisations.
    #[arg(long, default_value_t = 5)]
    organisations: u32,
    /// How many accounts altogether.
    #[arg(long, default_value_t = 1_000)]
    accounts: u32,
    /// Another number, other people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Makes a first operator of this name too, and shows its password once.
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0} holds {1} events already; the demo wants an empty directory, named with --data")]
    NotEmpty(String, u64),
    #[error("{0}")]
    Start(#[from] StartError),
    #[error("{0}")]
    Load(#[from] LoadError),
    #[error("the operator: {0}")]
    Name(#[from] events::value::Invalid),
    #[error("the operator: {0}")]
    Hashing(#[from] HashError),
    #[error("the operator: {0}")]
    Vault(#[from] events::vault::VaultError),
    #[error("the operator: {0}")]
    Operator(#[from] commands::Failure),
    #[error("{0}")]
    Checkpoint(#[from] std::io::Error),
}

/// Fills an installation.
pub(super) async fn run(config: Config, options: Options) -> ExitCode {
    match fill(&config, &options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error),
    }
}

async fn fill(config: &Config, options: &Options) -> Result<(), Trouble> {
    let installation = Installation::open(config).await?;
    let filled = fill_open(&installation, config, options).await;
    installation.close().await;
    filled
}

async fn fill_open(
    installation: &Installation,
    config: &Config,
    options: &Options,
) -> Result<(), Trouble> {
    let Position(head) = installation.store.head();
    if head > 0 {
        return Err(Trouble::NotEmpty(config.data.display().to_string(), head));
    }
    let operator = match &options.operator {
        Some(name) => Some((name, operator(installation, config, name).await?)),
        None => None,
    };
    let Options { organisations, accounts, seed, .. } = *options;
    let size = Size { organisations, accounts, seed };
    let bar = Mutex::new(Progress::new("demo", "accounts"));
    let shown = |done, total| {
        if let Ok(mut bar) = bar.lock() {
            bar.show(done, total);
        }
    };
    let (handler, ids) = (installation.handler.clone(), installation.ids.clone());
    let loaded = demo::load(handler, ids, size, shown).await?;
    if let Ok(bar) = bar.lock() {
        bar.finish();
    }
    // Nobody has signed in, so there is nothing for reactors in what was made.
    let head = installation.store.head();
    reactors::begin_at(&installation.data.reactors(), head)?;
    let views = installation.views().await?;
    caught_up(&views, head).await;
    views.close().await;

    let demo::Loaded { organisations, accounts, commands } = loaded;
    println!(
        "{organisations} organisations with {accounts} accounts, made by {commands} commands ({head} events)"
    );
    match operator {
        Some((name, password)) => {
            println!("operator: {name}");
            println!("password: {}", password.expose_secret());
            println!(
                "It is shown this once. Start the server and sign in with the mutation signIn."
            );
        }
        None => println!(
            "Nobody can sign in yet: start the server and use the token for the first operator that it prints, \
             or make a demo with --operator NAME."
        ),
    }
    Ok(())
}

/// A first operator with a password that nobody chose.
async fn operator(
    installation: &Installation,
    config: &Config,
    name: &str,
) -> Result<SecretString, Trouble> {
    let username = Username::parse(name)?;
    let password = generated()?;
    let hash = Hashing::try_new(&config.passwords)?.hash(password.clone()).await?;
    let credential = installation.ids.next().into();
    let nobody_yet = AccountId::new(uuid::Uuid::nil());
    installation.vault.put_credential(credential, nobody_yet, hash).await?;
    let address = EmailAddress::parse("operator@stamrol.example")?;
    let profile = Profile {
        display_name: Text::parse(name)?,
        entries: vec![(ProfileField::Email, ProfileEntry::Email(address))],
    };
    let request = Request::new(Actor::Console, RequestId::new(installation.ids.next()));
    let setup = Command::OperatorSetup { username, profile, credential };
    installation.handler.handle(&request, setup).await?;
    Ok(password)
}

/// 144 bits, of a form that every policy likes.
fn generated() -> Result<SecretString, HashError> {
    let mut bits = zeroize::Zeroizing::new([0; 18]);
    getrandom::fill(&mut *bits).map_err(|error| HashError::Failed(error.to_string()))?;
    Ok(SecretString::from(format!("D7-{}", BASE64.encode(*bits))))
}
