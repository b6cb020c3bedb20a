//! Money: every act that moves some, with its events, its posting in the ledger and what follows from it.
//! Acts lock in this order: the invoice, its order, the payer (for credit), other invoices by id.

mod assistance;
mod credit;
mod payouts;
mod receipt;
mod returns;

use chrono::Datelike;
use domain::{
    ApplicationId, BadFact, InvoiceId, PersonId, PurchaseOrderId,
    event::Event,
    fees,
    invoice::{
        Invoice, InvoiceEvent, InvoiceLine, InvoiceState, Payment, PaymentMethod, invoice_number,
    },
    ledger::{self, LedgerEvent, Payer, Posting, PostingKind, Transfer},
    subscription::{Subscription, SubscriptionEvent},
};
use persistence::{Constraint, Error, Tx};

pub use assistance::*;
pub use credit::*;
pub use payouts::*;
pub use receipt::*;
pub use returns::*;

use super::{order, program::InForce, renewal};
use crate::problem::Problem;

/// An event of an invoice.
#[must_use]
pub fn event(invoice: &Invoice, fact: InvoiceEvent) -> Event<InvoiceEvent> {
    Event {
        program: Some(invoice.program.clone()),
        subject: invoice.id.to_string(),
        person: invoice.person(),
        fact,
    }
}

/// Saves an invoice with what happened to it.
pub fn save(tx: &mut Tx<'_>, mut invoice: Invoice, fact: InvoiceEvent) -> Result<Invoice, Problem> {
    tx.invoices().save(&mut invoice)?;
    tx.record(event(&invoice, fact))?;
    Ok(invoice)
}

/// What a posting is about, besides its transfers.
#[derive(Debug, Clone)]
pub struct About {
    /// What kind it is.
    pub kind: PostingKind,
    /// ISO 4217.
    pub currency: String,
    /// The invoice.
    pub invoice: Option<InvoiceId>,
    /// The id of what made it.
    pub source: String,
}

impl About {
    /// A posting about an invoice, made by `source`.
    #[must_use]
    pub fn invoice(kind: PostingKind, invoice: &Invoice, source: impl Into<String>) -> Self {
        let (currency, id) = (invoice.currency.clone(), Some(invoice.id));
        Self { kind, currency, invoice: id, source: source.into() }
    }
}

/// Posts transfers of today with their event; no transfers are no posting.
pub fn post(
    tx: &mut Tx<'_>,
    rules: &InForce,
    about: About,
    transfers: Vec<Transfer>,
) -> Result<(), Problem> {
    if transfers.is_empty() {
        return Ok(());
    }
    let posting = Posting {
        id: tx.new_id(),
        program: rules.program.code.clone(),
        kind: about.kind,
        currency: about.currency,
        posted_on: rules.today,
        invoice: about.invoice,
        source: about.source,
        transfers,
        recorded_by: tx.actor().to_owned(),
        recorded_at: tx.now(),
    };
    tx.ledger().post(&posting)?;
    let payers = posting.transfers.iter().flat_map(|one| [one.debit.payer, one.credit.payer]);
    let person = payers.flatten().find_map(Payer::person);
    tx.record(Event {
        program: Some(posting.program),
        subject: posting.id.to_string(),
        person,
        fact: LedgerEvent::Posted {
            kind: posting.kind,
            currency: posting.currency,
            posted_on: posting.posted_on,
            invoice: posting.invoice,
            source: posting.source,
            transfers: posting.transfers,
        },
    })?;
    Ok(())
}

/// An invoice to be issued.
#[derive(Debug, Clone)]
pub struct NewInvoice {
    /// Its id.
    pub id: InvoiceId,
    /// Who owes it.
    pub payer: Payer,
    /// The application whose fee it is.
    pub application: Option<ApplicationId>,
    /// The purchase order that it asks the payment of.
    pub order: Option<PurchaseOrderId>,
    /// What is owed.
    pub lines: Vec<InvoiceLine>,
    /// The day by which it is due; the policy's number of days from today otherwise.
    pub due_on: Option<chrono::NaiveDate>,
}

/// Issues an invoice, numbered without gaps. Granted enrollment assistance pays its part of an
/// application fee at once; a fee of nothing is settled at once.
pub fn issue(tx: &mut Tx<'_>, rules: &InForce, new: NewInvoice) -> Result<Invoice, Problem> {
    let total = fees::sum(new.lines.iter().map(|line| line.amount_cents));
    let Some(total_cents) = total else {
        return Err(BadFact::at("/items", "out_of_range", "The total is too large.").into());
    };
    let year = rules.today.year();
    let sequence = tx.counters().next(&rules.program.code, &format!("invoices-{year}"))?;
    let due = i64::from(rules.policy.fees.invoice_due_days);
    let invoice = Invoice {
        id: new.id,
        program: rules.program.code.clone(),
        number: invoice_number(&rules.program.code, year, sequence),
        payer: new.payer,
        application: new.application,
        order: new.order,
        lines: new.lines,
        total_cents,
        currency: rules.policy.fees.currency.clone(),
        issued_on: rules.today,
        due_on: new.due_on.unwrap_or_else(|| domain::calendar::add_days(rules.today, due)),
        voided_on: None,
        void_reason: None,
        member_credit: None,
        payments: Vec::new(),
        version: 1,
    };
    tx.invoices().insert(&invoice)?;
    let fact = InvoiceEvent::Issued {
        number: invoice.number.clone(),
        payer: invoice.payer,
        total_cents,
        currency: invoice.currency.clone(),
        lines: invoice.lines.clone(),
        due_on: invoice.due_on,
    };
    tx.record(event(&invoice, fact))?;
    let about = About::invoice(PostingKind::InvoiceIssued, &invoice, invoice.id.to_string());
    post(tx, rules, about, ledger::issue(&invoice))?;
    settled(tx, rules, &invoice)?;
    use_assistance(tx, rules, invoice)
}

/// The lines of fees for a person at the prices in force today: the member price where an ALA membership
/// is verified for today (FAQ 21).
pub fn priced(
    tx: &mut Tx<'_>,
    rules: &InForce,
    person: PersonId,
    items: &[fees::Item],
) -> Result<Vec<InvoiceLine>, Problem> {
    let mut memberships = tx.memberships().of(person)?;
    memberships.retain(|one| one.program == rules.program.code);
    let member = fees::member_finding(&memberships, rules.today).satisfied;
    let quote = fees::quote(member, items, &rules.policy.fees)?;
    let mut lines = lines(&quote, member);
    for line in &mut lines {
        let fee = rules.policy.fees.schedule.get(&line.code);
        line.member_unit_cents = fee.and_then(|fee| fee.member_price_cents);
    }
    Ok(lines)
}

/// The lines of a quote as those of an invoice.
#[must_use]
pub fn lines(quote: &fees::Quote, member: bool) -> Vec<InvoiceLine> {
    let line = |line: &fees::QuoteLine| InvoiceLine {
        code: line.code,
        quantity: line.quantity,
        unit_cents: line.unit_cents,
        amount_cents: line.amount_cents,
        member_price: member,
        member_unit_cents: None,
    };
    quote.lines.iter().map(line).collect()
}

/// Records what came in for an invoice: 409 where its reference is recorded already. What is more than
/// the balance becomes credit of who paid. What the invoice is for follows when it is paid in full.
pub fn receive(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    payment: Payment,
) -> Result<Invoice, Problem> {
    let paid = invoice.pay(payment)?;
    record(tx, rules, paid)
}

/// Pays a person's invoice by the purchase order that is paid in full.
pub fn receive_by_order(
    tx: &mut Tx<'_>,
    rules: &InForce,
    invoice: Invoice,
    order: PurchaseOrderId,
    payment: Payment,
) -> Result<Invoice, Problem> {
    let paid = invoice.pay_by_order(order, payment)?;
    record(tx, rules, paid)
}

fn record(
    tx: &mut Tx<'_>,
    rules: &InForce,
    (invoice, payment, fact): (Invoice, Payment, InvoiceEvent),
) -> Result<Invoice, Problem> {
    tx.invoices().insert_payment(&invoice, &payment).map_err(|error| match error {
        Error::Conflict(Constraint::CardReferencesOnce) => Problem::conflict(format!(
            "The money of the reference {} was taken as credit.",
            payment.reference
        )),
        Error::Conflict(Constraint::PaymentsReference | Constraint::PaymentsOnce) => {
            Problem::conflict(format!(
                "A payment by {} with the reference {} is recorded already.",
                payment.method, payment.reference
            ))
        }
        other => other.into(),
    })?;
    let invoice = save(tx, invoice, fact)?;
    let kind = match payment.method {
        PaymentMethod::Card | PaymentMethod::Check => PostingKind::PaymentReceived,
        PaymentMethod::PurchaseOrder => PostingKind::OrderApplied,
        PaymentMethod::Award => PostingKind::AssistanceApplied,
        PaymentMethod::Credit => PostingKind::CreditApplied,
    };
    let about = About::invoice(kind, &invoice, payment.id.to_string());
    post(tx, rules, about, ledger::pay(invoice.payer, &payment))?;
    settled(tx, rules, &invoice)?;
    Ok(invoice)
}

/// What follows when an invoice is paid in full, in the transaction that pays it: an application fee
/// activates the account subscription (FAQ 21), an order's invoice settles the order (FAQ 22), the fee of a
/// renewal may grant it (FAQ 19).
fn settled(tx: &mut Tx<'_>, rules: &InForce, invoice: &Invoice) -> Result<(), Problem> {
    if invoice.state() != InvoiceState::Paid || invoice.is_returned() {
        return Ok(());
    }
    match invoice.payer {
        Payer::Organisation(_) if invoice.order.is_some() => order::paid(tx, rules, invoice),
        Payer::Person(person) if invoice.application.is_some() => {
            if let Some(known) = tx.subscriptions().of_invoice(invoice.id)? {
                // It ended with a payment that was reversed, and the fee is settled again.
                if let Some((mut resumed, fact)) = known.resume(rules.today) {
                    tx.subscriptions().save(&mut resumed)?;
                    tx.record(subscription_event(&resumed, fact))?;
                }
                return Ok(());
            }
            let term = (rules.today, rules.policy.accounts.subscription_years);
            let program = invoice.program.clone();
            let (active, fact) =
                Subscription::activate(tx.new_id(), program, person, invoice.id, term);
            tx.subscriptions().insert(&active)?;
            tx.record(subscription_event(&active, fact))?;
            Ok(())
        }
        Payer::Person(_) => renewal::settled(tx, rules, invoice),
        Payer::Organisation(_) => Ok(()),
    }
}

/// An event of an account subscription.
#[must_use]
pub fn subscription_event(
    subscription: &Subscription,
    fact: SubscriptionEvent,
) -> Event<SubscriptionEvent> {
    Event {
        program: Some(subscription.program.clone()),
        subject: subscription.id.to_string(),
        person: Some(subscription.person),
        fact,
    }
}
