//! Sentences of the main job: who does what to what.

use serde_json::{Value, json};

use super::actor::{Actor, Answer, fresh_key};

/// The sets of the program: three required ones, then three electives.
pub(crate) const SIX: [&str; 6] = ["FND", "COM", "TEC", "ACC", "ARA", "CAT"];

/// What an eligible applicant states.
pub(crate) fn statements() -> Value {
    json!({
        "education": "associate",
        "jobs": [job()],
        "payment_choice": "card",
    })
}

/// A job that alone shows the hours.
pub(crate) fn job() -> Value {
    json!({
        "library": "Riverside Public Library",
        "library_type": "public",
        "kind": "paid",
        "started_on": "2023-06-01",
        "requires_mlis": false,
        "hours_per_week": 35,
    })
}

/// A candidacy with its certification.
pub(crate) struct Certified {
    pub(crate) candidacy: String,
    pub(crate) certification: String,
    pub(crate) number: String,
}

impl Actor {
    /// Starts an application with everything that it needs.
    pub(crate) async fn drafts(&self) -> Answer {
        self.post("/v1/applications", statements()).await.expect(201)
    }
    /// Starts an application and submits it.
    pub(crate) async fn applies(&self) -> Answer {
        let draft = self.drafts().await;
        self.acts_on(&draft.id(), "submit").await.expect(200)
    }
    /// Does something without a body to an application.
    pub(crate) async fn acts_on(&self, application: &str, act: &str) -> Answer {
        self.post_empty(&format!("/v1/applications/{application}/{act}")).await
    }
    /// Does something with a body to an application.
    pub(crate) async fn decides(&self, application: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/applications/{application}/{act}"), body).await
    }
    /// Takes an application into review.
    pub(crate) async fn reviews(&self, application: &str) -> Answer {
        self.acts_on(application, "review").await.expect(200)
    }
    /// Accepts an application.
    pub(crate) async fn accepts(&self, application: &str) -> Answer {
        self.decides(application, "accept", json!({})).await.expect(200)
    }
    /// Records a payment by card.
    pub(crate) async fn records_payment(&self, invoice: &str, cents: i64) -> Answer {
        let reference = format!("ch_{}", fresh_key());
        let body = json!({"tender": "card", "reference": reference, "amount_cents": cents});
        self.post(&format!("/v1/invoices/{invoice}/payments"), body).await
    }
    /// Records the payment of everything that an application owes.
    pub(crate) async fn settles(&self, application: &Answer) -> Answer {
        let invoice = application.text("invoice_id");
        let owed = self.get(&format!("/v1/invoices/{invoice}")).await.expect(200);
        let cents = owed["balance_cents"].as_i64().expect("a balance");
        self.records_payment(&invoice, cents).await.expect(201)
    }
    /// Takes an applicant from the application to the candidacy; its id.
    pub(crate) async fn admits(&self, applicant: &Actor) -> String {
        let application = applicant.applies().await;
        self.reviews(&application.id()).await;
        self.settles(&application).await;
        self.accepts(&application.id()).await.text("candidacy_id")
    }
    /// Records a provider; its id.
    pub(crate) async fn records_provider(&self, name: &str) -> String {
        let body = json!({"kind": "community_college", "name": name});
        self.post("/v1/providers", body).await.expect(201).id()
    }
    /// Records an approved course for a set; its id.
    pub(crate) async fn approves_course(&self, set: &str, approved_on: &str) -> String {
        let provider = self.records_provider(&format!("Provider {}", fresh_key())).await;
        let body = json!({"provider_id": provider, "set": set, "title": format!("A course in {set}"),
            "modes": ["online"], "approved_on": approved_on});
        self.post("/v1/courses", body).await.expect(201).id()
    }
    /// Hands in a completion.
    pub(crate) async fn hands_in(&self, candidacy: &str, course: &str, on: &str) -> Answer {
        let body = json!({"course_id": course, "completed_on": on, "proof": "completion_form",
            "proof_url": "https://college.example.org/form.pdf"});
        self.post(&format!("/v1/candidacies/{candidacy}/completions"), body).await
    }
    /// Verifies a completion.
    pub(crate) async fn verifies(&self, completion: &str) -> Answer {
        self.post_empty(&format!("/v1/completions/{completion}/verify")).await
    }
    /// Takes a candidate through one set; the completion's id.
    pub(crate) async fn credits(&self, candidacy: &str, set: &str, on: &str) -> String {
        let course = self.approves_course(set, "2025-01-01").await;
        let completion = self.hands_in(candidacy, &course, on).await.expect(201).id();
        self.verifies(&completion).await.expect(200);
        completion
    }
    /// Where a candidate stands.
    pub(crate) async fn progress(&self, candidacy: &str) -> Answer {
        self.get(&format!("/v1/candidacies/{candidacy}/progress")).await.expect(200)
    }
    /// Takes an applicant from the application to the certificate, all on one day.
    pub(crate) async fn certifies(&self, applicant: &Actor, today: &str) -> Certified {
        let candidacy = self.admits(applicant).await;
        self.completes(candidacy, today).await
    }
    /// Takes a candidate through every set to the certificate, all on one day.
    pub(crate) async fn completes(&self, candidacy: String, today: &str) -> Certified {
        for set in SIX {
            self.credits(&candidacy, set, today).await;
        }
        let progress = self.progress(&candidacy).await;
        Certified {
            certification: progress.text("certification_id"),
            number: progress.text("certificate_number"),
            candidacy,
        }
    }
}
