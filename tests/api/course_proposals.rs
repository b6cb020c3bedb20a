//! Course proposals: written, submitted, reviewed, changed, approved, declined, withdrawn.

use serde_json::json;

use crate::support::{
    proposals::{mapped, rubric, whole},
    race::{contend, one_winner},
    world::{each, each_world},
};

each_world! {
    async fn a_proposal_becomes_a_course_of_the_catalog(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        assert!(draft.allows("submit_course_proposal"));
        let id = draft.id();
        let submitted = cast.paul.hands_over(&id, "submit").await.expect(200);
        assert_eq!((&submitted["state"], &submitted["submitted_on"]), (&json!("submitted"), &json!("2026-03-01")));
        let invoice = cast.paul.get(&format!("/v1/invoices/{}", submitted.text("invoice_id"))).await.expect(200);
        assert_eq!((&invoice["total_cents"], &invoice["lines"][0]["code"]), (&json!(10_000), &json!("course_approval")));
        assert_eq!(invoice["institution_id"], json!(cast.provider));
        cast.staff.rules_on(&id, "approve", json!({})).await.refused(409, "state-conflict").unmet(&["proposal.state"]);
        let evas = cast.staff.assigns(&id, &cast.eva).await.expect(201);
        assert_eq!((&evas["state"], &evas["reviewer_id"]), (&json!("assigned"), &json!(cast.eva.id)));
        cast.staff.rules_on(&id, "approve", json!({})).await.refused(422, "rule-not-met")
            .unmet(&["proposal.fee_settled", "proposal.reviews"]);
        cast.staff.takes_the_fee_of(&submitted).await;
        let ritas = cast.staff.assigns(&id, &cast.rita).await.expect(201);
        cast.eva.advises(&evas.id(), "approve").await.expect(200);
        cast.rita.advises(&ritas.id(), "approve").await.expect(200);
        let approved = cast.staff.rules_on(&id, "approve", json!({})).await.expect(200);
        assert_eq!(approved["state"], "approved");
        let course = world.anyone().get(&format!("/v1/courses/{}", approved.text("course_id"))).await.expect(200);
        assert_eq!((&course["approved_on"], &course["ends_on"]), (&json!("2026-03-01"), &json!("2030-03-01")));
        assert_eq!((&course["set"], &course["provider_id"]), (&json!("FND"), &json!(cast.provider)));
        let told = cast.paul.get(&format!("/v1/course-proposals/{id}/events")).await.expect(200);
        assert_eq!(
            each(&told["items"], "type"),
            ["proposal.drafted", "proposal.submitted", "proposal.review_started", "proposal.approved"]
        );
        cast.staff.finds_the_ledger_right().await;
    }

    async fn submission_says_what_is_missing_competency_by_competency(world) {
        let cast = world.proposers().await;
        let body = json!({"provider_id": cast.provider, "set": "COM", "title": "Half a course", "map": [mapped("COM-01"),
            {"competency": "COM-02", "content": "A lesson."}]});
        let draft = cast.paul.post("/v1/course-proposals", body).await.expect(201);
        assert!(!draft.allows("submit_course_proposal"));
        let refused = cast.paul.hands_over(&draft.id(), "submit").await.refused(422, "rule-not-met");
        let findings = refused["findings"].as_array().unwrap();
        let of = |rule: &str, met: bool| findings.iter().filter(|one| one["rule"] == rule && one["satisfied"] == met).count();
        assert_eq!((of("proposal.map_complete", true), of("proposal.map_complete", false)), (1, 8));
        let missing = |rule: &str| findings.iter().find(|one| one["rule"] == rule).unwrap()["actual"].clone();
        assert_eq!(missing("proposal.details"), "missing: modes, price and website");
        assert_eq!((missing("proposal.syllabus"), missing("proposal.instructor_resume")), (json!("missing"), json!("missing")));
        assert_eq!(world.count("invoice.issued"), 0);
        let path = format!("/v1/course-proposals/{}", draft.id());
        let whole = cast.paul.proposal(&cast.provider, "COM", whole("COM", 9)).await;
        let mut rest = whole.clone();
        for field in ["provider_id", "set"] {
            rest.as_object_mut().unwrap().remove(field);
        }
        let changed = cast.paul.patch(&path, &draft.etag(), rest).await.expect(200);
        assert!(changed.allows("submit_course_proposal"));
        cast.paul.patch(&path, &draft.etag(), json!({"title": "Late"})).await.refused(412, "stale");
        cast.paul.hands_over(&draft.id(), "submit").await.expect(200);
    }

    async fn what_cannot_be_proposed_is_refused(world) {
        let cast = world.proposers().await;
        let other = cast.staff.records_provider("Another Provider").await;
        let olga = world.acts_for(&other, "provider", "Olga").await;
        let theirs = olga.files(&other, "syllabus").await;
        let resume = cast.paul.files(&cast.provider, "instructor_resume").await;
        let with = |field: &str, value: serde_json::Value| {
            let mut body = json!({"provider_id": cast.provider, "set": "FND", "title": "A course"});
            body[field] = value;
            body
        };
        let path = "/v1/course-proposals";
        for (body, pointer, code) in [
            (with("set", json!("XYZ")), "#/set", "unknown"),
            (with("map", json!([mapped("COM-01")])), "#/map/0/competency", "unknown"),
            (with("map", json!([mapped("FND-01"), mapped("FND-01")])), "#/map/1/competency", "duplicate"),
            (with("modes", json!(["online", "online"])), "#/modes/1", "duplicate"),
            (with("syllabus_id", json!(theirs)), "#/syllabus_id", "unknown"),
            (with("syllabus_id", json!(resume)), "#/syllabus_id", "unknown"),
            (with("bundle_id", json!(format!("bundle_{:032x}", 1))), "#/bundle_id", "unknown"),
            (with("renews_course_id", json!(format!("course_{:032x}", 1))), "#/renews_course_id", "unknown"),
        ] {
            cast.paul.post(path, body).await.faulty(pointer, code);
        }
        cast.paul.post(path, with("provider_id", json!(other))).await.refused(403, "forbidden");
        cast.staff.post(path, with("provider_id", json!(format!("org_{:032x}", 1)))).await.faulty("#/provider_id", "unknown");
        world.register("Ada").await.post(path, with("set", json!("FND"))).await.refused(403, "forbidden");
        world.anyone().post(path, with("set", json!("FND"))).await.refused(401, "unauthenticated");
        assert_eq!(world.count("proposal.drafted"), 0);
        let draft = cast.paul.proposes(&cast.provider).await;
        olga.get(&format!("{path}/{}", draft.id())).await.refused(404, "not-found");
        olga.hands_over(&draft.id(), "submit").await.refused(404, "not-found");
        assert_eq!(olga.get(path).await.expect(200)["items"], json!([]));
        assert_eq!(each(&cast.paul.get(path).await.expect(200)["items"], "id"), [draft.id()]);
        cast.paul.rules_on(&draft.id(), "approve", json!({})).await.refused(403, "forbidden");
    }

    async fn changes_are_asked_for_by_competency_and_cost_no_second_fee(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let id = draft.id();
        let path = format!("/v1/course-proposals/{id}");
        let submitted = cast.paul.hands_over(&id, "submit").await.expect(200);
        cast.staff.takes_the_fee_of(&submitted).await;
        let evas = cast.staff.assigns(&id, &cast.eva).await.expect(201).id();
        let ritas = cast.staff.assigns(&id, &cast.rita).await.expect(201).id();
        cast.eva.advises(&evas, "changes").await.expect(200);
        cast.rita.advises(&ritas, "approve").await.expect(200);
        let wrong = json!({"changes": [{"part": "competency", "competency": "COM-01", "text": "More."}]});
        cast.staff.rules_on(&id, "request-changes", wrong).await.faulty("#/changes/0/competency", "unknown");
        let ask = json!({"changes": [{"part": "competency", "competency": "FND-03", "text": "Name the reading."}]});
        let asked = cast.staff.rules_on(&id, "request-changes", ask).await.expect(200);
        assert_eq!(asked["changes"][0]["competency"], "FND-03");
        let locked = cast.paul.patch(&path, &asked.etag(), json!({"title": "Another title"})).await;
        locked.refused(422, "rule-not-met").unmet(&["proposal.unlocked"]);
        let mut map = whole("FND", 12);
        map[2]["reading"] = json!("Chapter seven.");
        cast.paul.patch(&path, &asked.etag(), json!({"map": map})).await.expect(200);
        let again = cast.paul.hands_over(&id, "submit").await.expect(200);
        assert_eq!((&again["state"], &again["invoice_id"]), (&json!("in_review"), &submitted["invoice_id"]));
        assert_eq!(world.count("invoice.issued"), 1);
        // The review that recommended the changes is open again, the other one stands.
        let states = cast.staff.get(&format!("/v1/course-reviews?proposal_id={id}")).await.expect(200);
        assert_eq!(each(&states["items"], "state"), ["assigned", "submitted"]);
        cast.staff.rules_on(&id, "approve", json!({})).await.refused(422, "rule-not-met").unmet(&["proposal.reviews"]);
        cast.eva.advises(&evas, "approve").await.expect(200);
        cast.staff.rules_on(&id, "approve", json!({})).await.expect(200);
    }

    async fn an_approval_is_renewed_without_a_gap(world) {
        let cast = world.proposers().await;
        let course = cast.approved(&cast.paul.proposes(&cast.provider).await).await;
        world.travel_to("2029-09-01");
        let mut body = cast.paul.proposal(&cast.provider, "FND", whole("FND", 12)).await;
        body["renews_course_id"] = json!(course);
        body["title"] = json!("Foundations, revised");
        let answers = contend(|_| {
            let (paul, body) = (cast.paul.clone(), body.clone());
            async move { paul.post("/v1/course-proposals", body).await }
        })
        .await;
        let draft = one_winner(answers, 201);
        assert_eq!(draft["renews_course_id"], json!(course));
        let reviewed = cast.reviewed(&draft, "approve").await;
        let invoice = cast.paul.get(&format!("/v1/invoices/{}", reviewed.text("invoice_id"))).await.expect(200);
        assert_eq!(invoice["lines"][0]["code"], "course_approval_renewal");
        // Decided after the old last day, the approval has no gap all the same.
        world.travel_to("2030-04-15");
        let approved = cast.staff.rules_on(&draft.id(), "approve", json!({})).await.expect(200);
        assert_eq!(approved["course_id"], json!(course));
        let renewed = world.anyone().get(&format!("/v1/courses/{course}")).await.expect(200);
        assert_eq!((&renewed["approved_on"], &renewed["ends_on"]), (&json!("2026-03-01"), &json!("2034-03-01")));
        assert_eq!(renewed["title"], "Foundations, revised");
        assert_eq!((world.count("course.approved"), world.count("course.renewed")), (1, 1));
        world.travel_to("2034-03-02");
        cast.paul.post("/v1/course-proposals", body).await.refused(409, "state-conflict").unmet(&["course.renewable"]);
    }

    async fn a_proposal_is_declined_with_reasons_and_keeps_its_fee(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let reviewed = cast.reviewed(&draft, "decline").await;
        assert!(reviewed.allows("decline_course_proposal"));
        cast.staff.rules_on(&draft.id(), "approve", json!({})).await.refused(422, "rule-not-met").unmet(&["proposal.recommended"]);
        cast.staff.rules_on(&draft.id(), "decline", json!({})).await.faulty("#/reason", "required");
        let reason = json!({"reason": "It teaches one product."});
        let declined = cast.staff.rules_on(&draft.id(), "decline", reason).await.expect(200);
        assert_eq!((&declined["state"], &declined["decision"]["reason"]), (&json!("declined"), &json!("It teaches one product.")));
        assert_eq!(world.count("course.approved"), 0);
        let invoice = cast.paul.get(&format!("/v1/invoices/{}", declined.text("invoice_id"))).await.expect(200);
        assert_eq!(invoice["state"], "paid");
    }

    async fn a_withdrawn_proposal_owes_nothing(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let submitted = cast.paul.hands_over(&draft.id(), "submit").await.expect(200);
        let invoice = submitted.text("invoice_id");
        let reason = json!({"reason": "A mistake."});
        let void = format!("/v1/invoices/{invoice}/void");
        cast.staff.post(&void, reason).await.refused(409, "state-conflict").unmet(&["invoice.no_proposal_waits"]);
        cast.staff.records_payment(&invoice, 4_000).await.expect(201);
        cast.paul.rules_on(&draft.id(), "withdraw", json!({})).await.expect(200);
        assert_eq!(cast.paul.get(&format!("/v1/invoices/{invoice}")).await.expect(200)["state"], "void");
        let payouts = cast.paul.get("/v1/payouts").await.expect(200);
        assert_eq!(payouts["items"][0]["amount_cents"], 4_000);
        cast.paul.rules_on(&draft.id(), "withdraw", json!({})).await.refused(409, "state-conflict");
        cast.staff.finds_the_ledger_right().await;
    }

    async fn whoever_has_a_conflict_of_interest_does_not_review(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let id = draft.id();
        cast.staff.assigns(&id, &cast.eva).await.refused(409, "state-conflict").unmet(&["proposal.state"]);
        cast.paul.hands_over(&id, "submit").await.expect(200);
        let ada = world.register("Ada").await;
        cast.staff.assigns(&id, &ada).await.refused(422, "rule-not-met").unmet(&["review.reviewer"]);
        let pia = world.acts_for(&cast.provider, "provider", "Pia").await;
        world.grant(&pia.id, domain::access::Role::Evaluator).await;
        cast.staff.assigns(&id, &pia).await.refused(422, "rule-not-met").unmet(&["review.not_of_organisation"]);
        let mut works_there = crate::support::story::statements();
        works_there["jobs"][0]["library"] = json!("PRAIRIE state library");
        cast.rita.post("/v1/applications", works_there).await.expect(201);
        cast.staff.assigns(&id, &cast.rita).await.refused(422, "rule-not-met").unmet(&["review.other_employer"]);
        let review = cast.staff.assigns(&id, &cast.eva).await.expect(201).id();
        cast.staff.assigns(&id, &cast.eva).await.refused(422, "rule-not-met").unmet(&["review.once"]);
        let conflict = json!({"reason": "My sister teaches it."});
        cast.eva.post(&format!("/v1/course-reviews/{review}/conflict"), conflict).await.expect(200);
        cast.eva.advises(&review, "approve").await.refused(409, "state-conflict").unmet(&["review.state"]);
        // The conflict holds for the provider's next proposal too.
        let next = cast.paul.proposes(&cast.provider).await;
        cast.paul.hands_over(&next.id(), "submit").await.expect(200);
        cast.staff.assigns(&next.id(), &cast.eva).await.refused(422, "rule-not-met").unmet(&["review.no_declared_conflict"]);
        assert_eq!(world.count("review.assigned"), 1);
    }

    async fn a_review_is_the_reviewers_own(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let id = draft.id();
        cast.paul.hands_over(&id, "submit").await.expect(200);
        let evas = cast.staff.assigns(&id, &cast.eva).await.expect(201).id();
        let ritas = cast.staff.assigns(&id, &cast.rita).await.expect(201).id();
        let path = format!("/v1/course-reviews/{evas}");
        for other in [&cast.rita, &cast.paul] {
            other.get(&path).await.refused(404, "not-found");
        }
        cast.rita.advises(&evas, "approve").await.refused(404, "not-found");
        assert_eq!(each(&cast.eva.get("/v1/course-reviews").await.expect(200)["items"], "id"), [&evas]);
        cast.eva.rules_on(&id, "approve", json!({})).await.refused(403, "forbidden");
        cast.eva.get(&format!("/v1/course-proposals/{id}")).await.expect(200);
        let submit = format!("{path}/submit");
        let mut short = rubric("approve");
        short["scores"].as_array_mut().unwrap().pop();
        cast.eva.post(&submit, short).await.faulty("#/scores", "required");
        let mut high = rubric("approve");
        high["scores"][1]["score"] = json!(5);
        cast.eva.post(&submit, high).await.faulty("#/scores/1/score", "out_of_range");
        let mut silent = rubric("changes");
        silent["changes"] = json!([]);
        cast.eva.post(&submit, silent).await.faulty("#/changes", "required");
        cast.eva.post(&submit, rubric("approve")).await.expect(200);
        cast.eva.post(&submit, rubric("decline")).await.refused(409, "state-conflict").unmet(&["review.state"]);
        let release = format!("/v1/course-reviews/{ritas}/release");
        let reason = json!({"reason": "Rita is ill."});
        cast.rita.post(&release, reason.clone()).await.refused(403, "forbidden");
        cast.staff.post(&release, reason).await.expect(200);
        cast.rita.get(&format!("/v1/course-proposals/{id}")).await.refused(404, "not-found");
    }

    async fn sixteen_approvals_make_one_course(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        cast.reviewed(&draft, "approve").await;
        let answers = contend(|_| {
            let (staff, id) = (cast.staff.clone(), draft.id());
            async move { staff.rules_on(&id, "approve", json!({})).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!((world.count("course.approved"), world.count("proposal.approved")), (1, 1));
    }

    async fn sixteen_submissions_issue_one_invoice(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let answers = contend(|_| {
            let (paul, id) = (cast.paul.clone(), draft.id());
            async move { paul.hands_over(&id, "submit").await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!(world.count("invoice.issued"), 1);
    }
}
