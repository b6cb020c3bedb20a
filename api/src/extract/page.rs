//! Pages of lists, and the day as of which something is asked.

use std::{borrow::Cow, fmt};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    answer::Listing,
    problem::{Kind, Problem},
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

/// Where a page begins: opaque to callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl PartialSchema for Cursor {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(500))
            .into()
    }
}
impl ToSchema for Cursor {}

impl Cursor {
    /// The cursor after the entry whose sort key is `key`.
    #[must_use]
    pub fn after<K: Serialize>(key: &K) -> Self {
        let text = serde_json::to_vec(&(1, key)).unwrap_or_default();
        Self(URL_SAFE_NO_PAD.encode(text))
    }
    /// The sort key, or 400 when the cursor is not one of this list.
    pub fn key<K: DeserializeOwned>(&self) -> Result<K, Problem> {
        let known = URL_SAFE_NO_PAD
            .decode(&self.0)
            .ok()
            .and_then(|text| serde_json::from_slice::<(u8, K)>(&text).ok())
            .filter(|(version, _)| *version == 1);
        known.map(|(_, key)| key).ok_or_else(|| {
            Problem::new(Kind::InvalidCursor, "The cursor is not one that this list gave.")
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

impl<K: Serialize + DeserializeOwned> Page<K> {
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
    /// The listing of loaded rows: [`Page::load`] of them at most.
    pub fn listing<R, V>(
        &self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        view: impl FnMut(R) -> V,
    ) -> Listing<V> {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        let next_cursor = rows.last().filter(|_| more).map(|last| Cursor::after(&key(last)).0);
        Listing { items: rows.into_iter().map(view).collect(), next_cursor }
    }
}

/// The day as of which something is asked: `?as_of=2026-03-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AsOf(pub NaiveDate);

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
        let cursor = Cursor::after(&("Nguyễn", 7));
        assert_eq!(cursor.key::<(String, i32)>().unwrap(), ("Nguyễn".to_owned(), 7));
        assert!(cursor.key::<(i32, i32)>().is_err());
        assert!(Cursor("%%%".to_owned()).key::<(String, i32)>().is_err());
        assert!(Cursor(URL_SAFE_NO_PAD.encode("[2,[\"a\",1]]")).key::<(String, i32)>().is_err());
    }

    #[test]
    fn the_row_too_many_tells_of_the_next_page() {
        let page = Page::<u32> { limit: 2, after: None };
        let listing = page.listing(vec![1, 2, 3], |row| *row, |row| row);
        assert_eq!(listing.items, [1, 2]);
        assert_eq!(Cursor(listing.next_cursor.unwrap()).key::<u32>().unwrap(), 2);
        assert_eq!(page.listing(vec![1, 2], |row| *row, |row| row).next_cursor, None);
    }
}
