//! The protocols of the HTTP edge, spoken over real sockets with a toy schema behind it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

mod answers;
mod browsers;
mod connections;
mod envelope;
mod limits;
mod post_and_get;
mod sse;
mod websocket;
