//! The public interface, as others use it.

mod driver;
mod readers;

use std::time::Duration;

use driver::Driver;

/// The long run is `cargo run --release -p rights --example driver -- 600`.
#[test]
fn nothing_that_can_be_asked_makes_it_panic() {
    let report = Driver::new(0).run(Duration::from_secs(3));
    assert!(report.applied > 50 && report.refused > 50 && report.questions > 1_000, "{report:?}");
}
