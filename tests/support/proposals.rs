//! Sentences of providers: their people, their files, their proposals and who reviews them.

use domain::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer, fresh_key, send},
    world::World,
};

/// The competencies of foundations (FND) are 1 to this.
const FOUNDATIONS: u8 = 12;

/// A line of a map that says everything.
pub(crate) fn mapped(competency: &str) -> Value {
    json!({"competency": competency, "content": "A lesson.", "reading": "A chapter.",
        "assignment": "A case.", "assessment": "An essay."})
}

/// The whole map of a set of so many competencies.
pub(crate) fn whole(set: &str, competencies: u8) -> Vec<Value> {
    (1..=competencies).map(|number| mapped(&format!("{set}-{number:02}"))).collect()
}

/// A review that recommends this.
pub(crate) fn rubric(recommendation: &str) -> Value {
    let criteria = ["coverage", "content", "assignments", "assessment", "instructor"];
    let scores = criteria.map(|criterion| json!({"criterion": criterion, "score": 3}));
    let mut review =
        json!({"scores": scores, "recommendation": recommendation, "comment": "Read twice."});
    if recommendation == "changes" {
        review["changes"] = json!([{"part": "syllabus", "text": "Say how long each week takes."}]);
    }
    review
}

/// A provider, who acts for it, and who decides and reviews.
pub(crate) struct Cast {
    pub(crate) provider: String,
    pub(crate) paul: Actor,
    pub(crate) staff: Actor,
    pub(crate) eva: Actor,
    pub(crate) rita: Actor,
}

impl World {
    /// Somebody who acts for an organisation: an admin granted it.
    pub(crate) async fn acts_for(&self, organisation: &str, role: &str, name: &str) -> Actor {
        let person = self.register(name).await;
        let admin = self.register(&format!("Admin for {name}")).await;
        self.grant(&admin.id, Role::Admin).await;
        let grant = json!({"role": role, "organisation": organisation});
        admin.post(&format!("/v1/people/{}/grants", person.id), grant).await.expect(201);
        person
    }
    /// A provider with Paul, who acts for it, an office and two reviewers.
    pub(crate) async fn proposers(&self) -> Cast {
        let staff = self.staff().await;
        let provider = staff.records_provider("Prairie State Library").await;
        let paul = self.acts_for(&provider, "provider", "Paul").await;
        let eva = self.evaluator().await;
        let rita = self.register("Rita").await;
        self.grant(&rita.id, Role::Evaluator).await;
        Cast { provider, paul, staff, eva, rita }
    }
}

impl Actor {
    /// Hands in a file as its body.
    pub(crate) async fn uploads(&self, query: &str, kind: &str, bytes: &[u8]) -> Answer {
        let request = self.request(Method::POST, &format!("/v1/attachments?{query}"));
        let request = request.header("Content-Type", kind).header("Idempotency-Key", fresh_key());
        send(request.body(bytes.to_vec())).await
    }
    /// Hands in a text file for an organisation; its id.
    pub(crate) async fn files(&self, organisation: &str, purpose: &str) -> String {
        let query =
            format!("purpose={purpose}&file_name={purpose}.txt&organisation_id={organisation}");
        self.uploads(&query, "text/plain", purpose.as_bytes()).await.expect(201).id()
    }
    /// What a complete proposal says, with fresh files.
    pub(crate) async fn proposal(&self, provider: &str, set: &str, map: Vec<Value>) -> Value {
        json!({"provider_id": provider, "set": set, "title": format!("A course in {set}"),
            "modes": ["online"], "price": "$100", "website": "https://provider.example.org/course",
            "syllabus_id": self.files(provider, "syllabus").await,
            "instructor_resume_id": self.files(provider, "instructor_resume").await, "map": map})
    }
    /// Proposes a complete course for foundations.
    pub(crate) async fn proposes(&self, provider: &str) -> Answer {
        let body = self.proposal(provider, "FND", whole("FND", FOUNDATIONS)).await;
        self.post("/v1/course-proposals", body).await.expect(201)
    }
    /// Does something without a body to a proposal.
    pub(crate) async fn hands_over(&self, proposal: &str, act: &str) -> Answer {
        self.post_empty(&format!("/v1/course-proposals/{proposal}/{act}")).await
    }
    /// Does something with a body to a proposal.
    pub(crate) async fn rules_on(&self, proposal: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/course-proposals/{proposal}/{act}"), body).await
    }
    /// Assigns a reviewer.
    pub(crate) async fn assigns(&self, proposal: &str, reviewer: &Actor) -> Answer {
        self.rules_on(proposal, "reviews", json!({"reviewer_id": reviewer.id})).await
    }
    /// Hands a review in.
    pub(crate) async fn advises(&self, review: &str, recommendation: &str) -> Answer {
        self.post(&format!("/v1/course-reviews/{review}/submit"), rubric(recommendation)).await
    }
    /// Records the payment of a proposal's review fee.
    pub(crate) async fn takes_the_fee_of(&self, proposal: &Answer) {
        self.settles(proposal).await;
    }
}

impl Cast {
    /// Takes a proposal from its submission to two reviews.
    pub(crate) async fn reviewed(&self, draft: &Answer, recommendation: &str) -> Answer {
        let id = draft.id();
        let submitted = self.paul.hands_over(&id, "submit").await.expect(200);
        self.staff.takes_the_fee_of(&submitted).await;
        for reviewer in [&self.eva, &self.rita] {
            let review = self.staff.assigns(&id, reviewer).await.expect(201).id();
            reviewer.advises(&review, recommendation).await.expect(200);
        }
        self.staff.get(&format!("/v1/course-proposals/{id}")).await.expect(200)
    }
    /// Takes a proposal to its approval; the course's id.
    pub(crate) async fn approved(&self, draft: &Answer) -> String {
        self.reviewed(draft, "approve").await;
        let approved = self.staff.rules_on(&draft.id(), "approve", json!({})).await.expect(200);
        approved.text("course_id")
    }
}

/// What the paths of organisations, files and proposals name: Ada's where it can be somebody's. She reviews.
pub(crate) async fn proposed_to(
    world: &World,
    office: &Actor,
    ada: &Actor,
) -> Vec<(&'static str, String)> {
    let provider = office.records_provider("Provider of the stage").await;
    let paul = world.acts_for(&provider, "provider", "Paul of the stage").await;
    let invitation = json!({"email": "quentin@provider.example", "role": "provider"});
    let invitations = format!("/v1/organisations/{provider}/invitations");
    let invitation = office.post(&invitations, invitation).await.expect(201).id();
    let draft = paul.proposes(&provider).await;
    paul.hands_over(&draft.id(), "submit").await.expect(200);
    let review = office.assigns(&draft.id(), ada).await.expect(201).id();
    let bundle = world.bundles(&provider, "YTH", &[]).await;
    let query = "purpose=evidence&file_name=letter.txt";
    let file = ada.uploads(query, "text/plain", b"Dear all").await.expect(201).id();
    vec![
        ("organisation_id", provider),
        ("invitation_id", invitation),
        ("attachment_id", file),
        ("proposal_id", draft.id()),
        ("review_id", review),
        ("bundle_id", bundle),
    ]
}
