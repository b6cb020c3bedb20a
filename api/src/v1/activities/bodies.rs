//! Activities as they come in.

use chrono::NaiveDate;
use domain::{
    AttachmentId, BadFact, CertificationId, PersonId, RenewalId,
    competency::SetCode,
    id::{AttachmentKind, CertificationKind, PersonKind, RenewalKind},
    program::ProgramCode,
    renewal::{ActivityFacts, ActivityKind, ActivityState, Amount},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::fields::{Line, WebAddress, given, patched},
};

/// An activity to log.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogActivity {
    /// Its title.
    pub title: Line,
    /// What it was; it says whether `minutes` or `quantity` tells how much.
    #[schema(schema_with = one_of::<ActivityKind>)]
    pub kind: ActivityKind,
    /// Its first day, where it took several.
    #[serde(default)]
    pub started_on: Option<NaiveDate>,
    /// Its day, not after today; of several the last one, by which it counts.
    pub dated_on: NaiveDate,
    /// Minutes of a workshop or of self-directed learning.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60_000, example = 90)]
    pub minutes: Option<i64>,
    /// Credits or conference days.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000)]
    pub quantity: Option<i64>,
    /// Whether it was in technology.
    #[serde(default)]
    pub technology: bool,
    /// The competency sets that it relates to: one at least, or it does not count.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 32, example = json!(["TEC"]))]
    pub sets: Vec<SetCode>,
    /// Who held it.
    #[serde(default)]
    pub provider: Option<Line>,
    /// Its documentation: one's own file of the purpose `activity`.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub documentation_id: Option<AttachmentId>,
    /// Where its documentation is.
    #[serde(default)]
    pub documentation_url: Option<WebAddress>,
}

impl LogActivity {
    /// What it tells, or how the amount does not fit its kind.
    pub(super) fn facts(&self) -> Result<ActivityFacts, BadFact> {
        Ok(ActivityFacts {
            title: self.title.to_string(),
            kind: self.kind,
            started_on: self.started_on,
            dated_on: self.dated_on,
            amount: Amount::from_forms("", self.kind, self.minutes, self.quantity)?,
            technology: self.technology,
            sets: self.sets.clone(),
            provider: self.provider.clone().map(String::from),
            document: self.documentation_id,
            document_url: self.documentation_url.clone().map(String::from),
        })
    }
}

/// What changes of an activity; what is left out stays, and null clears what may be missing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateActivity {
    /// Its title.
    #[serde(default)]
    pub title: Option<Line>,
    /// What it was; of another kind the amount may have to be told anew.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<ActivityKind>)]
    pub kind: Option<ActivityKind>,
    /// Its first day, where it took several.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    pub started_on: Option<Option<NaiveDate>>,
    /// Its day, of several the last one.
    #[serde(default)]
    pub dated_on: Option<NaiveDate>,
    /// Minutes, instead of the amount before.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60_000)]
    pub minutes: Option<i64>,
    /// Credits or days, instead of the amount before.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000)]
    pub quantity: Option<i64>,
    /// Whether it was in technology.
    #[serde(default)]
    pub technology: Option<bool>,
    /// The competency sets that it relates to, all of them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 32)]
    pub sets: Option<Vec<SetCode>>,
    /// Who held it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Line>)]
    pub provider: Option<Option<Line>>,
    /// Its documentation as a file.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub documentation_id: Option<Option<AttachmentId>>,
    /// Where its documentation is.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<WebAddress>)]
    pub documentation_url: Option<Option<WebAddress>>,
}

impl UpdateActivity {
    /// What it tells after the change.
    pub(super) fn facts(&self, before: &ActivityFacts) -> Result<ActivityFacts, BadFact> {
        let kind = self.kind.unwrap_or(before.kind);
        let (minutes, quantity) = match (self.minutes, self.quantity, before.amount) {
            (None, None, Amount::Minutes(minutes)) => (Some(minutes), None),
            (None, None, Amount::Quantity(quantity)) => (None, Some(quantity)),
            (minutes, quantity, _) => (minutes, quantity),
        };
        Ok(ActivityFacts {
            title: self.title.clone().map_or_else(|| before.title.clone(), String::from),
            kind,
            started_on: self.started_on.unwrap_or(before.started_on),
            dated_on: self.dated_on.unwrap_or(before.dated_on),
            amount: Amount::from_forms("", kind, minutes, quantity)?,
            technology: self.technology.unwrap_or(before.technology),
            sets: self.sets.clone().unwrap_or_else(|| before.sets.clone()),
            provider: patched(self.provider.as_ref(), before.provider.as_ref()),
            document: self.documentation_id.unwrap_or(before.document),
            document_url: patched(self.documentation_url.as_ref(), before.document_url.as_ref()),
        })
    }
}

/// Which activities of a certification are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCertificationActivities {
    /// Only those that a renewal uses, or none.
    #[param(schema_with = one_of::<ActivityState>, required = false)]
    pub state: Option<ActivityState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// Which activities are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListActivities {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those of a certification.
    #[param(schema_with = id_of::<CertificationKind>, required = false)]
    pub certification_id: Option<CertificationId>,
    /// Only those that this renewal uses.
    #[param(schema_with = id_of::<RenewalKind>, required = false)]
    pub renewal_id: Option<RenewalId>,
    /// Only those that a renewal uses, or none.
    #[param(schema_with = one_of::<ActivityState>, required = false)]
    pub state: Option<ActivityState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
