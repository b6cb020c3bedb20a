DROP TABLE portfolio_assignments;
DROP TABLE evaluators;
DROP TABLE portfolio_attempts;
DROP TABLE portfolios;
DROP FUNCTION portfolio_attempts_stay();
