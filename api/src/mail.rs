//! Mail: by SMTP, or as files when no SMTP is configured.
//!
//! Mails are made of positioned events only, after their commit; nothing is sent for what was rolled
//! back. A crash between sending and moving the cursor sends a mail twice, never not at all; as a file it
//! is the same file.

mod letters;

use std::{path::PathBuf, time::Duration};

use chrono::TimeDelta;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use persistence::{EventFilter, Recorded};

use crate::{app::App, config::Config, problem::Problem};
use letters::Letter;

/// Where mails go.
pub(crate) enum Mailer {
    /// Into this folder, one file a mail.
    Files(PathBuf),
    /// To an SMTP server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
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

/// How long a server may send without renewing its lease.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// How long one mail may take: less than the lease, so that nobody else sends it meanwhile.
const LONGEST: Duration = Duration::from_secs(30);

/// Takes or renews the lease of who sends mails; false when another server has it.
async fn leads(app: &App, holder: &str) -> Result<bool, Problem> {
    let name = holder.to_owned();
    app.store
        .write(app.stamp_of("mail", holder), move |tx| {
            tx.leases().acquire("mail", &name, LEASE).map_err(Problem::from)
        })
        .await
}

/// Sends the mails of the events that came since the last round, if this server holds the lease. Whether
/// there may be more.
pub(crate) async fn round(app: &App, mailer: &Mailer, holder: &str) -> Result<bool, Problem> {
    if !leads(app, holder).await? {
        return Ok(false);
    }
    let events = app
        .store
        .read(|tx| {
            let after = tx.cursors().get("mail")?;
            let filter = EventFilter { types: letters::wanted(), ..EventFilter::default() };
            tx.events().page(after, &filter, ROUND).map_err(Problem::from)
        })
        .await?;
    for event in &events {
        for letter in letters::of(app, event).await? {
            if !leads(app, holder).await? {
                return Ok(false);
            }
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
    let name = letter.name(event);
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(letter.subject)
        .date(event.at.into())
        .message_id(Some(format!("<{name}@lssc>")))
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text)
        .map_err(|error| Problem::internal(error.to_string()))?;
    tokio::time::timeout(LONGEST, mailer.send(&name, message))
        .await
        .unwrap_or_else(|_elapsed| Err("the mail server takes too long".to_owned()))
        .map_err(Problem::unavailable)
}
