DROP TABLE idempotency_keys;
DROP TABLE counters;
DROP TABLE cursors;
DROP TABLE leases;
DROP TABLE events;
