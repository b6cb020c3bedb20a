//! Progress: one read that tells where a candidate stands and what to do next.

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    CandidacyId, CertificationId,
    access::Action,
    candidacy::{Candidacy, CandidacyStatus},
    certificate::CertificateNumber,
    certification::{self, Method, SetState},
    competency::{SetCode, SetKind},
    decision,
    id::{CandidacyKind, CertificationKind},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AsOfQuery, day, facts, views::actions_of};
use crate::{
    answer::{ActionView, FindingView, Reply},
    app::App,
    call::Call,
    extract::{PathOf, Query},
    flows::{
        award,
        graduate::{self, Recognised},
        program,
    },
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    problem::Problem,
    v1::{
        actions,
        certifications::{self, CertificationView},
        graduates::RecognitionView,
    },
};

/// Where a candidate stands with one competency set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SetProgressView {
    /// The set.
    #[schema(value_type = String, example = "FND")]
    pub code: SetCode,
    /// Its title.
    pub title: String,
    /// Required or elective (FAQ 9).
    #[schema(schema_with = one_of::<SetKind>)]
    pub kind: SetKind,
    /// Achieved in time, late, or open.
    #[schema(schema_with = one_of::<SetState>)]
    pub state: SetState,
    /// How it was achieved.
    #[schema(schema_with = one_of_or_null::<Method>)]
    pub method: Option<Method>,
    /// When it was achieved.
    pub achieved_on: Option<NaiveDate>,
}

/// A candidate's progress as of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidacyProgress {
    /// The candidacy.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub candidacy_id: CandidacyId,
    /// The day.
    pub as_of: NaiveDate,
    /// Where the candidacy stands.
    #[schema(schema_with = one_of::<CandidacyStatus>)]
    pub status: CandidacyStatus,
    /// Whether the requirement is met.
    pub satisfied: bool,
    /// The first day on which it was met.
    pub completed_on: Option<NaiveDate>,
    /// The last day on which a set can be achieved.
    pub deadline: NaiveDate,
    /// Days from `as_of` to the deadline; 0 on the last day, negative after it.
    pub days_left: i64,
    /// The required sets that are missing.
    #[schema(value_type = Vec<String>)]
    pub missing_required: Vec<SetCode>,
    /// How many electives are missing.
    pub electives_missing: u32,
    /// Every set, in the framework's order.
    pub sets: Vec<SetProgressView>,
    /// Why.
    pub findings: Vec<FindingView>,
    /// What recognition agreements do for the candidate: the sets that graduations achieve at once, and
    /// what is added in another way (FAQ 12).
    pub recognition: Vec<RecognitionView>,
    /// Whether the candidate was admitted short of the hours of work and has not shown them yet: a
    /// certification is provisional then.
    pub owes_hours: bool,
    /// The certification, once it is awarded.
    #[schema(schema_with = id_of_or_null::<CertificationKind>)]
    pub certification_id: Option<CertificationId>,
    /// Its number.
    #[schema(value_type = Option<String>)]
    pub certificate_number: Option<CertificateNumber>,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// Read a candidacy's progress
///
/// Per set its state and method, what is missing, the deadline and the days left, and the next actions
/// that this caller may take. An achievement counts from its day until it is voided. A graduate of a
/// recognised program sees which sets that achieves, and what is to be added (FAQ 12).
#[utoipa::path(tag = "Candidates", params(AsOfQuery),
    responses((status = 200, body = CandidacyProgress)))]
#[get("/v1/candidacies/{candidacy_id}/progress")]
pub(crate) async fn get_progress(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    query: Query<AsOfQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow_in(Action::GetProgress, &facts(&candidacy), &candidacy.program)?;
            call.discloses([candidacy.person]);
            let today = program::today(&app, tx, &candidacy.program)?;
            let day = day(query.as_of, &candidacy, today)?;
            let progress = award::progress(tx, &candidacy, day)?;
            let certification =
                tx.certifications().of(candidacy.id)?.filter(|one| one.completed_on <= day);
            // What an award would be judged on is today's requirement: mostly the one just reckoned.
            let reckoned = (day == today).then(|| progress.findings.clone());
            let mut view = view(&candidacy, progress, day);
            view.certification_id = certification.as_ref().map(|one| one.id);
            view.certificate_number = certification.map(|one| one.number);
            let recognised = graduate::of_person(tx, &candidacy.program, candidacy.person)?;
            // Of earlier candidacies nothing is told here.
            let here = |one: &&Recognised| one.0.candidacy.is_none_or(|id| id == candidacy.id);
            let here = recognised.iter().filter(here);
            view.recognition = here.filter_map(RecognitionView::of).collect();
            view.actions = actions_of(&candidacy, today, call.caller());
            if call.allow(Action::RequestAward, &facts(&candidacy)).is_ok() {
                let mut findings = vec![domain::certificate::not_awarded(&candidacy)];
                findings.extend(match reckoned {
                    Some(reckoned) => reckoned,
                    None => award::progress(tx, &candidacy, today)?.findings,
                });
                let href = format!("/v1/candidacies/{}/award", candidacy.id);
                view.actions.push(actions::view(Action::RequestAward, "POST", href, findings));
            }
            Ok(Reply::ok(&view).private())
        })
        .await
}

fn view(
    candidacy: &Candidacy,
    progress: certification::Progress,
    as_of: NaiveDate,
) -> CandidacyProgress {
    CandidacyProgress {
        candidacy_id: candidacy.id,
        as_of,
        status: candidacy.status(as_of),
        satisfied: progress.satisfied,
        completed_on: progress.completed_on,
        deadline: progress.deadline,
        days_left: progress.days_left,
        missing_required: progress.missing_required,
        electives_missing: progress.electives_missing,
        sets: progress
            .sets
            .into_iter()
            .map(|set| SetProgressView {
                code: set.code,
                title: set.title,
                kind: set.kind,
                state: set.state,
                method: set.method,
                achieved_on: set.achieved_on,
            })
            .collect(),
        findings: progress.findings.into_iter().map(FindingView::from).collect(),
        recognition: Vec::new(),
        owes_hours: candidacy.owes_hours(),
        certification_id: None,
        certificate_number: None,
        actions: Vec::new(),
    }
}

/// Ask for the award
///
/// Where the policy awards on request. The requirement must be met (FAQ 8). With the policy as shipped
/// the award follows the sixth set by itself. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = CertificationView)))]
#[post("/v1/candidacies/{candidacy_id}/award")]
pub(crate) async fn request_award(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            call.allow(Action::RequestAward, &facts(&candidacy))?;
            let today = program::today(&app, tx, &candidacy.program)?;
            let progress = award::progress(tx, &candidacy, today)?;
            decision::by_state(vec![domain::certificate::not_awarded(&candidacy)])?;
            decision::by_rule(progress.findings)?;
            let awarded = award::award(app.chance.as_ref(), tx, candidacy, today)?;
            Ok(certifications::created(awarded, today, call.caller()))
        })
        .await
}
