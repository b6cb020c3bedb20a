//! Account subscriptions.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::{
    InvoiceId, PersonId, SubscriptionId, program::ProgramCode, subscription::Subscription,
};

use crate::{
    Error, Optional, Page, Tx,
    aggregate::{aggregate, of_any, page},
    conn::{each_backend, get_row},
    json,
    schema::subscriptions,
    types::V,
};

/// The repository of account subscriptions.
pub struct Subscriptions<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Account subscriptions.
    pub fn subscriptions(&mut self) -> Subscriptions<'_, 'c> {
        Subscriptions(self)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: V<SubscriptionId>,
    program: String,
    person_id: V<PersonId>,
    invoice_id: V<InvoiceId>,
    activated_on: NaiveDate,
    ends_on: NaiveDate,
    ended_on: Option<NaiveDate>,
    reminded_on: Option<NaiveDate>,
    version: i64,
}

impl TryFrom<&Subscription> for Row {
    type Error = Error;
    fn try_from(subscription: &Subscription) -> Result<Self, Error> {
        Ok(Self {
            id: V(subscription.id),
            program: subscription.program.to_string(),
            person_id: V(subscription.person),
            invoice_id: V(subscription.invoice),
            activated_on: subscription.activated_on,
            ends_on: subscription.ends_on,
            ended_on: subscription.ended_on,
            reminded_on: subscription.reminded_on,
            version: subscription.version,
        })
    }
}

impl TryFrom<Row> for Subscription {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.0,
            program: json::program(&row.program)?,
            person: row.person_id.0,
            invoice: row.invoice_id.0,
            activated_on: row.activated_on,
            ends_on: row.ends_on,
            ended_on: row.ended_on,
            reminded_on: row.reminded_on,
            version: row.version,
        })
    }
}

aggregate!(Subscriptions, subscriptions, Subscription, SubscriptionId);

/// What a list of subscriptions is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct SubscriptionFilter {
    /// A program.
    pub program: Option<ProgramCode>,
    /// Whose.
    pub person: Option<PersonId>,
    /// Those that run on a day.
    pub active_on: Option<NaiveDate>,
    /// Those that are over on a day.
    pub ended_by: Option<NaiveDate>,
    /// Those whose last day is this one or later.
    pub ends_from: Option<NaiveDate>,
    /// Those whose last day is this one or earlier.
    pub ends_until: Option<NaiveDate>,
}

impl Subscriptions<'_, '_> {
    /// The subscription that the settlement of an invoice activated, held until the end of a write.
    pub fn of_invoice(&mut self, invoice: InvoiceId) -> Result<Option<Subscription>, Error> {
        let row: Result<Row, Error> = get_row!(
            self.0,
            subscriptions::table
                .filter(subscriptions::invoice_id.eq(V(invoice)))
                .select(Row::as_select())
        );
        row.found()?.map(TryInto::try_into).transpose()
    }

    /// The subscriptions that these invoices activated.
    pub(crate) fn of_invoices(
        &mut self,
        invoices: &[InvoiceId],
    ) -> Result<Vec<Subscription>, Error> {
        let ids: Vec<_> = invoices.iter().copied().map(V).collect();
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| subscriptions::table
            .filter(subscriptions::invoice_id.eq_any(ids))
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The subscriptions of several people, oldest first.
    pub fn of_people(&mut self, people: &[PersonId]) -> Result<Vec<Subscription>, Error> {
        of_any!(self.0, subscriptions, people, |query, chunk| query
            .filter(subscriptions::person_id.eq_any(chunk.iter().map(|id| V(*id)))))
    }

    /// A page of subscriptions, the first activated first.
    pub fn list(
        &mut self,
        filter: &SubscriptionFilter,
        page: Page<SubscriptionId>,
    ) -> Result<Vec<Subscription>, Error> {
        page!(self.0, subscriptions, page, |query| {
            if let Some(program) = &filter.program {
                query = query.filter(subscriptions::program.eq(program.as_str().to_owned()));
            }
            if let Some(person) = filter.person {
                query = query.filter(subscriptions::person_id.eq(V(person)));
            }
            if let Some(day) = filter.active_on {
                query = query
                    .filter(subscriptions::activated_on.le(day))
                    .filter(subscriptions::ends_on.ge(day))
                    .filter(subscriptions::ended_on.is_null().or(subscriptions::ended_on.gt(day)));
            }
            if let Some(day) = filter.ended_by {
                query = query
                    .filter(subscriptions::ends_on.lt(day).or(subscriptions::ended_on.le(day)));
            }
            if let Some(day) = filter.ends_from {
                query = query.filter(subscriptions::ends_on.ge(day));
            }
            if let Some(day) = filter.ends_until {
                query = query.filter(subscriptions::ends_on.le(day));
            }
        })
    }

    /// Subscriptions of a program that run out by `until` and of which nobody was reminded, the last to end
    /// first: those that were over before anybody was reminded never keep others waiting.
    pub fn ending(
        &mut self,
        program: &ProgramCode,
        until: NaiveDate,
        limit: i64,
    ) -> Result<Vec<Subscription>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| subscriptions::table
            .filter(subscriptions::program.eq(program.as_str()))
            .filter(subscriptions::ended_on.is_null())
            .filter(subscriptions::reminded_on.is_null())
            .filter(subscriptions::ends_on.le(until))
            .order((subscriptions::ends_on.desc(), subscriptions::id.desc()))
            .limit(limit)
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
