//! What a list is asked for: by the query, or by the body of a search.

use std::collections::HashMap;

use domain::{AccountId, scim::Filter};
use serde_json::Value;

use super::{error, member, project::Wanted};
use crate::problem::Problem;

/// The most resources of one page.
pub(super) const MOST: usize = 200;
/// How many without `count`.
const USUAL: usize = 100;

/// Where a page begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// At this place, from 1.
    Index(usize),
    /// After this account; at the first one without.
    Cursor(Option<AccountId>),
}

/// What a list is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) filter: Option<Filter>,
    pub(super) from: Start,
    pub(super) count: usize,
    pub(super) wanted: Wanted,
}

/// The attributes that a query asks for.
pub(super) fn wanted(query: &str) -> Wanted {
    let fields = pairs(query);
    let list = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default().to_owned();
    let (only, without) = (list("attributes"), list("excludedattributes"));
    Wanted::of(only.split(','), without.split(','))
}

fn pairs(query: &str) -> HashMap<String, String> {
    form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect()
}

impl Asked {
    /// What a query asks for.
    pub(super) fn of_query(query: &str) -> Result<Self, Problem> {
        let fields = pairs(query);
        let text = |name: &str| fields.get(name).map(String::as_str);
        let number = |name: &'static str| {
            let given = text(name).map(str::parse::<i64>).transpose();
            given.map_err(|_wrong| error::of("invalidValue", format!("{name} is a whole number.")))
        };
        let count = match number("count") {
            Err(_) if text("cursor").is_some() => {
                return Err(error::of("invalidCount", "count is a whole number."));
            }
            count => count?,
        };
        Ok(Self {
            filter: filter(text("filter"))?,
            from: from(text("cursor"), number("startindex")?)?,
            count: many(count),
            wanted: wanted(query),
        })
    }

    /// What the body of a search asks for.
    pub(super) fn of_search(body: &Value) -> Result<Self, Problem> {
        let text = |name: &str| match member(body, name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(error::of("invalidValue", format!("{name} is a text."))),
        };
        let number = |name: &str| match member(body, name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| error::of("invalidValue", format!("{name} is a whole number."))),
        };
        let list = |name: &str| -> Vec<&str> {
            let list = member(body, name).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).collect()
        };
        Ok(Self {
            filter: filter(text("filter")?)?,
            from: from(text("cursor")?, number("startIndex")?)?,
            count: many(number("count")?),
            wanted: Wanted::of(list("attributes"), list("excludedAttributes")),
        })
    }
}

fn filter(text: Option<&str>) -> Result<Option<Filter>, Problem> {
    let parsed = text.map(Filter::parse).transpose();
    parsed.map_err(|wrong| error::of("invalidFilter", wrong.to_string()))
}

/// RFC 7644 section 3.4.2.4: what is below 1 is 1; RFC 9865: an empty cursor is the first page.
fn from(cursor: Option<&str>, index: Option<i64>) -> Result<Start, Problem> {
    match cursor {
        None => Ok(Start::Index(usize::try_from(index.unwrap_or(1)).unwrap_or(1).max(1))),
        Some("") => Ok(Start::Cursor(None)),
        Some(text) => match text.parse() {
            Ok(account) => Ok(Start::Cursor(Some(account))),
            Err(_) => Err(error::of("invalidCursor", "Send nextCursor of the page before.")),
        },
    }
}

fn many(count: Option<i64>) -> usize {
    match count {
        None => USUAL,
        Some(count) => usize::try_from(count).unwrap_or(0).min(MOST),
    }
}
