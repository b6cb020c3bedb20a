//! What shows a completion: who may say so, and who corrects it.

use serde_json::json;

use crate::support::{courses::signed, story::SIX, world::each_world};

each_world! {
    async fn a_candidate_hands_in_a_form_and_no_roster(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let number = staff.admits(&ada).await;
        let course = staff.approves_course("FND", "2025-01-01").await;
        let path = format!("/v1/candidacies/{number}/completions");
        let with = |proof: &str| json!({"course_id": course, "completed_on": "2026-02-01", "proof": proof});
        let mut roster = with("roster");
        roster["proof_url"] = json!("https://college.example.org/roster.pdf");
        ada.post(&path, roster).await.faulty("#/proof", "exclusive");
        ada.post(&path, with("completion_form")).await.faulty("#/form_id", "required");
        assert_eq!(world.count("completion.recorded"), 0);
        // The office has the roster before it.
        let recorded = staff.post(&path, with("roster")).await.expect(201);
        assert_eq!(recorded["proof"], "roster");
    }

    async fn a_form_that_the_office_verified_is_corrected_by_the_office(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let done = ada.hands_in(&number, &course, "2026-02-01").await.expect(201).id();
        staff.verifies(&done).await.expect(200);
        trainer.corrects(&done, "2026-02-02").await.refused(409, "state-conflict").unmet(&["completion.corrected_by_office"]);
        let path = format!("/v1/completions/{done}");
        assert!(!trainer.get(&path).await.expect(200).allows("correct_completion"));
        assert!(staff.get(&path).await.expect(200).allows("correct_completion"));
        assert_eq!(staff.corrects(&done, "2026-02-02").await.expect(200)["completed_on"], "2026-02-02");
    }

    async fn no_correction_moves_the_requirement_beyond_the_award(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        world.travel_to("2026-06-01");
        for set in &SIX[..5] {
            staff.credits(&number, set, "2026-04-01").await;
        }
        let course = staff.approves(&provider, SIX[5], "2025-01-01").await;
        let told = trainer.posts_roster(&course, &[signed("Ada", "2026-05-20")]).await.expect(200);
        assert_eq!(told["rows"][0]["certified"], true);
        let last = told["rows"][0]["completion_id"].as_str().unwrap().to_owned();
        world.travel_to("2026-08-01");
        let events = world.events();
        trainer.corrects(&last, "2026-06-02").await.refused(409, "state-conflict").unmet(&["certification.met_before_award"]);
        staff.corrects(&last, "2026-06-02").await.refused(409, "state-conflict").unmet(&["certification.met_before_award"]);
        assert_eq!(world.events(), events);
        let certification = ada.progress(&number).await.text("certification_id");
        let path = format!("/v1/certifications/{certification}");
        assert_eq!(ada.get(&path).await.expect(200)["completed_on"], "2026-05-20");
        trainer.corrects(&last, "2026-06-01").await.expect(200);
        assert_eq!(ada.get(&path).await.expect(200)["completed_on"], "2026-06-01");
    }
}
