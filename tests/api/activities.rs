//! Activities: logged any time as raw facts, their hours explained, corrected until a renewal uses them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer, fresh_key, send},
    renewals::{GRACE_ENDS, OPENS, credits, workshop},
    world::{each, each_world},
};

async fn imports(actor: &Actor, certification: &str, query: &str, rows: &str) -> Answer {
    let path = format!("/v1/certifications/{certification}/activities/import{query}");
    let request = actor.request(Method::POST, &path).header("Idempotency-Key", fresh_key());
    send(request.header("Content-Type", "text/csv").body(rows.to_owned())).await
}

each_world! {
    async fn hours_follow_from_the_facts_and_are_explained(world) {
        let holder = world.holder().await;
        world.travel_to("2027-06-01");
        for (kind, field, amount, minutes, explanation) in [
            ("semester_credit", "quantity", 2, 1_800, "2 semester credits of 15 hours each: 30 hours."),
            ("quarter_credit", "quantity", 1, 600, "1 quarter credit of 10 hours each: 10 hours."),
            ("conference_day", "quantity", 3, 1_080, "3 conference days of 6 hours each: 18 hours."),
            ("workshop", "minutes", 90, 90, "90 minutes: 1 hour 30 minutes."),
            ("self_directed", "minutes", 60, 60, "60 minutes: 1 hour."),
        ] {
            let mut activity = workshop("2027-05-01", 1, false);
            activity["kind"] = json!(kind);
            activity.as_object_mut().unwrap().remove("minutes");
            activity[field] = json!(amount);
            let logged = holder.ada.logs(&holder.held.certification, activity).await.expect(201);
            let hours = json!({"minutes": minutes, "counted_minutes": minutes, "not_counted": null, "explanation": explanation});
            assert_eq!(logged["hours"], hours);
            assert_eq!((&logged["state"], &logged[field], logged.etag()), (&json!("free"), &json!(amount), "\"v1\"".to_owned()));
        }
        assert_eq!(world.count("activity.logged"), 5);
    }

    async fn what_does_not_count_is_logged_and_says_why(world) {
        let holder = world.holder().await;
        world.travel_to("2027-06-01");
        let told = async |change: fn(&mut Value)| {
            let mut activity = workshop("2027-05-01", 90, false);
            change(&mut activity);
            let logged = holder.ada.logs(&holder.held.certification, activity).await.expect(201);
            assert_eq!(logged["hours"]["counted_minutes"], 0);
            logged["hours"]["not_counted"].as_str().unwrap().to_owned()
        };
        assert_eq!(told(|one| one["dated_on"] = json!("2026-02-28")).await, "too_early");
        assert_eq!(told(|one| one["minutes"] = json!(59)).await, "too_short");
        assert_eq!(told(|one| one["sets"] = json!([])).await, "unrelated");
        assert_eq!(told(|one| one["documentation_url"] = json!(null)).await, "undocumented");
        // The first day of the term counts.
        let first = holder.logs(workshop("2026-03-01", 60, false)).await;
        assert_eq!(holder.ada.activity(&first).await["hours"]["counted_minutes"], 60);
        assert_eq!(holder.progress("").await["counted_minutes"], 60);
    }

    async fn facts_that_cannot_be_are_told_at_their_place(world) {
        let holder = world.holder().await;
        let refused = async |change: fn(&mut Value), pointer: &str, code: &str| {
            let mut activity = workshop("2026-03-01", 90, false);
            change(&mut activity);
            holder.ada.logs(&holder.held.certification, activity).await.faulty(pointer, code);
        };
        refused(|one| one["dated_on"] = json!("2026-03-02"), "#/dated_on", "order").await;
        refused(|one| one["started_on"] = json!("2026-03-02"), "#/started_on", "order").await;
        refused(|one| one["quantity"] = json!(1), "#/quantity", "exclusive").await;
        refused(|one| one["minutes"] = json!(0), "#/minutes", "out_of_range").await;
        refused(|one| one["kind"] = json!("conference_day"), "#/minutes", "exclusive").await;
        refused(|one| one["sets"] = json!(["XYZ"]), "#/sets/0", "unknown").await;
        refused(|one| one["sets"] = json!(["TEC", "TEC"]), "#/sets/1", "duplicate").await;
        refused(|one| one["documentation_id"] = json!(format!("att_{:032x}", 7)), "#/documentation_id", "unknown").await;
        let mut days = workshop("2026-03-01", 90, false);
        days.as_object_mut().unwrap().remove("minutes");
        (days["kind"], days["quantity"], days["started_on"]) = (json!("conference_day"), json!(3), json!("2026-02-28"));
        holder.ada.logs(&holder.held.certification, days).await.faulty("#/quantity", "out_of_range");
        assert_eq!(world.count("activity.logged"), 0);
    }

    async fn documentation_is_ones_own_file(world) {
        let holder = world.holder().await;
        let bob = world.register("Bob").await;
        let file = "purpose=activity&file_name=certificate.txt";
        let theirs = bob.uploads(file, "text/plain", b"of Bob").await.expect(201).id();
        let other = holder.ada.uploads("purpose=evidence&file_name=a.txt", "text/plain", b"a").await.expect(201).id();
        let own = holder.ada.uploads(file, "text/plain", b"of Ada").await.expect(201).id();
        let with = |file: &str| {
            let mut activity = workshop("2026-03-01", 90, false);
            activity["documentation_url"] = json!(null);
            activity["documentation_id"] = json!(file);
            activity
        };
        for file in [theirs, other] {
            holder.ada.logs(&holder.held.certification, with(&file)).await.faulty("#/documentation_id", "unknown");
        }
        let logged = holder.ada.logs(&holder.held.certification, with(&own)).await.expect(201);
        assert_eq!((&logged["documentation_id"], &logged["hours"]["not_counted"]), (&json!(own), &json!(null)));
    }

    async fn it_is_corrected_and_removed_until_a_renewal_uses_it(world) {
        let holder = world.holder().await;
        world.travel_to(OPENS);
        let (ada, bob) = (&holder.ada, world.register("Bob").await);
        let id = holder.logs(workshop("2028-01-01", 45, false)).await;
        let path = format!("/v1/activities/{id}");
        bob.get(&path).await.refused(404, "not-found");
        bob.patch(&path, "\"v1\"", json!({"minutes": 90})).await.refused(404, "not-found");
        send(ada.request(Method::PATCH, &path).json(&json!({"minutes": 90}))).await.refused(428, "precondition-required");
        let corrected = ada.patch(&path, "\"v1\"", json!({"minutes": 90, "provider": null})).await.expect(200);
        assert_eq!((&corrected["hours"]["counted_minutes"], &corrected["provider"]), (&json!(90), &json!(null)));
        ada.patch(&path, "\"v1\"", json!({"minutes": 91})).await.refused(412, "stale");
        ada.patch(&path, "\"v2\"", json!({"kind": "conference_day"})).await.faulty("#/minutes", "exclusive");
        let days = ada.patch(&path, "\"v2\"", json!({"kind": "conference_day", "quantity": 1})).await.expect(200);
        assert_eq!((&days["quantity"], &days["minutes"], &days["hours"]["minutes"]), (&json!(1), &json!(null), &json!(360)));
        ada.delete(&path, "\"v2\"").await.refused(412, "stale");
        ada.delete(&path, "\"v3\"").await.expect(204);
        ada.get(&path).await.refused(404, "not-found");
        assert_eq!(world.happened_to(&id), ["activity.logged", "activity.changed", "activity.changed", "activity.removed"]);

        let used = holder.logs_enough("2028-01-01").await;
        holder.renews(&used).await.expect(201);
        let path = format!("/v1/activities/{}", used[0]);
        let activity = ada.activity(&used[0]).await;
        assert_eq!((&activity["state"], activity.allows("update_activity")), (&json!("consumed"), false));
        let tag = activity.etag();
        ada.patch(&path, &tag, json!({"quantity": 3})).await.refused(409, "state-conflict").unmet(&["activity.free"]);
        ada.delete(&path, &tag).await.refused(409, "state-conflict").unmet(&["activity.free"]);
        assert_eq!(ada.activity(&used[0]).await["quantity"], 2);
    }

    async fn a_log_is_its_holders(world) {
        let holder = world.holder().await;
        let (bob, auditor) = (world.register("Bob").await, world.auditor().await);
        let id = holder.logs(credits("2026-03-01")).await;
        let own = format!("/v1/certifications/{}/activities", holder.held.certification);
        for reader in [&holder.ada, &holder.staff, &auditor] {
            assert_eq!(each(&reader.get(&own).await.expect(200)["items"], "id"), [id.as_str()]);
            assert_eq!(each(&reader.get("/v1/activities?state=free").await.expect(200)["items"], "id"), [id.as_str()]);
        }
        bob.get(&own).await.refused(404, "not-found");
        bob.logs(&holder.held.certification, credits("2026-03-01")).await.refused(404, "not-found");
        auditor.logs(&holder.held.certification, credits("2026-03-01")).await.refused(403, "forbidden");
        assert_eq!(bob.get("/v1/activities").await.expect(200)["items"], json!([]));
        // The office types in what somebody sent on paper.
        holder.staff.logs(&holder.held.certification, workshop("2026-03-01", 60, true)).await.expect(201);
        assert_eq!(holder.ada.get("/v1/activities?state=consumed").await.expect(200)["items"], json!([]));
    }

    async fn a_file_is_judged_row_by_row(world) {
        let holder = world.holder().await;
        world.travel_to("2027-06-01");
        let certification = &holder.held.certification;
        let rows = "title,kind,dated_on,minutes,quantity,technology,sets,documentation_url\r\n\
            Metadata,workshop,2027-05-01,90,,yes,TEC CAT,https://a.example.org/1.pdf\r\n\
            ,workshop,2027-05-32,90,,,,\r\n\
            Conference,conference_day,2027-05-02,,2,false,COM,https://a.example.org/2.pdf\r\n\
            Metadata,workshop,2027-05-01,90,,,TEC,\r\n\
            Future,workshop,2028-05-01,90,,,TEC,\r\n\
            Short,workshop,2027-05-03,,1,maybe,T,\r\n";
        let rehearsed = imports(&holder.ada, certification, "?dry_run=true", rows).await.expect(200);
        assert_eq!((&rehearsed["logged"], &rehearsed["rows"][0]["activity_id"]), (&json!(2), &json!(null)));
        assert_eq!(world.count("activity.logged"), 0);
        let imported = imports(&holder.ada, certification, "", rows).await.expect(200);
        assert_eq!((&imported["logged"], &imported["known"], &imported["rejected"]), (&json!(2), &json!(1), &json!(3)));
        let told: Vec<_> = imported["rows"].as_array().unwrap().iter()
            .map(|row| (row["line"].as_u64().unwrap(), row["outcome"].as_str().unwrap())).collect();
        assert_eq!(told, [(2, "logged"), (3, "rejected"), (4, "logged"), (5, "known"), (6, "rejected"), (7, "rejected")]);
        let errors = |row: usize| each(&imported["rows"][row]["errors"], "column").join(" ");
        assert_eq!((errors(1), errors(4), errors(5)), ("title dated_on".to_owned(), "dated_on".to_owned(), "technology sets".to_owned()));
        assert_eq!((&imported["rows"][0]["counted_minutes"], &imported["rows"][2]["counted_minutes"]), (&json!(90), &json!(720)));
        assert_eq!(world.count("activity.logged"), 2);
        // Sent again it adds nothing.
        let again = imports(&holder.ada, certification, "", rows).await.expect(200);
        assert_eq!((&again["logged"], &again["known"]), (&json!(0), &json!(3)));
        let bob = world.register("Bob").await;
        imports(&bob, certification, "", rows).await.refused(404, "not-found");
        imports(&holder.ada, certification, "", "title,kind\r\n").await.refused(422, "invalid-input");
        holder.ada.post(&format!("/v1/certifications/{certification}/activities/import"), json!({})).await.refused(415, "unsupported-media-type");
    }

    async fn running_totals_tell_what_is_missing_and_by_when(world) {
        let holder = world.holder().await;
        world.travel_to("2028-01-01");
        let none = holder.progress("").await;
        assert_eq!((&none["missing_minutes"], &none["missing_technology_minutes"], &none["outcome"]), (&json!(1_920), &json!(240), &json!("not_yet_open")));
        holder.logs(credits("2027-01-01")).await;
        holder.logs(workshop("2027-02-01", 100, true)).await;
        let some = holder.progress("").await;
        assert_eq!((&some["counted_minutes"], &some["technology_minutes"]), (&json!(1_900), &json!(100)));
        assert_eq!((&some["missing_minutes"], &some["missing_technology_minutes"]), (&json!(20), &json!(140)));
        assert_eq!(some["window"], json!({"opens_on": OPENS, "closes_on": GRACE_ENDS}));
        assert_eq!((&some["term"]["number"], &some["term"]["from"], &some["term"]["to"]), (&json!(1), &json!("2026-03-01"), &json!("2030-03-01")));
        assert_eq!(some["days_left"], 851);
        // What the totals say is what the evaluation says of the same facts.
        let on = holder.progress("?as_of=2029-06-01").await;
        let judged = world.anyone().post("/v1/evaluations/renewal", json!({"term_started_on": "2026-03-01",
            "expires_on": "2030-03-01", "submitted_on": "2029-06-01", "activities": [
                {"kind": "semester_credit", "dated_on": "2027-01-01", "quantity": 2, "sets": ["CAT"], "documented": true},
                {"kind": "workshop", "dated_on": "2027-02-01", "minutes": 100, "technology": true, "sets": ["TEC"], "documented": true}]})).await.expect(200);
        for field in ["outcome", "counted_minutes", "technology_minutes", "window", "findings"] {
            assert_eq!(on[field], judged[field], "{field}");
        }
        assert_eq!(on["outcome"], "short");
        holder.ada.get(&format!("/v1/certifications/{}/renewal-progress?as_of=2026-02-01", holder.held.certification)).await.refused(400, "invalid-query");
    }
}
