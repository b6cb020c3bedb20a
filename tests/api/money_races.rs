//! Sixteen contenders for the same money: one winner, the others a clean 409, the ledger at 0.

use serde_json::json;

use crate::support::{
    money::figures,
    orders::line,
    race::{CONTENDERS, contend, one_winner},
    world::{each, each_race},
};

each_race! {
    async fn sixteen_invoices_at_once_have_sixteen_numbers(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let answers = contend(|_| {
            let (staff, ada) = (staff.clone(), ada.id.clone());
            async move { staff.invoices(&ada, 1).await }
        })
        .await;
        assert_eq!(answers.len(), CONTENDERS);
        let list = staff.get("/v1/invoices").await.expect(200);
        let mut numbers = each(&list["items"], "number");
        numbers.sort_unstable();
        let wanted: Vec<_> = (1..=CONTENDERS).map(|number| format!("LSSC-2026-{number:06}")).collect();
        assert_eq!(numbers, wanted);
        staff.finds_the_ledger_right().await;
    }

    async fn sixteen_payments_against_sixteen_voidings(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 1).await.id();
        let answers = contend(|number| {
            let (staff, invoice) = (staff.clone(), invoice.clone());
            async move {
                if number % 2 == 0 {
                    staff.takes_check(&invoice, &number.to_string(), 6_000).await
                } else {
                    staff.voids(&invoice).await
                }
            }
        })
        .await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status < 300).collect();
        assert!(answers.iter().all(|answer| answer.status < 300 || answer.status == 409));
        assert_eq!(won.len(), 1);
        let paid = won[0]["state"] == "paid";
        let counts = (world.count("invoice.payment_recorded"), world.count("invoice.voided"));
        assert_eq!(counts, if paid { (1, 0) } else { (0, 1) });
        staff.finds_the_ledger_right().await;
    }

    async fn sixteen_returns_of_one_payment(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 1).await.id();
        let paid = staff.takes_check(&invoice, "118", 6_000).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        let answers = contend(|_| {
            let (staff, payment) = (staff.clone(), payment.clone());
            async move { staff.returns(&payment, Some(4_000)).await }
        })
        .await;
        one_winner(answers, 200);
        assert_eq!(world.count("payout.due"), 1);
        assert_eq!(figures(&ada.statement(&ada.id).await), [0, 6_000, 0, 4_000, -4_000]);
        staff.finds_the_ledger_right().await;
    }

    async fn sixteen_uses_of_one_credit(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let first = staff.invoices(&ada.id, 1).await.id();
        staff.takes_check(&first, "118", 7_000).await.expect(201);
        let mut invoices = Vec::new();
        for _ in 0..CONTENDERS {
            invoices.push(staff.invoices(&ada.id, 1).await.id());
        }
        // Half of them pay another invoice each, the others pay it out: the credit is enough for one.
        let answers = contend(|number| {
            let (ada, staff, invoice) = (ada.clone(), staff.clone(), invoices[number].clone());
            async move {
                if number % 2 == 0 {
                    ada.applies_credit(&invoice, Some(1_000)).await
                } else {
                    staff.pays_credit_out(&ada.id, 1_000).await
                }
            }
        })
        .await;
        let won = answers.iter().filter(|answer| answer.status < 300).count();
        assert!(answers.iter().all(|answer| answer.status < 300 || answer.status == 409));
        assert_eq!(won, 1);
        assert_eq!(ada.statement(&ada.id).await["credit_cents"], 0);
        staff.finds_the_ledger_right().await;
    }

    async fn sixteen_times_the_same_callback(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let number = staff.invoices(&ada.id, 1).await.text("number");
        let answers = contend(|_| {
            let (staff, number) = (staff.clone(), number.clone());
            async move { staff.calls_back(&number, "ch_1", 6_000).await }
        })
        .await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(201), count(200)), (1, CONTENDERS - 1));
        let payments: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.text("payment_id")).collect();
        assert_eq!(payments.len(), 1);
        assert_eq!((world.count("invoice.payment_recorded"), world.count("payment_discrepancy.found")), (1, 0));
        staff.finds_the_ledger_right().await;
    }

    async fn sixteen_callbacks_of_one_reference_for_other_invoices(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let mut numbers = Vec::new();
        for _ in 0..CONTENDERS {
            numbers.push(staff.invoices(&ada.id, 1).await.text("number"));
        }
        let answers = contend(|number| {
            let (staff, number) = (staff.clone(), numbers[number].clone());
            async move { staff.calls_back(&number, "ch_1", 6_000).await }
        })
        .await;
        one_winner(answers, 201);
        // All the others name another invoice: the office sees each.
        let found = world.count("payment_discrepancy.found");
        assert_eq!((world.count("invoice.payment_recorded"), found), (1, CONTENDERS - 1));
        assert_eq!(ada.statement(&ada.id).await["paid_cents"], 6_000);
        staff.finds_the_ledger_right().await;
    }

    async fn the_money_of_one_reference_becomes_credit_or_a_payment(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let void = staff.invoices(&ada.id, 1).await;
        staff.voids(&void.id()).await.expect(200);
        for cents in 1..=8 {
            staff.calls_back(&void.text("number"), "ch_1", 6_000 + cents).await.refused(409, "state-conflict");
        }
        let found = staff.get("/v1/payment-discrepancies").await.expect(200);
        let found: Vec<String> = each(&found["items"], "id").into_iter().map(str::to_owned).collect();
        let mut open = Vec::new();
        for _ in 0..8 {
            open.push(staff.invoices(&ada.id, 1).await.text("number"));
        }
        let answers = contend(|number| {
            let (staff, half) = (staff.clone(), number / 2);
            let (found, open) = (found[half].clone(), open[half].clone());
            async move {
                if number % 2 == 0 {
                    let take = json!({"resolution": "Taken.", "take_as_credit": true});
                    staff.post(&format!("/v1/payment-discrepancies/{found}/resolution"), take).await
                } else {
                    staff.calls_back(&open, "ch_1", 6_000).await
                }
            }
        })
        .await;
        let won = answers.iter().filter(|answer| answer.status < 300).count();
        assert_eq!(won, 1);
        for answer in answers.iter().filter(|answer| answer.status >= 300) {
            assert!(matches!(answer.status, 409 | 422), "{}", answer.body());
        }
        let (paid, receipts) = (world.count("invoice.payment_recorded"), ada.statement(&ada.id).await);
        let credited = receipts["credit_cents"].as_i64().unwrap() > 0;
        assert_eq!((paid, credited), if paid == 1 { (1, false) } else { (0, true) });
        staff.finds_the_ledger_right().await;
    }

    async fn a_check_is_reversed_while_an_order_for_the_rest_comes_in(world) {
        let staff = world.staff().await;
        let (_, library) = world.institution(&staff, "Library").await;
        let ada = world.register("Ada").await;
        let invoice = ada.applies().await.text("invoice_id");
        let paid = staff.takes_check(&invoice, "118", 10_000).await.expect(201);
        let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
        let answers = contend(|number| {
            let (staff, payment, library) = (staff.clone(), payment.clone(), library.clone());
            async move {
                if number % 2 == 0 {
                    staff.reverses(&payment).await
                } else {
                    staff.orders(&library, &format!("PO-{number}"), &[line("Ada", 25_000)]).await
                }
            }
        })
        .await;
        // An order that came first keeps the check; after the reversal its amount is wrong.
        let won: Vec<_> = answers.iter().filter(|answer| answer.status < 300).collect();
        assert_eq!(won.len(), 1);
        let ordered = won[0].status == 201;
        let lost = if ordered { 409 } else { 422 };
        for answer in answers.iter().filter(|answer| answer.status >= 300) {
            assert!(answer.status == 409 || answer.status == lost, "{}", answer.body());
        }
        let counts = (world.count("purchase_order.placed"), world.count("invoice.payment_reversed"));
        assert_eq!(counts, if ordered { (1, 0) } else { (0, 1) });
        staff.finds_the_ledger_right().await;
    }

    async fn a_membership_is_verified_while_its_order_is_placed_and_paid(world) {
        let staff = world.staff().await;
        let (_, library) = world.institution(&staff, "Library").await;
        let ada = world.register("Ada").await;
        ada.applies().await;
        let path = format!("/v1/people/{}/memberships", ada.id);
        let claim = ada.post(&path, json!({"number": "2041877"})).await.expect(201).id();
        let answers = contend(|number| {
            let (staff, library, claim) = (staff.clone(), library.clone(), claim.clone());
            async move {
                if number % 2 == 0 {
                    let valid = json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"});
                    return staff.post(&format!("/v1/memberships/{claim}/verification"), valid).await;
                }
                let lines = [line("Ada", 35_000)];
                let placed = staff.orders(&library, &format!("PO-{number}"), &lines).await;
                if placed.status != 201 {
                    return placed;
                }
                staff.sends_check(&placed.text("invoice_id"), 35_000).await
            }
        })
        .await;
        for answer in &answers {
            assert!(matches!(answer.status, 200 | 201 | 409 | 422), "{}", answer.body());
        }
        // Credited once, to whom paid the full price: her, when it came before the order, which then is refused.
        assert_eq!((world.count("membership.verified"), world.count("invoice.member_credited")), (1, 1));
        let hers = ada.statement(&ada.id).await;
        let theirs = staff.get(&format!("/v1/institutions/{library}/statement")).await.expect(200);
        let ordered = world.count("purchase_order.settled") == 1;
        assert_eq!(figures(&theirs)[2], if ordered { 2_500 } else { 0 });
        assert_eq!(figures(&hers)[..2], if ordered { [0, 35_000] } else { [32_500, 2_500] });
        staff.finds_the_ledger_right().await;
    }

    async fn sixteen_records_of_one_payout(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let invoice = staff.invoices(&ada.id, 1).await.id();
        staff.takes_check(&invoice, "118", 7_000).await.expect(201);
        let payout = staff.pays_credit_out(&ada.id, 1_000).await.expect(201).id();
        let answers = contend(|_| {
            let (staff, payout) = (staff.clone(), payout.clone());
            async move { staff.pays_out(&payout).await }
        })
        .await;
        let made = one_winner(answers, 200);
        assert_eq!((&made["state"], world.count("payout.made")), (&json!("paid"), 1));
        staff.finds_the_ledger_right().await;
    }
}
