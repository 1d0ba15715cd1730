//! What operators set about mail, and try out.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use commands::{Command, Done, Failure, Handler, Refusal, Request};
use events::{
    CredentialId, MailId, OrganisationId,
    id::{Clock, Ids},
    value::{EmailAddress, Language, MailKind, MailSettings, MailTemplate, Text},
    vault::Vault,
};
use graphql::port::{MailServer, Mailing, NewPassword, Preview, Tested, Unusable};
use secrecy::ExposeSecret;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{
    builtin,
    carriage::{Carriage, Way},
    carrier::Undelivered,
    message::{Cover, letter},
    smtp::{Server, Smtp},
    template,
};
use crate::config;

/// Where mail goes now: as an operator set it, otherwise as it is configured.
pub struct Mailroom {
    handler: Arc<Handler>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    configured: Way,
    config: config::Mail,
    /// The way that was made for settings; of other settings another one is made.
    made: Mutex<Option<(Settings, Way)>>,
    /// The right to try a template out: one at a time, so that many who do keep nobody else from a processor.
    preview: Arc<Semaphore>,
}

type Settings = (MailSettings, Option<CredentialId>);

impl Mailroom {
    /// A mailroom that has mail go as configured until an operator says otherwise.
    pub fn new(
        handler: Arc<Handler>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        configured: Way,
        config: config::Mail,
    ) -> Self {
        let preview = Arc::new(Semaphore::new(1));
        Self { handler, vault, clock, ids, configured, config, made: Mutex::default(), preview }
    }

    async fn make(&self, (settings, password): &Settings) -> Result<Way, Failure> {
        let password = match password {
            Some(password) => self.vault.password(*password).await?,
            None => None,
        };
        let name = settings.username.as_ref().map(|name| name.as_str().to_owned());
        let server = Server {
            host: settings.host.as_str().to_owned(),
            port: settings.port,
            tls: settings.tls,
            credentials: name.zip(password),
        };
        let smtp = Smtp::try_new(&server, &settings.from, self.config.at_once.get())
            .map_err(|error| Failure::Unavailable(error.to_string()))?;
        Ok(Way { carrier: Arc::new(smtp), from: settings.from.clone() })
    }
}

#[async_trait]
impl Carriage for Mailroom {
    async fn way(&self) -> Result<Way, Failure> {
        let Some(settings) = self.handler.mail_settings().await? else {
            return Ok(self.configured.clone());
        };
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, way)) = made.filter(|(of, _)| *of == settings) {
            return Ok(way);
        }
        let way = self.make(&settings).await?;
        let made = Some((settings, way.clone()));
        *self.made.lock().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(way)
    }
}

#[async_trait]
impl Mailing for Mailroom {
    async fn mail_settings(&self) -> Result<MailServer, Failure> {
        Ok(match self.handler.mail_settings().await? {
            Some((settings, password)) => MailServer {
                server: Some((settings.host.as_str().to_owned(), settings.port)),
                tls: settings.tls,
                username: settings.username.map(|name| name.as_str().to_owned()),
                has_password: password.is_some(),
                from: settings.from,
                is_configured: false,
            },
            None => MailServer {
                server: self.config.server.0.clone(),
                tls: self.config.tls,
                username: self.config.username.0.clone(),
                has_password: self.config.password.0.is_some(),
                from: self.configured.from.clone(),
                is_configured: true,
            },
        })
    }

    async fn mail_settings_set(
        &self,
        request: &Request,
        settings: MailSettings,
        password: NewPassword,
    ) -> Result<Done, Failure> {
        let present = self.handler.mail_settings().await?;
        let (id, request) = match &password {
            // A password is for the server and the name that it was given for, and for no other.
            NewPassword::Kept => {
                let same = present.clone().filter(|(present, _)| {
                    present.host == settings.host && present.username == settings.username
                });
                (same.and_then(|(_, password)| password), request.clone())
            }
            NewPassword::None => (None, request.clone()),
            NewPassword::Set(password) => {
                let id = CredentialId::new(self.ids.next());
                self.vault.put_password(id, password).await?;
                let text = password.expose_secret().as_bytes();
                let secret = self.vault.pepper().hash("idempotency.mail_password", text);
                (Some(id), Request { secret: Some(secret), ..request.clone() })
            }
        };
        let before = present.as_ref().and_then(|(_, password)| *password);
        let set = Command::MailSettingsSet { settings, password: id };
        let outcome = self.handler.handle(&request, set).await;
        let now = self.handler.mail_settings().await?.and_then(|(_, password)| password);
        // What nothing refers to any more goes: the one that was refused, or the one before.
        for old in [id, before].into_iter().flatten().filter(|old| Some(*old) != now) {
            self.vault.delete_credential(old).await?;
        }
        outcome
    }

    async fn mail_template(
        &self,
        organisation: OrganisationId,
        kind: MailKind,
        language: Language,
    ) -> Result<(MailTemplate, bool), Failure> {
        let own = self.handler.mail_template(organisation, kind, language).await?;
        Ok(match own {
            Some(template) => (template, true),
            None => (builtin::template(kind, language), false),
        })
    }

    async fn mail_preview(
        &self,
        template: MailTemplate,
        kind: MailKind,
        language: Language,
    ) -> Result<Result<Preview, Unusable>, Failure> {
        let unavailable = |error: &dyn std::error::Error| Failure::Unavailable(error.to_string());
        let place = self.preview.clone().acquire_owned().await;
        let place = place.map_err(|error| unavailable(&error))?;
        let preview = spawn_blocking(move || {
            let _place = place;
            let template::Written { subject, text, html } =
                template::check(&template, kind, language)?;
            Ok(Preview { subject, text: text.to_string(), html: html.to_string() })
        });
        preview.await.map_err(|error| unavailable(&error))
    }

    async fn mail_settings_test(
        &self,
        request: &Request,
        to: EmailAddress,
        language: Language,
    ) -> Result<(Done, Tested), Failure> {
        // Who may is asked before anything is sent, and what came of it is noted after.
        let standing = self.handler.standing(request, None).await?;
        if standing.may(commands::Action::MailSettingsTest) != commands::access::Verdict::Allowed {
            return Err(Failure::Refused(Refusal::Forbidden));
        }
        let way = self.way().await?;
        let unwritable = |error: String| Failure::Unavailable(error);
        let mut values = template::samples(MailKind::Test, language);
        values.insert("organisation".to_owned(), "Stamrol".to_owned().into());
        values.insert("name".to_owned(), to.as_str().to_owned().into());
        let built_in = builtin::template(MailKind::Test, language);
        let written = template::write(&built_in, language, &values)
            .map_err(|error| unwritable(error.to_string()))?;
        let sender = Text::parse("Stamrol").map_err(|error| unwritable(error.to_string()))?;
        let cover = Cover {
            mail: MailId::new(self.ids.next()),
            sender: &sender,
            from: &way.from,
            to: &to,
            written_at: self.clock.now(),
        };
        let letter = letter(&cover, &written).map_err(unwritable)?;
        let tested = match way.carrier.carry(&letter).await {
            Ok(reply) => Tested { accepted: true, reply },
            Err(Undelivered::Now(reply) | Undelivered::Ever(reply)) => {
                Tested { accepted: false, reply }
            }
        };
        let note = Command::MailSettingsTest { accepted: tested.accepted };
        Ok((self.handler.handle(request, note).await?, tested))
    }
}
