-- Programs, and their rules as dated data.
CREATE TABLE programs (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    parent TEXT,
    CONSTRAINT programs_pk PRIMARY KEY (code),
    CONSTRAINT programs_parent_fk FOREIGN KEY (parent) REFERENCES programs (code)
) STRICT;

-- A version is never changed: another one takes its place from its day on.
CREATE TABLE policies (
    id TEXT NOT NULL,
    program TEXT NOT NULL,
    version INTEGER NOT NULL,
    effective_on TEXT NOT NULL,
    published_at TEXT NOT NULL,
    published_by TEXT NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT policies_pk PRIMARY KEY (id),
    CONSTRAINT policies_program_fk FOREIGN KEY (program) REFERENCES programs (code)
) STRICT;
CREATE UNIQUE INDEX policies_version ON policies (program, version);
CREATE UNIQUE INDEX policies_effective ON policies (program, effective_on);

CREATE TABLE frameworks (
    program TEXT NOT NULL,
    version INTEGER NOT NULL,
    adopted_on TEXT NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT frameworks_pk PRIMARY KEY (program, version),
    CONSTRAINT frameworks_program_fk FOREIGN KEY (program) REFERENCES programs (code)
) STRICT;

-- Questions and answers with placeholders that the policy in force fills in.
CREATE TABLE faqs (
    program TEXT NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT faqs_pk PRIMARY KEY (program),
    CONSTRAINT faqs_program_fk FOREIGN KEY (program) REFERENCES programs (code)
) STRICT;
