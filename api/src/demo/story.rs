//! How the demo tells what happened: acts on days, by somebody, with ids that never change.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use domain::{
    ApplicationId, CandidacyId, CourseId, InvoiceId, PersonId,
    application::{Application, ApplicationAct, PaymentChoice, Statements},
    completion::{Completion, CompletionState, Proof},
    eligibility::{Education, Hours, Job, JobKind, LibraryType},
    event::Event,
    invoice::PaymentMethod,
    person::{Email, Names, Person, PersonEvent},
    program::{Program, ProgramCode},
};
use persistence::{IdSource, Stamp, Tx};
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::catalog::Catalog;
use crate::{
    app::App,
    flows::{
        admission, completion,
        money::{self, Receipt},
        program,
    },
    ids::Seeded,
    problem::Problem,
    v1::{candidacies, people},
};

/// Ids of one story: the same on every day on which the demo is made.
struct StoryIds {
    story: u64,
    count: AtomicU64,
}

/// 2026-01-01, from which the stories' ids count.
const BASE_MS: u64 = 1_767_225_600_000;
const STORY_MS: u64 = 1_000;

impl IdSource for StoryIds {
    fn next(&self, _now: DateTime<Utc>) -> u128 {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let digest = Sha256::digest(format!("demo {} {count}", self.story));
        let mut chance = [0; 10];
        for (byte, drawn) in chance.iter_mut().zip(digest) {
            *byte = drawn;
        }
        let millis = BASE_MS + self.story * STORY_MS + count.min(STORY_MS - 1);
        Builder::from_unix_timestamp_millis(millis, &chance).into_uuid().as_u128()
    }
}

/// One thread of the demo.
pub(super) struct Story<'a> {
    app: &'a App,
    program: Program,
    ids: Arc<StoryIds>,
    chance: Arc<Seeded>,
    staff: Option<PersonId>,
    /// Today in the program's zone.
    pub(super) today: NaiveDate,
}

impl<'a> Story<'a> {
    /// The story of a number: its ids and its chance follow from it.
    pub(super) async fn new(
        app: &'a App,
        number: u64,
        staff: Option<PersonId>,
    ) -> Result<Self, Problem> {
        let lssc = ProgramCode::lssc();
        let program =
            app.store.read(move |tx| tx.programs().get(&lssc).map_err(Problem::from)).await?;
        Ok(Self {
            today: app.today(&program),
            app,
            program,
            ids: Arc::new(StoryIds { story: number, count: AtomicU64::new(0) }),
            chance: Arc::new(Seeded::new(number)),
            staff,
        })
    }

    /// The chance of this story.
    pub(super) fn chance(&self) -> Arc<Seeded> {
        Arc::clone(&self.chance)
    }
    /// Who acts for the office.
    pub(super) fn staff(&self) -> Option<PersonId> {
        self.staff
    }
    /// The day so many days ago.
    pub(super) fn ago(&self, days: u64) -> NaiveDate {
        self.today.checked_sub_days(Days::new(days)).unwrap_or(self.today)
    }

    /// Does something on a day, in one transaction, about noon in Chicago.
    pub(super) async fn on<T: Send + 'static>(
        &self,
        day: NaiveDate,
        actor: Option<PersonId>,
        mut act: impl FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let noon = day.and_time(NaiveTime::MIN).and_utc() + chrono::TimeDelta::hours(18);
        let now = noon.min(self.app.now());
        let stamp = Stamp {
            now,
            machine: now,
            actor: actor.map_or_else(|| "system".to_owned(), |person| person.to_string()),
            request_id: "demo".to_owned(),
            ids: self.ids.clone(),
        };
        self.app.store.write(stamp, move |tx| act(tx)).await
    }

    /// Somebody registers.
    pub(super) async fn registers(
        &self,
        day: NaiveDate,
        (given_name, family_name): (&str, &str),
        email: String,
        password_hash: Option<String>,
    ) -> Result<PersonId, Problem> {
        let (given_name, family_name) = (given_name.to_owned(), family_name.to_owned());
        self.on(day, None, move |tx| {
            let person = Person {
                id: tx.new_id(),
                given_name: given_name.clone(),
                family_name: family_name.clone(),
                created_at: tx.now(),
                life: domain::life::Life::default(),
                version: 1,
            };
            let address = Email {
                id: tx.new_id(),
                person: person.id,
                address: email.clone(),
                is_primary: true,
                verified_at: Some(tx.now()),
            };
            tx.people().insert(&person)?;
            tx.people().insert_email(&address)?;
            if let Some(hash) = &password_hash {
                tx.credentials().set(person.id, hash)?;
            }
            let fact = PersonEvent::Registered { after: Names::from(&person) };
            tx.record(people::event(person.id, fact))?;
            Ok(person.id)
        })
        .await
    }

    /// They begin an application that states `hours_per_week` in a library for `years` until the day.
    pub(super) async fn drafts(
        &self,
        day: NaiveDate,
        person: PersonId,
        hours_per_week: f64,
    ) -> Result<ApplicationId, Problem> {
        let code = self.program.code.clone();
        let hours = Hours::per_week(hours_per_week)
            .map_err(|error| Problem::internal(error.to_string()))?;
        self.on(day, Some(person), move |tx| {
            let started_on = domain::calendar::add_years(day, -2);
            let statements = Statements {
                education: Some(Education::Associate),
                jobs: vec![Job {
                    library: "Riverside Public Library".to_owned(),
                    library_type: LibraryType::Public,
                    kind: JobKind::Paid,
                    started_on,
                    ended_on: None,
                    requires_mlis: false,
                    hours,
                }],
                attachments: Vec::new(),
                payment_choice: Some(PaymentChoice::Card),
            };
            let draft = Application::draft(tx.new_id(), code.clone(), person, statements, tx.now());
            Ok(admission::begin(tx, draft)?.id)
        })
        .await
    }

    /// Takes an application through `act`.
    pub(super) async fn acts(
        &self,
        day: NaiveDate,
        application: ApplicationId,
        act: ApplicationAct,
    ) -> Result<Application, Problem> {
        let (program, staff) = (self.program.clone(), self.staff);
        let by = staff.map_or_else(|| "system".to_owned(), |person| person.to_string());
        let chance = Arc::clone(&self.chance);
        self.on(day, staff, move |tx| {
            let application = tx.applications().get(application)?;
            let rules = program::in_force_on(tx, program.clone(), day)?;
            let by = by.clone();
            match act {
                ApplicationAct::Submit => admission::submit(tx, &rules, application),
                ApplicationAct::Withdraw => admission::withdraw(tx, &rules, application, None),
                ApplicationAct::Review => admission::save(tx, application.review()?),
                ApplicationAct::RequestInformation => {
                    let message = "Please add a letter of your library.".to_owned();
                    admission::save(tx, application.request_information(message)?)
                }
                ApplicationAct::Accept => {
                    admission::accept(tx, chance.as_ref(), &rules, application, None, by)
                }
                ApplicationAct::Refuse => {
                    let reason = "The hours of work are not shown.".to_owned();
                    admission::refuse(tx, &rules, application, reason, by)
                }
                ApplicationAct::Update | ApplicationAct::Reopen => Ok(application),
            }
        })
        .await
    }

    /// The office records a payment of part or all of an invoice.
    pub(super) async fn pays(
        &self,
        day: NaiveDate,
        invoice: Option<InvoiceId>,
        share: i64,
    ) -> Result<(), Problem> {
        let (staff, Some(id)) = (self.staff, invoice) else { return Ok(()) };
        let (reference, program) = (format!("demo-{:06}", self.ids.story), self.program.clone());
        self.on(day, staff, move |tx| {
            let rules = program::in_force_on(tx, program.clone(), day)?;
            let invoice = tx.invoices().load(id)?;
            let cents = invoice.balance_cents() / share;
            let receipt = Receipt {
                method: PaymentMethod::Card,
                reference: reference.clone(),
                paid_by: invoice.payer,
                cents,
                received_on: day,
            };
            let payment = receipt.payment(tx);
            money::receive(tx, &rules, invoice, payment).map(drop)
        })
        .await
    }

    /// From the draft to the candidacy in one go.
    pub(super) async fn is_admitted(
        &self,
        day: NaiveDate,
        person: PersonId,
    ) -> Result<CandidacyId, Problem> {
        let application = self.drafts(day, person, 35.0).await?;
        let submitted = self.acts(day, application, ApplicationAct::Submit).await?;
        self.acts(day, application, ApplicationAct::Review).await?;
        self.pays(day, submitted.invoice, 1).await?;
        let accepted = self.acts(day, application, ApplicationAct::Accept).await?;
        accepted.candidacy.ok_or_else(|| Problem::internal("the demo admitted nobody"))
    }

    /// A candidate hands in a completion of the course for a set.
    pub(super) async fn hands_in(
        &self,
        day: NaiveDate,
        candidacy: CandidacyId,
        course: CourseId,
    ) -> Result<Completion, Problem> {
        let handed_in = day.checked_add_days(Days::new(7)).unwrap_or(day).min(self.today);
        self.on(handed_in, None, move |tx| {
            let candidacy = tx.candidacies().get(candidacy)?;
            let course = tx.courses().get(course)?;
            let done = Completion {
                id: tx.new_id(),
                program: candidacy.program.clone(),
                person: candidacy.person,
                candidacy: candidacy.id,
                course: course.id,
                set: course.set,
                completed_on: day,
                proof: Proof::CompletionForm,
                proof_url: Some("https://forms.example.org/completion.pdf".to_owned()),
                form: None,
                state: CompletionState::Recorded,
                decided_on: None,
                reason: None,
                findings: Vec::new(),
                version: 1,
            };
            completion::record(tx, &done)?;
            Ok(done)
        })
        .await
    }

    /// Staff verify a completion a week after it was handed in.
    pub(super) async fn verifies(&self, completion: Completion) -> Result<(), Problem> {
        let day = completion.completed_on.checked_add_days(Days::new(14));
        let day = day.unwrap_or(self.today).min(self.today);
        let chance = Arc::clone(&self.chance);
        self.on(day, self.staff, move |tx| {
            let completion = tx.completions().get(completion.id)?;
            completion::verify(tx, chance.as_ref(), completion, day).map(drop)
        })
        .await
    }

    /// The candidate achieves a set by the course that was approved at the time.
    pub(super) async fn achieves(
        &self,
        day: NaiveDate,
        candidacy: CandidacyId,
        set: &str,
        catalog: &Catalog,
    ) -> Result<(), Problem> {
        let course = catalog.course(set, day);
        let course = course.ok_or_else(|| Problem::internal(format!("no course for {set}")))?;
        let handed_in = self.hands_in(day, candidacy, course).await?;
        self.verifies(handed_in).await
    }

    /// The candidacy is put on hold.
    pub(super) async fn holds(&self, day: NaiveDate, id: CandidacyId) -> Result<(), Problem> {
        self.on(day, self.staff, move |tx| {
            let candidacy = tx.candidacies().get(id)?;
            let (mut held, fact) = candidacy.hold("Family leave.".to_owned(), day)?;
            tx.candidacies().save(&mut held)?;
            tx.record(candidacies::event(&held, fact))?;
            Ok(())
        })
        .await
    }

    /// Records an event of the story.
    pub(super) fn event<F>(&self, subject: String, fact: F) -> Event<F> {
        Event { program: Some(self.program.code.clone()), subject, person: None, fact }
    }
}
