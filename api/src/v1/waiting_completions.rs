//! Completions of a roster that wait for somebody who enrolls later.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CompletionId, CourseId, OrganisationId, WaitingId,
    access::{Action, Caller, Facts, Reach},
    decision,
    id::{CompletionKind, CourseKind, OrganisationKind, WaitingKind},
    program::ProgramCode,
    roster::{WaitingCompletion, WaitingState},
};
use persistence::WaitingFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::{completion, organisation, program},
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
    v1::{actions, completions::CorrectCompletion, fields::Reason},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_waiting_completions)
        .service(get_waiting_completion)
        .service(correct_waiting_completion)
        .service(withdraw_waiting_completion);
}

/// A completion that a provider signed for somebody who was no candidate then.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WaitingCompletionView {
    /// Its id.
    #[schema(schema_with = id_of::<WaitingKind>)]
    pub id: WaitingId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Who signed it.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The course.
    #[schema(schema_with = id_of::<CourseKind>)]
    pub course_id: CourseId,
    /// The e-mail address, as the roster gives it.
    pub email: String,
    /// The name, as the roster gives it.
    pub name: String,
    /// The day of completion.
    pub completed_on: NaiveDate,
    /// Where it stands.
    #[schema(schema_with = one_of::<WaitingState>)]
    pub state: WaitingState,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
    /// What it became once its person was admitted.
    #[schema(schema_with = id_of_or_null::<CompletionKind>)]
    pub completion_id: Option<CompletionId>,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

fn facts(waiting: &WaitingCompletion) -> Facts {
    Facts::of_organisation(waiting.provider)
}

impl WaitingCompletionView {
    /// The waiting completion as `caller` sees it.
    #[must_use]
    pub fn of(waiting: WaitingCompletion, caller: &Caller) -> Self {
        let offered = [
            (Action::CorrectWaitingCompletion, "correct"),
            (Action::WithdrawWaitingCompletion, "withdraw"),
        ];
        let actions = offered
            .into_iter()
            .filter(|(action, _)| caller.may(*action, &facts(&waiting)).is_ok())
            .map(|(action, segment)| {
                let (act, open) = (format!("{segment} the completion"), [WaitingState::Waiting]);
                let finding = decision::state_finding("waiting.state", &act, waiting.state, &open);
                let href = format!("/v1/waiting-completions/{}/{segment}", waiting.id);
                actions::view(action, "POST", href, vec![finding])
            })
            .collect();
        Self {
            id: waiting.id,
            program: waiting.program,
            provider_id: waiting.provider,
            course_id: waiting.course,
            email: waiting.email,
            name: waiting.name,
            completed_on: waiting.completed_on,
            state: waiting.state,
            posted_at: waiting.posted_at,
            completion_id: waiting.completion,
            reason: waiting.reason,
            version: waiting.version,
            actions,
        }
    }
}

fn answer(call: &Call, waiting: WaitingCompletion) -> Reply {
    let version = waiting.version;
    Reply::ok(&WaitingCompletionView::of(waiting, call.caller())).etag(version).private()
}

/// Which waiting completions are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListWaitingCompletions {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those that a provider signed.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub provider_id: Option<OrganisationId>,
    /// Only those of a course.
    #[param(schema_with = id_of::<CourseKind>, required = false)]
    pub course_id: Option<CourseId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<WaitingState>, required = false)]
    pub state: Option<WaitingState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List completions that wait for somebody to enroll
///
/// The office sees all of them, oldest first; who acts for a provider sees those that it signed.
#[utoipa::path(tag = "Courses", params(ListWaitingCompletions),
    responses((status = 200, body = Listing<WaitingCompletionView>)))]
#[get("/v1/waiting-completions")]
pub(crate) async fn list_waiting_completions(
    app: App,
    call: Call,
    query: Query<ListWaitingCompletions>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListWaitingCompletions)?;
        let page = Page::<WaitingId>::of(query.limit, query.cursor.as_ref())?;
        let asked = |one: &OrganisationId| query.provider_id.is_none_or(|asked| asked == *one);
        let filter = WaitingFilter {
            program: query.program.clone(),
            providers: match reach {
                Reach::Everything => query.provider_id.map(|one| vec![one]),
                Reach::Own(own) => Some(own.organisations.into_iter().filter(asked).collect()),
            },
            course: query.course_id,
            state: query.state,
        };
        let rows = tx.waiting_completions().list(&filter, page.rows())?;
        let view = |row| WaitingCompletionView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a completion that waits
#[utoipa::path(tag = "Courses",
    responses((status = 200, body = WaitingCompletionView, headers(("ETag" = String)))))]
#[get("/v1/waiting-completions/{waiting_id}")]
pub(crate) async fn get_waiting_completion(
    app: App,
    call: Call,
    id: PathOf<WaitingId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let waiting = tx.waiting_completions().get(*id)?;
        call.allow(Action::GetWaitingCompletion, &facts(&waiting))?;
        Ok(seen.answer(answer(call, waiting)))
    })
    .await
}

/// Correct the day of a completion that waits
///
/// 409 once it was claimed: the completion that it became is corrected then; 409 too while the provider that
/// corrects it is deactivated. 422 with the findings on a day that
/// cannot count for anybody. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = CorrectCompletion,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = WaitingCompletionView)))]
#[post("/v1/waiting-completions/{waiting_id}/correct")]
pub(crate) async fn correct_waiting_completion(
    app: App,
    call: Call,
    id: PathOf<WaitingId>,
    body: Body<CorrectCompletion>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let waiting = tx.waiting_completions().get(*id)?;
            call.allow(Action::CorrectWaitingCompletion, &facts(&waiting))?;
            let body = body.get()?;
            let rules = program::in_force(&app, tx, &waiting.program)?;
            organisation::acts(tx, call.caller(), waiting.provider, rules.today)?;
            let day = body.day(rules.today)?;
            let findings = completion::waiting_findings(tx, &rules, waiting.course, day)?;
            let corrected = waiting.correct(day, body.reason.to_string())?;
            decision::by_rule(findings)?;
            Ok(answer(call, completion::save_waiting(tx, corrected)?))
        })
        .await
}

/// Withdraw a completion that waits
///
/// With a reason. 409 once it was claimed: the completion that it became is withdrawn then. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Courses", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = WaitingCompletionView)))]
#[post("/v1/waiting-completions/{waiting_id}/withdraw")]
pub(crate) async fn withdraw_waiting_completion(
    app: App,
    call: Call,
    id: PathOf<WaitingId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let waiting = tx.waiting_completions().get(*id)?;
            call.allow(Action::WithdrawWaitingCompletion, &facts(&waiting))?;
            let withdrawn = waiting.withdraw(body.get()?.reason.to_string())?;
            Ok(answer(call, completion::save_waiting(tx, withdrawn)?))
        })
        .await
}
