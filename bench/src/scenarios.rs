//! The scenarios on one database of one size.

use std::{net::SocketAddr, sync::Arc};

use actix_web::dev::ServerHandle;
use api::{
    app::App,
    auth::tokens::{self, Bearer},
    serve::{self, Deps, Running},
};
use domain::{
    ApplicationId, CandidacyId, CourseId, Id, PersonId, SessionId, certificate::CertificateNumber,
};

use crate::{
    Args, Outcome, courses,
    data::{self, APPLICATION, CANDIDACY, CERTIFIED_OF, PERSON, SESSION, Size},
    dialect::Dialect,
    load::{self, Load, Requests, Until},
    money, portfolios, raw,
    report::{Figure, Report},
    served,
};

/// How many different requests of a kind there are.
const VARIETY: u64 = 4096;
/// Entries of a page.
const PAGE: u64 = 50;
/// The page that is compared with the first one, where the list is that long.
const FAR_PAGE: u64 = 20_000;
/// One in this many drafts of a round is submitted without HTTP.
const RAW_SHARE: u64 = 6;
const EVALUATION: &str =
    r#"{"program":"lssc","completed_on":"2024-02-26","renewals":1,"as_of":"2031-02-26"}"#;

/// A served application with its data, and what is sent to it.
pub(crate) struct Bench {
    args: Args,
    place: String,
    size: Size,
    running: Running,
    hello: (SocketAddr, ServerHandle),
    verify: Requests,
    progress: Requests,
    first_page: Requests,
    far_page: Requests,
    far: (u64, ApplicationId),
    by_status: Vec<(String, Requests)>,
    evaluate: Requests,
    statement: Requests,
    catalog: Requests,
    rosters: Vec<CourseId>,
    staff: String,
    numbers: Vec<CertificateNumber>,
    candidacies: Vec<CandidacyId>,
    _data_dir: tempfile::TempDir,
}

/// Of `VARIETY` things out of `all`, the `n`th: spread by a fixed odd step.
fn spread(n: u64, all: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % all.max(1)
}

impl Bench {
    /// Makes the data and starts the servers.
    pub(crate) async fn start(
        args: &Args,
        dialect: Dialect,
        url: String,
        candidates: u64,
    ) -> Outcome<Self> {
        let size = Size { candidates, drafts: args.drafts * args.rounds };
        let data_dir = tempfile::tempdir()?;
        let config = served::config(data_dir.path(), &url);
        let began = std::time::Instant::now();
        // Migrates and loads the program; the threads end with the application.
        drop(serve::prepare(config.clone(), Deps::default(), String::new()).await?);
        tokio::task::block_in_place(|| data::make(dialect, &url, size))?;
        // Before the server's own sequencer starts.
        let app = serve::prepare(config.clone(), Deps::default(), String::new()).await?;
        served::position_events(&app).await?;
        drop(app);
        let running = serve::start(config, Deps::default()).await?;
        eprintln!("{dialect} {candidates}: data made in {:.1} s", began.elapsed().as_secs_f64());

        let staff = token(&running.app, size.staff())?;
        let payer: PersonId = Id::from_bits(data::id(PERSON, size.staff()));
        money::entries(&running.app, payer).await?;
        let rosters = courses::catalog(&running.app, args.rounds).await?;
        portfolios::evaluators(&running.app).await?;
        let statement = format!("/v1/people/{payer}/statement");
        let certified = candidates.div_ceil(CERTIFIED_OF);
        let numbers: Vec<String> =
            (0..VARIETY).map(|n| Size::number(spread(n, certified))).collect();
        let ids: Vec<CandidacyId> = (0..VARIETY)
            .map(|n| Id::from_bits(data::id(CANDIDACY, spread(n, candidates))))
            .collect();
        // Page n comes after entry (n - 1) * 50 - 1.
        let far_page = FAR_PAGE.min(candidates / PAGE).max(2);
        let after = data::id(APPLICATION, (far_page - 1) * PAGE - 1);
        let list = "/v1/applications?program=lssc&state=accepted";
        let path = |id: &CandidacyId| format!("/v1/candidacies/{id}/progress");
        Ok(Self {
            args: args.clone(),
            place: format!("{dialect}, {candidates}"),
            size,
            hello: served::hello()?,
            verify: requests(
                numbers.iter().map(|n| load::get(&format!("/v1/verifications/{n}"), None)),
            ),
            progress: requests(ids.iter().map(|id| load::get(&path(id), Some(&staff)))),
            first_page: requests([load::get(list, Some(&staff))]),
            far_page: requests([load::get(&format!("{list}&cursor=1{after:032x}"), Some(&staff))]),
            far: (far_page, Id::from_bits(after)),
            by_status: data::STATUS_LISTS
                .iter()
                .map(|(name, query)| {
                    let path = format!("/v1/certifications?{query}&as_of={}", data::LISTED_ON);
                    (format!("status list: {name}"), requests([load::get(&path, Some(&staff))]))
                })
                .collect(),
            evaluate: requests([load::request(
                "POST",
                "/v1/evaluations/certification-status",
                None,
                EVALUATION,
            )]),
            statement: requests([load::get(&statement, Some(&staff))]),
            catalog: requests(courses::searches(VARIETY).map(|path| load::get(&path, None))),
            rosters,
            staff,
            numbers: numbers.iter().map(|number| number.parse()).collect::<Result<_, _>>()?,
            candidacies: ids,
            running,
            _data_dir: data_dir,
        })
    }

    /// One round: every scenario once, in turn.
    pub(crate) async fn round(&self, round: u64, report: &mut Report) -> Outcome<()> {
        let (app, window) = (&self.running.app, self.args.window());
        let hello = self.send(self.hello.0, &served::get_hello()).await?;
        report.note(&self.place, "hello-world", Figure::Rate, hello.rate);

        let served = self.served(report, "verification", &self.verify, hello).await?;
        let raw = raw::verify(app, window, self.numbers.clone()).await?;
        self.compare(report, "verification", served, raw);

        let served = self.served(report, "progress", &self.progress, hello).await?;
        let raw = raw::progress(app, window, self.candidacies.clone()).await?;
        self.compare(report, "progress", served, raw);

        let first = self.served(report, "list, page 1", &self.first_page, hello).await?;
        let raw_first = raw::list(app, window, None).await?;
        self.compare(report, "list, page 1", first, raw_first);

        let (page, after) = self.far;
        let name = format!("list, page {page}");
        let far = self.served(report, &name, &self.far_page, hello).await?;
        let raw_far = raw::list(app, window, Some(after)).await?;
        self.compare(report, &name, far, raw_far);
        let name = format!("list: page {page} / page 1");
        report.note(&self.place, &name, Figure::OfAlone, far.rate / first.rate);

        for (name, page) in &self.by_status {
            self.served(report, name, page, hello).await?;
        }

        self.served(report, "evaluation", &self.evaluate, hello).await?;
        let name = format!("statement of {} entries", money::ENTRIES);
        self.served(report, &name, &self.statement, hello).await?;
        let name = format!("catalog search over {} courses", courses::IN_CATALOG);
        self.served(report, &name, &self.catalog, hello).await?;
        self.post(round, report).await?;
        let judged = portfolios::judged(app, self.size.candidates, round).await?;
        let name = "submit and rate a portfolio of 16 competencies, of 1000";
        report.note(&self.place, name, Figure::Rate, judged);
        self.submit(round, report, hello).await?;
        self.settle(round, report).await
    }

    async fn send(&self, addr: SocketAddr, requests: &Requests) -> Outcome<Load> {
        let until = Until::Time(self.args.window());
        load::run(addr, self.args.clients, until, Arc::clone(requests)).await
    }

    async fn served(
        &self,
        report: &mut Report,
        name: &str,
        requests: &Requests,
        hello: Load,
    ) -> Outcome<Load> {
        let load = self.send(self.running.addr, requests).await?;
        self.tell(report, name, load, hello);
        Ok(load)
    }

    fn tell(&self, report: &mut Report, name: &str, load: Load, hello: Load) {
        report.load(&self.place, name, load, Some(hello));
    }

    fn compare(&self, report: &mut Report, name: &str, served: Load, alone: f64) {
        report.beside(&self.place, name, served.rate, alone);
    }

    /// Submits this round's drafts: most by HTTP, a share without it.
    async fn submit(&self, round: u64, report: &mut Report, hello: Load) -> Outcome<()> {
        let app = &self.running.app;
        let first = self.size.candidates + round * self.args.drafts;
        let share = self.args.drafts / RAW_SHARE;
        let ids = |from: u64, to: u64| -> Vec<ApplicationId> {
            (from..to).map(|index| Id::from_bits(data::id(APPLICATION, index))).collect()
        };
        let one_by_one = raw::submit_one_by_one(app, ids(first, first + share)).await?;
        let at_once = raw::submit_at_once(app, ids(first + share, first + 2 * share)).await?;
        let mut sent = Vec::new();
        for index in first + 2 * share..first + self.args.drafts {
            let id: ApplicationId = Id::from_bits(data::id(APPLICATION, index));
            let path = format!("/v1/applications/{id}/submit");
            sent.push(load::request("POST", &path, Some(&token(app, index)?), ""));
        }
        let load =
            load::run(self.running.addr, self.args.clients, Until::Done, Arc::new(sent)).await?;
        self.tell(report, "submit", load, hello);
        self.compare(report, "submit", load, one_by_one);
        let name = "submit: statements alone, one commit for all";
        report.note(&self.place, name, Figure::Rate, at_once);
        Ok(())
    }

    /// Settles an order for people whose drafts this round submitted, by one payment.
    async fn settle(&self, round: u64, report: &mut Report) -> Outcome<()> {
        let first = self.size.candidates + round * self.args.drafts;
        let people = money::ON_ORDER.min(self.args.drafts);
        let (invoice, cents) =
            money::place(&self.running.app, (first..first + people).collect()).await?;
        let path = format!("/v1/invoices/{invoice}/payments");
        let body =
            format!(r#"{{"tender":"check","reference":"check {round}","amount_cents":{cents}}}"#);
        let pay = requests([load::request("POST", &path, Some(&self.staff), &body)]);
        let load = load::run(self.running.addr, 1, Until::Done, pay).await?;
        let name = format!("settle an order of {people} people");
        self.once(report, &name, load);
        Ok(())
    }

    /// Posts the roster of a course: a set is achieved by every row.
    async fn post(&self, round: u64, report: &mut Report) -> Outcome<()> {
        let course = usize::try_from(round).ok().and_then(|round| self.rosters.get(round));
        let course = *course.ok_or("a round has no course")?;
        let candidates = courses::on_roster(self.size.candidates, round)?;
        let name = format!("post a roster of {} rows", candidates.len());
        let load = courses::post(&self.running, &self.staff, course, candidates).await?;
        self.once(report, &name, load);
        Ok(())
    }

    /// Tells of what was sent once.
    fn once(&self, report: &mut Report, name: &str, load: Load) {
        report.note(&self.place, name, Figure::Rate, load.rate);
        let millis = f64::from(u32::try_from(load.p50_us).unwrap_or(u32::MAX)) / 1000.0;
        report.note(&self.place, name, Figure::P50, millis);
    }

    /// Stops the servers.
    pub(crate) async fn stop(self) -> Outcome<()> {
        self.hello.1.stop(false).await;
        self.running.stop().await;
        Ok(())
    }
}

fn requests(each: impl IntoIterator<Item = Vec<u8>>) -> Requests {
    Arc::new(each.into_iter().collect())
}

/// A token of the `index`th person.
fn token(app: &App, index: u64) -> Outcome<String> {
    let person: PersonId = Id::from_bits(data::id(PERSON, index));
    let session: SessionId = Id::from_bits(data::id(SESSION, index));
    tokens::issue(app, &Bearer::Person(person, session)).map_err(|problem| raw::told(&problem))
}
