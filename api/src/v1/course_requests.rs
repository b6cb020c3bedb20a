//! Requests for a course near somebody: anyone may ask, and providers see how many do where.

use actix_web::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    BadFact, CourseId, CourseRequestId, PersonId,
    access::{Action, Facts},
    competency::SetCode,
    course::offering::{CourseRequest, Wanted},
    id::{CourseKind, CourseRequestKind, PersonKind},
    program::ProgramCode,
};
use persistence::{CourseRequestFilter, Demand, Optional, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    csv::{Cell, Format},
    extract::{Body, Cursor, Limit, Page, Query},
    flows::{
        offering,
        program::{self, InForce},
    },
    openapi::words::{id_of, id_of_or_null},
    problem::Problem,
    v1::fields::{EmailAddress, Line, Prose, Term, folds},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(request_course).service(list_course_requests).service(count_course_requests);
}

/// What somebody would take near them: a course, or any course of a set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestCourse {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// The course that is wanted; this or `set`.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<CourseKind>)]
    pub course_id: Option<CourseId>,
    /// The competency set for which any course is wanted; this or `course_id`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "FND", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// City and state.
    #[schema(example = "Springfield, IL")]
    pub place: Line,
    /// Where to write when it is offered. Providers do not see it.
    #[serde(default)]
    pub email: Option<EmailAddress>,
    /// Anything more.
    #[serde(default)]
    pub note: Option<Prose>,
}

/// A request that was taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CourseRequestView {
    /// Its id.
    #[schema(schema_with = id_of::<CourseRequestKind>)]
    pub id: CourseRequestId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The course that is wanted.
    #[schema(schema_with = id_of_or_null::<CourseKind>)]
    pub course_id: Option<CourseId>,
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// City and state.
    pub place: String,
    /// When it was made.
    pub requested_at: DateTime<Utc>,
}

impl From<CourseRequest> for CourseRequestView {
    fn from(request: CourseRequest) -> Self {
        Self {
            id: request.id,
            program: request.program,
            course_id: match request.wanted {
                Wanted::Course(course) => Some(course),
                Wanted::Set(_) => None,
            },
            set: request.set,
            place: request.place,
            requested_at: request.requested_at,
        }
    }
}

/// What a body wants, with its set, or every bad fact in it.
fn wanted(
    tx: &mut Tx<'_>,
    rules: &InForce,
    body: &RequestCourse,
) -> Result<(Wanted, SetCode), Problem> {
    match (body.course_id, &body.set) {
        (Some(id), None) => {
            let ours = |course: &domain::course::Course| course.program == rules.program.code;
            let course = tx.courses().get(id).found()?.filter(ours).ok_or_else(|| {
                BadFact::at("/course_id", "unknown", "There is no such approved course.")
            })?;
            Ok((Wanted::Course(id), course.set))
        }
        (None, Some(set)) if rules.framework.set(set).is_some() => {
            Ok((Wanted::Set(set.clone()), set.clone()))
        }
        (None, Some(set)) => {
            Err(BadFact::at("/set", "unknown", format!("There is no competency set {set}.")).into())
        }
        (Some(_), Some(_)) => {
            Err(BadFact::at("/set", "exclusive", "Ask for a course or for a set, not both.").into())
        }
        (None, None) => {
            Err(BadFact::at("/course_id", "required", "Ask for a course or for a set.").into())
        }
    }
}

/// Ask for a course to be offered somewhere
///
/// Anyone may ask, signed in or not; providers see how many do, by place and set, and never who. The same
/// address asks once a day for a set in a place: 409.
#[utoipa::path(tag = "Public", request_body = RequestCourse,
    extensions(("x-idempotency-key" = json!("optional"))),
    responses((status = 201, body = CourseRequestView)))]
#[post("/v1/course-requests")]
pub(crate) async fn request_course(
    app: App,
    call: Call,
    body: Body<RequestCourse>,
) -> Result<Reply, Problem> {
    call.allow(Action::RequestCourse, &Facts::default())?;
    app.clone()
        .change(&call, move |tx, call| {
            let body = body.get()?;
            let program = program::named(tx, &body.program)?;
            let rules = program::in_force(&app, tx, &program.code)?;
            let (wanted, set) = wanted(tx, &rules, body)?;
            let request = CourseRequest {
                id: tx.new_id(),
                program: program.code,
                wanted,
                set,
                place: body.place.to_string(),
                email: body.email.clone().map(String::from),
                note: body.note.clone().map(String::from),
                person: call.caller().person(),
                requested_at: tx.now(),
            };
            let since = request.requested_at.checked_sub_signed(TimeDelta::days(1));
            if tx.course_requests().asked_since(&request, since.unwrap_or_default())? {
                return Err(Problem::conflict("You asked for this here today already."));
            }
            offering::request(tx, &request)?;
            Ok(Reply::of(201, &CourseRequestView::from(request)).private())
        })
        .await
}

/// A request with who asked, as the office sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AskedCourseView {
    /// The request.
    #[serde(flatten)]
    pub request: CourseRequestView,
    /// Where to write when it is offered.
    pub email: Option<String>,
    /// Anything more.
    pub note: Option<String>,
    /// Who asked, where they were signed in.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
}

impl From<CourseRequest> for AskedCourseView {
    fn from(request: CourseRequest) -> Self {
        let (email, note) = (request.email.clone(), request.note.clone());
        Self { email, note, person_id: request.person, request: request.into() }
    }
}

/// Which requests are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRequests {
    /// Those in a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those for a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// Only those for a course.
    #[param(schema_with = id_of::<CourseKind>, required = false)]
    pub course_id: Option<CourseId>,
    /// Only those whose place holds this.
    #[serde(default, deserialize_with = "folds")]
    pub place: Option<Term>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List the requests for courses
///
/// Oldest first, with where to write and what was noted: for the office, which tells who asked when a course
/// is offered there.
#[utoipa::path(tag = "Office", params(ListRequests),
    responses((status = 200, body = Listing<AskedCourseView>)))]
#[get("/v1/course-requests")]
pub(crate) async fn list_course_requests(
    app: App,
    call: Call,
    query: Query<ListRequests>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListCourseRequests, &Facts::default())?;
        let page = Page::<CourseRequestId>::of(query.limit, query.cursor.as_ref())?;
        let filter = CourseRequestFilter {
            program: Some(query.program.clone().unwrap_or_else(ProgramCode::lssc)),
            set: query.set.clone(),
            course: query.course_id,
            place: query.place.clone().map(Term::into_inner),
        };
        let rows = tx.course_requests().list(&filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, AskedCourseView::from).reply(call))
    })
    .await
}

/// How many people want a course of a set in a place.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DemandView {
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// The place, as one of them writes it.
    pub place: String,
    /// How many requests.
    pub requests: i64,
    /// The first of them.
    pub first_at: DateTime<Utc>,
    /// The last.
    pub last_at: DateTime<Utc>,
}

impl From<Demand> for DemandView {
    fn from(demand: Demand) -> Self {
        Self {
            set: demand.set,
            place: demand.place,
            requests: demand.requests,
            first_at: demand.first_at,
            last_at: demand.last_at,
        }
    }
}

impl DemandView {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::text(self.set),
            self.place.into(),
            self.requests.into(),
            Cell::text(self.first_at.to_rfc3339()),
            Cell::text(self.last_at.to_rfc3339()),
        ]
    }
}

/// Which requests are counted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CountRequests {
    /// Those in a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those for a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// How they are answered.
    pub format: Option<Format>,
    /// How many places and sets, 50 unless said otherwise.
    pub limit: Option<Limit>,
}

/// Count the requests for courses by place and set
///
/// The most wanted first: places that differ only by case, accents or punctuation are one. For the office,
/// and for everybody who acts for a provider.
#[utoipa::path(tag = "Courses", params(CountRequests),
    responses((status = 200, description = "The counts.",
        content((Listing<DemandView> = "application/json"), (String = "text/csv")))))]
#[get("/v1/course-requests/counts")]
pub(crate) async fn count_course_requests(
    app: App,
    call: Call,
    query: Query<CountRequests>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        // What is counted is nobody's own: every provider sees all of it.
        call.reach(Action::CountCourseRequests)?;
        let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
        let most = i64::from(query.limit.unwrap_or_default().get());
        let counts = tx.course_requests().counts(&code, query.set.as_ref(), most)?;
        let views: Vec<_> = counts.into_iter().map(DemandView::from).collect();
        Ok(match query.format.unwrap_or_default() {
            Format::Json => Listing::whole(views).reply(call),
            Format::Csv => {
                let header = ["set", "place", "requests", "first_at", "last_at"];
                let lines = views.into_iter().map(DemandView::cells);
                Reply::csv("course-requests.csv", &header, lines)
            }
        })
    })
    .await
}
