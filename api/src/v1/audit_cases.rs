//! Renewals that audits drew: documents, and what the office finds (set).

mod views;

use actix_web::{get, post};
use domain::{
    AuditCaseId, BadFact,
    access::{Action, Facts},
    program::ProgramCode,
    renewal::audit::{AuditCase, AuditOutcome},
};
use persistence::AuditCaseFilter;
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{audit, program},
    problem::Problem,
    v1::fields::no_cards,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_audit_cases)
        .service(get_audit_case)
        .service(submit_audit_documents)
        .service(decide_audit_case);
}

fn facts(case: &AuditCase) -> Facts {
    Facts::of_person(case.person)
}

/// List renewals that audits drew
///
/// Staff see everybody's, the first one drawn first: with `status=documented` or `status=overdue` those that
/// wait for the office. Holders see their own.
#[utoipa::path(tag = "Renewals", params(ListAuditCases),
    responses((status = 200, body = Listing<AuditCaseView>)))]
#[get("/v1/audit-cases")]
pub(crate) async fn list_audit_cases(
    app: App,
    call: Call,
    query: Query<ListAuditCases>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListAuditCases)?;
            let page = Page::<AuditCaseId>::of(query.limit, query.cursor.as_ref())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let Some(program) = program::asked(tx, &code)? else {
                return Ok(Listing::empty().reply(call));
            };
            let today = app.today(&program);
            let mut filter = AuditCaseFilter {
                program: Some(code),
                audit: query.renewal_audit_id,
                person: query.person_id,
                status: query.status.map(|status| (status, today)),
            };
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let rows = tx.audit_cases().list(&filter, page.rows())?;
            let view = |row| AuditCaseView::of(row, today, call.caller());
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
}

/// Read the audit of a renewal
///
/// Without documents by their day it is overdue, which is computed.
#[utoipa::path(tag = "Renewals", responses((status = 200, body = AuditCaseView)))]
#[get("/v1/audit-cases/{audit_case_id}")]
pub(crate) async fn get_audit_case(
    app: App,
    call: Call,
    id: PathOf<AuditCaseId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let case = tx.audit_cases().get(*id)?;
            call.allow(Action::GetAuditCase, &facts(&case))?;
            let today = program::today(&app, tx, &case.program)?;
            let version = case.version;
            let view = AuditCaseView::of(case, today, call.caller());
            Ok(seen.answer(Reply::ok(&view).etag_of_all(version).private()))
        })
        .await
}

/// Hand in what an audit asks for
///
/// A text and one's own files (purpose `evidence`), until the office has decided; what comes after its day is
/// taken and told as late. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Renewals", request_body = SubmitAuditDocuments,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AuditCaseView)))]
#[post("/v1/audit-cases/{audit_case_id}/documents")]
pub(crate) async fn submit_audit_documents(
    app: App,
    call: Call,
    id: PathOf<AuditCaseId>,
    body: Body<SubmitAuditDocuments>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let case = tx.audit_cases().get(*id)?;
            call.allow(Action::SubmitAuditDocuments, &facts(&case))?;
            let body = body.get()?;
            body.check()?;
            let today = program::today(&app, tx, &case.program)?;
            let text = body.text.clone().map(String::from);
            let case = audit::hand_in(tx, case, text, body.attachment_ids.clone(), today)?;
            Ok(Reply::ok(&AuditCaseView::of(case, today, call.caller())).private())
        })
        .await
}

/// Decide the audit of a renewal
///
/// `passed` on documents, `failed` on documents or when they are overdue, with a reason: 409 with the finding
/// `audit.state` otherwise. The renewal stays granted: whether the certification is suspended or revoked is
/// another decision of the office. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Renewals", request_body = DecideAuditCase,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AuditCaseView)))]
#[post("/v1/audit-cases/{audit_case_id}/finding")]
pub(crate) async fn decide_audit_case(
    app: App,
    call: Call,
    id: PathOf<AuditCaseId>,
    body: Body<DecideAuditCase>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let case = tx.audit_cases().get(*id)?;
            call.allow(Action::DecideAuditCase, &facts(&case))?;
            let body = body.get()?;
            let reason = body.reason.clone().map(String::from);
            if body.outcome == AuditOutcome::Failed && reason.is_none() {
                return Err(BadFact::at("/reason", "required", "Say why it failed.").into());
            }
            no_cards([("/reason", reason.as_deref().unwrap_or_default())])?;
            let today = program::today(&app, tx, &case.program)?;
            let case = audit::decide(tx, case, (body.outcome, reason), today)?;
            Ok(Reply::ok(&AuditCaseView::of(case, today, call.caller())).private())
        })
        .await
}
