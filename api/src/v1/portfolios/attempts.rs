//! Attempts: what was submitted, sealed by its hash, and what it came to.

use actix_web::get;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AttachmentId, AttemptId, PortfolioId,
    access::Action,
    attachment::Attachment,
    competency::{CompetencyCode, CompetencySet, SetCode},
    id::{AttachmentKind, AttemptKind, PortfolioKind},
    portfolio::{Attempt, AttemptOutcome, Merged, PortfolioResult},
};
use persistence::Tx;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ResponseView, facts, shown_to};
use crate::{
    answer::{FindingView, Listing, Reply},
    app::App,
    call::Call,
    extract::PathOf,
    flows::portfolio::{self, Pinned},
    openapi::words::{id_of, one_of},
    problem::Problem,
};

/// What the ratings of one competency came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MergedRatingView {
    /// The competency.
    #[schema(value_type = String, example = "FND-01")]
    pub competency: CompetencyCode,
    /// Shown, shown in part, not shown; or split, which a third evaluator judges.
    #[schema(schema_with = one_of::<Merged>)]
    pub rating: Merged,
}

/// What the ratings of an attempt came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomeView {
    /// The attempt's number.
    pub attempt: i64,
    /// 1 or 2.
    #[schema(minimum = 1, maximum = 2)]
    pub round: i64,
    /// The day.
    pub decided_on: NaiveDate,
    /// What becomes of the portfolio.
    #[schema(schema_with = one_of::<PortfolioResult>)]
    pub result: PortfolioResult,
    /// One line a competency, in the set's order.
    pub ratings: Vec<MergedRatingView>,
    /// Round 1: the competencies to complete.
    #[schema(value_type = Vec<String>, example = json!(["FND-03"]))]
    pub requested: Vec<CompetencyCode>,
    /// Round 2: the competencies that a third evaluator judges.
    #[schema(value_type = Vec<String>, example = json!([]))]
    pub disputed: Vec<CompetencyCode>,
    /// Why.
    pub findings: Vec<FindingView>,
    /// The day on which it was set aside; null while it stands.
    pub set_aside_on: Option<NaiveDate>,
}

impl OutcomeView {
    /// An outcome of the attempt `number` for the competencies of `set`.
    #[must_use]
    pub fn of(number: i64, kept: &AttemptOutcome, set: &CompetencySet) -> Self {
        let outcome = &kept.outcome;
        let rated = set.competencies.iter().zip(&outcome.merged);
        Self {
            attempt: number,
            round: kept.round,
            decided_on: kept.decided_on,
            result: outcome.outcome,
            ratings: rated
                .map(|(one, rating)| MergedRatingView {
                    competency: one.code.clone(),
                    rating: *rating,
                })
                .collect(),
            requested: outcome.requested.clone(),
            disputed: outcome.disputed.clone(),
            findings: outcome.findings.iter().cloned().map(FindingView::from).collect(),
            set_aside_on: kept.set_aside_on,
        }
    }

    /// What the ratings of a competency came to.
    #[must_use]
    pub fn rating(&self, code: &CompetencyCode) -> Option<Merged> {
        self.ratings.iter().find(|one| one.competency == *code).map(|one| one.rating)
    }
}

/// What a list tells of an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptSummary {
    /// Its id.
    #[schema(schema_with = id_of::<AttemptKind>)]
    pub id: AttemptId,
    /// 1 at first, 2 for the one chance.
    pub number: i64,
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// The SHA-256 of everything in it, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub content_hash: String,
    /// What it came to, as it stands.
    #[schema(value_type = Option<String>)]
    pub result: Option<PortfolioResult>,
}

impl From<&Attempt> for AttemptSummary {
    fn from(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id,
            number: attempt.number,
            submitted_at: attempt.submitted_at,
            content_hash: attempt.content_hash.clone(),
            result: attempt.outcome().map(|one| one.outcome.outcome),
        }
    }
}

/// A file of an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptFileView {
    /// Its id.
    #[schema(schema_with = id_of::<AttachmentKind>)]
    pub id: AttachmentId,
    /// Its name.
    pub file_name: String,
    /// Its media type.
    #[schema(example = "video/mp4")]
    pub media_type: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Where its bytes are downloaded.
    pub content_url: String,
}

impl From<&Attachment> for AttemptFileView {
    fn from(file: &Attachment) -> Self {
        Self {
            id: file.id,
            file_name: file.file_name.clone(),
            media_type: file.media_type.clone(),
            size_bytes: file.size_bytes,
            sha256: file.sha256.clone(),
            content_url: format!("/v1/attachments/{}/content", file.id),
        }
    }
}

/// An attempt: a portfolio as it was submitted. Nothing of it is ever changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptView {
    /// Its id.
    #[schema(schema_with = id_of::<AttemptKind>)]
    pub id: AttemptId,
    /// The portfolio.
    #[schema(schema_with = id_of::<PortfolioKind>)]
    pub portfolio_id: PortfolioId,
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// 1 at first, 2 for the one chance.
    pub number: i64,
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// Who the candidate is and what the portfolio shows.
    pub introduction: String,
    /// The personal learning statement.
    pub learning_statement: String,
    /// What shows each competency.
    pub responses: Vec<ResponseView>,
    /// Its files.
    pub attachments: Vec<AttemptFileView>,
    /// The SHA-256 of the text in `hashed`, in hexadecimal, as it was written down on submission.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub content_hash: String,
    /// Everything in it as JSON without blanks and with sorted names (RFC 8785), from what is stored now:
    /// whoever hashes it finds `content_hash`, or something was changed.
    pub hashed: String,
    /// What it came to, oldest first; what was set aside is kept.
    pub outcomes: Vec<OutcomeView>,
}

/// An attempt with its files and what it came to, for its candidate, its evaluators and the office.
pub(crate) fn attempt_view(
    tx: &mut Tx<'_>,
    attempt: Attempt,
    rules: &Pinned,
) -> Result<AttemptView, Problem> {
    let files = tx.files_of(&attempt)?;
    let hashed = persistence::sealed(&attempt, &files)?;
    let outcome = |one: &AttemptOutcome| OutcomeView::of(attempt.number, one, &rules.set);
    let outcomes = attempt.outcomes.iter().map(outcome).collect();
    let content = attempt.content;
    Ok(AttemptView {
        id: attempt.id,
        portfolio_id: attempt.portfolio,
        set: attempt.set,
        number: attempt.number,
        submitted_at: attempt.submitted_at,
        introduction: content.introduction,
        learning_statement: content.learning_statement,
        responses: content.responses.into_iter().map(ResponseView::from).collect(),
        attachments: files.iter().map(AttemptFileView::from).collect(),
        content_hash: attempt.content_hash,
        hashed,
        outcomes,
    })
}

/// List the attempts of a portfolio
///
/// Oldest first: what was submitted, and what it came to.
#[utoipa::path(tag = "Portfolios", responses((status = 200, body = Listing<AttemptSummary>)))]
#[get("/v1/portfolios/{portfolio_id}/attempts")]
pub(crate) async fn list_attempts(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let portfolio = tx.portfolios().get(*id)?;
        call.allow(Action::ListAttempts, &facts(&portfolio))?;
        let mut attempts = tx.attempts().of(portfolio.id)?;
        shown_to(tx, call, &portfolio, &mut attempts)?;
        Ok(Listing::whole(attempts.iter().map(AttemptSummary::from).collect()).reply(call))
    })
    .await
}

/// Read an attempt
///
/// What was submitted, exactly. `content_hash` was written down on submission; `hashed` is the text that it is
/// the SHA-256 of, made of what is stored now, so that everybody can check that nothing was changed since.
#[utoipa::path(tag = "Portfolios", responses((status = 200, body = AttemptView)))]
#[get("/v1/portfolios/{portfolio_id}/attempts/{attempt}")]
pub(crate) async fn get_attempt(
    app: App,
    call: Call,
    path: PathOf<(PortfolioId, i64)>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.signed()?;
        let (id, number) = *path;
        let portfolio = tx.portfolios().get(id)?;
        call.allow(Action::GetAttempt, &facts(&portfolio))?;
        let mut attempt = tx.attempts().numbered(id, number)?.ok_or_else(Problem::not_found)?;
        shown_to(tx, call, &portfolio, std::slice::from_mut(&mut attempt))?;
        let rules = portfolio::pinned(tx, &portfolio)?;
        Ok(Reply::ok(&attempt_view(tx, attempt, &rules)?).private())
    })
    .await
}
