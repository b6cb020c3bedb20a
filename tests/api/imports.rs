//! Imports: a file is stored at once and taken row by row, the same in a dry run as in earnest, once however
//! often it is sent.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    actor::send,
    imports::told,
    world::{World, each_world},
};

const HEADER: &str = "source_id,given_name,family_name,email\n";

/// Two who are new, one who is there, and rows in which something is wrong.
fn people() -> String {
    let mut file = HEADER.to_owned();
    for row in [
        "a-1,Ida,Novak,ida@example.org",
        ",Omar,Reyes,omar@example.org",
        ",Ada,Example,ADA@example.org",
        "a-2,Ada,Other,ada@example.org",
        "a-1,Ida,Novak,ida@example.org",
        "a-1,Ida,Novak,other@example.org",
        ",Nobody,,nobody@example.org",
        ",Bad,Address,nowhere",
        ",Too,Few",
        ",Jack,O'Neil,omar@example.org",
    ] {
        file.push_str(row);
        file.push('\n');
    }
    file
}

/// As often as something happened to anybody.
fn happened(world: &World) -> usize {
    world.count("person.registered")
}

/// Another server has the lease: files wait.
async fn holds_imports(world: &World) {
    let app = world.app();
    let held: Result<bool, persistence::Error> = app
        .store
        .write(app.stamp_of("test", "lease"), |tx| {
            tx.leases().acquire("import", "test", TimeDelta::hours(1))
        })
        .await;
    assert_eq!(held, Ok(true));
}

/// It gives the lease up.
async fn lets_imports_go(world: &World) {
    let app = world.app();
    let given_up: Result<(), persistence::Error> = app
        .store
        .write(app.stamp_of("test", "lease"), |tx| tx.leases().release("import", "test"))
        .await;
    assert_eq!(given_up, Ok(()));
}

each_world! {
    async fn people_are_registered_row_by_row_and_a_dry_run_tells_the_same(world) {
        let (staff, _ada) = (world.staff().await, world.register("Ada").await);
        let before = happened(world);
        let expected = told(&[
            (2, "accepted", "registered"), (3, "accepted", "registered"), (4, "skipped", "already_there"),
            (5, "refused", "conflict"), (6, "skipped", "already_there"), (7, "refused", "differs"),
            (8, "refused", "required"), (9, "refused", "format"), (10, "refused", "length"), (11, "refused", "conflict"),
        ]);
        let dry = staff.imports("kind=people&dry_run=true", &people()).await;
        assert_eq!(staff.told_of_import(&dry).await, expected);
        assert_eq!(happened(world), before);
        assert!(staff.import_rows(&dry).await[0]["made"].is_null());
        let real = staff.imports("kind=people", &people()).await;
        assert_eq!(staff.told_of_import(&real).await, expected);
        assert_eq!(happened(world), before + 2);
        let rows = staff.import_rows(&real).await;
        let pointers: Vec<_> = rows.iter().map(|row| row["pointer"].as_str()).collect();
        let (email, source) = (Some("/email"), Some("/source_id"));
        assert_eq!(pointers, [None, None, None, email, None, source, Some("/family_name"), email, Some(""), email]);
        let ida = staff.made_by(&real, 2).await;
        assert_eq!(staff.get(&format!("/v1/people/{ida}")).await.expect(200)["family_name"], "Novak");
        let job = staff.settled_import(&real).await;
        for (field, count) in [("rows_total", 10), ("rows_done", 10), ("accepted", 2), ("skipped", 2), ("refused", 6)] {
            assert_eq!(job[field], count, "{field}");
        }
        assert_eq!(world.happened_to(&real), ["import.requested", "import.finished"]);
        // Every event of a row has the import as its request, and who asked for it as its actor.
        let event = staff.get(&format!("/v1/events?subject={ida}")).await.expect(200);
        assert_eq!((&event["items"][0]["request_id"], &event["items"][0]["actor"]), (&json!(real), &json!(staff.id)));
    }

    async fn a_file_that_is_sent_again_adds_nothing(world) {
        let staff = world.staff().await;
        let file = format!("{HEADER}s-1,Ida,Novak,ida@example.org\n,Omar,Reyes,omar@example.org\n");
        let first = staff.imports("kind=people", &file).await;
        let again = staff.imports("kind=people", &file).await;
        assert_eq!(staff.told_of_import(&again).await, told(&[(2, "skipped", "already_there"), (3, "skipped", "already_there")]));
        assert_eq!(staff.made_by(&again, 2).await, staff.made_by(&first, 2).await);
        // The same key replays the answer, and another file under it is refused.
        let asked = |body: &str| {
            let request = staff.request(Method::POST, "/v1/imports?kind=people").header("Idempotency-Key", "one-file");
            request.header("Content-Type", "text/csv").body(body.to_owned())
        };
        let (one, two) = (send(asked(&file)).await.expect(202), send(asked(&file)).await.expect(202));
        assert_eq!(one.id(), two.id());
        assert_eq!(two.header("idempotency-replayed"), "true");
        send(asked(HEADER)).await.refused(422, "idempotency-key-reused");
        let bare = staff.request(Method::POST, "/v1/imports?kind=people").header("Content-Type", "text/csv");
        send(bare.body(file.clone())).await.refused(400, "idempotency-key-required");
        staff.settled_import(&one.id()).await;
        assert_eq!(world.count("import.requested"), 3);
    }

    async fn a_file_of_another_kind_is_refused_as_a_whole(world) {
        let staff = world.staff().await;
        let refused = async |file: &str| staff.hands_file_in("kind=people", "text/csv", file).await;
        refused("given_name,family_name\nIda,Novak\n").await.faulty("#/email", "required");
        let unknown = format!("{}x\n", HEADER.trim_end().to_owned() + ",phone\na,b,c,d@example.org,");
        refused(&unknown).await.faulty("#/phone", "unknown");
        refused(HEADER).await.faulty("#", "required");
        refused("").await.faulty("#", "required");
        staff.hands_file_in("kind=people", "application/x-ndjson", "\n\n").await.faulty("#", "required");
        staff.hands_file_in("kind=people", "application/json", "{}").await.refused(415, "unsupported-media-type");
        staff.hands_file_in("kind=robots", "text/csv", HEADER).await.refused(400, "invalid-query");
        assert_eq!(world.count("import.requested"), 0);
    }

    async fn lines_of_json_are_rows_and_bad_bytes_are_told_of_theirs(world) {
        let staff = world.staff().await;
        let file = "{\"given_name\":\"Ida\",\"family_name\":\"Novak\",\"email\":\"ida@example.org\"}\n\n\
            {\"given_name\":\"Ida\",\"family_name\":\"Novak\",\"email\":1}\n[1]\n{\"given_name\":\"I\"\n\
            {\"given_name\":\"Ida\",\"nick\":\"I\"}\n";
        let asked = staff.hands_file_in("kind=people", "application/x-ndjson", file).await.expect(202).id();
        staff.settled_import(&asked).await;
        assert_eq!(staff.told_of_import(&asked).await, told(&[
            (1, "accepted", "registered"), (3, "refused", "type"), (4, "refused", "type"), (5, "refused", "format"),
            (6, "refused", "unknown"),
        ]));
        let mut bytes = format!("{HEADER},Omar,R").into_bytes();
        bytes.extend([0xff, b'y']);
        bytes.extend(b",omar@example.org\n,Zo\xc3\xab,Lind,zoe@example.org\n");
        let request = staff.request(Method::POST, "/v1/imports?kind=people").header("Idempotency-Key", "bytes");
        let asked = send(request.header("Content-Type", "text/csv; charset=utf-8").body(bytes)).await.expect(202).id();
        staff.settled_import(&asked).await;
        assert_eq!(staff.told_of_import(&asked).await, told(&[(2, "refused", "format"), (3, "accepted", "registered")]));
        assert_eq!(staff.import_rows(&asked).await[0]["pointer"], "/family_name");
    }

    async fn the_office_and_machines_with_the_scope_import_and_machines_see_their_own(world) {
        let (staff, admin, ada) = (world.staff().await, world.admin().await, world.register("Ada").await);
        let machine = world.partner(&admin, &["imports:write"]).await;
        let other = world.partner(&admin, &["imports:write"]).await;
        let reader = world.partner(&admin, &["people:read"]).await;
        let file = format!("{HEADER}a-1,Ida,Novak,ida@example.org\n");
        ada.hands_file_in("kind=people", "text/csv", &file).await.refused(403, "forbidden");
        reader.hands_file_in("kind=people", "text/csv", &file).await.refused(403, "insufficient-scope");
        world.anyone().hands_file_in("kind=people", "text/csv", &file).await.refused(401, "unauthenticated");
        let theirs = machine.imports("kind=people", &file).await;
        let offices = staff.imports("kind=people", &format!("{HEADER}a-1,Omar,Reyes,omar@example.org\n")).await;
        // The same source_id of two sources is two people.
        assert_eq!(staff.told_of_import(&offices).await, told(&[(2, "accepted", "registered")]));
        for hidden in [&theirs, &offices] {
            other.get(&format!("/v1/imports/{hidden}")).await.refused(404, "not-found");
            other.get(&format!("/v1/imports/{hidden}/rows")).await.refused(404, "not-found");
            other.post_empty(&format!("/v1/imports/{hidden}/undo")).await.refused(404, "not-found");
        }
        assert_eq!(machine.get("/v1/imports").await["items"].as_array().unwrap().len(), 1);
        assert_eq!(staff.get("/v1/imports").await["items"].as_array().unwrap().len(), 2);
        let auditor = world.auditor().await;
        assert_eq!(auditor.get(&format!("/v1/imports/{theirs}")).await.expect(200)["requested_by"], machine.id);
        auditor.post_empty(&format!("/v1/imports/{theirs}/undo")).await.refused(403, "forbidden");
    }

    async fn who_was_imported_sets_a_password_by_a_reset(world) {
        let staff = world.staff().await;
        let file = format!("{HEADER},Ida,Novak,ida@example.org\n");
        staff.imports("kind=people", &file).await;
        world.anyone().tries_to_sign_in("ida@example.org", "a shelf of seven books").await.refused(401, "invalid-credentials");
        let before = world.mails().len();
        world.anyone().post("/v1/password-resets", json!({"email": "ida@example.org"})).await.expect(202);
        world.until("a mail went out", || world.mails().len() > before).await;
    }

    async fn rows_of_a_chunk_are_taken_together_and_pages_hold_them_in_order(world) {
        let staff = world.staff().await;
        let rows = |n: usize| format!("s-{n},Pat{n},Reader,pat{n}@example.org\n");
        // Rows that touch the same are far apart.
        let mut file = HEADER.to_owned();
        file.extend((0..450).map(rows));
        file.extend([rows(3), rows(449), "s-7,Pat7,Writer,pat7@example.org\n".to_owned()]);
        let dry = staff.imports("kind=people&dry_run=true", &file).await;
        let real = staff.imports("kind=people", &file).await;
        for id in [&dry, &real] {
            let job = staff.settled_import(id).await;
            assert_eq!((&job["accepted"], &job["skipped"], &job["refused"]), (&json!(450), &json!(2), &json!(1)));
            let page = format!("/v1/imports/{id}/rows?state=skipped&limit=1");
            let page = staff.get(&page).await.expect(200);
            assert_eq!(page["items"][0]["line"], 452);
            let next = page.text("next_cursor");
            let next = staff.get(&format!("/v1/imports/{id}/rows?state=skipped&limit=1&cursor={next}")).await.expect(200);
            assert_eq!((&next["items"][0]["line"], &next["next_cursor"]), (&json!(453), &json!(null)));
            let refused = staff.get(&format!("/v1/imports/{id}/rows?state=refused")).await.expect(200);
            assert_eq!((&refused["items"][0]["line"], &refused["items"][0]["code"]), (&json!(454), &json!("differs")));
        }
        world.advance(TimeDelta::seconds(1));
    }

    async fn two_servers_take_each_row_of_each_file_once(world) {
        let staff = world.staff().await;
        let replica = world.replica().await;
        let doors = [world.base(), format!("http://{}", replica.addr)];
        let before = happened(world);
        let mut asked = Vec::new();
        for n in 0..4 {
            let mut file = HEADER.to_owned();
            file.extend((0..250).map(|row| format!("f-{n}-{row},Pat,Reader,pat-{n}-{row}@example.org\n")));
            let there = staff.at(&doors[n % 2]);
            asked.push(there.hands_file_in("kind=people", "text/csv", &file).await.expect(202).id());
        }
        for id in &asked {
            let job = staff.settled_import(id).await;
            assert_eq!((&job["state"], &job["rows_done"], &job["accepted"]), (&json!("done"), &json!(250), &json!(250)));
        }
        assert_eq!(happened(world), before + 1_000);
        assert_eq!(world.count("import.finished"), 4);
        replica.stop().await;
    }

    async fn what_a_machine_sent_is_not_taken_once_it_is_disabled(world) {
        let admin = world.admin().await;
        let machine = world.partner(&admin, &["imports:write"]).await;
        let before = happened(world);
        holds_imports(world).await;
        let file = format!("{HEADER}a-1,Ida,Novak,ida@example.org\n");
        let import = machine.hands_file_in("kind=people", "text/csv", &file).await.expect(202).id();
        admin.post_empty(&format!("/v1/clients/{}/disable", machine.id)).await.expect(200);
        let waiting = admin.get(&format!("/v1/imports/{import}")).await.expect(200);
        assert_eq!((waiting.text("state"), waiting.header("retry-after")), ("queued".to_owned(), "1"));
        lets_imports_go(world).await;
        let job = admin.settled_import(&import).await;
        assert_eq!((job.text("state"), job.text("failure")), ("failed".to_owned(), "The machine that sent it is disabled.".to_owned()));
        assert_eq!(happened(world), before);
        assert_eq!(world.happened_to(&import), ["import.requested", "import.failed"]);
        // Nothing of it was made, so that nothing is to be taken back.
        let job = admin.undoes_import(&import).await;
        assert_eq!((&job["undo"]["undone"], &job["undo"]["kept"]), (&json!(0), &json!(0)));
    }

    async fn no_more_files_of_one_sender_wait_than_may(world) {
        let (staff, admin) = (world.staff().await, world.admin().await);
        holds_imports(world).await;
        let file = format!("{HEADER}a-1,Ida,Novak,ida@example.org\n");
        let mut asked = Vec::new();
        for _ in 0..domain::import::MOST_WAITING {
            asked.push(staff.hands_file_in("kind=people", "text/csv", &file).await.expect(202).id());
        }
        staff.hands_file_in("kind=people", "text/csv", &file).await.refused(409, "state-conflict");
        // Another sender's is taken in.
        asked.push(admin.hands_file_in("kind=people", "text/csv", &file).await.expect(202).id());
        lets_imports_go(world).await;
        for id in &asked {
            assert_eq!(staff.settled_import(id).await["state"], "done");
        }
        staff.imports("kind=people", &file).await;
        assert_eq!(world.count("import.finished"), asked.len() + 1);
    }
}
