//! Providers as JSON, in and out.

use chrono::NaiveDate;
use domain::{
    OrganisationId,
    access::{Action, Caller, Facts},
    course::{Provider, ProviderKind},
    id::OrganisationKind,
    program::ProgramCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    answer::ActionView,
    extract::{Cursor, Limit},
    openapi::words::{id_of, one_of, one_of_or_null},
    v1::{
        actions,
        fields::{EmailAddress, Line, Name, Term, WebAddress},
    },
};

/// A provider of courses.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProviderView {
    /// Its id.
    #[schema(schema_with = id_of::<OrganisationKind>)]
    pub id: OrganisationId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Its kind.
    #[schema(schema_with = one_of::<ProviderKind>)]
    pub kind: ProviderKind,
    /// Its name.
    pub name: String,
    /// City and state.
    pub place: Option<String>,
    /// Its website.
    pub website: Option<String>,
    /// Where to ask.
    pub contact_email: Option<String>,
    /// The day from which it proposes, offers and posts no more.
    pub deactivated_on: Option<NaiveDate>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
    /// What this caller may do next, and if not, why.
    pub actions: Vec<ActionView>,
}

impl ProviderView {
    /// The provider as `caller` sees it.
    #[must_use]
    pub fn of(provider: Provider, today: NaiveDate, caller: &Caller) -> Self {
        Self {
            actions: offered(&provider, today, caller),
            deactivated_on: provider.standing.deactivated_on,
            id: provider.id,
            program: provider.program,
            kind: provider.kind,
            name: provider.name,
            place: provider.place,
            website: provider.website,
            contact_email: provider.contact_email,
            version: provider.version,
        }
    }
}

fn offered(provider: &Provider, today: NaiveDate, caller: &Caller) -> Vec<ActionView> {
    let facts = Facts::of_organisation(provider.id);
    let base = format!("/v1/providers/{}", provider.id);
    let users = format!("/v1/organisations/{}/invitations", provider.id);
    let active = provider.standing.active_finding(today);
    let again = provider.standing.deactivated_finding(today);
    [
        (Action::UpdateProvider, "PATCH", base.clone(), None),
        (Action::InviteUser, "POST", users, None),
        (Action::DeactivateProvider, "POST", format!("{base}/deactivate"), Some(active)),
        (Action::ReactivateProvider, "POST", format!("{base}/reactivate"), Some(again)),
    ]
    .into_iter()
    .filter(|(action, ..)| caller.may(*action, &facts).is_ok())
    .map(|(action, method, href, finding)| {
        actions::view(action, method, href, finding.into_iter().collect())
    })
    .collect()
}

/// A provider to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProvider {
    /// The program's code.
    #[serde(default = "ProgramCode::lssc")]
    #[schema(value_type = String, default = "lssc", pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: ProgramCode,
    /// Its kind.
    #[schema(schema_with = one_of::<ProviderKind>)]
    pub kind: ProviderKind,
    /// Its name, unique in the program.
    pub name: Name,
    /// City and state.
    #[serde(default)]
    pub place: Option<Line>,
    /// Its website.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// Where to ask.
    #[serde(default)]
    pub contact_email: Option<EmailAddress>,
}

/// What changes of a provider; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateProvider {
    /// Its kind.
    #[serde(default)]
    #[schema(schema_with = one_of_or_null::<ProviderKind>)]
    pub kind: Option<ProviderKind>,
    /// Its name.
    #[serde(default)]
    pub name: Option<Name>,
    /// City and state.
    #[serde(default)]
    pub place: Option<Line>,
    /// Its website.
    #[serde(default)]
    pub website: Option<WebAddress>,
    /// Where to ask.
    #[serde(default)]
    pub contact_email: Option<EmailAddress>,
}

/// Which providers are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProviders {
    /// Only those of a program.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those whose name and place have all of these words, or parts of words.
    pub q: Option<Term>,
    /// Only those of a kind.
    #[param(schema_with = one_of::<ProviderKind>, required = false)]
    pub kind: Option<ProviderKind>,
    /// How many, 50 unless said otherwise.
    pub limit: Option<Limit>,
    /// Where the page begins: the `next_cursor` of the page before.
    pub cursor: Option<Cursor>,
}
