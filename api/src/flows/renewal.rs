//! Renewals: the acts that reach beyond them, to the certification, its activities and the fee. Each takes the
//! invoice first, where there is one, then the certification, the renewal, its activities by id.

use domain::{
    ActivityId, AppealId, BadFact, InvoiceId, RenewalId,
    certificate::Certification,
    decision::Refused,
    event::Event,
    fees,
    invoice::Invoice,
    ledger::Payer,
    policy::RenewalDecision,
    renewal::{self, Grant, LoggedActivity, Renewal, RenewalEvent, RenewalState, Submission},
};
use persistence::{Constraint, Error, Tx};

use super::{
    activity, award,
    money::{self, NewInvoice},
    program::InForce,
};
use crate::problem::Problem;

/// An event of a renewal.
fn event(renewal: &Renewal, fact: RenewalEvent) -> Event<RenewalEvent> {
    Event {
        program: Some(renewal.program.clone()),
        subject: renewal.id.to_string(),
        person: Some(renewal.person),
        fact,
    }
}

/// Saves a renewal with what happened to it.
fn save(tx: &mut Tx<'_>, (mut renewal, fact): (Renewal, RenewalEvent)) -> Result<Renewal, Problem> {
    tx.renewals().save(&mut renewal).map_err(once)?;
    tx.record(event(&renewal, fact))?;
    Ok(renewal)
}

/// 409 where another renewal of the term waits or was granted.
fn once(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::RenewalsOnce) => {
            Refused::State(vec![Renewal::once_finding(true)]).into()
        }
        other => other.into(),
    }
}

/// What a holder submits.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The activities that they chose, in their order.
    pub activities: Vec<ActivityId>,
    /// The last day of the term that they mean to renew, where they say so.
    pub expires_on: Option<chrono::NaiveDate>,
}

/// Submits the renewal of a certification, which is held: judged by the rules of the day, its activities used
/// from now on. Where there is no fee and the policy decides by itself, it is granted at once.
pub fn submit(
    tx: &mut Tx<'_>,
    rules: &InForce,
    certification: Certification,
    asked: &Asked,
) -> Result<Renewal, Problem> {
    let framework = activity::framework_of(tx, &certification)?;
    let chosen = chosen(tx, &certification, &asked.activities)?;
    let outcome = renewal::judge(&certification, &chosen, rules.today, (&framework, &rules.policy))
        .map_err(|bad| stored_is_bad(&certification, &bad))?;
    let waiting = tx.renewals().waiting(certification.id)?.is_some();
    let (mut renewal, fact) = Renewal::submit(Submission {
        id: tx.new_id(),
        certification: &certification,
        expected: asked.expires_on,
        waiting,
        activities: &chosen,
        outcome,
        policy_version: rules.policy_version,
        today: rules.today,
    })?;
    renewal.invoice = bill(tx, rules, &renewal)?;
    tx.renewals().insert(&renewal).map_err(once)?;
    tx.record(event(&renewal, fact))?;
    take(tx, &renewal)?;
    let free = renewal.invoice.is_none();
    if free && rules.policy.renewal.decision == RenewalDecision::Automatic {
        return grant_held(tx, rules, certification, renewal);
    }
    Ok(renewal)
}

/// These are stored facts: one that the rules call bad is a fault of the store, not of the caller.
fn stored_is_bad(certification: &Certification, bad: &[BadFact]) -> Problem {
    Problem::internal(format!("{}: stored facts are bad: {bad:?}", certification.id))
}

/// The activities of the ids, held, in the order in which they were chosen: 422 for one that is not in the log
/// of the certification, or is named twice.
fn chosen(
    tx: &mut Tx<'_>,
    certification: &Certification,
    ids: &[ActivityId],
) -> Result<Vec<LoggedActivity>, Problem> {
    let held = tx.activities().held(ids)?;
    let mut bad = Vec::new();
    let mut chosen = Vec::with_capacity(ids.len());
    for (place, id) in ids.iter().enumerate() {
        let pointer = format!("/activity_ids/{place}");
        let theirs = |one: &&LoggedActivity| {
            one.id == *id && one.certification == certification.id && one.removed_on.is_none()
        };
        match held.iter().find(theirs) {
            _ if ids.iter().take(place).any(|other| other == id) => {
                bad.push(BadFact::at(pointer, "duplicate", "The activity is named twice."));
            }
            Some(activity) => chosen.push(activity.clone()),
            None => {
                let detail = "There is no such activity in the log of the certification.";
                bad.push(BadFact::at(pointer, "unknown", detail));
            }
        }
    }
    if bad.is_empty() { Ok(chosen) } else { Err(bad.into()) }
}

/// Issues the invoice of the fee at the price in force today; none where it costs nothing.
fn bill(tx: &mut Tx<'_>, rules: &InForce, renewal: &Renewal) -> Result<Option<InvoiceId>, Problem> {
    let item = fees::Item { code: renewal.fee(), quantity: 1 };
    let lines = money::priced(tx, rules, renewal.person, &[item])?;
    if lines.iter().all(|line| line.amount_cents == 0) {
        return Ok(None);
    }
    let new = NewInvoice {
        id: tx.new_id(),
        payer: Payer::Person(renewal.person),
        application: None,
        order: None,
        lines,
        due_on: None,
    };
    Ok(Some(money::issue(tx, rules, new)?.id))
}

/// The renewal uses the activities that count in it: 409 where another one does.
fn take(tx: &mut Tx<'_>, renewal: &Renewal) -> Result<(), Problem> {
    let ids: Vec<_> = renewal.consumed().map(|line| line.activity).collect();
    tx.renewals().take(renewal.id, &ids).map_err(|error| match error {
        Error::Conflict(Constraint::RenewalActivitiesPk) => {
            Refused::State(vec![Renewal::activities_finding("used by another renewal")]).into()
        }
        other => Problem::from(other),
    })?;
    for activity in tx.activities().held(&ids)? {
        let line = renewal.consumed().find(|line| line.activity == activity.id);
        let minutes = line.map_or(0, |line| line.counted_minutes);
        tx.activities().save(&mut activity.consume(renewal.id, minutes))?;
    }
    Ok(())
}

/// The activities of a renewal are free again.
fn release(tx: &mut Tx<'_>, renewal: &Renewal) -> Result<(), Problem> {
    let ids = tx.renewals().give_back(renewal.id)?;
    for activity in tx.activities().held(&ids)? {
        tx.activities().save(&mut activity.release())?;
    }
    Ok(())
}

/// A renewal with what it stands on, held in the order of this module.
#[derive(Debug, Clone)]
pub struct Held {
    /// The renewal.
    pub renewal: Renewal,
    /// Its certification.
    pub certification: Certification,
    /// The invoice of its fee.
    pub invoice: Option<Invoice>,
}

impl Held {
    /// What a grant is judged on.
    #[must_use]
    pub fn grant(&self, today: chrono::NaiveDate) -> Grant {
        Grant {
            certification: self.certification.renewable_finding(today),
            fee: self.invoice.as_ref().map(|invoice| invoice.settled("renewal.fee_settled")),
            present_term: self.certification.term_number(),
        }
    }
}

/// Reads a renewal with what it stands on, and holds it in a write.
pub fn held(tx: &mut Tx<'_>, id: RenewalId) -> Result<Held, Problem> {
    let (invoice, certification) = tx.renewals().roots(id)?;
    let before = invoice.map(|id| tx.invoices().load(id)).transpose()?;
    let certification = tx.certifications().get(certification)?;
    let renewal = tx.renewals().get(id)?;
    // A remand bills anew: whoever waited for it reads on with the new invoice.
    let invoice = match renewal.invoice {
        now if now == invoice => before,
        now => now.map(|id| tx.invoices().load(id)).transpose()?,
    };
    Ok(Held { renewal, certification, invoice })
}

/// A renewal with what it stands on as it is now.
pub fn with(tx: &mut Tx<'_>, renewal: Renewal) -> Result<Held, Problem> {
    let certification = tx.certifications().get(renewal.certification)?;
    let invoice = renewal.invoice.map(|id| tx.invoices().load(id)).transpose()?;
    Ok(Held { renewal, certification, invoice })
}

/// The office grants a renewal: its fee must be settled.
pub fn grant(tx: &mut Tx<'_>, rules: &InForce, held: Held) -> Result<Renewal, Problem> {
    let grant = held.grant(rules.today);
    finish(tx, rules, held.certification, held.renewal, &grant)
}

/// Grants a renewal without a fee, or with one that is settled.
fn grant_held(
    tx: &mut Tx<'_>,
    rules: &InForce,
    certification: Certification,
    renewal: Renewal,
) -> Result<Renewal, Problem> {
    let held = Held { renewal, certification, invoice: None };
    grant(tx, rules, held)
}

fn finish(
    tx: &mut Tx<'_>,
    rules: &InForce,
    certification: Certification,
    renewal: Renewal,
    grant: &Grant,
) -> Result<Renewal, Problem> {
    let (id, submitted_on) = (renewal.id, renewal.submitted_on);
    let renewed = certification.renew(id, submitted_on, &rules.policy, rules.today);
    let granted = renewal.grant(grant, renewed.0.expires_on, rules.today)?;
    award::save(tx, renewed)?;
    save(tx, granted)
}

/// What follows when the fee of a renewal is paid in full: where the policy decides by itself, it is granted
/// in the same transaction. One whose certification was suspended or revoked meanwhile waits for the office.
pub fn settled(tx: &mut Tx<'_>, rules: &InForce, invoice: &Invoice) -> Result<(), Problem> {
    if rules.policy.renewal.decision != RenewalDecision::Automatic {
        return Ok(());
    }
    let Some((renewal, certification)) = tx.renewals().of_invoice(invoice.id)? else {
        return Ok(());
    };
    let certification = tx.certifications().get(certification)?;
    let renewal = tx.renewals().get(renewal)?;
    let stands = certification.renewable_finding(rules.today).satisfied;
    if stands && renewal.state == RenewalState::Submitted {
        grant_held(tx, rules, certification, renewal)?;
    }
    Ok(())
}

/// The office refuses a renewal: its activities are free again, what was paid goes back.
pub fn refuse(
    tx: &mut Tx<'_>,
    rules: &InForce,
    held: Held,
    reason: String,
) -> Result<Renewal, Problem> {
    let refused = save(tx, held.renewal.refuse(reason, rules.today)?)?;
    release(tx, &refused)?;
    if let Some(invoice) = refused.invoice {
        money::return_fee(tx, rules, invoice, "The renewal was refused.")?;
    }
    Ok(refused)
}

/// A renewal is withdrawn: its activities are free again, what is owed is owed no more.
pub fn withdraw(
    tx: &mut Tx<'_>,
    rules: &InForce,
    held: Held,
    reason: Option<String>,
) -> Result<Renewal, Problem> {
    let withdrawn = save(tx, held.renewal.withdraw(reason, rules.today)?)?;
    release(tx, &withdrawn)?;
    if let Some(invoice) = withdrawn.invoice {
        money::end(tx, rules, invoice, "The renewal was withdrawn.")?;
    }
    Ok(withdrawn)
}

/// Reopens a renewal whose refusal an appeal set aside: it waits for its decision again and uses its
/// activities again, 409 where another renewal used one meanwhile. The refusal returned the fee, so it is owed
/// anew, by another invoice at the price in force today.
pub fn reopen(
    tx: &mut Tx<'_>,
    rules: &InForce,
    held: Held,
    appeal: AppealId,
) -> Result<Renewal, Problem> {
    let invoice = bill(tx, rules, &held.renewal)?;
    let term = held.certification.term_number();
    let reopened = save(tx, held.renewal.reopen(appeal, term, invoice)?)?;
    take(tx, &reopened)?;
    Ok(reopened)
}
