//! What the store knows between two people, and what came after a merge.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, RunQueryDsl,
    prelude::*,
    sql_query,
    sql_types::{Nullable, Text},
};
use domain::{
    EventId, PersonId,
    ledger::Payer,
    merge::{Act, Between, Later, PersonMerge},
};
use serde_json::Value;

use super::{
    Merges,
    moving::ASIDE,
    owned::{Column, HANGS, OWNED, Owned},
};
use crate::{
    Error,
    conn::each_backend,
    payer,
    schema_house::events,
    types::{JsonDoc, V},
};

/// How many of a kind are told.
const MOST: usize = 20;

#[derive(QueryableByName)]
struct Images {
    #[diesel(sql_type = Text)]
    row_key: String,
    #[diesel(sql_type = JsonDoc)]
    before: V<Value>,
    #[diesel(sql_type = Nullable<JsonDoc>)]
    now: Option<V<Value>>,
}

type EventLine = (V<EventId>, V<DateTime<Utc>>, String, String, V<Value>);

impl Owned {
    /// How a row is told.
    fn label(&self, key: &str) -> String {
        match self.prefix {
            Some(prefix) => format!("{prefix}_{}", key.replace('-', "")),
            None => format!("{} {key}", self.kind),
        }
    }
}

impl Merges<'_, '_> {
    /// What is known between two people who may be one.
    pub fn between(&mut self, one: PersonId, other: PersonId) -> Result<Between, Error> {
        let (a, b) = (self.uid(one), self.uid(other));
        let judged = format!(
            "SELECT 'asgn_' || replace(CAST(s.id AS text), '-', '') AS line \
             FROM portfolio_assignments s JOIN portfolio_attempts t ON t.id = s.attempt_id \
             WHERE (s.evaluator_id = {a} AND t.person_id = {b}) \
             OR (s.evaluator_id = {b} AND t.person_id = {a}) \
             UNION SELECT 'rev_' || replace(CAST(r.id AS text), '-', '') \
             FROM course_reviews r JOIN course_proposals p ON p.id = r.proposal_id \
             WHERE (r.reviewer_id = {a} AND p.proposed_by = {b}) \
             OR (r.reviewer_id = {b} AND p.proposed_by = {a}) ORDER BY 1 LIMIT {MOST}"
        );
        let orders = format!(
            "SELECT DISTINCT 'po_' || replace(CAST(l.order_id AS text), '-', '') AS line \
             FROM purchase_order_lines l JOIN purchase_order_lines o ON o.order_id = l.order_id \
             WHERE l.person_id = {a} AND o.person_id = {b} AND l.outcome IS NULL \
             AND o.outcome IS NULL ORDER BY 1 LIMIT {MOST}"
        );
        let reviews = format!(
            "SELECT 'prop_' || replace(CAST(r.proposal_id AS text), '-', '') AS line \
             FROM course_reviews r JOIN course_reviews o ON o.proposal_id = r.proposal_id \
             WHERE r.reviewer_id = {a} AND o.reviewer_id = {b} ORDER BY 1 LIMIT {MOST}"
        );
        let name_changes = format!(
            "SELECT CAST(o.id AS text) AS line FROM name_changes n JOIN name_changes o \
             ON o.state = n.state WHERE n.state = 'requested' AND n.person_id = {a} \
             AND o.person_id = {b} ORDER BY 1"
        );
        let erased = format!(
            "SELECT 'person_' || replace(CAST(id AS text), '-', '') AS line FROM people \
             WHERE id IN ({a}, {b}) AND erased_on IS NOT NULL ORDER BY 1"
        );
        let (name_changes, erased) = (self.lines(&name_changes)?, self.lines(&erased)?);
        let (judged, orders, reviews) =
            (self.lines(&judged)?, self.lines(&orders)?, self.lines(&reviews)?);
        let mut acts = self.acts(one, other)?;
        acts.extend(self.acts(other, one)?);
        Ok(Between { judged, reviews, acts, orders, name_changes, erased })
    }

    /// What somebody did that concerns somebody else, under any of their ids.
    fn acts(&mut self, actor: PersonId, person: PersonId) -> Result<Vec<Act>, Error> {
        let mut actors = self.parts_of(actor)?;
        actors.push(actor);
        let actors: Vec<String> = actors.iter().map(ToString::to_string).collect();
        let mut concerned = self.parts_of(person)?;
        concerned.push(person);
        let rows: Vec<(String, String)> = each_backend!(self.0.conn, |c| events::table
            .filter(events::person.eq_any(concerned.iter().map(|one| V(*one))))
            .filter(events::actor.eq_any(&actors))
            .order((events::at.asc(), events::id.asc()))
            .limit(20)
            .select((events::kind, events::subject))
            .load(c))?;
        Ok(rows.into_iter().map(|(event_type, subject)| Act { event_type, subject }).collect())
    }

    /// What later depends on a merge that stands.
    pub fn later(&mut self, merge: &PersonMerge) -> Result<Later, Error> {
        if merge.reversal.is_some() {
            return Ok(Later::default());
        }
        let merged_on = self.into_of(merge.into)?;
        if merged_on.is_some() {
            return Ok(Later { merged_on, ..Later::default() });
        }
        Ok(Later {
            merged_on,
            changed: self.changed(merge)?,
            events: self.events_since(merge)?,
            overdrawn: self.overdrawn(merge)?,
            hanging: self.hanging(merge)?,
        })
    }

    /// Moved rows that are not as they were moved.
    fn changed(&mut self, merge: &PersonMerge) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        // With an erasure the rows of before went, the record itself among them.
        let record = self.noted(merge.id, "people", ASIDE);
        let record = record.replace("SELECT m.row_key", "SELECT m.row_key AS line");
        if self.lines(&record)?.is_empty() {
            found.push(format!("the record of {}", merge.from));
        }
        for owned in OWNED.iter().filter(|owned| owned.watched) {
            let image = self.shape(owned.table)?.image;
            let (id, theirs) = (self.uid(merge.id), self.is_of(owned, merge.into));
            let (table, column, key) = (owned.table, owned.column, owned.key);
            let sql = format!(
                "SELECT m.row_key AS row_key, m.image AS before, n.now AS now \
                 FROM person_merge_moves m LEFT JOIN (SELECT {key} AS row_key, {image} AS now \
                 FROM {table} t WHERE {theirs}) n ON n.row_key = m.row_key \
                 WHERE m.merge_id = {id} AND m.table_name = '{table}' \
                 AND m.column_name = '{column}' ORDER BY m.row_key"
            );
            let rows: Vec<Images> = each_backend!(self.0.conn, |c| sql_query(&sql).load(c))?;
            let other = rows.into_iter().filter(|row| {
                !row.now
                    .as_ref()
                    .is_some_and(|now| is_as_moved(merge, table, &row.before.0, &now.0))
            });
            found.extend(other.map(|row| owned.label(&row.row_key)).take(MOST));
        }
        Ok(found)
    }

    /// What the log tells since of moved records: by their ids, as subjects or in the data.
    fn events_since(&mut self, merge: &PersonMerge) -> Result<Vec<String>, Error> {
        let moved = self.moved_ids(merge)?;
        let rows: Vec<EventLine> = each_backend!(self.0.conn, |c| events::table
            .filter(events::person.eq(V(merge.into)))
            .filter(events::at.ge(V(merge.merged_at)))
            .order((events::at.asc(), events::id.asc()))
            .select((events::id, events::at, events::kind, events::subject, events::data))
            .load(c))?;
        // Ids ascend within an instant.
        let since = rows
            .into_iter()
            .filter(|(id, at, ..)| at.0 > merge.merged_at || id.0.bits() > merge.id.bits());
        // What was mailed binds nobody.
        let told = since.filter(|(_, _, kind, subject, data)| {
            let binds = !kind.starts_with("notice.");
            binds && (moved.contains(subject) || mentions(&data.0, &moved))
        });
        Ok(told.map(|(_, _, kind, subject, _)| format!("{kind} of {subject}")).take(MOST).collect())
    }

    fn moved_ids(&mut self, merge: &PersonMerge) -> Result<HashSet<String>, Error> {
        let mut ids = HashSet::new();
        for owned in OWNED.iter().filter(|owned| owned.prefix.is_some()) {
            let noted = self.noted(merge.id, owned.table, owned.column);
            let keys =
                self.lines(&noted.replace("SELECT m.row_key", "SELECT m.row_key AS line"))?;
            ids.extend(keys.iter().map(|key| owned.label(key)));
        }
        Ok(ids)
    }

    /// Accounts that would be overdrawn if each of the two had only what is recorded as theirs.
    fn overdrawn(&mut self, merge: &PersonMerge) -> Result<Vec<String>, Error> {
        let noted = self.noted(merge.id, "merged_people", "into_person_id");
        let parts = noted
            .replace("SELECT m.row_key", "SELECT 'person_' || replace(m.row_key, '-', '') AS line");
        let mut theirs = self.lines(&parts)?;
        theirs.push(payer::text(Payer::Person(merge.from)));
        let mut ours = self.payer_names(Payer::Person(merge.into))?;
        ours.retain(|name| !theirs.contains(name));
        let mut found = Vec::new();
        for names in [theirs, ours] {
            let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
            let names = names.join(", ");
            let sql = format!(
                "SELECT program || ' ' || account || ' ' || CAST(sum(cents) AS text) AS line FROM ( \
                 SELECT p.program, p.currency, t.debit_account AS account, t.amount_cents AS cents \
                 FROM ledger_transfers t JOIN ledger_postings p ON p.id = t.posting_id \
                 WHERE t.debit_payer IN ({names}) UNION ALL \
                 SELECT p.program, p.currency, t.credit_account, -t.amount_cents \
                 FROM ledger_transfers t JOIN ledger_postings p ON p.id = t.posting_id \
                 WHERE t.credit_payer IN ({names})) one \
                 WHERE account IN ('customer_credit', 'payable') \
                 GROUP BY program, currency, account HAVING sum(cents) > 0 ORDER BY 1"
            );
            found.extend(self.lines(&sql)?);
        }
        Ok(found)
    }

    /// Newer records of the survivor that hang on moved ones.
    fn hanging(&mut self, merge: &PersonMerge) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for (table, reference, parent) in HANGS {
            let column_of = |name: &str| OWNED.iter().find(|owned| owned.table == name);
            let (Some(child), Some(parent)) = (column_of(table), column_of(parent)) else {
                continue;
            };
            let parents = self.noted(merge.id, parent.table, parent.column);
            let known = self.noted(merge.id, child.table, child.column);
            let into = self.uid(merge.into);
            let sql = format!(
                "SELECT {key} AS line FROM {table} WHERE {column} = {into} \
                 AND CAST({reference} AS text) IN ({parents}) AND {key} NOT IN ({known}) \
                 ORDER BY 1 LIMIT {MOST}",
                key = child.key,
                column = child.column,
            );
            found.extend(self.lines(&sql)?.iter().map(|key| child.label(key)));
        }
        Ok(found)
    }
}

/// Whether a row is what moving made of it: another owner, and nothing else but its version.
fn is_as_moved(merge: &PersonMerge, table: &str, before: &Value, now: &Value) -> bool {
    let (Some(before), Some(now)) = (before.as_object(), now.as_object()) else { return false };
    let (from, into) = (merge.from.to_string(), merge.into.to_string());
    before.iter().all(|(name, value)| {
        let owner = OWNED.iter().find(|owned| owned.table == table && owned.column == name);
        match (owner.map(|owned| owned.holds), now.get(name)) {
            (Some(Column::Document), Some(now)) => {
                // As text: an id may stand anywhere in it.
                let text = now.to_string();
                value.to_string().replace(&from, &into) == text
            }
            (Some(_), _) => true,
            // Merges move versions on; of two primary addresses the survivor's stayed.
            (None, _) if name == "version" || (table == "emails" && name == "is_primary") => true,
            (None, now) => now == Some(value),
        }
    })
}

/// Whether a document holds one of the ids.
fn mentions(data: &Value, ids: &HashSet<String>) -> bool {
    let text = data.to_string();
    let between = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    text.split(between).any(|word| ids.contains(word))
}
