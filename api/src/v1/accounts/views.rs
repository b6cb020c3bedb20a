//! Accounts as JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CandidacyId, CertificationId, ClientId, PersonId, SubscriptionId,
    account::{Account, AccountState, ExternalId},
    candidacy::{Candidacy, CandidacyStatus},
    certificate::{CertificateNumber, Certification},
    certification::term::CertificationStatus,
    id::{CandidacyKind, CertificationKind, ClientKind, PersonKind, SubscriptionKind},
    person::Email,
    program::ProgramCode,
    subscription::Subscription,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{AsOf, Cursor, Limit},
    flows::account::AccountRules,
    openapi::words::{id_of, one_of, one_of_or_null},
    v1::fields::Term,
};

/// An e-mail address of an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountEmailView {
    /// The address.
    pub address: String,
    /// Whether notices go here.
    pub primary: bool,
    /// Whether control of it was shown.
    pub verified: bool,
}

/// The subscription that tells where an account stands (FAQ 21).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountSubscriptionView {
    /// Its id.
    #[schema(schema_with = id_of::<SubscriptionKind>)]
    pub id: SubscriptionId,
    /// First day.
    pub activated_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// The day on which it ended before its time.
    pub ended_on: Option<NaiveDate>,
}

/// A candidacy, by its dates.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountCandidacyView {
    /// The candidate number.
    #[schema(schema_with = id_of::<CandidacyKind>)]
    pub id: CandidacyId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Where it stands on the day.
    #[schema(schema_with = one_of::<CandidacyStatus>)]
    pub status: CandidacyStatus,
    /// The acceptance date, on which the clock started.
    pub admitted_on: NaiveDate,
    /// The last day on which a set can be achieved (FAQ 18).
    pub deadline: NaiveDate,
    /// The day on which the requirement was met.
    pub completed_on: Option<NaiveDate>,
}

/// A certification, by its dates.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountCertificationView {
    /// Its id.
    #[schema(schema_with = id_of::<CertificationKind>)]
    pub id: CertificationId,
    /// Its number, which anyone can verify.
    #[schema(value_type = String, example = "LSSC-2026-7K3M9QX")]
    pub number: CertificateNumber,
    /// Where it stands on the day.
    #[schema(schema_with = one_of_or_null::<CertificationStatus>)]
    pub status: Option<CertificationStatus>,
    /// The first day of the first term.
    pub completed_on: NaiveDate,
    /// Last day of the term that holds on the day.
    pub expires_on: NaiveDate,
}

/// A partner that holds an account of the person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountHolderView {
    /// The machine client.
    #[schema(schema_with = id_of::<ClientKind>)]
    pub client_id: ClientId,
    /// Whose machine it is.
    pub name: String,
    /// What it calls the person.
    pub external_id: String,
    /// When it was linked.
    pub linked_at: DateTime<Utc>,
}

/// An account on a day: everything that a partner may hold of a person, and nothing more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountView {
    /// The person.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// What the calling partner calls them: of several after a merge the first one; null for everybody else, and
    /// where it knows no account of theirs.
    pub external_id: Option<String>,
    /// Given names.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// E-mail addresses, the primary one first.
    pub emails: Vec<AccountEmailView>,
    /// The day of which `state` tells.
    pub as_of: NaiveDate,
    /// Where it stands on the day; computed, never stored.
    #[schema(schema_with = one_of::<AccountState>)]
    pub state: AccountState,
    /// The subscription that tells it: of those that run the last to end, else the last that ended.
    pub subscription: Option<AccountSubscriptionView>,
    /// Candidacies that had begun, the first one first.
    pub candidacies: Vec<AccountCandidacyView>,
    /// Certifications that had begun, the first one first.
    pub certifications: Vec<AccountCertificationView>,
    /// The partners that hold the account; to a partner only itself is told.
    pub held_by: Vec<AccountHolderView>,
}

/// The names of machines by their ids.
pub(crate) type ClientNames = BTreeMap<ClientId, String>;

impl AccountView {
    /// The account on a day, as a partner sees it or, without one, the office and its person.
    #[must_use]
    pub(crate) fn of(
        account: Account,
        as_of: NaiveDate,
        rules: AccountRules,
        client: Option<ClientId>,
        names: &ClientNames,
    ) -> Self {
        let own = client.and_then(|client| account.held_by(client).next());
        let nothing = account.is_erased();
        let begun = |on: NaiveDate| on <= as_of && !nothing;
        let candidacies = account.candidacies.iter().filter(|one| begun(one.admitted_on));
        let certifications = account.certifications.iter().filter(|one| begun(one.completed_on));
        let subscription = account.subscription(as_of);
        Self {
            person_id: account.person.id,
            external_id: own.map(|one| one.external_id.clone()),
            as_of,
            state: account.state(as_of, rules.reminder_days),
            subscription: subscription.map(|one| subscribed(one, as_of)),
            candidacies: candidacies.map(|one| candidacy(one, as_of)).collect(),
            certifications: certifications.map(|one| certification(one, as_of)).collect(),
            held_by: account.external_ids.into_iter().map(|one| holder(one, names)).collect(),
            emails: account.emails.into_iter().map(email).collect(),
            given_name: account.person.given_name,
            family_name: account.person.family_name,
        }
    }
}

fn email(email: Email) -> AccountEmailView {
    let verified = email.verified_at.is_some();
    AccountEmailView { address: email.address, primary: email.is_primary, verified }
}

fn subscribed(subscription: &Subscription, as_of: NaiveDate) -> AccountSubscriptionView {
    AccountSubscriptionView {
        id: subscription.id,
        activated_on: subscription.activated_on,
        ends_on: subscription.ends_on,
        ended_on: subscription.ended_on.filter(|day| *day <= as_of),
    }
}

fn candidacy(candidacy: &Candidacy, as_of: NaiveDate) -> AccountCandidacyView {
    AccountCandidacyView {
        id: candidacy.id,
        program: candidacy.program.clone(),
        status: candidacy.status(as_of),
        admitted_on: candidacy.admitted_on,
        deadline: candidacy.deadline(as_of),
        completed_on: candidacy.completed_on.filter(|day| *day <= as_of),
    }
}

fn certification(certification: &Certification, as_of: NaiveDate) -> AccountCertificationView {
    AccountCertificationView {
        id: certification.id,
        number: certification.number.clone(),
        status: certification.standing(as_of).map(|one| one.status),
        completed_on: certification.completed_on,
        expires_on: certification.dates_on(as_of).expires_on,
    }
}

fn holder(known: ExternalId, names: &ClientNames) -> AccountHolderView {
    AccountHolderView {
        client_id: known.client,
        name: names.get(&known.client).cloned().unwrap_or_default(),
        external_id: known.external_id,
        linked_at: known.linked_at,
    }
}

/// Which accounts are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAccounts {
    /// Only that of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only whom the calling partner, or for others any partner, calls this, letter for letter.
    #[param(inline)]
    pub external_id: Option<Term>,
    /// Only those in a state on the day.
    #[param(schema_with = one_of::<AccountState>, required = false)]
    pub state: Option<AccountState>,
    /// The day, today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub as_of: Option<AsOf>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}

/// The day of which is asked.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// The day, today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub as_of: Option<AsOf>,
}
