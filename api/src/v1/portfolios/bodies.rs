//! Portfolios as they come in.

use domain::{
    AttachmentId, BadFact, CandidacyId, PersonId,
    competency::{CompetencyCode, SetCode},
    id::{CandidacyKind, PersonKind},
    portfolio::{PortfolioContent, PortfolioState, PreComment, Response},
    program::ProgramCode,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::fields::Prose,
};

/// What shows one competency: a narrative, links or files, any of them. Nothing at all takes back what was
/// there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseLine {
    /// The competency.
    #[schema(value_type = String, example = "FND-01")]
    pub competency: CompetencyCode,
    /// In the candidate's own words.
    #[serde(default)]
    #[schema(max_length = 40_000)]
    pub narrative: String,
    /// Pages that show it: `http` or `https`, 20 at most.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["https://library.example.org/story-time"]))]
    pub links: Vec<String>,
    /// Files that show it: the candidate's own attachments of the purpose `evidence`, 20 at most.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 20)]
    pub attachment_ids: Vec<AttachmentId>,
}

impl From<&ResponseLine> for Response {
    fn from(line: &ResponseLine) -> Self {
        Self {
            competency: line.competency.clone(),
            narrative: line.narrative.clone(),
            links: line.links.clone(),
            attachments: line.attachment_ids.clone(),
        }
    }
}

/// What a portfolio holds, or what changes of it; what is left out stays. `responses` replaces those of the
/// competencies that it names, and no others.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePortfolio {
    /// Who the candidate is and what the portfolio shows.
    #[serde(default)]
    #[schema(max_length = 40_000)]
    pub introduction: Option<String>,
    /// The personal learning statement.
    #[serde(default)]
    #[schema(max_length = 40_000)]
    pub learning_statement: Option<String>,
    /// Responses, one a competency.
    #[serde(default)]
    pub responses: Option<Vec<ResponseLine>>,
}

impl UpdatePortfolio {
    /// What is given, by itself: pointers into it are pointers into the body.
    pub(super) fn given(&self) -> PortfolioContent {
        PortfolioContent {
            introduction: self.introduction.clone().unwrap_or_default(),
            learning_statement: self.learning_statement.clone().unwrap_or_default(),
            responses: self.responses.iter().flatten().map(Response::from).collect(),
        }
    }

    /// What a portfolio holds after the change. Responses stay in the order in which they came.
    pub(super) fn after(&self, mut content: PortfolioContent) -> PortfolioContent {
        if let Some(text) = &self.introduction {
            content.introduction.clone_from(text);
        }
        if let Some(text) = &self.learning_statement {
            content.learning_statement.clone_from(text);
        }
        for line in self.responses.iter().flatten() {
            let after = Response::from(line);
            let place = content.responses.iter().position(|one| one.competency == line.competency);
            match place.and_then(|place| content.responses.get_mut(place)) {
                Some(before) => *before = after,
                None => content.responses.push(after),
            }
        }
        content.responses.retain(Response::is_given);
        content
    }
}

/// A portfolio to begin. Everything that it holds may come later.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePortfolio {
    /// The candidacy in which it will count.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub candidacy_id: CandidacyId,
    /// The competency set.
    #[schema(value_type = String, example = "FND", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: SetCode,
    /// What it holds already.
    #[serde(default)]
    #[schema(nullable = false)]
    pub content: Option<UpdatePortfolio>,
}

/// The same faults, where what they are about lies deeper in the body.
pub(super) fn beneath(at: &str, faults: Vec<BadFact>) -> Vec<BadFact> {
    let deeper = |one: BadFact| BadFact { pointer: format!("{at}{}", one.pointer), ..one };
    faults.into_iter().map(deeper).collect()
}

/// What the office says of one competency, or of the whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreCommentLine {
    /// The competency; about the portfolio as a whole when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "FND-01")]
    pub competency: Option<CompetencyCode>,
    /// What is said.
    pub text: Prose,
}

/// What the office says of a portfolio before it is submitted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentPortfolio {
    /// At least one comment.
    #[schema(min_items = 1)]
    pub comments: Vec<PreCommentLine>,
}

impl CommentPortfolio {
    pub(super) fn comments(&self) -> Vec<PreComment> {
        let comment = |line: &PreCommentLine| PreComment {
            competency: line.competency.clone(),
            text: line.text.to_string(),
        };
        self.comments.iter().map(comment).collect()
    }
}

/// Which portfolios are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPortfolios {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of a candidacy.
    #[param(schema_with = id_of::<CandidacyKind>, required = false)]
    pub candidacy_id: Option<CandidacyId>,
    /// Only those for a set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// Only those in a state.
    #[param(schema_with = one_of::<PortfolioState>, required = false)]
    pub state: Option<PortfolioState>,
    /// Only those for which a review before submission is waited for, or only the others.
    pub pre_review_waits: Option<bool>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
