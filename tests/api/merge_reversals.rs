//! Taking merges back, what later depends on them, chains of them, and contenders.

use serde_json::json;

use crate::support::{
    merges::moved,
    race::{CONTENDERS, contend, one_winner},
    world::each_world,
};

each_world! {
    async fn what_only_looks_later_does_not_stand_in_the_way(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        staff.admits(again).await;
        let before = world.belongings();
        let merge = staff.merges(again, ada).await.expect(201);
        // She signs in, asks something and pays something of her own.
        world.anyone().signs_in("ada.again@example.org", crate::support::world::PASSWORD).await;
        ada.post("/v1/help-requests", json!({"question": "How?"})).await.expect(201);
        let own = staff.invoices(&ada.id, 1).await;
        staff.takes_check(&own.id(), "7", 6_000).await.expect(201);
        let read = staff.get(&format!("/v1/person-merges/{}", merge.id())).await.expect(200);
        assert!(read.allows("reverse_person_merge"), "{}", read.body());
        staff.takes_back(&merge).await.expect(200);
        let now = world.belongings();
        let lost: Vec<_> = before.iter().filter(|line| !now.contains(line)).collect();
        assert_eq!(lost, Vec::<&String>::new());
    }

    async fn a_later_act_on_what_came_along_stands_in_the_way(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        let draft = again.drafts().await;
        let merge = staff.merges(again, ada).await.expect(201);
        ada.acts_on(&draft.id(), "submit").await.expect(200);
        let refused = staff.takes_back(&merge).await.refused(409, "state-conflict");
        assert!(refused.body().contains(&draft.id()), "{}", refused.body());
        assert!(refused.body().contains("application.submitted"), "{}", refused.body());
        refused.unmet(&["merge.later_changes", "merge.later_acts", "merge.later_records"]);
        let read = staff.get(&format!("/v1/person-merges/{}", merge.id())).await.expect(200);
        assert!(!read.allows("reverse_person_merge") && read["state"] == "merged");
        assert_eq!(world.count("person.merge_reversed"), 0);
    }

    async fn a_newer_record_on_what_came_along_stands_in_the_way(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        let candidacy = staff.admits(again).await;
        let merge = staff.merges(again, ada).await.expect(201);
        ada.begins(&candidacy, "CAT").await.expect(201);
        let refused = staff.takes_back(&merge).await.refused(409, "state-conflict");
        assert!(refused.body().contains("merge.later_records"), "{}", refused.body());
    }

    async fn money_that_came_along_is_not_spent_twice(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        let theirs = staff.invoices(&again.id, 1).await;
        staff.takes_check(&theirs.id(), "118", 8_000).await.expect(201);
        let own = staff.invoices(&ada.id, 1).await;
        staff.takes_check(&own.id(), "119", 6_500).await.expect(201);
        let merge = staff.merges(again, ada).await.expect(201);
        // Her own credit of 500 is hers to spend; more than that is not.
        let next = staff.invoices(&ada.id, 1).await;
        staff.applies_credit(&next.id(), Some(500)).await.expect(200);
        let read = staff.get(&format!("/v1/person-merges/{}", merge.id())).await.expect(200);
        assert!(read.allows("reverse_person_merge"), "{}", read.body());
        staff.applies_credit(&next.id(), Some(1)).await.expect(200);
        staff.takes_back(&merge).await.refused(409, "state-conflict").unmet(&["merge.later_money"]);
    }

    async fn an_address_that_came_along_and_was_used_stays(world) {
        let twins = world.twins().await;
        let merge = twins.staff.merges(&twins.again, &twins.ada).await.expect(201);
        let me = twins.ada.get("/v1/me").await.expect(200);
        let address = me["emails"][1]["id"].as_str().unwrap();
        let path = format!("/v1/people/{}/emails/{address}", twins.ada.id);
        twins.ada.delete(&path, &me.etag()).await.expect(200);
        let refused = twins.staff.takes_back(&merge).await.refused(409, "state-conflict");
        refused.unmet(&["merge.later_changes", "merge.later_acts"]);
    }

    async fn with_an_erasure_the_rows_of_before_are_gone_and_no_merge_comes_back(world) {
        let twins = world.twins().await;
        let merge = twins.staff.merges(&twins.again, &twins.ada).await.expect(201);
        let erase = format!("/v1/people/{}/erase", twins.ada.id);
        twins.staff.post(&erase, json!({"confirm": true})).await.expect(204);
        let kept = "SELECT row_key AS line FROM person_merge_moves";
        assert_eq!(world.db().lines(kept), Vec::<String>::new());
        let refused = twins.staff.takes_back(&merge).await.refused(409, "state-conflict");
        refused.unmet(&["merge.later_changes"]);
        let bob = world.register("Bob").await;
        twins.staff.merges(&bob, &twins.ada).await.unmet(&["merge.erased"]);
    }

    async fn a_chain_is_taken_back_from_its_end(world) {
        let twins = world.twins().await;
        let (staff, ada, again) = (&twins.staff, &twins.ada, &twins.again);
        let third = world.register("Ada the third").await;
        again.drafts().await;
        let before = world.belongings();
        let first = staff.merges(again, ada).await.expect(201);
        let second = staff.merges(ada, &third).await.expect(201);
        assert_eq!((moved(&second["moved"], "applications"), moved(&second["moved"], "earlier merges")), (1, 1));
        for old in [again, ada] {
            let seen = staff.get(&format!("/v1/people/{}", old.id)).await.expect(308);
            assert_eq!(seen.header("location"), format!("/v1/people/{}", third.id));
        }
        staff.takes_back(&first).await.refused(409, "state-conflict").unmet(&["merge.later_merge"]);
        let list = staff.get(&format!("/v1/person-merges?person_id={}", ada.id)).await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        staff.takes_back(&second).await.expect(200);
        let seen = staff.get(&format!("/v1/people/{}", again.id)).await.expect(308);
        assert_eq!(seen.header("location"), format!("/v1/people/{}", ada.id));
        staff.takes_back(&first).await.expect(200);
        assert_eq!(world.belongings(), before);
        let open = staff.get("/v1/person-merges?state=merged").await.expect(200);
        assert_eq!(open["items"], json!([]));
    }

    async fn sixteen_merges_of_one_pair(world) {
        let twins = world.twins().await;
        twins.again.drafts().await;
        let answers = contend(|_| {
            let (staff, ada, again) = (twins.staff.clone(), twins.ada.clone(), twins.again.clone());
            async move { staff.merges(&again, &ada).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(world.count("person.merged"), 1);
    }

    async fn sixteen_merges_across(world) {
        let twins = world.twins().await;
        twins.again.drafts().await;
        let answers = contend(|number| {
            let (staff, ada, again) = (twins.staff.clone(), twins.ada.clone(), twins.again.clone());
            async move {
                if number % 2 == 0 { staff.merges(&again, &ada).await } else { staff.merges(&ada, &again).await }
            }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(world.count("person.merged"), 1);
    }

    async fn sixteen_reversals_of_one_merge(world) {
        let twins = world.twins().await;
        let merge = twins.staff.merges(&twins.again, &twins.ada).await.expect(201);
        let answers = contend(|_| {
            let (staff, merge) = (twins.staff.clone(), merge.clone());
            async move { staff.takes_back(&merge).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!(world.count("person.merge_reversed"), 1);
    }

    async fn what_somebody_does_while_they_are_merged_is_theirs_or_undone(world) {
        let twins = world.twins().await;
        let answers = contend(|number| {
            let (staff, ada, again) = (twins.staff.clone(), twins.ada.clone(), twins.again.clone());
            async move {
                if number == 0 {
                    return staff.merges(&again, &ada).await;
                }
                again.post("/v1/help-requests", json!({"question": format!("How {number}?")})).await
            }
        })
        .await;
        assert!(answers.iter().all(|one| matches!(one.status, 201 | 401)), "{answers:?}");
        let asked = answers.iter().filter(|one| one.status == 201).count() - 1;
        assert!(asked < CONTENDERS);
        let hers = twins.ada.get("/v1/help-requests?limit=50").await.expect(200);
        assert_eq!(hers["items"].as_array().unwrap().len(), asked);
    }
}
