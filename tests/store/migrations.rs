//! Both folders of migrations make the same database, and every step can be taken back.

use std::collections::BTreeSet;

use persistence::Constraint;

use crate::support::database::{Db, block_on};

/// What a database consists of, in words that both share.
#[derive(Debug, PartialEq, Eq)]
struct Catalog {
    columns: BTreeSet<String>,
    constraints: BTreeSet<String>,
    indexes: BTreeSet<String>,
}

impl Catalog {
    fn of(db: &Db) -> Self {
        let (columns, constraints, indexes) = if db.is_postgres() {
            (POSTGRES_COLUMNS, POSTGRES_CONSTRAINTS, POSTGRES_INDEXES)
        } else {
            (SQLITE_COLUMNS, SQLITE_TABLES, SQLITE_INDEXES)
        };
        let constraints = db.lines(constraints);
        Self {
            columns: db.lines(columns).into_iter().collect(),
            constraints: if db.is_postgres() {
                constraints.into_iter().collect()
            } else {
                constraints.iter().flat_map(|sql| named_constraints(sql)).collect()
            },
            indexes: db.lines(indexes).into_iter().collect(),
        }
    }
}

/// `table constraint` of each constraint that a CREATE TABLE names.
fn named_constraints(table_and_sql: &str) -> Vec<String> {
    let (table, sql) = table_and_sql.split_once(' ').unwrap();
    let words: Vec<&str> = sql.split_whitespace().collect();
    words
        .windows(2)
        .filter(|pair| pair[0].eq_ignore_ascii_case("CONSTRAINT"))
        .map(|pair| format!("{table} {}", pair[1]))
        .collect()
}

const SQLITE_COLUMNS: &str = "SELECT m.name || '.' || p.name || ' ' || p.type \
     || CASE WHEN p.\"notnull\" = 1 THEN ' not null' ELSE '' END AS line \
     FROM sqlite_master m JOIN pragma_table_info(m.name) p \
     WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'";
const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name || ' ' || CASE \
     WHEN data_type IN ('bigint', 'integer', 'smallint', 'boolean') THEN 'INTEGER' \
     WHEN data_type = 'bytea' THEN 'BLOB' \
     WHEN data_type IN ('text', 'uuid', 'date', 'jsonb', 'timestamp with time zone') THEN 'TEXT' \
     ELSE data_type END || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS line \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";
const SQLITE_TABLES: &str = "SELECT name || ' ' || sql AS line FROM sqlite_master \
     WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";
const POSTGRES_CONSTRAINTS: &str = "SELECT conrelid::regclass || ' ' || conname AS line \
     FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c') \
     AND conrelid::regclass::text NOT LIKE '\\_\\_%'";
const SQLITE_INDEXES: &str = "SELECT m.name || ' ' || l.name || ' ' || l.\"unique\" || ' ' || l.partial || ' (' \
     || (SELECT group_concat(coalesce(name, 'expression'), ', ') FROM pragma_index_info(l.name)) || ')' \
     AS line FROM sqlite_master m JOIN pragma_index_list(m.name) l \
     WHERE m.type = 'table' AND l.origin = 'c'";
const POSTGRES_INDEXES: &str = "SELECT i.indrelid::regclass || ' ' || i.indexrelid::regclass || ' ' \
     || i.indisunique::int || ' ' || (i.indpred IS NOT NULL)::int || ' (' \
     || (SELECT string_agg(coalesce(a.attname, 'expression'), ', ' ORDER BY k.n) \
         FROM unnest(i.indkey::int[]) WITH ORDINALITY k (attnum, n) \
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) || ')' AS line \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     WHERE c.relnamespace = 'public'::regnamespace \
     AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u'))";

fn difference(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Vec<String> {
    ours.symmetric_difference(theirs).cloned().collect()
}

#[test]
fn both_folders_make_the_same_tables_columns_constraints_and_indexes() {
    let Some(postgres) = Db::postgres() else { return };
    let (sqlite, postgres) = (Catalog::of(&Db::sqlite()), Catalog::of(&postgres));
    assert!(sqlite.columns.contains("events.id TEXT not null"), "{sqlite:?}");
    assert!(sqlite.constraints.contains("events events_pkey"), "{sqlite:?}");
    let nothing = Vec::<String>::new();
    assert_eq!(difference(&sqlite.columns, &postgres.columns), nothing, "columns");
    assert_eq!(difference(&sqlite.constraints, &postgres.constraints), nothing, "constraints");
    assert_eq!(difference(&sqlite.indexes, &postgres.indexes), nothing, "indexes");
}

/// `name on table.column, table.column` of every unique constraint and index of PostgreSQL.
const POSTGRES_UNIQUES: &str = "SELECT c.relname || ' on ' \
     || (SELECT string_agg(i.indrelid::regclass || '.' || coalesce(a.attname, 'expression'), ', ' \
         ORDER BY k.n) FROM unnest(i.indkey::int[]) WITH ORDINALITY k (attnum, n) \
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) AS line \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace \
     AND c.relname NOT LIKE '\\_\\_%'";

const POSTGRES_PRIMARY_KEYS: &str = "SELECT indexrelid::regclass || ' on ' AS line \
     FROM pg_index WHERE indisprimary AND indexrelid::regclass::text NOT LIKE 'pg\\_%'";

#[test]
fn every_unique_constraint_is_registered_under_its_name_and_columns() {
    let Some(postgres) = Db::postgres() else { return };
    let registered: BTreeSet<String> = Constraint::ALL
        .iter()
        .map(|constraint| format!("{} on {}", constraint.name(), constraint.columns()))
        .collect();
    let columns: BTreeSet<_> = Constraint::ALL.iter().map(|known| known.columns()).collect();
    assert_eq!(columns.len(), Constraint::ALL.len(), "SQLite tells constraints by their columns");
    let stored: BTreeSet<String> = postgres
        .lines(POSTGRES_UNIQUES)
        .into_iter()
        .map(|line| match line.split_once(" on ") {
            Some((name, columns)) if columns.contains("expression") => {
                format!("{name} on index '{name}'")
            }
            _ => line,
        })
        .collect();
    // Only a primary key may go without a line: the id source never repeats.
    let primary_keys = postgres.lines(POSTGRES_PRIMARY_KEYS);
    let is_primary_key = |line: &str| primary_keys.iter().any(|key| line.starts_with(key));
    let missing: Vec<_> =
        stored.difference(&registered).filter(|line| !is_primary_key(line)).collect();
    assert!(missing.is_empty(), "unregistered: {missing:?}");
    let stale: Vec<_> = registered.difference(&stored).collect();
    assert!(stale.is_empty(), "registered, but not in the database: {stale:?}");
}

fn up_down_and_up_again(db: &Db) {
    let (first, second) = (db.store(), db.store());
    block_on(async {
        // Two processes that start together: each migration runs once.
        let (one, two) = tokio::join!(first.migrate(), second.migrate());
        let mut names = [one.unwrap(), two.unwrap()].concat();
        names.sort();
        assert!(names.len() > 1, "{names:?}");
        names.dedup();
        assert_eq!(first.pending().await, Ok(Vec::new()));
        let before = Catalog::of(db);
        let reverted = first.revert_all().await.unwrap();
        assert_eq!(reverted.len(), names.len());
        let empty = Catalog::of(db);
        assert_eq!(empty.columns, BTreeSet::new());
        assert_eq!(empty.indexes, BTreeSet::new());
        assert_eq!(first.pending().await.unwrap().len(), names.len());
        first.migrate().await.unwrap();
        assert_eq!(Catalog::of(db), before);
        assert_eq!(first.migrate().await, Ok(Vec::new()));
    });
}

#[test]
fn sqlite_goes_up_down_and_up_again() {
    up_down_and_up_again(&Db::empty_sqlite());
}

#[test]
fn postgres_goes_up_down_and_up_again() {
    if let Some(db) = Db::empty_postgres() {
        up_down_and_up_again(&db);
    }
}
