//! Sentences of colleges: agreements, who reviews and signs them, graduates and their claims.

use domain::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer, fresh_key, send},
    world::World,
};

/// What covers everything: the required sets and three electives.
pub(crate) const ALL: [&str; 6] = ["FND", "COM", "TEC", "ACC", "CAT", "REF"];

/// The courses that a program requires: one for each set.
pub(crate) fn requirements(sets: &[&str]) -> Value {
    let courses = (101..).zip(sets).map(|(number, set)| {
        json!({"code": format!("LTA {number}"), "title": format!("A course in {set}"), "sets": [set]})
    });
    courses.collect()
}

/// A college, who acts for it, and two of the office.
pub(crate) struct Campus {
    pub(crate) college: String,
    pub(crate) cora: Actor,
    pub(crate) staff: Actor,
    pub(crate) amy: Actor,
}

impl World {
    /// A college with Cora, who acts for it, and an office of two.
    pub(crate) async fn campus(&self) -> Campus {
        let staff = self.staff().await;
        let college = staff.records_college("College of DuPage").await;
        let cora = self.acts_for(&college, "college", "Cora").await;
        let amy = self.register("Amy").await;
        self.grant(&amy.id, Role::Staff).await;
        Campus { college, cora, staff, amy }
    }
    /// Somebody who registered, with an address that is verified past the mails.
    pub(crate) async fn registers(&self, name: &str) -> Actor {
        let person = self.register(name).await;
        self.verify_addresses(&person).await;
        person
    }
}

impl Campus {
    /// The draft of an agreement.
    pub(crate) fn draft(&self, sets: &[&str], conditions: &Value) -> Value {
        json!({"college_id": self.college, "program_kind": "associate_degree",
            "program_title": "Library Technical Assistant", "requirements": requirements(sets),
            "conditions": conditions})
    }
    /// Cora drafts an agreement and hands it in; its id.
    pub(crate) async fn hands_in(&self, sets: &[&str], conditions: &Value) -> String {
        let draft = self.draft(sets, conditions);
        let id = self.cora.post("/v1/recognition-agreements", draft).await.expect(201).id();
        self.cora.moves(&id, "submit", json!({})).await.expect(200);
        id
    }
    /// Both of the office approve the text that is pending.
    pub(crate) async fn is_approved(&self, agreement: &str) {
        for reviewer in [&self.staff, &self.amy] {
            reviewer.moves(agreement, "reviews", json!({"advice": "approve"})).await.expect(200);
        }
    }
    /// A signed agreement that covers these sets; its id.
    pub(crate) async fn signs(&self, sets: &[&str], conditions: &Value) -> String {
        let id = self.hands_in(sets, conditions).await;
        self.is_approved(&id).await;
        self.staff.moves(&id, "sign", json!({})).await.expect(200);
        id
    }
}

/// A row of somebody who registered in a test.
pub(crate) fn graduate(name: &str, on: &str) -> Value {
    let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    json!({"name": format!("{name} Example"), "email": email, "graduated_on": on})
}

impl Actor {
    /// Records a college; its id.
    pub(crate) async fn records_college(&self, name: &str) -> String {
        self.post("/v1/colleges", json!({"name": name})).await.expect(201).id()
    }
    /// Does something to an agreement.
    pub(crate) async fn moves(&self, agreement: &str, act: &str, body: Value) -> Answer {
        let path = format!("/v1/recognition-agreements/{agreement}/{act}");
        if act == "submit" || act == "changes/adopt" {
            self.post_empty(&path).await
        } else {
            self.post(&path, body).await
        }
    }
    /// Posts graduates.
    pub(crate) async fn posts(&self, agreement: &str, rows: &[Value]) -> Answer {
        self.moves(agreement, "graduates", json!({"rows": rows})).await
    }
    /// Posts graduates by a file.
    pub(crate) async fn posts_file(&self, agreement: &str, file: &str) -> Answer {
        let path = format!("/v1/recognition-agreements/{agreement}/graduates");
        let request = self.request(Method::POST, &path).header("Content-Type", "text/csv");
        send(request.header("Idempotency-Key", fresh_key()).body(file.to_owned())).await
    }
    /// Claims to be a graduate, with a fresh transcript.
    pub(crate) async fn claims(&self, agreement: &str, on: &str) -> Answer {
        let query = "purpose=transcript&file_name=transcript.txt";
        let file = self.uploads(query, "text/plain", b"All passed.").await.expect(201).id();
        let body = json!({"agreement_id": agreement, "graduated_on": on, "transcript_id": file});
        self.post("/v1/graduation-claims", body).await
    }
    /// Decides on a graduate.
    pub(crate) async fn finds(&self, graduate: &str, act: &str) -> Answer {
        let path = format!("/v1/graduates/{graduate}/{act}");
        if act == "refuse" {
            self.post(&path, json!({"reason": "The transcript is of another program."})).await
        } else {
            self.post_empty(&path).await
        }
    }
    /// Applies with so many hours a week in a library for two years, in review and paid; the application's id.
    pub(crate) async fn stands_before(&self, office: &Actor, hours_per_week: u32) -> String {
        let mut statements = super::story::statements();
        statements["jobs"][0]["started_on"] = json!("2024-03-01");
        statements["jobs"][0]["hours_per_week"] = json!(hours_per_week);
        let draft = self.post("/v1/applications", statements).await.expect(201).id();
        let submitted = self.acts_on(&draft, "submit").await.expect(200);
        office.reviews(&draft).await;
        office.settles(&submitted).await;
        draft
    }
}
