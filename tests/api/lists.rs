//! Lists: keyset pages that stay whole while others write.

use serde_json::Value;

use crate::support::{
    actor::Actor,
    world::{each, each_world},
};

/// Every page of a list, read by following `next_cursor`.
async fn pages(reader: &Actor, path: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = reader.get(&next).await.expect(200);
        pages.push(page["items"].clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert!(!page.headers.contains_key("link"));
            return pages;
        };
        next = format!("{path}&cursor={cursor}");
        assert_eq!(page.header("link"), format!("<{next}>; rel=\"next\""));
        assert!(pages.len() < 100, "the list has no end");
    }
}

each_world! {
    async fn pages_follow_each_other_while_others_write(world) {
        let staff = world.staff().await;
        let mut there = Vec::new();
        for number in 0..5 {
            there.push(world.register(&format!("Applicant {number}")).await.drafts().await.id());
        }
        let first = staff.get("/v1/applications?limit=2").await.expect(200);
        assert_eq!(each(&first["items"], "id"), there[..2]);
        // Somebody new between two pages.
        let late = world.register("Late").await.drafts().await.id();
        let cursor = first.text("next_cursor");
        let second = staff.get(&format!("/v1/applications?limit=2&cursor={cursor}")).await.expect(200);
        assert_eq!(each(&second["items"], "id"), there[2..4]);
        there.push(late);

        for limit in [1, 2, 3, 6, 7, 200] {
            let pages = pages(&staff, &format!("/v1/applications?limit={limit}")).await;
            let ids: Vec<&str> = pages.iter().flat_map(|page| each(page, "id")).collect();
            assert_eq!(ids, there, "limit {limit}");
            assert_eq!(pages.len(), there.len().div_ceil(limit), "no empty last page");
        }
    }

    async fn a_list_holds_what_its_reader_may_see(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let (staff, auditor) = (world.staff().await, world.auditor().await);
        let draft = ada.drafts().await.id();
        for reader in [&ada, &staff, &auditor] {
            let list = reader.get("/v1/applications").await.expect(200);
            assert_eq!(each(&list["items"], "id"), [draft.as_str()]);
        }
        assert_eq!(bob.get("/v1/applications").await.expect(200)["items"], serde_json::json!([]));
        let asked = format!("/v1/applications?person_id={}", ada.id);
        assert_eq!(bob.get(&asked).await.expect(200)["items"], serde_json::json!([]));
        assert_eq!(each(&staff.get(&asked).await.expect(200)["items"], "id"), [draft.as_str()]);
        let drafts = staff.get("/v1/applications?state=submitted").await.expect(200);
        assert_eq!(drafts["items"], serde_json::json!([]));
        world.anyone().get("/v1/applications").await.refused(401, "unauthenticated");
    }
}
