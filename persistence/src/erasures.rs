//! Erasure: what the store holds of a person is removed or replaced. Money records, decisions and what was
//! judged stay with their id.

use diesel::prelude::*;
use domain::{
    AccountRequestId, AttachmentId, CompletionId, GraduateId, PersonId, SessionId, WaitingId,
    account::{matching::Asked, request::AccountRequestState},
    identity::identity_key,
    life::erased_names,
    person::fold_email,
    portfolio::{PortfolioContent, PortfolioState},
};
use serde_json::Value;

use crate::{
    Error, Tx,
    aggregate::CHUNK,
    conn::each_backend,
    json,
    schema::{
        account_requests, activities, appeals, applications, attachments, audit_cases, bounces,
        completions, course_requests, emails, external_ids, former_external_ids, graduates,
        help_requests, memberships, name_changes, portfolio_attempts, portfolios,
        waiting_completions,
    },
    schema_access::{calendar_feeds, credentials, password_resets, refresh_tokens, sessions},
    types::V,
};

/// What removes a person's data.
pub struct Erasures<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Erasures.
    pub fn erasures(&mut self) -> Erasures<'_, 'c> {
        Erasures(self)
    }
}

/// What stands in the place of a text.
const ERASED: &str = "erased";

impl Erasures<'_, '_> {
    /// Removes what the store holds of a person beside their record. Tells the keys of the bytes that nobody
    /// names any more.
    pub fn erase(&mut self, person: PersonId) -> Result<Vec<String>, Error> {
        let emails = self.0.people().emails(person)?;
        let addresses: Vec<String> = emails.iter().map(|one| fold_email(&one.address)).collect();
        self.access(person)?;
        self.0.merges().forget_rows(person)?;
        self.0.imports().forget(person)?;
        self.0.reconciliations().forget(person)?;
        self.accounts(person, &addresses)?;
        self.statements(person)?;
        self.contacts(person)?;
        self.posted(person)?;
        self.files(person)
    }

    /// How they signed in, and where they were written to.
    fn access(&mut self, person: PersonId) -> Result<(), Error> {
        let who = V(person);
        each_backend!(self.0.conn, |c| {
            let held: Vec<V<SessionId>> =
                sessions::table.filter(sessions::person_id.eq(who)).select(sessions::id).load(c)?;
            for session in held {
                let of_it = refresh_tokens::session_id.eq(session);
                diesel::delete(refresh_tokens::table.filter(of_it)).execute(c)?;
            }
            diesel::delete(password_resets::table.filter(password_resets::person_id.eq(who)))
                .execute(c)?;
            diesel::delete(credentials::table.filter(credentials::person_id.eq(who))).execute(c)?;
            diesel::delete(calendar_feeds::table.filter(calendar_feeds::person_id.eq(who)))
                .execute(c)?;
            diesel::delete(bounces::table.filter(bounces::person_id.eq(who))).execute(c)?;
            diesel::delete(emails::table.filter(emails::person_id.eq(who))).execute(c)?;
            diesel::delete(memberships::table.filter(memberships::person_id.eq(who))).execute(c)?;
            Ok::<_, diesel::result::Error>(())
        })?;
        Ok(())
    }

    /// What partners call them, and with which names and addresses they asked for them.
    fn accounts(&mut self, person: PersonId, addresses: &[String]) -> Result<(), Error> {
        let who = V(person);
        let names = erased_names();
        let completed: Vec<(V<AccountRequestId>, V<Value>)> =
            each_backend!(self.0.conn, |c| account_requests::table
                .filter(account_requests::person_id.eq(who))
                .select((account_requests::id, account_requests::asked))
                .load(c))?;
        let mut requests: Vec<(V<AccountRequestId>, Asked)> = Vec::new();
        for (id, asked) in completed {
            requests.push((id, json::read(asked)?));
        }
        // What was rejected is nobody's: it is theirs by what it says. What waits, the office decides first.
        let rejected: Vec<(V<AccountRequestId>, V<Value>)> =
            each_backend!(self.0.conn, |c| account_requests::table
                .filter(account_requests::state.eq(V(AccountRequestState::Rejected)))
                .select((account_requests::id, account_requests::asked))
                .load(c))?;
        for (id, asked) in rejected {
            let asked: Asked = json::read(asked)?;
            let theirs = asked.emails.iter().any(|one| addresses.contains(&fold_email(one)));
            if theirs || asked.person == Some(person) {
                requests.push((id, asked));
            }
        }
        for (id, mut asked) in requests {
            ERASED.clone_into(&mut asked.external_id);
            asked.given_name.clone_from(&names.given_name);
            asked.family_name.clone_from(&names.family_name);
            asked.emails = Vec::new();
            let asked = json::of(&asked)?;
            each_backend!(self.0.conn, |c| diesel::update(account_requests::table.find(id))
                .set(account_requests::asked.eq(&asked))
                .execute(c))?;
        }
        each_backend!(self.0.conn, |c| {
            diesel::delete(external_ids::table.filter(external_ids::person_id.eq(who)))
                .execute(c)?;
            let theirs = former_external_ids::person_id.eq(who);
            diesel::delete(former_external_ids::table.filter(theirs)).execute(c)
        })?;
        Ok(())
    }

    /// What they said of their work, and drafts that nobody judged.
    fn statements(&mut self, person: PersonId) -> Result<(), Error> {
        let (who, nothing) = (V(person), V(Value::Array(Vec::new())));
        let blank = json::of(&PortfolioContent::default())?;
        each_backend!(self.0.conn, |c| {
            diesel::update(applications::table.filter(applications::person_id.eq(who)))
                .set((
                    applications::jobs.eq(&nothing),
                    applications::attachments.eq(&nothing),
                    applications::information_requested.eq(None::<String>),
                ))
                .execute(c)?;
            let drafts = [PortfolioState::Draft, PortfolioState::Withdrawn].map(V);
            diesel::update(
                portfolios::table
                    .filter(portfolios::person_id.eq(who))
                    .filter(portfolios::attempts.eq(0))
                    .filter(portfolios::state.eq_any(drafts)),
            )
            .set(portfolios::content.eq(&blank))
            .execute(c)?;
            diesel::update(activities::table.filter(activities::person_id.eq(who)))
                .set((
                    activities::title.eq(ERASED),
                    activities::provider.eq(None::<String>),
                    activities::document_id.eq(None::<V<AttachmentId>>),
                    activities::document_url.eq(None::<String>),
                ))
                .execute(c)?;
            diesel::update(help_requests::table.filter(help_requests::person_id.eq(who)))
                .set(help_requests::question.eq(ERASED))
                .execute(c)?;
            Ok::<_, diesel::result::Error>(())
        })?;
        Ok(())
    }

    /// Names and addresses beside their record.
    fn contacts(&mut self, person: PersonId) -> Result<(), Error> {
        let who = V(person);
        let names = erased_names();
        let before = json::of(&names)?;
        each_backend!(self.0.conn, |c| {
            diesel::update(name_changes::table.filter(name_changes::person_id.eq(who)))
                .set((
                    name_changes::given_name.eq(&names.given_name),
                    name_changes::family_name.eq(&names.family_name),
                    name_changes::before.eq(&before),
                    name_changes::proof_id.eq(None::<V<AttachmentId>>),
                ))
                .execute(c)?;
            diesel::update(course_requests::table.filter(course_requests::person_id.eq(who)))
                .set((
                    course_requests::email.eq(None::<String>),
                    course_requests::note.eq(None::<String>),
                ))
                .execute(c)?;
            diesel::update(completions::table.filter(completions::person_id.eq(who)))
                .set((
                    completions::proof_url.eq(None::<String>),
                    completions::form_id.eq(None::<V<AttachmentId>>),
                ))
                .execute(c)?;
            Ok::<_, diesel::result::Error>(())
        })?;
        Ok(())
    }

    /// Names and addresses in the rows that colleges and providers posted of them. Each row keeps a key of its
    /// own, which is unique.
    fn posted(&mut self, person: PersonId) -> Result<(), Error> {
        let who = V(person);
        let (of_colleges, of_providers): (Vec<V<GraduateId>>, Vec<V<WaitingId>>) =
            each_backend!(self.0.conn, |c| {
                let of_colleges = graduates::table
                    .filter(graduates::person_id.eq(who))
                    .select(graduates::id)
                    .load(c)?;
                let done: Vec<V<CompletionId>> = completions::table
                    .filter(completions::person_id.eq(who))
                    .select(completions::id)
                    .load(c)?;
                let of_providers = waiting_completions::table
                    .filter(waiting_completions::completion_id.eq_any(done))
                    .select(waiting_completions::id)
                    .load(c)?;
                Ok::<_, diesel::result::Error>((of_colleges, of_providers))
            })?;
        for id in of_colleges {
            let email = format!("{}@erased.invalid", id.0);
            let key = identity_key(&email, ERASED);
            each_backend!(self.0.conn, |c| diesel::update(graduates::table.find(id))
                .set((
                    graduates::name.eq(ERASED),
                    graduates::email.eq(&email),
                    graduates::identity_key.eq(&key),
                    graduates::transcript_id.eq(None::<V<AttachmentId>>),
                ))
                .execute(c))?;
        }
        for id in of_providers {
            let email = format!("{}@erased.invalid", id.0);
            let key = identity_key(&email, ERASED);
            each_backend!(self.0.conn, |c| diesel::update(waiting_completions::table.find(id))
                .set((
                    waiting_completions::name.eq(ERASED),
                    waiting_completions::email.eq(&email),
                    waiting_completions::identity_key.eq(&key),
                ))
                .execute(c))?;
        }
        Ok(())
    }

    /// Their files, but for those that a judged attempt, an appeal or an audit rests on.
    fn files(&mut self, person: PersonId) -> Result<Vec<String>, Error> {
        let who = V(person);
        let owned: Vec<(V<AttachmentId>, String)> = each_backend!(self.0.conn, |c| {
            attachments::table
                .filter(attachments::person_id.eq(who))
                .select((attachments::id, attachments::sha256))
                .load(c)
        })?;
        let mut needed: Vec<V<Value>> = each_backend!(self.0.conn, |c| portfolio_attempts::table
            .filter(portfolio_attempts::person_id.eq(who))
            .select(portfolio_attempts::content)
            .load(c))?;
        let appealed: Vec<V<Value>> = each_backend!(self.0.conn, |c| appeals::table
            .filter(appeals::person_id.eq(who))
            .select(appeals::documents)
            .load(c))?;
        let audited: Vec<V<Value>> = each_backend!(self.0.conn, |c| audit_cases::table
            .filter(audit_cases::person_id.eq(who))
            .select(audit_cases::documents)
            .load(c))?;
        needed.extend(appealed.into_iter().chain(audited));
        let needed: Vec<String> = needed.iter().map(|document| document.0.to_string()).collect();
        let free = |id: &AttachmentId| !needed.iter().any(|text| text.contains(&id.to_string()));
        let free: Vec<_> = owned.into_iter().filter(|(id, _)| free(&id.0)).collect();
        for chunk in free.chunks(CHUNK) {
            let ids = chunk.iter().map(|(id, _)| *id);
            each_backend!(self.0.conn, |c| diesel::delete(
                attachments::table.filter(attachments::id.eq_any(ids))
            )
            .execute(c))?;
        }
        let mut keys: Vec<String> = free.into_iter().map(|(_, key)| key).collect();
        keys.sort();
        keys.dedup();
        let mut unnamed = Vec::new();
        for key in keys {
            if !self.0.attachments().any_with(&key)? {
                unnamed.push(key);
            }
        }
        Ok(unnamed)
    }
}
