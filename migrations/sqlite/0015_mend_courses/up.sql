-- The first amount of an offering's own price, for searching: known of what is announced or changed from now on.
ALTER TABLE offerings ADD COLUMN price_cents INTEGER;
