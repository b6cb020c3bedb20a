//! Suspension, reinstatement, revocation and reversal; lists by status on any day.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    race::{CONTENDERS, contend, one_winner},
    story::Certified,
    world::{World, each, each_world},
};

/// Ada is certified from 2026-03-01 on.
struct Held {
    ada: Actor,
    staff: Actor,
    certified: Certified,
}

async fn held(world: &World) -> Held {
    let (ada, staff) = (world.register("Ada").await, world.staff().await);
    let certified = staff.certifies(&ada, "2026-03-01").await;
    Held { ada, staff, certified }
}

fn order() -> Value {
    json!({"reason_code": "under_investigation", "public_text": "A complaint is being looked into.",
        "note": "Letter of Ms. Example, file 12."})
}

fn order_from(effective_on: &str, ends_on: &str) -> Value {
    let mut body = order();
    body["effective_on"] = json!(effective_on);
    body["ends_on"] = json!(ends_on);
    body
}

impl Held {
    fn path(&self, act: &str) -> String {
        format!("/v1/certifications/{}/{act}", self.certified.certification)
    }
    async fn acts(&self, act: &str, body: Value) -> Answer {
        self.staff.post(&self.path(act), body).await
    }
    async fn on(&self, world: &World, day: &str) -> Answer {
        let path = format!("/v1/verifications/{}?as_of={day}", self.certified.number);
        world.anyone().get(&path).await.expect(200)
    }
    async fn status_on(&self, world: &World, day: &str) -> Value {
        self.on(world, day).await["status"].clone()
    }
}

fn verdict<'a>(verification: &'a Answer, check: &str) -> (&'a str, &'a str) {
    let checks = verification["checks"].as_array().unwrap();
    let one = checks.iter().find(|one| one["check"] == check).unwrap();
    (one["verdict"].as_str().unwrap(), one["detail"].as_str().unwrap())
}

each_world! {
    async fn a_suspension_is_public_for_its_days_and_its_note_is_not(world) {
        let held = held(world).await;
        let body = order_from("2026-03-10", "2026-03-20");
        let told = held.acts("suspend", body).await.expect(200);
        assert_eq!((&told["status"], &told["measures"][0]["state"]), (&json!("active"), &json!("upcoming")));
        assert_eq!(told["measures"][0]["note"], "Letter of Ms. Example, file 12.");
        for (day, status, certified) in [("2026-03-09", "active", true), ("2026-03-10", "suspended", false), ("2026-03-20", "suspended", false), ("2026-03-21", "active", true)] {
            let found = held.on(world, day).await;
            assert_eq!((&found["status"], &found["certified"]), (&json!(status), &json!(certified)), "{day}");
            let told = verdict(&found, "not_suspended");
            assert_eq!(told.0 == "fail", status == "suspended");
            assert_eq!(told.1.contains("A complaint is being looked into."), status == "suspended");
            assert_eq!(verdict(&found, "not_revoked").0, "pass");
            assert!(!found.body().contains("Letter of"), "{}", found.body());
        }
        let measure = held.on(world, "2026-03-10").await["measure"].clone();
        assert_eq!((&measure["kind"], &measure["reason_code"], &measure["ends_on"]), (&json!("suspension"), &json!("under_investigation"), &json!("2026-03-20")));
        let own = held.ada.get(&format!("/v1/certifications/{}", held.certified.certification)).await.expect(200);
        assert_eq!((&own["measures"][0]["note"], own["measures"].as_array().unwrap().len()), (&Value::Null, 1));
        assert_eq!(each(&own["actions"], "name"), ["log_activity", "submit_renewal"]);
        let read = held.staff.get(&format!("/v1/certifications/{}", held.certified.certification)).await.expect(200);
        assert!(read.allows("revoke_certification") && read.allows("reverse_measure"));
        assert!(!read.allows("suspend_certification"), "one lies ahead");
        assert_eq!(world.count("certification.suspended"), 1);
    }

    async fn a_reinstatement_ends_a_suspension_the_day_before(world) {
        let held = held(world).await;
        held.acts("reinstate", json!({"reason": "Cleared."})).await.refused(409, "state-conflict").unmet(&["certification.suspended"]);
        held.acts("suspend", order()).await.expect(200);
        world.travel_to("2026-04-01");
        held.acts("reinstate", json!({"reason": "Cleared.", "effective_on": "2026-03-31"})).await.faulty("#/effective_on", "out_of_range");
        let told = held.acts("reinstate", json!({"reason": "Cleared."})).await.expect(200);
        assert_eq!((&told["status"], &told["measures"][0]["state"], &told["measures"][0]["ends_on"]), (&json!("active"), &json!("ended"), &json!("2026-03-31")));
        assert_eq!((held.status_on(world, "2026-03-31").await, held.status_on(world, "2026-04-01").await), (json!("suspended"), json!("active")));
        held.acts("reinstate", json!({"reason": "Again."})).await.refused(409, "state-conflict").unmet(&["certification.suspended"]);
        assert_eq!(world.happened_to(&held.certified.certification), ["certification.awarded", "certification.suspended", "certification.reinstated"]);
    }

    async fn what_is_revoked_is_revoked_once_and_stays_in_history_when_it_was_wrong(world) {
        let held = held(world).await;
        let told = held.acts("revoke", json!({"reason_code": "false_statement", "public_text": "The transcript was not genuine."})).await.expect(200);
        assert_eq!((&told["status"], &told["certified"], &told["renewal_open"]), (&json!("revoked"), &json!(false), &json!(false)));
        held.acts("revoke", order()).await.refused(409, "state-conflict").unmet(&["certification.not_revoked"]);
        held.acts("suspend", order()).await.refused(409, "state-conflict").unmet(&["certification.not_revoked"]);
        assert_eq!(held.status_on(world, "2031-01-01").await, "revoked");
        world.travel_to("2026-05-01");
        let reversal = held.path("measures/1/reverse");
        held.staff.post(&held.path("measures/2/reverse"), json!({"reason": "Wrong."})).await.refused(404, "not-found");
        held.staff.post(&reversal, json!({})).await.faulty("#/reason", "required");
        let told = held.staff.post(&reversal, json!({"reason": "The college confirmed it."})).await.expect(200);
        assert_eq!((&told["status"], &told["measures"][0]["state"]), (&json!("active"), &json!("reversed")));
        assert_eq!((&told["measures"][0]["reversed_on"], &told["measures"][0]["reversal_reason"]), (&json!("2026-05-01"), &json!("The college confirmed it.")));
        // It never counted, on no day.
        assert_eq!(held.status_on(world, "2026-04-01").await, "active");
        held.staff.post(&reversal, json!({"reason": "Again."})).await.refused(409, "state-conflict").unmet(&["certification.measure_stands"]);
        held.acts("suspend", order()).await.expect(200);
        assert_eq!((world.count("certification.revoked"), world.count("certification.measure_reversed")), (1, 1));
    }

    async fn what_it_rests_on_is_voided_after_its_revocation_which_then_stays(world) {
        let held = held(world).await;
        let held_by = held.staff.get("/v1/certifications").await["items"][0].clone();
        let achievement = held_by["achievements"][0]["achievement_id"].as_str().unwrap();
        let void = format!("/v1/achievements/{achievement}/void");
        held.staff.post(&void, json!({"reason": "Not theirs."})).await.refused(409, "state-conflict").unmet(&["achievement.not_certified"]);
        held.acts("revoke", order()).await.expect(200);
        held.staff.post(&void, json!({"reason": "Not theirs."})).await.expect(200);
        let reversal = held.staff.post(&held.path("measures/1/reverse"), json!({"reason": "Wrong."})).await;
        reversal.refused(409, "state-conflict").unmet(&["certification.grounds_stand"]);
        assert_eq!(held.status_on(world, "2026-03-01").await, "revoked");
        assert_eq!(world.count("certification.measure_reversed"), 0);
    }

    async fn a_decision_counts_from_today_on_and_days_are_in_order(world) {
        let held = held(world).await;
        held.acts("suspend", order_from("2026-02-28", "2026-03-20")).await.faulty("#/effective_on", "out_of_range");
        held.acts("suspend", order_from("2026-03-10", "2026-03-09")).await.faulty("#/ends_on", "order");
        held.acts("revoke", order_from("2026-03-10", "2026-03-20")).await.faulty("#/ends_on", "unknown");
        held.acts("suspend", json!({"reason_code": "whim", "public_text": "."})).await.faulty("#/reason_code", "unknown");
        held.acts("suspend", json!({"reason_code": "other", "public_text": ""})).await.faulty("#/public_text", "length");
        held.acts("suspend", order_from("2026-03-10", "2026-03-20")).await.expect(200);
        held.acts("suspend", order_from("2026-03-20", "2026-03-30")).await.refused(409, "state-conflict").unmet(&["certification.not_suspended"]);
        held.acts("suspend", order_from("2026-03-21", "2026-03-30")).await.expect(200);
        held.acts("suspend", order_from("2030-05-02", "2030-06-01")).await.refused(409, "state-conflict").unmet(&["certification.not_lapsed"]);
        held.staff.post_bare(&held.path("revoke"), order()).await.refused(400, "idempotency-key-required");
        held.ada.post(&held.path("revoke"), order()).await.refused(403, "forbidden");
        world.register("Bob").await.post(&held.path("revoke"), order()).await.refused(404, "not-found");
        assert_eq!((world.count("certification.suspended"), world.count("certification.revoked")), (2, 0));
    }

    async fn the_same_decision_sent_twice_is_taken_once(world) {
        let held = held(world).await;
        let first = held.staff.post_as("k-suspend-once", &held.path("suspend"), order()).await.expect(200);
        let again = held.staff.post_as("k-suspend-once", &held.path("suspend"), order()).await.expect(200);
        assert_eq!(first.json, again.json);
        assert_eq!(world.count("certification.suspended"), 1);
    }

    async fn sixteen_suspensions_and_revocations_at_once(world) {
        let held = held(world).await;
        let answers = contend(|number| {
            let (staff, path) = (held.staff.clone(), held.path(if number % 2 == 0 { "suspend" } else { "revoke" }));
            async move { staff.post(&path, order()).await }
        })
        .await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|one| one.status == 200);
        assert!(refused.iter().all(|one| one.status == 409));
        let counts = (world.count("certification.suspended"), world.count("certification.revoked"));
        assert!(counts.0 <= 1, "a suspension comes once, before the revocation");
        assert_eq!((counts.1, done.len()), (1, counts.0 + 1));
        assert_eq!(refused.len(), CONTENDERS - done.len());
        assert_eq!(held.status_on(world, "2026-03-01").await, "revoked");
    }

    async fn sixteen_reversals_of_one_revocation(world) {
        let held = held(world).await;
        held.acts("revoke", order()).await.expect(200);
        let answers = contend(|_| {
            let (staff, path) = (held.staff.clone(), held.path("measures/1/reverse"));
            async move { staff.post(&path, json!({"reason": "Wrong."})).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!(world.count("certification.measure_reversed"), 1);
    }

    async fn the_office_lists_by_status_on_any_day(world) {
        let staff = world.staff().await;
        let mut held = Vec::new();
        for (name, today) in [("Ada", "2026-03-01"), ("Bob", "2026-03-02"), ("Cleo", "2026-03-03")] {
            world.travel_to(today);
            held.push(staff.certifies(&world.register(name).await, today).await.certification);
        }
        let act = |place: usize, act: &str| format!("/v1/certifications/{}/{act}", held[place]);
        staff.post(&act(1, "suspend"), order_from("2026-04-01", "2029-06-30")).await.expect(200);
        staff.post(&act(2, "revoke"), json!({"reason_code": "misconduct", "public_text": ".", "effective_on": "2029-09-01"})).await.expect(200);
        let listed = async |query: &str| {
            let page = staff.get(&format!("/v1/certifications?{query}")).await.expect(200);
            let ids = each(&page["items"], "id").into_iter().map(|id| held.iter().position(|one| one == id).unwrap());
            ids.collect::<Vec<_>>()
        };
        for (query, expected) in [
            ("status=active&as_of=2026-03-31", vec![0, 1, 2]),
            ("status=active&as_of=2026-04-01", vec![0, 2]),
            ("status=suspended&as_of=2026-04-01", vec![1]),
            ("renewal_open=true&as_of=2029-02-28", vec![]),
            ("renewal_open=true&as_of=2029-03-02", vec![0, 1]),
            ("renewal_open=true&as_of=2029-08-31", vec![0, 1, 2]),
            ("renewal_open=true&as_of=2029-09-01", vec![0, 1]),
            ("renewal_open=true&status=suspended&as_of=2029-06-30", vec![1]),
            ("renewal_open=false&as_of=2029-09-01", vec![2]),
            ("status=revoked&as_of=2029-09-01", vec![2]),
            ("status=revoked&renewal_open=true&as_of=2029-09-01", vec![]),
            ("status=grace&as_of=2030-03-02", vec![0]),
            ("status=grace&as_of=2030-05-02", vec![1]),
            ("status=lapsed&as_of=2030-05-03", vec![0, 1]),
            ("status=provisional&as_of=2026-04-01", vec![]),
        ] {
            assert_eq!(listed(query).await, expected, "{query}");
        }
        // Page by page, in the same order; a cursor is a place in every list.
        let first = staff.get("/v1/certifications?renewal_open=true&as_of=2029-08-31&limit=2").await.expect(200);
        let cursor = first.text("next_cursor");
        assert!(cursor.starts_with('2') && first.header("link").contains(&cursor), "{cursor}");
        assert_eq!(listed(&format!("renewal_open=true&as_of=2029-08-31&limit=2&cursor={cursor}")).await, [2]);
        assert_eq!(listed(&format!("cursor={cursor}")).await, [2]);
        let plain = staff.get("/v1/certifications?limit=1").await.expect(200).text("next_cursor");
        assert_eq!(listed(&format!("status=revoked&as_of=2029-09-01&cursor={plain}")).await, [2]);
        let bare = staff.get("/v1/certifications?status=active&cursor=nonsense").await;
        bare.refused(400, "invalid-cursor");
    }
}
