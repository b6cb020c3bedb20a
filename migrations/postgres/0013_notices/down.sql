DROP TABLE bounces;
DROP TABLE notice_preferences;
DROP INDEX candidacies_by_deadline;
DROP TABLE notices;
DROP TABLE notice_templates;
