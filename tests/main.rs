//! Every test that runs against a store or the served application, on each database.
