//! Tells the admins that an endpoint was stopped: they know whose machine it is.

use domain::{WebhookEndpointId, access::Role};
use persistence::{Optional, Recorded};

use super::Letter;
use crate::{app::App, problem::Problem};

/// A letter to the primary address of every admin; none when the endpoint is gone or goes on.
pub(super) async fn stopped(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    let Ok(id) = event.subject.parse::<WebhookEndpointId>() else { return Ok(Vec::new()) };
    let found = app
        .store
        .read(move |tx| {
            let Some(endpoint) = tx.webhook_endpoints().get(id).found()? else { return Ok(None) };
            let client = tx.clients().get(endpoint.client)?;
            let mut addresses = Vec::new();
            for person in tx.grants().holders(Role::Admin)? {
                let emails = tx.people().emails(person)?;
                addresses.extend(
                    emails.into_iter().find(|email| email.is_primary).map(|one| one.address),
                );
            }
            Ok::<_, Problem>(Some((endpoint, client, addresses)))
        })
        .await?;
    let Some((endpoint, client, addresses)) = found else { return Ok(Vec::new()) };
    let Some(why) = endpoint.disabling else { return Ok(Vec::new()) };
    let text = format!(
        "The webhook of this machine is stopped ({why}):\n\n{}\n{}\n\n\
         Nothing is lost: what happens meanwhile is sent once its machine lets it\ngo on, or is read at\n\
         GET {}/v1/changes\n",
        client.name, endpoint.id, app.public_url,
    );
    let letter = |(place, to): (usize, String)| Letter {
        mark: MARKS.get(place).copied().unwrap_or("-more").into(),
        ..Letter::of(to, "A webhook was stopped", text.clone(), "")
    };
    Ok(addresses.into_iter().take(MARKS.len()).enumerate().map(letter).collect())
}

/// What tells the letters of one event apart: so many admins are told at most.
const MARKS: &[&str] = &["-a", "-b", "-c", "-d", "-e", "-f", "-g", "-h"];
