//! The `stamrol` program.

fn main() {}
