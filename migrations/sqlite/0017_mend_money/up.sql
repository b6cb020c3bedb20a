-- Money, mended: which order paid, what a discrepancy's money was and became, one use for each reference of a
-- processor, and a ledger that takes nothing under a key that it has, nor more than a posting says it holds.

ALTER TABLE payments ADD COLUMN purchase_order_id TEXT
    CONSTRAINT payments_order_fk REFERENCES purchase_orders (id);
UPDATE payments SET purchase_order_id =
    (SELECT invoices.purchase_order_id FROM invoices WHERE invoices.id = payments.invoice_id)
    WHERE method = 'purchase_order';

-- A discrepancy is told once while the office has not resolved it, for each invoice, currency and amount.
ALTER TABLE payment_discrepancies ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE payment_discrepancies ADD COLUMN taken_as_credit INTEGER NOT NULL DEFAULT 0;
UPDATE payment_discrepancies SET
    currency = coalesce(
        (SELECT json_extract(one.value, '$.actual') FROM json_each(payment_discrepancies.findings) AS one
            WHERE json_extract(one.value, '$.rule') = 'callback.currency'),
        (SELECT invoices.currency FROM invoices WHERE invoices.id = payment_discrepancies.invoice_id)),
    taken_as_credit = EXISTS (SELECT 1 FROM ledger_postings AS p WHERE p.kind = 'receipt_credited'
        AND p.source = 'discr_' || replace(payment_discrepancies.id, '-', ''));
DROP INDEX payment_discrepancies_once;
CREATE UNIQUE INDEX payment_discrepancies_once
    ON payment_discrepancies (program, reference, invoice_id, currency, actual_cents) WHERE resolved_on IS NULL;

-- What a processor's reference stands for: a payment that is not reversed, or money that became credit.
CREATE TABLE card_references (
    program TEXT NOT NULL,
    reference TEXT NOT NULL,
    payment_id TEXT,
    discrepancy_id TEXT,
    CONSTRAINT card_references_pk PRIMARY KEY (program, reference),
    CONSTRAINT card_references_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT card_references_payment_fk FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT card_references_discrepancy_fk FOREIGN KEY (discrepancy_id) REFERENCES payment_discrepancies (id),
    CONSTRAINT card_references_use_ck CHECK ((payment_id IS NULL) <> (discrepancy_id IS NULL))
) STRICT;
CREATE INDEX card_references_by_payment ON card_references (payment_id);
INSERT INTO card_references (program, reference, payment_id)
    SELECT program, reference, id FROM payments WHERE method = 'card' AND reversed_on IS NULL;
INSERT INTO card_references (program, reference, discrepancy_id)
    SELECT program, reference, id FROM payment_discrepancies WHERE taken_as_credit = 1
    ON CONFLICT DO NOTHING;

-- REPLACE removes a row without a trigger of DELETE; a transfer that is added later has no place left.
DROP TRIGGER ledger_postings_append_only;
ALTER TABLE ledger_postings ADD COLUMN transfer_count INTEGER NOT NULL DEFAULT 0;
UPDATE ledger_postings SET transfer_count =
    (SELECT count(*) FROM ledger_transfers AS t WHERE t.posting_id = ledger_postings.id);
CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE ON ledger_postings
BEGIN
    SELECT RAISE(ABORT, 'ledger_postings is append only: post the reversal');
END;
CREATE TRIGGER ledger_postings_append_only_insert BEFORE INSERT ON ledger_postings
WHEN EXISTS (SELECT 1 FROM ledger_postings WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'ledger_postings is append only: post the reversal');
END;
CREATE TRIGGER ledger_transfers_append_only_insert BEFORE INSERT ON ledger_transfers
WHEN EXISTS (SELECT 1 FROM ledger_transfers WHERE posting_id = NEW.posting_id AND place = NEW.place)
    OR NEW.place > (SELECT transfer_count FROM ledger_postings WHERE id = NEW.posting_id)
BEGIN
    SELECT RAISE(ABORT, 'ledger_transfers is append only: post the reversal');
END;
