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
DROP FUNCTION ledger_is_append_only();

DELETE FROM payments WHERE method = 'credit' OR paid_by_person_id IS NULL OR reversed_on IS NOT NULL
    OR invoice_id IN (SELECT id FROM invoices WHERE person_id IS NULL);
ALTER TABLE payments
    DROP CONSTRAINT payments_method_ck,
    DROP COLUMN paid_by_person_id,
    DROP COLUMN paid_by_organisation_id,
    DROP COLUMN received_cents,
    DROP COLUMN refunded_cents,
    DROP COLUMN reversed_on,
    DROP COLUMN reversal_reason,
    ADD CONSTRAINT payments_method_ck CHECK (method IN ('card', 'check', 'purchase_order', 'award'));

CREATE UNIQUE INDEX payments_reference ON payments (program, method, reference) WHERE method = 'card';
CREATE UNIQUE INDEX payments_once ON payments (invoice_id, method, reference);

DELETE FROM invoices WHERE person_id IS NULL;
DROP INDEX invoices_by_program;
DROP INDEX invoices_by_application;
ALTER TABLE invoices
    ALTER COLUMN person_id SET NOT NULL,
    DROP COLUMN organisation_id,
    DROP COLUMN purchase_order_id,
    DROP COLUMN void_reason,
    DROP COLUMN member_credit,
    ADD COLUMN refund_due_on date;
