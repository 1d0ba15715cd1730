//! Links by which people join an organisation by themselves.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use commands::{Action, Command, access::Verdict};
use events::{
    InvitationLinkId, OrganisationId,
    value::{Text, Username},
};
use projections::directory;
use secrecy::ExposeSecret;

use crate::{
    Answer,
    account::{ProfileInput, profile},
    asking::{Asking, Sight},
    enums::MemberKind,
    ids::GlobalId,
    input::{Conditions, Fields, Once},
    organisation::{self, Organisation},
    payload::{Outcome, Payload, Seen, Shown},
    problem::Problem,
    user_error::{Fault, Plain},
};

/// A link by which people join an organisation. It was shown once, when it was made.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct InvitationLink {
    /// As what they join: full members, or readers, who are guests.
    kind: MemberKind,
    /// Since when it works.
    created_at: DateTime<Utc>,
    /// Until when it works.
    expires_at: DateTime<Utc>,
    /// How many people can join by it; null: as many as there are seats.
    uses: Option<u32>,
    /// How many have.
    used: u32,
    #[graphql(skip)]
    organisation: OrganisationId,
    #[graphql(skip)]
    link: InvitationLinkId,
}

#[ComplexObject]
impl InvitationLink {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::InvitationLink(self.organisation, self.link).into()
    }
}

impl InvitationLink {
    fn new(organisation: OrganisationId, row: &directory::InvitationLink) -> Self {
        Self {
            kind: row.kind.into(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            uses: row.uses,
            used: row.used,
            organisation,
            link: row.id,
        }
    }
}

/// The links of an organisation, for those who manage it.
pub(crate) async fn of_organisation(
    asking: &Asking<'_>,
    organisation: &directory::Organisation,
) -> Result<Vec<InvitationLink>, Problem> {
    let standing = asking.standing(Some(organisation.id)).await?;
    if standing.may(Action::InvitationLinkRevoke) != Verdict::Allowed {
        return Err(Problem::NotFound);
    }
    let links = organisation.invitation_links.iter();
    Ok(links.map(|row| InvitationLink::new(organisation.id, row)).collect())
}

/// A link that the caller may see; an error where there is none.
pub(crate) async fn get(
    asking: &Asking<'_>,
    organisation: OrganisationId,
    link: InvitationLinkId,
) -> Result<InvitationLink, Problem> {
    let visible = asking.visible(Sight::Directory).await?;
    let found = asking.directory().organisation(visible, organisation).await?;
    let links = of_organisation(asking, &found.ok_or(Problem::NotFound)?).await?;
    links.into_iter().find(|known| known.link == link).ok_or(Problem::NotFound)
}

/// Lets whoever has a link join an organisation.
#[derive(Debug, InputObject)]
pub(crate) struct InvitationLinkCreateInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// As what they join: full members, or readers, who are guests.
    #[graphql(default_with = "MemberKind::Full")]
    kind: MemberKind,
    /// Until when; where nothing is given, as long as the organisation's policy lets invitations be valid.
    expires_at: Option<DateTime<Utc>>,
    /// How many people can join by it; where nothing is given, as many as there are seats.
    uses: Option<u32>,
    /// How it is to be done.
    #[graphql(flatten)]
    once: Once,
}

/// Ends that people can join by a link.
#[derive(Debug, InputObject)]
pub(crate) struct InvitationLinkRevokeInput {
    /// The global id of the link.
    link: ID,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Joins an organisation by a link. There is no `idempotencyKey`: whoever has lost the answer signs in.
#[derive(InputObject)]
pub(crate) struct InvitationAcceptInput {
    /// The token of the link: what stands in it after the `#`.
    #[graphql(secret)]
    token: String,
    /// The name to sign in with: 3 characters at least, unique in the installation, never changed and never free again.
    /// It may be an e-mail address.
    username: String,
    /// The name that lists show; the username where none is given.
    display_name: Option<String>,
    /// Who it is.
    #[graphql(flatten)]
    profile: ProfileInput,
    /// The password that the person chose.
    #[graphql(secret)]
    password: String,
    /// The same once more.
    #[graphql(secret)]
    password_repeated: String,
}

/// What a mutation of links shows.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ChangedLinks {
    #[graphql(skip)]
    organisation: Option<OrganisationId>,
    #[graphql(skip)]
    seen: Seen,
    /// The link, to be handed on. It is shown here once and never again: the same request, by its idempotency key, gives
    /// the same invitation another link, and the one before stops working. Null where nothing was made.
    url: Option<String>,
}

#[ComplexObject]
impl ChangedLinks {
    /// The organisation, as it is now; null where there is none that the caller may see.
    async fn organisation(&self, ctx: &Context<'_>) -> Answer<Organisation> {
        organisation::shown(ctx, self.organisation, self.seen).await
    }
}

impl Shown for ChangedLinks {
    const WHAT: &'static str = "the organisation with its links, and once the link";
}

/// What joining shows.
#[derive(SimpleObject)]
pub(crate) struct Joined {
    /// Whether one can sign in to the account now. Nobody is signed in by this.
    joined: Option<bool>,
}

impl Shown for Joined {
    const WHAT: &'static str = "whether one can sign in to the account now";
}

/// Mutations of invitation links.
#[derive(Default)]
pub(crate) struct InvitationMutations;

/// Mutations of invitation links.
#[Object]
impl InvitationMutations {
    /// Makes a link by which anyone can join an organisation, as a member or as a guest, and shows it once.
    async fn invitation_link_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: InvitationLinkCreateInput,
    ) -> Answer<Payload<InvitationLinkCreateInput, ChangedLinks>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.once)?;
            let organisation = fields.organisation(input.organisation.as_ref());
            let (outcome, url) = match fields.valid(organisation).await {
                Err(refused) => (refused, None),
                Ok((organisation, request)) => {
                    let (kind, uses) = (input.kind.into(), input.uses);
                    let gate = &asking.api.gate;
                    let made = gate
                        .invitation_link_create(
                            &request,
                            organisation,
                            kind,
                            input.expires_at,
                            uses,
                        )
                        .await;
                    match made {
                        Ok((done, url)) => {
                            (Outcome::done(done), Some(url.expose_secret().to_owned()))
                        }
                        Err(denied) => (fields.denied(denied, "organisation").await?, None),
                    }
                }
            };
            let seen = outcome.seen();
            Ok(outcome.with(ChangedLinks { organisation, seen, url }))
        };
        Some(change.await)
    }

    /// Ends that people can join by a link, at once. Who has joined by it stays.
    async fn invitation_link_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: InvitationLinkRevokeInput,
    ) -> Answer<Payload<InvitationLinkRevokeInput, ChangedLinks>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let found = GlobalId::invitation_link(&input.link);
            if found.is_none() {
                fields.no_link();
            }
            let organisation = found.map(|(organisation, _)| organisation);
            let command = found
                .map(|(organisation, link)| Command::InvitationLinkRevoke { organisation, link });
            let outcome = fields.handle(command).await?;
            let seen = outcome.seen();
            Ok(outcome.with(ChangedLinks { organisation, seen, url: None }))
        };
        Some(change.await)
    }

    /// Creates an account as a member of the organisation whose link somebody has. It takes a seat.
    async fn invitation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who joins.", secret)] input: InvitationAcceptInput,
    ) -> Answer<Payload<InvitationAcceptInput, Joined>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::open(asking, Once::default());
            let username = fields.text("username", &input.username, Username::parse);
            let name = input.display_name.as_deref().unwrap_or(&input.username);
            let name = fields.text("displayName", name, Text::parse);
            let entries = input.profile.changes(&mut fields);
            let person = username.zip(name.zip(entries));
            let outcome = match fields.valid(person).await {
                Err(refused) => refused,
                Ok(_) if input.password != input.password_repeated => {
                    let differ = Fault::Plain(Plain::Differ);
                    fields.refused(&differ, Some(&["passwordRepeated"])).await
                }
                Ok(((username, (name, entries)), request)) => {
                    let (token, password) = (input.token.into(), input.password.into());
                    let profile = profile(name, entries);
                    let gate = &asking.api.gate;
                    match gate.invitation_accept(&request, token, username, profile, password).await
                    {
                        Ok(done) => Outcome::done(done),
                        Err(denied) => fields.denied(denied, "password").await?,
                    }
                }
            };
            let joined = Some(outcome.errors.is_empty());
            Ok(Outcome { version: None, subject: None, ..outcome }.with(Joined { joined }))
        };
        Some(change.await)
    }
}
