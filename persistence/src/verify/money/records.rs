//! The ledger against the records that its postings are about, summed by the database.

/// The program's id of a column: its prefix and the bare number.
macro_rules! id {
    ($prefix:literal, $column:literal) => {
        concat!("'", $prefix, "_' || replace(CAST(", $column, " AS text), '-', '')")
    };
}

/// The payer of two columns, one of which is null.
macro_rules! payer {
    ($person:literal, $organisation:literal) => {
        concat!(
            "CASE WHEN ",
            $person,
            " IS NULL THEN ",
            id!("org", $organisation),
            " ELSE ",
            id!("person", $person),
            " END"
        )
    };
}

/// Who a payer is now.
macro_rules! now {
    () => {
        concat!("coalesce(", id!("person", "m.into_person_id"), ", one.payer)")
    };
}

/// What the postings of a kind that something made move.
macro_rules! posted {
    ($kind:literal, $prefix:literal, $column:literal) => {
        concat!(
            "(SELECT coalesce(sum(t.amount_cents), 0) FROM ledger_postings p JOIN ledger_transfers t \
             ON t.posting_id = p.id WHERE p.kind = '",
            $kind,
            "' AND p.source = ",
            id!($prefix, $column),
            ")"
        )
    };
}

/// Everybody's credit. The ledger's side is what these kinds of postings say; each has its record: what a
/// payment left over, used or got back, what a voided invoice left, the member price that was credited late,
/// a receipt that was taken, a line that was not needed, credit that is paid out.
pub(super) const UNEQUAL_CREDIT: &str = concat!(
    "SELECT program || ' ' || ",
    now!(),
    " || ' ' || CAST(sum(cents) AS text) AS line FROM ( \
     SELECT p.program, p.currency, t.debit_payer AS payer, t.amount_cents AS cents \
     FROM ledger_transfers t JOIN ledger_postings p ON p.id = t.posting_id \
     WHERE t.debit_account = 'customer_credit' AND p.kind IN ('invoice_voided', 'payment_reversed', \
     'credit_applied', 'member_difference_taken_back', 'refund_due', 'assistance_returned', \
     'credit_refund_due') \
     UNION ALL SELECT p.program, p.currency, t.credit_payer, -t.amount_cents \
     FROM ledger_transfers t JOIN ledger_postings p ON p.id = t.posting_id \
     WHERE t.credit_account = 'customer_credit' AND p.kind IN ('invoice_voided', 'payment_received', \
     'order_applied', 'member_difference', 'receipt_credited', 'credit_returned') \
     UNION ALL SELECT i.program, i.currency, ",
    payer!("pay.paid_by_person_id", "pay.paid_by_organisation_id"),
    ", CASE WHEN pay.reversed_on IS NOT NULL THEN 0 \
     ELSE pay.received_cents - pay.amount_cents + CASE \
     WHEN pay.method = 'credit' AND i.voided_on IS NULL THEN pay.refunded_cents - pay.amount_cents \
     WHEN pay.method <> 'credit' AND i.voided_on IS NOT NULL THEN pay.amount_cents - pay.refunded_cents \
     ELSE 0 END END FROM payments pay JOIN invoices i ON i.id = pay.invoice_id \
     UNION ALL SELECT i.program, i.currency, coalesce(i.member_credit -> 'to' ->> 'person', \
     i.member_credit -> 'to' ->> 'organisation', ",
    payer!("i.person_id", "i.organisation_id"),
    "), CAST(i.member_credit ->> 'amount_cents' AS bigint) \
     - coalesce(CAST(i.member_credit ->> 'taken_back_cents' AS bigint), 0) \
     FROM invoices i WHERE i.member_credit IS NOT NULL \
     UNION ALL SELECT d.program, d.currency, ",
    payer!("i.person_id", "i.organisation_id"),
    ", d.actual_cents FROM payment_discrepancies d JOIN invoices i ON i.id = d.invoice_id \
     WHERE d.taken_as_credit \
     UNION ALL SELECT o.program, o.currency, ",
    id!("org", "o.institution_id"),
    ", l.amount_cents FROM purchase_order_lines l JOIN purchase_orders o ON o.id = l.order_id \
     WHERE l.outcome = 'credited' \
     UNION ALL SELECT program, currency, ",
    payer!("person_id", "organisation_id"),
    ", -amount_cents FROM payouts WHERE kind = 'credit_refund' \
     ) one LEFT JOIN merged_people m ON m.payer = one.payer GROUP BY program, currency, ",
    now!(),
    " HAVING sum(cents) <> 0 ORDER BY 1 LIMIT 100"
);

/// Credit that is paid out, subsidies that are granted, receipts that are taken: each is posted in full.
pub(super) const UNPOSTED: &str = concat!(
    "SELECT ",
    id!("payout", "o.id"),
    " AS line FROM payouts o WHERE o.kind = 'credit_refund' AND o.amount_cents <> ",
    posted!("credit_refund_due", "payout", "o.id"),
    " UNION ALL SELECT ",
    id!("payout", "o.id"),
    " FROM payouts o WHERE o.kind = 'course_subsidy' AND o.amount_cents <> ",
    posted!("subsidy_granted", "payout", "o.id"),
    " UNION ALL SELECT ",
    id!("subsidy", "s.id"),
    " FROM subsidies s WHERE (s.granted_cents IS NULL) = EXISTS (SELECT 1 FROM payouts o \
     WHERE o.subsidy_id = s.id) OR s.granted_cents <> (SELECT coalesce(sum(o.amount_cents), 0) \
     FROM payouts o WHERE o.subsidy_id = s.id) UNION ALL SELECT ",
    id!("discr", "d.id"),
    " FROM payment_discrepancies d WHERE CASE WHEN d.taken_as_credit THEN d.actual_cents ELSE 0 END <> ",
    posted!("receipt_credited", "discr", "d.id"),
    " ORDER BY 1 LIMIT 100"
);

/// Assistance that paid a fee and the payment by it, each with the other while it stands.
pub(super) const UNUSED_ASSISTANCE: &str = concat!(
    "SELECT ",
    id!("pay", "pay.id"),
    " AS line FROM payments pay WHERE pay.method = 'award' AND pay.refunded_cents < pay.amount_cents \
     AND NOT EXISTS (SELECT 1 FROM assistance_requests a WHERE a.invoice_id = pay.invoice_id \
     AND pay.reference = ",
    id!("assist", "a.id"),
    ") UNION ALL SELECT ",
    id!("assist", "a.id"),
    " FROM assistance_requests a WHERE a.invoice_id IS NOT NULL AND NOT EXISTS (SELECT 1 \
     FROM payments pay WHERE pay.invoice_id = a.invoice_id AND pay.method = 'award' \
     AND pay.refunded_cents < pay.amount_cents AND pay.reference = ",
    id!("assist", "a.id"),
    ") ORDER BY 1 LIMIT 100"
);

/// The references of processors: each that a standing card payment or money taken as credit has is used by
/// it, and no other is used.
pub(super) const UNUSED_REFERENCES: &str = "SELECT pay.program || ' ' || pay.reference AS line \
     FROM payments pay WHERE pay.method = 'card' AND pay.reversed_on IS NULL AND NOT EXISTS (SELECT 1 \
     FROM card_references c WHERE c.program = pay.program AND c.reference = pay.reference \
     AND c.payment_id = pay.id) \
     UNION ALL SELECT d.program || ' ' || d.reference FROM payment_discrepancies d \
     WHERE d.taken_as_credit AND NOT EXISTS (SELECT 1 FROM card_references c \
     WHERE c.program = d.program AND c.reference = d.reference AND c.discrepancy_id = d.id) \
     UNION ALL SELECT c.program || ' ' || c.reference FROM card_references c \
     WHERE NOT EXISTS (SELECT 1 FROM payments pay WHERE pay.id = c.payment_id \
     AND pay.method = 'card' AND pay.reversed_on IS NULL) \
     AND NOT EXISTS (SELECT 1 FROM payment_discrepancies d WHERE d.id = c.discrepancy_id \
     AND d.taken_as_credit) ORDER BY 1 LIMIT 100";

/// Postings that hold more or fewer transfers than they say.
pub(super) const INCOMPLETE: &str = concat!(
    "SELECT ",
    id!("post", "p.id"),
    " AS line FROM ledger_postings p WHERE p.transfer_count <> (SELECT count(*) \
     FROM ledger_transfers t WHERE t.posting_id = p.id) ORDER BY 1 LIMIT 100"
);
