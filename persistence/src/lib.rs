//! One store on two databases: SQLite embedded, PostgreSQL for replicas.
//!
//! The only crate with SQL. It knows no HTTP and decides nothing; what goes in and out are domain
//! values. A [`Store`] runs closures ("jobs") on database threads, each in one transaction:
//!
//! ```ignore
//! let store = Store::open(&StoreConfig::new("sqlite:lssc.db"))?;
//! store.migrate().await?;
//! let course = store.read(move |tx| tx.courses().get(id)).await?;
//! store.write(stamp, move |tx| {
//!     let course = tx.courses().get(id)?;      // holds the row until the end of the write
//!     let (course, event) = course.approve(tx.now())?;
//!     tx.courses().save(&course)?;             // Error::Stale when its version has moved
//!     tx.record(event)
//! }).await?;
//! ```
//!
//! How to write a repository, in `persistence/src/courses.rs`:
//!
//! ```ignore
//! diesel::table! { use diesel::sql_types::{BigInt, Date, Nullable, Text};
//!     use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
//!     courses (id) { id -> Uid, program -> Text, state -> EnumText, facts -> JsonDoc,
//!                    decided_on -> Nullable<Date>, created_at -> UtcTs, version -> BigInt, } }
//!
//! #[derive(Queryable, Selectable, Insertable, AsChangeset)]
//! #[diesel(table_name = courses, treat_none_as_default_value = false, treat_none_as_null = true)]
//! struct Row { id: V<CourseId>, program: V<ProgramCode>, state: V<CourseState>, /* ... */ }
//!
//! pub struct Courses<'a, 'c>(&'a mut Tx<'c>);
//! impl<'c> Tx<'c> {
//!     /// Courses of providers.
//!     pub fn courses(&mut self) -> Courses<'_, 'c> { Courses(self) }
//! }
//! impl Courses<'_, '_> {
//!     pub fn get(&mut self, id: CourseId) -> Result<Course, Error> {
//!         // One text; in a write on PostgreSQL the row is locked. NotFound; `.found()?` makes an Option.
//!         let row: Row = get_row!(self.0, courses::table.find(V(id)).select(Row::as_select()))?;
//!         row.try_into()
//!     }
//!     pub fn save(&mut self, course: &Course) -> Result<(), Error> {
//!         let row = Row::from(course);
//!         let changed = each_backend!(self.0.conn, |c| {
//!             diesel::update(courses::table.find(row.id).filter(courses::version.eq(row.version - 1)))
//!                 .set(&row).execute(c)
//!         })?;
//!         if changed == 1 { Ok(()) } else { Err(Error::Stale) }
//!     }
//! }
//! ```
//!
//! `each_backend!(conn, |c| query)` compiles the same query for both databases; diesel's errors become
//! [`Error`] by `?`. A unique constraint or index gets one line in `constraint.rs` and then arrives as
//! [`Error::Conflict`]; a failed CHECK or foreign key is a bug and arrives as [`Error::Broken`]. After a
//! failed statement a job can only end, unless it ran it in [`Tx::savepoint`]. Reads refuse to write.

mod account_requests;
mod accounts;
mod achievements;
mod activities;
mod aggregate;
mod agreements;
mod appeals;
mod applications;
mod assignments;
mod assistance;
mod attachments;
mod attempts;
mod audit_cases;
mod award_rounds;
mod books;
mod bundles;
mod calendar_feeds;
mod candidacies;
mod certifications;
mod chain;
mod client_credentials;
mod client_reads;
mod clients;
mod colleges;
mod completions;
mod conn;
mod constraint;
mod counters;
mod course_requests;
mod courses;
mod credentials;
mod directory;
mod discrepancies;
mod erasures;
mod error;
mod evaluators;
mod events;
mod external_ids;
mod graduates;
mod grants;
mod idempotency;
mod imports;
mod institutions;
mod invitations;
mod invoices;
mod job;
mod job_bodies;
mod json;
mod keys;
mod leases;
mod ledger;
mod memberships;
mod merges;
mod migrations;
mod name_changes;
mod notice_mail;
mod notice_templates;
mod notices;
mod offerings;
mod payer;
mod payouts;
mod people;
mod portfolios;
mod programs;
mod proposals;
mod providers;
mod purchase_orders;
mod reconciliations;
mod renewal_audits;
mod renewals;
mod reports;
mod resets;
mod reviews;
mod sandbox;
mod schema;
mod schema_access;
mod schema_house;
mod scim_users;
mod seal;
mod sequencer;
mod sessions;
mod store;
mod subscriptions;
mod subsidies;
mod support;
mod support_events;
mod tx;
pub mod types;
mod verify;
mod waiting_completions;
mod webhooks;
mod worker;

pub use account_requests::{AccountRequestFilter, AccountRequests};
pub use accounts::{AccountFilter, Accounts};
pub use achievements::Achievements;
pub use activities::{Activities, ActivityFilter};
pub use aggregate::{Page, Place};
pub use agreements::{AgreementFilter, Agreements};
pub use appeals::{AppealFilter, Appeals};
pub use applications::{ApplicationFilter, Applications};
pub use assignments::{AssignmentFilter, Assignments};
pub use assistance::{AssistanceFilter, AssistanceRequests};
pub use attachments::{AttachmentFilter, Attachments};
pub use attempts::Attempts;
pub use audit_cases::{AuditCaseFilter, AuditCases};
pub use award_rounds::{AwardRoundFilter, AwardRounds};
pub use books::{Books, Moved, Records};
pub use bundles::{BundleFilter, Bundles};
pub use calendar_feeds::CalendarFeeds;
pub use candidacies::{Candidacies, CandidacyFilter};
pub use certifications::{CertificationFilter, Certifications};
pub use client_credentials::ClientCredentials;
pub use client_reads::ClientReads;
pub use clients::{Clients, UsedAssertions};
pub use colleges::{CollegeFilter, Colleges};
pub use completions::{CompletionFilter, Completions};
pub use conn::Backend;
pub use constraint::Constraint;
pub use counters::Counters;
pub use course_requests::{CourseRequestFilter, CourseRequests, Demand};
pub use courses::{CourseFilter, Courses};
pub use credentials::{Account, Credentials, Failures, Secrets, SignInFailures};
pub use discrepancies::{Discrepancies, DiscrepancyFilter};
pub use erasures::Erasures;
pub use error::{Error, OpenError, Optional};
pub use evaluators::{EvaluatorFilter, Evaluators};
pub use events::{EventFilter, Events, Recorded};
pub use external_ids::ExternalIds;
pub use graduates::{GraduateFilter, Graduates};
pub use grants::Grants;
pub use idempotency::{Begun, Idempotency, StoredAnswer};
pub use imports::{ImportFilter, Imports};
pub use institutions::{InstitutionFilter, Institutions};
pub use invitations::Invitations;
pub use invoices::{InvoiceFilter, Invoices};
pub use job_bodies::JobBodies;
pub use keys::{SigningKey, SigningKeys};
pub use leases::{Cursors, Leases};
pub use ledger::{Ledger, LedgerFilter};
pub use memberships::{MembershipFilter, Memberships};
pub use merges::{APART, Aliases, Column, HANGS, MergeFilter, Merges, OWNED, Owned, STAYS};
pub use name_changes::{NameChangeFilter, NameChanges};
pub use notice_mail::{BounceFilter, Bounces, NoticeChoices};
pub use notice_templates::NoticeTemplates;
pub use notices::{Ask, NoticeFilter, Notices, Spot, Told};
pub use offerings::{OfferingFilter, Offerings};
pub use payouts::{PayoutFilter, Payouts};
pub use people::{People, PersonFilter};
pub use portfolios::{PortfolioFilter, Portfolios};
pub use programs::{FrameworkVersion, PolicyVersion, Programs};
pub use proposals::{ProposalFilter, Proposals};
pub use providers::{ProviderFilter, Providers};
pub use purchase_orders::{OrderFilter, Payee, PurchaseOrders};
pub use reconciliations::{DifferenceFilter, Reconciliations};
pub use renewal_audits::{RenewalAuditFilter, RenewalAudits};
pub use renewals::{RenewalFilter, Renewals};
pub use reports::{Counted, Ending, Logged, Reports, Span};
pub use resets::Resets;
pub use reviews::{ReviewFilter, Reviews};
pub use sandbox::SandboxClocks;
pub use scim_users::ScimUsers;
pub use seal::{digest, sealed};
pub use sequencer::Sequenced;
pub use sessions::{RevokedTokens, Sessions};
pub use store::{Stats, Store, StoreConfig};
pub use subscriptions::{SubscriptionFilter, Subscriptions};
pub use subsidies::{Subsidies, SubsidyFilter};
pub use support::{Guidances, HelpFilter, HelpRequests};
pub use support_events::{
    SupportEventFilter, SupportEvents, SupportRegistrationFilter, SupportRegistrations,
};
pub use tx::{IdSource, Stamp, Tx};
pub use verify::{BrokenInvariant, MOST_ROWS};
pub use waiting_completions::{WaitingCompletions, WaitingFilter};
pub use webhooks::{DeliveryFilter, WebhookDeliveries, WebhookEndpoints};
