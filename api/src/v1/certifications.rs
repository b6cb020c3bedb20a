//! Certifications (FAQ 19, 20).

mod condition;
mod document;
mod measures;
mod views;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    CertificationId,
    access::{Action, Caller, Facts},
    certificate::{
        Certification,
        selection::{Selection, Window},
    },
    program::ProgramCode,
};
use persistence::{CertificationFilter, Place, Tx};

pub(crate) use condition::shown;
pub use condition::*;
pub use document::*;
pub use measures::*;
pub use views::*;

use super::candidacies::AsOfQuery;
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, IfNoneMatch, Page, PathOf, Query},
    flows::program,
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_certifications)
        .service(get_certification)
        .service(get_certificate_document)
        .service(meet_condition)
        .service(suspend_certification)
        .service(reinstate_certification)
        .service(revoke_certification)
        .service(reverse_measure);
}

/// The answer to an award.
pub(crate) fn created(awarded: Certification, today: NaiveDate, caller: &Caller) -> Reply {
    let location = format!("/v1/certifications/{}", awarded.id);
    let view = CertificationView::of(awarded, today, today, caller);
    Reply::created(location, &view).etag(1).private()
}

/// List certifications
///
/// Staff see everybody's, holders their own: the oldest award first, but what expires first among those that
/// are active, in grace or can be renewed, and what lapsed, was revoked or has to meet its condition first
/// among those. The status is that of `as_of`, whichever day that is.
#[utoipa::path(tag = "Candidates", params(ListCertifications),
    responses((status = 200, body = Listing<CertificationView>)))]
#[get("/v1/certifications")]
pub(crate) async fn list_certifications(
    app: App,
    call: Call,
    query: Query<ListCertifications>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListCertifications)?;
            let page = Page::<Place<CertificationId>>::of(query.limit, query.cursor.as_ref())?;
            let code = call.caller().program_of(query.program.as_ref());
            let Some(code) = code else { return Ok(Listing::empty().reply(call)) };
            let Some(program) = program::asked(tx, &code)? else {
                return Ok(Listing::empty().reply(call));
            };
            let today = app.today(&program);
            let day = AsOf::or(query.as_of, today);
            let mut filter = CertificationFilter { program: Some(code), person: query.person_id };
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let selection = selection(tx, &program.code, &query, day)?;
            let rows = tx.certifications().select(&filter, &selection, page.rows())?;
            let place = |row: &Certification| Place { day: selection.key(row), id: row.id };
            let view = |row: Certification| {
                call.discloses([row.person]);
                CertificationView::of(row, day, today, call.caller())
            };
            Ok(page.listing(rows, place, view).reply(call))
        })
        .await
}

/// What the query selects on `day`, within the widest renewal window that the program has had.
fn selection(
    tx: &mut Tx<'_>,
    program: &ProgramCode,
    query: &ListCertifications,
    day: NaiveDate,
) -> Result<Selection, Problem> {
    if query.status.is_none() && query.renewal_open.is_none() {
        return Ok(Selection::all(day));
    }
    let policies = tx.programs().policies(program)?;
    let window = Window::widest(policies.iter().map(|version| &version.policy));
    Ok(Selection::on(day, query.status, query.renewal_open, window))
}

/// Read a certification
#[utoipa::path(tag = "Candidates", params(AsOfQuery),
    responses((status = 200, body = CertificationView)))]
#[get("/v1/certifications/{certification_id}")]
pub(crate) async fn get_certification(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    query: Query<AsOfQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let certification = tx.certifications().get(*id)?;
            let facts = Facts::of_person(certification.person);
            call.allow_in(Action::GetCertification, &facts, &certification.program)?;
            call.discloses([certification.person]);
            let today = program::today(&app, tx, &certification.program)?;
            let day = AsOf::or(query.as_of, today);
            let tag = format!("\"v{}-{day}\"", certification.version);
            let view = CertificationView::of(certification, day, today, call.caller());
            Ok(seen.answer(Reply::ok(&view).header("ETag", tag).private()))
        })
        .await
}
