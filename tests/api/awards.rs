//! The award: automatic on the sixth set, once, on the right achievements.

use serde_json::json;

use crate::support::{
    story::SIX,
    world::{each, each_world},
};

each_world! {
    async fn the_sixth_set_awards_and_the_seventh_changes_nothing(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let award = format!("/v1/candidacies/{candidacy}/award");
        for set in &SIX[..5] {
            staff.credits(&candidacy, set, "2026-02-01").await;
        }
        let early = ada.post_empty(&award).await.refused(422, "rule-not-met");
        early.unmet(&["certification.elective_sets"]);
        assert_eq!(world.count("certification.awarded"), 0);
        staff.credits(&candidacy, SIX[5], "2026-02-01").await;
        assert_eq!(world.count("certification.awarded"), 1);
        assert_eq!(world.happened_to(&candidacy), ["candidacy.admitted", "candidacy.completed"]);

        let again = ada.post_empty(&award).await.refused(409, "state-conflict");
        again.unmet(&["certification.not_awarded"]);
        let course = staff.approves_course("COL", "2025-01-01").await;
        ada.hands_in(&candidacy, &course, "2026-02-01").await.refused(409, "state-conflict");
        let list = ada.get("/v1/certifications").await.expect(200);
        let held = &list["items"][0];
        assert_eq!(each(&held["achievements"], "set"), SIX);
        assert_eq!((&held["completed_on"], &held["expires_on"]), (&json!("2026-03-01"), &json!("2030-03-01")));
        assert_eq!((&held["renewal_opens_on"], &held["grace_ends_on"]), (&json!("2029-03-01"), &json!("2030-05-01")));
        let number = held["number"].as_str().unwrap();
        assert!(number.starts_with("LSSC-2026-") && number.len() == 17, "{number}");
    }

    async fn of_more_electives_the_first_ones_count(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        world.travel_to("2026-12-01");
        for (set, on) in [
            ("YTH", "2026-04-01"),
            ("ACC", "2026-09-01"),
            ("REF", "2026-05-01"),
            ("CAT", "2026-08-01"),
            ("SUP", "2026-06-01"),
            ("FND", "2026-07-01"),
            ("COM", "2026-07-02"),
            ("TEC", "2026-07-03"),
        ] {
            staff.credits(&candidacy, set, on).await;
        }
        let progress = ada.progress(&candidacy).await;
        assert_eq!(progress["completed_on"], "2026-07-03");
        let held = ada.get(&format!("/v1/certifications/{}", progress.text("certification_id"))).await.expect(200);
        assert_eq!(each(&held["achievements"], "set"), ["FND", "COM", "TEC", "REF", "SUP", "YTH"]);
        assert_eq!((&held["completed_on"], &held["awarded_on"]), (&json!("2026-07-03"), &json!("2026-12-01")));
        assert_eq!(held["expires_on"], "2030-07-03");
    }

    async fn what_a_certificate_rests_on_is_not_voided(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let list = ada.get(&format!("/v1/candidacies/{}/achievements", certified.candidacy)).await;
        let achievement = list["items"][0]["id"].as_str().unwrap();
        let reason = json!({"reason": "The form was forged."});
        let refused = staff.post(&format!("/v1/achievements/{achievement}/void"), reason).await;
        refused.refused(409, "state-conflict").unmet(&["achievement.not_certified"]);
        assert_eq!(world.count("achievement.voided"), 0);
        let path = format!("/v1/certifications/{}", certified.certification);
        world.register("Bob").await.get(&path).await.refused(404, "not-found");
        assert_eq!(ada.get(&path).await.expect(200)["number"], certified.number);
    }

    async fn a_name_in_print_is_not_changed_without_proof(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let renamed = ada.patch(&format!("/v1/people/{}", ada.id), "*", json!({"family_name": "King"})).await;
        renamed.refused(409, "state-conflict").unmet(&["person.names_by_name_change"]);
        let path = format!("/v1/verifications/{}", certified.number);
        assert_eq!(world.anyone().get(&path).await.expect(200)["holder_name"], "Ada Example");
    }
}
