//! Sentences of portfolios: who writes them, who pays and submits, who judges them.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    actor::{Actor, Answer, fresh_key, send},
    world::{World, each},
};

/// The set of the stories: cataloging, of eight competencies.
pub(crate) const SET: &str = "CAT";
/// How many competencies it has.
pub(crate) const COMPETENCIES: u8 = 8;

/// The code of a competency of the set.
pub(crate) fn competency(number: u8) -> String {
    format!("{SET}-{number:02}")
}

/// A response in words alone.
pub(crate) fn shown(number: u8, narrative: &str) -> Value {
    json!({"competency": competency(number), "narrative": narrative})
}

/// Everything that submission asks for.
pub(crate) fn everything() -> Value {
    let responses: Vec<_> =
        (1..=COMPETENCIES).map(|one| shown(one, "I did it for years.")).collect();
    json!({"introduction": "I work in technical services.", "learning_statement": "I learned by doing.",
        "responses": responses})
}

/// Ratings of every competency: met, but for those that are named.
pub(crate) fn ratings(other: &[(u8, &str)]) -> Vec<Value> {
    let rated = |number: u8| {
        let found = other.iter().find(|(one, _)| *one == number);
        match found {
            Some((_, rating)) => json!({"competency": competency(number), "rating": rating,
                "comment": format!("Say more about {}.", competency(number))}),
            None => json!({"competency": competency(number), "rating": "met"}),
        }
    };
    (1..=COMPETENCIES).map(rated).collect()
}

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn sha256(text: &[u8]) -> String {
    Sha256::digest(text).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A candidate with a candidacy, and the office.
pub(crate) struct Writers {
    pub(crate) staff: Actor,
    pub(crate) ada: Actor,
    pub(crate) candidacy: String,
}

impl World {
    /// Ada, who is a candidate, and the office.
    pub(crate) async fn writers(&self) -> Writers {
        let staff = self.staff().await;
        let ada = self.register("Ada").await;
        let candidacy = staff.admits(&ada).await;
        Writers { staff, ada, candidacy }
    }
    /// So many evaluators of the set, taken on by the office: Eva 1, Eva 2 and so on.
    pub(crate) async fn evaluators(&self, staff: &Actor, count: u8) -> Vec<Actor> {
        let mut evaluators = Vec::new();
        for number in 1..=count {
            let eva = self.register(&format!("Eva {number}")).await;
            staff.takes_on(&eva, json!({})).await.expect(201);
            evaluators.push(eva);
        }
        evaluators
    }
}

impl Writers {
    /// A draft with everything that submission asks for.
    pub(crate) async fn draft(&self) -> Answer {
        let body = json!({"candidacy_id": self.candidacy, "set": SET, "content": everything()});
        self.ada.post("/v1/portfolios", body).await.expect(201)
    }
    /// A complete draft whose fee is paid.
    pub(crate) async fn paid(&self) -> Answer {
        let draft = self.draft().await;
        let billed = self.ada.does(&draft, "invoice").await.expect(200);
        self.staff.settles(&billed).await;
        self.ada.portfolio(&draft.id()).await
    }
    /// A portfolio that was submitted.
    pub(crate) async fn submitted(&self) -> Answer {
        let paid = self.paid().await;
        self.ada.does(&paid, "submit").await.expect(200)
    }
}

impl Actor {
    /// Begins an empty portfolio for a set.
    pub(crate) async fn begins(&self, candidacy: &str, set: &str) -> Answer {
        self.post("/v1/portfolios", json!({"candidacy_id": candidacy, "set": set})).await
    }
    /// A portfolio as it stands.
    pub(crate) async fn portfolio(&self, id: &str) -> Answer {
        self.get(&format!("/v1/portfolios/{id}")).await.expect(200)
    }
    /// Does something without a body to a portfolio.
    pub(crate) async fn does(&self, portfolio: &Answer, act: &str) -> Answer {
        self.post_empty(&format!("/v1/portfolios/{}/{act}", portfolio.id())).await
    }
    /// Withdraws a portfolio.
    pub(crate) async fn withdraws(&self, portfolio: &Answer) -> Answer {
        let path = format!("/v1/portfolios/{}/withdraw", portfolio.id());
        self.post(&path, json!({"reason": "I take a course."})).await
    }
    /// Changes a portfolio that was just read.
    pub(crate) async fn rewrites(&self, portfolio: &Answer, change: Value) -> Answer {
        self.patch(&format!("/v1/portfolios/{}", portfolio.id()), &portfolio.etag(), change).await
    }
    /// An attempt of a portfolio.
    pub(crate) async fn attempt(&self, portfolio: &Answer, number: i64) -> Answer {
        self.get(&format!("/v1/portfolios/{}/attempts/{number}", portfolio.id())).await
    }
    /// Hands in evidence; its id.
    pub(crate) async fn shows(&self, name: &str, kind: &str, bytes: &[u8]) -> String {
        let query = format!("purpose=evidence&file_name={name}");
        self.uploads(&query, kind, bytes).await.expect(201).id()
    }
    /// Takes an evaluator of the set on; `more` changes what the profile says.
    pub(crate) async fn takes_on(&self, person: &Actor, more: Value) -> Answer {
        let mut profile = json!({"person_id": person.id, "sets": [SET], "capacity": 20,
            "trained_on": "2026-01-15"});
        for (field, value) in more.as_object().into_iter().flatten() {
            profile[field] = value.clone();
        }
        self.post("/v1/evaluators", profile).await
    }
    /// The assignments of a portfolio in a state, by seat.
    pub(crate) async fn assignments_of(&self, portfolio: &Answer, state: &str) -> Vec<Value> {
        let path = format!("/v1/assignments?portfolio_id={}&state={state}", portfolio.id());
        let list = self.get(&path).await.expect(200);
        let mut items = list["items"].as_array().expect("a list").clone();
        items.sort_by_key(|one| one["seat"].as_i64());
        items
    }
    /// Keeps a draft of ratings.
    pub(crate) async fn saves_ratings(&self, assignment: &str, ratings: Vec<Value>) -> Answer {
        let path = format!("/v1/assignments/{assignment}");
        let etag = self.get(&path).await.expect(200).etag();
        let request = self.request(Method::PUT, &format!("{path}/ratings"));
        let request = request.header("If-Match", etag).header(CONTENT_TYPE, "application/json");
        send(request.body(json!({"ratings": ratings}).to_string())).await
    }
    /// Does something with a reason to an assignment.
    pub(crate) async fn ends(&self, assignment: &str, act: &str) -> Answer {
        let body = json!({"reason": "There is a reason."});
        self.post(&format!("/v1/assignments/{assignment}/{act}"), body).await
    }
    /// An assignment as it stands.
    pub(crate) async fn assignment(&self, id: &str) -> Answer {
        self.get(&format!("/v1/assignments/{id}")).await
    }
    /// Assigns evaluators: one by name, or everybody who is missing.
    pub(crate) async fn asks_for(&self, portfolio: &Answer, evaluator: Option<&Actor>) -> Answer {
        let body = evaluator.map_or(json!({}), |one| json!({"evaluator_id": one.id}));
        self.post(&format!("/v1/portfolios/{}/assignments", portfolio.id()), body).await
    }
    /// Makes ratings final.
    pub(crate) async fn finalises(&self, assignment: &str) -> Answer {
        let path = format!("/v1/assignments/{assignment}/finalise");
        send(self.request(Method::POST, &path).header("Idempotency-Key", fresh_key())).await
    }
    /// Keeps ratings and makes them final.
    pub(crate) async fn judges(&self, assignment: &str, ratings: Vec<Value>) -> Answer {
        self.saves_ratings(assignment, ratings).await.expect(200);
        self.finalises(assignment).await
    }
}

/// Somebody of `people` who has an assignment.
pub(crate) fn who<'a>(people: &'a [Actor], assignment: &Value) -> &'a Actor {
    let id = assignment["evaluator_id"].as_str().expect("an evaluator");
    people.iter().find(|one| one.id == id).expect("an evaluator of the story")
}

/// The id of what a list holds.
pub(crate) fn id_of(one: &Value) -> String {
    one["id"].as_str().expect("an id").to_owned()
}

/// The clock looks at what is due of portfolios today, as the worker does; how much it settled.
pub(crate) async fn clock_strikes(world: &World) -> usize {
    use api::flows::{evaluation, program};
    let code = domain::program::ProgramCode::lssc;
    let app = world.app().clone();
    let there = app.clone();
    let found = app.store.read(move |tx| {
        let rules = program::in_force(&there, tx, &code())?;
        evaluation::due(tx, &rules, 100)
    });
    let mut settled = 0;
    for due in found.await.expect("the clock looks") {
        let there = app.clone();
        let done = app.store.write(app.stamp_of("judge", "test"), move |tx| {
            let rules = program::in_force(&there, tx, &code())?;
            evaluation::settle(tx, there.chance.as_ref(), &rules, due)
        });
        settled += usize::from(done.await.expect("the clock settles"));
    }
    settled
}

/// The evaluators of the open assignments of a portfolio rate it, each seat in its own way: what is named is
/// not met in full. Only what is to be rated is rated. The portfolio afterwards, as the office reads it.
pub(crate) async fn judged(
    staff: &Actor,
    evaluators: &[Actor],
    portfolio: &Answer,
    ways: &[&[(u8, &str)]],
) -> Answer {
    let open = staff.assignments_of(portfolio, "open").await;
    assert_eq!(open.len(), ways.len(), "{open:?}");
    for (assignment, way) in open.iter().zip(ways) {
        let evaluator = evaluators.iter().find(|one| assignment["evaluator_id"] == json!(one.id));
        let evaluator = evaluator.expect("an evaluator of the story");
        let id = assignment["id"].as_str().expect("an id");
        let asked = evaluator.get(&format!("/v1/assignments/{id}")).await.expect(200);
        let mut given = ratings(way);
        given.retain(|one| {
            each(&asked["ratings"], "competency")
                .contains(&one["competency"].as_str().expect("a code"))
        });
        evaluator.judges(id, given).await.expect(200);
    }
    staff.portfolio(&portfolio.id()).await
}

/// What the paths of portfolios and assignments name: a portfolio of Ada's that was submitted, and one of
/// somebody else's that is hers to judge.
pub(crate) async fn judged_by(
    world: &World,
    office: &Actor,
    ada: &Actor,
    candidacy: &str,
) -> Vec<(&'static str, String)> {
    let of = |writer: &Actor, candidacy: String| Writers {
        staff: office.clone(),
        ada: writer.clone(),
        candidacy,
    };
    let portfolio = of(ada, candidacy.to_owned()).submitted().await.id();
    office.takes_on(ada, json!({})).await.expect(201);
    let wanda = world.register("Wanda Writer").await;
    let mut statements = super::story::statements();
    statements["jobs"][0]["library"] = json!("A Library Elsewhere");
    let application = wanda.post("/v1/applications", statements).await.expect(201).id();
    let application = wanda.acts_on(&application, "submit").await.expect(200);
    office.reviews(&application.id()).await;
    office.settles(&application).await;
    let theirs = office.accepts(&application.id()).await.text("candidacy_id");
    let theirs = of(&wanda, theirs).submitted().await;
    let open = office.assignments_of(&theirs, "open").await;
    let hers = open.iter().find(|one| one["evaluator_id"] == json!(ada.id));
    let assignment = hers.expect("it is Ada's to judge")["id"].as_str().expect("an id");
    vec![
        ("portfolio_id", portfolio),
        ("attempt", "1".to_owned()),
        ("assignment_id", assignment.to_owned()),
    ]
}
