//! Sentences of appeals: who was refused, who appeals, who judges.

use domain::access::Role;
use serde_json::{Value, json};

use super::{
    actor::{Actor, Answer},
    world::World,
};

/// An office of two: Stella decides, Amy judges the appeals against it.
pub(crate) struct Court {
    pub(crate) stella: Actor,
    pub(crate) amy: Actor,
}

impl World {
    /// An office of two.
    pub(crate) async fn court(&self) -> Court {
        let stella = self.staff().await;
        let amy = self.register("Amy").await;
        self.grant(&amy.id, Role::Staff).await;
        Court { stella, amy }
    }
}

impl Court {
    /// Stella refuses the application of somebody, who has paid for it or not; its id.
    pub(crate) async fn turns_down(&self, applicant: &Actor, paid: bool) -> String {
        let submitted = applicant.applies().await;
        self.stella.reviews(&submitted.id()).await;
        if paid {
            self.stella.settles(&submitted).await;
        }
        self.stella.refuses(&submitted.id()).await;
        submitted.id()
    }
    /// Stella refuses a completion of somebody's; its id.
    pub(crate) async fn turns_down_completion(&self, candidate: &Actor) -> String {
        let candidacy = self.stella.admits(candidate).await;
        let course = self.stella.approves_course("FND", "2025-01-01").await;
        let completion = candidate.hands_in(&candidacy, &course, "2026-02-01").await.expect(201);
        let path = format!("/v1/completions/{}/refuse", completion.id());
        self.stella.post(&path, json!({"reason": "The form is unsigned."})).await.expect(200);
        completion.id()
    }
    /// Takes an appeal from its documents to the day of its meeting, which is today.
    pub(crate) async fn hears(&self, appellant: &Actor, appeal: &str, today: &str) {
        let text = json!({"text": "The letter of the library."});
        appellant.proceeds(appeal, "documents", text).await.expect(200);
        let text = json!({"text": "The committee read the letter."});
        self.amy.proceeds(appeal, "response", text).await.expect(200);
        self.amy.proceeds(appeal, "meeting", json!({"meets_on": today})).await.expect(200);
    }
    /// Takes a decision from the notice of intent to its remand; the appeal.
    pub(crate) async fn remands(&self, appellant: &Actor, decision: &str, today: &str) -> Answer {
        let appeal = appellant.appeals(decision).await.expect(201).id();
        self.hears(appellant, &appeal, today).await;
        self.amy.finds_on(&appeal, "remanded").await.expect(200)
    }
}

impl Actor {
    /// Refuses an application.
    pub(crate) async fn refuses(&self, application: &str) -> Answer {
        let reason = json!({"reason": "The hours of work are not shown."});
        self.decides(application, "refuse", reason).await.expect(200)
    }
    /// Reads until when a decision can be appealed.
    pub(crate) async fn asks_for_terms(&self, decision: &str) -> Answer {
        self.get(&format!("/v1/appeals/terms?decision={decision}")).await
    }
    /// Gives notice of intent.
    pub(crate) async fn appeals(&self, decision: &str) -> Answer {
        let grounds = "The letter of my library was not read.";
        self.post("/v1/appeals", json!({"decision": decision, "grounds": grounds})).await
    }
    /// Does something to an appeal.
    pub(crate) async fn proceeds(&self, appeal: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/appeals/{appeal}/{act}"), body).await
    }
    /// Decides an appeal.
    pub(crate) async fn finds_on(&self, appeal: &str, outcome: &str) -> Answer {
        let body = json!({"outcome": outcome, "reason": "By the letter of the library."});
        self.proceeds(appeal, "outcome", body).await
    }
    /// Reads an appeal.
    pub(crate) async fn reads_appeal(&self, appeal: &str) -> Answer {
        self.get(&format!("/v1/appeals/{appeal}")).await.expect(200)
    }
}

/// What the paths of appeals name: Ada's, against the refusal of another application of hers.
pub(crate) async fn appealed_by(office: &Actor, ada: &Actor) -> Vec<(&'static str, String)> {
    let application = ada.applies().await.id();
    office.reviews(&application).await;
    office.refuses(&application).await;
    vec![("appeal_id", ada.appeals(&application).await.expect(201).id())]
}
