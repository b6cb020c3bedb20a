//! Portfolios by example and by property: drafts, locks, seats, ratings, both rounds, who may judge.

mod evaluators;

use std::cell::Cell;

use chrono::NaiveDate;
use domain::{
    Finding, Id, InvoiceId, Word as _,
    candidacy::Candidacy,
    competency::{CompetencyCode, CompetencySet},
    decision::Refused,
    event::Fact,
    id::Kind,
    portfolio::{
        Assignment, AssignmentState, Attempt, CompetencyRating, Earlier, Eligibility, Merged, Part,
        Portfolio, PortfolioContent, PortfolioFacts, PortfolioOutcome, PortfolioResult,
        PortfolioState, Rating, Response, Submission, evaluate, free_seats,
    },
    program::ProgramCode,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    courses::now,
    support::{day, framework, policy},
};

const TODAY: &str = "2026-03-02";

fn id<K: Kind>(bits: u128) -> Id<K> {
    Id::from_bits(bits)
}

fn today() -> NaiveDate {
    day(TODAY)
}

thread_local! {
    /// The set of the story that a test tells: properties tell theirs of every set.
    static SET: Cell<&'static str> = const { Cell::new("REF") };
}

/// Every set of the program.
const SETS: [&str; 10] = ["ACC", "ARA", "CAT", "COL", "COM", "FND", "REF", "SUP", "TEC", "YTH"];

/// Tells a story of a set.
fn of_set<T>(code: &'static str, story: impl FnOnce() -> T) -> T {
    let before = SET.replace(code);
    let told = story();
    SET.set(before);
    told
}

fn set() -> CompetencySet {
    framework().set(&SET.get().parse().unwrap()).unwrap().clone()
}

fn codes() -> Vec<CompetencyCode> {
    set().competencies.iter().map(|one| one.code.clone()).collect()
}

pub(crate) fn candidacy() -> Candidacy {
    Candidacy {
        id: id(1),
        program: ProgramCode::lssc(),
        person: id(2),
        application: id(3),
        admitted_on: day("2024-03-01"),
        policy_version: 1,
        framework_version: 1,
        years: 4,
        holds: Vec::new(),
        extensions: Vec::new(),
        completed_on: None,
        withdrawn_on: None,
        provisional: None,
        version: 1,
    }
}

fn says(code: &CompetencyCode, narrative: &str) -> Response {
    Response {
        competency: code.clone(),
        narrative: narrative.to_owned(),
        links: Vec::new(),
        attachments: Vec::new(),
    }
}

fn complete() -> PortfolioContent {
    PortfolioContent {
        introduction: "Ten years at the desk.".to_owned(),
        learning_statement: "What I learned.".to_owned(),
        responses: codes().iter().map(|code| says(code, "I did this.")).collect(),
    }
}

const NOTHING: Earlier = Earlier { achieved: false, not_achieved: 0 };

fn draft(content: PortfolioContent) -> Portfolio {
    let rules = policy().portfolio;
    let known = (&rules, today(), now());
    Portfolio::draft(id(10), &candidacy(), set().code, content, NOTHING, known).unwrap().0
}

fn fee(settled: bool) -> Finding {
    Finding::new("portfolio.fee", "FAQ 21", settled, "paid", "paid", "The fee is paid.")
}

fn submits(portfolio: Portfolio, on: &str) -> Result<(Portfolio, Attempt), Refused> {
    let (held, runs) = (set(), candidacy());
    let attempt = id(20 + u128::try_from(portfolio.attempts).unwrap());
    let asked = Submission {
        attempt: portfolio.attempt(attempt, now()),
        candidacy: &runs,
        set: &held,
        fee: fee(true),
        achieved: false,
        today: day(on),
    };
    portfolio.submit(asked).map(|(portfolio, attempt, _)| (portfolio, attempt))
}

fn unmet<T: std::fmt::Debug>(refused: Result<T, Refused>) -> Vec<String> {
    let refused = refused.unwrap_err();
    let open = refused.findings().iter().filter(|one| !one.satisfied);
    open.map(|one| one.rule.to_string()).collect()
}

/// A portfolio on its way, with everybody who judges it.
#[derive(Debug, Clone)]
struct Case {
    portfolio: Portfolio,
    attempt: Attempt,
    assignments: Vec<Assignment>,
    events: Vec<&'static str>,
}

impl Case {
    fn submitted() -> Self {
        let (portfolio, attempt) = submits(draft(complete()), TODAY).unwrap();
        Self { portfolio, attempt, assignments: Vec::new(), events: Vec::new() }
    }

    /// The next free seat goes to a new evaluator.
    fn assign(&mut self) -> usize {
        let (number, rules, held) = (self.assignments.len(), policy().portfolio, set());
        let somebody = id(100 + u128::try_from(number).unwrap());
        let free = Eligibility { findings: Vec::new(), load: 0 };
        let seat = free_seats(&self.portfolio, &self.assignments)[0];
        let (assigned, _) = Assignment::assign(
            id(200 + u128::try_from(number).unwrap()),
            (&self.portfolio, &self.attempt),
            &self.assignments,
            (seat, somebody, free),
            (&held, &rules, today()),
        )
        .unwrap();
        self.assignments.push(assigned);
        number
    }

    /// Rates everything that an assignment is to rate by `rating`, and makes it final.
    fn rate(&mut self, place: usize, rating: impl Fn(usize) -> Rating) {
        let open = self.assignments[place].clone();
        let all = codes();
        let given = open.to_rate.iter().map(|code| CompetencyRating {
            competency: code.clone(),
            rating: Some(rating(all.iter().position(|one| one == code).unwrap())),
            comment: Some("Because.".to_owned()),
        });
        let given: Vec<_> = given.collect();
        assert!(open.check(&given).is_empty());
        let rateable = self.portfolio.state_finding(domain::portfolio::PortfolioAct::Rate);
        let (done, _) = open.save(given).unwrap().0.finalise(rateable, now()).unwrap();
        self.assignments[place] = done;
    }

    fn judged(&self) -> Option<PortfolioOutcome> {
        self.portfolio.judge(&self.assignments, &framework(), &policy().portfolio).unwrap()
    }

    /// Judges and concludes; the outcome.
    fn conclude(&mut self) -> PortfolioOutcome {
        let outcome = self.judged().unwrap();
        let rules = policy().portfolio;
        let (after, event) =
            self.portfolio.clone().conclude(outcome.clone(), &rules, today()).unwrap();
        self.events.push(event.event_type());
        self.attempt = self.attempt.clone().decided(after.round, outcome.clone(), today());
        self.portfolio = after;
        outcome
    }

    /// Two evaluators rate everything; the outcome of the first round.
    fn first_round(one: &[Rating], other: &[Rating]) -> (Self, PortfolioOutcome) {
        let mut case = Self::submitted();
        let (first, second) = (case.assign(), case.assign());
        case.rate(first, |place| one[place]);
        assert_eq!(case.judged(), None, "one of two is no outcome");
        case.rate(second, |place| other[place]);
        let outcome = case.conclude();
        (case, outcome)
    }

    /// The chance is used, and both rate what was asked for.
    fn second_round(&mut self, one: &[Rating], other: &[Rating]) -> PortfolioOutcome {
        let (portfolio, attempt) = submits(self.portfolio.clone(), "2026-03-20").unwrap();
        (self.portfolio, self.attempt) = (portfolio, attempt);
        let (first, second) = (self.assign(), self.assign());
        assert_eq!(self.assignments[first].to_rate, self.portfolio.requested);
        self.rate(second, |place| other[place]);
        self.rate(first, |place| one[place]);
        self.conclude()
    }
}

/// A portfolio that was rated in the first round, and the outcome that asks for more.
pub(crate) fn asked_for_more() -> (Portfolio, PortfolioOutcome) {
    let mut case = Case::submitted();
    for _ in 0..2 {
        let place = case.assign();
        case.rate(place, |_| Rating::PartiallyMet);
    }
    let outcome = case.judged().unwrap();
    (case.portfolio, outcome)
}

/// A portfolio that waits for its evaluators.
pub(crate) fn to_assign() -> (Portfolio, Attempt, CompetencySet) {
    let case = Case::submitted();
    (case.portfolio, case.attempt, set())
}

/// The second lists with which a round is judged: what was asked for anew, the rest as before.
fn over(before: &[Rating], after: &[Rating], requested: &[CompetencyCode]) -> Vec<Rating> {
    let asked = |place: usize| requested.contains(&codes()[place]);
    (0..before.len()).map(|place| if asked(place) { after[place] } else { before[place] }).collect()
}

fn golden(round: i64, lists: &[Vec<Option<Rating>>]) -> PortfolioOutcome {
    let facts = PortfolioFacts { competency_set: set().code, round, ratings: lists.to_vec() };
    evaluate(&facts, &framework(), &policy().portfolio).unwrap()
}

fn some(list: &[Rating]) -> Vec<Option<Rating>> {
    list.iter().copied().map(Some).collect()
}

fn all(rating: Rating) -> Vec<Rating> {
    vec![rating; codes().len()]
}

/// A set, and five lists of ratings of its competencies.
fn lists() -> impl Strategy<Value = (&'static str, Vec<Vec<Rating>>)> {
    let of = |code: &'static str| {
        let length = of_set(code, || codes().len());
        (Just(code), vec(vec(select(Rating::ALL), length), 5))
    };
    select(SETS.to_vec()).prop_flat_map(of)
}

/// A portfolio is judged over both rounds, by a third evaluator too where it comes to that: every outcome is
/// the one that the golden function gives for the same lists.
fn comes_to_the_golden_outcome(lists: &[Vec<Rating>], used: bool) -> Result<(), TestCaseError> {
    let (mut case, first) = Case::first_round(&lists[0], &lists[1]);
    prop_assert_eq!(&first, &golden(1, &[some(&lists[0]), some(&lists[1])]));
    if first.outcome == PortfolioResult::Achieved {
        prop_assert_eq!(case.portfolio.state, PortfolioState::Achieved);
        return Ok(());
    }
    prop_assert_eq!(case.portfolio.state, PortfolioState::MoreInformation);
    let (one, other, second) = if used {
        let outcome = case.second_round(&lists[2], &lists[3]);
        let merged =
            |before: usize, after: usize| over(&lists[before], &lists[after], &first.requested);
        (merged(0, 2), merged(1, 3), outcome)
    } else {
        let late = day("2026-04-02");
        let (waits, attempt) = (&case.portfolio, &case.attempt);
        prop_assert!(waits.clone().run_out(attempt, day("2026-04-01")).is_none(), "the last day");
        case.portfolio = waits.clone().run_out(attempt, late).unwrap().0;
        (lists[0].clone(), lists[1].clone(), case.conclude())
    };
    prop_assert_eq!(&second, &golden(2, &[some(&one), some(&other)]));
    if second.outcome != PortfolioResult::ThirdEvaluator {
        return Ok(());
    }
    prop_assert_eq!(case.judged(), None, "the third is waited for");
    let third = case.assign();
    prop_assert_eq!(&case.assignments[third].to_rate, &second.disputed);
    case.rate(third, |place| lists[4][place]);
    let last = case.conclude();
    let rated = second.merged.iter().zip(&lists[4]);
    let splits: Vec<_> =
        rated.map(|(merged, rating)| (*merged == Merged::Split).then_some(*rating)).collect();
    prop_assert_eq!(&last, &golden(2, &[some(&one), some(&other), splits]));
    prop_assert!(matches!(last.outcome, PortfolioResult::Achieved | PortfolioResult::NotAchieved));
    Ok(())
}

#[test]
fn the_sets_are_those_of_the_program() {
    let known: Vec<_> = framework().sets.iter().map(|one| one.code.to_string()).collect();
    let mut told = SETS.to_vec();
    told.sort_by_key(|code| known.iter().position(|one| one == code));
    assert_eq!(told, known);
}

proptest! {
    #[test]
    fn any_ratings_come_to_what_the_golden_function_says((code, lists) in lists(), used in any::<bool>()) {
        of_set(code, || comes_to_the_golden_outcome(&lists, used))?;
    }

    #[test]
    fn the_order_of_arrival_changes_nothing((code, lists) in lists()) {
        let outcome = |second_first: bool, shuffled: bool| {
            let mut case = Case::submitted();
            let seats = [case.assign(), case.assign()];
            for turn in if second_first { [1, 0] } else { [0, 1] } {
                case.rate(seats[turn], |place| lists[turn][place]);
            }
            if shuffled {
                case.assignments.reverse();
            }
            case.judged().unwrap()
        };
        let told = |second_first, shuffled| of_set(code, || outcome(second_first, shuffled));
        prop_assert_eq!(told(false, false), told(true, false));
        prop_assert_eq!(told(false, false), told(true, true));
    }
}

#[test]
fn a_draft_is_begun_where_it_can_count() {
    let rules = policy().portfolio;
    let begin = |runs: &Candidacy, earlier: Earlier, on: &str| {
        let known = (&rules, day(on), now());
        Portfolio::draft(id(10), runs, set().code, PortfolioContent::default(), earlier, known)
    };
    assert!(begin(&candidacy(), NOTHING, "2028-03-01").is_ok(), "the last day");
    assert_eq!(unmet(begin(&candidacy(), NOTHING, "2028-03-02")), ["candidacy.status"]);
    let achieved = Earlier { achieved: true, ..NOTHING };
    assert_eq!(unmet(begin(&candidacy(), achieved, TODAY)), ["portfolio.set_not_achieved"]);
    let again = Earlier { not_achieved: 1, ..NOTHING };
    assert!(begin(&candidacy(), again, TODAY).is_ok());
    let once = domain::policy::PortfolioPolicy { may_repeat: false, ..rules.clone() };
    assert!(!again.findings(&set().code, &once)[1].satisfied);
}

#[test]
fn completeness_names_every_part_that_is_missing() {
    let empty = PortfolioContent::default().completeness(&set());
    assert_eq!(empty.len(), 2 + codes().len());
    assert!(empty.iter().all(|one| !one.satisfied));
    let mut content = complete();
    content.responses[0] =
        Response { links: vec!["https://a.example/x".into()], ..says(&codes()[0], "") };
    content.responses[1] = Response { attachments: vec![id(7)], ..says(&codes()[1], "  ") };
    assert!(
        content.completeness(&set()).iter().all(|one| one.satisfied),
        "a link or a file is enough"
    );
    content.responses[2].narrative = " \n".to_owned();
    let open: Vec<_> =
        content.completeness(&set()).into_iter().filter(|one| !one.satisfied).collect();
    assert_eq!((open.len(), open[0].rule.as_ref()), (1, "portfolio.response"));
    assert!(open[0].actual.starts_with(codes()[2].as_str()));
    assert_eq!(unmet(submits(draft(content), TODAY)), ["portfolio.response"]);
}

#[test]
fn what_cannot_be_in_a_portfolio_is_named() {
    let mut content = complete();
    content.responses[1].competency = codes()[0].clone();
    content.responses[2].links = vec![
        "javascript:alert(1)".into(),
        "https://a b".into(),
        "http://a.example".into(),
        "https://".into(),
    ];
    content.responses[3].attachments = vec![id(7), id(7)];
    content.responses.push(says(&"CAT-01".parse().unwrap(), "x"));
    content.introduction = "x".repeat(40_001);
    let found: Vec<_> =
        content.check(&set()).into_iter().map(|bad| (bad.pointer, bad.code)).collect();
    let last = format!("/responses/{}/competency", codes().len());
    for wanted in [
        ("/introduction", "length"),
        ("/responses/1/competency", "duplicate"),
        ("/responses/2/links/0", "format"),
        ("/responses/2/links/1", "format"),
        ("/responses/2/links/3", "format"),
        ("/responses/3/attachment_ids/1", "duplicate"),
        (last.as_str(), "unknown"),
    ] {
        assert!(found.contains(&(wanted.0.to_owned(), wanted.1)), "{wanted:?} of {found:?}");
    }
    assert_eq!(found.len(), 7);
}

#[test]
fn submission_needs_the_fee_and_makes_an_attempt_that_keeps_what_it_was() {
    let held = set();
    let runs = candidacy();
    let asked = |settled, achieved| Submission {
        attempt: draft(complete()).attempt(id(20), now()),
        candidacy: &runs,
        set: &held,
        fee: fee(settled),
        achieved,
        today: today(),
    };
    let refused = |asked| unmet(draft(complete()).submit(asked).map(drop));
    assert_eq!(refused(asked(false, false)), ["portfolio.fee"]);
    assert_eq!(refused(asked(true, true)), ["portfolio.set_not_achieved"], "by a course meanwhile");
    let (portfolio, attempt) = submits(draft(complete()), TODAY).unwrap();
    assert_eq!(
        (portfolio.state, attempt.number, &attempt.content),
        (PortfolioState::InEvaluation, 1, &complete())
    );
    assert_eq!(unmet(submits(portfolio.clone(), TODAY)), ["portfolio.state"], "once");
    assert_eq!(unmet(portfolio.clone().update(complete(), today())), ["portfolio.state"], "locked");
    assert!(portfolio.withdraw(None).is_ok());
}

#[test]
fn a_fee_is_invoiced_once_and_a_look_is_asked_for_one_at_a_time() {
    let achieved = draft(complete()).bill(InvoiceId::from_bits(1), true);
    assert_eq!(unmet(achieved), ["portfolio.set_not_achieved"]);
    let (billed, _) = draft(complete()).bill(InvoiceId::from_bits(1), false).unwrap();
    let twice = billed.clone().bill(InvoiceId::from_bits(2), false);
    assert_eq!(unmet(twice), ["portfolio.not_invoiced"]);
    let (asked, _) = billed.request_pre_review(today()).unwrap();
    assert_eq!(unmet(asked.clone().request_pre_review(today())), ["portfolio.no_pre_review_waits"]);
    let said = domain::portfolio::PreComment {
        competency: Some(codes()[0].clone()),
        text: "More.".into(),
    };
    let (answered, _) = asked.comment(vec![said], today()).unwrap();
    assert!(answered.request_pre_review(today()).is_ok());
    let nowhere =
        domain::portfolio::PreComment { competency: "CAT-01".parse().ok(), text: " ".into() };
    let bad: Vec<_> =
        Portfolio::check_comments(&[nowhere], &set()).into_iter().map(|one| one.pointer).collect();
    assert_eq!(bad, ["/comments/0/text", "/comments/0/competency"]);
}

#[test]
fn the_one_chance_is_for_what_was_named_and_until_its_day() {
    let mut other = all(Rating::Met);
    other[2] = Rating::NotMet;
    let (case, outcome) = Case::first_round(&all(Rating::Met), &other);
    assert_eq!(outcome.requested, [codes()[2].clone()]);
    let waits = case.portfolio;
    assert_eq!(waits.chance_ends_on, Some(day("2026-04-01")), "30 days");
    let mut after = complete();
    after.responses[2].narrative = "In full now.".to_owned();
    assert!(waits.clone().update(after.clone(), day("2026-04-01")).is_ok());
    assert_eq!(unmet(waits.clone().update(after.clone(), day("2026-04-02"))), ["portfolio.chance"]);
    after.responses[0].narrative = "And this.".to_owned();
    after.introduction = "New.".to_owned();
    assert_eq!(
        unmet(waits.clone().update(after, today())),
        ["portfolio.unlocked", "portfolio.unlocked"]
    );
    assert!(submits(waits.clone(), "2026-04-01").is_ok());
    assert_eq!(unmet(submits(waits, "2026-04-02")), ["portfolio.chance"]);
}

#[test]
fn what_was_begun_for_a_chance_is_gone_with_it() {
    let mut other = all(Rating::Met);
    other[2] = Rating::NotMet;
    let (case, _) = Case::first_round(&all(Rating::Met), &other);
    let mut begun = complete();
    begun.responses.remove(2);
    let (waits, _) = case.portfolio.update(begun, today()).unwrap();
    assert_ne!(waits.content, case.attempt.content);
    let (anew, _) = waits.clone().set_aside(&case.attempt, "A rating is void.".into()).unwrap();
    // What is judged again is what was submitted: nothing that is locked then was changed before.
    assert_eq!((anew.content, anew.requested), (complete(), Vec::new()));
    let (late, _) = waits.run_out(&case.attempt, day("2026-04-02")).unwrap();
    assert_eq!(late.content, complete());
}

#[test]
fn who_is_part_of_a_portfolio_is_kept_from_what_others_find() {
    let mut case = Case::submitted();
    let (first, second) = (case.assign(), case.assign());
    let part = |case: &Case, reader| case.portfolio.part_of(reader, &case.assignments);
    let [one, other] = [first, second].map(|place| case.assignments[place].evaluator);
    assert_eq!(part(&case, id(2)), Some(Part::Candidate));
    assert_eq!((part(&case, one), part(&case, id(999))), (Some(Part::Evaluator), None));
    case.rate(first, |_| Rating::Met);
    assert_eq!(part(&case, one), Some(Part::Evaluator), "final, and the other is not");
    let back = case.assignments[second].clone().hand_back("No.".to_owned()).unwrap().0;
    case.assignments[second] = back;
    assert_eq!(part(&case, other), None, "who gave it back judges it no more");
    let third = case.assign();
    case.rate(third, |_| Rating::NotMet);
    assert_eq!(part(&case, one), None, "both are final");
    case.conclude();
    assert_eq!((part(&case, one), part(&case, id(2))), (None, Some(Part::Candidate)));
}

#[test]
fn a_third_evaluator_goes_on_with_what_is_split_now() {
    let mut case = Case::submitted();
    let place = case.assign();
    let split = [codes()[0].clone(), codes()[2].clone()];
    let open = Assignment { seat: 3, to_rate: split.to_vec(), ..case.assignments[place].clone() };
    assert_eq!(open.clone().scope_to(&split), None, "nothing changes");
    let rated = |code: &CompetencyCode| CompetencyRating {
        competency: code.clone(),
        rating: Some(Rating::Met),
        comment: None,
    };
    let (drafted, _) = open.save(split.iter().map(rated).collect()).unwrap();
    let after = [codes()[2].clone(), codes()[3].clone()];
    let (now_split, event) = drafted.clone().scope_to(&after).unwrap();
    assert_eq!(now_split.to_rate, after);
    assert_eq!(now_split.ratings, [rated(&codes()[2])], "what was found of the rest is kept");
    let types = ["assignment.assigned", "assignment.saved", event.event_type()];
    assert_eq!(AssignmentState::replay(types), Some(AssignmentState::Open));
    let released = drafted.release("Enough.".to_owned()).unwrap().0;
    assert_eq!(released.scope_to(&after), None, "whose work ended");
}

#[test]
fn seats_are_two_and_a_third_for_what_is_split() {
    let mut case = Case::submitted();
    assert_eq!(free_seats(&case.portfolio, &[]), [1, 2]);
    let first = case.assign();
    assert_eq!(free_seats(&case.portfolio, &case.assignments), [2]);
    let back = case.assignments[first].clone().hand_back("Too much.".to_owned()).unwrap().0;
    case.assignments[first] = back;
    assert_eq!(free_seats(&case.portfolio, &case.assignments), [1, 2]);
    let (again, second) = (case.assign(), case.assign());
    assert_eq!((case.assignments[again].seat, case.assignments[second].seat), (1, 2));
    assert_eq!(free_seats(&case.portfolio, &case.assignments), [0_i64; 0]);
    let (held, rules) = (set(), policy().portfolio);
    let full = Assignment::assign(
        id(300),
        (&case.portfolio, &case.attempt),
        &case.assignments,
        (2, id(400), Eligibility { findings: Vec::new(), load: 0 }),
        (&held, &rules, today()),
    );
    assert_eq!(unmet(full), ["assignment.free_seat"]);
}

#[test]
fn ratings_are_final_when_every_one_is_given_and_explained() {
    let mut case = Case::submitted();
    let place = case.assign();
    let open = case.assignments[place].clone();
    let rating = |code: &CompetencyCode, rating, comment: Option<&str>| CompetencyRating {
        competency: code.clone(),
        rating,
        comment: comment.map(str::to_owned),
    };
    let mut given: Vec<_> =
        codes().iter().map(|code| rating(code, Some(Rating::Met), None)).collect();
    given[0] = rating(&codes()[0], Some(Rating::PartiallyMet), Some(" "));
    given[1] = rating(&codes()[1], None, None);
    let finding = case.portfolio.state_finding(domain::portfolio::PortfolioAct::Rate);
    let (drafted, _) = open.clone().save(given.clone()).unwrap();
    let refused = drafted.finalise(finding.clone(), now());
    assert_eq!(unmet(refused), ["rating.given", "rating.given"]);
    given[2].competency = "CAT-01".parse().unwrap();
    given[3].competency = codes()[4].clone();
    let bad: Vec<_> = open.check(&given).into_iter().map(|one| (one.pointer, one.code)).collect();
    assert_eq!(
        bad,
        [
            ("/ratings/2/competency".to_owned(), "unknown"),
            ("/ratings/4/competency".to_owned(), "duplicate")
        ]
    );
    case.rate(place, |_| Rating::Met);
    let done = case.assignments[place].clone();
    assert_eq!(unmet(done.clone().save(Vec::new())), ["assignment.state"]);
    assert_eq!(unmet(done.clone().hand_back("No.".into())), ["assignment.state"]);
    assert_eq!(unmet(done.finalise(finding, now())), ["assignment.state"]);
}

#[test]
fn a_lease_is_reminded_of_once_and_runs_out_after_its_grace() {
    let rules = policy().portfolio;
    let mut case = Case::submitted();
    let place = case.assign();
    let open = case.assignments[place].clone();
    assert_eq!(open.due_on, day("2026-03-23"));
    assert!(open.clone().remind(&rules, day("2026-03-15")).is_none());
    let (reminded, _) = open.clone().remind(&rules, day("2026-03-16")).unwrap();
    assert!(reminded.remind(&rules, day("2026-03-17")).is_none());
    assert!(!open.has_lapsed(&rules, day("2026-03-30")));
    assert!(open.has_lapsed(&rules, day("2026-03-31")));
    case.rate(place, |_| Rating::Met);
    assert!(!case.assignments[place].has_lapsed(&rules, day("2027-01-01")));
}

#[test]
fn void_ratings_count_for_nothing_and_the_outcome_is_reckoned_again() {
    let (mut case, first) = Case::first_round(&all(Rating::Met), &all(Rating::Met));
    assert_eq!(first.outcome, PortfolioResult::Achieved);
    let (void, _) = case.assignments[0].clone().void(&case.portfolio, "A friend.".into()).unwrap();
    assert_eq!((void.state, void.ratings.len()), (AssignmentState::Voided, codes().len()), "kept");
    case.assignments[0] = void;
    let reason = "A rating is void.".to_owned();
    case.portfolio = case.portfolio.clone().set_aside(&case.attempt, reason).unwrap().0;
    case.attempt = case.attempt.clone().set_aside(today());
    assert_eq!(
        (case.portfolio.state, case.attempt.outcome()),
        (PortfolioState::InEvaluation, None)
    );
    assert_eq!((case.judged(), free_seats(&case.portfolio, &case.assignments)), (None, vec![1]));
    let place = case.assign();
    case.rate(place, |_| Rating::NotMet);
    assert_eq!(case.conclude().outcome, PortfolioResult::MoreInformation);
    assert_eq!(case.attempt.outcomes.len(), 2, "nothing is lost");
    let (next, _) = submits(case.portfolio.clone(), "2026-03-10").unwrap();
    assert_eq!(
        unmet(case.assignments[1].clone().void(&next, "Late.".into())),
        ["rating.of_present_attempt"]
    );
}

#[test]
fn what_happened_leads_to_where_it_stands() {
    let lives: [(&[&str], Option<PortfolioState>); 6] = [
        (
            &[
                "portfolio.drafted",
                "portfolio.updated",
                "portfolio.invoiced",
                "portfolio.submitted",
            ],
            Some(PortfolioState::InEvaluation),
        ),
        (
            &[
                "portfolio.drafted",
                "portfolio.submitted",
                "portfolio.more_information_requested",
                "portfolio.updated",
                "portfolio.resubmitted",
                "portfolio.third_evaluator_needed",
                "portfolio.achieved",
            ],
            Some(PortfolioState::Achieved),
        ),
        (
            &[
                "portfolio.drafted",
                "portfolio.submitted",
                "portfolio.more_information_requested",
                "portfolio.chance_ran_out",
                "portfolio.not_achieved",
            ],
            Some(PortfolioState::NotAchieved),
        ),
        (&["portfolio.drafted", "portfolio.submitted", "portfolio.submitted"], None),
        (&["portfolio.drafted", "portfolio.achieved"], None),
        (&["portfolio.submitted"], None),
    ];
    for (events, state) in lives {
        assert_eq!(PortfolioState::replay(events.iter().copied()), state, "{events:?}");
    }
    let evaluator: [(&[&str], Option<AssignmentState>); 3] = [
        (
            &[
                "assignment.assigned",
                "assignment.saved",
                "assignment.finalised",
                "assignment.voided",
            ],
            Some(AssignmentState::Voided),
        ),
        (
            &["assignment.assigned", "assignment.due_soon", "assignment.handed_back"],
            Some(AssignmentState::HandedBack),
        ),
        (&["assignment.assigned", "assignment.finalised", "assignment.handed_back"], None),
    ];
    for (events, state) in evaluator {
        assert_eq!(AssignmentState::replay(events.iter().copied()), state, "{events:?}");
    }
}
