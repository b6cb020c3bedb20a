//! Certificate numbers: not guessable, typed by people.
//!
//! `LSSC-2026-7K3M9QX`: the program, the year of the award, and seven characters of Crockford's
//! base 32 (no I, L, O, U), the last of which checks the others and the year. The check is a weighted
//! sum over the field of 32 elements, so that every single wrong character and every swap of two
//! neighbours shows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::program::ProgramCode;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARACTERS: u8 = 6;

/// A certificate number in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateNumber(String);

/// Not a certificate number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotACertificateNumber {
    /// It has another form.
    #[error("a certificate number has the form LSSC-2026-7K3M9QX")]
    Form,
    /// The check character does not fit the others: a character was mistyped.
    #[error("the last character does not fit the others: look for a mistyped character")]
    Check,
}

/// The value of a typed character: lower case counts as upper, O as 0, I and L as 1.
fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().zip(0..).find_map(|(letter, value)| (char::from(*letter) == c).then_some(value))
}

fn letter(value: u8) -> char {
    ALPHABET.get(usize::from(value & 31)).map_or('0', |letter| char::from(*letter))
}

/// Doubles an element of the field of 32 elements (modulo x^5 + x^2 + 1).
const fn double(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { (shifted & 31) ^ 0b00101 }
}

/// The check of some values: their weighted sum, the weights the powers of a generator.
fn check(values: impl Iterator<Item = u8>) -> u8 {
    // The check itself has weight 1, its neighbour the generator and so on: no two weights are equal
    // within 31 characters. Doubling the running sum once a character gives them all.
    double(values.fold(0, |sum, value| double(sum) ^ value))
}

impl CertificateNumber {
    /// The number of a program and year from random bits, of which 30 are used.
    #[must_use]
    pub fn from_random(program: &ProgramCode, year: i32, bits: u32) -> Self {
        let year = format!("{year:04}");
        let drawn = (0..RANDOM_CHARACTERS).map(|place| {
            let five = (bits >> (5 * u32::from(place))) & 31;
            u8::try_from(five).unwrap_or(0)
        });
        let body: Vec<u8> = drawn.collect();
        let check = check(year.chars().filter_map(value).chain(body.iter().copied()));
        let mut text = format!("{}-{year}-", program.as_str().to_uppercase());
        text.extend(body.into_iter().chain([check]).map(letter));
        Self(text)
    }
    /// The number as printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was typed, in its three groups: spaces are dropped, and hyphens that were left out are put back.
fn grouped(typed: &str) -> String {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let code = usize::from(RANDOM_CHARACTERS) + 1;
    let bare: String = typed.chars().filter(|c| *c != '-').collect();
    let split = bare.is_ascii().then(|| bare.len().checked_sub(code + 4)).flatten();
    match split {
        Some(program) if typed.split('-').count() < 3 => {
            let (program, rest) = bare.split_at(program);
            let (year, code) = rest.split_at(4);
            format!("{program}-{year}-{code}")
        }
        _ => typed,
    }
}

impl FromStr for CertificateNumber {
    type Err = NotACertificateNumber;
    /// Reads what people type: any case, with or without spaces and hyphens, O for 0, I and L for 1.
    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let form = || NotACertificateNumber::Form;
        let typed = grouped(typed);
        let mut parts = typed.rsplitn(3, '-');
        let (Some(code), Some(year), Some(program)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(form());
        };
        let program: ProgramCode =
            program.to_ascii_lowercase().parse().map_err(|_not_a_code| form())?;
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        let values: Vec<u8> = code.chars().map(value).collect::<Option<_>>().ok_or_else(form)?;
        let Some((last, body)) = values.split_last() else { return Err(form()) };
        if body.len() != usize::from(RANDOM_CHARACTERS) {
            return Err(form());
        }
        if check(year.chars().filter_map(value).chain(body.iter().copied())) != *last {
            return Err(NotACertificateNumber::Check);
        }
        let code: String = values.into_iter().map(letter).collect();
        Ok(Self(format!("{}-{year}-{code}", program.as_str().to_uppercase())))
    }
}

impl TryFrom<String> for CertificateNumber {
    type Error = NotACertificateNumber;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
impl From<CertificateNumber> for String {
    fn from(number: CertificateNumber) -> Self {
        number.0
    }
}
impl fmt::Display for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panic")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(bits: u32) -> String {
        CertificateNumber::from_random(&ProgramCode::lssc(), 2026, bits).to_string()
    }

    #[test]
    fn is_read_as_people_type_it() {
        let printed = number(0x2f31_0a5c);
        let (head, code) = printed.split_at("LSSC-2026-".len());
        let code = code.to_lowercase().replace('0', "o").replace('1', "l");
        let typed = format!("  {}{code} ", head.to_lowercase());
        assert_eq!(typed.parse::<CertificateNumber>().unwrap().as_str(), printed);
    }

    #[test]
    fn spaces_and_hyphens_may_be_left_out() {
        let printed = number(77);
        for typed in
            [printed.replace('-', ""), printed.replace('-', " "), printed.replace('-', " - ")]
        {
            assert_eq!(typed.parse::<CertificateNumber>().unwrap().as_str(), printed, "{typed}");
        }
        assert!("LSSC".parse::<CertificateNumber>().is_err());
    }

    proptest! {
        #[test]
        fn every_number_reads_back(bits in any::<u32>()) {
            let printed = number(bits);
            prop_assert_eq!(printed.len(), "LSSC-2026-7K3M9QX".len());
            let read: CertificateNumber = printed.parse().unwrap();
            prop_assert_eq!(read.as_str(), printed);
        }

        #[test]
        fn one_wrong_character_shows(bits in any::<u32>(), place in 10_usize..17, other in 0_u8..32) {
            let printed = number(bits);
            let mut typed: Vec<char> = printed.chars().collect();
            prop_assume!(typed[place] != letter(other));
            typed[place] = letter(other);
            let typed: String = typed.into_iter().collect();
            prop_assert_eq!(typed.parse::<CertificateNumber>(), Err(NotACertificateNumber::Check));
        }

        #[test]
        fn two_swapped_neighbours_show(bits in any::<u32>(), place in 10_usize..16) {
            let printed = number(bits);
            let mut typed: Vec<char> = printed.chars().collect();
            prop_assume!(typed[place] != typed[place + 1]);
            typed.swap(place, place + 1);
            let typed: String = typed.into_iter().collect();
            prop_assert_eq!(typed.parse::<CertificateNumber>(), Err(NotACertificateNumber::Check));
        }
    }
}
