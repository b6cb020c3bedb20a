//! Sixteen contenders for the same people, orders, draws and claims.

use serde_json::json;

use crate::support::{
    orders::line,
    race::{contend, one_winner},
    world::each_race,
};

each_race! {
    async fn sixteen_orders_name_the_same_person(world) {
        let staff = world.staff().await;
        let (ines, id) = world.institution(&staff, "Library").await;
        world.applicants(&["Ada"]).await;
        let answers = contend(|number| {
            let (ines, id) = (ines.clone(), id.clone());
            async move { ines.orders(&id, &format!("PO-{number}"), &[line("Ada", 35_000)]).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!((world.count("purchase_order.placed"), world.count("invoice.ordered")), (1, 1));
    }

    async fn an_order_is_settled_while_people_are_swapped(world) {
        let staff = world.staff().await;
        let (_, id) = world.institution(&staff, "Library").await;
        let names: Vec<String> = (0..16).map(|number| format!("Person {number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        world.applicants(&names).await;
        world.applicants(&["Ada"]).await;
        let placed = staff.orders(&id, "PO-1", &[line("Ada", 35_000)]).await.expect(201);
        let (path, bill) = (placed.header("location").to_owned(), placed.text("invoice_id"));
        let answers = contend(|number| {
            let (staff, path, bill) = (staff.clone(), path.clone(), bill.clone());
            async move {
                if number % 2 == 0 {
                    staff.sends_check(&bill, 35_000).await
                } else {
                    let new = line(&format!("Person {number}"), 35_000);
                    staff.post(&format!("{path}/lines/1/swap"), new).await
                }
            }
        })
        .await;
        let paid = answers.iter().filter(|answer| answer.status == 201).count();
        let swapped = answers.iter().filter(|answer| answer.status == 200).count();
        // One payment, and one swap if it came before that: then the first line stands no more.
        assert_eq!((paid, swapped <= 1), (1, true));
        for answer in answers {
            assert!(matches!(answer.status, 200 | 201 | 409), "{}", answer.body());
        }
        let settled = staff.get(&path).await.expect(200);
        assert_eq!((&settled["state"], world.count("subscription.activated")), (&json!("settled"), 1));
    }

    async fn a_round_is_drawn_once(world) {
        let staff = world.staff().await;
        let round = json!({"name": "Spring", "opens_on": "2026-03-01", "closes_on": "2026-03-02", "places": 2, "seed_source": "A lottery"});
        let round = staff.post("/v1/award-rounds", round).await.expect(201).id();
        for name in ["Ada", "Ben", "Cleo"] {
            world.register(name).await.post_empty(&format!("/v1/award-rounds/{round}/requests")).await.expect(201);
        }
        world.travel_to("2026-03-03");
        let answers = contend(|number| {
            let (staff, path) = (staff.clone(), format!("/v1/award-rounds/{round}/draw"));
            async move { staff.post(&path, json!({"seed": format!("seed {number}")})).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!((world.count("award_round.drawn"), world.count("assistance.granted")), (1, 2));
    }

    async fn sixteen_requests_of_one_person_are_one_ticket(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let round = json!({"name": "Spring", "opens_on": "2026-03-01", "closes_on": "2026-03-02", "places": 2, "seed_source": "A lottery"});
        let round = staff.post("/v1/award-rounds", round).await.expect(201).id();
        let answers = contend(|_| {
            let (ada, path) = (ada.clone(), format!("/v1/award-rounds/{round}/requests"));
            async move { ada.post_empty(&path).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!(world.count("assistance.requested"), 1);
    }

    async fn a_completion_is_subsidised_once(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let completion = staff.credits(&candidacy, "FND", "2026-02-01").await;
        let answers = contend(|_| {
            let (ada, path) = (ada.clone(), format!("/v1/completions/{completion}/subsidy"));
            let body = json!({"paid_cents": 17_500, "receipt_url": "https://receipts.example.org/1"});
            async move { ada.post(&path, body).await }
        })
        .await;
        let subsidy = one_winner(answers, 201).id();
        let answers = contend(|_| {
            let (staff, path) = (staff.clone(), format!("/v1/subsidies/{subsidy}/grant"));
            async move { staff.post(&path, json!({})).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!(world.count("payout.due"), 1);
    }
}
