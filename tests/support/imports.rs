//! Sentences of imports: who hands a file in, and what became of its rows.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::actor::{Actor, Answer, fresh_key, send};

/// A row as tests tell of it: its line, its state and its code.
pub(crate) type Told = (i64, String, String);

/// The same of literals.
pub(crate) fn told(rows: &[(i64, &str, &str)]) -> Vec<Told> {
    let owned =
        |(line, state, code): &(i64, &str, &str)| (*line, (*state).to_owned(), (*code).to_owned());
    rows.iter().map(owned).collect()
}

impl Actor {
    /// Hands a file in.
    pub(crate) async fn hands_file_in(&self, query: &str, media: &str, file: &str) -> Answer {
        let path = format!("/v1/imports?{query}");
        let request = self.request(Method::POST, &path).header("Idempotency-Key", fresh_key());
        send(request.header("Content-Type", media).body(file.to_owned())).await
    }
    /// Hands a CSV file in and waits until it was taken; its id.
    pub(crate) async fn imports(&self, query: &str, file: &str) -> String {
        let asked = self.hands_file_in(query, "text/csv", file).await.expect(202);
        let id = asked.id();
        assert_eq!(asked.header("location"), format!("/v1/imports/{id}"));
        assert_eq!(self.settled_import(&id).await["state"], "done");
        id
    }
    /// Waits until nothing of an import is under way.
    pub(crate) async fn settled_import(&self, id: &str) -> Answer {
        self.settled_job(&format!("/v1/imports/{id}")).await
    }
    /// Waits until nothing of a job is under way, half a minute at most.
    pub(crate) async fn settled_job(&self, path: &str) -> Answer {
        for _ in 0..1_500 {
            let job = self.get(path).await.expect(200);
            let state = job.text("state");
            if !matches!(state.as_str(), "queued" | "running" | "undoing") {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{path} is not over");
    }
    /// Undoes an import and waits until that is over.
    pub(crate) async fn undoes_import(&self, id: &str) -> Answer {
        self.post_empty(&format!("/v1/imports/{id}/undo")).await.expect(202);
        let undone = self.settled_import(id).await;
        assert_eq!(undone["state"], "undone");
        undone
    }
    /// The rows of an import, as they are answered.
    pub(crate) async fn import_rows(&self, id: &str) -> Vec<Value> {
        let rows = self.get(&format!("/v1/imports/{id}/rows?limit=200")).await.expect(200);
        rows["items"].as_array().expect("rows").clone()
    }
    /// The rows of an import, in short.
    pub(crate) async fn told_of_import(&self, id: &str) -> Vec<Told> {
        let text = |row: &Value, field: &str| row[field].as_str().expect("a text").to_owned();
        let rows = self.import_rows(id).await;
        let line = |row: &Value| row["line"].as_i64().expect("a line");
        rows.iter().map(|row| (line(row), text(row, "state"), text(row, "code"))).collect()
    }
    /// What a row of an import made.
    pub(crate) async fn made_by(&self, id: &str, line: i64) -> String {
        let rows = self.import_rows(id).await;
        let row = rows.iter().find(|row| row["line"] == line).expect("the row");
        row["made"].as_str().expect("it made something").to_owned()
    }
    /// Exports records.
    pub(crate) async fn exports(&self, kind: &str, format: &str) -> String {
        self.get(&format!("/v1/exports/{kind}?format={format}")).await.expect(200).body()
    }
}
