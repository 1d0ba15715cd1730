//! Who is signed in: sessions are ended from elsewhere, and operators act for somebody.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::Refusal;
use events::value::Text;

use super::sign_in::{NewSession, Opened};
use crate::{
    Answer,
    asking::Asking,
    ids::GlobalId,
    input::{Fields, Once},
    payload::{Outcome, Payload, Shown},
    port::Whose,
    problem::Problem,
    user_error::Fault,
};

/// Ends a session from elsewhere.
#[derive(Debug, InputObject)]
pub(crate) struct SessionEndInput {
    /// The global id of the session.
    session: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// Ends all sessions of an account, or else of an organisation, but for the one that asks. There is no
/// `idempotencyKey`: what has ended stays so.
#[derive(Debug, Default, InputObject)]
pub(crate) struct SessionsEndInput {
    /// The global id of the account; where neither is given, one's own.
    account: Option<ID>,
    /// The global id of the organisation whose members are meant, where no account is given.
    organisation: Option<ID>,
}

/// Opens a session in which an operator acts for somebody. There is no `idempotencyKey`: a token is shown once.
#[derive(Debug, InputObject)]
pub(crate) struct ImpersonateInput {
    /// The global id of the account.
    account: ID,
    /// Why. It stands in the account's history.
    reason: String,
}

/// What ending sessions shows.
#[derive(SimpleObject)]
pub(crate) struct Ended {
    /// How many have ended; null where it was refused.
    ended: Option<u32>,
}

impl Shown for Ended {
    const WHAT: &'static str = "how many sessions have ended";
}

/// Mutations about who is signed in.
#[derive(Default)]
pub(crate) struct PresenceMutations;

/// Mutations about who is signed in.
#[Object]
impl PresenceMutations {
    /// Ends a session at once: one's own elsewhere, or one of an account that the caller manages. Streams that are open
    /// over it end, too.
    async fn session_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SessionEndInput,
    ) -> Answer<Payload<SessionEndInput, Ended>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.once)?;
            let session = fields.session("session", &input.session);
            let (session, request) = match fields.valid(session).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(refused.with(Ended { ended: None })),
            };
            match asking.api.gate.session_end(&request, session).await {
                Ok(done) => Ok(Outcome::done(done).with(Ended { ended: Some(1) })),
                Err(denied) => {
                    Ok(fields.denied(denied, "session").await?.with(Ended { ended: None }))
                }
            }
        };
        Some(change.await)
    }

    /// Ends all sessions of an account or of an organisation at once, but for the one that asks.
    async fn sessions_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose; it can be left out, for one's own.")] input: Option<
            SessionsEndInput,
        >,
    ) -> Answer<Payload<SessionsEndInput, Ended>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, Once::default())?;
            let input = input.unwrap_or_default();
            let whose = match (&input.account, &input.organisation) {
                (None, Some(id)) => fields.organisation(Some(id)).map(Whose::Organisation),
                (account, _) => fields.account_or_oneself(account.as_ref()).map(Whose::Account),
            };
            let (whose, request) = match fields.valid(whose).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(refused.with(Ended { ended: None })),
            };
            match asking.api.gate.sessions_end(&request, whose).await {
                Ok((done, count)) => {
                    let position = done.map_or_else(|| asking.position(), |done| done.position);
                    let outcome =
                        Outcome { position, version: None, subject: None, errors: Vec::new() };
                    Ok(outcome.with(Ended { ended: Some(count) }))
                }
                Err(denied) => {
                    Ok(fields.denied(denied, "account").await?.with(Ended { ended: None }))
                }
            }
        };
        Some(change.await)
    }

    /// Opens a session in which the caller, an operator, acts for somebody for half an hour, also for an account that
    /// nobody can sign in to yet. All that is done in it stands in the history with both names. Nothing can be done in it
    /// that asks for `stepUp`. A browser works in it from now on; `signOut` ends it. Asks for `stepUp` a quarter of an hour
    /// after signing in.
    async fn impersonate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom, and why.")] input: ImpersonateInput,
    ) -> Answer<Payload<ImpersonateInput, Opened>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            if !asking.is_signed_in() {
                return Err(Problem::Unauthenticated);
            }
            let mut fields = Fields::open(asking, Once::default());
            let account = fields.account("account", &input.account);
            let reason = fields.text("reason", &input.reason, Text::parse);
            let nothing = || Opened { session: None, attempt: None };
            let ((account, reason), request) = match fields.valid(account.zip(reason)).await {
                Ok(valid) => valid,
                Err(refused) => return Ok(refused.with(nothing())),
            };
            match asking.api.gate.impersonate(&request, account, reason).await {
                Ok(opened) => {
                    let (position, errors) = (opened.position, Vec::new());
                    let outcome = Outcome { position, version: None, subject: None, errors };
                    let session = Some(NewSession::of(ctx, opened));
                    Ok(outcome.with(Opened { session, attempt: None }))
                }
                Err(denied) => Ok(fields.denied(denied, "account").await?.with(nothing())),
            }
        };
        Some(change.await)
    }
}

/// What a client is, by what it says that it is, for people: `Firefox on Windows`. None where nobody would know it by
/// that.
pub(super) fn device(agent: &str) -> Option<String> {
    const PROGRAMS: [(&str, &str); 8] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
    };
    match (named(&PROGRAMS), named(&SYSTEMS)) {
        (Some(program), Some(system)) => Some(format!("{program} on {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

impl Fields<'_> {
    fn session(&mut self, field: &'static str, id: &ID) -> Option<events::SessionId> {
        if let Some(GlobalId::Session(session)) = GlobalId::parse(id) {
            return Some(session);
        }
        self.note(field, Fault::Refused(Refusal::SessionNotFound));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_device_has_a_name_that_people_know() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
                Some("Firefox on Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                Some("Safari on iPhone"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                Some("Edge on Linux"),
            ),
            ("curl/8.5.0", Some("curl")),
            ("<script>", None),
            ("", None),
        ] {
            assert_eq!(device(agent).as_deref(), name, "{agent}");
        }
    }
}
