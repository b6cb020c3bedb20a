//! The undo of imports: what nothing rests on is taken back, and the rest says why not.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{actor::Actor, imports::told, story::SIX, world::each_world};

const PEOPLE: &str = "source_id,given_name,family_name,email\n\
    u-1,Ida,Novak,ida@example.org\nu-2,Omar,Reyes,omar@example.org\nu-3,Ada,Example,ada@example.org\n";

/// What an undo made of each row: the state, and whether a reason is told.
async fn undone(actor: &Actor, id: &str) -> Vec<(i64, Option<String>, bool)> {
    let told = |row: &Value| {
        let state = row["undo_state"].as_str().map(str::to_owned);
        (row["line"].as_i64().unwrap(), state, row["undo_reason"].is_string())
    };
    actor.import_rows(id).await.iter().map(told).collect()
}

fn kept(line: i64) -> (i64, Option<String>, bool) {
    (line, Some("kept".to_owned()), true)
}

fn gone(line: i64) -> (i64, Option<String>, bool) {
    (line, Some("undone".to_owned()), false)
}

fn untouched(line: i64) -> (i64, Option<String>, bool) {
    (line, None, false)
}

each_world! {
    async fn people_are_erased_unless_something_came_after(world) {
        let (staff, _ada) = (world.staff().await, world.register("Ada").await);
        let import = staff.imports("kind=people", PEOPLE).await;
        let (ida, omar) = (staff.made_by(&import, 2).await, staff.made_by(&import, 3).await);
        world.advance(TimeDelta::minutes(1));
        let renamed = json!({"given_name": "Omar", "family_name": "Reyes-Hill"});
        staff.patch(&format!("/v1/people/{omar}"), "\"v1\"", renamed).await.expect(200);
        let job = staff.undoes_import(&import).await;
        assert_eq!((&job["undo"]["undone"], &job["undo"]["kept"], &job["accepted"]), (&json!(1), &json!(1), &json!(2)));
        assert_eq!(undone(&staff, &import).await, [gone(2), kept(3), untouched(4)]);
        staff.get(&format!("/v1/people/{ida}")).await.refused(404, "not-found");
        assert_eq!(world.happened_to(&ida), ["person.registered", "person.erased"]);
        staff.get(&format!("/v1/people/{omar}")).await.expect(200);
        assert_eq!(world.happened_to(&import), ["import.requested", "import.finished", "import.undo_requested", "import.undone"]);
        // It is undone once; and the file can be imported anew.
        staff.post_empty(&format!("/v1/imports/{import}/undo")).await.refused(409, "state-conflict").unmet(&["import.state"]);
        let again = staff.imports("kind=people", PEOPLE).await;
        assert_eq!(staff.told_of_import(&again).await, told(&[
            (2, "accepted", "registered"), (3, "refused", "differs"), (4, "skipped", "already_there"),
        ]));
    }

    async fn somebody_who_acts_for_themselves_is_not_erased(world) {
        let staff = world.staff().await;
        let import = staff.imports("kind=people", PEOPLE).await;
        world.advance(TimeDelta::minutes(1));
        let reset = json!({"email": "ida@example.org"});
        world.anyone().post("/v1/password-resets", reset).await.expect(202);
        staff.undoes_import(&import).await;
        let rows = staff.import_rows(&import).await;
        assert_eq!(undone(&staff, &import).await[..2], [kept(2), gone(3)]);
        assert!(rows[0]["undo_reason"].as_str().unwrap().starts_with("password_reset.requested came after it"));
    }

    async fn a_dry_run_and_what_runs_are_not_undone(world) {
        let staff = world.staff().await;
        let dry = staff.imports("kind=people&dry_run=true", PEOPLE).await;
        let answer = staff.post_empty(&format!("/v1/imports/{dry}/undo")).await.refused(409, "state-conflict");
        answer.unmet(&["import.stored"]);
        let job = staff.settled_import(&dry).await;
        assert!(!job.allows("undo_import"));
        staff.post_bare(&format!("/v1/imports/{dry}/undo"), json!({})).await.refused(400, "idempotency-key-required");
        assert_eq!(world.count("import.undo_requested"), 0);
    }

    async fn applications_are_withdrawn_unless_the_office_went_on_with_them(world) {
        let (staff, ada, bob) = (world.staff().await, world.register("Ada").await, world.register("Bob").await);
        let jobs = r#""[{""library"":""R"",""library_type"":""public"",""kind"":""paid"",""started_on"":""2023-06-01"",""requires_mlis"":false,""hours_per_week"":35}]""#;
        let file = format!("person,education,payment_choice,jobs\n{},associate,card,{jobs}\n{},associate,card,{jobs}\n", ada.id, bob.id);
        let import = staff.imports("kind=applications", &file).await;
        let (of_ada, of_bob) = (staff.made_by(&import, 2).await, staff.made_by(&import, 3).await);
        world.advance(TimeDelta::minutes(1));
        staff.reviews(&of_bob).await;
        staff.undoes_import(&import).await;
        assert_eq!(undone(&staff, &import).await, [gone(2), kept(3)]);
        assert_eq!(staff.get(&format!("/v1/applications/{of_ada}")).await["state"], "withdrawn");
        assert_eq!(staff.get(&format!("/v1/applications/{of_bob}")).await["state"], "in_review");
    }

    async fn completions_are_withdrawn_unless_they_were_corrected_since(world) {
        let staff = world.staff().await;
        let (_, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let (_, other) = world.candidate(&staff, "Bob").await;
        let file = format!("course_id,completed_on,candidate_number,email,name\n{course},2026-02-01,{number},,\n\
            {course},2026-02-01,{other},,\n{course},2026-02-01,,dee@example.org,Dee Example\n");
        let import = staff.imports("kind=completions", &file).await;
        world.advance(TimeDelta::minutes(1));
        let corrected = staff.made_by(&import, 3).await;
        staff.corrects(&corrected, "2026-02-02").await.expect(200);
        staff.undoes_import(&import).await;
        assert_eq!(undone(&staff, &import).await, [gone(2), kept(3), gone(4)]);
        assert_eq!(ada.achievements(&number).await, [("FND".to_owned(), "2026-03-01".to_owned(), false)]);
        assert_eq!((world.count("completion.withdrawn"), world.count("waiting_completion.withdrawn")), (1, 1));
    }

    async fn activities_are_removed_unless_a_renewal_uses_them(world) {
        let holder = world.holder().await;
        world.travel_to("2029-06-01");
        let (staff, id) = (&holder.staff, &holder.held.certification);
        let file = format!("certificate,title,kind,dated_on,minutes,quantity,technology,sets,documentation_url\n\
            {id},Cataloging,semester_credit,2027-05-02,,2,,CAT,https://example.org/c\n\
            {id},Systems,workshop,2027-05-01,240,,true,TEC,https://example.org/a\n\
            {id},Shelving,workshop,2027-05-03,90,,,TEC,https://example.org/b\n");
        let import = staff.imports("kind=activities", &file).await;
        let used = vec![staff.made_by(&import, 2).await, staff.made_by(&import, 3).await];
        world.advance(TimeDelta::minutes(1));
        holder.renews(&used).await.expect(201);
        staff.undoes_import(&import).await;
        assert_eq!(undone(staff, &import).await, [kept(2), kept(3), gone(4)]);
        assert_eq!(world.count("activity.removed"), 1);
    }

    async fn memberships_are_rejected_unless_money_rests_on_them(world) {
        let (staff, ada, bob) = (world.staff().await, world.register("Ada").await, world.register("Bob").await);
        let cleo = world.register("Cleo").await;
        ada.applies().await;
        world.advance(TimeDelta::minutes(1));
        let file = format!("number,person,valid_from,valid_until\n11,{},2026-01-01,2026-12-31\n\
            22,{},2026-01-01,2026-12-31\n33,{},2026-01-01,2026-12-31\n44,{},,\n", ada.id, bob.id, cleo.id, bob.id);
        let import = staff.imports("kind=memberships", &file).await;
        world.advance(TimeDelta::minutes(1));
        // At the member price.
        cleo.applies().await;
        staff.undoes_import(&import).await;
        assert_eq!(undone(&staff, &import).await, [kept(2), gone(3), kept(4), gone(5)]);
        assert_eq!(world.count("membership.rejected"), 2);
        let rejected = staff.made_by(&import, 3).await;
        assert_eq!(bob.get(&format!("/v1/memberships/{rejected}")).await.expect(200)["state"], "rejected");
    }

    async fn a_completion_on_which_a_certificate_rests_is_kept(world) {
        let staff = world.staff().await;
        let (_, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, SIX[0], "2025-01-01").await;
        let (_ada, number) = world.candidate(&staff, "Ada").await;
        for set in &SIX[1..] {
            staff.credits(&number, set, "2026-03-01").await;
        }
        // The last set, and with it the certificate, came by the import itself.
        let file = format!("course_id,completed_on,candidate_number\n{course},2026-03-01,{number}\n");
        let import = staff.imports("kind=completions", &file).await;
        assert_eq!(world.count("certification.awarded"), 1);
        staff.undoes_import(&import).await;
        assert_eq!(undone(&staff, &import).await, [kept(2)]);
        assert_eq!((world.count("completion.withdrawn"), world.count("achievement.voided")), (0, 0));
    }

    async fn an_application_that_was_paid_for_is_kept(world) {
        let (staff, ada) = (world.staff().await, world.register("Ada").await);
        let line = json!({"person": ada.id, "education": "associate", "payment_choice": "card", "jobs": [crate::support::story::job()]});
        let asked = staff.hands_file_in("kind=applications", "application/x-ndjson", &line.to_string()).await.expect(202).id();
        staff.settled_import(&asked).await;
        let application = staff.made_by(&asked, 1).await;
        let owed = staff.get(&format!("/v1/applications/{application}")).await.expect(200);
        staff.settles(&owed).await;
        staff.undoes_import(&asked).await;
        assert_eq!(undone(&staff, &asked).await, [kept(1)]);
        assert_eq!(staff.get(&format!("/v1/applications/{application}")).await["state"], "submitted");
    }

    async fn a_membership_that_was_claimed_before_is_claimed_again(world) {
        let (staff, bob) = (world.staff().await, world.register("Bob").await);
        let path = format!("/v1/people/{}/memberships", bob.id);
        let claim = bob.post(&path, json!({"number": "77"})).await.expect(201).id();
        let file = "number,valid_from,valid_until,family_name\n77,2026-01-01,2026-12-31,Example\n";
        let import = staff.imports("kind=memberships", file).await;
        assert_eq!(bob.get(&format!("/v1/memberships/{claim}")).await.expect(200)["state"], "verified");
        staff.undoes_import(&import).await;
        assert_eq!(undone(&staff, &import).await, [gone(2)]);
        let again = bob.get(&format!("/v1/memberships/{claim}")).await.expect(200);
        assert_eq!((&again["state"], &again["valid_from"]), (&json!("claimed"), &json!(null)));
        let again = staff.imports("kind=memberships", file).await;
        assert_eq!(staff.told_of_import(&again).await, told(&[(2, "accepted", "verified")]));
    }
}
