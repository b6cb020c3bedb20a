//! Partners' requests for accounts, and what is known of whom they name.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    AccountRequestId, ClientId, PersonId,
    account::{
        matching::{Asked, Evidence, Likely},
        request::{AccountOutcome, AccountRequest, AccountRequestState},
    },
    person::fold_email,
    text,
};
use serde_json::Value;

use crate::{
    Error, Page, Tx,
    aggregate::{aggregate, page},
    conn::{each_backend, get_row},
    json,
    schema::{account_requests, emails, people},
    types::V,
};

/// The repository of account requests.
pub struct AccountRequests<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Partners' requests for accounts.
    pub fn account_requests(&mut self) -> AccountRequests<'_, 'c> {
        AccountRequests(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = account_requests, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<AccountRequestId>,
    client_id: V<ClientId>,
    request_id: String,
    asked: V<Value>,
    state: V<AccountRequestState>,
    outcome: Option<V<AccountOutcome>>,
    person_id: Option<V<PersonId>>,
    findings: V<Value>,
    requested_on: NaiveDate,
    decided_on: Option<NaiveDate>,
    reason: Option<String>,
    version: i64,
}

impl TryFrom<&AccountRequest> for Row {
    type Error = Error;
    fn try_from(request: &AccountRequest) -> Result<Self, Error> {
        Ok(Self {
            id: V(request.id),
            client_id: V(request.client),
            request_id: request.request_id.clone(),
            asked: json::of(&request.asked)?,
            state: V(request.state),
            outcome: request.outcome.map(V),
            person_id: request.person.map(V),
            findings: json::of(&request.findings)?,
            requested_on: request.requested_on,
            decided_on: request.decided_on,
            reason: request.reason.clone(),
            version: request.version,
        })
    }
}

impl TryFrom<Row> for AccountRequest {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            client: row.client_id.0,
            request_id: row.request_id,
            asked: json::read(row.asked)?,
            state: row.state.0,
            outcome: row.outcome.map(|outcome| outcome.0),
            person: row.person_id.map(|person| person.0),
            findings: json::read(row.findings)?,
            requested_on: row.requested_on,
            decided_on: row.decided_on,
            reason: row.reason,
            version: row.version,
        })
    }
}

aggregate!(AccountRequests, account_requests, AccountRequest, AccountRequestId);

/// What a list of account requests is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct AccountRequestFilter {
    /// Whose they are.
    pub client: Option<ClientId>,
    /// Where they stand.
    pub state: Option<AccountRequestState>,
}

/// How many people of a family name are compared, the first who registered first.
const ALIKE: i64 = 1_000;

impl AccountRequests<'_, '_> {
    /// The request of a partner's own id. It is not held: hold the client.
    pub fn find(
        &mut self,
        client: ClientId,
        request_id: &str,
    ) -> Result<Option<AccountRequest>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| account_requests::table
            .filter(account_requests::client_id.eq(V(client)))
            .filter(account_requests::request_id.eq(request_id))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }

    /// The last request of a partner whose own id begins with `prefix` and a colon. It is not held: hold the client.
    pub fn last_of(
        &mut self,
        client: ClientId,
        prefix: &str,
    ) -> Result<Option<AccountRequest>, Error> {
        // A range of the index: a semicolon comes right after a colon.
        let (from, until) = (format!("{prefix}:"), format!("{prefix};"));
        let row: Option<Row> = each_backend!(self.0.conn, |c| account_requests::table
            .filter(account_requests::client_id.eq(V(client)))
            .filter(account_requests::request_id.ge(&from))
            .filter(account_requests::request_id.lt(&until))
            .order(account_requests::id.desc())
            .select(Row::as_select())
            .first(c)
            .optional())?;
        row.map(TryInto::try_into).transpose()
    }

    /// A page of requests, oldest first.
    pub fn list(
        &mut self,
        filter: &AccountRequestFilter,
        page: Page<AccountRequestId>,
    ) -> Result<Vec<AccountRequest>, Error> {
        page!(self.0, account_requests, page, |query| {
            if let Some(client) = filter.client {
                query = query.filter(account_requests::client_id.eq(V(client)));
            }
            if let Some(state) = filter.state {
                query = query.filter(account_requests::state.eq(V(state)));
            }
        })
    }

    /// What is known of whom a request names. Everybody is held until the end of a write, in the order of ids.
    pub fn evidence(
        &mut self,
        client: ClientId,
        asked: &Asked,
        today: NaiveDate,
    ) -> Result<Evidence, Error> {
        let linked = self.0.external_ids().find(client, &asked.external_id)?.map(|one| one.person);
        let numbers: Vec<_> = asked.candidate_number.into_iter().collect();
        let numbered = self.0.candidacies().by_ids(&numbers)?.pop();
        let numbered = numbered.filter(|one| one.program == asked.program).map(|one| one.person);
        let certain = [linked, numbered, asked.person];
        let mut who: BTreeSet<PersonId> = certain.into_iter().flatten().collect();
        who.extend(self.holders(&asked.emails)?);
        who.extend(self.namesakes(asked)?);
        let who: Vec<PersonId> = who.into_iter().collect();
        self.0.people().hold(&who)?;
        let people = self.likely(client, asked, &who, today)?;
        Ok(Evidence { linked, numbered, people })
    }

    fn likely(
        &mut self,
        client: ClientId,
        asked: &Asked,
        who: &[PersonId],
        today: NaiveDate,
    ) -> Result<Vec<Likely>, Error> {
        let states: BTreeMap<PersonId, _> = self
            .0
            .people()
            .by_ids(who)?
            .into_iter()
            .map(|one| (one.id, one.life.state()))
            .collect();
        let mut claimed: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
        for email in self.0.people().emails_of(who)? {
            if email.verified_at.is_none() {
                claimed.entry(email.person).or_default().push(email.address);
            }
        }
        let mut ids: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
        for known in self.0.external_ids().of_people(who)? {
            if known.client == client {
                ids.entry(known.person).or_default().push(known.external_id);
            }
        }
        let known = self.0.known_people(&asked.program, who, today)?;
        let likely = |known: domain::identity::Known| {
            let (person, state) = (known.person, states.get(&known.person).copied()?);
            let claimed = claimed.remove(&person).unwrap_or_default();
            let external_ids = ids.remove(&person).unwrap_or_default();
            Some(Likely { known, claimed, state, external_ids })
        };
        Ok(known.into_iter().filter_map(likely).collect())
    }

    /// Who has one of these addresses, shown or not.
    fn holders(&mut self, addresses: &[String]) -> Result<Vec<PersonId>, Error> {
        let folded: Vec<String> = addresses.iter().map(|one| fold_email(one)).collect();
        let found: Vec<V<PersonId>> = each_backend!(self.0.conn, |c| emails::table
            .filter(emails::address_folded.eq_any(&folded))
            .select(emails::person_id)
            .load(c))?;
        Ok(found.into_iter().map(|person| person.0).collect())
    }

    /// Who has the same name, however it is spelt: the family name is looked up by its usual spellings. Of a family
    /// name of thousands those are found beyond the first ones whose given names are spelt the usual way as well.
    fn namesakes(&mut self, asked: &Asked) -> Result<Vec<PersonId>, Error> {
        let (given, family) = (spellings(&asked.given_name), spellings(&asked.family_name));
        let mut found = self.called(&family, Some(&given))?;
        found.extend(self.called(&family, None)?);
        let name = text::fold(&asked.name());
        let same = |(_, given, family): &(PersonId, String, String)| {
            text::fold(&format!("{given} {family}")) == name
        };
        Ok(found.into_iter().filter(same).map(|(person, ..)| person).collect())
    }

    /// Some of those who have one of these family names, and one of these given names where they are said.
    fn called(
        &mut self,
        family: &[String],
        given: Option<&[String]>,
    ) -> Result<Vec<(PersonId, String, String)>, Error> {
        let found: Vec<(V<PersonId>, String, String)> = each_backend!(self.0.conn, |c| {
            let mut query = people::table
                .filter(people::family_name.eq_any(family))
                .filter(people::erased_on.is_null())
                .select((people::id, people::given_name, people::family_name))
                .into_boxed();
            if let Some(given) = given {
                query = query.filter(people::given_name.eq_any(given));
            }
            query.order(people::id.asc()).limit(ALIKE).load(c)
        })?;
        Ok(found.into_iter().map(|(person, given, family)| (person.0, given, family)).collect())
    }
}

/// A name as it is, in capitals, in small letters, and with a capital.
fn spellings(name: &str) -> Vec<String> {
    let small = name.to_lowercase();
    let mut letters = small.chars();
    let capital: String = letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default();
    vec![name.to_owned(), name.to_uppercase(), small, capital]
}
