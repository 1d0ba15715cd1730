//! The one binary of integration tests. Each module is a topic, each test has its own server and directory.

mod architecture;
mod disk_full;
mod kill;
mod program;
mod protocol;

mod support;
