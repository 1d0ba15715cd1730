//! What the model looks up in its tables.

use std::collections::BTreeMap;

use events::{
    AccountId, OrganisationId,
    value::{EmailAddress, MemberKind, ProfileEntry, ProfileField},
};

use super::{Account, Member, Model, Organisation, Verdict};
use crate::handle::{AccountState, MembershipState};

impl Model {
    /// What the handler should say about an account.
    pub(in crate::handle::tests) fn account_state(&self, id: AccountId) -> Option<AccountState> {
        let account = self.accounts.get(&id)?;
        let memberships = account.memberships.iter().map(|organisation| {
            let house = &self.organisations[organisation];
            let member = &house.members[&id];
            MembershipState {
                organisation: *organisation,
                kind: if member.full { MemberKind::Full } else { MemberKind::Reader },
                administrator: member.administrator,
                owner: house.owner == Some(id),
                active: member.active && house.active,
                rules: house.policy,
            }
        });
        Some(AccountState {
            credential: account.credential,
            locked: account.locked && !account.deleted,
            failures: if account.locked || account.deleted || account.credential.is_none() {
                0
            } else {
                account.failures
            },
            operator: self.operators.contains(&id) && !account.deleted,
            deleted: account.deleted,
            activation: None,
            default_organisation: account.chosen.or(account.memberships.first().copied()),
            sign_in_hours: None,
            time_zone: None,
            memberships: memberships.collect(),
        })
    }

    pub(super) fn new_account(
        &mut self,
        id: AccountId,
        username: &str,
        profile: &events::value::Profile,
        credential: Option<events::CredentialId>,
    ) -> Result<(), &'static str> {
        let mut fields: BTreeMap<_, _> = profile.entries.iter().cloned().collect();
        fields.insert(ProfileField::DisplayName, ProfileEntry::Text(profile.display_name.clone()));
        if self.usernames.contains(username) {
            return Err("USERNAME_TAKEN");
        }
        if let Some(ProfileEntry::Email(email)) = fields.get(&ProfileField::Email)
            && self.is_taken(email)
        {
            return Err("ADDRESS_TAKEN");
        }
        self.usernames.insert(username.to_owned());
        let (memberships, chosen) = (Vec::new(), None);
        let new = Account {
            deleted: false,
            memberships,
            chosen,
            credential,
            failures: 0,
            locked: false,
            fields,
        };
        self.accounts.insert(id, new);
        Ok(())
    }

    pub(super) fn join(
        &mut self,
        organisation: OrganisationId,
        account: AccountId,
        kind: MemberKind,
    ) -> bool {
        let member = Member { full: kind == MemberKind::Full, active: true, ..Member::default() };
        if let (Some(house), Some(account_)) =
            (self.organisations.get_mut(&organisation), self.accounts.get_mut(&account))
        {
            house.members.insert(account, member);
            account_.memberships.push(organisation);
        }
        true
    }

    pub(super) fn update(
        &mut self,
        id: AccountId,
        changes: Vec<(ProfileField, Option<ProfileEntry>)>,
    ) -> Verdict {
        let mut fields = self.account(id)?.fields.clone();
        for (field, value) in changes {
            match value {
                // The script puts a language into a telephone number now and then.
                Some(ProfileEntry::Language(_)) if field == ProfileField::Phone => {
                    return Err("WRONG_KIND_OF_VALUE");
                }
                Some(value) => drop(fields.insert(field, value)),
                None if field == ProfileField::DisplayName => return Err("DISPLAY_NAME_REQUIRED"),
                None => drop(fields.remove(&field)),
            }
        }
        let before = self.account(id)?.fields.clone();
        if let (Some(ProfileEntry::Email(new)), old) =
            (fields.get(&ProfileField::Email), before.get(&ProfileField::Email))
            && old != Some(&ProfileEntry::Email(new.clone()))
            && self.is_taken(new)
        {
            return Err("ADDRESS_TAKEN");
        }
        let differs = before != fields;
        self.account(id)?.fields = fields;
        Ok(differs)
    }

    pub(super) fn is_taken(&self, address: &EmailAddress) -> bool {
        let present = self.accounts.values().filter(|account| !account.deleted);
        let mut primary = present.filter_map(|account| account.fields.get(&ProfileField::Email));
        let members = || self.organisations.values().flat_map(|house| house.members.values());
        primary.any(
            |entry| matches!(entry, ProfileEntry::Email(email) if email.key() == address.key()),
        ) || members().any(|member| member.aliases.contains(&address.key()))
    }

    pub(super) fn offered(
        &mut self,
        organisation: OrganisationId,
        account: AccountId,
        service: &events::value::ServiceKind,
        on: bool,
    ) -> Result<&mut Member, &'static str> {
        let house = self.active(organisation)?;
        let has = house.services.contains(service.as_str());
        let member = house.member(account)?;
        match on {
            true if !has => Err("SERVICE_DISABLED"),
            true if !member.full && !service.is_for_readers() => Err("SERVICE_NOT_FOR_READERS"),
            true | false => Ok(member),
        }
    }

    pub(super) fn active(&mut self, id: OrganisationId) -> Result<&mut Organisation, &'static str> {
        let organisation = self.organisations.get_mut(&id).ok_or("ORGANISATION_NOT_FOUND")?;
        if organisation.active { Ok(organisation) } else { Err("ORGANISATION_DEACTIVATED") }
    }

    pub(super) fn account(&mut self, id: AccountId) -> Result<&mut Account, &'static str> {
        self.accounts.get_mut(&id).filter(|account| !account.deleted).ok_or("ACCOUNT_NOT_FOUND")
    }
}

impl Organisation {
    pub(super) fn member(&mut self, id: AccountId) -> Result<&mut Member, &'static str> {
        self.members.get_mut(&id).ok_or("MEMBER_NOT_FOUND")
    }

    pub(super) fn over(&self, seats: Option<u32>, full: bool) -> bool {
        let taken = self.members.values().filter(|member| member.full == full).count();
        seats.is_some_and(|seats| taken > seats as usize)
    }

    pub(super) fn seat(&self, kind: MemberKind) -> Result<(), &'static str> {
        let full = kind == MemberKind::Full;
        let seats = if full { self.plan.full_seats } else { self.plan.reader_seats };
        let taken = self.members.values().filter(|member| member.full == full).count();
        if seats.is_some_and(|seats| taken >= seats as usize) {
            Err("NO_FREE_SEAT")
        } else {
            Ok(())
        }
    }

    pub(super) fn can_do_without(&self, id: AccountId) -> Result<(), &'static str> {
        let administrators =
            || self.members.iter().filter(|(_, member)| member.administrator && member.active);
        if self.owner == Some(id) {
            Err("OWNER_STAYS")
        } else if administrators().count() == 1 && administrators().any(|(last, _)| *last == id) {
            Err("LAST_ADMINISTRATOR")
        } else {
            Ok(())
        }
    }
}
