//! The rounds of a portfolio as its candidate lives them: outcome, the one chance, the end.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    portfolios::{COMPETENCIES, SET, Writers, competency, judged, shown},
    race::{contend, one_winner},
    world::{World, each, each_world},
};

/// A portfolio of which the first round asks for more about competencies 3 and 5.
async fn asked_for_more(world: &World) -> (Writers, Vec<Actor>, Answer) {
    let cast = world.writers().await;
    let evaluators = world.evaluators(&cast.staff, 3).await;
    let submitted = cast.submitted().await;
    world.travel_to("2026-03-10");
    let ways: [&[(u8, &str)]; 2] =
        [&[(3, "not_met"), (5, "partially_met")], &[(5, "partially_met"), (6, "partially_met")]];
    judged(&cast.staff, &evaluators, &submitted, &ways).await;
    let asked = cast.ada.portfolio(&submitted.id()).await;
    assert_eq!(asked["state"], "more_information");
    (cast, evaluators, asked)
}

/// The same after the chance was used on a day.
async fn completed(world: &World, on: &str) -> (Writers, Vec<Actor>, Answer) {
    let (cast, evaluators, asked) = asked_for_more(world).await;
    world.travel_to(on);
    let change = json!({"responses": [shown(3, "In more words."), shown(5, "And here too.")]});
    let changed = cast.ada.rewrites(&asked, change).await.expect(200);
    let again = cast.ada.does(&changed, "submit").await.expect(200);
    (cast, evaluators, again)
}

fn of(portfolio: &Answer, number: u8, field: &str) -> Value {
    portfolio["competencies"][usize::from(number) - 1][field].clone()
}

each_world! {
    async fn two_evaluators_who_find_everything_met_achieve_the_set(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 2).await;
        let submitted = cast.submitted().await;
        world.travel_to("2026-03-10");
        let open = cast.staff.assignments_of(&submitted, "open").await;
        let eva = evaluators.iter().find(|one| open[0]["evaluator_id"] == json!(one.id)).unwrap();
        let ratings = crate::support::portfolios::ratings(&[(2, "partially_met")]);
        eva.judges(open[0]["id"].as_str().unwrap(), ratings).await.expect(200);
        // One is final: the candidate reads nothing of it yet.
        let waiting = cast.ada.portfolio(&submitted.id()).await;
        assert_eq!((&waiting["state"], &waiting["outcome"]), (&json!("in_evaluation"), &json!(null)));
        assert_eq!((of(&waiting, 2, "comments"), of(&waiting, 2, "rating")), (json!([]), json!(null)));
        judged(&cast.staff, &evaluators, &submitted, &[&[]]).await;
        let achieved = cast.ada.portfolio(&submitted.id()).await;
        assert_eq!((&achieved["state"], &achieved["decided_on"]), (&json!("achieved"), &json!("2026-03-10")));
        assert_eq!((&achieved["outcome"]["result"], &achieved["outcome"]["round"]), (&json!("achieved"), &json!(1)));
        assert_eq!(of(&achieved, 2, "comments"), json!([format!("Say more about {}.", competency(2))]));
        for evaluator in &evaluators {
            assert!(!achieved.body().contains(&evaluator.id), "an evaluator is named to the candidate");
        }
        // It counts from the day of submission: the evaluators' time is not the candidate's.
        let stands = cast.ada.achievements(&cast.candidacy).await;
        assert_eq!(stands, [(SET.to_owned(), "2026-03-01".to_owned(), true)]);
        let list = cast.ada.get(&format!("/v1/candidacies/{}/achievements", cast.candidacy)).await.expect(200);
        let attempt = cast.ada.attempt(&submitted, 1).await.expect(200);
        assert_eq!((&list["items"][0]["method"], &list["items"][0]["evidence"]), (&json!("portfolio"), &json!(attempt.id())));
        cast.ada.begins(&cast.candidacy, SET).await.refused(409, "state-conflict").unmet(&["portfolio.set_not_achieved"]);
        cast.ada.withdraws(&submitted).await.refused(409, "state-conflict").unmet(&["portfolio.state"]);
    }

    async fn only_what_is_named_can_be_changed(world) {
        let (cast, _, asked) = asked_for_more(world).await;
        assert_eq!(asked["requested"], json!([competency(3), competency(5)]));
        assert_eq!((&asked["chance_ends_on"], &asked["chance"]["satisfied"]), (&json!("2026-04-09"), &json!(true)));
        assert_eq!((of(&asked, 3, "rating"), of(&asked, 5, "rating"), of(&asked, 6, "rating")),
            (json!("split"), json!("partially_met"), json!("met")));
        assert_eq!(of(&asked, 5, "comments").as_array().unwrap().len(), 2);
        let open: Vec<_> = (1..=COMPETENCIES).filter(|one| of(&asked, *one, "open") == json!(true)).collect();
        assert_eq!(open, [3, 5]);
        for locked in [json!({"introduction": "Another."}), json!({"learning_statement": "Another."}),
            json!({"responses": [shown(1, "Another.")]})] {
            cast.ada.rewrites(&asked, locked).await.refused(422, "rule-not-met").unmet(&["portfolio.unlocked"]);
        }
        let mixed = json!({"introduction": "Another.", "responses": [shown(3, "More."), shown(6, "More.")]});
        cast.ada.rewrites(&asked, mixed).await.refused(422, "rule-not-met").unmet(&["portfolio.unlocked", "portfolio.unlocked"]);
        // What is named still has to be there.
        let gone = cast.ada.rewrites(&asked, json!({"responses": [{"competency": competency(3)}]})).await.expect(200);
        cast.ada.does(&gone, "submit").await.refused(422, "rule-not-met").unmet(&["portfolio.response"]);
        assert_eq!((world.count("portfolio.resubmitted"), world.count("portfolio.updated")), (0, 1));
    }

    async fn the_chance_makes_a_second_attempt_and_leaves_the_first(world) {
        let (cast, evaluators, asked) = asked_for_more(world).await;
        let before = cast.ada.attempt(&asked, 1).await.expect(200);
        world.travel_to("2026-03-20");
        let change = json!({"responses": [shown(3, "In more words."), shown(5, "And here too.")]});
        let changed = cast.ada.rewrites(&asked, change).await.expect(200);
        assert_eq!(cast.ada.attempt(&asked, 1).await.expect(200).json, before.json);
        let again = cast.ada.does(&changed, "submit").await.expect(200);
        assert_eq!((&again["state"], &again["round"], &again["attempt_count"]), (&json!("in_second_evaluation"), &json!(2), &json!(2)));
        // No second fee.
        assert_eq!((&again["invoice_id"], world.count("portfolio.invoiced")), (&asked["invoice_id"], 1));
        let second = cast.ada.attempt(&again, 2).await.expect(200);
        assert_ne!(second["content_hash"], before["content_hash"]);
        assert_eq!((&before["responses"][2]["narrative"], &second["responses"][2]["narrative"]), (&json!("I did it for years."), &json!("In more words.")));
        assert_eq!(cast.ada.attempt(&again, 1).await.expect(200).json, before.json);
        // The outcome of the first round stands until the second one has its own.
        assert_eq!((&again["outcome"]["attempt"], &again["outcome"]["result"]), (&json!(1), &json!("more_information")));
        world.travel_to("2026-03-25");
        let done = judged(&cast.staff, &evaluators, &again, &[&[], &[(5, "partially_met")]]).await;
        assert_eq!((&done["state"], &done["outcome"]["attempt"]), (&json!("achieved"), &json!(2)));
        assert_eq!((of(&done, 3, "rating"), of(&done, 6, "rating")), (json!("met"), json!("met")));
        // Of what was left as it was, the first round's words stand.
        assert_eq!(of(&done, 6, "comments"), json!([format!("Say more about {}.", competency(6))]));
        assert_eq!((of(&done, 3, "comments"), of(&done, 5, "comments").as_array().unwrap().len()), (json!([]), 1));
        assert_eq!(cast.ada.achievements(&cast.candidacy).await, [(SET.to_owned(), "2026-03-20".to_owned(), true)]);
        assert_eq!(each(&done["attempts"], "result"), ["more_information", "achieved"]);
    }

    async fn the_last_day_of_the_chance_is_a_day_of_it(world) {
        let (cast, _, again) = completed(world, "2026-04-09").await;
        assert_eq!(again["state"], "in_second_evaluation");
        cast.ada.does(&again, "submit").await.refused(409, "state-conflict");
        assert_eq!(world.count("portfolio.resubmitted"), 1);
    }

    async fn the_day_after_is_not(world) {
        let (cast, _, asked) = asked_for_more(world).await;
        let change = json!({"responses": [shown(3, "In more words.")]});
        let changed = cast.ada.rewrites(&asked, change.clone()).await.expect(200);
        world.travel_to("2026-04-10");
        let refused = cast.ada.does(&changed, "submit").await.refused(409, "state-conflict");
        // The clock may have run the second round by itself before.
        let unmet: Vec<_> = refused["findings"].as_array().unwrap().iter().filter(|one| one["satisfied"] == false).collect();
        assert!(unmet.iter().all(|one| one["rule"] == "portfolio.chance" || one["rule"] == "portfolio.state"), "{unmet:?}");
        let read = cast.ada.portfolio(&asked.id()).await;
        cast.ada.rewrites(&read, change).await.refused(409, "state-conflict");
        assert_eq!((world.count("portfolio.resubmitted"), &read["attempt_count"]), (0, &json!(1)));
    }

    async fn the_chance_is_used_once_by_sixteen(world) {
        let (cast, _, asked) = asked_for_more(world).await;
        let path = format!("/v1/portfolios/{}/submit", asked.id());
        let answers = contend(|_| {
            let (ada, path) = (cast.ada.clone(), path.clone());
            async move { ada.post_empty(&path).await }
        }).await;
        assert_eq!(one_winner(answers, 200)["attempt_count"], 2);
        let attempts = cast.ada.get(&format!("/v1/portfolios/{}/attempts", asked.id())).await.expect(200);
        assert_eq!(attempts["items"].as_array().unwrap().len(), 2);
        assert_eq!(world.count("portfolio.resubmitted"), 1);
        // Nobody is asked twice for one seat.
        assert_eq!(cast.staff.assignments_of(&asked, "open").await.len(), 2);
    }

    async fn after_a_portfolio_that_was_not_achieved_another_costs_another_fee(world) {
        let (cast, evaluators, again) = completed(world, "2026-03-20").await;
        let ways: [&[(u8, &str)]; 2] = [&[(3, "not_met"), (5, "not_met")], &[(3, "not_met"), (5, "not_met")]];
        let failed = judged(&cast.staff, &evaluators, &again, &ways).await;
        assert_eq!((&failed["state"], &failed["outcome"]["result"]), (&json!("not_achieved"), &json!("not_achieved")));
        assert_eq!(cast.ada.achievements(&cast.candidacy).await, []);
        cast.ada.does(&again, "submit").await.refused(409, "state-conflict").unmet(&["portfolio.state"]);
        let next = cast.draft().await;
        cast.ada.does(&next, "submit").await.refused(422, "rule-not-met").unmet(&["portfolio.fee"]);
        let billed = cast.ada.does(&next, "invoice").await.expect(200);
        assert_ne!(billed["invoice_id"], failed["invoice_id"]);
        cast.staff.settles(&billed).await;
        let submitted = cast.ada.does(&next, "submit").await.expect(200);
        assert_eq!((&submitted["round"], &submitted["attempt_count"]), (&json!(1), &json!(1)));
        assert_eq!((world.count("portfolio.invoiced"), world.count("portfolio.submitted")), (2, 2));
    }

    async fn whoever_judges_a_withdrawn_portfolio_is_released(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 2).await;
        let submitted = cast.submitted().await;
        let open = cast.staff.assignments_of(&submitted, "open").await;
        assert_eq!(open.len(), 2);
        cast.ada.withdraws(&submitted).await.expect(200);
        assert_eq!(cast.staff.assignments_of(&submitted, "open").await.len(), 0);
        assert_eq!(cast.staff.assignments_of(&submitted, "released").await.len(), 2);
        let eva = evaluators.iter().find(|one| open[0]["evaluator_id"] == json!(one.id)).unwrap();
        eva.finalises(open[0]["id"].as_str().unwrap()).await.refused(409, "state-conflict");
        assert_eq!((world.count("assignment.released"), world.count("assignment.finalised")), (2, 0));
    }
}
