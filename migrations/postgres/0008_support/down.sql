DROP TABLE help_requests;
DROP TABLE support_registrations;
DROP TABLE support_events;
DROP TABLE guidance;
