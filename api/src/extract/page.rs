//! Pages of lists, and the day as of which something is asked.

use std::{borrow::Cow, fmt};

use chrono::{Datelike, NaiveDate};
use domain::id::{Id, Kind};
use persistence::Place;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    answer::Listing,
    problem::{self, Problem},
};

/// How many entries a page holds: 1 to 200, 50 unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit(u16);

impl Limit {
    /// The most entries of one page.
    pub const MOST: u16 = 200;
    /// The number of entries.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}
impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}
impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let number = Some(&text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match number.and_then(|text| text.parse::<u16>().ok()) {
            Some(limit @ 1..=Self::MOST) => Ok(Self(limit)),
            _ => Err(serde::de::Error::custom("a whole number from 1 to 200 is expected")),
        }
    }
}
impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Self::MOST))
            .default(Some(50.into()))
            .into()
    }
}
impl ToSchema for Limit {}

/// Where a page begins: opaque to callers. `1`, the version of its form, and 32 hexadecimal digits: the
/// sort key of the entry before; or `2`, 8 digits of a day and the same 32, in a list in the order of a
/// date. Every text of these forms is a place in every list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        let pattern = "^(1[0-9a-f]{32}|2[0-9a-f]{40})$";
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
    }
}
impl ToSchema for Cursor {}

/// A sort key that a cursor can hold.
pub trait SortKey: Copy {
    /// The key as bits.
    fn into_bits(self) -> u128;
    /// The day before the bits, in a list in the order of a date.
    fn day(self) -> Option<NaiveDate> {
        None
    }
    /// The key of a day, where there is one, and bits.
    fn from_parts(day: Option<NaiveDate>, bits: u128) -> Self;
}

impl<K: Kind> SortKey for Id<K> {
    fn into_bits(self) -> u128 {
        self.bits()
    }
    fn from_parts(_day: Option<NaiveDate>, bits: u128) -> Self {
        Self::from_bits(bits)
    }
}

impl<K: Kind> SortKey for Place<Id<K>> {
    fn into_bits(self) -> u128 {
        self.id.bits()
    }
    fn day(self) -> Option<NaiveDate> {
        self.day
    }
    fn from_parts(day: Option<NaiveDate>, bits: u128) -> Self {
        Self { day, id: Id::from_bits(bits) }
    }
}

/// A position of the event log; bits beyond the last one come after every event.
impl SortKey for i64 {
    fn into_bits(self) -> u128 {
        u128::try_from(self).unwrap_or(0)
    }
    fn from_parts(_day: Option<NaiveDate>, bits: u128) -> Self {
        Self::try_from(bits).unwrap_or(Self::MAX)
    }
}

/// The last day that a cursor tells: later ones come after every entry as well.
const LAST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(9999, 12, 31);

/// A day from its count since the common era.
fn day_of(hex: &str) -> Option<NaiveDate> {
    let count = u32::from_str_radix(hex, 16).ok()?;
    let day = i32::try_from(count).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    day.min(LAST_DAY).or(LAST_DAY)
}

impl Cursor {
    /// The cursor after the entry whose sort key is `key`.
    #[must_use]
    pub fn after<K: SortKey>(key: K) -> Self {
        let bits = key.into_bits();
        Self(match key.day() {
            None => format!("1{bits:032x}"),
            Some(day) => format!("2{:08x}{bits:032x}", day.num_days_from_ce().max(0)),
        })
    }
    /// The sort key, or 400 when this is no cursor.
    pub fn key<K: SortKey>(&self) -> Result<K, Problem> {
        let digits = self.0.get(1..).filter(|hex| hex.bytes().all(|one| one.is_ascii_hexdigit()));
        let parts = match (self.0.get(..1), digits.map(|hex| (hex.len(), hex))) {
            (Some("1"), Some((32, hex))) => Some((None, hex)),
            (Some("2"), Some((40, hex))) => {
                hex.split_at_checked(8).map(|(day, bits)| (day_of(day), bits))
            }
            _ => None,
        };
        parts
            .and_then(|(day, hex)| Some((day, u128::from_str_radix(hex, 16).ok()?)))
            .map(|(day, bits)| K::from_parts(day, bits))
            .ok_or_else(|| {
                Problem::new(
                    problem::Kind::InvalidCursor,
                    "The cursor is not one that a list gave.",
                )
            })
    }
    /// The cursor as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which page of a list is asked for; `K` is the list's sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<K> {
    /// How many entries.
    pub limit: u16,
    /// After which entry; from the first one without.
    pub after: Option<K>,
}

impl<K: SortKey> Page<K> {
    /// The page of two query parameters.
    pub fn of(limit: Option<Limit>, cursor: Option<&Cursor>) -> Result<Self, Problem> {
        Ok(Self {
            limit: limit.unwrap_or_default().get(),
            after: cursor.map(Cursor::key).transpose()?,
        })
    }
    /// The rows to load, for the repository.
    #[must_use]
    pub fn rows(&self) -> persistence::Page<K>
    where
        K: Copy,
    {
        persistence::Page { after: self.after, limit: self.load() }
    }
    /// How many rows to load: one more than the page holds, which tells whether there is a next one.
    #[must_use]
    pub fn load(&self) -> i64 {
        i64::from(self.limit).saturating_add(1)
    }
    /// Whether the entry after `loaded` ones is still of this page, and not the one that tells of the next.
    #[must_use]
    pub fn holds(&self, loaded: usize) -> bool {
        loaded < usize::from(self.limit)
    }
    /// The listing of loaded rows: [`Page::load`] of them at most.
    pub fn listing<R, V>(
        &self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        view: impl FnMut(R) -> V,
    ) -> Listing<V> {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        let next_cursor = rows.last().filter(|_| more).map(|last| Cursor::after(key(last)).0);
        Listing { items: rows.into_iter().map(view).collect(), next_cursor }
    }
}

/// The day as of which something is asked: `?as_of=2026-03-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AsOf(pub NaiveDate);

/// `YYYY-MM-DD` and nothing else, in the years that the program reckons with.
impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let day = Some(&text)
            .filter(|text| text.len() == 10)
            .and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
            .ok_or_else(|| serde::de::Error::custom("a date like 2026-03-01 is expected"))?;
        domain::calendar::check_date("", day)
            .map(Self)
            .map_err(|fact| serde::de::Error::custom(fact.detail))
    }
}

impl PartialSchema for AsOf {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .into()
    }
}
impl ToSchema for AsOf {}

impl AsOf {
    /// The day asked for, or `today`.
    #[must_use]
    pub fn or(asked: Option<Self>, today: NaiveDate) -> NaiveDate {
        asked.map_or(today, |day| day.0)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nothing_else_does() {
        let id = domain::PersonId::from_bits(u128::MAX - 7);
        assert_eq!(Cursor::after(id).key::<domain::PersonId>().unwrap(), id);
        assert_eq!(Cursor::after(7_i64).key::<i64>().unwrap(), 7);
        assert_eq!(Cursor::after(id).key::<i64>().unwrap(), i64::MAX);
        let long = "0".repeat(32);
        for text in ["", "1", "%%%", &long, &format!("2{long}"), &format!("1+{}", &long[1..])] {
            assert!(Cursor(text.to_owned()).key::<i64>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_cursor_of_a_dated_list_tells_the_day_and_is_a_place_in_every_list() {
        let id = domain::CertificationId::from_bits(7);
        let place = Place { day: NaiveDate::from_ymd_opt(2026, 3, 1), id };
        let cursor = Cursor::after(place);
        assert_eq!(cursor.key::<Place<domain::CertificationId>>().unwrap(), place);
        assert_eq!(cursor.key::<domain::CertificationId>().unwrap(), id);
        let undated = Cursor::after(id).key::<Place<domain::CertificationId>>().unwrap();
        assert_eq!(undated, Place { day: None, id });
        let last = Cursor(format!("2ffffffff{:032x}", 7));
        let day = last.key::<Place<domain::CertificationId>>().unwrap().day;
        assert_eq!(day, NaiveDate::from_ymd_opt(9999, 12, 31));
        for text in [format!("2{:032x}", 7), format!("2+{:039x}", 7), format!("1{:040x}", 7)] {
            assert!(Cursor(text.clone()).key::<domain::CertificationId>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_row_too_many_tells_of_the_next_page() {
        let page = Page::<i64> { limit: 2, after: None };
        let listing = page.listing(vec![1, 2, 3], |row| *row, |row| row);
        assert_eq!(listing.items, [1, 2]);
        assert_eq!(Cursor(listing.next_cursor.unwrap()).key::<i64>().unwrap(), 2);
        assert_eq!(page.listing(vec![1, 2], |row| *row, |row| row).next_cursor, None);
    }
}
