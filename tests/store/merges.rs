//! Every column that names a person is known to merges: it moves, or stays for a reason.

use std::collections::BTreeSet;

use persistence::{APART, HANGS, OWNED, STAYS};

use crate::support::database::Db;

/// `table.column` of every reference to people, or to what people are the key of.
const POSTGRES_REFERENCES: &str = "SELECT c.conrelid::regclass || '.' || a.attname AS line \
     FROM pg_constraint c JOIN unnest(c.conkey) WITH ORDINALITY k (attnum, n) ON true \
     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum \
     JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[k.n] \
     WHERE c.contype = 'f' AND (c.confrelid = 'people'::regclass OR f.attname IN ('person_id', 'evaluator_id'))";
const SQLITE_REFERENCES: &str = "SELECT m.name || '.' || f.\"from\" AS line FROM sqlite_master m \
     JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' \
     AND (f.\"table\" = 'people' OR f.\"to\" IN ('person_id', 'evaluator_id'))";

/// Columns that name people by their own name, where nothing refers.
const POSTGRES_NAMES: &str = "SELECT table_name || '.' || column_name AS line \
     FROM information_schema.columns WHERE table_schema = 'public' AND data_type IN ('uuid', 'text') \
     AND (column_name IN ('person', 'payer', 'person_id') OR column_name LIKE '%\\_person\\_id' \
     OR column_name LIKE '%\\_by' OR column_name LIKE '%\\_payer' OR column_name LIKE '%evaluator\\_id' \
     OR column_name LIKE '%reviewer\\_id' OR column_name LIKE '%contact\\_id')";
const SQLITE_NAMES: &str = "SELECT m.name || '.' || p.name AS line FROM sqlite_master m \
     JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND p.type = 'TEXT' \
     AND (p.name IN ('person', 'payer', 'person_id') OR p.name LIKE '%\\_person\\_id' ESCAPE '\\' \
     OR p.name LIKE '%\\_by' ESCAPE '\\' OR p.name LIKE '%\\_payer' ESCAPE '\\' \
     OR p.name LIKE '%evaluator\\_id' ESCAPE '\\' OR p.name LIKE '%reviewer\\_id' ESCAPE '\\' \
     OR p.name LIKE '%contact\\_id' ESCAPE '\\')";

fn known() -> BTreeSet<String> {
    let moves = OWNED.iter().map(|owned| format!("{}.{}", owned.table, owned.column));
    let stays = STAYS.iter().map(|(table, column, _)| format!("{table}.{column}"));
    moves.chain(stays).collect()
}

fn every_column_is_known(db: &Db) {
    let (references, names) = if db.is_postgres() {
        (POSTGRES_REFERENCES, POSTGRES_NAMES)
    } else {
        (SQLITE_REFERENCES, SQLITE_NAMES)
    };
    let known = known();
    let mut found: BTreeSet<String> = db.lines(references).into_iter().collect();
    assert!(found.contains("applications.person_id"), "{found:?}");
    assert!(found.contains("portfolio_assignments.evaluator_id"), "{found:?}");
    let by_name = db.lines(names);
    assert!(by_name.contains(&"ledger_transfers.debit_payer".to_owned()), "{by_name:?}");
    found.extend(by_name);
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "say in persistence/src/merges/owned.rs what a merge does with {unknown:?}"
    );
}

#[test]
fn a_merge_knows_every_column_of_sqlite_that_names_a_person() {
    every_column_is_known(&Db::sqlite());
}

#[test]
fn a_merge_knows_every_column_of_postgres_that_names_a_person() {
    if let Some(db) = Db::postgres() {
        every_column_is_known(&db);
    }
}

#[test]
fn what_a_merge_names_is_in_one_list_and_has_its_reason() {
    let moves = OWNED.iter().map(|owned| (owned.table, owned.column));
    let stays = STAYS.iter().map(|(table, column, _)| (*table, *column));
    let all: Vec<_> = moves.chain(stays).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    assert!(STAYS.iter().all(|(_, _, reason)| !reason.is_empty()));
    let db = Db::sqlite();
    for (table, column) in all {
        let sql = format!(
            "SELECT name AS line FROM pragma_table_info('{table}') WHERE name = '{column}'"
        );
        assert_eq!(db.lines(&sql), [column], "{table} has no {column}");
    }
}

/// Every reference of SQLite from one table to another.
const SQLITE_TIES: &str = "SELECT m.name || ' ' || f.\"from\" || ' ' || f.\"table\" AS line \
     FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";

#[test]
fn what_refers_to_what_else_somebody_owns_belongs_to_one_person_or_not_for_a_reason() {
    let owned = |table: &str| OWNED.iter().any(|one| one.table == table);
    let known: BTreeSet<(&str, &str)> = HANGS
        .iter()
        .map(|(table, column, _)| (*table, *column))
        .chain(APART.iter().map(|(table, column, _)| (*table, *column)))
        .collect();
    let ties = Db::sqlite().lines(SQLITE_TIES);
    let mut unknown = Vec::new();
    for tie in &ties {
        let words: Vec<&str> = tie.split(' ').collect();
        let [table, column, to] = words[..] else { panic!("{tie}") };
        if owned(table) && owned(to) && column != "program" && !known.contains(&(table, column)) {
            unknown.push(tie);
        }
    }
    assert!(unknown.is_empty(), "say in persistence/src/merges/owned.rs whose {unknown:?} are");
    for (table, column, to) in HANGS {
        assert!(ties.contains(&format!("{table} {column} {to}")), "{table}.{column}");
    }
}
