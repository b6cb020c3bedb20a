//! Corrections and withdrawals of completions.

use actix_web::post;
use chrono::NaiveDate;
use domain::{BadFact, CompletionId, access::Action, calendar, decision};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{CompletionView, answer, facts, provider_of};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{completion, organisation, program},
    problem::Problem,
    v1::fields::{Prose, Reason},
};

/// Another day of completion.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectCompletion {
    /// The day on which the course was completed, not after today.
    pub completed_on: NaiveDate,
    /// Why, for the people concerned and for the record.
    pub reason: Prose,
}

impl CorrectCompletion {
    /// The day, if it can be one.
    pub(crate) fn day(&self, today: NaiveDate) -> Result<NaiveDate, Vec<BadFact>> {
        let mut bad: Vec<_> =
            calendar::check_date("/completed_on", self.completed_on).err().into_iter().collect();
        if self.completed_on > today {
            let detail = format!("is after today, {today}");
            bad.push(BadFact::at("/completed_on", "order", detail));
        }
        if bad.is_empty() { Ok(self.completed_on) } else { Err(bad) }
    }
}

/// Correct the day of a completion
///
/// The credit is judged again. A completion that still counts keeps its achievement, which is dated anew, and
/// the certification that rests on it moves with it; one that counts no more is refused and its achievement
/// voided. What its provider signed is decided at once, what a candidate handed in waits for the office, and
/// what the office verified by a form only the office corrects. 409 with the findings where it would count no
/// more while a certification rests on it, where that would have been met after its award, or while the provider
/// that corrects it is deactivated. The events tell why.
/// Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = CorrectCompletion,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CompletionView)))]
#[post("/v1/completions/{completion_id}/correct")]
pub(crate) async fn correct_completion(
    app: App,
    call: Call,
    id: PathOf<CompletionId>,
    body: Body<CorrectCompletion>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let completion = tx.completions().get(*id)?;
            let provider = provider_of(tx, &completion)?;
            let facts = facts(&completion, provider);
            call.allow(Action::CorrectCompletion, &facts)?;
            let by_office = call.allow(Action::VerifyCompletion, &facts).is_ok();
            decision::by_state(vec![completion.corrector_finding(by_office)])?;
            let body = body.get()?;
            let today = program::today(&app, tx, &completion.program)?;
            if !by_office {
                organisation::acts(tx, call.caller(), provider, today)?;
            }
            let corrected = (body.day(today)?, &*body.reason);
            let chance = app.chance.as_ref();
            let completion = completion::correct(tx, chance, completion, corrected, today)?;
            Ok(answer(call, completion, provider))
        })
        .await
}

/// Withdraw a completion
///
/// It was never completed, or is somebody else's. Its achievement is voided, of a bundle the one of the
/// bundle; 409 with the findings while a certification rests on it, unless another elective carries that on the
/// same day. The course can be handed in again. Needs
/// an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CompletionView)))]
#[post("/v1/completions/{completion_id}/withdraw")]
pub(crate) async fn withdraw_completion(
    app: App,
    call: Call,
    id: PathOf<CompletionId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let completion = tx.completions().get(*id)?;
            let provider = provider_of(tx, &completion)?;
            call.allow(Action::WithdrawCompletion, &facts(&completion, provider))?;
            let reason = &body.get()?.reason;
            let today = program::today(&app, tx, &completion.program)?;
            let completion =
                completion::withdraw(tx, app.chance.as_ref(), completion, reason, today)?;
            Ok(answer(call, completion, provider))
        })
        .await
}
