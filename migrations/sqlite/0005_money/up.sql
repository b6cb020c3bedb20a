-- Money: payers, the ledger, purchase orders, subscriptions, payouts, awards.
--
-- Invoices and payments that are there already are carried over, each payment by the person whom the
-- invoice is for. No postings are made for them: that would have to repeat here what the domain knows of
-- transfers, refunds, subscriptions and events, and version 0.1.0 was never released with data.
-- `lssc verify` names such invoices.

-- SQLite cannot change a table's constraints: both are set aside and made anew.
CREATE TABLE old_payments AS SELECT * FROM payments;
DROP TABLE payments;
CREATE TABLE old_invoices AS SELECT * FROM invoices;
DROP TABLE invoices;

-- organisation_id is an institution or a provider; purchase_order_id an order that refers to an invoice:
-- neither can be a foreign key.
CREATE TABLE invoices (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    number TEXT NOT NULL,
    person_id TEXT,
    organisation_id TEXT,
    application_id TEXT,
    purchase_order_id TEXT,
    lines TEXT NOT NULL,
    total_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    voided_on TEXT,
    void_reason TEXT,
    member_credit TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT invoices_pk PRIMARY KEY (id),
    CONSTRAINT invoices_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT invoices_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT invoices_application_fk FOREIGN KEY (application_id) REFERENCES applications (id),
    CONSTRAINT invoices_total_ck CHECK (total_cents >= 0),
    CONSTRAINT invoices_payer_ck CHECK ((person_id IS NULL) <> (organisation_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX invoices_number ON invoices (program, number);
CREATE INDEX invoices_by_program ON invoices (program, id);
CREATE INDEX invoices_by_person ON invoices (person_id, id);
CREATE INDEX invoices_by_organisation ON invoices (organisation_id, id);
CREATE INDEX invoices_by_application ON invoices (application_id, id);
INSERT INTO invoices (id, program, number, person_id, application_id, lines, total_cents, currency, issued_on, due_on, voided_on, version)
    SELECT id, program, number, person_id, application_id, lines, total_cents, currency, issued_on, due_on, voided_on, version
    FROM old_invoices;
DROP TABLE old_invoices;

-- A payment's facts never change; refunded_cents counts what of it was given back.
CREATE TABLE payments (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    paid_by_person_id TEXT,
    paid_by_organisation_id TEXT,
    amount_cents INTEGER NOT NULL,
    received_cents INTEGER NOT NULL,
    refunded_cents INTEGER NOT NULL,
    received_on TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    reversed_on TEXT,
    reversal_reason TEXT,
    CONSTRAINT payments_pk PRIMARY KEY (id),
    CONSTRAINT payments_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT payments_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT payments_person_fk FOREIGN KEY (paid_by_person_id) REFERENCES people (id),
    CONSTRAINT payments_method_ck CHECK (method IN ('card', 'check', 'purchase_order', 'award', 'credit')),
    CONSTRAINT payments_amount_ck CHECK (amount_cents > 0),
    CONSTRAINT payments_payer_ck CHECK ((paid_by_person_id IS NULL) <> (paid_by_organisation_id IS NULL)),
    CONSTRAINT payments_received_ck CHECK (received_cents >= amount_cents),
    CONSTRAINT payments_refunded_ck CHECK (refunded_cents BETWEEN 0 AND amount_cents),
    CONSTRAINT payments_reversed_ck CHECK (
        (reversed_on IS NULL) = (reversal_reason IS NULL)
        AND (reversed_on IS NULL OR (refunded_cents = 0 AND method IN ('card', 'check')))
    )
) STRICT;
-- A processor's reference names one payment; one check or order may pay several invoices (FAQ 22).
CREATE UNIQUE INDEX payments_reference ON payments (program, method, reference)
    WHERE method = 'card' AND reversed_on IS NULL;
CREATE UNIQUE INDEX payments_once ON payments (invoice_id, method, reference) WHERE reversed_on IS NULL;
CREATE INDEX payments_by_invoice ON payments (invoice_id, id);
INSERT INTO payments (id, program, invoice_id, method, reference, paid_by_person_id, amount_cents, received_cents, refunded_cents, received_on, recorded_by, recorded_at)
    SELECT old.id, old.program, old.invoice_id, old.method, old.reference, invoices.person_id, old.amount_cents, old.amount_cents, 0, old.received_on, old.recorded_by, old.recorded_at
    FROM old_payments AS old JOIN invoices ON invoices.id = old.invoice_id;
DROP TABLE old_payments;

-- The ledger: transfers, each in balance by its shape, grouped by postings. Append only: a correction is
-- a posting that reverses another.
CREATE TABLE ledger_postings (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    posted_on TEXT NOT NULL,
    invoice_id TEXT,
    source TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    CONSTRAINT ledger_postings_pk PRIMARY KEY (id),
    CONSTRAINT ledger_postings_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT ledger_postings_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) STRICT;
CREATE INDEX ledger_postings_by_program ON ledger_postings (program, id);
CREATE INDEX ledger_postings_by_day ON ledger_postings (program, posted_on, id);
CREATE INDEX ledger_postings_by_invoice ON ledger_postings (invoice_id, id);
CREATE INDEX ledger_postings_by_source ON ledger_postings (source, id);

-- A payer is the id of a person or an organisation with its prefix; accounts of the program have none.
CREATE TABLE ledger_transfers (
    posting_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    debit_account TEXT NOT NULL,
    debit_payer TEXT,
    credit_account TEXT NOT NULL,
    credit_payer TEXT,
    amount_cents INTEGER NOT NULL,
    CONSTRAINT ledger_transfers_pk PRIMARY KEY (posting_id, place),
    CONSTRAINT ledger_transfers_posting_fk FOREIGN KEY (posting_id) REFERENCES ledger_postings (id),
    CONSTRAINT ledger_transfers_place_ck CHECK (place > 0),
    CONSTRAINT ledger_transfers_amount_ck CHECK (amount_cents > 0),
    CONSTRAINT ledger_transfers_sides_ck CHECK (
        debit_account <> credit_account OR (debit_payer IS NOT NULL AND debit_payer <> credit_payer)
    ),
    CONSTRAINT ledger_transfers_debit_payer_ck CHECK (
        (debit_payer IS NOT NULL) = (debit_account IN ('receivable', 'orders_pending', 'customer_credit', 'payable'))
    ),
    CONSTRAINT ledger_transfers_credit_payer_ck CHECK (
        (credit_payer IS NOT NULL) = (credit_account IN ('receivable', 'orders_pending', 'customer_credit', 'payable'))
    )
) STRICT;
CREATE INDEX ledger_transfers_by_debit ON ledger_transfers (debit_payer, debit_account, posting_id, amount_cents);
CREATE INDEX ledger_transfers_by_credit ON ledger_transfers (credit_payer, credit_account, posting_id, amount_cents);

CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE ON ledger_postings
BEGIN
    SELECT RAISE(ABORT, 'ledger_postings is append only: post the reversal');
END;
CREATE TRIGGER ledger_postings_append_only_delete BEFORE DELETE ON ledger_postings
BEGIN
    SELECT RAISE(ABORT, 'ledger_postings is append only: post the reversal');
END;
CREATE TRIGGER ledger_transfers_append_only BEFORE UPDATE ON ledger_transfers
BEGIN
    SELECT RAISE(ABORT, 'ledger_transfers is append only: post the reversal');
END;
CREATE TRIGGER ledger_transfers_append_only_delete BEFORE DELETE ON ledger_transfers
BEGIN
    SELECT RAISE(ABORT, 'ledger_transfers is append only: post the reversal');
END;

CREATE TABLE institutions (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    address TEXT NOT NULL,
    email TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT institutions_pk PRIMARY KEY (id),
    CONSTRAINT institutions_program_fk FOREIGN KEY (program) REFERENCES programs (code)
) STRICT;
CREATE UNIQUE INDEX institutions_name ON institutions (program, name_folded);

CREATE TABLE purchase_orders (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    number TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    total_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    placed_on TEXT NOT NULL,
    settled_on TEXT,
    cancelled_on TEXT,
    cancel_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT purchase_orders_pk PRIMARY KEY (id),
    CONSTRAINT purchase_orders_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT purchase_orders_institution_fk FOREIGN KEY (institution_id) REFERENCES institutions (id),
    CONSTRAINT purchase_orders_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT purchase_orders_total_ck CHECK (total_cents >= 0),
    CONSTRAINT purchase_orders_end_ck CHECK (settled_on IS NULL OR cancelled_on IS NULL)
) STRICT;
CREATE UNIQUE INDEX purchase_orders_number ON purchase_orders (institution_id, number) WHERE cancelled_on IS NULL;
CREATE UNIQUE INDEX purchase_orders_invoice ON purchase_orders (invoice_id);
CREATE INDEX purchase_orders_by_program ON purchase_orders (program, id);
CREATE INDEX purchase_orders_by_institution ON purchase_orders (institution_id, id);

-- A line without an outcome stands: the order is going to pay for that application.
CREATE TABLE purchase_order_lines (
    order_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    outcome TEXT,
    CONSTRAINT purchase_order_lines_pk PRIMARY KEY (order_id, place),
    CONSTRAINT purchase_order_lines_order_fk FOREIGN KEY (order_id) REFERENCES purchase_orders (id),
    CONSTRAINT purchase_order_lines_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT purchase_order_lines_application_fk FOREIGN KEY (application_id) REFERENCES applications (id),
    CONSTRAINT purchase_order_lines_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT purchase_order_lines_place_ck CHECK (place > 0),
    CONSTRAINT purchase_order_lines_amount_ck CHECK (amount_cents >= 0),
    CONSTRAINT purchase_order_lines_outcome_ck CHECK (outcome IN ('activated', 'credited', 'swapped', 'cancelled'))
) STRICT;
CREATE UNIQUE INDEX purchase_order_lines_standing ON purchase_order_lines (application_id) WHERE outcome IS NULL;
CREATE INDEX purchase_order_lines_by_invoice ON purchase_order_lines (invoice_id, order_id);

CREATE TABLE subscriptions (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    activated_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    ended_on TEXT,
    reminded_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT subscriptions_pk PRIMARY KEY (id),
    CONSTRAINT subscriptions_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT subscriptions_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT subscriptions_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT subscriptions_days_ck CHECK (activated_on <= ends_on)
) STRICT;
CREATE UNIQUE INDEX subscriptions_invoice ON subscriptions (invoice_id);
CREATE INDEX subscriptions_by_program ON subscriptions (program, id);
CREATE INDEX subscriptions_by_person ON subscriptions (person_id, id);
CREATE INDEX subscriptions_by_end ON subscriptions (program, ends_on, id);
CREATE INDEX subscriptions_to_remind ON subscriptions (program, ends_on, id)
    WHERE ended_on IS NULL AND reminded_on IS NULL;

CREATE TABLE award_rounds (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    name TEXT NOT NULL,
    opens_on TEXT NOT NULL,
    closes_on TEXT NOT NULL,
    places INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL,
    seed_source TEXT NOT NULL,
    seed TEXT,
    drawn_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT award_rounds_pk PRIMARY KEY (id),
    CONSTRAINT award_rounds_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT award_rounds_days_ck CHECK (opens_on <= closes_on),
    CONSTRAINT award_rounds_places_ck CHECK (places > 0),
    CONSTRAINT award_rounds_amount_ck CHECK (amount_cents >= 0),
    CONSTRAINT award_rounds_draw_ck CHECK ((seed IS NULL) = (drawn_on IS NULL))
) STRICT;
CREATE INDEX award_rounds_by_program ON award_rounds (program, id);

CREATE TABLE assistance_requests (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    round_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    requested_on TEXT NOT NULL,
    withdrawn_on TEXT,
    rank INTEGER,
    granted_on TEXT,
    invoice_id TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT assistance_requests_pk PRIMARY KEY (id),
    CONSTRAINT assistance_requests_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT assistance_requests_round_fk FOREIGN KEY (round_id) REFERENCES award_rounds (id),
    CONSTRAINT assistance_requests_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT assistance_requests_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT assistance_requests_amount_ck CHECK (amount_cents >= 0),
    CONSTRAINT assistance_requests_grant_ck CHECK (granted_on IS NULL OR (rank IS NOT NULL AND withdrawn_on IS NULL)),
    CONSTRAINT assistance_requests_use_ck CHECK (invoice_id IS NULL OR granted_on IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX assistance_one_request ON assistance_requests (round_id, person_id) WHERE withdrawn_on IS NULL;
CREATE UNIQUE INDEX assistance_once ON assistance_requests (program, person_id) WHERE granted_on IS NOT NULL;
CREATE INDEX assistance_by_program ON assistance_requests (program, id);
CREATE INDEX assistance_by_round ON assistance_requests (round_id, id);
CREATE INDEX assistance_by_person ON assistance_requests (person_id, id);
CREATE INDEX assistance_by_invoice ON assistance_requests (invoice_id, id);

-- payout_id is no foreign key: the payout refers to the subsidy.
CREATE TABLE subsidies (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT NOT NULL,
    completion_id TEXT NOT NULL,
    paid_cents INTEGER NOT NULL,
    receipt_url TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_on TEXT NOT NULL,
    decided_on TEXT,
    granted_cents INTEGER,
    reason TEXT,
    payout_id TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT subsidies_pk PRIMARY KEY (id),
    CONSTRAINT subsidies_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT subsidies_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT subsidies_completion_fk FOREIGN KEY (completion_id) REFERENCES completions (id),
    CONSTRAINT subsidies_paid_ck CHECK (paid_cents > 0),
    CONSTRAINT subsidies_state_ck CHECK (state IN ('requested', 'granted', 'declined')),
    CONSTRAINT subsidies_granted_ck CHECK ((state = 'granted') = (granted_cents IS NOT NULL)),
    CONSTRAINT subsidies_most_ck CHECK (granted_cents BETWEEN 1 AND paid_cents)
) STRICT;
CREATE UNIQUE INDEX subsidies_once ON subsidies (completion_id) WHERE state IN ('requested', 'granted');
CREATE INDEX subsidies_by_state ON subsidies (program, state, id);
CREATE INDEX subsidies_by_person ON subsidies (person_id, id);

CREATE TABLE payouts (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    person_id TEXT,
    organisation_id TEXT,
    kind TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    invoice_id TEXT,
    payment_id TEXT,
    subsidy_id TEXT,
    reason TEXT NOT NULL,
    due_on TEXT NOT NULL,
    tender TEXT,
    reference TEXT,
    paid_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT payouts_pk PRIMARY KEY (id),
    CONSTRAINT payouts_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT payouts_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT payouts_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT payouts_payment_fk FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT payouts_subsidy_fk FOREIGN KEY (subsidy_id) REFERENCES subsidies (id),
    CONSTRAINT payouts_payee_ck CHECK ((person_id IS NULL) <> (organisation_id IS NULL)),
    CONSTRAINT payouts_kind_ck CHECK (kind IN ('refund', 'credit_refund', 'course_subsidy')),
    CONSTRAINT payouts_amount_ck CHECK (amount_cents > 0),
    CONSTRAINT payouts_tender_ck CHECK (tender IN ('card', 'check')),
    CONSTRAINT payouts_made_ck CHECK (
        (paid_on IS NULL) = (tender IS NULL) AND (paid_on IS NULL) = (reference IS NULL)
    )
) STRICT;
CREATE INDEX payouts_by_program ON payouts (program, id);
CREATE INDEX payouts_due ON payouts (program, id) WHERE paid_on IS NULL;
CREATE INDEX payouts_by_person ON payouts (person_id, id);
CREATE INDEX payouts_by_organisation ON payouts (organisation_id, id);
CREATE INDEX payouts_by_invoice ON payouts (invoice_id, id);

CREATE TABLE payment_discrepancies (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    payment_id TEXT,
    reference TEXT NOT NULL,
    expected_cents INTEGER NOT NULL,
    actual_cents INTEGER NOT NULL,
    findings TEXT NOT NULL,
    received_at TEXT NOT NULL,
    resolved_on TEXT,
    resolution TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT payment_discrepancies_pk PRIMARY KEY (id),
    CONSTRAINT payment_discrepancies_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT payment_discrepancies_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT payment_discrepancies_payment_fk FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT payment_discrepancies_end_ck CHECK ((resolved_on IS NULL) = (resolution IS NULL))
) STRICT;
CREATE UNIQUE INDEX payment_discrepancies_once ON payment_discrepancies (program, reference, actual_cents);
CREATE INDEX payment_discrepancies_by_program ON payment_discrepancies (program, id);
CREATE INDEX payment_discrepancies_open ON payment_discrepancies (program, id) WHERE resolved_on IS NULL;
