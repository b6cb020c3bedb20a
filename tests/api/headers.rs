//! What every answer carries, and the limits of requests.

use api::config::RateLimit;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    actor::send,
    database::each_database,
    world::{World, each_world},
};

each_world! {
    async fn a_request_id_is_echoed_and_marks_what_happened(world) {
        let ada = world.register("Ada").await;
        let ask = |id: &str| send(ada.request(Method::GET, "/v1/me").header("X-Request-Id", id));
        assert_eq!(ask("abc-1.2_3").await.header("x-request-id"), "abc-1.2_3");
        for bad in ["", "with space", "<script>", &"x".repeat(65)] {
            let answer = ask(bad).await;
            assert_ne!(answer.header("x-request-id"), bad);
            assert_eq!(answer.header("x-request-id").len(), 32);
        }
        let marked = ada.request(Method::POST, "/v1/applications").header("X-Request-Id", "marked-1");
        send(marked.json(&json!({}))).await.expect(201);
        let rows = world.db().lines("SELECT type AS line FROM events WHERE request_id = 'marked-1'");
        assert_eq!(rows, ["application.drafted"]);
    }

    async fn a_trace_is_continued(world) {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let ask = |value: &str| send(world.anyone().request(Method::GET, "/v1/programs").header("traceparent", value));
        assert_eq!(ask(trace).await.header("traceparent"), trace);
        assert!(!ask("nonsense").await.headers.contains_key("traceparent"));
    }

    async fn every_answer_guards_itself(world) {
        let anyone = world.anyone();
        let ada = world.register("Ada").await;
        for answer in [
            anyone.get("/v1/programs").await.expect(200),
            anyone.get("/v1/me").await.expect(401),
            anyone.get("/nowhere").await.expect(404),
            ada.get("/v1/me").await.expect(200),
        ] {
            assert_eq!(answer.header("x-frame-options"), "DENY");
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
            assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
            assert!(answer.headers.contains_key("strict-transport-security"));
            assert!(!answer.headers.contains_key("server"));
        }
        assert!(ada.get("/v1/me").await.header("cache-control").contains("private"));
        let tokens = anyone.tries_to_sign_in("ada@example.org", crate::support::world::PASSWORD).await;
        assert_eq!(tokens.header("cache-control"), "no-store");
        assert!(anyone.get("/v1/programs").await.header("cache-control").contains("public"));
    }

    async fn the_server_says_that_it_lives_and_is_ready(world) {
        let anyone = world.anyone();
        assert_eq!(anyone.get("/livez").await.expect(200)["status"], "pass");
        let ready = anyone.get("/readyz").await.expect(200);
        assert_eq!(ready["checks"]["migrations"], "pass");
    }

    async fn every_kind_of_problem_has_its_page(world) {
        let index = world.anyone().get("/problems").await.expect(200);
        for kind in api::problem::Kind::ALL {
            let page = world.anyone().get(&format!("/problems/{}", kind.slug())).await.expect(200);
            assert!(page.header("content-type").starts_with("text/html"));
            assert!(page.body().contains(kind.title()), "{}", kind.slug());
            assert!(index.body().contains(kind.slug()));
        }
        world.anyone().get("/problems/nothing").await.refused(404, "not-found");
    }
}

each_database! {
    async fn only_listed_origins_may_read(db) {
        let origin = "https://front.example.org";
        let world = World::configured(db, |config| config.cors_origins = vec![origin.to_owned()]).await;
        let ask = |from: &str| send(world.anyone().request(Method::GET, "/v1/programs").header("Origin", from));
        assert_eq!(ask(origin).await.expect(200).header("access-control-allow-origin"), origin);
        assert!(!ask("https://evil.example.org").await.headers.contains_key("access-control-allow-origin"));
        let problem = world.anyone().request(Method::GET, "/v1/me").header("Origin", origin);
        let problem = send(problem).await.refused(401, "unauthenticated");
        assert_eq!(problem.header("access-control-allow-origin"), origin, "a refusal can be read too");

        let preflight = world
            .anyone()
            .request(Method::OPTIONS, "/v1/applications")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,idempotency-key,content-type");
        let preflight = send(preflight).await.expect(200);
        assert_eq!(preflight.header("access-control-allow-origin"), origin);
        assert!(preflight.header("access-control-allow-methods").contains("POST"));
        assert!(!preflight.headers.contains_key("access-control-allow-credentials"));
        world.stop().await;
    }

    async fn limits_are_counted_and_told(db) {
        let world = World::configured(db, |config| {
            config.rate_limit = RateLimit::On;
            config.rate_limit_sign_in_per_minute = 3;
            config.rate_limit_evaluations_per_minute = 2;
        })
        .await;
        let anyone = world.anyone();
        let first = anyone.get("/v1/programs").await.expect(200);
        assert_eq!(first.header("ratelimit-policy"), "\"default\";q=600;w=60");
        assert!(first.header("ratelimit").starts_with("\"default\";r="));
        for _ in 0..3 {
            anyone.tries_to_sign_in("nobody@example.org", "wrong wrong wrong").await.refused(401, "invalid-credentials");
        }
        let refused = anyone.tries_to_sign_in("nobody@example.org", "wrong wrong wrong").await;
        let refused = refused.refused(429, "too-many-requests");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
        for _ in 0..2 {
            anyone.post_bare("/v1/evaluations/fees", json!({})).await.refused(422, "invalid-input");
        }
        anyone.post_bare("/v1/evaluations/fees", json!({})).await.refused(429, "too-many-requests");
        anyone.get("/v1/programs").await.expect(200);
        anyone.get("/livez").await.expect(200);
        world.stop().await;
    }
}
