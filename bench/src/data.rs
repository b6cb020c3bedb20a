//! Seeded data, made by the database itself: one statement a table, in one go.
//!
//! Every candidate has an account, an accepted application, a candidacy with two achievements and one event;
//! every fourth has six and a certification. Ids count up, as UUIDv7 do. Lean: accepted applications carry no
//! invoice and achievements no completion.

use domain::{certificate::CertificateNumber, program::ProgramCode};

use crate::{
    Outcome,
    dialect::{Dialect, Run},
};

/// Kinds of ids: their first digit.
pub(crate) const PERSON: u128 = 1;
/// Addresses.
pub(crate) const EMAIL: u128 = 2;
/// Applications.
pub(crate) const APPLICATION: u128 = 3;
/// Candidacies.
pub(crate) const CANDIDACY: u128 = 4;
const ACHIEVEMENT: u128 = 5;
const CERTIFICATION: u128 = 6;
/// Events.
pub(crate) const EVENT: u128 = 7;
/// Sessions.
pub(crate) const SESSION: u128 = 8;
const GRANT: u128 = 9;

/// The id of the `index`th thing of a kind, as the statements below make it.
pub(crate) fn id(kind: u128, index: u64) -> u128 {
    (kind << 96) | (0x7000_8000 << 48) | u128::from(index)
}

/// Every fourth candidate is certified.
pub(crate) const CERTIFIED_OF: u64 = 4;

/// The lists by status that are asked for, with their query.
pub(crate) const STATUS_LISTS: &[(&str, &str)] = &[
    ("renewal open", "renewal_open=true"),
    ("grace", "status=grace"),
    ("lapsed", "status=lapsed"),
    ("provisional", "status=provisional"),
];
/// The day as of which they are asked for.
pub(crate) const LISTED_ON: &str = "2024-06-01";

/// What is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Candidates: people 0 to here.
    pub(crate) candidates: u64,
    /// People with a session and a draft after them; one more, of the staff, is the last person.
    pub(crate) drafts: u64,
}

impl Size {
    /// The member of staff.
    pub(crate) fn staff(self) -> u64 {
        self.candidates + self.drafts
    }
    /// The certificate number of the `index`th certified candidate.
    pub(crate) fn number(index: u64) -> String {
        // An odd factor maps 30 bits to 30 bits one to one.
        let bits = (index.wrapping_mul(0x9e37_79b1) ^ 0x2545_f491) & 0x3fff_ffff;
        let bits = u32::try_from(bits).unwrap_or(0);
        CertificateNumber::from_random(&ProgramCode::lssc(), 2025, bits).to_string()
    }
}

/// When everything happened.
pub(crate) const AT: &str = "'2025-01-15T12:00:00.000000Z'";
const SETS: &[&str] = &["FND", "COM", "TEC", "ACC", "ARA", "CAT"];

/// Makes the data; the application must not be running.
pub(crate) fn make(dialect: Dialect, url: &str, size: Size) -> Outcome<()> {
    let mut run = dialect.open(url)?;
    run("BEGIN")?;
    people(dialect, size, &mut run)?;
    candidates(dialect, size, &mut run)?;
    certifications(dialect, size, &mut run)?;
    run("COMMIT")?;
    dialect.close(&mut run)
}

fn people(d: Dialect, size: Size, run: &mut Run) -> Outcome<()> {
    let everybody = d.series(0, size.staff() + 1);
    let (person, email) = (d.id(PERSON, "i"), d.id(EMAIL, "i"));
    run(&format!(
        "INSERT INTO people (id, given_name, family_name, created_at, version) \
         SELECT {person}, 'Pat', 'Reader ' || i, {AT}, 1 FROM {everybody}"
    ))?;
    run(&format!(
        "INSERT INTO emails (id, person_id, address, address_folded, verified_at, is_primary) \
         SELECT {email}, {person}, 'reader' || i || '@bench.example', 'reader' || i || '@bench.example', \
         NULL, TRUE FROM {everybody}"
    ))?;
    // Those who submit, and the member of staff, are signed in.
    let session = d.id(SESSION, "i");
    let signed_in = d.series(size.candidates, size.staff() + 1);
    run(&format!(
        "INSERT INTO sessions (id, person_id, started_at, expires_at, ended_at, end_reason) \
         SELECT {session}, {person}, {AT}, '2099-01-01T00:00:00.000000Z', NULL, NULL FROM {signed_in}"
    ))?;
    let (grant, staff) = (d.id(GRANT, "i"), d.series(size.staff(), size.staff() + 1));
    run(&format!(
        "INSERT INTO grants (id, person_id, role, organisation_id, program, granted_at, granted_by, ended_at) \
         SELECT {grant}, {person}, 'staff', NULL, 'lssc', {AT}, 'bench', NULL FROM {staff}"
    ))?;
    let application = d.id(APPLICATION, "i");
    let drafts = d.series(size.candidates, size.staff());
    let jobs = r#"'[{"hours":{"minutes_per_week":2100},"kind":"paid","library":"Riverside Public Library","library_type":"public","requires_mlis":false,"started_on":"2023-06-01"}]'"#;
    let decision =
        r#"'{"decided_by":"bench","decided_on":"2025-01-15","findings":[],"reason":null}'"#;
    let columns = "id, program, person_id, state, education, jobs, attachments, payment_choice, \
                   information_requested, invoice_id, created_at, submitted_on, decision, candidacy_id, version";
    run(&format!(
        "INSERT INTO applications ({columns}) SELECT {application}, 'lssc', {person}, 'draft', 'associate', \
         {jobs}, '[]', 'card', NULL, NULL, {AT}, NULL, NULL, NULL, 1 FROM {drafts}"
    ))?;
    let (candidacy, candidates) = (d.id(CANDIDACY, "i"), d.series(0, size.candidates));
    // Who judges portfolios is among the certified: nobody judges a colleague.
    let elsewhere = jobs.replace("Riverside", "Lakeside");
    let json = match d {
        Dialect::Sqlite => "TEXT",
        Dialect::Postgres => "jsonb",
    };
    let jobs = format!(
        "CAST(CASE WHEN i % {CERTIFIED_OF} = 0 THEN {elsewhere} ELSE {jobs} END AS {json})"
    );
    run(&format!(
        "INSERT INTO applications ({columns}) SELECT {application}, 'lssc', {person}, 'accepted', 'associate', \
         {jobs}, '[]', 'card', NULL, NULL, {AT}, '2025-01-10', {decision}, {candidacy}, 4 FROM {candidates}"
    ))
}

fn candidates(d: Dialect, size: Size, run: &mut Run) -> Outcome<()> {
    let series = d.series(0, size.candidates);
    let (candidacy, person) = (d.id(CANDIDACY, "i"), d.id(PERSON, "i"));
    let application = d.id(APPLICATION, "i");
    let completed = match d {
        Dialect::Sqlite => "'2025-06-06'",
        Dialect::Postgres => "'2025-06-06'::date",
    };
    run(&format!(
        "INSERT INTO candidacies (id, program, person_id, application_id, admitted_on, policy_version, \
         framework_version, years, holds, extensions, deadline, held_on, completed_on, withdrawn_on, version) \
         SELECT {candidacy}, 'lssc', {person}, {application}, '2025-01-15', 1, 1, 4, '[]', '[]', '2029-01-15', \
         NULL, CASE WHEN i % {CERTIFIED_OF} = 0 THEN {completed} END, NULL, 1 FROM {series}"
    ))?;
    let sets: Vec<String> = SETS
        .iter()
        .zip(0..)
        .map(|(code, k): (_, u32)| format!("SELECT {k} AS k, '{code}' AS code"))
        .collect();
    let sets = sets.join(" UNION ALL ");
    let day = match d {
        Dialect::Sqlite => "'2025-06-0' || (k + 1)",
        Dialect::Postgres => "('2025-06-0' || (k + 1))::date",
    };
    let (achievement, evidence) =
        (d.id(ACHIEVEMENT, "i * 8 + k"), d.bare(ACHIEVEMENT, "i * 8 + k"));
    run(&format!(
        "INSERT INTO achievements (id, program, person_id, candidacy_id, set_code, method, achieved_on, \
         evidence, voided_on, void_reason, version) \
         SELECT {achievement}, 'lssc', {person}, {candidacy}, code, 'course', {day}, 'compl_' || {evidence}, \
         NULL, NULL, 1 FROM {series} CROSS JOIN ({sets}) AS s WHERE k < 2 OR i % {CERTIFIED_OF} = 0"
    ))?;
    let (event, subject) = (d.id(EVENT, "i"), d.bare(CANDIDACY, "i"));
    run(&format!(
        "INSERT INTO events (id, at, program, subject, person, type, actor, request_id, data) \
         SELECT {event}, {AT}, 'lssc', 'cand_' || {subject}, {person}, 'candidacy.admitted', 'system', 'bench', \
         '{{\"admitted_on\":\"2025-01-15\",\"deadline\":\"2029-01-15\",\"framework_version\":1,\"policy_version\":1}}' \
         FROM {series}"
    ))
}

/// The SQL of the dates of a certification by its number: terms that began over eight years, so that lists by
/// status have their shares. One in a hundred is provisional.
struct Days {
    begun: String,
    expires: String,
    opens: String,
    grace: String,
}

impl Days {
    fn of(d: Dialect) -> Self {
        let days = "((column1 * 7919) % 2900)";
        let after = |months: i32| match d {
            Dialect::Sqlite => {
                format!("date('2018-01-01', '+' || {days} || ' days', '{months} months')")
            }
            Dialect::Postgres => format!(
                "('2018-01-01'::date + {days}::int + make_interval(months => {months}))::date"
            ),
        };
        Self { begun: after(0), expires: after(48), opens: after(36), grace: after(50) }
    }
}

/// The numbers carry a check character, which this program computes: they go in as rows of values.
fn certifications(d: Dialect, size: Size, run: &mut Run) -> Outcome<()> {
    let (index, mut first) = (format!("(column1 * {CERTIFIED_OF})"), 0);
    let grounds: Vec<String> = SETS
        .iter()
        .zip(0..)
        .map(|(code, k): (_, u32)| {
            let achievement = d.bare(ACHIEVEMENT, &format!("{index} * 8 + {k}"));
            let day = k + 1;
            format!(
                "'{{\"achieved_on\":\"2025-06-0{day}\",\"achievement\":\"ach_' || {achievement} || \
                 '\",\"set\":\"{code}\"}}'"
            )
        })
        .collect();
    let mut grounds = format!("'[' || {} || ']'", grounds.join(" || ',' || "));
    if d == Dialect::Postgres {
        grounds = format!("({grounds})::jsonb");
    }
    let (certification, person) = (d.id(CERTIFICATION, &index), d.id(PERSON, &index));
    let candidacy = d.id(CANDIDACY, &index);
    let days = Days::of(d);
    let all = size.candidates.div_ceil(CERTIFIED_OF);
    while first < all {
        let next = all.min(first + 5_000);
        let values: Vec<String> = (first..next)
            .map(|n| match d {
                Dialect::Sqlite => format!("({n},'{}')", Size::number(n)),
                Dialect::Postgres => format!("({n}::bigint,'{}')", Size::number(n)),
            })
            .collect();
        run(&format!(
            "INSERT INTO certifications (id, program, person_id, candidacy_id, number, holder_name, \
             completed_on, awarded_on, renewals, expires_on, renewal_opens_on, grace_ends_on, \
             grace_is_certified, provisional_until, achievements, editions, stands_through, version) \
             SELECT {certification}, 'lssc', {person}, {candidacy}, column2, 'Pat Reader', {begun}, {begun}, \
             0, {expires}, {opens}, {grace}, FALSE, CASE WHEN column1 % 100 = 0 THEN {expires} END, {grounds}, \
             '[{{\"edition\":1,\"holder_name\":\"Pat Reader\",\"issued_on\":\"2025-06-06\"}}]', \
             CASE WHEN column1 % 100 = 0 THEN {expires} ELSE {grace} END, 1 FROM (VALUES {}) AS v",
            values.join(","),
            begun = days.begun,
            expires = days.expires,
            opens = days.opens,
            grace = days.grace,
        ))?;
        first = next;
    }
    Ok(())
}
