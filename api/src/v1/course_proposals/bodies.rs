//! Course proposals as they come in.

use domain::{
    AttachmentId, BadFact, BundleId, CourseId, OrganisationId, PersonId,
    competency::{CompetencyCode, SetCode},
    course::{
        CourseDetails, Mode,
        map::MapEntry,
        proposal::{Change, Part, ProposalContent, ProposalState},
    },
    id::{AttachmentKind, BundleKind, CourseKind, OrganisationKind, PersonKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::fields::{Line, Name, Prose, WebAddress},
};

/// Where a course teaches and tests one competency. Submission needs all four texts.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MapLine {
    /// The competency.
    #[schema(value_type = String, example = "YTH-1")]
    pub competency: CompetencyCode,
    /// The content that teaches it.
    #[serde(default)]
    pub content: Option<Prose>,
    /// What is read for it.
    #[serde(default)]
    pub reading: Option<Prose>,
    /// What is done for it.
    #[serde(default)]
    pub assignment: Option<Prose>,
    /// How it is tested.
    #[serde(default)]
    pub assessment: Option<Prose>,
}

impl From<&MapLine> for MapEntry {
    fn from(line: &MapLine) -> Self {
        let text = |text: &Option<Prose>| text.clone().map(String::from).unwrap_or_default();
        Self {
            competency: line.competency.clone(),
            content: text(&line.content),
            reading: text(&line.reading),
            assignment: text(&line.assignment),
            assessment: text(&line.assessment),
        }
    }
}

/// A proposal to begin. Only whose it is, the set and the title are needed; the rest before submission.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCourseProposal {
    /// Whose proposal it is.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub provider_id: OrganisationId,
    /// The course whose approval it renews; a new course when left out.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<CourseKind>)]
    pub renews_course_id: Option<CourseId>,
    /// The competency set.
    #[schema(value_type = String, example = "YTH", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: SetCode,
    /// The bundle of which the course is a part; for a course that covers its set alone left out.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<BundleKind>)]
    pub bundle_id: Option<BundleId>,
    /// The title.
    pub title: Name,
    /// How it is taught, each mode once.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["online"]))]
    pub modes: Option<Vec<Mode>>,
    /// City and state, when it is taught in a room.
    #[serde(default)]
    pub place: Option<Line>,
    /// The provider's own price, as the provider words it (FAQ 21).
    #[serde(default)]
    pub price: Option<Line>,
    /// The provider's page on it.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// The syllabus, an attachment of the provider.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub syllabus_id: Option<AttachmentId>,
    /// The instructor's resume, an attachment of the provider.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub instructor_resume_id: Option<AttachmentId>,
    /// The map of the set's competencies, each once.
    #[serde(default)]
    pub map: Option<Vec<MapLine>>,
}

/// What changes of a proposal; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCourseProposal {
    /// The competency set.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "YTH", pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// The bundle of which the course is a part.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<BundleKind>)]
    pub bundle_id: Option<BundleId>,
    /// The title.
    #[serde(default)]
    pub title: Option<Name>,
    /// How it is taught, each mode once.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["online"]))]
    pub modes: Option<Vec<Mode>>,
    /// City and state, when it is taught in a room.
    #[serde(default)]
    pub place: Option<Line>,
    /// The provider's own price.
    #[serde(default)]
    pub price: Option<Line>,
    /// The provider's page on it.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// The syllabus, an attachment of the provider.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub syllabus_id: Option<AttachmentId>,
    /// The instructor's resume, an attachment of the provider.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub instructor_resume_id: Option<AttachmentId>,
    /// The map of the set's competencies, the whole of it.
    #[serde(default)]
    pub map: Option<Vec<MapLine>>,
}

impl CreateCourseProposal {
    pub(super) fn content(&self) -> Result<ProposalContent, Vec<BadFact>> {
        let empty = ProposalContent {
            set: self.set.clone(),
            bundle: None,
            details: CourseDetails {
                title: self.title.to_string(),
                modes: Vec::new(),
                place: None,
                price: None,
                website: None,
            },
            syllabus: None,
            instructor_resume: None,
            map: Vec::new(),
        };
        UpdateCourseProposal {
            set: None,
            bundle_id: self.bundle_id,
            title: None,
            modes: self.modes.clone(),
            place: self.place.clone(),
            price: self.price.clone(),
            website: self.website.clone(),
            syllabus_id: self.syllabus_id,
            instructor_resume_id: self.instructor_resume_id,
            map: self.map.clone(),
        }
        .content(empty)
    }
}

impl UpdateCourseProposal {
    pub(super) fn content(
        &self,
        mut content: ProposalContent,
    ) -> Result<ProposalContent, Vec<BadFact>> {
        if let Some(set) = &self.set {
            content.set = set.clone();
        }
        let details = &mut content.details;
        if let Some(title) = &self.title {
            details.title = title.to_string();
        }
        if let Some(given) = &self.modes {
            details.modes = modes(given)?;
        }
        details.place = self.place.clone().map(String::from).or_else(|| details.place.take());
        details.price = self.price.clone().map(String::from).or_else(|| details.price.take());
        details.website = self.website.clone().map(String::from).or_else(|| details.website.take());
        content.bundle = self.bundle_id.or(content.bundle);
        content.syllabus = self.syllabus_id.or(content.syllabus);
        content.instructor_resume = self.instructor_resume_id.or(content.instructor_resume);
        if let Some(map) = &self.map {
            content.map = map.iter().map(MapEntry::from).collect();
        }
        Ok(content)
    }
}

/// Modes, each once; a draft may say none yet.
fn modes(given: &[Mode]) -> Result<Vec<Mode>, Vec<BadFact>> {
    let mut faults = Vec::new();
    for (place, mode) in given.iter().enumerate() {
        if given.iter().take(place).any(|one| one == mode) {
            let detail = format!("{mode} is there already.");
            faults.push(BadFact::at(format!("/modes/{place}"), "duplicate", detail));
        }
    }
    if faults.is_empty() { Ok(given.to_vec()) } else { Err(faults) }
}

/// One change of a proposal that is asked for, or that a reviewer recommends.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedChange {
    /// The part.
    #[schema(schema_with = one_of::<Part>)]
    pub part: Part,
    /// Which competency, where, and only where, the part is `competency`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "YTH-1")]
    pub competency: Option<CompetencyCode>,
    /// What should change.
    pub text: Prose,
}

impl From<&AskedChange> for Change {
    fn from(asked: &AskedChange) -> Self {
        let (part, competency) = (asked.part, asked.competency.clone());
        Self { part, competency, text: asked.text.to_string() }
    }
}

/// What the office asks the provider to change.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestProposalChanges {
    /// The changes: only the parts that they name are unlocked.
    #[schema(min_items = 1)]
    pub changes: Vec<AskedChange>,
}

/// A reviewer to assign.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignCourseReview {
    /// An evaluator, or somebody of the office, without a conflict of interest.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub reviewer_id: PersonId,
}

/// Which proposals are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCourseProposals {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a provider.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub provider_id: Option<OrganisationId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<ProposalState>, required = false)]
    pub state: Option<ProposalState>,
    /// Only those for a competency set.
    #[param(value_type = Option<String>, pattern = "^[A-Z][A-Z0-9]{1,7}$")]
    pub set: Option<SetCode>,
    /// Only the parts of a bundle.
    #[param(schema_with = id_of::<BundleKind>, required = false)]
    pub bundle_id: Option<BundleId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
