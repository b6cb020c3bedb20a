//! Certifications (FAQ 19, 20).

mod condition;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    AchievementId, CandidacyId, CertificationId, PersonId,
    access::{Action, Caller, Facts},
    certificate::{CertificateNumber, Certification},
    certification::term::CertificationStatus,
    competency::SetCode,
    id::{AchievementKind, CandidacyKind, CertificationKind, PersonKind},
    program::ProgramCode,
};
use persistence::CertificationFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(crate) use condition::shown;
pub use condition::*;

use super::{actions, candidacies::AsOfQuery};
use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::program,
    openapi::words::{id_of, one_of, one_of_or_null},
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_certifications).service(get_certification).service(meet_condition);
}

/// An achievement on which a certification rests.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroundView {
    /// The achievement.
    #[schema(schema_with = id_of::<AchievementKind>)]
    pub achievement_id: AchievementId,
    /// Its set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// The day from which it counts.
    pub achieved_on: NaiveDate,
}

/// A certification as of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificationView {
    /// Its id.
    #[schema(schema_with = id_of::<CertificationKind>)]
    pub id: CertificationId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The holder.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The candidacy that led to it.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub candidacy_id: CandidacyId,
    /// Its number, which anyone can verify.
    #[schema(value_type = String, example = "LSSC-2026-7K3M9QX")]
    pub number: CertificateNumber,
    /// The name as printed.
    pub holder_name: String,
    /// The day as of which its status is told.
    pub as_of: NaiveDate,
    /// Where it stands; computed, never stored. Null before its first term.
    #[schema(schema_with = one_of_or_null::<CertificationStatus>)]
    pub status: Option<CertificationStatus>,
    /// Whether its holder is certified.
    pub certified: bool,
    /// The first day of the first term.
    pub completed_on: NaiveDate,
    /// The day of the award.
    pub awarded_on: NaiveDate,
    /// How many renewals were granted.
    pub renewals: u32,
    /// Last day of the present term.
    pub expires_on: NaiveDate,
    /// First day on which a renewal can be submitted.
    pub renewal_opens_on: NaiveDate,
    /// Last day of the grace period.
    pub grace_ends_on: NaiveDate,
    /// The public condition under which it was awarded; null where there was none.
    pub condition: Option<CertificationCondition>,
    /// The achievements on which it rests.
    pub achievements: Vec<GroundView>,
    /// The version.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl CertificationView {
    /// The certification on `as_of` as `caller` sees it; its actions are those of today.
    fn of(
        certification: Certification,
        as_of: NaiveDate,
        today: NaiveDate,
        caller: &Caller,
    ) -> Self {
        Self {
            actions: actions_of(&certification, today, caller),
            condition: CertificationCondition::of(&certification, as_of),
            as_of,
            status: certification.status(as_of),
            certified: certification.is_certified(as_of),
            id: certification.id,
            program: certification.program,
            person_id: certification.person,
            candidacy_id: certification.candidacy,
            number: certification.number,
            holder_name: certification.holder_name,
            completed_on: certification.completed_on,
            awarded_on: certification.awarded_on,
            renewals: certification.renewals,
            expires_on: certification.expires_on,
            renewal_opens_on: certification.renewal_opens_on,
            grace_ends_on: certification.grace_ends_on,
            achievements: certification
                .achievements
                .into_iter()
                .map(|ground| GroundView {
                    achievement_id: ground.achievement,
                    set: ground.set,
                    achieved_on: ground.achieved_on,
                })
                .collect(),
            version: certification.version,
        }
    }
}

/// What `caller` may do next: to end the condition where there was one.
fn actions_of(certification: &Certification, today: NaiveDate, caller: &Caller) -> Vec<ActionView> {
    let facts = Facts::of_person(certification.person);
    let may = caller.may(Action::MeetCondition, &facts).is_ok();
    if certification.provisional_until.is_none() || !may {
        return Vec::new();
    }
    let href = format!("/v1/certifications/{}/condition", certification.id);
    let findings = vec![certification.condition_finding(today)];
    vec![actions::view(Action::MeetCondition, "POST", href, findings)]
}

/// The answer to an award.
pub(crate) fn created(awarded: Certification, today: NaiveDate, caller: &Caller) -> Reply {
    let location = format!("/v1/certifications/{}", awarded.id);
    let view = CertificationView::of(awarded, today, today, caller);
    Reply::created(location, &view).etag(1).private()
}

/// Which certifications are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCertifications {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a status on `as_of`.
    #[param(schema_with = one_of::<CertificationStatus>, required = false)]
    pub status: Option<CertificationStatus>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// The day of the status; today when left out.
    pub as_of: Option<AsOf>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List certifications
///
/// Staff see everybody's, the oldest award first; holders their own.
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
            let page = Page::<CertificationId>::of(query.limit, query.cursor.as_ref())?;
            let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
            let Some(program) = program::asked(tx, &code)? else {
                return Ok(Listing::empty().reply(call));
            };
            let today = app.today(&program);
            let day = AsOf::or(query.as_of, today);
            let mut filter = CertificationFilter {
                program: Some(code),
                person: query.person_id,
                status: query.status.map(|status| (status, day)),
            };
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let rows = tx.certifications().list(&filter, page.rows())?;
            let view = |row| CertificationView::of(row, day, today, call.caller());
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
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
            call.allow(Action::GetCertification, &Facts::of_person(certification.person))?;
            let today = program::today(&app, tx, &certification.program)?;
            let day = AsOf::or(query.as_of, today);
            let tag = format!("\"v{}-{day}\"", certification.version);
            let view = CertificationView::of(certification, day, today, call.caller());
            Ok(seen.answer(Reply::ok(&view).header("ETag", tag).private()))
        })
        .await
}
