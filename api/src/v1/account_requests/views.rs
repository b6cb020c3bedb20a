//! Account requests as JSON, in and out.

use std::borrow::Cow;

use chrono::NaiveDate;
use domain::{
    AccountRequestId, BadFact, CandidacyId, ClientId, PersonId,
    access::{Action, Caller, Facts},
    account::{
        AccountState,
        matching::Asked,
        request::{AccountOutcome, AccountRequest, AccountRequestState},
    },
    calendar,
    id::{AccountRequestKind, CandidacyKind, ClientKind, PersonKind},
    person::fold_email,
    program::ProgramCode,
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::{ActionView, FindingView},
    extract::{Cursor, Limit},
    openapi::words::{id_of, id_of_or_null, one_of, one_of_or_null},
    v1::{
        actions,
        fields::{EmailAddress, ExternalKey, Name, RequestKey},
    },
};

/// The most addresses of a request.
const MOST: usize = 10;

/// What asks for somebody's account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccountRequest {
    /// The partner's own id of the request: the same request with it again is answered by the first one.
    pub request_id: RequestKey,
    /// What the partner calls the person, unique in its system.
    pub external_id: ExternalKey,
    /// Given names.
    pub given_name: Name,
    /// Family name.
    pub family_name: Name,
    /// Addresses, each once; the first one becomes the primary one of somebody new.
    #[schema(min_items = 1, max_items = 10)]
    pub emails: Vec<EmailAddress>,
    /// The candidate number, where it is known.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<CandidacyKind>, required = false)]
    pub candidate_number: Option<CandidacyId>,
    /// The person, where they are known.
    #[serde(default)]
    #[schema(schema_with = id_of_or_null::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// The program in which the candidate number counts; when left out `lssc`, or the first one to which the machine
    /// is confined.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
}

impl CreateAccountRequest {
    /// What it asks for, or what is wrong with its addresses.
    pub(super) fn asked(&self) -> Result<Asked, Vec<BadFact>> {
        let mut faults = Vec::new();
        if !(1..=MOST).contains(&self.emails.len()) {
            let detail = format!("A request has 1 to {MOST} e-mail addresses.");
            faults.push(BadFact::at("/emails", "length", detail));
        }
        let folded: Vec<String> = self.emails.iter().map(|email| fold_email(email)).collect();
        for (place, email) in folded.iter().enumerate() {
            if folded.iter().take(place).any(|earlier| earlier == email) {
                let detail = "The address stands here twice.";
                faults.push(BadFact::at(format!("/emails/{place}"), "duplicate", detail));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Asked {
            external_id: self.external_id.to_string(),
            given_name: self.given_name.to_string(),
            family_name: self.family_name.to_string(),
            emails: self.emails.iter().map(|email| email.to_string()).collect(),
            candidate_number: self.candidate_number,
            person: self.person_id,
            program: self.program.clone().unwrap_or_else(ProgramCode::lssc),
        })
    }
}

/// Whose account it is.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAccountRequest {
    /// The person.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
}

/// A request in a path: its id, or for the partner whose it is its own id of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestReference {
    /// Its id.
    Id(AccountRequestId),
    /// The partner's own.
    Own(RequestKey),
}

impl<'de> Deserialize<'de> for RequestReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let text = serde::de::value::StrDeserializer::<D::Error>::new(&text);
        RequestKey::deserialize(text).map(Self::Own)
    }
}

/// What was asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AskedView {
    /// What the partner calls the person.
    pub external_id: String,
    /// Given names.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Addresses, the primary one of somebody new first.
    pub emails: Vec<String>,
    /// The candidate number.
    #[schema(schema_with = id_of_or_null::<CandidacyKind>)]
    pub candidate_number: Option<CandidacyId>,
    /// The person, as asked for.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// The program in which the candidate number counts.
    #[schema(value_type = String)]
    pub program: ProgramCode,
}

impl From<Asked> for AskedView {
    fn from(asked: Asked) -> Self {
        Self {
            external_id: asked.external_id,
            given_name: asked.given_name,
            family_name: asked.family_name,
            emails: asked.emails,
            candidate_number: asked.candidate_number,
            person_id: asked.person,
            program: asked.program,
        }
    }
}

/// A partner's request for somebody's account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountRequestView {
    /// Its id.
    #[schema(schema_with = id_of::<AccountRequestKind>)]
    pub id: AccountRequestId,
    /// The partner's machine.
    #[schema(schema_with = id_of::<ClientKind>)]
    pub client_id: ClientId,
    /// The partner's own id of it.
    pub request_id: String,
    /// What was asked.
    pub asked: AskedView,
    /// Where it stands.
    #[schema(schema_with = one_of::<AccountRequestState>)]
    pub state: AccountRequestState,
    /// How it was completed.
    #[schema(schema_with = one_of_or_null::<AccountOutcome>)]
    pub outcome: Option<AccountOutcome>,
    /// Whose account it is, once completed.
    #[schema(schema_with = id_of_or_null::<PersonKind>)]
    pub person_id: Option<PersonId>,
    /// Where that person's account stands today: `dormant` waits for a new subscription.
    #[schema(schema_with = one_of_or_null::<AccountState>)]
    pub account_state: Option<AccountState>,
    /// What was found when it came: why it was completed, or why it waits.
    pub findings: Vec<FindingView>,
    /// For the office, of one request that waits: the people who may be meant.
    pub candidates: Vec<CandidateView>,
    /// The day on which it came.
    pub requested_on: NaiveDate,
    /// The working days, Monday to Friday, that it waits; null once it was decided.
    pub working_days: Option<u32>,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// The version.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

/// Somebody who may be meant.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AccountCandidate)]
pub struct CandidateView {
    /// Who.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// Full name.
    pub name: String,
}

impl AccountRequestView {
    /// The request today as `caller` sees it.
    pub(super) fn of(
        request: AccountRequest,
        today: NaiveDate,
        account_state: Option<AccountState>,
        caller: &Caller,
    ) -> Self {
        let actions = [
            (Action::LinkAccountRequest, "link"),
            (Action::CreateRequestedAccount, "create"),
            (Action::RejectAccountRequest, "reject"),
        ]
        .into_iter()
        .filter(|(action, _)| caller.may(*action, &Facts::default()).is_ok())
        .map(|(action, segment)| {
            let href = format!("/v1/account-requests/{}/{segment}", request.id);
            actions::view(action, "POST", href, vec![request.open_finding()])
        })
        .collect();
        let waits = request.state == AccountRequestState::Pending;
        Self {
            id: request.id,
            client_id: request.client,
            request_id: request.request_id,
            asked: request.asked.into(),
            state: request.state,
            outcome: request.outcome,
            person_id: request.person,
            account_state,
            findings: request.findings.into_iter().map(FindingView::from).collect(),
            candidates: Vec::new(),
            requested_on: request.requested_on,
            working_days: waits.then(|| calendar::working_days(request.requested_on, today)),
            decided_on: request.decided_on,
            reason: request.reason,
            version: request.version,
            actions,
        }
    }
}

/// Which account requests are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAccountRequests {
    /// Only those of a state.
    #[param(schema_with = one_of::<AccountRequestState>, required = false)]
    pub state: Option<AccountRequestState>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
