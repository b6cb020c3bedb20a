//! Institutions: libraries and others that pay for their people (FAQ 22).

use actix_web::{get, patch, post};
use domain::{
    BadFact, OrganisationId,
    access::{Action, Caller, Facts, Reach},
    event::Event,
    id::OrganisationKind,
    institution::{Institution, InstitutionEvent},
    program::ProgramCode,
};
use persistence::{Constraint, Error, InstitutionFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{ActionView, Listing, Reply},
    app::App,
    call::Call,
    extract::{Body, Cursor, IfMatch, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::program,
    openapi::words::id_of,
    problem::Problem,
    v1::{
        actions,
        fields::{EmailAddress, Line, Name, Term, no_cards},
    },
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config
        .service(list_institutions)
        .service(get_institution)
        .service(create_institution)
        .service(update_institution);
}

/// The most lines of a postal address.
const MOST_LINES: usize = 6;

/// An institution that pays for its people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstitutionView {
    /// Its id.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub id: OrganisationId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its name, unique in the program.
    #[schema(example = "Riverside Public Library")]
    pub name: String,
    /// Lines of its postal address, for invoices.
    pub address: Vec<String>,
    /// Where its invoices go.
    #[schema(format = "email")]
    pub email: String,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl InstitutionView {
    fn of(institution: Institution, caller: &Caller) -> Self {
        let facts = Facts::of_organisation(institution.id);
        let own = format!("/v1/institutions/{}", institution.id);
        let offered = [
            (Action::UpdateInstitution, "PATCH", own),
            (Action::CreatePurchaseOrder, "POST", "/v1/purchase-orders".to_owned()),
        ];
        Self {
            actions: offered
                .into_iter()
                .filter(|(action, ..)| caller.may(*action, &facts).is_ok())
                .map(|(action, method, href)| actions::view(action, method, href, Vec::new()))
                .collect(),
            id: institution.id,
            program: institution.program,
            name: institution.name,
            address: institution.address,
            email: institution.email,
            version: institution.version,
        }
    }
}

/// An institution to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInstitution {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Its name, unique in the program.
    pub name: Name,
    /// Lines of its postal address.
    #[schema(min_items = 1, max_items = 6)]
    pub address: Vec<Line>,
    /// Where its invoices go.
    pub email: EmailAddress,
}

/// What changes of an institution; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateInstitution {
    /// Its name.
    #[serde(default)]
    pub name: Option<Name>,
    /// Lines of its postal address.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 6)]
    pub address: Option<Vec<Line>>,
    /// Where its invoices go.
    #[serde(default)]
    pub email: Option<EmailAddress>,
}

/// Which institutions are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListInstitutions {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those whose name holds this.
    pub q: Option<Term>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

fn event(institution: &Institution, fact: InstitutionEvent) -> Event<InstitutionEvent> {
    Event {
        program: Some(institution.program.clone()),
        subject: institution.id.to_string(),
        person: None,
        fact,
    }
}

fn named_already(error: Error) -> Problem {
    match error {
        Error::Conflict(Constraint::InstitutionsName) => {
            Problem::conflict("The program has an institution of this name.")
        }
        other => other.into(),
    }
}

/// The texts of an institution, if they can be that.
fn checked(name: &str, email: &str, address: &[String]) -> Result<(), Problem> {
    if !(1..=MOST_LINES).contains(&address.len()) {
        let detail = format!("A postal address has 1 to {MOST_LINES} lines.");
        return Err(BadFact::at("/address", "length", detail).into());
    }
    let pointers: Vec<_> = (0..address.len()).map(|place| format!("/address/{place}")).collect();
    let lines = pointers.iter().map(String::as_str).zip(address.iter().map(String::as_str));
    Ok(no_cards([("/name", name), ("/email", email)].into_iter().chain(lines))?)
}

fn texts(lines: &[Line]) -> Vec<String> {
    lines.iter().cloned().map(String::from).collect()
}

fn answer(call: &Call, institution: Institution) -> Reply {
    let version = institution.version;
    Reply::ok(&InstitutionView::of(institution, call.caller())).etag(version).private()
}

/// List institutions
///
/// Staff see all of them, those who act for institutions see those.
#[utoipa::path(tag = "Money", params(ListInstitutions),
    responses((status = 200, body = Listing<InstitutionView>)))]
#[get("/v1/institutions")]
pub(crate) async fn list_institutions(
    app: App,
    call: Call,
    query: Query<ListInstitutions>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        let ids = match call.reach(Action::ListInstitutions)? {
            Reach::Everything => None,
            Reach::Own(own) => Some(own.organisations),
        };
        let page = Page::<OrganisationId>::of(query.limit, query.cursor.as_ref())?;
        let q = query.q.clone().map(Term::into_inner);
        let filter = InstitutionFilter { program: query.program.clone(), ids, q };
        let rows = tx.institutions().list(&filter, page.rows())?;
        let view = |row| InstitutionView::of(row, call.caller());
        Ok(page.listing(rows, |row| row.id, view).reply(call))
    })
    .await
}

/// Read an institution
#[utoipa::path(tag = "Money", responses((status = 200, body = InstitutionView)))]
#[get("/v1/institutions/{institution_id}")]
pub(crate) async fn get_institution(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::GetInstitution, &Facts::of_organisation(*id))?;
        let institution = tx.institutions().get(*id)?;
        Ok(seen.answer(answer(call, institution)))
    })
    .await
}

/// Record an institution
///
/// Grant the role `institution` for it to the people who act for it.
#[utoipa::path(tag = "Money", request_body = CreateInstitution,
    responses((status = 201, body = InstitutionView)))]
#[post("/v1/institutions")]
pub(crate) async fn create_institution(
    app: App,
    call: Call,
    body: Body<CreateInstitution>,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::CreateInstitution, &Facts::default())?;
        let body = body.get()?;
        let program = program::named(tx, &body.program)?;
        let address = texts(&body.address);
        checked(&body.name, &body.email, &address)?;
        let institution = Institution {
            id: tx.new_id(),
            program: program.code,
            name: body.name.to_string(),
            address,
            email: body.email.to_string(),
            version: 1,
        };
        tx.institutions().insert(&institution).map_err(named_already)?;
        let fact = InstitutionEvent::Recorded { after: institution.clone() };
        tx.record(event(&institution, fact))?;
        let location = format!("/v1/institutions/{}", institution.id);
        Ok(Reply::created(location, &InstitutionView::of(institution, call.caller())).etag(1))
    })
    .await
}

/// Change an institution
///
/// By staff or by those who act for it. What is left out stays. Needs `If-Match`.
#[utoipa::path(tag = "Money", request_body = UpdateInstitution,
    responses((status = 200, body = InstitutionView)))]
#[patch("/v1/institutions/{institution_id}")]
pub(crate) async fn update_institution(
    app: App,
    call: Call,
    id: PathOf<OrganisationId>,
    body: Body<UpdateInstitution>,
    seen: IfMatch,
) -> Result<Reply, Problem> {
    app.change(&call, move |tx, call| {
        call.allow(Action::UpdateInstitution, &Facts::of_organisation(*id))?;
        let before = tx.institutions().get(*id)?;
        let body = body.get()?;
        let mut after = before.clone();
        if let Some(name) = &body.name {
            after.name = name.to_string();
        }
        if let Some(address) = &body.address {
            after.address = texts(address);
        }
        if let Some(email) = &body.email {
            after.email = email.to_string();
        }
        checked(&after.name, &after.email, &after.address)?;
        seen.check(before.version)?;
        tx.institutions().save(&mut after).map_err(named_already)?;
        let fact = InstitutionEvent::Updated { before, after: after.clone() };
        tx.record(event(&after, fact))?;
        Ok(answer(call, after))
    })
    .await
}
