//! Texts with placeholders in braces, `{fees.application.price}`, and how they are filled.

/// A template that cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// A placeholder that nobody knows.
    #[error("there is no placeholder {{{0}}}")]
    Unknown(String),
    /// A brace without its partner.
    #[error("a brace is open or closed alone")]
    Unbalanced,
}

/// Fills the placeholders of a template; `value` tells what one stands for, none where it is unknown. What is
/// filled in is never read as a template.
pub fn fill(
    template: &str,
    mut value: impl FnMut(&str) -> Option<String>,
) -> Result<String, BadTemplate> {
    let mut filled = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').ok_or(BadTemplate::Unbalanced)?;
        filled.push_str(literal(before)?);
        filled.push_str(&value(name).ok_or_else(|| BadTemplate::Unknown(name.to_owned()))?);
        rest = tail;
    }
    filled.push_str(literal(rest)?);
    Ok(filled)
}

fn literal(text: &str) -> Result<&str, BadTemplate> {
    if text.contains('}') { Err(BadTemplate::Unbalanced) } else { Ok(text) }
}
