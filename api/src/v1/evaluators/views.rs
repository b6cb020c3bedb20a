//! Evaluators as JSON, in and out.

use chrono::{Datelike, NaiveDate};
use domain::{
    AttachmentId, OrganisationId, PersonId,
    access::{Action, Caller},
    competency::SetCode,
    id::{AttachmentKind, OrganisationKind, PersonKind},
    portfolio::{Away, DeclaredConflict, Evaluator, EvaluatorProfile},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null},
    v1::{
        actions,
        fields::{Line, Name},
    },
};

/// First and last day of the calendar year of a day.
pub(super) fn year_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let of = |month, last| NaiveDate::from_ymd_opt(day.year(), month, last).unwrap_or(day);
    (of(1, 1), of(12, 31))
}

/// Days on which somebody is away.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwayDays {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, which belongs to them.
    pub until: NaiveDate,
}

/// A conflict of interest that an evaluator declares: with a person, an organisation, or a name of either;
/// one of the three.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictOfInterest {
    /// The person.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The organisation.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub organisation_id: Option<OrganisationId>,
    /// The name of a person or of where somebody works.
    #[serde(default)]
    pub name: Option<Name>,
    /// Why.
    pub reason: Line,
}

impl From<&ConflictOfInterest> for DeclaredConflict {
    fn from(given: &ConflictOfInterest) -> Self {
        Self {
            person: given.person_id,
            organisation: given.organisation_id,
            name: given.name.clone().map(String::from),
            reason: given.reason.to_string(),
        }
    }
}

/// A conflict of interest that an evaluator declared.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConflictView {
    /// The person.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The organisation.
    #[schema(schema_with = id_of_or_null::<OrganisationKind>)]
    pub organisation_id: Option<OrganisationId>,
    /// The name of a person or of where somebody works.
    pub name: Option<String>,
    /// Why.
    pub reason: String,
}

impl From<DeclaredConflict> for ConflictView {
    fn from(one: DeclaredConflict) -> Self {
        Self {
            person_id: one.person,
            organisation_id: one.organisation,
            name: one.name,
            reason: one.reason,
        }
    }
}

/// Somebody who judges portfolios.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvaluatorView {
    /// Who.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// Their full name.
    pub name: String,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Whether they judge portfolios now.
    pub active: bool,
    /// The day on which the office ended it.
    pub ended_on: Option<NaiveDate>,
    /// The sets that they may judge.
    #[schema(value_type = Vec<String>, example = json!(["FND"]))]
    pub sets: Vec<SetCode>,
    /// Where they work.
    pub employers: Vec<String>,
    /// Their resume, a file.
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub resume_id: Option<AttachmentId>,
    /// The day of their training; null before it.
    pub trained_on: Option<NaiveDate>,
    /// The most portfolios that they take on in a calendar year.
    pub capacity: u32,
    /// The portfolios that they took on in this calendar year.
    pub load: u32,
    /// When they are away.
    pub away: Vec<AwayDays>,
    /// The conflicts of interest that they declared.
    pub conflicts: Vec<ConflictView>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl EvaluatorView {
    /// The evaluator as `caller` sees them.
    #[must_use]
    pub fn of(evaluator: Evaluator, name: String, load: u32, caller: &Caller) -> Self {
        let own = format!("/v1/evaluators/{}", evaluator.person);
        let offered = [
            (Action::UpdateEvaluator, "PATCH", own.clone(), Vec::new()),
            (
                Action::DeactivateEvaluator,
                "POST",
                format!("{own}/deactivate"),
                vec![evaluator.active_finding(true)],
            ),
            (
                Action::ReactivateEvaluator,
                "POST",
                format!("{own}/reactivate"),
                vec![evaluator.active_finding(false)],
            ),
        ];
        let may = |action| caller.may(action, &facts(&evaluator)).is_ok();
        let actions = offered
            .into_iter()
            .filter(|(action, ..)| may(*action))
            .map(|(action, method, href, findings)| actions::view(action, method, href, findings))
            .collect();
        let profile = evaluator.profile;
        let away = |one: Away| AwayDays { from: one.from, until: one.until };
        Self {
            person_id: evaluator.person,
            name,
            program: evaluator.program,
            active: evaluator.ended_on.is_none(),
            ended_on: evaluator.ended_on,
            sets: profile.sets,
            employers: profile.employers,
            resume_id: profile.resume,
            trained_on: profile.trained_on,
            capacity: profile.capacity,
            load,
            away: profile.away.into_iter().map(away).collect(),
            conflicts: profile.conflicts.into_iter().map(ConflictView::from).collect(),
            version: evaluator.version,
            actions,
        }
    }
}

/// Somebody who will judge portfolios.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEvaluator {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Who.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The sets that they may judge.
    #[schema(value_type = Vec<String>, example = json!(["FND"]))]
    pub sets: Vec<SetCode>,
    /// Where they work.
    #[serde(default)]
    pub employers: Vec<Name>,
    /// Their resume, a file of theirs.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub resume_id: Option<AttachmentId>,
    /// The day of their training, when it is done.
    #[serde(default)]
    pub trained_on: Option<NaiveDate>,
    /// The most portfolios that they take on in a calendar year.
    #[schema(maximum = 1_000)]
    pub capacity: u32,
    /// When they are away.
    #[serde(default)]
    pub away: Vec<AwayDays>,
    /// The conflicts of interest that they declare.
    #[serde(default)]
    pub conflicts: Vec<ConflictOfInterest>,
}

fn names(given: &[Name]) -> Vec<String> {
    given.iter().cloned().map(String::from).collect()
}

fn periods(given: &[AwayDays]) -> Vec<Away> {
    given.iter().map(|one| Away { from: one.from, until: one.until }).collect()
}

impl From<&CreateEvaluator> for EvaluatorProfile {
    fn from(given: &CreateEvaluator) -> Self {
        Self {
            sets: given.sets.clone(),
            employers: names(&given.employers),
            resume: given.resume_id,
            trained_on: given.trained_on,
            capacity: given.capacity,
            away: periods(&given.away),
            conflicts: given.conflicts.iter().map(DeclaredConflict::from).collect(),
        }
    }
}

/// What changes of an evaluator's profile: what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateEvaluator {
    /// The sets that they may judge: recorded by the office.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["FND"]))]
    pub sets: Option<Vec<SetCode>>,
    /// Where they work.
    #[serde(default)]
    pub employers: Option<Vec<Name>>,
    /// Their resume, a file of theirs.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub resume_id: Option<AttachmentId>,
    /// The day of their training: recorded by the office.
    #[serde(default)]
    pub trained_on: Option<NaiveDate>,
    /// The most portfolios that they take on in a calendar year.
    #[serde(default)]
    #[schema(maximum = 1_000)]
    pub capacity: Option<u32>,
    /// When they are away.
    #[serde(default)]
    pub away: Option<Vec<AwayDays>>,
    /// The conflicts of interest that they declare.
    #[serde(default)]
    pub conflicts: Option<Vec<ConflictOfInterest>>,
}

impl UpdateEvaluator {
    /// Whether it changes what the office alone records.
    pub(super) fn is_of_the_office(&self) -> bool {
        self.sets.is_some() || self.trained_on.is_some()
    }

    /// The profile that it makes of the one before.
    pub(super) fn profile(&self, before: &EvaluatorProfile) -> EvaluatorProfile {
        let kept = before.clone();
        let declared =
            |given: &Vec<ConflictOfInterest>| given.iter().map(DeclaredConflict::from).collect();
        EvaluatorProfile {
            sets: self.sets.clone().unwrap_or(kept.sets),
            employers: self.employers.as_deref().map_or(kept.employers, names),
            resume: self.resume_id.or(kept.resume),
            trained_on: self.trained_on.or(kept.trained_on),
            capacity: self.capacity.unwrap_or(kept.capacity),
            away: self.away.as_deref().map_or(kept.away, periods),
            conflicts: self.conflicts.as_ref().map_or(kept.conflicts, declared),
        }
    }
}

/// Of which program.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EvaluatorQuery {
    /// The program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
}

/// Which evaluators are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEvaluators {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those who may judge a set.
    #[param(value_type = Option<String>, example = "FND")]
    pub set: Option<SetCode>,
    /// Only those who are active, or only those who are not.
    pub active: Option<bool>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
