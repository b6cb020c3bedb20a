//! Passwords: change and reset.

use actix_web::post;
use chrono::TimeDelta;
use domain::{
    PersonId,
    access::{Action, Facts, Who},
    credential::{CredentialEvent, Reset},
    event::Event,
    person::fold_email,
    session::SessionEnd,
};
use persistence::Account;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::sessions::{address_key, admit, end_others};
use crate::{
    answer::Reply,
    app::App,
    auth::{
        passwords::{self, Verdict},
        secrets,
    },
    call::Call,
    extract::Body,
    problem::Problem,
};

/// Resets that a person gets in an hour; more are accepted and ignored.
const RESETS_AN_HOUR: i64 = 5;

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(change_password);
    config.service(request_password_reset);
    config.service(confirm_password_reset);
}

/// What a change of password takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password so far.
    #[schema(format = "password", max_length = 200)]
    pub current_password: String,
    /// The new password: 15 to 200 characters, of any kind.
    #[schema(format = "password", min_length = 15, max_length = 200)]
    pub new_password: String,
}

/// What a request for a reset takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestReset {
    /// The person's primary e-mail address, or another that was confirmed.
    #[schema(value_type = String, max_length = 254, example = "ada@demo.example")]
    pub email: crate::v1::fields::Term,
}

/// What setting a new password takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmReset {
    /// The token of the mail.
    #[schema(max_length = 200)]
    pub token: String,
    /// The new password: 15 to 200 characters, of any kind.
    #[schema(format = "password", min_length = 15, max_length = 200)]
    pub new_password: String,
}

/// That a request was taken; nothing about whether there is such an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResetRequested)]
pub struct ResetRequestedView {
    /// What happens next.
    #[schema(example = "If there is an account with this address, a mail is on its way.")]
    pub detail: &'static str,
}

/// Change one's password
///
/// Ends every other session of the person.
#[utoipa::path(tag = "Signing in", request_body = ChangePassword, extensions(("x-idempotency-key" = json!("none"))),
    responses((status = 204, description = "The password is changed.")))]
#[post("/v1/me/password")]
pub(crate) async fn change_password(
    app: App,
    call: Call,
    body: Body<ChangePassword>,
) -> Result<Reply, Problem> {
    let owner = call.signed()?.person();
    call.allow(Action::ChangePassword, &Facts { owner, organisation: None })?;
    let Who::Person(person, session) = call.caller().who else { return Err(Problem::not_found()) };
    let asked = body.take()?;
    let addresses =
        app.read(&call, move |tx, _| Ok(tx.credentials().addresses_of(person)?)).await?;
    passwords::check("/new_password", &asked.new_password, &addresses)?;
    // Guessing the current password counts like guessing at the sign-in.
    let primary = addresses.first().cloned().unwrap_or_else(|| person.to_string());
    let phc = admit(&app, &call, &primary).await?.and_then(|account| account.phc);
    if app.auth.passwords.verify(phc.as_deref(), &asked.current_password).await? == Verdict::Wrong {
        return Err(Problem::input("/current_password", "wrong", "This is not the password."));
    }
    let fresh = passwords::hash(&app, &asked.new_password).await?;
    app.write(&call, move |tx, _| {
        if tx.credentials().of(person)? != phc {
            return Err(Problem::input("/current_password", "wrong", "This is not the password."));
        }
        tx.credentials().set(person, &fresh)?;
        tx.sign_in_failures().forget(&address_key(&primary))?;
        tx.resets().use_all_of(person)?;
        end_others(tx, person, Some(session), SessionEnd::PasswordChanged)?;
        Ok(tx.record(event(person, CredentialEvent::PasswordChanged {}))?)
    })
    .await?;
    Ok(Reply::no_content())
}

fn event(person: PersonId, fact: CredentialEvent) -> Event<CredentialEvent> {
    Event { program: None, subject: person.to_string(), person: Some(person), fact }
}

/// Ask for a password reset
///
/// Always 202: the answer does not tell whether there is an account. The mail holds a token that works
/// once, within the hour. It goes to the primary address and to addresses that were confirmed, to no other.
#[utoipa::path(tag = "Signing in", request_body = RequestReset,
    responses((status = 202, body = ResetRequestedView, description = "Taken.")))]
#[post("/v1/password-resets")]
pub(crate) async fn request_password_reset(
    app: App,
    call: Call,
    body: Body<RequestReset>,
) -> Result<Reply, Problem> {
    let folded = fold_email(&body.take()?.email);
    let life = TimeDelta::seconds(app.config.reset_token_s);
    app.write(&call, move |tx, _| {
        let now = tx.machine();
        // Whoever added an address that nobody confirmed must not take over the account with it.
        let account = tx.credentials().by_address(&folded)?;
        let Some(account) = account.filter(Account::takes_resets) else { return Ok(()) };
        if tx.resets().count_since(account.person, now - TimeDelta::hours(1))? >= RESETS_AN_HOUR {
            return Ok(());
        }
        let reset = Reset {
            id: tx.new_id(),
            person: account.person,
            address: account.address,
            requested_at: now,
            expires_at: now + life,
            used_at: None,
        };
        tx.resets().insert(&reset)?;
        Ok(tx.record(event(reset.person, CredentialEvent::ResetRequested { reset: reset.id }))?)
    })
    .await?;
    let detail = "If there is an account with this address, a mail is on its way.";
    Ok(Reply::accepted(&ResetRequestedView { detail }).no_store())
}

/// Set a new password with a reset token
///
/// The token of the mail works once. Ends every session of the person.
#[utoipa::path(tag = "Signing in", request_body = ConfirmReset,
    responses((status = 204, description = "The password is set.")))]
#[post("/v1/password-resets/confirm")]
pub(crate) async fn confirm_password_reset(
    app: App,
    call: Call,
    body: Body<ConfirmReset>,
) -> Result<Reply, Problem> {
    let asked = body.take()?;
    let void =
        || Problem::input("/token", "void", "The token is unknown, has ended or was used before.");
    let id = secrets::reset_of(app.auth.mac_key()?, &asked.token)?.ok_or_else(void)?;
    let (reset, addresses) = app
        .read(&call, move |tx, _| {
            let reset = tx.resets().find(id)?.ok_or_else(void)?;
            let addresses = tx.credentials().addresses_of(reset.person)?;
            Ok((reset, addresses))
        })
        .await?;
    if !reset.stands(app.machine()) {
        return Err(void());
    }
    passwords::check("/new_password", &asked.new_password, &addresses)?;
    let fresh = passwords::hash(&app, &asked.new_password).await?;
    app.write(&call, move |tx, _| {
        let reset =
            tx.resets().find(id)?.filter(|reset| reset.stands(tx.machine())).ok_or_else(void)?;
        tx.resets().use_all_of(reset.person)?;
        tx.credentials().set(reset.person, &fresh)?;
        for address in &addresses {
            tx.sign_in_failures().forget(&address_key(address))?;
        }
        end_others(tx, reset.person, None, SessionEnd::PasswordChanged)?;
        Ok(tx.record(event(reset.person, CredentialEvent::PasswordReset { reset: id }))?)
    })
    .await?;
    Ok(Reply::no_content())
}
