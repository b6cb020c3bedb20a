//! Graduates as JSON, in and out.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AgreementId, AttachmentId, CandidacyId, Finding, GraduateId, OrganisationId, PersonId,
    access::{Action, Reach},
    agreement::{
        Agreement,
        graduate::{Graduate, GraduateState},
    },
    competency::SetCode,
    id::{
        AgreementKind, AttachmentKind, CandidacyKind, GraduateKind, OrganisationKind, PersonKind,
    },
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{facts, withdrawn_by};
use crate::{
    answer::{ActionView, FindingView},
    call::Call,
    extract::{Cursor, Limit},
    flows::{graduate::Recognised, program::InForce},
    openapi::words::{id_of, id_of_or_null, one_of},
    v1::{actions, agreements::ConditionView},
};

/// A graduate under a recognition agreement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GraduateView {
    /// Its id.
    #[schema(schema_with = id_of::<GraduateKind>)]
    pub id: GraduateId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// The agreement.
    #[schema(schema_with = id_of::<AgreementKind>)]
    pub agreement_id: AgreementId,
    /// Its college.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub college_id: OrganisationId,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// The day of graduation.
    pub graduated_on: NaiveDate,
    /// Where it stands.
    #[schema(schema_with = one_of::<GraduateState>)]
    pub state: GraduateState,
    /// Whether its person is known: registered with this address, confirmed, and this name.
    pub matched: bool,
    /// Who that is; the college is not told.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The transcript, of one who claims it.
    #[schema(schema_with = id_of_or_null::<AttachmentKind>)]
    pub transcript_id: Option<AttachmentId>,
    /// The competency sets that are achieved at once on admission.
    #[schema(value_type = Vec<String>)]
    pub covered_sets: Vec<SetCode>,
    /// What this graduate adds in another way.
    pub conditions: Vec<ConditionView>,
    /// When it was posted or claimed.
    pub recorded_at: DateTime<Utc>,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Why it was refused or withdrawn.
    pub reason: Option<String>,
    /// The findings of the decision.
    pub findings: Vec<FindingView>,
    /// The candidacy that got the credit.
    #[schema(schema_with = id_of_or_null::<CandidacyKind>)]
    pub candidacy_id: Option<CandidacyId>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl GraduateView {
    /// The graduate as the caller sees it.
    #[must_use]
    pub fn of(rules: &InForce, graduate: Graduate, agreement: &Agreement, call: &Call) -> Self {
        let actions = actions_of(rules, &graduate, agreement, call);
        let told = graduate.person.is_some_and(|person| knows(call, person));
        let version = agreement.version_on(graduate.graduated_on);
        let terms = version.map(|version| &version.terms);
        let conditions = terms.into_iter().flat_map(|one| one.conditions_on(graduate.graduated_on));
        Self {
            conditions: conditions.cloned().map(ConditionView::from).collect(),
            covered_sets: terms
                .map(|terms| terms.covered_on(graduate.graduated_on))
                .unwrap_or_default(),
            id: graduate.id,
            program: graduate.program,
            agreement_id: graduate.agreement,
            college_id: graduate.college,
            name: graduate.name,
            email: graduate.email,
            graduated_on: graduate.graduated_on,
            state: graduate.state,
            matched: graduate.person.is_some(),
            person_id: graduate.person.filter(|_| told),
            transcript_id: graduate.transcript.filter(|_| told),
            recorded_at: graduate.recorded_at,
            decided_on: graduate.decided_on,
            reason: graduate.reason,
            findings: graduate.findings.into_iter().map(FindingView::from).collect(),
            candidacy_id: graduate.candidacy.filter(|_| told),
            version: graduate.version,
            actions,
        }
    }
}

/// Whether the caller knows more of the person than the college does.
fn knows(call: &Call, person: PersonId) -> bool {
    let everything = matches!(call.reach(Action::ListGraduates), Ok(Reach::Everything));
    everything || call.caller().person() == Some(person)
}

fn actions_of(
    rules: &InForce,
    graduate: &Graduate,
    agreement: &Agreement,
    call: &Call,
) -> Vec<ActionView> {
    let offered = [(Action::VerifyGraduate, "verify"), (Action::RefuseGraduate, "refuse")];
    let may = |action: Action| call.caller().may(action, &facts(graduate)).is_ok();
    let view = |(action, segment): (Action, &str)| {
        let href = format!("/v1/graduates/{}/{segment}", graduate.id);
        let mut findings: Vec<Finding> =
            vec![graduate.state_finding(&format!("{segment} the graduate"))];
        if action == Action::VerifyGraduate {
            let policy = &rules.policy.recognition;
            findings.extend(graduate.verification_findings(agreement, policy));
        }
        actions::view(action, "POST", href, findings)
    };
    let withdraw =
        call.caller().may(Action::WithdrawGraduate, &withdrawn_by(graduate)).ok().map(|()| {
            let href = format!("/v1/graduates/{}/withdraw", graduate.id);
            actions::view(Action::WithdrawGraduate, "POST", href, graduate.withdrawal_findings())
        });
    offered.into_iter().filter(|(action, _)| may(*action)).map(view).chain(withdraw).collect()
}

/// What recognition does for somebody: the sets that are achieved at once on admission, and what is added
/// in another way (FAQ 12).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecognitionView {
    /// The graduate.
    #[schema(schema_with = id_of::<GraduateKind>)]
    pub graduate_id: GraduateId,
    /// The agreement.
    #[schema(schema_with = id_of::<AgreementKind>)]
    pub agreement_id: AgreementId,
    /// The title of the college's program.
    pub program_title: String,
    /// The day of graduation.
    pub graduated_on: NaiveDate,
    /// Where the graduate stands: claimed waits for the office, posted and verified count.
    #[schema(schema_with = one_of::<GraduateState>)]
    pub state: GraduateState,
    /// The sets that are achieved by it.
    #[schema(value_type = Vec<String>)]
    pub covered_sets: Vec<SetCode>,
    /// What is added in another way.
    pub conditions: Vec<ConditionView>,
    /// The candidacy that got the credit.
    #[schema(schema_with = id_of_or_null::<CandidacyKind>)]
    pub candidacy_id: Option<CandidacyId>,
}

impl RecognitionView {
    /// What `recognised` does; none where its agreement has no text.
    #[must_use]
    pub fn of((graduate, agreement): &Recognised) -> Option<Self> {
        let terms = &agreement.version_on(graduate.graduated_on)?.terms;
        let conditions = terms.conditions_on(graduate.graduated_on).cloned();
        Some(Self {
            graduate_id: graduate.id,
            agreement_id: agreement.id,
            program_title: terms.program_title.clone(),
            graduated_on: graduate.graduated_on,
            state: graduate.state,
            covered_sets: terms.covered_on(graduate.graduated_on),
            conditions: conditions.map(ConditionView::from).collect(),
            candidacy_id: graduate.candidacy,
        })
    }
}

/// A claim of one's own graduation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimGraduation {
    /// The agreement.
    #[schema(schema_with = id_of::<AgreementKind>)]
    pub agreement_id: AgreementId,
    /// The day of graduation, not after today.
    pub graduated_on: NaiveDate,
    /// The transcript: an attachment of one's own, handed in as `transcript`.
    #[schema(schema_with = id_of::<AttachmentKind>)]
    pub transcript_id: AttachmentId,
}

/// Which graduates are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListGraduates {
    /// Those of a program, `lssc` unless said otherwise.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a college.
    #[param(schema_with = id_of::<OrganisationKind>, required = false)]
    pub college_id: Option<OrganisationId>,
    /// Only those of an agreement.
    #[param(schema_with = id_of::<AgreementKind>, required = false)]
    pub agreement_id: Option<AgreementId>,
    /// Only those in a state.
    #[param(schema_with = one_of::<GraduateState>, required = false)]
    pub state: Option<GraduateState>,
    /// Only those who are a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
