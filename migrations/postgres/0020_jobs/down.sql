DROP TABLE former_external_ids;
DROP TABLE reconciliation_differences;
DROP TABLE reconciliation_links;
DROP TABLE reconciliations;
DROP TABLE import_rows;
DROP TABLE job_bodies;
DROP TABLE imports;
