//! Every operation as every role, compared with the access table.

use domain::{
    Word,
    access::{Action, Caller, Facts, Grant, RULES, Refusal, Role, Standing, Who},
    program::ProgramCode,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::contract::operations;
use crate::support::{
    actor::{Actor, Answer, fresh_key, send},
    appeals::appealed_by,
    colleges::{ALL, requirements},
    courses::offered_on,
    money::money_of,
    portfolios::judged_by,
    proposals::proposed_to,
    renewals::{CERTIFIED, Holder, workshop},
    world::{World, each_world},
};

/// Somebody at the door, and what the table knows of them.
struct Visitor {
    name: &'static str,
    actor: Actor,
    caller: Caller,
}

fn person(name: &'static str, actor: &Actor, granted: &[(Role, Standing)]) -> Visitor {
    let mut grants = vec![Grant::of(Role::Candidate)];
    grants.extend(
        granted.iter().map(|(role, standing)| Grant { standing: *standing, ..Grant::of(*role) }),
    );
    let who = Who::Person(actor.id.parse().unwrap(), domain::SessionId::from_bits(1));
    Visitor { name, actor: actor.clone(), caller: Caller::of(who, grants) }
}

fn machine(name: &'static str, actor: &Actor, scopes: &[&str]) -> Visitor {
    let caller = Caller {
        who: Who::Client(actor.id.parse().unwrap()),
        grants: vec![Grant::of(Role::Partner)],
        scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        programs: Vec::new(),
        credential: None,
    };
    Visitor { name, actor: actor.clone(), caller }
}

/// A machine that is confined to a program in which nothing of the stage is.
fn confined(name: &'static str, actor: &Actor, scopes: &[&str], program: &str) -> Visitor {
    let mut visitor = machine(name, actor, scopes);
    visitor.caller.programs = vec![program.parse().unwrap()];
    visitor
}

/// Everything that the paths name, all of it Ada's where it can be somebody's.
async fn stage(
    world: &World,
    ada: &Actor,
    office: &Actor,
    admin: &Actor,
) -> Vec<(&'static str, String)> {
    // Whoever is certified under this policy can renew at once, and the office decides.
    office
        .changes_policy(CERTIFIED, |policy| {
            policy["renewal"]["opens_months"] = json!(48);
            policy["renewal"]["decision"] = json!("by_office");
        })
        .await;
    // Before she is certified: then she applies no more.
    let appealed = appealed_by(office, ada).await;
    let candidacy = office.admits(ada).await;
    let judged = judged_by(world, office, ada, &candidacy).await;
    let certified = office.completes(candidacy, "2026-03-01").await;
    let first = async |path: &str| {
        let list = office.get(path).await.expect(200);
        list["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let emails = format!("/v1/people/{}/emails", ada.id);
    let emails = ada.post(&emails, json!({"email": "ada@work.example.org"})).await.expect(200);
    let membership = format!("/v1/people/{}/memberships", ada.id);
    let membership = ada.post(&membership, json!({"number": "1234567"})).await.expect(201).id();
    let grant = world.grant(&ada.id, Role::Evaluator).await;
    let query = "purpose=name_proof&file_name=marriage.txt";
    let proof = ada.uploads(query, "text/plain", b"Married").await.expect(201).id();
    let renamed = json!({"given_name": "Ada", "family_name": "King", "proof_id": proof});
    let changes = format!("/v1/people/{}/name-changes", ada.id);
    let name_change = ada.post(&changes, renamed).await.expect(201).id();
    let completion = first("/v1/completions").await;
    let money = money_of(world, office, ada, &completion).await;
    let client = world.client(admin, &["people:read"]).await.0;
    let credential = admin.get(&format!("/v1/clients/{client}/credentials")).await.expect(200);
    let mut names = vec![
        ("code", "lssc".to_owned()),
        ("number", certified.number),
        ("measure", "1".to_owned()),
        ("person_id", ada.id.clone()),
        ("email_id", emails["emails"][1]["id"].as_str().unwrap().to_owned()),
        ("membership_id", membership),
        ("name_change_id", name_change),
        ("application_id", first("/v1/applications").await),
        ("invoice_id", first("/v1/invoices").await),
        (
            "achievement_id",
            first(&format!("/v1/candidacies/{}/achievements", certified.candidacy)).await,
        ),
        ("completion_id", completion),
        ("candidacy_id", certified.candidacy),
        ("certification_id", certified.certification),
        ("provider_id", first("/v1/providers").await),
        ("course_id", first("/v1/courses").await),
        ("client_id", client.clone()),
        ("credential_id", credential["items"][0]["id"].as_str().unwrap().to_owned()),
        ("grant_id", grant),
    ];
    names.extend(money);
    names.extend(offered_on(office, &first("/v1/courses").await).await);
    names.extend(proposed_to(world, office, ada).await);
    names.extend(supported_by(office, ada).await);
    names.extend(recognised_by(world, office, admin, ada).await);
    names.extend(told_of(world, office, ada).await);
    names.extend(appealed);
    names.extend(judged);
    names.extend(renewed_by(world, office, ada).await);
    names.push(("merge_id", merged_by(world, office).await));
    names.push(("record_kind", "people".to_owned()));
    names
}

/// A renewal of Ada's that an audit drew on the day after, and an activity that it does not use.
async fn renewed_by(world: &World, office: &Actor, ada: &Actor) -> Vec<(&'static str, String)> {
    let holder = Holder::of(office, ada).await;
    let used = holder.logs_enough(CERTIFIED).await;
    let renewal = holder.renews(&used).await.expect(201).id();
    let free = holder.logs(workshop(CERTIFIED, 60, true)).await;
    office.decides_renewal(&renewal, "grant").await.expect(200);
    world.travel_to("2026-03-02");
    let audit = json!({"granted_from": CERTIFIED, "granted_until": CERTIFIED, "seed": "0 7 1 9",
        "seed_source": "A lottery", "count": 1});
    let audit = office.post("/v1/renewal-audits", audit).await.expect(201).id();
    let cases = ada.get("/v1/audit-cases").await.expect(200);
    vec![
        ("activity_id", free),
        ("renewal_id", renewal),
        ("renewal_audit_id", audit),
        ("audit_case_id", cases["items"][0]["id"].as_str().unwrap().to_owned()),
    ]
}

/// An endpoint of the partner's, where nobody listens, and a ping that went there.
async fn sent_to(partner: &Actor) -> Vec<(&'static str, String)> {
    let body = json!({"url": "http://127.0.0.1:65534/"});
    let endpoint = partner.post_bare("/v1/webhook-endpoints", body).await.expect(201).id();
    let ping = format!("/v1/webhook-endpoints/{endpoint}/ping");
    let ping = partner.post_empty(&ping).await.expect(200).id();
    vec![("webhook_endpoint_id", endpoint), ("webhook_delivery_id", ping)]
}

/// A merge of two others.
async fn merged_by(world: &World, office: &Actor) -> String {
    let (one, two) = (world.register("Uma").await, world.register("Uma Again").await);
    office.merges(&two, &one).await.expect(201).id()
}

/// A support event for which Ada is registered, a question of hers, and a set with guidance.
async fn supported_by(office: &Actor, ada: &Actor) -> Vec<(&'static str, String)> {
    let event = json!({"kind": "presentation", "title": "Portfolios", "place": "Chicago, IL",
        "starts_at": "2026-06-25T18:00:00Z", "ends_at": "2026-06-25T19:00:00Z"});
    let event = office.post("/v1/support-events", event).await.expect(201).id();
    let registrations = format!("/v1/support-events/{event}/registrations");
    let registration = ada.post_empty(&registrations).await.expect(201).id();
    let asked = ada.post("/v1/help-requests", json!({"question": "How?"})).await.expect(201).id();
    vec![
        ("support_event_id", event),
        ("support_registration_id", registration),
        ("help_request_id", asked),
        ("set", "FND".to_owned()),
    ]
}

/// A notice to Ada that was sent and came back, and the link that stops its kind.
async fn told_of(world: &World, office: &Actor, ada: &Actor) -> Vec<(&'static str, String)> {
    let list = format!("/v1/notices?person_id={}&state=sent&limit=1", ada.id);
    let mut notice = String::new();
    while notice.is_empty() {
        let found = office.get(&list).await.expect(200);
        found["items"][0]["id"].as_str().unwrap_or_default().clone_into(&mut notice);
    }
    let bounce = json!({"notice_id": notice, "sort": "soft"});
    let bounce = office.post("/v1/bounces", bounce).await.expect(201).id();
    let key = world.app().auth.mac_key().expect("a key");
    let token = api::auth::secrets::unsubscribe_token(key, notice.parse().unwrap()).unwrap();
    vec![
        ("notice_kind", "expiry".to_owned()),
        ("notice_id", notice),
        ("bounce_id", bounce),
        ("token", token),
    ]
}

/// A signed agreement of a college, and a graduate under it, who Ada claims to be.
async fn recognised_by(
    world: &World,
    office: &Actor,
    admin: &Actor,
    ada: &Actor,
) -> Vec<(&'static str, String)> {
    let college = office.records_college("College of DuPage").await;
    let draft = json!({"college_id": college, "program_kind": "certificate",
        "program_title": "Library Certificate", "requirements": requirements(&ALL)});
    // Who writes it does not review it.
    let cora = world.acts_for(&college, "college", "Cora of the stage").await;
    let agreement = cora.post("/v1/recognition-agreements", draft).await.expect(201).id();
    world.verify_addresses(ada).await;
    office.moves(&agreement, "submit", Value::Null).await.expect(200);
    for reviewer in [office, admin] {
        reviewer.moves(&agreement, "reviews", json!({"advice": "approve"})).await.expect(200);
    }
    office.moves(&agreement, "sign", json!({})).await.expect(200);
    let graduate = ada.claims(&agreement, "2026-01-15").await.expect(201).id();
    vec![("college_id", college), ("agreement_id", agreement), ("graduate_id", graduate)]
}

/// Whose the resources of a path are: Ada's, when the path names something of a person; the caller's,
/// when the action is about the caller; else nobody's.
fn facts(action: Action, path: &str, ada: &Actor, caller: &Caller) -> Facts {
    let of_nobody = [
        "{provider_id}",
        "{course_id}",
        "{client_id}",
        "{code}",
        "{number}",
        "{institution_id}",
        "{purchase_order_id}",
        "{discrepancy_id}",
        "{round_id}",
        "{organisation_id}",
        "{bundle_id}",
        "{offering_id}",
        "{waiting_id}",
        "{college_id}",
        "{agreement_id}",
        "{merge_id}",
        "{support_event_id}",
        "{renewal_audit_id}",
        "{set}",
        "{notice_kind}",
        "{import_id}",
        "{reconciliation_id}",
        "{record_kind}",
        "{webhook_endpoint_id}",
        "{account_request_id}",
    ];
    let named = path.contains('{') && !of_nobody.iter().any(|name| path.contains(name));
    let owner = if named {
        ada.id.parse().ok()
    } else {
        caller.person().filter(|_| !action.rule().own.is_empty())
    };
    Facts { owner, organisation: None }
}

/// What tells a machine the ids of people and nothing else of them, and so is not counted: events, and what became of
/// the rows that it sent.
fn is_thin(action: Action) -> bool {
    let name = action.as_str();
    name.contains("webhook") || matches!(name, "list_changes" | "list_import_rows")
}

/// The answers to machines that were recorded so far.
fn recorded(world: &World) -> usize {
    world.db().lines("SELECT operation AS line FROM client_reads").len()
}

/// What the table says that the visitor is told; 200 stands for being let in. What the path names is of LSSC: to who
/// is confined to another program it does not exist.
fn expected(visitor: &Visitor, action: Action, facts: &Facts, path: &str) -> u16 {
    let lssc = ProgramCode::lssc();
    // What an export holds is of the machine's programs alone: a test of streams looks into it.
    let named = path.contains('{') && action != Action::ExportRecords;
    let may = if named && action.rule().scope.is_some() {
        visitor.caller.may_in(action, facts, &lssc)
    } else {
        visitor.caller.may(action, facts)
    };
    match may {
        Ok(()) => 200,
        Err(Refusal::Unauthenticated) => 401,
        Err(Refusal::Forbidden | Refusal::ScopeMissing(_)) => 403,
        Err(Refusal::Hidden) => 404,
    }
}

/// What they are told: every other answer than 401, 403 and 404 means that they were let in.
fn told(answer: &Answer) -> u16 {
    match answer.status {
        status @ (401 | 403 | 404) => status,
        _ => 200,
    }
}

async fn asks(visitor: &Visitor, method: &str, path: &str, takes_body: bool) -> Answer {
    let method: Method = method.parse().unwrap();
    let request = visitor.actor.request(method, path).header("Idempotency-Key", fresh_key());
    // A body that nobody takes: who is let in is told 422, and nothing is changed.
    let body = json!({"~": Value::Null});
    send(if takes_body { request.json(&body) } else { request }).await
}

async fn visitors(world: &World, ada: &Actor, office: &Actor, admin: &Actor) -> Vec<Visitor> {
    use Role::{Admin, Auditor, College, Evaluator, Institution, Provider, Staff};
    let every: Vec<&str> = {
        let mut scopes: Vec<_> = RULES.iter().filter_map(|rule| rule.scope).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    };
    let with = async |name: &str, role: Role| {
        let actor = world.register(name).await;
        world.grant(&actor.id, role).await;
        actor
    };
    let former = world.register("Former").await;
    let grant = world.grant(&former.id, Staff).await;
    let end = format!("/v1/people/{}/grants/{grant}/end", former.id);
    admin.post_empty(&end).await.expect(200);
    let anyone = Visitor { name: "anyone", actor: world.anyone(), caller: Caller::anonymous() };
    let active = Standing::Active;
    world.adapts_program("arizona").await;
    let terms = json!({"name": "Arizona", "scopes": every, "programs": ["arizona"]});
    let elsewhere = world.machine(admin, terms).await;
    vec![
        anyone,
        person("the owner", ada, &[(Evaluator, active)]),
        person("another candidate", &world.register("Bob").await, &[]),
        person("an evaluator", &world.evaluator().await, &[(Evaluator, active)]),
        person("a provider", &with("Pro", Provider).await, &[(Provider, active)]),
        person("a college", &with("Col", College).await, &[(College, active)]),
        person("an institution", &with("Ins", Institution).await, &[(Institution, active)]),
        person("former staff", &former, &[(Staff, Standing::Ended)]),
        person("staff", office, &[(Staff, active)]),
        person("an auditor", &world.auditor().await, &[(Auditor, active)]),
        person("an admin", admin, &[(Admin, active)]),
        machine("a partner", &world.partner(admin, &every).await, &every),
        machine(
            "a narrow partner",
            &world.partner(admin, &["certificates:read"]).await,
            &["certificates:read"],
        ),
        confined("a partner elsewhere", &elsewhere, &every, "arizona"),
    ]
}

each_world! {
    async fn every_role_is_told_at_every_operation_what_the_table_says(world) {
        let (ada, office, admin) =
            (world.register("Ada").await, world.staff().await, world.admin().await);
        let mut names = stage(world, &ada, &office, &admin).await;
        let visitors = visitors(world, &ada, &office, &admin).await;
        // A machine sees its own imports.
        let partner = visitors.iter().find(|one| one.name == "a partner").unwrap();
        let file = "given_name,family_name,email\nIda,Novak,ida@example.org\n";
        let list = "external_id\nx-1\n";
        let asked = partner.actor.request(Method::POST, "/v1/reconciliations").header("Idempotency-Key", fresh_key());
        let asked = send(asked.header("Content-Type", "text/csv").body(list)).await.expect(202);
        names.push(("reconciliation_id", asked.id()));
        names.push(("import_id", partner.actor.imports("kind=people&dry_run=true", file).await));
        // A partner knows of its own requests alone.
        let partner = visitors.iter().find(|visitor| visitor.name == "a partner").unwrap();
        let account = partner.actor.has_account_made("lt-1", "Una").await;
        names.push(("account_request_id", account.id()));
        let linked = json!({"request_id": "r-ada", "external_id": "lt-ada", "given_name": "Ada", "family_name": "Example",
            "emails": ["ada@partner.example.org"], "person_id": ada.id});
        partner.actor.asks_for_account(linked).await.expect(201);
        names.extend(sent_to(&partner.actor).await);
        let operations = operations();
        // Who signs out is out: that comes last.
        let mut actions: Vec<Action> = Action::ALL.to_vec();
        actions.sort_by_key(|action| *action == Action::SignOut);
        let mut wrong = Vec::new();
        for action in actions {
            let operation = &operations[action.as_str()];
            let mut path = operation.path.clone();
            for (name, value) in &names {
                path = path.replace(&format!("{{{name}}}"), value);
            }
            assert!(!path.contains('{'), "nothing is known for {path}");
            if action == Action::UploadAttachment {
                path.push_str("?purpose=evidence&file_name=letter.txt");
            }
            if action == Action::CreateImport {
                path.push_str("?kind=people");
            }
            let takes_body = !operation.value["requestBody"].is_null();
            for visitor in &visitors {
                let facts = facts(action, &operation.path, &ada, &visitor.caller);
                let counts = visitor.name == "a partner" && action.rule().scope.is_some() && !is_thin(action);
                let before = if counts { recorded(world) } else { 0 };
                let answer = asks(visitor, &operation.method, &path, takes_body).await;
                let tells = answer.status < 300 && answer.body().contains("person_0");
                if counts && tells && recorded(world) == before {
                    wrong.push(format!("{action} tells a machine of somebody and records nothing"));
                }
                assert_ne!(answer.status, 405, "{action} is not served");
                let wanted = expected(visitor, action, &facts, &operation.path);
                let found = told(&answer);
                let lists = answer["items"].as_array().is_some_and(|items| !items.is_empty());
                let confined =
                    !visitor.caller.programs.is_empty() && action.rule().scope.is_some();
                if confined && lists {
                    wrong.push(format!("{action} tells {} of another program", visitor.name));
                }
                if wanted != found {
                    wrong.push(format!("{action} as {}: {wanted}, but was {}", visitor.name, answer.body()));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
