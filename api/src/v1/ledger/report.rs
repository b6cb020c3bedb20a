//! The report of a period, and what it is held against.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
    calendar,
    ledger::AccountKind,
    program::ProgramCode,
    word::Word,
};
use persistence::Tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    accounts::{AccountClass, added, described, sums},
    asked, period,
    reconciliation::{ReconciliationView, reconciliation},
};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    csv::{Cell, Format},
    extract::{AsOf, Query},
    openapi::words::one_of,
    problem::Problem,
};

/// One account in the period. Balances are debits less credits. Amounts are integer cents.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct AccountReport {
    /// The account.
    #[schema(schema_with = one_of::<AccountKind>)]
    pub account: AccountKind,
    /// What it is.
    #[schema(schema_with = one_of::<AccountClass>)]
    pub class: AccountClass,
    /// Its balance before the period.
    pub opening_cents: i64,
    /// The debits of the period.
    pub debit_cents: i64,
    /// The credits of the period.
    pub credit_cents: i64,
    /// Its balance at the end.
    pub closing_cents: i64,
}

/// The sums over all accounts: the balances are 0 and the debits are the credits. Amounts are integer
/// cents.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct ReportTotals {
    /// Of the balances before the period: 0.
    #[schema(example = 0)]
    pub opening_cents: i64,
    /// Of the debits.
    pub debit_cents: i64,
    /// Of the credits.
    pub credit_cents: i64,
    /// Of the balances at the end: 0.
    #[schema(example = 0)]
    pub closing_cents: i64,
}

/// The ledger in a period. Amounts are integer cents of `currency`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerReportView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// Every account, in the order of the chart.
    pub accounts: Vec<AccountReport>,
    /// The sums over all accounts.
    pub totals: ReportTotals,
    /// The ledger held against the records.
    pub reconciliation: Vec<ReconciliationView>,
    /// Whether the ledger is in balance and agrees with the records to the cent.
    pub reconciles: bool,
}

/// Which period is reported, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetLedgerReport {
    /// The program's code; `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// The first day; the first of `until`'s year when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<AsOf>,
    /// The last day; today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub until: Option<AsOf>,
    /// How it is answered.
    pub format: Option<Format>,
}

/// Report a period of the ledger
///
/// For each account the balance before the period, its debits and credits, and the balance at the end;
/// balances are debits less credits, so that all of them sum to 0. `reconciliation` holds the ledger
/// against the invoices, payments and payouts, which are summed on their own: every difference is 0.
/// Postings count on the day on which they were recorded. Amounts are integer cents; in CSV
/// (`format=csv`), money is in units with two decimals.
#[utoipa::path(tag = "Money", params(GetLedgerReport),
    responses((status = 200, description = "The report.",
        content((LedgerReportView = "application/json"), (String = "text/csv")))))]
#[get("/v1/ledger/report")]
pub(crate) async fn get_ledger_report(
    app: App,
    call: Call,
    query: Query<GetLedgerReport>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.allow(Action::GetLedgerReport, &Facts::default())?;
            let program = asked(tx, query.program.as_ref())?;
            let today = app.today(&program);
            let policy = tx.programs().policy_on(&program.code, today)?.policy;
            let until = AsOf::or(query.until, today);
            let from = query.from.or_else(|| first_of_year(until).map(AsOf));
            let (from, _) = period(from, Some(AsOf(until)))?;
            let from = from.unwrap_or(until);
            let report = report(tx, program.code, policy.fees.currency, (from, until))?;
            Ok(match query.format.unwrap_or_default() {
                Format::Json => Reply::ok(&report).private(),
                Format::Csv => csv(&report),
            })
        })
        .await
}

fn first_of_year(day: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(chrono::Datelike::year(&day), 1, 1)
}

fn report(
    tx: &mut Tx<'_>,
    program: ProgramCode,
    currency: String,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<LedgerReportView, Problem> {
    let before = tx.books().moved(&program, None, calendar::add_days(from, -1))?;
    let within = tx.books().moved(&program, Some(from), until)?;
    let records = tx.books().recorded(&program, Some(from), until)?;
    let (opening, sums) = (sums(&before)?, sums(&within)?);
    let mut accounts = Vec::with_capacity(AccountKind::ALL.len());
    let mut totals = ReportTotals::default();
    for kind in AccountKind::ALL {
        let opening_cents = opening.get(kind).copied().unwrap_or_default().balance_cents();
        let sum = sums.get(kind).copied().unwrap_or_default();
        let closing_cents = added(opening_cents, sum.balance_cents())?;
        totals.opening_cents = added(totals.opening_cents, opening_cents)?;
        totals.debit_cents = added(totals.debit_cents, sum.debit_cents)?;
        totals.credit_cents = added(totals.credit_cents, sum.credit_cents)?;
        totals.closing_cents = added(totals.closing_cents, closing_cents)?;
        accounts.push(AccountReport {
            account: *kind,
            class: described(*kind).0,
            opening_cents,
            debit_cents: sum.debit_cents,
            credit_cents: sum.credit_cents,
            closing_cents,
        });
    }
    let closing =
        |kind| accounts.iter().find(|one| one.account == kind).map_or(0, |one| one.closing_cents);
    let ends = (closing(AccountKind::Receivable), closing(AccountKind::Payable).saturating_neg());
    let reconciliation = reconciliation(&within, ends, &records);
    let balanced = totals.opening_cents == 0
        && totals.closing_cents == 0
        && totals.debit_cents == totals.credit_cents;
    let reconciles = balanced && reconciliation.iter().all(|one| one.difference_cents == 0);
    Ok(LedgerReportView {
        program,
        currency,
        from,
        until,
        accounts,
        totals,
        reconciliation,
        reconciles,
    })
}

/// The report as a spreadsheet takes it: the accounts, their totals, then the reconciliation.
fn csv(report: &LedgerReportView) -> Reply {
    const HEADER: &[&str] = &[
        "part",
        "name",
        "class",
        "opening",
        "debit",
        "credit",
        "closing",
        "ledger",
        "records",
        "difference",
        "currency",
    ];
    let money = Cell::money;
    let currency = || Cell::text(&report.currency);
    let account = |one: &AccountReport| {
        let figures = [one.opening_cents, one.debit_cents, one.credit_cents, one.closing_cents];
        let name = [Cell::text("account"), Cell::text(one.account), Cell::text(one.class)];
        let nothing = [Cell::empty(), Cell::empty(), Cell::empty(), currency()];
        name.into_iter().chain(figures.map(money)).chain(nothing).collect::<Vec<_>>()
    };
    let sums = report.totals;
    let sums = [sums.opening_cents, sums.debit_cents, sums.credit_cents, sums.closing_cents];
    let total = [Cell::text("total"), Cell::text("all"), Cell::empty()]
        .into_iter()
        .chain(sums.map(money))
        .chain([Cell::empty(), Cell::empty(), Cell::empty(), currency()])
        .collect();
    let held = |one: &ReconciliationView| {
        let figures = [one.ledger_cents, one.records_cents, one.difference_cents];
        let name = [Cell::text("reconciliation"), Cell::text(one.item)];
        let nothing = std::iter::repeat_with(Cell::empty).take(5);
        name.into_iter().chain(nothing).chain(figures.map(money)).chain([currency()]).collect()
    };
    let rows = report.accounts.iter().map(account).chain([total]);
    let rows = rows.chain(report.reconciliation.iter().map(held));
    Reply::csv(&format!("ledger-{}-{}.csv", report.from, report.until), HEADER, rows)
}
