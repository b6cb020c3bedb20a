//! Completions that wait: who comes for them after the admission, and which days they may be corrected to.

use serde_json::json;

use crate::support::{
    courses::signed,
    mails::confirms,
    world::{each, each_world},
};

each_world! {
    async fn a_candidate_claims_by_confirming_an_address(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        trainer.posts_roster(&course, &[signed("Dee", "2026-02-01")]).await.expect(200);
        let dee = world.register("Dee").await;
        let number = staff.admits(&dee).await;
        assert_eq!(dee.achievements(&number).await, []);
        confirms(world, "dee@example.org").await;
        assert_eq!(dee.achievements(&number).await, [("FND".to_owned(), "2026-03-01".to_owned(), true)]);
        assert_eq!(each(&trainer.get("/v1/waiting-completions").await["items"], "state"), ["claimed"]);
    }

    async fn a_candidate_claims_by_their_new_name(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let row = json!({"email": "dee@example.org", "name": "Dora Example", "completed_on": "2026-02-01"});
        trainer.posts_roster(&course, &[row]).await.expect(200);
        let (dee, number) = world.candidate(&staff, "Dee").await;
        assert_eq!(dee.achievements(&number).await, []);
        let path = format!("/v1/people/{}", dee.id);
        let etag = dee.get(&path).await.etag();
        dee.patch(&path, &etag, json!({"given_name": "Dora"})).await.expect(200);
        assert_eq!(dee.achievements(&number).await.len(), 1);
        assert_eq!(each(&trainer.get("/v1/waiting-completions").await["items"], "state"), ["claimed"]);
    }

    async fn what_waits_is_closed_by_the_row_that_signs_it(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let other = staff.approves(&provider, "COM", "2025-01-01").await;
        for (course, on) in [(&course, "2026-02-01"), (&other, "2026-02-02")] {
            trainer.posts_roster(course, &[signed("Dee", on)]).await.expect(200);
        }
        let dee = world.register("Dee").await;
        let number = staff.admits(&dee).await;
        // Shown past the mails: nothing is claimed by it.
        world.verify_addresses(&dee).await;
        let row = json!({"candidate_number": number, "completed_on": "2026-02-01"});
        let told = trainer.posts_roster(&course, &[row]).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["verified"]);
        let list = trainer.get("/v1/waiting-completions").await.expect(200);
        assert_eq!(each(&list["items"], "state"), ["claimed", "waiting"]);
        assert_eq!(list["items"][0]["completion_id"], told["rows"][0]["completion_id"]);
        // On another day it is not what was signed.
        let told = trainer.posts_roster(&other, &[signed("Dee", "2026-02-03")]).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["verified"]);
        let list = trainer.get("/v1/waiting-completions").await.expect(200);
        assert_eq!(each(&list["items"], "state"), ["claimed", "withdrawn"]);
        assert_eq!(dee.achievements(&number).await.len(), 2);
    }

    async fn what_waits_is_not_corrected_to_a_day_that_cannot_count(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let told = trainer.posts_roster(&course, &[signed("Dee", "2026-02-01")]).await.expect(200);
        let id = told["rows"][0]["waiting_completion_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/waiting-completions/{id}");
        let to = |on: &str| json!({"completed_on": on, "reason": "Typo."});
        trainer.post(&format!("{path}/correct"), to("2022-12-31")).await
            .refused(422, "rule-not-met").unmet(&["credit.completion_window"]);
        assert_eq!(trainer.get(&path).await.expect(200)["completed_on"], "2026-02-01");
        trainer.post(&format!("{path}/correct"), to("2023-01-01")).await.expect(200);
        assert_eq!(world.happened_to(&id), ["waiting_completion.kept", "waiting_completion.corrected"]);
    }
}
