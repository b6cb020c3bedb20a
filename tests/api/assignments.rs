//! Who judges portfolios: blind, chosen the same way every time, and replaced when it comes to that.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    database::Db,
    mails::mails_to,
    portfolios::{SET, Writers, id_of, judged, ratings, who},
    story::SIX,
    world::{World, each, each_world},
};

/// A submitted portfolio and so many evaluators, the first two of whom judge it.
async fn submitted(world: &World, count: u8) -> (Writers, Vec<Actor>, Answer) {
    let cast = world.writers().await;
    let evaluators = world.evaluators(&cast.staff, count).await;
    let portfolio = cast.submitted().await;
    (cast, evaluators, portfolio)
}

each_world! {
    async fn nobody_sees_what_another_found_before_both_are_done(world) {
        let (cast, evaluators, portfolio) = submitted(world, 3).await;
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!(open.len(), 2);
        let (one, other) = (who(&evaluators, &open[0]), who(&evaluators, &open[1]));
        let (first, second) = (id_of(&open[0]), id_of(&open[1]));
        // Each has their own alone; the third and the candidate have none.
        for (evaluator, count) in [(one, 1), (other, 1), (&evaluators[2], 0)] {
            let list = evaluator.get("/v1/assignments").await.expect(200);
            assert_eq!(list["items"].as_array().unwrap().len(), count);
        }
        cast.ada.get("/v1/assignments").await.refused(403, "forbidden");
        other.assignment(&first).await.refused(404, "not-found");
        cast.ada.assignment(&first).await.refused(404, "not-found");
        let told = one.assignment(&first).await.expect(200);
        assert_eq!((&told["others"], &told["candidate_name"]), (&json!([]), &json!("Ada Example")));
        assert_eq!(told["attempt"]["introduction"], "I work in technical services.");
        assert!(!told.allows("finalise_ratings"));
        one.finalises(&first).await.refused(422, "rule-not-met");
        // A rating without a comment where it is not met is not enough.
        let mut silent = ratings(&[(2, "not_met")]);
        silent[1].as_object_mut().unwrap().remove("comment");
        one.saves_ratings(&first, silent).await.expect(200);
        one.finalises(&first).await.refused(422, "rule-not-met").unmet(&["rating.given"]);
        one.judges(&first, ratings(&[(2, "not_met")])).await.expect(200);
        assert_eq!(one.assignment(&first).await["others"], json!([]));
        assert_eq!(other.assignment(&second).await["others"], json!([]));
        one.saves_ratings(&first, ratings(&[])).await.refused(409, "state-conflict");
        let seen = cast.ada.portfolio(&portfolio.id()).await;
        assert_eq!((&seen["competencies"][1]["rating"], &seen["competencies"][1]["comments"]), (&json!(null), &json!([])));
        other.judges(&second, ratings(&[])).await.expect(200);
        for (evaluator, id) in [(one, &first), (other, &second)] {
            let others = evaluator.assignment(id).await["others"].clone();
            assert_eq!(others.as_array().unwrap().len(), 1, "{others}");
            assert_eq!(others[0]["ratings"].as_array().unwrap().len(), 8);
        }
        // What a candidate reads names none of them.
        let paths = ["", "/attempts", "/attempts/1"].map(|rest| format!("/v1/portfolios/{}{rest}", portfolio.id()));
        let events = format!("/v1/candidacies/{}/events", cast.candidacy);
        for path in paths.iter().chain([&events]) {
            let body = cast.ada.get(path).await.expect(200).body();
            assert!(evaluators.iter().all(|eva| !body.contains(&eva.id)), "{path}: {body}");
            assert!(!body.contains("Eva"), "{path}: {body}");
        }
        let seen = cast.ada.portfolio(&portfolio.id()).await;
        assert_eq!(seen["competencies"][1]["comments"], json!(["Say more about CAT-02."]));
        cast.ada.get("/v1/evaluators").await.refused(403, "forbidden");
    }

    async fn the_last_rating_achieves_the_set_and_awards_the_certification(world) {
        let cast = world.writers().await;
        let evaluators = world.evaluators(&cast.staff, 2).await;
        for set in SIX.iter().filter(|set| **set != SET) {
            cast.staff.credits(&cast.candidacy, set, "2026-03-01").await;
        }
        let portfolio = cast.submitted().await;
        world.travel_to("2026-04-10");
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        who(&evaluators, &open[1]).judges(&id_of(&open[1]), ratings(&[])).await.expect(200);
        assert_eq!((world.count("portfolio.achieved"), world.count("certification.awarded")), (0, 0));
        who(&evaluators, &open[0]).judges(&id_of(&open[0]), ratings(&[])).await.expect(200);
        let counts = ["portfolio.achieved", "achievement.recorded", "candidacy.completed"].map(|kind| world.count(kind));
        assert_eq!(counts, [1, 6, 1]);
        let progress = cast.staff.progress(&cast.candidacy).await;
        assert!(!progress.text("certificate_number").is_empty());
        let achieved = cast.ada.get(&format!("/v1/candidacies/{}/achievements", cast.candidacy)).await.expect(200);
        let by_portfolio: Vec<_> = achieved["items"].as_array().unwrap().iter().filter(|one| one["method"] == "portfolio").cloned().collect();
        // From the day of submission: what evaluators take is not the candidate's time.
        assert_eq!((by_portfolio.len(), &by_portfolio[0]["achieved_on"]), (1, &json!("2026-03-01")));
        // One instant, one transaction.
        let sql = "SELECT DISTINCT request_id AS line FROM events WHERE type IN ('assignment.finalised', 'portfolio.achieved', 'candidacy.completed') ORDER BY request_id";
        assert_eq!(world.db().lines(sql).len(), 2);
        let body = cast.ada.get(&format!("/v1/candidacies/{}/events", cast.candidacy)).await.expect(200).body();
        assert!(body.contains("candidacy.completed"));
        assert!(evaluators.iter().all(|eva| !body.contains(&eva.id)), "{body}");
        // A certification rests on it: the rating stands.
        cast.staff.ends(&id_of(&open[0]), "void").await.refused(409, "state-conflict").unmet(&["achievement.not_certified"]);
        assert_eq!(world.count("assignment.voided"), 0);
    }

    async fn a_void_rating_sets_the_outcome_aside_and_is_judged_anew(world) {
        let (cast, evaluators, portfolio) = submitted(world, 3).await;
        let done = judged(&cast.staff, &evaluators, &portfolio, &[&[], &[]]).await;
        assert_eq!(done["state"], "achieved");
        let finals = cast.staff.assignments_of(&portfolio, "final").await;
        let voided = cast.staff.ends(&id_of(&finals[0]), "void").await.expect(200);
        assert_eq!((&voided["state"], &voided["reason"]), (&json!("voided"), &json!("There is a reason.")));
        let now = cast.staff.portfolio(&portfolio.id()).await;
        assert_eq!(now["state"], "in_evaluation");
        assert_eq!(world.count("achievement.voided"), 1);
        // Somebody who never had it judges it now, and reads nothing of what was found before.
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!((open.len(), &open[0]["seat"]), (1, &json!(1)));
        assert!(finals.iter().all(|one| one["evaluator_id"] != open[0]["evaluator_id"]));
        let fresh = who(&evaluators, &open[0]);
        let seen = fresh.assignment(&id_of(&open[0])).await.expect(200);
        assert_eq!((&seen["attempt"]["outcomes"], &seen["others"]), (&json!([]), &json!([])));
        // Whose ratings are void reads nothing of it any more.
        let gone = who(&evaluators, &finals[0]).assignment(&id_of(&finals[0])).await.expect(200);
        assert_eq!((&gone["attempt"], &gone["others"]), (&json!(null), &json!([])));
        let now = judged(&cast.staff, &evaluators, &portfolio, &[&[(3, "not_met")]]).await;
        assert_eq!((&now["state"], &now["requested"]), (&json!("more_information"), &json!(["CAT-03"])));
        let attempt = cast.staff.attempt(&portfolio, 1).await.expect(200);
        let outcomes = attempt["outcomes"].as_array().unwrap().clone();
        assert_eq!(each(&attempt["outcomes"], "result"), ["achieved", "more_information"]);
        assert!(!outcomes[0]["set_aside_on"].is_null() && outcomes[1]["set_aside_on"].is_null());
        cast.staff.ends(&id_of(&finals[0]), "void").await.refused(409, "state-conflict");
    }

    async fn the_candidate_is_told_by_mail_that_it_is_judged_again_and_not_why(world) {
        let (cast, evaluators, portfolio) = submitted(world, 3).await;
        judged(&cast.staff, &evaluators, &portfolio, &[&[(3, "not_met")], &[]]).await;
        let finals = cast.staff.assignments_of(&portfolio, "final").await;
        cast.staff.ends(&id_of(&finals[0]), "void").await.expect(200);
        let mails = || mails_to(world, "ada@example.org", "Your portfolio is judged again");
        world.until("the candidate is told", || mails().len() == 1).await;
        let told = mails().remove(0);
        assert!(told.contains(SET) && told.contains(&portfolio.id()), "{told}");
        assert!(!told.contains("There is a reason."), "{told}");
        assert!(evaluators.iter().all(|eva| !told.contains(&eva.id)), "{told}");
    }

    async fn ratings_of_an_attempt_that_was_followed_by_another_stand(world) {
        let (cast, evaluators, portfolio) = submitted(world, 3).await;
        judged(&cast.staff, &evaluators, &portfolio, &[&[(1, "not_met")], &[]]).await;
        let finals = cast.staff.assignments_of(&portfolio, "final").await;
        cast.ada.does(&portfolio, "submit").await.expect(200);
        cast.staff.ends(&id_of(&finals[0]), "void").await.refused(409, "state-conflict").unmet(&["rating.of_present_attempt"]);
        // The same people are asked again, for what was asked for and nothing else.
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!(each(&json!(open), "evaluator_id"), each(&json!(finals), "evaluator_id"));
        let asked = who(&evaluators, &open[0]).assignment(&id_of(&open[0])).await.expect(200);
        assert_eq!(each(&asked["ratings"], "competency"), ["CAT-01"]);
        let more = who(&evaluators, &open[0]).saves_ratings(&id_of(&open[0]), ratings(&[])).await;
        assert_eq!(more.refused(422, "invalid-input")["errors"].as_array().unwrap().len(), 7);
    }

    async fn a_third_evaluator_judges_what_is_split_and_nothing_else(world) {
        let (cast, evaluators, portfolio) = submitted(world, 3).await;
        let split: &[(u8, &str)] = &[(1, "not_met"), (2, "partially_met")];
        judged(&cast.staff, &evaluators, &portfolio, &[split, &[(2, "partially_met")]]).await;
        // In round 1 there is no third evaluator: the candidate completes it.
        assert_eq!(cast.staff.assignments_of(&portfolio, "open").await.len(), 0);
        cast.ada.does(&portfolio, "submit").await.expect(200);
        let now = judged(&cast.staff, &evaluators, &portfolio, &[&[(1, "not_met")], &[]]).await;
        assert_eq!(now["state"], "in_second_evaluation");
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!((open.len(), &open[0]["seat"]), (1, &json!(3)));
        let third = who(&evaluators, &open[0]);
        let before: Vec<_> = cast.staff.assignments_of(&portfolio, "final").await;
        assert!(before.iter().all(|one| one["evaluator_id"] != json!(third.id)));
        let asked = third.assignment(&id_of(&open[0])).await.expect(200);
        assert_eq!(each(&asked["ratings"], "competency"), ["CAT-01"]);
        assert_eq!((&asked["others"], &asked["attempt"]["outcomes"]), (&json!([]), &json!([])));
        let now = judged(&cast.staff, &evaluators, &portfolio, &[&[(1, "partially_met")]]).await;
        assert_eq!(now["state"], "achieved");
        // Voiding the third one's asks for another third one; nobody is left, and the queue says why.
        let thirds = cast.staff.assignments_of(&portfolio, "final").await;
        let third = thirds.iter().find(|one| one["seat"] == 3).unwrap();
        cast.staff.ends(&id_of(third), "void").await.expect(200);
        assert_eq!(cast.staff.portfolio(&portfolio.id()).await["state"], "in_second_evaluation");
        let queue = cast.staff.get("/v1/portfolio-queue?kind=free_seat").await.expect(200);
        assert_eq!((&queue["items"][0]["seat"], &queue["items"][0]["portfolio_id"]), (&json!(3), &json!(portfolio.id())));
        let reasons = queue["items"][0]["evaluators"].as_array().unwrap();
        assert_eq!(reasons.len(), 3);
        assert!(reasons.iter().all(|one| one["eligible"] == false), "{reasons:?}");
    }

    async fn who_settled_a_split_need_not_do_it_again(world) {
        let (cast, evaluators, portfolio) = submitted(world, 5).await;
        let split: &[(u8, &str)] = &[(1, "not_met")];
        judged(&cast.staff, &evaluators, &portfolio, &[split, &[]]).await;
        cast.ada.does(&portfolio, "submit").await.expect(200);
        judged(&cast.staff, &evaluators, &portfolio, &[split, &[]]).await;
        let third = cast.staff.assignments_of(&portfolio, "open").await;
        assert_eq!((third.len(), &third[0]["seat"]), (1, &json!(3)));
        // A rating is void while the third one works: they go on, and the seat is judged again first.
        let first = |finals: Vec<Value>| finals.iter().find(|one| one["seat"] == 1).map(id_of).unwrap();
        let present = |finals: Vec<Value>| first(finals.into_iter().filter(|one| one["attempt_number"] == 2).collect());
        let void = present(cast.staff.assignments_of(&portfolio, "final").await);
        cast.staff.ends(&void, "void").await.expect(200);
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        let seats: Vec<_> = open.iter().map(|one| one["seat"].as_i64().unwrap()).collect();
        assert_eq!((seats, &open[1]["id"]), (vec![1, 3], &third[0]["id"]));
        let settled = who(&evaluators, &third[0]);
        settled.judges(&id_of(&third[0]), vec![ratings(&[]).remove(0)]).await.expect(200);
        let waits = settled.assignment(&id_of(&third[0])).await.expect(200);
        assert_eq!((&waits["state"], &waits["others"]), (&json!("final"), &json!([])));
        assert_eq!(cast.staff.portfolio(&portfolio.id()).await["state"], "in_second_evaluation");
        // The same split: what the third one found settles it at once.
        let now = judged(&cast.staff, &evaluators, &portfolio, &[split]).await;
        assert_eq!((&now["state"], world.count("assignment.released")), (&json!("achieved"), 0));
        let results = cast.staff.attempt(&portfolio, 2).await.expect(200);
        assert_eq!(each(&results["outcomes"], "result"), ["third_evaluator", "third_evaluator", "achieved"]);
        // No split any more: the third one's ratings count for nothing.
        let void = present(cast.staff.assignments_of(&portfolio, "final").await);
        cast.staff.ends(&void, "void").await.expect(200);
        let now = judged(&cast.staff, &evaluators, &portfolio, &[&[]]).await;
        assert_eq!((&now["state"], world.count("assignment.voided")), (&json!("achieved"), 3));
    }

    async fn the_order_in_which_ratings_come_changes_nothing(world) {
        let staff = world.staff().await;
        let evaluators = world.evaluators(&staff, 2).await;
        let mut told = Vec::new();
        for (name, order) in [("Ada", [0, 1]), ("Ben", [1, 0])] {
            let ada = world.register(name).await;
            let candidacy = staff.admits(&ada).await;
            let cast = Writers { staff: staff.clone(), ada, candidacy };
            let portfolio = cast.submitted().await;
            let open = staff.assignments_of(&portfolio, "open").await;
            for seat in order {
                let way: &[(u8, &str)] = if seat == 0 { &[(1, "partially_met"), (4, "not_met")] } else { &[(4, "partially_met"), (5, "not_met")] };
                who(&evaluators, &open[seat]).judges(&id_of(&open[seat]), ratings(way)).await.expect(200);
            }
            told.push(staff.attempt(&portfolio, 1).await["outcomes"].clone());
        }
        assert_eq!(told[0], told[1]);
        assert_eq!(told[0][0]["requested"], json!(["CAT-04", "CAT-05"]));
    }

    async fn the_choice_is_the_same_every_time(world) {
        let staff = world.staff().await;
        let evaluators = world.evaluators(&staff, 4).await;
        let mut ids: Vec<_> = evaluators.iter().map(|one| one.id.clone()).collect();
        ids.sort();
        let mut chosen = Vec::new();
        for name in ["Ada", "Ben", "Cleo"] {
            let ada = world.register(name).await;
            let candidacy = staff.admits(&ada).await;
            let cast = Writers { staff: staff.clone(), ada, candidacy };
            let portfolio = cast.submitted().await;
            let open = json!(staff.assignments_of(&portfolio, "open").await);
            chosen.push(each(&open, "evaluator_id").into_iter().map(str::to_owned).collect::<Vec<_>>());
        }
        // The least loaded first, ties by the id.
        assert_eq!(chosen, [ids[..2].to_vec(), ids[2..].to_vec(), ids[..2].to_vec()]);
    }

    async fn who_hands_back_or_is_released_never_gets_it_again(world) {
        let (cast, evaluators, portfolio) = submitted(world, 4).await;
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        let (first, second) = (id_of(&open[0]), id_of(&open[1]));
        who(&evaluators, &open[0]).saves_ratings(&first, ratings(&[])).await.expect(200);
        evaluators[2].ends(&first, "hand-back").await.refused(404, "not-found");
        let back = who(&evaluators, &open[0]).ends(&first, "hand-back").await.expect(200);
        assert_eq!((&back["state"], &back["attempt"]), (&json!("handed_back"), &json!(null)));
        who(&evaluators, &open[1]).ends(&second, "release").await.refused(403, "forbidden");
        cast.staff.ends(&second, "release").await.expect(200);
        let now = json!(cast.staff.assignments_of(&portfolio, "open").await);
        let had = each(&json!(open), "evaluator_id").into_iter().map(str::to_owned).collect::<Vec<_>>();
        let have = each(&now, "evaluator_id");
        assert_eq!(have.len(), 2);
        assert!(have.iter().all(|one| !had.contains(&(*one).to_owned())), "{have:?} {had:?}");
        for gone in &open {
            let named = cast.staff.asks_for(&portfolio, Some(who(&evaluators, gone))).await;
            named.refused(409, "state-conflict").unmet(&["assignment.free_seat"]);
        }
        // With a free seat and nobody left it stays free, and whoever had it is refused by name.
        cast.staff.ends(now[0]["id"].as_str().unwrap(), "release").await.expect(200);
        let nobody = cast.staff.asks_for(&portfolio, None).await.expect(200);
        assert_eq!((&nobody["assigned"], &nobody["waiting"][0]["seat"]), (&json!([]), &json!(1)));
        let named = cast.staff.asks_for(&portfolio, Some(who(&evaluators, &open[0]))).await;
        named.refused(422, "rule-not-met").unmet(&["evaluator.once"]);
        // Somebody new takes it.
        let late = world.register("Late").await;
        cast.staff.takes_on(&late, json!({})).await.expect(201);
        let named = cast.staff.asks_for(&portfolio, Some(&late)).await.expect(200);
        assert_eq!(named["assigned"][0]["evaluator_id"], json!(late.id));
        assert_eq!(named["waiting"], json!([]));
        cast.staff.asks_for(&portfolio, None).await.refused(409, "state-conflict").unmet(&["assignment.free_seat"]);
    }

    async fn the_queue_tells_of_what_is_late_and_of_reviews_in_working_days(world) {
        let (cast, _, portfolio) = submitted(world, 2).await;
        let ben = world.register("Ben").await;
        let candidacy = cast.staff.admits(&ben).await;
        let draft = ben.begins(&candidacy, "FND").await.expect(201);
        ben.does(&draft, "pre-review").await.expect(200);
        // From Sunday 1 March to Tuesday 24 March: due on the 22nd, a Sunday.
        world.travel_to("2026-03-24");
        let queue = cast.staff.get("/v1/portfolio-queue").await.expect(200);
        let told: Vec<_> = queue["items"].as_array().unwrap().iter().map(|one| (one["kind"].as_str().unwrap(), one["since"].as_str().unwrap(), one["working_days"].as_i64().unwrap())).collect();
        assert_eq!(told, [("pre_review", "2026-03-01", 17), ("overdue", "2026-03-22", 2), ("overdue", "2026-03-22", 2)]);
        assert_eq!(queue["items"][1]["portfolio_id"], json!(portfolio.id()));
        let late = cast.staff.get("/v1/assignments?overdue=true").await.expect(200);
        assert_eq!(late["items"].as_array().unwrap().len(), 2);
        let narrowed = cast.staff.get("/v1/portfolio-queue?set=FND").await.expect(200);
        assert_eq!(narrowed["items"].as_array().unwrap().len(), 1);
        cast.ada.get("/v1/portfolio-queue").await.refused(403, "forbidden");
    }
}

/// A chance that nobody used, an evaluator who is reminded, one whose time ran out: once each, with two
/// starts of the server for each day.
async fn time_runs_out_by_itself(db: Db) {
    let mut world = World::on(db).await;
    let (cast, evaluators, portfolio) = submitted(&world, 3).await;
    let open = cast.staff.assignments_of(&portfolio, "open").await;
    let first = who(&evaluators, &open[0]);
    first.judges(&id_of(&open[0]), ratings(&[(1, "not_met")])).await.expect(200);
    let slow = who(&evaluators, &open[1]).clone();
    let address = |one: &Actor| {
        let number = evaluators.iter().position(|other| other.id == one.id).expect("one") + 1;
        format!("eva.{number}@example.org")
    };
    let asked = address(&slow);
    world
        .until("the mail was sent", || mails_to(&world, &asked, "A portfolio to rate").len() == 1)
        .await;
    for _ in 0..2 {
        world.travel_to("2026-03-15");
        world.restart().await;
    }
    world.until("they are reminded", || world.count("assignment.due_soon") == 1).await;
    // Due on 22 March, and seven days of grace.
    world.travel_to("2026-03-29");
    world.restart().await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(world.count("assignment.released"), 0);
    for _ in 0..2 {
        world.travel_to("2026-03-30");
        world.restart().await;
    }
    world.until("it lapsed", || world.count("assignment.released") == 1).await;
    let (staff, ada) = (cast.staff.at(&world.base()), cast.ada.at(&world.base()));
    let open = staff.assignments_of(&portfolio, "open").await;
    assert_eq!((open.len(), &open[0]["seat"]), (1, &json!(2)));
    let second = who(&evaluators, &open[0]).at(&world.base());
    assert_ne!(second.id, slow.id);
    slow.at(&world.base()).finalises(&id_of(&open[0])).await.refused(404, "not-found");
    second.judges(&id_of(&open[0]), ratings(&[])).await.expect(200);
    let asked = staff.portfolio(&portfolio.id()).await;
    assert_eq!(asked["state"], "more_information");
    let last: chrono::NaiveDate = asked.text("chance_ends_on").parse().expect("a day");
    let mail = || mails_to(&world, "ada@example.org", "More information on your portfolio");
    world.until("the candidate is told", || mail().len() == 1).await;
    let told = mail().remove(0);
    assert!(told.contains("CAT-01") && told.contains(&last.to_string()), "{told}");
    world.travel_to(&last.to_string());
    world.restart().await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(world.count("portfolio.chance_ran_out"), 0);
    for _ in 0..2 {
        world.travel_to(&(last + TimeDelta::days(1)).to_string());
        world.restart().await;
    }
    // Not met against met is split: a third evaluator judges it on the ratings of the first round.
    world.until("it ran out", || world.count("portfolio.chance_ran_out") == 1).await;
    let staff = staff.at(&world.base());
    world.until("a third is asked", || world.count("portfolio.third_evaluator_needed") == 1).await;
    let now = staff.portfolio(&portfolio.id()).await;
    assert_eq!((&now["state"], &now["attempt_count"]), (&json!("in_second_evaluation"), &json!(1)));
    let mail = || mails_to(&world, "ada@example.org", "Your portfolio is judged as it is");
    world.until("the candidate is told", || mail().len() == 1).await;
    ada.at(&world.base()).does(&portfolio, "submit").await.refused(409, "state-conflict");
    assert_eq!((world.count("assignment.due_soon"), world.count("assignment.released")), (1, 1));
    world.stop().await;
}

mod time_runs_out_by_itself {
    use crate::support::database::{Db, block_on};

    #[test]
    fn sqlite() {
        block_on(super::time_runs_out_by_itself(Db::sqlite()));
    }
    #[test]
    fn postgres() {
        if let Some(db) = Db::postgres() {
            block_on(super::time_runs_out_by_itself(db));
        }
    }
}
