//! The sandbox's clock: it goes forward only, everything follows, nobody is signed out.

use std::sync::Arc;

use api::{clock::ManualClock, serve::Deps};
use serde_json::json;

use crate::support::{
    database::noon,
    sandbox::CLOCK,
    world::{PASSWORD, each_world},
};

each_world! {
    async fn the_office_moves_the_clock_forward(world) {
        let staff = world.staff().await;
        let clock = staff.get(CLOCK).await.expect(200);
        assert_eq!((clock.etag().as_str(), clock.header("cache-control")), ("\"v1\"", "no-store"));
        assert_eq!(clock.json, json!({"now": "2026-03-01T12:00:00Z", "today": "2026-03-01",
            "ahead_s": 0, "moved_at": null}));
        // In Chicago it is still the day before.
        let there = staff.sets_clock(Some("\"v1\""), &json!({"now": "2027-03-02T05:59:59Z"})).await;
        let there = there.expect(200);
        assert_eq!(there.etag(), "\"v2\"");
        assert_eq!((&there["now"], &there["today"]), (&json!("2027-03-02T05:59:59Z"), &json!("2027-03-01")));
        assert_eq!(there["moved_at"], "2026-03-01T12:00:00Z");
        let on = staff.sets_clock(Some("\"v2\""), &json!({"advance_days": 366})).await.expect(200);
        assert_eq!((&on["now"], on["ahead_s"].as_i64()),
            (&json!("2028-03-02T05:59:59Z"), Some(732 * 86_400 - 6 * 3600 - 1)));
        assert_eq!(staff.get(CLOCK).await.expect(200).json, on.json);
        world.positioned().await;
        let events = staff.get("/v1/events?subject=sandbox").await.expect(200);
        assert_eq!(events["items"][1]["data"],
            json!({"from": "2027-03-02T05:59:59Z", "to": "2028-03-02T05:59:59Z"}));
        assert_eq!(world.happened_to("sandbox"), ["sandbox.clock_moved", "sandbox.clock_moved"]);
    }

    async fn it_is_never_moved_back_nor_twice_by_one_request(world) {
        let (staff, bob, auditor) = (world.staff().await, world.register("Bob").await, world.auditor().await);
        staff.goes_to("2030-01-01").await;
        for (now, status) in [("2030-01-01T18:00:00Z", 409), ("2029-12-31T18:00:00Z", 409), ("2030-01-01T18:00:00.000001Z", 200)] {
            let tag = staff.get(CLOCK).await.etag();
            let answer = staff.sets_clock(Some(&tag), &json!({"now": now})).await.expect(status);
            if status == 409 {
                answer.refused(409, "state-conflict").unmet(&["sandbox.clock_forward"]);
            }
        }
        let body = json!({"advance_days": 1});
        staff.sets_clock(Some("\"v3\""), &body).await.expect(200);
        // The same once more: a client that did not hear the answer.
        staff.sets_clock(Some("\"v3\""), &body).await.refused(412, "stale");
        staff.sets_clock(None, &body).await.refused(428, "precondition-required");
        for (body, pointer, code) in [
            (json!({}), "#/now", "required"),
            (json!({"now": "2040-01-01T00:00:00Z", "advance_days": 1}), "#/advance_days", "exclusive"),
            (json!({"advance_days": 0}), "#/advance_days", "out_of_range"),
            (json!({"advance_days": -1}), "#/advance_days", "out_of_range"),
            (json!({"advance_days": i64::MAX}), "#/advance_days", "out_of_range"),
            (json!({"now": "2191-01-01T00:00:00Z"}), "#/now", "out_of_range"),
        ] {
            staff.sets_clock(Some("\"v4\""), &body).await.faulty(pointer, code);
        }
        auditor.get(CLOCK).await.expect(200);
        auditor.sets_clock(Some("\"v4\""), &body).await.refused(403, "forbidden");
        bob.get(CLOCK).await.refused(403, "forbidden");
        world.anyone().get(CLOCK).await.refused(401, "unauthenticated");
        assert_eq!(staff.get(CLOCK).await.expect(200)["now"], "2030-01-02T18:00:00.000001Z");
        assert_eq!(world.count("sandbox.clock_moved"), 3);
    }

    async fn who_is_signed_in_stays_so_and_workers_look_at_once(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let key = "the-same-key";
        let asked = json!({"question": "How?"});
        let first = ada.post_as(key, "/v1/help-requests", asked.clone()).await.expect(201);
        staff.goes_to("2029-12-31").await;
        // No hour passes: the move itself has the worker look.
        world.until("the end of the account is announced", || world.count("subscription.ends_soon") == 1).await;
        staff.goes_to("2031-06-01").await;
        assert_eq!(ada.get(&format!("/v1/candidacies/{candidacy}")).await.expect(200)["status"], "expired");
        // A key lives its day by the machine's clock, a session too.
        let again = ada.post_as(key, "/v1/help-requests", asked).await.expect(201);
        assert_eq!((again.id(), again.header("idempotency-replayed")), (first.id(), "true"));
        let refreshed = ada.post_bare("/v1/sessions/refresh", json!({"refresh_token": ada.refresh})).await;
        ada.with_token(&refreshed.expect(200).text("access_token"), &ada.id).get("/v1/me").await.expect(200);
        let new = world.register("Ben").await.signs_in("ben@example.org", PASSWORD).await;
        let me = new.get(&format!("/v1/people/{}", new.id)).await.expect(200);
        assert_eq!(me["created_at"], "2031-06-01T18:00:00Z");
    }

    async fn the_move_is_kept_and_no_other_server_serves_the_sandbox(world) {
        let staff = world.staff().await;
        staff.goes_to("2035-05-05").await;
        let fresh = Deps { clock: Arc::new(ManualClock::at(noon())), ..Deps::default() };
        let again = world.starts(fresh).await.expect("a sandbox starts again");
        assert_eq!(again.app.now(), world.app().now());
        let there = staff.at(&format!("http://{}", again.addr));
        assert_eq!(there.get(CLOCK).await.expect(200)["today"], "2035-05-05");
        // A server of the same sandbox follows when the clock is moved elsewhere.
        staff.goes_to("2036-06-06").await;
        world.until("the other server follows", || again.app.now() == world.app().now()).await;
        again.stop().await;
        let refused = world.starts(Deps::default()).await.err().expect("it does not start");
        assert_eq!(refused.to_string(),
            "This database is a sandbox's whose clock was moved ahead: serve it with --demo.");
    }

    async fn a_server_that_is_no_sandbox_has_no_such_clock(world) {
        let real = world.starts(Deps::default()).await.expect("it starts");
        let there = world.anyone().at(&format!("http://{}", real.addr));
        there.get(CLOCK).await.refused(404, "not-found");
        there.sets_clock(Some("*"), &json!({"advance_days": 1})).await.refused(404, "not-found");
        real.stop().await;
        assert_eq!(world.count("sandbox.clock_moved"), 0);
    }
}
