//! Changes of signed agreements: asked for, reviewed like the first text, adopted as the next version.

use actix_web::post;
use domain::{AgreementId, access::Action, agreement::AgreementAct, decision::Refused};

use super::{AgreementView, RequestAgreementChange, facts, record};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{agreement, program},
    problem::Problem,
    v1::fields::Reason,
};

/// Ask for a change of a signed agreement
///
/// By the college or the office; what is left out stays. The text in force holds until the change was
/// reviewed by two and adopted. One change is open at a time.
#[utoipa::path(tag = "Colleges", request_body = RequestAgreementChange,
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/changes")]
pub(crate) async fn request_agreement_change(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<RequestAgreementChange>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::RequestAgreementChange, &facts(&before))?;
            let body = body.get()?;
            let rules = program::in_force(&app, tx, &before.program)?;
            let Some(version) = before.versions.last() else {
                let state = before.state_finding(AgreementAct::RequestChange);
                return Err(Refused::State(vec![state]).into());
            };
            let (terms, reason) = (body.terms(&version.terms), body.reason.to_string());
            agreement::check(tx, &rules, &terms)?;
            let changed = before.request_change(terms, reason, call.actor(), rules.today)?;
            record(tx, &rules, call, changed)
        })
        .await
}

/// Adopt a change of an agreement
///
/// After two approving reviews: from today on the changed text is in force, as the next version. Who
/// graduated before is judged by the version of that day. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/changes/adopt")]
pub(crate) async fn adopt_agreement_change(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::AdoptAgreementChange, &facts(&before))?;
            let rules = program::in_force(&app, tx, &before.program)?;
            let Some(signing) = agreement::signing(&rules, &before, rules.today)? else {
                return Err(Refused::State(vec![before.pending_finding(true)]).into());
            };
            record(tx, &rules, call, before.adopt_change(&signing)?)
        })
        .await
}

/// Drop a change of an agreement
///
/// By the office or the college: the text in force stays. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Colleges", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/changes/drop")]
pub(crate) async fn drop_agreement_change(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::DropAgreementChange, &facts(&before))?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &before.program)?;
            record(tx, &rules, call, before.drop_change(reason)?)
        })
        .await
}
