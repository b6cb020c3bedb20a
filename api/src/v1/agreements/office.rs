//! What the office does with agreements.

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    AgreementId, BadFact,
    access::Action,
    agreement::{AgreementAct, AgreementAdvice, AgreementReview},
    calendar,
    decision::Refused,
};

use super::{
    AgreementView, EndAgreement, ReviewAgreement, ReviewAgreementYearly, SignAgreement, facts,
    record,
};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{agreement, program},
    problem::Problem,
    v1::fields::Reason,
};

/// Review an agreement
///
/// Two people review the text of an agreement, and of every change of a signed one; nobody twice, nobody
/// who wrote it, nobody who acts or works for the college or declared a conflict of interest with it. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = ReviewAgreement,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/reviews")]
pub(crate) async fn review_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<ReviewAgreement>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::ReviewAgreement, &facts(&before))?;
            let body = body.get()?;
            if body.advice == AgreementAdvice::Change && body.comment.is_none() {
                return Err(Problem::input("/comment", "required", "Say what is to be changed."));
            }
            let rules = program::in_force(&app, tx, &before.program)?;
            let college = tx.colleges().get(before.college)?;
            let person = call.caller().person().ok_or_else(Problem::not_found)?;
            let reviewer = agreement::reviewer(tx, &before.program, person)?;
            let review = AgreementReview {
                reviewer: person,
                reviewed_on: rules.today,
                advice: body.advice,
                comment: body.comment.clone().map(String::from),
            };
            record(tx, &rules, call, before.review(&reviewer, &college, review)?)
        })
        .await
}

/// Send an agreement back to its college
///
/// To be changed: it is a draft again, and its reviews begin anew. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/send-back")]
pub(crate) async fn send_back_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::SendBackAgreement, &facts(&before))?;
            let reason = body.get()?.reason.to_string();
            let rules = program::in_force(&app, tx, &before.program)?;
            record(tx, &rules, call, before.send_back(reason)?)
        })
        .await
}

/// Sign an agreement
///
/// After two approving reviews, on a day not before the last of them. Where the requirements cover all that certification takes, it is a full
/// agreement (FAQ 12); otherwise a partial one, whose conditions must name everything that is missing. It
/// holds for the policy's years; graduations of the years before it count too (FAQ 16). Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = SignAgreement,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/sign")]
pub(crate) async fn sign_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<SignAgreement>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::SignAgreement, &facts(&before))?;
            let signed_on = day("/signed_on", body.get()?.signed_on)?;
            let rules = program::in_force(&app, tx, &before.program)?;
            let on = signed_on.unwrap_or(rules.today);
            let Some(signing) = agreement::signing(&rules, &before, on)? else {
                return Err(Refused::State(vec![before.state_finding(AgreementAct::Sign)]).into());
            };
            record(tx, &rules, call, before.sign(&signing, &rules.policy.recognition)?)
        })
        .await
}

/// Record the yearly review of an agreement
///
/// For each anniversary of its signing, from three months before it. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = ReviewAgreementYearly,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/yearly-reviews")]
pub(crate) async fn review_agreement_yearly(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<ReviewAgreementYearly>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::ReviewAgreementYearly, &facts(&before))?;
            let body = body.get()?;
            let notes = body.notes.clone().map(String::from);
            let rules = program::in_force(&app, tx, &before.program)?;
            let held = before.review_yearly(body.outcome, notes, call.actor(), rules.today)?;
            record(tx, &rules, call, held)
        })
        .await
}

/// End an agreement
///
/// By the office or the college, today or on a day to come. Graduations until its last day keep counting;
/// a change that is open is dropped with it. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Colleges", request_body = EndAgreement,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AgreementView)))]
#[post("/v1/recognition-agreements/{agreement_id}/end")]
pub(crate) async fn end_agreement(
    app: App,
    call: Call,
    id: PathOf<AgreementId>,
    body: Body<EndAgreement>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let before = tx.agreements().get(*id)?;
            call.allow(Action::EndAgreement, &facts(&before))?;
            let body = body.get()?;
            let ended_on = day("/ended_on", body.ended_on)?;
            let reason = body.reason.to_string();
            let rules = program::in_force(&app, tx, &before.program)?;
            let on = ended_on.unwrap_or(rules.today);
            record(tx, &rules, call, before.end(on, reason, rules.today)?)
        })
        .await
}

/// A day of a body, if it is one that the program reckons with.
fn day(pointer: &str, given: Option<NaiveDate>) -> Result<Option<NaiveDate>, BadFact> {
    given.map(|day| calendar::check_date(pointer, day)).transpose()
}
