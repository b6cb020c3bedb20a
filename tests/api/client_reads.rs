//! Of how many people machines may read, what they were told, and the programs to which they are confined.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    mails::mails_to,
    race::contend,
    world::{each, each_race, each_world},
};

const TRIPPED: &str = "client.quota_tripped";

each_world! {
    async fn a_machine_reads_of_no_more_people_in_a_day_than_it_may(world) {
        let admin = world.admin().await;
        let (ada, _bob) = (world.register("Ada").await, world.register("Bob").await);
        let auditor = world.auditor().await;
        let terms = json!({"name": "Sync", "scopes": ["people:read"], "people_a_day": 6});
        let machine = world.machine(&admin, terms).await;
        let one = format!("/v1/people/{}", ada.id);
        // Four people are registered: Adam, Ada, Bob, Audra.
        let page = machine.get("/v1/people?limit=3").await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 3);
        machine.get(&one).await.expect(200);
        let over = machine.get("/v1/people").await.refused(429, "quota-exceeded");
        let wait: i64 = over.header("retry-after").parse().unwrap();
        assert!((1..=24 * 3600 + 1).contains(&wait), "{wait}");
        machine.get("/v1/people").await.refused(429, "quota-exceeded");
        let replica = world.replica().await;
        machine.at(&format!("http://{}", replica.addr)).get("/v1/people").await.refused(429, "quota-exceeded");
        replica.stop().await;
        // What is left is still told, and what is refused is not counted.
        machine.get(&one).await.expect(200);
        machine.get(&one).await.expect(200);
        machine.get(&one).await.refused(429, "quota-exceeded");
        assert_eq!(world.count(TRIPPED), 1);
        let subject = "A machine read of too many people";
        world.until("admins are told", || !mails_to(world, "adam.admin@example.org", subject).is_empty()).await;
        assert_eq!(mails_to(world, "audra.auditor@example.org", subject).len(), 0);
        let client = format!("/v1/clients/{}", machine.id);
        assert!(auditor.get(&client).await.expect(200)["quota_tripped_at"].is_string());

        let reads = auditor.get(&format!("{client}/reads")).await.expect(200);
        let told: Vec<_> = reads["items"].as_array().unwrap().iter()
            .map(|read| (read["operation"].as_str().unwrap(), read["people"].as_i64().unwrap())).collect();
        assert_eq!(told, [("get_person", 1), ("get_person", 1), ("get_person", 1), ("list_people", 3)]);
        assert_eq!(reads["items"][0]["first_person_id"], json!(ada.id));
        let last = &page["items"][2]["id"];
        assert_eq!(&reads["items"][3]["last_person_id"], last);
        let first = auditor.get(&format!("{client}/reads?limit=3")).await.expect(200);
        let rest = format!("{client}/reads?cursor={}", first.text("next_cursor"));
        assert_eq!(auditor.get(&rest).await.expect(200)["items"], json!([reads["items"][3]]));
        machine.get(&format!("{client}/reads")).await.refused(404, "not-found");

        world.advance(TimeDelta::seconds(wait));
        machine.get("/v1/people").await.expect(200);
        machine.get("/v1/people").await.refused(429, "quota-exceeded");
        assert_eq!(world.count(TRIPPED), 2, "a new day, a new word of it");
    }

    async fn an_admin_changes_the_quota_and_the_house_has_one(world) {
        let admin = world.admin().await;
        let machine = world.partner(&admin, &["people:read"]).await;
        let path = format!("/v1/clients/{}", machine.id);
        machine.get("/v1/people").await.expect(200);
        let shown = admin.get(&path).await.expect(200);
        assert_eq!(shown["people_a_day"], Value::Null);
        let none = admin.patch(&path, &shown.etag(), json!({"people_a_day": 0})).await.expect(200);
        machine.get("/v1/people").await.refused(429, "quota-exceeded");
        admin.patch(&path, &shown.etag(), json!({"people_a_day": 5})).await.refused(412, "stale");
        let again = json!({"people_a_day": null});
        admin.patch(&path, &none.etag(), again).await.expect(200);
        machine.get("/v1/people").await.expect(200);
        let etag = admin.get(&path).await.expect(200).etag();
        admin.patch(&path, &etag, json!({"people_a_day": -1})).await.faulty("#/people_a_day", "out_of_range");
        admin.patch(&path, &etag, json!({"programs": ["nowhere"]})).await.faulty("#/programs/0", "unknown");
        assert_eq!(world.happened_to(&machine.id),
            ["client.created", "client.changed", TRIPPED, "client.changed"]);
    }

    async fn everything_that_tells_a_machine_of_somebody_is_recorded(world) {
        let (office, admin, ada) = (world.staff().await, world.admin().await, world.register("Ada").await);
        let certified = office.certifies(&ada, "2026-03-01").await;
        let every = ["applications:read", "candidates:read", "certificates:read", "invoices:read",
            "payments:write", "people:read", "subscriptions:read", "bounces:write"];
        let machine = world.partner(&admin, &every).await;
        let id = async |path: &str| {
            office.get(path).await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned()
        };
        let (application, invoice) = (id("/v1/applications").await, id("/v1/invoices").await);
        let subscription = id("/v1/subscriptions").await;
        let (candidacy, certification) = (certified.candidacy, certified.certification);
        let mine = format!("?person_id={}", ada.id);
        let paths = [
            ("list_applications", format!("/v1/applications{mine}")),
            ("get_application", format!("/v1/applications/{application}")),
            ("list_candidacies", format!("/v1/candidacies{mine}")),
            ("get_candidacy", format!("/v1/candidacies/{candidacy}")),
            ("get_candidacy_deadlines", format!("/v1/candidacies/{candidacy}/deadlines.ics")),
            ("get_progress", format!("/v1/candidacies/{candidacy}/progress")),
            ("list_achievements", format!("/v1/candidacies/{candidacy}/achievements")),
            ("list_certifications", format!("/v1/certifications{mine}")),
            ("get_certification", format!("/v1/certifications/{certification}")),
            ("get_certificate_document", format!("/v1/certifications/{certification}/document")),
            ("list_terms", format!("/v1/certifications/{certification}/terms")),
            ("list_invoices", format!("/v1/invoices{mine}")),
            ("get_invoice", format!("/v1/invoices/{invoice}")),
            ("get_invoice_document", format!("/v1/invoices/{invoice}/document")),
            ("get_person_statement", format!("/v1/people/{}/statement", ada.id)),
            ("list_subscriptions", format!("/v1/subscriptions{mine}")),
            ("get_subscription", format!("/v1/subscriptions/{subscription}")),
            ("list_people", "/v1/people?email=ada@example.org".to_owned()),
            ("get_person", format!("/v1/people/{}", ada.id)),
        ];
        for (_, path) in &paths {
            machine.get(path).await.expect(200);
        }
        let owed = office.invoices(&ada.id, 1).await;
        machine.takes_check(&owed.id(), "1", 100).await.expect(201);
        machine.post("/v1/bounces", json!({"address": "ada@example.org", "sort": "soft"})).await.expect(201);
        let reads = admin.get(&format!("/v1/clients/{}/reads?limit=200", machine.id)).await.expect(200);
        let mut told = each(&reads["items"], "operation");
        told.reverse();
        let mut wanted: Vec<&str> = paths.iter().map(|(operation, _)| *operation).collect();
        wanted.extend(["record_payment", "record_bounce"]);
        assert_eq!(told, wanted);
        for read in reads["items"].as_array().unwrap() {
            assert_eq!((&read["people"], &read["first_person_id"]), (&json!(1), &json!(ada.id)), "{read}");
        }
        // People are asked for nothing of the kind.
        office.get("/v1/people").await.expect(200);
        let rows = world.db().lines("SELECT operation AS line FROM client_reads");
        assert_eq!(rows.len(), wanted.len());
    }

    async fn a_machine_is_confined_to_its_programs_at_once(world) {
        world.adapts_program("arizona").await;
        let (admin, ada) = (world.admin().await, world.register("Ada").await);
        let bob = world.register("Bob").await;
        let mine = ada.applies().await.id();
        let body = json!({"program": "arizona"});
        let theirs = bob.post("/v1/applications", body).await.expect(201).id();
        let terms = json!({"name": "Arizona", "scopes": ["applications:read", "people:read", "changes:read"], "programs": ["arizona"]});
        let arizona = world.machine(&admin, terms).await;
        let everywhere = world.partner(&admin, &["applications:read", "people:read", "changes:read"]).await;
        let read = async |path: &str| {
            let list = arizona.get(path).await.expect(200);
            list["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(read("/v1/applications").await, [theirs.as_str()]);
        assert_eq!(read("/v1/applications?program=lssc").await, Vec::<String>::new());
        assert_eq!(read("/v1/people").await, [bob.id.as_str()]);
        arizona.get(&format!("/v1/applications/{mine}")).await.refused(404, "not-found");
        arizona.get(&format!("/v1/applications/{theirs}")).await.expect(200);
        arizona.get(&format!("/v1/people/{}", ada.id)).await.refused(404, "not-found");
        arizona.get(&format!("/v1/people/{}", bob.id)).await.expect(200);
        everywhere.get(&format!("/v1/applications/{mine}")).await.expect(200);
        world.positioned().await;
        let told = async |machine: &Actor| {
            let feed = machine.get("/v1/changes?types=person.registered,application.submitted").await.expect(200);
            let told = feed["items"].as_array().unwrap().iter();
            told.map(|one| json!([one["type"], one["program"], one["person_id"]])).collect::<Vec<_>>()
        };
        let registered = json!(["person.registered", null, bob.id]);
        let (confined, free) = (told(&arizona).await, told(&everywhere).await);
        assert_eq!(confined, std::slice::from_ref(&registered));
        let more = json!(["application.submitted", "lssc", ada.id]);
        assert!([registered, more].iter().all(|one| free.contains(one)), "{free:?}");
        // What is taken away is taken from tokens that are out already.
        let path = format!("/v1/clients/{}", everywhere.id);
        let etag = admin.get(&path).await.expect(200).etag();
        let changed = admin.patch(&path, &etag, json!({"programs": ["arizona"], "scopes": ["applications:read"]})).await.expect(200);
        everywhere.get(&format!("/v1/applications/{mine}")).await.refused(404, "not-found");
        everywhere.get("/v1/people").await.refused(403, "insufficient-scope");
        // Confined to other programs than its token, it is let into none.
        let path = format!("/v1/clients/{}", arizona.id);
        let etag = admin.get(&path).await.expect(200).etag();
        admin.patch(&path, &etag, json!({"programs": ["lssc"]})).await.expect(200);
        arizona.get("/v1/applications").await.refused(401, "invalid-token");
        assert_eq!(changed["programs"], json!(["arizona"]));
    }
}

each_race! {
    async fn of_machines_at_once_no_more_than_the_quota_are_told(world) {
        let (admin, ada) = (world.admin().await, world.register("Ada").await);
        let terms = json!({"name": "Sync", "scopes": ["people:read"], "people_a_day": 5});
        let machine = world.machine(&admin, terms).await;
        let replica = world.replica().await;
        let doors = [world.base(), format!("http://{}", replica.addr)];
        let answers = contend(|number| {
            let (machine, path) = (machine.at(&doors[number % 2]), format!("/v1/people/{}", ada.id));
            async move { machine.get(&path).await }
        })
        .await;
        let told = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(told, 5, "{:?}", answers.iter().map(|one| one.status).collect::<Vec<_>>());
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 429)));
        assert_eq!(world.count(TRIPPED), 1);
        replica.stop().await;
    }
}
