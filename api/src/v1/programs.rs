//! Programs: what they are, their rules as dated data, and their FAQ (FAQ 1 to 27).

mod policies;

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    access::{Action, Facts},
    competency::{Framework, SetKind},
    faq::{self, Question},
    program::{Program, ProgramCode},
};
use persistence::Error;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use policies::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, IfNoneMatch, PathOf, Query},
    openapi::words::one_of,
    problem::Problem,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_programs)
        .service(get_program)
        .service(list_competency_sets)
        .service(get_faq)
        .service(get_policy)
        .service(list_policies)
        .service(publish_policy);
}

/// A program.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProgramView {
    /// Its code.
    #[schema(value_type = String, example = "lssc")]
    pub code: ProgramCode,
    /// Its full name.
    pub name: String,
    /// The IANA time zone in which its business days are counted.
    #[schema(example = "America/Chicago")]
    pub zone: String,
    /// The program that it was adapted from (FAQ 24).
    #[schema(value_type = Option<String>)]
    pub parent: Option<ProgramCode>,
    /// Today in its zone.
    pub today: NaiveDate,
}

impl ProgramView {
    fn of(program: Program, app: &App) -> Self {
        Self {
            today: app.today(&program),
            code: program.code,
            name: program.name,
            zone: program.zone,
            parent: program.parent,
        }
    }
}

/// One competency of a set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompetencyView {
    /// Its code.
    #[schema(example = "FND-01")]
    pub code: String,
    /// Its statement.
    pub text: String,
}

/// One competency set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompetencySetView {
    /// Its code.
    #[schema(example = "FND")]
    pub code: String,
    /// Its title.
    pub title: String,
    /// Required or elective (FAQ 9).
    #[schema(schema_with = one_of::<SetKind>)]
    pub kind: SetKind,
    /// Its competencies, in their order.
    pub competencies: Vec<CompetencyView>,
}

/// The competency sets in force on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompetencySets {
    /// The framework's code.
    #[schema(example = "lssc-2012-10")]
    pub framework: String,
    /// Its version in the program.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// The sets, in their order.
    pub competency_sets: Vec<CompetencySetView>,
}

impl CompetencySets {
    fn of(version: i64, framework: Framework) -> Self {
        let sets = framework.sets.into_iter().map(|set| CompetencySetView {
            code: set.code.into(),
            title: set.title,
            kind: set.kind,
            competencies: set
                .competencies
                .into_iter()
                .map(|one| CompetencyView { code: one.code.into(), text: one.text })
                .collect(),
        });
        Self {
            version,
            competency_sets: sets.collect(),
            framework: framework.code,
            title: framework.title,
        }
    }
}

/// One question of the FAQ, its figures filled in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuestionView {
    /// Its number in the program's own FAQ.
    #[schema(example = 6)]
    pub number: u32,
    /// The question.
    pub question: String,
    /// The answer; every figure in it is that of the policy in force.
    pub answer: String,
}

/// The FAQ on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Faq {
    /// The day.
    pub on: NaiveDate,
    /// The version of the policy whose figures the answers hold.
    pub policy_version: i64,
    /// The questions, in their order.
    pub items: Vec<QuestionView>,
}

/// The day on which something is in force.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OnQuery {
    /// The day; today when left out.
    pub on: Option<AsOf>,
}

/// What is public may be kept for a minute.
const KEPT_SECONDS: u32 = 60;

/// 404 where nothing was in force on the day.
fn in_force<T>(found: Result<T, Error>, day: NaiveDate) -> Result<T, Problem> {
    found.map_err(|error| match error {
        Error::NotFound => Problem::nothing_in_force(day),
        other => other.into(),
    })
}

/// List the programs
#[utoipa::path(tag = "Public", responses((status = 200, body = Listing<ProgramView>)))]
#[get("/v1/programs")]
pub(crate) async fn list_programs(app: App, call: Call) -> Result<Reply, Problem> {
    call.allow(Action::ListPrograms, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let programs = tx.programs().list()?;
            let views = programs.into_iter().map(|one| ProgramView::of(one, &app)).collect();
            Ok(Listing::whole(views).reply(call).public(KEPT_SECONDS))
        })
        .await
}

/// Read a program
#[utoipa::path(tag = "Public", responses((status = 200, body = ProgramView)))]
#[get("/v1/programs/{code}")]
pub(crate) async fn get_program(
    app: App,
    call: Call,
    code: PathOf<ProgramCode>,
) -> Result<Reply, Problem> {
    call.allow(Action::GetProgram, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, _call| {
            let program = tx.programs().get(&code)?;
            Ok(Reply::ok(&ProgramView::of(program, &app)).public(KEPT_SECONDS))
        })
        .await
}

/// Read the competency sets
///
/// Those in force on a day, today when left out (FAQ 9).
#[utoipa::path(tag = "Public", params(OnQuery),
    responses((status = 200, body = CompetencySets)))]
#[get("/v1/programs/{code}/competency-sets")]
pub(crate) async fn list_competency_sets(
    app: App,
    call: Call,
    code: PathOf<ProgramCode>,
    query: Query<OnQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::ListCompetencySets, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, _call| {
            let program = tx.programs().get(&code)?;
            let day = AsOf::or(query.on, app.today(&program));
            let found = in_force(tx.programs().framework_on(&code, day), day)?;
            let view = CompetencySets::of(found.version, found.framework);
            Ok(seen.answer(Reply::ok(&view).etag_of_body().public(KEPT_SECONDS)))
        })
        .await
}

/// Read the FAQ
///
/// In our own words, with every figure taken from the policy in force on the day, so that text and
/// behaviour cannot disagree.
#[utoipa::path(tag = "Public", params(OnQuery),
    responses((status = 200, body = Faq)))]
#[get("/v1/programs/{code}/faq")]
pub(crate) async fn get_faq(
    app: App,
    call: Call,
    code: PathOf<ProgramCode>,
    query: Query<OnQuery>,
) -> Result<Reply, Problem> {
    call.allow(Action::GetFaq, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, _call| {
            let program = tx.programs().get(&code)?;
            let day = AsOf::or(query.on, app.today(&program));
            let policy = in_force(tx.programs().policy_on(&code, day), day)?;
            let sets = in_force(tx.programs().framework_on(&code, day), day)?;
            let questions: Vec<Question> = serde_json::from_value(tx.programs().faq(&code)?)
                .map_err(|error| Problem::internal(format!("the FAQ of {}: {error}", *code)))?;
            let items = questions.into_iter().map(|one| {
                let answer = faq::fill(&one.answer, &policy.policy, &sets.framework)?;
                Ok(QuestionView { number: one.number, question: one.question, answer })
            });
            let items: Result<Vec<_>, faq::BadTemplate> = items.collect();
            let items = items
                .map_err(|error| Problem::internal(format!("the FAQ of {}: {error}", *code)))?;
            let view = Faq { on: day, policy_version: policy.version, items };
            Ok(Reply::ok(&view).public(KEPT_SECONDS))
        })
        .await
}
