//! The served operations, as the document lists them: what the door knows of a route.

use std::{collections::HashMap, sync::Arc};

use actix_web::dev::ResourceDef;
use domain::{Word, access::Action};
use serde_json::Value;

/// How an operation treats an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// It changes nothing, or its answer must not be kept: ignored.
    Ignored,
    /// Taken when it is sent.
    Optional,
    /// 400 without one: money or a decision is involved.
    Required,
}

/// One operation of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// The action of the access table of the same name; every operation under `/v1` and `/oauth` has one.
    pub action: Option<Action>,
    /// Whether nobody may call it without signing in.
    pub secured: bool,
    /// How it treats an `Idempotency-Key`.
    pub key: KeyUse,
    /// Whether it needs `If-Match`.
    pub if_match: bool,
}

impl Operation {
    /// What the document says of an operation. `x-idempotency-key` (`none`, `optional`, `required`)
    /// and `x-if-match` (`none`, `required`) override what follows from method and access; `x-problems` is a list of
    /// statuses that do not follow from them.
    #[must_use]
    pub fn of(method: &str, operation: &Value) -> Self {
        let text = |name: &str| operation.get(name).and_then(Value::as_str);
        let id = text("operationId").unwrap_or_default().to_owned();
        let action = Action::of(&id);
        let secured = action.is_some_and(|action| !action.rule().public);
        let key = match (text("x-idempotency-key"), method) {
            (Some("required"), _) => KeyUse::Required,
            (Some("optional"), _) => KeyUse::Optional,
            (None, "post") if secured => KeyUse::Optional,
            _ => KeyUse::Ignored,
        };
        let if_match = match text("x-if-match") {
            Some(word) => word == "required",
            None => matches!(method, "put" | "patch" | "delete"),
        };
        Self { id, action, secured, key, if_match }
    }
}

/// The methods of a path.
pub const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// What is served beside the operations: pages for people, the document itself, health.
const PAGES: &[&str] = &[
    "/",
    "/openapi.json",
    "/problems",
    "/problems/{slug}",
    "/livez",
    "/readyz",
    "/swagger-ui/{tail:.*}",
];

/// Every served operation by method and path template.
#[derive(Debug, Default)]
pub struct Routes {
    operations: HashMap<(String, String), Arc<Operation>>,
    paths: Vec<(ResourceDef, Vec<&'static str>)>,
}

impl Routes {
    /// The routes of a document.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let mut routes = Self::default();
        let paths = document.get("paths").and_then(Value::as_object);
        for (template, item) in paths.into_iter().flatten() {
            let mut allowed = Vec::new();
            for method in METHODS {
                if let Some(operation) = item.get(*method) {
                    let operation = Arc::new(Operation::of(method, operation));
                    routes
                        .operations
                        .insert((method.to_ascii_uppercase(), template.clone()), operation);
                    allowed.push(*method);
                }
            }
            routes.paths.push((ResourceDef::new(template.as_str()), allowed));
        }
        for (path, methods) in crate::scim::PATHS {
            routes.paths.push((ResourceDef::new(*path), methods.to_vec()));
        }
        for path in PAGES {
            routes.paths.push((ResourceDef::new(*path), vec!["get"]));
        }
        routes
    }
    /// The operation of a method (upper case) at a template.
    #[must_use]
    pub fn operation(&self, method: &str, template: &str) -> Option<Arc<Operation>> {
        self.operations.get(&(method.to_owned(), template.to_owned())).cloned()
    }
    /// What `Allow` lists for a path; none when nothing is served there.
    #[must_use]
    pub fn allow(&self, path: &str) -> Option<String> {
        let fixed = |one: &ResourceDef| one.pattern().is_some_and(|text| !text.contains('{'));
        let found: Vec<_> = self.paths.iter().filter(|(one, _)| one.is_match(path)).collect();
        // `/memberships/import` is a resource of its own, and no id.
        let own = found.iter().any(|(one, _)| fixed(one));
        let mut allowed: Vec<&str> = Vec::new();
        for (_, methods) in found.into_iter().filter(|(one, _)| !own || fixed(one)) {
            allowed.extend(methods);
        }
        if allowed.is_empty() {
            return None;
        }
        let mut names: Vec<_> = allowed.iter().map(|method| method.to_ascii_uppercase()).collect();
        if names.iter().any(|name| name == "GET") {
            names.push("HEAD".to_owned());
        }
        names.sort();
        names.dedup();
        Some(names.join(", "))
    }
    /// Every operation.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values().map(AsRef::as_ref)
    }
}
