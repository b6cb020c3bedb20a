//! A deactivated provider gives no credit and changes nothing; the office still does.

use serde_json::json;

use crate::support::{
    courses::signed,
    world::{each, each_world},
};

each_world! {
    async fn a_deactivated_provider_corrects_and_changes_nothing(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        world.candidate(&staff, "Ada").await;
        let rows = [signed("Ada", "2022-12-31"), signed("Nobody Yet", "2026-02-01")];
        let told = trainer.posts_roster(&course, &rows).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["refused", "waiting"]);
        let completion = told["rows"][0]["completion_id"].as_str().unwrap().to_owned();
        let waiting = told["rows"][1]["waiting_completion_id"].as_str().unwrap().to_owned();
        let reason = json!({"reason": "It closed."});
        staff.post(&format!("/v1/providers/{provider}/deactivate"), reason.clone()).await.expect(200);
        let events = world.events();
        let (at, correct) = (format!("/v1/courses/{course}"), format!("/v1/waiting-completions/{waiting}/correct"));
        let day = json!({"completed_on": "2026-02-02", "reason": "A typing error."});
        let stands = |answer: crate::support::actor::Answer| answer.refused(409, "state-conflict").unmet(&["organisation.active"]);
        stands(trainer.corrects(&completion, "2026-02-01").await);
        stands(trainer.post(&correct, day.clone()).await);
        stands(trainer.patch(&at, "*", json!({"price": "$1"})).await);
        assert_eq!((world.events(), world.count("achievement.recorded")), (events, 0));
        // The office may.
        staff.post(&correct, day).await.expect(200);
        staff.patch(&at, "*", json!({"price": "$1"})).await.expect(200);
        staff.corrects(&completion, "2026-02-01").await.expect(200);
        staff.post(&format!("/v1/providers/{provider}/reactivate"), reason).await.expect(200);
        trainer.patch(&at, "*", json!({"price": "$2"})).await.expect(200);
    }

    async fn nothing_is_approved_of_a_deactivated_provider(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        cast.reviewed(&draft, "approve").await;
        let reason = json!({"reason": "It closed."});
        cast.staff.post(&format!("/v1/providers/{}/deactivate", cast.provider), reason.clone()).await.expect(200);
        let approve = cast.staff.rules_on(&draft.id(), "approve", json!({})).await;
        approve.refused(409, "state-conflict").unmet(&["organisation.active"]);
        let shown = cast.staff.get(&format!("/v1/course-proposals/{}", draft.id())).await.expect(200);
        assert!(!shown.allows("approve_course_proposal"), "what cannot be done is not offered");
        assert_eq!(world.count("course.approved"), 0);
        cast.staff.post(&format!("/v1/providers/{}/reactivate", cast.provider), reason).await.expect(200);
        cast.staff.rules_on(&draft.id(), "approve", json!({})).await.expect(200);
    }

    async fn a_renewal_keeps_what_its_provider_changed_meanwhile(world) {
        let cast = world.proposers().await;
        let course = cast.approved(&cast.paul.proposes(&cast.provider).await).await;
        world.travel_to("2029-09-01");
        let path = format!("/v1/courses/{course}");
        cast.paul.patch(&path, "*", json!({"website": "https://provider.example.org/before"})).await.expect(200);
        let map = crate::support::proposals::whole("FND", 12);
        let mut body = cast.paul.proposal(&cast.provider, "FND", map).await;
        body["renews_course_id"] = json!(course);
        body["title"] = json!("Foundations, revised");
        body["price"] = json!("$120");
        let draft = cast.paul.post("/v1/course-proposals", body).await.expect(201);
        world.advance(chrono::TimeDelta::hours(1));
        cast.reviewed(&draft, "approve").await;
        world.advance(chrono::TimeDelta::hours(1));
        cast.paul.patch(&path, "*", json!({"place": "Tulsa, OK"})).await.expect(200);
        cast.paul.patch(&path, "*", json!({"price": "$150"})).await.expect(200);
        cast.staff.rules_on(&draft.id(), "approve", json!({})).await.expect(200);
        let told = world.anyone().get(&path).await.expect(200);
        assert_eq!((&told["title"], &told["price"], &told["place"]), (&json!("Foundations, revised"), &json!("$150"), &json!("Tulsa, OK")));
        assert_eq!(told["website"], "https://provider.example.org/course", "what was not changed meanwhile is as proposed");
    }
}
