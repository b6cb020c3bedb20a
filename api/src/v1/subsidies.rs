//! Course subsidies: part of a course's price, reimbursed after its completion, with proof of payment.

mod views;

use actix_web::{get, post};
use domain::{
    CompletionId, SubsidyId,
    access::{Action, Facts},
    award::{Subsidy, SubsidyEvent, SubsidyState, check_subsidy, subsidy_findings},
    decision,
};
use persistence::{Constraint, Error, SubsidyFilter};
use utoipa_actix_web::service_config::ServiceConfig;

pub use views::*;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfNoneMatch, Page, PathOf, Query},
    flows::{
        money::{self, subsidy_event},
        program,
    },
    problem::Problem,
    v1::{
        fields::{Reason, no_cards},
        invoices::check_amount,
    },
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(request_subsidy)
        .service(list_subsidies)
        .service(get_subsidy)
        .service(grant_subsidy)
        .service(decline_subsidy);
}

fn facts(subsidy: &Subsidy) -> Facts {
    Facts::of_person(subsidy.person)
}

fn answer(call: &Call, subsidy: Subsidy) -> Reply {
    let version = subsidy.version;
    Reply::ok(&SubsidyView::of(subsidy, call.caller())).etag(version).private()
}

/// Ask for a course subsidy
///
/// For one's own verified completion of a course, with what the course cost and where the receipt is; one
/// subsidy a completion. The office decides. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", request_body = RequestSubsidy,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = SubsidyView)))]
#[post("/v1/completions/{completion_id}/subsidy")]
pub(crate) async fn request_subsidy(
    app: App,
    call: Call,
    id: PathOf<CompletionId>,
    body: Body<RequestSubsidy>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let completion = tx.completions().get(*id)?;
            let of_person = Facts::of_person(completion.person);
            call.allow(Action::RequestSubsidy, &of_person)?;
            let body = body.get()?;
            let mut bad = check_subsidy(body.paid_cents);
            bad.extend(no_cards([("/receipt_url", &*body.receipt_url)]).err().unwrap_or_default());
            if !bad.is_empty() {
                return Err(bad.into());
            }
            decision::by_rule(subsidy_findings(&completion))?;
            let subsidy = Subsidy {
                id: tx.new_id(),
                requested_on: program::today(&app, tx, &completion.program)?,
                program: completion.program,
                person: completion.person,
                completion: completion.id,
                paid_cents: body.paid_cents,
                receipt_url: body.receipt_url.to_string(),
                state: SubsidyState::Requested,
                decided_on: None,
                granted_cents: None,
                reason: None,
                payout: None,
                version: 1,
            };
            tx.subsidies().insert(&subsidy).map_err(|error| match error {
                Error::Conflict(Constraint::SubsidiesOnce) => {
                    Problem::conflict("A subsidy of this completion was asked for already.")
                }
                other => other.into(),
            })?;
            let (completion, paid_cents) = (subsidy.completion, subsidy.paid_cents);
            let fact = SubsidyEvent::Requested { completion, paid_cents };
            tx.record(subsidy_event(&subsidy, fact))?;
            let location = format!("/v1/subsidies/{}", subsidy.id);
            Ok(Reply::created(location, &SubsidyView::of(subsidy, call.caller())).etag(1))
        })
        .await
}

/// List course subsidies
///
/// Staff see everybody's, oldest first: with `state=requested` it is the office's queue. Others see their
/// own.
#[utoipa::path(tag = "Candidates", params(ListSubsidies),
    responses((status = 200, body = Listing<SubsidyView>)))]
#[get("/v1/subsidies")]
pub(crate) async fn list_subsidies(
    app: App,
    call: Call,
    query: Query<ListSubsidies>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListSubsidies)?;
        let mut filter = SubsidyFilter {
            program: query.program.clone(),
            person: query.person_id,
            completion: query.completion_id,
            state: query.state,
        };
        let page = Page::<SubsidyId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.subsidies().list(&filter, page.rows())?;
        let view = |row| SubsidyView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a course subsidy
#[utoipa::path(tag = "Candidates", responses((status = 200, body = SubsidyView)))]
#[get("/v1/subsidies/{subsidy_id}")]
pub(crate) async fn get_subsidy(
    app: App,
    call: Call,
    id: PathOf<SubsidyId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let subsidy = tx.subsidies().get(*id)?;
        call.allow(Action::GetSubsidy, &facts(&subsidy))?;
        Ok(seen.answer(answer(call, subsidy)))
    })
    .await
}

/// Grant a course subsidy
///
/// `amount_cents`, or the most that the program gives when it is left out: what the course cost, up to the
/// amount of the policy. A payout of it is due. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = GrantSubsidy,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = SubsidyView)))]
#[post("/v1/subsidies/{subsidy_id}/grant")]
pub(crate) async fn grant_subsidy(
    app: App,
    call: Call,
    id: PathOf<SubsidyId>,
    body: Body<GrantSubsidy>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let found = tx.subsidies().get(*id)?;
            call.allow(Action::GrantSubsidy, &facts(&found))?;
            let amount_cents = body.get()?.amount_cents;
            if let Some(bad) = amount_cents.and_then(check_amount) {
                return Err(bad.into());
            }
            let rules = program::in_force(&app, tx, &found.program)?;
            // It may have been voided since the request.
            let completed = subsidy_findings(&tx.completions().get(found.completion)?);
            let subsidy = money::grant_subsidy(tx, &rules, found, amount_cents, completed)?;
            Ok(answer(call, subsidy))
        })
        .await
}

/// Decline a course subsidy
///
/// With a reason for the person. They can ask again. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = Reason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = SubsidyView)))]
#[post("/v1/subsidies/{subsidy_id}/decline")]
pub(crate) async fn decline_subsidy(
    app: App,
    call: Call,
    id: PathOf<SubsidyId>,
    body: Body<Reason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let found = tx.subsidies().get(*id)?;
            call.allow(Action::DeclineSubsidy, &facts(&found))?;
            let reason = body.get()?.reason.to_string();
            no_cards([("/reason", reason.as_str())])?;
            let today = program::today(&app, tx, &found.program)?;
            let (mut subsidy, fact) = found.decline(reason, today)?;
            tx.subsidies().save(&mut subsidy)?;
            tx.record(subsidy_event(&subsidy, fact))?;
            Ok(answer(call, subsidy))
        })
        .await
}
