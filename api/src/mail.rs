//! Mail: by SMTP, or as files when no SMTP is configured.
//!
//! Mails are made of positioned events only, after their commit; nothing is sent for what was rolled
//! back. A crash between sending and moving the cursor sends a mail twice, never not at all; as a file it
//! is the same file.
//!
//! Most mails are notices: an event that somebody is told of makes one, with an event of its own, by which it is
//! mailed, unless its facts have changed until then or its reader does not want it.

mod headers;
mod letters;
mod notices;

use std::{path::PathBuf, time::Duration};

use chrono::TimeDelta;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use persistence::{EventFilter, Recorded};

use crate::{app::App, config::Config, problem::Problem};
use headers::{AutoSubmitted, ListUnsubscribe, ListUnsubscribePost};
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

    async fn send(&self, name: &str, message: Message) -> Result<Delivery, String> {
        match self {
            Self::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(Delivery::Sent),
                Err(error) if error.is_permanent() && no_such_mailbox(&error.to_string()) => {
                    Ok(Delivery::CameBack(error.to_string()))
                }
                Err(error) => Err(error.to_string()),
            },
            Self::Files(folder) => {
                let write = || {
                    std::fs::create_dir_all(folder)?;
                    let half = folder.join(format!(".{name}.part"));
                    std::fs::write(&half, message.formatted())?;
                    std::fs::rename(half, folder.join(format!("{name}.eml")))
                };
                write().map(|()| Delivery::Sent).map_err(|error: std::io::Error| error.to_string())
            }
        }
    }
}

/// What became of a mail that was handed over.
#[derive(Debug)]
enum Delivery {
    /// It is on its way.
    Sent,
    /// There is no such mailbox, and never will be: what the server said.
    CameBack(String),
}

/// Whether a refusal is about the address (RFC 3463: 5.1.x). Any other may be about this server, and holds the
/// queue up until somebody looks.
fn no_such_mailbox(said: &str) -> bool {
    said.split_whitespace().any(|word| word.starts_with("5.1."))
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
            let types = [letters::wanted(), notices::wanted()].concat();
            let filter = EventFilter { types, ..EventFilter::default() };
            tx.events().page(after, &filter, ROUND).map_err(Problem::from)
        })
        .await?;
    for event in &events {
        if !dispatch(app, mailer, holder, event).await? {
            return Ok(false);
        }
    }
    Ok(i64::try_from(events.len()).is_ok_and(|count| count == ROUND))
}

/// Deals with one event, and moves the cursor on; false when another server has the lease meanwhile.
async fn dispatch(
    app: &App,
    mailer: &Mailer,
    holder: &str,
    event: &Recorded,
) -> Result<bool, Problem> {
    if notices::makes_one(event) {
        notices::make(app, event).await?;
        return Ok(true);
    }
    let (letters, mut fate) = match notices::fate(app, event).await? {
        Some(fate) => (fate.letter.clone().into_iter().collect(), Some(fate)),
        None => (deliverable(app, letters::of(app, event).await?).await?, None),
    };
    for letter in letters {
        if !leads(app, holder).await? {
            return Ok(false);
        }
        let to = letter.to.clone();
        if let Delivery::CameBack(said) = deliver(app, mailer, event, letter).await? {
            notices::came_back(app, event, fate.as_mut(), (to, said)).await?;
        }
    }
    let position = event.position.unwrap_or_default();
    app.store
        .write(notices::stamp(app, event), move |tx| {
            if let Some(fate) = &fate {
                notices::settle(tx, fate)?;
            }
            tx.cursors().set("mail", position).map_err(Problem::from)
        })
        .await?;
    app.written.notify_one();
    Ok(true)
}

/// The letters to addresses from which no mail came back.
async fn deliverable(app: &App, mut letters: Vec<Letter>) -> Result<Vec<Letter>, Problem> {
    let addresses: Vec<_> = letters.iter().map(|letter| letter.to.clone()).collect();
    let dead = app.store.read(move |tx| {
        let mut dead = Vec::new();
        for address in &addresses {
            if tx.bounces().standing(address)?.is_some() {
                dead.push(address.clone());
            }
        }
        Ok::<_, Problem>(dead)
    });
    let dead = dead.await?;
    letters.retain(|letter| letter.despite_bounce || !dead.contains(&letter.to));
    Ok(letters)
}

async fn deliver(
    app: &App,
    mailer: &Mailer,
    event: &Recorded,
    letter: Letter,
) -> Result<Delivery, Problem> {
    let from = app
        .config
        .mail_from
        .parse()
        .map_err(|error| Problem::internal(format!("mail_from: {error}")))?;
    let Ok(to) = letter.to.parse::<Mailbox>() else {
        // It cannot be sent now or ever: the queue must not stand still for it.
        tracing::warn!(event = %event.id, "a mail has an address that cannot be written to");
        return Ok(Delivery::CameBack("it is no address that a mail can have".to_owned()));
    };
    let name = letter.name(event);
    let mut message = Message::builder()
        .from(from)
        .to(to)
        .subject(letter.subject)
        .date(event.at.into())
        .message_id(Some(format!("<{name}@lssc>")))
        .header(AutoSubmitted("auto-generated".to_owned()))
        .header(ContentType::TEXT_PLAIN);
    if let Some(address) = letter.unsubscribe {
        message = message
            .header(ListUnsubscribe(format!("<{address}>")))
            .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    let message =
        message.body(letter.text).map_err(|error| Problem::internal(error.to_string()))?;
    tokio::time::timeout(LONGEST, mailer.send(&name, message))
        .await
        .unwrap_or_else(|_elapsed| Err("the mail server takes too long".to_owned()))
        .map_err(Problem::unavailable)
}

#[cfg(test)]
mod tests {
    use super::no_such_mailbox;

    #[test]
    fn an_address_is_dead_only_where_the_server_says_so() {
        assert!(no_such_mailbox("permanent error (550): 5.1.1 User unknown"));
        for about_us in
            ["permanent error (550): 5.7.1 Relaying denied", "permanent error (535): no", "5.10.1"]
        {
            assert!(!no_such_mailbox(about_us), "{about_us}");
        }
    }
}
