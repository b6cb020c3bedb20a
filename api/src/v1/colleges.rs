//! Colleges, whose graduates may be recognised (FAQ 12).

use actix_web::{get, patch, post};
use domain::{
    OrganisationId,
    access::{Action, Facts},
    agreement::{College, CollegeEvent},
    event::Event,
    id::OrganisationKind,
    organisation::OrganisationStanding,
    program::ProgramCode,
};
use persistence::{CollegeFilter, Constraint, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfMatch, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::program,
    openapi::words::id_of,
    problem::Problem,
    v1::{
        actions,
        fields::{EmailAddress, Line, Name, Term, WebAddress, given, patched},
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_colleges)
        .service(get_college)
        .service(create_college)
        .service(update_college);
}

/// A college.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CollegeView {
    /// Its id.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub id: OrganisationId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its name.
    pub name: String,
    /// City and state.
    pub place: Option<String>,
    /// Its website.
    pub website: Option<String>,
    /// Where to ask.
    pub contact_email: Option<String>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl CollegeView {
    fn of(college: College, call: &Call) -> Self {
        let facts = Facts::of_organisation(college.id);
        let base = format!("/v1/colleges/{}", college.id);
        let offered = [
            (Action::UpdateCollege, "PATCH", base),
            (Action::CreateAgreement, "POST", "/v1/recognition-agreements".to_owned()),
        ];
        let may = |action: Action| call.caller().may(action, &facts).is_ok();
        let actions = offered.into_iter().filter(|(action, ..)| may(*action));
        Self {
            actions: actions
                .map(|(action, method, href)| actions::view(action, method, href, Vec::new()))
                .collect(),
            id: college.id,
            program: college.program,
            name: college.name,
            place: college.place,
            website: college.website,
            contact_email: college.contact_email,
            version: college.version,
        }
    }
}

/// A college to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCollege {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Its name, unique in the program.
    pub name: Name,
    /// City and state.
    #[serde(default)]
    pub place: Option<Line>,
    /// Its website.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// Where to ask.
    #[serde(default)]
    pub contact_email: Option<EmailAddress>,
}

/// What changes of a college; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCollege {
    /// Its name.
    #[serde(default)]
    pub name: Option<Name>,
    /// City and state.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub place: Option<Option<Line>>,
    /// Its website.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<WebAddress>)]
    pub website: Option<Option<WebAddress>>,
    /// Where to ask.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<EmailAddress>)]
    pub contact_email: Option<Option<EmailAddress>>,
}

fn event(college: &College, fact: CollegeEvent) -> Event<CollegeEvent> {
    Event {
        program: Some(college.program.clone()),
        subject: college.id.to_string(),
        person: None,
        fact,
    }
}

fn named_already(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::CollegesName) => {
            Problem::conflict("The program has a college of this name.")
        }
        other => other.into(),
    }
}

/// What everybody sees alike may be kept; what somebody signed in sees shows what they may do.
pub(super) fn kept(reply: Reply, call: &Call) -> Reply {
    let reply = reply.header("Vary", "Authorization");
    if call.signed().is_ok() { reply.private() } else { reply.public(60) }
}

/// Which colleges are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListColleges {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those whose names have all of these words, or parts of words.
    pub q: Option<Term>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List colleges
///
/// Those with which the program has, had or prepares recognition agreements.
#[utoipa::path(tag = "Public", params(ListColleges),
    responses((status = 200, body = Listing<CollegeView>)))]
#[get("/v1/colleges")]
pub(crate) async fn list_colleges(
    app: App,
    call: Call,
    query: Query<ListColleges>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListColleges, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let filter = CollegeFilter {
            program: query.program.clone(),
            text: query.q.clone().map(Term::into_inner),
            active_on: None,
        };
        let page = Page::<OrganisationId>::of(query.limit, query.cursor.as_ref())?;
        let rows = tx.colleges().list(&filter, page.rows())?;
        let listing = page.listing(rows, |row| row.id, |row| CollegeView::of(row, call));
        Ok(kept(listing.reply(call), call))
    })
    .await
}

/// Read a college
#[utoipa::path(tag = "Public",
    responses((status = 200, body = CollegeView, headers(("ETag" = String)))))]
#[get("/v1/colleges/{college_id}")]
pub(crate) async fn get_college(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetCollege, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let college = tx.colleges().get(*id)?;
        let version = college.version;
        let reply = Reply::ok(&CollegeView::of(college, call)).etag(version);
        Ok(seen.answer(kept(reply, call)))
    })
    .await
}

/// Record a college
#[utoipa::path(tag = "Office", request_body = CreateCollege,
    responses((status = 201, body = CollegeView)))]
#[post("/v1/colleges")]
pub(crate) async fn create_college(
    app: App,
    call: Call,
    body: Body<CreateCollege>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::CreateCollege, &Facts::default())?;
        let body = body.get()?;
        let program = program::named(tx, &body.program)?;
        let college = College {
            id: tx.new_id(),
            program: program.code,
            name: body.name.to_string(),
            place: body.place.clone().map(String::from),
            website: body.website.clone().map(String::from),
            contact_email: body.contact_email.clone().map(String::from),
            standing: OrganisationStanding::default(),
            version: 1,
        };
        tx.colleges().insert(&college).map_err(named_already)?;
        let fact = CollegeEvent::Recorded { after: Box::new(college.clone()) };
        tx.record(event(&college, fact))?;
        let location = format!("/v1/colleges/{}", college.id);
        Ok(Reply::created(location, &CollegeView::of(college, call)).etag(1))
    })
    .await
}

/// Change a college
///
/// By the office or the people who act for it. What is left out stays, null clears. Needs `If-Match`.
#[utoipa::path(tag = "Colleges", request_body = UpdateCollege,
    responses((status = 200, body = CollegeView)))]
#[patch("/v1/colleges/{college_id}")]
pub(crate) async fn update_college(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    body: Body<UpdateCollege>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::UpdateCollege, &Facts::of_organisation(*id))?;
        let before = tx.colleges().get(*id)?;
        let body = body.get()?;
        seen.check(before.version)?;
        let mut after = before.clone();
        if let Some(name) = &body.name {
            after.name = name.to_string();
        }
        after.place = patched(body.place.as_ref(), before.place.as_ref());
        after.website = patched(body.website.as_ref(), before.website.as_ref());
        after.contact_email = patched(body.contact_email.as_ref(), before.contact_email.as_ref());
        if after == before {
            return Ok(Reply::ok(&CollegeView::of(before, call)).etag(after.version));
        }
        tx.colleges().save(&mut after).map_err(named_already)?;
        let fact =
            CollegeEvent::Updated { before: Box::new(before), after: Box::new(after.clone()) };
        tx.record(event(&after, fact))?;
        let version = after.version;
        Ok(Reply::ok(&CollegeView::of(after, call)).etag(version))
    })
    .await
}
