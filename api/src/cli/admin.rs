//! People, machines and keys from the command line: how the first admin comes in.

use std::io::Read;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Subcommand;
use domain::{
    PersonId,
    access::Role,
    event::Event,
    person::{Email, Names, Person, PersonEvent, fold_email},
    program::ProgramCode,
};
use persistence::Tx;

use crate::{
    app::App,
    auth::{keys, passwords, secrets},
    problem::Problem,
    v1::{
        clients::{self, Terms},
        grants,
    },
};

/// People who sign in.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Register a person, or grant roles to one who is registered.
    Add {
        /// Their e-mail address.
        #[arg(long)]
        email: String,
        /// Given names; needed for somebody new.
        #[arg(long, default_value = "")]
        given_name: String,
        /// Family name; needed for somebody new.
        #[arg(long, default_value = "")]
        family_name: String,
        /// A role to grant: staff, admin, auditor or evaluator. May be repeated.
        #[arg(long = "role")]
        roles: Vec<Role>,
        /// Read the password from standard input; one is made and printed without.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Machines.
#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Make a machine client; its secret is printed once.
    Add {
        /// Whose machine it is.
        #[arg(long)]
        name: String,
        /// A scope that its tokens may be given. May be repeated.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// A program that it is confined to; every one without. May be repeated.
        #[arg(long = "program")]
        programs: Vec<ProgramCode>,
    },
}

/// The keys that sign access tokens.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Publish the next key; it signs after the configured lead, and ended keys are removed.
    Rotate,
}

/// A refusal as sentences for a terminal.
fn told(problem: &Problem) -> String {
    match problem.cause() {
        Some(cause) => format!("{problem} ({cause})"),
        None => problem.to_string(),
    }
}

/// Whether anybody is admin.
pub(super) async fn anybody(app: &App) -> Result<bool, String> {
    let found =
        app.store.read(|tx| tx.grants().anybody_is(Role::Admin).map_err(Problem::from)).await;
    found.map_err(|problem| told(&problem))
}

/// Runs `lssc user ...`.
pub(super) async fn user(app: &App, command: UserCommand) -> Result<(), String> {
    let UserCommand::Add { email, given_name, family_name, roles, password_stdin } = command;
    let (person, made) = add(app, email, [given_name, family_name], roles, password_stdin)
        .await
        .map_err(|problem| told(&problem))?;
    println!("{person}");
    if let Some(password) = made {
        println!("password: {password}");
    }
    Ok(())
}

/// The person and, when one was made, their password.
async fn add(
    app: &App,
    email: String,
    [given_name, family_name]: [String; 2],
    roles: Vec<Role>,
    password_stdin: bool,
) -> Result<(PersonId, Option<String>), Problem> {
    let folded = fold_email(&email);
    let known = app
        .store
        .read(move |tx| tx.credentials().by_address(&folded).map_err(Problem::from))
        .await?;
    let mut made = None;
    let mut newcomer = None;
    if known.is_none() {
        check_names(&email, &given_name, &family_name)?;
        let password = if password_stdin { read_password()? } else { make_password(app) };
        passwords::check("/password", &password, std::slice::from_ref(&email))?;
        let phc = passwords::hash(app, &password).await?;
        made = Some(password).filter(|_| !password_stdin);
        newcomer = Some((email, Names { given_name, family_name }, phc));
    }
    let person = app
        .store
        .write(app.stamp_of("command line", "user add"), move |tx| {
            let person = match (&known, &newcomer) {
                (Some(account), _) => account.person,
                (None, Some((email, names, phc))) => register(tx, email, names, phc)?,
                (None, None) => return Err(Problem::not_found()),
            };
            for role in &roles {
                if !domain::credential::is_granted(*role)
                    || domain::credential::needs_organisation(*role)
                {
                    let detail = format!(
                        "{role} cannot be granted here; staff, admin, auditor and evaluator can."
                    );
                    return Err(Problem::input("/role", "unknown", detail));
                }
                grants::grant(tx, person, *role, None)?;
            }
            Ok(person)
        })
        .await?;
    Ok((person, made))
}

fn check_names(email: &str, given_name: &str, family_name: &str) -> Result<(), Problem> {
    if !email.contains('@') || email.contains(char::is_whitespace) {
        return Err(Problem::input("/email", "format", "This is no e-mail address."));
    }
    if given_name.trim().is_empty() || family_name.trim().is_empty() {
        let detail = "Nobody is registered with this address: give --given-name and --family-name.";
        return Err(Problem::input("/given_name", "required", detail));
    }
    Ok(())
}

fn register(tx: &mut Tx<'_>, address: &str, names: &Names, phc: &str) -> Result<PersonId, Problem> {
    let person = Person {
        id: tx.new_id(),
        given_name: names.given_name.clone(),
        family_name: names.family_name.clone(),
        created_at: tx.now(),
        life: domain::life::Life::default(),
        version: 1,
    };
    let email = Email {
        id: tx.new_id(),
        person: person.id,
        address: address.to_owned(),
        is_primary: true,
        verified_at: None,
    };
    tx.people().insert(&person)?;
    tx.people().insert_email(&email)?;
    tx.credentials().set(person.id, phc)?;
    tx.record(Event {
        program: None,
        subject: person.id.to_string(),
        person: Some(person.id),
        fact: PersonEvent::Registered { after: Names::from(&person) },
    })?;
    Ok(person.id)
}

fn read_password() -> Result<String, Problem> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Problem::internal(error.to_string()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn make_password(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(app.chance.secret()).chars().take(24).collect()
}

/// Runs `lssc client ...`.
pub(super) async fn client(app: &App, command: ClientCommand) -> Result<(), String> {
    let ClientCommand::Add { name, scopes, programs } = command;
    let terms = Terms { name, scopes, programs, people_a_day: None };
    let secret = secrets::make(secrets::CLIENT_PREFIX, &*app.chance);
    let hash = secrets::hash(&secret);
    let client = app
        .store
        .write(app.stamp_of("command line", "client add"), move |tx| {
            clients::create(tx, &terms, hash)
        })
        .await
        .map_err(|problem| told(&problem))?;
    println!("client_id: {}\nclient_secret: {secret}", client.0.id);
    Ok(())
}

/// Runs `lssc keys ...`.
pub(super) async fn keys(app: &App, command: KeysCommand) -> Result<(), String> {
    let KeysCommand::Rotate = command;
    let kid = keys::rotate(&app.store, app.stamp_of("command line", "keys rotate"), &app.config)
        .await
        .map_err(|problem| told(&problem))?;
    println!("{kid} is published and signs in {} seconds.", app.config.key_lead_s);
    Ok(())
}
