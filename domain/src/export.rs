//! Exports: records that leave the system as files.

use crate::{facts, import::RowForm, words};

words! {
    /// What the records of an export are. The first five are those of imports, in the same columns.
    pub enum ExportKind {
        /// People.
        People = "people",
        /// Applications.
        Applications = "applications",
        /// Completions of courses.
        Completions = "completions",
        /// Activities toward renewals.
        Activities = "activities",
        /// ALA memberships.
        Memberships = "memberships",
        /// What partner systems call people.
        Accounts = "accounts",
        /// Candidacies.
        Candidacies = "candidacies",
        /// Achievements of competency sets, voided ones too.
        Achievements = "achievements",
        /// Certifications.
        Certifications = "certifications",
        /// Renewals of certifications.
        Renewals = "renewals",
        /// Portfolios, without what is in them.
        Portfolios = "portfolios",
        /// Graduates of recognised programs.
        Graduates = "graduates",
        /// Appeals, without what was said.
        Appeals = "appeals",
        /// Account subscriptions.
        Subscriptions = "subscriptions",
        /// Invoices.
        Invoices = "invoices",
        /// Payments of invoices, reversed ones too.
        Payments = "payments",
        /// The lines of purchase orders.
        PurchaseOrders = "purchase_orders",
        /// What is or was to be paid out.
        Payouts = "payouts",
        /// Providers of courses.
        Providers = "providers",
        /// Approved courses.
        Courses = "courses",
        /// Offerings of courses.
        Offerings = "offerings",
        /// Institutions that pay for their people.
        Institutions = "institutions",
        /// Colleges.
        Colleges = "colleges",
        /// Recognition agreements.
        Agreements = "agreements",
    }
}

facts! {
    /// What happens to exports.
    pub enum ExportEvent {
        /// Records left the system; recorded before the first of them.
        Made = "export.made" { kind: ExportKind, form: RowForm },
    }
}
