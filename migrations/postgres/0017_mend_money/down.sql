DROP TRIGGER ledger_transfers_append_only_insert ON ledger_transfers;
DROP FUNCTION ledger_posting_is_whole();
ALTER TABLE ledger_postings DROP COLUMN transfer_count;
DROP TABLE card_references;
DROP INDEX payment_discrepancies_once;
ALTER TABLE payment_discrepancies DROP COLUMN taken_as_credit;
ALTER TABLE payment_discrepancies DROP COLUMN currency;
CREATE UNIQUE INDEX payment_discrepancies_once ON payment_discrepancies (program, reference, actual_cents);
ALTER TABLE payments DROP COLUMN purchase_order_id;
