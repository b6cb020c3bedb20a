//! The program as it ships: its policy, its sets and its FAQ hold together.

use std::collections::BTreeSet;

use domain::{
    competency::{Framework, SetKind},
    faq::{BadTemplate, PLACEHOLDERS, Question, fill},
    policy::{Fee, FeeCode, Policy},
};

use crate::support::{framework, places, policy, shipped};

fn faq() -> Vec<Question> {
    serde_json::from_str(&shipped("faq.json")).unwrap()
}

#[test]
fn the_shipped_policy_and_framework_are_sound() {
    let (policy, framework) = (policy(), framework());
    assert_eq!(policy.check_with(&framework), []);
    assert_eq!(framework.check(), []);
    let sets = framework.required_to_certify;
    let asked = &policy.certification;
    assert_eq!((sets.required, sets.elective), (asked.required_sets, asked.elective_sets));
    assert_eq!(framework.mask(SetKind::Required).count(), asked.required_sets);
    assert_eq!(framework.sets.len(), 10);
}

#[test]
fn policy_and_framework_survive_being_stored() {
    let stored = serde_json::to_string(&policy()).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&stored).unwrap(), policy());
    let stored = serde_json::to_string(&framework()).unwrap();
    assert_eq!(serde_json::from_str::<Framework>(&stored).unwrap(), framework());
}

#[test]
fn a_policy_with_a_field_too_many_or_too_few_is_refused() {
    let mut document: serde_json::Value = serde_json::from_str(&shipped("policy.json")).unwrap();
    document["candidacy"]["decades"] = 1.into();
    assert!(serde_json::from_value::<Policy>(document.clone()).is_err());
    document["candidacy"] = serde_json::json!({});
    assert!(serde_json::from_value::<Policy>(document).is_err());
}

#[test]
fn a_policy_that_cannot_hold_is_told_all_that_is_wrong() {
    let mut policy = policy();
    policy.candidacy.years = 0;
    policy.renewal.technology_minutes = policy.renewal.contact_minutes + 1;
    policy.renewal.opens_months = 49;
    policy.fees.currency = "usd".to_owned();
    policy.fees.schedule.remove(&FeeCode::Renewal);
    let dear = Fee { price_cents: 1, member_price_cents: Some(2) };
    policy.fees.schedule.insert(FeeCode::Portfolio, dear);
    policy.awards.course_subsidy_cents = -1;
    policy.certification.elective_sets = 8;
    let expected = [
        ("/candidacy/years", "out_of_range"),
        ("/renewal/technology_minutes", "order"),
        ("/renewal/opens_months", "order"),
        ("/fees/currency", "format"),
        ("/fees/schedule/portfolio/member_price_cents", "order"),
        ("/fees/schedule/renewal", "required"),
        ("/awards/course_subsidy_cents", "out_of_range"),
        ("/certification/elective_sets", "out_of_range"),
    ];
    assert_eq!(places(&policy.check_with(&framework())), expected);
}

#[test]
fn a_framework_with_repeated_or_foreign_codes_is_refused() {
    let mut framework = framework();
    framework.sets[1].code = framework.sets[0].code.clone();
    framework.sets[2].competencies[1] = framework.sets[2].competencies[0].clone();
    let bad = framework.check();
    let places = places(&bad);
    assert!(places.contains(&("/competency_sets/1/code", "duplicate")), "{places:?}");
    assert!(places.contains(&("/competency_sets/1/competencies/0/code", "format")));
    assert!(places.contains(&("/competency_sets/2/competencies/1/code", "duplicate")));
}

#[test]
fn every_answer_of_the_faq_fills_from_the_policy() {
    let (policy, framework) = (policy(), framework());
    let numbers: Vec<u32> = faq().iter().map(|one| one.number).collect();
    assert_eq!(numbers, (1..=27).collect::<Vec<_>>());
    for one in faq() {
        let answer = fill(&one.answer, &policy, &framework).unwrap();
        assert!(answer.len() > 20 && !answer.contains(['{', '}']), "{}: {answer}", one.number);
        assert!(one.question.ends_with('?'), "{}", one.question);
    }
}

#[test]
fn the_faq_says_what_the_policy_says() {
    let (mut policy, framework) = (policy(), framework());
    let answer = |policy: &Policy, number: u32| {
        let one = faq().into_iter().find(|one| one.number == number).unwrap();
        fill(&one.answer, policy, &framework).unwrap()
    };
    assert!(answer(&policy, 6).contains("1,820 hours"));
    let cost = answer(&policy, 21);
    assert!(["$350", "$325", "$60", "$50"].iter().all(|price| cost.contains(price)), "{cost}");
    policy.fees.schedule.get_mut(&FeeCode::Application).unwrap().price_cents = 41_250;
    assert!(answer(&policy, 21).contains("$412.50"));
    policy.candidacy.years = 1;
    assert!(answer(&policy, 18).contains("1 year"));
}

#[test]
fn no_figure_of_the_policy_is_written_into_the_faq() {
    let words: BTreeSet<&str> =
        ["two", "three", "four", "five", "six", "seven", "ten", "twelve", "thirty"].into();
    for one in faq() {
        // Drop the placeholders; the program's own telephone number is no figure of the policy.
        let prose: String = one
            .answer
            .split('{')
            .enumerate()
            .map(|(place, part)| if place == 0 { part } else { part.split_once('}').unwrap().1 })
            .collect::<Vec<_>>()
            .join(" ")
            .replace("800-545-2433 ext. 2424", "");
        assert!(!prose.contains(|c: char| c.is_ascii_digit()), "{}: {prose}", one.number);
        let lower = prose.to_lowercase();
        let spelled = lower.split(|c: char| !c.is_alphabetic()).find(|word| words.contains(word));
        assert_eq!(spelled, None, "question {}", one.number);
    }
}

#[test]
fn a_template_is_filled_whole_or_not_at_all() {
    let (policy, framework) = (policy(), framework());
    let fill = |template: &str| fill(template, &policy, &framework);
    assert_eq!(fill("{nothing.here}"), Err(BadTemplate::Unknown("nothing.here".to_owned())));
    for broken in ["{candidacy.years", "candidacy.years}", "a } b {candidacy.years}"] {
        assert_eq!(fill(broken), Err(BadTemplate::Unbalanced), "{broken}");
    }
    let names: BTreeSet<_> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), PLACEHOLDERS.len(), "each placeholder has one meaning");
    for name in names {
        assert_ne!(fill(&format!("{{{name}}}")).unwrap(), "", "{name}");
    }
}
