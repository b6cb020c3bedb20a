//! Mails that were sent, and the tokens in them.

use serde_json::json;

use super::world::World;

pub(crate) const RESET: &str = "Reset your LSSC password";
pub(crate) const CONFIRM: &str = "Confirm your e-mail address";

/// The mails to an address with a subject, oldest first.
pub(crate) fn mails_to(world: &World, to: &str, subject: &str) -> Vec<String> {
    let (to, subject) = (format!("To: {to}\r\n"), format!("Subject: {subject}\r\n"));
    let mut mails = world.mails();
    mails.retain(|mail| mail.contains(&to) && mail.contains(&subject));
    mails
}

/// The token of the `count`-th such mail, which is the last.
pub(crate) async fn token_of(world: &World, to: &str, subject: &str, count: usize) -> String {
    world.until("the mail was sent", || mails_to(world, to, subject).len() >= count).await;
    let sent = mails_to(world, to, subject);
    assert_eq!(sent.len(), count);
    let mail = sent.last().expect("a mail");
    let line = mail.lines().find_map(|line| line.strip_prefix("Token: "));
    line.unwrap_or_else(|| panic!("no token in {mail}")).trim().to_owned()
}

/// Shows control of an address with the token of the mail that went to it.
pub(crate) async fn confirms(world: &World, address: &str) {
    let token = token_of(world, address, CONFIRM, 1).await;
    world.anyone().post_bare("/v1/email-verifications", json!({"token": token})).await.expect(204);
}
