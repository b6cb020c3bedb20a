//! Graduates short of the hours of work: accepted provisionally, certified under a public condition.

use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    colleges::{ALL, Campus, graduate},
    story::job,
    world::{World, each, each_world},
};

/// Ada graduated, works little, and is certified all the same.
struct Provisional {
    campus: Campus,
    ada: Actor,
    accepted: Value,
    certification: String,
    number: String,
}

async fn provisional(world: &World) -> Provisional {
    let campus = world.campus().await;
    let agreement = campus.signs(&ALL, &json!([])).await;
    let ada = world.registers("Ada").await;
    campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
    let application = ada.stands_before(&campus.staff, 8).await;
    let told = campus.staff.get(&format!("/v1/applications/{application}")).await.expect(200);
    assert!(told.allows("accept_application"));
    let accepted = campus.staff.accepts(&application).await;
    let progress = ada.progress(&accepted.text("candidacy_id")).await;
    assert_eq!(progress["owes_hours"], true);
    let (certification, number) =
        (progress.text("certification_id"), progress.text("certificate_number"));
    Provisional { campus, ada, accepted: accepted.json, certification, number }
}

/// Jobs with so many hours a week in the year before this one.
fn jobs(hours_per_week: u32) -> Value {
    let mut job = job();
    job["started_on"] = json!("2024-03-01");
    job["hours_per_week"] = json!(hours_per_week);
    json!({"jobs": [job]})
}

each_world! {
    async fn a_graduate_short_of_the_hours_is_certified_under_a_condition(world) {
        let ada = provisional(world).await;
        let unmet: Vec<_> = ada.accepted["decision"]["findings"].as_array().unwrap().iter().filter(|one| one["satisfied"] == false).map(|one| one["rule"].clone()).collect();
        assert_eq!(unmet, ["eligibility.work_hours"]);
        let shown = world.anyone().get(&format!("/v1/verifications/{}", ada.number)).await.expect(200);
        assert_eq!((&shown["certified"], &shown["status"]), (&json!(true), &json!("provisional")));
        let condition = &shown["condition"];
        assert_eq!((&condition["kind"], &condition["state"], &condition["ends_on"]), (&json!("work_hours"), &json!("open"), &json!("2030-03-01")));
        let facts = json!({"completed_on": "2026-03-01", "provisional_until": "2030-03-01", "as_of": "2026-03-01"});
        let evaluated = world.anyone().post("/v1/evaluations/certification-status", facts).await.expect(200);
        assert_eq!((&evaluated["status"], &evaluated["certified"]), (&shown["status"], &shown["certified"]));
        let listed = ada.campus.staff.get("/v1/certifications?status=provisional").await.expect(200);
        assert_eq!(each(&listed["items"], "id"), [ada.certification.as_str()]);
        assert_eq!((world.count("candidacy.admitted_provisionally"), world.count("certification.awarded")), (1, 1));
    }

    async fn jobs_that_show_the_hours_end_it(world) {
        let ada = provisional(world).await;
        let path = format!("/v1/certifications/{}/condition", ada.certification);
        let staff = &ada.campus.staff;
        staff.post(&path, jobs(8)).await.refused(422, "rule-not-met").unmet(&["eligibility.work_hours"]);
        staff.post(&path, json!({})).await.faulty("#/jobs", "required");
        ada.ada.post(&path, jobs(35)).await.refused(403, "forbidden");
        world.register("Bob").await.post(&path, jobs(35)).await.refused(404, "not-found");
        staff.post_bare(&path, jobs(35)).await.refused(400, "idempotency-key-required");
        world.travel_to("2026-09-01");
        let met = staff.post(&path, jobs(35)).await.expect(200);
        assert_eq!((&met["status"], &met["condition"]["state"], &met["condition"]["met_on"]), (&json!("active"), &json!("met"), &json!("2026-09-01")));
        staff.post(&path, jobs(35)).await.refused(409, "state-conflict").unmet(&["certification.condition_open"]);
        // The past stays what it was.
        let then = async |day: &str| world.anyone().get(&format!("/v1/verifications/{}?as_of={day}", ada.number)).await["status"].clone();
        assert_eq!((then("2026-08-31").await, then("2026-09-01").await, then("2030-03-01").await), (json!("provisional"), json!("active"), json!("active")));
        assert_eq!((world.count("certification.condition_met"), world.count("candidacy.hours_shown")), (1, 1));
    }

    async fn hours_are_shown_before_the_certification_too(world) {
        let campus = world.campus().await;
        let without = ["FND", "TEC", "ACC", "CAT", "REF"];
        let agreement = campus.signs(&without, &json!([{"set": "COM", "text": "By a course."}])).await;
        let ada = world.registers("Ada").await;
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let application = ada.stands_before(&campus.staff, 8).await;
        let candidacy = campus.staff.accepts(&application).await.text("candidacy_id");
        assert_eq!(ada.progress(&candidacy).await["owes_hours"], true);
        let path = format!("/v1/candidacies/{candidacy}/hours");
        let staff = &campus.staff;
        assert!(staff.get(&format!("/v1/candidacies/{candidacy}")).await.expect(200).allows("show_hours"));
        staff.post(&path, jobs(8)).await.refused(422, "rule-not-met").unmet(&["eligibility.work_hours"]);
        staff.post(&path, json!({})).await.faulty("#/jobs", "required");
        ada.post(&path, jobs(35)).await.refused(403, "forbidden");
        world.register("Bob").await.post(&path, jobs(35)).await.refused(404, "not-found");
        staff.post_bare(&path, jobs(35)).await.refused(400, "idempotency-key-required");
        staff.post(&path, jobs(35)).await.expect(200);
        staff.post(&path, jobs(35)).await.refused(409, "state-conflict").unmet(&["candidacy.owes_hours"]);
        assert_eq!(ada.progress(&candidacy).await["owes_hours"], false);
        staff.credits(&candidacy, "COM", "2026-02-01").await;
        let number = ada.progress(&candidacy).await.text("certificate_number");
        let shown = world.anyone().get(&format!("/v1/verifications/{number}")).await.expect(200);
        assert_eq!((&shown["status"], &shown["condition"]), (&json!("active"), &json!(null)));
        assert_eq!(world.count("candidacy.hours_shown"), 1);
    }

    async fn hours_of_a_certified_candidate_end_the_condition(world) {
        let ada = provisional(world).await;
        let candidacy = ada.accepted["candidacy_id"].as_str().unwrap();
        let path = format!("/v1/candidacies/{candidacy}/hours");
        ada.campus.staff.post(&path, jobs(35)).await.refused(409, "state-conflict").unmet(&["certification.not_awarded"]);
        assert_eq!(world.count("candidacy.hours_shown"), 0);
    }

    async fn the_office_may_take_the_hours_as_shown(world) {
        let ada = provisional(world).await;
        let path = format!("/v1/certifications/{}/condition", ada.certification);
        let both = json!({"jobs": jobs(35)["jobs"], "reason": "A letter."});
        ada.campus.staff.post(&path, both).await.faulty("#/reason", "exclusive");
        let met = ada.campus.staff.post(&path, json!({"reason": "A letter of her library."})).await.expect(200);
        assert_eq!(met["status"], "active");
        assert_eq!(world.happened_to(&ada.certification), ["certification.awarded", "certification.condition_met"]);
    }

    async fn it_lapses_when_the_hours_are_not_shown_in_time(world) {
        let ada = provisional(world).await;
        world.travel_to("2030-03-01");
        let status = async || world.anyone().get(&format!("/v1/verifications/{}", ada.number)).await.expect(200);
        assert_eq!(status().await["status"], "provisional");
        world.travel_to("2030-03-02");
        let lapsed = status().await;
        assert_eq!((&lapsed["status"], &lapsed["certified"], &lapsed["condition"]["state"]), (&json!("lapsed"), &json!(false), &json!("lapsed")));
        let path = format!("/v1/certifications/{}/condition", ada.certification);
        ada.campus.staff.post(&path, json!({"reason": "Late."})).await.refused(409, "state-conflict").unmet(&["certification.condition_open"]);
        // It is never renewed: she may apply anew at once, not only when the grace period is over.
        let candidacy = ada.campus.staff.admits(&ada.ada).await;
        let progress = ada.ada.progress(&candidacy).await;
        assert_eq!((&progress["status"], &progress["owes_hours"]), (&json!("completed"), &json!(false)));
        assert_eq!(world.count("graduate.credited"), 2);
    }

    async fn only_the_hours_may_be_owed_and_only_by_a_recognised_graduate(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let (ada, bob) = (world.registers("Ada").await, world.registers("Bob").await);
        let short = bob.stands_before(&campus.staff, 8).await;
        campus.staff.decides(&short, "accept", json!({})).await.refused(422, "rule-not-met").unmet(&["eligibility.work_hours"]);
        // A claim that nobody checked yet changes nothing.
        let claim = bob.claims(&agreement, "2026-01-15").await.expect(201).id();
        campus.staff.decides(&short, "accept", json!({})).await.refused(422, "rule-not-met").unmet(&["eligibility.work_hours", "recognition.verified_graduate"]);
        campus.staff.finds(&claim, "verify").await.expect(200);
        campus.staff.accepts(&short).await;
        // Without any job, and with too little education.
        let bare = json!({"education": "none", "payment_choice": "card"});
        let draft = ada.post("/v1/applications", bare).await.expect(201).id();
        ada.acts_on(&draft, "submit").await.refused(422, "rule-not-met").unmet(&["application.jobs"]);
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        assert!(ada.get(&format!("/v1/applications/{draft}")).await.expect(200).allows("submit_application"));
        let submitted = ada.acts_on(&draft, "submit").await.expect(200);
        campus.staff.reviews(&draft).await;
        campus.staff.settles(&submitted).await;
        let refused = campus.staff.decides(&draft, "accept", json!({})).await.refused(422, "rule-not-met");
        refused.unmet(&["eligibility.education", "eligibility.work_hours", "eligibility.support_staff_position"]);
        // Refused: the college's word has verified nobody.
        assert_eq!((world.count("candidacy.admitted_provisionally"), world.count("graduate.verified")), (1, 1));
    }
}
