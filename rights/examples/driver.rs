//! Asks the engine anything for so many seconds: `cargo run --release -p rights --example driver -- 600`.

#[path = "../tests/driver/mod.rs"]
mod driver;

use std::time::{Duration, SystemTime};

fn main() {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(10);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seed = std::env::args().nth(2).and_then(|seed| seed.parse().ok()).unwrap_or(now.as_secs());
    println!("seed {seed}, {seconds} s");
    let report = driver::Driver::new(seed).run(Duration::from_secs(seconds));
    println!("no panic: {report:#?}");
}
