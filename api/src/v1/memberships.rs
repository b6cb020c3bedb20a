//! ALA memberships: claimed by the person, verified by staff (FAQ 21, 23).

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BadFact, MembershipId, PersonId,
    access::{Action, Caller, Facts},
    decision,
    id::{MembershipKind, PersonKind},
    person::{Membership, MembershipState, PersonEvent},
    program::ProgramCode,
};
use persistence::MembershipFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::program,
    openapi::words::{id_of, one_of},
    problem::Problem,
    v1::{actions, fields::Line, fields::Prose, people},
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(claim_membership)
        .service(list_memberships)
        .service(get_membership)
        .service(verify_membership);
}

/// A claim of an ALA membership.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimMembership {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// The membership number.
    pub number: Line,
}

/// What staff found of a claimed membership.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyMembership {
    /// Whether there is such a membership.
    pub valid: bool,
    /// First day of validity; needed when it is valid.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity; needed when it is valid.
    #[serde(default)]
    pub valid_until: Option<NaiveDate>,
    /// Why not; needed when it is not valid.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// An ALA membership.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MembershipView {
    /// Its id.
    #[schema(schema_with = id_of::<MembershipKind>)]
    pub id: MembershipId,
    /// Whose.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The number, as claimed.
    pub number: String,
    /// Where the claim stands.
    #[schema(schema_with = one_of::<MembershipState>)]
    pub state: MembershipState,
    /// When it was claimed.
    pub claimed_at: DateTime<Utc>,
    /// When staff decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// First day on which the member price holds.
    pub valid_from: Option<NaiveDate>,
    /// Last day on which the member price holds.
    pub valid_until: Option<NaiveDate>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl MembershipView {
    fn of(membership: Membership, caller: &Caller) -> Self {
        let may = caller.may(Action::VerifyMembership, &facts(&membership)).is_ok();
        let open = [MembershipState::Claimed];
        let finding =
            decision::state_finding("membership.state", "verify", membership.state, &open);
        let href = format!("/v1/memberships/{}/verification", membership.id);
        let verify = actions::view(Action::VerifyMembership, "POST", href, vec![finding]);
        Self {
            id: membership.id,
            person_id: membership.person,
            program: membership.program,
            number: membership.number,
            state: membership.state,
            claimed_at: membership.claimed_at,
            decided_at: membership.decided_at,
            valid_from: membership.valid_from,
            valid_until: membership.valid_until,
            version: membership.version,
            actions: if may { vec![verify] } else { Vec::new() },
        }
    }
}

fn facts(membership: &Membership) -> Facts {
    Facts::of_person(membership.person)
}

/// Claim an ALA membership
///
/// The member price holds once staff verified it (FAQ 21). No membership is needed to take part (FAQ 23).
#[utoipa::path(tag = "Candidates", request_body = ClaimMembership,
    responses((status = 201, body = MembershipView)))]
#[post("/v1/people/{person_id}/memberships")]
pub(crate) async fn claim_membership(
    app: App,
    call: Call,
    id: PathOf<PersonId>,
    body: Body<ClaimMembership>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::ClaimMembership, &Facts::of_person(*id))?;
        tx.people().get(*id)?;
        let body = body.get()?;
        let program = program::named(tx, &body.program)?;
        let membership = Membership {
            id: tx.new_id(),
            person: *id,
            program: program.code,
            number: body.number.to_string(),
            state: MembershipState::Claimed,
            claimed_at: tx.now(),
            decided_at: None,
            valid_from: None,
            valid_until: None,
            version: 1,
        };
        tx.memberships().insert(&membership)?;
        let number = membership.number.clone();
        let fact = PersonEvent::MembershipClaimed { membership: membership.id, number };
        tx.record(people::event(*id, fact))?;
        let location = format!("/v1/memberships/{}", membership.id);
        Ok(Reply::created(location, &MembershipView::of(membership, call.caller())).etag(1))
    })
    .await
}

/// Which memberships are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMemberships {
    /// Only those in a state.
    #[param(schema_with = one_of::<MembershipState>, required = false)]
    pub state: Option<MembershipState>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List ALA memberships
///
/// Staff see everybody's, the oldest claim first: with `state=claimed` it is the office's queue. Others
/// see their own.
#[utoipa::path(tag = "Candidates", params(ListMemberships),
    responses((status = 200, body = Listing<MembershipView>)))]
#[get("/v1/memberships")]
pub(crate) async fn list_memberships(
    app: App,
    call: Call,
    query: Query<ListMemberships>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let reach = call.reach(Action::ListMemberships)?;
        let mut filter =
            MembershipFilter { program: None, person: query.person_id, state: query.state };
        let page = Page::<MembershipId>::of(query.limit, query.cursor.as_ref())?;
        if !reach.narrow(&mut filter.person) {
            return Ok(Listing::empty().reply(call));
        }
        let rows = tx.memberships().list(&filter, page.rows())?;
        let view = |row| MembershipView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read an ALA membership
#[utoipa::path(tag = "Candidates", responses((status = 200, body = MembershipView)))]
#[get("/v1/memberships/{membership_id}")]
pub(crate) async fn get_membership(
    app: App,
    call: Call,
    id: PathOf<MembershipId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let membership = tx.memberships().get(*id)?;
        call.allow(Action::GetMembership, &facts(&membership))?;
        let version = membership.version;
        let view = MembershipView::of(membership, call.caller());
        Ok(seen.answer(Reply::ok(&view).etag(version).private()))
    })
    .await
}

/// Verify an ALA membership
///
/// Staff say from when until when it is valid, or why it is not. Decided once.
#[utoipa::path(tag = "Office", request_body = VerifyMembership,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = MembershipView)))]
#[post("/v1/memberships/{membership_id}/verification")]
pub(crate) async fn verify_membership(
    app: App,
    call: Call,
    id: PathOf<MembershipId>,
    body: Body<VerifyMembership>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.signed()?;
        let membership = tx.memberships().get(*id)?;
        call.allow(Action::VerifyMembership, &facts(&membership))?;
        let (mut membership, fact) = match found(body.get()?)? {
            Found::Valid(..) if tx.memberships().is_verified_of_another(&membership)? => {
                return Err(Problem::conflict("This number is verified for somebody else."));
            }
            Found::Valid(from, until) => membership.verify(from, until, tx.now())?,
            Found::Invalid(reason) => membership.reject(reason, tx.now())?,
        };
        tx.memberships().save(&mut membership)?;
        tx.record(people::event(membership.person, fact))?;
        let version = membership.version;
        let view = MembershipView::of(membership, call.caller());
        Ok(Reply::ok(&view).etag(version).private())
    })
    .await
}

enum Found {
    Valid(NaiveDate, NaiveDate),
    Invalid(String),
}

fn found(body: &VerifyMembership) -> Result<Found, Vec<BadFact>> {
    let missing = |pointer: &str, is: bool| {
        is.then(|| BadFact::at(pointer, "required", "This is needed here."))
    };
    let superfluous = |pointer: &str, is: bool| {
        is.then(|| BadFact::at(pointer, "exclusive", "This has no place here."))
    };
    let mut bad = Vec::new();
    let found = if body.valid {
        bad.extend(missing("/valid_from", body.valid_from.is_none()));
        bad.extend(missing("/valid_until", body.valid_until.is_none()));
        bad.extend(superfluous("/reason", body.reason.is_some()));
        if body.valid_from.zip(body.valid_until).is_some_and(|(from, until)| from > until) {
            bad.push(BadFact::at("/valid_until", "order", "The last day lies before the first."));
        }
        body.valid_from.zip(body.valid_until).map(|(from, until)| Found::Valid(from, until))
    } else {
        bad.extend(missing("/reason", body.reason.is_none()));
        bad.extend(superfluous("/valid_from", body.valid_from.is_some()));
        bad.extend(superfluous("/valid_until", body.valid_until.is_some()));
        body.reason.clone().map(|reason| Found::Invalid(reason.into()))
    };
    for (pointer, date) in [("/valid_from", body.valid_from), ("/valid_until", body.valid_until)] {
        bad.extend(date.and_then(|date| domain::calendar::check_date(pointer, date).err()));
    }
    found.filter(|_| bad.is_empty()).ok_or(bad)
}
