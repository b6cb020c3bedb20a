//! Enrollment assistance: rounds, tickets, draws that anyone can repeat.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    actor::Actor,
    orders::line,
    world::{World, each, each_world},
};

async fn opens_round(staff: &Actor, places: i64) -> String {
    let body = json!({"name": "Spring", "opens_on": "2026-03-01", "closes_on": "2026-03-10",
        "places": places, "seed_source": "The lottery of 2026-03-12"});
    staff.post("/v1/award-rounds", body).await.expect(201).id()
}

async fn asks(person: &Actor, round: &str) -> String {
    person.post_empty(&format!("/v1/award-rounds/{round}/requests")).await.expect(201).id()
}

/// The draw as anyone can repeat it: from the seed and the tickets alone.
fn repeated(draw: &Value) -> Vec<(String, String)> {
    let seed = draw["seed"].as_str().unwrap();
    let mut order: Vec<_> = each(&draw["tickets"], "ticket")
        .into_iter()
        .map(|ticket| {
            let hash = Sha256::digest(format!("{seed}:{ticket}"));
            let hex = hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            (hex, ticket.to_owned())
        })
        .collect();
    order.sort();
    order
}

async fn draws(world: &World, staff: &Actor, round: &str) -> Value {
    world.travel_to("2026-03-13");
    let path = format!("/v1/award-rounds/{round}/draw");
    staff.post(&path, json!({"seed": "0 7 1 9"})).await.expect(200);
    world.anyone().get(&path).await.expect(200).json
}

each_world! {
    async fn a_round_of_nothing_is_refused(world) {
        let staff = world.staff().await;
        let mut policy = staff.get("/v1/programs/lssc/policy").await.expect(200).json["policy"].clone();
        policy["awards"]["enrollment_assistance_cents"] = json!(0);
        let body = json!({"effective_on": "2026-03-01", "policy": policy});
        staff.post("/v1/programs/lssc/policies", body).await.expect(201);
        let body = json!({"name": "Spring", "opens_on": "2026-03-01", "closes_on": "2026-03-10",
            "places": 1, "seed_source": "The lottery of 2026-03-12"});
        staff.post("/v1/award-rounds", body).await.refused(422, "rule-not-met").unmet(&["assistance.amount"]);
        assert_eq!(world.count("award_round.created"), 0);
        let ada = world.register("Ada").await;
        ada.applies().await;
        assert_eq!(ada.invoice_of(&ada).await["state"], "open");
    }

    async fn a_draw_helps_as_many_as_there_are_places_and_anyone_can_repeat_it(world) {
        let staff = world.staff().await;
        let round = opens_round(&staff, 2).await;
        let mut tickets = Vec::new();
        for name in ["Ada", "Ben", "Cleo", "Dora", "Emil"] {
            tickets.push(asks(&world.register(name).await, &round).await);
        }
        let path = format!("/v1/award-rounds/{round}/draw");
        let before = world.anyone().get(&path).await.expect(200);
        assert_eq!(each(&before["tickets"], "ticket"), tickets);
        assert_eq!((&before["seed"], &before["tickets"][0]["rank"]), (&json!(null), &json!(null)));
        staff.post(&path, json!({"seed": "1"})).await.refused(409, "state-conflict").unmet(&["assistance.draw"]);
        let drawn = draws(world, &staff, &round).await;
        let repeated = repeated(&drawn);
        assert_eq!(each(&drawn["tickets"], "ticket"), repeated.iter().map(|(_, ticket)| ticket.as_str()).collect::<Vec<_>>());
        assert_eq!(each(&drawn["tickets"], "hash"), repeated.iter().map(|(hash, _)| hash.as_str()).collect::<Vec<_>>());
        let granted: Vec<_> = drawn["tickets"].as_array().unwrap().iter().map(|one| one["granted"].as_bool().unwrap()).collect();
        assert_eq!(granted, [true, true, false, false, false]);
        assert!(!drawn.to_string().contains("person_"), "{drawn}");
        staff.post(&path, json!({"seed": "2"})).await.refused(409, "state-conflict").unmet(&["assistance.draw"]);
        let round = world.anyone().get(&format!("/v1/award-rounds/{round}")).await.expect(200);
        assert_eq!((&round["state"], &round["seed"], &round["amount_cents"]), (&json!("drawn"), &json!("0 7 1 9"), &json!(17_500)));
        assert_eq!((world.count("assistance.granted"), world.count("assistance.not_drawn")), (2, 3));
        let queue = staff.get("/v1/assistance?state=granted").await.expect(200);
        assert_eq!(queue["items"].as_array().unwrap().len(), 2);
    }

    async fn what_is_granted_pays_the_open_application_or_the_next(world) {
        let staff = world.staff().await;
        let round = opens_round(&staff, 3).await;
        let people = world.applicants(&["Ada", "Ben"]).await;
        let cleo = world.register("Cleo").await;
        let (_, library) = world.institution(&staff, "Library").await;
        let ordered = staff.orders(&library, "PO-1", &[line("Ben", 35_000)]).await.expect(201);
        for person in [&people[0], &people[1], &cleo] {
            asks(person, &round).await;
        }
        draws(world, &staff, &round).await;
        let ada = staff.invoice_of(&people[0]).await;
        assert_eq!((&ada["balance_cents"], &ada["payments"][0]["method"]), (&json!(17_500), &json!("award")));
        assert_eq!(staff.invoice_of(&people[1]).await["balance_cents"], 35_000);
        cleo.applies().await;
        assert_eq!(cleo.invoice_of(&cleo).await["balance_cents"], 17_500);
        // Off the order, the help comes to bear.
        let cancel = format!("{}/cancel", ordered.header("location"));
        staff.post(&cancel, json!({"reason": "Not needed."})).await.expect(200);
        assert_eq!(staff.invoice_of(&people[1]).await["balance_cents"], 17_500);
        let states = staff.get("/v1/assistance").await.expect(200);
        assert_eq!(each(&states["items"], "state"), ["used"; 3]);
        staff.sends_check(&ada.id(), 17_500).await.expect(201);
        assert_eq!(world.count("subscription.activated"), 1);
    }

    async fn nobody_is_helped_twice(world) {
        let staff = world.staff().await;
        let (first, second) = (opens_round(&staff, 1).await, opens_round(&staff, 1).await);
        let (ada, ben) = (world.register("Ada").await, world.register("Ben").await);
        asks(&ada, &first).await;
        let twice = asks(&ada, &second).await;
        asks(&ben, &second).await;
        draws(world, &staff, &first).await;
        // Her second ticket takes no place from anybody.
        let drawn = draws(world, &staff, &second).await;
        assert_eq!((drawn["tickets"].as_array().unwrap().len(), &drawn["tickets"][0]["granted"]), (1, &json!(true)));
        assert_eq!(ada.get(&format!("/v1/assistance/{twice}")).await["state"], "withdrawn");
        let body = json!({"name": "Summer", "opens_on": "2026-03-13", "closes_on": "2026-03-20", "places": 9, "seed_source": "A lottery"});
        let third = staff.post("/v1/award-rounds", body).await.expect(201).id();
        let again = ada.post_empty(&format!("/v1/award-rounds/{third}/requests")).await;
        again.refused(409, "state-conflict").unmet(&["assistance.once_per_person"]);
        let shown = ada.get(&format!("/v1/award-rounds/{third}")).await.expect(200);
        assert!(!shown.allows("request_assistance"));
    }

    async fn one_asks_while_the_round_is_open_and_can_withdraw(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let body = json!({"name": "Later", "opens_on": "2026-03-05", "closes_on": "2026-03-06", "places": 1, "seed_source": "A lottery"});
        let round = staff.post("/v1/award-rounds", body).await.expect(201).id();
        let path = format!("/v1/award-rounds/{round}/requests");
        ada.post_empty(&path).await.refused(409, "state-conflict").unmet(&["assistance.round_open"]);
        world.travel_to("2026-03-06");
        world.anyone().post_empty(&path).await.refused(401, "unauthenticated");
        let ticket = asks(&ada, &round).await;
        ada.post_empty(&path).await.refused(409, "conflict");
        let own = format!("/v1/assistance/{ticket}");
        let bob = world.register("Bob").await;
        bob.get(&own).await.refused(404, "not-found");
        staff.post_empty(&format!("{own}/withdraw")).await.refused(403, "forbidden");
        let withdrawn = ada.post_empty(&format!("{own}/withdraw")).await.expect(200);
        assert_eq!(withdrawn["state"], "withdrawn");
        ada.post_empty(&format!("{own}/withdraw")).await.refused(409, "state-conflict").unmet(&["assistance.state"]);
        let again = asks(&ada, &round).await;
        world.travel_to("2026-03-07");
        bob.post_empty(&path).await.refused(409, "state-conflict").unmet(&["assistance.round_open"]);
        let drawn = draws(world, &staff, &round).await;
        assert_eq!(each(&drawn["tickets"], "ticket"), [again]);
        assert_eq!(bob.get("/v1/assistance").await.expect(200)["items"], json!([]));
    }

    async fn what_is_no_round_is_refused(world) {
        let staff = world.staff().await;
        let with = |field: &str, value: Value| {
            let mut body = json!({"name": "R", "opens_on": "2026-03-05", "closes_on": "2026-03-06", "places": 1, "seed_source": "A lottery"});
            body[field] = value;
            body
        };
        for (body, pointer, code) in [
            (with("closes_on", json!("2026-03-04")), "#/closes_on", "order"),
            (with("places", json!(0)), "#/places", "out_of_range"),
            (with("places", json!(i64::MAX)), "#/places", "out_of_range"),
            (with("seed_source", json!("")), "#/seed_source", "length"),
        ] {
            staff.post("/v1/award-rounds", body).await.faulty(pointer, code);
        }
        let body = with("places", json!(1));
        world.register("Ada").await.post("/v1/award-rounds", body.clone()).await.refused(403, "forbidden");
        staff.post_bare("/v1/award-rounds", body).await.refused(400, "idempotency-key-required");
    }
}
