//! What the mails say, and which events make them.

use domain::{EmailId, PersonId, ResetId, person::Email};
use persistence::Recorded;

use crate::{app::App, auth::secrets, problem::Problem};

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) subject: &'static str,
    pub(super) text: String,
    /// What tells it from another mail of the same event.
    mark: &'static str,
}

impl Letter {
    /// A name that is the same whenever the event's mail is made again.
    pub(super) fn name(&self, event: &Recorded) -> String {
        format!("{}{}", event.id, self.mark)
    }
}

/// The events that make mails.
const REGISTERED: &str = "person.registered";
const ADDED: &str = "person.email_added";
const MADE_PRIMARY: &str = "person.email_made_primary";
const RESET: &str = "password_reset.requested";

/// The event types that make mails.
pub(super) fn wanted() -> Vec<String> {
    [REGISTERED, ADDED, MADE_PRIMARY, RESET].map(str::to_owned).to_vec()
}

/// The mails of an event; none when what it was about has passed.
pub(super) async fn of(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    match (event.event_type.as_str(), event.person) {
        (RESET, _) => reset(app, event).await,
        (REGISTERED, Some(person)) => {
            let emails = emails(app, person).await?;
            let primary = emails.iter().find(|email| email.is_primary);
            primary.map_or(Ok(Vec::new()), |email| verification(app, email))
        }
        (ADDED, Some(person)) => {
            let emails = emails(app, person).await?;
            let added: Option<EmailId> = field(event, "email").and_then(|id| id.parse().ok());
            let Some(added) = emails.iter().find(|email| Some(email.id) == added) else {
                return Ok(Vec::new());
            };
            let mut letters = verification(app, added)?;
            let primary = emails.iter().filter(|email| email.is_primary && email.id != added.id);
            letters.extend(primary.map(|email| addition(&email.address, &added.address)));
            Ok(letters)
        }
        (MADE_PRIMARY, _) => Ok(replacement(event)),
        _ => Ok(Vec::new()),
    }
}

fn field<'a>(event: &'a Recorded, name: &str) -> Option<&'a str> {
    event.data.get(name).and_then(|value| value.as_str())
}

async fn emails(app: &App, person: PersonId) -> Result<Vec<Email>, Problem> {
    app.store.read(move |tx| tx.people().emails(person).map_err(Problem::from)).await
}

async fn reset(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    let id: Option<ResetId> = field(event, "reset").and_then(|id| id.parse().ok());
    let Some(id) = id else { return Ok(Vec::new()) };
    let reset = app.store.read(move |tx| tx.resets().find(id).map_err(Problem::from)).await?;
    let Some(reset) = reset.filter(|reset| reset.stands(app.now())) else {
        return Ok(Vec::new());
    };
    let token = secrets::reset_token(app.auth.mac_key()?, id)?;
    let text = format!(
        "Somebody, probably you, asked to reset the password of your\nLSSC account.\n\n\
         Token: {token}\n\n\
         It works once, until {}.\nSet a new password with it at\n\
         POST {}/v1/password-resets/confirm\n\n\
         If it was not you, do nothing: your password stays as it is.\n",
        reset.expires_at.format("%Y-%m-%d %H:%M UTC"),
        app.public_url,
    );
    Ok(vec![Letter { to: reset.address, subject: "Reset your LSSC password", text, mark: "" }])
}

/// Asks for control of an address to be shown, unless it was.
fn verification(app: &App, email: &Email) -> Result<Vec<Letter>, Problem> {
    if email.verified_at.is_some() {
        return Ok(Vec::new());
    }
    let token = secrets::email_token(app.auth.mac_key()?, email.id, &email.address)?;
    let text = format!(
        "Somebody, probably you, gave this address for an LSSC account.\n\n\
         Token: {token}\n\n\
         Confirm that the address is yours with it at\n\
         POST {}/v1/email-verifications\n\n\
         If it was not you, do nothing.\n",
        app.public_url,
    );
    let to = email.address.clone();
    Ok(vec![Letter { to, subject: "Confirm your e-mail address", text, mark: "" }])
}

fn addition(primary: &str, added: &str) -> Letter {
    let text = format!(
        "This e-mail address was added to your LSSC account:\n\n{added}\n\n\
         If it was not you, remove it and change your password.\n"
    );
    Letter { to: primary.to_owned(), subject: "An address was added", text, mark: "-notice" }
}

/// Tells the address that was the primary one: the new one may be somebody else's.
fn replacement(event: &Recorded) -> Vec<Letter> {
    let (Some(before), Some(address)) = (field(event, "before"), field(event, "address")) else {
        return Vec::new();
    };
    let text = format!(
        "Mails of your LSSC account go to this e-mail address from now on:\n\n{address}\n\n\
         If it was not you, reset your password and ask the office.\n"
    );
    let subject = "Your primary address changed";
    vec![Letter { to: before.to_owned(), subject, text, mark: "-notice" }]
}

#[cfg(test)]
mod tests {
    use domain::{credential::CredentialEvent, event::Fact, person::PersonEvent};

    use super::*;

    #[test]
    fn the_types_are_those_of_the_facts() {
        let reset = CredentialEvent::ResetRequested { reset: ResetId::from_bits(0) };
        let added =
            PersonEvent::EmailAdded { email: EmailId::from_bits(0), address: String::new() };
        let primary = PersonEvent::EmailMadePrimary {
            email: EmailId::from_bits(0),
            address: String::new(),
            before: String::new(),
        };
        assert_eq!(reset.event_type(), RESET);
        assert_eq!((added.event_type(), primary.event_type()), (ADDED, MADE_PRIMARY));
    }
}
