//! What is read by id, and the short lists.

use std::sync::Arc;

use events::{AccountId, OrganisationId, ServiceKeyId, SessionId, value::ServiceKind};
use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Account, Directory, Dossier, Known, Organisation, RegisteredService, ServiceKey, Session,
    list::read_dossier,
    rows::{document, hex, hex_ids},
    sql::Sql,
};
use crate::{
    Page, PageRequest, QueryError, Visible,
    fold::fold,
    generation::Generation,
    page::{Place, SortValue, Window},
};

/// The names of some ids, and whether they belong to the organisation that may be seen, where it is one.
pub(super) const NAMES: &str = "
    with wanted (id) as materialized (select unhex(value) from json_each(?1))
    select a.id, a.doc ->> '$.account.profile.display_name.value',
        ?2 is null or a.operator = 1 or exists (
          select 1 from members m where m.account = a.account
            and m.organisation = (select organisation from organisations where id = unhex(?2)))
      from wanted cross join accounts a on a.id = wanted.id
    union all
    select o.id, o.doc ->> '$.name', ?2 is null or o.id = unhex(?2)
      from wanted cross join organisations o on o.id = wanted.id
    union all
    select k.id, k.doc ->> '$.name',
        ?2 is null or k.organisation = (select organisation from organisations where id = unhex(?2))
      from wanted cross join service_keys k on k.id = wanted.id";

/// Reads accounts by id.
pub(super) async fn dossiers(
    serving: Arc<Generation>,
    ids: Vec<AccountId>,
) -> Result<FxHashMap<AccountId, Arc<Dossier>>, QueryError> {
    let rows = sqlx::query(
        "select a.doc, (select '[' || group_concat(m.doc) || ']' from members m where m.account = a.account)
         from accounts a where a.id in (select unhex(value) from json_each(?))",
    )
    .bind(hex_ids(&ids))
    .fetch_all(&serving.readers)
    .await?;
    rows.iter()
        .map(|row| {
            let dossier = read_dossier(row, 0)?;
            Ok((dossier.person.account.id, Arc::new(dossier)))
        })
        .collect()
}

/// Reads organisations by id.
pub(super) async fn organisations(
    serving: Arc<Generation>,
    ids: Vec<OrganisationId>,
) -> Result<FxHashMap<OrganisationId, Arc<Organisation>>, QueryError> {
    let rows = sqlx::query(
        "select doc from organisations where id in (select unhex(value) from json_each(?))",
    )
    .bind(hex_ids(&ids))
    .fetch_all(&serving.readers)
    .await?;
    rows.iter()
        .map(|row| {
            let organisation: Organisation = document(row.try_get(0)?)?;
            Ok((organisation.id, Arc::new(organisation)))
        })
        .collect()
}

impl Directory {
    /// A page of the organisations by name; `name_contains` may be empty. Members see their own.
    pub async fn organisations(
        &self,
        visible: Visible,
        name_contains: &str,
        page: &PageRequest,
    ) -> Result<Page<Organisation>, QueryError> {
        let window = Window::read(page, "organisations")?;
        let mut sql = Sql::default();
        sql.push("select organisation, name, doc from organisations where ");
        write_organisations(&mut sql, visible, name_contains);
        if let Some(Place { value: Some(SortValue::Text(name)), key, .. }) = &window.from {
            sql.push(" and (name, organisation)").push(if window.backward {
                " < ("
            } else {
                " > ("
            });
            sql.bind(name.clone()).push(", ").bind(*key).push(")");
        }
        sql.push(" order by name").push(if window.backward {
            " desc, organisation desc limit "
        } else {
            ", organisation limit "
        });
        sql.bind(window.limit());
        let position = self.position();
        let rows = sql.query().fetch_all(&self.seat.serving().readers).await?;
        let rows = rows
            .iter()
            .map(|row| {
                let value = Some(SortValue::Text(row.try_get(1)?));
                let list = "organisations".to_owned();
                let place = Place { list, rank: 0, value, key: row.try_get(0)? };
                Ok((place, document(row.try_get(2)?)?))
            })
            .collect::<Result<_, QueryError>>()?;
        Ok(window.page(rows, position))
    }

    /// How many organisations there are.
    pub async fn count_organisations(
        &self,
        visible: Visible,
        name_contains: &str,
    ) -> Result<u64, QueryError> {
        let mut sql = Sql::default();
        sql.push("select count(*) from organisations where ");
        write_organisations(&mut sql, visible, name_contains);
        self.count(sql).await
    }

    /// The organisation with a whole name, compared without case and accents; of several the one that is spelled
    /// so, or else the oldest.
    pub async fn organisation_by_name(
        &self,
        visible: Visible,
        name: &str,
    ) -> Result<Option<Organisation>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select doc from organisations where name = ").bind(fold(name));
        write_visible_organisations(&mut sql, visible);
        sql.push(" order by doc ->> '$.name' = ").bind(name.to_owned());
        sql.push(" desc, organisation limit 1");
        self.one(sql).await
    }

    /// A service key, if there is one and it may be seen.
    pub async fn service_key(
        &self,
        visible: Visible,
        id: ServiceKeyId,
    ) -> Result<Option<ServiceKey>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select doc from service_keys where id = unhex(").bind(hex(id)).push(")");
        let found: Option<ServiceKey> = self.one(sql).await?;
        Ok(found.filter(|found| match visible {
            Visible::Everything => true,
            Visible::Organisation(organisation) => found.organisation == organisation,
            Visible::Account(_) => false,
        }))
    }

    /// A page of the service keys of an organisation, newest first, revoked ones included.
    pub async fn service_keys(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        page: &PageRequest,
    ) -> Result<Page<ServiceKey>, QueryError> {
        self.belongings(visible, organisation, ("service_key", "service_keys"), page).await
    }

    /// How many service keys an organisation has, revoked ones included.
    pub async fn count_service_keys(
        &self,
        visible: Visible,
        organisation: OrganisationId,
    ) -> Result<u64, QueryError> {
        self.count_belongings(visible, organisation, "service_keys").await
    }

    /// A page of the running sessions of an account, newest first.
    pub async fn sessions(
        &self,
        visible: Visible,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Session>, QueryError> {
        let may_be_seen = self.account(visible, account).await?.is_some();
        let mut sql = Sql::default();
        sql.push("select session, doc from sessions where account = (select account from accounts where id = unhex(")
            .bind(hex(account))
            .push(")) and ")
            .push(if may_be_seen { "1" } else { "0" });
        self.newest_first(sql, "session", "sessions", page).await
    }

    /// How many running sessions an account has.
    pub async fn count_sessions(
        &self,
        visible: Visible,
        account: AccountId,
    ) -> Result<u64, QueryError> {
        if self.account(visible, account).await?.is_none() {
            return Ok(0);
        }
        let mut sql = Sql::default();
        sql.push("select count(*) from sessions where account = (select account from accounts where id = unhex(")
            .bind(hex(account))
            .push("))");
        self.count(sql).await
    }

    /// A page of the running sessions of an organisation's members, newest first; for whoever manages it.
    pub async fn present(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        page: &PageRequest,
    ) -> Result<Page<Session>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select session, doc from sessions where ");
        write_present(&mut sql, visible, organisation);
        self.newest_first(sql, "session", "present", page).await
    }

    /// How many sessions of an organisation's members run.
    pub async fn count_present(
        &self,
        visible: Visible,
        organisation: OrganisationId,
    ) -> Result<u64, QueryError> {
        let mut sql = Sql::default();
        sql.push("select count(*) from sessions where ");
        write_present(&mut sql, visible, organisation);
        self.count(sql).await
    }

    /// A running session, if there is one and it may be seen.
    pub async fn session(
        &self,
        visible: Visible,
        id: SessionId,
    ) -> Result<Option<Session>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select doc from sessions where id = unhex(").bind(hex(id)).push(")");
        let Some(session) = self.one::<Session>(sql).await? else { return Ok(None) };
        let account = self.account(visible, session.account).await?;
        Ok(account.map(|_| session))
    }

    /// Who runs the installation, in the order of creation; for operators only: empty for others.
    pub async fn operators(&self, visible: Visible) -> Result<Vec<Account>, QueryError> {
        if visible != Visible::Everything {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(
            "select a.doc, (select '[' || group_concat(m.doc) || ']' from members m where m.account = a.account)
             from accounts a where a.operator = 1 order by a.account",
        )
        .fetch_all(&self.seat.serving().readers)
        .await?;
        let dossiers = rows.iter().map(|row| read_dossier(row, 0));
        dossiers.filter_map(|dossier| dossier.map(|it| it.show(visible)).transpose()).collect()
    }

    /// The services that were registered beside the built-in ones, by key.
    pub async fn registered_services(&self) -> Result<Vec<RegisteredService>, QueryError> {
        let rows = sqlx::query("select service, name from services order by service")
            .fetch_all(&self.seat.serving().readers)
            .await?;
        rows.iter()
            .map(|row| {
                let service = ServiceKind::parse(row.try_get(0)?)
                    .map_err(|error| QueryError::Content(error.to_string()))?;
                Ok(RegisteredService { service, name: row.try_get(1)? })
            })
            .collect()
    }

    /// What is known of accounts, organisations and service keys, by id.
    pub(crate) async fn names(
        &self,
        visible: Visible,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<FxHashMap<Uuid, Known>, QueryError> {
        let mut ids: Vec<_> = ids.map(|id| id.simple().to_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        let own = match visible {
            Visible::Everything | Visible::Account(_) => None,
            Visible::Organisation(own) => Some(hex(own)),
        };
        let rows = sqlx::query(NAMES)
            .bind(serde_json::json!(ids).to_string())
            .bind(own)
            .fetch_all(&self.seat.serving().readers)
            .await?;
        rows.iter()
            .map(|row| {
                let id = Uuid::from_slice(row.try_get(0)?)
                    .map_err(|error| QueryError::Content(error.to_string()))?;
                Ok((id, Known { name: row.try_get(1)?, belongs: row.try_get(2)? }))
            })
            .collect()
    }

    pub(super) async fn one<T: DeserializeOwned>(&self, sql: Sql) -> Result<Option<T>, QueryError> {
        let row = sql.query().fetch_optional(&self.seat.serving().readers).await?;
        Ok(row.map(|row| document(row.try_get(0)?)).transpose()?)
    }

    pub(super) async fn count(&self, sql: Sql) -> Result<u64, QueryError> {
        let count: i64 = sql.query().fetch_one(&self.seat.serving().readers).await?.try_get(0)?;
        Ok(count.cast_unsigned())
    }

    /// A page of a list whose key is the order of creation.
    /// A page of what an organisation has in a table with such a key, newest first, for whoever manages it.
    pub(super) async fn belongings<T: DeserializeOwned>(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        (key, table): (&'static str, &'static str),
        page: &PageRequest,
    ) -> Result<Page<T>, QueryError> {
        let mut sql = Sql::default();
        sql.push("select ").push(key).push(", doc from ").push(table);
        write_owned(&mut sql, visible, organisation);
        self.newest_first(sql, key, table, page).await
    }

    /// How much that is.
    pub(super) async fn count_belongings(
        &self,
        visible: Visible,
        organisation: OrganisationId,
        table: &'static str,
    ) -> Result<u64, QueryError> {
        let mut sql = Sql::default();
        sql.push("select count(*) from ").push(table);
        write_owned(&mut sql, visible, organisation);
        self.count(sql).await
    }

    pub(super) async fn newest_first<T: DeserializeOwned>(
        &self,
        sql: Sql,
        column: &'static str,
        list: &'static str,
        page: &PageRequest,
    ) -> Result<Page<T>, QueryError> {
        self.newest_of(vec![sql], column, list, page).await
    }

    /// A page of what several statements find together, none of which finds what another one does.
    pub(super) async fn newest_of<T: DeserializeOwned>(
        &self,
        parts: Vec<Sql>,
        column: &'static str,
        list: &'static str,
        page: &PageRequest,
    ) -> Result<Page<T>, QueryError> {
        let window = Window::read(page, list)?;
        let sql = newest_of(parts, column, &window);
        let position = self.position();
        let rows = sql.query().fetch_all(&self.seat.serving().readers).await?;
        let read = |row: &SqliteRow| {
            let place = Place { list: list.to_owned(), rank: 0, value: None, key: row.try_get(0)? };
            Ok((place, document(row.try_get(1)?)?))
        };
        let rows = rows.iter().map(read).collect::<Result<_, QueryError>>()?;
        Ok(window.page(rows, position))
    }
}

/// The rows of a window. Where each part walks an index in the order of the column, so does all: SQLite merges them.
pub(super) fn newest_of(parts: Vec<Sql>, column: &'static str, window: &Window) -> Sql {
    let mut sql = Sql::default();
    for (number, part) in parts.into_iter().enumerate() {
        sql.push(if number == 0 { "" } else { " union all " }).append(part);
        if let Some(place) = &window.from {
            sql.push(" and ").push(column).push(if window.backward { " > " } else { " < " });
            sql.bind(place.key);
        }
    }
    sql.push(" order by ").push(column);
    sql.push(if window.backward { " limit " } else { " desc limit " }).bind(window.limit());
    sql
}

fn write_organisations(sql: &mut Sql, visible: Visible, name_contains: &str) {
    sql.push("instr(name, ").bind(fold(name_contains)).push(") > 0");
    write_visible_organisations(sql, visible);
}

fn write_visible_organisations(sql: &mut Sql, visible: Visible) {
    match visible {
        Visible::Everything => {}
        Visible::Organisation(organisation) => {
            sql.push(" and id = unhex(").bind(hex(organisation)).push(")");
        }
        Visible::Account(account) => {
            sql.push(" and organisation in (select organisation from members where rank < 2 and account = (select account from accounts where id = unhex(")
                .bind(hex(account))
                .push(")))");
        }
    }
}

/// Whether what only those who manage an organisation see may be seen.
pub(super) fn manages(visible: Visible, organisation: OrganisationId) -> bool {
    match visible {
        Visible::Everything => true,
        Visible::Organisation(own) => own == organisation,
        Visible::Account(_) => false,
    }
}

fn write_owned(sql: &mut Sql, visible: Visible, organisation: OrganisationId) {
    sql.push(" where organisation = (select organisation from organisations where id = unhex(")
        .bind(hex(organisation))
        .push(")) and ")
        .push(if manages(visible, organisation) { "1" } else { "0" });
}

fn write_present(sql: &mut Sql, visible: Visible, organisation: OrganisationId) {
    sql.push("account in (select account from members where rank < 2 and organisation = (select organisation from organisations where id = unhex(")
        .bind(hex(organisation))
        .push("))) and ")
        .push(if manages(visible, organisation) { "1" } else { "0" });
}
