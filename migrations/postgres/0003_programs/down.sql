DROP TABLE faqs;
DROP TABLE frameworks;
DROP TABLE policies;
DROP TABLE programs;
