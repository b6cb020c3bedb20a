//! What seals an attempt: one text with everything in it, and the SHA-256 of that text.

use domain::{PortfolioId, attachment::Attachment, portfolio::PortfolioContent};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// Everything in the attempt `number` of a portfolio as JSON without blanks and with sorted names (RFC 8785):
/// the portfolio, the number, the content, and its files by id with the SHA-256 of their bytes.
pub fn sealed(
    portfolio: PortfolioId,
    number: i64,
    content: &PortfolioContent,
    files: &[Attachment],
) -> Result<String, Problem> {
    let file = |one: &Attachment| json!({"id": one.id, "sha256": one.sha256, "size_bytes": one.size_bytes, "file_name": one.file_name});
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by_key(|one| one.id);
    let content =
        serde_json::to_value(content).map_err(|error| Problem::internal(error.to_string()))?;
    let whole = json!({
        "portfolio": portfolio,
        "number": number,
        "content": content,
        "attachments": files.into_iter().map(file).collect::<Vec<_>>(),
    });
    Ok(sorted(&whole))
}

/// The SHA-256 of a text, 64 hexadecimal digits.
#[must_use]
pub fn digest(text: &str) -> String {
    crate::hex::of(&Sha256::digest(text))
}

/// JSON without blanks and with sorted names, whatever order a feature of the library gives them.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::String(name.clone()), sorted(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use domain::portfolio::Response;

    use super::*;

    #[test]
    fn the_text_is_the_same_for_the_same_content_and_another_for_any_other() {
        let response = Response {
            competency: "FND-01".parse().unwrap(),
            narrative: "I \"led\"\nstory time, é.".to_owned(),
            links: vec!["https://example.org/a?b=1&c=2".to_owned()],
            attachments: Vec::new(),
        };
        let content = PortfolioContent {
            introduction: "I work at a desk.".to_owned(),
            learning_statement: "I learned.".to_owned(),
            responses: vec![response],
        };
        let id: PortfolioId = "port_018f3a5b7c2d7e8f9a0b1c2d3e4f5a6b".parse().unwrap();
        let text = sealed(id, 1, &content, &[]).unwrap();
        assert_eq!(
            text,
            "{\"attachments\":[],\"content\":{\"introduction\":\"I work at a desk.\",\
             \"learning_statement\":\"I learned.\",\"responses\":[{\"attachments\":[],\
             \"competency\":\"FND-01\",\"links\":[\"https://example.org/a?b=1&c=2\"],\
             \"narrative\":\"I \\\"led\\\"\\nstory time, é.\"}]},\"number\":1,\
             \"portfolio\":\"port_018f3a5b7c2d7e8f9a0b1c2d3e4f5a6b\"}"
        );
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_ne!(text, sealed(id, 2, &content, &[]).unwrap());
    }
}
