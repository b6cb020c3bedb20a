//! Exports: records in chunks, of those of which the asker may be told.

mod catalog;
mod judged;
mod money;
mod organisations;
mod standing;

use domain::{
    ClientId, PersonId,
    access::Caller,
    export::ExportKind,
    id::{Id, Kind},
    import::RecordKind,
    program::ProgramCode,
};
use persistence::{Page, Tx};
use serde_json::Value;

use super::import;
use crate::{app::App, problem::Problem};

/// The cells of one record, one a column; null where it has nothing to say.
pub(crate) type Cells = Vec<Value>;

/// Of what an asker may be told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    programs: Vec<ProgramCode>,
    client: Option<ClientId>,
}

impl Sight {
    /// What a caller may be told: a confined machine of its programs alone, any machine of its own accounts.
    pub(crate) fn of(caller: &Caller) -> Self {
        Self { programs: caller.programs.clone(), client: caller.client() }
    }
    /// The machine, if it is one.
    pub(super) fn client(&self) -> Option<ClientId> {
        self.client
    }
    /// The programs; none = every one.
    pub(super) fn programs(&self) -> Option<Vec<ProgramCode>> {
        Some(self.programs.clone()).filter(|programs| !programs.is_empty())
    }
    fn sees(&self, program: &ProgramCode) -> bool {
        self.programs.is_empty() || self.programs.contains(program)
    }
}

/// One record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Of whom it tells.
    pub(crate) person: Option<PersonId>,
    /// What it tells.
    pub(crate) cells: Cells,
}

/// Some records in the order of their ids.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// Those of which the asker may be told.
    pub(crate) records: Vec<Record>,
    /// Where the next chunk begins; none after the last one.
    pub(crate) last: Option<u128>,
}

impl Chunk {
    /// The records of rows, each with its program and whose it is.
    pub(super) fn of<T>(
        sight: &Sight,
        rows: &[T],
        place: impl Fn(&T) -> u128,
        told: impl Fn(&T) -> Result<(ProgramCode, Option<PersonId>, Cells), Problem>,
    ) -> Result<Self, Problem> {
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let (program, person, cells) = told(row)?;
            if sight.sees(&program) {
                records.push(Record { person, cells });
            }
        }
        Ok(Self { records, last: rows.last().map(place) })
    }
    /// Of whom it tells.
    pub(crate) fn people(&self) -> impl Iterator<Item = PersonId> {
        self.records.iter().filter_map(|record| record.person)
    }
}

/// The columns of a kind of records, in the order in which they go out.
#[must_use]
pub(crate) const fn columns(kind: ExportKind) -> &'static [&'static str] {
    match kind {
        ExportKind::People => import::columns(RecordKind::People),
        ExportKind::Applications => import::columns(RecordKind::Applications),
        ExportKind::Completions => import::columns(RecordKind::Completions),
        ExportKind::Activities => import::columns(RecordKind::Activities),
        ExportKind::Memberships => import::columns(RecordKind::Memberships),
        ExportKind::Accounts => standing::ACCOUNTS,
        ExportKind::Candidacies => standing::CANDIDACIES,
        ExportKind::Achievements => standing::ACHIEVEMENTS,
        ExportKind::Certifications => standing::CERTIFICATIONS,
        ExportKind::Renewals => standing::RENEWALS,
        ExportKind::Subscriptions => standing::SUBSCRIPTIONS,
        ExportKind::Portfolios => judged::PORTFOLIOS,
        ExportKind::Graduates => judged::GRADUATES,
        ExportKind::Appeals => judged::APPEALS,
        ExportKind::Invoices => money::INVOICES,
        ExportKind::Payments => money::PAYMENTS,
        ExportKind::PurchaseOrders => money::PURCHASE_ORDERS,
        ExportKind::Payouts => money::PAYOUTS,
        ExportKind::Providers => catalog::PROVIDERS,
        ExportKind::Courses => catalog::COURSES,
        ExportKind::Offerings => catalog::OFFERINGS,
        ExportKind::Institutions => organisations::INSTITUTIONS,
        ExportKind::Colleges => organisations::COLLEGES,
        ExportKind::Agreements => organisations::AGREEMENTS,
    }
}

/// Some records after a place.
pub(crate) fn page(
    app: &App,
    tx: &mut Tx<'_>,
    kind: ExportKind,
    sight: &Sight,
    (after, limit): (Option<u128>, i64),
) -> Result<Chunk, Problem> {
    let mut taken = |kind| import::page(tx, kind, sight, (after, limit));
    match kind {
        ExportKind::People => taken(RecordKind::People),
        ExportKind::Applications => taken(RecordKind::Applications),
        ExportKind::Completions => taken(RecordKind::Completions),
        ExportKind::Activities => taken(RecordKind::Activities),
        ExportKind::Memberships => taken(RecordKind::Memberships),
        ExportKind::Accounts => standing::accounts(tx, sight, of(after, limit)),
        ExportKind::Candidacies => standing::candidacies(app, tx, sight, of(after, limit)),
        ExportKind::Achievements => standing::achievements(tx, sight, of(after, limit)),
        ExportKind::Certifications => standing::certifications(app, tx, sight, of(after, limit)),
        ExportKind::Renewals => standing::renewals(tx, sight, of(after, limit)),
        ExportKind::Subscriptions => standing::subscriptions(tx, sight, of(after, limit)),
        ExportKind::Portfolios => judged::portfolios(tx, sight, of(after, limit)),
        ExportKind::Graduates => judged::graduates(tx, sight, of(after, limit)),
        ExportKind::Appeals => judged::appeals(tx, sight, of(after, limit)),
        ExportKind::Invoices => money::invoices(tx, sight, of(after, limit)),
        ExportKind::Payments => money::payments(tx, sight, of(after, limit)),
        ExportKind::PurchaseOrders => money::purchase_orders(tx, sight, of(after, limit)),
        ExportKind::Payouts => money::payouts(tx, sight, of(after, limit)),
        ExportKind::Providers => catalog::providers(tx, sight, of(after, limit)),
        ExportKind::Courses => catalog::courses(tx, sight, of(after, limit)),
        ExportKind::Offerings => catalog::offerings(tx, sight, of(after, limit)),
        ExportKind::Institutions => organisations::institutions(tx, sight, of(after, limit)),
        ExportKind::Colleges => organisations::colleges(tx, sight, of(after, limit)),
        ExportKind::Agreements => organisations::agreements(tx, sight, of(after, limit)),
    }
}

/// A page that begins behind a place.
pub(super) fn of<K: Kind>(after: Option<u128>, limit: i64) -> Page<Id<K>> {
    Page { after: after.map(Id::from_bits), limit }
}
