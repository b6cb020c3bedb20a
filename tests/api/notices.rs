//! Notices of dates that come nearer and of what happened: each once, on its day, never when it is untrue.

use api::flows::notice::dates::look;
use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    mails::mails_to,
    race::CONTENDERS,
    renewals::{EXPIRES, GRACE_ENDS, OPENS},
    story::Certified,
    world::{World, each_world},
};

const ADA: &str = "ada@example.org";

/// The notices of a person that a query narrows, as `kind` or `kind months`, in the order in which they were made.
async fn told(office: &Actor, person: &Actor, query: &str) -> Vec<String> {
    let path = format!("/v1/notices?limit=200&person_id={}{query}", person.id);
    let list = office.get(&path).await.expect(200);
    let word = |one: &Value| match one["months"].as_i64().unwrap() {
        0 => one["kind"].as_str().unwrap().to_owned(),
        months => format!("{} {months}", one["kind"].as_str().unwrap()),
    };
    list["items"].as_array().unwrap().iter().map(word).collect()
}

/// Nothing waits for its position, and no notice for its mail.
async fn settled(world: &World) {
    world
        .until("every notice is settled", || {
            let open = "SELECT id AS line FROM events WHERE position IS NULL \
                 UNION ALL SELECT id AS line FROM notices WHERE state = 'due'";
            let open = if world.db().is_postgres() {
                open.replace("SELECT id", "SELECT id::text")
            } else {
                open.to_owned()
            };
            world.db().lines(&open).is_empty()
        })
        .await;
}

/// The day comes, and everything that is due on it is dealt with.
async fn comes(world: &World, date: &str) {
    world.travel_to(date);
    world.look_at_dates().await;
    settled(world).await;
}

async fn certified(world: &World) -> (Actor, Actor, Certified) {
    let (office, ada) = (world.staff().await, world.register("Ada").await);
    let held = office.certifies(&ada, "2026-03-01").await;
    (office, ada, held)
}

each_world! {
    async fn a_term_is_told_of_once_on_each_of_its_days(world) {
        let (office, ada, held) = certified(world).await;
        settled(world).await;
        let dated = ["renewal_opens", "expiry_ahead 6", "expiry_ahead 3", "expiry_ahead 1", "expiry", "grace_end"];
        let days = [("2029-02-28", "2029-03-01"), ("2029-08-31", "2029-09-01"), ("2029-11-30", "2029-12-01"),
            ("2030-01-31", "2030-02-01"), ("2030-02-28", "2030-03-01"), ("2030-04-30", "2030-05-01")];
        let since = "&due_from=2029-01-01";
        for (count, (before, on)) in days.into_iter().enumerate() {
            comes(world, before).await;
            assert_eq!(told(&office, &ada, since).await, dated[..count], "the day before");
            comes(world, on).await;
            world.look_at_dates().await;
            settled(world).await;
            assert_eq!(told(&office, &ada, since).await, dated[..=count], "on the day, once");
        }
        comes(world, "2030-05-20").await;
        assert_eq!(told(&office, &ada, &format!("{since}&state=sent")).await, dated);
        let mail = mails_to(world, ADA, "Your certification ends in 6 months");
        assert_eq!(mail.len(), 1);
        assert!(mail[0].contains(&held.number) && mail[0].contains("2030-03-01"), "{}", mail[0]);
        assert_eq!(mails_to(world, ADA, "Your certification's term ends").len(), 1);
        let one = office.get(&format!("/v1/notices?person_id={}&kind=grace_end", ada.id)).await.expect(200);
        let notice = ada.get(&format!("/v1/notices/{}", one["items"][0]["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((&notice["subject"], &notice["fact_on"], &notice["due_on"]),
            (&json!(held.certification), &json!("2030-03-01"), &json!("2030-05-01")));
        assert_eq!((&notice["state"], &notice["template_version"], &notice["actions"]), (&json!("sent"), &json!(1), &json!([])));
        // At one instant: the log knows their order by position, not by the clock.
        let mut happened = world.happened_to(&notice.id());
        happened.sort();
        assert_eq!(happened, ["notice.due", "notice.sent"]);
        let bob = world.register("Bob").await;
        bob.get(&format!("/v1/notices/{}", notice.id())).await.refused(404, "not-found");
        assert_eq!(bob.get("/v1/notices").await.expect(200)["items"], json!([]));
    }

    async fn who_was_not_told_in_time_is_told_of_the_last_rung_only(world) {
        let (office, ada, _) = certified(world).await;
        comes(world, "2029-12-24").await;
        assert_eq!(told(&office, &ada, "&due_from=2029-01-01").await, ["expiry_ahead 3"]);
        // Long after the grace period nobody is told that it ends.
        comes(world, "2031-01-01").await;
        assert_eq!(told(&office, &ada, "&due_from=2029-01-01").await, ["expiry_ahead 3"]);
    }

    async fn a_deadline_that_moved_is_told_of_anew(world) {
        let (office, ada) = (world.staff().await, world.register("Ada").await);
        let candidacy = office.admits(&ada).await;
        comes(world, "2029-03-01").await;
        let since = "&kind=candidacy_deadline";
        assert_eq!(told(&office, &ada, since).await, ["candidacy_deadline 12"]);
        let path = format!("/v1/candidacies/{candidacy}");
        office.post(&format!("{path}/hold"), json!({"reason": "Family leave."})).await.expect(200);
        comes(world, "2029-12-15").await;
        assert_eq!(told(&office, &ada, since).await.len(), 1, "nothing while it is on hold");
        office.post_empty(&format!("{path}/resume")).await.expect(200);
        let deadline = ada.progress(&candidacy).await.text("deadline");
        assert_eq!(deadline, "2030-12-15");
        comes(world, "2029-12-16").await;
        assert_eq!(told(&office, &ada, since).await, ["candidacy_deadline 12", "candidacy_deadline 12"]);
        let mail = mails_to(world, ADA, "12 months left for your candidacy");
        assert!(mail.len() == 2 && mail[1].contains(&deadline), "{mail:?}");
        office.post(&format!("{path}/extend"), json!({"days": 365, "reason": "Illness."})).await.expect(200);
        comes(world, "2030-06-15").await;
        assert_eq!(told(&office, &ada, since).await.len(), 2, "six months before the old deadline");
        office.post(&format!("{path}/withdraw"), json!({"reason": "Moved."})).await.expect(200);
        comes(world, "2031-06-16").await;
        assert_eq!(told(&office, &ada, since).await.len(), 2, "who left is told nothing");
    }

    async fn who_renewed_is_told_so_and_not_that_the_old_term_ends(world) {
        let holder = world.holder().await;
        comes(world, OPENS).await;
        let since = "&due_from=2029-01-01";
        world.travel_to("2029-03-02");
        let used = holder.logs_enough("2028-01-01").await;
        holder.renews(&used).await.expect(201);
        for day in ["2029-09-01", EXPIRES, GRACE_ENDS] {
            comes(world, day).await;
        }
        assert_eq!(told(&holder.staff, &holder.ada, since).await, ["renewal_opens", "renewal_granted"]);
        let mail = mails_to(world, ADA, "Your certification is renewed");
        assert!(mail.len() == 1 && mail[0].contains("2034-03-01"), "{mail:?}");
        comes(world, "2033-09-01").await;
        assert_eq!(told(&holder.staff, &holder.ada, "&due_from=2031-01-01").await, ["expiry_ahead 6"]);
    }

    async fn who_is_suspended_is_not_told_that_renewal_opens_and_who_is_revoked_is_told_nothing_more(world) {
        let holder = world.holder().await;
        let acts = |act: &'static str, body: Value| {
            let path = format!("/v1/certifications/{}/{act}", holder.held.certification);
            let office = holder.staff.clone();
            async move { office.post(&path, body).await.expect(200) }
        };
        let why = || json!({"reason_code": "under_investigation", "public_text": "A complaint is being looked into."});
        let told = async || told(&holder.staff, &holder.ada, "&due_from=2029-01-01").await;
        comes(world, "2029-02-01").await;
        acts("suspend", why()).await;
        comes(world, OPENS).await;
        assert_eq!(told().await, ["certification_suspended"]);
        comes(world, "2029-04-01").await;
        acts("reinstate", json!({"reason": "Cleared."})).await;
        comes(world, "2029-04-02").await;
        assert_eq!(told().await, ["certification_suspended", "certification_reinstated", "renewal_opens"]);
        // The end of the term comes all the same.
        acts("suspend", why()).await;
        comes(world, "2029-09-01").await;
        assert_eq!(told().await[3..], ["certification_suspended", "expiry_ahead 6"]);
        acts("revoke", why()).await;
        for day in ["2029-12-01", EXPIRES, GRACE_ENDS] {
            comes(world, day).await;
        }
        assert_eq!(told().await[5..], ["certification_revoked"]);
    }

    async fn who_retired_or_died_is_not_written_to(world) {
        let (office, ada) = (world.staff().await, world.register("Ada").await);
        let bob = world.register("Bob").await;
        for one in [&ada, &bob] {
            office.certifies(one, "2026-03-01").await;
        }
        comes(world, "2029-02-01").await;
        let before = world.mails().len();
        office.post(&format!("/v1/people/{}/retire", ada.id), json!({})).await.expect(200);
        let died = json!({"deceased_on": "2029-01-20"});
        office.post(&format!("/v1/people/{}/deceased", bob.id), died).await.expect(200);
        for day in [OPENS, "2029-09-01", EXPIRES, GRACE_ENDS] {
            comes(world, day).await;
        }
        for one in [&ada, &bob] {
            assert_eq!(told(&office, one, "&due_from=2029-01-01&state=sent").await, [""; 0]);
        }
        assert_eq!(world.mails().len(), before);
    }

    async fn what_happened_is_told_once_and_not_when_it_is_undone(world) {
        let (office, ada) = (world.staff().await, world.register("Ada").await);
        let application = ada.applies().await;
        world.until("the invoice is told", || world.count("notice.sent") == 1).await;
        assert_eq!(told(&office, &ada, "").await, ["invoice_issued"]);
        office.reviews(&application.id()).await;
        let asked = json!({"message": "Please add a letter of your library."});
        office.decides(&application.id(), "request-information", asked).await.expect(200);
        let mail = || mails_to(world, ADA, "Information on your application");
        world.until("Ada is asked", || mail().len() == 1).await;
        assert!(mail()[0].contains("a letter of your library"));
        ada.acts_on(&application.id(), "submit").await.expect(200);
        office.decides(&application.id(), "refuse", json!({"reason": "Too few hours."})).await.expect(200);
        let mail = || mails_to(world, ADA, "Your application was decided");
        world.until("Ada is told", || mail().len() == 1).await;
        assert!(mail()[0].contains("Too few hours."));
        settled(world).await;
        let all = ["invoice_issued", "information_requested", "application_refused"];
        assert_eq!(told(&office, &ada, "").await, all);
        assert_eq!((world.count("notice.due"), world.count("notice.sent")), (3, 3));
    }
}

each_world! {
    /// Sixteen look through the dates at once, again and again, as servers do.
    async fn who_looks_at_once_with_others_tells_nobody_twice(world) {
        let office = world.staff().await;
        for number in 0..5 {
            let person = world.register(&format!("Candidate {number}")).await;
            office.admits(&person).await;
        }
        world.travel_to("2029-09-01");
        let mut done = 0;
        while done < CONTENDERS {
            let mut contenders = tokio::task::JoinSet::new();
            for number in 0..CONTENDERS {
                let app = world.app().clone();
                contenders.spawn(async move { look(&app, &format!("server {number}")).await });
            }
            let looks = contenders.join_all().await.into_iter().map(|look| look.expect("a look"));
            done = looks.filter(|look| !look.other).count();
            // A lease ends.
            world.advance(chrono::TimeDelta::minutes(1));
        }
        settled(world).await;
        let facts = world.db().lines("SELECT kind || ' ' || months AS line FROM notices WHERE kind = 'candidacy_deadline'");
        assert_eq!(facts, ["candidacy_deadline 6"; 5]);
        let mails = world.mails().iter().filter(|mail| mail.contains("6 months left for your candidacy")).count();
        assert_eq!(mails, 5);
    }
}
