//! Sentences of merging: two records of one person.

use persistence::OWNED;
use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer},
    world::World,
};

/// Two records of one person, and the office.
pub(crate) struct Twins {
    pub(crate) staff: Actor,
    /// The record that goes on.
    pub(crate) ada: Actor,
    /// The duplicate.
    pub(crate) again: Actor,
}

impl World {
    /// Ada, who registered twice, and the office.
    pub(crate) async fn twins(&self) -> Twins {
        let (staff, ada) = (self.staff().await, self.register("Ada").await);
        Twins { staff, ada, again: self.register("Ada Again").await }
    }

    /// Whose everything is, and how people sign in: what a reversal must put back.
    pub(crate) fn belongings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for owned in OWNED {
            let (table, column, key) = (owned.table, owned.column, owned.key);
            let sql = format!(
                "SELECT '{table} ' || {key} || ' ' || CAST({column} AS text) AS line FROM {table} \
                 WHERE {column} IS NOT NULL ORDER BY 1"
            );
            lines.extend(self.db().lines(&sql));
        }
        for sql in [
            "SELECT 'people ' || CAST(id AS text) || ' ' || given_name || ' ' || family_name AS line \
             FROM people ORDER BY 1",
            "SELECT 'password ' || CAST(person_id AS text) || ' ' || password_hash AS line \
             FROM credentials ORDER BY 1",
            "SELECT 'primary ' || address AS line FROM emails WHERE is_primary ORDER BY 1",
            "SELECT 'merged ' || CAST(person_id AS text) AS line FROM merged_people ORDER BY 1",
        ] {
            lines.extend(self.db().lines(sql));
        }
        lines
    }
}

/// What a merge asks for.
pub(crate) fn merging(from: &Actor, into: &Actor) -> Value {
    json!({"from_person_id": from.id, "into_person_id": into.id,
        "reason": "The same birthday and library; she called."})
}

impl Actor {
    /// Merges two people.
    pub(crate) async fn merges(&self, from: &Actor, into: &Actor) -> Answer {
        self.post("/v1/person-merges", merging(from, into)).await
    }
    /// Asks what merging two people would come to.
    pub(crate) async fn previews(&self, from: &Actor, into: &Actor) -> Answer {
        self.post("/v1/person-merges?dry_run=true", merging(from, into)).await
    }
    /// Takes a merge back.
    pub(crate) async fn takes_back(&self, merge: &Answer) -> Answer {
        let path = format!("/v1/person-merges/{}/reverse", merge.id());
        self.post(&path, json!({"reason": "They are two after all."})).await
    }
}

/// How much of a kind is told to be moved.
pub(crate) fn moved(list: &Value, kind: &str) -> i64 {
    let all = list.as_array().expect("a list");
    let found = all.iter().find(|one| one["kind"] == kind);
    found.map_or(0, |one| one["count"].as_i64().expect("a count"))
}
