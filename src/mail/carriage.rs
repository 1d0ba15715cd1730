//! Which way mail goes now.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use commands::Failure;
use events::value::{Domain, EmailAddress};

use super::{
    carrier::{Carrier, Folder},
    smtp::{Server, Smtp},
};
use crate::config::{self, WebOrigin};

/// The way that mail goes, and whom it comes from.
#[derive(Clone)]
pub struct Way {
    /// Who carries it.
    pub carrier: Arc<dyn Carrier>,
    /// The address that it comes from.
    pub from: EmailAddress,
}

/// Tells which way mail goes at the moment.
#[async_trait]
pub trait Carriage: Send + Sync {
    /// The way to take now.
    async fn way(&self) -> Result<Way, Failure>;
}

/// Always the same way.
#[async_trait]
impl Carriage for Way {
    async fn way(&self) -> Result<Way, Failure> {
        Ok(self.clone())
    }
}

impl Way {
    /// The way that the configuration tells: to a mail server, otherwise into a folder.
    pub fn configured(
        config: &config::Mail,
        address: &WebOrigin,
        folder: &Path,
    ) -> Result<Self, lettre::transport::smtp::Error> {
        let from = config.from.clone().unwrap_or_else(|| sender(address));
        let carrier: Arc<dyn Carrier> = match &config.server.0 {
            None => Arc::new(Folder::new(folder)),
            Some((host, port)) => {
                let credentials = config.username.0.clone().zip(config.password.0.clone());
                let server =
                    Server { host: host.clone(), port: *port, tls: config.tls, credentials };
                Arc::new(Smtp::try_new(&server, &from, config.at_once.get())?)
            }
        };
        Ok(Self { carrier, from })
    }
}

/// `no-reply` at the host of the product's address; at a host that nobody has where that is none that mail comes from.
fn sender(address: &WebOrigin) -> EmailAddress {
    let domain = address.domain().and_then(|host| Domain::parse(host).ok());
    let domain = domain.as_ref().map_or("localhost.localdomain", Domain::as_str);
    EmailAddress::parse(&format!("no-reply@{domain}")).unwrap_or_else(|_| nobody())
}

fn nobody() -> EmailAddress {
    EmailAddress::parse("no-reply@localhost.localdomain").expect("this is an address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_comes_from_the_host_of_the_product() {
        for (address, from) in [
            ("https://accounts.example.org", "no-reply@accounts.example.org"),
            ("https://accounts.example.org:8443", "no-reply@accounts.example.org"),
            ("http://127.0.0.1:8090", "no-reply@localhost.localdomain"),
            ("http://localhost", "no-reply@localhost.localdomain"),
            ("https://[2001:db8::1]:8443", "no-reply@localhost.localdomain"),
            ("https://zürich.example:443", "no-reply@xn--zrich-kva.example"),
        ] {
            assert_eq!(sender(&WebOrigin::parse(address).unwrap()).as_str(), from, "{address}");
        }
    }
}
