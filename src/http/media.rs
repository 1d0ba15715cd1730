//! Content negotiation: in which form the client wants its answer.

use axum::http::{HeaderMap, HeaderValue, header};

/// The forms in which an answer can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status says how it went.
    GraphqlResponse,
    /// `application/json`: 200 for every answer to a well-formed request; what clients of old expect.
    Json,
    /// `text/event-stream`: `graphql-sse`, one connection per operation.
    EventStream,
}

impl Media {
    /// In the order of preference where the client has none. Wildcards mean the old type, which all clients know.
    const OFFERED: [(Self, &str, &str); 3] = [
        (Self::GraphqlResponse, "application", "graphql-response+json"),
        (Self::Json, "application", "json"),
        (Self::EventStream, "text", "event-stream"),
    ];

    /// The best form for the `Accept` headers, or `None` if none will do.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let accepted = headers.get_all(header::ACCEPT);
        let mut ranges = accepted
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("").split(','))
            .filter_map(Range::parse);
        let first = match ranges.next() {
            Some(range) => range,
            None if accepted.iter().all(HeaderValue::is_empty) => return Some(Self::Json),
            None => return None,
        };
        let ranges: Vec<_> = std::iter::once(first).chain(ranges).collect();

        let mut best: Option<((u16, bool), Self)> = None;
        for (media, kind, subtype) in Self::OFFERED {
            // The most specific range that matches decides a type's quality.
            let Some(range) = ranges
                .iter()
                .filter(|range| range.matches(kind, subtype))
                .max_by_key(|range| range.specificity())
            else {
                continue;
            };
            let by_wildcard = range.specificity() < 2;
            if range.quality == 0 || (by_wildcard && media != Self::Json) {
                continue;
            }
            let rank = (range.quality, !by_wildcard);
            if best.is_none_or(|(highest, _)| rank > highest) {
                best = Some((rank, media));
            }
        }
        best.map(|(_, media)| media)
    }

    /// The value of `Content-Type`.
    pub(super) const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        })
    }
}

/// One element of `Accept`.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// Thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    /// `None` for what can't be served: a malformed range, or a charset other than UTF-8.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let mut quality = 1000;
        for part in parts {
            let Some((name, value)) = part.split_once('=') else { continue };
            let value = value.trim().trim_matches('"');
            match name.trim() {
                name if name.eq_ignore_ascii_case("q") => quality = thousandths(value)?,
                name if name.eq_ignore_ascii_case("charset")
                    && !value.eq_ignore_ascii_case("utf-8") =>
                {
                    return None;
                }
                _ => {}
            }
        }
        Some(Self { kind, subtype, quality })
    }

    fn matches(&self, kind: &str, subtype: &str) -> bool {
        let wild = |range: &str, exact: &str| range == "*" || range.eq_ignore_ascii_case(exact);
        wild(self.kind, kind) && wild(self.subtype, subtype)
    }

    fn specificity(&self) -> u8 {
        u8::from(self.kind != "*") + u8::from(self.subtype != "*")
    }
}

/// `0.8` is 800; at most 1.
fn thousandths(text: &str) -> Option<u16> {
    let quality: f32 = text.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in 0 to 1000 by the check before it"
    )]
    (0.0..=1.0).contains(&quality).then_some((quality * 1000.0) as u16)
}

/// Whether `Content-Type` says JSON in UTF-8.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(text)) = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str) else {
        return false;
    };
    Range::parse(text).is_some_and(|range| {
        range.kind.eq_ignore_ascii_case("application") && range.subtype.eq_ignore_ascii_case("json")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn accept(accept: &'static str, expected: Option<Media>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        assert_eq!(Media::negotiate(&headers), expected, "Accept: {accept}");
    }

    #[test]
    fn the_client_gets_the_form_that_it_likes_best() {
        use Media::{EventStream, GraphqlResponse, Json};
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Json));
        accept("", Some(Json));
        accept("*/*", Some(Json));
        accept("application/*", Some(Json));
        accept("application/json", Some(Json));
        accept("application/json; charset=utf-8", Some(Json));
        accept("application/json; charset=iso-8859-1", None);
        accept("application/graphql-response+json", Some(GraphqlResponse));
        accept("application/graphql-response+json, application/json", Some(GraphqlResponse));
        accept("application/json, application/graphql-response+json", Some(GraphqlResponse));
        accept("application/graphql-response+json;q=0.5, application/json", Some(Json));
        accept("application/graphql-response+json, application/json;q=0.9", Some(GraphqlResponse));
        accept("application/json;q=0, */*", None);
        accept("application/graphql-response+json;q=0.1, */*;q=0.9", Some(Json));
        accept("APPLICATION/JSON", Some(Json));
        accept("text/event-stream", Some(EventStream));
        accept("application/json, text/event-stream", Some(Json));
        accept("text/event-stream, */*;q=0.1", Some(EventStream));
        accept("text/html", None);
        accept("text/html, */*;q=0.1", Some(Json));
        accept("application/json;q=7", None);
    }
}
