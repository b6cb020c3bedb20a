//! Audits of renewals: a draw that anyone can repeat, documents, what the office finds.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    actor::{Actor, Answer},
    renewals::{Holder, OPENS},
    world::{World, each, each_world},
};

/// So many people who renewed on the day on which their window opens, and the office.
async fn renewed(world: &World, names: &[&str]) -> (Actor, Vec<Holder>) {
    let staff = world.staff().await;
    let mut holders = Vec::new();
    for name in names {
        let person = world.register(name).await;
        staff.certifies(&person, "2026-03-01").await;
        holders.push(Holder::of(&staff, &person).await);
    }
    world.travel_to(OPENS);
    for holder in &holders {
        let used = holder.logs_enough("2028-01-01").await;
        holder.renews(&used).await.expect(201);
    }
    world.travel_to("2029-04-01");
    (staff, holders)
}

async fn draws(staff: &Actor, change: impl FnOnce(&mut Value)) -> Answer {
    let mut body = json!({"granted_from": "2029-01-01", "granted_until": "2029-03-31",
        "seed": "0 7 1 9", "seed_source": "The lottery of 2029-04-01", "count": 2});
    change(&mut body);
    staff.post("/v1/renewal-audits", body).await
}

async fn case_of(holder: &Holder) -> Option<String> {
    let own = holder.ada.get("/v1/audit-cases").await.expect(200);
    own["items"][0]["id"].as_str().map(ToOwned::to_owned)
}

each_world! {
    async fn a_draw_takes_the_smallest_hashes_and_anyone_can_repeat_it(world) {
        let (staff, holders) = renewed(world, &["Ada", "Ben", "Cleo", "Dora"]).await;
        holders[0].ada.post("/v1/renewal-audits", json!({})).await.refused(403, "forbidden");
        let audit = draws(&staff, |_| ()).await.expect(201);
        assert_eq!((&audit["tickets"], &audit["drawn"]), (&json!(4), &json!(2)));
        assert_eq!((&audit["drawn_on"], &audit["documents_by"]), (&json!("2029-04-01"), &json!("2029-05-01")));
        let path = format!("/v1/renewal-audits/{}", audit.id());
        holders[0].ada.get(&path).await.refused(403, "forbidden");
        let draw = world.anyone().get(&format!("{path}/draw")).await.expect(200);
        let mut order: Vec<_> = each(&draw["tickets"], "ticket").into_iter().map(|ticket| {
            let hash = Sha256::digest(format!("{}:{ticket}", draw.text("seed")));
            (hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")), ticket)
        }).collect();
        order.sort_unstable();
        let hashes: Vec<&str> = order.iter().map(|(hash, _)| hash.as_str()).collect();
        assert_eq!(each(&draw["tickets"], "hash"), hashes);
        let drawn: Vec<_> = draw["tickets"].as_array().unwrap().iter().map(|one| one["drawn"] == true).collect();
        assert_eq!(drawn, [true, true, false, false]);
        let cases = staff.get(&format!("/v1/audit-cases?renewal_audit_id={}", audit.id())).await.expect(200);
        assert_eq!(each(&cases["items"], "renewal_id"), [order[0].1, order[1].1]);
        let mut asked = 0;
        for holder in &holders {
            asked += usize::from(case_of(holder).await.is_some());
        }
        assert_eq!((asked, world.count("audit.drawn"), world.count("audit.opened")), (2, 1, 2));
    }

    async fn a_share_is_rounded_up_and_a_period_is_over(world) {
        let (staff, _) = renewed(world, &["Ada", "Ben", "Cleo"]).await;
        let share = |percent: i64| move |body: &mut Value| {
            body.as_object_mut().unwrap().remove("count");
            body["share_percent"] = json!(percent);
        };
        assert_eq!(draws(&staff, share(34)).await.expect(201)["drawn"], 2);
        assert_eq!(draws(&staff, share(1)).await.expect(201)["drawn"], 1);
        assert_eq!(draws(&staff, |body| body["count"] = json!(9)).await.expect(201)["drawn"], 3);
        draws(&staff, share(0)).await.faulty("#/share_percent", "out_of_range");
        draws(&staff, |body| body["share_percent"] = json!(5)).await.faulty("#/share_percent", "exclusive");
        draws(&staff, |body| drop(body.as_object_mut().unwrap().remove("count"))).await.faulty("#/share_percent", "required");
        draws(&staff, |body| body["granted_until"] = json!("2029-04-01")).await.faulty("#/granted_until", "order");
        draws(&staff, |body| body["granted_from"] = json!("2029-04-01")).await.faulty("#/granted_until", "order");
        draws(&staff, |body| body["granted_until"] = json!("2029-02-28")).await.refused(422, "rule-not-met").unmet(&["audit.tickets"]);
        assert_eq!(world.count("audit.drawn"), 3);
    }

    async fn documents_are_handed_in_and_the_office_finds(world) {
        let (staff, holders) = renewed(world, &["Ada"]).await;
        let ada = &holders[0];
        draws(&staff, |_| ()).await.expect(201);
        let id = case_of(ada).await.expect("she was drawn");
        let path = format!("/v1/audit-cases/{id}");
        let (documents, finding) = (format!("{path}/documents"), format!("{path}/finding"));
        let bob = world.register("Bob").await;
        bob.get(&path).await.refused(404, "not-found");
        let passed = json!({"outcome": "passed"});
        staff.post(&finding, passed.clone()).await.refused(409, "state-conflict").unmet(&["audit.state"]);
        let failed = json!({"outcome": "failed", "reason": "Nothing came in."});
        staff.post(&finding, failed.clone()).await.refused(409, "state-conflict").unmet(&["audit.state"]);
        let theirs = bob.uploads("purpose=evidence&file_name=a.txt", "text/plain", b"of Bob").await.expect(201).id();
        ada.ada.post(&documents, json!({"attachment_ids": [theirs]})).await.faulty("#/attachment_ids/0", "unknown");
        ada.ada.post(&documents, json!({})).await.faulty("#/attachment_ids", "required");
        staff.post(&documents, json!({"text": "For her."})).await.refused(403, "forbidden");
        // Overdue is computed, and what comes late is taken.
        world.travel_to("2029-05-02");
        assert_eq!(ada.ada.get(&path).await["status"], "overdue");
        assert_eq!(each(&staff.get("/v1/audit-cases?status=overdue").await["items"], "id"), [id.as_str()]);
        let own = ada.ada.uploads("purpose=evidence&file_name=a.txt", "text/plain", b"of Ada").await.expect(201).id();
        let told = ada.ada.post(&documents, json!({"text": "Sorry.", "attachment_ids": [own]})).await.expect(200);
        assert_eq!((&told["status"], &told["late"]), (&json!("documented"), &json!(true)));
        staff.get(&format!("/v1/attachments/{own}/content")).await.expect(200);
        ada.ada.post(&finding, passed.clone()).await.refused(403, "forbidden");
        staff.post(&finding, json!({"outcome": "failed"})).await.faulty("#/reason", "required");
        let told = staff.post(&finding, passed).await.expect(200);
        assert_eq!((&told["status"], &told["decided_on"]), (&json!("passed"), &json!("2029-05-02")));
        staff.post(&finding, failed).await.refused(409, "state-conflict").unmet(&["audit.state"]);
        ada.ada.post(&documents, json!({"text": "More."})).await.refused(409, "state-conflict").unmet(&["audit.state"]);
        assert_eq!(world.happened_to(&id), ["audit.opened", "audit.documented", "audit.passed"]);
    }

    async fn a_failed_audit_leaves_the_certification_to_the_office(world) {
        let (staff, holders) = renewed(world, &["Ada"]).await;
        draws(&staff, |_| ()).await.expect(201);
        let id = case_of(&holders[0]).await.expect("she was drawn");
        world.travel_to("2029-05-02");
        let failed = json!({"outcome": "failed", "reason": "Nothing came in."});
        let told = staff.post(&format!("/v1/audit-cases/{id}/finding"), failed).await.expect(200);
        assert_eq!((&told["status"], &told["reason"]), (&json!("failed"), &json!("Nothing came in.")));
        assert_eq!(holders[0].certification().await["status"], "active");
    }
}
