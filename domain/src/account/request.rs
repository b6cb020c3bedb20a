//! A partner's request for somebody's account: completed at once where everything agrees or nobody is known,
//! else decided by the office, once.

use chrono::NaiveDate;

use super::matching::Asked;
use crate::{
    AccountRequestId, BadFact, ClientId, Finding, PersonId,
    decision::{self, Refused},
    facts, words,
};

words! {
    /// Where an account request stands.
    pub enum AccountRequestState {
        /// The office decides.
        Pending = "pending",
        /// The account is somebody's.
        Completed = "completed",
        /// The office rejected it.
        Rejected = "rejected",
    }
}

words! {
    /// How an account request was completed.
    pub enum AccountOutcome {
        /// The account is that of a person who was there.
        Linked = "linked",
        /// A person was made for it.
        Created = "created",
    }
}

/// A partner's request for somebody's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRequest {
    /// Identity.
    pub id: AccountRequestId,
    /// Whose request it is.
    pub client: ClientId,
    /// The partner's own id, unique in its system.
    pub request_id: String,
    /// What was asked.
    pub asked: Asked,
    /// Where it stands.
    pub state: AccountRequestState,
    /// How it was completed.
    pub outcome: Option<AccountOutcome>,
    /// Whose account it is, once completed.
    pub person: Option<PersonId>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The day on which it came.
    pub requested_on: NaiveDate,
    /// The day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Version of the record, 1 at first.
    pub version: i64,
}

impl AccountRequest {
    /// A request that came on a day and waits.
    #[must_use]
    pub fn receive(
        id: AccountRequestId,
        (client, request_id): (ClientId, String),
        asked: Asked,
        findings: Vec<Finding>,
        today: NaiveDate,
    ) -> (Self, AccountRequestEvent) {
        let fact = AccountRequestEvent::Received { client, request_id: request_id.clone() };
        let request = Self {
            id,
            client,
            request_id,
            asked,
            state: AccountRequestState::Pending,
            outcome: None,
            person: None,
            findings,
            requested_on: today,
            decided_on: None,
            reason: None,
            version: 1,
        };
        (request, fact)
    }

    /// What is another thing than what this request asked for under the same id: a fault for each.
    #[must_use]
    pub fn differences(&self, asked: &Asked) -> Vec<BadFact> {
        let before = &self.asked;
        [
            ("/external_id", before.external_id == asked.external_id),
            ("/given_name", before.given_name == asked.given_name),
            ("/family_name", before.family_name == asked.family_name),
            ("/emails", before.emails == asked.emails),
            ("/candidate_number", before.candidate_number == asked.candidate_number),
            ("/person_id", before.person == asked.person),
            ("/program", before.program == asked.program),
        ]
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(pointer, _)| {
            let detail = "The same request id came with another value before: use a new one.";
            BadFact::at(pointer, "fixed", detail)
        })
        .collect()
    }

    /// The finding on whether it can be decided.
    #[must_use]
    pub fn open_finding(&self) -> Finding {
        let open = [AccountRequestState::Pending];
        decision::state_finding("account_request.state", "decide on the request", self.state, &open)
    }

    /// The account is somebody's.
    pub fn complete(
        mut self,
        outcome: AccountOutcome,
        person: PersonId,
        today: NaiveDate,
    ) -> Result<(Self, AccountRequestEvent), Refused> {
        decision::by_state(vec![self.open_finding()])?;
        self.state = AccountRequestState::Completed;
        self.outcome = Some(outcome);
        self.person = Some(person);
        self.decided_on = Some(today);
        let (client, request_id) = (self.client, self.request_id.clone());
        Ok((self, AccountRequestEvent::Completed { client, request_id, outcome }))
    }

    /// The office rejects it.
    pub fn reject(
        mut self,
        reason: String,
        today: NaiveDate,
    ) -> Result<(Self, AccountRequestEvent), Refused> {
        decision::by_state(vec![self.open_finding()])?;
        self.state = AccountRequestState::Rejected;
        self.decided_on = Some(today);
        self.reason = Some(reason.clone());
        let (client, request_id) = (self.client, self.request_id.clone());
        Ok((self, AccountRequestEvent::Rejected { client, request_id, reason }))
    }
}

facts! {
    /// What happens to account requests.
    pub enum AccountRequestEvent {
        /// It waits for the office.
        Received = "account_request.received" { client: ClientId, request_id: String },
        /// The account is somebody's.
        Completed = "account_request.completed" { client: ClientId, request_id: String, outcome: AccountOutcome },
        /// The office rejected it.
        Rejected = "account_request.rejected" { client: ClientId, request_id: String, reason: String },
    }
}
