//! What stands in the address: path segments and the query.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use super::shape;
use crate::{call::Call, problem::Problem};

/// The segments of the path: one id, or a tuple of them. What cannot be one is 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathOf<T>(pub T);

impl<T> Deref for PathOf<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for PathOf<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let clean = request
            .match_info()
            .iter()
            .all(|(_, segment)| !segment.contains("%00") && !segment.contains(char::is_control));
        let parsed = if clean { request.match_info().load::<T>().ok() } else { None };
        ready(parsed.map(Self).ok_or_else(|| refusal(request, Problem::not_found())))
    }
}

/// The query, every parameter of it: unknown ones are refused (derive with `deny_unknown_fields`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self).map_err(|problem| refusal(request, problem)))
    }
}

/// 401 when the operation lets nobody in who did not sign in, else `problem`.
pub(super) fn refusal(request: &HttpRequest, problem: Problem) -> Problem {
    Call::of(request).and_then(|call| call.before_shape()).err().unwrap_or(problem)
}

/// The value of a query string, or 400 that names the parameter.
pub(crate) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(query).unwrap_or_default();
    if let Some((name, _)) =
        pairs.iter().find(|(name, value)| (name.clone() + value).contains('\0'))
    {
        let name = name.replace('\0', "");
        return Err(Problem::query(&name, "format", "a parameter cannot hold the character NUL."));
    }
    let text = serde_urlencoded::Deserializer::new(form_pairs(query));
    serde_path_to_error::deserialize(text).map_err(|error| {
        let message = error.inner().to_string();
        let path = error.path().to_string();
        let name = shape::named_field(&message).unwrap_or(&path);
        Problem::query(name, shape::code(&message), shape::sentence(&message))
    })
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::extract::{AsOf, Cursor, Limit};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        limit: Option<Limit>,
        cursor: Option<Cursor>,
        as_of: Option<AsOf>,
    }

    fn parameter(query: &str) -> String {
        let problem = parse::<Asked>(query).unwrap_err();
        assert_eq!(problem.kind().status(), 400);
        serde_json::to_value(problem.document("r")).unwrap()["errors"][0]["parameter"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn the_wrong_parameter_is_named() {
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=+5", "limit"),
            ("as_of=2026-02-30", "as_of"),
            ("limit=1&limit=2", "limit"),
            ("colour=red", "colour"),
            ("cursor=%00", "cursor"),
        ] {
            assert_eq!(parameter(query), name, "{query}");
        }
    }

    #[test]
    fn what_fits_is_taken() {
        let asked = parse::<Asked>("limit=200&as_of=2026-02-28&cursor=abc").unwrap();
        assert_eq!(asked.limit.unwrap().get(), 200);
        assert!(asked.cursor.is_some() && asked.as_of.is_some());
        assert!(parse::<Asked>("").unwrap().limit.is_none());
    }
}
