//! Accounts: the object, its queries and its mutations.

mod change;
mod create;
mod filter;
mod hours;
mod list;
mod past;
mod profile;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use events::{
    AccountId,
    value::{ProfileEntry, ProfileField, Username},
};
use projections::{Visible, directory, history::Subject};

pub(crate) use self::create::profile;
pub(crate) use self::{
    change::AccountMutations,
    create::AccountCreation,
    filter::{AccountFilter, AccountOrder},
    hours::HoursMutations,
    list::AccountQueries,
    past::PointInTime,
    profile::{ProfileInput, ProfileMutations},
};
use crate::{
    Answer,
    asking::{Asking, Sight},
    connection::Connection,
    enums::{AccountStatus, Language},
    factor::Factor,
    history::{FieldChange, HistoryEntry, HistoryFilter, HistoryPage},
    ids::GlobalId,
    membership::Membership,
    organisation::{self, Organisation, SignInHours},
    payload::{Seen, Shown},
    problem::Problem,
    scalar::{Date, EmailAddress, Version},
    session::{self, Session},
};

/// One person's sign-in identity, with what it is in each organisation.
pub(crate) struct Account(pub(crate) directory::Account);

/// An account that the caller may see; an error where there is none.
pub(crate) async fn get(asking: &Asking<'_>, id: AccountId) -> Result<Account, Problem> {
    let visible = asking.visible(Sight::Directory).await?;
    let found = asking.directory().account(visible, id).await?;
    found.map(Account).ok_or(Problem::NotFound)
}

/// The caller's own account, in all of its organisations.
pub(crate) async fn own(asking: &Asking<'_>, id: AccountId) -> Result<Account, Problem> {
    let found = asking.directory().account(Visible::Account(id), id).await?;
    found.map(Account).ok_or(Problem::NotFound)
}

/// An account that something refers to; none where the caller may not see it.
pub(crate) async fn referred(ctx: &Context<'_>, id: Option<AccountId>) -> Answer<Account> {
    let id = id?;
    match Asking::of(ctx) {
        Ok(asking) => match get(&asking, id).await {
            Err(Problem::NotFound | Problem::Forbidden) => None,
            answer => Some(answer),
        },
        Err(problem) => Some(Err(problem)),
    }
}

/// An account in the payload of a mutation: read once the mutation is visible.
pub(crate) async fn shown(ctx: &Context<'_>, id: Option<AccountId>, seen: Seen) -> Answer<Account> {
    let id = id?;
    let ready = async { seen.ready(&Asking::of(ctx)?).await };
    match ready.await {
        Ok(()) => referred(ctx, Some(id)).await,
        Err(problem) => Some(Err(problem)),
    }
}

/// The object of a mutation that is about an account.
pub(crate) struct ChangedAccount {
    pub(crate) account: Option<AccountId>,
    pub(crate) seen: Seen,
}

impl Shown for ChangedAccount {
    const WHAT: &'static str = "the account, as it is now";
}

/// The object of a mutation that is about an account.
#[Object]
impl ChangedAccount {
    /// The account, as it is now; null where there is none that the caller may see.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        shown(ctx, self.account, self.seen).await
    }
}

impl Account {
    fn text(&self, field: ProfileField) -> Option<&str> {
        match self.0.profile.get(&field)? {
            ProfileEntry::Text(text) => Some(text.as_str()),
            ProfileEntry::Phone(number) => Some(number.as_str()),
            ProfileEntry::TimeZone(zone) => Some(zone.as_str()),
            ProfileEntry::Email(_) | ProfileEntry::Language(_) | ProfileEntry::Date(_) => None,
        }
    }

    fn address(&self, field: ProfileField) -> Option<EmailAddress> {
        match self.0.profile.get(&field)? {
            ProfileEntry::Email(address) => Some(address.into()),
            _ => None,
        }
    }
}

/// One person's sign-in identity, with what it is in each organisation.
///
/// Personal data that was erased is null; `username` is null only then.
#[Object]
impl Account {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Account(self.0.id).into()
    }

    /// The e-mail address that waits to be confirmed; until then `email` counts.
    async fn email_pending(&self) -> Option<EmailAddress> {
        self.0.email_pending.as_ref().map(Into::into)
    }

    /// The number of changes of credentials and profile, for `expectedVersion`.
    async fn version(&self) -> Version {
        Version(self.0.version)
    }

    /// The name to sign in with: never changed, never free again.
    async fn username(&self) -> Option<&str> {
        self.0.username.as_ref().map(Username::as_str)
    }

    /// The name that lists show.
    async fn display_name(&self) -> Option<&str> {
        self.0.display_name()
    }

    /// First name.
    async fn first_name(&self) -> Option<&str> {
        self.text(ProfileField::FirstName)
    }

    /// Last name.
    async fn last_name(&self) -> Option<&str> {
        self.text(ProfileField::LastName)
    }

    /// How to address the person, for instance `mevrouw`.
    async fn salutation(&self) -> Option<&str> {
        self.text(ProfileField::Salutation)
    }

    /// The primary address, unique in the installation.
    async fn email(&self) -> Option<EmailAddress> {
        self.address(ProfileField::Email)
    }

    /// Where the means to sign in again go when the password was forgotten.
    async fn recovery_email(&self) -> Option<EmailAddress> {
        self.address(ProfileField::RecoveryEmail)
    }

    /// The language of what the person reads; null: the organisation's.
    async fn language(&self) -> Option<Language> {
        match self.0.profile.get(&ProfileField::Language)? {
            ProfileEntry::Language(language) => Some((*language).into()),
            _ => None,
        }
    }

    /// The time zone of what the person reads, by its IANA name.
    async fn time_zone(&self) -> Option<&str> {
        self.text(ProfileField::TimeZone)
    }

    /// What the person does, such as `Head of sales`; no place in the log, unlike `position` elsewhere.
    async fn position(&self) -> Option<&str> {
        self.text(ProfileField::Position)
    }

    /// Where the person works.
    async fn location(&self) -> Option<&str> {
        self.text(ProfileField::Location)
    }

    /// Date of birth.
    async fn birth_date(&self) -> Option<Date> {
        match self.0.profile.get(&ProfileField::BirthDate)? {
            ProfileEntry::Date(date) => Some(Date(*date)),
            _ => None,
        }
    }

    /// Telephone number.
    async fn phone(&self) -> Option<&str> {
        self.text(ProfileField::Phone)
    }

    /// Mobile telephone number.
    async fn mobile(&self) -> Option<&str> {
        self.text(ProfileField::Mobile)
    }

    /// What administrators should know.
    async fn description(&self) -> Option<&str> {
        self.text(ProfileField::Description)
    }

    /// Whether one can sign in to it, as far as the caller sees its organisations.
    async fn status(&self) -> AccountStatus {
        self.0.status().into()
    }

    /// Since when the account exists.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Since when it has its present password; null: it has none yet, nobody can sign in to it.
    async fn password_set_at(&self) -> Option<DateTime<Utc>> {
        self.0.password_since
    }

    /// When a link to activate it was last sent, with or without a letter.
    async fn activation_sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.activation_sent_at
    }

    /// When the person activated it with what was sent.
    async fn activated_at(&self) -> Option<DateTime<Utc>> {
        self.0.activated_at
    }

    /// Since when no password is evaluated, after too many wrong ones.
    async fn locked_at(&self) -> Option<DateTime<Utc>> {
        self.0.locked_at
    }

    /// When it was deleted.
    async fn deleted_at(&self) -> Option<DateTime<Utc>> {
        self.0.deleted_at
    }

    /// When somebody last signed in to it.
    async fn signed_in_at(&self) -> Option<DateTime<Utc>> {
        self.0.signed_in_at
    }

    /// Whether it may run the installation.
    async fn operator(&self) -> bool {
        self.0.operator
    }

    /// The organisation that it works in when it signs in.
    async fn default_organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::referred(ctx, self.0.default_organisation).await
    }

    /// What it is in each organisation that the caller may see, oldest first.
    async fn memberships(&self) -> Vec<Membership> {
        let memberships = self.0.memberships.iter().cloned();
        memberships.map(|membership| Membership { account: self.0.id, row: membership }).collect()
    }

    /// What it is in one organisation; without an argument: in the one that the caller works in,
    /// or else in the account's default one, or else in its first one.
    async fn membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of an organisation.")] organisation: Option<ID>,
    ) -> Option<Membership> {
        let organisation = match organisation {
            Some(id) => GlobalId::organisation(&id)?,
            None => Asking::of(ctx)
                .ok()
                .and_then(|asking| asking.viewer.organisation)
                .filter(|&id| self.0.membership(id).is_some())
                .or(self.0.default_organisation)
                .or_else(|| self.0.memberships.first().map(|first| first.organisation))?,
        };
        let row = self.0.membership(organisation)?.clone();
        Some(Membership { account: self.0.id, row })
    }

    /// When it may be signed in to, in the person's time zone; null: when its organisations say. Administrators may
    /// always.
    async fn sign_in_hours(&self) -> Option<Vec<SignInHours>> {
        let hours = self.0.sign_in_hours?;
        Some(hours.ranges().into_iter().map(SignInHours::of).collect())
    }

    /// What proves who its owner is, beside the password; oldest first.
    async fn factors(&self) -> Vec<Factor> {
        let account = self.0.id;
        self.0.factors.iter().map(|row| Factor { account, row: row.clone() }).collect()
    }

    /// How many recovery codes are left.
    async fn recovery_codes_left(&self) -> u32 {
        self.0.recovery_codes
    }

    /// The sessions in which somebody is signed in to it now, newest first. For whoever may see the
    /// account's history.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Answer<Connection<Session>> {
        Some(session::of_account(ctx, self.0.id, (first, after, last, before)).await)
    }

    /// What happened to it, newest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which part of the history.")] filter: Option<HistoryFilter>,
        #[graphql(desc = "How many at most, from the start; 20 where nobody says, 100 at most.")]
        first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most, from the end; 100 at most.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Answer<Connection<HistoryEntry>> {
        let subject = Subject::Account(self.0.id);
        let page = HistoryPage { filter, page: (first, after, last, before) };
        Some(async { page.read(&Asking::of(ctx)?, ctx, subject).await }.await)
    }

    /// What differs in it between two points in the past, field by field.
    #[graphql(complexity = 20)]
    async fn difference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier point.")] from: PointInTime,
        #[graphql(desc = "The later point; where none is given: now.")] to: Option<PointInTime>,
    ) -> Answer<Vec<FieldChange>> {
        Some(past::difference(ctx, self.0.id, from, to).await)
    }
}
