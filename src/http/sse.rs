//! `graphql-sse`, distinct connections: one operation per event stream.

use std::{convert::Infallible, sync::Arc};

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::{
    Edge, Place,
    answer::Answer,
    media::Media,
    operation::{Asker, Operation},
    port::Viewer,
    refusal::Refusal,
};

const COMPLETE: &str = "event: complete\ndata:\n\n";
/// A comment: says that the stream lives, to both ends and to proxies between.
const HEARTBEAT: &str = ":\n\n";

/// Begins the stream of a subscription's events.
pub(super) fn open(
    edge: &Arc<Edge>,
    operation: Operation,
    asker: Asker,
) -> Result<Response, Refusal> {
    if !asker.viewer.is_signed_in() && !edge.settings.public_subscriptions {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "Sign in to subscribe."));
    }
    let place = edge.place(asker.client.address)?;
    let run = Run {
        heartbeat: ticks(edge.settings.heartbeat),
        session: ticks(edge.settings.session_check),
        viewer: asker.viewer.clone(),
        answers: edge.stream(operation, asker),
        edge: edge.clone(),
        _place: place,
    };
    let events = stream::unfold(Some(run), |run| async {
        let mut run = run?;
        let (event, more) = run.next().await;
        Some((Ok::<_, Infallible>(event), more.then_some(run)))
    });
    Ok(respond(Body::from_stream(events)))
}

/// A stream of a single answer.
pub(super) fn only(answer: &Answer) -> Response {
    let mut events = next(answer);
    events.extend_from_slice(COMPLETE.as_bytes());
    respond(Body::from(events))
}

struct Run {
    edge: Arc<Edge>,
    answers: BoxStream<'static, Answer>,
    /// Whose session has to hold (S15).
    viewer: Arc<dyn Viewer>,
    heartbeat: Interval,
    session: Interval,
    _place: Place,
}

impl Run {
    /// The next thing to send, and whether more can follow. Nothing is taken from the operation before the client took
    /// what went before, so that a slow one costs no memory.
    async fn next(&mut self) -> (Bytes, bool) {
        loop {
            tokio::select! {
                biased;
                () = self.edge.stopped() => break,
                answer = self.answers.next() => match answer {
                    Some(answer) if self.viewer.still_valid().await => {
                        self.heartbeat.reset();
                        return (next(&answer).into(), true);
                    }
                    _ => break,
                },
                _ = self.session.tick() => if !self.viewer.still_valid().await {
                    break;
                },
                _ = self.heartbeat.tick() => return (HEARTBEAT.into(), true),
            }
        }
        (COMPLETE.into(), false)
    }
}

fn next(answer: &Answer) -> Vec<u8> {
    [b"event: next\ndata: ", answer.to_json().as_slice(), b"\n\n"].concat()
}

fn respond(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, Media::EventStream.content_type());
    // Asks nginx not to hold events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// Ticks every `period`, for the first time after one.
pub(super) fn ticks(period: std::time::Duration) -> Interval {
    let mut ticks = interval_at(tokio::time::Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
