-- Money, mended: which order paid, what a discrepancy's money was and became, one use for each reference of a
-- processor, and a ledger that takes nothing under a key that it has, nor more than a posting says it holds.

ALTER TABLE payments ADD COLUMN purchase_order_id uuid
    CONSTRAINT payments_order_fk REFERENCES purchase_orders (id);
UPDATE payments SET purchase_order_id =
    (SELECT invoices.purchase_order_id FROM invoices WHERE invoices.id = payments.invoice_id)
    WHERE method = 'purchase_order';

-- A discrepancy is told once while the office has not resolved it, for each invoice, currency and amount.
ALTER TABLE payment_discrepancies ADD COLUMN currency text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE payment_discrepancies ADD COLUMN taken_as_credit boolean NOT NULL DEFAULT false;
UPDATE payment_discrepancies SET
    currency = coalesce(
        (SELECT one.value ->> 'actual' FROM jsonb_array_elements(payment_discrepancies.findings) AS one (value)
            WHERE one.value ->> 'rule' = 'callback.currency'),
        (SELECT invoices.currency FROM invoices WHERE invoices.id = payment_discrepancies.invoice_id)),
    taken_as_credit = EXISTS (SELECT 1 FROM ledger_postings AS p WHERE p.kind = 'receipt_credited'
        AND p.source = 'discr_' || replace(payment_discrepancies.id::text, '-', ''));
DROP INDEX payment_discrepancies_once;
CREATE UNIQUE INDEX payment_discrepancies_once
    ON payment_discrepancies (program, reference, invoice_id, currency, actual_cents) WHERE resolved_on IS NULL;

-- What a processor's reference stands for: a payment that is not reversed, or money that became credit.
CREATE TABLE card_references (
    program text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    payment_id uuid,
    discrepancy_id uuid,
    CONSTRAINT card_references_pk PRIMARY KEY (program, reference),
    CONSTRAINT card_references_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT card_references_payment_fk FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT card_references_discrepancy_fk FOREIGN KEY (discrepancy_id) REFERENCES payment_discrepancies (id),
    CONSTRAINT card_references_use_ck CHECK ((payment_id IS NULL) <> (discrepancy_id IS NULL))
);
CREATE INDEX card_references_by_payment ON card_references (payment_id);
INSERT INTO card_references (program, reference, payment_id)
    SELECT program, reference, id FROM payments WHERE method = 'card' AND reversed_on IS NULL;
INSERT INTO card_references (program, reference, discrepancy_id)
    SELECT program, reference, id FROM payment_discrepancies WHERE taken_as_credit
    ON CONFLICT DO NOTHING;

-- A transfer that is added later has no place left; one under a key that is there breaks the primary key.
DROP TRIGGER ledger_postings_append_only ON ledger_postings;
ALTER TABLE ledger_postings ADD COLUMN transfer_count bigint NOT NULL DEFAULT 0;
UPDATE ledger_postings SET transfer_count =
    (SELECT count(*) FROM ledger_transfers AS t WHERE t.posting_id = ledger_postings.id);
CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE FUNCTION ledger_posting_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM new_transfers AS t JOIN ledger_postings AS p ON p.id = t.posting_id
               WHERE t.place > p.transfer_count) THEN
        RAISE EXCEPTION '% is append only: post the reversal', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_transfers_append_only_insert AFTER INSERT ON ledger_transfers
    REFERENCING NEW TABLE AS new_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_posting_is_whole();
