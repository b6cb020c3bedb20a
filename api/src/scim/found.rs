//! The users of a list: a page of them, looked up by what a filter names, or looked through where they are few.

use domain::{ClientId, account::ExternalId, scim::Key};
use persistence::{Optional, Tx};

use super::{
    error,
    query::{Asked, Start},
    user::User,
};
use crate::{app::App, problem::Problem};

/// How many accounts are looked through, one by one, for a filter that names nobody.
const LOOKED_THROUGH: i64 = 10_000;

/// A page of users.
pub(super) struct Found {
    /// How many there are in all.
    pub(super) total: usize,
    /// Those of the page, in their order.
    pub(super) users: Vec<User>,
    /// Whether others come after them.
    pub(super) more: bool,
}

/// The users that are asked for.
pub(super) fn found(
    app: &App,
    tx: &mut Tx<'_>,
    client: ClientId,
    asked: &Asked,
) -> Result<Found, Problem> {
    let Some(filter) = &asked.filter else { return everybody(app, tx, client, asked) };
    let known = if let Some(key) = filter.key() {
        meant(tx, client, key)?
    } else {
        are_few(tx.external_ids().count(client)?)?;
        tx.external_ids().some(client, None, 0, LOOKED_THROUGH)?
    };
    let mut users = User::all(app, tx, client, &known)?;
    users.retain(|user| user.is_taken_by(filter));
    let total = users.len();
    let before = match asked.from {
        Start::Index(index) => index.saturating_sub(1),
        Start::Cursor(None) => 0,
        Start::Cursor(Some(after)) => users.partition_point(|user| user.known.id <= after),
    };
    let mut users = users.split_off(before.min(total));
    let more = users.len() > asked.count;
    users.truncate(asked.count);
    Ok(Found { total, users, more })
}

/// Without a filter: the page alone is read.
fn everybody(
    app: &App,
    tx: &mut Tx<'_>,
    client: ClientId,
    asked: &Asked,
) -> Result<Found, Problem> {
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let total = usize::try_from(tx.external_ids().count(client)?).unwrap_or(usize::MAX);
    let (after, skipped) = match asked.from {
        Start::Index(index) => (None, index.saturating_sub(1)),
        Start::Cursor(after) => (after, 0),
    };
    let limit = asked.count.saturating_add(1);
    let mut known = tx.external_ids().some(client, after, whole(skipped), whole(limit))?;
    let more = known.len() > asked.count;
    known.truncate(asked.count);
    let users = User::all(app, tx, client, &known)?;
    Ok(Found { total, users, more })
}

/// The accounts of a partner that may be meant, in their order.
fn meant(tx: &mut Tx<'_>, client: ClientId, key: Key<'_>) -> Result<Vec<ExternalId>, Problem> {
    let mut found: Vec<ExternalId> = match key {
        Key::Id(text) => match text.parse() {
            Ok(id) => tx.external_ids().get(id).found()?.into_iter().collect(),
            Err(_) => Vec::new(),
        },
        Key::ExternalId(text) => tx.external_ids().find(client, text)?.into_iter().collect(),
        Key::UserName(text) => {
            // Where the partner said no name, it is the external id.
            let mut found = tx.external_ids().alike(client, text)?;
            if let Some(said) = tx.scim_users().named(client, text)? {
                found.extend(tx.external_ids().get(said).found()?);
            }
            found
        }
        Key::Email(text) => {
            let people: Vec<_> = tx.people().by_email(text)?.into_iter().collect();
            tx.external_ids().of_people(&people)?
        }
    };
    found.retain(|known| known.client == client);
    found.sort_by_key(|known| known.id);
    found.dedup_by_key(|known| known.id);
    Ok(found)
}

/// RFC 7644 section 3.12: `tooMany`, where more would have to be looked through than the server is willing to.
fn are_few(accounts: i64) -> Result<(), Problem> {
    if accounts <= LOOKED_THROUGH {
        return Ok(());
    }
    let detail = format!(
        "Of more than {LOOKED_THROUGH} users some are found by a filter that has id, userName, externalId or emails.value eq something."
    );
    Err(error::of("tooMany", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_accounts_are_not_looked_through() {
        assert!(are_few(LOOKED_THROUGH).is_ok());
        let refused = are_few(LOOKED_THROUGH + 1).err();
        assert!(refused.is_some_and(|refused| refused.codes().eq(["tooMany"])));
    }
}
