//! Whom an order could pay for.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::{
    ApplicationId, InvoiceId, PersonId, application::ApplicationState, person::fold_email,
    program::ProgramCode,
};

use super::PurchaseOrders;
use crate::{
    Error,
    conn::each_backend,
    schema::{applications, emails, people},
    types::V,
};

/// An application that somebody on an order could be named for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// The application.
    pub application: ApplicationId,
    /// Its state.
    pub state: ApplicationState,
    /// Who applied.
    pub person: PersonId,
    /// Their full name.
    pub name: String,
    /// Every e-mail address of theirs.
    pub emails: Vec<String>,
    /// The invoice of the application's fee.
    pub invoice: Option<InvoiceId>,
}

/// As [`domain::person::Person::full_name`] has it.
fn person_name(given: &str, family: &str) -> String {
    format!("{given} {family}").trim().to_owned()
}

impl PurchaseOrders<'_, '_> {
    /// Every application to a program of the people who have one of these e-mail addresses, however they
    /// are written. A query each for the addresses, the applications, the names.
    pub fn payables(
        &mut self,
        program: &ProgramCode,
        emails: &[String],
    ) -> Result<Vec<Payee>, Error> {
        let mut found = Vec::new();
        for some in emails.chunks(1_000) {
            let folded: Vec<_> = some.iter().map(|address| fold_email(address)).collect();
            let people: Vec<V<PersonId>> = each_backend!(self.0.conn, |c| emails::table
                .filter(emails::address_folded.eq_any(folded))
                .select(emails::person_id)
                .distinct()
                .load(c))?;
            found.append(&mut self.applications_of(program, &people)?);
        }
        found.sort_by_key(|payee| payee.application);
        found.dedup_by_key(|payee| payee.application);
        Ok(found)
    }

    fn applications_of(
        &mut self,
        program: &ProgramCode,
        people: &[V<PersonId>],
    ) -> Result<Vec<Payee>, Error> {
        type Found = (V<ApplicationId>, V<ApplicationState>, V<PersonId>, Option<V<InvoiceId>>);
        let rows: Vec<Found> = each_backend!(self.0.conn, |c| applications::table
            .filter(applications::program.eq(program.as_str()))
            .filter(applications::person_id.eq_any(people))
            .select((
                applications::id,
                applications::state,
                applications::person_id,
                applications::invoice_id,
            ))
            .load(c))?;
        let names: Vec<(V<PersonId>, String, String)> =
            each_backend!(self.0.conn, |c| people::table
                .filter(people::id.eq_any(people))
                .select((people::id, people::given_name, people::family_name))
                .load(c))?;
        let addresses: Vec<(V<PersonId>, String)> = each_backend!(self.0.conn, |c| emails::table
            .filter(emails::person_id.eq_any(people))
            .order((emails::is_primary.desc(), emails::id.asc()))
            .select((emails::person_id, emails::address))
            .load(c))?;
        let names: HashMap<_, _> = names
            .into_iter()
            .map(|(id, given, family)| (id, person_name(&given, &family)))
            .collect();
        let mut emails: HashMap<V<PersonId>, Vec<String>> = HashMap::new();
        for (person, address) in addresses {
            emails.entry(person).or_default().push(address);
        }
        Ok(rows
            .into_iter()
            .map(|(application, state, person, invoice)| Payee {
                application: application.0,
                state: state.0,
                person: person.0,
                name: names.get(&person).cloned().unwrap_or_default(),
                emails: emails.get(&person).cloned().unwrap_or_default(),
                invoice: invoice.map(|id| id.0),
            })
            .collect())
    }
}
