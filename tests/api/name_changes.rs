//! Name changes: asked for with proof, approved once, and every certificate that stands is reissued.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    race::{contend, one_winner},
    world::{World, each, each_world},
};

async fn proof(person: &Actor) -> String {
    let query = "purpose=name_proof&file_name=marriage.txt";
    person.uploads(query, "text/plain", b"Certificate of marriage").await.expect(201).id()
}

async fn asks(person: &Actor, family_name: &str, proof: &str) -> Answer {
    let body = json!({"given_name": "Ada", "family_name": family_name, "proof_id": proof});
    person.post(&format!("/v1/people/{}/name-changes", person.id), body).await
}

async fn verified(world: &World, number: &str, query: &str) -> Answer {
    world.anyone().get(&format!("/v1/verifications/{number}{query}")).await.expect(200)
}

fn edition_check(verification: &Answer) -> Option<(&str, &str)> {
    let checks = verification["checks"].as_array().unwrap();
    let one = checks.iter().find(|one| one["check"] == "edition_current")?;
    Some((one["verdict"].as_str().unwrap(), one["detail"].as_str().unwrap()))
}

each_world! {
    async fn an_approved_change_reissues_the_certificate_under_its_number(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let before = verified(world, &certified.number, "?edition=1").await;
        assert_eq!((before["holder_name"].as_str(), edition_check(&before).unwrap().0), (Some("Ada Example"), "pass"));
        let asked = asks(&ada, "King", &proof(&ada).await).await.expect(201);
        assert_eq!((&asked["state"], &asked["family_name_before"], &asked["actions"]), (&json!("requested"), &json!("Example"), &json!([])));
        let path = format!("/v1/name-changes/{}", asked.id());
        let queue = staff.get("/v1/name-changes?state=requested").await.expect(200);
        assert_eq!(each(&queue["items"], "id"), [asked.id().as_str()]);
        assert!(staff.get(&path).await.expect(200).allows("approve_name_change"));
        world.travel_to("2026-04-01");
        let approved = staff.post_empty(&format!("{path}/approve")).await.expect(200);
        assert_eq!((&approved["state"], &approved["decided_on"]), (&json!("approved"), &json!("2026-04-01")));
        assert_eq!(ada.get("/v1/me").await["family_name"], "King");
        let held = ada.get(&format!("/v1/certifications/{}", certified.certification)).await.expect(200);
        assert_eq!((&held["number"], &held["holder_name"], &held["edition"]), (&json!(certified.number), &json!("Ada King"), &json!(2)));
        assert_eq!(held["editions"], json!([
            {"edition": 1, "holder_name": "Ada Example", "issued_on": "2026-03-01"},
            {"edition": 2, "holder_name": "Ada King", "issued_on": "2026-04-01"},
        ]));
        // The certificate verifies; the earlier print does not any more, and the earlier name is not told.
        let print = verified(world, &certified.number, "?edition=1").await;
        assert_eq!((&print["status"], &print["certified"], &print["edition"]), (&json!("active"), &json!(true), &json!(2)));
        let (verdict, detail) = edition_check(&print).unwrap();
        assert_eq!((verdict, detail.contains("edition 2")), ("fail", true));
        assert!(!print.body().contains("Example"), "{}", print.body());
        assert_eq!(edition_check(&verified(world, &certified.number, "?edition=2").await).unwrap().0, "pass");
        assert_eq!(edition_check(&verified(world, &certified.number, "?edition=3").await).unwrap().0, "fail");
        assert_eq!(edition_check(&verified(world, &certified.number, "").await), None);
        world.anyone().get(&format!("/v1/verifications/{}?edition=0", certified.number)).await.refused(400, "invalid-query");
        assert_eq!((world.count("certification.reissued"), world.count("person.name_change_approved"), world.count("person.renamed")), (1, 1, 1));
    }

    async fn who_holds_a_certificate_changes_names_by_proof_alone(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let path = format!("/v1/people/{}", ada.id);
        let free = ada.get(&path).await.expect(200);
        let renamed = ada.patch(&path, &free.etag(), json!({"family_name": "Example-King"})).await.expect(200);
        staff.certifies(&ada, "2026-03-01").await;
        for who in [&ada, &staff] {
            who.patch(&path, &renamed.etag(), json!({"family_name": "King"})).await.refused(409, "state-conflict").unmet(&["person.names_by_name_change"]);
        }
        ada.patch(&path, &renamed.etag(), json!({"given_name": "Ada"})).await.expect(200);
        // Once nothing of it stands, names are free again.
        world.travel_to("2030-05-02");
        let ada = world.anyone().signs_in("ada@example.org", crate::support::world::PASSWORD).await;
        ada.patch(&path, &renamed.etag(), json!({"family_name": "King"})).await.expect(200);
        assert_eq!(world.count("certification.reissued"), 0);
    }

    async fn a_declined_change_changes_nothing_and_may_be_asked_for_again(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let file = proof(&ada).await;
        let asked = asks(&ada, "King", &file).await.expect(201).id();
        asks(&ada, "Queen", &file).await.refused(409, "conflict");
        let path = format!("/v1/name-changes/{asked}");
        staff.post(&format!("{path}/decline"), json!({})).await.faulty("#/reason", "required");
        let declined = staff.post(&format!("{path}/decline"), json!({"reason": "The file cannot be read."})).await.expect(200);
        assert_eq!((&declined["state"], &declined["reason"]), (&json!("declined"), &json!("The file cannot be read.")));
        staff.post_empty(&format!("{path}/approve")).await.refused(409, "state-conflict").unmet(&["name_change.state"]);
        assert_eq!(ada.get("/v1/me").await["family_name"], "Example");
        assert_eq!(verified(world, &certified.number, "").await["edition"], 1);
        asks(&ada, "King", &file).await.expect(201);
        assert_eq!((world.count("person.name_change_declined"), world.count("person.renamed")), (1, 0));
    }

    async fn the_proof_is_ones_own_and_the_name_another(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let (own, other) = (proof(&ada).await, proof(&bob).await);
        asks(&ada, "Example", &own).await.refused(422, "rule-not-met").unmet(&["name_change.differs"]);
        asks(&ada, "King", &other).await.faulty("#/proof_id", "unknown");
        let letter = ada.uploads("purpose=evidence&file_name=a.txt", "text/plain", b"A").await.expect(201).id();
        asks(&ada, "King", &letter).await.faulty("#/proof_id", "unknown");
        let body = json!({"given_name": "Eve", "family_name": "King", "proof_id": other});
        bob.post(&format!("/v1/people/{}/name-changes", ada.id), body).await.refused(404, "not-found");
        let asked = asks(&ada, "King", &own).await.expect(201).id();
        let path = format!("/v1/name-changes/{asked}");
        bob.get(&path).await.refused(404, "not-found");
        assert_eq!(bob.get("/v1/name-changes").await.expect(200)["items"], json!([]));
        ada.post_empty(&format!("{path}/approve")).await.refused(403, "forbidden");
        staff.post_bare(&format!("{path}/decline"), json!({"reason": "No."})).await.refused(400, "idempotency-key-required");
        assert_eq!(world.count("person.name_change_requested"), 1);
    }

    async fn sixteen_approvals_of_one_name_change(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let asked = asks(&ada, "King", &proof(&ada).await).await.expect(201).id();
        let answers = contend(|number| {
            let (staff, path) = (staff.clone(), format!("/v1/name-changes/{asked}"));
            async move {
                if number % 4 == 3 {
                    staff.post(&format!("{path}/decline"), json!({"reason": "No."})).await
                } else {
                    staff.post_empty(&format!("{path}/approve")).await
                }
            }
        })
        .await;
        let approved = one_winner(answers, 200)["state"] == "approved";
        let edition = if approved { 2 } else { 1 };
        assert_eq!(verified(world, &certified.number, "").await["edition"], edition);
        assert_eq!(world.count("certification.reissued"), usize::from(approved));
        assert_eq!(world.count("person.renamed"), usize::from(approved));
    }

    async fn the_certificate_is_printed_for_its_holder_and_the_office(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let certified = staff.certifies(&ada, "2026-03-01").await;
        let path = format!("/v1/certifications/{}/document", certified.certification);
        let printed = ada.get(&path).await.expect(200);
        assert_eq!(printed.header("content-type"), "application/pdf");
        assert_eq!(printed.header("content-disposition"), format!("attachment; filename=\"{}.pdf\"", certified.number));
        assert!(printed.bytes.starts_with(b"%PDF-"));
        assert_eq!(staff.get(&path).await.expect(200).bytes, printed.bytes);
        world.register("Bob").await.get(&path).await.refused(404, "not-found");
        world.anyone().get(&path).await.refused(401, "unauthenticated");
        let again = crate::support::actor::send(ada.request(reqwest::Method::GET, &path).header("If-None-Match", printed.etag())).await;
        assert_eq!(again.status, 304);
        let asked = asks(&ada, "King", &proof(&ada).await).await.expect(201).id();
        staff.post_empty(&format!("/v1/name-changes/{asked}/approve")).await.expect(200);
        assert_ne!(ada.get(&path).await.expect(200).etag(), printed.etag());
        let revoke: Value = json!({"reason_code": "other", "public_text": "Told."});
        staff.post(&format!("/v1/certifications/{}/revoke", certified.certification), revoke).await.expect(200);
        ada.get(&path).await.refused(409, "state-conflict").unmet(&["certification.printed"]);
    }
}
