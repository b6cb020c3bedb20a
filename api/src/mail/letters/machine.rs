//! The letters that tell admins of a machine.

use domain::{ClientId, access::Role};
use persistence::{Optional, Recorded};

use super::{Letter, field};
use crate::{app::App, problem::Problem};

/// Tells every admin that a machine asked for more people than it may read of in a day.
pub(super) async fn quota_tripped(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    let Some(id) = field(event, "client").and_then(|id| id.parse::<ClientId>().ok()) else {
        return Ok(Vec::new());
    };
    let quota = event.data.get("people_a_day").and_then(serde_json::Value::as_i64).unwrap_or(0);
    let found = app.store.read(move |tx| {
        let Some(client) = tx.clients().get(id).found()? else { return Ok(None) };
        let mut addresses = Vec::new();
        for person in tx.grants().holders(Role::Admin)? {
            let emails = tx.people().emails(person)?;
            let primary = emails.into_iter().find(|email| email.is_primary);
            addresses.extend(primary.map(|email| (person, email.address)));
        }
        Ok::<_, Problem>(Some((client, addresses)))
    });
    let Some((client, addresses)) = found.await? else { return Ok(Vec::new()) };
    let text = format!(
        "The machine {} ({id}) asked for more people than the\n{quota} that it may read of in a day, and is \
         refused until\nearlier answers are a day old.\n\n\
         What it was told: GET {}/v1/clients/{id}/reads\n\
         If its owner does not know why, disable it:\n\
         POST {}/v1/clients/{id}/disable\n",
        client.name, app.public_url, app.public_url,
    );
    let letter = |(person, address)| Letter {
        mark: format!("-{person}").into(),
        ..Letter::of(address, "A machine read of too many people", text.clone(), "")
    };
    Ok(addresses.into_iter().map(letter).collect())
}
