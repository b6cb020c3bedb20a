DELETE FROM appeals WHERE decision_kind = 'graduate_refused';
ALTER TABLE appeals DROP CONSTRAINT appeals_kind_ck;
ALTER TABLE appeals ADD CONSTRAINT appeals_kind_ck CHECK (decision_kind IN ('application_refused', 'completion_refused', 'portfolio_not_achieved', 'course_declined', 'agreement_sent_back', 'agreement_ended', 'renewal_refused'));
