//! An organisation in which every text is recognised where it turns up.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    ids::GlobalId,
    tests::support::{Browser, PASSWORD, Who, World},
};

pub(super) struct Planted {
    /// Texts that only this organisation has.
    pub(super) canaries: Vec<String>,
    /// Texts to search with: a part of all, a username, an address.
    pub(super) texts: Vec<String>,
    /// The global ids of what it has.
    pub(super) ids: Vec<String>,
    /// Global ids of the same kinds, of nothing.
    pub(super) unknown_ids: Vec<String>,
    /// The bare identities, as in names of streams.
    pub(super) uuids: Vec<String>,
    /// A service key.
    pub(super) service_key: String,
    /// An account that nobody will miss.
    pub(super) spare: String,
    pub(super) admin: Who,
    pub(super) member: Who,
}

impl Planted {
    /// A member of another organisation becomes one here, too: what they are and have here is nobody's there.
    pub(super) async fn share(&mut self, world: &World, operator: &Who, home: &Self) {
        let (here, there) = (&self.ids[1], &home.ids[1]);
        let shared = world.account(&home.admin, there, "shared").await;
        let join = json!({ "account": shared, "organisation": here });
        world.must(operator, "membershipAdd", "", join).await;
        let mark = &self.texts[0];
        let alias =
            json!({ "account": shared, "alias": format!("{mark}shared@{mark}domain.example") });
        world.must(&self.admin, "aliasAdd", "", alias).await;
        let service = json!({ "account": shared, "service": "mail", "access": true });
        world.must(&self.admin, "serviceAccessSet", "", service).await;
        let profile = json!({ "account": shared, "position": "Bakker" });
        let made = world.must(&self.admin, "profileUpdate", "", profile).await;
        self.canaries.push(format!("{mark}shared"));

        let then = Browser { at_least: made["position"].as_u64(), ..Browser::default() };
        let query = "{ accounts(filter: { username: { equals: \"shared\" } }) { nodes { memberships { id } } } }";
        let seen = world.ask_with(&self.admin, then, query).await;
        let memberships = &seen["data"]["accounts"]["nodes"][0]["memberships"];
        assert_eq!(memberships.as_array().map(Vec::len), Some(1), "{seen}");
        let id = text(&memberships[0]["id"]);
        self.unknown_ids.push(nowhere(&id));
        self.ids.push(id);
    }

    pub(super) async fn new(world: &World, operator: &Who, mark: &str) -> Self {
        let mut canaries = Vec::new();
        let mut plant = |what: &str| {
            let canary = format!("{mark}{what}");
            canaries.push(canary.clone());
            canary
        };
        let input = json!({ "name": plant("organisation") });
        let made = world.must(operator, "organisationCreate", "organisation { id }", input).await;
        let organisation = text(&made["organisation"]["id"]);
        let domain = format!("{}.example", plant("domain"));
        let register = json!({ "organisation": organisation, "domain": domain });
        world.must(operator, "domainRegister", "", register).await;

        let admin_name = plant("admin");
        let admin_id = world.account(operator, &organisation, &admin_name).await;
        let promote =
            json!({ "account": admin_id, "organisation": organisation, "administrator": true });
        world.must(operator, "administratorSet", "", promote).await;
        let own = json!({ "account": admin_id, "organisation": organisation });
        world.must(operator, "ownerSet", "", own).await;
        let admin = world.sign_in(&admin_name).await;

        let member_name = plant("member");
        let member_id = world.account(&admin, &organisation, &member_name).await;
        let member = world.sign_in(&member_name).await;
        let profile = json!({
            "account": member_id,
            "displayName": plant("display"), "firstName": plant("first"), "lastName": plant("last"),
            "salutation": plant("salutation"), "email": format!("{}@example.net", plant("email")),
            "recoveryEmail": format!("{}@example.net", plant("recovery")),
            "position": plant("position"), "location": plant("location"), "description": plant("description"),
        });
        world.must(&admin, "profileUpdate", "", profile).await;
        let alias =
            json!({ "account": member_id, "alias": format!("{}@{domain}", plant("alias")) });
        world.must(&admin, "aliasAdd", "", alias).await;
        let copies =
            json!({ "account": member_id, "address": format!("{}@example.net", plant("copies")) });
        world.must(&admin, "alwaysBccSet", "", copies).await;
        let delegate = json!({ "account": member_id, "delegate": admin_id, "on": true });
        world.must(&admin, "sendOnBehalfSet", "", delegate).await;
        let service = json!({ "account": member_id, "service": "mail", "access": true });
        world.must(&admin, "serviceAccessSet", "", service).await;

        let spare = world.account(&admin, &organisation, &plant("spare")).await;
        let bar = json!({ "account": spare, "reason": plant("reason") });
        world.must(&admin, "accountDeactivate", "", bar).await;
        let key = json!({ "name": plant("key"), "scopes": ["ACCOUNTS_READ", "ACCOUNTS_WRITE", "HISTORY_READ"] });
        let made = world.must(&admin, "serviceKeyCreate", "serviceKey { id }", key).await;
        let service_key = text(&made["serviceKey"]["id"]);

        let tell = json!({ "organisation": organisation, "text": plant("message") });
        world.must(&admin, "systemMessageSend", "", tell).await;

        let own = GlobalId::account(&member_id).unwrap();
        let house = GlobalId::organisation(&organisation).unwrap();
        let mail = world.mail(own, Some(house), &plant("reply")).await;
        let factor = GlobalId::Factor(own, Uuid::from_u128(own.uuid().as_u128() ^ 1).into());
        let factor = async_graphql::ID::from(factor).to_string();
        world.must(&member, "stepUp", "", json!({ "password": PASSWORD })).await;
        let shown = json!({ "factor": factor, "code": "1", "name": plant("factor") });
        let made = world.must(&member, "factorConfirm", "", shown).await;

        let query = "{ viewer { account { memberships { id } sessions { nodes { id } } history { nodes { id } } } } }";
        let then = Browser { at_least: made["position"].as_u64(), ..Browser::default() };
        let things = world.ask_with(&member, then, query).await;
        let things = &things["data"]["viewer"]["account"];
        let ids = vec![
            member_id.clone(),
            organisation,
            admin_id,
            service_key.clone(),
            factor,
            mail,
            text(&things["memberships"][0]["id"]),
            text(&things["sessions"]["nodes"][0]["id"]),
            text(&things["history"]["nodes"][0]["id"]),
        ];
        let texts = vec![mark.to_owned(), member_name];
        let unknown_ids = ids.iter().map(|id| nowhere(id)).collect();
        let uuids = ids.iter().flat_map(|id| uuids(id)).collect();
        Self { canaries, texts, ids, unknown_ids, uuids, service_key, spare, admin, member }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text but {value}")).to_owned()
}

/// An id of the same kind, of nothing.
fn nowhere(id: &str) -> String {
    let none = Uuid::from_u128(0xdead);
    let unknown = match GlobalId::parse(id).unwrap() {
        GlobalId::Account(_) => GlobalId::Account(none.into()),
        GlobalId::Organisation(_) => GlobalId::Organisation(none.into()),
        GlobalId::Membership(..) => GlobalId::Membership(none.into(), none.into()),
        GlobalId::Session(_) => GlobalId::Session(none.into()),
        GlobalId::ServiceKey(_) => GlobalId::ServiceKey(none.into()),
        GlobalId::Factor(..) => GlobalId::Factor(none.into(), none.into()),
        GlobalId::Document(_) => GlobalId::Document(none.into()),
        GlobalId::Mail(_) => GlobalId::Mail(none.into()),
        GlobalId::InvitationLink(..) => GlobalId::InvitationLink(none.into(), none.into()),
        GlobalId::Event(_) => GlobalId::Event(events::Position(1 << 40)),
        GlobalId::Projection(_) => GlobalId::Projection("none".into()),
    };
    async_graphql::ID::from(unknown).to_string()
}

fn uuids(id: &str) -> Vec<String> {
    match GlobalId::parse(id).unwrap() {
        GlobalId::Account(id) => vec![id.to_string()],
        GlobalId::Organisation(id) => vec![id.to_string()],
        GlobalId::Session(id) => vec![id.to_string()],
        GlobalId::ServiceKey(id) => vec![id.to_string()],
        GlobalId::Factor(_, id) => vec![id.to_string()],
        GlobalId::Document(id) => vec![id.to_string()],
        GlobalId::Mail(id) => vec![id.to_string()],
        GlobalId::InvitationLink(_, id) => vec![id.to_string()],
        GlobalId::Membership(..) | GlobalId::Event(_) | GlobalId::Projection(_) => Vec::new(),
    }
}
