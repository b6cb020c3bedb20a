//! Approvals: renewals, ends, bundles, offerings.

use super::*;
use proptest::prelude::*;

#[test]
fn a_renewal_in_time_goes_on_from_the_old_last_day() {
    let old = course(1, "FND", "2022-02-01");
    assert!(old.renewable_finding(day("2026-02-01")).satisfied, "the last day counts");
    assert!(!old.renewable_finding(day("2026-02-02")).satisfied);
    let proposal = draft(content("FND"), Some(&old), "2026-01-15");
    let set = framework().set(&set("FND")).unwrap().clone();
    let provider = provider();
    let hand_in = |on: &str| {
        let with = (&provider, Some(&old));
        proposal.clone().submit(InvoiceId::from_bits(1), with, &set, day(on))
    };
    assert!(hand_in("2026-02-02").is_err());
    let proposal = hand_in("2026-02-01").unwrap().0.start_review().unwrap().0;
    let yes = Recommendation::Approve;
    let reviews = vec![reviewed(&proposal, 8, yes), reviewed(&proposal, 9, yes)];
    // The office decides after the old approval ended: no gap.
    let decided = grounds(reviews, "2026-04-01");
    let (before, policy) = (old.details.clone(), policy().courses);
    let renew = |course: Course| {
        let proposal = proposal.clone();
        proposal.approve_renewal(course, &before, &decided, &policy).unwrap().1
    };
    let renewed = renew(old.clone());
    assert_eq!((renewed.ends_on, renewed.renewals), (day("2030-02-01"), 1));
    assert!(renewed.is_approved_on(day("2026-03-01")));
    assert_eq!(renewed.details, proposal.content.details);
    // What the provider changed after it had asked is newer than what it asked for.
    let price = Some("$90".to_owned());
    let title = "An old title".to_owned();
    let patched = CourseDetails { price: price.clone(), title, ..old.details.clone() };
    let renewed = renew(Course { details: patched, ..old });
    let expected = CourseDetails { price, ..proposal.content.details.clone() };
    assert_eq!(renewed.details, expected);
}

#[test]
fn what_counted_before_an_end_keeps_counting() {
    let ending = |on: &str| Ending {
        on: day(on),
        kind: EndingKind::Withdrawn,
        reason: "The instructor left".into(),
    };
    let today = day("2025-06-01");
    assert!(course(1, "FND", "2024-01-01").end(ending("2025-05-31"), today).is_err());
    let (ended, _) = course(1, "FND", "2024-01-01").end(ending("2025-06-01"), today).unwrap();
    assert!(ended.clone().end(ending("2025-06-01"), today).is_err(), "once");
    assert!(ended.clone().renew(None, &policy().courses).is_err());
    let judged = |completed_on: &str| {
        let facts = CreditFacts {
            approved_on: ended.approved_on,
            ends_on: Some(ended.last_day()),
            completed_on: day(completed_on),
            deadline: day("2028-01-01"),
            course_set: set("FND"),
            claimed_set: set("FND"),
            proof: true,
        };
        course_credit::evaluate(&facts, &framework(), &policy().courses).unwrap()
    };
    assert!(judged("2025-06-01").satisfied && judged("2022-01-01").satisfied);
    let late = judged("2025-06-02");
    let window = late.findings.iter().find(|one| one.rule == "credit.completion_window").unwrap();
    assert!(!window.satisfied && window.message.contains("portfolio"));
}

/// FAQ 10, real case: youth services by a children's and a teen course.
#[test]
fn a_bundle_is_achieved_by_all_of_its_courses_in_any_order() {
    let id = BundleId::from_bits(1);
    let (bundle, _) =
        Bundle::draft(id, ProgramCode::lssc(), PROVIDER, set("YTH"), "Youth services".into());
    let part = |bits| Course { bundle: Some(id), ..course(bits, "YTH", "2026-01-01") };
    let (children, teens) = (part(1), part(2));
    let map = full_map("YTH");
    let (left, right) = map.split_at(map.len() / 2);
    let framework = framework();
    let youth = framework.set(&set("YTH")).unwrap();
    let courses = [children.clone(), teens.clone()];
    let policy = policy().courses;
    let on = |maps: &[&[MapEntry]], courses: &[Course]| {
        let grounds = BundleGrounds { courses, maps, set: youth, override_reason: None };
        bundle.clone().approve(&grounds, &policy, day("2026-02-01"))
    };
    assert!(on(&[left], &courses).is_err(), "half of the competencies");
    assert!(on(&[left, right], &courses[..1]).is_err(), "one course");
    let (bundle, _) = on(&[left, right], &courses).unwrap();

    let credit = |done: &[(CourseId, &str)]| {
        let done: Vec<_> = done.iter().map(|(course, on)| (*course, day(on))).collect();
        bundle.credit(&done, &policy).completed_on
    };
    assert_eq!(credit(&[(children.id, "2026-05-01")]), None);
    let last = Some(day("2026-05-01"));
    assert_eq!(credit(&[(children.id, "2026-05-01"), (teens.id, "2026-03-01")]), last);
    assert_eq!(credit(&[(teens.id, "2026-03-01"), (children.id, "2026-05-01")]), last);
    assert_eq!(credit(&[(teens.id, "2026-03-01"), (children.id, "2030-02-02")]), None, "too late");
}

#[test]
fn an_offering_starts_while_its_course_is_approved_and_says_where() {
    let course = course(1, "FND", "2026-01-01");
    let details = OfferingDetails {
        starts_on: day("2026-03-01"),
        ends_on: day("2026-04-01"),
        mode: Mode::Online,
        place: None,
        link: Some("https://example.org/join".into()),
        seats: Some(20),
        price: None,
        contact: None,
        registration_url: None,
    };
    let active = provider().standing.active_finding(day("2026-01-02"));
    let offer = |details: OfferingDetails| {
        Offering::announce(domain::OfferingId::from_bits(1), &course, details, active.clone())
    };
    let with = |change: &dyn Fn(&mut OfferingDetails)| {
        let mut changed = details.clone();
        change(&mut changed);
        changed
    };
    let early = offer(with(&|one| one.starts_on = day("2025-12-31"))).unwrap_err();
    assert!(!found(early.findings(), "offering.course_approved"));
    let in_room = offer(with(&|one| one.mode = Mode::FaceToFace)).unwrap_err();
    assert!(!found(in_room.findings(), "offering.mode"));
    assert!(!found(in_room.findings(), "offering.place"));
    let backwards = with(&|one| one.ends_on = day("2026-02-01"));
    assert_eq!(places(&backwards.check()), [("/ends_on", "order")]);
    let (offering, _) = offer(details.clone()).unwrap();
    let (cancelled, _) = offering.cancel("Too few".into(), day("2026-02-01")).unwrap();
    assert!(cancelled.update(&course, details, active).is_err());
}

#[test]
fn a_price_is_searched_by_its_first_amount() {
    for (price, cents) in [
        ("$1,250 a person", Some(125_000)),
        ("from $99.50, $75 for members", Some(9_950)),
        ("Free for members", Some(0)),
        ("Ask us", None),
        ("$99999999999999999999", None),
        ("12.5", Some(1_200)),
        ("4 weeks, $150", Some(15_000)),
        ("3 credits at $ 90.50", Some(9_050)),
        ("4 weeks", None),
        ("2 for 100", None),
        ("100 USD", Some(10_000)),
        ("Free for the first 10", None),
    ] {
        assert_eq!(price_cents(price), cents, "{price}");
    }
}

proptest! {
    #[test]
    fn renewals_leave_no_gap_and_clamp_no_day_for_good(offset in 0_i64..60_000, times in 1_usize..6) {
        let approved_on = domain::calendar::add_days(day("1970-01-01"), offset);
        let mut renewed = course(1, "FND", "2026-01-01");
        renewed.approved_on = approved_on;
        renewed.ends_on = course_credit::approval_ends_on(approved_on, &policy().courses);
        for _ in 0..times {
            renewed = renewed.renew(None, &policy().courses).unwrap().0;
        }
        let years = 4 * (i32::try_from(times).unwrap() + 1);
        prop_assert_eq!(renewed.ends_on, domain::calendar::add_years(approved_on, years));
    }

    #[test]
    fn a_map_is_complete_when_no_text_of_it_is_blank(blank in proptest::option::of((0_usize..8, 0_usize..4))) {
        let mut full = full_map("FND");
        if let Some((place, part)) = blank {
            let place = place % full.len();
            let entry = &mut full[place];
            *[&mut entry.content, &mut entry.reading, &mut entry.assignment, &mut entry.assessment][part] = String::new();
        }
        let framework = framework();
        let findings = map::findings(&[&full], framework.set(&set("FND")).unwrap());
        prop_assert_eq!(domain::all_satisfied(&findings), blank.is_none());
    }
}
