//! Account subscriptions: activated by settlement, listed for partners, announced before their end.

use serde_json::json;

use crate::support::{
    database::Db,
    world::{World, each, each_world},
};

each_world! {
    async fn a_settled_fee_activates_an_account_for_four_years(world) {
        let (ada, staff, admin) = (world.register("Ada").await, world.staff().await, world.admin().await);
        ada.applies().await;
        let invoice = staff.invoice_of(&ada).await.id();
        staff.sends_check(&invoice, 34_999).await.expect(201);
        assert_eq!(ada.subscriptions_of(&ada).await.len(), 0);
        staff.sends_check(&invoice, 1).await.expect(201);
        let active = ada.subscriptions_of(&ada).await;
        assert_eq!(
            (&active[0]["state"], &active[0]["activated_on"], &active[0]["ends_on"]),
            (&json!("active"), &json!("2026-03-01"), &json!("2030-03-01"))
        );
        let path = format!("/v1/subscriptions/{}", active[0]["id"].as_str().unwrap());
        for (day, state) in [
            ("2026-02-28", json!(null)), ("2029-12-30", json!("active")), ("2029-12-31", json!("ending")),
            ("2030-03-01", json!("ending")), ("2030-03-02", json!("ended")),
        ] {
            assert_eq!(ada.get(&format!("{path}?as_of={day}")).await.expect(200)["state"], state, "{day}");
        }
        let partner = world.partner(&admin, &["subscriptions:read"]).await;
        for (query, count) in [
            ("state=active", 1), ("state=ending", 0), ("state=ended", 0),
            ("state=ending&as_of=2029-12-31", 1), ("state=active&as_of=2029-12-31", 0),
            ("state=ended&as_of=2030-03-02", 1), ("state=active&as_of=2026-02-28", 0), ("program=none", 0),
        ] {
            let list = partner.get(&format!("/v1/subscriptions?{query}")).await.expect(200);
            assert_eq!(list["items"].as_array().unwrap().len(), count, "{query}");
        }
        let other = world.partner(&admin, &["people:read"]).await;
        other.get("/v1/subscriptions").await.refused(403, "insufficient-scope");
        let bob = world.register("Bob").await;
        assert_eq!(bob.get("/v1/subscriptions").await.expect(200)["items"], json!([]));
        bob.get(&path).await.refused(404, "not-found");
        let letter = |world: &World| world.mails().iter().any(|mail| mail.contains("account is active"));
        world.until("the letter was sent", || letter(world)).await;
    }

    async fn a_fee_that_is_returned_ends_the_account(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let application = ada.applies().await;
        staff.settles(&application).await;
        staff.reviews(&application.id()).await;
        world.travel_to("2026-04-01");
        staff.decides(&application.id(), "refuse", json!({"reason": "Too few hours."})).await.expect(200);
        let ended = ada.subscriptions_of(&ada).await;
        assert_eq!((&ended[0]["state"], &ended[0]["ended_on"]), (&json!("ended"), &json!("2026-04-01")));
        let before = format!("/v1/subscriptions?person_id={}&state=active&as_of=2026-03-31", ada.id);
        assert_eq!(each(&staff.get(&before).await["items"], "state"), ["active"]);
    }
}

/// Two servers start with the same subscriptions near their end: each is announced once.
async fn the_end_is_announced_once(db: Db) {
    let mut world = World::on(db).await;
    let staff = world.staff().await;
    for name in ["Ada", "Ben", "Cleo"] {
        let person = world.register(name).await;
        let application = person.applies().await;
        staff.settles(&application).await;
    }
    world.travel_to("2029-12-30");
    world.restart().await;
    world.travel_to("2029-12-31");
    world.restart().await;
    let told = || world.count("subscription.ends_soon");
    world.until("the end was announced", || told() == 3).await;
    world.restart().await;
    let letters =
        |world: &World| world.mails().iter().filter(|mail| mail.contains("ends soon")).count();
    world.until("the letters were sent", || letters(&world) == 3).await;
    assert_eq!(world.count("subscription.ends_soon"), 3);
    world.stop().await;
}

mod the_end_is_announced_once {
    use crate::support::database::{Db, block_on};

    #[test]
    fn sqlite() {
        block_on(super::the_end_is_announced_once(Db::sqlite()));
    }
    #[test]
    fn postgres() {
        if let Some(db) = Db::postgres() {
            block_on(super::the_end_is_announced_once(db));
        }
    }
}
