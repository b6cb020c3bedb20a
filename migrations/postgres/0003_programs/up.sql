-- Programs, and their rules as dated data.
CREATE TABLE programs (
    code text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    zone text COLLATE "C" NOT NULL,
    parent text COLLATE "C",
    CONSTRAINT programs_pk PRIMARY KEY (code),
    CONSTRAINT programs_parent_fk FOREIGN KEY (parent) REFERENCES programs (code)
);

-- A version is never changed: another one takes its place from its day on.
CREATE TABLE policies (
    id uuid NOT NULL,
    program text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    effective_on date NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text COLLATE "C" NOT NULL,
    document jsonb NOT NULL,
    CONSTRAINT policies_pk PRIMARY KEY (id),
    CONSTRAINT policies_program_fk FOREIGN KEY (program) REFERENCES programs (code)
);
CREATE UNIQUE INDEX policies_version ON policies (program, version);
CREATE UNIQUE INDEX policies_effective ON policies (program, effective_on);

CREATE TABLE frameworks (
    program text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    adopted_on date NOT NULL,
    document jsonb NOT NULL,
    CONSTRAINT frameworks_pk PRIMARY KEY (program, version),
    CONSTRAINT frameworks_program_fk FOREIGN KEY (program) REFERENCES programs (code)
);

-- Questions and answers with placeholders that the policy in force fills in.
CREATE TABLE faqs (
    program text COLLATE "C" NOT NULL,
    document jsonb NOT NULL,
    CONSTRAINT faqs_pk PRIMARY KEY (program),
    CONSTRAINT faqs_program_fk FOREIGN KEY (program) REFERENCES programs (code)
);
