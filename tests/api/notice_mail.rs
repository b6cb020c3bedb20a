//! The texts of notices, who wants what by mail, the one click that stops them, and mails that came back.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;

use crate::support::{
    actor::{Actor, Answer, send},
    mails::{CONFIRM, RESET, mails_to, token_of},
    world::{World, each_world},
};

const ADA: &str = "ada@example.org";

/// The notices of a person of a kind, once `count` of them are settled: state or reason.
async fn fate(
    world: &World,
    office: &Actor,
    person: &Actor,
    (kind, count): (&str, usize),
) -> Vec<String> {
    let path = format!("/v1/notices?person_id={}&kind={kind}", person.id);
    for _ in 0..1000 {
        let list = office.get(&path).await.expect(200);
        let items = list["items"].as_array().unwrap();
        if items.len() >= count && items.iter().all(|one| one["state"] != "due") {
            let became = |one: &serde_json::Value| {
                one["reason"].as_str().or(one["state"].as_str()).unwrap().to_owned()
            };
            return items.iter().map(became).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{kind} was not settled: {:?}", world.mails());
}

/// Somebody with an invoice that is told of.
async fn invoiced(world: &World) -> (Actor, Actor) {
    let (office, ada) = (world.staff().await, world.register("Ada").await);
    ada.applies().await;
    world
        .until("the invoice is told", || {
            !mails_to(world, ADA, "Your invoice LSSC-2026-000001").is_empty()
        })
        .await;
    (office, ada)
}

/// The address in a header of a mail.
fn link(mail: &str) -> String {
    let line =
        mail.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).expect("a header");
    let address = line.trim_end().strip_suffix('>').expect("an address");
    address.strip_prefix("https://lssc.example.org").expect("ours").to_owned()
}

async fn clicks(who: &Actor, path: &str, media: &str, body: &'static str) -> Answer {
    send(who.request(Method::POST, path).header(CONTENT_TYPE, media).body(body)).await
}

const FORM: &str = "application/x-www-form-urlencoded";

each_world! {
    async fn one_click_stops_mails_of_a_kind_and_the_person_brings_them_back(world) {
        let (office, ada) = invoiced(world).await;
        let mail = mails_to(world, ADA, "Your invoice LSSC-2026-000001").remove(0);
        assert!(mail.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{mail}");
        assert!(mail.contains("\r\nAuto-Submitted: auto-generated\r\n"));
        let (path, anyone) = (link(&mail), world.anyone());
        let seen = anyone.get(&path).await.expect(200);
        assert_eq!((&seen["kind"], &seen["by_mail"]), (&json!("invoice_issued"), &json!(true)), "looking stops nothing");
        clicks(&anyone, &path, FORM, "List-Unsubscribe=No").await.faulty("#/List-Unsubscribe", "required");
        clicks(&anyone, &path, "text/plain", "List-Unsubscribe=One-Click").await.refused(415, "unsupported-media-type");
        let forged = format!("{}x", &path[..path.len() - 1]);
        clicks(&anyone, &forged, FORM, "List-Unsubscribe=One-Click").await.refused(404, "not-found");
        assert_eq!(world.count("notice_preferences.unsubscribed"), 0);
        for _ in 0..2 {
            let stopped = clicks(&anyone, &path, FORM, "List-Unsubscribe=One-Click").await.expect(200);
            assert_eq!(stopped["by_mail"], false);
        }
        let part = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
        clicks(&anyone, &path, "multipart/form-data; boundary=x", part).await.expect(200);
        assert_eq!(world.count("notice_preferences.unsubscribed"), 1, "once");

        let preferences = format!("/v1/people/{}/notice-preferences", ada.id);
        let chosen = ada.get(&preferences).await.expect(200);
        let kinds = chosen["kinds"].as_array().unwrap();
        let stopped: Vec<_> = kinds.iter().filter(|one| one["by_mail"] == false).map(|one| &one["kind"]).collect();
        assert_eq!(stopped, ["invoice_issued"]);
        let issues = async || {
            let body = json!({"person_id": ada.id, "items": [{"code": "portfolio"}]});
            office.post("/v1/invoices", body).await.expect(201);
        };
        issues().await;
        assert_eq!(fate(world, &office, &ada, ("invoice_issued", 2)).await, ["sent", "muted"]);
        let put = async |who: &Actor, etag: &str, muted: serde_json::Value| {
            let request = who.request(Method::PUT, &preferences).header("If-Match", etag);
            send(request.json(&json!({"muted": muted}))).await
        };
        put(&ada, "\"v0\"", json!([])).await.refused(412, "stale");
        put(&ada, &chosen.etag(), json!(["application_refused"])).await.faulty("#/muted/0", "mandatory");
        put(&world.register("Bob").await, "*", json!([])).await.refused(404, "not-found");
        let all = put(&ada, &chosen.etag(), json!([])).await.expect(200);
        assert_eq!(all["version"], 2);
        issues().await;
        world.until("she is told again", || !mails_to(world, ADA, "Your invoice LSSC-2026-000003").is_empty()).await;
        assert!(mails_to(world, ADA, "Your invoice LSSC-2026-000002").is_empty());
    }

    async fn decisions_are_mailed_without_a_link_that_stops_them(world) {
        let (office, ada) = (world.staff().await, world.register("Ada").await);
        let application = ada.applies().await;
        office.reviews(&application.id()).await;
        office.decides(&application.id(), "refuse", json!({"reason": "Too few hours."})).await.expect(200);
        let mail = || mails_to(world, ADA, "Your application was decided");
        world.until("she is told", || mail().len() == 1).await;
        assert!(!mail()[0].contains("List-Unsubscribe") && !mail()[0].contains("/v1/unsubscribes/"));
    }

    async fn a_text_is_written_anew_in_versions(world) {
        let (office, ada) = (world.staff().await, world.register("Ada").await);
        let path = "/v1/notice-templates/invoice_issued";
        let first = office.get(path).await.expect(200);
        assert_eq!((&first["version"], &first["mandatory"]), (&json!(1), &json!(false)));
        assert!(first["placeholders"].as_array().unwrap().contains(&json!("total")));
        let text = json!({"subject": "To pay: {number}", "body": "{name} owes {total}."});
        let preview = office.post_bare(&format!("{path}/preview"), text.clone()).await.expect(200);
        assert_eq!((&preview["subject"], &preview["body"]), (&json!("To pay: LSSC-2026-000001"), &json!("Ada Brook owes $350.\n")));
        let put = async |who: &Actor, etag: Option<&str>, body: &serde_json::Value| {
            let request = who.request(Method::PUT, path).json(body);
            send(match etag { Some(etag) => request.header("If-Match", etag), None => request }).await
        };
        let wrong = json!({"subject": "To pay: {number", "body": "{name} owes {total}."});
        put(&office, Some(&first.etag()), &wrong).await.faulty("#/subject", "unbalanced");
        let wrong = json!({"subject": "To pay: {number}", "body": "{nobody} owes {total}."});
        put(&office, Some(&first.etag()), &wrong).await.faulty("#/body", "unknown_placeholder");
        put(&office, None, &text).await.refused(428, "precondition-required");
        put(&ada, Some(&first.etag()), &text).await.refused(403, "forbidden");
        let second = put(&office, Some(&first.etag()), &text).await.expect(200);
        assert_eq!(second["version"], 2);
        put(&office, Some(&first.etag()), &text).await.refused(412, "stale");
        assert_eq!(office.get(&format!("{path}?version=1")).await.expect(200)["subject"], first["subject"]);
        office.get(&format!("{path}?version=3")).await.refused(404, "not-found");
        office.get("/v1/notice-templates/weather").await.refused(404, "not-found");
        assert_eq!(world.happened_to("notice_template:lssc:invoice_issued"), ["notice_template.revised"]);
        let all = office.get("/v1/notice-templates").await.expect(200);
        assert!(all["items"].as_array().unwrap().len() > 15);
        ada.applies().await;
        world.until("the new text is used", || !mails_to(world, ADA, "To pay: LSSC-2026-000001").is_empty()).await;
        // The mail is on its way before it is noted that it was sent.
        let sent = "SELECT kind AS line FROM notices WHERE kind = 'invoice_issued' AND state = 'sent'";
        world.until("it is noted", || !world.db().lines(sent).is_empty()).await;
        let told = office.get("/v1/notices?kind=invoice_issued").await.expect(200);
        assert_eq!(told["items"][0]["template_version"], 2);
    }

    async fn nothing_goes_to_an_address_from_which_a_mail_came_back(world) {
        let (office, ada) = invoiced(world).await;
        let admin = world.admin().await;
        let partner = world.partner(&admin, &["bounces:write"]).await;
        let told = office.get("/v1/notices?kind=invoice_issued").await.expect(200);
        let notice = told["items"][0]["id"].as_str().unwrap().to_owned();
        let soft = json!({"address": ADA, "sort": "soft", "detail": "The mailbox is full."});
        partner.post("/v1/bounces", soft).await.expect(201);
        let issues = async || {
            let body = json!({"person_id": ada.id, "items": [{"code": "portfolio"}]});
            office.post("/v1/invoices", body).await.expect(201);
        };
        issues().await;
        assert_eq!(fate(world, &office, &ada, ("invoice_issued", 2)).await, ["sent", "sent"], "for now only");
        partner.post("/v1/bounces", json!({"sort": "hard"})).await.faulty("#/notice_id", "required");
        let hard = json!({"notice_id": notice, "sort": "hard", "detail": "550 5.1.1 no such user"});
        let bounce = partner.post("/v1/bounces", hard.clone()).await.expect(201);
        assert_eq!((&bounce["state"], &bounce["person_id"], &bounce["address"]), (&json!("standing"), &json!(ada.id), &json!(ADA)));
        let again = partner.post("/v1/bounces", hard.clone()).await.expect(200);
        assert_eq!(again.id(), bounce.id());
        issues().await;
        assert_eq!(fate(world, &office, &ada, ("invoice_issued", 3)).await, ["sent", "sent", "undeliverable"]);
        let preferences = format!("/v1/people/{}/notice-preferences", ada.id);
        assert_eq!(ada.get(&preferences).await.expect(200)["undeliverable"], json!([ADA]));
        let standing = office.get("/v1/bounces?state=standing").await.expect(200);
        assert_eq!(standing["items"].as_array().unwrap().len(), 1);
        ada.get(&format!("/v1/bounces/{}", bounce.id())).await.refused(404, "not-found");
        let lift = format!("/v1/bounces/{}/lift", bounce.id());
        office.post_bare(&lift, json!({"reason": "It was another Ada."})).await.refused(400, "idempotency-key-required");
        let lifted = office.post(&lift, json!({"reason": "It was another Ada."})).await.expect(200);
        assert_eq!(lifted["state"], "lifted");
        office.post(&lift, json!({"reason": "Again."})).await.refused(409, "state-conflict").unmet(&["bounce.state"]);
        issues().await;
        assert_eq!(fate(world, &office, &ada, ("invoice_issued", 4)).await, ["sent", "sent", "undeliverable", "sent"]);
        assert_eq!(world.happened_to(&bounce.id()), ["bounce.recorded", "bounce.lifted"]);
        office.post("/v1/bounces", hard).await.expect(201);
    }
    async fn control_of_an_address_is_shown_anew_after_a_mail_came_back(world) {
        let (office, ada) = (world.staff().await, world.register("Ada").await);
        let first = token_of(world, ADA, CONFIRM, 1).await;
        let confirms = async |token: &str| world.anyone().post_bare("/v1/email-verifications", json!({"token": token})).await;
        confirms(&first).await.expect(204);
        let email = ada.get("/v1/me").await.expect(200)["emails"][0]["id"].as_str().unwrap().to_owned();
        let again = format!("/v1/people/{}/emails/{email}/verification", ada.id);
        ada.post_empty(&again).await.refused(409, "state-conflict");
        let bounce = office.post("/v1/bounces", json!({"address": ADA, "sort": "hard"})).await.expect(201);
        confirms(&first).await.faulty("#/token", "void");
        world.anyone().post_bare("/v1/password-resets", json!({"email": ADA})).await.expect(202);
        office.post_empty(&again).await.refused(403, "forbidden");
        ada.post_empty(&again).await.expect(202);
        ada.post_empty(&again).await.refused(409, "state-conflict");
        let second = token_of(world, ADA, CONFIRM, 2).await;
        assert!(mails_to(world, ADA, RESET).is_empty(), "nothing but that mail");
        confirms(&second).await.expect(204);
        confirms(&second).await.faulty("#/token", "void");
        assert_eq!(office.get(&format!("/v1/bounces/{}", bounce.id())).await.expect(200)["state"], "lifted");
        confirms(&first).await.expect(204);
    }
}
