//! The ledger over HTTP: its accounts, its postings, its report.

use serde_json::{Value, json};

use crate::support::{
    actor::{Actor, Answer},
    world::{World, each, each_world},
};

/// Money of every kind: issued, paid, overpaid, voided, returned, paid out.
async fn happens(world: &World, ada: &Actor, staff: &Actor) {
    let fee = ada.applies().await.text("invoice_id");
    staff.records_payment(&fee, 36_000).await.expect(201);
    world.travel_to("2026-03-10");
    let portfolio = staff.invoices(&ada.id, 1).await.id();
    ada.applies_credit(&portfolio, Some(400)).await.expect(200);
    staff.voids(&portfolio).await.expect(200);
    let next = staff.invoices(&ada.id, 1).await.id();
    let paid = staff.takes_check(&next, "118", 6_000).await.expect(201);
    let payment = paid["payments"][0]["id"].as_str().unwrap().to_owned();
    let payout = staff.returns(&payment, Some(2_500)).await.expect(200)["payout"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    staff.pays_credit_out(&ada.id, 1_000).await.expect(201);
    world.travel_to("2026-04-02");
    let body = json!({"tender": "check", "reference": "9001", "paid_on": "2026-03-30"});
    staff.post(&format!("/v1/payouts/{payout}/record"), body).await.expect(200);
}

fn account<'a>(answer: &'a Answer, code: &str) -> &'a Value {
    let accounts = answer["accounts"].as_array().unwrap();
    accounts.iter().find(|one| one["account"] == code).unwrap()
}

fn item<'a>(answer: &'a Answer, name: &str) -> &'a Value {
    let items = answer["reconciliation"].as_array().unwrap();
    items.iter().find(|one| one["item"] == name).unwrap()
}

each_world! {
    async fn every_account_is_named_and_all_of_them_sum_to_0(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        happens(world, &ada, &staff).await;
        let accounts = staff.get("/v1/ledger/accounts").await.expect(200);
        assert_eq!((&accounts["total_cents"], &accounts["as_of"]), (&json!(0), &json!("2026-04-02")));
        assert_eq!(accounts["accounts"].as_array().unwrap().len(), 16);
        for (code, class, cents) in [
            ("cash_card", "asset", 36_000),
            ("cash_check", "asset", 6_000 - 2_500),
            ("receivable", "asset", 0),
            ("customer_credit", "liability", 0),
            ("payable", "liability", -1_000),
            ("revenue_application", "income", -35_000),
            ("revenue_portfolio", "income", -6_000),
            ("fees_returned", "income", 2_500),
        ] {
            let found = account(&accounts, code);
            assert_eq!((&found["class"], &found["balance_cents"]), (&json!(class), &json!(cents)), "{code}");
            assert!(found["description"].as_str().is_some_and(|text| text.ends_with('.')));
        }
        let before = staff.get("/v1/ledger/accounts?as_of=2026-03-01").await.expect(200);
        assert_eq!(account(&before, "customer_credit")["balance_cents"], -1_000);
        assert_eq!(account(&before, "payable")["balance_cents"], 0);
    }

    async fn a_period_is_reported_and_agrees_with_the_records(world) {
        let (ada, staff, auditor) = (world.register("Ada").await, world.staff().await, world.auditor().await);
        happens(world, &ada, &staff).await;
        let march = auditor.get("/v1/ledger/report?from=2026-03-02&until=2026-03-31").await.expect(200);
        assert_eq!(march["reconciles"], true, "{}", march.body());
        let cash = account(&march, "cash_check");
        assert_eq!((&cash["opening_cents"], &cash["closing_cents"]), (&json!(0), &json!(6_000)));
        assert_eq!(account(&march, "cash_card")["opening_cents"], 36_000);
        assert_eq!((&march["totals"]["opening_cents"], &march["totals"]["closing_cents"]), (&json!(0), &json!(0)));
        assert_eq!(march["totals"]["debit_cents"], march["totals"]["credit_cents"]);
        for (name, cents) in [
            ("issued", 12_000),
            ("voided", 6_000),
            ("received_by_card", 0),
            ("received_by_check", 6_000),
            ("paid_by_credit", 400),
            ("refunds_due", 2_500),
            ("credit_refunds_due", 1_000),
            ("paid_out_by_check", 0),
            ("open_balances", 0),
            ("payouts_due", 3_500),
        ] {
            let found = item(&march, name);
            let wanted = json!({"item": name, "ledger_cents": cents, "records_cents": cents, "difference_cents": 0});
            assert_eq!(found, &wanted, "{name}");
        }
        // The payout counts in the month in which it was recorded.
        let april = auditor.get("/v1/ledger/report?from=2026-04-01").await.expect(200);
        assert_eq!((&april["reconciles"], &item(&april, "paid_out_by_check")["records_cents"]), (&json!(true), &json!(2_500)));
        for from in ["2026-03-01", "2026-03-02", "2026-03-11", "2026-01-01"] {
            for until in ["2026-03-11", "2026-03-30", "2026-12-31"] {
                let report = auditor.get(&format!("/v1/ledger/report?from={from}&until={until}")).await.expect(200);
                assert_eq!(report["reconciles"], true, "{}", report.body());
            }
        }
    }

    async fn a_report_is_a_spreadsheet_too(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        happens(world, &ada, &staff).await;
        let report = staff.get("/v1/ledger/report?format=csv").await.expect(200);
        assert!(report.header("content-type").starts_with("text/csv"));
        assert!(report.header("content-disposition").contains("ledger-2026-01-01-2026-04-02.csv"));
        let text = report.body();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 16 + 1 + 17);
        assert_eq!(lines[0], "part,name,class,opening,debit,credit,closing,ledger,records,difference,currency");
        assert_eq!(lines[1], "account,cash_card,asset,0.00,360.00,0.00,360.00,,,,USD");
        assert!(lines[17].starts_with("total,all,,0.00,"));
        assert_eq!(lines[18], "reconciliation,issued,,,,,,470.00,470.00,0.00,USD");
        assert!(lines.iter().all(|line| line.matches(',').count() == 10));
    }

    async fn postings_are_found_by_what_they_touch(world) {
        let (ada, bob, staff) = (world.register("Ada").await, world.register("Bob").await, world.staff().await);
        happens(world, &ada, &staff).await;
        let bobs = staff.invoices(&bob.id, 1).await.id();
        let kinds = async |query: &str| {
            let list = staff.get(&format!("/v1/ledger/postings?{query}")).await.expect(200);
            each(&list["items"], "kind").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let everything = ["invoice_issued", "payment_received", "invoice_issued", "credit_applied", "invoice_voided",
            "invoice_issued", "payment_received", "refund_due", "credit_refund_due", "payout_made", "invoice_issued"];
        assert_eq!(kinds("").await, everything);
        assert_eq!(kinds(&format!("person_id={}", bob.id)).await, ["invoice_issued"]);
        assert_eq!(kinds(&format!("invoice_id={bobs}")).await, ["invoice_issued"]);
        assert_eq!(kinds("account=payable").await, ["refund_due", "credit_refund_due", "payout_made"]);
        assert_eq!(kinds("from=2026-04-01&until=2026-04-30").await, ["payout_made", "invoice_issued"]);
        assert_eq!(kinds("program=nowhere").await, [""; 0]);
        let page = staff.get("/v1/ledger/postings?limit=4").await.expect(200);
        let next = page["next_cursor"].as_str().unwrap();
        assert_eq!(kinds(&format!("limit=4&cursor={next}")).await, everything[4..8]);
        let posting = &page["items"][1];
        let transfers = posting["transfers"].as_array().unwrap();
        assert_eq!((&transfers[0]["debit"]["account"], &transfers[0]["credit"]["account"]), (&json!("cash_card"), &json!("receivable")));
        assert_eq!((&transfers[0]["amount_cents"], &transfers[1]["amount_cents"]), (&json!(35_000), &json!(1_000)));
        assert_eq!((&transfers[1]["credit"]["account"], &transfers[1]["credit"]["person_id"]), (&json!("customer_credit"), &json!(ada.id)));
        assert_eq!(posting["recorded_by"], json!(staff.id));
    }

    async fn the_ledger_is_for_the_office(world) {
        let (ada, staff, admin) = (world.register("Ada").await, world.staff().await, world.admin().await);
        let every = world.partner(&admin, &["invoices:read", "payments:write"]).await;
        for path in ["/v1/ledger/accounts", "/v1/ledger/postings", "/v1/ledger/report"] {
            ada.get(path).await.refused(403, "forbidden");
            every.get(path).await.refused(403, "forbidden");
            world.anyone().get(path).await.refused(401, "unauthenticated");
            staff.get(path).await.expect(200);
            staff.get(&format!("{path}?colour=red")).await.refused(400, "invalid-query");
        }
        for query in ["from=2026-03-02&until=2026-03-01", "program=nowhere", "format=pdf", "until=9999-01-01"] {
            staff.get(&format!("/v1/ledger/report?{query}")).await.refused(400, "invalid-query");
        }
        let both = format!("person_id={}&institution_id=org_{:032x}", ada.id, 1);
        staff.get(&format!("/v1/ledger/postings?{both}")).await.refused(400, "invalid-query");
    }
}
