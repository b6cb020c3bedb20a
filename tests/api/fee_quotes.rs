//! Fee quotes for a person: what it costs, and what is taken off.

use serde_json::json;

use crate::support::world::each_world;

each_world! {
    async fn a_quote_tells_the_price_and_why(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let path = format!("/v1/people/{}/fee-quote", ada.id);
        let plain = ada.get(&path).await.expect(200);
        assert_eq!(
            (&plain["total_cents"], &plain["due_cents"], &plain["member"]["satisfied"], &plain["policy_version"]),
            (&json!(35_000), &json!(35_000), &json!(false), &json!(1))
        );
        let claim = ada.post(&format!("/v1/people/{}/memberships", ada.id), json!({"number": "1"})).await.expect(201).id();
        assert_eq!(ada.get(&path).await["member"]["actual"], "a membership that is claimed, not verified");
        let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
        staff.post(&format!("/v1/memberships/{claim}/verification"), valid).await.expect(200);
        let six = ada.get(&format!("{path}?items=application,portfolio:6")).await.expect(200);
        assert_eq!((&six["total_cents"], &six["lines"][1]["amount_cents"]), (&json!(62_500), &json!(30_000)));
        let later = ada.get(&format!("{path}?items=application,portfolio:6&on=2027-01-01")).await.expect(200);
        assert_eq!((&later["total_cents"], &later["member"]["satisfied"]), (&json!(71_000), &json!(false)));
    }

    async fn assistance_and_credit_are_taken_off(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let round = json!({"name": "Spring", "opens_on": "2026-03-01", "closes_on": "2026-03-01", "places": 1, "seed_source": "A lottery"});
        let round = staff.post("/v1/award-rounds", round).await.expect(201).id();
        ada.post_empty(&format!("/v1/award-rounds/{round}/requests")).await.expect(201);
        world.travel_to("2026-03-02");
        staff.post(&format!("/v1/award-rounds/{round}/draw"), json!({"seed": "1"})).await.expect(200);
        let invoice = json!({"person_id": ada.id, "items": [{"code": "portfolio"}]});
        let invoice = staff.post("/v1/invoices", invoice).await.expect(201).id();
        staff.sends_check(&invoice, 7_000).await.expect(201);
        let path = format!("/v1/people/{}/fee-quote", ada.id);
        let quote = ada.get(&path).await.expect(200);
        assert_eq!(quote["deductions"], json!({"assistance_cents": 17_500, "credit_cents": 1_000}));
        assert_eq!(quote["due_cents"], 16_500);
        let portfolio = ada.get(&format!("{path}?items=portfolio")).await.expect(200);
        assert_eq!(portfolio["deductions"], json!({"assistance_cents": 0, "credit_cents": 1_000}));
    }

    async fn what_cannot_be_quoted_is_refused(world) {
        let (ada, bob) = (world.register("Ada").await, world.register("Bob").await);
        let path = format!("/v1/people/{}/fee-quote", ada.id);
        for query in ["items=", "items=gold", "items=portfolio:0", "items=portfolio:10001", "items=portfolio:x", "program=none", "on=never"] {
            let refused = ada.get(&format!("{path}?{query}")).await.refused(400, "invalid-query");
            assert_eq!(refused["errors"][0]["parameter"], query.split('=').next().unwrap(), "{query}");
        }
        ada.get(&format!("{path}?on=1990-01-01")).await.refused(404, "nothing-in-force");
        bob.get(&path).await.refused(404, "not-found");
        world.anyone().get(&path).await.refused(401, "unauthenticated");
        world.auditor().await.get(&path).await.expect(200);
    }
}
