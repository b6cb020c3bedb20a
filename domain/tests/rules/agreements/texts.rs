//! Coverage, conditions, reviews, versions, ends.

use super::*;

#[test]
fn covered_sets_follow_from_the_requirements() {
    let full = terms(&FULL);
    let outcome = full.coverage(&framework(), &policy().certification, day("2024-01-01")).unwrap();
    assert_eq!((outcome.outcome, outcome.findings.len()), (Coverage::Full, 2));
    let agreement = signed(full);
    assert_eq!(agreement.ends_on, Some(day("2028-03-01")));
    assert_eq!(agreement.status(day("2028-03-01")), AgreementStatus::InForce);
    assert_eq!(agreement.status(day("2028-03-02")), AgreementStatus::Expired);
    assert_eq!(agreement.status(day("2024-02-29")), AgreementStatus::InReview);
}

/// Real case: graduates since spring 2010 add the communications set by a named course.
#[test]
fn a_dated_condition_binds_graduates_from_its_day_on() {
    let mut terms = terms(&FULL);
    terms.conditions.push(adds("COM", Some("2010-03-01")));
    assert_eq!(terms.check(&framework()), []);
    assert!(terms.covered_on(day("2010-02-28")).contains(&set("COM")));
    assert!(!terms.covered_on(day("2010-03-01")).contains(&set("COM")));
    let agreement = signed(terms);
    let version = agreement.versions.first().unwrap();
    assert_eq!(version.coverage, Coverage::Partial);
    assert!(found(&version.findings, "recognition.conditions_named"));
}

#[test]
fn a_partial_agreement_names_a_condition_for_every_missing_set() {
    let silent = reviewed(drafted(terms(&["FND", "TEC", "ACC", "CAT"])));
    let refused = sign(silent, "2024-03-01").unwrap_err();
    assert!(!found(refused.findings(), "recognition.conditions_named"));
    let mut named = terms(&["FND", "TEC", "ACC", "CAT"]);
    named.conditions = vec![adds("COM", None), adds("REF", None)];
    assert_eq!(signed(named).state, AgreementState::Signed);
}

#[test]
fn conditions_that_contradict_the_requirements_are_bad_facts() {
    let mut bad = terms(&FULL);
    bad.requirements[1].code = "lta  fnd".to_owned();
    bad.requirements[2].sets.push(set("XXX"));
    bad.conditions = vec![adds("FND", None), adds("YTH", Some("2020-01-01")), adds("YTH", None)];
    assert_eq!(
        places(&bad.check(&framework())),
        [
            ("/requirements/1/code", "duplicate"),
            ("/requirements/2/sets/1", "unknown"),
            ("/conditions/0/graduated_from", "required"),
            ("/conditions/1/graduated_from", "exclusive"),
            ("/conditions/2/set", "duplicate"),
        ]
    );
}

#[test]
fn two_people_who_are_not_of_the_college_review_it() {
    let open = drafted(terms(&FULL)).submit(day("2024-01-05")).unwrap().0;
    let yes = |bits| review(bits, AgreementAdvice::Approve);
    let (once, _) = open.clone().review(&reviewer(11), &college(), yes(11)).unwrap();
    let twice = once.clone().review(&reviewer(11), &college(), yes(11)).unwrap_err();
    assert!(!found(twice.findings(), "review.once"));
    let own = Reviewer { acts_for: vec![COLLEGE], ..reviewer(12) };
    let refused = once.clone().review(&own, &college(), yes(12)).unwrap_err();
    assert!(!found(refused.findings(), "review.not_of_organisation"));
    let refused = sign(once.clone(), "2024-03-01").unwrap_err();
    assert!(!found(refused.findings(), "agreement.reviews"));
    let against = review(12, AgreementAdvice::Change);
    let (split, _) = once.review(&reviewer(12), &college(), against).unwrap();
    assert!(sign(split.clone(), "2024-03-01").is_err());
    let (back, _) = split.send_back("Map LTA ACC".into()).unwrap();
    assert!(back.pending.unwrap().reviews.is_empty(), "reviews begin anew");
}

#[test]
fn an_agreement_is_not_signed_in_the_future() {
    let refused = sign(reviewed(drafted(terms(&FULL))), "2026-01-02").unwrap_err();
    assert!(!found(refused.findings(), "agreement.signed_by_today"));
}

#[test]
fn a_change_becomes_a_version_and_the_old_one_holds_for_its_graduates() {
    let agreement = signed(terms(&FULL));
    let mut next = terms(&FULL);
    next.requirements.push(terms(&["YTH"]).requirements.remove(0));
    let asked = (next, "A new course".to_owned(), "college".to_owned(), day("2025-01-01"));
    let (agreement, _) = agreement.request_change(asked.0, asked.1, asked.2, asked.3).unwrap();
    let again =
        agreement.clone().request_change(terms(&FULL), "x".into(), "y".into(), day("2025-01-02"));
    assert!(again.is_err(), "one change at a time");
    let change = signing(&agreement, "2025-06-01");
    assert!(agreement.clone().adopt_change(&change).is_err(), "not reviewed");
    let agreement = reviewed(agreement);
    let early = Signing { on: day("2024-02-01"), ..change.clone() };
    assert!(agreement.clone().adopt_change(&early).is_err());
    let (agreement, _) = agreement.adopt_change(&change).unwrap();
    let on = |text: &str| agreement.version_on(day(text)).unwrap().number;
    assert_eq!((on("2022-06-01"), on("2025-05-31"), on("2025-06-01")), (1, 1, 2));
    assert!(agreement.pending.is_none());
}

#[test]
fn each_anniversary_has_its_review() {
    let agreement = signed(terms(&FULL));
    assert_eq!(agreement.next_review_on(), Some(day("2025-03-01")));
    let hold = |agreement: Agreement, on: &str| {
        agreement.review_yearly(YearlyOutcome::Unchanged, None, "office".into(), day(on))
    };
    assert!(hold(agreement.clone(), "2024-11-30").is_err(), "three months before, not earlier");
    assert!(agreement.review_overdue(day("2025-03-02")));
    let mut agreement = agreement;
    for on in ["2025-02-01", "2026-04-01", "2027-03-01"] {
        agreement = hold(agreement, on).unwrap().0;
    }
    assert_eq!(agreement.next_review_on(), None, "the fourth anniversary is the end");
    assert!(hold(agreement, "2028-02-01").is_err());
}

#[test]
fn graduations_until_an_end_keep_counting() {
    let agreement = signed(terms(&FULL));
    assert!(agreement.clone().end(day("2025-12-31"), "x".into(), day("2026-01-01")).is_err());
    let (ended, _) = agreement.end(day("2026-01-01"), "Closed".into(), day("2026-01-01")).unwrap();
    assert_eq!(ended.status(day("2026-01-01")), AgreementStatus::InForce);
    assert_eq!(ended.status(day("2026-01-02")), AgreementStatus::Ended);
    assert!(post(&ended, "2026-01-01").is_ok());
    assert!(post(&ended, "2026-01-02").is_err());
}

#[test]
fn events_of_an_agreement_replay_to_its_state() {
    let way =
        ["agreement.drafted", "agreement.submitted", "agreement.reviewed", "agreement.signed"];
    assert_eq!(AgreementState::replay(way), Some(AgreementState::Signed));
    assert_eq!(AgreementState::replay(["agreement.drafted", "agreement.signed"]), None);
}
