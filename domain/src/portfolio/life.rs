//! A portfolio's life: draft -> in evaluation -> achieved, or more information -> in second evaluation ->
//! achieved or not achieved; withdrawn from any open state (FAQ 10, 15).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{PortfolioContent, PortfolioOutcome};
use crate::{
    AttemptId, CandidacyId, Finding, InvoiceId, PersonId, PortfolioId,
    competency::{CompetencyCode, SetCode},
    decision::{self, Refused},
    facts,
    program::ProgramCode,
    words,
};

words! {
    /// Where a portfolio stands.
    pub enum PortfolioState {
        /// Being written by the candidate.
        Draft = "draft",
        /// Submitted; two evaluators judge it.
        InEvaluation = "in_evaluation",
        /// The candidate has one chance to complete what is named.
        MoreInformation = "more_information",
        /// Its second round; a third evaluator may judge what is split.
        InSecondEvaluation = "in_second_evaluation",
        /// The set is achieved.
        Achieved = "achieved",
        /// The set is not achieved by it.
        NotAchieved = "not_achieved",
        /// Withdrawn by the candidate.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What can be done to a portfolio.
    pub enum PortfolioAct {
        /// Change it.
        Update = "update",
        /// Ask staff to look at it before it is submitted.
        RequestPreReview = "request_pre_review",
        /// Comment on it before it is submitted.
        Comment = "comment",
        /// Ask for the invoice of its fee.
        Invoice = "invoice",
        /// Submit it.
        Submit = "submit",
        /// Withdraw it.
        Withdraw = "withdraw",
        /// Assign an evaluator.
        Assign = "assign",
        /// Rate it.
        Rate = "rate",
        /// Run its second round without the chance being used.
        RunOut = "run_out",
        /// Set its outcome aside.
        SetAside = "set_aside",
    }
}

impl PortfolioState {
    /// The states in which a portfolio is open: one a candidacy and set.
    pub const OPEN: &'static [Self] =
        &[Self::Draft, Self::InEvaluation, Self::MoreInformation, Self::InSecondEvaluation];

    /// The state to which the events of a portfolio lead, by their types in order; none when one of them
    /// was not legal where it happened.
    pub fn replay<'e>(types: impl IntoIterator<Item = &'e str>) -> Option<Self> {
        types.into_iter().try_fold(None, |state, event| Self::after(state, event).map(Some))?
    }

    fn after(state: Option<Self>, event: &str) -> Option<Self> {
        let Some(before) = state else {
            return (event == "portfolio.drafted").then_some(Self::Draft);
        };
        let (act, after) = match event {
            "portfolio.updated" => (PortfolioAct::Update, before),
            "portfolio.pre_review_requested" => (PortfolioAct::RequestPreReview, before),
            "portfolio.commented" => (PortfolioAct::Comment, before),
            "portfolio.invoiced" => (PortfolioAct::Invoice, before),
            "portfolio.submitted" => (PortfolioAct::Submit, Self::InEvaluation),
            "portfolio.resubmitted" => (PortfolioAct::Submit, Self::InSecondEvaluation),
            "portfolio.withdrawn" => (PortfolioAct::Withdraw, Self::Withdrawn),
            "portfolio.more_information_requested" => (PortfolioAct::Rate, Self::MoreInformation),
            "portfolio.third_evaluator_needed" => (PortfolioAct::Rate, Self::InSecondEvaluation),
            "portfolio.achieved" => (PortfolioAct::Rate, Self::Achieved),
            "portfolio.not_achieved" => (PortfolioAct::Rate, Self::NotAchieved),
            "portfolio.chance_ran_out" => (PortfolioAct::RunOut, Self::InSecondEvaluation),
            "portfolio.first_outcome_set_aside" => (PortfolioAct::SetAside, Self::InEvaluation),
            "portfolio.second_outcome_set_aside" => {
                (PortfolioAct::SetAside, Self::InSecondEvaluation)
            }
            _ => return None,
        };
        act.from().contains(&before).then_some(after)
    }
}

impl PortfolioAct {
    /// The states from which the act is legal.
    #[must_use]
    pub fn from(self) -> &'static [PortfolioState] {
        use PortfolioState::{
            Achieved, Draft, InEvaluation, InSecondEvaluation, MoreInformation, NotAchieved,
        };
        match self {
            Self::Update | Self::Submit => &[Draft, MoreInformation],
            Self::RequestPreReview | Self::Comment | Self::Invoice => &[Draft],
            Self::Withdraw => PortfolioState::OPEN,
            Self::Assign | Self::Rate => &[InEvaluation, InSecondEvaluation],
            Self::RunOut => &[MoreInformation],
            Self::SetAside => &[MoreInformation, InSecondEvaluation, Achieved, NotAchieved],
        }
    }

    fn into_words(self) -> &'static str {
        match self {
            Self::Update => "change the portfolio",
            Self::RequestPreReview => "ask for a review before submission",
            Self::Comment => "comment on the portfolio",
            Self::Invoice => "ask for the invoice of the fee",
            Self::Submit => "submit the portfolio",
            Self::Withdraw => "withdraw the portfolio",
            Self::Assign => "assign an evaluator",
            Self::Rate => "rate the portfolio",
            Self::RunOut => "let the chance run out",
            Self::SetAside => "set the outcome aside",
        }
    }
}

/// What staff say of one competency, or of the portfolio, before it is submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreComment {
    /// The competency; none is about the portfolio as a whole.
    #[serde(default)]
    pub competency: Option<CompetencyCode>,
    /// What is said.
    pub text: String,
}

/// A look of the office before submission: free, and it blocks nothing (FAQ 15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreReview {
    /// The day on which the candidate asked for it.
    pub requested_on: NaiveDate,
    /// The day on which the office answered; none while it is waited for.
    pub commented_on: Option<NaiveDate>,
    /// What the office said.
    pub comments: Vec<PreComment>,
}

/// A portfolio of one candidate for one competency set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portfolio {
    /// Identity.
    pub id: PortfolioId,
    /// The program.
    pub program: ProgramCode,
    /// The candidacy in which it counts.
    pub candidacy: CandidacyId,
    /// The candidate.
    pub person: PersonId,
    /// The set.
    pub set: SetCode,
    /// Where it stands.
    pub state: PortfolioState,
    /// What it holds.
    pub content: PortfolioContent,
    /// The invoice of its fee, once it was asked for.
    pub invoice: Option<InvoiceId>,
    /// The latest look of the office before submission.
    pub pre_review: Option<PreReview>,
    /// The attempt that is judged or was judged last.
    pub attempt: Option<AttemptId>,
    /// How many attempts were submitted.
    pub attempts: i64,
    /// The round in which it is judged or was judged last: 1, or 2 once the chance was used or ran out.
    pub round: i64,
    /// The competencies that the one chance is about.
    pub requested: Vec<CompetencyCode>,
    /// The competencies that a third evaluator judges.
    pub disputed: Vec<CompetencyCode>,
    /// The last day of the one chance.
    pub chance_ends_on: Option<NaiveDate>,
    /// The first day on which it was submitted.
    pub submitted_on: Option<NaiveDate>,
    /// The day of the outcome that stands.
    pub decided_on: Option<NaiveDate>,
    /// When the draft was begun.
    pub created_at: DateTime<Utc>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl Portfolio {
    /// The finding on whether `act` is legal in the present state.
    #[must_use]
    pub fn state_finding(&self, act: PortfolioAct) -> Finding {
        decision::state_finding("portfolio.state", act.into_words(), self.state, act.from())
    }

    pub(super) fn legal(&self, act: PortfolioAct) -> Result<(), Refused> {
        decision::by_state(vec![self.state_finding(act)]).map(drop)
    }
}

facts! {
    /// What happens to portfolios.
    pub enum PortfolioEvent {
        /// A draft was begun.
        Drafted = "portfolio.drafted" { candidacy: CandidacyId, set: SetCode },
        /// It changed.
        Updated = "portfolio.updated" { before: Box<PortfolioContent>, after: Box<PortfolioContent> },
        /// The candidate asked staff to look at it.
        PreReviewRequested = "portfolio.pre_review_requested" { on: NaiveDate },
        /// Staff looked at it.
        Commented = "portfolio.commented" { comments: Vec<PreComment> },
        /// The invoice of its fee was issued.
        Invoiced = "portfolio.invoiced" { invoice: InvoiceId },
        /// It was submitted.
        Submitted = "portfolio.submitted" { attempt: AttemptId, number: i64, content_hash: String },
        /// The one chance was used: it was submitted for the second round.
        Resubmitted = "portfolio.resubmitted" { attempt: AttemptId, number: i64, content_hash: String },
        /// It was withdrawn.
        Withdrawn = "portfolio.withdrawn" { before: PortfolioState, reason: Option<String> },
        /// The first round: the candidate completes what is named.
        MoreInformationRequested = "portfolio.more_information_requested" { outcome: Box<PortfolioOutcome>, chance_ends_on: NaiveDate },
        /// The chance was not used: the second round runs on the ratings of the first.
        ChanceRanOut = "portfolio.chance_ran_out" { chance_ended_on: NaiveDate },
        /// The second round: a third evaluator judges what is split.
        ThirdEvaluatorNeeded = "portfolio.third_evaluator_needed" { outcome: Box<PortfolioOutcome> },
        /// The set is achieved.
        Achieved = "portfolio.achieved" { outcome: Box<PortfolioOutcome> },
        /// The set is not achieved by it.
        NotAchieved = "portfolio.not_achieved" { outcome: Box<PortfolioOutcome> },
        /// The outcome of the first round was set aside: it is judged again.
        FirstOutcomeSetAside = "portfolio.first_outcome_set_aside" { reason: String },
        /// The outcome of the second round was set aside: it is judged again.
        SecondOutcomeSetAside = "portfolio.second_outcome_set_aside" { reason: String },
    }
}
