//! Reports: a past day is told as it was, by what single reads tell; a file says what the answer says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    renewals::{credits, workshop},
    world::{World, each, each_world},
};

/// `part status count` of each row of a report that has any.
fn counted(report: &Answer) -> Vec<String> {
    let mut rows = Vec::new();
    for (part, word) in
        [("applications", "state"), ("candidacies", "status"), ("certifications", "status")]
    {
        for row in report[part].as_array().expect("rows") {
            if row["count"] != 0 {
                rows.push(format!("{part} {} {}", row[word].as_str().unwrap(), row["count"]));
            }
        }
    }
    rows
}

async fn pipeline(office: &Actor, query: &str) -> Answer {
    office.get(&format!("/v1/reports/pipeline?{query}")).await.expect(200)
}

/// The cells of a file, without its header.
fn cells(file: &Answer) -> Vec<Vec<String>> {
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    let rows = file.body();
    let rows = rows.trim_end().split("\r\n").skip(1);
    rows.map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

/// What the single reads of a list's entries tell of a day.
async fn by_single_reads(office: &Actor, list: &str, day: &str) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    let items = office.get(&format!("{list}?limit=200")).await.expect(200);
    for id in each(&items["items"], "id") {
        // Before it began it has no status, or cannot be read.
        let read = office.get(&format!("{list}/{id}?as_of={day}")).await;
        if let Some(status) = read["status"].as_str().filter(|_| read.status == 200) {
            *counts.entry(status.to_owned()).or_default() += 1;
        }
    }
    counts
}

fn of_part(report: &Answer, part: &str) -> BTreeMap<String, i64> {
    let rows = report[part].as_array().unwrap().iter();
    let read = |row: &Value| Some((row["status"].as_str()?.to_owned(), row["count"].as_i64()?));
    rows.filter_map(read).filter(|(_, count)| *count > 0).collect()
}

/// Years of a program; what its pipeline is at the end of each day on which something happens.
async fn story(world: &World, office: &Actor, told: &mut BTreeMap<&'static str, Vec<String>>) {
    let (ada, ben, cleo) =
        (world.register("Ada").await, world.register("Ben").await, world.register("Cleo").await);
    let draft = ada.drafts().await.id();
    let waits = ben.applies().await.id();
    let candidacy = office.admits(&cleo).await;
    told.insert("2026-03-01", counted(&pipeline(office, "").await));
    world.travel_to("2026-03-02");
    ada.acts_on(&draft, "submit").await.expect(200);
    office.reviews(&waits).await;
    let asked = json!({"message": "Which library?"});
    office.decides(&waits, "request-information", asked).await.expect(200);
    told.insert("2026-03-02", counted(&pipeline(office, "").await));
    world.travel_to("2026-03-03");
    ben.acts_on(&waits, "submit").await.expect(200);
    let hold = json!({"reason": "Leave"});
    office.post(&format!("/v1/candidacies/{candidacy}/hold"), hold).await.expect(200);
    told.insert("2026-03-03", counted(&pipeline(office, "").await));
    world.travel_to("2026-04-02");
    office.post_empty(&format!("/v1/candidacies/{candidacy}/resume")).await.expect(200);
    office.decides(&waits, "refuse", json!({"reason": "Too few hours."})).await.expect(200);
    ada.decides(&draft, "withdraw", json!({})).await.expect(200);
    told.insert("2026-04-02", counted(&pipeline(office, "").await));
    world.travel_to("2026-05-01");
    office.completes(candidacy, "2026-04-20").await;
    office.admits(&world.register("Dora").await).await;
    told.insert("2026-05-01", counted(&pipeline(office, "").await));
    for day in ["2030-04-21", "2030-06-21"] {
        world.travel_to(day);
        told.insert(day, counted(&pipeline(office, "").await));
    }
}

each_world! {
    async fn the_pipeline_of_a_past_day_is_what_it_was(world) {
        let (office, auditor) = (world.staff().await, world.auditor().await);
        world.travel_to("2026-03-01");
        let first = counted(&pipeline(&office, "").await);
        assert!(first.is_empty(), "{first:?}");
        let days = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-04-02", "2026-05-01", "2030-04-21", "2030-06-21"];
        let mut told = BTreeMap::new();
        story(world, &office, &mut told).await;
        assert_eq!(told.keys().copied().collect::<Vec<_>>(), days);
        assert_eq!(told["2026-03-01"], [
            "applications draft 1", "applications submitted 1", "applications accepted 1", "candidacies active 1",
        ]);
        assert_eq!(told["2026-03-02"], [
            "applications submitted 1", "applications needs_information 1", "applications accepted 1", "candidacies active 1",
        ]);
        assert_eq!(told["2026-03-03"], [
            "applications submitted 1", "applications in_review 1", "applications accepted 1", "candidacies on_hold 1",
        ]);
        assert_eq!(told["2026-05-01"], [
            "applications accepted 2", "applications refused 1", "applications withdrawn 1",
            "candidacies active 1", "candidacies completed 1", "certifications active 1",
        ]);
        assert_eq!(told["2030-04-21"][3..], ["candidacies active 1", "candidacies completed 1", "certifications grace 1"]);
        for (day, then) in &told {
            let report = pipeline(&auditor, &format!("as_of={day}")).await;
            // Who is awarded on a later day for an earlier one stands there from that one on.
            let then: Vec<_> = then.iter().filter(|row| row.starts_with("applications")).collect();
            let now = counted(&report);
            let now: Vec<_> = now.iter().filter(|row| row.starts_with("applications")).collect();
            assert_eq!(now, then, "{day}");
            for (part, list) in [("candidacies", "/v1/candidacies"), ("certifications", "/v1/certifications")] {
                let read = by_single_reads(&office, list, day).await;
                assert_eq!(of_part(&report, part), read, "{part} on {day}");
            }
            let file = pipeline(&auditor, &format!("as_of={day}&format=csv")).await;
            let rows: Vec<_> = cells(&file).into_iter().filter(|row| row[2] != "0")
                .map(|row| row[..3].join(" ")).collect();
            assert_eq!(rows, counted(&report), "{day}");
        }
        let before = pipeline(&office, "as_of=2020-01-01").await;
        assert_eq!(counted(&before), [""; 0]);
    }

    async fn achievements_are_counted_by_method_and_set_as_they_stand(world) {
        let (ada, office) = (world.register("Ada").await, world.staff().await);
        let candidacy = office.admits(&ada).await;
        world.travel_to("2026-06-01");
        for (set, on) in [("FND", "2026-03-10"), ("COM", "2026-03-31"), ("TEC", "2026-04-01")] {
            office.credits(&candidacy, set, on).await;
        }
        let report = async |query: &str| office.get(&format!("/v1/reports/completions?{query}")).await.expect(200);
        let march = report("from=2026-03-01&until=2026-03-31").await;
        assert_eq!(march["completions"], json!([
            {"method": "course", "set": "COM", "count": 1}, {"method": "course", "set": "FND", "count": 1},
        ]));
        assert_eq!((march["total"].as_i64(), &march["as_of"]), (Some(2), &json!("2026-06-01")));
        assert_eq!(report("").await["total"], 3);
        let file = report("from=2026-03-01&until=2026-03-31&format=csv").await;
        assert_eq!(cells(&file), [["course", "COM", "1"], ["course", "FND", "1"]]);
        let achieved = office.get(&format!("/v1/candidacies/{candidacy}/achievements")).await.expect(200);
        let fnd = achieved["items"].as_array().unwrap().iter().find(|one| one["set"] == "FND").unwrap();
        world.travel_to("2026-07-01");
        let void = format!("/v1/achievements/{}/void", fnd["id"].as_str().unwrap());
        office.post(&void, json!({"reason": "It was another course."})).await.expect(200);
        assert_eq!(report("").await["total"], 2);
        assert_eq!(report("as_of=2026-06-30").await["total"], 3, "the day before it stood");
        office.get("/v1/reports/completions?from=2026-04-01&until=2026-03-01").await.refused(400, "invalid-query");
        office.get("/v1/reports/completions?program=none").await.refused(400, "invalid-query");
    }

    async fn turnaround_is_told_in_working_days(world) {
        let office = world.staff().await;
        // Decided after 0, 1 and 5 working days: a weekend is none.
        for (name, submitted, decided) in [
            ("Ada", "2026-03-02", "2026-03-02"), ("Ben", "2026-03-06", "2026-03-09"), ("Cleo", "2026-03-13", "2026-03-20"),
        ] {
            world.travel_to(submitted);
            let person = world.register(name).await;
            let application = person.applies().await;
            world.travel_to(decided);
            office.reviews(&application.id()).await;
            office.settles(&application).await;
            office.accepts(&application.id()).await;
        }
        let report = async |query: &str| office.get(&format!("/v1/reports/turnaround?{query}")).await.expect(200);
        let all = report("").await;
        assert_eq!(all["turnaround"][0], json!({"of": "application", "count": 3, "median_days": 1,
            "ninetieth_days": 5, "longest_days": 5}));
        assert_eq!(all["turnaround"][1], json!({"of": "portfolio", "count": 0, "median_days": null,
            "ninetieth_days": null, "longest_days": null}));
        let early = report("from=2026-03-01&until=2026-03-09").await;
        assert_eq!(early["turnaround"][0]["count"], 2, "by the day of the decision");
        let file = report("format=csv").await;
        assert_eq!(cells(&file), [["application", "3", "1", "5", "5"], ["portfolio", "0", "", "", ""], ["course_review", "0", "", "", ""]]);
        let list = office.get("/v1/reports").await.expect(200);
        for href in each(&list["items"], "href") {
            office.get(href).await.expect(200);
            office.get(&format!("{href}?format=csv")).await.expect(200);
        }
    }

    async fn renewals_due_and_hours_are_told_as_they_were_known(world) {
        let holder = world.holder().await;
        world.travel_to("2029-06-15");
        let used = vec![
            holder.logs(credits("2029-06-01")).await, holder.logs(workshop("2029-06-02", 240, true)).await,
        ];
        holder.logs(workshop("2029-06-03", 59, false)).await;
        let ask = async |report: &str, query: &str| {
            holder.staff.get(&format!("/v1/reports/{report}?{query}")).await.expect(200)
        };
        let years = "from=2030-01-01&until=2034-12-31";
        let before = ask("renewals-due", years).await;
        assert_eq!(before["months"], json!([{"month": "2030-03", "terms": 1, "renewed": 0, "not_renewed": 1}]));
        assert_eq!(holder.renews(&used).await.expect(201)["state"], "granted");
        let after = ask("renewals-due", years).await;
        assert_eq!(after["months"], json!([
            {"month": "2030-03", "terms": 1, "renewed": 1, "not_renewed": 0},
            {"month": "2034-03", "terms": 1, "renewed": 0, "not_renewed": 1},
        ]));
        // The day before it was not renewed, and nobody knew of another term.
        let then = ask("renewals-due", &format!("{years}&as_of=2029-06-14")).await;
        assert_eq!(then["months"], before["months"]);
        let file = ask("renewals-due", &format!("{years}&format=csv")).await;
        assert_eq!(cells(&file), [["2030-03", "1", "1", "0"], ["2034-03", "1", "0", "1"]]);
        let hours = ask("contact-hours", "from=2029-01-01").await;
        let of = |report: &Answer, kind: &str| {
            let kinds = report["kinds"].as_array().unwrap();
            let found = kinds.iter().find(|one| one["kind"] == kind).unwrap();
            ["activities", "minutes", "technology_minutes"].map(|figure| found[figure].as_i64().unwrap())
        };
        assert_eq!(of(&hours, "semester_credit"), [1, 1_800, 0]);
        assert_eq!(of(&hours, "workshop"), [2, 240, 240], "what is too short is worth nothing");
        assert_eq!(of(&hours, "conference_day"), [0, 0, 0]);
        let file = ask("contact-hours", "from=2029-01-01&format=csv").await;
        assert_eq!(cells(&file)[0], ["semester_credit", "1", "1800", "0"]);
        let then = ask("contact-hours", "from=2029-01-01&as_of=2029-06-14").await;
        assert_eq!(of(&then, "workshop"), [0, 0, 0], "logged on the day after");
    }
}
