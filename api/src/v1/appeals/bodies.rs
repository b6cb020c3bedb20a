//! Appeals as they come in.

use chrono::NaiveDate;
use domain::{
    AttachmentId, OrganisationId, PersonId,
    appeal::{AppealOutcome, AppealStatus, DecisionKind, Subject},
    id::{OrganisationKind, PersonKind},
    program::ProgramCode,
};
use serde::Deserialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::schema::{Object, ObjectBuilder, SchemaType, Type},
};

use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::fields::{Line, Prose},
};

/// The id of something on which the program decides; its prefix tells what it is.
#[must_use]
pub fn subject() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some("^(app|compl|port|prop|agr|ren|grad)_[0-9a-f]{32}$"))
        .build()
}

/// Notice of intent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAppeal {
    /// What was decided on, by its id: an application, a completion, a portfolio, a course proposal, an
    /// agreement, a renewal or a graduate.
    #[schema(schema_with = subject)]
    pub decision: Subject,
    /// What was unfair, or not by the program's own procedure.
    pub grounds: Prose,
}

/// What the appeal rests on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitAppealDocuments {
    /// In words.
    pub text: Prose,
    /// Files of the appellant's own, handed in for `evidence`, each once.
    #[serde(default, deserialize_with = "few")]
    #[schema(value_type = Vec<String>, max_items = 20)]
    pub attachment_ids: Vec<AttachmentId>,
}

fn few<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<AttachmentId>, D::Error> {
    let files = Vec::deserialize(deserializer)?;
    if files.len() > domain::appeal::MAX_DOCUMENTS {
        return Err(serde::de::Error::custom("invalid length: at most 20 files"));
    }
    Ok(files)
}

/// The committee's response.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RespondToAppeal {
    /// In words.
    pub text: Prose,
}

/// The meeting.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAppealMeeting {
    /// The day, today or later.
    pub meets_on: NaiveDate,
    /// Where, or by what means.
    #[serde(default)]
    pub place: Option<Line>,
}

/// The outcome.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideAppeal {
    /// Whether the decision stands.
    #[schema(schema_with = one_of::<AppealOutcome>)]
    pub outcome: AppealOutcome,
    /// Why, for the appellant and for the record.
    pub reason: Prose,
}

/// Which decision is asked about.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AppealTerms {
    /// What was decided on, by its id.
    #[param(schema_with = subject, required = true)]
    pub decision: Option<Subject>,
}

/// Which appeals are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAppeals {
    /// Only those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those that stand so today.
    #[param(schema_with = one_of::<AppealStatus>, required = false)]
    pub status: Option<AppealStatus>,
    /// Only those against a kind of decision.
    #[param(schema_with = one_of::<DecisionKind>, required = false)]
    pub kind: Option<DecisionKind>,
    /// Only those against decisions on one thing, by its id.
    #[param(schema_with = subject, required = false)]
    pub decision: Option<Subject>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of an organisation.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub organisation_id: Option<OrganisationId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
