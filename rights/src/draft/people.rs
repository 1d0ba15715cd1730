//! Accounts and groups come and go, and accounts come into and go out of groups.

use crate::{change::Refusal, draft::Draft, id::Holder};

impl Draft {
    pub(super) fn join(&mut self, group: u32, account: u32) -> Result<(), Refusal> {
        self.next.people.join(group, account)?;
        self.touched.accounts.insert(account);
        Ok(())
    }

    pub(super) fn leave(&mut self, group: u32, account: u32) -> Result<(), Refusal> {
        self.next.people.leave(group, account)?;
        self.touched.accounts.insert(account);
        Ok(())
    }

    pub(super) fn remove_account(&mut self, account: u32) {
        let holder = Holder::account(account);
        self.drop_all(holder);
        for &group in &*self.next.people.account(account).groups.clone() {
            // It is a member of each, so that leaving can't be refused.
            let _ = self.next.people.leave(group, account);
        }
        self.next.people.remove_account(account);
        self.stale.remove(holder.code());
    }

    pub(super) fn remove_group(&mut self, group: u32) {
        let holder = Holder::group(group);
        // Touched even without grants: its members compare what it granted before with nothing.
        self.touch_granted(holder);
        self.drop_all(holder);
        for account in &self.next.people.holders_of(holder) {
            let _ = self.next.people.leave(group, account);
            self.touched.accounts.insert(account);
        }
        self.next.people.remove_group(group);
        self.stale.remove(holder.code());
    }

    /// Everything that was given to or taken from a holder ends.
    fn drop_all(&mut self, holder: Holder) {
        let holdings = self.next.people.holdings(holder);
        let (grants, exclusions) = (holdings.grants.clone(), holdings.exclusions.clone());
        for row in grants {
            self.drop_grant(row);
        }
        for row in exclusions {
            self.drop_exclusion(row);
        }
    }
}
