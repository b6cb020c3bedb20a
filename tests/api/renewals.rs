//! Renewals: submitted in one act, judged by the rules of the day, decided once.

use serde_json::json;

use crate::support::{
    renewals::{EXPIRES, GRACE_ENDS, OPENS, credits, workshop},
    story::statements,
    world::{each, each_world},
};

each_world! {
    async fn a_renewal_brings_the_term_that_follows_and_uses_its_activities(world) {
        let holder = world.holder().await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let renewed = holder.renews(&used).await.expect(201);
        let id = renewed.id();
        assert_eq!(renewed.header("location"), format!("/v1/renewals/{id}"));
        assert_eq!((&renewed["state"], &renewed["term"], &renewed["late"]), (&json!("granted"), &json!(2), &json!(false)));
        assert_eq!((&renewed["counted_minutes"], &renewed["technology_minutes"]), (&json!(2_040), &json!(240)));
        assert_eq!((&renewed["renewed_until"], &renewed["invoice_id"]), (&json!("2034-03-01"), &json!(null)));
        assert_eq!(each(&renewed["activities"], "activity_id"), used);
        let now = holder.certification().await;
        assert_eq!((&now["renewals"], &now["expires_on"]), (&json!(1), &json!("2034-03-01")));
        assert_eq!((&now["renewal_opens_on"], &now["grace_ends_on"]), (&json!("2033-03-01"), &json!("2034-05-01")));
        assert_eq!(world.happened_to(&id), ["renewal.submitted", "renewal.granted"]);
        assert_eq!(world.happened_to(&holder.held.certification), ["certification.awarded", "certification.renewed"]);
        assert_eq!(world.count("invoice.issued"), 1, "that of the application");
        for activity in &used {
            assert_eq!(holder.ada.activity(activity).await["renewal_id"], json!(id));
        }
        // They count no more, and the next term asks for all of it again.
        let next = holder.progress("").await;
        assert_eq!((&next["counted_minutes"], &next["missing_minutes"], &next["activities_from"]), (&json!(0), &json!(1_920), &json!("2029-03-02")));
    }

    async fn a_day_early_or_late_is_refused_with_the_finding_of_the_window(world) {
        let holder = world.holder().await;
        let path = format!("/v1/certifications/{}/renewals", holder.held.certification);
        world.travel_to("2029-02-28");
        let used = holder.logs_enough("2028-01-01").await;
        let body = json!({"activity_ids": used});
        assert!(!holder.certification().await.allows("submit_renewal"));
        holder.ada.post_bare(&path, body.clone()).await.refused(400, "idempotency-key-required");
        holder.renews(&used).await.refused(422, "rule-not-met").unmet(&["renewal.window"]);
        world.travel_to("2030-05-02");
        holder.renews(&used).await.refused(422, "rule-not-met").unmet(&["renewal.window"]);
        assert_eq!((world.count("renewal.submitted"), world.count("certification.renewed")), (0, 0));
        assert_eq!(holder.ada.activity(&used[0]).await["state"], "free");
        assert_eq!(holder.certification().await["status"], "lapsed");
    }

    async fn the_last_day_of_grace_is_in_time_and_leaves_no_gap(world) {
        let holder = world.holder().await;
        world.travel_to(GRACE_ENDS);
        let used = holder.logs_enough("2030-04-30").await;
        assert_eq!(holder.certification().await["status"], "grace");
        let renewed = holder.renews(&used).await.expect(201);
        assert_eq!((&renewed["late"], &renewed["fee_code"], &renewed["renewed_until"]), (&json!(true), &json!("late_renewal"), &json!("2034-03-01")));
        let verify = async |on: &str| {
            let path = format!("/v1/verifications/{}?as_of={on}", holder.held.number);
            let found = world.anyone().get(&path).await.expect(200);
            (found.text("status"), found.text("expires_on"))
        };
        for (on, told) in [
            ("2026-03-01", EXPIRES), (EXPIRES, EXPIRES), ("2030-03-02", "2034-03-01"),
            (GRACE_ENDS, "2034-03-01"), ("2034-03-01", "2034-03-01"),
        ] {
            assert_eq!(verify(on).await, ("active".to_owned(), told.to_owned()), "{on}");
        }
        assert_eq!(verify("2034-05-01").await.0, "grace");
        assert_eq!(verify("2034-05-02").await.0, "lapsed");
    }

    async fn an_early_renewal_is_told_from_its_day_on(world) {
        let holder = world.holder().await;
        world.travel_to("2029-06-01");
        let used = holder.logs_enough("2029-05-01").await;
        let renewal = holder.renews(&used).await.expect(201).id();
        let on = async |day: &str| {
            let path = format!("/v1/certifications/{}?as_of={day}", holder.held.certification);
            let told = holder.ada.get(&path).await.expect(200);
            (told["renewals"].as_i64().unwrap(), told.text("expires_on"))
        };
        assert_eq!(on("2029-05-31").await, (0, EXPIRES.to_owned()));
        assert_eq!(on("2029-06-01").await, (1, "2034-03-01".to_owned()));
        let terms = holder.ada.get(&format!("/v1/certifications/{}/terms", holder.held.certification)).await.expect(200);
        assert_eq!(terms["items"], json!([
            {"number": 1, "from": "2026-03-01", "to": "2030-03-01", "renewal_id": null, "submitted_on": null, "granted_on": "2026-03-01"},
            {"number": 2, "from": "2030-03-02", "to": "2034-03-01", "renewal_id": renewal, "submitted_on": "2029-06-01", "granted_on": "2029-06-01"},
        ]));
    }

    async fn short_hours_are_refused_with_what_was_found_and_nothing_is_used(world) {
        let holder = world.holder().await;
        world.travel_to(OPENS);
        let hours = holder.logs(credits("2028-01-01")).await;
        let tech = holder.logs(workshop("2028-01-01", 119, true)).await;
        let refused = holder.renews(&[hours.clone(), tech.clone()]).await.refused(422, "rule-not-met");
        let refused = refused.unmet(&["renewal.contact_hours", "renewal.technology_hours"]);
        assert_eq!(refused["findings"][1]["actual"], "31 hours 59 minutes");
        assert_eq!(refused["findings"][2]["required"], "at least 4 hours");
        assert_eq!(holder.ada.activity(&hours).await["state"], "free");
        assert_eq!(world.count("renewal.submitted"), 0);
        // A minute and three hours of technology more.
        let more = holder.logs(workshop("2028-02-01", 121, true)).await;
        holder.renews(&[hours, tech, more]).await.expect(201);
    }

    async fn what_counts_nothing_stays_free(world) {
        let holder = world.holder().await;
        world.travel_to(OPENS);
        let mut used = holder.logs_enough("2028-01-01").await;
        let short = holder.logs(workshop("2028-01-01", 30, true)).await;
        used.push(short.clone());
        let renewed = holder.renews(&used).await.expect(201);
        assert_eq!((&renewed["activities"][2]["counted_minutes"], &renewed["activities"][2]["not_counted"]), (&json!(0), &json!("too_short")));
        assert_eq!(holder.ada.activity(&short).await["state"], "free");
        assert_eq!(holder.ada.activity(&used[0]).await["state"], "consumed");
    }

    async fn a_second_a_stale_and_a_strange_submission_are_refused(world) {
        let holder = world.holder().await;
        let certification = &holder.held.certification;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let path = format!("/v1/certifications/{certification}/renewals");
        let stale = json!({"activity_ids": used, "expires_on": "2034-03-01"});
        holder.ada.post(&path, stale).await.refused(409, "state-conflict").unmet(&["renewal.term"]);
        let twice = json!({"activity_ids": [used[0], used[0]]});
        holder.ada.post(&path, twice).await.faulty("#/activity_ids/1", "duplicate");
        let unknown = json!({"activity_ids": [format!("act_{:032x}", 5)]});
        holder.ada.post(&path, unknown).await.faulty("#/activity_ids/0", "unknown");
        holder.ada.post(&path, json!({"activity_ids": []})).await.faulty("#/activity_ids", "length");
        let bob = world.register("Bob").await;
        bob.renews(certification, &used).await.refused(404, "not-found");
        holder.staff.renews(certification, &used).await.refused(403, "forbidden");
        let said = json!({"activity_ids": used, "expires_on": EXPIRES});
        let first = holder.ada.post_as("once", &path, said.clone()).await.expect(201);
        let replayed = holder.ada.post_as("once", &path, said.clone()).await.expect(201);
        assert_eq!((first.id(), replayed.header("idempotency-replayed")), (replayed.id(), "true"));
        holder.ada.post(&path, said).await.refused(409, "state-conflict").unmet(&["renewal.term", "renewal.activities_free"]);
        holder.renews(&used).await.refused(409, "state-conflict").unmet(&["renewal.activities_free"]);
        let fresh = holder.logs_enough("2029-02-01").await;
        holder.renews(&fresh).await.refused(422, "rule-not-met").unmet(&["renewal.window", "renewal.contact_hours", "renewal.technology_hours"]);
        assert_eq!(world.count("renewal.granted"), 1);
    }

    async fn the_office_decides_where_the_policy_says_so(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| policy["renewal"]["decision"] = json!("by_office")).await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let waiting = holder.renews(&used).await.expect(201);
        let id = waiting.id();
        assert_eq!((&waiting["state"], waiting.allows("withdraw_renewal")), (&json!("submitted"), true));
        assert_eq!(holder.certification().await["renewals"], 0);
        assert_eq!(holder.progress("").await["waiting_renewal_id"], json!(id));
        let fresh = holder.logs_enough("2028-02-01").await;
        holder.renews(&fresh).await.refused(409, "state-conflict").unmet(&["renewal.once"]);
        let queue = holder.staff.get("/v1/renewals?state=submitted").await.expect(200);
        assert_eq!(each(&queue["items"], "id"), [id.as_str()]);
        holder.ada.decides_renewal(&id, "grant").await.refused(403, "forbidden");
        world.register("Bob").await.get(&format!("/v1/renewals/{id}")).await.refused(404, "not-found");

        let refused = holder.staff.decides_renewal(&id, "refuse").await.expect(200);
        assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("The certificate is not yours.")));
        assert_eq!(holder.ada.activity(&used[0]).await["state"], "free");
        holder.staff.decides_renewal(&id, "grant").await.refused(409, "state-conflict").unmet(&["renewal.state"]);
        // The same activities once more, withdrawn, and once more.
        let second = holder.renews(&used).await.expect(201).id();
        let withdrawn = holder.ada.decides_renewal(&second, "withdraw").await.expect(200);
        assert_eq!(withdrawn["state"], "withdrawn");
        let third = holder.renews(&used).await.expect(201).id();
        // Decided after the window: what it was judged on on its day stands.
        world.travel_to("2030-06-01");
        let granted = holder.staff.decides_renewal(&third, "grant").await.expect(200);
        assert_eq!((&granted["state"], &granted["renewed_until"]), (&json!("granted"), &json!("2034-03-01")));
        assert_eq!(holder.certification().await["status"], "active");
        holder.ada.decides_renewal(&third, "withdraw").await.refused(409, "state-conflict").unmet(&["renewal.state"]);
        assert_eq!((world.count("renewal.submitted"), world.count("certification.renewed")), (3, 1));
    }

    async fn a_fee_grants_when_it_is_settled_and_goes_back_when_it_is_refused(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| {
            policy["fees"]["schedule"]["renewal"]["price_cents"] = json!(4_000);
            policy["fees"]["schedule"]["late_renewal"]["price_cents"] = json!(9_000);
        }).await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let first = holder.renews(&used).await.expect(201);
        let invoice = first.text("invoice_id");
        assert_eq!((&first["state"], &first["fee_code"]), (&json!("submitted"), &json!("renewal")));
        let owed = holder.ada.get(&format!("/v1/invoices/{invoice}")).await.expect(200);
        assert_eq!((&owed["total_cents"], &owed["lines"][0]["code"]), (&json!(4_000), &json!("renewal")));
        holder.staff.decides_renewal(&first.id(), "grant").await.refused(422, "rule-not-met").unmet(&["renewal.fee_settled"]);
        // Half of it comes in, then the office refuses: nothing is owed, and the half goes back.
        holder.staff.records_payment(&invoice, 2_000).await.expect(201);
        holder.staff.decides_renewal(&first.id(), "refuse").await.expect(200);
        assert_eq!(holder.ada.get(&format!("/v1/invoices/{invoice}")).await["state"], "void");
        let back = holder.staff.get("/v1/payouts").await.expect(200);
        assert_eq!((&back["items"][0]["amount_cents"], &back["items"][0]["kind"]), (&json!(2_000), &json!("refund")));

        world.travel_to("2030-03-02");
        let late = holder.renews(&used).await.expect(201);
        assert_eq!((&late["state"], &late["fee_code"]), (&json!("submitted"), &json!("late_renewal")));
        let invoice = late.text("invoice_id");
        holder.staff.records_payment(&invoice, 8_999).await.expect(201);
        assert_eq!(holder.ada.renewal(&late.id()).await["state"], "submitted");
        holder.staff.records_payment(&invoice, 1).await.expect(201);
        assert_eq!(holder.ada.renewal(&late.id()).await["state"], "granted");
        assert_eq!(holder.certification().await["expires_on"], "2034-03-01");
        holder.staff.finds_the_ledger_right().await;
    }

    async fn a_withdrawn_one_ends_its_invoice(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| {
            policy["fees"]["schedule"]["renewal"]["price_cents"] = json!(4_000);
        }).await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let renewal = holder.renews(&used).await.expect(201);
        holder.ada.decides_renewal(&renewal.id(), "withdraw").await.expect(200);
        assert_eq!(holder.ada.get(&format!("/v1/invoices/{}", renewal.text("invoice_id"))).await["state"], "void");
        assert_eq!(holder.ada.activity(&used[0]).await["state"], "free");
        holder.staff.finds_the_ledger_right().await;
    }

    async fn what_is_suspended_or_revoked_is_not_renewed(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| policy["renewal"]["decision"] = json!("by_office")).await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let renewal = holder.renews(&used).await.expect(201).id();
        let measure = async |act: &str| {
            let body = json!({"reason_code": "under_investigation", "public_text": "A complaint is being looked into."});
            holder.staff.post(&format!("/v1/certifications/{}/{act}", holder.held.certification), body).await.expect(200)
        };
        measure("suspend").await;
        holder.staff.decides_renewal(&renewal, "grant").await.refused(409, "state-conflict").unmet(&["renewal.certification"]);
        holder.ada.decides_renewal(&renewal, "withdraw").await.expect(200);
        holder.renews(&used).await.refused(409, "state-conflict").unmet(&["renewal.certification"]);
        assert!(!holder.certification().await.allows("submit_renewal"));
        // What ended its suspension can be renewed again; what is revoked, never.
        world.travel_to("2029-04-01");
        let path = format!("/v1/certifications/{}/reinstate", holder.held.certification);
        holder.staff.post(&path, json!({"reason": "Cleared."})).await.expect(200);
        let renewal = holder.renews(&used).await.expect(201).id();
        measure("revoke").await;
        holder.staff.decides_renewal(&renewal, "grant").await.refused(409, "state-conflict").unmet(&["renewal.certification"]);
        assert_eq!((world.count("renewal.submitted"), world.count("certification.renewed")), (2, 0));
    }

    async fn twenty_years_of_renewals_leave_no_gap_and_a_lapse_begins_anew(world) {
        let holder = world.holder().await;
        let certification = holder.held.certification.clone();
        for (day, done) in [("2029-05-01", "2028-01-01"), ("2034-04-30", "2033-01-01"), ("2038-03-01", "2037-01-01")] {
            world.travel_to(day);
            let used = holder.logs_enough(done).await;
            holder.renews(&used).await.expect(201);
        }
        let terms = holder.ada.get(&format!("/v1/certifications/{certification}/terms")).await.expect(200);
        assert_eq!(each(&terms["items"], "from"), ["2026-03-01", "2030-03-02", "2034-03-02", "2038-03-02"]);
        assert_eq!(each(&terms["items"], "to"), ["2030-03-01", "2034-03-01", "2038-03-01", "2042-03-01"]);
        // What was done before the last submission counts for no other renewal.
        world.travel_to("2041-06-01");
        let old = holder.logs(credits("2038-03-01")).await;
        assert_eq!(holder.ada.activity(&old).await["hours"]["not_counted"], "too_early");
        world.travel_to("2042-05-01");
        assert_eq!(holder.certification().await["status"], "grace");
        holder.ada.post("/v1/applications", statements()).await.refused(409, "state-conflict").unmet(&["application.no_standing_certification"]);
        // Lapsed: she is a candidate again, and the old number keeps answering.
        world.travel_to("2042-05-02");
        assert_ne!(holder.staff.admits(&holder.ada).await, holder.held.candidacy);
        let lapsed = world.anyone().get(&format!("/v1/verifications/{}", holder.held.number)).await.expect(200);
        assert_eq!((&lapsed["status"], &lapsed["certified"], &lapsed["expires_on"]), (&json!("lapsed"), &json!(false), &json!("2042-03-01")));
        let past = world.anyone().get(&format!("/v1/verifications/{}?as_of=2036-01-01", holder.held.number)).await.expect(200);
        assert_eq!((&past["status"], &past["expires_on"]), (&json!("active"), &json!("2038-03-01")));
    }

    async fn a_refusal_that_is_remanded_waits_again_with_its_activities(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| policy["renewal"]["decision"] = json!("by_office")).await;
        let amy = world.register("Amy").await;
        world.grant(&amy.id, domain::access::Role::Staff).await;
        let court = crate::support::appeals::Court { stella: holder.staff.clone(), amy };
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let renewal = holder.renews(&used).await.expect(201).id();
        holder.ada.appeals(&renewal).await.refused(409, "state-conflict").unmet(&["appeal.decision"]);
        holder.staff.decides_renewal(&renewal, "refuse").await.expect(200);
        assert_eq!(holder.ada.asks_for_terms(&renewal).await.expect(200)["kind"], "renewal_refused");
        let appeal = holder.ada.appeals(&renewal).await.expect(201).id();
        court.hears(&holder.ada, &appeal, OPENS).await;
        // Another renewal uses them meanwhile: the remand waits until it is gone.
        let other = holder.renews(&used).await.expect(201).id();
        court.amy.finds_on(&appeal, "remanded").await.refused(409, "state-conflict").unmet(&["renewal.once"]);
        holder.ada.decides_renewal(&other, "withdraw").await.expect(200);
        court.amy.finds_on(&appeal, "remanded").await.expect(200);
        let again = holder.ada.renewal(&renewal).await;
        assert_eq!((&again["state"], &again["reason"], &again["decided_on"]), (&json!("submitted"), &json!(null), &json!(null)));
        assert_eq!(holder.ada.activity(&used[0]).await["renewal_id"], json!(renewal));
        holder.staff.decides_renewal(&renewal, "grant").await.expect(200);
        assert_eq!(world.happened_to(&renewal), ["renewal.submitted", "renewal.refused", "renewal.reopened", "renewal.granted"]);
        assert_eq!(holder.certification().await["expires_on"], "2034-03-01");
    }
}
