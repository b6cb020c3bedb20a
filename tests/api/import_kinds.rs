//! Imports of everything but people: each row by the act of its kind.

use serde_json::json;

use crate::support::{
    imports::told,
    world::{World, each_world},
};

const JOB: &str = r#"[{"library":"Riverside","library_type":"public","kind":"paid","started_on":"2023-06-01","requires_mlis":false,"hours_per_week":35}]"#;

/// JSON as a cell.
fn cell(json: &str) -> String {
    format!("\"{}\"", json.replace('"', "\"\""))
}

/// As often as something was logged.
fn logged(world: &World) -> usize {
    world.count("activity.logged")
}

each_world! {
    async fn applications_are_begun_and_handed_in(world) {
        let (staff, ada, bob) = (world.staff().await, world.register("Ada").await, world.register("Bob").await);
        staff.imports("kind=people", "source_id,given_name,family_name,email\nx-9,Ida,Novak,ida@example.org\n").await;
        let jobs = cell(JOB);
        let bad = cell(&JOB.replace("35", "169"));
        let file = format!("person,state,education,payment_choice,jobs\n\
            {},submitted,associate,card,{jobs}\nbob@example.org,draft,associate,,\nx-9,,associate,check,{jobs}\n\
            nobody@example.org,,associate,card,{jobs}\n{},submitted,associate,card,{jobs}\n\
            bob@example.org,,,,\nx-9,withdrawn,associate,check,{jobs}\n{},,associate,card,{bad}\n{},,unheard,card,\n",
            ada.id, ada.id, bob.id, bob.id);
        let expected = told(&[
            (2, "accepted", "submitted"), (3, "accepted", "drafted"), (4, "accepted", "submitted"), (5, "refused", "unknown"),
            (6, "skipped", "already_there"), (7, "refused", "application.one_open"), (8, "skipped", "ended"),
            (9, "refused", "out_of_range"), (10, "refused", "unknown"),
        ]);
        let dry = staff.imports("kind=applications&dry_run=true", &file).await;
        assert_eq!(staff.told_of_import(&dry).await, expected);
        assert_eq!((world.count("application.drafted"), world.count("invoice.issued")), (0, 0));
        let real = staff.imports("kind=applications", &file).await;
        assert_eq!(staff.told_of_import(&real).await, expected);
        assert_eq!((world.count("application.submitted"), world.count("invoice.issued")), (2, 2));
        assert_eq!(staff.import_rows(&real).await[3]["pointer"], "/person");
        assert_eq!(staff.import_rows(&real).await[7]["pointer"], "/jobs/0/hours_per_week");
        let made = staff.made_by(&real, 2).await;
        assert_eq!(ada.get(&format!("/v1/applications/{made}")).await.expect(200)["state"], "submitted");
        // Once more, as JSON: everything is there.
        let lines = format!("{}\n", json!({"person": ada.id, "education": "associate", "payment_choice": "card",
            "jobs": serde_json::from_str::<serde_json::Value>(JOB).unwrap()}));
        let again = staff.hands_file_in("kind=applications", "application/x-ndjson", &lines).await.expect(202).id();
        staff.settled_import(&again).await;
        assert_eq!(staff.told_of_import(&again).await, told(&[(1, "skipped", "already_there")]));
    }

    async fn completions_are_judged_as_those_of_rosters(world) {
        let staff = world.staff().await;
        let (_, provider) = world.provider(&staff, "Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let foreign = staff.approves_course("COM", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let unknown = format!("cand_{:032x}", 7);
        let file = format!("course_id,completed_on,candidate_number,email,name\n\
            {course},2026-02-01,{number},,\n{foreign},2020-02-01,,ada@example.org,Ada Example\n\
            {course},2026-02-01,,dee@example.org,Dee Example\n{course},2026-02-01,{number},,\n\
            course_{:032x},2026-02-01,{number},,\n{course},2027-02-01,{number},,\n{course},2026-02-01,,,\n\
            {course},2026-02-01,{unknown},dee@example.org,Dee Example\n{course},2026-02-01,{unknown},,\n\
            {course},x,{number},,\n", 9);
        let expected = told(&[
            (2, "accepted", "verified"), (3, "accepted", "recorded"), (4, "accepted", "waiting"), (5, "skipped", "already_there"),
            (6, "refused", "unknown"), (7, "refused", "roster.completed_on"), (8, "refused", "roster.identified"),
            (9, "skipped", "already_there"), (10, "refused", "roster.candidate_known"), (11, "refused", "format"),
        ]);
        let dry = staff.imports("kind=completions&dry_run=true", &file).await;
        assert_eq!(staff.told_of_import(&dry).await, expected);
        assert_eq!((world.count("completion.recorded"), world.count("waiting_completion.kept")), (0, 0));
        let real = staff.imports("kind=completions", &file).await;
        assert_eq!(staff.told_of_import(&real).await, expected);
        assert_eq!(ada.achievements(&number).await, [("FND".to_owned(), "2026-03-01".to_owned(), true)]);
        assert_eq!((world.count("completion.recorded"), world.count("waiting_completion.kept")), (2, 1));
        let again = staff.imports("kind=completions", &file).await;
        assert_eq!(staff.settled_import(&again).await["accepted"], 1);
        // What does not count is told again, and recorded once.
        assert_eq!(world.count("completion.recorded"), 2);
    }

    async fn activities_are_logged_toward_the_certificate_that_is_named(world) {
        let holder = world.holder().await;
        world.travel_to("2027-06-01");
        let (staff, number, id) = (&holder.staff, &holder.held.number, &holder.held.certification);
        let file = format!("certificate,title,kind,dated_on,minutes,quantity,technology,sets,documentation_url\n\
            {number},Shelving,workshop,2027-05-01,90,,false,TEC,https://example.org/a\n\
            {id},Cataloging,semester_credit,2027-05-02,,2,,CAT,\n\
            {id},shelving,workshop,2027-05-01,90,,false,TEC,https://example.org/a\n\
            LSSC-NOPE,Shelving,workshop,2027-05-01,90,,,TEC,\n{id},Late,workshop,2028-05-01,90,,,TEC,\n\
            {id},,workshop,2027-05-01,90,,,TEC,\n{id},Odd,workshop,2027-05-01,ninety,,,TEC,\n");
        let rows = |same: &'static str, code: &'static str| told(&[
            (2, same, code), (3, same, code), (4, "skipped", "already_there"), (5, "refused", "unknown"),
            (6, "refused", "order"), (7, "refused", "required"), (8, "refused", "type"),
        ]);
        // A dry run sees that rows are of one certificate where they name it in one way.
        let alike = file.replace(number.as_str(), id);
        let dry = staff.imports("kind=activities&dry_run=true", &alike).await;
        assert_eq!(staff.told_of_import(&dry).await, rows("accepted", "logged"));
        assert_eq!(logged(world), 0);
        let real = staff.imports("kind=activities", &file).await;
        assert_eq!(staff.told_of_import(&real).await, rows("accepted", "logged"));
        assert_eq!((logged(world), &staff.import_rows(&real).await[6]["pointer"]), (2, &json!("/minutes")));
        let again = staff.imports("kind=activities", &file).await;
        assert_eq!(staff.told_of_import(&again).await, rows("skipped", "already_there"));
        assert_eq!(holder.progress("").await["counted_minutes"], 90);
        // Of JSON a number is a number.
        let line = json!({"certificate": id, "title": "Weeding", "kind": "workshop", "dated_on": "2027-05-03", "minutes": 60,
            "technology": true, "sets": "TEC", "documentation_url": "https://example.org/b"});
        let asked = staff.hands_file_in("kind=activities", "application/x-ndjson", &line.to_string()).await.expect(202).id();
        staff.settled_import(&asked).await;
        assert_eq!(staff.told_of_import(&asked).await, told(&[(1, "accepted", "logged")]));
    }

    async fn memberships_are_claimed_and_verified(world) {
        let (staff, ada, bob) = (world.staff().await, world.register("Ada").await, world.register("Bob").await);
        let path = format!("/v1/people/{}/memberships", bob.id);
        bob.post(&path, json!({"number": "77"})).await.expect(201);
        ada.applies().await;
        let file = format!("number,person,valid_from,valid_until,family_name\n\
            11,{},2026-01-01,2026-12-31,\n22,bob@example.org,,,\n77,,2026-01-01,2026-12-31,Example\n\
            99,,2026-01-01,2026-12-31,\n33,ada@example.org,2026-12-31,2026-01-01,\n44,ada@example.org,2026-01-01,,\n\
            22,bob@example.org,,,\n55,{},2026-01-01,2026-12-31,\n88,,,,\n", ada.id, staff.id);
        let expected = told(&[
            (2, "accepted", "verified_and_credited"), (3, "accepted", "claimed"), (4, "accepted", "verified"),
            (5, "refused", "no_claim"), (6, "refused", "order"), (7, "refused", "required"), (8, "skipped", "already_there"),
            (9, "refused", "own"), (10, "refused", "required"),
        ]);
        let dry = staff.imports("kind=memberships&dry_run=true", &file).await;
        assert_eq!(staff.told_of_import(&dry).await, expected);
        assert_eq!((world.count("membership.claimed"), world.count("membership.verified")), (1, 0));
        let real = staff.imports("kind=memberships", &file).await;
        assert_eq!(staff.told_of_import(&real).await, expected);
        assert_eq!((world.count("membership.claimed"), world.count("membership.verified")), (3, 2));
        let again = staff.imports("kind=memberships", &file).await;
        let states: Vec<_> = staff.told_of_import(&again).await.into_iter().map(|(_, state, _)| state).collect();
        assert_eq!(states[..3], ["skipped", "skipped", "skipped"]);
        assert_eq!(world.count("membership.verified"), 2);
    }

    async fn a_machine_imports_into_the_programs_to_which_it_is_confined(world) {
        world.adapts_program("arizona").await;
        let (staff, admin, ada) = (world.staff().await, world.admin().await, world.register("Ada").await);
        let course = staff.approves_course("FND", "2025-01-01").await;
        let terms = json!({"name": "Arizona", "scopes": ["imports:write"], "programs": ["arizona"]});
        let machine = world.machine(&admin, terms).await;
        let file = format!("number,person,program\n11,{},lssc\n12,{},\n13,{},arizona\n", ada.id, ada.id, ada.id);
        let import = machine.imports("kind=memberships", &file).await;
        assert_eq!(machine.told_of_import(&import).await, told(&[
            (2, "refused", "unknown"), (3, "refused", "unknown"), (4, "accepted", "claimed"),
        ]));
        assert_eq!(machine.import_rows(&import).await[0]["pointer"], "/program");
        let file = format!("course_id,completed_on,email,name\n{course},2026-02-01,dee@example.org,Dee Example\n");
        let import = machine.imports("kind=completions", &file).await;
        assert_eq!(machine.told_of_import(&import).await, told(&[(2, "refused", "unknown")]));
        assert_eq!(machine.import_rows(&import).await[0]["pointer"], "/course_id");
        assert_eq!(world.count("waiting_completion.kept"), 0);
    }

    async fn nobody_signs_what_they_completed_themselves(world) {
        let staff = world.staff().await;
        let course = staff.approves_course("FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        world.grant(&ada.id, domain::access::Role::Staff).await;
        let file = format!("course_id,completed_on,candidate_number,email,name\n{course},2026-02-01,{number},,\n\
            {course},2026-02-01,,ADA@example.org,Ada Example\n");
        let import = ada.imports("kind=completions", &file).await;
        assert_eq!(ada.told_of_import(&import).await, told(&[(2, "refused", "own"), (3, "refused", "own")]));
        assert_eq!((world.count("completion.recorded"), world.count("waiting_completion.kept")), (0, 0));
        let again = staff.imports("kind=completions", &file).await;
        assert_eq!(staff.told_of_import(&again).await[0], (2, "accepted".to_owned(), "verified".to_owned()));
    }
}
