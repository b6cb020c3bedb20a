//! The configuration as `lssc config` prints it.

use super::Config;

impl Config {
    /// The configuration with its secrets hidden: one line a setting, its value as JSON.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut shown = self.clone();
        shown.database_url = Some(without_password(&self.database()));
        shown.smtp_url = self.smtp_url.as_deref().map(without_password);
        shown.s3_endpoint = self.s3_endpoint.as_deref().map(without_password);
        for key in [&mut shown.s3_access_key_id, &mut shown.s3_secret_access_key] {
            *key = key.as_ref().map(|_| "***".to_owned());
        }
        let mut lines = String::new();
        if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(&shown) {
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                lines.extend([name.as_str(), " = ", &value.to_string(), "\n"]);
            }
        }
        lines
    }
}

/// `scheme://user:***@host/...`: a URL without its password.
fn without_password(url: &str) -> String {
    let hidden = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user_info, host) = authority.rsplit_once('@')?;
        let user = user_info.split(':').next().unwrap_or_default();
        let tail = if tail.contains("password=") {
            tail.split('?').next().unwrap_or_default()
        } else {
            tail
        };
        Some(format!("{scheme}://{user}:***@{host}{tail}"))
    };
    hidden().unwrap_or_else(|| url.split("?password=").next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        let config = Config {
            database_url: Some("postgres://app:hunter2@db/lssc".to_owned()),
            smtp_url: Some("smtps://me:covert@mail:465".to_owned()),
            s3_access_key_id: Some("AKIAHUNTER".to_owned()),
            s3_secret_access_key: Some("hunter2".to_owned()),
            ..Config::default()
        };
        let shown = config.shown();
        assert!(!shown.contains("hunter2") && !shown.contains("covert"), "{shown}");
        assert!(!shown.contains("AKIAHUNTER") && shown.contains("s3_secret_access_key = \"***\""));
        assert!(shown.contains("postgres://app:***@db/lssc"), "{shown}");
    }
}
