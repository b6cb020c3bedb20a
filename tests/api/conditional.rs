//! Versions: `ETag`, `If-None-Match`, `If-Match`, and the order in which a request is judged.

use reqwest::Method;
use serde_json::json;

use crate::support::{actor::send, world::each_world};

each_world! {
    async fn who_has_the_version_gets_304_without_a_body(world) {
        let ada = world.register("Ada").await;
        let path = format!("/v1/applications/{}", ada.drafts().await.id());
        let read = ada.get(&path).await.expect(200);
        let again = |tag: String| send(ada.request(Method::GET, &path).header("If-None-Match", tag));
        let kept = again(read.etag()).await.expect(304);
        assert!(kept.bytes.is_empty());
        assert_eq!(kept.etag(), read.etag());
        again(format!("\"v99\", {}", read.etag())).await.expect(304);
        again("\"v99\"".to_owned()).await.expect(200);
        ada.acts_on(&read.id(), "submit").await.expect(200);
        assert_ne!(again(read.etag()).await.expect(200).etag(), read.etag());
    }

    async fn a_change_is_judged_in_order(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let auditor = world.auditor().await;
        let draft = ada.drafts().await;
        let path = format!("/v1/applications/{}", draft.id());
        let before = world.events();
        let (bad, good) = (json!({"colour": "red"}), json!({"payment_choice": "check"}));
        let change = |who: &crate::support::actor::Actor, body: &serde_json::Value| {
            send(who.request(Method::PATCH, &path).json(body))
        };
        change(&world.anyone(), &bad).await.refused(401, "unauthenticated");
        change(&bob, &bad).await.refused(404, "not-found");
        change(&auditor, &bad).await.refused(403, "forbidden");
        change(&ada, &bad).await.faulty("#/colour", "unknown");
        change(&ada, &good).await.refused(428, "precondition-required");
        let stale = ada.patch(&path, "\"v7\"", good.clone()).await.refused(412, "stale");
        assert_eq!(stale.etag(), draft.etag());
        ada.patch(&path, &format!("W/{}", draft.etag()), good.clone()).await.refused(412, "stale");
        ada.patch(&path, "v1", good.clone()).await.refused(400, "invalid-header");
        ada.patch(&path, "\"v7\"", bad).await.faulty("#/colour", "unknown");
        assert_eq!(world.events(), before, "nothing of it changed anything");
        assert_eq!(ada.get(&path).await.etag(), draft.etag());

        let changed = ada.patch(&path, &draft.etag(), good).await.expect(200);
        assert_eq!(changed["payment_choice"], "check");
        assert_eq!(changed["education"], "associate", "what is left out stays");
        assert_ne!(changed.etag(), draft.etag());
        assert_eq!(world.events(), before + 1);
    }

    async fn of_two_who_saw_the_same_version_one_is_told(world) {
        let ada = world.register("Ada").await;
        let draft = ada.drafts().await;
        let path = format!("/v1/applications/{}", draft.id());
        ada.patch(&path, &draft.etag(), json!({"payment_choice": "check"})).await.expect(200);
        let lost = json!({"education": "master"});
        ada.patch(&path, &draft.etag(), lost).await.refused(412, "stale");
        let now = ada.get(&path).await;
        assert_eq!((&now["payment_choice"], &now["education"]), (&json!("check"), &json!("associate")));
    }
}
