//! Portfolios: written, looked at before submission, paid, submitted, completed, withdrawn.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    actor::send,
    portfolios::{COMPETENCIES, SET, competency, everything, sha256, shown},
    race::{CONTENDERS, contend, one_winner},
    world::{each, each_world},
};

each_world! {
    async fn a_draft_says_competency_by_competency_what_is_missing(world) {
        let cast = world.writers().await;
        let draft = cast.ada.begins(&cast.candidacy, SET).await.expect(201);
        assert_eq!((&draft["state"], &draft["round"], &draft["attempt_count"]), (&json!("draft"), &json!(1), &json!(0)));
        assert_eq!(draft.header("location"), format!("/v1/portfolios/{}", draft.id()));
        let lines = draft["competencies"].as_array().unwrap();
        assert_eq!(lines.len(), usize::from(COMPETENCIES));
        assert!(lines.iter().all(|one| one["complete"] == false && one["open"] == true && !one["text"].as_str().unwrap().is_empty()));
        let missing = |answer: &Value| {
            let findings = answer["completeness"].as_array().unwrap().clone();
            findings.into_iter().filter(|one| one["satisfied"] == false).map(|one| one["actual"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(missing(&draft.json).len(), usize::from(COMPETENCIES) + 2);
        assert!(!draft.allows("submit_portfolio"));
        let file = cast.ada.shows("shelf.mp4", "video/mp4", b"\0\0\0\x18ftypmp42").await;
        // A narrative, a link or a file: each alone is enough.
        let change = json!({"introduction": "I catalog.", "responses": [shown(1, "I did it."),
            {"competency": competency(2), "links": ["https://library.example.org/records"]},
            {"competency": competency(3), "attachment_ids": [file]}]});
        let draft = cast.ada.rewrites(&draft, change).await.expect(200);
        let left: Vec<_> = (4..=COMPETENCIES).map(|one| format!("{}: missing", competency(one))).collect();
        assert_eq!(missing(&draft.json), [vec!["missing".to_owned()], left].concat());
        assert_eq!(draft["competencies"][2]["response"]["attachment_ids"], json!([file]));
        // What is named is replaced, what is not stays, and nothing at all takes a response back.
        let change = json!({"responses": [{"competency": competency(1)}, shown(2, "In words.")]});
        let draft = cast.ada.rewrites(&draft, change).await.expect(200);
        assert_eq!(draft["competencies"][0]["response"], json!(null));
        assert_eq!(draft["competencies"][1]["response"]["links"], json!([]));
        assert_eq!(draft["competencies"][2]["complete"], true);
        assert_eq!(draft["introduction"], "I catalog.");
        let whole = cast.ada.rewrites(&draft, everything()).await.expect(200);
        assert_eq!(missing(&whole.json), Vec::<String>::new());
        assert_eq!(world.count("portfolio.updated"), 3);
        let read = cast.ada.portfolio(&draft.id()).await;
        assert_eq!(read.json, whole.json);
    }

    async fn two_windows_do_not_overwrite_each_other(world) {
        let cast = world.writers().await;
        let draft = cast.draft().await;
        let path = format!("/v1/portfolios/{}", draft.id());
        let unseen = cast.ada.request(reqwest::Method::PATCH, &path).json(&json!({"introduction": "Blind."}));
        crate::support::actor::send(unseen).await.refused(428, "precondition-required");
        cast.ada.rewrites(&draft, json!({"introduction": "The first window."})).await.expect(200);
        cast.ada.rewrites(&draft, json!({"introduction": "The second window."})).await.refused(412, "stale");
        let answers = contend(|number| {
            let (ada, draft) = (cast.ada.clone(), path.clone());
            async move { ada.patch(&draft, "\"v2\"", json!({"introduction": format!("Window {number}.")})).await }
        }).await;
        let won: Vec<_> = answers.iter().filter(|one| one.status == 200).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().all(|one| matches!(one.status, 200 | 409 | 412)), "{:?}", answers.iter().map(|one| one.status).collect::<Vec<_>>());
        assert_eq!(cast.ada.portfolio(&draft.id()).await["introduction"], won[0]["introduction"]);
        assert_eq!(world.count("portfolio.updated"), 2);
    }

    async fn what_cannot_be_in_a_portfolio_is_refused(world) {
        let cast = world.writers().await;
        let bob = world.register("Bob").await;
        let theirs = bob.shows("mine.zip", "application/zip", b"PK\x03\x04").await;
        let transcript = "purpose=transcript&file_name=t.txt";
        let transcript = cast.ada.uploads(transcript, "text/plain", b"A, A, B").await.expect(201).id();
        let draft = cast.draft().await;
        let with = |field: &str, value: Value| {
            let mut response = shown(1, "I did it.");
            response[field] = value;
            json!({"responses": [shown(2, "Before it."), response]})
        };
        let at = |rest: &str| format!("#/responses/1/{rest}");
        for (change, pointer, code) in [
            (with("competency", json!("FND-01")), at("competency"), "unknown"),
            (with("competency", json!(competency(2))), at("competency"), "duplicate"),
            (with("links", json!(["javascript:alert(1)"])), at("links/0"), "format"),
            (with("links", json!(["https://example.org", "ftp://example.org"])), at("links/1"), "format"),
            (with("links", json!(vec!["https://example.org"; 21])), at("links"), "length"),
            (with("narrative", json!("x".repeat(40_001))), at("narrative"), "length"),
            (with("narrative", json!("a\u{0}b")), at("narrative"), "format"),
            // Somebody else's file is no other than one that is not there.
            (with("attachment_ids", json!([theirs])), at("attachment_ids/0"), "unknown"),
            (with("attachment_ids", json!([format!("att_{:032x}", 1)])), at("attachment_ids/0"), "unknown"),
            (with("attachment_ids", json!([transcript])), at("attachment_ids/0"), "unknown"),
            (json!({"introduction": "x".repeat(40_001)}), "#/introduction".to_owned(), "length"),
        ] {
            cast.ada.rewrites(&draft, change.clone()).await.faulty(&pointer, code);
            let begins = json!({"candidacy_id": cast.candidacy, "set": "CAT", "content": change});
            let beneath = pointer.replace("#/", "#/content/");
            cast.ada.post("/v1/portfolios", begins).await.faulty(&beneath, code);
        }
        cast.ada.begins(&cast.candidacy, "XYZ").await.faulty("#/set", "unknown");
        assert_eq!((world.count("portfolio.updated"), world.count("portfolio.drafted")), (0, 1));
    }

    async fn a_portfolio_is_its_candidates_own(world) {
        let cast = world.writers().await;
        let submitted = cast.submitted().await;
        let path = format!("/v1/portfolios/{}", submitted.id());
        let (bob, eve) = (world.register("Bob").await, world.evaluator().await);
        for other in [&bob, &eve] {
            for rest in ["", "/attempts", "/attempts/1", "/events"] {
                other.get(&format!("{path}{rest}")).await.refused(404, "not-found");
            }
            for act in ["pre-review", "invoice", "submit"] {
                other.does(&submitted, act).await.refused(404, "not-found");
            }
            other.withdraws(&submitted).await.refused(404, "not-found");
            other.patch(&path, &submitted.etag(), json!({"introduction": "Mine."})).await.refused(404, "not-found");
            other.begins(&cast.candidacy, "FND").await.refused(404, "not-found");
            assert_eq!(other.get("/v1/portfolios").await.expect(200)["items"], json!([]));
        }
        world.anyone().get(&path).await.refused(401, "unauthenticated");
        // The office reads everything and writes nothing of it; the history is for the office.
        cast.staff.begins(&cast.candidacy, "FND").await.refused(403, "forbidden");
        cast.staff.does(&submitted, "submit").await.refused(403, "forbidden");
        cast.ada.get(&format!("{path}/events")).await.refused(403, "forbidden");
        let told = cast.staff.get(&format!("{path}/events")).await.expect(200);
        assert_eq!(each(&told["items"], "type"), ["portfolio.drafted", "portfolio.invoiced", "portfolio.submitted"]);
        let found = world.auditor().await.get("/v1/portfolios?set=CAT&state=in_evaluation").await.expect(200);
        assert_eq!(each(&found["items"], "id"), [submitted.id()]);
        assert_eq!(cast.staff.get("/v1/portfolios?state=draft").await.expect(200)["items"], json!([]));
        assert_eq!(each(&cast.ada.get("/v1/portfolios").await.expect(200)["items"], "id"), [submitted.id()]);
        assert_eq!(cast.ada.get(&format!("/v1/portfolios?person_id={}", bob.id)).await.expect(200)["items"], json!([]));
        cast.ada.attempt(&submitted, 2).await.refused(404, "not-found");
    }

    async fn the_office_comments_before_submission_and_blocks_nothing(world) {
        let cast = world.writers().await;
        let draft = cast.draft().await;
        let asked = cast.ada.does(&draft, "pre-review").await.expect(200);
        assert_eq!((&asked["pre_review_waits"], &asked["pre_review"]["commented_on"]), (&json!(true), &json!(null)));
        cast.ada.does(&draft, "pre-review").await.refused(409, "state-conflict").unmet(&["portfolio.no_pre_review_waits"]);
        let queue = cast.staff.get("/v1/portfolios?pre_review_waits=true").await.expect(200);
        assert_eq!(each(&queue["items"], "id"), [draft.id()]);
        let comments = format!("/v1/portfolios/{}/comments", draft.id());
        let said = json!({"comments": [{"text": "Well begun."}, {"competency": competency(3), "text": "Name the records."}]});
        cast.ada.post(&comments, said.clone()).await.refused(403, "forbidden");
        cast.staff.post(&comments, json!({"comments": []})).await.faulty("#/comments", "required");
        let wrong = json!({"comments": [{"competency": "FND-01", "text": "Another set."}]});
        cast.staff.post(&comments, wrong).await.faulty("#/comments/0/competency", "unknown");
        cast.staff.post(&comments, said).await.expect(200);
        let read = cast.ada.portfolio(&draft.id()).await;
        assert_eq!(read["pre_review"]["comments"], json!(["Well begun."]));
        assert_eq!(read["competencies"][2]["pre_review_comments"], json!(["Name the records."]));
        assert_eq!(read["competencies"][0]["pre_review_comments"], json!([]));
        assert_eq!(read["pre_review_waits"], false);
        // Any number of times, and submission waits for none of them.
        cast.ada.does(&draft, "pre-review").await.expect(200);
        let billed = cast.ada.does(&draft, "invoice").await.expect(200);
        cast.staff.settles(&billed).await;
        cast.ada.does(&draft, "submit").await.expect(200);
        cast.ada.does(&draft, "pre-review").await.refused(409, "state-conflict");
        assert_eq!((world.count("portfolio.pre_review_requested"), world.count("portfolio.commented")), (2, 1));
    }

    async fn the_fee_is_paid_before_submission(world) {
        let cast = world.writers().await;
        let draft = cast.draft().await;
        cast.ada.does(&draft, "submit").await.refused(422, "rule-not-met").unmet(&["portfolio.fee"]);
        let bare = format!("/v1/portfolios/{}", draft.id());
        for act in ["invoice", "submit"] {
            cast.ada.post_bare(&format!("{bare}/{act}"), json!({})).await.refused(400, "idempotency-key-required");
        }
        let billed = cast.ada.does(&draft, "invoice").await.expect(200);
        let invoice = format!("/v1/invoices/{}", billed.text("invoice_id"));
        let owed = cast.ada.get(&invoice).await.expect(200);
        assert_eq!((&owed["lines"][0]["code"], &owed["total_cents"]), (&json!("portfolio"), &json!(6_000)));
        cast.ada.does(&draft, "invoice").await.refused(409, "state-conflict").unmet(&["portfolio.not_invoiced"]);
        cast.staff.records_payment(&billed.text("invoice_id"), 5_999).await.expect(201);
        cast.ada.does(&draft, "submit").await.refused(422, "rule-not-met").unmet(&["portfolio.fee"]);
        assert_eq!(cast.ada.portfolio(&draft.id()).await["fee"]["satisfied"], false);
        assert_eq!((world.count("portfolio.submitted"), world.count("assignment.assigned")), (0, 0));
        cast.staff.records_payment(&billed.text("invoice_id"), 1).await.expect(201);
        let paid = cast.ada.portfolio(&draft.id()).await;
        assert!(paid["fee"]["satisfied"] == true && paid.allows("submit_portfolio"));
        cast.ada.does(&draft, "submit").await.expect(200);
        cast.ada.does(&draft, "invoice").await.refused(409, "state-conflict");
        assert_eq!(world.count("portfolio.invoiced"), 1);
        cast.staff.finds_the_ledger_right().await;
    }

    async fn a_fee_that_was_voided_or_returned_can_be_invoiced_again(world) {
        let cast = world.writers().await;
        let draft = cast.draft().await;
        let first = cast.ada.does(&draft, "invoice").await.expect(200).text("invoice_id");
        cast.staff.voids(&first).await.expect(200);
        let read = cast.ada.portfolio(&draft.id()).await;
        assert!(read.allows("invoice_portfolio") && !read.allows("submit_portfolio"));
        let second = cast.ada.does(&draft, "invoice").await.expect(200).text("invoice_id");
        assert_ne!(first, second);
        let paid = cast.staff.records_payment(&second, 6_000).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        cast.staff.returns(&payment, None).await.expect(200);
        cast.ada.does(&draft, "submit").await.refused(422, "rule-not-met").unmet(&["portfolio.fee"]);
        let third = cast.ada.does(&draft, "invoice").await.expect(200);
        cast.staff.settles(&third).await;
        cast.ada.does(&draft, "submit").await.expect(200);
        assert_eq!(world.count("portfolio.invoiced"), 3);
        cast.staff.finds_the_ledger_right().await;
    }

    async fn a_submission_is_an_attempt_that_everybody_can_check(world) {
        let cast = world.writers().await;
        let draft = cast.paid().await;
        let first = cast.ada.shows("b.zip", "application/zip", b"PK\x03\x04two").await;
        let second = cast.ada.shows("a.txt", "text/plain", b"one").await;
        let change = json!({"responses": [{"competency": competency(4), "narrative": "\"Zoë\"\nsaid so.",
            "links": ["http://library.example.org/a?b=1&c=2"], "attachment_ids": [second, first]}]});
        let changed = cast.ada.rewrites(&draft, change).await.expect(200);
        let submitted = cast.ada.does(&changed, "submit").await.expect(200);
        assert_eq!((&submitted["state"], &submitted["attempt_count"]), (&json!("in_evaluation"), &json!(1)));
        assert_eq!(submitted["submitted_on"], "2026-03-01");
        let attempt = cast.ada.attempt(&submitted, 1).await.expect(200);
        assert_eq!(attempt["introduction"], changed["introduction"]);
        // Anybody makes the text of what they read, and the hash of the text.
        let mut responses = attempt["responses"].clone();
        for response in responses.as_array_mut().unwrap() {
            let fields = response.as_object_mut().unwrap();
            let files = fields.remove("attachment_ids").unwrap();
            fields.insert("attachments".to_owned(), files);
        }
        let files: Vec<_> = attempt["attachments"].as_array().unwrap().iter().map(|file| {
            json!({"file_name": file["file_name"], "id": file["id"], "media_type": file["media_type"], "sha256": file["sha256"], "size_bytes": file["size_bytes"]})
        }).collect();
        assert_eq!((&files[0]["sha256"], &files[1]["sha256"]), (&json!(sha256(b"PK\x03\x04two")), &json!(sha256(b"one"))));
        let whole = json!({"portfolio": submitted.id(), "person": cast.ada.id, "set": SET, "number": 1,
            "submitted_at": attempt["submitted_at"], "attachments": files, "content": {
            "introduction": attempt["introduction"], "learning_statement": attempt["learning_statement"],
            "responses": responses}});
        // The library of the tests sorts the names.
        assert_eq!(attempt.text("hashed"), whole.to_string());
        assert_eq!(attempt.text("content_hash"), sha256(attempt.text("hashed").as_bytes()));
        let listed = cast.ada.get(&format!("/v1/portfolios/{}/attempts", submitted.id())).await.expect(200);
        assert_eq!(each(&listed["items"], "content_hash"), [attempt.text("content_hash")]);
        // Nothing of it changes afterwards.
        cast.ada.rewrites(&submitted, json!({"introduction": "Later."})).await.refused(409, "state-conflict").unmet(&["portfolio.state"]);
        cast.ada.does(&submitted, "submit").await.refused(409, "state-conflict").unmet(&["portfolio.state"]);
        world.travel_to("2026-03-20");
        assert_eq!(cast.ada.attempt(&submitted, 1).await.expect(200).json, attempt.json);
        assert_eq!(world.count("portfolio.submitted"), 1);
    }

    async fn its_entity_tag_moves_with_what_is_shown_and_its_version_is_what_is_matched(world) {
        let cast = world.writers().await;
        let draft = cast.draft().await;
        let billed = cast.ada.does(&draft, "invoice").await.expect(200);
        let path = format!("/v1/portfolios/{}", draft.id());
        let again = |tag: String| send(cast.ada.request(Method::GET, &path).header("If-None-Match", tag));
        let kept = again(billed.etag()).await.expect(304);
        assert!(kept.bytes.is_empty());
        // The fee is paid: the portfolio is as it was, but not what is shown with it.
        cast.staff.settles(&billed).await;
        let paid = again(billed.etag()).await.expect(200);
        assert_ne!(paid.etag(), billed.etag());
        assert_eq!((&paid["version"], &paid["fee"]["satisfied"]), (&billed["version"], &json!(true)));
        let change = json!({"introduction": "I catalog."});
        for tag in [billed.etag(), format!("\"v{}\"", paid["version"])] {
            let now = cast.ada.portfolio(&draft.id()).await;
            let rewritten = cast.ada.patch(&path, &tag, change.clone()).await;
            if now["version"] == billed["version"] {
                rewritten.expect(200);
            } else {
                rewritten.refused(412, "stale");
            }
        }
    }

    async fn an_incomplete_portfolio_is_not_submitted(world) {
        let cast = world.writers().await;
        let draft = cast.paid().await;
        let change = json!({"learning_statement": "  ", "responses": [{"competency": competency(2)}, {"competency": competency(7), "narrative": "\n"}]});
        let draft = cast.ada.rewrites(&draft, change).await.expect(200);
        let refused = cast.ada.does(&draft, "submit").await.refused(422, "rule-not-met");
        let unmet = refused.unmet(&["portfolio.learning_statement", "portfolio.response", "portfolio.response"]);
        let told: Vec<_> = unmet["findings"].as_array().unwrap().iter().filter(|one| one["satisfied"] == false)
            .map(|one| one["actual"].as_str().unwrap().to_owned()).collect();
        assert_eq!(told, ["missing".to_owned(), format!("{}: missing", competency(2)), format!("{}: missing", competency(7))]);
        assert_eq!(cast.ada.get(&format!("/v1/portfolios/{}/attempts", draft.id())).await.expect(200)["items"], json!([]));
    }

    async fn one_portfolio_for_a_set_is_open_at_a_time(world) {
        let cast = world.writers().await;
        let answers = contend(|_| {
            let (ada, candidacy) = (cast.ada.clone(), cast.candidacy.clone());
            async move { ada.begins(&candidacy, SET).await }
        }).await;
        let draft = one_winner(answers, 201);
        cast.ada.begins(&cast.candidacy, SET).await.refused(409, "state-conflict").unmet(&["portfolio.one_open"]);
        cast.ada.begins(&cast.candidacy, "FND").await.expect(201);
        assert_eq!(world.count("portfolio.drafted"), 2);
        cast.ada.withdraws(&draft).await.expect(200);
        cast.ada.begins(&cast.candidacy, SET).await.expect(201);
    }

    async fn sixteen_submissions_make_one_attempt(world) {
        let cast = world.writers().await;
        let draft = cast.paid().await;
        let path = format!("/v1/portfolios/{}/submit", draft.id());
        let answers = contend(|_| {
            let (ada, path) = (cast.ada.clone(), path.clone());
            async move { ada.post_empty(&path).await }
        }).await;
        let submitted = one_winner(answers, 200);
        assert_eq!(submitted["attempt_count"], 1);
        let attempts = cast.ada.get(&format!("/v1/portfolios/{}/attempts", draft.id())).await.expect(200);
        assert_eq!(attempts["items"].as_array().unwrap().len(), 1);
        assert_eq!((world.count("portfolio.submitted"), CONTENDERS), (1, 16));
    }

    async fn a_repeated_submission_is_the_same_submission(world) {
        let cast = world.writers().await;
        let draft = cast.paid().await;
        let path = format!("/v1/portfolios/{}/submit", draft.id());
        let again = || cast.ada.post_as("the-one", &path, json!({}));
        let (first, second) = (again().await.expect(200), again().await.expect(200));
        assert_eq!(first.json, second.json);
        assert_eq!(world.count("portfolio.submitted"), 1);
    }

    async fn a_set_that_is_achieved_needs_no_portfolio(world) {
        let cast = world.writers().await;
        cast.staff.credits(&cast.candidacy, SET, "2026-03-01").await;
        let refused = cast.ada.begins(&cast.candidacy, SET).await.refused(409, "state-conflict");
        refused.unmet(&["portfolio.set_not_achieved"]);
        let withdraw = format!("/v1/candidacies/{}/withdraw", cast.candidacy);
        cast.ada.post(&withdraw, json!({})).await.expect(200);
        cast.ada.begins(&cast.candidacy, "FND").await.refused(409, "state-conflict").unmet(&["candidacy.status"]);
        assert_eq!(world.count("portfolio.drafted"), 0);
    }

    async fn nothing_is_submitted_after_the_last_day_of_the_candidacy(world) {
        let cast = world.writers().await;
        let draft = cast.paid().await;
        world.travel_to("2031-06-01");
        cast.ada.does(&draft, "submit").await.refused(409, "state-conflict").unmet(&["candidacy.status"]);
        assert_eq!(world.count("portfolio.submitted"), 0);
    }

    async fn a_withdrawn_portfolio_owes_nothing(world) {
        let cast = world.writers().await;
        let draft = cast.draft().await;
        let billed = cast.ada.does(&draft, "invoice").await.expect(200);
        let invoice = billed.text("invoice_id");
        cast.staff.records_payment(&invoice, 1_000).await.expect(201);
        let withdrawn = cast.ada.withdraws(&draft).await.expect(200);
        assert_eq!(withdrawn["state"], "withdrawn");
        assert_eq!(cast.ada.get(&format!("/v1/invoices/{invoice}")).await.expect(200)["state"], "void");
        assert_eq!(cast.ada.get("/v1/payouts").await.expect(200)["items"][0]["amount_cents"], 1_000);
        cast.ada.withdraws(&draft).await.refused(409, "state-conflict").unmet(&["portfolio.state"]);
        cast.ada.rewrites(&withdrawn, json!({"introduction": "Again."})).await.refused(409, "state-conflict");
        // A fee that was paid in full stays paid: the office may return it.
        let second = cast.submitted().await;
        cast.ada.withdraws(&second).await.expect(200);
        let invoice = format!("/v1/invoices/{}", second.text("invoice_id"));
        assert_eq!(cast.ada.get(&invoice).await.expect(200)["state"], "paid");
        cast.ada.attempt(&second, 1).await.expect(200);
        assert_eq!(world.count("portfolio.withdrawn"), 2);
        cast.staff.finds_the_ledger_right().await;
    }
}
