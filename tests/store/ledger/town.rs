//! A town of two people and a library, and what the flows do with money, done by hand.

use chrono::NaiveDate;
use domain::{
    ApplicationId, InvoiceId, OrganisationId, PersonId, PurchaseOrderId,
    application::{Application, ApplicationState, Statements},
    event::Event,
    institution::Institution,
    invoice::{Invoice, InvoiceLine, InvoiceState, Payment, PaymentMethod, invoice_number},
    ledger::{self, LedgerEvent, Payer, Posting, PostingKind, Transfer},
    person::{Email, Person},
    policy::FeeCode,
    program::{Program, ProgramCode},
    subscription::Subscription,
};
use persistence::{Error, Page, Store, Tx};

use crate::support::database::{noon, stamp};

pub(super) fn today() -> NaiveDate {
    noon().date_naive()
}

pub(super) fn first<I>() -> Page<I> {
    Page { after: None, limit: 1_000 }
}

/// A person with an address and a submitted application.
pub(super) fn person(tx: &mut Tx<'_>, name: &str) -> Result<Applicant, Error> {
    let person = Person {
        id: tx.new_id(),
        given_name: name.to_owned(),
        family_name: "Reader".to_owned(),
        created_at: tx.now(),
        life: domain::life::Life::default(),
        version: 1,
    };
    tx.people().insert(&person)?;
    let email = Email {
        id: tx.new_id(),
        person: person.id,
        address: format!("{name}@example.org"),
        is_primary: true,
        verified_at: None,
    };
    tx.people().insert_email(&email)?;
    let application = Application {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        person: person.id,
        state: ApplicationState::Submitted,
        statements: Statements::default(),
        information_requested: None,
        invoice: None,
        created_at: tx.now(),
        submitted_on: Some(today()),
        decision: None,
        candidacy: None,
        version: 1,
    };
    tx.applications().insert(&application)?;
    Ok((person.id, application.id))
}

/// A person with their application.
pub(super) type Applicant = (PersonId, ApplicationId);

/// Two people and an institution.
#[derive(Clone, Copy)]
pub(super) struct Town {
    pub(super) ann: Applicant,
    pub(super) ben: Applicant,
    pub(super) library: OrganisationId,
}

pub(super) fn institution(tx: &Tx<'_>, name: &str) -> Institution {
    Institution {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        name: name.to_owned(),
        address: vec!["1 Main Street".to_owned()],
        email: "office@example.org".to_owned(),
        version: 1,
    }
}

pub(super) async fn town(store: &Store) -> Town {
    let settle = |tx: &mut Tx<'_>| {
        tx.programs().insert(&Program {
            code: ProgramCode::lssc(),
            name: "Library Support Staff Certification".to_owned(),
            zone: "America/Chicago".to_owned(),
            parent: None,
        })?;
        let library = institution(tx, "Riverside Public Library");
        tx.institutions().insert(&library)?;
        Ok::<_, Error>(Town {
            ann: person(tx, "Ann")?,
            ben: person(tx, "Ben")?,
            library: library.id,
        })
    };
    store.write(stamp(), settle).await.unwrap()
}

pub(super) fn line(cents: i64) -> InvoiceLine {
    InvoiceLine {
        code: FeeCode::Application,
        quantity: 1,
        unit_cents: cents,
        amount_cents: cents,
        member_price: false,
        member_unit_cents: None,
    }
}

/// Posts with its event, as the flows do.
pub(super) fn post(
    tx: &mut Tx<'_>,
    kind: PostingKind,
    (invoice, source): (Option<InvoiceId>, String),
    transfers: Vec<Transfer>,
) -> Result<(), Error> {
    let posting = Posting {
        id: tx.new_id(),
        program: ProgramCode::lssc(),
        kind,
        currency: "USD".to_owned(),
        posted_on: today(),
        invoice,
        source,
        transfers,
        recorded_by: tx.actor().to_owned(),
        recorded_at: tx.now(),
    };
    tx.ledger().post(&posting)?;
    tx.record(Event {
        program: Some(posting.program),
        subject: posting.id.to_string(),
        person: None,
        fact: LedgerEvent::Posted {
            kind,
            currency: posting.currency,
            posted_on: posting.posted_on,
            invoice,
            source: posting.source,
            transfers: posting.transfers,
        },
    })
}

pub(super) fn issue(
    tx: &mut Tx<'_>,
    payer: Payer,
    (application, order): (Option<ApplicationId>, Option<PurchaseOrderId>),
    cents: i64,
) -> Result<Invoice, Error> {
    let id: InvoiceId = tx.new_id();
    let lssc = ProgramCode::lssc();
    let sequence = tx.counters().next(&lssc, "invoices-2026")?;
    let invoice = Invoice {
        id,
        program: ProgramCode::lssc(),
        number: invoice_number(&lssc, 2026, sequence),
        payer,
        application,
        order,
        lines: vec![line(cents)],
        total_cents: cents,
        currency: "USD".to_owned(),
        issued_on: today(),
        due_on: today(),
        voided_on: None,
        void_reason: None,
        member_credit: None,
        payments: Vec::new(),
        version: 1,
    };
    tx.invoices().insert(&invoice)?;
    let about = (Some(id), id.to_string());
    post(tx, PostingKind::InvoiceIssued, about, ledger::issue(&invoice))?;
    Ok(invoice)
}

/// What came in by card or check, before it meets an invoice.
pub(super) fn money(
    tx: &Tx<'_>,
    method: PaymentMethod,
    reference: &str,
    by: Payer,
    cents: i64,
) -> Payment {
    Payment {
        id: tx.new_id(),
        method,
        reference: reference.to_owned(),
        paid_by: by,
        amount_cents: 0,
        received_cents: cents,
        refunded_cents: 0,
        received_on: today(),
        recorded_by: tx.actor().to_owned(),
        recorded_at: tx.now(),
        reversed: None,
        order: None,
    }
}

pub(super) fn pay(tx: &mut Tx<'_>, invoice: InvoiceId, payment: Payment) -> Result<Invoice, Error> {
    let invoice = tx.invoices().load(invoice)?;
    let (mut invoice, payment, _fact) = invoice.pay(payment).unwrap();
    tx.invoices().insert_payment(&invoice, &payment)?;
    tx.invoices().save(&mut invoice)?;
    let about = (Some(invoice.id), payment.id.to_string());
    post(tx, PostingKind::PaymentReceived, about, ledger::pay(invoice.payer, &payment))?;
    activate(tx, &invoice)?;
    Ok(invoice)
}

/// What follows when a person's application fee is paid in full.
pub(super) fn activate(tx: &mut Tx<'_>, invoice: &Invoice) -> Result<(), Error> {
    if let (Some(person), InvoiceState::Paid) = (invoice.person(), invoice.state()) {
        let term = (today(), 4);
        let (active, _fact) =
            Subscription::activate(tx.new_id(), ProgramCode::lssc(), person, invoice.id, term);
        tx.subscriptions().insert(&active)?;
    }
    Ok(())
}

/// Ann owes 325.00, pays 100.00 by card and 300.00 by check: 75.00 becomes her credit.
pub(super) async fn ann_pays_too_much(store: &Store, town: &Town) -> InvoiceId {
    let (ann, application) = town.ann;
    let payer = Payer::Person(ann);
    let pays = move |tx: &mut Tx<'_>| {
        let invoice = issue(tx, payer, (Some(application), None), 32_500)?;
        let card = money(tx, PaymentMethod::Card, "card-1", payer, 10_000);
        pay(tx, invoice.id, card)?;
        let check = money(tx, PaymentMethod::Check, "17", payer, 30_000);
        pay(tx, invoice.id, check)?;
        Ok::<_, Error>(invoice.id)
    };
    store.write(stamp(), pays).await.unwrap()
}

/// The sentences of the broken invariants of money.
pub(super) async fn broken(store: &Store) -> Vec<&'static str> {
    let broken = store.verify().await.unwrap();
    broken.iter().filter(|one| one.id == "I4").map(|one| one.sentence).collect()
}

/// Writes with the stamp of the tests.
pub(super) async fn writes<T: Send + 'static>(
    store: &Store,
    act: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    store.write(stamp(), act).await
}
