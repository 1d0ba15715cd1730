//! One GraphQL operation, from its parameters to its answers; the same for every protocol.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Request, parser::types::OperationType};
use axum::http::{HeaderValue, StatusCode, header};
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use graphql::{
    client::{Client, RateLimit, SessionCookie},
    precheck::{self, Checked, Cost, Rejection},
};
use tokio::time::{Instant, error::Elapsed, timeout_at};
use tracing::Instrument;

use super::{
    Edge,
    answer::Answer,
    budget::{Payer, Spent},
    params::{self, Params},
    port::Viewer,
    refusal::Refusal,
};
use crate::config::Network;

/// An operation whose document is within the limits, not yet bound to who asks.
pub(super) struct Operation {
    request: Request,
    /// Query, mutation or subscription.
    pub(super) kind: OperationType,
    introspects: bool,
    cost: Cost,
    wants_cost: bool,
    /// How the purse of whoever asks stands, once it is paid for.
    paid: Option<RateLimit>,
}

/// Why an operation isn't run.
pub(super) enum Rejected {
    /// Told with a status of its own.
    Refused(Refusal),
    /// Told as any other GraphQL error.
    Invalid(Rejection),
}

impl Edge {
    /// Parses and measures the document.
    pub(super) fn operation(
        &self,
        params: Params<'_>,
        wants_cost: bool,
    ) -> Result<Operation, Rejected> {
        let checked = precheck::check(
            &self.documents,
            &params.query,
            params.operation_name.as_deref(),
            &params.variables,
            &self.settings.documents,
        );
        let wants_cost = wants_cost || params.wants_cost();
        let Checked { document, kind, cost, signs_in, introspects } =
            checked.map_err(Rejected::Invalid)?;
        if signs_in && params.bytes > self.settings.sign_in_body_limit {
            return Err(Rejected::Refused(params::too_large(self.settings.sign_in_body_limit)));
        }

        // The text isn't needed any more: the library takes the parsed document.
        let mut request = Request::new("").variables(params.variables);
        request.operation_name = params.operation_name.map(std::borrow::Cow::into_owned);
        request.set_parsed_query(document);
        Ok(Operation { request, kind, introspects, cost, wants_cost, paid: None })
    }

    /// Takes what an operation costs out of the purse of whoever asks (S21).
    pub(super) fn pay(&self, operation: Operation, asker: &Asker) -> Result<Operation, Refusal> {
        match self.budget.pay(asker.payer(), operation.cost.total) {
            Ok(paid) => Ok(Operation { paid: Some(paid), ..operation }),
            Err(Spent { retry_after }) => {
                let message = "You have asked all that may be asked in a minute. Try again later.";
                let seconds = HeaderValue::from(retry_after.as_secs().max(1));
                let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, message);
                Err(refusal.with(header::RETRY_AFTER, seconds))
            }
        }
    }

    /// Runs a query or mutation: its answer, or what went wrong with it. A mutation goes on where whoever asked hangs up,
    /// so that nobody is left half done: not a wrong password that is yet to be counted, above all.
    pub(super) async fn run(
        self: &Arc<Self>,
        mut operation: Operation,
        asker: Asker,
        deadline: Instant,
    ) -> Answer {
        if self.hides_schema(&operation, &asker) {
            return Answer::hidden_schema();
        }
        let (client, cookie) = operation.bind(asker);
        let (edge, request) = (self.clone(), operation.request);
        let execution = async move { edge.api.execute(request).await };
        let outcome = if operation.kind == OperationType::Mutation {
            self.to_its_end(execution, deadline).await
        } else {
            timeout_at(deadline, AssertUnwindSafe(execution).catch_unwind()).await
        };
        let answer = match outcome {
            Ok(Ok(response)) => Answer::of(response, &client),
            Ok(Err(_)) => Answer::panicked(&client),
            Err(_) => Answer::timed_out(&client),
        };
        answer.with_cost(operation.wants_cost.then_some(operation.cost)).with_session(cookie.take())
    }

    /// Runs something until it is done, or until the deadline, whether or not anybody waits for it.
    async fn to_its_end<T: Send + 'static>(
        &self,
        execution: impl Future<Output = T> + Send + 'static,
        deadline: Instant,
    ) -> Result<std::thread::Result<T>, Elapsed> {
        // As many as there may be connections: those whose connections are gone count, too.
        let place = timeout_at(deadline, self.mutations.clone().acquire_owned()).await?;
        let task = tokio::spawn(
            async move {
                let _place = place;
                timeout_at(deadline, AssertUnwindSafe(execution).catch_unwind()).await
            }
            .in_current_span(),
        );
        task.await.unwrap_or_else(|error| Ok(Err(Box::new(error))))
    }

    /// Runs any operation as a stream of answers. Only a subscription may take longer than a request.
    pub(super) fn stream(
        self: &Arc<Self>,
        mut operation: Operation,
        asker: Asker,
    ) -> BoxStream<'static, Answer> {
        if operation.kind != OperationType::Subscription {
            let edge = self.clone();
            let deadline = Instant::now() + self.settings.request_timeout;
            return stream::once(async move { edge.run(operation, asker, deadline).await }).boxed();
        }
        if self.hides_schema(&operation, &asker) {
            return stream::once(async { Answer::hidden_schema() }).boxed();
        }
        let payer = asker.payer();
        let (client, _) = operation.bind(asker);
        let cost = operation.wants_cost.then_some(operation.cost);
        let responses = AssertUnwindSafe(self.api.subscribe(operation.request)).catch_unwind();
        let answers = responses.map(move |response| match response {
            Ok(response) => Answer::of(response, &client).with_cost(cost),
            Err(_) => Answer::panicked(&client),
        });
        // Each event costs what the document costs; one that can't be paid for waits, and so do those after it.
        let (budget, price) = (self.budget.clone(), operation.cost.total);
        let paid = move |answer| {
            let budget = budget.clone();
            async move {
                budget.pay_when_possible(payer, price).await;
                answer
            }
        };
        answers.then(paid).boxed()
    }

    fn hides_schema(&self, operation: &Operation, asker: &Asker) -> bool {
        operation.introspects && !asker.viewer.is_signed_in() && !self.settings.public_introspection
    }
}

impl Operation {
    /// Puts into the request who asks and from where, and what a resolver may tell back.
    fn bind(&mut self, Asker { viewer, client }: Asker) -> (Arc<Client>, Arc<SessionCookie>) {
        let cookie = Arc::new(SessionCookie::default());
        let data = &mut self.request.data;
        viewer.attach(data);
        data.insert(self.cost);
        data.insert(self.paid);
        data.insert(client.clone());
        data.insert(cookie.clone());
        (client, cookie)
    }
}

/// Who asks, and from where.
#[derive(Clone)]
pub(super) struct Asker {
    pub(super) viewer: Arc<dyn Viewer>,
    pub(super) client: Arc<Client>,
}

impl Asker {
    /// Who pays for what is asked.
    fn payer(&self) -> Payer {
        let address = || Payer::Address(Network::household(self.client.address));
        self.viewer.payer().map_or_else(address, Payer::Caller)
    }
}
