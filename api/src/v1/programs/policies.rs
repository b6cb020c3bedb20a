//! The policy: the program's figures as dated data, published by staff and never changed.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BadFact, PolicyId,
    access::{Action, Facts},
    competency::Framework,
    event::Event,
    id::PolicyKind,
    policy::{Policy, PolicyEvent},
    program::ProgramCode,
};
use persistence::{Constraint, Error, PolicyVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{KEPT_SECONDS, OnQuery, in_force};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, Body, IfNoneMatch, PathOf, Query},
    openapi::words::id_of,
    problem::Problem,
};

/// A version of a program's policy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyView {
    /// Its id.
    #[schema(schema_with = id_of::<PolicyKind>)]
    pub id: PolicyId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// 1, 2, 3 in the order of publication.
    pub version: i64,
    /// The first day on which it is in force, until the next one.
    pub effective_on: NaiveDate,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// Who published it.
    pub published_by: String,
    /// Every figure and setting, in sections: eligibility, candidacy, courses, portfolio, recognition,
    /// certification, renewal, fees, awards, accounts, appeals, notices. Amounts are cents, times minutes.
    #[schema(value_type = Object)]
    pub policy: Policy,
}

impl From<PolicyVersion> for PolicyView {
    fn from(version: PolicyVersion) -> Self {
        Self {
            id: version.id,
            program: version.program,
            version: version.version,
            effective_on: version.effective_on,
            published_at: version.published_at,
            published_by: version.published_by,
            policy: version.policy,
        }
    }
}

/// A policy to publish.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishPolicy {
    /// The first day on which it is in force: today or later, and not the first day of another version.
    pub effective_on: NaiveDate,
    /// The whole policy, in the shape in which it is read. What it leaves out is refused, not guessed.
    #[schema(value_type = Object)]
    pub policy: Policy,
}

/// Read the policy
///
/// The version in force on a day, today when left out: every figure that the rules use.
#[utoipa::path(tag = "Public", params(OnQuery),
    responses((status = 200, body = PolicyView)))]
#[get("/v1/programs/{code}/policy")]
pub(crate) async fn get_policy(
    app: App,
    call: Call,
    code: PathOf<ProgramCode>,
    query: Query<OnQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetPolicy, &Facts::default())?;
    app.clone()
        .read(&call, move |tx, _call| {
            let program = tx.programs().get(&code)?;
            let day = AsOf::or(query.on, app.today(&program));
            let version = in_force(tx.programs().policy_on(&code, day), day)?;
            let reply = Reply::ok(&PolicyView::from(version)).etag_of_body();
            Ok(seen.answer(reply.public(KEPT_SECONDS)))
        })
        .await
}

/// List the policy versions
///
/// Past, present and to come, in the order of publication.
#[utoipa::path(tag = "Public", responses((status = 200, body = Listing<PolicyView>)))]
#[get("/v1/programs/{code}/policies")]
pub(crate) async fn list_policies(
    app: App,
    call: Call,
    code: PathOf<ProgramCode>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListPolicies, &Facts::default())?;
    app.read(&call, move |tx, call| {
        tx.programs().get(&code)?;
        let versions = tx.programs().policies(&code)?;
        let views = versions.into_iter().map(PolicyView::from).collect();
        Ok(Listing::whole(views).reply(call).public(KEPT_SECONDS))
    })
    .await
}

/// Publish a policy version
///
/// In force from `effective_on` on; never in the past, for decisions were taken under what was in force.
/// The currency is the one of the versions before: a program's ledger is kept in one.
/// Candidacies keep the version of their admission. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Office", request_body = PublishPolicy,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = PolicyView)))]
#[post("/v1/programs/{code}/policies")]
pub(crate) async fn publish_policy(
    app: App,
    call: Call,
    code: PathOf<ProgramCode>,
    body: Body<PublishPolicy>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::PublishPolicy, &Facts::default())?;
            let program = tx.programs().get(&code)?;
            let body = body.get()?;
            let today = app.today(&program);
            let sets = tx.programs().framework_on(&code, today.max(body.effective_on))?;
            let versions = tx.programs().policies(&code)?;
            check(body, &sets.framework, &versions, today)?;
            let last = versions.iter().map(|one| one.version).max().unwrap_or(0);
            let version = PolicyVersion {
                id: tx.new_id(),
                program: program.code,
                version: last.saturating_add(1),
                effective_on: body.effective_on,
                published_at: tx.now(),
                published_by: call.actor(),
                policy: body.policy.clone(),
            };
            tx.programs().insert_policy(&version).map_err(|error| match error {
                Error::Conflict(Constraint::PoliciesEffective) => Problem::conflict(format!(
                    "Another version takes effect on {} already.",
                    version.effective_on
                )),
                Error::Conflict(Constraint::PoliciesVersion) => {
                    Problem::conflict("Another version was published at the same time.")
                }
                other => other.into(),
            })?;
            tx.record(Event {
                program: Some(version.program.clone()),
                subject: version.id.to_string(),
                person: None,
                fact: PolicyEvent::Published {
                    version: version.version,
                    effective_on: version.effective_on,
                    before: versions.into_iter().next_back().map(|one| Box::new(one.policy)),
                    after: Box::new(version.policy.clone()),
                },
            })?;
            let location = format!("/v1/programs/{}/policy?on={}", *code, version.effective_on);
            Ok(Reply::created(location, &PolicyView::from(version)))
        })
        .await
}

/// Everything that is wrong with a policy to publish.
fn check(
    body: &PublishPolicy,
    sets: &Framework,
    versions: &[PolicyVersion],
    today: NaiveDate,
) -> Result<(), Vec<BadFact>> {
    let currency = body.policy.check_currency(versions.iter().map(|one| &one.policy));
    let mut bad: Vec<_> = body
        .policy
        .check_with(sets)
        .into_iter()
        .chain(currency)
        .map(|fact| BadFact { pointer: format!("/policy{}", fact.pointer), ..fact })
        .collect();
    if body.effective_on < today {
        let detail = format!("A policy takes effect today, {today}, or later.");
        bad.push(BadFact::at("/effective_on", "order", detail));
    }
    bad.extend(domain::calendar::check_date("/effective_on", body.effective_on).err());
    if bad.is_empty() { Ok(()) } else { Err(bad) }
}
