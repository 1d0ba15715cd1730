//! What mails say: templates of an organisation's own, and the built-in ones.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Action, Command, access::Verdict};
use events::{OrganisationId, value};

use crate::{
    Answer,
    asking::Asking,
    enums::{Language, MailKind},
    ids::GlobalId,
    input::{Conditions, Fields},
    payload::{Payload, Seen, Shown},
    problem::Problem,
    user_error::UserError,
};

/// What mails of a kind say in a language, with places for their fields.
#[derive(SimpleObject)]
pub(crate) struct MailTemplate {
    /// Of which kind.
    kind: MailKind,
    /// In which language.
    language: Language,
    /// Of one line.
    subject: String,
    /// The plain text; an empty line separates paragraphs.
    text: String,
    /// The HTML; null: made of the text.
    html: Option<String>,
    /// Whether it is the organisation's own; otherwise the built-in one.
    own: bool,
    /// The fields that it must say.
    required: Vec<String>,
}

/// What a mail would say, with sample fields.
#[derive(SimpleObject)]
pub(crate) struct MailPreview {
    /// Of one line; null where the template can't be used.
    subject: Option<String>,
    /// The plain text; null where the template can't be used.
    text: Option<String>,
    /// The HTML; null where the template can't be used.
    html: Option<String>,
    /// Why the template can't be used; empty where it can.
    user_errors: Vec<UserError>,
}

/// What a template says.
#[derive(Debug, InputObject)]
pub(crate) struct MailTextInput {
    /// Of which kind.
    kind: MailKind,
    /// In which language.
    language: Language,
    /// Of one line.
    subject: String,
    /// The plain text; an empty line separates paragraphs.
    text: String,
    /// The HTML; where none is given, it is made of the text.
    html: Option<String>,
}

/// Has mails of a kind say something else than the built-in template does.
#[derive(Debug, InputObject)]
pub(crate) struct MailTemplateSetInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// What they say.
    template: MailTextInput,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// Has mails of a kind say what the built-in template does again.
#[derive(Debug, InputObject)]
pub(crate) struct MailTemplateRestoreInput {
    /// The global id of the organisation; where none is given, the caller's.
    organisation: Option<ID>,
    /// Of which kind.
    kind: MailKind,
    /// In which language.
    language: Language,
    /// How it is to be done.
    #[graphql(flatten)]
    conditions: Conditions,
}

/// The object of a mutation about a template.
pub(crate) struct ChangedMailTemplate {
    of: Option<(OrganisationId, MailKind, Language)>,
    seen: Seen,
}

impl Shown for ChangedMailTemplate {
    const WHAT: &'static str = "the template, as it is now";
}

/// The object of a mutation about a template.
#[Object]
impl ChangedMailTemplate {
    /// The template, as it is now; null where there is no such organisation that the caller manages.
    async fn mail_template(&self, ctx: &Context<'_>) -> Answer<MailTemplate> {
        let (organisation, kind, language) = self.of?;
        let read = async {
            let asking = Asking::of(ctx)?;
            self.seen.ready(&asking).await?;
            may_see(&asking, organisation).await?;
            template(&asking, organisation, kind, language).await
        };
        Some(read.await)
    }
}

/// Templates are for those who manage the organisation.
async fn may_see(asking: &Asking<'_>, organisation: OrganisationId) -> Result<(), Problem> {
    if !asking.is_signed_in() {
        return Err(Problem::Unauthenticated);
    }
    let standing = asking.api.handler.standing(&asking.request(), Some(organisation)).await?;
    match standing.may(Action::MailTemplateSet) {
        Verdict::Allowed => Ok(()),
        Verdict::SignInFirst | Verdict::Forbidden => Err(Problem::Forbidden),
    }
}

async fn template(
    asking: &Asking<'_>,
    organisation: OrganisationId,
    kind: MailKind,
    language: Language,
) -> Result<MailTemplate, Problem> {
    let mailing = &asking.api.mailing;
    let (template, own) = mailing.mail_template(organisation, kind.into(), language.into()).await?;
    let value::MailTemplate { subject, text, html } = template;
    let required = value::MailKind::from(kind).required();
    let required = required.iter().map(|&field| field.to_owned()).collect();
    Ok(MailTemplate { kind, language, subject, text, html, own, required })
}

/// Queries about what mails say.
#[derive(Default)]
pub(crate) struct MailTemplateQueries;

/// Queries about what mails say.
#[Object]
impl MailTemplateQueries {
    /// What mails of a kind say in a language. For the organisation's administrators.
    async fn mail_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the organisation; where none is given, the caller's.")]
        organisation: Option<ID>,
        #[graphql(desc = "Of which kind.")] kind: MailKind,
        #[graphql(desc = "In which language.")] language: Language,
    ) -> Answer<MailTemplate> {
        let read = async {
            let asking = Asking::of(ctx)?;
            let organisation = match &organisation {
                Some(id) => GlobalId::organisation(id),
                None => asking.viewer.organisation,
            };
            let organisation = organisation.ok_or(Problem::NotFound)?;
            may_see(&asking, organisation).await?;
            template(&asking, organisation, kind, language).await
        };
        Some(read.await)
    }

    /// What a mail would say, with sample fields. For those who have signed in; it changes nothing.
    async fn mail_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the template says.")] template: MailTextInput,
    ) -> Answer<MailPreview> {
        let read = async {
            let asking = Asking::of(ctx)?;
            if !asking.is_signed_in() {
                return Err(Problem::Unauthenticated);
            }
            let (kind, language) = (template.kind.into(), template.language.into());
            let template = value::MailTemplate {
                subject: template.subject,
                text: template.text,
                html: template.html,
            };
            Ok(match asking.api.mailing.mail_preview(template, kind, language).await? {
                Ok(preview) => MailPreview {
                    subject: Some(preview.subject),
                    text: Some(preview.text),
                    html: Some(preview.html),
                    user_errors: Vec::new(),
                },
                Err(unusable) => {
                    let language = asking.language().await;
                    let error = crate::user_error::Fault::Template(unusable)
                        .tell(Some(&["template"]), language);
                    let (subject, text, html) = (None, None, None);
                    MailPreview { subject, text, html, user_errors: vec![error] }
                }
            })
        };
        Some(read.await)
    }
}

/// Mutations of what mails say.
#[derive(Default)]
pub(crate) struct MailTemplateMutations;

/// Mutations of what mails say.
#[Object]
impl MailTemplateMutations {
    /// Has mails of a kind say something else than the built-in template does. A template that can't be used, or lacks
    /// what its mails are for, is refused. For administrators. Asks for `stepUp` a quarter of an hour after signing in.
    async fn mail_template_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailTemplateSetInput,
    ) -> Answer<Payload<MailTemplateSetInput, ChangedMailTemplate>> {
        let change = async {
            let asking = Asking::of(ctx)?;
            let mut fields = Fields::of(asking, input.conditions)?;
            let organisation = fields.organisation(input.organisation.as_ref());
            let MailTextInput { kind, language, subject, text, html } = input.template;
            let template = value::MailTemplate { subject, text, html };
            let checked = asking
                .api
                .mailing
                .mail_preview(template.clone(), kind.into(), language.into())
                .await?;
            let usable = fields.usable("template", checked);
            let command = organisation.zip(usable).map(|(organisation, _)| {
                let (kind, language) = (kind.into(), language.into());
                Command::MailTemplateSet { organisation, kind, language, template: Some(template) }
            });
            let outcome = fields.handle(command).await?;
            let of = organisation.map(|organisation| (organisation, kind, language));
            let seen = outcome.seen();
            Ok(outcome.with(ChangedMailTemplate { of, seen }))
        };
        Some(change.await)
    }

    /// Has mails of a kind say what the built-in template does again. For administrators.
    async fn mail_template_restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MailTemplateRestoreInput,
    ) -> Answer<Payload<MailTemplateRestoreInput, ChangedMailTemplate>> {
        let change = async {
            let mut fields = Fields::of(Asking::of(ctx)?, input.conditions)?;
            let organisation = fields.organisation(input.organisation.as_ref());
            let (kind, language) = (input.kind, input.language);
            let command = organisation.map(|organisation| {
                let (kind, language) = (kind.into(), language.into());
                Command::MailTemplateSet { organisation, kind, language, template: None }
            });
            let outcome = fields.handle(command).await?;
            let of = organisation.map(|organisation| (organisation, kind, language));
            let seen = outcome.seen();
            Ok(outcome.with(ChangedMailTemplate { of, seen }))
        };
        Some(change.await)
    }
}
