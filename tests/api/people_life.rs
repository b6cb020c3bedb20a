//! Retirement, death, coming back, and erasure.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    race::{contend, one_winner},
    world::{PASSWORD, World, each_world},
};

impl Actor {
    async fn lives(&self, person: &str, act: &str, body: Value) -> Answer {
        self.post(&format!("/v1/people/{person}/{act}"), body).await
    }
}

async fn verified(world: &World, number: &str) -> Answer {
    world.anyone().get(&format!("/v1/verifications/{number}")).await.expect(200)
}

each_world! {
    async fn who_retired_begins_nothing_and_certificates_verify_as_before(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let draft = bob.drafts().await.id();
        let told = bob.lives(&bob.id, "retire", json!({})).await.expect(200);
        assert_eq!((&told["state"], &told["retired_on"]), (&json!("retired"), &json!("2026-03-01")));
        assert_eq!(bob.get(&format!("/v1/applications/{draft}")).await.expect(200)["state"], "withdrawn");
        bob.post("/v1/applications", crate::support::story::statements()).await.refused(409, "state-conflict").unmet(&["person.state"]);
        staff.lives(&bob.id, "retire", json!({})).await.refused(409, "state-conflict").unmet(&["person.state"]);
        ada.lives(&bob.id, "restore", json!({})).await.refused(404, "not-found");
        bob.lives(&bob.id, "restore", json!({"reason": "I am back."})).await.expect(200);
        bob.drafts().await;
        staff.lives(&ada.id, "retire", json!({})).await.expect(200);
        assert_eq!(verified(world, &certified.number).await["status"], "active");
        staff.post_bare(&format!("/v1/people/{}/restore", ada.id), json!({})).await.refused(400, "idempotency-key-required");
        assert_eq!((world.count("person.retired"), world.count("person.restored")), (2, 1));
    }

    async fn who_died_has_no_session_and_a_mistake_is_taken_back(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        ada.lives(&ada.id, "deceased", json!({"deceased_on": "2026-02-20"})).await.refused(403, "forbidden");
        staff.lives(&ada.id, "deceased", json!({"deceased_on": "2026-03-02"})).await.faulty("#/deceased_on", "out_of_range");
        let told = staff.lives(&ada.id, "deceased", json!({"deceased_on": "2026-02-20"})).await.expect(200);
        assert_eq!((&told["state"], &told["deceased_on"]), (&json!("deceased"), &json!("2026-02-20")));
        ada.get("/v1/me").await.refused(401, "invalid-token");
        world.anyone().tries_to_sign_in("ada@example.org", PASSWORD).await.refused(401, "invalid-credentials");
        assert_eq!(verified(world, &certified.number).await["certified"], true);
        staff.lives(&ada.id, "restore", json!({"reason": "Somebody of the same name."})).await.expect(200);
        let again = world.anyone().signs_in("ada@example.org", PASSWORD).await;
        assert_eq!(again.get("/v1/me").await.expect(200)["state"], "active");
        assert_eq!((world.count("person.deceased"), world.count("person.restored")), (1, 1));
    }

    async fn an_erased_person_holds_nothing_and_the_certificate_stays(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let file = ada.uploads("purpose=evidence&file_name=letter.txt", "text/plain", b"A letter of Ada's").await.expect(201).id();
        ada.post(&format!("/v1/people/{}/memberships", ada.id), json!({"number": "1234567"})).await.expect(201);
        let application = staff.get("/v1/applications").await["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/people/{}", ada.id);
        assert!(ada.get(&path).await.expect(200).allows("erase_person"));
        bob.lives(&ada.id, "erase", json!({"confirm": true})).await.refused(404, "not-found");
        ada.lives(&ada.id, "erase", json!({"confirm": false})).await.faulty("#/confirm", "required");
        ada.lives(&ada.id, "erase", json!({"confirm": true})).await.expect(204);
        ada.get("/v1/me").await.refused(401, "invalid-token");
        world.anyone().tries_to_sign_in("ada@example.org", PASSWORD).await.refused(401, "invalid-credentials");
        staff.get(&path).await.refused(404, "not-found");
        staff.lives(&ada.id, "restore", json!({})).await.refused(404, "not-found");
        assert_eq!(staff.get("/v1/people?family_name=person").await.expect(200)["items"], json!([]));
        let kept = staff.get(&format!("/v1/applications/{application}")).await.expect(200);
        assert_eq!((&kept["jobs"], &kept["state"]), (&json!([]), &json!("accepted")));
        staff.get(&format!("/v1/attachments/{file}")).await.refused(404, "not-found");
        assert!(world.db().lines("SELECT address AS line FROM emails WHERE address LIKE 'ada@%'").is_empty());
        let shown = verified(world, &certified.number).await;
        assert_eq!((&shown["holder_name"], &shown["certified"]), (&json!("Ada Example"), &json!(true)));
        // The address is free again, for another person.
        let again = world.register("Ada").await;
        assert_ne!(again.id, ada.id);
        assert_eq!(world.count("person.erased"), 1);
    }

    async fn what_is_open_stands_in_the_way_of_an_erasure(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        let erase = json!({"confirm": true});
        ada.lives(&ada.id, "erase", erase.clone()).await.refused(409, "state-conflict").unmet(&["erasure.no_open_money", "erasure.no_open_application"]);
        assert!(!ada.get("/v1/me").await.expect(200).allows("erase_person"));
        staff.settles(&application).await;
        ada.lives(&ada.id, "erase", erase.clone()).await.refused(409, "state-conflict").unmet(&["erasure.no_open_application"]);
        staff.lives(&staff.id, "erase", erase.clone()).await.refused(409, "state-conflict").unmet(&["erasure.no_roles"]);
        let answers = {
            staff.reviews(&application.id()).await;
            staff.accepts(&application.id()).await;
            contend(|_| {
                let (staff, id) = (staff.clone(), ada.id.clone());
                async move {
                    let mut answer = staff.lives(&id, "erase", json!({"confirm": true})).await;
                    // Who comes second finds nobody.
                    if answer.status == 404 {
                        answer.status = 409;
                    }
                    answer
                }
            })
            .await
        };
        one_winner(answers, 204);
        assert_eq!((world.count("person.erased"), world.count("candidacy.withdrawn")), (1, 1));
    }
}
