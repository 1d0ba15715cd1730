//! Global ids: opaque to clients, one form for everything that has an identity.
//!
//! An id is base64url of one byte for the kind and the bytes of the identity. It is no secret and
//! grants nothing: every read asks who is reading. An id of nothing, of another kind, of another
//! organisation and a text that is no id at all are answered alike.

use async_graphql::ID;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use events::{
    AccountId, FactorId, InvitationLinkId, LetterId, MailId, OrganisationId, Position,
    ServiceKeyId, SessionId,
};
use uuid::Uuid;

/// What an id names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum GlobalId {
    /// An account.
    Account(AccountId),
    /// An organisation.
    Organisation(OrganisationId),
    /// A membership of an account in an organisation.
    Membership(OrganisationId, AccountId),
    /// A session.
    Session(SessionId),
    /// A service key.
    ServiceKey(ServiceKeyId),
    /// A second factor of an account.
    Factor(AccountId, FactorId),
    /// A document.
    Document(LetterId),
    /// A mail.
    Mail(MailId),
    /// A link by which people join an organisation.
    InvitationLink(OrganisationId, InvitationLinkId),
    /// An entry of the history, by its place in the log.
    Event(Position),
    /// A projection, by its name.
    Projection(String),
}

/// The longest name of a projection, in bytes; bounds what a client can make us decode.
const LONGEST: usize = 64;

impl GlobalId {
    /// Reads an id; none where the text is no id.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > 2 * LONGEST {
            return None;
        }
        let bytes = BASE64.decode(text).ok()?;
        let (kind, rest) = bytes.split_first()?;
        match kind {
            b'a' => uuid(rest).map(|id| Self::Account(id.into())),
            b'o' => uuid(rest).map(|id| Self::Organisation(id.into())),
            b'm' => {
                let (organisation, account) = rest.split_at_checked(16)?;
                Some(Self::Membership(uuid(organisation)?.into(), uuid(account)?.into()))
            }
            b's' => uuid(rest).map(|id| Self::Session(id.into())),
            b'k' => uuid(rest).map(|id| Self::ServiceKey(id.into())),
            b'f' => {
                let (account, factor) = rest.split_at_checked(16)?;
                Some(Self::Factor(uuid(account)?.into(), uuid(factor)?.into()))
            }
            b'd' => uuid(rest).map(|id| Self::Document(id.into())),
            b'w' => uuid(rest).map(|id| Self::Mail(id.into())),
            b'l' => {
                let (organisation, link) = rest.split_at_checked(16)?;
                Some(Self::InvitationLink(uuid(organisation)?.into(), uuid(link)?.into()))
            }
            b'e' => rest.try_into().ok().map(|at| Self::Event(Position(u64::from_be_bytes(at)))),
            b'p' => String::from_utf8(rest.to_vec()).ok().map(Self::Projection),
            _ => None,
        }
    }

    /// The account of an id that names one.
    pub(crate) fn account(text: &str) -> Option<AccountId> {
        match Self::parse(text) {
            Some(Self::Account(id)) => Some(id),
            _ => None,
        }
    }

    /// The organisation of an id that names one.
    pub(crate) fn organisation(text: &str) -> Option<OrganisationId> {
        match Self::parse(text) {
            Some(Self::Organisation(id)) => Some(id),
            _ => None,
        }
    }

    /// The invitation link of an id that names one, with its organisation.
    pub(crate) fn invitation_link(text: &str) -> Option<(OrganisationId, InvitationLinkId)> {
        match Self::parse(text) {
            Some(Self::InvitationLink(organisation, link)) => Some((organisation, link)),
            _ => None,
        }
    }

    /// The document of an id that names one.
    pub(crate) fn document(text: &str) -> Option<LetterId> {
        match Self::parse(text) {
            Some(Self::Document(id)) => Some(id),
            _ => None,
        }
    }

    /// The mail of an id that names one: the global one, or the one in the name of its stream.
    pub(crate) fn mail(text: &str) -> Option<MailId> {
        match Self::parse(text) {
            Some(Self::Mail(id)) => Some(id),
            _ => text.parse().ok(),
        }
    }

    /// The second factor of an id that names one, with its account.
    pub(crate) fn factor(text: &str) -> Option<(AccountId, FactorId)> {
        match Self::parse(text) {
            Some(Self::Factor(account, factor)) => Some((account, factor)),
            _ => None,
        }
    }

    /// The service key of an id that names one.
    pub(crate) fn service_key(text: &str) -> Option<ServiceKeyId> {
        match Self::parse(text) {
            Some(Self::ServiceKey(id)) => Some(id),
            _ => None,
        }
    }
}

impl From<&GlobalId> for ID {
    fn from(id: &GlobalId) -> Self {
        let mut bytes = Vec::with_capacity(33);
        let mut put = |kind: u8, parts: &[&[u8]]| {
            bytes.push(kind);
            bytes.extend(parts.iter().copied().flatten());
        };
        match id {
            GlobalId::Account(id) => put(b'a', &[id.uuid().as_bytes()]),
            GlobalId::Organisation(id) => put(b'o', &[id.uuid().as_bytes()]),
            GlobalId::Membership(organisation, account) => {
                put(b'm', &[organisation.uuid().as_bytes(), account.uuid().as_bytes()]);
            }
            GlobalId::Session(id) => put(b's', &[id.uuid().as_bytes()]),
            GlobalId::ServiceKey(id) => put(b'k', &[id.uuid().as_bytes()]),
            GlobalId::Factor(account, factor) => {
                put(b'f', &[account.uuid().as_bytes(), factor.uuid().as_bytes()]);
            }
            GlobalId::Document(id) => put(b'd', &[id.uuid().as_bytes()]),
            GlobalId::Mail(id) => put(b'w', &[id.uuid().as_bytes()]),
            GlobalId::InvitationLink(organisation, link) => {
                put(b'l', &[organisation.uuid().as_bytes(), link.uuid().as_bytes()]);
            }
            GlobalId::Event(position) => put(b'e', &[&position.0.to_be_bytes()]),
            GlobalId::Projection(name) => put(b'p', &[name.as_bytes()]),
        }
        Self(BASE64.encode(bytes))
    }
}

impl From<GlobalId> for ID {
    fn from(id: GlobalId) -> Self {
        Self::from(&id)
    }
}

fn uuid(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_is_read_back(a: u128, b: u128, name in "[a-z_]{1,40}") {
            let (a, b) = (Uuid::from_u128(a), Uuid::from_u128(b));
            for id in [
                GlobalId::Account(a.into()),
                GlobalId::Organisation(a.into()),
                GlobalId::Membership(a.into(), b.into()),
                GlobalId::Session(a.into()),
                GlobalId::ServiceKey(a.into()),
                GlobalId::Factor(a.into(), b.into()),
                GlobalId::Document(b.into()),
                GlobalId::Mail(a.into()),
                GlobalId::InvitationLink(a.into(), b.into()),
                GlobalId::Event(Position(b.as_u64_pair().0)),
                GlobalId::Projection(name.clone()),
            ] {
                prop_assert_eq!(GlobalId::parse(&ID::from(&id)), Some(id));
            }
        }

        #[test]
        fn no_text_makes_reading_an_id_panic(text in ".{0,200}") {
            let _ = GlobalId::parse(&text);
        }
    }

    #[test]
    fn an_id_of_another_kind_is_no_account() {
        let id = ID::from(GlobalId::Organisation(Uuid::from_u128(7).into()));
        assert_eq!(GlobalId::account(&id), None);
    }
}
