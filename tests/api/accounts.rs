//! Accounts at partners: what each reads of them, by day; dormant and active again; unlinked; merged; erased.

use serde_json::{Value, json};

use crate::support::{
    accounts::account,
    database::Db,
    mails::{CONFIRM, token_of},
    world::{World, each, each_world},
};

fn states(list: &Value) -> Vec<(&str, &str)> {
    each(list, "given_name").into_iter().zip(each(list, "state")).collect()
}

each_world! {
    async fn a_partner_holds_what_an_account_tells_and_nothing_more(world) {
        let (ada, staff, admin) = (world.register("Ada").await, world.staff().await, world.admin().await);
        let (partner, other) = (world.account_partner(&admin).await, world.account_partner(&admin).await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        world.verify_addresses(&ada).await;
        partner.asks_for_account(account("r-1", "lt-1", "Ada", &["ada@example.org"])).await.expect(201);
        let path = format!("/v1/accounts/{}", ada.id);
        let told = partner.get(&path).await.expect(200);
        let mut fields: Vec<_> = told.json.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["as_of", "candidacies", "certifications", "emails", "external_id", "family_name",
            "given_name", "held_by", "person_id", "state", "subscription"]);
        assert_eq!((&told["external_id"], &told["state"]), (&json!("lt-1"), &json!("active")));
        assert_eq!(told["emails"], json!([{"address": "ada@example.org", "primary": true, "verified": true}]));
        assert_eq!((&told["subscription"]["activated_on"], &told["subscription"]["ends_on"]), (&json!("2026-03-01"), &json!("2030-03-01")));
        let candidacy = ada.get(&format!("/v1/candidacies/{}", certified.candidacy)).await.expect(200);
        let held = ada.get(&format!("/v1/certifications/{}", certified.certification)).await.expect(200);
        for field in ["id", "program", "status", "admitted_on", "deadline", "completed_on"] {
            assert_eq!(told["candidacies"][0][field], candidacy[field], "{field}");
        }
        for field in ["id", "number", "status", "completed_on", "expires_on"] {
            assert_eq!(told["certifications"][0][field], held[field], "{field}");
        }
        // Another partner knows of the account, of its own external id and of no other's.
        let elsewhere = other.get(&path).await.expect(200);
        assert_eq!((&elsewhere["external_id"], &elsewhere["held_by"]), (&json!(null), &json!([])));
        assert_eq!(other.get("/v1/accounts?external_id=lt-1").await.expect(200)["items"], json!([]));
        assert_eq!(each(&partner.get("/v1/accounts?external_id=lt-1").await.expect(200)["items"], "person_id"), [ada.id.as_str()]);
        // Its person sees who holds it; so does the office. Others see nothing.
        for who in [&ada, &staff] {
            let told = who.get(&path).await.expect(200);
            assert_eq!((&told["external_id"], &told["held_by"][0]["client_id"], &told["held_by"][0]["name"]), (&json!(null), &json!(partner.id), &json!("Partner")));
        }
        let bob = world.register("Bob").await;
        bob.get(&path).await.refused(404, "not-found");
        assert_eq!(bob.get("/v1/accounts").await.expect(200)["items"], json!([]));
        partner.get(&format!("/v1/accounts/{}", bob.id)).await.refused(404, "not-found");
        world.partner(&admin, &["people:read"]).await.get("/v1/accounts").await.refused(403, "insufficient-scope");
        let again = crate::support::actor::send(partner.request(reqwest::Method::GET, &path).header("If-None-Match", told.etag())).await;
        assert_eq!(again.status, 304);
    }

    async fn the_state_of_an_account_is_that_of_the_day(world) {
        let (staff, admin) = (world.staff().await, world.admin().await);
        let partner = world.account_partner(&admin).await;
        let ada = world.register("Ada").await;
        let application = ada.applies().await;
        staff.settles(&application).await;
        let gone = partner.has_account_made("lt-g", "Gone").await.text("person_id");
        partner.has_account_made("lt-n", "New").await;
        staff.post(&format!("/v1/people/{gone}/deceased"), json!({"deceased_on": "2026-03-01"})).await.expect(200);
        let path = format!("/v1/accounts/{}", ada.id);
        for (day, state) in [
            ("2026-02-28", "none"), ("2026-03-01", "active"), ("2029-12-30", "active"), ("2029-12-31", "ending"),
            ("2030-03-01", "ending"), ("2030-03-02", "dormant"),
        ] {
            assert_eq!(partner.get(&format!("{path}?as_of={day}")).await.expect(200)["state"], state, "{day}");
            // The list finds by the same rule.
            for asked in ["none", "active", "ending", "dormant", "deactivated"] {
                let list = partner.get(&format!("/v1/accounts?state={asked}&as_of={day}&person_id={}", ada.id)).await.expect(200);
                assert_eq!(list["items"].as_array().unwrap().len(), usize::from(asked == state), "{day} {asked}");
            }
        }
        let list = partner.get("/v1/accounts").await.expect(200);
        assert_eq!(states(&list["items"]), [("Ada", "active"), ("Gone", "deactivated"), ("New", "none")]);
        assert_eq!(states(&partner.get("/v1/accounts?state=deactivated").await["items"]), [("Gone", "deactivated")]);
        assert_eq!(states(&partner.get("/v1/accounts?state=none").await["items"]), [("New", "none")]);
        for who in [&partner, &staff] {
            who.get(&format!("/v1/accounts/{gone}")).await.refused(410, "account-deactivated");
        }
        partner.get(&format!("/v1/accounts/{gone}?as_of=2026-02-28")).await.expect(200);
        // Page by page everybody is there once.
        let first = partner.get("/v1/accounts?limit=2").await.expect(200);
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = partner.get(&format!("/v1/accounts?limit=2&cursor={cursor}")).await.expect(200);
        assert_eq!((states(&second["items"]), &second["next_cursor"]), (vec![("New", "none")], &json!(null)));
    }

    async fn accounts_of_several_people_come_in_one_read(world) {
        let admin = world.admin().await;
        let partner = world.account_partner(&admin).await;
        let mut people: Vec<domain::PersonId> = Vec::new();
        for name in ["Ada", "Ben", "Cleo"] {
            people.push(partner.has_account_made(name, name).await.text("person_id").parse().unwrap());
        }
        people.push(domain::PersonId::from_bits(1));
        let wanted = people.clone();
        let accounts = world.app().store.read(move |tx| tx.accounts().of(&wanted, None)).await;
        let found: Vec<_> = accounts.unwrap().into_iter().map(|one| (one.person.id, one.emails.len(), one.external_ids.len())).collect();
        let mut expected: Vec<_> = people.iter().take(3).map(|id| (*id, 1, 1)).collect();
        expected.sort();
        assert_eq!(found, expected);
    }

    async fn a_partner_adds_addresses_and_unlinks(world) {
        let (admin, staff) = (world.admin().await, world.staff().await);
        let (partner, other) = (world.account_partner(&admin).await, world.account_partner(&admin).await);
        let person = partner.has_account_made("lt-1", "Ada").await.text("person_id");
        let path = format!("/v1/accounts/{person}");
        let emails = format!("{path}/emails");
        let added = partner.post(&emails, json!({"email": "ada@work.example.org"})).await.expect(200);
        assert_eq!(added["emails"][1], json!({"address": "ada@work.example.org", "primary": false, "verified": false}));
        partner.post(&emails, json!({"email": "ADA@work.example.org"})).await.refused(409, "conflict");
        partner.post(&emails, json!({"email": "nonsense"})).await.faulty("#/email", "format");
        other.post(&emails, json!({"email": "eve@example.org"})).await.refused(404, "not-found");
        staff.post(&emails, json!({"email": "eve@example.org"})).await.refused(403, "forbidden");
        let door = format!("{path}/external-id");
        let etag = partner.get(&path).await.expect(200).etag();
        other.delete(&door, "*").await.refused(404, "not-found");
        partner.delete(&door, "\"v7\"").await.refused(412, "stale");
        crate::support::actor::send(partner.request(reqwest::Method::DELETE, &door)).await.refused(428, "precondition-required");
        partner.delete(&door, &etag).await.expect(204);
        partner.delete(&door, &etag).await.refused(404, "not-found");
        partner.get(&path).await.refused(404, "not-found");
        assert_eq!((world.count("account.linked"), world.count("account.unlinked")), (1, 1));
        // The id is free again, and so is the person.
        let body = json!({"request_id": "r-2", "external_id": "lt-2", "given_name": "Ada", "family_name": "Example",
            "emails": ["other@example.org"], "person_id": person});
        assert_eq!(partner.asks_for_account(body).await.expect(201)["person_id"], json!(person));
    }

    async fn a_machine_of_another_program_is_told_of_whom_it_holds(world) {
        let (ada, staff, admin) = (world.register("Ada").await, world.staff().await, world.admin().await);
        world.adapts_program("arizona").await;
        let number = staff.certifies(&ada, "2026-03-01").await.candidacy;
        world.verify_addresses(&ada).await;
        let scopes = ["accounts:read", "accounts:write", "changes:read"];
        let terms = json!({"name": "Arizona", "scopes": scopes, "programs": ["arizona"]});
        let elsewhere = world.machine(&admin, terms).await;
        let path = format!("/v1/accounts/{}", ada.id);
        let list = async || elsewhere.get("/v1/accounts").await.expect(200)["items"].clone();
        assert_eq!(list().await, json!([]));
        elsewhere.get(&path).await.refused(404, "not-found");
        let copy = elsewhere.get("/v1/changes/copy").await.expect(200);
        assert!(!copy.body().contains(&ada.id), "{}", copy.body());
        // A candidate number of another program names nobody here.
        let mut body = account("r-1", "lt-1", "Ada", &["ada@example.org"]);
        body["candidate_number"] = json!(number);
        elsewhere.asks_for_account(body.clone()).await.faulty("#/candidate_number", "unknown");
        body["program"] = json!("lssc");
        elsewhere.asks_for_account(body).await.faulty("#/program", "unknown");
        // Of whom it holds it is told, but for what is of another program.
        let asked = elsewhere.asks_for_account(account("r-1", "lt-1", "Ada", &["ada@example.org"])).await.expect(201);
        assert_eq!(asked["asked"]["program"], "arizona");
        for told in [elsewhere.get(&path).await.expect(200).json.clone(), list().await[0].clone()] {
            assert_eq!((&told["person_id"], &told["external_id"]), (&json!(ada.id), &json!("lt-1")));
            assert_eq!((&told["candidacies"], &told["certifications"]), (&json!([]), &json!([])));
        }
        let copy = elsewhere.get("/v1/changes/copy").await.expect(200);
        assert!(copy.body().contains("lt-1") && !copy.body().contains(&number), "{}", copy.body());
    }

    async fn an_erasure_takes_what_was_asked_and_rejected(world) {
        let (ben, staff, admin) = (world.register("Ben").await, world.staff().await, world.admin().await);
        let partner = world.account_partner(&admin).await;
        for (request, name, email) in [("r-1", "Ben", "BEN@example.org"), ("r-2", "Staff", "other@example.org")] {
            let waits = partner.asks_for_account(account(request, request, name, &[email, &format!("{request}@example.org")])).await.expect(201);
            let state = if request == "r-1" { "pending" } else { "completed" };
            assert_eq!(waits["state"], state);
        }
        let waits = partner.get("/v1/account-requests/r-1").await.expect(200).id();
        staff.post(&format!("/v1/account-requests/{waits}/reject"), json!({"reason": "No."})).await.expect(200);
        staff.post(&format!("/v1/people/{}/erase", ben.id), json!({"confirm": true})).await.expect(204);
        let left = partner.get("/v1/account-requests/r-1").await.expect(200);
        assert_eq!((&left["state"], &left["asked"]["emails"]), (&json!("rejected"), &json!([])));
        assert!(left["asked"]["given_name"] != "Ben", "{}", left.body());
        // What is of others stays.
        let others = partner.get("/v1/account-requests/r-2").await.expect(200);
        assert_eq!(others["asked"]["given_name"], "Staff");
    }

    async fn an_address_that_a_partner_added_opens_nobodys_account(world) {
        let (ada, bob, admin) = (world.register("Ada").await, world.register("Bob").await, world.admin().await);
        world.verify_addresses(&ada).await;
        let partner = world.account_partner(&admin).await;
        partner.asks_for_account(account("r-1", "lt-1", "Ada", &["ada@example.org"])).await.expect(201);
        let address = "eve@partner.example.org";
        partner.post(&format!("/v1/accounts/{}/emails", ada.id), json!({"email": address})).await.expect(200);
        // The mail goes to the partner's own people: its token alone confirms nothing.
        let confirmation = json!({"token": token_of(world, address, CONFIRM, 1).await});
        for who in [&world.anyone(), &bob] {
            let told = who.post_bare("/v1/email-verifications", confirmation.clone()).await;
            told.faulty("#/token", "not_signed_in");
        }
        world.anyone().post("/v1/password-resets", json!({"email": address})).await.expect(202);
        assert_eq!((world.count("person.email_verified"), world.count("password_reset.requested")), (0, 0));
        // Who is signed in as Ada makes it hers.
        ada.post_bare("/v1/email-verifications", confirmation).await.expect(204);
        assert!(ada.get("/v1/me").await["emails"][1]["verified_at"].is_string());
        world.anyone().post("/v1/password-resets", json!({"email": address})).await.expect(202);
        assert_eq!(world.count("password_reset.requested"), 1);
    }

    async fn an_address_of_somebody_whom_a_partner_made_opens_nobodys_account_after_a_merge(world) {
        let (ada, staff, admin) = (world.register("Ada").await, world.staff().await, world.admin().await);
        let partner = world.account_partner(&admin).await;
        let made = partner.has_account_made("lt-1", "Ada Two").await.text("person_id");
        let address = "ada.two@partner.example.org";
        let confirmation = json!({"token": token_of(world, address, CONFIRM, 1).await});
        staff.merges(&world.anyone().with_token("", &made), &ada).await.expect(201);
        let told = world.anyone().post_bare("/v1/email-verifications", confirmation.clone()).await;
        told.faulty("#/token", "not_signed_in");
        ada.post_bare("/v1/email-verifications", confirmation).await.expect(204);
    }

    async fn a_merge_loses_no_external_id_and_an_erasure_leaves_none(world) {
        let twins = world.twins().await;
        let admin = world.admin().await;
        let (partner, other) = (world.account_partner(&admin).await, world.account_partner(&admin).await);
        let linking = |external: &str, who: &crate::support::actor::Actor, name: &str| json!({
            "request_id": format!("r-{external}"), "external_id": external, "given_name": name, "family_name": "Example",
            "emails": [format!("{external}@partner.example.org")], "person_id": who.id});
        partner.asks_for_account(linking("lt-1", &twins.ada, "Ada")).await.expect(201);
        partner.asks_for_account(linking("lt-2", &twins.again, "Ada Again")).await.expect(201);
        other.asks_for_account(linking("x-2", &twins.again, "Ada Again")).await.expect(201);
        let before = world.belongings();
        let merge = twins.staff.merges(&twins.again, &twins.ada).await.expect(201);
        let old = partner.get(&format!("/v1/accounts/{}", twins.again.id)).await.expect(308);
        assert_eq!(old.header("location"), format!("/v1/accounts/{}", twins.ada.id));
        let path = format!("/v1/accounts/{}", twins.ada.id);
        let told = partner.get(&path).await.expect(200);
        assert_eq!((&told["external_id"], each(&told["held_by"], "external_id")), (&json!("lt-1"), vec!["lt-1", "lt-2"]));
        assert_eq!(other.get(&path).await.expect(200)["external_id"], "x-2");
        for external in ["lt-1", "lt-2"] {
            let list = partner.get(&format!("/v1/accounts?external_id={external}")).await.expect(200);
            assert_eq!(each(&list["items"], "person_id"), [twins.ada.id.as_str()]);
        }
        assert_eq!(partner.get("/v1/account-requests/r-lt-2").await.expect(200)["person_id"], json!(twins.ada.id));
        twins.staff.takes_back(&merge).await.expect(200);
        assert_eq!(world.belongings(), before);
        // Erased, they are deactivated for the partner, which is told no more than that.
        let erase = format!("/v1/people/{}/erase", twins.again.id);
        twins.staff.post(&erase, json!({"confirm": true})).await.expect(204);
        let again = format!("/v1/accounts/{}", twins.again.id);
        for who in [&twins.staff, &partner] {
            who.get(&again).await.refused(410, "account-deactivated");
        }
        assert_eq!(world.db().lines("SELECT external_id AS line FROM external_ids"), ["lt-1"]);
        assert_eq!(world.count("account.unlinked"), 2, "each of two partners is told");
        let request = partner.get("/v1/account-requests/r-lt-2").await.expect(200);
        assert!(!request.body().contains("Again") && !request.body().contains("partner.example.org"), "{}", request.body());
    }
}

/// Days were missed, two servers look, and each change is told once.
async fn dormancy_is_told_once(db: Db) {
    let mut world = World::on(db).await;
    let (staff, admin, ada) =
        (world.staff().await, world.admin().await, world.register("Ada").await);
    let partner = world.account_partner(&admin).await;
    staff.admits(&ada).await;
    world.verify_addresses(&ada).await;
    partner.asks_for_account(account("r-1", "lt-1", "Ada", &["ada@example.org"])).await.expect(201);
    world.travel_to("2030-03-01");
    world.restart().await;
    world.until("the end was announced", || world.count("subscription.ends_soon") == 1).await;
    assert_eq!(world.count("account.dormant"), 0);
    world.travel_to("2030-04-20");
    world.restart().await;
    world.until("it was told", || world.count("account.dormant") == 1).await;
    world.restart().await;
    let since = "SELECT CAST(data AS text) AS line FROM events WHERE type = 'account.dormant'";
    assert!(world.db().lines(since)[0].contains("2030-03-02"), "{:?}", world.db().lines(since));
    // Asked for anew, a dormant account is told to be dormant.
    let partner = partner.at(&world.base());
    let again = partner
        .asks_for_account(account("r-2", "lt-1", "Ada", &["ada@example.org"]))
        .await
        .expect(201);
    assert_eq!(
        (&again["state"], &again["account_state"]),
        (&json!("completed"), &json!("dormant"))
    );
    // A new subscription makes it active again.
    let (staff, ada) = (staff.at(&world.base()), ada.at(&world.base()));
    let application = ada.applies().await;
    staff.settles(&application).await;
    assert_eq!(
        partner.get(&format!("/v1/accounts/{}", ada.id)).await.expect(200)["state"],
        "active"
    );
    world.restart().await;
    world.until("it was told", || world.count("account.reactivated") == 1).await;
    world.restart().await;
    world.positioned().await;
    assert_eq!((world.count("account.dormant"), world.count("account.reactivated")), (1, 1));
    world.stop().await;
}

mod dormancy_is_told_once {
    use crate::support::database::{Db, block_on};

    #[test]
    fn sqlite() {
        block_on(super::dormancy_is_told_once(Db::sqlite()));
    }
    #[test]
    fn postgres() {
        if let Some(db) = Db::postgres() {
            block_on(super::dormancy_is_told_once(db));
        }
    }
}
