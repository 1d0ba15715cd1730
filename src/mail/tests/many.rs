//! Many mails to a server that behaves badly: none is lost, and none comes twice but where it hung up after taking it.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{
    server::{Does, Server, header},
    world::{PATIENCE, World, way_to},
};
use crate::mail::delivery::Patience;

/// How many, unless the variable says otherwise.
const MAILS: usize = 300;

/// `MAILS=10000 cargo test -p stamrol --lib mail::tests::many -- --nocapture`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_is_lost_and_none_comes_twice_but_where_the_connection_broke_after_it_was_taken() {
    let mails = std::env::var("MAILS").ok().and_then(|mails| mails.parse().ok()).unwrap_or(MAILS);
    // A third of the letters meets with something else than a yes.
    let script = |letter| match letter % 31 {
        0 | 7 | 14 => Does::Refuse("451 4.3.0 come again\r\n"),
        3 | 21 => Does::RefuseData("452 4.3.1 no space\r\n"),
        5 | 25 => Does::DropBefore,
        9 | 28 => Does::DropAfter,
        11 if letter < 400 => Does::Stall,
        _ => Does::Accept,
    };
    let (world, server) = (World::new().await, Server::start(script).await);
    let patience = Patience { tries: 40, ..PATIENCE };
    let mut running = world.run(way_to(&server, 8), patience, 8);
    for number in 0..mails {
        world.queue_until(&format!("{number:06}"), world.in_an_hour() + TimeDelta::days(7)).await;
        if number == mails / 2 {
            // A stop in the middle.
            running.stop().await;
            running = world.run(way_to(&server, 8), patience, 8);
        }
    }
    // The clock is turned until all have gone.
    let all = world.until(mails, &["mail.sent"]);
    tokio::pin!(all);
    let mut turn = tokio::time::interval(std::time::Duration::from_millis(50));
    loop {
        tokio::select! {
            () = &mut all => break,
            _ = turn.tick() => {
                world.clock.advance(1);
                running.outbox.look();
            }
        }
    }
    running.stop().await;
    let (mut counts, mut unsaid) = (HashMap::<_, usize>::new(), HashMap::<_, usize>::new());
    server.seen(|seen| {
        for letter in &seen.accepted {
            *counts.entry(header(letter, "Message-ID").to_owned()).or_default() += 1;
        }
        for letter in &seen.unsaid {
            *unsaid.entry(header(letter, "Message-ID").to_owned()).or_default() += 1;
        }
    });
    assert_eq!(counts.len(), mails, "lost: {}", mails - counts.len());
    let mut twice = 0;
    for (id, count) in &counts {
        // Each time that it was taken without a word it had to be sent again.
        let expected = 1 + unsaid.get(id).copied().unwrap_or_default();
        assert_eq!(*count, expected, "{id}");
        twice += count - 1;
    }
    let tries = server.seen(|seen| seen.letters);
    println!(
        "{mails} mails in {tries} tries: 0 lost, {twice} taken again, each after the connection broke when it had been taken"
    );
    assert!(twice > 0, "the connection did break");
    assert!(world.vault.due_parcels(world.in_an_hour(), 9).await.unwrap().is_empty());
}
