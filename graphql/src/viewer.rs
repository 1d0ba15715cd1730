//! Who is asking.

use std::collections::BTreeSet;

use events::{
    AccountId, Actor, OrganisationId, Origin, RequestId,
    value::{Language, Scope},
};

/// Who is asking, and from where. Somebody who has not signed in is a viewer too.
///
/// In the data of every request as `Arc<Viewer>`.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The person or program.
    pub actor: Actor,
    /// The organisation that the session or the service key is in; operators may have none.
    pub organisation: Option<OrganisationId>,
    /// The account in whose name the actor acts (impersonation).
    pub on_behalf_of: Option<AccountId>,
    /// What the service key may do; empty for persons.
    pub scopes: BTreeSet<Scope>,
    /// The language that the person chose; where none, the `Accept-Language` of the request counts.
    pub language: Option<Language>,
    /// From where.
    pub origin: Option<Origin>,
    /// Identifies the request in the log, in events and in the answer's `x-request-id`.
    pub request: RequestId,
}

impl Viewer {
    /// Somebody who has not signed in.
    pub fn anonymous(request: RequestId, origin: Option<Origin>) -> Self {
        Self {
            actor: Actor::Anonymous,
            organisation: None,
            on_behalf_of: None,
            scopes: BTreeSet::new(),
            language: None,
            origin,
            request,
        }
    }

    /// The account of a person who has signed in.
    pub fn account(&self) -> Option<AccountId> {
        match self.actor {
            Actor::Account { account, .. } => Some(account),
            Actor::Console | Actor::System | Actor::Anonymous | Actor::ServiceKey { .. } => None,
        }
    }
}

/// The first language of an `Accept-Language` header that the product speaks, by its weight.
pub fn preferred_language(header: &str) -> Option<Language> {
    let mut best = None;
    for choice in header.split(',').take(16) {
        let mut parts = choice.trim().split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok());
        let language = match tag.split('-').next() {
            Some("nl") => Language::Nl,
            Some("de") => Language::De,
            Some("en") => Language::En,
            _ => continue,
        };
        if let Some(weight) = weight.filter(|weight| *weight > 0.0)
            && best.is_none_or(|(heaviest, _)| weight > heaviest)
        {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_the_product_speaks_is_taken() {
        for (header, language) in [
            ("nl-NL,nl;q=0.9,en;q=0.8", Some(Language::Nl)),
            ("fr, de-AT;q=0.7, en;q=0.5", Some(Language::De)),
            ("en;q=0.1, DE;q=0.2", Some(Language::De)),
            ("nl;q=0, en;q=0.5", Some(Language::En)),
            ("fr", None),
            ("", None),
            (";;;q=,,nl;q=x", None),
        ] {
            assert_eq!(preferred_language(header), language, "{header}");
        }
    }
}
