//! The letter that tells of a merge.

use domain::person::Email;

use super::Letter;

/// Tells somebody that two accounts of theirs are one now, and how they sign in.
pub(super) fn letters(emails: &[Email]) -> Vec<Letter> {
    let Some(primary) = emails.iter().find(|email| email.is_primary) else { return Vec::new() };
    let addresses: Vec<&str> = emails.iter().map(|email| email.address.as_str()).collect();
    let text = format!(
        "The office found that you had two LSSC accounts and made them one.\nEverything of both is in it.\n\n\
         Sign in with any of these addresses and the password of the\naccount that went on; if you do not \
         know it, reset it:\n\n{}\n\n\
         If they are not all yours, tell the office at once.\n",
        addresses.join("\n")
    );
    let subject = "Your two LSSC accounts are one";
    vec![Letter::of(primary.address.clone(), subject, text, "")]
}
