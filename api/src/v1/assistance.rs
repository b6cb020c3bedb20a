//! Requests for enrollment assistance: a fixed amount, once a person.

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    AssistanceId, AwardRoundId, InvoiceId, PersonId,
    access::{Action, Caller, Facts},
    award::{Assistance, AssistanceState},
    id::{AssistanceKind, AwardRoundKind, InvoiceKind, PersonKind},
    program::ProgramCode,
};
use persistence::AssistanceFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::{assistance, program},
    openapi::words::{id_of, id_of_or_null, one_of},
    problem::Problem,
    v1::actions,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_assistance).service(get_assistance).service(withdraw_assistance);
}

/// A request for enrollment assistance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssistanceView {
    /// Its id: the ticket of the draw, which is published with it.
    #[schema(schema_with = id_of::<AssistanceKind>)]
    pub id: AssistanceId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The round.
    #[schema(schema_with = id_of::<AwardRoundKind>)]
    pub round_id: AwardRoundId,
    /// Who asks.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// Where it stands.
    #[schema(schema_with = one_of::<AssistanceState>)]
    pub state: AssistanceState,
    /// What it is worth. Cents.
    #[schema(example = 17500)]
    pub amount_cents: i64,
    /// The day of the request.
    pub requested_on: NaiveDate,
    /// The day on which it was withdrawn.
    pub withdrawn_on: Option<NaiveDate>,
    /// Its rank in the draw.
    pub rank: Option<i64>,
    /// The day on which it was granted.
    pub granted_on: Option<NaiveDate>,
    /// The invoice that it paid.
    #[schema(schema_with = id_of_or_null::<InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl AssistanceView {
    /// The request as `caller` sees it.
    #[must_use]
    pub fn of(request: Assistance, caller: &Caller) -> Self {
        let may = caller.may(Action::WithdrawAssistance, &facts(&request)).is_ok();
        let href = format!("/v1/assistance/{}/withdraw", request.id);
        let findings = vec![request.withdraw_finding()];
        let withdraw = actions::view(Action::WithdrawAssistance, "POST", href, findings);
        Self {
            id: request.id,
            state: request.state(),
            program: request.program,
            round_id: request.round,
            person_id: request.person,
            amount_cents: request.amount_cents,
            requested_on: request.requested_on,
            withdrawn_on: request.withdrawn_on,
            rank: request.rank,
            granted_on: request.granted_on,
            invoice_id: request.invoice,
            version: request.version,
            actions: if may { vec![withdraw] } else { Vec::new() },
        }
    }
}

fn facts(request: &Assistance) -> Facts {
    Facts::of_person(request.person)
}

fn answer(call: &Call, request: Assistance) -> Reply {
    let version = request.version;
    Reply::ok(&AssistanceView::of(request, call.caller())).etag(version).private()
}

/// Which requests for assistance are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAssistance {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a round.
    #[param(schema_with = id_of::<AwardRoundKind>, required = false)]
    pub round_id: Option<AwardRoundId>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<AssistanceState>, required = false)]
    pub state: Option<AssistanceState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List requests for enrollment assistance
///
/// Staff see everybody's, oldest first; others their own.
#[utoipa::path(tag = "Candidates", params(ListAssistance),
    responses((status = 200, body = Listing<AssistanceView>)))]
#[get("/v1/assistance")]
pub(crate) async fn list_assistance(
    app: App,
    call: Call,
    query: Query<ListAssistance>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListAssistance)?;
        let mut filter = AssistanceFilter {
            program: query.program.clone(),
            round: query.round_id,
            person: query.person_id,
            state: query.state,
        };
        let page = Page::<AssistanceId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.assistance().list(&filter, page.rows())?;
        let view = |row| AssistanceView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read a request for enrollment assistance
#[utoipa::path(tag = "Candidates", responses((status = 200, body = AssistanceView)))]
#[get("/v1/assistance/{assistance_id}")]
pub(crate) async fn get_assistance(
    app: App,
    call: Call,
    id: PathOf<AssistanceId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let request = tx.assistance().get(*id)?;
        call.allow(Action::GetAssistance, &facts(&request))?;
        Ok(seen.answer(answer(call, request)))
    })
    .await
}

/// Withdraw a request for enrollment assistance
///
/// Before the draw. While the round is open, one can ask again. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Candidates", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = AssistanceView)))]
#[post("/v1/assistance/{assistance_id}/withdraw")]
pub(crate) async fn withdraw_assistance(
    app: App,
    call: Call,
    id: PathOf<AssistanceId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let found = tx.assistance().get(*id)?;
            call.allow(Action::WithdrawAssistance, &facts(&found))?;
            let rules = program::in_force(&app, tx, &found.program)?;
            let request = assistance::withdraw(tx, &rules, found)?;
            Ok(answer(call, request))
        })
        .await
}
