//! The operations, a module for each capability. What is registered here is served and documented.

pub mod clients;
pub mod grants;
pub mod oauth;
pub mod passwords;
pub mod sessions;

pub mod achievements;
pub mod actions;
pub mod applications;
pub mod candidacies;
pub mod certifications;
pub mod completions;
pub mod courses;
pub mod evaluations;
pub mod events;
pub mod fields;
pub mod invoices;
pub mod memberships;
pub mod people;
pub mod programs;
pub mod providers;
pub mod verifications;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every operation.
pub fn register(config: &mut ServiceConfig<'_>) {
    achievements::register(config);
    applications::register(config);
    candidacies::register(config);
    certifications::register(config);
    completions::register(config);
    courses::register(config);
    evaluations::register(config);
    events::register(config);
    invoices::register(config);
    memberships::register(config);
    people::register(config);
    programs::register(config);
    providers::register(config);
    verifications::register(config);
    oauth::register(config);
    sessions::register(config);
    passwords::register(config);
    clients::register(config);
    grants::register(config);
}
