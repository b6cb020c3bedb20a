//! How far a certification is from its next renewal, and the terms that it had.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    ActivityId, CertificationId, RenewalId,
    access::{Action, Facts},
    certificate::{Certification, Term},
    certification::term::CertificationStatus,
    id::{CertificationKind, LoggedActivityKind, RenewalKind},
    renewal::{self, LoggedActivity, NotCounted, RenewalProgress, RenewalResult},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::{FindingView, Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, PathOf, Query},
    flows::{activity, program},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    problem::Problem,
    v1::{candidacies::AsOfQuery, evaluations::renewal::RenewalWindow},
};

/// A term of a certification.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TermView {
    /// 1, 2, 3.
    pub number: u32,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// The renewal that brought it; null of the first, which the award brought.
    #[schema(schema_with = id_of_or_null::<RenewalKind>)]
    pub renewal_id: Option<RenewalId>,
    /// The day on which that renewal was submitted.
    pub submitted_on: Option<NaiveDate>,
    /// The day of the award, or on which the renewal was granted.
    pub granted_on: NaiveDate,
}

impl From<Term> for TermView {
    fn from(term: Term) -> Self {
        Self {
            number: term.number,
            from: term.from,
            to: term.to,
            renewal_id: term.renewal,
            submitted_on: term.submitted_on,
            granted_on: term.granted_on,
        }
    }
}

/// An activity that no renewal used yet, and what it would come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FreeActivity {
    /// The activity.
    #[schema(schema_with = id_of::<LoggedActivityKind>)]
    pub activity_id: ActivityId,
    /// What its facts are worth, in minutes.
    pub minutes: i64,
    /// What counts, in minutes.
    pub counted_minutes: i64,
    /// Why nothing counts.
    #[schema(schema_with = one_of_or_null::<NotCounted>)]
    pub not_counted: Option<NotCounted>,
}

/// How far a certification is from its next renewal on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalProgressView {
    /// The certification.
    #[schema(schema_with = id_of::<CertificationKind>)]
    pub certification_id: CertificationId,
    /// The day.
    pub as_of: NaiveDate,
    /// Where the certification stands on it.
    #[schema(schema_with = one_of_or_null::<CertificationStatus>)]
    pub status: Option<CertificationStatus>,
    /// The present term.
    pub term: TermView,
    /// What would become of a renewal that is submitted on the day with every free activity.
    #[schema(schema_with = one_of::<RenewalResult>)]
    pub outcome: RenewalResult,
    /// Minutes that count.
    pub counted_minutes: i64,
    /// Minutes of them in technology.
    pub technology_minutes: i64,
    /// Minutes that are asked for.
    pub needed_minutes: i64,
    /// Minutes of them in technology.
    pub needed_technology_minutes: i64,
    /// Minutes still missing.
    pub missing_minutes: i64,
    /// Minutes in technology still missing.
    pub missing_technology_minutes: i64,
    /// When a renewal can be submitted: the last day is the last of the grace period.
    pub window: RenewalWindow,
    /// Days from `as_of` to the last day of the window; negative after it.
    pub days_left: i64,
    /// The first day of an activity that counts.
    pub activities_from: NaiveDate,
    /// The last, so far.
    pub activities_through: NaiveDate,
    /// The renewal that waits for its decision; its activities are no longer free.
    #[schema(schema_with = id_of_or_null::<RenewalKind>)]
    pub waiting_renewal_id: Option<RenewalId>,
    /// The free activities, the first one logged first.
    pub activities: Vec<FreeActivity>,
    /// Why.
    pub findings: Vec<FindingView>,
}

impl RenewalProgressView {
    fn of(
        certification: &Certification,
        as_of: NaiveDate,
        term: Term,
        free: &[LoggedActivity],
        progress: RenewalProgress,
        waiting_renewal_id: Option<RenewalId>,
    ) -> Self {
        let outcome = progress.outcome;
        Self {
            certification_id: certification.id,
            as_of,
            status: certification.status(as_of),
            term: term.into(),
            outcome: outcome.outcome,
            counted_minutes: outcome.counted_minutes,
            technology_minutes: outcome.technology_minutes,
            needed_minutes: progress.needed_minutes,
            needed_technology_minutes: progress.needed_technology_minutes,
            missing_minutes: progress.missing_minutes,
            missing_technology_minutes: progress.missing_technology_minutes,
            window: RenewalWindow {
                opens_on: outcome.window.opens_on,
                closes_on: outcome.window.closes_on,
            },
            days_left: progress.days_left,
            activities_from: outcome.activities_from,
            activities_through: outcome.activities_through,
            waiting_renewal_id,
            activities: free
                .iter()
                .zip(outcome.activities)
                .map(|(one, verdict)| FreeActivity {
                    activity_id: one.id,
                    minutes: verdict.minutes,
                    counted_minutes: verdict.counted_minutes,
                    not_counted: verdict.not_counted,
                })
                .collect(),
            findings: outcome.findings.into_iter().map(FindingView::from).collect(),
        }
    }
}

/// Read how far a certification is from its next renewal
///
/// Running totals of the activities that no renewal used: what counts, what of it is in technology, what is
/// still missing, and by when. `as_of` is a day of the present term or later; its rules are those in force
/// today.
#[utoipa::path(tag = "Renewals", params(AsOfQuery),
    responses((status = 200, body = RenewalProgressView)))]
#[get("/v1/certifications/{certification_id}/renewal-progress")]
pub(crate) async fn get_renewal_progress(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
    query: Query<AsOfQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let certification = tx.certifications().get(*id)?;
            call.allow(Action::GetRenewalProgress, &Facts::of_person(certification.person))?;
            let rules = program::in_force(&app, tx, &certification.program)?;
            let day = AsOf::or(query.as_of, rules.today);
            let (from, _) = certification.activity_period(day);
            if day < from.min(rules.today) {
                let detail = format!("the activities of the present term begin on {from}.");
                return Err(Problem::query("as_of", "out_of_range", detail));
            }
            let framework = activity::framework_of(tx, &certification)?;
            let free = tx.activities().free_of(certification.id)?;
            let on = (&framework, &rules.policy);
            let progress = renewal::progress(&certification, &free, day, on).map_err(|bad| {
                Problem::internal(format!("{}: stored facts are bad: {bad:?}", certification.id))
            })?;
            let term = certification.terms().pop();
            let term = term.ok_or_else(|| Problem::internal("a certification has no term"))?;
            let waiting = tx.renewals().waiting(certification.id)?;
            let view = RenewalProgressView::of(&certification, day, term, &free, progress, waiting);
            Ok(Reply::ok(&view).private())
        })
        .await
}

/// List the terms of a certification
///
/// The first one first, each with how it came: the first by the award, every other by a renewal. Each begins
/// on the day after the last of the one before, however late in its grace period the renewal came (FAQ 19).
#[utoipa::path(tag = "Renewals", responses((status = 200, body = Listing<TermView>)))]
#[get("/v1/certifications/{certification_id}/terms")]
pub(crate) async fn list_terms(
    app: App,
    call: Call,
    id: PathOf<CertificationId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let certification = tx.certifications().get(*id)?;
        let facts = Facts::of_person(certification.person);
        call.allow_in(Action::ListTerms, &facts, &certification.program)?;
        call.discloses([certification.person]);
        let terms = certification.terms().into_iter().map(TermView::from).collect();
        Ok(Listing::whole(terms).reply(call))
    })
    .await
}
