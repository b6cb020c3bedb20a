-- Money: payers, the ledger, purchase orders, subscriptions, payouts, awards.
--
-- Invoices and payments that are there already are carried over, each payment by the person whom the
-- invoice is for. No postings are made for them: that would have to repeat here what the domain knows of
-- transfers, refunds, subscriptions and events, and version 0.1.0 was never released with data.
-- `lssc verify` names such invoices.

-- organisation_id is an institution or a provider; purchase_order_id an order that refers to an invoice:
-- neither can be a foreign key.
ALTER TABLE invoices
    ALTER COLUMN person_id DROP NOT NULL,
    DROP COLUMN refund_due_on,
    ADD COLUMN organisation_id uuid,
    ADD COLUMN purchase_order_id uuid,
    ADD COLUMN void_reason text COLLATE "C",
    ADD COLUMN member_credit jsonb,
    ADD CONSTRAINT invoices_payer_ck CHECK ((person_id IS NULL) <> (organisation_id IS NULL));
CREATE INDEX invoices_by_program ON invoices (program, id);
CREATE INDEX invoices_by_organisation ON invoices (organisation_id, id);
CREATE INDEX invoices_by_application ON invoices (application_id, id);

-- What came in never changes; refunded_cents counts what of it was given back, reversed_on tells that it was
-- taken back as never received.
ALTER TABLE payments
    DROP CONSTRAINT payments_method_ck,
    ADD COLUMN paid_by_person_id uuid,
    ADD COLUMN paid_by_organisation_id uuid,
    ADD COLUMN received_cents bigint,
    ADD COLUMN refunded_cents bigint,
    ADD COLUMN reversed_on date,
    ADD COLUMN reversal_reason text COLLATE "C";
UPDATE payments SET received_cents = amount_cents, refunded_cents = 0,
    paid_by_person_id = (SELECT person_id FROM invoices WHERE invoices.id = payments.invoice_id);
ALTER TABLE payments
    ALTER COLUMN received_cents SET NOT NULL,
    ALTER COLUMN refunded_cents SET NOT NULL,
    ADD CONSTRAINT payments_person_fk FOREIGN KEY (paid_by_person_id) REFERENCES people (id),
    ADD CONSTRAINT payments_method_ck CHECK (method IN ('card', 'check', 'purchase_order', 'award', 'credit')),
    ADD CONSTRAINT payments_payer_ck CHECK ((paid_by_person_id IS NULL) <> (paid_by_organisation_id IS NULL)),
    ADD CONSTRAINT payments_received_ck CHECK (received_cents >= amount_cents),
    ADD CONSTRAINT payments_refunded_ck CHECK (refunded_cents BETWEEN 0 AND amount_cents),
    ADD CONSTRAINT payments_reversed_ck CHECK (
        (reversed_on IS NULL) = (reversal_reason IS NULL)
        AND (reversed_on IS NULL OR (refunded_cents = 0 AND method IN ('card', 'check')))
    );
DROP INDEX payments_reference;
DROP INDEX payments_once;
CREATE UNIQUE INDEX payments_reference ON payments (program, method, reference)
    WHERE method = 'card' AND reversed_on IS NULL;
CREATE UNIQUE INDEX payments_once ON payments (invoice_id, method, reference) WHERE reversed_on IS NULL;

-- The ledger: transfers, each in balance by its shape, grouped by postings. Append only: a correction is
-- a posting that reverses another.
CREATE TABLE ledger_postings (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    posted_on date NOT NULL,
    invoice_id uuid,
    source text COLLATE "C" NOT NULL,
    recorded_by text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT ledger_postings_pk PRIMARY KEY (id),
    CONSTRAINT ledger_postings_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT ledger_postings_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id)
);
CREATE INDEX ledger_postings_by_program ON ledger_postings (program, id);
CREATE INDEX ledger_postings_by_day ON ledger_postings (program, posted_on, id);
CREATE INDEX ledger_postings_by_invoice ON ledger_postings (invoice_id, id);
CREATE INDEX ledger_postings_by_source ON ledger_postings (source, id);

-- A payer is the id of a person or an organisation with its prefix; accounts of the program have none.
CREATE TABLE ledger_transfers (
    posting_id uuid NOT NULL,
    place bigint NOT NULL,
    debit_account text COLLATE "C" NOT NULL,
    debit_payer text COLLATE "C",
    credit_account text COLLATE "C" NOT NULL,
    credit_payer text COLLATE "C",
    amount_cents bigint NOT NULL,
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
);
CREATE INDEX ledger_transfers_by_debit ON ledger_transfers (debit_payer, debit_account, posting_id, amount_cents);
CREATE INDEX ledger_transfers_by_credit ON ledger_transfers (credit_payer, credit_account, posting_id, amount_cents);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only: post the reversal', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE TABLE institutions (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    address jsonb NOT NULL,
    email text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT institutions_pk PRIMARY KEY (id),
    CONSTRAINT institutions_program_fk FOREIGN KEY (program) REFERENCES programs (code)
);
CREATE UNIQUE INDEX institutions_name ON institutions (program, name_folded);

CREATE TABLE purchase_orders (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    institution_id uuid NOT NULL,
    number text COLLATE "C" NOT NULL,
    invoice_id uuid NOT NULL,
    total_cents bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    placed_on date NOT NULL,
    settled_on date,
    cancelled_on date,
    cancel_reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT purchase_orders_pk PRIMARY KEY (id),
    CONSTRAINT purchase_orders_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT purchase_orders_institution_fk FOREIGN KEY (institution_id) REFERENCES institutions (id),
    CONSTRAINT purchase_orders_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT purchase_orders_total_ck CHECK (total_cents >= 0),
    CONSTRAINT purchase_orders_end_ck CHECK (settled_on IS NULL OR cancelled_on IS NULL)
);
CREATE UNIQUE INDEX purchase_orders_number ON purchase_orders (institution_id, number) WHERE cancelled_on IS NULL;
CREATE UNIQUE INDEX purchase_orders_invoice ON purchase_orders (invoice_id);
CREATE INDEX purchase_orders_by_program ON purchase_orders (program, id);
CREATE INDEX purchase_orders_by_institution ON purchase_orders (institution_id, id);

-- A line without an outcome stands: the order is going to pay for that application.
CREATE TABLE purchase_order_lines (
    order_id uuid NOT NULL,
    place bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    amount_cents bigint NOT NULL,
    person_id uuid NOT NULL,
    application_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    outcome text COLLATE "C",
    CONSTRAINT purchase_order_lines_pk PRIMARY KEY (order_id, place),
    CONSTRAINT purchase_order_lines_order_fk FOREIGN KEY (order_id) REFERENCES purchase_orders (id),
    CONSTRAINT purchase_order_lines_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT purchase_order_lines_application_fk FOREIGN KEY (application_id) REFERENCES applications (id),
    CONSTRAINT purchase_order_lines_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT purchase_order_lines_place_ck CHECK (place > 0),
    CONSTRAINT purchase_order_lines_amount_ck CHECK (amount_cents >= 0),
    CONSTRAINT purchase_order_lines_outcome_ck CHECK (outcome IN ('activated', 'credited', 'swapped', 'cancelled'))
);
CREATE UNIQUE INDEX purchase_order_lines_standing ON purchase_order_lines (application_id) WHERE outcome IS NULL;
CREATE INDEX purchase_order_lines_by_invoice ON purchase_order_lines (invoice_id, order_id);

CREATE TABLE subscriptions (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    activated_on date NOT NULL,
    ends_on date NOT NULL,
    ended_on date,
    reminded_on date,
    version bigint NOT NULL,
    CONSTRAINT subscriptions_pk PRIMARY KEY (id),
    CONSTRAINT subscriptions_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT subscriptions_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT subscriptions_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT subscriptions_days_ck CHECK (activated_on <= ends_on)
);
CREATE UNIQUE INDEX subscriptions_invoice ON subscriptions (invoice_id);
CREATE INDEX subscriptions_by_program ON subscriptions (program, id);
CREATE INDEX subscriptions_by_person ON subscriptions (person_id, id);
CREATE INDEX subscriptions_by_end ON subscriptions (program, ends_on, id);
CREATE INDEX subscriptions_to_remind ON subscriptions (program, ends_on, id)
    WHERE ended_on IS NULL AND reminded_on IS NULL;

CREATE TABLE award_rounds (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    opens_on date NOT NULL,
    closes_on date NOT NULL,
    places bigint NOT NULL,
    amount_cents bigint NOT NULL,
    seed_source text COLLATE "C" NOT NULL,
    seed text COLLATE "C",
    drawn_on date,
    version bigint NOT NULL,
    CONSTRAINT award_rounds_pk PRIMARY KEY (id),
    CONSTRAINT award_rounds_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT award_rounds_days_ck CHECK (opens_on <= closes_on),
    CONSTRAINT award_rounds_places_ck CHECK (places > 0),
    CONSTRAINT award_rounds_amount_ck CHECK (amount_cents >= 0),
    CONSTRAINT award_rounds_draw_ck CHECK ((seed IS NULL) = (drawn_on IS NULL))
);
CREATE INDEX award_rounds_by_program ON award_rounds (program, id);

CREATE TABLE assistance_requests (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    round_id uuid NOT NULL,
    person_id uuid NOT NULL,
    amount_cents bigint NOT NULL,
    requested_on date NOT NULL,
    withdrawn_on date,
    rank bigint,
    granted_on date,
    invoice_id uuid,
    version bigint NOT NULL,
    CONSTRAINT assistance_requests_pk PRIMARY KEY (id),
    CONSTRAINT assistance_requests_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT assistance_requests_round_fk FOREIGN KEY (round_id) REFERENCES award_rounds (id),
    CONSTRAINT assistance_requests_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT assistance_requests_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT assistance_requests_amount_ck CHECK (amount_cents >= 0),
    CONSTRAINT assistance_requests_grant_ck CHECK (granted_on IS NULL OR (rank IS NOT NULL AND withdrawn_on IS NULL)),
    CONSTRAINT assistance_requests_use_ck CHECK (invoice_id IS NULL OR granted_on IS NOT NULL)
);
CREATE UNIQUE INDEX assistance_one_request ON assistance_requests (round_id, person_id) WHERE withdrawn_on IS NULL;
CREATE UNIQUE INDEX assistance_once ON assistance_requests (program, person_id) WHERE granted_on IS NOT NULL;
CREATE INDEX assistance_by_program ON assistance_requests (program, id);
CREATE INDEX assistance_by_round ON assistance_requests (round_id, id);
CREATE INDEX assistance_by_person ON assistance_requests (person_id, id);
CREATE INDEX assistance_by_invoice ON assistance_requests (invoice_id, id);

-- payout_id is no foreign key: the payout refers to the subsidy.
CREATE TABLE subsidies (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    completion_id uuid NOT NULL,
    paid_cents bigint NOT NULL,
    receipt_url text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    requested_on date NOT NULL,
    decided_on date,
    granted_cents bigint,
    reason text COLLATE "C",
    payout_id uuid,
    version bigint NOT NULL,
    CONSTRAINT subsidies_pk PRIMARY KEY (id),
    CONSTRAINT subsidies_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT subsidies_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT subsidies_completion_fk FOREIGN KEY (completion_id) REFERENCES completions (id),
    CONSTRAINT subsidies_paid_ck CHECK (paid_cents > 0),
    CONSTRAINT subsidies_state_ck CHECK (state IN ('requested', 'granted', 'declined')),
    CONSTRAINT subsidies_granted_ck CHECK ((state = 'granted') = (granted_cents IS NOT NULL)),
    CONSTRAINT subsidies_most_ck CHECK (granted_cents BETWEEN 1 AND paid_cents)
);
CREATE UNIQUE INDEX subsidies_once ON subsidies (completion_id) WHERE state IN ('requested', 'granted');
CREATE INDEX subsidies_by_state ON subsidies (program, state, id);
CREATE INDEX subsidies_by_person ON subsidies (person_id, id);

CREATE TABLE payouts (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    person_id uuid,
    organisation_id uuid,
    kind text COLLATE "C" NOT NULL,
    amount_cents bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    invoice_id uuid,
    payment_id uuid,
    subsidy_id uuid,
    reason text COLLATE "C" NOT NULL,
    due_on date NOT NULL,
    tender text COLLATE "C",
    reference text COLLATE "C",
    paid_on date,
    version bigint NOT NULL,
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
);
CREATE INDEX payouts_by_program ON payouts (program, id);
CREATE INDEX payouts_due ON payouts (program, id) WHERE paid_on IS NULL;
CREATE INDEX payouts_by_person ON payouts (person_id, id);
CREATE INDEX payouts_by_organisation ON payouts (organisation_id, id);
CREATE INDEX payouts_by_invoice ON payouts (invoice_id, id);

CREATE TABLE payment_discrepancies (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    invoice_id uuid NOT NULL,
    payment_id uuid,
    reference text COLLATE "C" NOT NULL,
    expected_cents bigint NOT NULL,
    actual_cents bigint NOT NULL,
    findings jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    resolved_on date,
    resolution text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT payment_discrepancies_pk PRIMARY KEY (id),
    CONSTRAINT payment_discrepancies_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT payment_discrepancies_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT payment_discrepancies_payment_fk FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT payment_discrepancies_end_ck CHECK ((resolved_on IS NULL) = (resolution IS NULL))
);
CREATE UNIQUE INDEX payment_discrepancies_once ON payment_discrepancies (program, reference, actual_cents);
CREATE INDEX payment_discrepancies_by_program ON payment_discrepancies (program, id);
CREATE INDEX payment_discrepancies_open ON payment_discrepancies (program, id) WHERE resolved_on IS NULL;
