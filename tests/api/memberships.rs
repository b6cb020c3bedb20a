//! ALA memberships: verified late, the difference is credited; verified by list, row by row.

use serde_json::{Value, json};

use crate::support::{
    actor::Actor,
    world::{each, each_world},
};

async fn claims(person: &Actor, number: &str) -> String {
    let path = format!("/v1/people/{}/memberships", person.id);
    person.post(&path, json!({"number": number})).await.expect(201).id()
}

fn valid() -> Value {
    json!({"valid": true, "valid_from": "2026-01-01", "valid_until": "2026-12-31"})
}

fn row(number: &str) -> Value {
    json!({"number": number, "valid_from": "2026-01-01", "valid_until": "2026-12-31"})
}

each_world! {
    async fn verified_late_the_difference_is_credited_once(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let claim = claims(&ada, "2041877").await;
        ada.applies().await;
        world.travel_to("2026-04-30");
        let verified = staff.post(&format!("/v1/memberships/{claim}/verification"), valid()).await.expect(200);
        assert_eq!((&verified["state"], &verified["credited_cents"]), (&json!("verified"), &json!(2_500)));
        // It pays what is owed first.
        let invoice = ada.invoice_of(&ada).await;
        assert_eq!((&invoice["balance_cents"], &invoice["payments"][0]["method"]), (&json!(32_500), &json!("credit")));
        let again = claims(&ada, "2041877").await;
        let second = staff.post(&format!("/v1/memberships/{again}/verification"), valid()).await.expect(200);
        assert_eq!(second["credited_cents"], 0);
        assert_eq!(world.count("invoice.member_credited"), 1);
    }

    async fn verified_too_late_nothing_is_credited(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        let claim = claims(&ada, "2041877").await;
        ada.applies().await;
        world.travel_to("2026-05-01");
        let verified = staff.post(&format!("/v1/memberships/{claim}/verification"), valid()).await.expect(200);
        assert_eq!(verified["credited_cents"], 0);
        assert_eq!(ada.invoice_of(&ada).await["balance_cents"], 35_000);
    }

    async fn a_list_is_judged_row_by_row(world) {
        let staff = world.staff().await;
        let mut people = Vec::new();
        for (name, number) in [("Ada", "1"), ("Ben", "2"), ("Cleo", "3"), ("Dora", "4"), ("Emil", "4"), ("Flora", "a-6")] {
            let person = world.register(name).await;
            claims(&person, number).await;
            people.push(person);
        }
        people[0].applies().await;
        let own = claims(&staff, "7").await;
        let second = claims(&people[1], "2b").await;
        staff.post(&format!("/v1/memberships/{second}/verification"), valid()).await.expect(200);
        let named = |mut row: Value, name: &str| { row["family_name"] = json!(name); row };
        let mut backwards = row("1");
        backwards["valid_until"] = json!("2025-01-01");
        let rows = json!([
            backwards, named(row("A-6"), "éxample"), named(row("3"), "Other"), row("4"), row("99"), row("2b"), row("7"), row("2B"), row("2"),
        ]);
        let before = world.events();
        let dry = staff.post("/v1/memberships/import?dry_run=true", json!({"rows": rows})).await.expect(200);
        assert_eq!(world.events(), before);
        let told = staff.post("/v1/memberships/import", json!({"rows": rows})).await.expect(200);
        assert_eq!(each(&told["rows"], "outcome"), [
            "bad_dates", "verified", "name_differs", "number_of_several", "no_claim", "already_verified", "own", "repeated", "verified",
        ]);
        assert_eq!(each(&told["rows"], "outcome"), each(&dry["rows"], "outcome"));
        assert_eq!((&told["verified"], &told["rows"][1]["pointer"]), (&json!(2), &json!("#/rows/1")));
        assert_eq!(staff.get(&format!("/v1/memberships/{own}")).await["state"], "claimed");
        assert_eq!(world.count("membership.verified"), 3);
        people[0].post("/v1/memberships/import", json!({"rows": rows})).await.refused(403, "forbidden");
    }

    async fn a_file_verifies_and_credits(world) {
        let (ada, staff) = (world.register("Ada").await, world.staff().await);
        claims(&ada, "2041877").await;
        ada.applies().await;
        let file = "number,valid_from,valid_until,family_name\n2041877,2026-01-01,2026-12-31,Example\n55,2026-01-01,2026-12-31,\n";
        let dry = staff.post_csv("/v1/memberships/import?dry_run=true", file).await.expect(200);
        assert_eq!((&dry["dry_run"], &dry["credited_cents"]), (&json!(true), &json!(2_500)));
        assert_eq!(ada.invoice_of(&ada).await["balance_cents"], 35_000);
        let told = staff.post_csv("/v1/memberships/import", file).await.expect(200);
        assert_eq!((&told["credited_cents"], each(&told["rows"], "pointer")), (&json!(2_500), vec!["#/2", "#/3"]));
        assert_eq!(ada.invoice_of(&ada).await["balance_cents"], 32_500);
        let again = staff.post_csv("/v1/memberships/import", file).await.expect(200);
        assert_eq!(each(&again["rows"], "outcome"), ["already_verified", "no_claim"]);
        let bad = "number,valid_from,valid_until\n1,2026-01-01,never\n";
        staff.post_csv("/v1/memberships/import", bad).await.faulty("#/2/valid_until", "format");
        staff.post("/v1/memberships/import", json!({"rows": []})).await.faulty("#/rows", "length");
        staff.post("/v1/memberships/import", json!({"rows": [row("5"), row("4242424242424242")]})).await.faulty("#/rows/1/number", "card_data");
        let card = "number,valid_from,valid_until\n4242 4242 4242 4242,2026-01-01,2026-12-31\n";
        staff.post_csv("/v1/memberships/import", card).await.faulty("#/2/number", "card_data");
    }
}
