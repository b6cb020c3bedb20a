//! What is said in an application: the bodies that come in, and the facts that cannot be true.

use chrono::NaiveDate;
use domain::{
    BadFact, PersonId,
    application::{ApplicationState, Attachment, PaymentChoice, Statements},
    eligibility::{Education, Hours, Job, JobKind, LibraryType},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::fields::{Line, Name, WebAddress},
};

/// A job in a library. Exactly one of `hours_per_week` and `total_hours`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationJob {
    /// The library's name.
    pub library: Name,
    /// The library's type; any type counts (FAQ 6).
    #[schema(schema_with = one_of::<LibraryType>)]
    pub library_type: LibraryType,
    /// Paid or volunteer; both count (FAQ 6).
    #[schema(schema_with = one_of::<JobKind>)]
    pub kind: JobKind,
    /// First day of the job.
    pub started_on: NaiveDate,
    /// Last day of the job; absent or null while still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// Whether the position requires a master's degree of library and information science (FAQ 3).
    pub requires_mlis: bool,
    /// Hours a week, above 0 and at most 168, in quarters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(exclusive_minimum = 0, maximum = 168, multiple_of = 0.25)]
    pub hours_per_week: Option<f64>,
    /// Hours over the whole job, above 0 and at most 100,000, in quarters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(exclusive_minimum = 0, maximum = 100_000, multiple_of = 0.25)]
    pub total_hours: Option<f64>,
}

/// Evidence by link.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationAttachment {
    /// What it shows.
    pub title: Line,
    /// Where it is.
    pub url: WebAddress,
}

/// What starts an application.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApplication {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// For whom; oneself when left out. Staff may apply for others.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<domain::id::PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Highest education (FAQ 6). It can wait until the submission.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<Education>)]
    pub education: Option<Education>,
    /// Jobs in libraries.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub jobs: Vec<ApplicationJob>,
    /// Evidence.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub attachments: Vec<ApplicationAttachment>,
    /// How the fee will be paid (FAQ 22: by check also where a library pays by purchase order).
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<PaymentChoice>)]
    pub payment_choice: Option<PaymentChoice>,
}

/// What changes in an application; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateApplication {
    /// Highest education.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<Education>)]
    pub education: Option<Education>,
    /// All jobs, in place of the ones before.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub jobs: Option<Vec<ApplicationJob>>,
    /// All evidence, in place of what was there before.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub attachments: Option<Vec<ApplicationAttachment>>,
    /// How the fee will be paid.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<PaymentChoice>)]
    pub payment_choice: Option<PaymentChoice>,
}

impl CreateApplication {
    /// The statements, or every bad fact among them.
    pub(crate) fn statements(&self, today: NaiveDate) -> Result<Statements, Vec<BadFact>> {
        Ok(Statements {
            education: self.education,
            jobs: jobs(&self.jobs, today)?,
            attachments: attachments(&self.attachments)?,
            payment_choice: self.payment_choice,
        })
    }
}

impl UpdateApplication {
    /// The statements after the change, or every bad fact among them.
    pub(super) fn statements(
        &self,
        before: &Statements,
        today: NaiveDate,
    ) -> Result<Statements, Vec<BadFact>> {
        let mut after = before.clone();
        after.education = self.education.or(before.education);
        after.payment_choice = self.payment_choice.or(before.payment_choice);
        if let Some(given) = &self.jobs {
            after.jobs = jobs(given, today)?;
        }
        if let Some(given) = &self.attachments {
            after.attachments = attachments(given)?;
        }
        Ok(after)
    }
}

/// The jobs as the rules read them; the same facts are bad here as in an evaluation.
pub(in crate::v1) fn jobs(
    given: &[ApplicationJob],
    today: NaiveDate,
) -> Result<Vec<Job>, Vec<BadFact>> {
    let mut bad = Vec::new();
    let mut jobs = Vec::with_capacity(given.len());
    for (index, job) in given.iter().enumerate() {
        let hours =
            Hours::from_forms(&format!("/jobs/{index}"), job.hours_per_week, job.total_hours);
        jobs.push(Job {
            library: job.library.to_string(),
            library_type: job.library_type,
            kind: job.kind,
            started_on: job.started_on,
            ended_on: job.ended_on,
            requires_mlis: job.requires_mlis,
            // Hours that cannot be are told below; the job keeps its place for the other faults.
            hours: hours.unwrap_or_else(|fact| {
                bad.push(fact);
                Hours::Total(0)
            }),
        });
    }
    bad.extend(domain::eligibility::check_jobs(&jobs, today));
    if bad.is_empty() { Ok(jobs) } else { Err(bad) }
}

fn attachments(given: &[ApplicationAttachment]) -> Result<Vec<Attachment>, Vec<BadFact>> {
    if given.len() > 50 {
        return Err(vec![BadFact::at("/attachments", "length", "At most 50 attachments.")]);
    }
    let attachment = |one: &ApplicationAttachment| Attachment {
        title: one.title.to_string(),
        url: one.url.to_string(),
    };
    Ok(given.iter().map(attachment).collect())
}

/// Which applications are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListApplications {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those in a state.
    #[param(schema_with = one_of::<ApplicationState>, required = false)]
    pub state: Option<ApplicationState>,
    /// Only those of a person.
    #[param(schema_with = id_of::<domain::id::PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
