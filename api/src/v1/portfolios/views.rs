//! Portfolios as JSON.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AttachmentId, CandidacyId, Finding, InvoiceId, PersonId, PortfolioId,
    access::{Action, Caller},
    competency::{Competency, CompetencyCode, SetCode},
    id::{CandidacyKind, InvoiceKind, PersonKind, PortfolioKind},
    portfolio::{Merged, Portfolio, PortfolioAct, PortfolioState, PreComment, PreReview, Response},
    program::ProgramCode,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AttemptSummary, OutcomeView, facts};
use crate::{
    answer::{ActionView, FindingView},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::actions,
};

/// What a list tells of a portfolio.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PortfolioSummary {
    /// Its id.
    #[schema(schema_with = id_of::<PortfolioKind>)]
    pub id: PortfolioId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The candidacy in which it counts.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub candidacy_id: CandidacyId,
    /// The candidate.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The competency set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// Where it stands.
    #[schema(schema_with = one_of::<PortfolioState>)]
    pub state: PortfolioState,
    /// The round in which it is judged or was judged last: 2 once the one chance was used or ran out.
    #[schema(minimum = 1, maximum = 2)]
    pub round: i64,
    /// How many attempts were submitted.
    pub attempt_count: i64,
    /// The competencies that the one chance is about.
    #[schema(value_type = Vec<String>, example = json!(["FND-03"]))]
    pub requested: Vec<CompetencyCode>,
    /// The last day of the one chance.
    pub chance_ends_on: Option<NaiveDate>,
    /// Whether the office owes a review before submission.
    pub pre_review_waits: bool,
    /// The invoice of its fee, once it was asked for.
    #[schema(schema_with = id_of_or_null::<InvoiceKind>)]
    pub invoice_id: Option<InvoiceId>,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
    /// The day of the first submission.
    pub submitted_on: Option<NaiveDate>,
    /// The day of the outcome that stands.
    pub decided_on: Option<NaiveDate>,
    /// The version: `"v"` and this number is what `If-Match` asks for; the entity tag tells it first.
    pub version: i64,
}

impl From<&Portfolio> for PortfolioSummary {
    fn from(portfolio: &Portfolio) -> Self {
        Self {
            id: portfolio.id,
            program: portfolio.program.clone(),
            candidacy_id: portfolio.candidacy,
            person_id: portfolio.person,
            set: portfolio.set.clone(),
            state: portfolio.state,
            round: portfolio.round,
            attempt_count: portfolio.attempts,
            requested: portfolio.requested.clone(),
            chance_ends_on: portfolio.chance_ends_on,
            pre_review_waits: waits(portfolio.pre_review.as_ref()),
            invoice_id: portfolio.invoice,
            created_at: portfolio.created_at,
            submitted_on: portfolio.submitted_on,
            decided_on: portfolio.decided_on,
            version: portfolio.version,
        }
    }
}

fn waits(review: Option<&PreReview>) -> bool {
    review.is_some_and(|one| one.commented_on.is_none())
}

/// What shows one competency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponseView {
    /// The competency.
    #[schema(value_type = String, example = "FND-01")]
    pub competency: CompetencyCode,
    /// In the candidate's own words.
    pub narrative: String,
    /// Pages that show it.
    pub links: Vec<String>,
    /// Files that show it.
    #[schema(value_type = Vec<String>)]
    pub attachment_ids: Vec<AttachmentId>,
}

impl From<Response> for ResponseView {
    fn from(response: Response) -> Self {
        Self {
            competency: response.competency,
            narrative: response.narrative,
            links: response.links,
            attachment_ids: response.attachments,
        }
    }
}

/// One competency of the set, and everything about it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PortfolioCompetencyView {
    /// The competency.
    #[schema(value_type = String, example = "FND-01")]
    pub competency: CompetencyCode,
    /// What the set asks for.
    pub text: String,
    /// What the portfolio shows for it; null where nothing is there.
    pub response: Option<ResponseView>,
    /// Whether what submission asks for is there.
    pub complete: bool,
    /// Whether it can be changed now.
    pub open: bool,
    /// What the office said of it before submission.
    pub pre_review_comments: Vec<String>,
    /// What the evaluators' ratings come to, in the outcome that stands; null before there is one.
    #[schema(schema_with = one_of_or_null::<Merged>)]
    pub rating: Option<Merged>,
    /// What the evaluators said of it, without their names.
    pub comments: Vec<String>,
}

/// A look of the office before submission.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreReviewView {
    /// The day on which it was asked for.
    pub requested_on: NaiveDate,
    /// The day on which the office answered; null while it is waited for.
    pub commented_on: Option<NaiveDate>,
    /// What the office said of the portfolio as a whole.
    pub comments: Vec<String>,
}

/// A portfolio: what a candidate shows for one competency set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PortfolioView {
    #[serde(flatten)]
    summary: PortfolioSummary,
    /// Who the candidate is and what the portfolio shows.
    introduction: String,
    /// The personal learning statement.
    learning_statement: String,
    /// The set's competencies, in its order, with what is there and what is missing.
    competencies: Vec<PortfolioCompetencyView>,
    /// What submission asks for, one finding a part.
    completeness: Vec<FindingView>,
    /// Whether the fee is settled.
    fee: FindingView,
    /// The latest look of the office before submission.
    pre_review: Option<PreReviewView>,
    /// Whether the one chance still runs; null where there is none.
    chance: Option<FindingView>,
    /// What the ratings came to, as it stands; null before there is an outcome.
    outcome: Option<OutcomeView>,
    /// What was submitted, oldest first.
    attempts: Vec<AttemptSummary>,
    /// What this caller may do next, and if not, why.
    actions: Vec<ActionView>,
}

/// What the evaluators said of each competency.
pub(super) type Said = Vec<(CompetencyCode, Vec<String>)>;

/// Everything that a portfolio is shown with.
pub(super) struct Shown {
    /// The set's competencies.
    pub(super) competencies: Vec<Competency>,
    /// What submission asks for.
    pub(super) completeness: Vec<Finding>,
    /// Whether the fee is settled.
    pub(super) fee: Finding,
    /// On asking for the invoice of the fee.
    pub(super) invoice: Vec<Finding>,
    /// On submitting.
    pub(super) submission: Vec<Finding>,
    /// Whether the one chance still runs.
    pub(super) chance: Option<Finding>,
    /// The outcome that stands, with the comments on each competency.
    pub(super) outcome: Option<(OutcomeView, Said)>,
    /// What was submitted.
    pub(super) attempts: Vec<AttemptSummary>,
}

impl PortfolioView {
    /// The portfolio as `caller` sees it.
    pub(super) fn of(portfolio: Portfolio, shown: Shown, caller: &Caller) -> Self {
        let actions = actions_of(&portfolio, &shown, caller);
        let lines = shown.competencies.iter().map(|one| line(&portfolio, &shown, one)).collect();
        let pre_review = portfolio.pre_review.as_ref().map(|review| PreReviewView {
            requested_on: review.requested_on,
            commented_on: review.commented_on,
            comments: said_of(review.comments.as_slice(), None),
        });
        Self {
            summary: PortfolioSummary::from(&portfolio),
            introduction: portfolio.content.introduction,
            learning_statement: portfolio.content.learning_statement,
            competencies: lines,
            completeness: shown.completeness.into_iter().map(FindingView::from).collect(),
            fee: shown.fee.into(),
            pre_review,
            chance: shown.chance.map(FindingView::from),
            outcome: shown.outcome.map(|(outcome, _)| outcome),
            attempts: shown.attempts,
            actions,
        }
    }
}

fn said_of(comments: &[PreComment], code: Option<&CompetencyCode>) -> Vec<String> {
    let of_it = comments.iter().filter(|one| one.competency.as_ref() == code);
    of_it.map(|one| one.text.clone()).collect()
}

fn line(portfolio: &Portfolio, shown: &Shown, held: &Competency) -> PortfolioCompetencyView {
    let code = &held.code;
    let response = portfolio.content.response(code).cloned().map(ResponseView::from);
    let open = match portfolio.state {
        PortfolioState::Draft => true,
        PortfolioState::MoreInformation => {
            portfolio.requested.contains(code)
                && shown.chance.as_ref().is_none_or(|one| one.satisfied)
        }
        _ => false,
    };
    let before = portfolio.pre_review.as_ref().map(|review| review.comments.as_slice());
    let outcome = shown.outcome.as_ref();
    let merged = outcome.and_then(|(outcome, _)| outcome.rating(code));
    let said = outcome.and_then(|(_, said)| said.iter().find(|(named, _)| named == code));
    PortfolioCompetencyView {
        competency: code.clone(),
        text: held.text.clone(),
        complete: response.is_some(),
        response,
        open,
        pre_review_comments: said_of(before.unwrap_or_default(), Some(code)),
        rating: merged,
        comments: said.map(|(_, texts)| texts.clone()).unwrap_or_default(),
    }
}

/// The act behind each operation on a portfolio, and the last part of its path.
const OFFERED: &[(Action, PortfolioAct, &str)] = &[
    (Action::UpdatePortfolio, PortfolioAct::Update, ""),
    (Action::RequestPreReview, PortfolioAct::RequestPreReview, "/pre-review"),
    (Action::CommentPortfolio, PortfolioAct::Comment, "/comments"),
    (Action::InvoicePortfolio, PortfolioAct::Invoice, "/invoice"),
    (Action::SubmitPortfolio, PortfolioAct::Submit, "/submit"),
    (Action::WithdrawPortfolio, PortfolioAct::Withdraw, "/withdraw"),
    (Action::AssignEvaluator, PortfolioAct::Assign, "/assignments"),
];

fn actions_of(portfolio: &Portfolio, shown: &Shown, caller: &Caller) -> Vec<ActionView> {
    let facts = facts(portfolio);
    let offered = OFFERED.iter().filter(|(action, ..)| caller.may(*action, &facts).is_ok());
    let view = |(action, act, segment): &(Action, PortfolioAct, &str)| {
        let findings = match act {
            PortfolioAct::Submit => shown.submission.clone(),
            PortfolioAct::Invoice => shown.invoice.clone(),
            PortfolioAct::RequestPreReview => portfolio.pre_review_findings(),
            PortfolioAct::Update => {
                let state = portfolio.state_finding(*act);
                std::iter::once(state).chain(shown.chance.clone()).collect()
            }
            _ => vec![portfolio.state_finding(*act)],
        };
        let method = if *act == PortfolioAct::Update { "PATCH" } else { "POST" };
        let href = format!("/v1/portfolios/{}{segment}", portfolio.id);
        actions::view(*action, method, href, findings)
    };
    offered.map(view).collect()
}
