//! What Prometheus reads, on an address of its own. Routes are templates, never paths.

use std::time::Duration;

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntGauge, Registry, TextEncoder};

/// The counted things of one server.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    waiting_reads: IntGauge,
    waiting_writes: IntGauge,
}

impl Metrics {
    /// An empty set. Fails only when two metrics have the same name.
    pub fn new() -> Result<Self, prometheus::Error> {
        let options = HistogramOpts::new(
            "http_server_request_duration_seconds",
            "How long requests took, by route.",
        )
        .buckets(vec![
            0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
        ]);
        let labels = ["http_request_method", "http_route", "http_response_status_code"];
        let metrics = Self {
            registry: Registry::new(),
            requests: HistogramVec::new(options, &labels)?,
            waiting_reads: IntGauge::new(
                "store_waiting_reads",
                "Reads that wait for a database thread.",
            )?,
            waiting_writes: IntGauge::new(
                "store_waiting_writes",
                "Writes that wait for a database thread.",
            )?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.waiting_reads.clone()))?;
        metrics.registry.register(Box::new(metrics.waiting_writes.clone()))?;
        Ok(metrics)
    }
    /// Counts one answered request.
    pub fn observe(&self, method: &str, route: &str, status: u16, took: Duration) {
        // A method that nobody serves is whatever a caller made up: one label for all of them.
        let method = if matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") {
            method
        } else {
            "_OTHER"
        };
        self.requests
            .with_label_values(&[method, route, &status.to_string()])
            .observe(took.as_secs_f64());
    }
    /// Notes how much waits for the database.
    pub fn waiting(&self, reads: usize, writes: usize) {
        self.waiting_reads.set(i64::try_from(reads).unwrap_or(i64::MAX));
        self.waiting_writes.set(i64::try_from(writes).unwrap_or(i64::MAX));
    }
    /// The text format.
    pub fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
