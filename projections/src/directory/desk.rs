//! The desk on which a page of events is worked up: every row that it concerns is fetched once,
//! changed in memory, and written once, however often it changed.

use std::collections::hash_map::Entry;

use events::{
    AccountId, Event, LetterId, MailId, OrganisationId, Recorded, SessionId, Stream, account,
    installation, mail, membership, organisation, service_key, session, value::MemberKind,
};
use rustc_hash::{FxHashMap, FxHashSet};
use sqlx::SqliteConnection;

use super::{
    Document, Mail, Organisation, ServiceKey, Session, SystemMessage,
    dossier::{Dossier, Unfit},
    listing::Listings,
    mail::MailChange,
    rows,
    sheets::Sheets,
};
use crate::{concern, projection::Fault, writes::Writes};

/// The rows that a page of events concerns.
pub(super) struct Desk {
    accounts: FxHashMap<AccountId, AccountFile>,
    organisations: FxHashMap<OrganisationId, OrganisationFile>,
    /// How many organisations there are.
    numbered: i64,
    sheets: Sheets,
}

/// An account on the desk.
pub(super) struct AccountFile {
    /// Its key.
    pub(super) key: i64,
    /// What is known now.
    pub(super) dossier: Dossier,
    /// The key of each membership's organisation, in the order of the dossier.
    pub(super) organisations: Vec<i64>,
    /// What of it is in the database.
    pub(super) before: Before,
    changed: bool,
}

/// What the database has of an account.
pub(super) enum Before {
    /// Nothing: it is new.
    Nothing,
    /// What the dossier says, but for the mailboxes in these organisations.
    All {
        /// Whose mailbox changed.
        mailboxes: Vec<OrganisationId>,
    },
    /// These columns, and other documents.
    Columns(Box<Listings>),
}

impl Before {
    /// Notes that an event is going to change the dossier.
    fn note(&mut self, recorded: &Recorded<Event>, dossier: &Dossier) {
        let Self::All { mailboxes } = self else { return };
        match mailbox(recorded) {
            Some(organisation) => mailboxes.push(organisation),
            // No column is about the mailbox, so that these are still the ones in the database.
            None => *self = Self::Columns(Box::new(Listings::of(dossier))),
        }
    }
}

/// In which organisation an event changes a mailbox, and nothing else.
fn mailbox(recorded: &Recorded<Event>) -> Option<OrganisationId> {
    use membership::Event as Happened;
    match (recorded.stream, &recorded.event) {
        (
            Stream::Membership(organisation, _),
            Event::Membership(
                Happened::AliasAdded { .. }
                | Happened::AliasRemoved { .. }
                | Happened::SendOnBehalfGranted { .. }
                | Happened::SendOnBehalfRevoked { .. }
                | Happened::MailboxHiddenSet { .. }
                | Happened::MailboxSharedSet { .. }
                | Happened::AlwaysBccSet { .. },
            ),
        ) => Some(organisation),
        _ => None,
    }
}

/// An organisation on the desk.
pub(super) struct OrganisationFile {
    pub(super) key: i64,
    pub(super) organisation: Organisation,
    changed: bool,
}

impl Desk {
    /// Fetches all that a page of events concerns.
    pub(super) async fn lay_out(
        connection: &mut SqliteConnection,
        events: &[Recorded<Event>],
    ) -> Result<Self, Fault> {
        let accounts: FxHashSet<_> = events.iter().filter_map(first_concerned).collect();
        let organisations: FxHashSet<_> = events
            .iter()
            .filter_map(|recorded| match recorded.stream {
                Stream::Organisation(organisation) => Some(organisation),
                _ if names_organisation(recorded) => concern::organisation(recorded),
                _ => None,
            })
            .collect();
        let mut desk = Self {
            accounts: FxHashMap::default(),
            organisations: FxHashMap::default(),
            numbered: 0,
            sheets: Sheets::default(),
        };
        if events.iter().any(is_new_organisation) {
            desk.numbered = rows::count_organisations(connection).await?;
        }
        desk.fetch(connection, &accounts, &organisations).await?;
        // Who hands over an organisation changes too, and only the organisation tells who that is.
        let owners: FxHashSet<_> = events
            .iter()
            .filter(|recorded| {
                matches!(recorded.event, Event::Organisation(organisation::Event::OwnerSet { .. }))
            })
            .filter_map(|recorded| {
                desk.organisations.get(&concern::organisation(recorded)?)?.organisation.owner
            })
            .filter(|owner| !desk.accounts.contains_key(owner))
            .collect();
        if !owners.is_empty() {
            desk.fetch(connection, &owners, &FxHashSet::default()).await?;
        }
        Ok(desk)
    }

    async fn fetch(
        &mut self,
        connection: &mut SqliteConnection,
        accounts: &FxHashSet<AccountId>,
        organisations: &FxHashSet<OrganisationId>,
    ) -> Result<(), Fault> {
        if accounts.is_empty() && organisations.is_empty() {
            return Ok(());
        }
        let found = rows::fetch(connection, accounts, organisations).await?;
        for (key, dossier, organisations) in found.dossiers {
            let before = Before::All { mailboxes: Vec::new() };
            let file = AccountFile { key, organisations, before, changed: false, dossier };
            self.accounts.insert(file.dossier.person.account.id, file);
        }
        for (key, organisation) in found.organisations {
            let id = organisation.id;
            self.organisations.insert(id, OrganisationFile { key, organisation, changed: false });
        }
        Ok(())
    }

    /// Takes up one event.
    pub(super) fn take_up(&mut self, recorded: &Recorded<Event>) -> Result<(), Unfit> {
        match (recorded.stream, &recorded.event) {
            (Stream::Organisation(id), Event::Organisation(event)) => {
                self.fold_organisation(id, recorded, event)?;
            }
            (Stream::Session(id), Event::Session(session::Event::Opened { account, .. })) => {
                self.open(id, *account, None, recorded);
            }
            (
                Stream::Session(id),
                Event::Session(session::Event::Impersonated { account, by, .. }),
            ) => self.open(id, *account, Some(*by), recorded),
            (Stream::Session(id), Event::Session(session::Event::Ended { .. })) => {
                self.sheets.end(id);
            }
            (Stream::ServiceKey(id), Event::ServiceKey(event)) => match event {
                service_key::Event::Created { organisation, name, scopes, expires_at } => {
                    let file = self
                        .organisations
                        .get(organisation)
                        .ok_or(Unfit::Organisation(*organisation))?;
                    let key = ServiceKey {
                        id,
                        organisation: *organisation,
                        name: name.as_str().to_owned(),
                        scopes: scopes.iter().copied().collect(),
                        created_at: recorded.at,
                        created_by: recorded.cause.actor,
                        expires_at: *expires_at,
                        revoked_at: None,
                    };
                    self.sheets.make_key(rows::key(recorded.position), file.key, key);
                }
                service_key::Event::Revoked { .. } => self.sheets.revoke_key(id, recorded.at),
            },
            (Stream::Mail(id), Event::Mail(event)) => self.file_mail(id, event, recorded)?,
            (_, Event::Installation(event)) => self.take_up_installation(recorded, event),
            _ => {}
        }
        if let Some(id) = first_concerned(recorded) {
            let before = self.letter_of(id);
            self.fold_account(id, recorded)?;
            self.file_letter(id, before, recorded)?;
        }
        Ok(())
    }

    fn take_up_installation(&mut self, recorded: &Recorded<Event>, event: &installation::Event) {
        use installation::Event as Happened;
        match event {
            Happened::ServiceRegistered { service, name } => self.sheets.register(service, name),
            Happened::SystemMessageSent { message, text, valid_until } => {
                let message = SystemMessage::sent(*message, None, text, *valid_until, recorded);
                self.sheets.tell(None, message);
            }
            _ => {}
        }
    }

    fn open(
        &mut self,
        id: SessionId,
        account: AccountId,
        by: Option<AccountId>,
        recorded: &Recorded<Event>,
    ) {
        let account_key = self.account(account, recorded).key;
        let origin = recorded.cause.origin.as_ref();
        let origin = origin.and_then(|origin| origin.value().cloned());
        let session = Session { id, account, opened_at: recorded.at, origin, by };
        self.sheets.open(rows::key(recorded.position), account_key, session);
    }

    fn fold_organisation(
        &mut self,
        id: OrganisationId,
        recorded: &Recorded<Event>,
        event: &organisation::Event,
    ) -> Result<(), Unfit> {
        if let organisation::Event::Created { name, language, plan } = event {
            let organisation = Organisation::created(id, recorded, name, *language, *plan);
            self.numbered += 1;
            let file = OrganisationFile { key: self.numbered, organisation, changed: true };
            self.organisations.insert(id, file);
            return Ok(());
        }
        let kind_before = concern::member(event).and_then(|member| self.kind(member, id));
        let file = self.organisations.get_mut(&id).ok_or(Unfit::Organisation(id))?;
        let former = file.organisation.owner;
        file.organisation.fold(recorded, event, kind_before);
        file.changed = true;
        if let organisation::Event::SystemMessageSent { message, text, valid_until } = event {
            let message = SystemMessage::sent(*message, Some(id), text, *valid_until, recorded);
            self.sheets.tell(Some(file.key), message);
        }
        if let organisation::Event::OwnerSet { account } = event
            && let Some(former) = former.filter(|former| former != account)
        {
            self.fold_account(former, recorded)?;
        }
        Ok(())
    }

    /// Notes that a mail was asked for, or what became of it.
    fn file_mail(
        &mut self,
        id: MailId,
        event: &mail::Event,
        recorded: &Recorded<Event>,
    ) -> Result<(), Unfit> {
        let Some(mail) = Mail::queued(id, event, recorded.at) else {
            if let Some(change) = MailChange::of(event, recorded.at) {
                self.sheets.change_mail(id, change);
            }
            return Ok(());
        };
        let key = match mail.organisation {
            Some(id) => Some(self.organisations.get(&id).ok_or(Unfit::Organisation(id))?.key),
            None => None,
        };
        self.sheets.queue_mail(rows::key(recorded.position), key, mail);
        Ok(())
    }

    fn letter_of(&self, account: AccountId) -> Option<LetterId> {
        self.accounts.get(&account)?.dossier.person.letter
    }

    /// Lists the letter that was written to an account, and takes the one from the list that was there before.
    fn file_letter(
        &mut self,
        account: AccountId,
        before: Option<LetterId>,
        recorded: &Recorded<Event>,
    ) -> Result<(), Unfit> {
        let now = self.letter_of(account);
        if let Some(before) = before.filter(|before| Some(*before) != now) {
            self.sheets.close_document(before);
        }
        match &recorded.event {
            Event::Account(account::Event::ActivationSent {
                letter: Some(id),
                organisation,
                expires_at,
                ..
            }) => {
                let file = self
                    .organisations
                    .get(organisation)
                    .ok_or(Unfit::Organisation(*organisation))?;
                let document = Document {
                    id: *id,
                    organisation: *organisation,
                    account,
                    created_at: recorded.at,
                    downloaded_at: None,
                    expires_at: *expires_at,
                };
                self.sheets.list_document(rows::key(recorded.position), file.key, document);
            }
            Event::Account(account::Event::LetterDownloaded { letter, .. }) => {
                self.sheets.fetch_document(*letter, recorded.at);
            }
            _ => {}
        }
        Ok(())
    }

    fn kind(&self, account: AccountId, organisation: OrganisationId) -> Option<MemberKind> {
        self.accounts.get(&account)?.dossier.kind_in(organisation)
    }

    fn fold_account(&mut self, id: AccountId, recorded: &Recorded<Event>) -> Result<(), Unfit> {
        let organisation = concern::organisation(recorded);
        let organisation_key =
            organisation.and_then(|id| self.organisations.get(&id)).map(|file| file.key);
        let file = self.account(id, recorded);
        file.before.note(recorded, &file.dossier);
        file.dossier.fold(recorded)?;
        file.changed = true;
        if file.organisations.len() < file.dossier.members.len() {
            // Only an event of the organisation itself makes a member, and that organisation is on the desk.
            file.organisations.extend(organisation_key);
        }
        Ok(())
    }

    fn account(&mut self, id: AccountId, recorded: &Recorded<Event>) -> &mut AccountFile {
        match self.accounts.entry(id) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => place.insert(AccountFile {
                key: rows::key(recorded.position),
                dossier: Dossier::blank(id, recorded.at),
                organisations: Vec::new(),
                before: Before::Nothing,
                changed: false,
            }),
        }
    }

    /// What to write.
    pub(super) fn writes(self) -> Result<Writes, serde_json::Error> {
        let mut sheets = self.sheets;
        let mut accounts: Vec<_> =
            self.accounts.into_values().filter(|file| file.changed).collect();
        accounts.sort_unstable_by_key(|file| file.key);
        for file in &accounts {
            sheets.file_account(file)?;
        }
        for file in self.organisations.values().filter(|file| file.changed) {
            sheets.file_organisation(file)?;
        }
        sheets.writes()
    }
}

/// Whether an event names an organisation whose number a row needs.
const fn names_organisation(recorded: &Recorded<Event>) -> bool {
    matches!(
        recorded.event,
        Event::ServiceKey(_)
            | Event::Account(account::Event::ActivationSent { .. })
            | Event::Mail(mail::Event::Queued { .. })
    )
}

const fn is_new_organisation(recorded: &Recorded<Event>) -> bool {
    matches!(recorded.event, Event::Organisation(organisation::Event::Created { .. }))
}

/// The account that an event happened to. Others that it concerns, such as a delegate, have it only in their history.
fn first_concerned(recorded: &Recorded<Event>) -> Option<AccountId> {
    // A mail to somebody changes nothing about them.
    if matches!(recorded.event, Event::Mail(_)) {
        return None;
    }
    concern::accounts(recorded).into_iter().next()
}
