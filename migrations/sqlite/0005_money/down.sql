-- Lost: the ledger, what is an institution's, payments from credit, what came in beyond a balance, refunds,
-- and why an invoice was voided.
DROP TABLE payment_discrepancies;
DROP TABLE payouts;
DROP TABLE subsidies;
DROP TABLE assistance_requests;
DROP TABLE award_rounds;
DROP TABLE subscriptions;
DROP TABLE purchase_order_lines;
DROP TABLE purchase_orders;
DROP TABLE institutions;
DROP TABLE ledger_transfers;
DROP TABLE ledger_postings;

CREATE TABLE old_payments AS SELECT * FROM payments WHERE method <> 'credit' AND paid_by_person_id IS NOT NULL
    AND reversed_on IS NULL;
DROP TABLE payments;
CREATE TABLE old_invoices AS SELECT * FROM invoices WHERE person_id IS NOT NULL;
DROP TABLE invoices;

CREATE TABLE invoices (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    number TEXT NOT NULL,
    person_id TEXT NOT NULL,
    application_id TEXT,
    lines TEXT NOT NULL,
    total_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    voided_on TEXT,
    refund_due_on TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT invoices_pk PRIMARY KEY (id),
    CONSTRAINT invoices_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT invoices_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT invoices_application_fk FOREIGN KEY (application_id) REFERENCES applications (id),
    CONSTRAINT invoices_total_ck CHECK (total_cents >= 0)
) STRICT;
CREATE UNIQUE INDEX invoices_number ON invoices (program, number);
CREATE INDEX invoices_by_person ON invoices (person_id, id);
INSERT INTO invoices (id, program, number, person_id, application_id, lines, total_cents, currency, issued_on, due_on, voided_on, version)
    SELECT id, program, number, person_id, application_id, lines, total_cents, currency, issued_on, due_on, voided_on, version
    FROM old_invoices;
DROP TABLE old_invoices;

-- Append only: a correction is a reversal.
CREATE TABLE payments (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    received_on TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    CONSTRAINT payments_pk PRIMARY KEY (id),
    CONSTRAINT payments_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT payments_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT payments_method_ck CHECK (method IN ('card', 'check', 'purchase_order', 'award')),
    CONSTRAINT payments_amount_ck CHECK (amount_cents > 0)
) STRICT;
-- A processor's reference names one payment; one check or order may pay several invoices (FAQ 22).
CREATE UNIQUE INDEX payments_reference ON payments (program, method, reference) WHERE method = 'card';
CREATE UNIQUE INDEX payments_once ON payments (invoice_id, method, reference);
CREATE INDEX payments_by_invoice ON payments (invoice_id, id);
INSERT INTO payments (id, program, invoice_id, method, reference, amount_cents, received_on, recorded_by, recorded_at)
    SELECT id, program, invoice_id, method, reference, amount_cents, received_on, recorded_by, recorded_at
    FROM old_payments WHERE invoice_id IN (SELECT id FROM invoices);
DROP TABLE old_payments;
