-- Portfolios: what candidates show for a set. pre_review_waits is stored for lists of what the office owes.
CREATE TABLE portfolios (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    candidacy_id uuid NOT NULL,
    person_id uuid NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    invoice_id uuid,
    pre_review jsonb,
    pre_review_waits boolean NOT NULL,
    attempt_id uuid,
    attempts bigint NOT NULL,
    round bigint NOT NULL,
    requested jsonb NOT NULL,
    disputed jsonb NOT NULL,
    chance_ends_on date,
    submitted_on date,
    decided_on date,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT portfolios_pk PRIMARY KEY (id),
    CONSTRAINT portfolios_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT portfolios_candidacy_fk FOREIGN KEY (candidacy_id) REFERENCES candidacies (id),
    CONSTRAINT portfolios_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT portfolios_invoice_fk FOREIGN KEY (invoice_id) REFERENCES invoices (id),
    CONSTRAINT portfolios_state_ck CHECK (state IN ('draft', 'in_evaluation', 'more_information', 'in_second_evaluation', 'achieved', 'not_achieved', 'withdrawn')),
    CONSTRAINT portfolios_round_ck CHECK (round IN (1, 2)),
    CONSTRAINT portfolios_attempt_ck CHECK ((attempts > 0) = (attempt_id IS NOT NULL)),
    CONSTRAINT portfolios_decided_ck CHECK ((state IN ('achieved', 'not_achieved')) = (decided_on IS NOT NULL))
);
CREATE UNIQUE INDEX portfolios_one_open ON portfolios (candidacy_id, set_code)
    WHERE state IN ('draft', 'in_evaluation', 'more_information', 'in_second_evaluation');
CREATE INDEX portfolios_by_state ON portfolios (program, state, id);
CREATE INDEX portfolios_by_person ON portfolios (person_id, id);
CREATE INDEX portfolios_by_candidacy ON portfolios (candidacy_id, set_code, id);
CREATE INDEX portfolios_by_invoice ON portfolios (invoice_id);
CREATE INDEX portfolios_by_chance ON portfolios (chance_ends_on)
    WHERE state = 'more_information';

-- Attempts: what was submitted. Nothing of one ever changes but what its ratings came to.
CREATE TABLE portfolio_attempts (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    portfolio_id uuid NOT NULL,
    person_id uuid NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    content jsonb NOT NULL,
    content_hash text COLLATE "C" NOT NULL,
    submitted_at timestamptz NOT NULL,
    outcomes jsonb NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT portfolio_attempts_pk PRIMARY KEY (id),
    CONSTRAINT portfolio_attempts_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT portfolio_attempts_portfolio_fk FOREIGN KEY (portfolio_id) REFERENCES portfolios (id),
    CONSTRAINT portfolio_attempts_person_fk FOREIGN KEY (person_id) REFERENCES people (id),
    CONSTRAINT portfolio_attempts_number_ck CHECK (number > 0),
    CONSTRAINT portfolio_attempts_hash_ck CHECK (length(content_hash) = 64)
);
CREATE UNIQUE INDEX portfolio_attempts_number ON portfolio_attempts (portfolio_id, number);

CREATE FUNCTION portfolio_attempts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was submitted is never changed or deleted';
END
$$;
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
CREATE TRIGGER portfolio_attempts_sealed_delete BEFORE DELETE OR TRUNCATE ON portfolio_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION portfolio_attempts_stay();

-- Evaluators: one profile a person and program.
CREATE TABLE evaluators (
    program text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    profile jsonb NOT NULL,
    ended_on date,
    version bigint NOT NULL,
    CONSTRAINT evaluators_pk PRIMARY KEY (program, person_id),
    CONSTRAINT evaluators_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT evaluators_person_fk FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX evaluators_by_person ON evaluators (person_id);

-- Assignments: who judges which attempt. What was handed back, released or voided stays.
CREATE TABLE portfolio_assignments (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    portfolio_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    number bigint NOT NULL,
    set_code text COLLATE "C" NOT NULL,
    seat bigint NOT NULL,
    evaluator_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    to_rate jsonb NOT NULL,
    ratings jsonb NOT NULL,
    assigned_on date NOT NULL,
    due_on date NOT NULL,
    reminded_on date,
    finalised_at timestamptz,
    reason text COLLATE "C",
    version bigint NOT NULL,
    CONSTRAINT portfolio_assignments_pk PRIMARY KEY (id),
    CONSTRAINT portfolio_assignments_program_fk FOREIGN KEY (program) REFERENCES programs (code),
    CONSTRAINT portfolio_assignments_portfolio_fk FOREIGN KEY (portfolio_id) REFERENCES portfolios (id),
    CONSTRAINT portfolio_assignments_attempt_fk FOREIGN KEY (attempt_id) REFERENCES portfolio_attempts (id),
    CONSTRAINT portfolio_assignments_evaluator_fk FOREIGN KEY (program, evaluator_id) REFERENCES evaluators (program, person_id),
    CONSTRAINT portfolio_assignments_seat_ck CHECK (seat IN (1, 2, 3)),
    CONSTRAINT portfolio_assignments_state_ck CHECK (state IN ('open', 'final', 'handed_back', 'released', 'voided')),
    CONSTRAINT portfolio_assignments_final_ck CHECK ((state IN ('final', 'voided')) = (finalised_at IS NOT NULL))
);
CREATE UNIQUE INDEX assignments_once ON portfolio_assignments (attempt_id, evaluator_id);
CREATE UNIQUE INDEX assignments_seat ON portfolio_assignments (attempt_id, seat)
    WHERE state IN ('open', 'final');
CREATE INDEX portfolio_assignments_by_portfolio ON portfolio_assignments (portfolio_id, id);
CREATE INDEX portfolio_assignments_by_evaluator ON portfolio_assignments (evaluator_id, id);
CREATE INDEX portfolio_assignments_by_due ON portfolio_assignments (due_on)
    WHERE state = 'open';
CREATE INDEX portfolio_assignments_by_final ON portfolio_assignments (program, finalised_at)
    WHERE state = 'final';
