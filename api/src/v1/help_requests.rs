//! Requests for help with a portfolio (FAQ 15): asked by people, answered by the office.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use domain::{
    BadFact, HelpRequestId, PersonId,
    access::{Action, Caller, Facts},
    competency::SetCode,
    id::{HelpRequestKind, PersonKind},
    program::ProgramCode,
    support::{HelpAct, HelpRequest, HelpState},
};
use persistence::HelpFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    actions,
    fields::{Prose, no_cards},
};
use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::{program, support},
    openapi::words::{id_of, one_of},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_help_request)
        .service(list_help_requests)
        .service(get_help_request)
        .service(answer_help_request)
        .service(close_help_request);
}

/// What somebody asks.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateHelpRequest {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// The competency set that it is about.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "FND", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// The question.
    pub question: Prose,
}

/// An answer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerHelpRequest {
    /// What it says.
    pub text: Prose,
}

/// An answer of the office.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HelpAnswerView {
    /// What it says.
    pub text: String,
    /// When.
    pub answered_at: DateTime<Utc>,
}

/// A request for help.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HelpRequestView {
    /// Its id.
    #[schema(schema_with = id_of::<HelpRequestKind>)]
    pub id: HelpRequestId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Who asks.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The competency set that it is about.
    #[schema(value_type = Option<String>, example = "FND")]
    pub set: Option<SetCode>,
    /// The question.
    pub question: String,
    /// Where it stands.
    #[schema(schema_with = one_of::<HelpState>)]
    pub state: HelpState,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The answers of the office, oldest first.
    pub answers: Vec<HelpAnswerView>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// What can be done to a request, with its path.
const OFFERED: &[(Action, HelpAct, &str)] = &[
    (Action::AnswerHelpRequest, HelpAct::Answer, "answer"),
    (Action::CloseHelpRequest, HelpAct::Close, "close"),
];

impl HelpRequestView {
    /// The request as `caller` sees it.
    #[must_use]
    pub fn of(request: HelpRequest, caller: &Caller) -> Self {
        let facts = Facts::of_person(request.person);
        let actions = OFFERED
            .iter()
            .filter(|(action, ..)| caller.may(*action, &facts).is_ok())
            .map(|(action, act, path)| {
                let href = format!("/v1/help-requests/{}/{path}", request.id);
                actions::view(*action, "POST", href, vec![request.state_finding(*act)])
            })
            .collect();
        let answers = request.answers.into_iter();
        Self {
            actions,
            id: request.id,
            program: request.program,
            person_id: request.person,
            set: request.set,
            question: request.question,
            state: request.state,
            asked_at: request.asked_at,
            answers: answers
                .map(|one| HelpAnswerView { text: one.text, answered_at: one.answered_at })
                .collect(),
            closed_at: request.closed_at,
            version: request.version,
        }
    }
}

/// Which requests are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListHelpRequests {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those about a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// Only those that stand so.
    #[param(schema_with = one_of::<HelpState>, required = false)]
    pub state: Option<HelpState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

fn answer(call: &Call, request: HelpRequest) -> Reply {
    let version = request.version;
    Reply::ok(&HelpRequestView::of(request, call.caller())).etag(version).private()
}

/// Ask for help
///
/// Of the office, with a portfolio or its set; a mail tells when it is answered.
#[utoipa::path(tag = "Support", request_body = CreateHelpRequest,
    responses((status = 201, body = HelpRequestView)))]
#[post("/v1/help-requests")]
pub(crate) async fn create_help_request(
    app: App,
    call: Call,
    body: Body<CreateHelpRequest>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let owner = call.signed()?.person();
            call.allow(Action::CreateHelpRequest, &Facts { owner, organisation: None })?;
            let person = owner.ok_or_else(Problem::not_found)?;
            let body = body.get()?;
            no_cards([("/question", &*body.question)])?;
            program::named(tx, &body.program)?;
            let rules = program::in_force(&app, tx, &body.program)?;
            if let Some(set) = body.set.as_ref().filter(|set| rules.framework.set(set).is_none()) {
                let detail = format!("There is no competency set {set}.");
                return Err(BadFact::at("/set", "unknown", detail).into());
            }
            let asked = (body.set.clone(), body.question.to_string());
            let (id, now) = (tx.new_id(), tx.now());
            let request = HelpRequest::ask(id, rules.program.code, person, asked, now);
            let request = support::ask(tx, request)?;
            let location = format!("/v1/help-requests/{}", request.id);
            let view = HelpRequestView::of(request, call.caller());
            Ok(Reply::created(location, &view).etag(1).private())
        })
        .await
}

/// List requests for help
///
/// Oldest first. The office sees everybody's: with `state=open` it is its queue. Others see their own.
#[utoipa::path(tag = "Support", params(ListHelpRequests),
    responses((status = 200, body = Listing<HelpRequestView>)))]
#[get("/v1/help-requests")]
pub(crate) async fn list_help_requests(
    app: App,
    call: Call,
    query: Query<ListHelpRequests>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListHelpRequests)?;
        let mut filter = HelpFilter {
            program: query.program.clone(),
            person: query.person_id,
            set: query.set.clone(),
            state: query.state,
        };
        let page = Page::<HelpRequestId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.help_requests().list(&filter, page.rows())?;
        let view = |row| HelpRequestView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a request for help
#[utoipa::path(tag = "Support", responses((status = 200, body = HelpRequestView)))]
#[get("/v1/help-requests/{help_request_id}")]
pub(crate) async fn get_help_request(
    app: App,
    call: Call,
    id: PathOf<HelpRequestId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let request = tx.help_requests().get(*id)?;
        call.allow(Action::GetHelpRequest, &Facts::of_person(request.person))?;
        Ok(seen.answer(answer(call, request)))
    })
    .await
}

/// Answer a request for help
///
/// Once or more often, until it is closed. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Support", request_body = AnswerHelpRequest,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = HelpRequestView)))]
#[post("/v1/help-requests/{help_request_id}/answer")]
pub(crate) async fn answer_help_request(
    app: App,
    call: Call,
    id: PathOf<HelpRequestId>,
    body: Body<AnswerHelpRequest>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.signed()?;
        let found = tx.help_requests().get(*id)?;
        call.allow(Action::AnswerHelpRequest, &Facts::of_person(found.person))?;
        let text = body.get()?.text.to_string();
        no_cards([("/text", text.as_str())])?;
        let (by, now) = (tx.actor().to_owned(), tx.now());
        let request = support::save_help(tx, found.answer(text, by, now)?)?;
        Ok(answer(call, request))
    })
    .await
}

/// Close a request for help
///
/// By the office or by who asked, answered or not.
#[utoipa::path(tag = "Support", responses((status = 200, body = HelpRequestView)))]
#[post("/v1/help-requests/{help_request_id}/close")]
pub(crate) async fn close_help_request(
    app: App,
    call: Call,
    id: PathOf<HelpRequestId>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.signed()?;
        let found = tx.help_requests().get(*id)?;
        call.allow(Action::CloseHelpRequest, &Facts::of_person(found.person))?;
        let now = tx.now();
        let request = support::save_help(tx, found.close(now)?)?;
        Ok(answer(call, request))
    })
    .await
}
