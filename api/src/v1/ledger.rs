//! The ledger: accounts with their balances, postings, and the report of a period, held against the
//! invoices, payments and payouts.

mod accounts;
mod reconciliation;
mod report;
mod views;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    PostingId,
    access::{Action, Facts},
    ledger::Payer,
    program::{Program, ProgramCode},
};
use persistence::{LedgerFilter, Optional, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use accounts::*;
pub use reconciliation::*;
pub use report::*;
pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, Page, Query},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_ledger_accounts).service(list_ledger_postings).service(get_ledger_report);
}

/// The program that a query asks about, `lssc` when it does not say; 400 when there is none.
pub(crate) fn asked(tx: &mut Tx<'_>, code: Option<&ProgramCode>) -> Result<Program, Problem> {
    let code = code.cloned().unwrap_or_else(ProgramCode::lssc);
    let found = tx.programs().get(&code).found()?;
    found
        .ok_or_else(|| Problem::query("program", "unknown", format!("there is no program {code}.")))
}

/// The days that a query asks about, if they are in order; 400 otherwise.
pub(crate) fn period(
    from: Option<AsOf>,
    until: Option<AsOf>,
) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Problem> {
    let (from, until) = (from.map(|day| day.0), until.map(|day| day.0));
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        return Err(Problem::query("until", "order", "the last day lies before the first."));
    }
    Ok((from, until))
}

/// List the postings of the ledger
///
/// Oldest first. A posting is a list of transfers, each of one amount from the account that is credited
/// to the account that is debited: no posting can be out of balance, and none is ever changed. Amounts
/// are integer cents.
#[utoipa::path(tag = "Money", params(ListLedgerPostings),
    responses((status = 200, body = Listing<PostingView>)))]
#[get("/v1/ledger/postings")]
pub(crate) async fn list_ledger_postings(
    app: App,
    call: Call,
    query: Query<ListLedgerPostings>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListLedgerPostings, &Facts::default())?;
        let page = Page::<PostingId>::of(query.limit, query.cursor.as_ref())?;
        let (from, until) = period(query.from, query.until)?;
        let payer = match (query.person_id, query.institution_id) {
            (Some(_), Some(_)) => {
                let detail = "either person_id or institution_id, not both.";
                return Err(Problem::query("institution_id", "exclusive", detail));
            }
            (person, institution) => {
                person.map(Payer::Person).or_else(|| institution.map(Payer::Organisation))
            }
        };
        let filter = LedgerFilter {
            program: query.program.clone(),
            payer,
            account: query.account,
            invoice: query.invoice_id,
            from,
            until,
        };
        let rows = tx.ledger().postings(&filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, PostingView::from).reply(call))
    })
    .await
}
