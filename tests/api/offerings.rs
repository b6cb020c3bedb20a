//! Offerings: announced, changed, cancelled, and the calendar to which anybody subscribes.

use std::io::BufReader;

use ical::parser::ical::component::{IcalCalendar, IcalEvent};
use serde_json::json;

use crate::support::{
    actor::Actor,
    world::{each, each_world},
};

/// The calendar as another reader of RFC 5545 reads it.
pub(super) fn read(text: &str) -> IcalCalendar {
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "an unfolded line: {line}");
        assert!(!line.contains('\n'), "a line that does not end with CR LF: {line}");
    }
    let mut calendars = ical::IcalParser::new(BufReader::new(text.as_bytes()));
    let calendar = calendars.next().expect("a calendar").expect("it can be read");
    assert!(calendars.next().is_none());
    calendar
}

pub(super) fn property<'a>(event: &'a IcalEvent, name: &str) -> &'a str {
    let found = event.properties.iter().find(|one| one.name == name);
    found.and_then(|one| one.value.as_deref()).unwrap_or_else(|| panic!("no {name}"))
}

async fn calendar(anyone: &Actor, query: &str) -> IcalCalendar {
    let answer = anyone.get(&format!("/v1/offerings.ics?{query}")).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    read(&answer.body())
}

each_world! {
    async fn an_offering_is_announced_changed_and_cancelled(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (other, _) = world.provider(&staff, "Harbor").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let path = format!("/v1/courses/{course}/offerings");
        let body = json!({"starts_on": "2026-04-01", "ends_on": "2026-04-03", "mode": "face_to_face", "place": "Peoria, IL", "seats": 12});
        other.post(&path, body.clone()).await.refused(403, "forbidden");
        world.anyone().post(&path, body.clone()).await.refused(401, "unauthenticated");
        let with = |field: &str, value: serde_json::Value| { let mut body = body.clone(); body[field] = value; body };
        for (body, rule) in [
            (with("starts_on", json!("2024-12-31")), "offering.course_approved"), (with("mode", json!("hybrid")), "offering.mode"),
            (with("place", json!(null)), "offering.place"),
        ] {
            trainer.post(&path, body).await.refused(422, "rule-not-met").unmet(&[rule]);
        }
        trainer.post(&path, with("ends_on", json!("2026-03-31"))).await.faulty("#/ends_on", "order");
        trainer.post(&path, with("seats", json!(0))).await.faulty("#/seats", "out_of_range");
        let made = trainer.post(&path, body).await.expect(201);
        let own = format!("/v1/offerings/{}", made.id());
        assert!(made.allows("cancel_offering"));
        assert_eq!(world.anyone().get(&own).await.expect(200)["actions"], json!([]));
        let seats = json!({"seats": 30});
        other.patch(&own, &made.etag(), seats.clone()).await.refused(403, "forbidden");
        trainer.patch(&own, "\"v7\"", seats.clone()).await.refused(412, "stale");
        assert_eq!(trainer.patch(&own, &made.etag(), seats.clone()).await.expect(200)["seats"], 30);
        let same = trainer.patch(&own, "*", json!({"seats": 30})).await.expect(200);
        assert_eq!((&same["version"], world.count("offering.updated")), (&json!(2), 1));
        assert_eq!(trainer.patch(&own, "*", json!({"seats": null})).await.expect(200)["seats"], json!(null));
        trainer.patch(&own, "*", json!({"mode": "hybrid"})).await.refused(422, "rule-not-met").unmet(&["offering.mode"]);
        let reason = json!({"reason": "Too few came."});
        let cancelled = trainer.post(&format!("{own}/cancel"), reason.clone()).await.expect(200);
        assert_eq!((&cancelled["cancelled_on"], &cancelled["cancel_reason"]), (&json!("2026-03-01"), &json!("Too few came.")));
        assert!(!cancelled.allows("cancel_offering"));
        trainer.post(&format!("{own}/cancel"), reason).await.refused(409, "state-conflict").unmet(&["offering.state"]);
        trainer.patch(&own, "*", seats).await.refused(409, "state-conflict").unmet(&["offering.state"]);
        assert_eq!(world.happened_to(&made.id()), ["offering.announced", "offering.updated", "offering.updated", "offering.cancelled"]);
        assert_eq!(world.anyone().get("/v1/offerings").await["items"], json!([]));
        assert_eq!(each(&world.anyone().get("/v1/offerings?cancelled=true").await["items"], "id"), [made.id()]);
    }

    async fn everybody_finds_offerings(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let (one, two) = (staff.records_provider("One").await, staff.records_provider("Two").await);
        let (first, second) = (staff.approves(&one, "FND", "2025-01-01").await, staff.approves(&two, "TEC", "2025-01-01").await);
        let past = staff.offers(&first, "2026-02-01", "2026-02-05").await;
        let soon = staff.offers(&first, "2026-03-01", "2026-03-05").await;
        let later = staff.offers(&second, "2026-06-01", "2026-06-05").await;
        for (query, found) in [
            ("", vec![&soon, &later]), ("set=TEC", vec![&later]), (&format!("course_id={first}"), vec![&soon]),
            (&format!("provider_id={two}"), vec![&later]), ("mode=online", vec![&soon, &later]), ("mode=face_to_face", vec![]),
            ("starting_from=2026-01-01", vec![&past, &soon, &later]), ("starting_until=2026-05-31", vec![&soon]), ("place=peoria", vec![]),
        ] {
            let list = anyone.get(&format!("/v1/offerings?{query}")).await.expect(200);
            assert_eq!(each(&list["items"], "id"), found, "{query}");
        }
        let page = anyone.get("/v1/offerings?limit=1").await.expect(200);
        let cursor = page.text("next_cursor");
        assert_eq!(each(&anyone.get(&format!("/v1/offerings?limit=1&cursor={cursor}")).await["items"], "id"), [later.as_str()]);
        // The same as a file, with everything that one needs to come.
        let file = anyone.get("/v1/offerings?format=csv&set=TEC").await.expect(200);
        assert!(file.header("content-type").starts_with("text/csv"));
        let text = file.body();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "id,course_id,set,course_title,starts_on,ends_on,mode,place,link,seats,price,contact,registration_url,cancelled_on");
        assert_eq!(lines[1..], [format!("{later},{second},TEC,A course in TEC,2026-06-01,2026-06-05,online,,https://learn.example.org/room,20,,,,")]);
        assert_eq!(anyone.get("/v1/offerings?format=csv&limit=1").await.body().lines().count(), 2);
        anyone.get("/v1/offerings.ics?format=csv").await.refused(400, "invalid-query");
    }

    async fn what_is_not_in_the_catalog_is_not_offered(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let (trainer, one) = world.provider(&staff, "One").await;
        let two = staff.records_provider("Two").await;
        let course = staff.approves(&one, "FND", "2025-01-01").await;
        let other = staff.approves(&two, "TEC", "2025-01-01").await;
        let early = staff.offers(&course, "2026-03-05", "2026-03-06").await;
        staff.offers(&course, "2026-06-01", "2026-06-05").await;
        let theirs = staff.offers(&other, "2026-06-01", "2026-06-05").await;
        let path = format!("/v1/courses/{course}/offerings");
        let beyond = json!({"starts_on": "2028-12-31", "ends_on": "2029-01-02", "mode": "online", "link": "https://learn.example.org/room"});
        trainer.post(&path, beyond).await.refused(422, "rule-not-met").unmet(&["offering.course_approved"]);
        // The course ends: what begins after its last day is not offered, and in calendars cancelled.
        trainer.post(&format!("/v1/courses/{course}/withdraw"), json!({"on": "2026-03-10", "reason": "Over."})).await.expect(200);
        assert_eq!(each(&anyone.get("/v1/offerings").await["items"], "id"), [&early, &theirs]);
        let states = async |query: &str| {
            let read = calendar(&anyone, query).await;
            read.events.iter().map(|event| property(event, "STATUS").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(states("").await, ["CONFIRMED", "CANCELLED", "CONFIRMED"]);
        world.travel_to("2026-03-11");
        assert_eq!(each(&anyone.get("/v1/offerings?starting_from=2026-03-01").await["items"], "id"), [&theirs]);
        assert_eq!(states("").await, ["CONFIRMED", "CANCELLED", "CONFIRMED"], "what was held was held");
        // The provider acts no more: neither do its courses and offerings.
        let reason = json!({"reason": "Closed."});
        staff.post(&format!("/v1/providers/{two}/deactivate"), reason.clone()).await.expect(200);
        assert_eq!(anyone.get("/v1/offerings").await["items"], json!([]));
        assert_eq!(anyone.get("/v1/courses").await["items"], json!([]));
        assert_eq!(states("set=TEC").await, ["CANCELLED"]);
        staff.patch(&format!("/v1/offerings/{theirs}"), "*", json!({"seats": 3})).await.refused(409, "state-conflict").unmet(&["organisation.active"]);
        staff.post(&format!("/v1/providers/{two}/reactivate"), reason).await.expect(200);
        assert_eq!(each(&anyone.get("/v1/courses").await["items"], "id"), [&other]);
        staff.patch(&format!("/v1/offerings/{theirs}"), "*", json!({"seats": 3})).await.expect(200);
    }

    async fn the_calendar_is_read_by_others(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let provider = staff.records_provider("Prairie").await;
        let title = "Überblick: 図書館で働く人のための基礎講座、前編と後編, with a title; that is long \\ and strange";
        let course = json!({"provider_id": provider, "set": "FND", "title": title, "modes": ["online"], "approved_on": "2025-01-01"});
        let course = staff.post("/v1/courses", course).await.expect(201).id();
        let day = staff.offers(&course, "2026-04-01", "2026-04-01").await;
        let week = staff.offers(&course, "2026-12-28", "2027-01-03").await;
        let read = calendar(&anyone, "").await;
        let version = read.properties.iter().find(|one| one.name == "VERSION").and_then(|one| one.value.clone());
        assert_eq!((version.as_deref(), read.events.len()), (Some("2.0"), 2));
        let [one, several] = &read.events[..] else { panic!("two events") };
        assert_eq!(property(one, "UID"), format!("{day}@offerings.lssc"));
        // Whole days: the end is the day after the last.
        assert_eq!((property(one, "DTSTART"), property(one, "DTEND")), ("20260401", "20260402"));
        assert_eq!((property(several, "DTSTART"), property(several, "DTEND")), ("20261228", "20270104"));
        let start = one.properties.iter().find(|one| one.name == "DTSTART").unwrap();
        assert_eq!(start.params, Some(vec![("VALUE".to_owned(), vec!["DATE".to_owned()])]));
        let escaped = title.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
        assert_eq!(property(one, "SUMMARY"), escaped);
        assert_eq!((property(one, "STATUS"), property(one, "SEQUENCE")), ("CONFIRMED", "0"));
        assert!(property(one, "DTSTAMP").ends_with('Z'));
        staff.post(&format!("/v1/offerings/{week}/cancel"), json!({"reason": "Snow."})).await.expect(200);
        let after = calendar(&anyone, "").await;
        let cancelled = &after.events[1];
        assert_eq!((property(cancelled, "UID"), property(cancelled, "STATUS")), (property(several, "UID"), "CANCELLED"));
        assert_eq!(property(cancelled, "SEQUENCE"), "1");
        assert_eq!(calendar(&anyone, "starting_from=2026-12-01").await.events.len(), 1);
        assert_eq!(calendar(&anyone, "set=TEC").await.events.len(), 0);
        anyone.get("/v1/offerings.ics?limit=1").await.refused(400, "invalid-query");
    }
}
