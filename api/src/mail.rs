//! Mail: by SMTP, or as files when no SMTP is configured.
//!
//! Mails are made of positioned events only, after their commit; nothing is sent for what was rolled
//! back. A crash between sending and moving the cursor sends a mail twice, never not at all; as a file it
//! is the same file.

use std::path::PathBuf;

use chrono::TimeDelta;
use domain::{ResetId, event::Fact};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use persistence::{EventFilter, Recorded};

use crate::{app::App, auth::secrets, config::Config, problem::Problem};

/// Where mails go.
pub(crate) enum Mailer {
    /// Into this folder, one file an event.
    Files(PathBuf),
    /// To an SMTP server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Letter {
    to: String,
    subject: &'static str,
    text: String,
}

impl Mailer {
    /// What the configuration says.
    pub(crate) fn of(config: &Config) -> Result<Self, String> {
        config
            .mail_from
            .parse::<Mailbox>()
            .map_err(|error| format!("mail_from is no mail address: {error}."))?;
        match &config.smtp_url {
            None => Ok(Self::Files(config.data_dir.join("mail"))),
            Some(url) => AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                .map(|builder| Self::Smtp(builder.build()))
                .map_err(|error| format!("smtp_url cannot be used: {error}.")),
        }
    }

    async fn send(&self, name: &str, message: Message) -> Result<(), String> {
        match self {
            Self::Smtp(transport) => {
                transport.send(message).await.map(drop).map_err(|error| error.to_string())
            }
            Self::Files(folder) => {
                let write = || {
                    std::fs::create_dir_all(folder)?;
                    let half = folder.join(format!(".{name}.part"));
                    std::fs::write(&half, message.formatted())?;
                    std::fs::rename(half, folder.join(format!("{name}.eml")))
                };
                write().map_err(|error: std::io::Error| error.to_string())
            }
        }
    }
}

/// Events of one round.
const ROUND: i64 = 50;

/// The event types that make mails.
fn wanted() -> Vec<String> {
    vec![reset_requested(ResetId::from_bits(0)).event_type().to_owned()]
}

fn reset_requested(reset: ResetId) -> domain::credential::CredentialEvent {
    domain::credential::CredentialEvent::ResetRequested { reset }
}

/// Sends the mails of the events that came since the last round, if this server holds the lease. Whether
/// there may be more.
pub(crate) async fn round(app: &App, mailer: &Mailer, holder: &str) -> Result<bool, Problem> {
    let name = holder.to_owned();
    let leads = app
        .store
        .write(app.stamp_of("mail", holder), move |tx| {
            tx.leases().acquire("mail", &name, TimeDelta::seconds(30)).map_err(Problem::from)
        })
        .await?;
    if !leads {
        return Ok(false);
    }
    let events = app
        .store
        .read(|tx| {
            let after = tx.cursors().get("mail")?;
            let filter = EventFilter { types: wanted(), ..EventFilter::default() };
            tx.events().page(after, &filter, ROUND).map_err(Problem::from)
        })
        .await?;
    for event in &events {
        if let Some(letter) = letter(app, event).await? {
            deliver(app, mailer, event, letter).await?;
        }
        let position = event.position.unwrap_or_default();
        app.store
            .write(app.stamp_of("mail", holder), move |tx| {
                tx.cursors().set("mail", position).map_err(Problem::from)
            })
            .await?;
    }
    Ok(i64::try_from(events.len()).is_ok_and(|count| count == ROUND))
}

async fn deliver(
    app: &App,
    mailer: &Mailer,
    event: &Recorded,
    letter: Letter,
) -> Result<(), Problem> {
    let from = app
        .config
        .mail_from
        .parse()
        .map_err(|error| Problem::internal(format!("mail_from: {error}")))?;
    let Ok(to) = letter.to.parse::<Mailbox>() else {
        // It cannot be sent now or ever: the queue must not stand still for it.
        tracing::warn!(event = %event.id, "a mail has an address that cannot be written to");
        return Ok(());
    };
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(letter.subject)
        .date(event.at.into())
        .message_id(Some(format!("<{}@lssc>", event.id)))
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text)
        .map_err(|error| Problem::internal(error.to_string()))?;
    mailer.send(&event.id.to_string(), message).await.map_err(Problem::unavailable)
}

/// The mail of an event; none when what it was about has passed.
async fn letter(app: &App, event: &Recorded) -> Result<Option<Letter>, Problem> {
    let id = event
        .data
        .get("reset")
        .and_then(|id| id.as_str())
        .and_then(|id| id.parse::<ResetId>().ok());
    let Some(id) = id else { return Ok(None) };
    let reset = app.store.read(move |tx| tx.resets().find(id).map_err(Problem::from)).await?;
    let Some(reset) = reset.filter(|reset| reset.stands(app.now())) else { return Ok(None) };
    let key = app
        .auth
        .reset_key
        .get()
        .ok_or_else(|| Problem::internal("the key of resets was not read"))?;
    let token = secrets::reset_token(key, id)?;
    let text = format!(
        "Somebody, probably you, asked to reset the password of your\nLSSC account.\n\n\
         Token: {token}\n\n\
         It works once, until {}.\nSet a new password with it at\n\
         POST {}/v1/password-resets/confirm\n\n\
         If it was not you, do nothing: your password stays as it is.\n",
        reset.expires_at.format("%Y-%m-%d %H:%M UTC"),
        app.public_url,
    );
    Ok(Some(Letter { to: reset.address, subject: "Reset your LSSC password", text }))
}
