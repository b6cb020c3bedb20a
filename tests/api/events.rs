//! The event log: dense, in order, for those who may read it.

use serde_json::json;

use crate::support::world::{each, each_world};

each_world! {
    async fn the_log_is_dense_and_in_order(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        staff.admits(&ada).await;
        world.positioned().await;
        let mut positions = Vec::new();
        let mut next = "/v1/events?limit=7".to_owned();
        loop {
            let page = staff.get(&next).await.expect(200);
            for event in page["items"].as_array().unwrap() {
                positions.push(event["position"].as_u64().unwrap());
                assert_eq!(event["hash"].as_str().unwrap().len(), 64);
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("/v1/events?limit=7&cursor={cursor}");
        }
        // Notices of what happened may still be on their way.
        assert!(positions.len() >= world.events());
        let whole: Vec<u64> = (1..).take(positions.len()).collect();
        assert_eq!(positions, whole);
    }

    async fn it_is_asked_by_subject_person_and_type(world) {
        let (ada, auditor) = (world.register("Ada").await, world.auditor().await);
        let application = ada.applies().await;
        world.positioned().await;
        let by_subject = auditor.get(&format!("/v1/events?subject={}", application.id())).await.expect(200);
        assert_eq!(each(&by_subject["items"], "type"), ["application.drafted", "application.submitted"]);
        let by_type = auditor.get("/v1/events?type=invoice.issued").await.expect(200);
        assert_eq!(by_type["items"][0]["subject"], application["invoice_id"]);
        assert_eq!(by_type["items"][0]["data"]["total_cents"], 35_000);
        let of_person = auditor.get(&format!("/v1/events?person_id={}", ada.id)).await.expect(200);
        let mut types = each(&of_person["items"], "type");
        types.retain(|told| !told.starts_with("notice."));
        assert_eq!(
            types,
            ["person.registered", "session.started", "application.drafted", "invoice.issued", "ledger.posted", "application.submitted"]
        );
        assert_eq!(auditor.get("/v1/events?type=nothing").await.expect(200)["items"], json!([]));
        ada.get("/v1/events").await.refused(403, "forbidden");
        world.anyone().get("/v1/events").await.refused(401, "unauthenticated");
    }

    async fn a_read_records_nothing_and_neither_does_a_refusal(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        let before = world.events();
        for path in ["/v1/me", "/v1/applications", "/v1/invoices", "/v1/programs/lssc/faq"] {
            ada.get(path).await.expect(200);
        }
        staff.acts_on(&application.id(), "submit").await.refused(403, "forbidden");
        staff.decides(&application.id(), "accept", json!({})).await.refused(409, "state-conflict");
        ada.decides(&application.id(), "accept", json!({})).await.refused(403, "forbidden");
        assert_eq!(world.events(), before);
    }
}
