//! Numbers of payment cards, which are never stored: texts that look like one are refused.

use std::ops::RangeInclusive;

use crate::BadFact;

/// How the numbers of payment cards begin, by their first four digits, and how long they are.
const CARDS: &[(RangeInclusive<u32>, &[usize])] = &[
    (4000..=4999, &[13, 16, 19]),
    (5100..=5599, &[16]),
    (2221..=2720, &[16]),
    (2200..=2204, &[16, 19]),
    (3400..=3499, &[15]),
    (3700..=3799, &[15]),
    (3000..=3059, &[14, 16, 19]),
    (3095..=3095, &[14, 16, 19]),
    (3600..=3699, &[14, 16, 19]),
    (3800..=3999, &[14, 16, 19]),
    (3528..=3589, &[16, 19]),
    (6000..=6099, &[16, 19]),
    (6200..=6299, &[16, 17, 18, 19]),
    (6440..=6599, &[16, 19]),
    (5018..=5018, MAESTRO),
    (5020..=5020, MAESTRO),
    (5038..=5038, MAESTRO),
    (5893..=5893, MAESTRO),
    (6304..=6304, MAESTRO),
    (6759..=6759, MAESTRO),
    (6761..=6763, MAESTRO),
];

const MAESTRO: &[usize] = &[12, 13, 14, 15, 16, 17, 18, 19];

/// The zeros of the scripts in which somebody could type a number: plain, full width, Arabic, Persian,
/// Devanagari.
const ZEROS: [char; 5] = ['0', '\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}'];

/// The most characters between two groups of one number: `, ` and ` - ` are, a gap in a table is not.
const MOST_BETWEEN: usize = 3;

fn digit(c: char) -> Option<u32> {
    let value = |zero: char| u32::from(c).checked_sub(u32::from(zero)).filter(|digit| *digit < 10);
    ZEROS.into_iter().find_map(value)
}

/// The digits of a text in runs of groups: a letter, a new line or a wide gap ends a run, anything else
/// between two digits ends a group.
fn runs(text: &str) -> Vec<Vec<Vec<u32>>> {
    let mut runs: Vec<Vec<Vec<u32>>> = Vec::new();
    let (mut new_run, mut new_group, mut between) = (true, true, 0);
    for c in text.chars() {
        let Some(digit) = digit(c) else {
            between += 1;
            new_group = true;
            new_run |= c.is_alphanumeric() || c == '\n' || between > MOST_BETWEEN;
            continue;
        };
        if new_run {
            runs.push(Vec::new());
        }
        if let Some(run) = runs.last_mut() {
            if new_run || new_group {
                run.push(Vec::new());
            }
            if let Some(group) = run.last_mut() {
                group.push(digit);
            }
        }
        (new_run, new_group, between) = (false, false, 0);
    }
    runs
}

fn is_card(digits: &[u32]) -> bool {
    let Some(head) = digits.get(..4) else { return false };
    let head = head.iter().fold(0, |head, digit| head * 10 + digit);
    CARDS.iter().any(|(heads, lengths)| heads.contains(&head) && lengths.contains(&digits.len()))
        && luhn(digits)
}

fn luhn(digits: &[u32]) -> bool {
    let doubled = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

/// Whether prose holds what looks like the number of a payment card: anywhere in digits that follow each
/// other, whatever signs and spaces stand between them and in whatever script, some that begin like a
/// card's, are as many and have a valid check digit (Luhn). An expiry or a code before or after it hides
/// nothing.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    runs(text).iter().any(|run| {
        let digits = run.concat();
        let lengths = 12..=19;
        (0..digits.len()).any(|start| {
            lengths.clone().any(|length| digits.get(start..start + length).is_some_and(is_card))
        })
    })
}

/// Whether an identifier, such as the reference of a processor or the number of an order, is or holds what
/// looks like the number of a payment card: whole groups of its digits alone. A long identifier holds some
/// digits by chance that prose would be refused for.
#[must_use]
pub fn is_card_number(text: &str) -> bool {
    runs(text).iter().any(|run| {
        (0..run.len()).any(|first| {
            let mut digits = Vec::new();
            run.iter().skip(first).any(|group| {
                digits.extend(group);
                is_card(&digits)
            })
        })
    })
}

const DETAIL: &str = "this looks like a card number; give the processor's reference instead";

/// The fault of prose that looks like card data, which the system does not hold.
#[must_use]
pub fn check_no_card(pointer: &str, text: &str) -> Option<BadFact> {
    holds_card_number(text).then(|| BadFact::at(pointer, "card_data", DETAIL))
}

/// The fault of an identifier that looks like card data.
#[must_use]
pub fn check_no_card_number(pointer: &str, text: &str) -> Option<BadFact> {
    is_card_number(text).then(|| BadFact::at(pointer, "card_data", DETAIL))
}
