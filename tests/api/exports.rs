//! Exports: streamed in chunks, in the columns of imports, and imported again elsewhere.

use domain::{Word, export::ExportKind};
use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    database::Db,
    imports::told,
    world::{World, each_world},
};

/// The records of a kind.
async fn records(actor: &Actor, kind: &str) -> Vec<Value> {
    let lines = actor.exports(kind, "ndjson").await;
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Another system of the same kind, in which nobody is.
async fn elsewhere(world: &World) -> World {
    let db = if world.db().is_postgres() { Db::postgres() } else { Some(Db::sqlite()) };
    World::on(db.expect("another database")).await
}

/// The lines of a file below its header, without the first column, sorted.
fn without_ids(file: &str) -> Vec<String> {
    let mut lines: Vec<_> = file
        .lines()
        .skip(1)
        .filter(|line| !line.contains("Stella"))
        .filter_map(|line| line.split_once(',').map(|(_, rest)| rest.to_owned()))
        .collect();
    lines.sort();
    lines
}

each_world! {
    async fn who_may_not_read_everything_exports_nothing(world) {
        let (staff, admin, ada) = (world.staff().await, world.admin().await, world.register("Ada").await);
        ada.get("/v1/exports/people").await.refused(403, "forbidden");
        world.anyone().get("/v1/exports/people").await.refused(401, "unauthenticated");
        world.partner(&admin, &["people:read"]).await.get("/v1/exports/people").await.refused(403, "insufficient-scope");
        staff.get("/v1/exports/robots").await.refused(404, "not-found");
        staff.get("/v1/exports/people?format=xml").await.refused(400, "invalid-query");
        assert_eq!(world.count("export.made"), 0);
        world.partner(&admin, &["exports:read"]).await.exports("people", "csv").await;
        world.auditor().await.exports("people", "ndjson").await;
        assert_eq!(world.count("export.made"), 2);
    }

    async fn every_record_is_in_it_once_across_chunks(world) {
        let staff = world.staff().await;
        let mut file = "given_name,family_name,email\n".to_owned();
        file.extend((0..1_050).map(|n| format!("Pat,Reader {n},pat{n}@example.org\n")));
        staff.imports("kind=people", &file).await;
        let answer = staff.get("/v1/exports/people?format=csv").await.expect(200);
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"people.csv\"");
        let body = answer.body();
        assert_eq!(body.lines().next(), Some("source_id,given_name,family_name,email"));
        let mut people: Vec<_> = body.lines().skip(1).filter(|line| line.contains("Reader")).collect();
        people.sort_unstable();
        people.dedup();
        assert_eq!(people.len(), 1_050);
        let lines = staff.exports("people", "ndjson").await;
        let parsed: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(parsed.len(), body.lines().count() - 1);
    }

    async fn what_looks_like_a_formula_is_guarded_and_read_back(world) {
        let staff = world.staff().await;
        staff.imports("kind=people", "given_name,family_name,email\n=cmd,@Reader,pat@example.org\n").await;
        let file = staff.exports("people", "csv").await;
        assert!(file.contains(",'=cmd,'@Reader,pat@example.org"), "{file}");
        let again = staff.imports("kind=people", &file).await;
        assert!(staff.told_of_import(&again).await.iter().all(|(_, state, code)| (state.as_str(), code.as_str()) == ("skipped", "already_there")));
        assert!(staff.exports("people", "ndjson").await.contains("\"=cmd\""));
    }

    async fn people_applications_and_memberships_move_to_an_empty_system(world) {
        let staff = world.staff().await;
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        ada.applies().await;
        bob.drafts().await;
        let file = format!("number,person,valid_from,valid_until\n11,{},2026-01-01,2026-12-31\n22,{},,\n", ada.id, bob.id);
        staff.imports("kind=memberships", &file).await;
        for format in ["csv", "ndjson"] {
            let media = if format == "csv" { "text/csv" } else { "application/x-ndjson" };
            let other = elsewhere(world).await;
            let there = other.staff().await;
            for kind in ["people", "applications", "memberships"] {
                let exported = staff.exports(kind, format).await;
                let asked = there.hands_file_in(&format!("kind={kind}"), media, &exported).await.expect(202).id();
                assert_eq!(there.settled_import(&asked).await["refused"], 0, "{kind}: {exported}");
            }
            assert_eq!(without_ids(&there.exports("people", "csv").await), without_ids(&staff.exports("people", "csv").await));
            assert_eq!(without_ids(&there.exports("applications", "csv").await), without_ids(&staff.exports("applications", "csv").await));
            let numbers = |file: String| file.lines().map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>();
            assert_eq!(numbers(there.exports("memberships", "csv").await), numbers(staff.exports("memberships", "csv").await));
            assert_eq!((other.count("membership.verified"), other.count("application.submitted")), (1, 1));
            other.stop().await;
        }
    }

    async fn completions_and_activities_come_back_to_where_their_courses_and_certificates_are(world) {
        let holder = world.holder().await;
        world.travel_to("2027-06-01");
        let (staff, id) = (&holder.staff, &holder.held.certification);
        let file = format!("certificate,title,kind,dated_on,minutes,sets,documentation_url\n\
            {id},Shelving,workshop,2027-05-01,90,TEC,https://example.org/a\n{id},Weeding,workshop,2027-05-02,60,TEC CAT,\n");
        let import = staff.imports("kind=activities", &file).await;
        let exported = staff.exports("activities", "csv").await;
        staff.undoes_import(&import).await;
        assert_eq!(staff.exports("activities", "csv").await.lines().count(), 1);
        let again = staff.imports("kind=activities", &exported).await;
        assert_eq!(staff.told_of_import(&again).await, told(&[(2, "accepted", "logged"), (3, "accepted", "logged")]));
        assert_eq!(staff.exports("activities", "csv").await, exported);
        let completions = staff.exports("completions", "csv").await;
        assert_eq!(completions.lines().count(), 7);
        let again = staff.imports("kind=completions", &completions).await;
        assert!(staff.told_of_import(&again).await.iter().all(|(_, state, _)| state == "skipped"));
    }

    async fn everything_goes_out_in_both_forms_each_time_with_an_event(world) {
        let (holder, admin) = (world.holder().await, world.admin().await);
        let staff = &holder.staff;
        world.partner(&admin, &["accounts:read", "accounts:write"]).await.has_account_made("x-1", "Una").await;
        staff.imports("kind=memberships", &format!("number,person\n11,{}\n", holder.ada.id)).await;
        world.travel_to("2029-06-01");
        let used = holder.logs_enough("2027-05-01").await;
        holder.renews(&used).await.expect(201);
        // Nobody here has these yet.
        let none = ["portfolios", "graduates", "appeals", "purchase_orders", "payouts", "offerings", "institutions", "colleges", "agreements"];
        for kind in ExportKind::ALL {
            let (file, rows) = (staff.exports(kind.as_str(), "csv").await, records(staff, kind.as_str()).await);
            assert_eq!(rows.is_empty(), none.contains(&kind.as_str()), "{kind}");
            assert_eq!(file.lines().count(), rows.len() + 1, "{kind}: {file}");
            let columns: Vec<_> = file.lines().next().unwrap().split(',').collect();
            let named = |row: &Value| row.as_object().unwrap().keys().all(|name| columns.contains(&name.as_str()));
            assert!(rows.iter().all(named), "{kind}: {rows:?}");
        }
        assert_eq!(world.count("export.made"), 2 * ExportKind::ALL.len());
        let certifications = records(staff, "certifications").await;
        assert_eq!((certifications.len(), &certifications[0]["number"]), (1, &json!(holder.held.number)));
        assert_eq!(certifications[0]["holder_name"], "Ada Example");
        assert_eq!(certifications[0]["renewals"], 1);
        let achievements = records(staff, "achievements").await;
        assert!(achievements.iter().all(|one| one["candidacy_id"] == holder.held.candidacy.as_str()));
        assert_eq!(achievements.len(), 6);
        let (invoices, payments) = (records(staff, "invoices").await, records(staff, "payments").await);
        assert_eq!((&invoices[0]["state"], &invoices[0]["balance_cents"]), (&json!("paid"), &json!(0)));
        assert_eq!((&payments[0]["invoice_id"], &payments[0]["amount_cents"]), (&invoices[0]["id"], &invoices[0]["total_cents"]));
    }

    async fn a_machine_is_told_of_its_programs_and_its_own_accounts(world) {
        world.adapts_program("arizona").await;
        let (admin, staff) = (world.admin().await, world.staff().await);
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        ada.applies().await;
        bob.post("/v1/applications", json!({"program": "arizona"})).await.expect(201);
        let terms = json!({"name": "Arizona", "scopes": ["exports:read"], "programs": ["arizona"]});
        let arizona = world.machine(&admin, terms).await;
        let people = records(&arizona, "people").await;
        assert_eq!(people.iter().map(|one| &one["source_id"]).collect::<Vec<_>>(), [&json!(bob.id)]);
        let applications = records(&arizona, "applications").await;
        assert_eq!(applications.iter().map(|one| &one["person"]).collect::<Vec<_>>(), [&json!(bob.id)]);
        assert_eq!(records(&arizona, "invoices").await, Vec::<Value>::new());
        assert_eq!(records(&staff, "invoices").await.len(), 1);
        let scopes = ["accounts:read", "accounts:write", "exports:read"];
        let (one, other) = (world.partner(&admin, &scopes).await, world.partner(&admin, &scopes).await);
        one.has_account_made("x-1", "Una").await;
        other.has_account_made("x-2", "Vic").await;
        let accounts = records(&one, "accounts").await;
        assert_eq!(accounts.iter().map(|one| &one["external_id"]).collect::<Vec<_>>(), [&json!("x-1")]);
        assert_eq!(records(&staff, "accounts").await.len(), 2);
    }

    async fn a_machine_is_told_of_no_more_people_than_it_may_read_of(world) {
        let admin = world.admin().await;
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        ada.applies().await;
        bob.applies().await;
        // Of Adam, Ada and Bob, of whom two applied.
        let terms = json!({"name": "Copy", "scopes": ["exports:read"], "people_a_day": 2});
        let machine = world.machine(&admin, terms).await;
        machine.get("/v1/exports/people").await.refused(429, "quota-exceeded");
        assert_eq!(world.count("export.made"), 0, "nothing left");
        assert_eq!(records(&machine, "applications").await.len(), 2);
        machine.get("/v1/exports/applications").await.refused(429, "quota-exceeded");
        let reads = admin.get(&format!("/v1/clients/{}/reads", machine.id)).await.expect(200);
        let told: Vec<_> = reads["items"].as_array().unwrap().iter().map(|read| (&read["operation"], &read["people"])).collect();
        assert_eq!(told, [(&json!("export_records"), &json!(2))]);
        assert_eq!(world.count("export.made"), 1);
    }
}
