//! Machines that are confined to a program: what streams, webhooks, files and accounts tell them.

use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    hooks::{ENDPOINTS, Hooks},
    world::{World, each, each_world},
};

/// Ada, who applied to LSSC, Bob, who applied in Arizona, and a machine that is confined to Arizona.
async fn of(world: &World, admin: &Actor, scopes: &[&str]) -> (Actor, Actor, Actor) {
    world.adapts_program("arizona").await;
    let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
    ada.applies().await;
    bob.post("/v1/applications", json!({"program": "arizona"})).await.expect(201);
    let terms = json!({"name": "Arizona", "scopes": scopes, "programs": ["arizona"]});
    (ada, bob, world.machine(admin, terms).await)
}

async fn renames(staff: &Actor, person: &Actor) {
    let path = format!("/v1/people/{}", person.id);
    let etag = staff.get(&path).await.expect(200).etag();
    staff.patch(&path, &etag, json!({"family_name": "Hale"})).await.expect(200);
}

each_world! {
    async fn the_feed_tells_of_its_programs_and_of_who_applied_there(world) {
        let admin = world.admin().await;
        let scopes = ["changes:read", "people:read", "applications:read"];
        let (ada, bob, arizona) = of(world, &admin, &scopes).await;
        let everywhere = world.partner(&admin, &scopes).await;
        world.positioned().await;
        let told = arizona.get("/v1/changes?limit=1000").await.expect(200);
        assert_eq!(each(&told["items"], "type"), ["person.registered"]);
        assert_eq!(told["items"][0]["person_id"], json!(bob.id));
        let all = everywhere.get("/v1/changes?limit=1000").await.expect(200);
        assert!(each(&all["items"], "type").contains(&"application.submitted"));
        assert!(all.body().contains(&ada.id) && all.body().contains(&bob.id));
        assert!(told["next_after"].as_i64() >= all["items"][0]["position"].as_i64(), "the place moves past the rest");
    }

    async fn webhooks_are_sent_of_its_programs_alone(world) {
        let (admin, staff) = (world.admin().await, world.staff().await);
        let scopes = ["changes:read", "people:read", "webhooks:write"];
        let (ada, bob, arizona) = of(world, &admin, &scopes).await;
        let hooks = Hooks::listen().await;
        let endpoint = arizona.is_sent(&hooks, &["person.renamed"]).await.id();
        renames(&staff, &ada).await;
        renames(&staff, &bob).await;
        let seen = hooks.hears(world, 1).await;
        assert_eq!(seen[0].json()["data"]["person_id"], json!(bob.id));
        // Deliveries are made in the order of the log: one of Ada's would be there by now.
        let made = arizona.get(&format!("{ENDPOINTS}/{endpoint}/deliveries")).await.expect(200);
        assert_eq!(made["items"].as_array().unwrap().len(), 1, "{}", made.body());
        let last = world.db().lines("SELECT CAST(MAX(position) AS text) AS line FROM events");
        let again = json!({"after_position": 0, "until_position": last[0].parse::<i64>().unwrap()});
        let path = format!("{ENDPOINTS}/{endpoint}");
        let end: i64 = last[0].parse().unwrap();
        let passed = format!("SELECT url AS line FROM webhook_endpoints WHERE position >= {end}");
        world.until("the endpoint came to the end", || !world.db().lines(&passed).is_empty()).await;
        let replay = arizona.post(&format!("{path}/replay"), again).await.expect(202);
        assert_eq!(replay["deliveries"], 1, "Bob's once more, and not Ada's");
    }

    async fn exports_hold_its_programs_and_ask_for_room_for_these(world) {
        let admin = world.admin().await;
        let (ada, bob, arizona) = of(world, &admin, &["exports:read"]).await;
        let path = format!("/v1/clients/{}", arizona.id);
        let etag = admin.get(&path).await.expect(200).etag();
        admin.patch(&path, &etag, json!({"people_a_day": 2})).await.expect(200);
        let people = arizona.exports("people", "ndjson").await;
        assert_eq!(people.lines().count(), 1, "{people}");
        assert!(people.contains(&bob.id) && !people.contains(&ada.id));
        let applications = arizona.exports("applications", "ndjson").await;
        assert_eq!(applications.lines().count(), 1, "{applications}");
        assert!(applications.contains("arizona") && applications.contains(&bob.id));
        arizona.get("/v1/exports/people").await.refused(429, "quota-exceeded");
    }

    async fn a_mail_that_came_back_names_nobody_of_another_program(world) {
        let admin = world.admin().await;
        let (_ada, bob, arizona) = of(world, &admin, &["bounces:write"]).await;
        let came_back = |address: &str| json!({"address": address, "sort": "hard"});
        arizona.post("/v1/bounces", came_back("ada@example.org")).await.refused(404, "not-found");
        assert_eq!(world.db().lines("SELECT address AS line FROM bounces"), Vec::<String>::new());
        let taken = arizona.post("/v1/bounces", came_back("bob@example.org")).await.expect(201);
        assert_eq!(taken["person_id"], json!(bob.id));
        // Who tells it of somebody else is not answered either where it is known already.
        admin.post("/v1/bounces", came_back("ada@example.org")).await.expect(201);
        arizona.post("/v1/bounces", came_back("ada@example.org")).await.refused(404, "not-found");
    }

    async fn an_account_holds_no_candidacy_of_another_program(world) {
        let (admin, office) = (world.admin().await, world.staff().await);
        world.adapts_program("arizona").await;
        let ada = world.register("Ada").await;
        office.admits(&ada).await;
        ada.post("/v1/applications", json!({"program": "arizona"})).await.expect(201);
        let scopes = ["accounts:read", "changes:read"];
        let everywhere = world.partner(&admin, &scopes).await;
        let terms = json!({"name": "Arizona", "scopes": scopes, "programs": ["arizona"]});
        let arizona = world.machine(&admin, terms).await;
        let path = format!("/v1/accounts/{}", ada.id);
        assert_eq!(everywhere.get(&path).await.expect(200)["candidacies"].as_array().unwrap().len(), 1);
        assert_eq!(arizona.get(&path).await.expect(200)["candidacies"], json!([]));
        let list = arizona.get("/v1/accounts").await.expect(200);
        assert_eq!(list["items"][0]["candidacies"], json!([]));
        let copy = arizona.get("/v1/changes/copy").await.expect(200);
        let account: Value = serde_json::from_str(copy.body().lines().nth(1).unwrap()).unwrap();
        assert_eq!((&account["person_id"], &account["candidacies"]), (&json!(ada.id), &json!([])));
    }
}
