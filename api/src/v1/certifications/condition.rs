//! The public condition of a provisional certification, and how it ends (FAQ 12).

use actix_web::post;
use chrono::NaiveDate;
use domain::{
    BadFact, CertificationId, Finding,
    access::{Action, Facts},
    candidacy::Candidacy,
    certificate::Certification,
    eligibility::{self, Education, EligibilityFacts},
    text, words,
};
use persistence::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CertificationView;
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{award, program},
    openapi::words::{one_of, one_of_or_null},
    problem::Problem,
    v1::{
        applications::{ApplicationJob, jobs},
        candidacies,
        fields::Prose,
    },
};

words! {
    /// What a certification's condition asks for.
    pub enum ConditionKind {
        /// The hours of work that entry asks for (FAQ 6).
        WorkHours = "work_hours",
    }
}

words! {
    /// Where a condition stands on a day.
    pub enum ConditionState {
        /// It can still be met.
        Open = "open",
        /// It is met: the certification is provisional no more.
        Met = "met",
        /// It was not met in time.
        Lapsed = "lapsed",
    }
}

/// The public condition under which a certification was awarded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificationCondition {
    /// What it asks for.
    #[schema(schema_with = one_of::<ConditionKind>)]
    pub kind: ConditionKind,
    /// Where it stands on the day.
    #[schema(schema_with = one_of::<ConditionState>)]
    pub state: ConditionState,
    /// The last day on which it can be met.
    pub ends_on: NaiveDate,
    /// The day on which it was met.
    pub met_on: Option<NaiveDate>,
    /// One sentence for people.
    pub detail: String,
}

impl CertificationCondition {
    /// The condition of a certification on `as_of`; none where it was awarded without.
    #[must_use]
    pub fn of(certification: &Certification, as_of: NaiveDate) -> Option<Self> {
        let ends_on = certification.provisional_until?;
        let met_on = certification.condition_met_on.filter(|met| *met <= as_of);
        let (state, detail) = match met_on {
            Some(met) => (ConditionState::Met, format!("The hours of work were shown on {met}.")),
            None if as_of <= ends_on => {
                (ConditionState::Open, format!("The hours of work are to be shown by {ends_on}."))
            }
            None => {
                let detail = format!("The hours of work were not shown by {ends_on}.");
                (ConditionState::Lapsed, detail)
            }
        };
        Some(Self { kind: ConditionKind::WorkHours, state, ends_on, met_on, detail })
    }
}

/// What shows the hours of work: either jobs, or the office's reason.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetCondition {
    /// Every job in a library, as of today, judged as an application's.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 100)]
    pub jobs: Option<Vec<ApplicationJob>>,
    /// With `jobs`: the highest education; the application's when left out.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<Education>)]
    pub education: Option<Education>,
    /// Why the office takes the hours as shown without jobs.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// End the condition of a provisional certification
///
/// The hours of work are shown: by jobs, which are judged as of today by the rules of entry that the
/// candidacy pinned (FAQ 6), 422 with the findings where they are too few; or by the office's reason. The
/// certification is provisional no more; 409 when it was not, or its condition has lapsed. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = MeetCondition,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = CertificationView)))]
#[post("/v1/certifications/{certification_id}/condition")]
pub(crate) async fn meet_condition(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    body: Body<MeetCondition>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let certification = tx.certifications().get(*id)?;
            let facts = Facts::of_person(certification.person);
            call.allow(Action::MeetCondition, &facts)?;
            let body = body.get()?;
            let today = program::today(&app, tx, &certification.program)?;
            let candidacy = tx.candidacies().get(certification.candidacy)?;
            let shown = shown(tx, &candidacy, body, today)?;
            let met = met(tx, certification, candidacy, shown, today)?;
            let version = met.version;
            let view = CertificationView::of(met, today, today, call.caller());
            Ok(Reply::ok(&view).etag(version).private())
        })
        .await
}

/// The findings on what is shown.
pub(crate) fn shown(
    tx: &mut Tx<'_>,
    candidacy: &Candidacy,
    body: &MeetCondition,
    today: NaiveDate,
) -> Result<Vec<Finding>, Problem> {
    let (policy, _) = program::pinned(tx, candidacy)?;
    match (&body.jobs, &body.reason) {
        (Some(_), Some(_)) => Err(exclusive("/reason").into()),
        (None, None) => {
            let detail = "Give the jobs that show the hours, or the office's reason.";
            Err(BadFact::at("/jobs", "required", detail).into())
        }
        (None, Some(_)) if body.education.is_some() => Err(exclusive("/education").into()),
        (None, Some(reason)) => {
            let minutes = u64::from(policy.eligibility.work_minutes);
            Ok(vec![Finding::new(
                "eligibility.work_hours",
                "FAQ 12",
                true,
                text::hours(minutes),
                "taken as shown by the office",
                reason.to_string(),
            )])
        }
        (Some(given), None) => {
            let stated = tx.applications().get(candidacy.application)?.statements.education;
            let education = body.education.or(stated).unwrap_or(Education::None);
            let facts = EligibilityFacts { as_of: today, education, jobs: jobs(given, today)? };
            let outcome = eligibility::evaluate(&facts, &policy.eligibility)?;
            let mut findings = outcome.findings;
            // An advisory finding may be unmet although the hours are shown.
            findings.retain(|one| one.satisfied || !outcome.satisfied);
            Ok(findings)
        }
    }
}

fn exclusive(pointer: &str) -> BadFact {
    BadFact::at(pointer, "exclusive", "Either jobs or the office's reason, not both.")
}

/// The certification and its candidacy, with the hours shown.
fn met(
    tx: &mut Tx<'_>,
    certification: Certification,
    candidacy: Candidacy,
    shown: Vec<Finding>,
    today: NaiveDate,
) -> Result<Certification, Problem> {
    let met = certification.meet_condition(shown.clone(), today)?;
    let certification = award::save(tx, met)?;
    let (mut candidacy, fact) = candidacy.show_hours(shown, today)?;
    tx.candidacies().save(&mut candidacy)?;
    tx.record(candidacies::event(&candidacy, fact))?;
    Ok(certification)
}
