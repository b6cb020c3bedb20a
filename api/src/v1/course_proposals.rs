//! Course proposals, as providers write them and hand them in (FAQ 13).

mod bodies;
mod office;
mod related;
mod submission;
mod views;

use actix_web::{get, patch, post};
use domain::{
    OrganisationId, ProposalId,
    access::{Action, Facts, Reach, Refusal, Role},
    course::{
        Provider,
        proposal::{CourseProposal, ProposalEvent},
    },
};
use persistence::{Optional, ProposalFilter, Tx};

pub use bodies::*;
pub use office::*;
pub use submission::*;
pub use views::*;

use related::Related;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, Page, PathOf, Query},
    flows::{program, proposal},
    problem::{Kind, Problem},
    v1::events::EventView,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(create_course_proposal)
        .service(list_course_proposals)
        .service(get_course_proposal)
        .service(update_course_proposal)
        .service(submit_course_proposal)
        .service(withdraw_course_proposal)
        .service(list_course_proposal_events)
        .service(assign_course_review)
        .service(request_proposal_changes)
        .service(approve_course_proposal)
        .service(decline_course_proposal);
}

/// What acts on a proposal are judged by: nobody of the office decides on what they proposed, or on the
/// proposal of a provider for which they act.
fn deciding(proposal: &CourseProposal) -> Facts {
    Facts { owner: Some(proposal.proposed_by), organisation: Some(proposal.provider) }
}

/// Lets the caller do `action` to a proposal. Who only reads it, as its reviewer does, is told 403.
fn allow(
    tx: &mut Tx<'_>,
    call: &Call,
    action: Action,
    proposal: &CourseProposal,
) -> Result<(), Problem> {
    let reading = proposal::facts(tx, call.caller(), proposal)?;
    call.allow(Action::GetCourseProposal, &reading)?;
    call.allow(action, &deciding(proposal)).map_err(|refused| match refused.kind() {
        Kind::NotFound => Refusal::Forbidden.into(),
        _ => refused,
    })
}

fn view(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    proposal: CourseProposal,
) -> Result<CourseProposalView, Problem> {
    let related = Related::of(app, tx, call, std::slice::from_ref(&proposal))?;
    let judged = related.judged(call, &proposal)?;
    Ok(CourseProposalView::of(proposal, &judged, call.caller()))
}

fn answer(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    proposal: CourseProposal,
) -> Result<Reply, Problem> {
    let version = proposal.version;
    Ok(Reply::ok(&view(app, tx, call, proposal)?).etag(version).private())
}

/// Saves a proposal with what happened to it, and answers with it.
fn record(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    changed: (CourseProposal, ProposalEvent),
) -> Result<Reply, Problem> {
    let proposal = proposal::save(tx, changed)?;
    answer(app, tx, call, proposal)
}

/// The provider that a body names: 422 when there is none.
pub(super) fn provider_named(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Provider, Problem> {
    let unknown = || Problem::input("/provider_id", "unknown", "There is no such provider.");
    tx.providers().get(id).found()?.ok_or_else(unknown)
}

/// What access judges a body by that begins something of a provider. One that cannot be read names none: it
/// is judged as of the caller's own.
pub(super) fn provider_facts(call: &Call, given: Option<OrganisationId>) -> Facts {
    let own = || call.caller().organisations(&[Role::Provider]).first().copied();
    Facts { owner: None, organisation: given.or_else(own) }
}

/// Begin a course proposal
///
/// A draft, for one competency set or as a part of a bundle (FAQ 10, 13); with `renews_course_id` for the
/// renewal of an approval that is in force. One renewal of a course is open at a time.
#[utoipa::path(tag = "Courses", request_body = CreateCourseProposal,
    responses((status = 201, body = CourseProposalView)))]
#[post("/v1/course-proposals")]
pub(crate) async fn create_course_proposal(
    app: App,
    call: Call,
    body: Body<CreateCourseProposal>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let given = body.get();
            let facts = provider_facts(call, given.as_ref().ok().map(|body| body.provider_id));
            let by = call.signed()?.person();
            call.allow(Action::CreateCourseProposal, &facts)?;
            let body = given?;
            let Some(by) = by else { return Err(Problem::not_found()) };
            let provider = provider_named(tx, body.provider_id)?;
            let rules = program::in_force(&app, tx, &provider.program)?;
            let course = proposal::renewed(tx, &provider, body.renews_course_id)?;
            let content = body.content()?;
            proposal::check(tx, &rules, &provider, course.is_some(), &content)?;
            let when = (rules.today, tx.now());
            let id: ProposalId = tx.new_id();
            let draft = CourseProposal::draft(id, &provider, by, course.as_ref(), content, when)?;
            let draft = proposal::begin(tx, draft)?;
            let view = view(&app, tx, call, draft)?;
            Ok(Reply::created(format!("/v1/course-proposals/{id}"), &view).etag(1))
        })
        .await
}

/// List course proposals
///
/// Oldest first. The office sees all of them: with `state=submitted` it is its queue. Who acts for providers
/// sees theirs; reviewers find theirs among their reviews.
#[utoipa::path(tag = "Courses", params(ListCourseProposals),
    responses((status = 200, body = Listing<CourseProposalView>)))]
#[get("/v1/course-proposals")]
pub(crate) async fn list_course_proposals(
    app: App,
    call: Call,
    query: Query<ListCourseProposals>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let mut providers = query.provider_id.map(|one| vec![one]);
            if let Reach::Own(own) = call.reach(Action::ListCourseProposals)? {
                let asked = |one: &OrganisationId| query.provider_id.is_none_or(|id| id == *one);
                providers = Some(own.organisations.into_iter().filter(asked).collect());
            }
            let filter = ProposalFilter {
                program: query.program.clone(),
                providers,
                state: query.state,
                set: query.set.clone(),
                bundle: query.bundle_id,
            };
            let page = Page::<ProposalId>::of(query.limit, query.cursor.as_ref())?;
            let rows = tx.proposals().list(&filter, page.rows())?;
            let related = Related::of(&app, tx, call, &rows)?;
            let mut views = Vec::with_capacity(rows.len());
            for row in rows {
                let judged = related.judged(call, &row)?;
                views.push(CourseProposalView::of(row, &judged, call.caller()));
            }
            Ok(page.listing(views, |view| view.id, |view| view).reply(call))
        })
        .await
}

/// Read a course proposal
///
/// Its provider, the office and its reviewers.
#[utoipa::path(tag = "Courses",
    responses((status = 200, body = CourseProposalView, headers(("ETag" = String)))))]
#[get("/v1/course-proposals/{proposal_id}")]
pub(crate) async fn get_course_proposal(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            let facts = proposal::facts(tx, call.caller(), &proposal)?;
            call.allow(Action::GetCourseProposal, &facts)?;
            Ok(seen.answer(answer(&app, tx, call, proposal)?))
        })
        .await
}

/// Change a course proposal
///
/// While it is a draft; after the office asked for changes only in the parts that it named. What is left out
/// stays; `map` replaces the whole map. Needs `If-Match`.
#[utoipa::path(tag = "Courses", request_body = UpdateCourseProposal,
    responses((status = 200, body = CourseProposalView)))]
#[patch("/v1/course-proposals/{proposal_id}")]
pub(crate) async fn update_course_proposal(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
    body: Body<UpdateCourseProposal>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let proposal = tx.proposals().get(*id)?;
            allow(tx, call, Action::UpdateCourseProposal, &proposal)?;
            let content = body.get()?.content(proposal.content.clone())?;
            let rules = program::in_force(&app, tx, &proposal.program)?;
            let provider = tx.providers().get(proposal.provider)?;
            // A bundle that it names already may have been approved with its other parts.
            let settled = proposal.renews.is_some() || content.bundle == proposal.content.bundle;
            proposal::check(tx, &rules, &provider, settled, &content)?;
            seen.check(proposal.version)?;
            record(&app, tx, call, proposal.update(content)?)
        })
        .await
}

/// Read a course proposal's history
///
/// Everything that happened to it, in order, from the event log.
#[utoipa::path(tag = "Courses", responses((status = 200, body = Listing<EventView>)))]
#[get("/v1/course-proposals/{proposal_id}/events")]
pub(crate) async fn list_course_proposal_events(
    app: App,
    call: Call,
    id: PathOf<ProposalId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let proposal = tx.proposals().get(*id)?;
        allow(tx, call, Action::ListCourseProposalEvents, &proposal)?;
        let events = tx.events().history(&id.to_string())?;
        Ok(Listing::whole(events.into_iter().map(EventView::from).collect()).reply(call))
    })
    .await
}
