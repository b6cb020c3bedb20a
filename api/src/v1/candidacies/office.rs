//! What the office does with candidacies.

use actix_web::post;
use domain::{
    CandidacyId, Finding, access::Action, candidacy::Candidacy, certificate,
    certification::MAX_ADDED_DAYS, decision,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{CandidacyView, facts, record};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::program,
    problem::Problem,
    v1::{
        certifications::{MeetCondition, shown},
        fields::{Prose, Reason},
    },
};

/// A longer deadline.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendCandidacy {
    /// Days to add to the deadline.
    #[schema(minimum = 1, maximum = 3650)]
    pub days: i64,
    /// Why, for the candidate and for the record.
    pub reason: Prose,
}

/// Put a candidacy on hold
///
/// From today on; each day on hold is added to the deadline.
#[utoipa::path(tag = "Office", request_body = Reason,
    responses((status = 200, body = CandidacyView)))]
#[post("/v1/candidacies/{candidacy_id}/hold")]
pub(crate) async fn hold_candidacy(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow(Action::HoldCandidacy, &facts(&candidacy))?;
            let reason = body.get()?.reason.to_string();
            let today = program::today(&app, tx, &candidacy.program)?;
            record(tx, call, today, candidacy.hold(reason, today)?)
        })
        .await
}

/// Take a candidacy off hold
///
/// Today is active again.
#[utoipa::path(tag = "Office", responses((status = 200, body = CandidacyView)))]
#[post("/v1/candidacies/{candidacy_id}/resume")]
pub(crate) async fn resume_candidacy(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow(Action::ResumeCandidacy, &facts(&candidacy))?;
            let today = program::today(&app, tx, &candidacy.program)?;
            record(tx, call, today, candidacy.resume(today)?)
        })
        .await
}

/// Extend a candidacy's deadline
///
/// Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = ExtendCandidacy,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CandidacyView)))]
#[post("/v1/candidacies/{candidacy_id}/extend")]
pub(crate) async fn extend_candidacy(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    body: Body<ExtendCandidacy>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow(Action::ExtendCandidacy, &facts(&candidacy))?;
            let body = body.get()?;
            let today = program::today(&app, tx, &candidacy.program)?;
            let given = candidacy.extension_days(today);
            if !(1..=MAX_ADDED_DAYS.saturating_sub(given)).contains(&body.days) {
                let detail = format!("Extensions add 1 to {MAX_ADDED_DAYS} days in all.");
                return Err(Problem::input("/days", "out_of_range", detail));
            }
            // An extension brings an expired candidacy back, unless another one took its place.
            tx.people().get(candidacy.person)?;
            if !candidacy.runs(today) {
                super::none_running(tx, &candidacy.program, candidacy.person, today)?;
            }
            let extended = candidacy.extend(body.days, body.reason.to_string(), today)?;
            record(tx, call, today, extended)
        })
        .await
}

/// Show the hours of work of a candidate who was admitted provisionally
///
/// Before the certification: by jobs, which are judged as of today by the rules of entry that the candidacy
/// pinned (FAQ 6), 422 with the findings where they are too few; or by the office's reason. What is awarded
/// then has no condition. 409 where no hours are owed, and once it is certified: the condition of the
/// certification is met then. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = MeetCondition,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CandidacyView)))]
#[post("/v1/candidacies/{candidacy_id}/hours")]
pub(crate) async fn show_hours(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    body: Body<MeetCondition>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow(Action::ShowHours, &facts(&candidacy))?;
            let body = body.get()?;
            let today = program::today(&app, tx, &candidacy.program)?;
            decision::by_state(hours_findings(&candidacy))?;
            let shown = shown(tx, &candidacy, body, today)?;
            record(tx, call, today, candidacy.show_hours(shown, today)?)
        })
        .await
}

/// The findings on whether hours can be shown before the certification.
pub(super) fn hours_findings(candidacy: &Candidacy) -> Vec<Finding> {
    vec![certificate::not_awarded(candidacy), candidacy.owes_hours_finding()]
}
