//! People, their e-mail addresses and their memberships.

use serde_json::json;

use crate::support::{
    actor::Actor,
    mails::{CONFIRM, confirms, mails_to, token_of},
    world::{PASSWORD, each, each_world},
};

fn newcomer(email: &str) -> serde_json::Value {
    json!({"given_name": "Zoë", "family_name": "O'Neil-Nguyễn", "email": email, "password": PASSWORD})
}

async fn claims(person: &Actor) -> String {
    let path = format!("/v1/people/{}/memberships", person.id);
    person.post(&path, json!({"number": "1234567"})).await.expect(201).id()
}

each_world! {
    async fn somebody_registers_and_reads_themselves(world) {
        let anyone = world.anyone();
        let made = anyone.post("/v1/people", newcomer("zoe@example.org")).await.expect(201);
        assert_eq!(made["family_name"], "O'Neil-Nguyễn");
        assert!(!made.body().contains("password"));
        assert_eq!(made.header("location"), format!("/v1/people/{}", made.id()));
        let zoe = anyone.signs_in("zoe@example.org", PASSWORD).await;
        let me = zoe.get("/v1/me").await.expect(200);
        assert_eq!((me.id(), me.etag()), (made.id(), made.etag()));
        zoe.get(made.header("location")).await.expect(200);
        assert_eq!(world.happened_to(&made.id()), ["person.registered"]);
    }

    async fn an_address_is_registered_once_however_it_is_written(world) {
        let anyone = world.anyone();
        anyone.post("/v1/people", newcomer("zoe@example.org")).await.expect(201);
        for email in ["zoe@example.org", "ZOE@example.org", " Zoe@Example.Org "] {
            anyone.post("/v1/people", newcomer(email)).await.refused(409, "conflict");
        }
        assert_eq!(world.count("person.registered"), 1);
    }

    async fn what_is_no_person_is_refused(world) {
        let with = |field: &str, value: &str| {
            let mut body = newcomer("zoe@example.org");
            body[field] = json!(value);
            body
        };
        for (body, pointer, code) in [
            (with("email", "zoe"), "#/email", "format"),
            (with("given_name", "   "), "#/given_name", "length"),
            (with("family_name", "a\nb"), "#/family_name", "format"),
            (with("password", "fourteen chars"), "#/password", "length"),
            (with("password", "aaaaaaaaaaaaaaaaaaaa"), "#/password", "guessable"),
            (with("password", "zoe@example.org"), "#/password", "guessable"),
            (with("role", "admin"), "#/role", "unknown"),
        ] {
            world.anyone().post("/v1/people", body).await.faulty(pointer, code);
        }
        assert_eq!(world.count("person.registered"), 0);
    }

    async fn a_name_changes_and_its_history_stays(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let path = format!("/v1/people/{}", ada.id);
        let etag = ada.get(&path).await.etag();
        bob.patch(&path, &etag, json!({"given_name": "Eve"})).await.refused(404, "not-found");
        let changed = ada.patch(&path, &etag, json!({"family_name": "King"})).await.expect(200);
        assert_eq!((&changed["given_name"], &changed["family_name"]), (&json!("Ada"), &json!("King")));
        let same = ada.patch(&path, &changed.etag(), json!({"given_name": "Ada"})).await.expect(200);
        assert_eq!(same.etag(), changed.etag(), "nothing changed");
        assert_eq!(world.happened_to(&ada.id), ["person.registered", "person.renamed"]);
    }

    async fn addresses_come_and_go_but_the_primary_one(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let path = format!("/v1/people/{}/emails", ada.id);
        ada.post(&path, json!({"email": "bob@example.org"})).await.refused(409, "conflict");
        bob.post(&path, json!({"email": "evil@example.org"})).await.refused(404, "not-found");
        let two = ada.post(&path, json!({"email": "ada@work.example.org"})).await.expect(200);
        let emails = two["emails"].as_array().unwrap();
        assert_eq!(each(&two["emails"], "address"), ["ada@example.org", "ada@work.example.org"]);
        let (first, second) = (emails[0]["id"].as_str().unwrap(), emails[1]["id"].as_str().unwrap());
        world.anyone().signs_in("ada@work.example.org", PASSWORD).await;

        ada.delete(&format!("{path}/{first}"), &two.etag()).await.refused(409, "state-conflict");
        let primary = format!("{path}/{second}/primary");
        ada.post_empty(&primary).await.refused(409, "state-conflict").unmet(&["email.verified"]);
        confirms(world, "ada@work.example.org").await;
        let turned = ada.post_empty(&primary).await.expect(200);
        assert_eq!(each(&turned["emails"], "address"), ["ada@work.example.org", "ada@example.org"]);
        let before = world.events();
        assert_eq!(ada.post_empty(&primary).await.expect(200).etag(), turned.etag());
        assert_eq!(world.events(), before, "nothing changed");
        ada.delete(&format!("{path}/{first}"), &two.etag()).await.refused(412, "stale");
        let left = ada.delete(&format!("{path}/{first}"), &turned.etag()).await.expect(200);
        assert_eq!(each(&left["emails"], "address"), ["ada@work.example.org"]);
        world.anyone().tries_to_sign_in("ada@example.org", PASSWORD).await.refused(401, "invalid-credentials");
        ada.delete(&format!("{path}/{first}"), &left.etag()).await.refused(404, "not-found");
    }

    async fn whoever_has_the_mail_confirms_the_address_and_nobody_else(world) {
        let ada = world.register("Ada").await;
        assert_eq!(ada.get("/v1/me").await.expect(200)["emails"][0]["verified_at"], json!(null));
        let token = token_of(world, "ada@example.org", CONFIRM, 1).await;
        let confirm = async |token: &str| {
            world.anyone().post_bare("/v1/email-verifications", json!({"token": token})).await
        };
        let email = token.split_once('.').unwrap().0;
        for forged in ["", "nonsense", email, &format!("{email}.AAAAAAAAAAAAAAAAAAAAAA"), &token[..token.len() - 1]] {
            confirm(forged).await.faulty("#/token", "void");
        }
        confirm(&token).await.expect(204);
        let me = ada.get("/v1/me").await.expect(200);
        assert!(me["emails"][0]["verified_at"].is_string());
        confirm(&token).await.expect(204);
        assert_eq!(ada.get("/v1/me").await.expect(200).etag(), me.etag());
        assert_eq!(world.happened_to(&ada.id), ["person.registered", "person.email_verified"]);
    }

    async fn the_primary_address_is_told_of_changes(world) {
        let (ada, staff, admin) = (world.register("Ada").await, world.staff().await, world.admin().await);
        let path = format!("/v1/people/{}/emails", ada.id);
        let body = json!({"email": "ada@work.example.org"});
        staff.post(&path, body.clone()).await.refused(403, "forbidden");
        let two = admin.post(&path, body).await.expect(200);
        let second = two["emails"][1]["id"].as_str().unwrap().to_owned();
        staff.post_empty(&format!("{path}/{second}/primary")).await.refused(403, "forbidden");
        staff.delete(&format!("{path}/{second}"), &two.etag()).await.refused(403, "forbidden");
        let told = |subject: &'static str| move || mails_to(world, "ada@example.org", subject).len() == 1;
        world.until("she is told of the addition", told("An address was added")).await;
        confirms(world, "ada@work.example.org").await;
        admin.post_empty(&format!("{path}/{second}/primary")).await.expect(200);
        world.until("she is told of the change", told("Your primary address changed")).await;
    }

    async fn staff_find_people_and_candidates_do_not(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let found = staff.get("/v1/people?email=ADA@example.org").await.expect(200);
        assert_eq!(each(&found["items"], "id"), [ada.id.as_str()]);
        assert_eq!(staff.get("/v1/people?email=eve@example.org").await.expect(200)["items"], json!([]));
        ada.get("/v1/people").await.refused(403, "forbidden");
        ada.get(&format!("/v1/people/{}", staff.id)).await.refused(404, "not-found");
        world.anyone().get("/v1/people").await.refused(401, "unauthenticated");
    }

    async fn a_membership_is_claimed_by_the_person_and_judged_by_staff(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let membership = claims(&ada).await;
        let path = format!("/v1/memberships/{membership}");
        let verification = format!("{path}/verification");
        let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
        ada.post(&verification, valid.clone()).await.refused(403, "forbidden");
        assert_eq!(ada.get(&path).await.expect(200)["state"], "claimed");
        assert!(staff.get(&path).await.expect(200).allows("verify_membership"));
        for (body, pointer, code) in [
            (json!({"valid": true, "valid_until": "2026-12-31"}), "#/valid_from", "required"),
            (json!({"valid": true, "valid_from": "2026-12-31", "valid_until": "2026-01-01"}), "#/valid_until", "order"),
            (json!({"valid": false}), "#/reason", "required"),
            (json!({"valid": false, "reason": "no", "valid_from": "2026-01-01"}), "#/valid_from", "exclusive"),
        ] {
            staff.post(&verification, body).await.faulty(pointer, code);
        }
        let verified = staff.post(&verification, valid.clone()).await.expect(200);
        assert_eq!(verified["state"], "verified");
        assert!(!verified.allows("verify_membership"));
        staff.post(&verification, valid).await.refused(409, "state-conflict").unmet(&["membership.state"]);
        let listed = ada.get("/v1/memberships").await.expect(200);
        assert_eq!(each(&listed["items"], "id"), [membership.as_str()]);
        world.register("Bob").await.get(&path).await.refused(404, "not-found");
        assert_eq!(
            world.happened_to(&ada.id),
            ["person.registered", "membership.claimed", "membership.verified"]
        );
    }
}
