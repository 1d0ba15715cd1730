//! The members of an organisation: compact, and cheap to clone.

use std::sync::Arc;

use events::{
    AccountId,
    value::{MemberKind, ServiceKind},
};
use rustc_hash::FxHashMap;

/// What a member is in the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// What they may be.
    pub role: Role,
    /// Not deactivated.
    pub active: bool,
}

/// What a member may be. That a reader manages something can't be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads.
    Reader,
    /// Uses services.
    Full,
    /// A full member who manages the organisation.
    Administrator,
}

impl Role {
    /// The role of a new member.
    pub const fn of(kind: MemberKind) -> Self {
        match kind {
            MemberKind::Full => Self::Full,
            MemberKind::Reader => Self::Reader,
        }
    }

    /// Which seat it takes.
    pub const fn kind(self) -> MemberKind {
        match self {
            Self::Reader => MemberKind::Reader,
            Self::Full | Self::Administrator => MemberKind::Full,
        }
    }

    /// Whether a service is for such members.
    pub fn may_have(self, service: &ServiceKind) -> bool {
        self != Self::Reader || service.is_for_readers()
    }
}

impl Member {
    /// Whether they manage the organisation now.
    pub const fn administers(self) -> bool {
        matches!(self.role, Role::Administrator) && self.active
    }
}

/// All members, in shards that clones share until one of them changes: a clone costs one counter per
/// shard, a change copies one shard. An organisation of 100,000 has 512 shards of about 200.
#[derive(Clone, Debug)]
pub struct Members {
    /// Their number is a power of two.
    shards: Vec<Arc<Shard>>,
    count: Count,
}

type Shard = FxHashMap<AccountId, Member>;

/// How many members there are of which sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Full members, the deactivated ones and administrators included.
    pub full: u32,
    /// Readers, the deactivated ones included.
    pub readers: u32,
    /// Active administrators.
    pub administrators: u32,
}

impl Default for Members {
    fn default() -> Self {
        Self { shards: vec![Arc::default()], count: Count::default() }
    }
}

impl Members {
    /// A shard is split when there are more members than this for each.
    const PER_SHARD: usize = 256;

    /// What an account is here, if it is a member.
    pub fn get(&self, account: AccountId) -> Option<Member> {
        self.shards[self.shard_of(account)].get(&account).copied()
    }

    /// Takes a member in, or changes one.
    pub fn set(&mut self, account: AccountId, member: Member) {
        let shard = self.shard_of(account);
        let before = Arc::make_mut(&mut self.shards[shard]).insert(account, member);
        self.count.remove(before);
        self.count.add(member);
        if self.total() > self.shards.len() * Self::PER_SHARD {
            self.split();
        }
    }

    /// Lets a member go.
    pub fn remove(&mut self, account: AccountId) {
        let shard = self.shard_of(account);
        let before = Arc::make_mut(&mut self.shards[shard]).remove(&account);
        self.count.remove(before);
    }

    /// How many there are of which sort.
    pub const fn count(&self) -> Count {
        self.count
    }

    /// How many there are.
    pub const fn total(&self) -> usize {
        self.count.full as usize + self.count.readers as usize
    }

    /// Every member, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (AccountId, Member)> {
        self.shards
            .iter()
            .flat_map(|shard| shard.iter().map(|(account, member)| (*account, *member)))
    }

    fn shard_of(&self, account: AccountId) -> usize {
        // The last bits of a version 7 UUID are random.
        (account.uuid().as_u128() & (self.shards.len() as u128 - 1)) as usize
    }

    /// Doubles the number of shards.
    fn split(&mut self) {
        let mut shards = vec![Shard::default(); self.shards.len() * 2];
        let mask = shards.len() as u128 - 1;
        for (account, member) in self.iter() {
            shards[(account.uuid().as_u128() & mask) as usize].insert(account, member);
        }
        self.shards = shards.into_iter().map(Arc::new).collect();
    }
}

impl Count {
    /// Seats of one kind that are taken.
    pub const fn of(self, kind: MemberKind) -> u32 {
        match kind {
            MemberKind::Full => self.full,
            MemberKind::Reader => self.readers,
        }
    }

    fn add(&mut self, member: Member) {
        *self.seats(member) += 1;
        self.administrators += u32::from(member.administers());
    }

    fn remove(&mut self, member: Option<Member>) {
        if let Some(member) = member {
            *self.seats(member) -= 1;
            self.administrators -= u32::from(member.administers());
        }
    }

    const fn seats(&mut self, member: Member) -> &mut u32 {
        match member.role.kind() {
            MemberKind::Full => &mut self.full,
            MemberKind::Reader => &mut self.readers,
        }
    }
}
