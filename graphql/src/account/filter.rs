//! Which accounts a list shows, and in which order.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use events::value::ServiceKind;
use projections::directory::{
    self, AccountFilter as Filter, Comparator, MomentField, Since, TextField,
};

use crate::{
    enums::{AccountOrderField, AccountStatus, MemberType, OrderDirection},
    ids::GlobalId,
    problem::Problem,
};

/// Which accounts a list shows: those that fit all that is given here.
///
/// Texts are compared without case and accents; what an account doesn't have is compared as an empty text.
#[derive(Debug, Default, InputObject)]
pub(crate) struct AccountFilter {
    /// All of these fit.
    and: Option<Vec<AccountFilter>>,
    /// One of these fits, at least.
    or: Option<Vec<AccountFilter>>,
    /// This doesn't fit.
    not: Option<Box<AccountFilter>>,
    /// By the name that lists show.
    display_name: Option<TextFilter>,
    /// By the name to sign in with.
    username: Option<TextFilter>,
    /// By first name.
    first_name: Option<TextFilter>,
    /// By last name.
    last_name: Option<TextFilter>,
    /// By the primary e-mail address.
    email: Option<TextFilter>,
    /// By what the person does.
    position: Option<TextFilter>,
    /// By where the person works.
    location: Option<TextFilter>,
    /// Those with one of these statuses.
    status: Option<Vec<AccountStatus>>,
    /// Those that are one of these; over several organisations their greatest counts.
    #[graphql(name = "type")]
    member_type: Option<Vec<MemberType>>,
    /// Those for whom the service with this key is switched on.
    service: Option<String>,
    /// Whether they are locked.
    locked: Option<bool>,
    /// Whether they are an administrator or the owner.
    administrator: Option<bool>,
    /// By when the last thing that activates it was sent.
    activation_sent_at: Option<MomentFilter>,
    /// By when it was activated.
    activated_at: Option<MomentFilter>,
    /// Those that are members of the organisation with this global id.
    organisation: Option<ID>,
}

/// How a moment is compared: all that is given must fit. What never happened is neither early nor late.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub(crate) struct MomentFilter {
    /// Is this or a later one.
    since: Option<DateTime<Utc>>,
    /// Is an earlier one.
    before: Option<DateTime<Utc>>,
    /// Whether there is one at all.
    ever: Option<bool>,
}

/// How a text is compared: all that is given must fit.
#[derive(Debug, Default, InputObject)]
pub(crate) struct TextFilter {
    /// Is this.
    equals: Option<String>,
    /// Is not this.
    not_equals: Option<String>,
    /// Has this in it.
    contains: Option<String>,
    /// Hasn't this in it.
    not_contains: Option<String>,
    /// Begins with this.
    starts_with: Option<String>,
    /// Ends with this.
    ends_with: Option<String>,
    /// Is one of these.
    #[graphql(name = "in")]
    one_of: Option<Vec<String>>,
}

/// The order of a list of accounts; deleted ones come last either way.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct AccountOrder {
    /// By what.
    field: AccountOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Ascending")]
    direction: OrderDirection,
}

/// How many comparisons a filter has at most, nested ones included.
const MOST: usize = 100;

/// How long a text to compare with is at most, in bytes.
const LONGEST: usize = 500;

/// How deep filters stand in each other at most.
const DEEPEST: usize = 8;

impl AccountFilter {
    /// The filter of the read model.
    pub(crate) fn parse(self) -> Result<Filter, Problem> {
        let mut left = MOST;
        self.node(&mut left, DEEPEST)
    }

    fn node(self, left: &mut usize, deeper: usize) -> Result<Filter, Problem> {
        let Some(deeper) = deeper.checked_sub(1) else {
            return Err(refused(format!("Filters stand in each other {DEEPEST} times at most.")));
        };
        let mut all = Vec::new();
        for part in self.and.unwrap_or_default() {
            all.push(part.node(left, deeper)?);
        }
        if let Some(parts) = self.or {
            let parts = parts.into_iter().map(|part| part.node(left, deeper));
            all.push(Filter::Or(parts.collect::<Result<_, _>>()?));
        }
        if let Some(part) = self.not {
            all.push(Filter::Not(Box::new(part.node(left, deeper)?)));
        }
        for (field, text) in [
            (TextField::DisplayName, self.display_name),
            (TextField::Username, self.username),
            (TextField::FirstName, self.first_name),
            (TextField::LastName, self.last_name),
            (TextField::Email, self.email),
            (TextField::Position, self.position),
            (TextField::Location, self.location),
        ] {
            for comparator in text.map(TextFilter::comparators).unwrap_or_default() {
                within_bounds(&comparator)?;
                all.push(Filter::Text(field, comparator));
            }
        }
        let statuses = |those: Vec<AccountStatus>| those.into_iter().map(Into::into).collect();
        let types = |those: Vec<MemberType>| those.into_iter().map(Into::into).collect();
        all.extend(self.status.map(|those| Filter::Status(statuses(those))));
        all.extend(self.member_type.map(|those| Filter::Type(types(those))));
        for (field, moment) in [
            (MomentField::ActivationSentAt, self.activation_sent_at),
            (MomentField::ActivatedAt, self.activated_at),
        ] {
            let all_since = moment.map(MomentFilter::all).unwrap_or_default();
            all.extend(all_since.into_iter().map(|since| Filter::Moment(field, since)));
        }
        all.extend(self.locked.map(Filter::Locked));
        all.extend(self.administrator.map(Filter::Administrator));
        // What nothing can fit is an empty list, not an error: it tells nobody which ids there are.
        all.extend(
            self.service.map(|key| {
                ServiceKind::parse(&key).map_or(Filter::Or(Vec::new()), Filter::Service)
            }),
        );
        all.extend(self.organisation.map(|id| {
            GlobalId::organisation(&id).map_or(Filter::Or(Vec::new()), Filter::Organisation)
        }));
        *left = left
            .checked_sub(all.len().max(1))
            .ok_or_else(|| refused(format!("A filter has {MOST} comparisons at most.")))?;
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Filter::And(all),
        })
    }
}

impl TextFilter {
    fn comparators(self) -> Vec<Comparator> {
        [
            self.equals.map(Comparator::Equals),
            self.not_equals.map(Comparator::NotEquals),
            self.contains.map(Comparator::Contains),
            self.not_contains.map(Comparator::NotContains),
            self.starts_with.map(Comparator::StartsWith),
            self.ends_with.map(Comparator::EndsWith),
            self.one_of.map(Comparator::In),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl MomentFilter {
    fn all(self) -> Vec<Since> {
        [self.since.map(Since::At), self.before.map(Since::Before), self.ever.map(Since::Ever)]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl From<AccountOrder> for directory::AccountOrder {
    fn from(order: AccountOrder) -> Self {
        Self { by: order.field.into(), direction: order.direction.into() }
    }
}

fn within_bounds(comparator: &Comparator) -> Result<(), Problem> {
    let fits = match comparator {
        Comparator::In(texts) => {
            texts.len() <= MOST && texts.iter().all(|text| text.len() <= LONGEST)
        }
        Comparator::Equals(text)
        | Comparator::NotEquals(text)
        | Comparator::Contains(text)
        | Comparator::NotContains(text)
        | Comparator::StartsWith(text)
        | Comparator::EndsWith(text) => text.len() <= LONGEST,
    };
    let message =
        || format!("A filter compares with texts of {LONGEST} bytes at most, {MOST} at a time.");
    fits.then_some(()).ok_or_else(|| refused(message()))
}

const fn refused(message: String) -> Problem {
    Problem::BadUserInput(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(text: &str) -> TextFilter {
        TextFilter { contains: Some(text.into()), ..TextFilter::default() }
    }

    #[test]
    fn everything_that_a_filter_names_must_fit() {
        let filter = AccountFilter {
            display_name: Some(contains("a")),
            locked: Some(false),
            ..AccountFilter::default()
        };
        let text = Filter::Text(TextField::DisplayName, Comparator::Contains("a".into()));
        assert_eq!(filter.parse().unwrap(), Filter::And(vec![text, Filter::Locked(false)]));
    }

    #[test]
    fn an_empty_filter_shows_all_and_an_empty_or_shows_none() {
        assert_eq!(AccountFilter::default().parse().unwrap(), Filter::ALL);
        let none = AccountFilter { or: Some(Vec::new()), ..AccountFilter::default() };
        assert_eq!(none.parse().unwrap(), Filter::Or(Vec::new()));
    }

    #[test]
    fn a_filter_is_bounded_in_width_depth_and_text() {
        let many =
            (0..=MOST).map(|_| AccountFilter { locked: Some(true), ..AccountFilter::default() });
        let wide = AccountFilter { or: Some(many.collect()), ..AccountFilter::default() };
        assert!(wide.parse().is_err());

        let deep = (0..=DEEPEST).fold(AccountFilter::default(), |inner, _| AccountFilter {
            not: Some(Box::new(inner)),
            ..AccountFilter::default()
        });
        assert!(deep.parse().is_err());

        let long =
            AccountFilter { email: Some(contains(&"x".repeat(501))), ..AccountFilter::default() };
        assert!(long.parse().is_err());
    }
}
