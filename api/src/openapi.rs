//! The `OpenAPI` document, made of the served routes: registering is documenting.
//!
//! utoipa collects what a handler says of itself; [`finish`] adds what is the same for every operation:
//! its security by the access table, the problems that it can answer, the standard headers, and the
//! examples of `openapi/examples.json`.

mod finish;
pub mod routes;
pub mod words;

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa_actix_web::AppExt;

use crate::{answer::Reply, app::App, extract::IfNoneMatch, problem::Problem, v1};
use routes::Routes;

/// The document, as servers keep it.
pub struct Document {
    /// The document as JSON.
    pub text: Vec<u8>,
    /// Its strong entity tag.
    pub etag: String,
    /// The served operations.
    pub routes: Routes,
}

impl Document {
    /// The document of this build, and its routes: made once, the same for every server of a process.
    #[must_use]
    pub fn of_this_build() -> &'static Self {
        static DOCUMENT: LazyLock<Document> = LazyLock::new(Document::new);
        &DOCUMENT
    }

    fn new() -> Self {
        let collected = collected();
        // Before it is finished: the finished document no longer holds what handlers say to the door.
        let routes = Routes::of(&collected);
        let text = serde_json::to_vec(&finish::finish(collected)).unwrap_or_default();
        let digest = Sha256::digest(&text);
        let etag = format!("\"{}", crate::hex::of(digest.get(..12).unwrap_or_default()));
        Self { routes, etag: etag + "\"", text }
    }
}

/// The document as a value: what `lssc openapi` prints and `/openapi.json` answers.
#[must_use]
pub fn document() -> Value {
    finish::finish(collected())
}

/// What the handlers say of themselves.
fn collected() -> Value {
    let (_, collected) =
        actix_web::App::new().into_utoipa_app().configure(v1::register).split_for_parts();
    serde_json::to_value(&collected).unwrap_or_default()
}

/// `GET /openapi.json`.
pub(crate) async fn serve(
    app: App,
    request: HttpRequest,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let _ = request;
    let reply = Reply { status: 200, headers: Vec::new(), body: app.document.text.clone() }
        .header("Content-Type", "application/json")
        .header("ETag", app.document.etag.clone())
        .public(60);
    Ok(seen.answer(reply).into_response())
}

/// Swagger UI on the served document, with both ways to authorize.
pub(crate) fn swagger() -> utoipa_swagger_ui::SwaggerUi {
    utoipa_swagger_ui::SwaggerUi::new("/swagger-ui/{_:.*}").config(
        utoipa_swagger_ui::Config::from("/openapi.json")
            .persist_authorization(true)
            .display_request_duration(true)
            .filter(true)
            .try_it_out_enabled(true),
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use std::collections::BTreeSet;

    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    if let (true, Some(target)) = (name == "$ref", field.as_str()) {
                        found.insert(target.to_owned());
                    }
                    references(field, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_reference_has_its_target() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        let dangling: Vec<_> = found
            .iter()
            .filter(|target| document.pointer(target.trim_start_matches('#')).is_none())
            .collect();
        assert_eq!(dangling, [""; 0]);
    }

    #[test]
    fn every_operation_is_in_the_access_table_under_a_known_tag() {
        let document = document();
        let tags: BTreeSet<_> = document["tags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag["name"].clone().to_string())
            .collect();
        let mut seen = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let facts = routes::Operation::of(method, operation);
                assert!(facts.action.is_some(), "{method} {path} has no line in the access table");
                assert!(seen.insert(facts.id.clone()), "{} is served twice", facts.id);
                for tag in operation["tags"].as_array().unwrap() {
                    assert!(tags.contains(&tag.to_string()), "{} has an unknown tag", facts.id);
                }
            }
        }
        let missing: Vec<_> = domain::access::RULES
            .iter()
            .map(|rule| rule.action.to_string())
            .filter(|action| !seen.contains(action))
            .collect();
        assert_eq!(missing, [""; 0], "lines of the access table that no operation serves");
    }
}
