//! Parts of a bundle: what is proposed for one that takes no more, and what is completed when it cannot count.

use domain::{BundleId, course::bundle::BundleState};
use serde_json::{Value, json};

use crate::support::{
    courses::signed,
    proposals::{Cast, mapped},
    world::{World, each, each_world},
};

async fn drafts(cast: &Cast) -> String {
    let body = json!({"provider_id": cast.provider, "set": "YTH", "title": "Youth services"});
    cast.paul.post("/v1/bundles", body).await.expect(201).id()
}

/// The draft of a course that maps half of the set, as a part of a bundle; its answer.
async fn proposed(cast: &Cast, bundle: &str, which: usize) -> crate::support::actor::Answer {
    let codes = (1..=12_usize).filter(|number| number % 2 == which);
    let map: Vec<Value> = codes.map(|number| mapped(&format!("YTH-{number:02}"))).collect();
    let mut body = cast.paul.proposal(&cast.provider, "YTH", map).await;
    body["bundle_id"] = json!(bundle);
    cast.paul.post("/v1/course-proposals", body).await.expect(201)
}

/// A bundle that was given up although courses were its parts, past the API.
async fn given_up(world: &World, bundle: &str) {
    let id: BundleId = bundle.parse().expect("a bundle");
    let app = world.app();
    let done: Result<(), persistence::Error> = app
        .store
        .write(app.stamp_of("test", "bundle"), move |tx| {
            let mut bundle = tx.bundles().get(id)?;
            bundle.state = BundleState::Withdrawn;
            (bundle.approved_on, bundle.ends_on) = (None, None);
            bundle.courses.clear();
            tx.bundles().save(&mut bundle)
        })
        .await;
    done.expect("a bundle is given up");
}

each_world! {
    async fn nothing_is_handed_in_or_approved_for_a_bundle_that_takes_no_more(world) {
        let cast = world.proposers().await;
        let bundle = drafts(&cast).await;
        for which in [1, 0] {
            let draft = proposed(&cast, &bundle, which).await;
            cast.approved(&draft).await;
        }
        let (late, later) = (proposed(&cast, &bundle, 1).await, proposed(&cast, &bundle, 1).await);
        cast.reviewed(&late, "approve").await;
        cast.staff.post(&format!("/v1/bundles/{bundle}/approve"), json!({})).await.expect(200);
        let events = world.events();
        cast.paul.hands_over(&later.id(), "submit").await.refused(409, "state-conflict").unmet(&["bundle.state"]);
        cast.staff.rules_on(&late.id(), "approve", json!({})).await.refused(409, "state-conflict").unmet(&["bundle.state"]);
        assert_eq!(world.events(), events);
        // What cannot be done is not offered.
        let shown = cast.staff.get(&format!("/v1/course-proposals/{}", late.id())).await.expect(200);
        assert!(!shown.allows("approve_course_proposal"));
        let shown = cast.paul.get(&format!("/v1/course-proposals/{}", later.id())).await.expect(200);
        assert!(!shown.allows("submit_course_proposal"));
    }

    async fn a_draft_with_approved_parts_is_not_given_up(world) {
        let cast = world.proposers().await;
        let bundle = drafts(&cast).await;
        let draft = proposed(&cast, &bundle, 1).await;
        cast.approved(&draft).await;
        let (end, why) = (format!("/v1/bundles/{bundle}/end"), json!({"reason": "Not needed."}));
        cast.paul.post(&end, why).await.refused(409, "state-conflict").unmet(&["bundle.no_parts"]);
        assert_eq!(cast.staff.get(&format!("/v1/bundles/{bundle}")).await.expect(200)["state"], "draft");
    }

    async fn a_part_counts_only_while_its_bundle_can(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let first = staff.approves(&provider, "YTH", "2025-06-01").await;
        let second = staff.approves(&provider, "YTH", "2025-06-01").await;
        let bundle = world.bundles(&provider, "YTH", &[&first, &second]).await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let ending = json!({"on": "2026-06-30", "reason": "The teacher retired."});
        staff.post(&format!("/v1/bundles/{bundle}/end"), ending).await.expect(200);
        world.travel_to("2026-08-01");
        let rows = [signed("Ada", "2026-07-01"), signed("Nobody Yet", "2026-07-01")];
        let told = trainer.posts_roster(&first, &rows).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["refused", "rejected"], "{}", told.body());
        for row in [0, 1] {
            let findings = told["rows"][row]["findings"].as_array().expect("findings").iter();
            let unmet: Vec<_> = findings.filter(|one| one["satisfied"] == false).map(|one| &one["rule"]).collect();
            assert_eq!(unmet, ["credit.bundle_open"]);
        }
        let late = ada.hands_in(&number, &second, "2026-07-01").await.expect(201).id();
        staff.verifies(&late).await.refused(422, "rule-not-met").unmet(&["credit.bundle_open"]);
        staff.withdraws_completion(&late).await.expect(200);
        let just = ada.hands_in(&number, &second, "2026-06-30").await.expect(201).id();
        staff.verifies(&just).await.expect(200);
        given_up(world, &bundle).await;
        let told = trainer.posts_roster(&first, &[signed("Ada", "2026-06-30")]).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["refused"], "{}", told.body());
    }
}
