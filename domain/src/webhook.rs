//! Webhooks: events that are sent to an address of a partner's machine (Standard Webhooks).
//!
//! Every endpoint follows the log by a position of its own. What it is sent is a delivery; deliveries about one
//! person go out one after the other, those about others do not wait for them.

pub mod address;
mod delivery;
mod endpoint;

pub use delivery::{Answer, Attempt, Cause, Delivery, DeliveryState, Outcome, RETRIES_S};
pub use endpoint::{
    Disabling, Endpoint, EndpointChange, EndpointState, Format, LIVE_SECRETS, LiveSecret,
    NewEndpoint, OVERLAP_S, WebhookEvent,
};

/// The type of what a ping sends.
pub const PING: &str = "webhook.ping";
