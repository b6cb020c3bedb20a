//! Purchase orders by example (FAQ 22).

use domain::{
    ApplicationId,
    purchase_order::{Candidate, OrderLine, Payable, check},
};

use crate::support::places;

fn ada() -> Candidate {
    Candidate {
        application: ApplicationId::from_bits(1),
        name: "Ada Ames".to_owned(),
        emails: vec!["ada@library.example".to_owned(), "ada@home.example".to_owned()],
        state: Payable::Unpaid,
        quoted_cents: 32_500,
    }
}
fn ben() -> Candidate {
    Candidate {
        application: ApplicationId::from_bits(2),
        name: "Ben Boyd".to_owned(),
        emails: vec!["ben@library.example".to_owned()],
        state: Payable::Unpaid,
        quoted_cents: 35_000,
    }
}
fn line(name: &str, email: &str, amount_cents: i64) -> OrderLine {
    OrderLine { name: name.to_owned(), email: email.to_owned(), amount_cents }
}
fn lines() -> Vec<OrderLine> {
    vec![
        line("Ada Ames", "ADA@home.example", 32_500),
        line("ben boyd ", "ben@library.example", 35_000),
    ]
}

#[test]
fn an_order_whose_lines_all_match_is_accepted() {
    let checked = check(&lines(), 67_500, &[ada(), ben()], "USD").unwrap();
    assert!(checked.accepted, "{checked:?}");
    let paid: Vec<_> = checked.lines.iter().map(|line| line.application.unwrap()).collect();
    assert_eq!(paid, [ada().application, ben().application]);
}

#[test]
fn a_wrong_amount_is_told_with_the_right_one() {
    let mut lines = lines();
    lines[1].amount_cents = 32_500;
    let checked = check(&lines, 65_000, &[ada(), ben()], "USD").unwrap();
    assert!(!checked.accepted);
    assert!(checked.lines[0].findings.iter().all(|one| one.satisfied));
    let wrong = &checked.lines[1];
    assert_eq!((wrong.expected_cents, wrong.actual_cents), (Some(35_000), 32_500));
    let finding = wrong.findings.iter().find(|one| !one.satisfied).unwrap();
    assert_eq!(finding.rule, "purchase_order.line_amount");
    assert_eq!((finding.required.as_str(), finding.actual.as_str()), ("$350", "$325"));
}

#[test]
fn the_total_is_the_sum_of_the_lines() {
    let checked = check(&lines(), 67_499, &[ada(), ben()], "USD").unwrap();
    assert!(!checked.accepted);
    assert_eq!((checked.expected_total_cents, checked.actual_total_cents), (67_500, 67_499));
}

#[test]
fn only_a_submitted_unpaid_application_of_that_name_can_be_paid() {
    for state in [Payable::Paid, Payable::NotSubmitted, Payable::Ordered] {
        let settled = Candidate { state, ..ben() };
        assert!(!check(&lines(), 67_500, &[ada(), settled], "USD").unwrap().accepted, "{state}");
    }
    let renamed = Candidate { name: "Benjamin Boyd".to_owned(), ..ben() };
    let checked = check(&lines(), 67_500, &[ada(), renamed], "USD").unwrap();
    assert_eq!(checked.lines[1].application, None);
    assert_eq!(checked.lines[1].findings[0].actual, "an application under another name");
    let alone = check(&lines(), 67_500, &[ada()], "USD").unwrap();
    assert_eq!(alone.lines[1].findings[0].actual, "no application");
    assert!(!alone.accepted);
}

#[test]
fn an_order_cannot_be_empty_negative_or_for_one_person_twice() {
    assert_eq!(places(&check(&[], 0, &[], "USD").unwrap_err()), [("/lines", "length")]);
    let lines = [line("Ada", "ada@x.example", -1), line("Ada", "Ada@x.example", 1)];
    let bad = check(&lines, -1, &[], "USD").unwrap_err();
    let expected = [
        ("/total_cents", "out_of_range"),
        ("/lines/0/amount_cents", "out_of_range"),
        ("/lines/1/email", "duplicate"),
    ];
    assert_eq!(places(&bad), expected);
}
