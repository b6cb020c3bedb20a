//! The operations, a module for each capability. What is registered here is served and documented.

pub mod clients;
pub mod grants;
pub mod oauth;
pub mod passwords;
pub mod sessions;

pub mod achievements;
pub mod actions;
pub mod applications;
pub mod assistance;
pub mod award_rounds;
pub mod candidacies;
pub mod certifications;
pub mod completions;
pub mod courses;
pub mod evaluations;
pub mod events;
pub mod fee_quotes;
pub mod fields;
pub mod institutions;
pub mod invoices;
pub mod ledger;
pub mod memberships;
mod payers;
pub mod payment_callbacks;
pub mod payment_discrepancies;
pub mod payments;
pub mod payouts;
pub mod people;
pub mod programs;
pub mod providers;
pub mod purchase_orders;
pub mod statements;
pub mod subscriptions;
pub mod subsidies;
pub mod verifications;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every operation.
pub fn register(config: &mut ServiceConfig<'_>) {
    achievements::register(config);
    applications::register(config);
    assistance::register(config);
    award_rounds::register(config);
    candidacies::register(config);
    certifications::register(config);
    completions::register(config);
    courses::register(config);
    evaluations::register(config);
    events::register(config);
    fee_quotes::register(config);
    institutions::register(config);
    invoices::register(config);
    ledger::register(config);
    memberships::register(config);
    payment_callbacks::register(config);
    payment_discrepancies::register(config);
    payments::register(config);
    payouts::register(config);
    people::register(config);
    programs::register(config);
    providers::register(config);
    purchase_orders::register(config);
    statements::register(config);
    subscriptions::register(config);
    subsidies::register(config);
    verifications::register(config);
    oauth::register(config);
    sessions::register(config);
    passwords::register(config);
    clients::register(config);
    grants::register(config);
}
