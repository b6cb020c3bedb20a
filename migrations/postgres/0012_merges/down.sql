DROP TRIGGER portfolio_attempts_owned ON portfolio_attempts;
DROP TRIGGER portfolio_attempts_sealed ON portfolio_attempts;
CREATE TRIGGER portfolio_attempts_sealed BEFORE UPDATE ON portfolio_attempts
    FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id
        OR OLD.program IS DISTINCT FROM NEW.program
        OR OLD.portfolio_id IS DISTINCT FROM NEW.portfolio_id
        OR OLD.person_id IS DISTINCT FROM NEW.person_id
        OR OLD.set_code IS DISTINCT FROM NEW.set_code
        OR OLD.number IS DISTINCT FROM NEW.number
        OR OLD.content IS DISTINCT FROM NEW.content
        OR OLD.content_hash IS DISTINCT FROM NEW.content_hash
        OR OLD.submitted_at IS DISTINCT FROM NEW.submitted_at)
    EXECUTE FUNCTION portfolio_attempts_stay();
DROP FUNCTION portfolio_attempts_follow();
DROP TABLE person_merge_moves;
DROP TABLE merged_people;
DROP TABLE person_merges;
