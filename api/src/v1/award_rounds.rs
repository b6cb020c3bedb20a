//! Rounds of enrollment assistance and their draws, which anyone can repeat.

mod views;

use std::collections::{BTreeMap, btree_map::Entry};

use actix_web::{get, post};
use domain::{
    AwardRoundId,
    access::{Action, Facts},
    award::AwardRound,
    program::ProgramCode,
};
use persistence::{AwardRoundFilter, Tx};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{assistance, program},
    problem::Problem,
    v1::{
        assistance::AssistanceView,
        fields::{no_card_numbers, no_cards},
    },
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_award_rounds)
        .service(get_award_round)
        .service(create_award_round)
        .service(get_award_draw)
        .service(draw_award_round)
        .service(request_assistance);
}

/// Whether whoever asks was helped before; nobody where nobody is signed in.
fn helped(tx: &mut Tx<'_>, call: &Call, program: &ProgramCode) -> Result<bool, Problem> {
    match call.caller().person() {
        Some(person) => Ok(tx.assistance().helped(program, person)?),
        None => Ok(false),
    }
}

fn view(
    app: &App,
    tx: &mut Tx<'_>,
    call: &Call,
    round: AwardRound,
) -> Result<AwardRoundView, Problem> {
    let today = program::today(app, tx, &round.program)?;
    let helped = helped(tx, call, &round.program)?;
    Ok(AwardRoundView::of(round, today, call.caller(), helped))
}

/// List rounds of enrollment assistance
///
/// Oldest first. `state` is that of today.
#[utoipa::path(tag = "Public", params(ListAwardRounds),
    responses((status = 200, body = Listing<AwardRoundView>)))]
#[get("/v1/award-rounds")]
pub(crate) async fn list_award_rounds(
    app: App,
    call: Call,
    query: Query<ListAwardRounds>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListAwardRounds, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let page = Page::<AwardRoundId>::of(query.limit, query.cursor.as_ref())?;
            let filter = AwardRoundFilter { program: query.program.clone() };
            let rows = tx.award_rounds().list(&filter, page.rows())?;
            let mut known = BTreeMap::new();
            for round in &rows {
                if let Entry::Vacant(entry) = known.entry(round.program.clone()) {
                    let today = program::today(&app, tx, &round.program)?;
                    entry.insert((today, helped(tx, call, &round.program)?));
                }
            }
            let view = |round: AwardRound| {
                let (today, helped) = known.get(&round.program).copied().unwrap_or_default();
                AwardRoundView::of(round, today, call.caller(), helped)
            };
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
}

/// Read a round of enrollment assistance
#[utoipa::path(tag = "Public", responses((status = 200, body = AwardRoundView)))]
#[get("/v1/award-rounds/{round_id}")]
pub(crate) async fn get_award_round(
    app: App,
    call: Call,
    id: PathOf<AwardRoundId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetAwardRound, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, call| {
            let round = tx.award_rounds().get(*id)?;
            // Of all: it changes with the day, and with what the caller was granted.
            let version = round.version;
            let reply = Reply::ok(&view(&app, tx, call, round)?).etag_of_all(version);
            Ok(seen.answer(reply.private()))
        })
        .await
}

/// Make a round of enrollment assistance
///
/// Each place is worth the amount of the policy in force today. Say where the seed of the draw will come
/// from: a public number of a day after the round closes, which nobody can know while tickets are given
/// out. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = CreateAwardRound,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = AwardRoundView)))]
#[post("/v1/award-rounds")]
pub(crate) async fn create_award_round(
    app: App,
    call: Call,
    body: Body<CreateAwardRound>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::CreateAwardRound, &Facts::default())?;
            let body = body.get()?;
            let program = program::named(tx, &body.program)?;
            let rules = program::in_force(&app, tx, &program.code)?;
            let round = AwardRound {
                id: tx.new_id(),
                program: program.code,
                name: body.name.to_string(),
                opens_on: body.opens_on,
                closes_on: body.closes_on,
                places: body.places,
                amount_cents: rules.policy.awards.enrollment_assistance_cents,
                seed_source: body.seed_source.to_string(),
                seed: None,
                drawn_on: None,
                version: 1,
            };
            let mut bad = round.faults();
            bad.extend(
                no_cards([("/name", &*round.name), ("/seed_source", &*round.seed_source)])
                    .err()
                    .unwrap_or_default(),
            );
            if !bad.is_empty() {
                return Err(bad.into());
            }
            assistance::open(tx, &round)?;
            let location = format!("/v1/award-rounds/{}", round.id);
            Ok(Reply::created(location, &view(&app, tx, call, round)?))
        })
        .await
}

/// Read a round's draw
///
/// Every ticket of the round, before the draw in the order in which they were given out, then by rank.
/// Anyone can repeat the draw: `algorithm` says how. A ticket tells nothing of the person.
#[utoipa::path(tag = "Public", responses((status = 200, body = AwardDrawView)))]
#[get("/v1/award-rounds/{round_id}/draw")]
pub(crate) async fn get_award_draw(
    app: App,
    call: Call,
    id: PathOf<AwardRoundId>,
) -> Result<Reply, Problem> {
    call.allow(Action::GetAwardDraw, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, _call| {
            let round = tx.award_rounds().get(*id)?;
            let today = program::today(&app, tx, &round.program)?;
            let tickets = tx.assistance().tickets(round.id)?;
            Ok(Reply::ok(&AwardDrawView::of(&round, &tickets, today)).public(10))
        })
        .await
}

/// Hold a round's draw
///
/// Once, after the round has closed, with the seed from the source that the round named. Tickets are
/// ordered by SHA-256 of the seed, a colon and the ticket; the first `places` are granted. What is granted
/// pays the fee of an open application at once, or else the next one. Somebody whom another round helped
/// meanwhile takes no place. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = DrawAwardRound,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AwardDrawView)))]
#[post("/v1/award-rounds/{round_id}/draw")]
pub(crate) async fn draw_award_round(
    app: App,
    call: Call,
    id: PathOf<AwardRoundId>,
    body: Body<DrawAwardRound>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::DrawAwardRound, &Facts::default())?;
            let round = tx.award_rounds().get(*id)?;
            let seed = body.get()?.seed.to_string();
            no_card_numbers([("/seed", seed.as_str())])?;
            // Who holds a ticket does not hold the draw.
            let mut tickets = tx.assistance().tickets(round.id)?.into_iter();
            let own = tickets.find(|ticket| Some(ticket.person) == call.caller().person());
            let facts = Facts { owner: own.map(|ticket| ticket.person), organisation: None };
            call.allow(Action::DrawAwardRound, &facts)?;
            let rules = program::in_force(&app, tx, &round.program)?;
            let round = assistance::draw(tx, &rules, round, seed)?;
            let tickets = tx.assistance().tickets(round.id)?;
            Ok(Reply::ok(&AwardDrawView::of(&round, &tickets, rules.today)))
        })
        .await
}

/// Ask for enrollment assistance
///
/// While the round is open, once a round, and only who was not helped before. The id of the request is the
/// ticket of the draw. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = AssistanceView)))]
#[post("/v1/award-rounds/{round_id}/requests")]
pub(crate) async fn request_assistance(
    app: App,
    call: Call,
    id: PathOf<AwardRoundId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            let person = call.signed()?.person();
            let own = Facts { owner: person, organisation: None };
            call.allow(Action::RequestAssistance, &own)?;
            let Some(person) = person else { return Err(Problem::not_found()) };
            let round = tx.award_rounds().get(*id)?;
            let rules = program::in_force(&app, tx, &round.program)?;
            let request = assistance::request(tx, &rules, &round, person)?;
            let location = format!("/v1/assistance/{}", request.id);
            let view = AssistanceView::of(request, call.caller());
            Ok(Reply::created(location, &view).etag(1))
        })
        .await
}
