//! The personas: one for each role, and candidates at three points of the way.

use chrono::NaiveDate;
use domain::{
    CandidacyId, ClientId, GrantId, OrganisationId, PersonId, access::Role,
    application::ApplicationAct, credential::GrantRecord, program::ProgramCode,
};
use persistence::Page;

use super::{catalog::Catalog, story::Story};
use crate::{
    app::App,
    auth::{
        secrets,
        tokens::{self, Bearer, Machine},
    },
    problem::Problem,
    v1::sessions,
};

/// The password of every persona.
pub const PASSWORD: &str = "sandbox-password-for-all";
/// The secret of the demo's partner machine.
pub const PARTNER_SECRET: &str = "sandbox-partner-secret";
/// The staff persona's address, by which a sandbox is known.
pub(super) const STAFF: &str = "sam@demo.example";
/// Number of the story of the personas.
const STORY: u64 = 2;
/// The partner machine's id, the same in every demo.
pub(super) const PARTNER: ClientId = ClientId::from_bits(0x019b_76da_a800_7000_8000_0000_0000_0001);

/// Given name, family name, address, and the role beyond that of a candidate.
const CAST: &[(&str, &str, &str, Role)] = &[
    ("Sam", "Keller", STAFF, Role::Staff),
    ("Amy", "Adler", "amy@demo.example", Role::Admin),
    ("Otto", "Lindgren", "otto@demo.example", Role::Auditor),
    ("Eva", "Marsh", "eva@demo.example", Role::Evaluator),
    ("Paul", "Vance", "paul@demo.example", Role::Provider),
    ("Cora", "Reyes", "cora@demo.example", Role::College),
    ("Ines", "Duarte", "ines@demo.example", Role::Institution),
    ("Ada", "Brook", "ada@demo.example", Role::Candidate),
    ("Ben", "Ortiz", "ben@demo.example", Role::Candidate),
    ("Cleo", "Hart", "cleo@demo.example", Role::Candidate),
];

/// Who can renew today.
pub(super) const HOPE: &str = "hope@demo.example";
/// Whose renewal is audited.
pub(super) const JUNE: &str = "june@demo.example";
/// Those whom later stories register.
const LATER: &[(&str, &str, &str, Role)] =
    &[("Hope", "Holder", HOPE, Role::Candidate), ("June", "Holder", JUNE, Role::Candidate)];

/// Somebody to try the demo as.
#[derive(Debug, Clone)]
pub struct Persona {
    /// Their role.
    pub role: Role,
    /// Their name, and where they stand.
    pub name: String,
    /// The address or client id to sign in with.
    pub login: String,
    /// A token that is ready to use.
    pub token: String,
}

/// The people of the stories.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cast {
    /// Who decides.
    staff: PersonId,
    ada: PersonId,
    ben: PersonId,
    cleo: PersonId,
    provider: PersonId,
    college: PersonId,
    institution: PersonId,
}

impl Cast {
    pub(super) fn staff(&self) -> PersonId {
        self.staff
    }
    pub(super) fn ada(&self) -> PersonId {
        self.ada
    }
    pub(super) fn ben(&self) -> PersonId {
        self.ben
    }
    pub(super) fn cleo(&self) -> PersonId {
        self.cleo
    }
    pub(super) fn college(&self) -> PersonId {
        self.college
    }
    pub(super) fn institution(&self) -> PersonId {
        self.institution
    }
}

/// Who has an address.
pub(super) async fn find(app: &App, address: &'static str) -> Result<Option<PersonId>, Problem> {
    app.store.read(move |tx| tx.people().by_email(address).map_err(Problem::from)).await
}

/// Whether the database holds nobody.
pub(super) async fn nobody(app: &App) -> Result<bool, Problem> {
    let everybody = persistence::PersonFilter::default();
    let first = Page { after: None, limit: 1 };
    app.store
        .read(move |tx| Ok::<_, Problem>(tx.people().list(&everybody, first)?.is_empty()))
        .await
}

/// Registers the personas, with the roles that need no organisation.
pub(super) async fn cast(app: &App) -> Result<Cast, Problem> {
    let story = Story::new(app, STORY, None).await?;
    let hash = app.auth.passwords.hash(app.chance.as_ref(), PASSWORD).await?;
    let day = story.ago(9 * 365);
    let mut ids = Vec::new();
    for (given, family, address, role) in CAST {
        let hash = Some(hash.clone());
        let id = story.registers(day, (given, family), (*address).to_owned(), hash).await?;
        if matches!(role, Role::Staff | Role::Admin | Role::Auditor | Role::Evaluator) {
            grant(&story, day, id, *role, None).await?;
        }
        ids.push(id);
    }
    partner(&story, day).await?;
    let at = |address: &str| {
        let place = CAST.iter().position(|(_, _, other, _)| *other == address);
        let id = place.and_then(|place| ids.get(place)).copied();
        id.ok_or_else(|| Problem::internal(format!("the demo has no {address}")))
    };
    Ok(Cast {
        staff: at(STAFF)?,
        ada: at("ada@demo.example")?,
        ben: at("ben@demo.example")?,
        cleo: at("cleo@demo.example")?,
        provider: at("paul@demo.example")?,
        college: at("cora@demo.example")?,
        institution: at("ines@demo.example")?,
    })
}

/// Grants somebody a role.
pub(super) async fn grant(
    story: &Story<'_>,
    day: NaiveDate,
    person: PersonId,
    role: Role,
    organisation: Option<OrganisationId>,
) -> Result<GrantId, Problem> {
    story
        .on(day, None, move |tx| {
            let grant = GrantRecord {
                id: tx.new_id(),
                person,
                role,
                organisation,
                program: Some(ProgramCode::lssc()),
                granted_at: tx.now(),
                granted_by: "system".to_owned(),
                ended_at: None,
            };
            tx.grants().insert(&grant)?;
            Ok(grant.id)
        })
        .await
}

async fn partner(story: &Story<'_>, day: NaiveDate) -> Result<(), Problem> {
    story
        .on(day, None, move |tx| {
            let scopes = crate::v1::clients::known_scopes().into_iter().map(str::to_owned);
            let name = "Portfolio platform (partner)";
            super::machines::make(tx, PARTNER, name, scopes.collect(), PARTNER_SECRET)
        })
        .await
}

/// What happened to the personas: Ada has a draft, Ben is on his way, Cleo is certified.
pub(super) async fn histories(app: &App, cast: &Cast, catalog: &Catalog) -> Result<(), Problem> {
    let ada = Story::new(app, 10, Some(cast.staff)).await?;
    ada.drafts(ada.ago(3), cast.ada, 35.0).await?;

    let ben = Story::new(app, 11, Some(cast.staff)).await?;
    let candidacy = ben.is_admitted(ben.ago(300), cast.ben).await?;
    for (set, ago) in ["FND", "COM", "ACC"].into_iter().zip([200, 150, 90]) {
        ben.achieves(ben.ago(ago), candidacy, set, catalog).await?;
    }
    let waiting = catalog.course("TEC", ben.ago(30));
    let waiting = waiting.ok_or_else(|| Problem::internal("no course for TEC"))?;
    ben.hands_in(ben.ago(30), candidacy, waiting).await?;

    cleo(app, cast, catalog).await?;
    in_every_state(app, cast.staff).await?;

    let organisations = Story::new(app, 20, Some(cast.staff)).await?;
    let day = organisations.ago(365);
    grant(&organisations, day, cast.provider, Role::Provider, Some(catalog.provider)).await?;
    Ok(())
}

/// Cleo's days are fixed, so that her certificate's number is the same in every demo.
async fn cleo(app: &App, cast: &Cast, catalog: &Catalog) -> Result<CandidacyId, Problem> {
    let story = Story::new(app, 12, Some(cast.staff)).await?;
    let first = NaiveDate::from_ymd_opt(2024, 9, 5).unwrap_or(story.today);
    let day = |days: i64| domain::calendar::add_days(first, days);
    let candidacy = story.is_admitted(first, cast.cleo).await?;
    for (set, after) in ["FND", "COM", "TEC", "ACC", "CAT", "SUP"].into_iter().zip(1..) {
        story.achieves(day(40 * after), candidacy, set, catalog).await?;
    }
    Ok(candidacy)
}

/// One application in each state that waits for the office, of people whom the examples name.
async fn in_every_state(app: &App, staff: PersonId) -> Result<(), Problem> {
    let waiting: [(u64, &str, &[ApplicationAct]); 3] = [
        (13, "Dana", &[ApplicationAct::Submit]),
        (14, "Emil", &[ApplicationAct::Submit, ApplicationAct::Review]),
        (
            15,
            "Flora",
            &[ApplicationAct::Submit, ApplicationAct::Review, ApplicationAct::RequestInformation],
        ),
    ];
    for (number, given, acts) in waiting {
        let story = Story::new(app, number, Some(staff)).await?;
        let email = format!("{}@people.example", given.to_lowercase());
        let person = story.registers(story.ago(20), (given, "Wright"), email, None).await?;
        let application = story.drafts(story.ago(14), person, 30.0).await?;
        for act in acts {
            let done = story.acts(story.ago(10), application, *act).await?;
            if *act == ApplicationAct::Review && number == 14 {
                story.pays(story.ago(9), done.invoice, 1).await?;
            }
        }
    }
    Ok(())
}

/// Signs every persona in: a session with a token each.
pub(super) async fn sign_in(app: &App) -> Result<Vec<Persona>, Problem> {
    let mut personas = Vec::new();
    for (given, family, address, role) in CAST.iter().chain(LATER) {
        let Some(person) = find(app, address).await? else { continue };
        let (config, refresh) = (app.config.clone(), app.chance.secret());
        let session = app
            .store
            .write(app.stamp_of(person.to_string(), "demo"), move |tx| {
                sessions::begin(tx, person, secrets::hash(&format!("{refresh:?}")), &config)
            })
            .await?;
        let token = tokens::issue(app, &Bearer::Person(person, session.id))?;
        let name = format!("{given} {family}{}", remark(address));
        personas.push(Persona { role: *role, name, login: (*address).to_owned(), token });
    }
    let client = app.store.read(|tx| tx.clients().get(PARTNER).map_err(Problem::from)).await?;
    let bearer = Bearer::Client(Machine {
        client: client.id,
        credential: super::machines::secret_of(client.id),
        scopes: client.scopes,
        programs: client.programs,
    });
    personas.push(Persona {
        role: Role::Partner,
        name: client.name,
        login: PARTNER.to_string(),
        token: tokens::issue(app, &bearer)?,
    });
    Ok(personas)
}

fn remark(address: &str) -> &'static str {
    match address {
        "ada@demo.example" => ", draft application",
        "ben@demo.example" => ", three sets achieved",
        "cleo@demo.example" => ", certified",
        HOPE => ", can renew",
        JUNE => ", renewed, drawn for an audit",
        _ => "",
    }
}
