//! The catalogue of services.

use async_graphql::{Context, Object};
use events::value::ServiceKind;

use crate::{
    Answer,
    asking::Asking,
    payload::{Seen, Shown},
    problem::Problem,
};

/// A service.
pub(crate) struct Service {
    key: ServiceKind,
    name: Option<String>,
}

impl Service {
    pub(crate) const fn new(key: ServiceKind) -> Self {
        Self { key, name: None }
    }
}

/// A service that members of an organisation can be given.
#[Object]
impl Service {
    /// Its key, for instance `cloud_storage`: what `service` in an input means.
    async fn key(&self) -> &str {
        self.key.as_str()
    }

    /// Its name, for people; null for built-in ones, which are named by their key.
    async fn name(&self, ctx: &Context<'_>) -> Answer<String> {
        if self.name.is_some() || self.key.is_built_in() {
            return self.name.clone().map(Ok);
        }
        let read = async {
            let registered = Asking::of(ctx)?.directory().registered_services().await?;
            let found = registered.into_iter().find(|service| service.service == self.key);
            Ok::<_, Problem>(found.map(|service| service.name))
        };
        read.await.transpose()
    }

    /// Whether every installation has it.
    async fn built_in(&self) -> bool {
        self.key.is_built_in()
    }

    /// Whether a reader may have it.
    async fn for_readers(&self) -> bool {
        self.key.is_for_readers()
    }
}

/// The object of a mutation that registers a service.
pub(crate) struct RegisteredService {
    pub(crate) service: Option<Service>,
    pub(crate) seen: Seen,
}

impl Shown for RegisteredService {
    const WHAT: &'static str = "the service";
}

/// The object of a mutation that registers a service.
#[Object]
impl RegisteredService {
    /// The service; null where it was refused.
    async fn service(&self, ctx: &Context<'_>) -> Answer<&Service> {
        let service = self.service.as_ref()?;
        let ready = async { self.seen.ready(&Asking::of(ctx)?).await };
        Some(ready.await.map(|()| service))
    }
}

/// Queries about services.
#[derive(Default)]
pub(crate) struct ServiceQueries;

/// Queries about services.
#[Object]
impl ServiceQueries {
    /// The services of this installation: the built-in ones and those that operators registered.
    async fn services(&self, ctx: &Context<'_>) -> Answer<Vec<Service>> {
        let read = async {
            let asking = Asking::at_least(ctx, None).await?;
            if !asking.is_signed_in() {
                return Err(Problem::Unauthenticated);
            }
            let built_in =
                ServiceKind::BUILT_IN.iter().filter_map(|key| ServiceKind::parse(key).ok());
            let registered = asking.directory().registered_services().await?;
            let registered = registered
                .into_iter()
                .map(|service| Service { key: service.service, name: Some(service.name) });
            Ok(built_in.map(Service::new).chain(registered).collect())
        };
        Some(read.await)
    }
}
