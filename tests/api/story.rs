//! The main job in one go: from registration to a certificate that anyone verifies.

use serde_json::json;

use crate::support::{
    story::SIX,
    world::{each, each_world},
};

each_world! {
    async fn ada_registers_applies_studies_is_certified_and_anyone_verifies_it(world) {
        let office = world.staff().await;
        let ada = world.register("Ada").await;

        let application = ada.applies().await;
        assert_eq!(application["state"], "submitted");
        office.reviews(&application.id()).await;
        office
            .decides(&application.id(), "accept", json!({}))
            .await
            .refused(422, "rule-not-met")
            .unmet(&["application.fee_settled"]);
        assert_eq!(world.count("candidacy.admitted"), 0);
        office.settles(&application).await;
        let accepted = office.accepts(&application.id()).await;
        assert_eq!(accepted["state"], "accepted");
        let candidacy = accepted.text("candidacy_id");

        let progress = ada.progress(&candidacy).await;
        assert_eq!(progress["deadline"], "2030-03-01");
        assert_eq!(progress["missing_required"], json!(["FND", "COM", "TEC"]));
        assert_eq!(progress["electives_missing"], 3);

        for (index, set) in SIX.into_iter().enumerate() {
            assert_eq!(world.count("certification.awarded"), 0);
            let date = format!("2026-{:02}-15", 4 + index);
            world.travel_to(&date);
            let course = office.approves_course(set, "2025-01-01").await;
            let completion = ada.hands_in(&candidacy, &course, &date).await.expect(201);
            assert_eq!(completion["state"], "recorded");
            let verified = office.verifies(&completion.id()).await.expect(200);
            assert_eq!(verified["state"], "verified");
        }

        let progress = ada.progress(&candidacy).await;
        assert_eq!(progress["status"], "completed");
        assert_eq!(progress["completed_on"], "2026-09-15");
        let number = progress.text("certificate_number");
        let certification = progress.text("certification_id");
        let held = ada.get(&format!("/v1/certifications/{certification}")).await.expect(200);
        assert_eq!(held["holder_name"], "Ada Example");
        assert_eq!(each(&held["achievements"], "set"), SIX);

        let verified = world.anyone().get(&format!("/v1/verifications/{number}")).await.expect(200);
        assert_eq!(verified["certified"], true);
        assert_eq!(verified["status"], "active");
        assert_eq!(verified["holder_name"], "Ada Example");
        assert_eq!(verified["expires_on"], "2030-09-15");
        assert!(!verified.body().contains(&ada.id), "nothing but what verification is for");

        assert_eq!(
            world.happened_to(&application.id()),
            [
                "application.drafted",
                "application.submitted",
                "application.review_started",
                "application.accepted",
            ]
        );
        assert_eq!(
            world.happened_to(&candidacy),
            ["candidacy.admitted", "candidacy.completed"]
        );
        assert_eq!(world.count("certification.awarded"), 1);
        assert_eq!(world.count("completion.verified"), 6);
        assert_eq!(ada.subscriptions_of(&ada).await[0]["state"], "active");
        let told = ["Confirm your e-mail address", "Your LSSC account is active", "Your invoice", "Your application is accepted",
            "You are certified"];
        assert!(world.mails().iter().all(|mail| told.iter().any(|subject| mail.contains(subject))));
    }
}
