//! `GET /documents/{id}`: letters, for those who print them.
//!
//! Whatever the reason why somebody doesn't get one, the answer is the same 404.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use graphql::client::Client;

use super::{
    port::{Credentials, Documents},
    settings::Settings,
};

#[derive(Clone)]
struct Shelf {
    documents: Arc<dyn Documents>,
    settings: Arc<Settings>,
}

/// The route. What is fetched there is never stored on the way.
pub fn routes(documents: Arc<dyn Documents>, settings: Settings) -> Router {
    let shelf = Shelf { documents, settings: Arc::new(settings) };
    Router::new().route("/documents/{id}", any(download)).with_state(shelf)
}

async fn download(
    State(shelf): State<Shelf>,
    Path(id): Path<String>,
    Extension(client): Extension<Client>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    // That it was fetched is written down, so only what fetches it counts: a HEAD doesn't.
    if method != Method::GET {
        return not_found();
    }
    let Ok(credentials) = Credentials::read(&headers, &shelf.settings) else { return not_found() };
    match shelf.documents.fetch(credentials, &client, &id).await {
        Ok(Some(document)) => {
            // A name of letters, digits and hyphens needs no escaping.
            let name = format!("attachment; filename=\"{}.pdf\"", document.name);
            let mut response = document.content.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
            if let Ok(name) = HeaderValue::try_from(name) {
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Ok(None) => not_found(),
        Err(()) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "Try again later.\n")
                .into_response()
        }
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is no such document.\n").into_response()
}
