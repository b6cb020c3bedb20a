//! Roles add up: who judges a portfolio, or wrote it, learns nothing more of it for being of the office too.

use domain::access::Role;
use serde_json::json;

use crate::support::{
    actor::{Actor, Answer},
    portfolios::{SET, Writers, id_of, judged, ratings, who},
    story::SIX,
    world::{World, each, each_world},
};

/// A submitted portfolio, its two evaluators, and the ids of their assignments by seat.
async fn submitted(world: &World) -> (Writers, [Actor; 2], Answer, [String; 2]) {
    let cast = world.writers().await;
    let evaluators = world.evaluators(&cast.staff, 2).await;
    let portfolio = cast.submitted().await;
    let open = cast.staff.assignments_of(&portfolio, "open").await;
    let people = [0, 1].map(|seat: usize| who(&evaluators, &open[seat]).clone());
    (cast, people, portfolio, [id_of(&open[0]), id_of(&open[1])])
}

/// Everything that the log tells somebody.
async fn log(reader: &Actor, query: &str) -> String {
    let mut told = String::new();
    let mut next = format!("/v1/events?limit=200{query}");
    loop {
        let page = reader.get(&next).await.expect(200);
        told.push_str(&page.body());
        let Some(cursor) = page["next_cursor"].as_str() else { return told };
        next = format!("/v1/events?limit=200{query}&cursor={cursor}");
    }
}

each_world! {
    async fn an_evaluator_of_the_office_is_as_blind_as_any_other(world) {
        let (_, [one, other], portfolio, [first, second]) = submitted(world).await;
        for role in [Role::Staff, Role::Admin, Role::Auditor] {
            world.grant(&one.id, role).await;
        }
        other.judges(&second, ratings(&[(2, "not_met")])).await.expect(200);
        world.positioned().await;
        one.assignment(&second).await.refused(404, "not-found");
        let list = one.get(&format!("/v1/assignments?portfolio_id={}", portfolio.id())).await.expect(200);
        assert_eq!(each(&list["items"], "id"), [&first]);
        assert_eq!(one.assignment(&first).await.expect(200)["others"], json!([]));
        for query in ["", &format!("&subject={second}"), &format!("&person_id={}", other.id)] {
            let told = log(&one, query).await;
            assert!(!told.contains("Say more about CAT-02."), "{query}: {told}");
            assert!(!told.contains(&second), "{query}: {told}");
        }
        for act in ["release", "void"] {
            one.ends(&second, act).await.refused(404, "not-found");
        }
        one.asks_for(&portfolio, None).await.refused(403, "forbidden");
        assert_eq!((world.count("assignment.voided"), world.count("assignment.released")), (0, 0));
        // Once both are final, they read everything, as their roles allow.
        one.judges(&first, ratings(&[])).await.expect(200);
        world.positioned().await;
        assert_eq!(one.assignment(&second).await.expect(200)["ratings"][1]["rating"], "not_met");
        assert!(log(&one, &format!("&subject={second}")).await.contains("Say more about CAT-02."));
    }

    async fn a_third_evaluator_of_the_office_reads_no_outcome_of_what_is_split(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 3).await;
        let portfolio = cast.submitted().await;
        let split: &[(u8, &str)] = &[(1, "not_met")];
        judged(&cast.staff, &evaluators, &portfolio, &[split, &[]]).await;
        cast.ada.does(&portfolio, "submit").await.expect(200);
        judged(&cast.staff, &evaluators, &portfolio, &[split, &[]]).await;
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        let third = who(&evaluators, &open[0]);
        world.grant(&third.id, Role::Staff).await;
        world.positioned().await;
        let seen = third.portfolio(&portfolio.id()).await;
        assert_eq!((&seen["state"], &seen["outcome"]), (&json!("in_second_evaluation"), &json!(null)));
        let attempts = third.get(&format!("/v1/portfolios/{}/attempts", portfolio.id())).await.expect(200);
        assert_eq!(attempts["items"][1]["result"], json!(null));
        let attempt = third.attempt(&portfolio, 2).await.expect(200);
        assert_eq!(attempt["outcomes"], json!([]));
        let events = format!("/v1/portfolios/{}/events", portfolio.id());
        let told = [seen.body(), attempts.body(), attempt.body(), third.get(&events).await.expect(200).body(), log(third, "").await];
        for body in told {
            assert!(!body.contains("Say more about CAT-01."), "{body}");
            assert!(!body.contains("third_evaluator_needed") && !body.contains("\"split\""), "{body}");
        }
        // Whoever is not part of it reads it all.
        let whole = cast.staff.get(&events).await.expect(200).body();
        assert!(whole.contains("third_evaluator_needed") && whole.contains("split"), "{whole}");
    }

    async fn a_candidate_of_the_office_learns_nothing_of_who_judges(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 3).await;
        for set in SIX.iter().filter(|set| **set != SET) {
            cast.staff.credits(&cast.candidacy, set, "2026-03-01").await;
        }
        let portfolio = cast.submitted().await;
        let ada = &cast.ada;
        for role in [Role::Staff, Role::Admin, Role::Auditor] {
            world.grant(&ada.id, role).await;
        }
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        cast.staff.ends(&id_of(&open[0]), "release").await.expect(200);
        world.travel_to("2026-04-01");
        world.positioned().await;
        let looks = async |ada: &Actor| {
            let mine = ada.get("/v1/assignments").await.expect(200);
            assert_eq!(mine["items"], json!([]));
            let queue = ada.get("/v1/portfolio-queue").await.expect(200);
            assert_eq!(queue["items"], json!([]));
            for one in &open {
                let id = id_of(one);
                ada.assignment(&id).await.refused(404, "not-found");
                for act in ["release", "void"] {
                    ada.ends(&id, act).await.refused(404, "not-found");
                }
            }
            let mut told = vec![log(ada, "").await];
            for eva in &evaluators {
                // That somebody is an evaluator is no secret; that they judge this portfolio is.
                told.push(log(ada, &format!("&person_id={}&type=assignment.assigned", eva.id)).await);
            }
            told.push(ada.get(&format!("/v1/candidacies/{}/events", cast.candidacy)).await.expect(200).body());
            for body in told {
                assert!(!body.contains("\"assignment."), "{body}");
                assert!(open.iter().all(|one| !body.contains(&id_of(one))), "{body}");
            }
        };
        looks(ada).await;
        ada.asks_for(&portfolio, None).await.refused(403, "forbidden");
        ada.get(&format!("/v1/portfolios/{}/events", portfolio.id())).await.refused(403, "forbidden");
        assert_eq!(cast.staff.get("/v1/portfolio-queue").await.expect(200)["items"].as_array().unwrap().len(), 2);
        judged(&cast.staff, &evaluators, &portfolio, &[&[], &[]]).await;
        world.positioned().await;
        looks(ada).await;
        // The last rating completed it: not even there is its evaluator named.
        let events = ada.get(&format!("/v1/candidacies/{}/events", cast.candidacy)).await.expect(200);
        assert!(events.body().contains("candidacy.completed"));
        assert!(evaluators.iter().all(|eva| !events.body().contains(&eva.id)), "{}", events.body());
        for kind in ["portfolio.achieved", "achievement.recorded", "candidacy.completed", "certification.awarded"] {
            let told = log(ada, &format!("&type={kind}&person_id={}", ada.id)).await;
            assert!(told.contains(kind), "{told}");
            assert!(evaluators.iter().all(|eva| !told.contains(&eva.id)), "{told}");
        }
        assert_eq!((world.count("assignment.voided"), world.count("assignment.released")), (0, 1));
    }
}
