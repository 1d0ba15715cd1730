//! Random commands against the model, and against what a second handler reads back from the log.

use std::sync::Arc;

use events::id::Ids;

use super::model::Model;
use crate::{
    Failure, Handler, Request,
    testing::{Bench, Script, Ticking},
};

#[tokio::test]
async fn random_commands_do_what_the_model_says() {
    let seeds =
        std::env::var("STAMROL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(8);
    for seed in 0..seeds {
        against_the_model(seed, 1_500).await;
    }
}

async fn against_the_model(seed: u64, commands: usize) {
    let bench = Bench::in_memory().await;
    let (mut script, mut model) = (Script::new(seed, 60), Model::default());
    for number in 0..commands {
        let command = script.command();
        let before = bench.store.head();
        let request = Request::new(Script::actor(&command), bench.ids.next().into());
        let outcome = bench.handler.handle(&request, command.clone()).await;
        let changed = bench.store.head() > before;
        let made = outcome.as_ref().ok().and_then(|done| done.subject).unwrap_or_default();
        let expected = model.apply(command.clone(), made);
        let got = match &outcome {
            Ok(_) => Ok(changed),
            Err(Failure::Refused(refusal)) => Err(refusal.code()),
            Err(failure) => panic!("seed {seed}, command {number}, {command:?}: {failure}"),
        };
        assert_eq!(got, expected, "seed {seed}, command {number}: {command:?}");
        assert!(outcome.is_ok() || !changed, "a refused command changed something: {command:?}");
        if let Ok(done) = outcome {
            script.note(&command, &done);
        }
    }
    let again = Handler::new(
        bench.store.clone(),
        bench.vault.clone(),
        Arc::new(Ticking::default()),
        bench.ids.clone(),
    );
    for (_, account) in script.members() {
        let live = bench.handler.account_state(*account).await.unwrap();
        assert_eq!(live, model.account_state(*account), "seed {seed}: {account}");
        assert_eq!(live, again.account_state(*account).await.unwrap(), "seed {seed}: {account}");
    }
}
