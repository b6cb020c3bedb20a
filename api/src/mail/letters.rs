//! Mails that are no notices: about the security of accounts, and to organisations. Nobody can do without them.

mod machine;
mod merge;
mod webhooks;

use std::borrow::Cow;

use domain::{
    BounceId, EmailId, InvitationId, PersonId, PurchaseOrderId, ResetId,
    organisation::InvitationState,
    person::Email,
    purchase_order::LineOutcome,
    text::{counted, money},
};
use persistence::{Optional, Recorded};

use crate::{app::App, auth::secrets, flows::organisation::Organisation, problem::Problem};

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
    /// What tells it from another mail of the same event.
    pub(super) mark: Cow<'static, str>,
    /// Where mails of its kind are stopped; none where they cannot be.
    pub(super) unsubscribe: Option<String>,
    /// Whether it goes to an address from which mails came back as well.
    pub(super) despite_bounce: bool,
}

impl Letter {
    /// A letter that nobody can do without.
    fn of(to: String, subject: &str, text: String, mark: &'static str) -> Self {
        let (subject, unsubscribe) = (subject.to_owned(), None);
        Self { to, subject, text, mark: mark.into(), unsubscribe, despite_bounce: false }
    }
    /// A name that is the same whenever the event's mail is made again.
    pub(super) fn name(&self, event: &Recorded) -> String {
        format!("{}{}", event.id, self.mark)
    }
}

/// The events that make mails.
const REGISTERED: &str = "person.registered";
const ADDED: &str = "person.email_added";
const MADE_PRIMARY: &str = "person.email_made_primary";
const VERIFY: &str = "person.email_verification_requested";
const RESET: &str = "password_reset.requested";
const PLACED: &str = "purchase_order.placed";
const SETTLED: &str = "purchase_order.settled";
const CANCELLED: &str = "purchase_order.cancelled";
const INVITED: &str = "organisation.user_invited";
const MERGED: &str = "person.merged";
const QUOTA_TRIPPED: &str = "client.quota_tripped";
const STOPPED: &str = "webhook_endpoint.disabled";

/// The event types that make mails.
pub(super) fn wanted() -> Vec<String> {
    let people = [REGISTERED, ADDED, MADE_PRIMARY, VERIFY, RESET, MERGED];
    let organisations = [PLACED, SETTLED, CANCELLED, INVITED];
    let machines = [QUOTA_TRIPPED, STOPPED];
    people.into_iter().chain(organisations).chain(machines).map(str::to_owned).collect()
}

/// The mails of an event; none when what it was about has passed.
pub(super) async fn of(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    match (event.event_type.as_str(), event.person) {
        (RESET, _) => reset(app, event).await,
        (REGISTERED, Some(person)) => {
            let emails = emails(app, person).await?;
            let primary = emails.iter().find(|email| email.is_primary);
            primary.map_or(Ok(Vec::new()), |email| verification(app, email, None))
        }
        (ADDED, Some(person)) => {
            let emails = emails(app, person).await?;
            let added: Option<EmailId> = field(event, "email").and_then(|id| id.parse().ok());
            let Some(added) = emails.iter().find(|email| Some(email.id) == added) else {
                return Ok(Vec::new());
            };
            let mut letters = verification(app, added, None)?;
            let primary = emails.iter().filter(|email| email.is_primary && email.id != added.id);
            letters.extend(primary.map(|email| addition(&email.address, &added.address)));
            Ok(letters)
        }
        (VERIFY, Some(person)) => verification_anew(app, event, person).await,
        (MADE_PRIMARY, _) => Ok(replacement(event)),
        (MERGED, Some(person)) => Ok(merge::letters(&emails(app, person).await?)),
        (PLACED | SETTLED | CANCELLED, _) => order(app, event).await,
        (INVITED, _) => invitation(app, event).await,
        (QUOTA_TRIPPED, _) => machine::quota_tripped(app, event).await,
        (STOPPED, _) => webhooks::stopped(app, event).await,
        _ => Ok(Vec::new()),
    }
}

fn field<'a>(event: &'a Recorded, name: &str) -> Option<&'a str> {
    event.data.get(name).and_then(|value| value.as_str())
}

async fn emails(app: &App, person: PersonId) -> Result<Vec<Email>, Problem> {
    app.store
        .read(move |tx| {
            // Who was merged away meanwhile is written to as who they are now.
            let person = tx.merges().current(person)?;
            tx.people().emails(person).map_err(Problem::from)
        })
        .await
}

async fn reset(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    let id: Option<ResetId> = field(event, "reset").and_then(|id| id.parse().ok());
    let Some(id) = id else { return Ok(Vec::new()) };
    let reset = app.store.read(move |tx| tx.resets().find(id).map_err(Problem::from)).await?;
    let Some(reset) = reset.filter(|reset| reset.stands(app.machine())) else {
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
    Ok(vec![Letter::of(reset.address, "Reset your LSSC password", text, "")])
}

/// Invites somebody to act for an organisation, unless that was taken back meanwhile.
async fn invitation(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    let id: Option<InvitationId> = field(event, "invitation").and_then(|id| id.parse().ok());
    let Some(id) = id else { return Ok(Vec::new()) };
    let (invitation, organisation) = app
        .store
        .read(move |tx| {
            let invitation = tx.invitations().get(id)?;
            let organisation = Organisation::get(tx, invitation.invite.organisation)?;
            Ok::<_, Problem>((invitation, organisation))
        })
        .await?;
    if invitation.state(app.now()) != InvitationState::Open {
        return Ok(Vec::new());
    }
    let token = secrets::invitation_token(app.auth.mac_key()?, id)?;
    let text = format!(
        "You are invited to act for this organisation in the LSSC\ncertification system:\n\n{}\n\n\
         Token: {token}\n\n\
         It works once, until {}.\nSign in, or register first, and accept the invitation with it at\n\
         POST {}/v1/invitations/accept\n\n\
         If you do not know the organisation, do nothing.\n",
        organisation.name(),
        invitation.expires_at.format("%Y-%m-%d %H:%M UTC"),
        app.public_url,
    );
    let to = invitation.invite.email;
    Ok(vec![Letter::of(to, "You are invited to act for an organisation", text, "")])
}

/// Asks anew for control of an address to be shown, though mails came back from it.
async fn verification_anew(
    app: &App,
    event: &Recorded,
    person: PersonId,
) -> Result<Vec<Letter>, Problem> {
    let emails = emails(app, person).await?;
    let wanted: Option<EmailId> = field(event, "email").and_then(|id| id.parse().ok());
    let Some(email) = emails.into_iter().find(|email| Some(email.id) == wanted) else {
        return Ok(Vec::new());
    };
    let address = email.address.clone();
    let bounced = app
        .store
        .read(move |tx| tx.bounces().standing(&address).map_err(Problem::from))
        .await?
        .map(|bounce| bounce.id);
    let letters = verification(app, &email, bounced)?.into_iter();
    Ok(letters.map(|letter| Letter { despite_bounce: true, ..letter }).collect())
}

/// Asks for control of an address to be shown, unless it was and no mail came back since.
fn verification(
    app: &App,
    email: &Email,
    bounced: Option<BounceId>,
) -> Result<Vec<Letter>, Problem> {
    if email.verified_at.is_some() && bounced.is_none() {
        return Ok(Vec::new());
    }
    let token = secrets::email_token(app.auth.mac_key()?, email.id, &email.address, bounced)?;
    let text = format!(
        "Somebody, probably you, gave this address for an LSSC account.\n\n\
         Token: {token}\n\n\
         Confirm that the address is yours with it at\n\
         POST {}/v1/email-verifications\n\n\
         If it was not you, do nothing.\n",
        app.public_url,
    );
    let to = email.address.clone();
    Ok(vec![Letter::of(to, "Confirm your e-mail address", text, "")])
}

fn addition(primary: &str, added: &str) -> Letter {
    let text = format!(
        "This e-mail address was added to your LSSC account:\n\n{added}\n\n\
         If it was not you, remove it and change your password.\n"
    );
    Letter::of(primary.to_owned(), "An address was added", text, "-notice")
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
    vec![Letter::of(before.to_owned(), "Your primary address changed", text, "-notice")]
}

/// Tells an institution what became of its order, with its invoice as it stands.
async fn order(app: &App, event: &Recorded) -> Result<Vec<Letter>, Problem> {
    let Ok(id) = event.subject.parse::<PurchaseOrderId>() else { return Ok(Vec::new()) };
    let found = app
        .store
        .read(move |tx| {
            let Some(order) = tx.purchase_orders().load(id).found()? else { return Ok(None) };
            let institution = tx.institutions().get(order.institution)?;
            let bill = tx.invoices().load(order.invoice)?;
            Ok::<_, Problem>(Some((order, institution, bill)))
        })
        .await?;
    let Some((order, institution, bill)) = found else { return Ok(Vec::new()) };
    let became = |outcome| order.lines.iter().filter(move |line| line.outcome == Some(outcome));
    let activated = u64::try_from(became(LineOutcome::Activated).count()).unwrap_or(u64::MAX);
    let credited: i64 = became(LineOutcome::Credited).map(|line| line.amount_cents).sum();
    let (number, total) = (&order.number, money(order.total_cents, &order.currency));
    let (subject, text) = match event.event_type.as_str() {
        PLACED => (
            "Your purchase order was accepted",
            format!(
                "Your purchase order {number} is accepted. Its invoice is {}, for\n{total}, due on {}. \
                 All accounts on it are activated once the\ninvoice is paid.\n",
                bill.number, bill.due_on,
            ),
        ),
        SETTLED => (
            "Your purchase order is paid",
            format!(
                "The invoice {} of your purchase order {number} is paid in full:\n{} on it {} \
                 activated.{}\n",
                bill.number,
                counted(activated, "account"),
                if activated == 1 { "is" } else { "are" },
                if credited == 0 {
                    String::new()
                } else {
                    let credit = money(credited, &order.currency);
                    format!(
                        "\n\n{credit} of it, meant for people who owe nothing any more, is your credit."
                    )
                },
            ),
        ),
        _ => (
            "Your purchase order was cancelled",
            format!(
                "Your purchase order {number} was cancelled. Its invoice {} is\nnot owed any more, and \
                 it pays for nobody.\n",
                bill.number,
            ),
        ),
    };
    Ok(vec![Letter::of(institution.email, subject, text, "")])
}

#[cfg(test)]
mod tests {
    use domain::{
        credential::CredentialEvent, event::Fact, merge::MergeEvent,
        organisation::OrganisationEvent, person::PersonEvent, purchase_order::OrderEvent,
    };

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
        let anew = PersonEvent::VerificationRequested {
            email: EmailId::from_bits(0),
            address: String::new(),
        };
        assert_eq!((reset.event_type(), anew.event_type()), (RESET, VERIFY));
        assert_eq!((added.event_type(), primary.event_type()), (ADDED, MADE_PRIMARY));
        assert!(OrganisationEvent::TYPES.contains(&INVITED));
        assert!(CredentialEvent::TYPES.contains(&QUOTA_TRIPPED));
        assert!(MergeEvent::TYPES.contains(&MERGED));
        assert!(domain::webhook::WebhookEvent::TYPES.contains(&STOPPED));
        for told in [PLACED, SETTLED, CANCELLED] {
            assert!(OrderEvent::TYPES.contains(&told), "{told}");
        }
    }
}
