//! Guidance on preparing a portfolio, one for each competency set (FAQ 15).

use actix_web::{get, put};
use chrono::{DateTime, Utc};
use domain::{
    access::{Action, Facts},
    competency::SetCode,
    program::ProgramCode,
    support::{Guidance, GuidanceLink, GuidanceText},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::fields::{Line, Prose, WebAddress};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, IfMatch, IfNoneMatch, PathOf, Query},
    flows::support,
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_guidance).service(get_guidance).service(put_guidance);
}

/// Where to read more.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadMore {
    /// What it is called.
    pub title: Line,
    /// Its `https` address.
    pub url: WebAddress,
}

/// The guidance for a competency set, written anew.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutGuidance {
    /// What the set is about, and whom a portfolio for it suits.
    pub summary: Prose,
    /// How to go about it, in order.
    #[schema(min_items = 1, max_items = 30)]
    pub steps: Vec<Prose>,
    /// What can show the competencies.
    #[schema(min_items = 1, max_items = 30)]
    pub evidence: Vec<Prose>,
    /// Where to read more.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub links: Vec<ReadMore>,
}

impl PutGuidance {
    fn text(&self) -> GuidanceText {
        let texts = |all: &[Prose]| all.iter().cloned().map(String::from).collect();
        GuidanceText {
            summary: self.summary.to_string(),
            steps: texts(&self.steps),
            evidence: texts(&self.evidence),
            links: self
                .links
                .iter()
                .map(|link| GuidanceLink {
                    title: link.title.to_string(),
                    url: link.url.to_string(),
                })
                .collect(),
        }
    }
}

/// A link of a guidance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GuidanceLinkView {
    /// What it is called.
    pub title: String,
    /// Its `https` address.
    #[schema(format = "uri")]
    pub url: String,
}

/// The guidance for a competency set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GuidanceView {
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// What the set is about, and whom a portfolio for it suits.
    pub summary: String,
    /// How to go about it, in order.
    pub steps: Vec<String>,
    /// What can show the competencies.
    pub evidence: Vec<String>,
    /// Where to read more.
    pub links: Vec<GuidanceLinkView>,
    /// When it was written.
    pub updated_at: DateTime<Utc>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
}

impl From<Guidance> for GuidanceView {
    fn from(guidance: Guidance) -> Self {
        let text = guidance.text;
        let links = text.links.into_iter();
        Self {
            program: guidance.program,
            set: guidance.set,
            summary: text.summary,
            steps: text.steps,
            evidence: text.evidence,
            links: links
                .map(|link| GuidanceLinkView { title: link.title, url: link.url })
                .collect(),
            updated_at: guidance.updated_at,
            version: guidance.version,
        }
    }
}

/// Which guidance is listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListGuidance {
    /// That of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only that for a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
}

/// The program of a guidance.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GuidanceOf {
    /// The program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
}

impl GuidanceOf {
    fn code(&self) -> ProgramCode {
        self.program.clone().unwrap_or_else(ProgramCode::lssc)
    }
}

/// List the guidance for competency sets
///
/// How to prepare a portfolio, set by set, all on one page. Its entity tag is made of its bytes: send it as
/// `If-None-Match`, and what has not changed is 304.
#[utoipa::path(tag = "Support", params(ListGuidance),
    responses((status = 200, body = Listing<GuidanceView>, headers(("ETag" = String)))))]
#[get("/v1/guidance")]
pub(crate) async fn list_guidance(
    app: App,
    call: Call,
    query: Query<ListGuidance>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::ListGuidance, &Facts::default())?;
    app.read(&call, move |tx, call| {
        let code = query.program.clone().unwrap_or_else(ProgramCode::lssc);
        let wanted = |one: &Guidance| query.set.as_ref().is_none_or(|set| one.set == *set);
        let all = tx.guidance().of_program(&code)?.into_iter().filter(wanted);
        let listing = Listing::whole(all.map(GuidanceView::from).collect());
        Ok(seen.answer(listing.reply(call).public(60).etag_of_body()))
    })
    .await
}

/// Read the guidance for a competency set
#[utoipa::path(tag = "Support", params(GuidanceOf),
    responses((status = 200, body = GuidanceView, headers(("ETag" = String)))))]
#[get("/v1/guidance/{set}")]
pub(crate) async fn get_guidance(
    app: App,
    call: Call,
    set: PathOf<SetCode>,
    query: Query<GuidanceOf>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    call.allow(Action::GetGuidance, &Facts::default())?;
    app.read(&call, move |tx, _call| {
        let guidance = tx.guidance().of_set(&query.code(), &set.0)?;
        let version = guidance.version;
        let reply = Reply::ok(&GuidanceView::from(guidance)).etag(version);
        Ok(seen.answer(reply.public(60)))
    })
    .await
}

/// Write the guidance for a competency set anew
///
/// As a whole: what is left out is gone. Needs `If-Match`.
#[utoipa::path(tag = "Support", params(GuidanceOf), request_body = PutGuidance,
    responses((status = 200, body = GuidanceView)))]
#[put("/v1/guidance/{set}")]
pub(crate) async fn put_guidance(
    app: App,
    call: Call,
    set: PathOf<SetCode>,
    query: Query<GuidanceOf>,
    body: Body<PutGuidance>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::PutGuidance, &Facts::default())?;
        let found = tx.guidance().of_set(&query.code(), &set.0)?;
        let text = body.get()?.text();
        let faults = text.check();
        if !faults.is_empty() {
            return Err(faults.into());
        }
        seen.check(found.version)?;
        let guidance = support::revise(tx, found, text)?;
        let version = guidance.version;
        Ok(Reply::ok(&GuidanceView::from(guidance)).etag(version).private())
    })
    .await
}
