//! Account subscriptions (FAQ 21): activated by the settlement of an application fee. Partner systems
//! provision accounts by them.

use actix_web::get;
use chrono::NaiveDate;
use domain::{
    InvoiceId, PersonId, SubscriptionId,
    access::{Action, Facts},
    calendar::add_days,
    id::{InvoiceKind, PersonKind, SubscriptionKind},
    program::ProgramCode,
    subscription::{Subscription, SubscriptionState},
};
use persistence::SubscriptionFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{AsOf, Cursor, IfNoneMatch, Limit, Page, PathOf, Query},
    flows::program,
    openapi::words::{id_of, one_of, one_of_or_null},
    problem::Problem,
};

/// Registers the operations of this module.
pub fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_subscriptions).service(get_subscription);
}

/// An account subscription on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SubscriptionView {
    /// Its id.
    #[schema(schema_with = id_of::<SubscriptionKind>)]
    pub id: SubscriptionId,
    /// The program's code.
    #[schema(value_type = String)]
    pub program: ProgramCode,
    /// Whose.
    #[schema(schema_with = id_of::<PersonKind>)]
    pub person_id: PersonId,
    /// The invoice whose settlement activated it.
    #[schema(schema_with = id_of::<InvoiceKind>)]
    pub invoice_id: InvoiceId,
    /// The day of which `state` tells.
    pub as_of: NaiveDate,
    /// Where it stands on the day; null before its first.
    #[schema(schema_with = one_of_or_null::<SubscriptionState>)]
    pub state: Option<SubscriptionState>,
    /// First day.
    pub activated_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// The day on which it ended before its time: the fee was returned.
    pub ended_on: Option<NaiveDate>,
    /// The day on which its end was announced.
    pub reminded_on: Option<NaiveDate>,
    /// The version; its entity tag is `"v"` and this number.
    pub version: i64,
}

impl SubscriptionView {
    fn of(subscription: Subscription, as_of: NaiveDate, reminder_days: u32) -> Self {
        Self {
            id: subscription.id,
            as_of,
            state: subscription.state(as_of, reminder_days),
            program: subscription.program,
            person_id: subscription.person,
            invoice_id: subscription.invoice,
            activated_on: subscription.activated_on,
            ends_on: subscription.ends_on,
            ended_on: subscription.ended_on.filter(|day| *day <= as_of),
            reminded_on: subscription.reminded_on.filter(|day| *day <= as_of),
            version: subscription.version,
        }
    }
}

/// Which subscriptions are listed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSubscriptions {
    /// The program, `lssc` when left out.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,19}$")]
    pub program: Option<ProgramCode>,
    /// Only those of a person.
    #[param(schema_with = id_of::<PersonKind>, required = false)]
    pub person_id: Option<PersonId>,
    /// Only those in a state on the day.
    #[param(schema_with = one_of::<SubscriptionState>, required = false)]
    pub state: Option<SubscriptionState>,
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
pub struct SubscriptionQuery {
    /// The day, today when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub as_of: Option<AsOf>,
}

/// A state on a day as predicates over dates. It is ending from `reminder_days` before its last day.
fn narrow(
    filter: &mut SubscriptionFilter,
    state: SubscriptionState,
    day: NaiveDate,
    near: NaiveDate,
) {
    match state {
        SubscriptionState::Active => {
            filter.active_on = Some(day);
            filter.ends_from = Some(add_days(near, 1));
        }
        SubscriptionState::Ending => {
            filter.active_on = Some(day);
            filter.ends_until = Some(near);
        }
        SubscriptionState::Ended => filter.ended_by = Some(day),
    }
}

/// List account subscriptions
///
/// In the order of activation. Staff and partners see everybody's, others their own. A subscription is
/// active for the years of the policy, and ending in the last days of it, of which `state` tells on the
/// day asked for.
#[utoipa::path(tag = "Money", params(ListSubscriptions),
    responses((status = 200, body = Listing<SubscriptionView>)))]
#[get("/v1/subscriptions")]
pub(crate) async fn list_subscriptions(
    app: App,
    call: Call,
    query: Query<ListSubscriptions>,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            let reach = call.reach(Action::ListSubscriptions)?;
            let page = Page::<SubscriptionId>::of(query.limit, query.cursor.as_ref())?;
            let code = call.caller().program_of(query.program.as_ref());
            let Some(code) = code else { return Ok(Listing::empty().reply(call)) };
            if program::asked(tx, &code)?.is_none() {
                return Ok(Listing::empty().reply(call));
            }
            let rules = program::in_force(&app, tx, &code)?;
            let days = rules.policy.accounts.reminder_days;
            let day = AsOf::or(query.as_of, rules.today);
            let mut filter = SubscriptionFilter {
                program: Some(code),
                person: query.person_id,
                ..SubscriptionFilter::default()
            };
            if let Some(state) = query.state {
                narrow(&mut filter, state, day, add_days(day, days.into()));
            }
            if !reach.narrow(&mut filter.person) {
                return Ok(Listing::empty().reply(call));
            }
            let rows = tx.subscriptions().list(&filter, page.rows())?;
            let view = |row: Subscription| {
                call.discloses([row.person]);
                SubscriptionView::of(row, day, days)
            };
            Ok(page.listing(rows, |row| row.id, view).reply(call))
        })
        .await
}

/// Read an account subscription
#[utoipa::path(tag = "Money", params(SubscriptionQuery),
    responses((status = 200, body = SubscriptionView)))]
#[get("/v1/subscriptions/{subscription_id}")]
pub(crate) async fn get_subscription(
    app: App,
    call: Call,
    id: PathOf<SubscriptionId>,
    query: Query<SubscriptionQuery>,
    seen: IfNoneMatch,
) -> Result<Reply, Problem> {
    app.clone()
        .read(&call, move |tx, call| {
            call.signed()?;
            let subscription = tx.subscriptions().get(*id)?;
            let facts = Facts::of_person(subscription.person);
            call.allow_in(Action::GetSubscription, &facts, &subscription.program)?;
            call.discloses([subscription.person]);
            let rules = program::in_force(&app, tx, &subscription.program)?;
            let (day, version) = (AsOf::or(query.as_of, rules.today), subscription.version);
            let days = rules.policy.accounts.reminder_days;
            let view = SubscriptionView::of(subscription, day, days);
            Ok(seen.answer(Reply::ok(&view).etag(version).private()))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the filter takes is what the domain calls the state, around every edge.
    #[test]
    fn predicates_agree_with_the_state() {
        let day = |number: i64| add_days(NaiveDate::default(), number);
        for ends in 0..40 {
            for ended in [None, Some(9), Some(10), Some(11)] {
                let subscription = Subscription {
                    id: SubscriptionId::from_bits(1),
                    program: ProgramCode::lssc(),
                    person: PersonId::from_bits(1),
                    invoice: InvoiceId::from_bits(1),
                    activated_on: day(0),
                    ends_on: day(ends),
                    ended_on: ended.map(day),
                    reminded_on: None,
                    version: 1,
                };
                let state = subscription.state(day(10), 20);
                for asked in <SubscriptionState as domain::Word>::ALL {
                    let mut filter = SubscriptionFilter::default();
                    narrow(&mut filter, *asked, day(10), day(30));
                    let taken = takes(&filter, &subscription);
                    assert_eq!(taken, state == Some(*asked), "{asked} {ends} {ended:?}");
                }
            }
        }
    }

    /// As the store's query has it.
    fn takes(filter: &SubscriptionFilter, one: &Subscription) -> bool {
        filter.active_on.is_none_or(|day| {
            one.activated_on <= day
                && one.ends_on >= day
                && one.ended_on.is_none_or(|end| end > day)
        }) && filter
            .ended_by
            .is_none_or(|day| one.ends_on < day || one.ended_on.is_some_and(|end| end <= day))
            && filter.ends_from.is_none_or(|day| one.ends_on >= day)
            && filter.ends_until.is_none_or(|day| one.ends_on <= day)
    }
}
