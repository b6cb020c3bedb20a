//! SCIM 2.0: a partner keeps its accounts by the standard's own words.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    accounts::{SCOPES, account},
    actor::{Actor, Answer, send},
    race::{contend, one_winner},
    world::{World, each, each_race, each_world},
};

const USERS: &str = "/scim/v2/Users";
const MEDIA: &str = "application/scim+json";

fn user(name: &str, given: &str, family: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name,
        "name": {"givenName": given, "familyName": family},
        "emails": [{"value": format!("{}@partner.example.org", name.to_lowercase()), "type": "work", "primary": true}]})
}

fn operations(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

async fn sends(actor: &Actor, method: Method, path: &str, body: &Value) -> Answer {
    let request = actor.request(method, path).header("content-type", MEDIA);
    send(request.body(body.to_string())).await
}

async fn creates(actor: &Actor, body: &Value) -> Answer {
    sends(actor, Method::POST, USERS, body).await
}

/// A refusal in SCIM's own form.
#[track_caller]
fn refused(answer: &Answer, status: u16, scim_type: Option<&str>) {
    assert_eq!(answer.status, status, "{}", answer.body());
    assert_eq!(answer.header("content-type"), MEDIA);
    assert_eq!(answer["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer["status"], status.to_string());
    assert_eq!(answer["scimType"].as_str(), scim_type, "{}", answer.body());
    assert!(answer["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
}

async fn finds(partner: &Actor, filter: &str) -> Answer {
    let encoded: String =
        filter.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
    partner.get(&format!("{USERS}?filter={encoded}")).await
}

async fn names(partner: &Actor, filter: &str) -> Vec<String> {
    let list = finds(partner, filter).await.expect(200);
    let found = list["Resources"].as_array().unwrap();
    assert_eq!(list["totalResults"], found.len());
    found.iter().map(|one| one["userName"].as_str().unwrap().to_owned()).collect()
}

async fn partner(world: &World) -> Actor {
    let admin = world.admin().await;
    world.partner(&admin, SCOPES).await
}

each_world! {
    async fn a_user_lives_from_post_to_delete(world) {
        let partner = partner(world).await;
        let made = creates(&partner, &user("Ada.B", "Ada", "Brook")).await.expect(201);
        let path = format!("{USERS}/{}", made.id());
        assert!(made.header("location").ends_with(&path));
        assert_eq!(made.header("content-type"), MEDIA);
        assert_eq!((&made["active"], &made["externalId"]), (&json!(true), &Value::Null));
        assert_eq!(made["meta"]["version"], made.etag());
        let read = partner.get(&path).await.expect(200);
        assert_eq!(read.json, made.json);
        let same = partner.request(Method::GET, &path).header("if-none-match", made.etag());
        send(same).await.expect(304);

        let changes = operations(&json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "add", "value": {"externalId": "7", "displayName": "Ada"}},
            {"op": "replace", "path": "name.familyName", "value": "Byron"},
            {"op": "add", "path": "emails", "value": [{"value": "ada@home.example.org"}]},
        ]));
        let patched = sends(&partner, Method::PATCH, &path, &changes).await.expect(200);
        assert_eq!((&patched["active"], &patched["externalId"]), (&json!(false), &json!("7")));
        assert_eq!(patched["name"], json!({"givenName": "Ada", "familyName": "Byron"}));
        assert_eq!(patched["emails"].as_array().unwrap().len(), 2);
        assert_ne!(patched.etag(), made.etag());
        let stale = partner.request(Method::PATCH, &path).header("content-type", MEDIA).header("if-match", made.etag());
        refused(&send(stale.body(changes.to_string())).await, 412, None);

        let put = sends(&partner, Method::PUT, &path, &user("ada", "Ada", "Brook")).await.expect(200);
        assert_eq!((&put["userName"], &put["displayName"], &put["externalId"]), (&json!("ada"), &Value::Null, &json!("7")));
        assert_eq!(put["emails"].as_array().unwrap().len(), 3, "no address is lost");
        let formatted = partner.get(&format!("{path}?attributes=name.formatted")).await.expect(200);
        assert_eq!(formatted["name"], json!({"formatted": "Ada Brook"}));
        assert_eq!(formatted["userName"], Value::Null);
        let without = partner.get(&format!("{path}?excludedAttributes=emails")).await.expect(200);
        assert_eq!((&without["emails"], &without["userName"]), (&Value::Null, &json!("ada")));

        partner.delete(&path, &put.etag()).await.expect(204);
        refused(&partner.get(&path).await, 404, None);
        refused(&partner.delete(&path, "*").await, 404, None);
        assert_eq!(world.count("person.registered"), 2, "Adam and Ada: the person stays");
        assert_eq!(world.count("account.unlinked"), 2);
    }

    async fn a_name_is_one_users_and_an_unclear_person_is_the_offices(world) {
        let partner = partner(world).await;
        let office = world.staff().await;
        let bob = world.register("Bob").await;
        creates(&partner, &user("Ada", "Ada", "Brook")).await.expect(201);
        refused(&creates(&partner, &user("aDA", "Eda", "Stream")).await, 409, Some("uniqueness"));
        // Somebody of this name is known with another address.
        let mut unclear = user("bob", "Bob", "Example");
        unclear["externalId"] = json!("key-7");
        let first = creates(&partner, &unclear).await;
        refused(&first, 409, Some("uniqueness"));
        let again = creates(&partner, &unclear).await;
        assert_eq!(again["detail"], first["detail"]);
        let waiting = office.get("/v1/account-requests?state=pending").await.expect(200);
        let request = waiting["items"][0]["id"].as_str().unwrap();
        assert!(first.text("detail").contains(request), "{}", first.body());
        assert_eq!(waiting["items"].as_array().unwrap().len(), 1);
        assert_eq!(names(&partner, "userName eq \"bob\"").await, Vec::<String>::new());
        let link = format!("/v1/account-requests/{request}/link");
        let linked = office.post(&link, json!({"person_id": bob.id})).await;
        assert!(matches!(linked.status, 200 | 201), "{}", linked.body());
        // It is there by what the office was asked for; asked again, it is the user that was wanted, once.
        assert_eq!(names(&partner, "externalId eq \"key-7\"").await, ["key-7"]);
        let made = creates(&partner, &unclear).await.expect(201);
        assert_eq!((&made["userName"], &made["externalId"]), (&json!("bob"), &json!("key-7")));
        assert_eq!(names(&partner, "userName eq \"bob\"").await, ["bob"]);
        refused(&creates(&partner, &unclear).await, 409, Some("uniqueness"));
        assert_eq!(world.count("account.linked"), 2);
    }

    async fn what_the_office_rejected_is_not_put_before_it_again(world) {
        let partner = partner(world).await;
        let office = world.staff().await;
        world.register("Bob").await;
        let pending = async || {
            let queue = office.get("/v1/account-requests?state=pending").await.expect(200);
            let ids = each(&queue["items"], "id");
            ids.into_iter().map(str::to_owned).collect::<Vec<String>>()
        };
        let mut unclear = user("bob", "Bob", "Example");
        refused(&creates(&partner, &unclear).await, 409, Some("uniqueness"));
        let request = pending().await.remove(0);
        let reject = format!("/v1/account-requests/{request}/reject");
        office.post(&reject, json!({"reason": "Not one of yours."})).await.expect(200);
        for _ in 0..2 {
            let told = creates(&partner, &unclear).await;
            refused(&told, 409, Some("uniqueness"));
            assert!(told.text("detail").contains("Not one of yours."), "{}", told.body());
        }
        assert_eq!(pending().await, Vec::<String>::new());
        // Other data are another question, which is asked once.
        unclear["emails"][0]["value"] = json!("bob@work.example.org");
        for _ in 0..3 {
            refused(&creates(&partner, &unclear).await, 409, Some("uniqueness"));
        }
        assert_eq!(pending().await.len(), 1);
    }

    async fn an_account_that_is_asked_for_elsewhere_is_no_new_user(world) {
        let partner = partner(world).await;
        partner.has_account_made("user-9", "Nina").await;
        let mut body = user("nina", "Nina", "Example");
        body["externalId"] = json!("user-9");
        refused(&creates(&partner, &body).await, 409, Some("uniqueness"));
        // Its name is the external id, however it is written, and nobody else's.
        refused(&creates(&partner, &user("USER-9", "Una", "Stream")).await, 409, Some("uniqueness"));
        assert_eq!(names(&partner, "userName eq \"User-9\"").await, ["user-9"]);
    }

    async fn of_two_users_who_are_one_person_one_is_deleted(world) {
        let twins = world.twins().await;
        let partner = partner(world).await;
        for (external, who, name) in [("lt-1", &twins.ada, "Ada"), ("lt-2", &twins.again, "Ada Again")] {
            let address = format!("{external}@partner.example.org");
            let mut body = account(&format!("r-{external}"), external, name, &[&address]);
            body["person_id"] = json!(who.id);
            partner.asks_for_account(body).await.expect(201);
        }
        twins.staff.merges(&twins.again, &twins.ada).await.expect(201);
        assert_eq!(names(&partner, "emails eq \"ada@example.org\"").await, ["lt-1", "lt-2"]);
        let found = finds(&partner, "userName eq \"lt-2\"").await.expect(200);
        let path = format!("{USERS}/{}", found["Resources"][0]["id"].as_str().unwrap());
        send(partner.request(Method::DELETE, &path)).await.expect(204);
        assert_eq!(names(&partner, "externalId pr").await, ["lt-1"]);
        assert_eq!(world.count("account.unlinked"), 1);
    }

    async fn a_name_on_a_certificate_is_changed_by_no_partner(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let partner = partner(world).await;
        staff.certifies(&ada, "2026-03-01").await;
        world.verify_addresses(&ada).await;
        partner.asks_for_account(account("r-1", "lt-1", "Ada", &["ada@example.org"])).await.expect(201);
        let found = finds(&partner, "externalId eq \"lt-1\"").await.expect(200);
        let path = format!("{USERS}/{}", found["Resources"][0]["id"].as_str().unwrap());
        let changes = operations(&json!([
            {"op": "replace", "path": "displayName", "value": "A. K."},
            {"op": "replace", "path": "name.familyName", "value": "King"},
        ]));
        refused(&sends(&partner, Method::PATCH, &path, &changes).await, 409, Some("uniqueness"));
        let read = partner.get(&path).await.expect(200);
        assert_eq!((&read["name"]["familyName"], &read["displayName"]), (&json!("Example"), &Value::Null));
        // Nor is that of who signs in here and has no certificate yet.
        let zoe = world.register("Zoe").await;
        world.verify_addresses(&zoe).await;
        partner.asks_for_account(account("r-2", "lt-2", "Zoe", &["zoe@example.org"])).await.expect(201);
        let found = finds(&partner, "externalId eq \"lt-2\"").await.expect(200);
        let path = format!("{USERS}/{}", found["Resources"][0]["id"].as_str().unwrap());
        let king = operations(&json!([{"op": "replace", "path": "name.familyName", "value": "King"}]));
        refused(&sends(&partner, Method::PATCH, &path, &king).await, 409, Some("uniqueness"));
        assert_eq!(world.count("person.renamed"), 0);
    }

    async fn users_are_found_and_paged(world) {
        let partner = partner(world).await;
        for (name, given) in [("Ada", "Ada"), ("Bea", "Bea"), ("Cleo", "Cleo")] {
            let mut body = user(name, given, "Wright");
            body["externalId"] = json!(format!("Key-{name}"));
            creates(&partner, &body).await.expect(201);
        }
        assert_eq!(names(&partner, "userName sw \"a\" or externalId eq \"Key-Cleo\"").await, ["Ada", "Cleo"]);
        assert_eq!(names(&partner, "externalId eq \"key-Ada\"").await, Vec::<String>::new());
        assert_eq!(names(&partner, "emails[value eq \"BEA@partner.example.org\"]").await, ["Bea"]);
        assert_eq!(names(&partner, "active eq true and not (emails.value co \"cleo\")").await, ["Ada", "Bea"]);
        assert_eq!(names(&partner, "meta.lastModified gt \"2030-01-01T00:00:00Z\"").await, Vec::<String>::new());
        for wrong in ["nickName eq \"x\"", "userName", "password pr", "(userName pr"] {
            refused(&finds(&partner, wrong).await, 400, Some("invalidFilter"));
        }
        let bea = finds(&partner, "userName eq \"BEA\"").await["Resources"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(names(&partner, &format!("id eq \"{bea}\"")).await, ["Bea"]);
        assert_eq!(names(&partner, "id eq \"nobody\"").await, Vec::<String>::new());
        assert_eq!(names(&partner, "userName eq \"bea\" and active eq false").await, Vec::<String>::new());
        assert_eq!(names(&partner, "active eq true and externalId eq \"Key-Bea\"").await, ["Bea"]);
        let beyond = partner.get(&format!("{USERS}?startIndex=9")).await.expect(200);
        assert_eq!((&beyond["totalResults"], &beyond["startIndex"], &beyond["Resources"]), (&json!(3), &json!(9), &json!([])));
        let page = partner.get(&format!("{USERS}?startIndex=2&count=1")).await.expect(200);
        assert_eq!((&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]), (&json!(3), &json!(2), &json!(1)));
        assert_eq!(page["Resources"][0]["userName"], "Bea");
        let none = partner.get(&format!("{USERS}?count=0")).await.expect(200);
        assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(3), &json!([])));
        let first = partner.get(&format!("{USERS}?cursor&count=2")).await.expect(200);
        assert_eq!(first["startIndex"], Value::Null);
        let cursor = first.text("nextCursor");
        let rest = partner.get(&format!("{USERS}?cursor={cursor}&count=2")).await.expect(200);
        assert_eq!((&rest["Resources"][0]["userName"], &rest["nextCursor"]), (&json!("Cleo"), &Value::Null));
        // A filter is paged by the same cursor.
        let some = partner.get(&format!("{USERS}?filter=active%20eq%20true&cursor&count=2")).await.expect(200);
        assert_eq!((&some["totalResults"], &some["nextCursor"]), (&json!(3), &json!(cursor)));
        let rest = partner.get(&format!("{USERS}?filter=active%20eq%20true&cursor={cursor}&count=2")).await.expect(200);
        assert_eq!((&rest["Resources"][0]["userName"], &rest["nextCursor"]), (&json!("Cleo"), &Value::Null));
        refused(&partner.get(&format!("{USERS}?cursor=nonsense")).await, 400, Some("invalidCursor"));
        refused(&partner.get(&format!("{USERS}?cursor&count=x")).await, 400, Some("invalidCount"));
        let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": "userName eq \"bea\"", "attributes": ["userName"]});
        for path in ["/scim/v2/Users/.search", "/scim/v2/.search"] {
            let found = sends(&partner, Method::POST, path, &search).await.expect(200);
            assert_eq!(found["Resources"][0]["userName"], "Bea");
            assert_eq!(found["Resources"][0]["name"], Value::Null);
        }
        let no_store_takes = json!({"schemas": search["schemas"], "filter": "userName eq \"a\u{0}\""});
        refused(&sends(&partner, Method::POST, "/scim/v2/.search", &no_store_takes).await, 400, Some("invalidFilter"));
        let no_text = json!({"schemas": search["schemas"], "filter": 7});
        refused(&sends(&partner, Method::POST, "/scim/v2/.search", &no_text).await, 400, Some("invalidValue"));
    }

    async fn every_refusal_has_the_form_of_scim(world) {
        let admin = world.admin().await;
        let partner = world.partner(&admin, SCOPES).await;
        let reader = world.partner(&admin, &["accounts:read"]).await;
        refused(&world.anyone().get(USERS).await, 401, None);
        refused(&world.anyone().with_token("nonsense", "").get(USERS).await, 401, None);
        refused(&creates(&reader, &user("x", "X", "Y")).await, 403, None);
        refused(&admin.get(USERS).await, 403, None);
        refused(&partner.get("/scim/v2/Groups").await, 404, None);
        refused(&partner.get(&format!("{USERS}/nobody")).await, 404, None);
        let put = sends(&partner, Method::PUT, USERS, &json!({})).await;
        refused(&put, 405, None);
        assert_eq!(put.header("allow"), "GET, HEAD, POST");
        refused(&send(partner.request(Method::POST, USERS).body("{}")).await, 415, None);
        let broken = partner.request(Method::POST, USERS).header("content-type", MEDIA).body("{");
        refused(&send(broken).await, 400, Some("invalidSyntax"));
        refused(&creates(&partner, &json!({"userName": "x"})).await, 400, Some("invalidSyntax"));
        let mut unnamed = user("x", "X", "Y");
        unnamed.as_object_mut().unwrap().remove("name");
        refused(&creates(&partner, &unnamed).await, 400, Some("invalidValue"));
        let large = format!("{{\"x\": \"{}\"}}", "y".repeat(2 << 20));
        let large = partner.request(Method::POST, USERS).header("content-type", MEDIA).body(large);
        refused(&send(large).await, 413, None);
        let config = world.anyone().get("/scim/v2/ServiceProviderConfig").await.expect(200);
        assert_eq!(config["filter"]["supported"], json!(true));
        let schemas = world.anyone().get("/scim/v2/Schemas").await.expect(200);
        assert_eq!(schemas["totalResults"], json!(1));
        refused(&world.anyone().get("/scim/v2/Schemas?filter=x").await, 403, None);
        refused(&world.anyone().get("/scim/v2/Schemas/urn:x").await, 404, None);
        refused(&sends(&partner, Method::POST, "/scim/v2/Schemas", &json!({})).await, 405, None);
    }

    async fn a_partner_sees_its_own_users_and_they_count(world) {
        let admin = world.admin().await;
        let one = world.partner(&admin, SCOPES).await;
        let other = world.partner(&admin, SCOPES).await;
        let made = creates(&one, &user("Ada", "Ada", "Brook")).await.expect(201);
        let path = format!("{USERS}/{}", made.id());
        refused(&other.get(&path).await, 404, None);
        for filter in ["userName pr", &format!("id eq \"{}\"", made.id()), "userName eq \"ada\"", "emails eq \"ada@partner.example.org\""] {
            assert_eq!(names(&other, filter).await, Vec::<String>::new(), "{filter}");
        }
        // What is linked by the other door is here as well.
        other.has_account_made("user-9", "Nina").await;
        assert_eq!(names(&other, "externalId eq \"user-9\"").await, ["user-9"]);
        let client = format!("/v1/clients/{}", one.id);
        let etag = admin.get(&client).await.expect(200).etag();
        admin.patch(&client, &etag, json!({"people_a_day": 2})).await.expect(200);
        one.get(&path).await.expect(200);
        refused(&one.get(&path).await, 429, None);
    }
}

each_race! {
    async fn sixteen_users_of_one_name_are_one(world) {
        let partner = partner(world).await;
        let answers = contend(|number| {
            let (partner, mut body) = (partner.clone(), user("Ada", "Ada", "Brook"));
            body["externalId"] = json!(format!("key-{number}"));
            async move { creates(&partner, &body).await }
        })
        .await;
        let won = one_winner(answers, 201);
        assert_eq!(names(&partner, "userName eq \"ada\"").await, ["Ada"]);
        assert_eq!(names(&partner, "userName pr").await.len(), 1);
        assert_eq!((world.count("account.linked"), won["userName"].as_str()), (1, Some("Ada")));
    }
}
