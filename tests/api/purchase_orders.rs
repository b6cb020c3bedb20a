//! Purchase orders (FAQ 22): checked line by line, all or nothing; everybody activated at once.

use serde_json::json;

use crate::support::{
    actor::{Actor, Answer},
    orders::{line, order},
    world::{World, each, each_world},
};

/// Ada, Ben and Cleo apply; their institution orders for them.
async fn three_are_ordered(world: &World) -> (Actor, Vec<Actor>, Answer) {
    let staff = world.staff().await;
    let (buyer, library) = world.institution(&staff, "Library").await;
    let people = world.applicants(&["Ada", "Ben", "Cleo"]).await;
    let lines = [line("Ada", 35_000), line("Ben", 35_000), line("Cleo", 35_000)];
    let order = buyer.orders(&library, "PO-1", &lines).await.expect(201);
    (staff, people, order)
}

each_world! {
    async fn an_order_for_three_people_from_the_order_to_activation(world) {
        let (staff, people, placed) = three_are_ordered(world).await;
        assert_eq!(
            (&placed["state"], &placed["total_cents"], &placed["balance_cents"]),
            (&json!("open"), &json!(105_000), &json!(105_000))
        );
        assert_eq!(placed["lines"].as_array().unwrap().len(), 3);
        assert!(placed.allows("swap_purchase_order_line") && placed.allows("cancel_purchase_order"));
        let path = placed.header("location").to_owned();
        let bill = placed.text("invoice_id");
        let invoice = staff.get(&format!("/v1/invoices/{bill}")).await.expect(200);
        assert_eq!(
            (&invoice["lines"][0]["quantity"], &invoice["lines"][0]["unit_cents"], &invoice["total_cents"]),
            (&json!(3), &json!(35_000), &json!(105_000))
        );
        // While the order is open, nobody else pays for its people.
        let own = staff.invoice_of(&people[0]).await;
        staff.sends_check(&own.id(), 35_000).await.refused(409, "state-conflict").unmet(&["invoice.not_ordered"]);
        // Part payment activates nobody.
        staff.sends_check(&bill, 100_000).await.expect(201);
        let part = staff.get(&path).await.expect(200);
        assert_eq!((&part["state"], &part["balance_cents"]), (&json!("open"), &json!(5_000)));
        assert_eq!(world.count("subscription.activated"), 0);
        // What is paid too much becomes credit.
        world.travel_to("2026-03-05");
        staff.sends_check(&bill, 6_000).await.expect(201);
        let settled = staff.get(&path).await.expect(200);
        assert_eq!(
            (&settled["state"], &settled["settled_on"], &settled["balance_cents"]),
            (&json!("settled"), &json!("2026-03-05"), &json!(0))
        );
        assert_eq!(each(&settled["lines"], "outcome"), ["activated"; 3]);
        assert!(!settled.allows("cancel_purchase_order"));
        for person in &people {
            let invoice = person.invoice_of(person).await;
            assert_eq!((&invoice["state"], &invoice["payments"][0]["method"]), (&json!("paid"), &json!("purchase_order")));
            let active = person.subscriptions_of(person).await;
            assert_eq!((&active[0]["activated_on"], &active[0]["ends_on"]), (&json!("2026-03-05"), &json!("2030-03-05")));
        }
        let statement = staff.get(&format!("/v1/institutions/{}/statement", placed.text("institution_id"))).await.expect(200);
        assert_eq!(statement["credit_cents"], json!(1_000), "{}", statement.body());
        assert_eq!(world.happened_to(&placed.id()), ["purchase_order.placed", "purchase_order.settled"]);
        let letters = |world: &World| world.mails().iter().filter(|mail| mail.contains("purchase order")).count();
        world.until("the letters were sent", || letters(world) >= 2).await;
    }

    async fn every_line_is_judged_and_nothing_is_stored(world) {
        let staff = world.staff().await;
        let (ines, id) = world.institution(&staff, "Library").await;
        world.applicants(&["Ada", "Ben", "Dora"]).await;
        world.register("Cleo").await.drafts().await;
        let paula = world.register("Paula").await;
        paula.applies().await;
        staff.sends_check(&staff.invoice_of(&paula).await.id(), 35_000).await.expect(201);
        let mut stranger = line("Dora", 35_000);
        stranger["name"] = json!("Theodora Example");
        let asked = [
            line("Ada", 35_000), line("Ben", 32_500), line("Cleo", 35_000), line("Nobody", 35_000), stranger, line("Paula", 35_000),
        ];
        let before = world.events();
        let told = ines.orders(&id, "PO-1", &asked).await.refused(422, "rule-not-met");
        let judged: Vec<_> = told["lines"].as_array().unwrap().iter()
            .map(|line| (line["pointer"].as_str().unwrap(), line["accepted"].as_bool().unwrap(), line["expected_cents"].as_i64(), line["actual_cents"].as_i64().unwrap()))
            .collect();
        assert_eq!(judged, [
            ("#/lines/0", true, Some(35_000), 35_000),
            ("#/lines/1", false, Some(35_000), 32_500),
            ("#/lines/2", false, Some(35_000), 35_000),
            ("#/lines/3", false, None, 35_000),
            ("#/lines/4", false, None, 35_000),
            ("#/lines/5", false, Some(35_000), 35_000),
        ]);
        let actual = |place: usize| told["lines"][place]["findings"][0]["actual"].as_str().unwrap();
        assert_eq!(actual(2), "an application that is not submitted");
        assert_eq!(actual(3), "no application");
        assert_eq!(actual(4), "an application under another name");
        assert_eq!(actual(5), "an application that is paid");
        assert!(told["detail"].as_str().unwrap().starts_with("5 of 6 lines"), "{}", told.body());
        // The total alone can be wrong, too.
        let mut wrong = order(&id, "PO-1", &asked[..1]);
        wrong["total_cents"] = json!(34_999);
        ines.post("/v1/purchase-orders", wrong).await.refused(422, "rule-not-met").unmet(&["purchase_order.total"]);
        assert_eq!(world.events(), before);
        assert_eq!(ines.get("/v1/purchase-orders").await["items"], json!([]));
    }

    async fn a_dry_run_answers_the_same_and_stores_nothing(world) {
        let staff = world.staff().await;
        let (ines, id) = world.institution(&staff, "Library").await;
        world.applicants(&["Ada", "Ben"]).await;
        let before = world.events();
        let good = order(&id, "PO-1", &[line("Ada", 35_000), line("Ben", 35_000)]);
        let path = "/v1/purchase-orders?dry_run=true";
        let told = ines.post(path, good.clone()).await.expect(200);
        assert_eq!((&told["accepted"], &told["expected_total_cents"]), (&json!(true), &json!(70_000)));
        // What would be refused is the same problem.
        let bad = order(&id, "PO-1", &[line("Ada", 1)]);
        let tried = ines.post(path, bad.clone()).await.refused(422, "rule-not-met");
        let told = ines.post("/v1/purchase-orders", bad).await.refused(422, "rule-not-met");
        assert_eq!((&tried["lines"], &tried["findings"]), (&told["lines"], &told["findings"]));
        assert_eq!((&told["lines"][0]["accepted"], &told["lines"][0]["expected_cents"]), (&json!(false), &json!(35_000)));
        assert_eq!(world.events(), before);
        let placed = ines.post("/v1/purchase-orders", good).await.expect(201);
        // No number was used up: the institution's invoice follows those of the two people.
        let invoice = staff.get(&format!("/v1/invoices/{}", placed.text("invoice_id"))).await.expect(200);
        assert_eq!(invoice["number"], "LSSC-2026-000003");
        world.applicants(&["Cleo"]).await;
        ines.post(path, order(&id, "PO-1", &[line("Cleo", 35_000)])).await.refused(409, "conflict");
    }

    async fn a_file_says_the_same_as_json(world) {
        let staff = world.staff().await;
        let (ines, id) = world.institution(&staff, "Library").await;
        world.applicants(&["Ada", "Ben"]).await;
        let path = |total: i64| format!("/v1/purchase-orders?institution_id={id}&number=PO-1&total_cents={total}");
        let file = "name,email,amount_cents\r\nAda Example,ada@example.org,35000\r\nBen Example,BEN@example.org,32500\r\n";
        let told = ines.post_csv(&path(67_500), file).await.refused(422, "rule-not-met");
        assert_eq!(each(&told["lines"], "pointer"), ["#/2", "#/3"]);
        let bad = "name,email,amount_cents\nAda Example,ada@example.org,35000\nAda Example,ada@example.org,-1\n";
        let told = ines.post_csv(&path(35_000), bad).await.refused(422, "invalid-input");
        assert_eq!(each(&told["errors"], "pointer"), ["#/3/amount_cents", "#/3/email"]);
        ines.post_csv(&path(35_000), "name,email\nAda,a@b.example\n").await.faulty("#/amount_cents", "required");
        let no_total = format!("/v1/purchase-orders?institution_id={id}&number=PO-1");
        ines.post_csv(&no_total, file).await.refused(400, "invalid-query");
        ines.post(&path(1), order(&id, "PO-1", &[line("Ada", 1)])).await.refused(400, "invalid-query");
        let good = file.replace("32500", "35000");
        ines.post_csv(&format!("{}&dry_run=true", path(70_000)), &good).await.expect(200);
        let placed = ines.post_csv(&path(70_000), &good).await.expect(201);
        assert_eq!(placed["total_cents"], json!(70_000));
    }

    async fn an_order_is_the_institutions_own(world) {
        let staff = world.staff().await;
        let (ines, river) = world.institution(&staff, "Riverside").await;
        let (otto, lake) = world.institution(&staff, "Lakeside").await;
        world.applicants(&["Ada", "Ben"]).await;
        otto.orders(&river, "PO-1", &[line("Ada", 35_000)]).await.refused(404, "not-found");
        world.register("Eve").await.orders(&river, "PO-1", &[line("Ada", 35_000)]).await.refused(404, "not-found");
        world.auditor().await.orders(&river, "PO-1", &[line("Ada", 35_000)]).await.refused(403, "forbidden");
        world.anyone().orders(&river, "PO-1", &[line("Ada", 35_000)]).await.refused(401, "unauthenticated");
        let placed = ines.orders(&river, "PO-1", &[line("Ada", 35_000)]).await.expect(201);
        let path = placed.header("location").to_owned();
        otto.get(&path).await.refused(404, "not-found");
        otto.post(&format!("{path}/cancel"), json!({"reason": "No."})).await.refused(404, "not-found");
        let staffs = staff.orders(&lake, "PO-1", &[line("Ben", 35_000)]).await.expect(201).id();
        let list = async |actor: &Actor, query: &str| {
            let list = actor.get(&format!("/v1/purchase-orders?{query}")).await.expect(200);
            each(&list["items"], "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(list(&ines, "").await, [placed.id()]);
        assert_eq!(list(&ines, &format!("institution_id={lake}")).await, [""; 0]);
        assert_eq!(list(&otto, "state=open").await, std::slice::from_ref(&staffs));
        assert_eq!(list(&staff, "").await, [placed.id(), staffs]);
        assert_eq!(list(&staff, "state=settled").await, [""; 0]);
        // Its invoice is theirs as well, and nobody else's.
        let bill = format!("/v1/invoices/{}", placed.text("invoice_id"));
        ines.get(&bill).await.expect(200);
        otto.get(&bill).await.refused(404, "not-found");
    }

    async fn what_cannot_be_an_order_is_refused(world) {
        let staff = world.staff().await;
        let (ines, id) = world.institution(&staff, "Library").await;
        world.applicants(&["Ada"]).await;
        let with = |field: &str, value: serde_json::Value| {
            let mut body = order(&id, "PO-1", &[line("Ada", 35_000)]);
            body[field] = value;
            body
        };
        for (body, pointer, code) in [
            (with("lines", json!([])), "#/lines", "length"),
            (with("total_cents", json!(-1)), "#/total_cents", "out_of_range"),
            (with("total_cents", json!(i64::MAX)), "#/total_cents", "out_of_range"),
            (with("number", json!("4242424242424242")), "#/number", "card_data"),
            (with("lines", json!([line("Ada", i64::MAX)])), "#/lines/0/amount_cents", "out_of_range"),
            (with("lines", json!([line("Ada", 1), line("Ada", 1)])), "#/lines/1/email", "duplicate"),
            (with("lines", json!([{"name": "Ada", "email": "4242.4242.4242.4242@example.org", "amount_cents": 1}])), "#/lines/0/email", "card_data"),
            (with("colour", json!("red")), "#/colour", "unknown"),
        ] {
            ines.post("/v1/purchase-orders", body).await.faulty(pointer, code);
        }
        let nowhere = with("institution_id", json!("org_00000000000000000000000000000000"));
        staff.post("/v1/purchase-orders", nowhere).await.faulty("#/institution_id", "unknown");
        let body = order(&id, "PO-1", &[line("Ada", 35_000)]);
        ines.post_bare("/v1/purchase-orders", body).await.refused(400, "idempotency-key-required");
        assert_eq!(world.count("purchase_order.placed"), 0);
    }

    async fn somebody_is_on_one_order_and_a_number_is_used_once(world) {
        let (staff, _, placed) = three_are_ordered(world).await;
        let id = placed.text("institution_id");
        world.applicants(&["Dora"]).await;
        staff.orders(&id, "PO-1", &[line("Dora", 35_000)]).await.refused(409, "conflict");
        let told = staff.orders(&id, "PO-2", &[line("Dora", 35_000), line("Ada", 35_000)]).await;
        assert_eq!(told.refused(409, "state-conflict")["lines"][0]["accepted"], json!(true));
        // One who is on another order is no excuse for a wrong line beside them.
        let both = [line("Dora", 1), line("Ada", 35_000)];
        staff.orders(&id, "PO-2", &both).await.refused(422, "rule-not-met");
        let path = placed.header("location").to_owned();
        staff.post(&format!("{path}/cancel"), json!({"reason": "Mistyped."})).await.expect(200);
        staff.orders(&id, "PO-1", &[line("Dora", 35_000), line("Ada", 35_000)]).await.expect(201);
    }

    async fn a_person_is_swapped_before_anything_is_paid(world) {
        let (staff, people, placed) = three_are_ordered(world).await;
        let path = placed.header("location").to_owned();
        let dora = world.register("Dora").await;
        let claim = dora.post(&format!("/v1/people/{}/memberships", dora.id), json!({"number": "77"})).await.expect(201);
        let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
        staff.post(&format!("/v1/memberships/{}/verification", claim.id()), valid).await.expect(200);
        dora.applies().await;
        let swap = |place: i64| format!("{path}/lines/{place}/swap");
        staff.post(&swap(1), line("Dora", 35_000)).await.refused(422, "rule-not-met").unmet(&["purchase_order.line_amount"]);
        staff.post(&swap(1), line("Ben", 35_000)).await.refused(409, "state-conflict");
        staff.post(&swap(9), line("Dora", 32_500)).await.refused(404, "not-found");
        staff.post(&swap(1), line("Dora", -1)).await.faulty("#/amount_cents", "out_of_range");
        let swapped = staff.post(&swap(1), line("Dora", 32_500)).await.expect(200);
        assert_eq!(swapped["lines"][0]["outcome"], "swapped");
        assert_eq!((&swapped["lines"][3]["place"], &swapped["lines"][3]["person_id"]), (&json!(4), &json!(dora.id)));
        assert_eq!((&swapped["total_cents"], &swapped["balance_cents"]), (&json!(102_500), &json!(102_500)));
        // Another amount made another invoice.
        assert_ne!(swapped["invoice_id"], placed["invoice_id"]);
        let void = staff.get(&format!("/v1/invoices/{}", placed.text("invoice_id"))).await.expect(200);
        assert_eq!(void["state"], "void");
        staff.post(&swap(1), line("Dora", 32_500)).await.refused(409, "state-conflict");
        world.applicants(&["Emil"]).await;
        staff.post(&swap(1), line("Emil", 35_000)).await.refused(409, "state-conflict").unmet(&["purchase_order.line_stands"]);
        // Who was swapped out pays for themselves.
        let ada = staff.invoice_of(&people[0]).await;
        staff.sends_check(&ada.id(), 35_000).await.expect(201);
        staff.sends_check(&swapped.text("invoice_id"), 102_500).await.expect(201);
        let settled = staff.get(&path).await.expect(200);
        let outcomes = each(&settled["lines"], "outcome").into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(outcomes, ["swapped", "activated", "activated", "activated"]);
        assert_eq!(world.count("subscription.activated"), 4);
        assert_eq!(world.happened_to(&placed.id()), ["purchase_order.placed", "purchase_order.swapped", "purchase_order.settled"]);
        staff.post(&swap(2), line("Dora", 32_500)).await.refused(409, "state-conflict").unmet(&["purchase_order.state"]);
    }

    async fn after_a_part_payment_only_somebody_of_the_same_fee_takes_a_place(world) {
        let (staff, _, placed) = three_are_ordered(world).await;
        let path = placed.header("location").to_owned();
        staff.sends_check(&placed.text("invoice_id"), 10_000).await.expect(201);
        world.applicants(&["Dora", "Emil"]).await;
        let emil = world.register("Fritz").await;
        let claim = emil.post(&format!("/v1/people/{}/memberships", emil.id), json!({"number": "78"})).await.expect(201);
        let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
        staff.post(&format!("/v1/memberships/{}/verification", claim.id()), valid).await.expect(200);
        emil.applies().await;
        let other = staff.post(&format!("{path}/lines/1/swap"), line("Fritz", 32_500)).await;
        other.refused(422, "rule-not-met").unmet(&["purchase_order.swap_amount"]);
        let swapped = staff.post(&format!("{path}/lines/1/swap"), line("Dora", 35_000)).await.expect(200);
        assert_eq!((&swapped["invoice_id"], &swapped["balance_cents"]), (&placed["invoice_id"], &json!(95_000)));
    }

    async fn a_cancelled_order_pays_for_nobody(world) {
        let (staff, people, placed) = three_are_ordered(world).await;
        let path = placed.header("location").to_owned();
        staff.sends_check(&placed.text("invoice_id"), 10_000).await.expect(201);
        let void = json!({"reason": "By hand."});
        staff.post(&format!("/v1/invoices/{}/void", placed.text("invoice_id")), void).await.refused(409, "state-conflict");
        let cancel = format!("{path}/cancel");
        staff.post(&cancel, json!({})).await.faulty("#/reason", "required");
        let cancelled = staff.post(&cancel, json!({"reason": "The budget was cut."})).await.expect(200);
        assert_eq!(
            (&cancelled["state"], &cancelled["balance_cents"], &cancelled["cancel_reason"]),
            (&json!("cancelled"), &json!(0), &json!("The budget was cut."))
        );
        assert_eq!(each(&cancelled["lines"], "outcome"), ["cancelled"; 3]);
        let statement = staff.get(&format!("/v1/institutions/{}/statement", placed.text("institution_id"))).await.expect(200);
        assert_eq!(statement["credit_cents"], json!(10_000), "{}", statement.body());
        for person in &people {
            let invoice = staff.invoice_of(person).await;
            assert_eq!(invoice["state"], "open");
            staff.sends_check(&invoice.id(), 35_000).await.expect(201);
        }
        staff.post(&cancel, json!({"reason": "Again."})).await.refused(409, "state-conflict").unmet(&["purchase_order.state"]);
        staff.sends_check(&placed.text("invoice_id"), 1_000).await.refused(409, "state-conflict");
    }

    async fn what_was_meant_for_somebody_who_withdrew_is_credit(world) {
        let (staff, people, placed) = three_are_ordered(world).await;
        let application = people[1].get("/v1/applications").await["items"][0]["id"].as_str().unwrap().to_owned();
        people[1].decides(&application, "withdraw", json!({})).await.expect(200);
        staff.sends_check(&placed.text("invoice_id"), 105_000).await.expect(201);
        let settled = staff.get(placed.header("location")).await.expect(200);
        assert_eq!(each(&settled["lines"], "outcome"), ["activated", "credited", "activated"]);
        let statement = staff.get(&format!("/v1/institutions/{}/statement", placed.text("institution_id"))).await.expect(200);
        assert_eq!(statement["credit_cents"], json!(35_000), "{}", statement.body());
        assert_eq!(world.count("subscription.activated"), 2);
    }
}
