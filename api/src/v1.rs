//! The operations, a module for each capability. What is registered here is served and documented.

pub mod oauth;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every operation.
pub fn register(config: &mut ServiceConfig<'_>) {
    oauth::register(config);
}
