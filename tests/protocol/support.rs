//! A server of its own for each test, a toy product behind it, and a plain client.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Context, Data, Error, ErrorExtensions, Object, Response, Result, Schema, Subscription,
};
use async_trait::async_trait;
use axum::http::{HeaderMap, Request, StatusCode};
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use graphql::client::{Client, RateLimit, SessionCookie};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use stamrol::config::WebOrigin;
use stamrol::http::{
    Edge,
    port::{Api, Authenticate, Credentials, Denied, Ready, Viewer},
    serve,
    settings::Settings,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, broadcast, oneshot},
    task::JoinHandle,
};
use uuid::Uuid;

/// Nothing in these tests takes this long unless it hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What tests see and steer of the product behind the edge.
pub(super) struct Toy {
    /// How often a mutation ran.
    pub(super) written: AtomicUsize,
    /// That `hold` has begun, that it may end, and that it has.
    pub(super) held: [Notify; 3],
    /// Whether Ada's session still holds.
    pub(super) valid: AtomicBool,
    /// Whether the node has caught up.
    pub(super) ready: AtomicBool,
    /// What `news` tells its subscribers.
    pub(super) news: broadcast::Sender<i32>,
    /// How many answers of `flood` were taken.
    pub(super) flooded: AtomicUsize,
    /// One reference more per operation on a socket or an event stream that isn't dropped yet.
    pub(super) streams: Arc<()>,
    /// The most of them at once.
    pub(super) most_streams: AtomicUsize,
}

pub(super) struct Query;

#[Object]
impl Query {
    async fn hello(
        &self,
        #[graphql(default_with = "String::from(\"world\")")] name: String,
    ) -> String {
        format!("hello {name}")
    }

    async fn double(&self, number: i32) -> i32 {
        number * 2
    }

    async fn sum(&self, numbers: Vec<i32>) -> i32 {
        numbers.into_iter().sum()
    }

    async fn this(&self) -> Self {
        Self
    }

    async fn viewer(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_opt::<Arc<ToyViewer>>().and_then(|viewer| viewer.name.map(str::to_owned))
    }

    async fn address(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.data::<Arc<Client>>()?.address.to_string())
    }

    async fn at_least(&self, ctx: &Context<'_>) -> Result<Option<u64>> {
        Ok(ctx.data::<Arc<Client>>()?.at_least)
    }

    async fn remaining(&self, ctx: &Context<'_>) -> Option<u64> {
        ctx.data_opt::<Option<RateLimit>>()?.map(|limit| limit.remaining)
    }

    async fn panics(&self) -> String {
        "".parse::<i32>().expect("canary-in-panic").to_string()
    }

    async fn hangs(&self) -> String {
        std::future::pending().await
    }

    /// Fails as a resolver that forgot to say how.
    async fn fails(&self) -> Option<Result<String>> {
        Some(Err(std::io::Error::other("canary-in-error").into()))
    }

    async fn missing(&self) -> Option<Result<String>> {
        Some(Err(Error::new("No such thing.").extend_with(|_, e| e.set("code", "NOT_FOUND"))))
    }

    async fn big(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }
}

pub(super) struct Mutation;

#[Object]
impl Mutation {
    async fn write(&self, ctx: &Context<'_>) -> Result<bool> {
        ctx.data::<Arc<Toy>>()?.written.fetch_add(1, Ordering::SeqCst);
        Ok(true)
    }

    /// Runs until somebody says that it may end.
    async fn hold(&self, ctx: &Context<'_>) -> Result<bool> {
        let [begun, end, ended] = &ctx.data::<Arc<Toy>>()?.held;
        begun.notify_one();
        end.notified().await;
        ended.notify_one();
        Ok(true)
    }

    async fn sign_in(&self, ctx: &Context<'_>, password: String) -> Result<bool> {
        let right = password == "right";
        if right {
            ctx.data::<Arc<SessionCookie>>()?.set("good".into(), Duration::from_mins(1));
        }
        Ok(right)
    }
}

pub(super) struct Subscriptions;

#[Subscription(name = "Subscription")]
impl Subscriptions {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    /// Lives until the session or the server ends it.
    async fn news(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = i32>> {
        let news = ctx.data::<Arc<Toy>>()?.news.subscribe();
        Ok(stream::unfold(news, |mut news| async {
            news.recv().await.ok().map(|item| (item, news))
        }))
    }

    /// Gives as much as one takes.
    async fn flood(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = String>> {
        let toy = ctx.data::<Arc<Toy>>()?.clone();
        Ok(stream::repeat_with(move || {
            toy.flooded.fetch_add(1, Ordering::SeqCst);
            "x".repeat(64 * 1024)
        }))
    }

    async fn breaks(&self) -> impl Stream<Item = i32> {
        stream::iter(1..=2).map(|item| if item == 2 { panic!("canary-in-panic") } else { item })
    }
}

/// The schema, and how many of its streams there are.
struct Counted(Schema<Query, Mutation, Subscriptions>, Arc<Toy>);

#[async_trait]
impl Api for Counted {
    async fn execute(&self, request: async_graphql::Request) -> Response {
        Api::execute(&self.0, request).await
    }

    fn subscribe(&self, request: async_graphql::Request) -> BoxStream<'static, Response> {
        let one = self.1.streams.clone();
        let all = Arc::strong_count(&one) - 1;
        self.1.most_streams.fetch_max(all, Ordering::SeqCst);
        let answers = Api::subscribe(&self.0, request);
        answers.inspect(move |_| _ = &one).boxed()
    }
}

pub(super) struct ToyViewer {
    name: Option<&'static str>,
    toy: Arc<Toy>,
}

#[async_trait]
impl Viewer for ToyViewer {
    fn is_signed_in(&self) -> bool {
        self.name.is_some()
    }

    fn payer(&self) -> Option<Uuid> {
        self.name.map(|_| Uuid::from_u128(1))
    }

    fn attach(self: Arc<Self>, data: &mut Data) {
        data.insert(self);
    }

    async fn still_valid(&self) -> bool {
        self.name.is_none() || self.toy.valid.load(Ordering::SeqCst)
    }
}

/// The token `good` is Ada's; others say by their name how they are refused.
struct Doorman(Arc<Toy>);

#[async_trait]
impl Authenticate for Doorman {
    async fn authenticate(
        &self,
        credentials: Credentials,
        _: &Client,
    ) -> Result<Arc<dyn Viewer>, Denied> {
        let name = match &credentials {
            Credentials::None => None,
            Credentials::Bearer(token) | Credentials::Cookie(token) => {
                match token.expose_secret() {
                    "good" => Some("ada"),
                    "forbidden" => return Err(Denied::Forbidden),
                    "hasty" => {
                        return Err(Denied::RateLimited { retry_after: Duration::from_secs(7) });
                    }
                    "away" => return Err(Denied::Unavailable),
                    _ => return Err(Denied::Invalid),
                }
            }
        };
        Ok(Arc::new(ToyViewer { name, toy: self.0.clone() }))
    }
}

struct Readiness(Arc<Toy>);

impl Ready for Readiness {
    fn ready(&self) -> Result<(), String> {
        let ready = self.0.ready.load(Ordering::SeqCst);
        if ready { Ok(()) } else { Err("accounts is 12 events behind".to_owned()) }
    }
}

/// A running server.
/// An address as browsers say it.
pub(super) fn origin(text: &str) -> WebOrigin {
    WebOrigin::parse(text).unwrap()
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) toy: Arc<Toy>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// `settings` for loopback get the address that is really listened on.
    pub(super) async fn start_with(mut settings: Settings) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        if !settings.is_https() {
            settings.public_address = WebOrigin::listening(address);
        }
        let toy = Arc::new(Toy {
            written: AtomicUsize::new(0),
            held: Default::default(),
            valid: AtomicBool::new(true),
            ready: AtomicBool::new(true),
            news: broadcast::Sender::new(16),
            flooded: AtomicUsize::new(0),
            streams: Arc::new(()),
            most_streams: AtomicUsize::new(0),
        });
        let schema = Schema::build(Query, Mutation, Subscriptions)
            .disable_suggestions()
            .data(toy.clone())
            .finish();
        let metrics =
            metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle();
        let edge = Edge::new(
            settings,
            Arc::new(Counted(schema, toy.clone())),
            Arc::new(Doorman(toy.clone())),
            Arc::new(Readiness(toy.clone())),
            Some(metrics),
        );
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(serve(edge, listener, axum::Router::new(), shutdown));
        Self { address, toy, stop: Some(stop), running }
    }

    /// Asks the server to stop; the handle resolves when it has.
    pub(super) fn stop(&mut self) -> &mut JoinHandle<std::io::Result<()>> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        &mut self.running
    }

    /// A POST with what a usual client sends; Ada's token included.
    pub(super) async fn post(&self, body: Value) -> Reply {
        self.send(json_post().header("authorization", "Bearer good").body(body.to_string())).await
    }

    /// Runs a query and returns the whole answer.
    pub(super) async fn query(&self, query: &str) -> Value {
        self.post(json!({ "query": query })).await.json()
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).header("accept", NEW).body(String::new())).await
    }

    pub(super) async fn send(&self, request: axum::http::Result<Request<String>>) -> Reply {
        let reply = async {
            let response = self.open(request.unwrap()).await;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Reply {
                status: parts.status,
                headers: parts.headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            }
        };
        tokio::time::timeout(PATIENCE, reply).await.expect("an answer in time")
    }

    /// Sends a request and returns when the headers of the answer are here.
    pub(super) async fn open(
        &self,
        request: Request<String>,
    ) -> axum::http::Response<hyper::body::Incoming> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection.with_upgrades());
        let mut request = request.map(|body| Full::new(Bytes::from(body)));
        let host = self.address.to_string().parse().unwrap();
        request.headers_mut().entry("host").or_insert(host);
        sender.send_request(request).await.unwrap()
    }
}

/// `application/graphql-response+json`.
pub(super) const NEW: &str = "application/graphql-response+json";

/// A POST of JSON that accepts the new media type.
pub(super) fn json_post() -> axum::http::request::Builder {
    Request::post("/graphql").header("content-type", "application/json").header("accept", NEW)
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `extensions.code` of the first error.
    pub(super) fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Refused with that status and code, told as a GraphQL error without `data`.
    #[track_caller]
    pub(super) fn is_refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.code(), code, "{self:?}");
        assert!(self.json().get("data").is_none(), "{self:?}");
    }

    #[track_caller]
    pub(super) fn is_data(&self, data: Value) {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.json()["data"], data, "{self:?}");
    }
}
