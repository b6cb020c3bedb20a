//! Sentences of courses: providers, their courses, bundles, offerings and rosters.

use domain::{
    BundleId, CourseId, OrganisationId, PersonId,
    access::Role,
    competency::SetCode,
    course::bundle::{Bundle, BundleState},
    program::ProgramCode,
};
use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer},
    world::{World, day},
};

/// A row of a roster that names somebody who registered in a test.
pub(crate) fn signed(name: &str, on: &str) -> Value {
    let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    json!({"email": email, "name": format!("{name} Example"), "completed_on": on})
}

/// What the paths of offerings and of what waits name, of a course that is there.
pub(crate) async fn offered_on(office: &Actor, course: &str) -> Vec<(&'static str, String)> {
    let offering = office.offers(course, "2026-04-01", "2026-04-05").await;
    let roster = office.posts_roster(course, &[signed("Nobody Yet", "2026-02-01")]).await;
    let waiting = roster.expect(200)["rows"][0]["waiting_completion_id"].clone();
    let waiting = waiting.as_str().expect("a completion that waits").to_owned();
    vec![("offering_id", offering), ("waiting_id", waiting)]
}

impl World {
    /// Somebody who acts for a provider that staff recorded; and its id.
    pub(crate) async fn provider(&self, staff: &Actor, name: &str) -> (Actor, String) {
        let id = staff.records_provider(name).await;
        let person = self.register(&format!("Trainer of {name}")).await;
        let admin = self.register(&format!("Admin for {name}")).await;
        self.grant(&admin.id, Role::Admin).await;
        let grant = json!({"role": "provider", "organisation": id});
        admin.post(&format!("/v1/people/{}/grants", person.id), grant).await.expect(201);
        (person, id)
    }
    /// Somebody shows control of their addresses, past the mails.
    pub(crate) async fn verify_addresses(&self, person: &Actor) {
        let id: PersonId = person.id.parse().expect("a person's id");
        let app = self.app();
        let done: Result<(), persistence::Error> = app
            .store
            .write(app.stamp_of("test", "verify"), move |tx| {
                for mut email in tx.people().emails(id)? {
                    email.verified_at = Some(tx.now());
                    tx.people().save_email(&email)?;
                }
                Ok(())
            })
            .await;
        done.expect("addresses are verified");
    }
    /// A candidate whose address is verified; and the candidacy.
    pub(crate) async fn candidate(&self, staff: &Actor, name: &str) -> (Actor, String) {
        let person = self.register(name).await;
        self.verify_addresses(&person).await;
        let candidacy = staff.admits(&person).await;
        (person, candidacy)
    }
    /// Makes courses of one provider and set the parts of an approved bundle, past the API; its id.
    pub(crate) async fn bundles(&self, provider: &str, set: &str, courses: &[&str]) -> String {
        let provider: OrganisationId = provider.parse().expect("a provider");
        let courses: Vec<CourseId> =
            courses.iter().map(|id| id.parse().expect("a course")).collect();
        let set = set.parse().expect("a set");
        let app = self.app();
        let made: Result<BundleId, persistence::Error> = app
            .store
            .write(app.stamp_of("test", "bundle"), move |tx| {
                let (title, code) = ("Youth services".to_owned(), ProgramCode::lssc());
                let set = SetCode::clone(&set);
                let (draft, _) = Bundle::draft(tx.new_id(), code, provider, set, title);
                let bundle = Bundle {
                    state: BundleState::Approved,
                    courses: courses.clone(),
                    approved_on: Some(day("2025-06-01")),
                    ends_on: Some(day("2029-06-01")),
                    ..draft
                };
                tx.bundles().insert(&bundle)?;
                for id in &courses {
                    let mut course = tx.courses().get(*id)?;
                    course.bundle = Some(bundle.id);
                    tx.courses().save(&mut course)?;
                }
                Ok(bundle.id)
            })
            .await;
        made.expect("a bundle is made").to_string()
    }
}

impl Actor {
    /// Records an approved course of a provider for a set; its id.
    pub(crate) async fn approves(&self, provider: &str, set: &str, approved_on: &str) -> String {
        let body = json!({"provider_id": provider, "set": set, "title": format!("A course in {set}"),
            "modes": ["online", "face_to_face"], "approved_on": approved_on});
        self.post("/v1/courses", body).await.expect(201).id()
    }
    /// Posts a roster.
    pub(crate) async fn posts_roster(&self, course: &str, rows: &[Value]) -> Answer {
        self.post(&format!("/v1/courses/{course}/roster"), json!({"rows": rows})).await
    }
    /// Announces an offering on line of one week; its id.
    pub(crate) async fn offers(&self, course: &str, starts_on: &str, ends_on: &str) -> String {
        let body = json!({"starts_on": starts_on, "ends_on": ends_on, "mode": "online",
            "link": "https://learn.example.org/room", "seats": 20});
        self.post(&format!("/v1/courses/{course}/offerings"), body).await.expect(201).id()
    }
    /// Corrects the day of a completion.
    pub(crate) async fn corrects(&self, completion: &str, on: &str) -> Answer {
        let body = json!({"completed_on": on, "reason": "The roster had the wrong day."});
        self.post(&format!("/v1/completions/{completion}/correct"), body).await
    }
    /// Withdraws a completion.
    pub(crate) async fn withdraws_completion(&self, completion: &str) -> Answer {
        let body = json!({"reason": "Somebody else took the course."});
        self.post(&format!("/v1/completions/{completion}/withdraw"), body).await
    }
    /// The achievements of a candidacy: set, day and whether each stands.
    pub(crate) async fn achievements(&self, candidacy: &str) -> Vec<(String, String, bool)> {
        let list = self.get(&format!("/v1/candidacies/{candidacy}/achievements")).await.expect(200);
        let items = list["items"].as_array().expect("a list");
        let text = |one: &Value, field: &str| one[field].as_str().expect("a text").to_owned();
        items
            .iter()
            .map(|one| (text(one, "set"), text(one, "achieved_on"), one["stands"] == json!(true)))
            .collect()
    }
}
