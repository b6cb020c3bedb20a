//! Requests of partners for accounts: whose it is, what waits for the office, what is refused, and races.

use domain::{life::Life, person::Person};
use serde_json::{Value, json};

use crate::support::{
    accounts::account,
    actor::{Actor, Answer},
    race::{CONTENDERS, contend, one_winner},
    world::{World, each, each_race, each_world},
};

/// Ada, who verified her address, Ben, who did not, the office and two partners.
struct Cast {
    ada: Actor,
    ben: Actor,
    staff: Actor,
    partner: Actor,
    other: Actor,
}

async fn cast(world: &World) -> Cast {
    let (ada, ben) = (world.register("Ada").await, world.register("Ben").await);
    let (staff, admin) = (world.staff().await, world.admin().await);
    world.verify_addresses(&ada).await;
    let (partner, other) =
        (world.account_partner(&admin).await, world.account_partner(&admin).await);
    Cast { ada, ben, staff, partner, other }
}

fn unmet(request: &Answer) -> Vec<&str> {
    let findings = request["findings"].as_array().unwrap().iter();
    let unmet = findings.filter(|one| one["satisfied"] == json!(false));
    unmet.map(|one| one["rule"].as_str().unwrap()).collect()
}

/// How many rows a table has.
fn rows(world: &World, table: &str) -> usize {
    world.db().lines(&format!("SELECT CAST(id AS text) AS line FROM {table}")).len()
}

each_world! {
    async fn somebody_who_is_known_is_linked_and_the_same_request_again_is_the_same(world) {
        let Cast { ada, partner, other, .. } = cast(world).await;
        let body = account("r-1", "lt-1", "Ada", &["ada@home.example.org", "ADA@example.org"]);
        let linked = partner.asks_for_account(body.clone()).await.expect(201);
        assert_eq!((&linked["state"], &linked["outcome"], &linked["person_id"]), (&json!("completed"), &json!("linked"), &json!(ada.id)));
        assert_eq!((&linked["account_state"], &linked["working_days"], unmet(&linked)), (&json!("none"), &json!(null), vec![]));
        assert_eq!(linked.header("location"), format!("/v1/account-requests/{}", linked.id()));
        // A request changes nothing of her.
        assert_eq!(ada.get("/v1/me").await["emails"].as_array().unwrap().len(), 1);
        let again = partner.asks_for_account(body.clone()).await.expect(201);
        assert_eq!(again.json, linked.json);
        for path in ["/v1/account-requests/r-1".to_owned(), format!("/v1/account-requests/{}", linked.id())] {
            assert_eq!(partner.get(&path).await.expect(200).json, linked.json);
            other.get(&path).await.refused(404, "not-found");
        }
        ada.get(&format!("/v1/account-requests/{}", linked.id())).await.refused(404, "not-found");
        let mut changed = body.clone();
        changed["family_name"] = json!("King");
        partner.asks_for_account(changed).await.faulty("#/family_name", "fixed");
        // The id is the partner's own; so is the external id.
        let theirs = other.asks_for_account(body).await.expect(201);
        assert_eq!(theirs["person_id"], json!(ada.id));
        assert_eq!(each(&ada.get(&format!("/v1/accounts/{}", ada.id)).await["held_by"], "client_id"), [partner.id.as_str(), other.id.as_str()]);
        // Known by the external id, the name says nothing.
        let renamed = partner.asks_for_account(account("r-2", "lt-1", "Adele", &["new@example.org"])).await.expect(201);
        assert_eq!((&renamed["person_id"], &renamed["outcome"]), (&json!(ada.id), &json!("linked")));
        assert_eq!((world.count("account.linked"), world.count("account_request.completed"), rows(world, "people")), (2, 3, 4));
    }

    async fn nobody_known_is_somebody_new_who_opens_the_account_by_mail(world) {
        let Cast { partner, .. } = cast(world).await;
        let emails = ["cleo@example.org", "cleo@work.example.org"];
        let made = partner.asks_for_account(account("r-1", "lt-1", "Cleo", &emails)).await.expect(201);
        assert_eq!((&made["state"], &made["outcome"]), (&json!("completed"), &json!("created")));
        let person = made.text("person_id");
        let told = partner.get(&format!("/v1/accounts/{person}")).await.expect(200);
        assert_eq!(told["emails"], json!([
            {"address": emails[0], "primary": true, "verified": false},
            {"address": emails[1], "primary": false, "verified": false},
        ]));
        assert_eq!(world.happened_to(&person), ["person.registered", "person.email_added"]);
        // A mail for each address, by which it is verified; the mail of a reset sets the password.
        let to = |address: &str| world.mails().iter().filter(|mail| mail.contains(&format!("To: {address}"))).count();
        world.until("each address was written to", || emails.iter().all(|one| to(one) > 0)).await;
        world.anyone().tries_to_sign_in(emails[0], "a shelf of seven books").await.refused(401, "invalid-credentials");
        let before = to(emails[0]);
        world.anyone().post("/v1/password-resets", json!({"email": emails[0]})).await.expect(202);
        world.until("the reset was mailed", || to(emails[0]) > before).await;
    }

    async fn what_may_be_a_coincidence_waits_for_the_office(world) {
        let Cast { ada, ben, staff, partner, other } = cast(world).await;
        let mut ids = Vec::new();
        for (request, name, emails, rule) in [
            ("r-1", "Eve", &["ada@example.org"][..], "account.name_agrees"),
            ("r-2", "Ben", &["ben@example.org"], "account.address_verified"),
            ("r-3", "Ada", &["ada@example.org", "ben@example.org"], "account.one_person"),
            ("r-4", "Ada", &["ada@elsewhere.example.org"], "account.nobody_alike"),
        ] {
            let waits = partner.asks_for_account(account(request, &format!("lt-{request}"), name, emails)).await.expect(201);
            assert_eq!((&waits["state"], &waits["person_id"], unmet(&waits)), (&json!("pending"), &json!(null), vec![rule]));
            assert_eq!((&waits["candidates"], &waits["actions"]), (&json!([]), &json!([])));
            ids.push(waits.id());
        }
        world.travel_to("2026-03-10");
        let queue = staff.get("/v1/account-requests?state=pending").await.expect(200);
        assert_eq!(each(&queue["items"], "id"), ids);
        assert_eq!(queue["items"][0]["working_days"], 7);
        assert_eq!(other.get("/v1/account-requests").await.expect(200)["items"], json!([]));
        let (first, second) = (format!("/v1/account-requests/{}", ids[0]), format!("/v1/account-requests/{}", ids[1]));
        let (third, fourth) = (format!("/v1/account-requests/{}", ids[2]), format!("/v1/account-requests/{}", ids[3]));
        let read = staff.get(&second).await.expect(200);
        assert_eq!(read["candidates"], json!([{"person_id": ben.id, "name": "Ben Example"}]));
        assert!(read.allows("link_account_request") && read.allows("create_requested_account") && read.allows("reject_account_request"));
        partner.post(&format!("{second}/link"), json!({"person_id": ben.id})).await.refused(403, "forbidden");
        // Linked to whom the office names; made anew with the addresses that are free; or rejected.
        let linked = staff.post(&format!("{second}/link"), json!({"person_id": ben.id})).await.expect(200);
        assert_eq!((&linked["state"], &linked["outcome"], &linked["decided_on"]), (&json!("completed"), &json!("linked"), &json!("2026-03-10")));
        staff.post_empty(&format!("{first}/create")).await.refused(409, "state-conflict").unmet(&["account.address_free"]);
        let made = staff.post_empty(&format!("{fourth}/create")).await.expect(200);
        assert_eq!(made["outcome"], "created");
        assert!(made["person_id"] != json!(ada.id));
        staff.post(&format!("{third}/reject"), json!({})).await.faulty("#/reason", "required");
        let rejected = staff.post(&format!("{third}/reject"), json!({"reason": "Two people share it."})).await.expect(200);
        assert_eq!((&rejected["state"], &rejected["reason"]), (&json!("rejected"), &json!("Two people share it.")));
        assert_eq!(partner.get("/v1/account-requests/r-3").await.expect(200)["reason"], "Two people share it.");
        // Decided once.
        for path in [&second, &third, &fourth] {
            staff.post(&format!("{path}/link"), json!({"person_id": ada.id})).await.refused(409, "state-conflict").unmet(&["account_request.state"]);
            staff.post_empty(&format!("{path}/create")).await.refused(409, "state-conflict").unmet(&["account_request.state"]);
            staff.post(&format!("{path}/reject"), json!({"reason": "No."})).await.refused(409, "state-conflict").unmet(&["account_request.state"]);
        }
        // The office links nobody twice in one system, and nobody who is not there.
        staff.post(&format!("{first}/link"), json!({"person_id": ben.id})).await.refused(409, "state-conflict").unmet(&["account.one_external_id"]);
        let nobody = "person_00000000000000000000000000000001";
        staff.post(&format!("{first}/link"), json!({"person_id": nobody})).await.faulty("#/person_id", "unknown");
        staff.post_bare(&format!("{first}/link"), json!({"person_id": ada.id})).await.refused(400, "idempotency-key-required");
        // The partner asks again by its own id and reads what became of it.
        let again = partner.asks_for_account(account("r-2", "lt-r-2", "Ben", &["ben@example.org"])).await.expect(201);
        assert_eq!((&again["state"], &again["person_id"]), (&json!("completed"), &json!(ben.id)));
        assert_eq!((world.count("account_request.received"), world.count("account_request.completed"), world.count("account_request.rejected")), (4, 2, 1));
    }

    async fn a_partner_is_told_what_the_office_decided(world) {
        let (ben, staff, admin) = (world.register("Ben").await, world.staff().await, world.admin().await);
        let scopes = ["accounts:read", "accounts:write", "changes:read"];
        let (partner, other) = (world.partner(&admin, &scopes).await, world.partner(&admin, &scopes).await);
        let mut ids = Vec::new();
        for request in ["r-1", "r-2"] {
            let waits = partner.asks_for_account(account(request, request, "Ben", &["ben@example.org"])).await.expect(201);
            ids.push(waits.id());
        }
        staff.post(&format!("/v1/account-requests/{}/link", ids[0]), json!({"person_id": ben.id})).await.expect(200);
        staff.post(&format!("/v1/account-requests/{}/reject", ids[1]), json!({"reason": "Once is enough."})).await.expect(200);
        world.positioned().await;
        let feed = "/v1/changes?types=account_request.received,account_request.completed,account_request.rejected";
        let page = partner.get(feed).await.expect(200);
        let told = page["items"].as_array().unwrap().iter();
        let told: Vec<_> = told.map(|one| (one["type"].as_str().unwrap(), one["data"]["request_id"].as_str().unwrap())).collect();
        assert_eq!(told, [("account_request.received", "r-1"), ("account_request.received", "r-2"),
            ("account_request.completed", "r-1"), ("account_request.rejected", "r-2")]);
        assert_eq!(other.get(feed).await.expect(200)["items"], json!([]));
    }

    async fn a_namesake_is_found_in_a_family_of_a_thousand(world) {
        let admin = world.admin().await;
        let partner = world.account_partner(&admin).await;
        let app = world.app();
        let family: Result<(), persistence::Error> = app
            .store
            .write(app.stamp_of("test", "family"), move |tx| {
                for number in 0..1_000 {
                    let (id, created_at, life) = (tx.new_id(), tx.now(), Life::default());
                    let (given_name, family_name) = (format!("Given {number}"), "Example".to_owned());
                    tx.people().insert(&Person { id, given_name, family_name, created_at, life, version: 1 })?;
                }
                Ok(())
            })
            .await;
        family.expect("a family");
        world.travel_to("2026-03-10");
        world.register("Zed").await;
        let waits = partner.asks_for_account(account("r-1", "lt-1", "ZED", &["zed@elsewhere.example.org"])).await.expect(201);
        assert_eq!((&waits["state"], unmet(&waits)), (&json!("pending"), vec!["account.nobody_alike"]));
    }

    async fn identifiers_that_disagree_are_refused_and_nothing_is_stored(world) {
        let Cast { ada, ben, staff, partner, .. } = cast(world).await;
        let number = staff.admits(&ben).await;
        partner.asks_for_account(account("r-1", "lt-1", "Ada", &["ada@example.org"])).await.expect(201);
        let with = |request: &str, external: &str, name: &str, email: &str, more: Value| {
            let mut body = account(request, external, name, &[email]);
            for (field, value) in more.as_object().unwrap() {
                body[field] = value.clone();
            }
            body
        };
        let before = (rows(world, "external_ids"), rows(world, "account_requests"), rows(world, "people"), world.events());
        for (body, rule) in [
            (with("r-2", "lt-1", "Ada", "new@example.org", json!({"candidate_number": number})), "account.identifiers_agree"),
            (with("r-3", "lt-3", "Ben", "new@example.org", json!({"candidate_number": number, "person_id": ada.id})), "account.identifiers_agree"),
            (with("r-4", "lt-4", "Ben", "ada@example.org", json!({"candidate_number": number})), "account.identifiers_agree"),
            (with("r-5", "lt-5", "Ada", "ada@example.org", json!({})), "account.one_external_id"),
        ] {
            let refused = partner.asks_for_account(body).await.refused(409, "state-conflict");
            assert!(unmet(&refused).contains(&rule), "{}", refused.body());
            assert!(!refused.body().contains(&ada.id) && !refused.body().contains(&ben.id), "{}", refused.body());
        }
        let nobody = "cand_00000000000000000000000000000001";
        partner.asks_for_account(with("r-6", "lt-6", "Ben", "new@example.org", json!({"candidate_number": nobody}))).await.faulty("#/candidate_number", "unknown");
        let nobody = "person_00000000000000000000000000000001";
        partner.asks_for_account(with("r-6", "lt-6", "Ben", "new@example.org", json!({"person_id": nobody}))).await.faulty("#/person_id", "unknown");
        partner.asks_for_account(with("r-6", "lt-6", "Ben", "new@example.org", json!({"program": "none"}))).await.faulty("#/program", "unknown");
        let after = (rows(world, "external_ids"), rows(world, "account_requests"), rows(world, "people"), world.events());
        assert_eq!(after, before);
        // The number and the name agree: it is Ben.
        let ok = partner.asks_for_account(with("r-7", "lt-7", "Ben", "new@example.org", json!({"candidate_number": number}))).await.expect(201);
        assert_eq!(ok["person_id"], json!(ben.id));
        // Who died has no account made active.
        staff.post(&format!("/v1/people/{}/deceased", ben.id), json!({"deceased_on": "2026-03-01"})).await.expect(200);
        partner.asks_for_account(with("r-8", "lt-7", "Ben", "new@example.org", json!({}))).await.refused(409, "state-conflict").unmet(&["account.person_state"]);
    }

    async fn what_cannot_be_a_request_is_told_with_its_place(world) {
        let Cast { partner, staff, .. } = cast(world).await;
        let change = |field: &str, value: Value| {
            let mut body = account("r-1", "lt-1", "Cleo", &["cleo@example.org"]);
            body[field] = value;
            body
        };
        let many: Vec<String> = (0..11).map(|number| format!("c{number}@example.org")).collect();
        for (field, value, pointer, code) in [
            ("request_id", json!(""), "#/request_id", "length"),
            ("request_id", json!("r".repeat(65)), "#/request_id", "length"),
            ("request_id", json!("a/b"), "#/request_id", "format"),
            ("request_id", json!("areq_00000000000000000000000000000001"), "#/request_id", "format"),
            ("external_id", json!("x".repeat(201)), "#/external_id", "length"),
            ("given_name", json!(" "), "#/given_name", "length"),
            ("emails", json!([]), "#/emails", "length"),
            ("emails", json!(many), "#/emails", "length"),
            ("emails", json!(["c@example.org", "C@Example.org"]), "#/emails/1", "duplicate"),
            ("emails", json!(["c@example.org", "nonsense"]), "#/emails/1", "format"),
        ] {
            partner.asks_for_account(change(field, value)).await.faulty(pointer, code);
        }
        staff.asks_for_account(account("r-1", "lt-1", "Cleo", &["c@example.org"])).await.refused(403, "forbidden");
        partner.get("/v1/account-requests/r-1").await.refused(404, "not-found");
        assert_eq!(rows(world, "account_requests"), 0);
    }
}

each_race! {
    async fn sixteen_times_the_same_request_is_one(world) {
        let Cast { partner, .. } = cast(world).await;
        let answers = contend(|_| {
            let partner = partner.clone();
            async move { partner.asks_for_account(account("r-1", "lt-1", "Cleo", &["cleo@example.org"])).await }
        })
        .await;
        assert_eq!(answers.len(), CONTENDERS);
        for answer in &answers {
            assert_eq!((answer.status, &answer["id"]), (201, &answers[0]["id"]), "{}", answer.body());
        }
        assert_eq!((rows(world, "account_requests"), rows(world, "external_ids"), world.count("account.linked")), (1, 1, 1));
    }

    async fn sixteen_people_and_one_external_id(world) {
        let Cast { partner, .. } = cast(world).await;
        let mut people = Vec::new();
        for number in 0..CONTENDERS {
            people.push(world.register(&format!("Person{number}")).await.id);
        }
        let answers = contend(|number| {
            let (partner, person) = (partner.clone(), people[number].clone());
            async move {
                let mut body = account(&format!("r-{number}"), "lt-1", &format!("Person{number}"), &[&format!("p{number}@elsewhere.example.org")]);
                body["person_id"] = json!(person);
                partner.asks_for_account(body).await
            }
        })
        .await;
        let won = one_winner(answers, 201);
        let held = partner.get("/v1/accounts?external_id=lt-1").await.expect(200);
        assert_eq!(each(&held["items"], "person_id"), [won.text("person_id").as_str()]);
        assert_eq!((rows(world, "account_requests"), rows(world, "external_ids")), (1, 1));
    }

    async fn sixteen_external_ids_and_one_person(world) {
        let Cast { ada, partner, .. } = cast(world).await;
        let answers = contend(|number| {
            let partner = partner.clone();
            async move { partner.asks_for_account(account(&format!("r-{number}"), &format!("lt-{number}"), "Ada", &["ada@example.org"])).await }
        })
        .await;
        let won = one_winner(answers, 201);
        assert_eq!(won["person_id"], json!(ada.id));
        assert_eq!((rows(world, "external_ids"), world.count("account.linked")), (1, 1));
    }

    async fn one_new_person_of_two_partners_is_made_once_and_nobody_is_refused(world) {
        let Cast { partner, other, .. } = cast(world).await;
        let people = rows(world, "people");
        let answers = contend(|number| {
            let partner = if number % 2 == 0 { partner.clone() } else { other.clone() };
            async move { partner.asks_for_account(account(&format!("r-{number}"), &format!("lt-{number}"), "Cleo", &["cleo@example.org"])).await }
        })
        .await;
        let mut made = 0;
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.body());
            if answer["outcome"] == "created" {
                made += 1;
            } else {
                assert_eq!((&answer["state"], unmet(answer)), (&json!("pending"), vec!["account.address_verified"]));
            }
        }
        assert_eq!((made, rows(world, "people"), rows(world, "external_ids")), (1, people + 1, 1));
    }

    async fn the_office_links_and_makes_at_once(world) {
        let Cast { ben, staff, partner, .. } = cast(world).await;
        let emails = ["ben@example.org", "ben@free.example.org"];
        let waits = partner.asks_for_account(account("r-1", "lt-1", "Ben", &emails)).await.expect(201);
        let path = format!("/v1/account-requests/{}", waits.id());
        let people = rows(world, "people");
        let answers = contend(|number| {
            let (staff, path, person) = (staff.clone(), path.clone(), ben.id.clone());
            async move {
                match number % 3 {
                    0 => staff.post(&format!("{path}/link"), json!({"person_id": person})).await,
                    1 => staff.post_empty(&format!("{path}/create")).await,
                    _ => staff.post(&format!("{path}/reject"), json!({"reason": "No."})).await,
                }
            }
        })
        .await;
        let won = one_winner(answers, 200);
        let (linked, created) = (won["outcome"] == "linked", won["outcome"] == "created");
        assert_eq!(linked, won["person_id"] == json!(ben.id));
        assert_eq!(rows(world, "external_ids"), usize::from(linked || created));
        assert_eq!(rows(world, "people"), people + usize::from(created));
    }
}
