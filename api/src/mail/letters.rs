//! What the mails say, and which events make them.

mod portfolio;

use domain::{
    EmailId, InvitationId, PersonId, PurchaseOrderId, ResetId, SupportEventId,
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
const ACTIVATED: &str = "subscription.activated";
const ENDS_SOON: &str = "subscription.ends_soon";
const PLACED: &str = "purchase_order.placed";
const SETTLED: &str = "purchase_order.settled";
const CANCELLED: &str = "purchase_order.cancelled";
const INVITED: &str = "organisation.user_invited";
const HELPED: &str = "help_request.answered";
const DROPPED: &str = "support_registration.event_cancelled";
const ASSIGNED: &str = "assignment.assigned";
const DUE_SOON: &str = "assignment.due_soon";
const MORE_INFORMATION: &str = "portfolio.more_information_requested";
const ACHIEVED: &str = "portfolio.achieved";
const NOT_ACHIEVED: &str = "portfolio.not_achieved";

/// The event types that make mails.
pub(super) fn wanted() -> Vec<String> {
    let people = [REGISTERED, ADDED, MADE_PRIMARY, RESET, ACTIVATED, ENDS_SOON];
    let organisations = [PLACED, SETTLED, CANCELLED, INVITED];
    let support = [HELPED, DROPPED];
    let portfolios = [ASSIGNED, DUE_SOON, MORE_INFORMATION, ACHIEVED, NOT_ACHIEVED];
    let all = people.into_iter().chain(organisations).chain(support).chain(portfolios);
    all.map(str::to_owned).collect()
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
        (ACTIVATED | ENDS_SOON, Some(person)) => {
            let emails = emails(app, person).await?;
            let primary = emails.iter().find(|email| email.is_primary);
            Ok(primary.and_then(|email| account(event, &email.address)).into_iter().collect())
        }
        (HELPED | DROPPED, Some(person)) => {
            let emails = emails(app, person).await?;
            let primary = emails.into_iter().find(|email| email.is_primary);
            let Some(primary) = primary else { return Ok(Vec::new()) };
            Ok(support(app, event, primary.address).await?.into_iter().collect())
        }
        (ASSIGNED | DUE_SOON | MORE_INFORMATION | ACHIEVED | NOT_ACHIEVED, Some(person)) => {
            let emails = emails(app, person).await?;
            let primary = emails.into_iter().find(|email| email.is_primary);
            let Some(primary) = primary else { return Ok(Vec::new()) };
            Ok(portfolio::letter(app, event, primary.address).await?.into_iter().collect())
        }
        (PLACED | SETTLED | CANCELLED, _) => order(app, event).await,
        (INVITED, _) => invitation(app, event).await,
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
    Ok(vec![Letter { to, subject: "You are invited to act for an organisation", text, mark: "" }])
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

/// Tells somebody that their account is active, or that it soon is not.
fn account(event: &Recorded, to: &str) -> Option<Letter> {
    let ends_on = field(event, "ends_on")?;
    let (subject, text) = if event.event_type == ACTIVATED {
        let text = format!(
            "Your application fee is settled, and your account in the\ncertification system is active \
             until {ends_on}.\n"
        );
        ("Your LSSC account is active", text)
    } else {
        let text = format!(
            "The subscription of your account in the certification system\nends on {ends_on}.\n"
        );
        ("Your LSSC account ends soon", text)
    };
    Some(Letter { to: to.to_owned(), subject, text, mark: "" })
}

/// Tells somebody that their request for help was answered, or that the event for which they registered was
/// cancelled.
async fn support(app: &App, event: &Recorded, to: String) -> Result<Option<Letter>, Problem> {
    if event.event_type == HELPED {
        let Some(answer) = field(event, "text") else { return Ok(None) };
        let text = format!("The office answered your request for help:\n\n{answer}\n");
        return Ok(Some(Letter { to, subject: "Your question is answered", text, mark: "" }));
    }
    let id: Option<SupportEventId> = field(event, "event").and_then(|id| id.parse().ok());
    let (Some(id), Some(reason)) = (id, field(event, "reason")) else { return Ok(None) };
    let found =
        app.store.read(move |tx| Ok::<_, Problem>(tx.support_events().get(id).found()?)).await?;
    Ok(found.map(|found| {
        let text = format!(
            "This event, for which you registered, is cancelled:\n\n{}, {}\n\n{reason}\n",
            found.details.title,
            found.details.starts_at.format("%Y-%m-%d %H:%M UTC"),
        );
        Letter { to, subject: "An event is cancelled", text, mark: "" }
    }))
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
    Ok(vec![Letter { to: institution.email, subject, text, mark: "" }])
}

#[cfg(test)]
mod tests {
    use domain::{
        credential::CredentialEvent,
        event::Fact,
        organisation::OrganisationEvent,
        person::PersonEvent,
        portfolio::{AssignmentEvent, PortfolioEvent},
        purchase_order::OrderEvent,
        subscription::SubscriptionEvent,
        support::SupportFact,
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
        assert_eq!(reset.event_type(), RESET);
        assert_eq!((added.event_type(), primary.event_type()), (ADDED, MADE_PRIMARY));
        let known = [SubscriptionEvent::TYPES, OrderEvent::TYPES].concat();
        assert!(OrganisationEvent::TYPES.contains(&INVITED));
        assert!([ASSIGNED, DUE_SOON].iter().all(|told| AssignmentEvent::TYPES.contains(told)));
        let outcomes = [MORE_INFORMATION, ACHIEVED, NOT_ACHIEVED];
        assert!(outcomes.iter().all(|told| PortfolioEvent::TYPES.contains(told)));
        assert!([HELPED, DROPPED].iter().all(|told| SupportFact::TYPES.contains(told)));
        for told in [ACTIVATED, ENDS_SOON, PLACED, SETTLED, CANCELLED] {
            assert!(known.contains(&told), "{told}");
        }
    }
}
