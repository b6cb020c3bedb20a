//! Achievements: one ledger, whatever the method.

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    AchievementId, CandidacyId, Finding,
    access::{Action, Caller, Facts},
    certification::Method,
    competency::SetCode,
    completion::{Achievement, CompletionEvent},
    event::Event,
    id::{AchievementKind, CandidacyKind},
};
use persistence::Tx;
use serde::Serialize;
use utoipa::ToSchema;

use super::candidacies::AsOfQuery;
use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, PathOf, Query},
    flows::{completion, evaluation, program},
    openapi::words::{id_of, one_of},
    problem::Problem,
    v1::{actions, candidacies, fields::Reason},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_achievements).service(void_achievement);
}

/// The achievement of one competency set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AchievementView {
    /// Its id.
    #[schema(schema_with = id_of::<AchievementKind>)]
    pub id: AchievementId,
    /// The candidacy.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub candidacy_id: CandidacyId,
    /// The set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// How it was achieved.
    #[schema(schema_with = one_of::<Method>)]
    pub method: Method,
    /// The day from which it counts.
    pub achieved_on: NaiveDate,
    /// The id of what shows it.
    pub evidence: String,
    /// Whether it stands.
    pub stands: bool,
    /// The day on which it was voided.
    pub voided_on: Option<NaiveDate>,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// The version.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl AchievementView {
    fn of(achievement: Achievement, certificate: Option<&str>, caller: &Caller) -> Self {
        let findings: Vec<Finding> = achievement.void_findings(certificate);
        let href = format!("/v1/achievements/{}/void", achievement.id);
        let may = caller.may(Action::VoidAchievement, &facts(&achievement)).is_ok();
        let void = actions::view(Action::VoidAchievement, "POST", href, findings);
        Self {
            id: achievement.id,
            candidacy_id: achievement.candidacy,
            set: achievement.set,
            method: achievement.method,
            achieved_on: achievement.achieved_on,
            evidence: achievement.evidence,
            stands: achievement.voided_on.is_none(),
            voided_on: achievement.voided_on,
            void_reason: achievement.void_reason,
            version: achievement.version,
            actions: if may { vec![void] } else { Vec::new() },
        }
    }
}

fn facts(achievement: &Achievement) -> Facts {
    Facts::of_person(achievement.person)
}

/// An event of an achievement.
pub(crate) fn event(achievement: &Achievement, fact: CompletionEvent) -> Event<CompletionEvent> {
    Event {
        program: Some(achievement.program.clone()),
        subject: achievement.id.to_string(),
        person: Some(achievement.person),
        fact,
    }
}

/// The number of the certification that rests on the achievement today; one that is revoked does not.
pub(crate) fn certificate(
    tx: &mut Tx<'_>,
    achievement: &Achievement,
    today: NaiveDate,
) -> Result<Option<String>, Problem> {
    let certification = tx.certifications().of(achievement.candidacy)?;
    let rests = certification
        .filter(|one| !one.is_revoked(today))
        .filter(|one| one.achievements.iter().any(|ground| ground.achievement == achievement.id));
    Ok(rests.map(|one| one.number.to_string()))
}

/// List a candidacy's achievements
///
/// All of them, voided ones too, in the order in which they were recorded; with `as_of` those that
/// stood on that day.
#[utoipa::path(tag = "Candidates", params(AsOfQuery),
    responses((status = 200, body = Listing<AchievementView>)))]
#[get("/v1/candidacies/{candidacy_id}/achievements")]
pub(crate) async fn list_achievements(
    app: App,
    call: Call,
    id: PathOf<CandidacyId>,
    query: Query<AsOfQuery>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let candidacy = tx.candidacies().get(*id)?;
            let facts = candidacies::facts(&candidacy);
            call.allow_in(Action::ListAchievements, &facts, &candidacy.program)?;
            call.discloses([candidacy.person]);
            let mut found = tx.achievements().of(candidacy.id)?;
            if let Some(day) = query.as_of {
                found.retain(|one| one.stands_on(day.0));
            }
            let today = program::today(&app, tx, &candidacy.program)?;
            let certification = tx.certifications().of(candidacy.id)?;
            let certification = certification.filter(|one| !one.is_revoked(today));
            let rests = |one: &Achievement| {
                certification
                    .as_ref()
                    .filter(|held| {
                        held.achievements.iter().any(|ground| ground.achievement == one.id)
                    })
                    .map(|held| held.number.as_str())
            };
            let views = found
                .into_iter()
                .map(|one| {
                    let certificate = rests(&one);
                    AchievementView::of(one, certificate, call.caller())
                })
                .collect();
            Ok(Listing::whole(views).reply(call))
        })
        .await
}

/// Void an achievement
///
/// With a reason; it is never deleted. While a certification rests on it, the certification is revoked
/// first. Where a portfolio achieved the set meanwhile, that counts now. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AchievementView)))]
#[post("/v1/achievements/{achievement_id}/void")]
pub(crate) async fn void_achievement(
    app: App,
    call: Call,
    id: PathOf<AchievementId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let achievement = tx.achievements().get(*id)?;
            call.allow(Action::VoidAchievement, &facts(&achievement))?;
            let reason = body.get()?.reason.to_string();
            // The candidacy is the root: an award and a voiding of the same candidacy wait for each other.
            tx.candidacies().get(achievement.candidacy)?;
            let today = program::today(&app, tx, &achievement.program)?;
            let certificate = certificate(tx, &achievement, today)?;
            let (mut achievement, fact) =
                achievement.void(reason.clone(), certificate.as_deref(), today)?;
            tx.achievements().save(&mut achievement)?;
            tx.record(event(&achievement, fact))?;
            evaluation::step_in(tx, achievement.candidacy, &achievement.set)?;

            completion::void(tx, app.chance.as_ref(), &achievement, &reason, today)?;
            let version = achievement.version;
            let view = AchievementView::of(achievement, certificate.as_deref(), call.caller());
            Ok(Reply::ok(&view).etag(version).private())
        })
        .await
}
