//! What cannot work is refused before anything starts.

use std::net::SocketAddr;

use domain::access::Role;

use super::{Config, Misconfigured};

impl Config {
    /// Refuses what cannot work, before anything starts.
    pub fn checked(self) -> Result<Self, Misconfigured> {
        let wrong = |what: &str| Err(Misconfigured(what.to_owned()));
        if !is_address(&self.bind) {
            return wrong("bind must be HOST:PORT, for example 127.0.0.1:8080.");
        }
        if self.metrics_bind.as_deref().is_some_and(|bind| !is_address(bind)) {
            return wrong("metrics_bind must be HOST:PORT.");
        }
        if self.public_url.as_deref().is_some_and(|url| !is_http(url) || url.ends_with('/')) {
            return wrong("public_url must be an http or https URL without a slash at its end.");
        }
        if self.cors_origins.iter().any(|origin| !is_http(origin)) {
            return wrong("cors_origins must be http or https origins; a wildcard is not taken.");
        }
        let counts = [
            self.rate_limit_per_minute,
            self.rate_limit_sign_in_per_minute,
            self.rate_limit_evaluations_per_minute,
            self.lockout_after,
        ];
        if counts.contains(&0) {
            return wrong("limits must be at least 1; use rate_limit = \"off\" for none.");
        }
        let lives = [self.access_token_s, self.refresh_token_s, self.session_s, self.reset_token_s];
        if lives.iter().any(|life| *life < 1) || self.idempotency_s < 1 || self.lockout_first_s < 1
        {
            return wrong("lifetimes must be at least one second.");
        }
        if !(1..=60_000).contains(&self.webhook_timeout_ms) || self.webhook_overlap_s < 0 {
            return wrong(
                "webhook_timeout_ms must be 1 to 60000, and webhook_overlap_s not negative.",
            );
        }
        if self.client_secret_grace_s < 0 || self.client_people_a_day < 0 {
            return wrong("client_secret_grace_s and client_people_a_day must not be negative.");
        }
        if argon2::Params::new(self.argon2_memory_kib, self.argon2_passes, self.argon2_lanes, None)
            .is_err()
        {
            return wrong("argon2 takes at least 8 KiB of memory a lane and one pass.");
        }
        if self.argon2_at_once == 0 || self.threads == Some(0) || self.database_threads == Some(0) {
            return wrong("counts of threads must be at least 1.");
        }
        if self.trusted_issuers.iter().any(|issuer| !is_http(&issuer.jwks_uri)) {
            return wrong("jwks_uri of a trusted issuer must be an http or https URL.");
        }
        let grantable = [Role::Staff, Role::Admin, Role::Auditor];
        if self
            .trusted_issuers
            .iter()
            .any(|issuer| issuer.roles.values().any(|role| !grantable.contains(role)))
        {
            return wrong("a trusted issuer can grant staff, admin and auditor only.");
        }
        if let Some(sentence) = self.wrong_s3() {
            return wrong(sentence);
        }
        Ok(self)
    }

    /// What cannot work about the store of files.
    fn wrong_s3(&self) -> Option<&'static str> {
        let keys = [&self.s3_access_key_id, &self.s3_secret_access_key];
        let others = [&self.s3_region, &self.s3_endpoint, keys[0], keys[1]];
        let Some(bucket) = &self.s3_bucket else {
            return others
                .iter()
                .any(|setting| setting.is_some())
                .then_some("the other settings of s3 say nothing without s3_bucket.");
        };
        let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(in_name) {
            return Some("s3_bucket must be the name of a bucket.");
        }
        if self.s3_region.is_none() && self.s3_endpoint.is_none() {
            return Some("s3_bucket needs s3_region, or the s3_endpoint of another store.");
        }
        if self.s3_endpoint.as_deref().is_some_and(|url| !is_http(url)) {
            return Some("s3_endpoint must be an http or https URL.");
        }
        if self.s3_access_key_id.is_some() != self.s3_secret_access_key.is_some() {
            return Some("s3_access_key_id and s3_secret_access_key come together.");
        }
        None
    }
}

fn is_address(bind: &str) -> bool {
    bind.parse::<SocketAddr>().is_ok()
        || bind
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

fn is_http(url: &str) -> bool {
    url.strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bucket, region, endpoint, key id and secret.
    fn s3(settings: [&str; 5]) -> Config {
        let [s3_bucket, s3_region, s3_endpoint, s3_access_key_id, s3_secret_access_key] =
            settings.map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()));
        Config {
            s3_bucket,
            s3_region,
            s3_endpoint,
            s3_access_key_id,
            s3_secret_access_key,
            ..Config::default()
        }
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for wrong in [
            Config { bind: "nowhere".to_owned(), ..Config::default() },
            Config { cors_origins: vec!["*".to_owned()], ..Config::default() },
            Config { access_token_s: 0, ..Config::default() },
            Config { rate_limit_per_minute: 0, ..Config::default() },
            Config { argon2_memory_kib: 1, ..Config::default() },
            Config { client_secret_grace_s: -1, ..Config::default() },
            Config { client_people_a_day: -1, ..Config::default() },
            s3(["", "eu-west-1", "", "", ""]),
            s3(["files", "", "", "", ""]),
            s3(["No Bucket", "eu-west-1", "", "", ""]),
            s3(["files", "", "nowhere", "", ""]),
            s3(["files", "eu-west-1", "", "AKIA", ""]),
        ] {
            assert!(wrong.checked().is_err());
        }
        assert!(Config::default().checked().is_ok());
        assert!(s3(["files", "", "http://127.0.0.1:9000", "id", "secret"]).checked().is_ok());
        assert!(s3(["files", "eu-west-1", "", "", ""]).checked().is_ok());
    }
}
