//! Many clients at once, each with one mutation after the other, and what they were told.

use std::{net::SocketAddr, path::Path};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::random::Random;
use crate::support::{
    audit::{Acknowledged, Mark},
    client::{Broken, Client},
    process::Server,
};

/// Clients at once.
const CLIENTS: u64 = 16;
/// The organisation's mail domain.
const DOMAIN: &str = "example.org";

/// Sets up an installation with an operator and one organisation; answers the session and the organisation's id.
pub(crate) async fn set_up(data: &Path) -> (String, String) {
    let server = Server::start(data).await;
    let token = server.token.clone().expect("the first start prints a token");
    let mut client = Client::connect(server.address).await.expect("the server answers");
    client.set_up(&token).await.expect("the server answers");
    let input = json!({ "name": "Wijnhandel Jansen" });
    let created = client.mutate("organisationCreate", "organisation { id }", input).await;
    let created = created.expect("the server answers").expect("an organisation is created");
    let organisation = created["organisation"]["id"].as_str().expect("it has an id").to_owned();
    let input = json!({ "organisation": organisation, "domain": DOMAIN });
    let registered = client.mutate("domainRegister", "position", input).await;
    registered.expect("the server answers").expect("a domain is registered");
    server.kill();
    (client.session.expect("is signed in"), organisation)
}

/// What is needed to put load on a server.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) address: SocketAddr,
    pub(super) session: String,
    pub(super) organisation: String,
    /// Makes names unlike those of other rounds.
    pub(super) round: String,
}

/// Clients at work, until their server is gone.
pub(super) struct Work(JoinSet<News>);

/// What clients were told.
#[derive(Default)]
pub(super) struct News {
    pub(super) acknowledged: Acknowledged,
    /// The accounts whose ids were answered.
    pub(super) accounts: Vec<String>,
    /// Answers that were no acknowledgement.
    pub(super) refused: u64,
}

impl Load {
    pub(super) fn start(&self, random: &mut Random) -> Work {
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let load = self.clone();
            let random = Random::new(random.next());
            clients.spawn(async move {
                let mut news = News::default();
                // It ends with the connection: the server was killed.
                let Err(Broken) = load.work(number, random, &mut news).await;
                news
            });
        }
        Work(clients)
    }

    async fn work(
        &self,
        number: u64,
        mut random: Random,
        news: &mut News,
    ) -> Result<std::convert::Infallible, Broken> {
        let mut client = Client::connect(self.address).await?;
        client.session = Some(self.session.clone());
        // Accounts that are there and active.
        let mut accounts: Vec<String> = Vec::new();
        for step in 0_u64.. {
            let name = format!("k{}-{number}-{step}", self.round);
            let some = random.choose(&accounts).cloned();
            let (mark, mutation, payload, input) = match (random.between(0..10), some) {
                (0..2, Some(account)) => {
                    let alias = format!("{name}@{DOMAIN}");
                    let input = json!({ "account": account, "organisation": self.organisation, "alias": alias });
                    (Mark::Alias(alias), "aliasAdd", "position", input)
                }
                (2, Some(account)) => {
                    accounts.retain(|active| *active != account);
                    let input = json!({ "account": account, "organisation": self.organisation, "reason": name });
                    (Mark::Reason(name), "accountDeactivate", "position", input)
                }
                (3, _) => {
                    let input = json!({ "name": name });
                    (Mark::Organisation(name), "organisationCreate", "position", input)
                }
                // Half of them wait for the read models, the others come back at once.
                (4..6, _) => {
                    let input = json!({ "organisation": self.organisation, "username": name });
                    (Mark::Username(name), "accountCreate", "position account { id }", input)
                }
                _ => {
                    let input = json!({ "organisation": self.organisation, "username": name });
                    (Mark::Username(name), "accountCreate", "position", input)
                }
            };
            match client.mutate(mutation, payload, input).await? {
                Ok(payload) => {
                    let account = payload["account"]["id"].as_str().map(str::to_owned);
                    accounts.extend(account.clone());
                    news.accounts.extend(account);
                    news.acknowledged.insert(mark, number_of(&payload["position"]));
                }
                Err(answer) => {
                    assert!(answer.status == 503 || answer.status == 200, "{mutation}: {answer:?}");
                    if news.refused == 0 {
                        eprintln!("{mutation}: {answer:?}");
                    }
                    news.refused += 1;
                }
            }
        }
        Err(Broken)
    }
}

impl Work {
    pub(super) async fn finish(mut self) -> News {
        let mut all = News::default();
        while let Some(news) = self.0.join_next().await {
            let news = news.expect("a client doesn't fail");
            all.acknowledged.extend(news.acknowledged);
            all.accounts.extend(news.accounts);
            all.refused += news.refused;
        }
        all
    }
}

/// The API shows the newest of the accounts that it acknowledged.
pub(super) async fn assert_served(client: &mut Client, accounts: Vec<String>) {
    let ids: Vec<_> = accounts.into_iter().rev().take(50).collect();
    let document = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let answer = client.send(document, json!({ "ids": ids })).await.expect("the server answers");
    let nodes = answer.body["data"]["nodes"].as_array();
    let nodes = nodes.unwrap_or_else(|| panic!("{answer:?}"));
    let shown: Vec<_> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
    assert_eq!(shown, ids, "what was acknowledged must be served");
}

/// A position comes as a number or, for those who count in floating point, as a text.
pub(crate) fn number_of(position: &Value) -> u64 {
    let text = position.as_str().and_then(|text| text.parse().ok());
    text.or_else(|| position.as_u64()).unwrap_or_else(|| panic!("{position} is no position"))
}
