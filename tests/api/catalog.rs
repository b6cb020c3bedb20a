//! The public catalog: what is found, how it may be kept, and how an approval ends.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    actor::send,
    world::{each, each_world},
};

each_world! {
    async fn everybody_searches_the_catalog(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let kind = |kind: &str, name: &str, place: &str| json!({"kind": kind, "name": name, "place": place});
        let north = staff.post("/v1/providers", kind("state_library", "Doña Ana State Library", "Las Cruces, NM")).await.expect(201).id();
        let south = staff.post("/v1/providers", kind("other", "Open Stacks", "Portland, OR")).await.expect(201).id();
        let course = |provider: &str, set: &str, title: &str, price: &str| json!({"provider_id": provider, "set": set, "title": title,
            "modes": ["online", "face_to_face"], "place": "Santa Fe, NM", "price": price, "approved_on": "2025-01-01"});
        let first = staff.post("/v1/courses", course(&north, "FND", "Foundations for all", "$150")).await.expect(201).id();
        let second = staff.post("/v1/courses", course(&south, "TEC", "Technology basics", "Free for members")).await.expect(201).id();
        let offering = json!({"starts_on": "2026-04-01", "ends_on": "2026-04-05", "mode": "face_to_face", "place": "El Paso, TX"});
        staff.post(&format!("/v1/courses/{first}/offerings"), offering).await.expect(201);
        let (one, two, both, none) = (vec![first.as_str()], vec![second.as_str()], vec![first.as_str(), second.as_str()], vec![]);
        for (query, found) in [
            ("", &both), ("set=TEC", &two), ("mode=face_to_face", &both), ("mode=hybrid", &none),
            ("provider_kind=state_library", &one), ("provider_kind=ala_division", &none), (&format!("provider_id={south}"), &two),
            ("q=dona%20ana", &one), ("q=TECHNOLOGY", &two), ("q=foundations%20portland", &none), ("q=100%25", &none),
            ("place=el%20paso", &one), ("place=santa%20fe", &both), ("starting_from=2026-04-01", &one), ("starting_from=2026-04-02", &none),
            ("starting_until=2026-03-31", &none), ("starting_from=2026-03-01&starting_until=2026-04-01", &one),
            ("place=el%20paso&starting_from=2026-04-01", &one), ("place=el%20paso&starting_from=2026-04-02", &none),
            ("place=santa%20fe&starting_from=2026-03-01", &none),
            ("max_price_cents=15000", &both), ("max_price_cents=14999", &two), ("approved_on=2024-12-31", &none), ("program=other", &none),
        ] {
            let list = anyone.get(&format!("/v1/courses?{query}")).await.expect(200);
            assert_eq!(each(&list["items"], "id"), *found, "{query}");
        }
        let entry = anyone.get("/v1/courses?set=FND").await.json["items"][0].clone();
        assert_eq!((&entry["provider"]["name"], &entry["offerings"][0]["place"]), (&json!("Doña Ana State Library"), &json!("El Paso, TX")));
        for bad in ["mode=telepathy", "max_price_cents=-1", "starting_from=soon", "colour=red", "format=pdf", "q=_", "place=-"] {
            anyone.get(&format!("/v1/courses?{bad}")).await.refused(400, "invalid-query");
        }
    }

    async fn one_offering_fits_everything_that_is_asked_for(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let provider = staff.records_provider("Prairie").await;
        let course = json!({"provider_id": provider, "set": "FND", "title": "Foundations", "modes": ["online", "face_to_face"],
            "place": "Santa Fe, NM", "price": "$100", "approved_on": "2025-01-01"});
        let course = staff.post("/v1/courses", course).await.expect(201).id();
        let offers = async |offering: serde_json::Value| {
            staff.post(&format!("/v1/courses/{course}/offerings"), offering).await.expect(201).id()
        };
        let online = json!({"starts_on": "2026-04-01", "ends_on": "2026-04-05", "mode": "online", "link": "https://learn.example.org", "price": "$300"});
        offers(online).await;
        offers(json!({"starts_on": "2026-06-01", "ends_on": "2026-06-05", "mode": "face_to_face", "place": "El Paso, TX", "price": "$60"})).await;
        let april = "starting_from=2026-04-01&starting_until=2026-04-30";
        let june = "starting_from=2026-06-01&starting_until=2026-06-30";
        for (query, found) in [
            // What is on line is nowhere, though its course has a place.
            (format!("place=santa%20fe&{april}"), 0), (format!("place=el%20paso&{june}"), 1), (format!("place=el%20paso&{april}"), 0),
            ("place=santa%20fe".to_owned(), 1), ("place=el%20paso&mode=online".to_owned(), 0), ("place=el%20paso&mode=face_to_face".to_owned(), 1),
            (format!("mode=online&{april}"), 1), (format!("mode=online&{june}"), 0), (format!("mode=face_to_face&{june}"), 1),
            // An offering costs what it says, and without that what its course does.
            (format!("max_price_cents=10000&{april}"), 0), (format!("max_price_cents=30000&{april}"), 1), (format!("max_price_cents=6000&{june}"), 1),
            ("max_price_cents=6000".to_owned(), 1), ("max_price_cents=5999".to_owned(), 0),
            (format!("max_price_cents=6000&mode=face_to_face&place=el%20paso&{june}"), 1),
        ] {
            let list = anyone.get(&format!("/v1/courses?{query}")).await.expect(200);
            assert_eq!(each(&list["items"], "id").len(), found, "{query}");
        }
        offers(json!({"starts_on": "2026-08-01", "ends_on": "2026-08-05", "mode": "face_to_face", "place": "Las Cruces, NM"})).await;
        let august = anyone.get("/v1/courses?max_price_cents=10000&starting_from=2026-08-01").await.expect(200);
        assert_eq!(each(&august["items"], "id").len(), 1);
        assert_eq!(anyone.get("/v1/courses?max_price_cents=9999&starting_from=2026-08-01").await.expect(200)["items"], json!([]));
    }

    async fn the_catalog_comes_in_pages_and_as_a_file(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let provider = staff.records_provider("Prairie, \"Inc.\"").await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(staff.approves(&provider, "FND", "2025-01-01").await);
        }
        let (mut found, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let page = anyone.get(&format!("/v1/courses?{query}")).await.expect(200);
            found.extend(each(&page["items"], "id").into_iter().map(str::to_owned));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            assert!(page.header("link").contains("rel=\"next\""));
            query = format!("limit=2&cursor={cursor}");
        }
        assert_eq!(found, made);
        let file = anyone.get("/v1/courses?format=csv").await.expect(200);
        assert!(file.header("content-type").starts_with("text/csv"));
        assert_eq!(file.body().lines().count(), 6);
        assert!(file.body().starts_with("id,set,title,provider,"));
        assert!(file.body().contains("\"Prairie, \"\"Inc.\"\"\""));
        assert_eq!(anyone.get("/v1/courses?format=csv&limit=2").await.body().lines().count(), 3);
    }

    async fn what_has_not_changed_is_not_sent_again(world) {
        let (staff, anyone) = (world.staff().await, world.anyone());
        let provider = staff.records_provider("Prairie").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        staff.offers(&course, "2026-04-01", "2026-04-05").await;
        for path in ["/v1/courses?set=FND", "/v1/courses?format=csv", "/v1/offerings", "/v1/offerings.ics", &format!("/v1/courses/{course}")] {
            let first = anyone.get(path).await.expect(200);
            assert!(first.header("cache-control").starts_with("public, max-age="), "{path}");
            let again = anyone.request(Method::GET, path).header("If-None-Match", first.etag());
            let again = send(again).await.expect(304);
            assert_eq!((again.etag(), again.bytes.len()), (first.etag(), 0), "{path}");
            assert!(!first.etag().starts_with("W/"), "{path}");
        }
        let before = anyone.get("/v1/courses").await.etag();
        staff.offers(&course, "2026-05-01", "2026-05-05").await;
        assert_ne!(anyone.get("/v1/courses").await.etag(), before);
        // An offering shows the title of its course: its tag changes with it.
        let offering = world.anyone().get("/v1/offerings").await["items"][0]["id"].as_str().unwrap().to_owned();
        let offering = format!("/v1/offerings/{offering}");
        let shown = anyone.get(&offering).await.expect(200);
        staff.patch(&format!("/v1/courses/{course}"), "*", json!({"title": "Another title"})).await.expect(200);
        let renamed = anyone.get(&offering).await.expect(200);
        assert_ne!((renamed.etag(), &renamed["course_title"]), (shown.etag(), &shown["course_title"]));
        for path in [&offering, &format!("/v1/courses/{course}")] {
            let (private, public) = (staff.get(path).await.expect(200), anyone.get(path).await.expect(200));
            assert_ne!(private.etag(), public.etag(), "{path}");
            assert!(private.header("vary").to_lowercase().contains("authorization"), "{path}");
            assert!(public.header("vary").to_lowercase().contains("authorization"), "{path}");
        }
        // What a caller may do next is their own.
        assert_eq!(staff.get(&format!("/v1/courses/{course}")).await.header("cache-control"), "private, no-cache");
        assert_eq!(anyone.get(&format!("/v1/courses/{course}")).await["actions"], json!([]));
    }

    async fn an_approval_ends_and_what_counted_keeps_counting(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (other, _) = world.provider(&staff, "Harbor").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let (ada, number) = world.candidate(&staff, "Ada").await;
        let (ben, his) = world.candidate(&staff, "Ben").await;
        let done = ada.hands_in(&number, &course, "2026-02-01").await.expect(201).id();
        staff.verifies(&done).await.expect(200);
        let (end, withdraw) = (format!("/v1/courses/{course}/end"), format!("/v1/courses/{course}/withdraw"));
        let body = json!({"reason": "The teacher retires.", "on": "2026-03-10"});
        trainer.post(&end, body.clone()).await.refused(403, "forbidden");
        other.post(&withdraw, body.clone()).await.refused(403, "forbidden");
        world.anyone().post(&withdraw, body.clone()).await.refused(401, "unauthenticated");
        trainer.post_bare(&withdraw, body.clone()).await.refused(400, "idempotency-key-required");
        let past = json!({"reason": "Long ago.", "on": "2026-02-28"});
        trainer.post(&withdraw, past).await.refused(409, "state-conflict").unmet(&["course.in_force"]);
        let withdrawn = trainer.post(&withdraw, body.clone()).await.expect(200);
        assert_eq!((&withdrawn["ended"]["kind"], &withdrawn["ended"]["on"]), (&json!("withdrawn"), &json!("2026-03-10")));
        assert!(!withdrawn.allows("withdraw_course"));
        staff.post(&end, body).await.refused(409, "state-conflict").unmet(&["course.in_force"]);
        world.travel_to("2026-03-20");
        assert_eq!(world.anyone().get("/v1/courses").await["items"], json!([]));
        assert_eq!(each(&world.anyone().get("/v1/courses?approved_on=2026-03-10").await["items"], "id"), [course.as_str()]);
        // What was completed until the end counts still, what came after does not.
        let late = ben.hands_in(&his, &course, "2026-03-11").await.expect(201).id();
        let refused = staff.verifies(&late).await.refused(422, "rule-not-met");
        assert!(refused["detail"].as_str().unwrap().contains("portfolio"));
        refused.unmet(&["credit.completion_window"]);
        assert_eq!(ada.achievements(&number).await.len(), 1);
        assert_eq!(world.happened_to(&course), ["course.approved", "course.ended"]);
    }

    async fn a_provider_changes_what_the_catalog_says_of_its_own_course(world) {
        let staff = world.staff().await;
        let (trainer, provider) = world.provider(&staff, "Prairie").await;
        let (other, _) = world.provider(&staff, "Harbor").await;
        let course = staff.approves(&provider, "FND", "2025-01-01").await;
        let path = format!("/v1/courses/{course}");
        let etag = trainer.get(&path).await.etag();
        other.patch(&path, &etag, json!({"price": "$1"})).await.refused(403, "forbidden");
        let changed = trainer.patch(&path, &etag, json!({"price": "$190"})).await.expect(200);
        assert_eq!((&changed["price"], &changed["version"]), (&json!("$190"), &json!(2)));
        trainer.patch(&path, &etag, json!({"price": "$191"})).await.refused(412, "stale");
        // What was reviewed is the office's to change.
        for approved in [json!({"title": "Anything else"}), json!({"modes": ["online"]})] {
            trainer.patch(&path, "*", approved).await.refused(403, "forbidden").unmet(&["course.as_approved"]);
        }
        let same = json!({"title": changed["title"], "modes": changed["modes"], "price": "$195"});
        trainer.patch(&path, "*", same).await.expect(200);
        let titled = staff.patch(&path, "*", json!({"title": "A better title"})).await.expect(200);
        assert_eq!((&titled["title"], &titled["version"]), (&json!("A better title"), &json!(4)));
        // Null clears, and what changes nothing is no change.
        let cleared = trainer.patch(&path, "*", json!({"price": null})).await.expect(200);
        assert_eq!((&cleared["price"], &cleared["version"]), (&json!(null), &json!(5)));
        let again = trainer.patch(&path, "*", json!({"price": null, "title": "A better title"})).await.expect(200);
        assert_eq!((&again["version"], world.count("course.updated")), (&json!(5), 4));
        trainer.post(&format!("{path}/withdraw"), json!({"reason": "Over."})).await.expect(200);
        world.travel_to("2026-03-02");
        for actor in [&trainer, &staff] {
            actor.patch(&path, "*", json!({"price": "$1"})).await.refused(409, "state-conflict").unmet(&["course.in_force_today"]);
        }
    }
}
