//! What partners say of their accounts by SCIM.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    AccountId, ClientId,
    scim::{ScimUser, fold_user_name},
};

use crate::{Error, Tx, aggregate::CHUNK, conn::each_backend, schema_access::scim_users, types::V};

/// What partners say of their accounts by SCIM.
pub struct ScimUsers<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// What partners say of their accounts by SCIM.
    pub fn scim_users(&mut self) -> ScimUsers<'_, 'c> {
        ScimUsers(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = scim_users, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    account_id: V<AccountId>,
    client_id: V<ClientId>,
    user_name: String,
    user_name_folded: String,
    names_itself: bool,
    display_name: Option<String>,
    active: Option<bool>,
    changed_at: V<DateTime<Utc>>,
}

impl From<&ScimUser> for Row {
    fn from(user: &ScimUser) -> Self {
        Self {
            account_id: V(user.account),
            client_id: V(user.client),
            user_name: user.user_name.clone(),
            user_name_folded: fold_user_name(&user.user_name),
            names_itself: user.names_itself,
            display_name: user.display_name.clone(),
            active: user.active,
            changed_at: V(user.changed_at),
        }
    }
}

impl From<Row> for ScimUser {
    fn from(row: Row) -> Self {
        Self {
            account: row.account_id.0,
            client: row.client_id.0,
            user_name: row.user_name,
            names_itself: row.names_itself,
            display_name: row.display_name,
            active: row.active,
            changed_at: row.changed_at.0,
        }
    }
}

impl ScimUsers<'_, '_> {
    /// What a partner said of an account; none where it never did.
    pub fn of(&mut self, account: AccountId) -> Result<Option<ScimUser>, Error> {
        let row: Option<Row> = each_backend!(self.0.conn, |c| scim_users::table
            .find(V(account))
            .select(Row::as_select())
            .first(c)
            .optional())?;
        Ok(row.map(ScimUser::from))
    }
    /// What a partner said of several accounts; those of which it said nothing are left out.
    pub fn of_accounts(&mut self, accounts: &[AccountId]) -> Result<Vec<ScimUser>, Error> {
        let mut users = Vec::with_capacity(accounts.len());
        for chunk in accounts.chunks(CHUNK) {
            let rows: Vec<Row> = each_backend!(self.0.conn, |c| scim_users::table
                .filter(scim_users::account_id.eq_any(chunk.iter().map(|id| V(*id))))
                .select(Row::as_select())
                .load(c))?;
            users.extend(rows.into_iter().map(ScimUser::from));
        }
        Ok(users)
    }
    /// The account that a partner calls by a name, however it is written.
    pub fn named(&mut self, client: ClientId, name: &str) -> Result<Option<AccountId>, Error> {
        let found: Option<V<AccountId>> = each_backend!(self.0.conn, |c| scim_users::table
            .filter(scim_users::client_id.eq(V(client)))
            .filter(scim_users::user_name_folded.eq(fold_user_name(name)))
            .select(scim_users::account_id)
            .first(c)
            .optional())?;
        Ok(found.map(|account| account.0))
    }
    /// Stores what a partner says of an account. Hold its client first.
    pub fn put(&mut self, user: &ScimUser) -> Result<(), Error> {
        let row = Row::from(user);
        each_backend!(self.0.conn, |c| diesel::insert_into(scim_users::table)
            .values(&row)
            .on_conflict(scim_users::account_id)
            .do_update()
            .set(&row)
            .execute(c))?;
        Ok(())
    }
}
