//! Which rows a list is made of.

use events::{AccountId, OrganisationId};

use super::{rows::hex, sql::Sql};
use crate::Visible;

/// Which rows a list is made of: all accounts, or the members of an organisation; of them all, or one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) organisation: Option<OrganisationId>,
    pub(super) account: Option<AccountId>,
}

impl From<Visible> for Scope {
    fn from(visible: Visible) -> Self {
        match visible {
            Visible::Everything => Self { organisation: None, account: None },
            Visible::Organisation(organisation) => {
                Self { organisation: Some(organisation), account: None }
            }
            Visible::Account(account) => Self { organisation: None, account: Some(account) },
        }
    }
}

impl Scope {
    /// What may be seen of an organisation; none if nothing.
    pub(super) fn within(visible: Visible, organisation: OrganisationId) -> Option<Self> {
        match visible {
            Visible::Everything => Some(Self { organisation: Some(organisation), account: None }),
            Visible::Organisation(own) => (own == organisation)
                .then_some(Self { organisation: Some(organisation), account: None }),
            Visible::Account(account) => {
                Some(Self { organisation: Some(organisation), account: Some(account) })
            }
        }
    }

    /// What is shown of each row.
    pub(super) fn visible(self) -> Visible {
        match self {
            Self { organisation: Some(organisation), .. } => Visible::Organisation(organisation),
            Self { account: Some(account), .. } => Visible::Account(account),
            Self { organisation: None, account: None } => Visible::Everything,
        }
    }

    /// The table that holds the rows.
    pub(super) const fn table(self) -> &'static str {
        if self.organisation.is_some() { "members" } else { "accounts" }
    }

    /// Writes the condition that a row is one of them.
    pub(super) fn write_condition(self, sql: &mut Sql, prefix: &'static str) {
        if let Some(organisation) = self.organisation {
            sql.push(prefix)
                .push("organisation = (select organisation from organisations where id = unhex(")
                .bind(hex(organisation))
                .push(")) and ");
        }
        if let Some(account) = self.account {
            sql.push(prefix)
                .push("account = (select account from accounts where id = unhex(")
                .bind(hex(account))
                .push(")) and ");
        }
    }

    /// Begins a statement that gives the accounts of those rows to which a condition applies.
    pub(super) fn write_rows(self, sql: &mut Sql) {
        sql.push("select account from ").push(self.table()).push(" where ");
        self.write_condition(sql, "");
        sql.push("rank in (0, 1) and ");
    }
}
