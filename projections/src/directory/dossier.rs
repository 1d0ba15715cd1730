//! All that is known of one account, folded from the events that concern it: by the projection as they come,
//! and by the history up to a point in the past.

mod member;

use chrono::{DateTime, Utc};
use events::{
    AccountId, Event, LetterId, OrganisationId, Recorded, RequestId, Stream, Version, account,
    installation, organisation, session,
    value::{MemberKind, ProfileEntry, ProfileField},
};
use serde::{Deserialize, Serialize};

pub(crate) use member::Member;

use super::Account;
use crate::Visible;

/// All that is known of one account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dossier {
    /// The account.
    pub(crate) person: Person,
    /// Its memberships, ended ones too, in the order in which they began.
    pub(crate) members: Vec<Member>,
}

/// An account, as its row holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// What is shown; its memberships are in rows of their own.
    pub(crate) account: Account,
    /// Whether it came to be. An organisation may give it a seat before.
    pub(crate) created: bool,
    /// The letter in the list of documents, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) letter: Option<LetterId>,
    /// The request that deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_by: Option<RequestId>,
}

/// Where a row stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// Among the others.
    Listed = 0,
    /// After all others: deleted.
    Last = 1,
    /// Nowhere.
    Hidden = 2,
}

/// Why an event doesn't fit what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// It changes an account that never came to be.
    #[error("account {0} isn't known")]
    Account(AccountId),
    /// It changes a membership that isn't there.
    #[error("account {1} isn't a member of organisation {0}")]
    Member(OrganisationId, AccountId),
    /// It changes an organisation that never came to be.
    #[error("organisation {0} isn't known")]
    Organisation(OrganisationId),
}

impl Dossier {
    /// Of an account of which nothing is known yet.
    pub(crate) fn blank(id: AccountId, at: DateTime<Utc>) -> Self {
        let account = Account {
            id,
            version: Version::NONE,
            username: None,
            profile: std::collections::BTreeMap::new(),
            created_at: at,
            email_pending: None,
            password_since: None,
            locked_at: None,
            activation_sent_at: None,
            activated_at: None,
            deleted_at: None,
            signed_in_at: None,
            default_organisation: None,
            operator: false,
            sign_in_hours: None,
            factors: Vec::new(),
            recovery_codes: 0,
            memberships: Vec::new(),
        };
        let person = Person { account, created: false, letter: None, deleted_by: None };
        Self { person, members: Vec::new() }
    }

    /// Takes up an event. One that doesn't concern this account changes nothing.
    pub(crate) fn fold(&mut self, recorded: &Recorded<Event>) -> Result<(), Unfit> {
        let id = self.person.account.id;
        match (recorded.stream, &recorded.event) {
            (Stream::Account(stream), Event::Account(event)) if stream == id => {
                self.fold_account(recorded, event)
            }
            (Stream::Organisation(organisation), Event::Organisation(event)) => {
                self.fold_member(recorded, organisation, event)
            }
            (Stream::Membership(organisation, account), Event::Membership(event))
                if account == id =>
            {
                self.member(organisation)?.fold(recorded.version, event);
                Ok(())
            }
            (_, Event::Session(session::Event::Opened { account, .. })) if *account == id => {
                self.existing()?.signed_in_at = Some(recorded.at);
                Ok(())
            }
            (Stream::Factors(account), Event::Factor(event)) if account == id => {
                self.existing()?.fold_factors(recorded.at, event);
                Ok(())
            }
            (_, Event::Installation(event)) => {
                self.fold_operator(event);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The membership rows that may be seen, and the account with them; none where it isn't listed at all.
    pub(crate) fn show(&self, visible: Visible) -> Option<Account> {
        if !self.person.created {
            return None;
        }
        let mut account = self.person.account.clone();
        account.memberships = self
            .listed_members()
            .map(|member| &member.membership)
            .filter(|membership| match visible {
                Visible::Everything | Visible::Account(_) => true,
                Visible::Organisation(organisation) => membership.organisation == organisation,
            })
            .cloned()
            .collect();
        account.memberships.sort_by_key(|each| (each.joined_at, each.organisation));
        match visible {
            Visible::Everything => Some(account),
            Visible::Account(id) => (account.id == id).then_some(account),
            Visible::Organisation(organisation) => {
                // What a person is elsewhere is nobody's business here.
                account.default_organisation =
                    account.default_organisation.filter(|default| *default == organisation);
                account.operator = false;
                (!account.memberships.is_empty()).then_some(account)
            }
        }
    }

    /// Where the account stands in the list of all accounts.
    pub(crate) fn rank(&self) -> Rank {
        match (self.person.created, self.person.account.deleted_at) {
            (false, _) => Rank::Hidden,
            (true, None) => Rank::Listed,
            (true, Some(_)) => Rank::Last,
        }
    }

    /// Where a membership stands in the list of its organisation. One that ended with its account is
    /// shown as deleted; one that ended before is not shown.
    pub(crate) fn rank_of(&self, member: &Member) -> Rank {
        match (self.rank(), member.ended_by) {
            (Rank::Listed, None) => Rank::Listed,
            (Rank::Last, None) => Rank::Last,
            (Rank::Last, ended_by) if ended_by == self.person.deleted_by => Rank::Last,
            _ => Rank::Hidden,
        }
    }

    /// The memberships that lists show.
    pub(crate) fn listed_members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| self.rank_of(member) < Rank::Hidden)
    }

    /// What the account is in an organisation now, if anything.
    pub(crate) fn kind_in(&self, organisation: OrganisationId) -> Option<MemberKind> {
        self.members
            .iter()
            .find(|member| {
                member.membership.organisation == organisation && member.ended_by.is_none()
            })
            .map(|member| member.kind)
    }

    fn existing(&mut self) -> Result<&mut Account, Unfit> {
        let account = &mut self.person.account;
        if self.person.created { Ok(account) } else { Err(Unfit::Account(account.id)) }
    }

    fn member(&mut self, organisation: OrganisationId) -> Result<&mut Member, Unfit> {
        let id = self.person.account.id;
        self.members
            .iter_mut()
            .find(|member| member.membership.organisation == organisation)
            .ok_or(Unfit::Member(organisation, id))
    }

    fn fold_account(
        &mut self,
        recorded: &Recorded<Event>,
        event: &account::Event,
    ) -> Result<(), Unfit> {
        use account::Event;
        if let Event::Created { username, profile } = event {
            self.person.created = true;
            let account = &mut self.person.account;
            account.created_at = recorded.at;
            account.version = recorded.version;
            account.username = username.value().cloned();
            if let Some(profile) = profile.value() {
                let name = ProfileEntry::Text(profile.display_name.clone());
                account.profile = profile.entries.iter().cloned().collect();
                account.profile.insert(ProfileField::DisplayName, name);
            }
            return Ok(());
        }
        let request = recorded.cause.request;
        let account = self.existing()?;
        account.version = recorded.version;
        match event {
            Event::ProfileChanged { field, value } => {
                if *field == ProfileField::Email {
                    account.email_pending = None;
                }
                match value.value() {
                    Some(Some(entry)) => account.profile.insert(*field, entry.clone()),
                    Some(None) | None => account.profile.remove(field),
                };
                if *field == ProfileField::Email {
                    self.person.letter = None;
                }
            }
            Event::DefaultOrganisationSet { organisation } => {
                account.default_organisation = Some(*organisation);
            }
            Event::Left { organisation } => {
                account.default_organisation =
                    account.default_organisation.filter(|default| default != organisation);
            }
            Event::SignInHoursSet { hours } => account.sign_in_hours = *hours,
            Event::EmailChangeRequested { email, .. } => {
                account.email_pending = email.value().cloned();
            }
            Event::EmailChangeWithdrawn => account.email_pending = None,
            Event::PasswordSet { .. } => {
                account.password_since = Some(recorded.at);
                self.person.letter = None;
            }
            Event::ActivationSent { letter, .. } => {
                account.activation_sent_at = Some(recorded.at);
                self.person.letter = *letter;
            }
            Event::Activated { .. } => account.activated_at = Some(recorded.at),
            Event::ActivationVoided { .. } | Event::LetterRemoved { .. } => {
                self.person.letter = None;
            }
            Event::Locked => account.locked_at = Some(recorded.at),
            Event::Unlocked => account.locked_at = None,
            Event::Deleted => {
                account.deleted_at = Some(recorded.at);
                account.password_since = None;
                account.locked_at = None;
                account.operator = false;
                self.person.letter = None;
                self.person.deleted_by = Some(request);
            }
            Event::Created { .. }
            | Event::Joined { .. }
            | Event::PasswordResetRequested { .. }
            | Event::PasswordResetFailed { .. }
            | Event::PasswordResetVoided { .. }
            | Event::SignInFailed
            | Event::SecondFactorFailed
            | Event::ActivationCodeFailed { .. }
            | Event::LetterDownloaded { .. }
            | Event::SignInFailuresCleared => {}
        }
        Ok(())
    }

    fn fold_member(
        &mut self,
        recorded: &Recorded<Event>,
        organisation: OrganisationId,
        event: &organisation::Event,
    ) -> Result<(), Unfit> {
        use organisation::Event;
        let id = self.person.account.id;
        match event {
            Event::OwnerSet { account } if *account != id => {
                if let Ok(member) = self.member(organisation) {
                    member.hand_over();
                }
                return Ok(());
            }
            Event::MemberJoined { account, kind } if *account == id => {
                let member = Member::joined(organisation, *kind, recorded.at);
                match self.member(organisation) {
                    // Back again: as new, but for the stream, which goes on.
                    Ok(former) => {
                        let version = former.membership.version;
                        *former = member;
                        former.membership.version = version;
                    }
                    Err(_) => self.members.push(member),
                }
                return Ok(());
            }
            _ if crate::concern::member(event) != Some(id) => return Ok(()),
            _ => {}
        }
        self.member(organisation)?.fold_as_member(recorded, event);
        Ok(())
    }

    fn fold_operator(&mut self, event: &installation::Event) {
        use installation::Event;
        let account = &mut self.person.account;
        match event {
            Event::Initialised { operator: named }
            | Event::OperatorAppointed { account: named }
                if *named == account.id =>
            {
                account.operator = true;
            }
            Event::OperatorDismissed { account: named } if *named == account.id => {
                account.operator = false;
            }
            Event::Initialised { .. }
            | Event::OperatorAppointed { .. }
            | Event::OperatorDismissed { .. }
            | Event::ServiceRegistered { .. }
            | Event::MailSettingsSet { .. }
            | Event::MailSettingsRestored
            | Event::MailSettingsTested { .. }
            | Event::SystemMessageSent { .. } => {}
        }
    }
}
