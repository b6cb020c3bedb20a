//! Which attributes of a resource are answered (RFC 7644 section 3.9).

use serde_json::{Map, Value};

use super::USER;

/// What a caller wants to be told, in small letters, without the schema's name.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    only: Vec<String>,
    without: Vec<String>,
}

/// Attributes that are always told.
const ALWAYS: &[&str] = &["schemas", "id"];

impl Wanted {
    /// What is wanted of `attributes` and `excludedAttributes`; the first goes before the second.
    pub(super) fn of<'n>(
        only: impl IntoIterator<Item = &'n str>,
        without: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let names = |name: &str| {
            let name = name.trim().to_ascii_lowercase();
            let prefix = format!("{}:", USER.to_ascii_lowercase());
            name.strip_prefix(&prefix).unwrap_or(&name).to_owned()
        };
        let all = |list: Vec<&str>| -> Vec<String> {
            list.into_iter().map(names).filter(|name| !name.is_empty()).collect()
        };
        Self { only: all(only.into_iter().collect()), without: all(without.into_iter().collect()) }
    }

    /// What of a resource is told.
    pub(super) fn of_resource(&self, resource: Value) -> Value {
        let Value::Object(fields) = resource else { return resource };
        let told = fields.into_iter().filter_map(|(name, value)| {
            let told = self.of_attribute(&name, value)?;
            Some((name, told))
        });
        Value::Object(told.collect())
    }

    fn of_attribute(&self, name: &str, value: Value) -> Option<Value> {
        let lower = name.to_ascii_lowercase();
        if ALWAYS.contains(&lower.as_str()) {
            return Some(value);
        }
        let wanted = |sub: &str| {
            let path = format!("{lower}.{}", sub.to_ascii_lowercase());
            if self.asked_for(&path) {
                return true;
            }
            // Told only where it is asked for by name.
            path != "name.formatted"
                && (self.only.is_empty() || self.only.contains(&lower))
                && !(self.only.is_empty() && self.without.contains(&path))
        };
        let parts = |fields: Map<String, Value>| -> Map<String, Value> {
            fields.into_iter().filter(|(sub, _)| wanted(sub)).collect()
        };
        if self.only.is_empty() {
            if self.without.contains(&lower) {
                return None;
            }
        } else if !self.only.iter().any(|one| one.split('.').next() == Some(lower.as_str())) {
            return None;
        }
        Some(match value {
            Value::Object(fields) => Value::Object(parts(fields)),
            Value::Array(items) => Value::Array(
                items
                    .into_iter()
                    .map(|item| match item {
                        Value::Object(fields) => Value::Object(parts(fields)),
                        other => other,
                    })
                    .collect(),
            ),
            other => other,
        })
    }

    fn asked_for(&self, path: &str) -> bool {
        self.only.iter().any(|one| one == path)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_asked_for_is_told() {
        let user = json!({"schemas": [USER], "id": "7", "userName": "ada",
            "name": {"givenName": "Ada", "formatted": "Ada B"}, "emails": [{"value": "a@b.c"}], "active": true});
        let told = |only: &[&str], without: &[&str]| {
            Wanted::of(only.iter().copied(), without.iter().copied()).of_resource(user.clone())
        };
        assert_eq!(told(&[], &[])["name"], json!({"givenName": "Ada"}));
        assert_eq!(
            told(&["name.formatted"], &[]),
            json!({"schemas": [USER], "id": "7", "name": {"formatted": "Ada B"}})
        );
        assert_eq!(
            told(&["USERNAME", "emails.value"], &[]),
            json!({"schemas": [USER], "id": "7", "userName": "ada", "emails": [{"value": "a@b.c"}]})
        );
        let without = told(&[], &["id", "active", "name.givenName"]);
        assert_eq!((&without["active"], &without["name"]), (&Value::Null, &json!({})));
        assert_eq!(without["id"], "7");
    }
}
