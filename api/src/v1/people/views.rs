//! People as JSON, in and out.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    EmailId, PersonId,
    access::{Action, Caller, Facts},
    id::{EmailKind, PersonKind},
    life::{PersonState, Unfinished},
    person::{Email, Person},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of},
    v1::{
        actions,
        fields::{EmailAddress, Name, Password, Term},
    },
};

/// What registers a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterPerson {
    /// Given names.
    pub given_name: Name,
    /// Family name.
    pub family_name: Name,
    /// The address to sign in with.
    pub email: EmailAddress,
    /// The password.
    pub password: Password,
}

/// What changes of a person; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePerson {
    /// Given names.
    #[serde(default)]
    pub given_name: Option<Name>,
    /// Family name.
    #[serde(default)]
    pub family_name: Option<Name>,
}

/// An e-mail address to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddEmail {
    /// The address.
    pub email: EmailAddress,
}

/// What confirms an e-mail address.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmail {
    /// The token of the mail.
    #[schema(max_length = 200)]
    pub token: String,
}

/// An e-mail address of a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EmailView {
    /// Its id.
    #[schema(schema_with = id_of::<EmailKind>)]
    pub id: EmailId,
    /// The address.
    pub address: String,
    /// Whether notices go here.
    pub is_primary: bool,
    /// When control of it was shown.
    pub verified_at: Option<DateTime<Utc>>,
}

/// A person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonView {
    /// Its id.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub id: PersonId,
    /// Given names.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// What became of them.
    #[schema(schema_with = one_of::<PersonState>)]
    pub state: PersonState,
    /// The day on which they retired.
    pub retired_on: Option<NaiveDate>,
    /// The day of their death.
    pub deceased_on: Option<NaiveDate>,
    /// E-mail addresses, the primary one first.
    pub emails: Vec<EmailView>,
    /// When they registered.
    pub created_at: DateTime<Utc>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next.
    pub actions: Vec<ActionView>,
}

impl PersonView {
    /// The person as `caller` sees them.
    #[must_use]
    pub fn of(
        person: Person,
        emails: Vec<Email>,
        unfinished: Option<&Unfinished>,
        caller: &Caller,
    ) -> Self {
        let facts = Facts::of_person(person.id);
        let base = format!("/v1/people/{}", person.id);
        let actions = [
            (Action::UpdatePerson, "PATCH", base.clone(), Some(Vec::new())),
            (Action::AddEmail, "POST", format!("{base}/emails"), Some(Vec::new())),
            (Action::ClaimMembership, "POST", format!("{base}/memberships"), Some(Vec::new())),
            (Action::RequestNameChange, "POST", format!("{base}/name-changes"), Some(Vec::new())),
            (
                Action::RetirePerson,
                "POST",
                format!("{base}/retire"),
                Some(vec![person.retire_finding()]),
            ),
            (
                Action::RecordDeath,
                "POST",
                format!("{base}/deceased"),
                Some(vec![person.death_finding()]),
            ),
            (
                Action::RestorePerson,
                "POST",
                format!("{base}/restore"),
                Some(vec![person.restore_finding()]),
            ),
            (
                Action::ErasePerson,
                "POST",
                format!("{base}/erase"),
                unfinished.map(|unfinished| person.erasure_findings(unfinished)),
            ),
        ]
        .into_iter()
        .filter(|(action, ..)| caller.may(*action, &facts).is_ok())
        .filter_map(|(action, method, href, findings)| {
            Some(actions::view(action, method, href, findings?))
        })
        .collect();
        Self {
            id: person.id,
            state: person.life.state(),
            retired_on: person.life.retired_on,
            deceased_on: person.life.deceased_on,
            given_name: person.given_name,
            family_name: person.family_name,
            emails: emails
                .into_iter()
                .map(|email| EmailView {
                    id: email.id,
                    address: email.address,
                    is_primary: email.is_primary,
                    verified_at: email.verified_at,
                })
                .collect(),
            created_at: person.created_at,
            version: person.version,
            actions,
        }
    }
}

/// Which people are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPeople {
    /// Who has this e-mail address.
    #[param(inline)]
    pub email: Option<Term>,
    /// Whose family name is this one, letter for letter.
    #[param(inline)]
    pub family_name: Option<Term>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
