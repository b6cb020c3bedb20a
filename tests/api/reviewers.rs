//! Who reviews: nobody with a conflict of interest, wherever it was stated; and no text by one of its authors.

use domain::access::Role;
use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    colleges::ALL,
    world::{World, each_world},
};

/// A member of the office whose profile as an evaluator says more.
async fn reviewer(world: &World, office: &Actor, name: &str, more: Value) -> Actor {
    let person = world.register(name).await;
    world.grant(&person.id, Role::Staff).await;
    office.takes_on(&person, more).await.expect(201);
    person
}

each_world! {
    async fn what_an_evaluator_states_keeps_them_from_a_proposal(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await.id();
        cast.paul.hands_over(&draft, "submit").await.expect(200);
        let why = "I taught there.";
        for (name, more, rule) in [
            ("Ida", json!({"employers": ["PRAIRIE  State Library"]}), "review.other_employer"),
            ("Jo", json!({"conflicts": [{"organisation_id": cast.provider, "reason": why}]}), "review.no_declared_conflict"),
            ("Kim", json!({"conflicts": [{"name": "Prairie state library", "reason": why}]}), "review.no_declared_conflict"),
        ] {
            let person = reviewer(world, &cast.staff, name, more).await;
            cast.staff.assigns(&draft, &person).await.refused(422, "rule-not-met").unmet(&[rule]);
        }
        let free = json!({"employers": ["Hilltop Library"], "conflicts": [{"name": "Another Library", "reason": why}]});
        let lea = reviewer(world, &cast.staff, "Lea", free).await;
        cast.staff.assigns(&draft, &lea).await.expect(201);
        assert_eq!(world.count("review.assigned"), 1);
    }

    async fn what_an_evaluator_states_keeps_them_from_an_agreement(world) {
        let campus = world.campus().await;
        let id = campus.hands_in(&ALL, &json!([])).await;
        let jo = reviewer(world, &campus.staff, "Jo", json!({"conflicts": [{"name": "college of dupage", "reason": "My wife teaches there."}]})).await;
        jo.moves(&id, "reviews", json!({"advice": "approve"})).await.refused(422, "rule-not-met").unmet(&["review.no_declared_conflict"]);
        assert_eq!(world.count("agreement.reviewed"), 0);
    }

    async fn nobody_reviews_a_draft_of_which_they_wrote_a_part(world) {
        let campus = world.campus().await;
        let draft = campus.staff.post("/v1/recognition-agreements", campus.draft(&ALL, &json!([]))).await.expect(201);
        let path = format!("/v1/recognition-agreements/{}", draft.id());
        let titled = campus.cora.patch(&path, &draft.etag(), json!({"program_title": "Library Technology"})).await.expect(200);
        assert_eq!(titled["workings"]["pending"]["requested_by"], json!(campus.cora.id));
        campus.cora.moves(&draft.id(), "submit", json!({})).await.expect(200);
        let approve = || json!({"advice": "approve"});
        campus.staff.moves(&draft.id(), "reviews", approve()).await.refused(422, "rule-not-met").unmet(&["review.not_proposer"]);
        campus.amy.moves(&draft.id(), "reviews", approve()).await.expect(200);
    }
}
