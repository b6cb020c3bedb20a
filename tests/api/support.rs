//! Help with portfolios: guidance, support events with their seats and calendar files, requests for help.

use serde_json::{Value, json};

use super::offerings::{property, read};
use crate::support::{
    actor::{Actor, Answer, send},
    mails::mails_to,
    race::{CONTENDERS, contend, one_winner},
    world::{each, each_world},
};

/// A webinar on the first of April 2026, a month after the tests begin.
fn webinar(seats: Option<u32>) -> Value {
    json!({"kind": "webinar", "title": "Preparing a portfolio", "starts_at": "2026-04-01T18:00:00Z",
        "ends_at": "2026-04-01T19:30:00Z", "link": "https://webinars.example.org/1", "seats": seats})
}

async fn puts(actor: &Actor, path: &str, etag: Option<&str>, body: &Value) -> Answer {
    let request = actor.request(reqwest::Method::PUT, path).json(body);
    send(match etag {
        Some(etag) => request.header("If-Match", etag),
        None => request,
    })
    .await
}

each_world! {
    async fn every_set_has_guidance_that_staff_change(world) {
        let (staff, anyone, ada) = (world.staff().await, world.anyone(), world.register("Ada").await);
        let all = anyone.get("/v1/guidance").await.expect(200);
        assert_eq!(each(&all["items"], "set"), ["ACC", "ARA", "CAT", "COL", "COM", "FND", "REF", "SUP", "TEC", "YTH"]);
        for one in all["items"].as_array().unwrap() {
            assert!(one["steps"].as_array().unwrap().len() >= 3 && one["evidence"].as_array().unwrap().len() >= 3, "{one}");
        }
        let of_set = anyone.get("/v1/guidance?set=FND").await.expect(200);
        assert_eq!(each(&of_set["items"], "set"), ["FND"]);
        anyone.get("/v1/guidance/XYZ").await.refused(404, "not-found");
        anyone.get("/v1/guidance?program=other").await.expect(200);
        let before = anyone.get("/v1/guidance/FND").await.expect(200);
        let body = json!({"summary": "What a library is for.", "steps": ["Read."], "evidence": ["A chart."],
            "links": [{"title": "More", "url": "https://example.org/more"}]});
        let path = "/v1/guidance/FND";
        ada.get(path).await.expect(200);
        puts(&anyone, path, Some("*"), &body).await.refused(401, "unauthenticated");
        puts(&ada, path, Some("*"), &body).await.refused(403, "forbidden");
        puts(&staff, path, None, &body).await.refused(428, "precondition-required");
        puts(&staff, path, Some("\"v9\""), &body).await.refused(412, "stale");
        puts(&staff, "/v1/guidance/XYZ", Some("*"), &body).await.refused(404, "not-found");
        let mut bare = body.clone();
        bare["steps"] = json!([]);
        puts(&staff, path, Some("*"), &bare).await.faulty("#/steps", "length");
        let after = puts(&staff, path, Some(&before.etag()), &body).await.expect(200);
        assert_eq!((&after["steps"], &after["version"], after.etag()), (&json!(["Read."]), &json!(2), "\"v2\"".to_owned()));
        let read = anyone.get(path).await.expect(200);
        assert_eq!((&read["links"], &read["evidence"]), (&body["links"], &body["evidence"]));
        assert_eq!(world.count("guidance.revised"), 1);
    }

    async fn an_event_is_announced_changed_and_cancelled(world) {
        let (staff, anyone, ada) = (world.staff().await, world.anyone(), world.register("Ada").await);
        let path = "/v1/support-events";
        anyone.post(path, webinar(Some(3))).await.refused(401, "unauthenticated");
        ada.post(path, webinar(Some(3))).await.refused(403, "forbidden");
        let with = |field: &str, value: Value| { let mut body = webinar(Some(3)); body[field] = value; body };
        for (body, pointer, code) in [
            (with("link", json!(null)), "#/link", "required"), (with("kind", json!("preconference")), "#/place", "required"),
            (with("ends_at", json!("2026-04-01T18:00:00Z")), "#/ends_at", "order"), (with("seats", json!(0)), "#/seats", "out_of_range"),
            (with("sets", json!(["XYZ"])), "#/sets/0", "unknown"),
        ] {
            staff.post(path, body).await.faulty(pointer, code);
        }
        let made = staff.post(path, webinar(Some(3))).await.expect(201);
        let own = format!("{path}/{}", made.id());
        assert!(made.allows("cancel_support_event") && made.allows("register_for_support_event"));
        assert_eq!(anyone.get(&own).await.expect(200)["actions"], json!([]));
        let registered = ada.post_empty(&format!("{own}/registrations")).await.expect(201);
        let seen = staff.get(&own).await.expect(200);
        assert_eq!((&seen["seats_left"], &seen["version"]), (&json!(2), &json!(2)));
        staff.patch(&own, &made.etag(), json!({"seats": 4})).await.refused(412, "stale");
        let changed = staff.patch(&own, &seen.etag(), json!({"seats": 1, "title": "Portfolios"})).await.expect(200);
        assert_eq!((&changed["seats_left"], &changed["title"]), (&json!(0), &json!("Portfolios")));
        ada.patch(&own, "*", json!({"seats": 9})).await.refused(403, "forbidden");
        let cancel = format!("{own}/cancel");
        staff.post_bare(&cancel, json!({"reason": "Snow."})).await.refused(400, "idempotency-key-required");
        let cancelled = staff.post(&cancel, json!({"reason": "Snow."})).await.expect(200);
        assert_eq!((&cancelled["cancelled_on"], &cancelled["cancel_reason"]), (&json!("2026-03-01"), &json!("Snow.")));
        staff.post(&cancel, json!({"reason": "Snow."})).await.refused(409, "state-conflict").unmet(&["support_event.state"]);
        staff.patch(&own, "*", json!({"seats": 9})).await.refused(409, "state-conflict").unmet(&["support_event.state"]);
        assert_eq!(world.happened_to(&made.id()), ["support_event.announced", "support_event.updated", "support_event.cancelled"]);
        assert_eq!(world.happened_to(&registered.id()), ["support_registration.made", "support_registration.event_cancelled"]);
        let told = || mails_to(world, "ada@example.org", "An event is cancelled").len();
        world.until("who is registered is told", || told() == 1).await;
        assert_eq!(anyone.get(path).await["items"], json!([]));
        assert_eq!(each(&anyone.get("/v1/support-events?cancelled=true").await["items"], "id"), [made.id()]);
    }

    async fn everybody_finds_events(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let announce = async |kind: &str, day: &str| {
            let body = json!({"kind": kind, "title": "About portfolios", "starts_at": format!("{day}T18:00:00Z"),
                "ends_at": format!("{day}T19:00:00Z"), "place": "Chicago, IL", "link": "https://example.org/"});
            staff.post("/v1/support-events", body).await.expect(201).id()
        };
        let past = announce("webinar", "2026-02-01").await;
        let soon = announce("webinar", "2026-03-20").await;
        let later = announce("presentation", "2026-06-25").await;
        for (query, found) in [
            ("", vec![&soon, &later]), ("from=2026-01-01", vec![&past, &soon, &later]), ("from=2026-03-21", vec![&later]),
            ("kind=webinar", vec![&soon]), ("kind=preconference", vec![]), ("program=other", vec![]),
        ] {
            let list = anyone.get(&format!("/v1/support-events?{query}")).await.expect(200);
            assert_eq!(each(&list["items"], "id"), found, "{query}");
        }
        let calendar = anyone.get(&format!("/v1/support-events/{later}/calendar")).await.expect(200);
        assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
        assert!(calendar.header("content-disposition").starts_with("attachment"));
        let read = read(&calendar.body());
        let [event] = &read.events[..] else { panic!("one event") };
        assert_eq!(property(event, "UID"), format!("{later}@support.lssc"));
        assert_eq!((property(event, "DTSTART"), property(event, "DTEND")), ("20260625T180000Z", "20260625T190000Z"));
        assert_eq!((property(event, "SUMMARY"), property(event, "STATUS")), ("About portfolios", "CONFIRMED"));
        assert_eq!(property(event, "LOCATION"), "Chicago\\, IL");
        anyone.get("/v1/support-events/sev_00000000000000000000000000000000/calendar").await.refused(404, "not-found");
    }

    async fn a_seat_is_taken_and_given_back(world) {
        let (staff, ada, bob) = (world.staff().await, world.register("Ada").await, world.register("Bob").await);
        let event = staff.post("/v1/support-events", webinar(Some(1))).await.expect(201).id();
        let path = format!("/v1/support-events/{event}/registrations");
        world.anyone().post_empty(&path).await.refused(401, "unauthenticated");
        let taken = ada.post_empty(&path).await.expect(201);
        ada.post_empty(&path).await.refused(409, "conflict");
        bob.post_empty(&path).await.refused(409, "state-conflict").unmet(&["support_event.seat_free"]);
        let own = format!("/v1/support-registrations/{}", taken.id());
        assert_eq!(taken.header("location"), own);
        assert_eq!(ada.get(&own).await.expect(200)["support_event_id"], json!(event));
        bob.get(&own).await.refused(404, "not-found");
        bob.post_empty(&format!("{own}/withdraw")).await.refused(404, "not-found");
        staff.patch(&format!("/v1/support-events/{event}"), "*", json!({"seats": 2})).await.expect(200);
        bob.post_empty(&path).await.expect(201);
        staff.patch(&format!("/v1/support-events/{event}"), "*", json!({"seats": 1})).await.refused(422, "rule-not-met").unmet(&["support_event.seats_taken"]);
        let withdrawn = ada.post_empty(&format!("{own}/withdraw")).await.expect(200);
        assert!(!withdrawn["withdrawn_at"].is_null());
        ada.post_empty(&format!("{own}/withdraw")).await.refused(409, "state-conflict").unmet(&["support_registration.state"]);
        // One may come back while there is a seat.
        let again = ada.post_empty(&path).await.expect(201).id();
        let list = format!("/v1/support-registrations?support_event_id={event}");
        assert_eq!(staff.get(&list).await.expect(200)["items"].as_array().unwrap().len(), 2);
        assert_eq!(staff.get(&format!("{list}&withdrawn=true")).await["items"].as_array().unwrap().len(), 3);
        assert_eq!(each(&ada.get(&list).await.expect(200)["items"], "id"), std::slice::from_ref(&again));
        // Once it has begun, nobody registers or withdraws.
        world.advance(chrono::TimeDelta::days(32));
        world.register("Cleo").await.post_empty(&path).await.refused(409, "state-conflict").unmet(&["support_event.upcoming", "support_event.seat_free"]);
        ada.post_empty(&format!("/v1/support-registrations/{again}/withdraw")).await.refused(409, "state-conflict").unmet(&["support_event.upcoming"]);
    }

    async fn sixteen_people_want_the_last_seat(world) {
        let staff = world.staff().await;
        let event = staff.post("/v1/support-events", webinar(Some(1))).await.expect(201).id();
        let mut people = Vec::new();
        for number in 0..CONTENDERS {
            people.push(world.register(&format!("Person {number}")).await);
        }
        let answers = contend(|number| {
            let (person, path) = (people[number].clone(), format!("/v1/support-events/{event}/registrations"));
            async move { person.post_empty(&path).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(staff.get(&format!("/v1/support-events/{event}")).await["seats_left"], 0);
        assert_eq!(world.count("support_registration.made"), 1);
    }

    async fn one_person_registers_sixteen_times(world) {
        let (staff, ada) = (world.staff().await, world.register("Ada").await);
        let event = staff.post("/v1/support-events", webinar(None)).await.expect(201).id();
        let answers = contend(|_| {
            let (ada, path) = (ada.clone(), format!("/v1/support-events/{event}/registrations"));
            async move { ada.post_empty(&path).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(world.count("support_registration.made"), 1);
    }

    async fn a_question_is_answered_and_closed(world) {
        let (staff, ada, bob) = (world.staff().await, world.register("Ada").await, world.register("Bob").await);
        let path = "/v1/help-requests";
        world.anyone().post(path, json!({"question": "How?"})).await.refused(401, "unauthenticated");
        ada.post(path, json!({"question": "How?", "set": "XYZ"})).await.faulty("#/set", "unknown");
        ada.post(path, json!({"question": "My card is 4111 1111 1111 1111."})).await.faulty("#/question", "card_data");
        let asked = ada.post(path, json!({"question": "How long may a video be?", "set": "TEC"})).await.expect(201);
        assert_eq!((&asked["state"], &asked["set"], &asked["answers"]), (&json!("open"), &json!("TEC"), &json!([])));
        let own = format!("{path}/{}", asked.id());
        bob.get(&own).await.refused(404, "not-found");
        ada.post(&format!("{own}/answer"), json!({"text": "Long."})).await.refused(403, "forbidden");
        assert_eq!(each(&staff.get("/v1/help-requests?state=open").await["items"], "id"), [asked.id()]);
        assert_eq!(bob.get(path).await.expect(200)["items"], json!([]));
        let answered = staff.post(&format!("{own}/answer"), json!({"text": "Five minutes."})).await.expect(200);
        assert_eq!((&answered["state"], &answered["answers"][0]["text"]), (&json!("answered"), &json!("Five minutes.")));
        let told = || mails_to(world, "ada@example.org", "Your question is answered").len();
        world.until("who asked is told", || told() == 1).await;
        staff.post(&format!("{own}/answer"), json!({"text": "Or less."})).await.expect(200);
        assert!(ada.get(&own).await.expect(200).allows("close_help_request"));
        let closed = ada.post_empty(&format!("{own}/close")).await.expect(200);
        assert_eq!((&closed["state"], closed["answers"].as_array().unwrap().len()), (&json!("closed"), 2));
        for path in ["answer", "close"] {
            staff.post(&format!("{own}/{path}"), json!({"text": "Late."})).await.refused(409, "state-conflict").unmet(&["help_request.state"]);
        }
        assert_eq!(world.happened_to(&asked.id()), ["help_request.made", "help_request.answered", "help_request.answered", "help_request.closed"]);
    }
}
