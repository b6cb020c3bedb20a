DROP TABLE account_requests;
DROP TABLE external_ids;
