//! Graduates whose credit is gone, and those whom the office refused: when recognition counts once more.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    colleges::{ALL, graduate},
    courses::signed,
    world::{each, each_world},
};

/// The sets of a partial agreement.
const FIVE: [&str; 5] = ["FND", "TEC", "ACC", "CAT", "REF"];

/// What its graduates add.
fn add_com() -> Value {
    json!([{"set": "COM", "text": "By an approved course."}])
}

/// Staff void an achievement of a set in a candidacy.
async fn voids(staff: &Actor, candidacy: &str, set: &str) -> Answer {
    let list = staff.get(&format!("/v1/candidacies/{candidacy}/achievements")).await.expect(200);
    let items = list["items"].as_array().expect("a list").iter();
    let mut held = items.filter(|one| one["set"] == *set && one["stands"] == json!(true));
    let id = held.next_back().expect("an achievement")["id"].as_str().expect("an id").to_owned();
    let reason = json!({"reason": "The college named the wrong course."});
    staff.post(&format!("/v1/achievements/{id}/void"), reason).await
}

fn unmet(row: &Value) -> Vec<&str> {
    let findings = row["findings"].as_array().expect("findings").iter();
    findings
        .filter(|one| one["satisfied"] == false)
        .map(|one| one["rule"].as_str().unwrap())
        .collect()
}

each_world! {
    async fn a_graduate_is_credited_anew_in_the_candidacy_that_follows_a_withdrawn_one(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&FIVE, &add_com()).await;
        let ada = world.registers("Ada").await;
        let posted = campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let id = posted["rows"][0]["graduate_id"].as_str().unwrap().to_owned();
        let first = campus.staff.admits(&ada).await;
        assert_eq!(ada.achievements(&first).await.len(), 5);
        ada.post(&format!("/v1/candidacies/{first}/withdraw"), json!({})).await.expect(200);
        let application = ada.stands_before(&campus.staff, 35).await;
        let told = campus.staff.get(&format!("/v1/applications/{application}")).await.expect(200);
        assert_eq!((&told["recognition"][0]["graduate_id"], &told["recognition"][0]["candidacy_id"]), (&json!(id), &Value::Null));
        let second = campus.staff.accepts(&application).await.text("candidacy_id");
        let stands: Vec<_> = ada.achievements(&second).await.into_iter().map(|one| (one.0, one.2)).collect();
        assert_eq!(stands, FIVE.map(|set| (set.to_owned(), true)));
        assert_eq!(ada.get(&format!("/v1/graduates/{id}")).await.expect(200)["candidacy_id"], json!(second));
        assert_eq!(world.count("graduate.credited"), 2);
        assert_eq!(ada.achievements(&first).await.len(), 5, "what was achieved then stays told");
    }

    async fn a_graduate_is_credited_anew_after_a_candidacy_that_expired(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&FIVE, &add_com()).await;
        let ada = world.registers("Ada").await;
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let first = campus.staff.admits(&ada).await;
        world.travel_to("2031-03-02");
        assert_eq!(ada.progress(&first).await["status"], "expired");
        let second = campus.staff.admits(&ada).await;
        assert_eq!(ada.achievements(&second).await.len(), 5);
        assert_eq!(world.count("graduate.credited"), 2);
    }

    async fn a_graduate_is_credited_once_while_the_candidacy_runs_or_is_certified(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let posted = campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let id = posted["rows"][0]["graduate_id"].as_str().unwrap().to_owned();
        campus.staff.admits(&ada).await;
        let withdraw = json!({"reason": "Another Ada."});
        campus.cora.post(&format!("/v1/graduates/{id}/withdraw"), withdraw).await.refused(409, "state-conflict").unmet(&["graduate.not_credited"]);
        // Once the certification has lapsed there is a new candidacy, in which recognition counts anew.
        world.travel_to("2031-01-01");
        let again = campus.staff.admits(&ada).await;
        assert_eq!((ada.achievements(&again).await.len(), world.count("graduate.credited")), (6, 2));
    }

    async fn a_voided_recognition_waits_for_the_office_and_is_credited_again(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&FIVE, &add_com()).await;
        let ada = world.registers("Ada").await;
        let row = [graduate("Ada", "2026-01-15")];
        let posted = campus.cora.posts(&agreement, &row).await.expect(200);
        let id = posted["rows"][0]["graduate_id"].as_str().unwrap().to_owned();
        let candidacy = campus.staff.admits(&ada).await;
        voids(&campus.staff, &candidacy, "TEC").await.expect(200);
        let told = campus.staff.get(&format!("/v1/graduates/{id}")).await.expect(200);
        assert_eq!((&told["state"], &told["candidacy_id"], &told["decided_on"]), (&json!("posted"), &Value::Null, &Value::Null));
        assert!(told.allows("verify_graduate"));
        // The college's word was there before: posting it again credits nothing.
        let again = campus.cora.posts(&agreement, &row).await.expect(200);
        assert_eq!(each(&again["rows"], "outcome"), ["already_posted"]);
        assert_eq!(ada.progress(&candidacy).await["missing_required"], json!(["COM", "TEC"]));
        let verified = campus.staff.finds(&id, "verify").await.expect(200);
        assert_eq!((&verified["state"], &verified["candidacy_id"]), (&json!("verified"), &json!(candidacy)));
        let held: Vec<_> = ada.achievements(&candidacy).await.into_iter().map(|one| (one.0, one.2)).collect();
        assert_eq!(held, [("FND", true), ("TEC", false), ("ACC", true), ("CAT", true), ("REF", true), ("TEC", true)].map(|(set, stands)| (set.to_owned(), stands)));
        let happened = ["graduate.posted", "graduate.matched", "graduate.verified", "graduate.credited", "graduate.credit_voided", "graduate.verified", "graduate.credited"];
        assert_eq!(world.happened_to(&id), happened);
    }

    async fn a_bundle_that_was_complete_counts_once_the_other_achievement_is_voided(world) {
        let campus = world.campus().await;
        let staff = &campus.staff;
        let (trainer, provider) = world.provider(staff, "Prairie").await;
        let first = staff.approves(&provider, "YTH", "2025-06-01").await;
        let second = staff.approves(&provider, "YTH", "2025-06-01").await;
        let bundle = world.bundles(&provider, "YTH", &[&first, &second]).await;
        let agreement = campus.signs(&["FND", "TEC", "YTH", "CAT", "REF"], &add_com()).await;
        let ada = world.registers("Ada").await;
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let candidacy = staff.admits(&ada).await;
        for (course, message) in [(&first, "others of its bundle are still missing"), (&second, "completes its bundle")] {
            let told = trainer.posts_roster(course, &[signed("Ada", "2026-02-01")]).await.expect(200);
            let row = &told["rows"][0];
            assert_eq!((&row["outcome"], &row["achieved"]), (&json!("verified"), &json!(false)));
            assert!(row["message"].as_str().unwrap().contains(message), "{row}");
        }
        voids(staff, &candidacy, "YTH").await.expect(200);
        let list = ada.get(&format!("/v1/candidacies/{candidacy}/achievements")).await.expect(200);
        let made = list["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&made["set"], &made["stands"], &made["evidence"]), (&json!("YTH"), &json!(true), &json!(bundle)));
    }

    async fn the_college_does_not_set_a_refusal_of_the_office_aside(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let row = [graduate("Ada", "2026-01-15")];
        let posted = campus.cora.posts(&agreement, &row).await.expect(200);
        let id = posted["rows"][0]["graduate_id"].as_str().unwrap().to_owned();
        campus.staff.finds(&id, "refuse").await.expect(200);
        let candidacy = campus.staff.admits(&ada).await;
        let again = campus.cora.posts(&agreement, &row).await.expect(200);
        assert_eq!((each(&again["rows"], "outcome"), &again["refused"]), (vec!["refused"], &json!(1)));
        assert_eq!((unmet(&again["rows"][0]), &again["rows"][0]["graduate_id"]), (vec!["graduate.not_refused"], &json!(id)));
        assert!(again["rows"][0]["findings"][0]["message"].as_str().unwrap().contains("another program"));
        assert_eq!((ada.achievements(&candidacy).await.len(), world.count("graduate.posted")), (0, 1));
        // The person may claim it, which the office decides.
        let claim = ada.claims(&agreement, "2026-01-15").await.expect(201).id();
        campus.staff.finds(&claim, "verify").await.expect(200);
        assert_eq!(ada.progress(&candidacy).await["status"], "completed");
    }

    async fn a_refused_transcript_does_not_bind_the_college(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let claim = ada.claims(&agreement, "2026-01-15").await.expect(201).id();
        campus.staff.finds(&claim, "refuse").await.expect(200);
        let posted = campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        assert_eq!(each(&posted["rows"], "outcome"), ["posted"]);
    }

    async fn who_takes_the_name_that_a_college_posted_is_matched_then(world) {
        let campus = world.campus().await;
        let agreement = campus.signs(&ALL, &json!([])).await;
        let ada = world.registers("Ada").await;
        let candidacy = campus.staff.admits(&ada).await;
        let mut row = graduate("Ada", "2026-01-15");
        row["name"] = json!("Ada Lovelace");
        // An address under another name is refused; posted before she registered it waits.
        let refused = campus.cora.posts(&agreement, std::slice::from_ref(&row)).await.expect(200);
        assert_eq!(each(&refused["rows"], "outcome"), ["refused"]);
        row["email"] = json!("lovelace@example.org");
        campus.cora.posts(&agreement, std::slice::from_ref(&row)).await.expect(200);
        let body = json!({"email": "lovelace@example.org"});
        ada.post(&format!("/v1/people/{}/emails", ada.id), body).await.expect(200);
        world.verify_addresses(&ada).await;
        assert_eq!(ada.progress(&candidacy).await["satisfied"], false);
        ada.patch(&format!("/v1/people/{}", ada.id), "*", json!({"family_name": "Lovelace"})).await.expect(200);
        assert_eq!(ada.progress(&candidacy).await["satisfied"], true);
        assert_eq!((world.count("graduate.matched"), world.count("graduate.credited")), (1, 1));
    }

    async fn a_spare_elective_carries_a_certification_when_a_completion_is_withdrawn(world) {
        let campus = world.campus().await;
        let staff = &campus.staff;
        let agreement = campus.signs(&["FND", "COM", "TEC", "CAT", "REF"], &json!([{"set": "ACC", "text": "By a course."}])).await;
        let ada = world.registers("Ada").await;
        let candidacy = staff.admits(&ada).await;
        let first = staff.credits(&candidacy, "ACC", "2026-02-01").await;
        let second = staff.credits(&candidacy, "ARA", "2026-02-01").await;
        campus.cora.posts(&agreement, &[graduate("Ada", "2026-01-15")]).await.expect(200);
        let certification = ada.progress(&candidacy).await.text("certification_id");
        let path = format!("/v1/certifications/{certification}");
        let before = ada.get(&path).await.expect(200);
        let grounds = |one: &Answer| each(&one["achievements"], "set").into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(grounds(&before)[3..5], ["ACC", "ARA"]);
        staff.withdraws_completion(&first).await.expect(200);
        let after = ada.get(&path).await.expect(200);
        assert_eq!((&after["completed_on"], &after["number"], &after["expires_on"]), (&before["completed_on"], &before["number"], &before["expires_on"]));
        assert_eq!((grounds(&after).len(), grounds(&after).contains(&"ACC".to_owned())), (6, false));
        assert_eq!((world.count("certification.corrected"), world.count("achievement.voided")), (1, 1));
        // No spare one is left.
        staff.withdraws_completion(&second).await.refused(409, "state-conflict").unmet(&["achievement.not_certified"]);
        assert_eq!(world.count("achievement.voided"), 1);
    }
}
