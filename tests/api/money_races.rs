//! Sixteen contenders for the same money: one winner, the others a clean 409, the ledger at 0.

use serde_json::json;

use crate::support::{
    money::figures,
    race::{CONTENDERS, contend, one_winner},
    world::{each, each_world},
};

each_world! {
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
        // All the others say the same of the same reference: one discrepancy.
        assert_eq!((world.count("invoice.payment_recorded"), world.count("payment_discrepancy.found")), (1, 1));
        assert_eq!(ada.statement(&ada.id).await["paid_cents"], 6_000);
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
