//! The protocols of the HTTP edge, spoken over real sockets with a toy schema behind it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(
    clippy::needless_pass_by_value,
    reason = "what is expected is written where it is passed"
)]
#![expect(clippy::unused_async, reason = "resolvers are async")]

mod support;

mod answers;
mod browsers;
mod connections;
mod envelope;
mod limits;
mod post_and_get;
mod sse;
mod websocket;
