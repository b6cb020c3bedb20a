//! What is set aside and what follows: what the candidate is told, what is judged again, and what stands in
//! the way.

use serde_json::json;

use crate::support::{
    actor::{Actor, Answer},
    portfolios::{SET, Writers, competency, id_of, judged, shown},
    world::{World, each, each_world},
};

/// A portfolio of which more information is asked for about competency 3.
async fn asked_for_more(world: &World, count: u8) -> (Writers, Vec<Actor>, Answer) {
    let cast = world.writers().await;
    let evaluators = world.evaluators(&cast.staff, count).await;
    let submitted = cast.submitted().await;
    judged(&cast.staff, &evaluators, &submitted, &[&[(3, "not_met")], &[(3, "not_met")]]).await;
    let asked = cast.ada.portfolio(&submitted.id()).await;
    assert_eq!(asked["state"], "more_information");
    (cast, evaluators, asked)
}

/// One that was not achieved.
async fn failed(world: &World, count: u8) -> (Writers, Vec<Actor>, Answer) {
    let (cast, evaluators, asked) = asked_for_more(world, count).await;
    cast.ada.does(&asked, "submit").await.expect(200);
    let ways: [&[(u8, &str)]; 2] = [&[(3, "not_met")], &[(3, "not_met")]];
    let failed = judged(&cast.staff, &evaluators, &asked, &ways).await;
    assert_eq!(failed["state"], "not_achieved");
    (cast, evaluators, failed)
}

each_world! {
    async fn why_ratings_are_void_is_not_told_to_the_candidate(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 3).await;
        let portfolio = cast.submitted().await;
        judged(&cast.staff, &evaluators, &portfolio, &[&[], &[]]).await;
        let finals = cast.staff.assignments_of(&portfolio, "final").await;
        cast.staff.ends(&id_of(&finals[0]), "void").await.expect(200);
        let paths = [
            format!("/v1/candidacies/{}/achievements", cast.candidacy),
            format!("/v1/candidacies/{}/events", cast.candidacy),
            format!("/v1/portfolios/{}", portfolio.id()),
            format!("/v1/portfolios/{}/attempts/1", portfolio.id()),
        ];
        for path in paths {
            let told = cast.ada.get(&path).await.expect(200).body();
            assert!(!told.contains("There is a reason."), "{path}: {told}");
        }
        let achieved = cast.ada.get(&format!("/v1/candidacies/{}/achievements", cast.candidacy)).await.expect(200);
        assert_eq!(achieved["items"][0]["void_reason"], "Ratings of the portfolio were set aside; it is judged again.");
        // The office and the evaluator read it.
        let events = format!("/v1/portfolios/{}/events", portfolio.id());
        assert!(cast.staff.get(&events).await.expect(200).body().contains("There is a reason."));
        let mine = evaluators.iter().find(|one| finals[0]["evaluator_id"] == json!(one.id)).unwrap();
        assert_eq!(mine.assignment(&id_of(&finals[0])).await.expect(200)["reason"], "There is a reason.");
    }

    async fn what_was_begun_for_a_chance_that_is_void_is_no_part_of_what_is_judged_again(world) {
        let (cast, evaluators, asked) = asked_for_more(world, 4).await;
        let emptied = json!({"responses": [{"competency": competency(3)}]});
        let changed = cast.ada.rewrites(&asked, emptied).await.expect(200);
        assert_eq!(changed["competencies"][2]["complete"], false);
        let finals = cast.staff.assignments_of(&asked, "final").await;
        cast.staff.ends(&id_of(&finals[0]), "void").await.expect(200);
        let again = cast.ada.portfolio(&asked.id()).await;
        assert_eq!((&again["state"], &again["requested"], &again["chance_ends_on"]), (&json!("in_evaluation"), &json!([]), &json!(null)));
        assert_eq!(again["competencies"][2]["response"]["narrative"], "I did it for years.");
        // Now competency 4 is asked for: nothing of 3 is missing, and 4 alone is open.
        cast.staff.ends(&id_of(&finals[1]), "void").await.expect(200);
        let asked = judged(&cast.staff, &evaluators, &asked, &[&[(4, "not_met")], &[(4, "not_met")]]).await;
        assert_eq!(asked["requested"], json!([competency(4)]));
        let seen = cast.ada.portfolio(&asked.id()).await;
        cast.ada.rewrites(&seen, json!({"responses": [shown(3, "More.")]})).await.refused(422, "rule-not-met").unmet(&["portfolio.unlocked"]);
        let changed = cast.ada.rewrites(&seen, json!({"responses": [shown(4, "In more words.")]})).await.expect(200);
        let handed_in = cast.ada.does(&changed, "submit").await.expect(200);
        assert_eq!((&handed_in["state"], &handed_in["attempt_count"]), (&json!("in_second_evaluation"), &json!(2)));
        let second = cast.staff.attempt(&handed_in, 2).await.expect(200);
        assert_eq!(second["responses"][2]["narrative"], "I did it for years.");
    }

    async fn nothing_is_judged_again_while_another_portfolio_is_open_for_the_set(world) {
        let (cast, evaluators, failed) = failed(world, 5).await;
        let judge = world.admin().await;
        let appeal = cast.ada.appeals(&failed.id()).await.expect(201).id();
        cast.ada.proceeds(&appeal, "documents", json!({"text": "It is all there."})).await.expect(200);
        judge.proceeds(&appeal, "response", json!({"text": "Others look at it."})).await.expect(200);
        judge.proceeds(&appeal, "meeting", json!({"meets_on": "2026-03-01"})).await.expect(200);
        let next = cast.draft().await;
        judge.finds_on(&appeal, "remanded").await.refused(409, "state-conflict").unmet(&["portfolio.one_open"]);
        assert_eq!(cast.ada.reads_appeal(&appeal).await["status"], "meeting_set");
        let finals = cast.staff.assignments_of(&failed, "final").await;
        let last = finals.iter().find(|one| one["attempt_number"] == 2).unwrap();
        let seen = cast.staff.assignment(&id_of(last)).await.expect(200);
        assert!(!seen.allows("void_ratings"));
        cast.staff.ends(&id_of(last), "void").await.refused(409, "state-conflict").unmet(&["portfolio.one_open"]);
        assert_eq!((world.count("assignment.voided"), world.count("appeal.remanded")), (0, 0));
        cast.ada.withdraws(&next).await.expect(200);
        assert!(cast.staff.assignment(&id_of(last)).await.expect(200).allows("void_ratings"));
        judge.finds_on(&appeal, "remanded").await.expect(200);
        let again = cast.ada.portfolio(&failed.id()).await;
        assert_eq!(again["state"], "in_second_evaluation");
        cast.ada.begins(&cast.candidacy, SET).await.refused(409, "state-conflict").unmet(&["portfolio.one_open"]);
        let achieved = judged(&cast.staff, &evaluators, &failed, &[&[], &[]]).await;
        assert_eq!(achieved["state"], "achieved");
    }

    async fn who_withdraws_from_the_candidacy_withdraws_its_open_portfolios(world) {
        let cast = world.writers().await;
        world.evaluators(&cast.staff, 2).await;
        let submitted = cast.submitted().await;
        let draft = cast.ada.begins(&cast.candidacy, "FND").await.expect(201);
        let billed = cast.ada.does(&draft, "invoice").await.expect(200);
        let gone = cast.ada.begins(&cast.candidacy, "COL").await.expect(201);
        cast.ada.withdraws(&gone).await.expect(200);
        let path = format!("/v1/candidacies/{}/withdraw", cast.candidacy);
        cast.ada.post(&path, json!({"reason": "I move."})).await.expect(200);
        for one in [&submitted, &draft] {
            assert_eq!(cast.ada.portfolio(&one.id()).await["state"], "withdrawn");
        }
        assert_eq!(cast.staff.assignments_of(&submitted, "released").await.len(), 2);
        let invoice = cast.ada.get(&format!("/v1/invoices/{}", billed.text("invoice_id"))).await.expect(200);
        assert_ne!(invoice["voided_on"], json!(null), "{}", invoice.body());
        let events = cast.staff.get(&format!("/v1/portfolios/{}/events", submitted.id())).await.expect(200);
        let last = events["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["type"], &last["data"]["reason"]), (&json!("portfolio.withdrawn"), &json!("The candidacy was withdrawn.")));
        // The one that was withdrawn before is not withdrawn twice.
        assert_eq!((world.count("portfolio.withdrawn"), world.count("candidacy.withdrawn")), (3, 1));
        cast.staff.finds_the_ledger_right().await;
    }

    async fn a_portfolio_for_a_set_that_is_achieved_meanwhile_is_neither_paid_nor_submitted(world) {
        let cast = world.writers().await;
        world.evaluators(&cast.staff, 2).await;
        let (paid, draft) = (cast.paid().await, cast.ada.begins(&cast.candidacy, "FND").await.expect(201));
        for set in [SET, "FND"] {
            cast.staff.credits(&cast.candidacy, set, "2026-03-01").await;
        }
        let seen = cast.ada.portfolio(&paid.id()).await;
        assert!(!seen.allows("submit_portfolio"));
        cast.ada.does(&paid, "submit").await.refused(409, "state-conflict").unmet(&["portfolio.set_not_achieved"]);
        cast.ada.does(&draft, "invoice").await.refused(409, "state-conflict").unmet(&["portfolio.set_not_achieved"]);
        assert_eq!((world.count("portfolio.submitted"), world.count("portfolio.invoiced")), (0, 1));
    }

    async fn an_achieved_portfolio_counts_once_what_stood_before_it_is_void(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 2).await;
        let portfolio = cast.submitted().await;
        world.travel_to("2026-03-05");
        let completion = cast.staff.credits(&cast.candidacy, SET, "2026-03-05").await;
        judged(&cast.staff, &evaluators, &portfolio, &[&[], &[]]).await;
        assert_eq!(cast.ada.achievements(&cast.candidacy).await, [(SET.to_owned(), "2026-03-05".to_owned(), true)]);
        let path = format!("/v1/completions/{completion}/withdraw");
        cast.staff.post(&path, json!({"reason": "It was somebody else's."})).await.expect(200);
        let by_course = (SET.to_owned(), "2026-03-05".to_owned(), false);
        let by_portfolio = |stands| (SET.to_owned(), "2026-03-01".to_owned(), stands);
        assert_eq!(cast.ada.achievements(&cast.candidacy).await, [by_course.clone(), by_portfolio(true)]);
        // What is voided itself does not come back.
        let list = cast.staff.get(&format!("/v1/candidacies/{}/achievements", cast.candidacy)).await.expect(200);
        let standing = list["items"][1].clone();
        let attempt = cast.staff.attempt(&portfolio, 1).await.expect(200);
        assert_eq!((&standing["method"], &standing["evidence"]), (&json!("portfolio"), &json!(attempt.id())));
        let path = format!("/v1/achievements/{}/void", id_of(&standing));
        cast.staff.post(&path, json!({"reason": "It was copied."})).await.expect(200);
        assert_eq!(cast.ada.achievements(&cast.candidacy).await, [by_course, by_portfolio(false)]);
        assert_eq!(each(&list["items"], "method"), ["course", "portfolio"]);
    }
}
