DROP TRIGGER portfolio_attempts_owned;
DROP TRIGGER portfolio_attempts_sealed;
CREATE TRIGGER portfolio_attempts_sealed BEFORE UPDATE ON portfolio_attempts
    WHEN OLD.id IS NOT NEW.id
        OR OLD.program IS NOT NEW.program
        OR OLD.portfolio_id IS NOT NEW.portfolio_id
        OR OLD.person_id IS NOT NEW.person_id
        OR OLD.set_code IS NOT NEW.set_code
        OR OLD.number IS NOT NEW.number
        OR OLD.content IS NOT NEW.content
        OR OLD.content_hash IS NOT NEW.content_hash
        OR OLD.submitted_at IS NOT NEW.submitted_at
BEGIN
    SELECT RAISE(ABORT, 'what was submitted is never changed');
END;
DROP TABLE person_merge_moves;
DROP TABLE merged_people;
DROP TABLE person_merges;
