//! Evaluators: profiles, who may judge what, how far they agree, and sixteen at once.

use std::path::Path;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    portfolios::{SET, Writers, ratings},
    race::contend,
    story::job,
    world::{World, each_world},
};

/// The golden cases of portfolios.
fn cases() -> Vec<Value> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/cases/portfolio-outcome.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the cases")).expect("cases")
}

/// The evaluators of a portfolio's open assignments rate it as a case says, seat by seat.
async fn rated(
    staff: &Actor,
    people: &[Actor],
    portfolio: &Answer,
    case: &Value,
    codes: &[String],
) {
    for assignment in staff.assignments_of(portfolio, "open").await {
        let eva = people.iter().find(|one| assignment["evaluator_id"] == json!(one.id));
        let eva = eva.expect("an evaluator of the story");
        let id = assignment["id"].as_str().expect("an id");
        let seat = usize::try_from(assignment["seat"].as_u64().expect("a seat")).expect("a seat");
        let asked = eva.get(&format!("/v1/assignments/{id}")).await.expect(200);
        let lines = asked["ratings"].as_array().expect("what is asked").iter();
        let given = lines.map(|line| {
            let code = line["competency"].as_str().expect("a code");
            let place = codes.iter().position(|one| one == code).expect("a place");
            json!({"competency": code, "rating": case["ratings"][seat - 1][place], "comment": "So I found."})
        });
        eva.judges(id, given.collect()).await.expect(200);
    }
}

/// The last outcome of a portfolio, as the cases write it.
async fn outcome(staff: &Actor, portfolio: &Answer) -> Value {
    let count = staff.portfolio(&portfolio.id()).await["attempt_count"].as_i64().expect("a count");
    let attempt = staff.attempt(portfolio, count).await.expect(200);
    let last = attempt["outcomes"].as_array().expect("outcomes").last().expect("one").clone();
    let merged: Vec<_> = last["ratings"]
        .as_array()
        .expect("ratings")
        .iter()
        .map(|one| one["rating"].clone())
        .collect();
    json!({"outcome": last["result"], "merged": merged, "requested": last["requested"]})
}

/// Walks one case: through round 1, and with the same ratings through round 2 where that is asked.
async fn walked(
    staff: &Actor,
    people: &[Actor],
    writer: (Actor, String),
    case: &Value,
) -> Option<Value> {
    let (ada, candidacy) = writer;
    let set = case["competency_set"].as_str().expect("a set");
    let draft = ada.begins(&candidacy, set).await.expect(201);
    let codes: Vec<String> = draft["competencies"]
        .as_array()
        .expect("the set")
        .iter()
        .map(|one| one["competency"].as_str().expect("a code").to_owned())
        .collect();
    let responses: Vec<_> =
        codes.iter().map(|code| json!({"competency": code, "narrative": "I did it."})).collect();
    let whole =
        json!({"introduction": "I.", "learning_statement": "I learned.", "responses": responses});
    ada.rewrites(&draft, whole).await.expect(200);
    let billed = ada.does(&draft, "invoice").await.expect(200);
    staff.settles(&billed).await;
    ada.does(&draft, "submit").await.expect(200);
    rated(staff, people, &draft, case, &codes).await;
    if case["round"] == 1 {
        return Some(outcome(staff, &draft).await);
    }
    let now = staff.portfolio(&draft.id()).await;
    if now["state"] == "achieved" {
        return None;
    }
    ada.does(&draft, "submit").await.expect(200);
    rated(staff, people, &draft, case, &codes).await;
    if case["ratings"].as_array().expect("lists").len() == 3 {
        rated(staff, people, &draft, case, &codes).await;
    }
    Some(outcome(staff, &draft).await)
}

/// Walks every second golden case, from the first or the second one on.
async fn golden(world: &World, from: usize) {
    let staff = world.staff().await;
    let sets: Vec<_> =
        ["ACC", "ARA", "CAT", "COL", "COM", "FND", "REF", "SUP", "TEC", "YTH"].into();
    let mut people = Vec::new();
    for number in 1..=3 {
        let eva = world.register(&format!("Eva {number}")).await;
        staff.takes_on(&eva, json!({"sets": sets, "capacity": 1000})).await.expect(201);
        people.push(eva);
    }
    let mut walked_through = 0;
    for (number, case) in cases().iter().enumerate().skip(from).step_by(2) {
        let ada = world.register(&format!("Ada {number}")).await;
        let candidacy = staff.admits(&ada).await;
        let Some(told) = walked(&staff, &people, (ada, candidacy), &case["request"]).await else {
            continue;
        };
        for (field, expected) in case["expected"].as_object().unwrap() {
            assert_eq!(&told[field], expected, "case {number}, {field}: {told:#}");
        }
        walked_through += 1;
    }
    assert!(walked_through >= 24, "{walked_through}");
}

each_world! {
    async fn the_golden_cases_come_out_the_same_over_both_rounds(world) {
        golden(world, 0).await;
    }

    async fn the_other_half_of_the_golden_cases_does_too(world) {
        golden(world, 1).await;
    }

    async fn a_profile_is_the_offices_and_partly_the_evaluators(world) {
        let (staff, eva) = (world.staff().await, world.register("Eva").await);
        eva.post("/v1/evaluators", json!({"person_id": eva.id, "sets": [SET], "capacity": 3})).await.refused(403, "forbidden");
        let made = staff.takes_on(&eva, json!({"employers": ["Hilltop Library"]})).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/evaluators/{}", eva.id));
        assert_eq!((&made["active"], &made["load"], &made["name"]), (&json!(true), &json!(0), &json!("Eva Example")));
        staff.takes_on(&eva, json!({})).await.refused(409, "conflict");
        let path = format!("/v1/evaluators/{}", eva.id);
        let own = eva.get(&path).await.expect(200);
        let (from, until) = ("2026-07-01", "2026-07-20");
        let declared = json!({"away": [{"from": from, "until": until}],
            "conflicts": [{"name": "Ada Example", "reason": "We share a flat."}]});
        let changed = eva.patch(&path, &own.etag(), declared).await.expect(200);
        assert_eq!((&changed["away"][0]["until"], &changed["employers"]), (&json!(until), &json!(["Hilltop Library"])));
        eva.patch(&path, &own.etag(), json!({"capacity": 4})).await.refused(412, "stale");
        for office in [json!({"sets": ["FND"]}), json!({"trained_on": "2026-02-01"})] {
            eva.patch(&path, &changed.etag(), office.clone()).await.refused(403, "forbidden");
            let now = staff.get(&path).await.expect(200).etag();
            staff.patch(&path, &now, office).await.expect(200);
        }
        let now = staff.get(&path).await.expect(200).etag();
        for (bad, pointer, code) in [
            (json!({"sets": ["XYZ"]}), "#/sets/0", "unknown"),
            (json!({"trained_on": "2030-01-01"}), "#/trained_on", "order"),
            (json!({"away": [{"from": until, "until": from}]}), "#/away/0/until", "order"),
            (json!({"conflicts": [{"reason": "With nobody."}]}), "#/conflicts/0", "exclusive"),
            (json!({"resume_id": format!("att_{:032x}", 1)}), "#/resume_id", "unknown"),
        ] {
            staff.patch(&path, &now, bad).await.faulty(pointer, code);
        }
        let ada = world.register("Ada").await;
        ada.get(&path).await.refused(404, "not-found");
        let other = world.register("Other").await;
        staff.takes_on(&other, json!({})).await.expect(201);
        other.get(&path).await.refused(404, "not-found");
        assert_eq!(other.get("/v1/evaluators").await.expect(200)["items"].as_array().unwrap().len(), 1);
        assert_eq!(staff.get("/v1/evaluators?set=FND").await.expect(200)["items"].as_array().unwrap().len(), 1);
        staff.post_empty(&format!("{path}/deactivate")).await.expect(200);
        staff.post_empty(&format!("{path}/deactivate")).await.refused(409, "state-conflict").unmet(&["evaluator.active"]);
        assert_eq!(staff.get("/v1/evaluators?active=false").await.expect(200)["items"].as_array().unwrap().len(), 1);
        staff.post_empty(&format!("{path}/reactivate")).await.expect(200);
    }

    async fn who_may_not_judge_is_refused_with_the_reason_and_passed_over(world) {
        let cast = world.writers().await;
        // Ada works at the Riverside Public Library, and is an evaluator too.
        let trainer = world.register("Trainer").await;
        let other = world.register("Colleague").await;
        let library = job()["library"].as_str().unwrap().to_uppercase();
        let busy = world.register("Busy").await;
        let away = world.register("Away").await;
        let (green, friend) = (world.register("Green").await, world.register("Friend").await);
        let declared = world.register("Declared").await;
        let former = world.register("Former").await;
        for (person, more) in [
            (&cast.ada, json!({})),
            (&other, json!({"employers": [library]})),
            (&busy, json!({"capacity": 0})),
            (&away, json!({"away": [{"from": "2026-02-20", "until": "2026-03-20"}]})),
            (&green, json!({"trained_on": null})),
            (&friend, json!({"conflicts": [{"name": "ada  example", "reason": "A friend."}]})),
            (&declared, json!({"conflicts": [{"person_id": cast.ada.id, "reason": "A cousin."}]})),
            (&former, json!({})),
            (&trainer, json!({"sets": ["FND"]})),
        ] {
            cast.staff.takes_on(person, more).await.expect(201);
        }
        cast.staff.post_empty(&format!("/v1/evaluators/{}/deactivate", former.id)).await.expect(200);
        let portfolio = cast.submitted().await;
        assert_eq!(cast.staff.assignments_of(&portfolio, "open").await, Vec::<Value>::new());
        let path = format!("/v1/portfolios/{}/assignments", portfolio.id());
        for (person, rule) in [
            (&cast.ada, "evaluator.other_person"),
            (&other, "evaluator.other_employer"),
            (&busy, "evaluator.capacity"),
            (&away, "evaluator.present"),
            (&green, "evaluator.trained"),
            (&friend, "evaluator.no_declared_conflict"),
            (&declared, "evaluator.no_declared_conflict"),
            (&former, "evaluator.active"),
            (&trainer, "evaluator.qualified"),
        ] {
            let refused = cast.staff.post(&path, json!({"evaluator_id": person.id})).await;
            refused.refused(422, "rule-not-met").unmet(&[rule]);
        }
        let nobody = json!({"evaluator_id": cast.staff.id});
        cast.staff.post(&path, nobody).await.faulty("#/evaluator_id", "unknown");
        cast.ada.post(&path, json!({})).await.refused(403, "forbidden");
        // Nobody is there: the seats wait, and the queue tells why of each.
        let queue = cast.staff.get("/v1/portfolio-queue").await.expect(200);
        let free = queue["items"].as_array().unwrap();
        assert_eq!(free.iter().map(|one| one["seat"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
        assert!(free.iter().all(|one| one["evaluators"].as_array().unwrap().len() == 7), "{free:?}");
        world.evaluators(&cast.staff, 2).await;
        let both = cast.staff.post(&path, json!({})).await.expect(200);
        assert_eq!((both["assigned"].as_array().unwrap().len(), &both["waiting"]), (2, &json!([])));
        assert_eq!(world.count("assignment.assigned"), 2);
    }

    async fn who_acts_for_an_institution_of_the_candidates_does_not_judge(world) {
        let cast = world.writers().await;
        let (trainer, provider) = world.provider(&cast.staff, "Acme").await;
        cast.staff.takes_on(&trainer, json!({})).await.expect(201);
        let declared = world.register("Declared").await;
        let conflict = json!({"conflicts": [{"organisation_id": provider, "reason": "I taught there."}]});
        cast.staff.takes_on(&declared, conflict).await.expect(201);
        let admin = world.admin().await;
        let grant = json!({"role": "provider", "organisation": provider});
        admin.post(&format!("/v1/people/{}/grants", cast.ada.id), grant).await.expect(201);
        let portfolio = cast.submitted().await;
        let path = format!("/v1/portfolios/{}/assignments", portfolio.id());
        for (person, rule) in [(&trainer, "evaluator.other_institution"), (&declared, "evaluator.no_declared_conflict")] {
            let refused = cast.staff.post(&path, json!({"evaluator_id": person.id})).await;
            refused.refused(422, "rule-not-met").unmet(&[rule]);
        }
    }

    async fn agreement_is_what_one_reckons_by_hand(world) {
        let cast = world.writers().await;
        let people = world.evaluators(&cast.staff, 2).await;
        let portfolio = cast.submitted().await;
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        // Met against met five times; met against partly, partly against partly, not against met once each.
        let ways: [&[(u8, &str)]; 2] = [&[(7, "partially_met"), (8, "not_met")], &[(6, "partially_met"), (7, "partially_met")]];
        for (assignment, (way, days)) in open.iter().zip(ways.into_iter().zip([3, 4])) {
            world.advance(TimeDelta::days(days));
            let eva = people.iter().find(|one| assignment["evaluator_id"] == json!(one.id)).unwrap();
            eva.judges(assignment["id"].as_str().unwrap(), ratings(way)).await.expect(200);
        }
        let report = cast.staff.get("/v1/reports/evaluator-agreement").await.expect(200);
        // n = 8, a = 6, S = 6*6 + 1*2 + 1*0 = 38: (6*8 - 38) / (64 - 38) = 10/26; after 3 and after 7 days.
        let figures = json!({"pairs": 8, "agreed": 6, "raw_agreement": 0.75, "kappa": 0.3846, "finished": 2, "median_days": 5.0});
        assert_eq!(report["total"], figures);
        let mut of_set = figures.clone();
        of_set["set"] = json!(SET);
        assert_eq!(report["sets"], json!([of_set]));
        let none = cast.staff.get("/v1/reports/evaluator-agreement?from=2026-03-09&until=2026-12-31").await.expect(200);
        let nothing = json!({"pairs": 0, "agreed": 0, "raw_agreement": null, "kappa": null, "finished": 0, "median_days": null});
        assert_eq!((&none["total"], &none["sets"]), (&nothing, &json!([])));
        // A pair counts when both became final in the period.
        let half = cast.staff.get("/v1/reports/evaluator-agreement?from=2026-03-05").await.expect(200);
        assert_eq!((&half["total"]["pairs"], &half["total"]["finished"]), (&json!(0), &json!(1)));
        cast.staff.get("/v1/reports/evaluator-agreement?from=2026-03-05&until=2026-03-04").await.refused(400, "invalid-query");
        people[0].get("/v1/reports/evaluator-agreement").await.refused(403, "forbidden");
    }

    async fn two_final_ratings_at_once_make_one_outcome(world) {
        let cast = world.writers().await;
        let people = world.evaluators(&cast.staff, 2).await;
        let portfolio = cast.submitted().await;
        let mut pairs = Vec::new();
        for assignment in cast.staff.assignments_of(&portfolio, "open").await {
            let eva = people.iter().find(|one| assignment["evaluator_id"] == json!(one.id)).unwrap().clone();
            let id = assignment["id"].as_str().unwrap().to_owned();
            eva.saves_ratings(&id, ratings(&[])).await.expect(200);
            pairs.push((eva, id));
        }
        let answers = contend(|number| {
            let (eva, id) = pairs[number % 2].clone();
            async move { eva.finalises(&id).await }
        }).await;
        assert_eq!(answers.iter().filter(|one| one.status == 200).count(), 2);
        assert!(answers.iter().all(|one| matches!(one.status, 200 | 409)));
        let counts = ["assignment.finalised", "portfolio.achieved", "achievement.recorded"].map(|kind| world.count(kind));
        assert_eq!(counts, [2, 1, 1]);
        assert_eq!(cast.staff.portfolio(&portfolio.id()).await["state"], "achieved");
    }

    async fn a_rating_or_a_hand_back_wins_and_nothing_is_lost(world) {
        let cast = world.writers().await;
        let people = world.evaluators(&cast.staff, 3).await;
        let portfolio = cast.submitted().await;
        let open = cast.staff.assignments_of(&portfolio, "open").await;
        let eva = people.iter().find(|one| open[0]["evaluator_id"] == json!(one.id)).unwrap().clone();
        let id = open[0]["id"].as_str().unwrap().to_owned();
        eva.saves_ratings(&id, ratings(&[])).await.expect(200);
        let answers = contend(|number| {
            let (eva, id) = (eva.clone(), id.clone());
            async move {
                if number % 2 == 0 {
                    eva.finalises(&id).await
                } else {
                    eva.post(&format!("/v1/assignments/{id}/hand-back"), json!({"reason": "No time."})).await
                }
            }
        }).await;
        let won = crate::support::race::one_winner(answers, 200);
        let now = eva.get(&format!("/v1/assignments/{id}")).await.expect(200);
        assert_eq!(now["state"], won["state"]);
        assert_eq!(now["ratings"][0]["rating"], "met");
        assert_eq!(world.count("assignment.finalised") + world.count("assignment.handed_back"), 1);
        let live = cast.staff.assignments_of(&portfolio, "open").await.len() + cast.staff.assignments_of(&portfolio, "final").await.len();
        assert_eq!(live, 2);
    }

    async fn the_clock_and_a_resubmission_make_one_second_round(world) {
        let cast = world.writers().await;
        let people = world.evaluators(&cast.staff, 3).await;
        let portfolio = cast.submitted().await;
        let asked = crate::support::portfolios::judged(&cast.staff, &people, &portfolio, &[&[(1, "not_met")], &[(1, "not_met")]]).await;
        let last = asked.text("chance_ends_on");
        world.travel_to(&last);
        // Some hand in on the last day, while the day ends and the clock looks at it.
        let mut clocks = Vec::new();
        let answers = {
            for _ in 0..8 {
                clocks.push(tokio::spawn(ran_out(world.app().clone(), portfolio.id())));
            }
            let submits = contend(|_| {
                let (ada, draft) = (cast.ada.clone(), portfolio.clone());
                async move { ada.does(&draft, "submit").await }
            });
            let (answers, ()) = tokio::join!(submits, async {
                tokio::time::sleep(std::time::Duration::from_millis(40)).await;
                world.advance(TimeDelta::days(1));
            });
            answers
        };
        for _ in 0..8 {
            clocks.push(tokio::spawn(ran_out(world.app().clone(), portfolio.id())));
        }
        let mut settled = 0;
        for clock in clocks {
            settled += usize::from(clock.await.unwrap());
        }
        let handed_in = answers.iter().filter(|one| one.status == 200).count();
        assert_eq!(handed_in + settled, 1, "{handed_in} {settled}");
        let counts = (world.count("portfolio.resubmitted"), world.count("portfolio.chance_ran_out"));
        assert_eq!(counts, (handed_in, settled));
        let now = cast.staff.portfolio(&portfolio.id()).await;
        assert_eq!(now["round"], 2);
        assert_eq!(now["attempt_count"], json!(1 + handed_in));
    }

    async fn capacity_is_not_exceeded_by_portfolios_that_come_at_once(world) {
        let staff = world.staff().await;
        let mut drafts = Vec::new();
        for number in 0..8 {
            let ada = world.register(&format!("Ada {number}")).await;
            let candidacy = staff.admits(&ada).await;
            let cast = Writers { staff: staff.clone(), ada, candidacy };
            drafts.push((cast.ada.clone(), cast.paid().await));
        }
        for number in 1..=3 {
            let eva = world.register(&format!("Eva {number}")).await;
            staff.takes_on(&eva, json!({"capacity": 3})).await.expect(201);
        }
        let mut submits = tokio::task::JoinSet::new();
        for (ada, draft) in drafts {
            submits.spawn(async move { ada.does(&draft, "submit").await });
        }
        for answer in submits.join_all().await {
            answer.expect(200);
        }
        let list = staff.get("/v1/evaluators").await.expect(200);
        let loads: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| one["load"].as_i64().unwrap()).collect();
        assert_eq!(loads, [3, 3, 3]);
        assert_eq!(world.count("assignment.assigned"), 9);
    }
}

/// The clock looks at a portfolio, as the worker does; whether its chance ran out by that.
async fn ran_out(app: api::app::App, portfolio: String) -> bool {
    let id = portfolio.parse().expect("a portfolio's id");
    let there = app.clone();
    let done = app.store.write(app.stamp_of("judge", "test"), move |tx| {
        let code = domain::program::ProgramCode::lssc();
        let rules = api::flows::program::in_force(&there, tx, &code)?;
        let due = api::flows::evaluation::Due::Chance(id);
        api::flows::evaluation::settle(tx, there.chance.as_ref(), &rules, due)
    });
    done.await.expect("the clock looks")
}
