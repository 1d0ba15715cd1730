//! The `stamrol` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    stamrol::cli::run()
}
