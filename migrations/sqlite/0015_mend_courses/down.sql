ALTER TABLE offerings DROP COLUMN price_cents;
