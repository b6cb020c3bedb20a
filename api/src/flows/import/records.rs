//! Records as they go out: the columns of imports, so that what is exported can be imported again.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use domain::{
    PersonId,
    application::Application,
    completion::{Completion, CompletionState},
    eligibility::Job,
    import::RecordKind,
    person::{Email, Membership, MembershipState, Person},
    renewal::{Amount, LoggedActivity},
};
use persistence::{
    ActivityFilter, ApplicationFilter, CompletionFilter, MembershipFilter, Page, PersonFilter, Tx,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use serde_json::{Value, json};

use crate::{
    flows::export::{self, Cells, Chunk, Record, Sight},
    problem::Problem,
};

/// The columns of a kind of file, in the order in which they go out.
#[must_use]
pub(crate) const fn columns(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::People => &["source_id", "given_name", "family_name", "email"],
        RecordKind::Applications => {
            &["person", "program", "state", "education", "payment_choice", "jobs", "attachments"]
        }
        RecordKind::Completions => {
            &["course_id", "completed_on", "candidate_number", "email", "name"]
        }
        RecordKind::Activities => &[
            "certificate",
            "title",
            "kind",
            "started_on",
            "dated_on",
            "minutes",
            "quantity",
            "technology",
            "sets",
            "provider",
            "documentation_url",
        ],
        RecordKind::Memberships => {
            &["number", "person", "program", "valid_from", "valid_until", "family_name"]
        }
    }
}

/// Some records after a place, in the order of their ids, and the place after them; none after the last.
pub(crate) fn page(
    tx: &mut Tx<'_>,
    kind: RecordKind,
    sight: &Sight,
    (after, limit): (Option<u128>, i64),
) -> Result<Chunk, Problem> {
    match kind {
        RecordKind::People => people(tx, sight, export::of(after, limit)),
        RecordKind::Applications => {
            let filter = ApplicationFilter::default();
            let found = tx.applications().list(&filter, export::of(after, limit))?;
            Chunk::of(
                sight,
                &found,
                |one| one.id.bits(),
                |one| Ok((one.program.clone(), Some(one.person), application(one)?)),
            )
        }
        RecordKind::Completions => completions(tx, sight, export::of(after, limit)),
        RecordKind::Activities => {
            let filter = ActivityFilter::default();
            let found = tx.activities().list(&filter, export::of(after, limit))?;
            Chunk::of(
                sight,
                &found,
                |one| one.id.bits(),
                |one| Ok((one.program.clone(), Some(one.person), activity(one))),
            )
        }
        RecordKind::Memberships => {
            let filter = MembershipFilter::default();
            let mut found = tx.memberships().list(&filter, export::of(after, limit))?;
            let last = found.last().map(|one| one.id.bits());
            found.retain(|one| one.state != MembershipState::Rejected);
            let chunk = Chunk::of(
                sight,
                &found,
                |one| one.id.bits(),
                |one| Ok((one.program.clone(), Some(one.person), membership(one))),
            )?;
            Ok(Chunk { last, ..chunk })
        }
    }
}

/// People are of no program: a confined machine is told of those who applied in one of its programs.
fn people(tx: &mut Tx<'_>, sight: &Sight, page: Page<PersonId>) -> Result<Chunk, Problem> {
    let filter = PersonFilter { programs: sight.programs(), ..PersonFilter::default() };
    let found = tx.people().list(&filter, page)?;
    let ids: Vec<_> = found.iter().map(|person| person.id).collect();
    let emails = primary(tx, &ids)?;
    let record = |person: &Person| {
        let email = emails.get(&person.id).map(|email| &email.address);
        let names = [json!(person.given_name), json!(person.family_name)];
        let cells = [json!(person.id)].into_iter().chain(names).chain([json!(email)]);
        Record { person: Some(person.id), cells: cells.collect() }
    };
    Ok(Chunk { records: found.iter().map(record).collect(), last: ids.last().map(|id| id.bits()) })
}

fn primary(tx: &mut Tx<'_>, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Email>, Problem> {
    let emails = tx.people().emails_of(ids)?.into_iter().filter(|email| email.is_primary);
    Ok(emails.map(|email| (email.person, email)).collect())
}

/// A job as a body has it.
fn job(job: &Job) -> Value {
    let (hours_per_week, total_hours) = job.hours.forms();
    let mut told = json!({"library": job.library, "library_type": job.library_type, "kind": job.kind,
        "started_on": job.started_on, "requires_mlis": job.requires_mlis});
    let rest = [
        ("ended_on", json!(job.ended_on)),
        ("hours_per_week", json!(hours_per_week)),
        ("total_hours", json!(total_hours)),
    ];
    if let Some(told) = told.as_object_mut() {
        let said = rest.into_iter().filter(|(_, value)| !value.is_null());
        told.extend(said.map(|(name, value)| (name.to_owned(), value)));
    }
    told
}

fn list<T: Serialize>(items: &[T]) -> Result<Value, Problem> {
    if items.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::to_value(items).map_err(|error| Problem::internal(error.to_string()))
}

fn application(one: &Application) -> Result<Cells, Problem> {
    let said = &one.statements;
    let jobs: Vec<_> = said.jobs.iter().map(job).collect();
    Ok(vec![
        json!(one.person),
        json!(one.program.as_str()),
        json!(one.state),
        json!(said.education),
        json!(said.payment_choice),
        list(&jobs)?,
        list(&said.attachments)?,
    ])
}

/// Completions that count. An address goes with it only where its control was shown: others prove nothing.
fn completions(
    tx: &mut Tx<'_>,
    sight: &Sight,
    page: Page<domain::CompletionId>,
) -> Result<Chunk, Problem> {
    let state = Some(CompletionState::Verified);
    let filter = CompletionFilter { state, ..CompletionFilter::default() };
    let found = tx.completions().list(&filter, page)?;
    let ids: Vec<_> = found.iter().map(|one| one.person).collect();
    let emails = primary(tx, &ids)?;
    let people: BTreeMap<_, _> =
        tx.people().by_ids(&ids)?.into_iter().map(|person| (person.id, person)).collect();
    let cells = |one: &Completion| {
        let email = emails.get(&one.person).filter(|email| email.verified_at.is_some());
        let name = email.and_then(|_| people.get(&one.person)).map(Person::full_name);
        let address = email.map(|email| &email.address);
        vec![
            json!(one.course),
            json!(one.completed_on),
            json!(one.candidacy),
            json!(address),
            json!(name),
        ]
    };
    Chunk::of(
        sight,
        &found,
        |one| one.id.bits(),
        |one| Ok((one.program.clone(), Some(one.person), cells(one))),
    )
}

fn activity(one: &LoggedActivity) -> Cells {
    let facts = &one.facts;
    let (minutes, quantity) = match facts.amount {
        Amount::Minutes(minutes) => (Some(minutes), None),
        Amount::Quantity(quantity) => (None, Some(quantity)),
    };
    let sets: Vec<_> = facts.sets.iter().map(ToString::to_string).collect();
    vec![
        json!(one.certification),
        json!(facts.title),
        json!(facts.kind),
        json!(facts.started_on),
        json!(facts.dated_on),
        json!(minutes),
        json!(quantity),
        json!(facts.technology),
        Some(sets.join(" ")).filter(|sets| !sets.is_empty()).map_or(Value::Null, Value::from),
        json!(facts.provider),
        json!(facts.document_url),
    ]
}

fn membership(one: &Membership) -> Cells {
    vec![
        json!(one.number),
        json!(one.person),
        json!(one.program.as_str()),
        json!(one.valid_from),
        json!(one.valid_until),
        Value::Null,
    ]
}

/// A list in a row: of JSON as it is, in a cell of a CSV file as JSON text.
#[derive(Debug, Clone)]
pub(super) struct Nested<T>(pub(super) Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for List<T> {
            type Value = Nested<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list, or the JSON text of one")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Nested<T>, E> {
                serde_json::from_str(text).map(Nested).map_err(E::custom)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Nested<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Nested)
            }
        }
        deserializer.deserialize_any(List(PhantomData))
    }
}

/// A cell as text, of JSON also a number or a truth.
pub(super) fn plain<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    struct Plain(String);
    impl<'de> Deserialize<'de> for Plain {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Text;
            impl Visitor<'_> for Text {
                type Value = Plain;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a text, a whole number, true or false")
                }
                fn visit_str<E: de::Error>(self, text: &str) -> Result<Plain, E> {
                    Ok(Plain(text.to_owned()))
                }
                fn visit_i64<E: de::Error>(self, number: i64) -> Result<Plain, E> {
                    Ok(Plain(number.to_string()))
                }
                fn visit_u64<E: de::Error>(self, number: u64) -> Result<Plain, E> {
                    Ok(Plain(number.to_string()))
                }
                fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Plain, E> {
                    Ok(Plain(truth.to_string()))
                }
            }
            deserializer.deserialize_any(Text)
        }
    }
    Ok(Option::<Plain>::deserialize(deserializer)?.map(|plain| plain.0))
}
