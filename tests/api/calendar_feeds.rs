//! Calendars of deadlines: an address that nobody guesses, days that move under one UID, days that are void.

use std::collections::BTreeMap;

use ical::parser::ical::component::IcalEvent;
use reqwest::Method;
use serde_json::json;

use super::offerings::{property, read};
use crate::support::{
    actor::{Actor, send},
    story::Certified,
    world::{World, each_world},
};

impl Actor {
    /// Gets a new address for a calendar: its path and query.
    async fn subscribes(&self) -> String {
        let path = format!("/v1/people/{}/calendar-feed", self.id);
        let url = self.post_empty(&path).await.expect(201).text("url");
        url.strip_prefix("https://lssc.example.org").expect("the server's own address").to_owned()
    }
}

/// The events of a calendar by their kind: what stands between the id and the `@` of their UID.
async fn days(reader: &Actor, path: &str) -> BTreeMap<String, IcalEvent> {
    let answer = reader.get(path).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let text = answer.body();
    assert!(
        !text.contains("METHOD") && text.contains("PRODID:-//LSSC//Deadlines//EN\r\n"),
        "{text}"
    );
    let events = read(&text).events;
    let kind = |event: &IcalEvent| {
        let uid = property(event, "UID").strip_suffix("@deadlines.lssc").expect("a UID").to_owned();
        uid.split_once('-').expect("an id and a kind").1.to_owned()
    };
    let count = events.len();
    let days: BTreeMap<_, _> = events.into_iter().map(|event| (kind(&event), event)).collect();
    assert_eq!(days.len(), count, "every event has a UID of its own");
    days
}

/// Day, status and sequence of an event.
fn told(event: &IcalEvent) -> (&str, &str, &str) {
    (property(event, "DTSTART"), property(event, "STATUS"), property(event, "SEQUENCE"))
}

async fn certified(world: &World, name: &str) -> (Actor, Actor, Certified) {
    let (holder, staff) = (world.register(name).await, world.staff().await);
    let certified = staff.certifies(&holder, "2026-03-01").await;
    (holder, staff, certified)
}

each_world! {
    async fn a_feed_shows_every_day_and_moves_it_under_one_uid(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let candidacy = staff.admits(&ada).await;
        let feed = ada.subscribes().await;
        let reader = world.anyone();
        let before = days(&reader, &feed).await;
        assert_eq!(before.keys().collect::<Vec<_>>(), ["account_ends", "candidacy_deadline"]);
        let deadline = &before["candidacy_deadline"];
        assert_eq!(told(deadline), ("20300301", "CONFIRMED", "0"));
        let start = deadline.properties.iter().find(|one| one.name == "DTSTART").unwrap();
        assert_eq!(start.params, Some(vec![("VALUE".to_owned(), vec!["DATE".to_owned()])]));
        assert_eq!(property(deadline, "DTEND"), "20300302", "it ends after it begins");
        assert_eq!(property(deadline, "LAST-MODIFIED"), "20260301T120000Z");
        world.travel_to("2026-06-01");
        let longer = json!({"days": 30, "reason": "Illness"});
        staff.post(&format!("/v1/candidacies/{candidacy}/extend"), longer).await.expect(200);
        let after = days(&reader, &feed).await;
        let moved = &after["candidacy_deadline"];
        assert_eq!(told(moved), ("20300331", "CONFIRMED", "1"));
        assert_eq!(property(moved, "UID"), property(deadline, "UID"));
        assert_eq!(property(moved, "LAST-MODIFIED"), "20260601T180000Z");
        let leave = json!({"reason": "Leave"});
        staff.post(&format!("/v1/candidacies/{candidacy}/hold"), leave).await.expect(200);
        let held = days(&reader, &feed).await;
        assert_eq!(told(&held["candidacy_deadline"]), ("20300331", "TENTATIVE", "2"));
        staff.post(&format!("/v1/candidacies/{candidacy}/withdraw"), json!({})).await.expect(200);
        assert_eq!(told(&days(&reader, &feed).await["candidacy_deadline"]).1, "CANCELLED");
    }

    async fn a_certification_adds_its_renewal_and_completes_the_candidacy(world) {
        let (ada, staff, certified) = certified(world, "Ada").await;
        let feed = ada.subscribes().await;
        let held = days(&world.anyone(), &feed).await;
        for (kind, day, status) in [
            ("candidacy_deadline", "20300301", "CANCELLED"), ("renewal_opens", "20290301", "CONFIRMED"),
            ("expiry", "20300301", "CONFIRMED"), ("grace_ends", "20300501", "CONFIRMED"), ("account_ends", "20300301", "CONFIRMED"),
        ] {
            assert_eq!((told(&held[kind]).0, told(&held[kind]).1), (day, status), "{kind}");
        }
        assert_eq!(property(&held["expiry"], "SUMMARY"), format!("Certification {} expires", certified.number));
        let own = format!("/v1/candidacies/{}/deadlines.ics", certified.candidacy);
        for who in [&ada, &staff] {
            let file = who.get(&own).await.expect(200);
            assert!(file.header("content-disposition").starts_with("attachment; "));
            let kinds: Vec<_> = days(who, &own).await.into_keys().collect();
            assert_eq!(kinds, ["candidacy_deadline", "expiry", "grace_ends", "renewal_opens"]);
        }
        let bob = world.register("Bob").await;
        bob.get(&own).await.refused(404, "not-found");
        world.anyone().get(&own).await.refused(401, "unauthenticated");
    }

    async fn an_address_is_void_once_it_is_replaced_or_ended(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        let own = format!("/v1/people/{}/calendar-feed", ada.id);
        ada.get(&own).await.refused(404, "not-found");
        let first = ada.subscribes().await;
        let second = ada.subscribes().await;
        assert_ne!(first, second);
        world.anyone().get(&first).await.refused(404, "not-found");
        let answer = world.anyone().get(&second).await.expect(200);
        assert!(read(&answer.body()).events.is_empty());
        let again = world.anyone().request(Method::GET, &second).header("If-None-Match", answer.etag());
        send(again).await.expect(304);
        // The token opens the feed of its owner and no other's, and is no access token.
        let token = second.split_once("token=").unwrap().1;
        assert!(token.starts_with("lssc_cal_") && token.len() > 50);
        let others = second.replace(&ada.id, &bob.id);
        world.anyone().get(&others).await.refused(404, "not-found");
        ada.with_token(token, "").get("/v1/me").await.refused(401, "invalid-token");
        let longer = format!("{second}x");
        world.anyone().get(&longer).await.refused(404, "not-found");
        let bare = format!("/v1/people/{}/deadlines.ics", ada.id);
        world.anyone().get(&bare).await.refused(400, "invalid-query");
        // Nothing of the token is stored or told.
        let told = world.db().lines("SELECT CAST(data AS TEXT) AS line FROM events");
        assert!(told.iter().all(|line| !line.contains("lssc_cal_")));
        bob.post_empty(&own).await.refused(404, "not-found");
        staff.post_empty(&own).await.refused(403, "forbidden");
        let feed = staff.get(&own).await.expect(200);
        bob.delete(&own, &feed.etag()).await.refused(404, "not-found");
        ada.delete(&own, "\"v1\"").await.refused(412, "stale");
        ada.delete(&own, &feed.etag()).await.expect(204);
        world.anyone().get(&second).await.refused(404, "not-found");
        ada.delete(&own, &feed.etag()).await.refused(404, "not-found");
        let third = ada.subscribes().await;
        world.anyone().get(&third).await.expect(200);
        ada.delete(&own, &feed.etag()).await.refused(412, "stale");
        let happened = world.happened_to(&ada.id);
        let of_feeds: Vec<_> = happened.iter().filter(|one| one.starts_with("calendar_feed")).collect();
        assert_eq!(of_feeds, ["calendar_feed.made", "calendar_feed.made", "calendar_feed.ended", "calendar_feed.made"]);
    }
}
