//! Audits of renewals, whose draw anyone can repeat (set).

use actix_web::{get, post};
use chrono::NaiveDate;
use domain::{
    RenewalAuditId, RenewalId,
    access::{Action, Facts},
    id::{RenewalAuditKind, RenewalKind},
    program::ProgramCode,
    renewal::audit::{RenewalAudit, Sample},
};
use persistence::RenewalAuditFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::{assistance::hash, audit, program},
    hex,
    openapi::words::id_of,
    problem::Problem,
    v1::fields::{Line, no_cards},
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_renewal_audits)
        .service(create_renewal_audit)
        .service(get_renewal_audit)
        .service(get_audit_draw);
}

/// How a draw is held, for people who repeat it.
const ALGORITHM: &str = "The tickets are the renewals that were granted in the period. For each take \
     SHA-256 of the seed, a colon and the ticket, in UTF-8. Order the tickets by these hashes, the smallest \
     first: that is their rank. Ranks up to the number drawn are audited.";

/// An audit of renewals.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalAuditView {
    /// Its id.
    #[schema(schema_with = id_of::<RenewalAuditKind>)]
    pub id: RenewalAuditId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// First day of the period in which the renewals were granted.
    pub granted_from: NaiveDate,
    /// Last day of it.
    pub granted_until: NaiveDate,
    /// The seed, as its source published it.
    pub seed: String,
    /// Where the seed comes from.
    pub seed_source: String,
    /// The share that was drawn, percent; null where a number was.
    pub share_percent: Option<u32>,
    /// How many renewals were granted in the period.
    pub tickets: i64,
    /// How many were drawn.
    pub drawn: i64,
    /// The day of the draw.
    pub drawn_on: NaiveDate,
    /// The day by which documents are due.
    pub documents_by: NaiveDate,
    /// The version of the record.
    pub version: i64,
}

impl From<RenewalAudit> for RenewalAuditView {
    fn from(audit: RenewalAudit) -> Self {
        Self {
            id: audit.id,
            program: audit.program,
            granted_from: audit.granted_from,
            granted_until: audit.granted_until,
            seed: audit.seed,
            seed_source: audit.seed_source,
            share_percent: audit.share_percent,
            tickets: audit.tickets,
            drawn: audit.drawn,
            drawn_on: audit.drawn_on,
            documents_by: audit.documents_by,
            version: audit.version,
        }
    }
}

/// An audit to hold.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRenewalAudit {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// First day of the period in which the renewals were granted.
    pub granted_from: NaiveDate,
    /// Last day of it, before today.
    pub granted_until: NaiveDate,
    /// The seed, as its source published it.
    #[schema(example = "0 7 1 9")]
    pub seed: Line,
    /// Where the seed comes from: a public number of a day after the period.
    #[schema(example = "The Illinois Lottery's Pick 4 Evening of 2026-03-01")]
    pub seed_source: Line,
    /// How many are drawn; instead of a share.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub count: Option<i64>,
    /// How many of a hundred are drawn, rounded up; the policy's when both are left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub share_percent: Option<u32>,
}

/// A ticket of a draw.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditTicketView {
    /// The ticket: the id of a renewal, which tells nothing of the person.
    #[schema(schema_with = id_of::<RenewalKind>)]
    pub ticket: RenewalId,
    /// SHA-256 of the seed, a colon and the ticket, in hexadecimal digits.
    pub hash: String,
    /// Its place in the order of the hashes, from 1.
    pub rank: i64,
    /// Whether it is audited.
    pub drawn: bool,
}

/// The draw of an audit: everything that is needed to repeat it, and nobody's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalAuditDraw {
    /// The audit.
    #[schema(schema_with = id_of::<RenewalAuditKind>)]
    pub audit_id: RenewalAuditId,
    /// First day of the period in which the renewals were granted.
    pub granted_from: NaiveDate,
    /// Last day of it.
    pub granted_until: NaiveDate,
    /// The seed.
    pub seed: String,
    /// Where the seed comes from.
    pub seed_source: String,
    /// How many were drawn.
    pub drawn: i64,
    /// The day of the draw.
    pub drawn_on: NaiveDate,
    /// How the draw is held, in words.
    pub algorithm: &'static str,
    /// Every ticket, by rank.
    pub tickets: Vec<AuditTicketView>,
}

/// Which audits are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRenewalAudits {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// List audits of renewals
///
/// The first one held first.
#[utoipa::path(tag = "Renewals", params(ListRenewalAudits),
    responses((status = 200, body = Listing<RenewalAuditView>)))]
#[get("/v1/renewal-audits")]
pub(crate) async fn list_renewal_audits(
    app: App,
    call: Call,
    query: Query<ListRenewalAudits>,
) -> Result<Reply, Problem> {
    call.allow(Action::ListRenewalAudits, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let page = Page::<RenewalAuditId>::of(query.limit, query.cursor.as_ref())?;
        let filter = RenewalAuditFilter { program: query.program.clone() };
        let rows = tx.renewal_audits().list(&filter, page.rows())?;
        Ok(page.listing(rows, |row| row.id, RenewalAuditView::from).reply(call))
    })
    .await
}

/// Draw renewals for an audit
///
/// From those that were granted in a period that is over: a number of them, or a share, the policy's
/// (`renewal.audit_percent`) when neither is said. They are ordered by SHA-256 of the published seed, a colon
/// and the renewal's id, smallest first, so that anyone can repeat the draw. Whoever is drawn has
/// `renewal.audit_days` of the policy to hand in documents. 422 where nothing was granted. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Renewals", request_body = CreateRenewalAudit,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 201, body = RenewalAuditView)))]
#[post("/v1/renewal-audits")]
pub(crate) async fn create_renewal_audit(
    app: App,
    call: Call,
    body: Body<CreateRenewalAudit>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.allow(Action::CreateRenewalAudit, &Facts::default())?;
            let body = body.get()?;
            let program = program::named(tx, &body.program)?;
            let rules = program::in_force(&app, tx, &program.code)?;
            let policy = &rules.policy.renewal;
            let sample = Sample::from_forms(body.count, body.share_percent, policy)?;
            no_cards([("/seed", &*body.seed), ("/seed_source", &*body.seed_source)])?;
            let asked = audit::Asked {
                granted: (body.granted_from, body.granted_until),
                seed: body.seed.to_string(),
                seed_source: body.seed_source.to_string(),
                sample,
            };
            let audit = audit::draw(tx, &rules, asked)?;
            let location = format!("/v1/renewal-audits/{}", audit.id);
            Ok(Reply::created(location, &RenewalAuditView::from(audit)).private())
        })
        .await
}

/// Read an audit of renewals
#[utoipa::path(tag = "Renewals", responses((status = 200, body = RenewalAuditView)))]
#[get("/v1/renewal-audits/{renewal_audit_id}")]
pub(crate) async fn get_renewal_audit(
    app: App,
    call: Call,
    id: PathOf<RenewalAuditId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetRenewalAudit, &Facts::default())?;
    app.read(&call, move |tx, _call| {
        let audit = tx.renewal_audits().get(*id)?;
        let version = audit.version;
        let reply = Reply::ok(&RenewalAuditView::from(audit)).etag(version);
        Ok(seen.answer(reply.private()))
    })
    .await
}

/// Read the draw of an audit
///
/// Every renewal that was granted in the period, with its hash and rank. Anyone can repeat the draw:
/// `algorithm` says how. A ticket tells nothing of the person.
#[utoipa::path(tag = "Renewals", responses((status = 200, body = RenewalAuditDraw)))]
#[get("/v1/renewal-audits/{renewal_audit_id}/draw")]
pub(crate) async fn get_audit_draw(
    app: App,
    call: Call,
    id: PathOf<RenewalAuditId>,
) -> Result<Reply, Problem> {
    call.allow(Action::GetAuditDraw, &Facts::default())?;
    app.read(&call, move |tx, _call| {
        let audit = tx.renewal_audits().get(*id)?;
        let tickets = tx.renewal_audits().tickets(audit.id)?;
        let ticket = |(rank, ticket): (i64, RenewalId)| AuditTicketView {
            ticket,
            hash: hex::of(&hash(&audit.seed, ticket)),
            rank,
            drawn: rank <= audit.drawn,
        };
        let tickets = tickets.into_iter().map(ticket).collect();
        let draw = RenewalAuditDraw {
            audit_id: audit.id,
            granted_from: audit.granted_from,
            granted_until: audit.granted_until,
            seed: audit.seed.clone(),
            seed_source: audit.seed_source.clone(),
            drawn: audit.drawn,
            drawn_on: audit.drawn_on,
            algorithm: ALGORITHM,
            tickets,
        };
        Ok(Reply::ok(&draw).public(60))
    })
    .await
}
