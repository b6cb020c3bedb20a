//! Sixteen contenders over one renewal: one winner, the others a clean 409, every activity used once.

use serde_json::json;

use crate::support::{
    race::{contend, one_winner},
    renewals::{OPENS, credits, workshop},
    world::{World, each_world},
};

fn uses(world: &World, activity: &str) -> usize {
    let id = activity.strip_prefix("act_").expect("an activity");
    let sql = "SELECT CAST(activity_id AS TEXT) AS line FROM renewal_activities";
    world.db().lines(sql).iter().filter(|line| line.replace('-', "") == id).count()
}

each_world! {
    async fn sixteen_submissions_of_one_renewal(world) {
        let holder = world.holder().await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let answers = contend(|_| {
            let (ada, certification, used) = (holder.ada.clone(), holder.held.certification.clone(), used.clone());
            async move { ada.renews(&certification, &used).await }
        })
        .await;
        one_winner(answers, 201);
        assert_eq!((world.count("renewal.submitted"), world.count("certification.renewed")), (1, 1));
        assert_eq!(holder.certification().await["expires_on"], "2034-03-01");
        assert_eq!(uses(world, &used[0]), 1);
    }

    async fn one_activity_in_sixteen_renewals(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| policy["renewal"]["decision"] = json!("by_office")).await;
        world.travel_to(OPENS);
        // Each has hours of its own, and all of them want the same hours in technology.
        let shared = holder.logs(workshop("2028-01-01", 240, true)).await;
        let mut own = Vec::new();
        for _ in 0..crate::support::race::CONTENDERS {
            own.push(holder.logs(credits("2028-01-01")).await);
        }
        let answers = contend(|number| {
            let (ada, certification) = (holder.ada.clone(), holder.held.certification.clone());
            let used = vec![own[number].clone(), shared.clone()];
            async move { ada.renews(&certification, &used).await }
        })
        .await;
        let won = one_winner(answers, 201).id();
        assert_eq!((uses(world, &shared), world.count("renewal.submitted")), (1, 1));
        assert_eq!(holder.ada.activity(&shared).await["renewal_id"], json!(won));
        let free = holder.ada.get("/v1/activities?state=free").await.expect(200);
        assert_eq!(free["items"].as_array().unwrap().len(), crate::support::race::CONTENDERS - 1);
    }

    async fn grants_against_withdrawals(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| policy["renewal"]["decision"] = json!("by_office")).await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let renewal = holder.renews(&used).await.expect(201).id();
        let answers = contend(|number| {
            let (ada, staff, renewal) = (holder.ada.clone(), holder.staff.clone(), renewal.clone());
            async move {
                if number % 2 == 0 {
                    staff.decides_renewal(&renewal, "grant").await
                } else {
                    ada.decides_renewal(&renewal, "withdraw").await
                }
            }
        })
        .await;
        let granted = one_winner(answers, 200)["state"] == "granted";
        let now = holder.certification().await;
        assert_eq!(now["renewals"], i64::from(granted));
        assert_eq!(uses(world, &used[0]), usize::from(granted));
        assert_eq!((world.count("renewal.granted"), world.count("renewal.withdrawn")), if granted { (1, 0) } else { (0, 1) });
    }

    async fn the_payment_against_the_withdrawal(world) {
        let holder = world.holder().await;
        holder.changes_policy("2029-01-01", |policy| {
            policy["fees"]["schedule"]["renewal"]["price_cents"] = json!(4_000);
        }).await;
        world.travel_to(OPENS);
        let used = holder.logs_enough("2028-01-01").await;
        let renewal = holder.renews(&used).await.expect(201);
        let (id, invoice) = (renewal.id(), renewal.text("invoice_id"));
        let answers = contend(|number| {
            let (ada, staff, id, invoice) = (holder.ada.clone(), holder.staff.clone(), id.clone(), invoice.clone());
            async move {
                if number % 2 == 0 {
                    staff.records_payment(&invoice, 4_000).await
                } else {
                    ada.decides_renewal(&id, "withdraw").await
                }
            }
        })
        .await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status < 300).collect();
        assert!(won.len() == 1 && answers.iter().all(|answer| answer.status < 300 || answer.status == 409));
        let granted = won[0].status == 201;
        let state = if granted { "granted" } else { "withdrawn" };
        assert_eq!(holder.ada.renewal(&id).await["state"], state);
        assert_eq!(holder.certification().await["renewals"], i64::from(granted));
        holder.staff.finds_the_ledger_right().await;
    }
}
