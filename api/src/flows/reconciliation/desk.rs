//! What rows are compared with, read in few statements, and what was found.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    BadFact, ClientId, PersonId, ReconciliationId,
    account::{Account, ExternalId},
    reconciliation::{
        Difference, DifferenceKind, FieldDifference, Found, GONE_BY, LINKED_BY, compare,
    },
};
use persistence::{Recorded, Tx};

use super::{CHUNK, ListRow, Read};
use crate::{flows::account::AccountRules, problem::Problem};

/// A line, its row, whose account it is, and what differs.
type Differing<'r> = (i64, &'r ListRow, PersonId, Vec<FieldDifference>);

/// What one transaction found.
pub(super) struct Desk {
    pub(super) id: ReconciliationId,
    pub(super) client: ClientId,
    pub(super) place: i64,
    pub(super) found: Found,
    pub(super) differences: Vec<Difference>,
}

impl Desk {
    pub(super) fn of(id: ReconciliationId) -> Self {
        let client = ClientId::from_bits(0);
        Self { id, client, place: 0, found: Found::default(), differences: Vec::new() }
    }

    fn tell(&mut self, difference: Difference) {
        self.place = self.place.saturating_add(1);
        self.differences.push(Difference { place: self.place, ..difference });
    }

    fn unreadable(&mut self, line: i64, fault: &BadFact) {
        self.found.refused += 1;
        let field = fault.pointer.trim_start_matches('/').to_owned();
        let field = Some(field).filter(|field| !field.is_empty());
        let told = Difference { line: Some(line), field, ..blank(DifferenceKind::Unreadable) };
        self.tell(Difference { code: fault.code.to_owned(), ..told });
    }

    /// Compares rows with the accounts that they name.
    pub(super) fn compare(
        &mut self,
        tx: &mut Tx<'_>,
        rules: AccountRules,
        rows: &[Read],
    ) -> Result<(), Problem> {
        self.found.rows_done = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let fresh = self.fresh(tx, rows)?;
        let accounts = self.accounts(tx, &fresh)?;
        let (mut missing, mut differing) = (Vec::new(), Vec::new());
        for (line, row) in fresh {
            let Some(account) = accounts.get(&*row.external_id) else {
                missing.push((line, row));
                continue;
            };
            let fields = compare(&row.listed(), account, (rules.today, rules.reminder_days));
            if fields.is_empty() {
                self.found.matched += 1;
            } else {
                self.found.differing += 1;
                differing.push((line, row, account.person.id, fields));
            }
        }
        self.missing_here(tx, &missing)?;
        self.differing(tx, differing)
    }

    /// The rows that name an account that none before them names; the others are told of. Notes what they name.
    fn fresh<'r>(
        &mut self,
        tx: &mut Tx<'_>,
        rows: &'r [Read],
    ) -> Result<Vec<(i64, &'r ListRow)>, Problem> {
        let ids: Vec<String> = rows
            .iter()
            .filter_map(|(_, row)| Some(row.as_ref().ok()?.external_id.to_string()))
            .collect();
        let mut named: BTreeSet<String> =
            tx.reconciliations().named(self.id, &ids)?.into_iter().collect();
        let mut fresh: Vec<(i64, &ListRow)> = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            match row {
                Err(fault) => self.unreadable(*line, fault),
                Ok(row) if named.insert(row.external_id.to_string()) => fresh.push((*line, row)),
                Ok(_) => {
                    let detail = "An earlier row names this account.";
                    self.unreadable(*line, &BadFact::at("/external_id", "duplicate", detail));
                }
            }
        }
        let links: Vec<_> =
            fresh.iter().map(|(line, row)| (row.external_id.to_string(), *line)).collect();
        tx.reconciliations().insert_links(self.id, &links)?;
        Ok(fresh)
    }

    /// The accounts that rows name, by external id. Who was erased has none.
    fn accounts(
        &self,
        tx: &mut Tx<'_>,
        rows: &[(i64, &ListRow)],
    ) -> Result<BTreeMap<String, Account>, Problem> {
        let ids: Vec<_> = rows.iter().map(|(_, row)| row.external_id.to_string()).collect();
        let known = tx.external_ids().called(self.client, &ids)?;
        let people: Vec<_> = known.iter().map(|known| known.person).collect();
        let accounts = tx.accounts().of(&people, Some(self.client))?;
        let accounts: BTreeMap<PersonId, Account> =
            accounts.into_iter().map(|account| (account.person.id, account)).collect();
        let theirs = |known: ExternalId| {
            let account = accounts.get(&known.person).filter(|account| !account.is_erased())?;
            Some((known.external_id, account.clone()))
        };
        Ok(known.into_iter().filter_map(theirs).collect())
    }

    /// Rows whose account says something else, each field with the event that changed it last.
    fn differing(&mut self, tx: &mut Tx<'_>, differing: Vec<Differing<'_>>) -> Result<(), Problem> {
        let who: Vec<_> = differing.iter().map(|(_, _, person, _)| *person).collect();
        let fields = differing.iter().flat_map(|(.., fields)| fields);
        let types: BTreeSet<_> =
            fields.flat_map(|(field, ..)| field.changed_by().iter().copied()).collect();
        let log = Log::of(tx, self.client, &who, &types.into_iter().collect::<Vec<_>>())?;
        for (line, row, person, fields) in differing {
            for (field, here, there) in fields {
                self.tell(Difference {
                    line: Some(line),
                    external_id: Some(row.external_id.to_string()),
                    person: Some(person),
                    field: Some(field.to_string()),
                    here,
                    there,
                    code: "differs".to_owned(),
                    event: log.last(person, field.changed_by(), &row.external_id).map(|one| one.id),
                    ..blank(DifferenceKind::Differs)
                });
            }
        }
        Ok(())
    }

    /// Rows of accounts that are not here. Where it is known whose it was, or the row says so, the log says how it
    /// went away.
    fn missing_here(
        &mut self,
        tx: &mut Tx<'_>,
        missing: &[(i64, &ListRow)],
    ) -> Result<(), Problem> {
        let ids: Vec<_> = missing.iter().map(|(_, row)| row.external_id.to_string()).collect();
        let former = tx.external_ids().former(self.client, &ids)?;
        let whose = |row: &ListRow| former.get(&*row.external_id).copied().or(row.person_id);
        let who: Vec<_> = missing.iter().filter_map(|(_, row)| whose(row)).collect();
        let log = Log::of(tx, self.client, &who, GONE_BY)?;
        for (line, row) in missing {
            self.found.missing_here += 1;
            let event = whose(row).and_then(|id| log.last(id, GONE_BY, &row.external_id));
            let code = event.map_or("unknown", |event| match event.event_type.as_str() {
                "account.unlinked" => "unlinked",
                "person.erased" => "erased",
                _ => "merged",
            });
            self.tell(Difference {
                line: Some(*line),
                external_id: Some(row.external_id.to_string()),
                code: code.to_owned(),
                event: event.map(|event| event.id),
                ..blank(DifferenceKind::MissingHere)
            });
        }
        Ok(())
    }

    /// Looks for some more accounts in the list: how far it came, and whether that was all.
    pub(super) fn sweep(
        &mut self,
        tx: &mut Tx<'_>,
        after: Option<&str>,
    ) -> Result<(Option<String>, bool), Problem> {
        let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let page = tx.external_ids().page(self.client, after, limit)?;
        let ids: Vec<_> = page.iter().map(|known| known.external_id.clone()).collect();
        let named: BTreeSet<_> = tx.reconciliations().named(self.id, &ids)?.into_iter().collect();
        let left: Vec<_> = page.iter().filter(|one| !named.contains(&one.external_id)).collect();
        // By the account: who was merged since was linked as somebody else. The last link stays.
        let subjects: Vec<_> = left.iter().map(|known| known.id.to_string()).collect();
        let links = tx.events().of_subjects(&subjects, LINKED_BY)?;
        let links: BTreeMap<_, _> = links.into_iter().map(|one| (one.subject, one.id)).collect();
        for known in left {
            self.found.missing_there += 1;
            self.tell(Difference {
                external_id: Some(known.external_id.clone()),
                person: Some(known.person),
                code: "not_listed".to_owned(),
                event: links.get(&known.id.to_string()).copied(),
                ..blank(DifferenceKind::MissingThere)
            });
        }
        Ok((ids.last().cloned(), page.len() < CHUNK))
    }
}

/// A difference of which only the kind is told yet.
fn blank(kind: DifferenceKind) -> Difference {
    Difference {
        place: 0,
        kind,
        line: None,
        external_id: None,
        person: None,
        field: None,
        here: None,
        there: None,
        code: String::new(),
        event: None,
    }
}

/// What happened to some people, of some types.
struct Log {
    client: String,
    events: BTreeMap<PersonId, Vec<Recorded>>,
}

impl Log {
    /// Of what a machine is told: the accounts of others are none of its business.
    fn of(
        tx: &mut Tx<'_>,
        client: ClientId,
        people: &[PersonId],
        types: &[&str],
    ) -> Result<Self, Problem> {
        let mut log: BTreeMap<PersonId, Vec<Recorded>> = BTreeMap::new();
        for event in tx.events().of_people(people, types)? {
            if let Some(person) = event.person {
                log.entry(person).or_default().push(event);
            }
        }
        Ok(Self { client: client.to_string(), events: log })
    }

    /// The last event of somebody of one of some types; of those that name an account, only of this one.
    fn last(&self, person: PersonId, types: &[&str], external_id: &str) -> Option<&Recorded> {
        let events = self.events.get(&person)?;
        events.iter().rev().find(|event| {
            let names = |field: &str, value: &str| {
                let named = event.data.get(field).and_then(|named| named.as_str());
                named.is_none_or(|named| named == value)
            };
            types.contains(&event.event_type.as_str())
                && names("client", &self.client)
                && names("external_id", external_id)
        })
    }
}
