//! One life in one run: from the application through three renewals and a lapse to a new application, the
//! clock moved by the sandbox's API, the public asked at each stage.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    renewals::{Holder, credits, workshop},
    story::{Certified, SIX},
    world::{World, each_world},
};

/// What anybody is told of a certificate: its status, whether its holder is certified, its last day.
async fn public(world: &World, number: &str) -> (String, bool, String) {
    let told = world.anyone().get(&format!("/v1/verifications/{number}")).await.expect(200);
    let certified = told["certified"].as_bool().expect("a verdict");
    (told.text("status"), certified, told.text("expires_on"))
}

fn is(status: &str, certified: bool, expires_on: &str) -> (String, bool, String) {
    (status.to_owned(), certified, expires_on.to_owned())
}

fn refused(answer: &Answer) {
    assert!(matches!(answer.status, 409 | 422), "{} {}", answer.status, answer.body());
}

/// She logs 34 hours on a day, 4 of them in technology, and renews with them; the office grants what waits.
async fn renews(holder: &Holder, on: &str) {
    let used = vec![holder.logs(credits(on)).await, holder.logs(workshop(on, 240, true)).await];
    let renewal = holder.renews(&used).await.expect(201);
    if renewal["state"] == "submitted" {
        holder.staff.decides_renewal(&renewal.id(), "grant").await.expect(200);
    }
    // What was used is used, and the next term's window is years away.
    refused(&holder.renews(&used).await);
}

/// The last day of the term as the person's own calendar shows it.
async fn in_the_calendar(world: &World, feed: &str, number: &str) -> String {
    let calendar = world.anyone().get(feed).await.expect(200).body();
    let unfolded = calendar.replace("\r\n ", "");
    let events = unfolded.split("BEGIN:VEVENT");
    let expiry = format!("SUMMARY:Certification {number} expires");
    let event = events.filter(|event| event.contains(&expiry)).last().expect("its expiry");
    let start = event.split_once("DTSTART;VALUE=DATE:").expect("a whole day").1;
    start.lines().next().expect("a day").to_owned()
}

/// A second way into the program, after the first certification lapsed.
async fn begins_again(staff: &Actor, ada: &Actor, today: &str) -> Certified {
    let candidacy = staff.admits(ada).await;
    for set in SIX {
        let course = staff.approves_course(set, today).await;
        let completion = staff.hands_in(&candidacy, &course, today).await.expect(201).id();
        staff.verifies(&completion).await.expect(200);
    }
    let progress = staff.progress(&candidacy).await;
    Certified {
        certification: progress.text("certification_id"),
        number: progress.text("certificate_number"),
        candidacy,
    }
}

each_world! {
    async fn somebody_is_certified_renews_three_times_lapses_and_begins_again(world) {
        let holder = world.holder().await;
        let (ada, staff, number) = (&holder.ada, &holder.staff, holder.held.number.clone());
        let feed = ada.post_empty(&format!("/v1/people/{}/calendar-feed", ada.id)).await.expect(201);
        let feed = feed.text("url").split_once("example.org").unwrap().1.to_owned();
        assert_eq!(public(world, &number).await, is("active", true, "2030-03-01"));
        ada.post("/v1/applications", json!({})).await.refused(409, "state-conflict");

        // Early in the window: the new term runs from the old expiry all the same.
        staff.goes_to("2029-02-28").await;
        let early = holder.logs(workshop("2029-02-01", 240, true)).await;
        refused(&holder.renews(&[early]).await);
        staff.goes_to("2029-06-15").await;
        renews(&holder, "2029-06-01").await;
        assert_eq!(public(world, &number).await, is("active", true, "2034-03-01"));
        assert_eq!(in_the_calendar(world, &feed, &number).await, "20340301");

        // Late, in the grace period: not certified until the renewal is granted.
        staff.goes_to("2034-03-01").await;
        assert_eq!(public(world, &number).await, is("active", true, "2034-03-01"));
        staff.goes_to("2034-04-15").await;
        assert_eq!(public(world, &number).await, is("grace", false, "2034-03-01"));
        renews(&holder, "2034-04-01").await;
        assert_eq!(public(world, &number).await, is("active", true, "2038-03-01"));

        // On the first day of the window.
        staff.goes_to("2037-03-01").await;
        renews(&holder, "2037-02-01").await;
        assert_eq!(public(world, &number).await, is("active", true, "2042-03-01"));
        let terms = ada.get(&format!("/v1/certifications/{}/terms", holder.held.certification)).await.expect(200);
        assert_eq!(terms["items"].as_array().map(Vec::len), Some(4), "{}", terms.body());

        // Nothing is done about the fourth term.
        staff.goes_to("2042-05-01").await;
        assert_eq!(public(world, &number).await, is("grace", false, "2042-03-01"));
        ada.post("/v1/applications", json!({})).await.refused(409, "state-conflict");
        staff.goes_to("2042-05-02").await;
        assert_eq!(public(world, &number).await, is("lapsed", false, "2042-03-01"));
        let late = ada.logs(&holder.held.certification, credits("2042-04-30")).await;
        if late.status == 201 {
            refused(&holder.renews(&[late.id()]).await);
        }

        // A new application leads to a certificate of its own; the old number keeps answering.
        let again = begins_again(staff, ada, "2042-05-02").await;
        assert_ne!(again.number, number);
        assert_eq!(public(world, &again.number).await, is("active", true, "2046-05-02"));
        assert_eq!(public(world, &number).await, is("lapsed", false, "2042-03-01"));
        assert_eq!(in_the_calendar(world, &feed, &again.number).await, "20460502");
        let past = world.anyone().get(&format!("/v1/verifications/{number}?as_of=2036-01-01")).await.expect(200);
        assert_eq!((&past["status"], &past["certified"]), (&Value::from("active"), &json!(true)));
        assert_eq!(world.count("sandbox.clock_moved"), 7);
    }
}
