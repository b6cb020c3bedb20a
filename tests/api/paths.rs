//! Paths, methods, ids and queries that are not there.

use reqwest::Method;
use serde_json::json;

use crate::support::{actor::send, world::each_world};

each_world! {
    async fn a_path_that_is_not_there_is_404(world) {
        let ada = world.register("Ada").await;
        for path in ["/v1/nothing", "/v2/programs", "/v1/programs/", "/v1//programs", "/v1/programs/lssc/nothing"] {
            ada.get(path).await.refused(404, "not-found");
        }
    }

    async fn an_id_of_another_kind_names_nothing(world) {
        let ada = world.register("Ada").await;
        let draft = ada.drafts().await.id();
        let digits = draft.trim_start_matches("app_");
        for id in [
            &format!("cand_{digits}"),
            digits,
            &format!("app_{}", digits.to_uppercase()),
            &format!("app_{}", &digits[1..]),
            "app_00000000000000000000000000000000",
            "app_%00",
            "%00",
            "..%2f..%2fetc%2fpasswd",
            "app_'%20OR%201=1--",
        ] {
            let path = format!("/v1/applications/{id}");
            ada.get(&path).await.refused(404, "not-found");
            world.anyone().get(&path).await.refused(401, "unauthenticated");
        }
        ada.get(&format!("/v1/applications/{draft}")).await.expect(200);
    }

    async fn a_method_that_is_not_there_is_405_and_says_which_are(world) {
        let ada = world.register("Ada").await;
        let ask = |method: Method, path: &str| send(ada.request(method, path));
        for (method, path, allow) in [
            (Method::DELETE, "/v1/applications", "GET, HEAD, POST"),
            (Method::PUT, "/v1/programs", "GET, HEAD"),
            (Method::GET, "/v1/sessions", "POST"),
            (Method::POST, "/v1/me", "GET, HEAD"),
            (Method::POST, "/openapi.json", "GET, HEAD"),
        ] {
            let answer = ask(method, path).await.refused(405, "method-not-allowed");
            assert_eq!(answer.header("allow"), allow, "{path}");
        }
    }

    async fn head_is_get_without_the_body(world) {
        let anyone = world.anyone();
        let whole = anyone.get("/v1/programs/lssc").await.expect(200);
        let head = send(anyone.request(Method::HEAD, "/v1/programs/lssc")).await.expect(200);
        assert!(head.bytes.is_empty());
        assert_eq!(head.header("content-type"), whole.header("content-type"));
        let missing = send(anyone.request(Method::HEAD, "/v1/programs/nope")).await.expect(404);
        assert!(missing.bytes.is_empty());
    }

    async fn a_query_says_nothing_unknown(world) {
        let staff = world.staff().await;
        for (query, parameter) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=many", "limit"),
            ("limit=1&limit=2", "limit"),
            ("colour=red", "colour"),
            ("state=asleep", "state"),
            ("person_id=app_00000000000000000000000000000000", "person_id"),
            ("cursor=%00", "cursor"),
        ] {
            let answer = staff.get(&format!("/v1/applications?{query}")).await.refused(400, "invalid-query");
            assert_eq!(answer["errors"][0]["parameter"], parameter, "{query}");
        }
        for cursor in ["nonsense", "e30", "WzEsMV0", "%25"] {
            staff.get(&format!("/v1/applications?cursor={cursor}")).await.refused(400, "invalid-cursor");
        }
        let anyone = world.anyone();
        anyone.get("/v1/applications?limit=0").await.refused(401, "unauthenticated");
        anyone.get("/v1/programs/lssc/policy?on=2026-02-30").await.refused(400, "invalid-query");
        assert_eq!(anyone.get("/v1/programs/lssc/policy?on=2009-12-31").await.refused(404, "nothing-in-force")["status"], json!(404));
    }
}
