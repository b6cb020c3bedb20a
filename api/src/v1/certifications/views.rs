//! Certifications as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    AchievementId, CandidacyId, CertificationId, PersonId,
    access::{Action, Caller, Facts},
    certificate::{CertificateNumber, Certification, Edition},
    certification::term::CertificationStatus,
    competency::SetCode,
    id::{AchievementKind, CandidacyKind, CertificationKind, PersonKind},
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{CertificationCondition, MeasureView};
use crate::{
    answer::ActionView,
    extract::{AsOf, Cursor, Limit},
    openapi::words::{id_of, one_of, one_of_or_null},
    v1::actions,
};

/// An achievement on which a certification rests.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroundView {
    /// The achievement.
    #[schema(schema_with = id_of::<AchievementKind>)]
    pub achievement_id: AchievementId,
    /// Its set.
    #[schema(value_type = String, example = "FND")]
    pub set: SetCode,
    /// The day from which it counts.
    pub achieved_on: NaiveDate,
}

/// One print of a certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditionView {
    /// 1 at the award; every reissue has the next one.
    pub edition: u32,
    /// The name as printed.
    pub holder_name: String,
    /// The day of the print.
    pub issued_on: NaiveDate,
}

impl From<Edition> for EditionView {
    fn from(edition: Edition) -> Self {
        Self {
            edition: edition.edition,
            holder_name: edition.holder_name,
            issued_on: edition.issued_on,
        }
    }
}

/// A certification as of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificationView {
    /// Its id.
    #[schema(schema_with = id_of::<CertificationKind>)]
    pub id: CertificationId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The holder.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The candidacy that led to it.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub candidacy_id: CandidacyId,
    /// Its number, which anyone can verify.
    #[schema(value_type = String, example = "LSSC-2026-7K3M9QX")]
    pub number: CertificateNumber,
    /// The name as printed.
    pub holder_name: String,
    /// The edition in force.
    pub edition: u32,
    /// Every edition in print, the first one first.
    pub editions: Vec<EditionView>,
    /// The day as of which its status is told.
    pub as_of: NaiveDate,
    /// Where it stands; computed, never stored. Null before its first term.
    #[schema(schema_with = one_of_or_null::<CertificationStatus>)]
    pub status: Option<CertificationStatus>,
    /// Whether its holder is certified.
    pub certified: bool,
    /// Whether the day lies in the window for its renewal; while it is suspended, none is taken all the same.
    pub renewal_open: bool,
    /// The first day of the first term.
    pub completed_on: NaiveDate,
    /// The day of the award.
    pub awarded_on: NaiveDate,
    /// How many renewals were granted.
    pub renewals: u32,
    /// Last day of the term that holds on the day.
    pub expires_on: NaiveDate,
    /// First day on which a renewal can be submitted.
    pub renewal_opens_on: NaiveDate,
    /// Last day of the grace period.
    pub grace_ends_on: NaiveDate,
    /// The public condition under which it was awarded; null where there was none.
    pub condition: Option<CertificationCondition>,
    /// The achievements on which it rests.
    pub achievements: Vec<GroundView>,
    /// Every suspension and revocation that was decided, in order; reversed ones stay.
    pub measures: Vec<MeasureView>,
    /// The version.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl CertificationView {
    /// The certification on `as_of` as `caller` sees it; its actions are those of today.
    pub(super) fn of(
        certification: Certification,
        as_of: NaiveDate,
        today: NaiveDate,
        caller: &Caller,
    ) -> Self {
        let standing = certification.standing(as_of);
        let (dates, renewals) = (certification.dates_on(as_of), certification.renewals_on(as_of));
        let reads_notes = reads_notes(&certification, caller);
        Self {
            actions: actions_of(&certification, today, caller),
            edition: certification.edition(),
            condition: CertificationCondition::of(&certification, as_of),
            as_of,
            status: standing.map(|one| one.status),
            certified: standing.is_some_and(|one| one.certified),
            renewal_open: standing.is_some_and(|one| one.renewal_open),
            id: certification.id,
            program: certification.program,
            person_id: certification.person,
            candidacy_id: certification.candidacy,
            number: certification.number,
            holder_name: certification.holder_name,
            editions: certification.editions.into_iter().map(EditionView::from).collect(),
            completed_on: certification.completed_on,
            awarded_on: certification.awarded_on,
            renewals,
            expires_on: dates.expires_on,
            renewal_opens_on: dates.renewal_opens_on,
            grace_ends_on: dates.grace_ends_on,
            achievements: certification
                .achievements
                .into_iter()
                .map(|ground| GroundView {
                    achievement_id: ground.achievement,
                    set: ground.set,
                    achieved_on: ground.achieved_on,
                })
                .collect(),
            measures: certification
                .measures
                .into_iter()
                .map(|one| MeasureView::of(one, as_of, reads_notes))
                .collect(),
            version: certification.version,
        }
    }
}

/// Whether `caller` reads the office's notes: who reads the event log does, except on their own.
fn reads_notes(certification: &Certification, caller: &Caller) -> bool {
    caller.may(Action::ListEvents, &Facts::default()).is_ok()
        && caller.person() != Some(certification.person)
}

/// What `caller` may do next today.
fn actions_of(certification: &Certification, today: NaiveDate, caller: &Caller) -> Vec<ActionView> {
    let facts = Facts::of_person(certification.person);
    let base = format!("/v1/certifications/{}", certification.id);
    let condition =
        certification.provisional_until.map(|_| vec![certification.condition_finding(today)]);
    let mut acts = vec![
        (Action::MeetCondition, format!("{base}/condition"), condition),
        (
            Action::SuspendCertification,
            format!("{base}/suspend"),
            Some(certification.suspension_findings(today, None)),
        ),
        (
            Action::ReinstateCertification,
            format!("{base}/reinstate"),
            Some(certification.reinstatement_findings(today)),
        ),
        (
            Action::RevokeCertification,
            format!("{base}/revoke"),
            Some(certification.revocation_findings()),
        ),
        (Action::LogActivity, format!("{base}/activities"), Some(Vec::new())),
        (
            Action::SubmitRenewal,
            format!("{base}/renewals"),
            Some(certification.renewal_findings(today)),
        ),
    ];
    for measure in certification.measures.iter().filter(|one| one.reversal.is_none()) {
        let href = format!("{base}/measures/{}/reverse", measure.number);
        acts.push((Action::ReverseMeasure, href, Some(vec![measure.stands_finding()])));
    }
    acts.into_iter()
        .filter(|(action, ..)| caller.may(*action, &facts).is_ok())
        .filter_map(|(action, href, findings)| Some(actions::view(action, "POST", href, findings?)))
        .collect()
}

/// Which certifications are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCertifications {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a status on `as_of`.
    #[param(schema_with = one_of::<CertificationStatus>, required = false)]
    pub status: Option<CertificationStatus>,
    /// Only those that can be renewed on `as_of`, or with `false` only those that cannot.
    pub renewal_open: Option<bool>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// The day of `status` and `renewal_open`; today when left out.
    pub as_of: Option<AsOf>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
