//! Audited renewals as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    AttachmentId, AuditCaseId, BadFact, CertificationId, PersonId, RenewalAuditId, RenewalId,
    access::{Action, Caller},
    id::{AuditCaseKind, CertificationKind, PersonKind, RenewalAuditKind, RenewalKind},
    program::ProgramCode,
    renewal::audit::{AuditCase, AuditOutcome, AuditStatus, MAX_HANDED_IN},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts;
use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    problem::Problem,
    v1::{
        actions,
        fields::{Prose, no_cards},
    },
};

/// What was handed in once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditDocumentsView {
    /// The day.
    pub on: NaiveDate,
    /// In words.
    pub text: Option<String>,
    /// Files.
    #[schema(value_type = Vec<String>)]
    pub attachment_ids: Vec<AttachmentId>,
}

/// The audit of one renewal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditCaseView {
    /// Its id.
    #[schema(schema_with = id_of::<AuditCaseKind>)]
    pub id: AuditCaseId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The audit that drew it.
    #[schema(schema_with = id_of::<RenewalAuditKind>)]
    pub renewal_audit_id: RenewalAuditId,
    /// The renewal.
    #[schema(schema_with = id_of::<RenewalKind>)]
    pub renewal_id: RenewalId,
    /// The holder.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The certification.
    #[schema(schema_with = id_of::<CertificationKind>)]
    pub certification_id: CertificationId,
    /// Its place in the draw.
    pub rank: i64,
    /// Where it stands today; computed, never stored.
    #[schema(schema_with = one_of::<AuditStatus>)]
    pub status: AuditStatus,
    /// The day by which documents are due.
    pub documents_by: NaiveDate,
    /// Whether the first documents came after that day.
    pub late: bool,
    /// What was handed in, in order.
    pub documents: Vec<AuditDocumentsView>,
    /// The day of the office's finding.
    pub decided_on: Option<NaiveDate>,
    /// Why.
    pub reason: Option<String>,
    /// The version of the record.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl AuditCaseView {
    pub(super) fn of(case: AuditCase, today: NaiveDate, caller: &Caller) -> Self {
        let failed = case.decision_findings(AuditOutcome::Failed, today);
        let offered = [
            (Action::SubmitAuditDocuments, "documents", case.document_findings()),
            (Action::DecideAuditCase, "finding", failed),
        ];
        let actions = offered
            .into_iter()
            .filter(|(action, ..)| caller.may(*action, &facts(&case)).is_ok())
            .map(|(action, path, findings)| {
                let href = format!("/v1/audit-cases/{}/{path}", case.id);
                actions::view(action, "POST", href, findings)
            })
            .collect();
        Self {
            actions,
            status: case.status(today),
            late: case.is_late(),
            id: case.id,
            program: case.program,
            renewal_audit_id: case.audit,
            renewal_id: case.renewal,
            person_id: case.person,
            certification_id: case.certification,
            rank: case.rank,
            documents_by: case.documents_by,
            documents: case
                .documents
                .into_iter()
                .map(|one| AuditDocumentsView {
                    on: one.on,
                    text: one.text,
                    attachment_ids: one.attachments,
                })
                .collect(),
            decided_on: case.decided_on,
            reason: case.reason,
            version: case.version,
        }
    }
}

/// What an audit asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitAuditDocuments {
    /// In words.
    #[serde(default)]
    pub text: Option<Prose>,
    /// Files of the holder's own, handed in for `evidence`, each once.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 20)]
    pub attachment_ids: Vec<AttachmentId>,
}

const _: () = assert!(MAX_HANDED_IN == 20, "what the schema says");

impl SubmitAuditDocuments {
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.attachment_ids.len() > MAX_HANDED_IN {
            let detail = format!("At most {MAX_HANDED_IN} files are handed in at a time.");
            return Err(BadFact::at("/attachment_ids", "length", detail).into());
        }
        if self.text.is_none() && self.attachment_ids.is_empty() {
            let detail = "Hand in files, or say something.";
            return Err(BadFact::at("/attachment_ids", "required", detail).into());
        }
        no_cards([("/text", self.text.as_deref().unwrap_or_default())])?;
        Ok(())
    }
}

/// What the office finds.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideAuditCase {
    /// Whether the renewal was rightly granted.
    #[schema(schema_with = one_of::<AuditOutcome>)]
    pub outcome: AuditOutcome,
    /// Why, for the holder and for the record; it must be given where it failed.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// Which audited renewals are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAuditCases {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those that an audit drew.
    #[param(schema_with = id_of::<RenewalAuditKind>, required = false)]
    pub renewal_audit_id: Option<RenewalAuditId>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those that stand so today.
    #[param(schema_with = one_of::<AuditStatus>, required = false)]
    pub status: Option<AuditStatus>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
