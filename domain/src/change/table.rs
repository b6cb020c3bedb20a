//! The types that leave the house.

use super::{
    AchievementKind, CandidacyKind, CourseKind, EmailKind, FOLLOW, Field, InvoiceKind,
    OrganisationKind, PaymentKind, PersonKind, Public, PurchaseOrderKind, RenewalKind, Shape, day,
    id, id_or_none, number, text,
};

const PEOPLE: &str = "people:read";
const APPLICATIONS: &str = "applications:read";
const CANDIDATES: &str = "candidates:read";
const CERTIFICATES: &str = "certificates:read";
const INVOICES: &str = "invoices:read";
const SUBSCRIPTIONS: &str = "subscriptions:read";

const EMAIL: &[Field] = &[id::<EmailKind>("email_id", "/email", "Which address.")];
const MERGE: &[Field] = &[
    id::<PersonKind>("from", "/from", "Whose record was the duplicate."),
    id::<PersonKind>("into", "/into", "Who goes on."),
];
const MEASURE: &[Field] = &[
    number("measure", "/measure/number", "The measure's number in the certification's history."),
    day("effective_on", "/measure/effective_on", "The first day on which it counts."),
    Field {
        name: "ends_on",
        at: "/measure/ends_on",
        shape: Shape::DayOrNone,
        says: "The last day on which it counts, where one is known.",
    },
];
const MOVED: &[Field] =
    &[day("before", "/before", "The day before."), day("after", "/after", "The day from now on.")];

const fn of(
    event_type: &'static str,
    scope: &'static str,
    says: &'static str,
    fields: &'static [Field],
) -> Public {
    Public { event_type, scope, says, fields, own: false }
}

/// A type of which each machine is told its own only.
const fn own(event_type: &'static str, says: &'static str, fields: &'static [Field]) -> Public {
    Public { event_type, scope: ACCOUNTS, says, fields, own: true }
}

const ACCOUNTS: &str = "accounts:read";
const EXTERNAL: Field = text("external_id", "/external_id", "What the machine calls the person.");
const REQUEST: Field = text("request_id", "/request_id", "What the machine calls its request.");

/// Every type that leaves the house.
pub const PUBLIC: &[Public] = &[
    // --- People -------------------------------------------------------------------------------
    of("person.registered", PEOPLE, "Somebody registered.", &[]),
    of("person.renamed", PEOPLE, "A person's names changed.", &[]),
    of(
        "person.retired",
        PEOPLE,
        "A person left the work.",
        &[day("retired_on", "/retired_on", "The day.")],
    ),
    of(
        "person.deceased",
        PEOPLE,
        "A person died.",
        &[day("deceased_on", "/deceased_on", "The day.")],
    ),
    of("person.restored", PEOPLE, "A person is active again.", &[]),
    of(
        "person.erased",
        PEOPLE,
        "A person's data was removed: remove yours.",
        &[day("erased_on", "/erased_on", "The day.")],
    ),
    of("person.merged", PEOPLE, "Two records of one person became one.", MERGE),
    of("person.merge_reversed", PEOPLE, "A merge was taken back: they are two again.", MERGE),
    of("person.email_added", PEOPLE, "A person has another address.", EMAIL),
    of("person.email_removed", PEOPLE, "A person has an address less.", EMAIL),
    of("person.email_verified", PEOPLE, "A person showed control of an address.", EMAIL),
    of("person.email_made_primary", PEOPLE, "Mails go to another address of a person.", EMAIL),
    // --- Applications -------------------------------------------------------------------------
    of(
        "application.submitted",
        APPLICATIONS,
        "Somebody applied.",
        &[
            day("submitted_on", "/submitted_on", "The day."),
            id::<InvoiceKind>("invoice_id", "/invoice", "The invoice of its fee."),
        ],
    ),
    of(
        "application.resubmitted",
        APPLICATIONS,
        "An applicant gave what was asked for.",
        &[day("on", "/on", "The day.")],
    ),
    of("application.withdrawn", APPLICATIONS, "An application was withdrawn.", &[]),
    of(
        "application.review_started",
        APPLICATIONS,
        "The office began to review an application.",
        &[],
    ),
    of(
        "application.information_requested",
        APPLICATIONS,
        "The office asked an applicant for more.",
        &[],
    ),
    of(
        "application.accepted",
        APPLICATIONS,
        "An application was accepted.",
        &[id::<CandidacyKind>("candidacy_id", "/candidacy", "The candidacy that it began.")],
    ),
    of("application.refused", APPLICATIONS, "An application was refused.", &[]),
    of(
        "application.reopened",
        APPLICATIONS,
        "An appeal opened an application again.",
        &[id_or_none::<InvoiceKind>("invoice_id", "/invoice", "A new invoice of its fee.")],
    ),
    // --- Candidates ---------------------------------------------------------------------------
    of(
        "candidacy.admitted",
        CANDIDATES,
        "Somebody is a candidate.",
        &[
            day("admitted_on", "/admitted_on", "The day."),
            day("deadline", "/deadline", "The last day to complete."),
        ],
    ),
    of(
        "candidacy.admitted_provisionally",
        CANDIDATES,
        "A graduate is a candidate before hours are shown.",
        &[],
    ),
    of(
        "candidacy.held",
        CANDIDATES,
        "A candidacy is on hold.",
        &[day("held_on", "/held_on", "Since which day.")],
    ),
    of(
        "candidacy.resumed",
        CANDIDATES,
        "A candidacy goes on.",
        &[
            day("resumed_on", "/resumed_on", "Since which day."),
            day("deadline", "/deadline", "The last day to complete from now on."),
        ],
    ),
    of("candidacy.extended", CANDIDATES, "A candidate has more time.", MOVED),
    of(
        "candidacy.withdrawn",
        CANDIDATES,
        "A candidate left.",
        &[day("withdrawn_on", "/withdrawn_on", "The day.")],
    ),
    of(
        "candidacy.completed",
        CANDIDATES,
        "A candidate achieved everything.",
        &[day("completed_on", "/completed_on", "The day.")],
    ),
    of("candidacy.completion_corrected", CANDIDATES, "The day of a completion was wrong.", MOVED),
    of(
        "candidacy.hours_shown",
        CANDIDATES,
        "A candidate who was admitted provisionally showed the hours.",
        &[day("shown_on", "/shown_on", "The day.")],
    ),
    of(
        "achievement.recorded",
        CANDIDATES,
        "A competency set was achieved.",
        &[
            id::<CandidacyKind>("candidacy_id", "/after/candidacy", "The candidacy."),
            text("set", "/after/set", "The set's code."),
            text("method", "/after/method", "How."),
            day("achieved_on", "/after/achieved_on", "The day from which it counts."),
        ],
    ),
    of("achievement.corrected", CANDIDATES, "The day of an achievement was wrong.", MOVED),
    of(
        "achievement.voided",
        CANDIDATES,
        "An achievement does not count any more.",
        &[
            id::<AchievementKind>("achievement_id", "/achievement", "Which."),
            text("set", "/set", "The set's code."),
            day("voided_on", "/voided_on", "The day."),
        ],
    ),
    // --- Certifications -----------------------------------------------------------------------
    of(
        "certification.awarded",
        CERTIFICATES,
        "Somebody is certified.",
        &[
            text("number", "/after/number", "The certificate's number."),
            day("awarded_on", "/after/awarded_on", "The day."),
            day("expires_on", "/after/expires_on", "The last day of the term."),
        ],
    ),
    of(
        "certification.renewed",
        CERTIFICATES,
        "A certification goes on.",
        &[
            id::<RenewalKind>("renewal_id", "/renewal", "The renewal."),
            day("before", "/before", "The last day before."),
            day("after", "/after", "The last day from now on."),
        ],
    ),
    of(
        "certification.condition_met",
        CERTIFICATES,
        "A provisional certification became a full one.",
        &[day("met_on", "/met_on", "The day.")],
    ),
    of("certification.suspended", CERTIFICATES, "A certification is suspended.", MEASURE),
    of(
        "certification.reinstated",
        CERTIFICATES,
        "A suspension ended.",
        &[
            number("measure", "/measure", "The number of the measure that ended."),
            day("effective_on", "/effective_on", "The first day without it."),
        ],
    ),
    of("certification.revoked", CERTIFICATES, "A certification was revoked.", MEASURE),
    of(
        "certification.measure_reversed",
        CERTIFICATES,
        "A measure never was.",
        &[
            number("measure", "/measure", "The measure's number."),
            text("kind", "/kind", "What it was."),
        ],
    ),
    of(
        "certification.reissued",
        CERTIFICATES,
        "A certificate was issued again, in another name.",
        &[number("edition", "/edition", "Its edition.")],
    ),
    of("certification.corrected", CERTIFICATES, "The days of a certification were wrong.", MOVED),
    // --- Money --------------------------------------------------------------------------------
    of(
        "invoice.issued",
        INVOICES,
        "Something is owed.",
        &[
            text("number", "/number", "The invoice's number."),
            number("total_cents", "/total_cents", "How much. Cents."),
            text("currency", "/currency", "Of which currency."),
            day("due_on", "/due_on", "Until when."),
        ],
    ),
    of(
        "invoice.payment_recorded",
        INVOICES,
        "Something was paid.",
        &[text("state", "/state", "Where the invoice stands.")],
    ),
    of(
        "invoice.voided",
        INVOICES,
        "An invoice is not owed any more.",
        &[day("on", "/on", "The day.")],
    ),
    of(
        "invoice.payment_reversed",
        INVOICES,
        "A payment did not hold.",
        &[
            id::<PaymentKind>("payment_id", "/payment", "Which."),
            day("on", "/on", "The day."),
            text("state", "/state", "Where the invoice stands."),
        ],
    ),
    of(
        "invoice.returned",
        INVOICES,
        "Something of a payment is given back.",
        &[
            id::<PaymentKind>("payment_id", "/payment", "Of which."),
            number("amount_cents", "/amount_cents", "How much. Cents."),
        ],
    ),
    of(
        "invoice.ordered",
        INVOICES,
        "An institution's order pays an invoice.",
        &[id::<PurchaseOrderKind>("purchase_order_id", "/order", "Which.")],
    ),
    of(
        "invoice.released",
        INVOICES,
        "An institution's order pays an invoice no more.",
        &[id::<PurchaseOrderKind>("purchase_order_id", "/order", "Which.")],
    ),
    of(
        "subscription.activated",
        SUBSCRIPTIONS,
        "Somebody has an account.",
        &[
            id::<InvoiceKind>(
                "invoice_id",
                "/invoice",
                "The invoice whose settlement activated it.",
            ),
            day("activated_on", "/activated_on", "The first day."),
            day("ends_on", "/ends_on", "The last day."),
        ],
    ),
    of(
        "subscription.ends_soon",
        SUBSCRIPTIONS,
        "The end of an account is near.",
        &[day("ends_on", "/ends_on", "The last day.")],
    ),
    of(
        "subscription.ended",
        SUBSCRIPTIONS,
        "An account ended before its time.",
        &[day("on", "/on", "The day.")],
    ),
    of(
        "subscription.resumed",
        SUBSCRIPTIONS,
        "An account goes on.",
        &[day("on", "/on", "The day.")],
    ),
    // --- Accounts -----------------------------------------------------------------------------
    own("account.linked", "The machine's account became that of a person.", &[EXTERNAL]),
    own("account.unlinked", "The machine holds no account of a person any more.", &[EXTERNAL]),
    own(
        "account.dormant",
        "Every subscription of an account is over.",
        &[EXTERNAL, day("since", "/since", "The first day without one.")],
    ),
    own(
        "account.reactivated",
        "A dormant account is active again.",
        &[EXTERNAL, day("on", "/on", "The day.")],
    ),
    own("account_request.received", "The machine's request for an account is taken.", &[REQUEST]),
    own(
        "account_request.completed",
        "A requested account is there.",
        &[REQUEST, text("outcome", "/outcome", "How.")],
    ),
    own("account_request.rejected", "A requested account is not made.", &[REQUEST]),
    // --- The catalog and the rules, which everybody may read -----------------------------------
    of(
        "course.approved",
        FOLLOW,
        "The catalog has another course.",
        &[
            id::<OrganisationKind>("provider_id", "/after/provider", "Whose."),
            text("set", "/after/set", "The code of the set that it covers."),
        ],
    ),
    of("course.updated", FOLLOW, "The catalog says something else of a course.", &[]),
    of("course.renewed", FOLLOW, "The approval of a course goes on.", MOVED),
    of("course.ended", FOLLOW, "The approval of a course ended.", &[]),
    of(
        "offering.announced",
        FOLLOW,
        "A course is offered.",
        &[id::<CourseKind>("course_id", "/after/course", "Which.")],
    ),
    of("offering.updated", FOLLOW, "An offering of a course changed.", &[]),
    of(
        "offering.cancelled",
        FOLLOW,
        "An offering of a course was cancelled.",
        &[day("cancelled_on", "/cancelled_on", "The day.")],
    ),
    of(
        "policy.published",
        FOLLOW,
        "The program has a new policy.",
        &[
            number("version", "/version", "Its version."),
            day("effective_on", "/effective_on", "From which day it holds."),
        ],
    ),
];
