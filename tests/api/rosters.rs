//! Rosters: what a provider signs, row by row, and who comes for it later.

use serde_json::{Value, json};

use crate::support::{
    courses::signed,
    race::{CONTENDERS, contend},
    story::SIX,
    world::{each, each_world},
};

fn lines(roster: &Value) -> Vec<(u64, &str)> {
    let rows = roster["rows"].as_array().expect("rows").iter();
    rows.map(|row| (row["line"].as_u64().unwrap(), row["outcome"].as_str().unwrap())).collect()
}

fn unmet(row: &Value) -> Vec<&str> {
    let findings = row["findings"].as_array().expect("findings").iter();
    findings
        .filter(|one| one["satisfied"] == false)
        .map(|one| one["rule"].as_str().unwrap())
        .collect()
}

each_world! {
    async fn every_row_is_judged_for_itself(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let (ben, _) = world.candidate(&staff, "Ben").await;
        world.candidate(&staff, "Cleo").await;
        let mut disagrees = signed("Ada", "2026-02-01");
        disagrees["name"] = json!("Ben Example");
        let rows = [
            json!({"candidate_number": number, "completed_on": "2026-02-01"}),
            signed("Ben", "2022-12-31"),
            signed("Nobody Yet", "2024-05-05"),
            disagrees,
            signed("Ada", "2026-02-01"),
            signed("Cleo", "2026-03-02"),
            json!({"name": "Cleo Example", "completed_on": "2026-02-01"}),
            signed("Cleo", "never"),
            signed("Nobody Yet", "2024-05-05"),
            signed("Nobody Yet", "2024-05-06"),
            json!({"candidate_number": number, "email": "ben@example.org", "completed_on": "2026-02-01"}),
            json!({"candidate_number": "cand_00000000000000000000000000000000", "completed_on": "2026-02-01"}),
        ];
        let before = world.events();
        let dry = trainer.post(&format!("/v1/courses/{course}/roster?dry_run=true"), json!({"rows": rows})).await.expect(200);
        assert_eq!((world.events(), &dry["dry_run"]), (before, &json!(true)));
        assert!(dry["rows"][0]["completion_id"].is_null());
        assert_eq!(ada.achievements(&number).await, []);
        let told = trainer.posts_roster(&course, &rows).await.expect(200);
        assert_eq!(lines(&told.json), [
            (1, "verified"), (2, "refused"), (3, "waiting"), (4, "rejected"), (5, "known"), (6, "rejected"),
            (7, "rejected"), (8, "rejected"), (9, "known"), (10, "rejected"), (11, "rejected"), (12, "rejected"),
        ]);
        assert_eq!(lines(&told.json), lines(&dry.json));
        for (row, rule) in [
            (1, "credit.completion_window"), (3, "roster.identifiers_agree"), (5, "roster.completed_on"), (6, "roster.identified"),
            (7, "roster.completed_on"), (9, "roster.day_agrees"), (10, "roster.identifiers_agree"), (11, "roster.candidate_known"),
        ] {
            assert_eq!(unmet(&told["rows"][row]), [rule], "row {row}: {}", told["rows"][row]);
        }
        // What does not count may feed a portfolio, and that is said.
        assert!(told["rows"][1]["findings"].to_string().contains("portfolio"));
        assert_eq!(ada.achievements(&number).await, [("FND".to_owned(), "2026-03-01".to_owned(), true)]);
        let refused = ben.get("/v1/completions").await.expect(200);
        assert_eq!((&refused["items"][0]["state"], &refused["items"][0]["proof"]), (&json!("refused"), &json!("roster")));
        assert_eq!((world.count("achievement.recorded"), world.count("completion.recorded")), (1, 2));
        assert_eq!(world.happened_to(&provider).last().map(String::as_str), Some("roster.posted"));
        // The same file once more changes nothing.
        let again = trainer.posts_roster(&course, &rows[..3]).await.expect(200);
        assert_eq!(each(&again["rows"], "outcome"), ["known", "refused", "known"]);
        assert_eq!((world.count("completion.recorded"), world.count("waiting_completion.kept")), (2, 1));
    }

    async fn only_the_courses_provider_signs(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (other, _) = world.provider(&staff, "Harbor").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let foreign = staff.approves_course("FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let row = json!({"candidate_number": number, "completed_on": "2026-02-01"});
        let path = format!("/v1/courses/{course}/roster");
        other.posts_roster(&course, std::slice::from_ref(&row)).await.refused(403, "forbidden");
        ada.posts_roster(&course, std::slice::from_ref(&row)).await.refused(403, "forbidden");
        world.anyone().posts_roster(&course, std::slice::from_ref(&row)).await.refused(401, "unauthenticated");
        trainer.post_bare(&path, json!({"rows": [row]})).await.refused(400, "idempotency-key-required");
        trainer.post(&path, json!({"rows": []})).await.faulty("#/rows", "length");
        let mut rows = [row.clone(), row.clone(), row];
        rows[0]["course_id"] = json!(foreign);
        rows[1]["course_id"] = json!("course_00000000000000000000000000000000");
        let told = trainer.posts_roster(&course, &rows).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["rejected", "rejected", "verified"]);
        assert_eq!(unmet(&told["rows"][0]), ["roster.own_course"]);
        assert_eq!(unmet(&told["rows"][1]), ["credit.course_approved"]);
        assert!(told["rows"][1]["findings"].to_string().contains("portfolio"));
        // Its provider sees the completion, another one does not.
        let completion = told["rows"][2]["completion_id"].as_str().unwrap();
        assert!(trainer.get(&format!("/v1/completions/{completion}")).await.expect(200).allows("withdraw_completion"));
        other.get(&format!("/v1/completions/{completion}")).await.refused(404, "not-found");
        assert_eq!(each(&trainer.get("/v1/completions").await["items"], "id"), [completion]);
        assert_eq!(other.get("/v1/completions").await["items"], json!([]));
    }

    async fn a_file_is_a_roster(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "COM", "2025-01-01").await;
        let (_, number) = world.candidate(&staff, "Ada").await;
        let file = format!("candidate_number,email,name,completed_on\n\
            {number},,,2026-02-01\n,\"dee@example.org\",\"Dee Example\",2026-02-01\n,dee,Dee,2026-02-01\n");
        let told = trainer.post_csv(&format!("/v1/courses/{course}/roster"), &file).await.expect(200);
        assert_eq!(lines(&told.json), [(2, "verified"), (3, "waiting"), (4, "rejected")]);
        assert_eq!(told["rows"][2]["pointer"], "#/4");
        let bad = "candidate_number,score\nx,1\n";
        let answer = trainer.post_csv(&format!("/v1/courses/{course}/roster"), bad).await.refused(422, "invalid-input");
        assert_eq!(each(&answer["errors"], "pointer"), ["#/score"]);
    }

    async fn what_waits_is_claimed_by_whoever_is_admitted(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let mut courses = Vec::new();
        for set in SIX {
            courses.push(staff.approves(&provider, set, "2026-01-01").await);
        }
        let twice = staff.approves(&provider, "FND", "2026-01-01").await;
        // Credit reaches two years back before the approval, and not a day more.
        for (course, on) in courses.iter().zip(["2024-01-01", "2025-05-05", "2026-01-01", "2026-02-01", "2026-02-02", "2026-02-03"]) {
            let told = trainer.posts_roster(course, &[signed("Dee", on)]).await.expect(200);
            assert_eq!(each(&told["rows"], "outcome"), ["waiting"]);
        }
        let told = trainer.posts_roster(&twice, &[signed("Ina", "2023-12-31"), signed("Dee", "2026-02-01"), signed("Eve", "2026-02-01")]).await.expect(200);
        assert_eq!((each(&told["rows"], "outcome"), unmet(&told["rows"][0])), (vec!["rejected", "waiting", "waiting"], vec!["credit.completion_window"]));
        let list = trainer.get("/v1/waiting-completions").await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 8);
        let (dee, number) = world.candidate(&staff, "Dee").await;
        // Six sets at once: the certification is awarded on admission.
        let progress = dee.progress(&number).await;
        assert_eq!((&progress["satisfied"], &progress["completed_on"]), (&json!(true), &json!("2026-03-01")), "{}", progress.body());
        assert_eq!(world.count("certification.awarded"), 1);
        let refused = dee.get("/v1/completions?state=refused").await.expect(200);
        assert_eq!(each(&refused["items"], "course_id"), [twice.as_str()]);
        let waiting = trainer.get("/v1/waiting-completions?state=waiting").await.expect(200);
        assert_eq!(each(&waiting["items"], "email"), ["eve@example.org"]);
        let claimed = list["items"][0]["id"].as_str().unwrap();
        let shown = trainer.get(&format!("/v1/waiting-completions/{claimed}")).await.expect(200);
        assert_eq!(shown["state"], "claimed");
        assert!(!shown.allows("withdraw_waiting_completion"));
        assert_eq!(world.happened_to(claimed), ["waiting_completion.kept", "waiting_completion.claimed"]);
    }

    async fn nobody_claims_under_an_address_that_is_not_shown_to_be_theirs(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        trainer.posts_roster(&course, &[signed("Dee", "2026-02-01")]).await.expect(200);
        let dee = world.register("Dee").await;
        let number = staff.admits(&dee).await;
        assert_eq!(dee.achievements(&number).await, []);
        assert_eq!(each(&trainer.get("/v1/waiting-completions").await["items"], "state"), ["waiting"]);
    }

    async fn what_waits_is_corrected_and_withdrawn(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (other, _) = world.provider(&staff, "Harbor").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let told = trainer.posts_roster(&course, &[signed("Dee", "2026-02-01")]).await.expect(200);
        let id = told["rows"][0]["waiting_completion_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/waiting-completions/{id}");
        other.get(&path).await.refused(404, "not-found");
        assert_eq!(other.get("/v1/waiting-completions").await["items"], json!([]));
        let correction = json!({"completed_on": "2026-03-02", "reason": "Typo."});
        trainer.post(&format!("{path}/correct"), correction).await.faulty("#/completed_on", "order");
        let correction = json!({"completed_on": "2026-02-02", "reason": "Typo."});
        other.post(&format!("{path}/correct"), correction.clone()).await.refused(404, "not-found");
        let corrected = trainer.post(&format!("{path}/correct"), correction.clone()).await.expect(200);
        assert_eq!(corrected["completed_on"], "2026-02-02");
        let reason = json!({"reason": "Another person."});
        let withdrawn = trainer.post(&format!("{path}/withdraw"), reason.clone()).await.expect(200);
        assert_eq!((&withdrawn["state"], &withdrawn["reason"]), (&json!("withdrawn"), &json!("Another person.")));
        trainer.post(&format!("{path}/withdraw"), reason).await.refused(409, "state-conflict").unmet(&["waiting.state"]);
        trainer.post(&format!("{path}/correct"), correction).await.refused(409, "state-conflict").unmet(&["waiting.state"]);
        assert_eq!(world.happened_to(&id), ["waiting_completion.kept", "waiting_completion.corrected", "waiting_completion.withdrawn"]);
        // The same can wait anew.
        let told = trainer.posts_roster(&course, &[signed("Dee", "2026-02-01")]).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["waiting"]);
    }

    async fn what_a_candidate_handed_in_is_signed_by_the_roster(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let completion = ada.hands_in(&number, &course, "2026-02-01").await.expect(201).id();
        let told = trainer.posts_roster(&course, &[signed("Ada", "2026-02-02")]).await.expect(200);
        assert_eq!((each(&told["rows"], "outcome"), unmet(&told["rows"][0])), (vec!["rejected"], vec!["roster.day_agrees"]));
        let told = trainer.posts_roster(&course, &[signed("Ada", "2026-02-01")]).await.expect(200);
        assert_eq!((each(&told["rows"], "outcome"), each(&told["rows"], "completion_id")), (vec!["verified"], vec![completion.as_str()]));
        let shown = ada.get(&format!("/v1/completions/{completion}")).await.expect(200);
        assert_eq!((&shown["state"], &shown["proof"]), (&json!("verified"), &json!("roster")));
        // Another course for the same set does not count twice.
        let second = staff.approves(&provider, "FND", "2025-01-01").await;
        let told = trainer.posts_roster(&second, &[signed("Ada", "2026-02-01")]).await.expect(200);
        assert_eq!((each(&told["rows"], "outcome"), unmet(&told["rows"][0])), (vec!["refused"], vec!["achievement.not_achieved"]));
        assert_eq!(world.count("achievement.recorded"), 1);
    }

    async fn the_sixth_set_by_roster_is_awarded_in_the_same_answer(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        for set in &SIX[..5] {
            staff.credits(&number, set, "2026-02-01").await;
        }
        let course = staff.approves(&provider, SIX[5], "2025-01-01").await;
        let told = trainer.posts_roster(&course, &[signed("Ada", "2026-02-01")]).await.expect(200);
        assert_eq!((&told["rows"][0]["achieved"], &told["rows"][0]["certified"]), (&json!(true), &json!(true)));
        assert_eq!((ada.progress(&number).await["satisfied"].clone(), world.count("certification.awarded")), (json!(true), 1));
    }

    async fn sixteen_rosters_with_the_same_row(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let answers = contend(|_| {
            let (trainer, course) = (trainer.clone(), course.clone());
            async move { trainer.posts_roster(&course, &[signed("Ada", "2026-02-01"), signed("Dee", "2026-02-01")]).await }
        })
        .await;
        let outcomes: Vec<_> = answers.into_iter().map(|answer| {
            let answer = answer.expect(200);
            each(&answer["rows"], "outcome").join(" ")
        }).collect();
        let won = outcomes.iter().filter(|one| *one == "verified waiting").count();
        let known = outcomes.iter().filter(|one| *one == "known known").count();
        assert_eq!((won, known), (1, CONTENDERS - 1), "{outcomes:?}");
        assert_eq!(ada.achievements(&number).await.len(), 1);
        let counts = ["completion.recorded", "completion.verified", "achievement.recorded", "waiting_completion.kept"];
        assert_eq!(counts.map(|kind| world.count(kind)), [1; 4]);
    }

    async fn sixteen_ways_to_one_set_at_once(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let mut courses = Vec::new();
        let mut handed_in = Vec::new();
        for contender in 0..CONTENDERS {
            let course = staff.approves(&provider, "FND", "2025-01-01").await;
            if contender % 2 == 0 {
                handed_in.push(ada.hands_in(&number, &course, "2026-02-01").await.expect(201).id());
            }
            courses.push(course);
        }
        contend(|contender| {
            let (trainer, staff) = (trainer.clone(), staff.clone());
            let (course, completion) = (courses[contender].clone(), handed_in[contender / 2].clone());
            async move {
                if contender % 2 == 0 {
                    staff.verifies(&completion).await
                } else {
                    trainer.posts_roster(&course, &[signed("Ada", "2026-02-01")]).await
                }
            }
        })
        .await;
        assert_eq!((ada.achievements(&number).await.len(), world.count("achievement.recorded")), (1, 1));
    }

    async fn two_thousand_rows_are_one_request(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let mut rows: Vec<_> = (0..1_999).map(|one| signed(&format!("Reader{one}"), "2026-02-01")).collect();
        rows.push(signed("Ada", "2026-02-01"));
        let begun = std::time::Instant::now();
        let told = trainer.posts_roster(&course, &rows).await.expect(200);
        let took = begun.elapsed();
        assert_eq!((&told["waiting"], &told["verified"]), (&json!(1_999), &json!(1)));
        assert_eq!(told["rows"].as_array().unwrap().len(), 2_000);
        assert_eq!((world.count("waiting_completion.kept"), ada.achievements(&number).await.len()), (1_999, 1));
        assert!(took.as_secs() < 20, "{took:?}");
        eprintln!("a roster of 2,000 rows: {took:?}");
    }
}
