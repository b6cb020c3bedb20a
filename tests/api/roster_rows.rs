//! Rows of a roster that meet what is there already, and rows that cannot be read.

use serde_json::{Value, json};

use crate::support::{
    courses::signed,
    world::{each, each_world},
};

fn unmet(row: &Value) -> Vec<&str> {
    let findings = row["findings"].as_array().expect("findings").iter();
    findings
        .filter(|one| one["satisfied"] == false)
        .map(|one| one["rule"].as_str().unwrap())
        .collect()
}

fn errors(row: &Value) -> Vec<(&str, &str)> {
    let errors = row["errors"].as_array().expect("errors").iter();
    errors.map(|one| (one["column"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
}

each_world! {
    async fn a_roster_signs_for_the_set_of_its_course(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let wrong = json!({"course_id": course, "set": "COM", "completed_on": "2026-02-01",
            "proof": "completion_form", "proof_url": "https://college.example.org/form.pdf"});
        let path = format!("/v1/candidacies/{number}/completions");
        let handed_in = ada.post(&path, wrong).await.expect(201).id();
        let told = trainer.posts_roster(&course, &[signed("Ada", "2026-02-01")]).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["verified"], "{}", told.body());
        let shown = ada.get(&format!("/v1/completions/{handed_in}")).await.expect(200);
        assert_eq!((&shown["set"], &shown["proof"]), (&json!("FND"), &json!("roster")));
        assert_eq!(ada.achievements(&number).await, [("FND".to_owned(), "2026-03-01".to_owned(), true)]);
    }

    async fn what_was_refused_is_judged_again(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        staff.credits(&number, "FND", "2026-02-01").await;
        let row = [signed("Ada", "2026-02-02")];
        let told = trainer.posts_roster(&course, &row).await.expect(200);
        assert_eq!((each(&told["rows"], "outcome"), unmet(&told["rows"][0])), (vec!["refused"], vec!["achievement.not_achieved"]));
        let completion = told["rows"][0]["completion_id"].clone();
        // As long as nothing changed it stays refused, with its findings, and nothing happens.
        let told = trainer.posts_roster(&course, &[row[0].clone(), row[0].clone()]).await.expect(200);
        assert_eq!((each(&told["rows"], "outcome"), unmet(&told["rows"][1])), (vec!["refused"; 2], vec!["achievement.not_achieved"]));
        assert_eq!((&told["rows"][0]["completion_id"], &told["refused"]), (&completion, &json!(2)));
        assert_eq!(world.happened_to(completion.as_str().unwrap()), ["completion.recorded", "completion.refused"]);
        let list = format!("/v1/candidacies/{number}/achievements");
        let achievement = ada.get(&list).await["items"][0]["id"].as_str().unwrap().to_owned();
        let reason = json!({"reason": "The form was forged."});
        staff.post(&format!("/v1/achievements/{achievement}/void"), reason).await.expect(200);
        // Rehearsed, the completion that is there is told, and stays refused.
        let dry = trainer.post(&format!("/v1/courses/{course}/roster?dry_run=true"), json!({"rows": row})).await.expect(200);
        assert_eq!((each(&dry["rows"], "outcome"), &dry["rows"][0]["completion_id"]), (vec!["verified"], &completion));
        let told = trainer.posts_roster(&course, &row).await.expect(200);
        assert_eq!((&told["rows"][0]["outcome"], &told["rows"][0]["achieved"]), (&json!("verified"), &json!(true)));
        assert_eq!(told["rows"][0]["completion_id"], completion);
        assert_eq!(ada.achievements(&number).await.iter().map(|one| one.2).collect::<Vec<_>>(), [false, true]);
        let happened = ["completion.recorded", "completion.refused", "completion.corrected", "completion.verified"];
        assert_eq!(world.happened_to(completion.as_str().unwrap()), happened);
        let told = trainer.posts_roster(&course, &row).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["known"]);
    }

    async fn a_bad_cell_refuses_its_row_alone(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let long = "x".repeat(3_000);
        let rows = [
            json!({"candidate_number": number, "completed_on": "2026-02-01"}),
            json!({"candidate_number": "17", "email": "ada", "completed_on": ""}),
            json!({"email": "ada@example.org", "name": " ", "completed_on": "2026-02-01"}),
            json!({"email": "dee@example.org", "name": long, "completed_on": "2026-2-1"}),
            json!({"email": "dee@example.org", "name": "Dee Example", "course_id": "nonsense"}),
        ];
        let told = trainer.posts_roster(&course, &rows).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["verified", "rejected", "rejected", "rejected", "rejected"]);
        let found: Vec<_> = (0..5).map(|row| errors(&told["rows"][row])).collect();
        assert_eq!(found[0], []);
        assert_eq!(found[1], [("candidate_number", "format"), ("email", "format"), ("completed_on", "required")]);
        assert_eq!(found[2], [("name", "required")]);
        assert_eq!(found[3], [("name", "length"), ("completed_on", "format")]);
        assert_eq!(found[4], [("completed_on", "required"), ("course_id", "format")]);
        assert_eq!(ada.achievements(&number).await.len(), 1);
        let file = "email,name,completed_on\ndee@example.org,Dee Example,2026-02-01\nada@example.org,Ada Example,\n";
        let told = trainer.post_csv(&format!("/v1/courses/{course}/roster"), file).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["waiting", "rejected"]);
        assert_eq!((&told["rows"][1]["line"], errors(&told["rows"][1])), (&json!(3), vec![("completed_on", "required")]));
    }

    async fn a_rehearsal_names_nothing_that_is_never_stored(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (_, number) = world.candidate(&staff, "Ada").await;
        let kept = trainer.posts_roster(&course, &[signed("Eve", "2026-02-01")]).await.expect(200);
        let ada = json!({"candidate_number": number, "completed_on": "2026-02-01"});
        let rows = [
            signed("Dee", "2026-02-01"), signed("Dee", "2026-02-01"), signed("Dee", "2026-02-02"),
            ada.clone(), ada, signed("Eve", "2026-02-01"),
        ];
        let path = format!("/v1/courses/{course}/roster?dry_run=true");
        let told = trainer.post(&path, json!({"rows": rows})).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["waiting", "known", "rejected", "verified", "known", "known"]);
        for row in 0..5 {
            let row = &told["rows"][row];
            assert_eq!((&row["completion_id"], &row["waiting_completion_id"]), (&Value::Null, &Value::Null), "{row}");
        }
        assert_eq!(told["rows"][5]["waiting_completion_id"], kept["rows"][0]["waiting_completion_id"]);
    }

    async fn a_number_of_a_candidacy_that_ended_counts_in_the_one_that_runs(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, first) = world.candidate(&staff, "Ada").await;
        ada.post(&format!("/v1/candidacies/{first}/withdraw"), json!({})).await.expect(200);
        let second = staff.admits(&ada).await;
        let row = json!({"candidate_number": first, "completed_on": "2026-02-01"});
        let told = trainer.posts_roster(&course, &[row]).await.expect(200);
        assert_eq!((&told["rows"][0]["outcome"], &told["rows"][0]["candidacy_id"]), (&json!("verified"), &json!(second)));
        assert_eq!((ada.achievements(&first).await.len(), ada.achievements(&second).await.len()), (0, 1));
    }

    async fn a_row_of_who_withdrew_is_kept_for_the_next_candidacy(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let other = staff.approves(&provider, "COM", "2025-01-01").await;
        let (ada, first) = world.candidate(&staff, "Ada").await;
        trainer.posts_roster(&other, &[signed("Ada", "2026-02-01")]).await.expect(200);
        ada.post(&format!("/v1/candidacies/{first}/withdraw"), json!({})).await.expect(200);
        let numbered = json!({"candidate_number": first, "completed_on": "2026-02-01"});
        let rows = [signed("Ada", "2026-02-01"), signed("Ada", "2026-02-01"), numbered];
        let told = trainer.posts_roster(&course, &rows).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["waiting", "known", "rejected"], "{}", told.body());
        assert_eq!(unmet(&told["rows"][2]), ["candidacy.status"], "a number alone says nothing to wait under");
        // What was signed before the withdrawal is still known.
        let again = trainer.posts_roster(&other, &[signed("Ada", "2026-02-01")]).await.expect(200);
        assert_eq!(each(&again["rows"], "outcome"), ["known"]);
        let second = staff.admits(&ada).await;
        assert_eq!(ada.achievements(&second).await.into_iter().map(|one| one.0).collect::<Vec<_>>(), ["FND"]);
        assert_eq!((world.count("waiting_completion.kept"), world.count("waiting_completion.claimed")), (1, 1));
    }

    async fn a_row_that_is_none_rejects_itself_alone(world) {
        let campus = world.campus().await;
        let (trainer, provider) = world.provider(&campus.staff, "Prairie").await;
        let course = campus.staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&campus.staff, "Ada").await;
        let file = "email,name,completed_on\nben@example.org,Ben Example\nada@example.org,Ada Example,2026-02-01\ncy@example.org,C\u{7}y Example,2026-02-01\n";
        let told = trainer.post_csv(&format!("/v1/courses/{course}/roster"), file).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), ["rejected", "verified", "rejected"], "{}", told.body());
        assert_eq!(each(&told["rows"], "pointer"), ["#/2", "#/3", "#/4"]);
        assert_eq!((errors(&told["rows"][0]), unmet(&told["rows"][0])), (vec![("", "length")], vec!["roster.readable"]));
        assert_eq!(errors(&told["rows"][2]), [("name", "format")]);
        assert_eq!(ada.achievements(&number).await.len(), 1);
        trainer.post_csv(&format!("/v1/courses/{course}/roster"), "email,colour\na@example.org,red\n").await.refused(422, "invalid-input");
        // So do graduates of a college.
        let agreement = campus.signs(&crate::support::colleges::ALL, &json!([])).await;
        let file = "email,name,graduated_on\nnora@example.org,Nora Lind,2026-01-15\nshort@example.org,Short\nbell@example.org,Be\u{7}ll,2026-01-15\n";
        let posted = campus.cora.posts_file(&agreement, file).await.expect(200);
        assert_eq!(each(&posted["rows"], "outcome"), ["posted", "bad", "bad"]);
        assert_eq!((errors(&posted["rows"][1]), &posted["rows"][1]["line"]), (vec![("", "length")], &json!(3)));
        assert_eq!(world.count("graduate.posted"), 1);
    }

    async fn five_thousand_rows_of_json_are_not_too_large(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let row = |number: usize| json!({"email": format!("wilhelmina.featherstonehaugh.{number}@a-long-name-of-a-library.example.org"),
            "name": format!("Wilhelmina Elisabeth Featherstonehaugh {number}"), "completed_on": "2027-02-01", "course_id": course});
        let rows: Vec<_> = (0..5_000).map(row).collect();
        let path = format!("/v1/courses/{course}/roster?dry_run=true");
        let told = trainer.post(&path, json!({"rows": rows})).await.expect(200);
        assert_eq!(told["rejected"], 5_000, "all of them are of the next year");
    }
}
