//! Reconciliations: a partner's list compared with its accounts here, each difference with the event behind it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    accounts::account,
    actor::Actor,
    world::{World, each_world},
};

const HEADER: &str = "external_id,person_id,given_name,family_name,email,state\n";
const SCOPES: &[&str] = &["accounts:read", "accounts:write", "reconciliations:write"];

impl Actor {
    /// Hands a list in and waits until it was compared.
    async fn reconciles(&self, query: &str, media: &str, list: &str) -> Value {
        let path = format!("/v1/reconciliations{query}");
        let request = self
            .request(reqwest::Method::POST, &path)
            .header("Idempotency-Key", crate::support::actor::fresh_key());
        let request = request.header("Content-Type", media).body(list.to_owned());
        let id = crate::support::actor::send(request).await.expect(202).id();
        let done = self.settled_job(&format!("/v1/reconciliations/{id}")).await;
        assert_eq!(done["state"], "done", "{}", done.body());
        done.json
    }
    /// The differences that a reconciliation found.
    async fn differences(&self, reconciliation: &Value, query: &str) -> Vec<Value> {
        let id = reconciliation["id"].as_str().unwrap();
        let path = format!("/v1/reconciliations/{id}/differences?limit=200{query}");
        self.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
    }
}

/// Somebody with an account at a partner; their id.
async fn linked(partner: &Actor, external: &str, name: &str) -> String {
    let email = format!("{}@partner.example.org", name.to_lowercase());
    let body = account(&format!("r-{external}"), external, name, &[&email]);
    partner.asks_for_account(body).await.expect(201).text("person_id")
}

fn counts(told: &Value) -> [i64; 5] {
    ["matched", "differs", "missing_here", "missing_there", "unreadable"]
        .map(|field| told[field].as_i64().unwrap())
}

/// The type of the event that explains a difference.
fn explained(difference: &Value) -> Option<&str> {
    difference["event"]["type"].as_str()
}

async fn of(world: &World) -> (Actor, Actor) {
    let (staff, admin) = (world.staff().await, world.admin().await);
    (world.partner(&admin, SCOPES).await, staff)
}

each_world! {
    async fn each_difference_is_told_with_the_event_that_explains_it(world) {
        let (partner, staff) = of(world).await;
        let una = linked(&partner, "x-1", "Una").await;
        let vic = linked(&partner, "x-2", "Vic").await;
        let wes = linked(&partner, "x-3", "Wes").await;
        let xia = linked(&partner, "x-4", "Xia").await;
        world.advance(TimeDelta::minutes(1));
        let tag = staff.get(&format!("/v1/people/{vic}")).await.expect(200).etag();
        staff.patch(&format!("/v1/people/{vic}"), &tag, json!({"family_name": "Hale"})).await.expect(200);
        let account = partner.get(&format!("/v1/accounts/{wes}")).await.expect(200);
        partner.delete(&format!("/v1/accounts/{wes}/external-id"), &account.etag()).await.expect(204);
        let list = format!("{HEADER}x-1,{una},Una,Example,UNA@partner.example.org,none\n\
            x-2,{una},Vic,Example,other@example.org,active\nx-3,{wes},Wes,Example,,\nx-9,,Nobody,Known,,\n\
            x-1,,,,,\n,,,,,\nx-5,person_x,,,,\n");
        let events = world.events();
        let told = partner.reconciles("", "text/csv", &list).await;
        assert_eq!(counts(&told), [1, 1, 2, 1, 3], "{told}");
        assert_eq!((&told["rows_total"], &told["rows_done"], &told["source"]), (&json!(7), &json!(7), &json!(partner.id)));
        // Two events of its own, and nothing is changed.
        assert_eq!(world.events(), events + 2);
        world.positioned().await;
        let differs = partner.differences(&told, "&kind=differs").await;
        let found: Vec<_> = differs
            .iter()
            .map(|one| (one["field"].as_str().unwrap(), one["here"].as_str().unwrap(), one["there"].as_str().unwrap(), explained(one)))
            .collect();
        assert_eq!(found, [
            ("person_id", vic.as_str(), una.as_str(), Some("account.linked")),
            ("family_name", "Hale", "Example", Some("person.renamed")),
            ("email", "vic@partner.example.org", "other@example.org", Some("person.registered")),
            ("state", "none", "active", Some("account.linked")),
        ]);
        assert!(differs.iter().all(|one| one["line"] == 3 && one["external_id"] == "x-2" && one["person_id"] == vic.as_str()));
        assert!(differs[1]["event"]["position"].as_i64().unwrap() > 0);
        let missing = partner.differences(&told, "&kind=missing_here").await;
        let found: Vec<_> = missing.iter().map(|one| (one["line"].as_i64().unwrap(), one["code"].as_str().unwrap(), explained(one))).collect();
        assert_eq!(found, [(4, "unlinked", Some("account.unlinked")), (5, "unknown", None)]);
        let there = partner.differences(&told, "&kind=missing_there").await;
        assert_eq!((there.len(), &there[0]["external_id"], &there[0]["person_id"]), (1, &json!("x-4"), &json!(xia)));
        assert_eq!(explained(&there[0]), Some("account.linked"));
        let unreadable = partner.differences(&told, "&kind=unreadable").await;
        let found: Vec<_> = unreadable
            .iter()
            .map(|one| (one["line"].as_i64().unwrap(), one["field"].as_str().unwrap(), one["code"].as_str().unwrap()))
            .collect();
        assert_eq!(found, [(6, "external_id", "duplicate"), (7, "external_id", "required"), (8, "person_id", "format")]);
        assert_eq!(partner.differences(&told, "").await.len(), 10);
    }

    async fn who_was_erased_is_missing_and_nothing_of_them_is_kept(world) {
        let (partner, staff) = of(world).await;
        let una = linked(&partner, "x-1", "Una").await;
        let list = format!("{HEADER}x-1,{una},Una,Other,,\n");
        let before = partner.reconciles("", "text/csv", &list).await;
        assert_eq!(partner.differences(&before, "").await[0]["there"], "Other");
        world.advance(TimeDelta::minutes(1));
        staff.post(&format!("/v1/people/{una}/erase"), json!({"confirm": true})).await.expect(204);
        let after = partner.reconciles("", "text/csv", &list).await;
        assert_eq!(counts(&after), [0, 0, 1, 0, 0]);
        let missing = partner.differences(&after, "").await;
        assert_eq!((&missing[0]["code"], explained(&missing[0])), (&json!("erased"), Some("person.erased")));
        let kept = partner.differences(&before, "").await;
        assert_eq!([&kept[0]["external_id"], &kept[0]["here"], &kept[0]["there"]], [&json!(null); 3]);
    }

    async fn a_machine_reconciles_its_own_and_the_office_says_whose(world) {
        let (partner, staff) = of(world).await;
        let admin = world.register("Amy").await;
        world.grant(&admin.id, domain::access::Role::Admin).await;
        let other = world.partner(&admin, SCOPES).await;
        linked(&partner, "x-1", "Una").await;
        linked(&other, "x-1", "Vic").await;
        let line = "{\"external_id\":\"x-1\",\"given_name\":\"Una\"}\n";
        let theirs = other.reconciles("", "application/x-ndjson", line).await;
        assert_eq!(counts(&theirs), [0, 1, 0, 0, 0]);
        let query = format!("?client_id={}", partner.id);
        let offices = staff.reconciles(&query, "application/x-ndjson", line).await;
        assert_eq!(counts(&offices), [1, 0, 0, 0, 0]);
        for hidden in [&theirs, &offices] {
            let path = format!("/v1/reconciliations/{}", hidden["id"].as_str().unwrap());
            partner.get(&path).await.refused(404, "not-found");
            partner.get(&format!("{path}/differences")).await.refused(404, "not-found");
        }
        assert_eq!(staff.get("/v1/reconciliations").await["items"].as_array().unwrap().len(), 2);
        assert_eq!(other.get("/v1/reconciliations").await["items"].as_array().unwrap().len(), 1);
        let tries = async |who: &Actor, query: &str, list: &str| {
            let request = who.request(reqwest::Method::POST, &format!("/v1/reconciliations{query}")).header("Idempotency-Key", "tries");
            crate::support::actor::send(request.header("Content-Type", "text/csv").body(list.to_owned())).await
        };
        tries(&staff, "", "external_id\nx-1\n").await.refused(400, "invalid-query");
        tries(&other, &query, "external_id\nx-1\n").await.refused(400, "invalid-query");
        tries(&partner, "", "given_name\nUna\n").await.faulty("#/external_id", "required");
        let narrow = world.partner(&admin, &["accounts:read"]).await;
        tries(&narrow, "", "external_id\nx-1\n").await.refused(403, "insufficient-scope");
        world.register("Bob").await.get("/v1/reconciliations").await.refused(403, "forbidden");
    }

    async fn a_list_of_several_chunks_is_compared_whole(world) {
        let (partner, staff) = of(world).await;
        // Accounts are many; people who are made by requests would take a while.
        let mut file = "given_name,family_name,email\n".to_owned();
        file.extend((0..1_101).map(|n| format!("Pat,Reader,pat{n}@example.org\n")));
        staff.imports("kind=people", &file).await;
        let client: domain::ClientId = partner.id.parse().unwrap();
        let app = world.app();
        let linked: Result<(), persistence::Error> = app.store.write(app.stamp_of("test", "link"), move |tx| {
            let page = persistence::Page { after: None, limit: 2_000 };
            let people = tx.people().list(&persistence::PersonFilter::default(), page)?;
            for (n, person) in people.iter().filter(|person| person.family_name == "Reader").enumerate() {
                let id = (client, format!("x-{n:04}"));
                let (known, _) = domain::account::ExternalId::link(tx.new_id(), id, person.id, tx.now());
                tx.external_ids().insert(&known)?;
            }
            Ok(())
        }).await;
        linked.unwrap();
        // All but the first and the last; one of them in another way; one that is not here.
        let mut list = "external_id,given_name\n".to_owned();
        list.extend((1..1_100).map(|n| format!("x-{n:04},{}\n", if n == 700 { "Pet" } else { "Pat" })));
        list.push_str("y-1,Pat\n");
        let told = partner.reconciles("", "text/csv", &list).await;
        assert_eq!(counts(&told), [1_098, 1, 1, 2, 0], "{told}");
        let there = partner.differences(&told, "&kind=missing_there").await;
        assert_eq!([&there[0]["external_id"], &there[1]["external_id"]], [&json!("x-0000"), &json!("x-1100")]);
    }

    async fn of_what_differs_a_machine_is_told_within_its_quota_and_by_events_of_its_own(world) {
        let (staff, admin) = (world.staff().await, world.admin().await);
        let partner = world.machine(&admin, json!({"name": "Sync", "scopes": SCOPES, "people_a_day": 3})).await;
        let other = world.partner(&admin, SCOPES).await;
        let una = linked(&partner, "x-1", "Una").await;
        world.positioned().await;
        let first = staff.get("/v1/events?type=account.linked").await.expect(200);
        world.advance(TimeDelta::minutes(1));
        // Another system calls her the same.
        let mut body = account("r-other", "x-1", "Una", &["una@partner.example.org"]);
        body["person_id"] = json!(una);
        other.asks_for_account(body).await.expect(201);
        let told = partner.reconciles("", "text/csv", "external_id\nx-2\n").await;
        assert_eq!(counts(&told), [0, 0, 1, 1, 0], "{told}");
        let there = partner.differences(&told, "&kind=missing_there").await;
        assert_eq!(there[0]["event"]["id"], first["items"][0]["id"]);
        // Each answer that tells of her counts, and asking for her account did too.
        let id = told["id"].as_str().unwrap();
        let path = format!("/v1/reconciliations/{id}/differences?kind=missing_there");
        for _ in 0..2 {
            partner.get(&path).await;
        }
        partner.get(&path).await.refused(429, "quota-exceeded");
        // What is not here is of nobody.
        partner.get(&format!("/v1/reconciliations/{id}/differences?kind=missing_here")).await.expect(200);
    }

    async fn what_was_unlinked_is_explained_though_the_list_does_not_say_whose_it_was(world) {
        let (partner, _staff) = of(world).await;
        let wes = linked(&partner, "x-3", "Wes").await;
        linked(&partner, "x-4", "Xia").await;
        let account = partner.get(&format!("/v1/accounts/{wes}")).await.expect(200);
        partner.delete(&format!("/v1/accounts/{wes}/external-id"), &account.etag()).await.expect(204);
        let told = partner.reconciles("", "text/csv", "external_id\nx-3\nx-4\nx-9\n").await;
        assert_eq!(counts(&told), [1, 0, 2, 0, 0], "{told}");
        let missing = partner.differences(&told, "").await;
        let found: Vec<_> = missing.iter().map(|one| (one["external_id"].as_str().unwrap(), one["code"].as_str().unwrap(), explained(one))).collect();
        assert_eq!(found, [("x-3", "unlinked", Some("account.unlinked")), ("x-9", "unknown", None)]);
    }

    async fn an_account_of_who_was_merged_is_explained_by_its_link(world) {
        let (twins, admin) = (world.twins().await, world.admin().await);
        let partner = world.partner(&admin, SCOPES).await;
        let mut body = account("r-1", "x-1", "Ada Again", &["again@partner.example.org"]);
        body["person_id"] = json!(twins.again.id);
        partner.asks_for_account(body).await.expect(201);
        world.advance(TimeDelta::minutes(1));
        twins.staff.merges(&twins.again, &twins.ada).await.expect(201);
        let told = partner.reconciles("", "text/csv", "external_id\nx-9\n").await;
        let there = partner.differences(&told, "&kind=missing_there").await;
        assert_eq!((&there[0]["person_id"], explained(&there[0])), (&json!(twins.ada.id), Some("account.linked")));
    }
}
