//! Sentences of renewals: who logged what, and renews with it.

use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer},
    story::Certified,
    world::World,
};

/// The day on which everybody here is certified, and the days that follow from it.
pub(crate) const CERTIFIED: &str = "2026-03-01";
pub(crate) const OPENS: &str = "2029-03-01";
pub(crate) const EXPIRES: &str = "2030-03-01";
pub(crate) const GRACE_ENDS: &str = "2030-05-01";

/// A documented workshop.
pub(crate) fn workshop(on: &str, minutes: i64, technology: bool) -> Value {
    json!({"title": "A workshop", "kind": "workshop", "dated_on": on, "minutes": minutes,
        "technology": technology, "sets": ["TEC"], "provider": "Amigos Library Services",
        "documentation_url": "https://amigos.example.org/certificate.pdf"})
}

/// Two semester credits: 30 hours.
pub(crate) fn credits(on: &str) -> Value {
    json!({"title": "Cataloging", "kind": "semester_credit", "dated_on": on, "quantity": 2,
        "sets": ["CAT"], "documentation_url": "https://college.example.edu/transcript.pdf"})
}

/// Somebody who is certified, and the office.
pub(crate) struct Holder {
    pub(crate) ada: Actor,
    pub(crate) staff: Actor,
    pub(crate) held: Certified,
}

impl World {
    /// Ada, certified on 2026-03-01, and somebody of the office.
    pub(crate) async fn holder(&self) -> Holder {
        let (ada, staff) = (self.register("Ada").await, self.staff().await);
        let held = staff.certifies(&ada, CERTIFIED).await;
        Holder { ada, staff, held }
    }
}

impl Holder {
    /// Whoever holds one certification.
    pub(crate) async fn of(staff: &Actor, ada: &Actor) -> Self {
        let list = ada.get("/v1/certifications").await.expect(200);
        let field = |name: &str| list["items"][0][name].as_str().expect("a text").to_owned();
        let held = Certified {
            candidacy: field("candidacy_id"),
            certification: field("id"),
            number: field("number"),
        };
        Self { ada: ada.clone(), staff: staff.clone(), held }
    }
    /// Her certification.
    pub(crate) async fn certification(&self) -> Answer {
        self.ada.get(&format!("/v1/certifications/{}", self.held.certification)).await.expect(200)
    }
    /// She logs an activity; its id.
    pub(crate) async fn logs(&self, activity: Value) -> String {
        self.ada.logs(&self.held.certification, activity).await.expect(201).id()
    }
    /// She logs 34 hours, 4 of them in technology, of a day; their ids.
    pub(crate) async fn logs_enough(&self, on: &str) -> Vec<String> {
        vec![self.logs(credits(on)).await, self.logs(workshop(on, 240, true)).await]
    }
    /// She renews with activities.
    pub(crate) async fn renews(&self, activities: &[String]) -> Answer {
        self.ada.renews(&self.held.certification, activities).await
    }
    /// Where she stands.
    pub(crate) async fn progress(&self, on: &str) -> Answer {
        let path = format!("/v1/certifications/{}/renewal-progress{on}", self.held.certification);
        self.ada.get(&path).await.expect(200)
    }
    /// The office publishes a policy that is in force from a day on.
    pub(crate) async fn changes_policy(&self, from: &str, change: impl FnOnce(&mut Value)) {
        self.staff.changes_policy(from, change).await;
    }
}

impl Actor {
    /// Publishes a policy that is in force from a day on.
    pub(crate) async fn changes_policy(&self, from: &str, change: impl FnOnce(&mut Value)) {
        let path = "/v1/programs/lssc";
        let mut policy =
            self.get(&format!("{path}/policy")).await.expect(200).json["policy"].clone();
        change(&mut policy);
        let body = json!({"effective_on": from, "policy": policy});
        self.post(&format!("{path}/policies"), body).await.expect(201);
    }
    /// Logs an activity.
    pub(crate) async fn logs(&self, certification: &str, activity: Value) -> Answer {
        self.post(&format!("/v1/certifications/{certification}/activities"), activity).await
    }
    /// Submits a renewal.
    pub(crate) async fn renews(&self, certification: &str, activities: &[String]) -> Answer {
        let body = json!({"activity_ids": activities});
        self.post(&format!("/v1/certifications/{certification}/renewals"), body).await
    }
    /// Does something to a renewal.
    pub(crate) async fn decides_renewal(&self, renewal: &str, act: &str) -> Answer {
        let path = format!("/v1/renewals/{renewal}/{act}");
        match act {
            "grant" => self.post_empty(&path).await,
            _ => self.post(&path, json!({"reason": "The certificate is not yours."})).await,
        }
    }
    /// Reads a renewal.
    pub(crate) async fn renewal(&self, renewal: &str) -> Answer {
        self.get(&format!("/v1/renewals/{renewal}")).await.expect(200)
    }
    /// Reads an activity.
    pub(crate) async fn activity(&self, activity: &str) -> Answer {
        self.get(&format!("/v1/activities/{activity}")).await.expect(200)
    }
}
