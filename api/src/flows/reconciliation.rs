//! Reconciliation: a partner's list compared with the accounts here, in chunks: a constant number of statements for
//! each five hundred rows, however long the list is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use domain::{
    BadFact, ClientId, PersonId, ReconciliationId,
    account::{Account, AccountState, ExternalId},
    event::Event,
    import::RowForm,
    reconciliation::{
        Difference, DifferenceKind, Found, GONE_BY, LINKED_BY, Listed, Reconciliation,
        ReconciliationEvent, compare,
    },
};
use persistence::{Recorded, Stamp, Tx};
use serde::Deserialize;

use super::{
    account::AccountRules,
    import::{self, Round},
};
use crate::{
    app::App,
    problem::Problem,
    v1::fields::{EmailAddress, Line, Name},
};

/// Rows, or accounts, of one transaction.
const CHUNK: usize = 500;
/// For how long a server that compares keeps others from it.
const LEASE: TimeDelta = TimeDelta::seconds(10);
/// The name of the lease.
const NAME: &str = "reconciliation";

/// One row of a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRow {
    external_id: Line,
    person_id: Option<PersonId>,
    given_name: Option<Name>,
    family_name: Option<Name>,
    email: Option<EmailAddress>,
    state: Option<AccountState>,
}

impl ListRow {
    fn listed(&self) -> Listed {
        Listed {
            person: self.person_id,
            given_name: self.given_name.clone().map(String::from),
            family_name: self.family_name.clone().map(String::from),
            email: self.email.clone().map(String::from),
            state: self.state,
        }
    }
}

/// A line and its row, or what is wrong with it.
type Read = (i64, Result<ListRow, BadFact>);

/// An event of a reconciliation.
fn event(id: ReconciliationId, fact: ReconciliationEvent) -> Event<ReconciliationEvent> {
    Event { program: None, subject: id.to_string(), person: None, fact }
}

/// Stores a list that is to be compared with the accounts of a system.
pub fn request(
    tx: &mut Tx<'_>,
    (form, rows_total): (RowForm, i64),
    source: ClientId,
    bytes: &[u8],
) -> Result<Reconciliation, Problem> {
    let asked = Reconciliation {
        id: tx.new_id(),
        form,
        source: source.to_string(),
        requested_by: tx.actor().to_owned(),
        requested_at: tx.now(),
        rows_total,
        found: Found::default(),
        swept_to: None,
        started_at: None,
        finished_at: None,
        failed: None,
        version: 1,
    };
    tx.reconciliations().insert(&asked)?;
    tx.job_bodies().insert(asked.id, bytes)?;
    let source = asked.source.clone();
    tx.record(event(asked.id, ReconciliationEvent::Requested { source, rows: rows_total }))?;
    Ok(asked)
}

/// Compares the first list that is not done.
pub(crate) async fn round(app: &App, holder: &str) -> Result<Round, Problem> {
    let next = app.store.read(|tx| tx.reconciliations().next().map_err(Problem::from)).await?;
    let Some(asked) = next else { return Ok(Round::Idle) };
    let (name, id) = (holder.to_owned(), asked.id);
    let mine = app
        .store
        .write(stamp(app, &asked), move |tx| {
            Ok::<_, Problem>(tx.leases().acquire(NAME, &name, LEASE)?)
        })
        .await?;
    if !mine {
        return Ok(Round::Elsewhere);
    }
    match run(app, holder, &asked).await {
        Ok(true) => Ok(Round::Did),
        Ok(false) => Ok(Round::Elsewhere),
        // It would fail again: what is not a matter of time ends it, and the others go on.
        Err(problem) if problem.kind().status() == 500 => {
            tracing::error!(cause = problem.cause(), %id, "a reconciliation failed");
            let reason = "The server could not compare a row of it.".to_owned();
            let failed = app.store.write(stamp(app, &asked), move |tx| {
                let asked = tx.reconciliations().get(id)?;
                if asked.is_open() {
                    let (mut failed, fact) = asked.fail(reason.clone(), tx.now());
                    tx.reconciliations().save(&mut failed)?;
                    tx.record(event(id, fact))?;
                    tidy(tx, id)?;
                }
                Ok::<_, Problem>(Round::Did)
            });
            failed.await
        }
        Err(problem) => Err(problem),
    }
}

fn stamp(app: &App, asked: &Reconciliation) -> Stamp {
    app.stamp_of(asked.requested_by.clone(), asked.id.to_string())
}

/// What is not needed any more: the list holds names and addresses.
fn tidy(tx: &mut Tx<'_>, id: ReconciliationId) -> Result<(), Problem> {
    tx.job_bodies().remove(id)?;
    Ok(tx.reconciliations().forget_links(id)?)
}

/// Compares what is left. False where another server has taken over.
async fn run(app: &App, holder: &str, asked: &Reconciliation) -> Result<bool, Problem> {
    let id = asked.id;
    let bytes = app.store.read(move |tx| tx.job_bodies().get(id).map_err(Problem::from)).await?;
    let rows: Vec<Read> = import::read_rows(asked.form, &import::decoded(&bytes))?;
    drop(bytes);
    let done = usize::try_from(asked.found.rows_done).unwrap_or(usize::MAX);
    for chunk in rows.get(done..).unwrap_or_default().chunks(CHUNK) {
        let (there, name, chunk) = (app.clone(), holder.to_owned(), chunk.to_vec());
        let step = move |tx: &mut Tx<'_>| step(&there, tx, (&name, id), Step::Rows(&chunk));
        match app.store.write(stamp(app, asked), step).await? {
            Stepped::Elsewhere => return Ok(false),
            Stepped::More | Stepped::Over => {}
        }
    }
    loop {
        let (there, name) = (app.clone(), holder.to_owned());
        let step = move |tx: &mut Tx<'_>| step(&there, tx, (&name, id), Step::Sweep);
        match app.store.write(stamp(app, asked), step).await? {
            Stepped::Elsewhere => return Ok(false),
            Stepped::More => {}
            Stepped::Over => {
                app.written.notify_one();
                return Ok(true);
            }
        }
    }
}

/// Compares a small list in the transaction that is open: what the sandbox tells.
pub(crate) fn at_once(app: &App, tx: &mut Tx<'_>, id: ReconciliationId) -> Result<(), Problem> {
    let form = tx.reconciliations().get(id)?.form;
    let rows: Vec<Read> = import::read_rows(form, &import::decoded(&tx.job_bodies().get(id)?))?;
    step(app, tx, ("at once", id), Step::Rows(&rows))?;
    while matches!(step(app, tx, ("at once", id), Step::Sweep)?, Stepped::More) {}
    Ok(tx.leases().release(NAME, "at once")?)
}

/// What one transaction does.
enum Step<'a> {
    /// Compares some rows.
    Rows(&'a [Read]),
    /// Looks for some accounts in the list.
    Sweep,
}

/// What came of it.
enum Stepped {
    /// There is more.
    More,
    /// That was all.
    Over,
    /// Another server has taken over.
    Elsewhere,
}

fn step(
    app: &App,
    tx: &mut Tx<'_>,
    (holder, id): (&str, ReconciliationId),
    step: Step<'_>,
) -> Result<Stepped, Problem> {
    if !tx.leases().acquire(NAME, holder, LEASE)? {
        return Ok(Stepped::Elsewhere);
    }
    let asked = tx.reconciliations().get(id)?;
    if !asked.is_open() {
        return Ok(Stepped::Elsewhere);
    }
    let client: ClientId = asked
        .source
        .parse()
        .map_err(|_other| Problem::internal("a list is of no machine client"))?;
    let mut desk = Desk { client, place: tx.reconciliations().last_place(id)?, ..Desk::of(id) };
    let (swept_to, over) = match step {
        Step::Rows(rows) => {
            let rules = AccountRules::of(app, tx)?;
            desk.compare(tx, rules, rows)?;
            (None, false)
        }
        Step::Sweep => desk.sweep(tx, asked.swept_to.as_deref())?,
    };
    tx.reconciliations().insert_differences(id, &desk.differences)?;
    let mut asked = asked.take(desk.found, tx.now());
    asked.swept_to = swept_to.or(asked.swept_to);
    if !over {
        tx.reconciliations().save(&mut asked)?;
        return Ok(Stepped::More);
    }
    let (mut done, fact) = asked.finish(tx.now());
    tx.reconciliations().save(&mut done)?;
    tx.record(event(id, fact))?;
    tidy(tx, id)?;
    Ok(Stepped::Over)
}

/// What one transaction found.
struct Desk {
    id: ReconciliationId,
    client: ClientId,
    place: i64,
    found: Found,
    differences: Vec<Difference>,
}

impl Desk {
    fn of(id: ReconciliationId) -> Self {
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
    fn compare(
        &mut self,
        tx: &mut Tx<'_>,
        rules: AccountRules,
        rows: &[Read],
    ) -> Result<(), Problem> {
        self.found.rows_done = i64::try_from(rows.len()).unwrap_or(i64::MAX);
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
        let known: BTreeMap<String, ExternalId> = tx
            .external_ids()
            .called(self.client, &ids)?
            .into_iter()
            .map(|known| (known.external_id.clone(), known))
            .collect();
        let people: Vec<_> = known.values().map(|known| known.person).collect();
        let accounts: BTreeMap<PersonId, Account> = tx
            .accounts()
            .of(&people, Some(self.client))?
            .into_iter()
            .map(|account| (account.person.id, account))
            .collect();
        let mut missing = Vec::new();
        let mut differing = Vec::new();
        for (line, row) in fresh {
            let account = known
                .get(&*row.external_id)
                .and_then(|known| accounts.get(&known.person))
                .filter(|account| !account.is_erased());
            let Some(account) = account else {
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
        let who: Vec<_> = differing.iter().map(|(_, _, person, _)| *person).collect();
        let fields = differing.iter().flat_map(|(.., fields)| fields);
        let types: BTreeSet<_> =
            fields.flat_map(|(field, ..)| field.changed_by().iter().copied()).collect();
        let log = Log::of(tx, &who, &types.into_iter().collect::<Vec<_>>())?;
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
                    event: log.last(person, field.changed_by(), None).map(|event| event.id),
                    ..blank(DifferenceKind::Differs)
                });
            }
        }
        Ok(())
    }

    /// Rows of accounts that are not here. Where the row says whose it was, the log says how it went away.
    fn missing_here(
        &mut self,
        tx: &mut Tx<'_>,
        missing: &[(i64, &ListRow)],
    ) -> Result<(), Problem> {
        let who: Vec<_> = missing.iter().filter_map(|(_, row)| row.person_id).collect();
        let log = Log::of(tx, &who, GONE_BY)?;
        for (line, row) in missing {
            self.found.missing_here += 1;
            let event = row.person_id.and_then(|id| log.last(id, GONE_BY, Some(&row.external_id)));
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
    fn sweep(
        &mut self,
        tx: &mut Tx<'_>,
        after: Option<&str>,
    ) -> Result<(Option<String>, bool), Problem> {
        let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let page = tx.external_ids().page(self.client, after, limit)?;
        let ids: Vec<_> = page.iter().map(|known| known.external_id.clone()).collect();
        let named: BTreeSet<_> = tx.reconciliations().named(self.id, &ids)?.into_iter().collect();
        let left: Vec<_> = page.iter().filter(|one| !named.contains(&one.external_id)).collect();
        let who: Vec<_> = left.iter().map(|known| known.person).collect();
        let log = Log::of(tx, &who, LINKED_BY)?;
        for known in left {
            self.found.missing_there += 1;
            let event = log.last(known.person, LINKED_BY, Some(&known.external_id));
            self.tell(Difference {
                external_id: Some(known.external_id.clone()),
                person: Some(known.person),
                code: "not_listed".to_owned(),
                event: event.map(|event| event.id),
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
struct Log(BTreeMap<PersonId, Vec<Recorded>>);

impl Log {
    fn of(tx: &mut Tx<'_>, people: &[PersonId], types: &[&str]) -> Result<Self, Problem> {
        let mut log: BTreeMap<PersonId, Vec<Recorded>> = BTreeMap::new();
        for event in tx.events().of_people(people, types)? {
            if let Some(person) = event.person {
                log.entry(person).or_default().push(event);
            }
        }
        Ok(Self(log))
    }

    /// The last event of somebody of one of some types; of those that name an account, only of this one.
    fn last(
        &self,
        person: PersonId,
        types: &[&str],
        external_id: Option<&str>,
    ) -> Option<&Recorded> {
        let events = self.0.get(&person)?;
        events.iter().rev().find(|event| {
            let named = event.data.get("external_id").and_then(|id| id.as_str());
            types.contains(&event.event_type.as_str())
                && external_id.is_none_or(|id| named.is_none_or(|named| named == id))
        })
    }
}
