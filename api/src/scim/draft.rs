//! What of a user can be changed, as a body or the operations of a PATCH (RFC 7644 section 3.5.2) say it.

use domain::person::fold_email;
use serde_json::Value;

use super::{USER, error, member};
use crate::problem::Problem;

/// The schema of a PATCH.
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The most operations of one PATCH.
const MOST_OPERATIONS: usize = 50;
/// The most addresses of one user.
const MOST_EMAILS: usize = 10;

/// What of a user can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) user_name: String,
    pub(super) external_id: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) active: Option<bool>,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) emails: Vec<String>,
}

fn bad(detail: impl Into<String>) -> Problem {
    error::of("invalidValue", detail)
}

/// A text of one line, 1 to 200 characters.
fn line(name: &str, value: &Value) -> Result<String, Problem> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    let fits = (1..=200).contains(&text.chars().count()) && !text.contains(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(bad(format!("{name} is a text of one line, 1 to 200 characters.")))
    }
}

/// A flag; some systems send it as a text.
fn flag(name: &str, value: &Value) -> Result<bool, Problem> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(bad(format!("{name} is true or false."))),
    }
}

/// The addresses of `emails`: objects with a `value`, one of them alone, or bare texts.
fn addresses(value: &Value) -> Result<Vec<String>, Problem> {
    let items = match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    };
    let mut found: Vec<String> = Vec::new();
    for item in items {
        let text = member(item, "value").unwrap_or(item);
        let parsed = serde_json::from_value::<crate::v1::fields::EmailAddress>(text.clone());
        let address =
            parsed.map_err(|_wrong| bad("Each of emails has an address as its value."))?;
        if !found.iter().any(|known| fold_email(known) == fold_email(&address)) {
            found.push(address.to_string());
        }
    }
    if found.len() > MOST_EMAILS {
        return Err(error::of("tooMany", format!("A user has at most {MOST_EMAILS} addresses.")));
    }
    Ok(found)
}

/// `schemas` names the one schema that is expected.
pub(super) fn is_of(body: &Value, schema: &str) -> Result<(), Problem> {
    let schemas = member(body, "schemas").and_then(Value::as_array);
    let names = |one: &Value| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(schema));
    if schemas.is_some_and(|all| all.iter().any(names)) {
        Ok(())
    } else {
        Err(error::of("invalidSyntax", format!("schemas names {schema}.")))
    }
}

impl Draft {
    /// A new user of a body.
    pub(super) fn of_body(body: &Value) -> Result<Self, Problem> {
        is_of(body, USER)?;
        let mut draft = Self {
            user_name: String::new(),
            external_id: None,
            display_name: None,
            active: Some(true),
            given_name: String::new(),
            family_name: String::new(),
            emails: Vec::new(),
        };
        draft.take(body)?;
        draft.whole()
    }

    /// The user that a PUT makes of this one. What is left out stays, but for `displayName`; of addresses, more are
    /// taken and none is lost.
    pub(super) fn put(mut self, body: &Value) -> Result<Self, Problem> {
        is_of(body, USER)?;
        for needed in ["userName", "name", "emails"] {
            if member(body, needed).is_none() {
                return Err(bad(format!("{needed} is required.")));
            }
        }
        self.display_name = None;
        self.take(body)?;
        self.whole()
    }

    /// The user that the operations of a PATCH make of this one.
    pub(super) fn patched(mut self, body: &Value) -> Result<Self, Problem> {
        is_of(body, PATCH)?;
        let operations = member(body, "Operations").and_then(Value::as_array);
        let operations = operations.filter(|all| !all.is_empty());
        let operations =
            operations.ok_or_else(|| error::of("invalidSyntax", "Operations is a list."))?;
        if operations.len() > MOST_OPERATIONS {
            let detail = format!("A PATCH has at most {MOST_OPERATIONS} operations.");
            return Err(error::of("tooMany", detail));
        }
        for operation in operations {
            self.applies(operation)?;
        }
        self.whole()
    }

    fn whole(self) -> Result<Self, Problem> {
        let missing = if self.user_name.is_empty() {
            "userName is required."
        } else if self.given_name.is_empty() || self.family_name.is_empty() {
            "name.givenName and name.familyName are required."
        } else if self.emails.is_empty() {
            "One of emails is required."
        } else {
            return Ok(self);
        };
        Err(bad(missing))
    }

    /// Takes every attribute of an object that is known; others are ignored, as the standard wants it.
    fn take(&mut self, fields: &Value) -> Result<(), Problem> {
        for name in ["userName", "externalId", "displayName", "active", "name", "emails"] {
            match member(fields, name) {
                None | Some(Value::Null) => {}
                Some(value) => self.set(&name.to_ascii_lowercase(), value)?,
            }
        }
        Ok(())
    }

    /// Sets what a path in small letters names.
    fn set(&mut self, path: &str, value: &Value) -> Result<(), Problem> {
        match path {
            "username" => self.user_name = line("userName", value)?,
            "externalid" => self.external_id = Some(line("externalId", value)?),
            "displayname" => self.display_name = Some(line("displayName", value)?),
            "active" => self.active = Some(flag("active", value)?),
            "name.givenname" => self.given_name = line("name.givenName", value)?,
            "name.familyname" => self.family_name = line("name.familyName", value)?,
            "name" => {
                if !value.is_object() {
                    return Err(bad("name has givenName and familyName."));
                }
                for part in ["givenName", "familyName"] {
                    if let Some(value) = member(value, part) {
                        self.set(&format!("name.{}", part.to_ascii_lowercase()), value)?;
                    }
                }
            }
            "emails" | "emails.value" => {
                for address in addresses(value)? {
                    let known = |one: &String| fold_email(one) == fold_email(&address);
                    if !self.emails.iter().any(known) {
                        self.emails.push(address);
                    }
                }
            }
            _ => return Err(unknown(path)),
        }
        Ok(())
    }

    fn applies(&mut self, operation: &Value) -> Result<(), Problem> {
        let op = member(operation, "op").and_then(Value::as_str).unwrap_or_default();
        let path = member(operation, "path").and_then(Value::as_str).map(bare);
        let value = member(operation, "value");
        match (op.to_ascii_lowercase().as_str(), path, value) {
            ("add" | "replace", None, Some(value)) if value.is_object() => {
                let fields = value.as_object().into_iter().flatten();
                for (name, value) in fields {
                    self.set_known(&bare(name), value)?;
                }
                Ok(())
            }
            ("add" | "replace", Some(path), Some(value)) => {
                let replaces = op.eq_ignore_ascii_case("replace");
                if replaces && path.starts_with("emails") && !self.holds(value)? {
                    return Err(lasting());
                }
                self.set(&target(&path)?, value)
            }
            ("remove", Some(path), _) => self.remove(&path),
            ("remove", None, _) => Err(error::of("noTarget", "Say in path what is removed.")),
            ("add" | "replace", ..) => Err(bad("Send a value, an object where there is no path.")),
            _ => Err(error::of("invalidSyntax", "op is add, replace or remove.")),
        }
    }

    /// Of a value without a path, what is of other schemas is ignored.
    fn set_known(&mut self, path: &str, value: &Value) -> Result<(), Problem> {
        match self.set(path, value) {
            Err(problem) if problem.codes().any(|code| code == "invalidPath") => Ok(()),
            done => done,
        }
    }

    /// Whether every address of the user is among those that replace them.
    fn holds(&self, value: &Value) -> Result<bool, Problem> {
        let given = addresses(value)?;
        let among = |one: &String| given.iter().any(|new| fold_email(new) == fold_email(one));
        Ok(self.emails.iter().all(among))
    }

    fn remove(&mut self, path: &str) -> Result<(), Problem> {
        match target(path)?.as_str() {
            "externalid" => self.external_id = None,
            "displayname" => self.display_name = None,
            "active" => self.active = None,
            "emails" | "emails.value" => return Err(lasting()),
            "username" | "name" | "name.givenname" | "name.familyname" => {
                return Err(error::of("mutability", "It is required, and cannot be removed."));
            }
            other => return Err(unknown(other)),
        }
        Ok(())
    }
}

fn lasting() -> Problem {
    error::of("mutability", "An address is taken away by its person alone; add one.")
}

fn unknown(path: &str) -> Problem {
    match path {
        "id" | "schemas" | "name.formatted" => {
            error::of("mutability", format!("{path} is not changed from outside."))
        }
        path if path == "meta" || path.starts_with("meta.") => {
            error::of("mutability", "meta is not changed from outside.")
        }
        path => error::of("invalidPath", format!("A user has no {path}.")),
    }
}

/// A path without the schema's name, in small letters but for what it compares.
fn bare(path: &str) -> String {
    let prefix = format!("{USER}:");
    let head = path.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(&prefix));
    path.get(head.map_or(0, str::len)..).unwrap_or_default().to_ascii_lowercase()
}

/// What a path names, a filter of addresses in it left out: they have no type by which they could be told apart.
fn target(path: &str) -> Result<String, Problem> {
    let Some((before, rest)) = path.split_once('[') else { return Ok(path.to_owned()) };
    match (before, rest.split_once(']')) {
        ("emails", Some((_, "" | ".value"))) => Ok("emails".to_owned()),
        _ => Err(error::of("invalidPath", "Only emails are chosen by a filter.")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn ada() -> Draft {
        let body = json!({"schemas": [USER], "userName": "ada", "externalId": "7", "displayName": "A",
            "name": {"givenName": "Ada", "familyName": "Brook"}, "emails": [{"value": "ada@example.org", "type": "work"}]});
        Draft::of_body(&body).unwrap()
    }
    fn patched(operations: &Value) -> Result<Draft, Vec<String>> {
        ada()
            .patched(&json!({"schemas": [PATCH], "Operations": operations}))
            .map_err(|problem| problem.codes().map(str::to_owned).collect())
    }

    #[test]
    fn a_patch_is_applied_operation_by_operation() {
        let after = patched(&json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "value": "Eda"},
            {"op": "remove", "path": "displayName"},
            {"op": "add", "path": "emails", "value": [{"value": "eda@example.org"}, {"value": "ADA@example.org"}]},
            {"op": "replace", "value": {"externalId": "8", "urn:other:schema": {"x": 1}}},
        ]));
        let wanted = Draft {
            active: Some(false),
            given_name: "Eda".to_owned(),
            display_name: None,
            emails: vec!["ada@example.org".to_owned(), "eda@example.org".to_owned()],
            external_id: Some("8".to_owned()),
            ..ada()
        };
        assert_eq!(after, Ok(wanted));
    }

    #[test]
    fn what_a_patch_cannot_do_has_its_own_code() {
        for (operation, code) in [
            (json!({"op": "replace", "path": "nickName", "value": "x"}), "invalidPath"),
            (
                json!({"op": "replace", "path": "phones[type eq \"x\"].value", "value": "x"}),
                "invalidPath",
            ),
            (json!({"op": "remove"}), "noTarget"),
            (json!({"op": "remove", "path": "userName"}), "mutability"),
            (json!({"op": "remove", "path": "emails[value eq \"ada@example.org\"]"}), "mutability"),
            (
                json!({"op": "replace", "path": "emails", "value": [{"value": "eda@example.org"}]}),
                "mutability",
            ),
            (json!({"op": "replace", "path": "id", "value": "x"}), "mutability"),
            (json!({"op": "replace", "path": "meta.created", "value": "x"}), "mutability"),
            (json!({"op": "replace", "path": "active", "value": "maybe"}), "invalidValue"),
            (json!({"op": "replace", "path": "userName", "value": ""}), "invalidValue"),
            (json!({"op": "add", "path": "emails", "value": "nowhere"}), "invalidValue"),
            (json!({"op": "move", "path": "active", "value": true}), "invalidSyntax"),
        ] {
            assert_eq!(patched(&json!([operation])), Err(vec![code.to_owned()]), "{operation}");
        }
    }
}
