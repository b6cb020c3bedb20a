//! Who is asked for a seat by itself, and when nobody could be: away, employers, the clock.

use serde_json::{Value, json};

use crate::support::{
    portfolios::clock_strikes,
    story::{job, statements},
    world::each_world,
};

each_world! {
    async fn who_is_away_for_most_of_the_time_is_assigned_by_name_alone(world) {
        let cast = world.writers().await;
        let (gone, some) = (world.register("Gone").await, world.register("Some").await);
        for (person, from, until) in [(&gone, "2026-03-02", "2026-06-30"), (&some, "2026-03-05", "2026-03-15")] {
            let away = json!({"away": [{"from": from, "until": until}]});
            cast.staff.takes_on(person, away).await.expect(201);
        }
        let portfolio = cast.submitted().await;
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!((open.len(), &open[0]["evaluator_id"]), (1, &json!(some.id)));
        let queue = cast.staff.get("/v1/portfolio-queue").await.expect(200);
        let judged = queue["items"][0]["evaluators"].as_array().unwrap();
        let of_gone = judged.iter().find(|one| one["evaluator_id"] == json!(gone.id)).unwrap();
        let present = of_gone["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "evaluator.present").unwrap();
        assert_eq!((&present["satisfied"], &present["actual"]), (&json!(false), &json!("away on 21 of 22 days")));
        // The office knows whom it asks.
        let named = cast.staff.asks_for(&portfolio, Some(&gone)).await.expect(200);
        assert_eq!(named["assigned"][0]["evaluator_id"], json!(gone.id));
    }

    async fn an_employer_is_found_in_ones_own_application_and_in_whom_one_acts_for(world) {
        let cast = world.writers().await;
        let library = job()["library"].as_str().unwrap().to_owned();
        let (colleague, stranger) = (world.register("Colleague").await, world.register("Stranger").await);
        let mut elsewhere = statements();
        elsewhere["jobs"][0]["library"] = json!("A Library Elsewhere");
        for (person, statements) in [(&colleague, statements()), (&stranger, elsewhere)] {
            person.post("/v1/applications", statements).await.expect(201);
            cast.staff.takes_on(person, json!({})).await.expect(201);
        }
        let (trainer, _) = world.provider(&cast.staff, &library.to_uppercase()).await;
        cast.staff.takes_on(&trainer, json!({})).await.expect(201);
        let portfolio = cast.submitted().await;
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!((open.len(), &open[0]["evaluator_id"]), (1, &json!(stranger.id)));
        for person in [&colleague, &trainer] {
            let refused = cast.staff.asks_for(&portfolio, Some(person)).await;
            refused.refused(422, "rule-not-met").unmet(&["evaluator.other_employer"]);
        }
        assert_eq!(world.count("assignment.assigned"), 1);
    }

    async fn a_seat_that_waits_is_tried_again_by_the_clock(world) {
        let cast = world.writers().await;
        let back = world.register("Back").await;
        let away = json!({"away": [{"from": "2026-02-20", "until": "2026-03-04"}]});
        cast.staff.takes_on(&back, away).await.expect(201);
        let portfolio = cast.submitted().await;
        assert_eq!(cast.staff.assignments_of(&portfolio, "open").await, Vec::<Value>::new());
        assert_eq!(clock_strikes(world).await, 0);
        world.travel_to("2026-03-05");
        assert_eq!(clock_strikes(world).await, 1);
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!((open.len(), &open[0]["evaluator_id"]), (1, &json!(back.id)));
        assert_eq!(open[0]["due_on"], "2026-03-26");
        assert_eq!(clock_strikes(world).await, 0, "nobody is left for the other seat");
        let late = world.register("Late").await;
        cast.staff.takes_on(&late, json!({})).await.expect(201);
        assert_eq!(clock_strikes(world).await, 1);
        assert_eq!(cast.staff.assignments_of(&portfolio, "open").await.len(), 2);
        cast.ada.withdraws(&portfolio).await.expect(200);
        assert_eq!((clock_strikes(world).await, world.count("assignment.assigned")), (0, 2));
    }
}
