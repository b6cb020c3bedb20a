//! Passwords: argon2id in PHC strings, off the threads that serve, a few at a time.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::credential::password_faults;
use tokio::sync::Semaphore;

use crate::{app::App, config::Config, ids::Chance, problem::Problem};

/// Hashes and verifies passwords.
pub struct Passwords {
    params: Params,
    at_once: Semaphore,
    /// Verified against when there is nobody, so that the time tells nothing.
    nobody: String,
}

/// What the verification of a password comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password, or there is none.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, hashed with weaker figures than are configured now.
    RightButWeak,
}

impl Passwords {
    /// Hashing by the configured figures.
    pub fn of(config: &Config) -> Result<Self, String> {
        let params =
            Params::new(config.argon2_memory_kib, config.argon2_passes, config.argon2_lanes, None)
                .map_err(|error| format!("argon2 cannot work with these figures: {error}."))?;
        let nobody = phc_of(&params, b"the password of nobody", &[7; 16])?;
        Ok(Self { params, at_once: Semaphore::new(config.argon2_at_once), nobody })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, chance: &dyn Chance, password: &str) -> Result<String, Problem> {
        let mut salt = [0; 16];
        chance.fill(&mut salt);
        let (params, password) = (self.params.clone(), password.as_bytes().to_vec());
        self.away(move || phc_of(&params, &password, &salt)).await?.map_err(Problem::internal)
    }

    /// Whether `password` is the one of `phc`. Takes the same time when there is none.
    pub async fn verify(&self, phc: Option<&str>, password: &str) -> Result<Verdict, Problem> {
        let exists = phc.is_some();
        let phc = phc.unwrap_or(&self.nobody).to_owned();
        let (params, password) = (self.params.clone(), password.as_bytes().to_vec());
        let verdict = self
            .away(move || verify(&params, &phc, &password))
            .await?
            .map_err(Problem::internal)?;
        Ok(if exists { verdict } else { Verdict::Wrong })
    }

    /// Runs heavy work on a thread of its own, when one of the places is free.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that is heavy on the processor, not on the database"
    )]
    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _place =
            self.at_once.acquire().await.map_err(|error| Problem::internal(error.to_string()))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Problem::internal(error.to_string()))
    }
}

/// The PHC string of a new password, for `tx.credentials().set(person, &phc)`. Before the transaction:
/// hashing is slow by design.
pub async fn hash(app: &App, password: &str) -> Result<String, Problem> {
    app.auth.passwords.hash(&*app.chance, password).await
}

/// `Ok` when a new password of somebody with these addresses will do, else 422 that points at it.
pub fn check(pointer: &str, password: &str, addresses: &[String]) -> Result<(), Problem> {
    let faults = password_faults(pointer, password, addresses);
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

fn phc_of(params: &Params, password: &[u8], salt: &[u8]) -> Result<String, String> {
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let phc: PasswordHash =
        hasher.hash_password_with_salt(password, salt).map_err(|error| error.to_string())?;
    Ok(phc.to_string())
}

fn verify(params: &Params, phc: &str, password: &[u8]) -> Result<Verdict, String> {
    let parsed = PasswordHash::new(phc)
        .map_err(|error| format!("a stored password cannot be read: {error}"))?;
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    if PasswordVerifier::<PasswordHash>::verify_password(&hasher, password, &parsed).is_err() {
        return Ok(Verdict::Wrong);
    }
    let used = Params::try_from(&parsed).map_err(|error| error.to_string())?;
    let weak = used.m_cost() < params.m_cost() || used.t_cost() < params.t_cost();
    Ok(if weak { Verdict::RightButWeak } else { Verdict::Right })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_right_password_is_right_and_weak_hashes_are_noticed() {
        let (weak, strong) =
            (Params::new(8, 1, 1, None).unwrap(), Params::new(16, 2, 1, None).unwrap());
        let phc = phc_of(&weak, b"a long passphrase", &[1; 16]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert_eq!(verify(&weak, &phc, b"a long passphrase").unwrap(), Verdict::Right);
        assert_eq!(verify(&strong, &phc, b"a long passphrase").unwrap(), Verdict::RightButWeak);
        assert_eq!(verify(&weak, &phc, b"another passphrase").unwrap(), Verdict::Wrong);
    }

    #[test]
    fn nobody_has_no_password() {
        let config = Config { argon2_memory_kib: 8, argon2_passes: 1, ..Config::default() };
        let passwords = Passwords::of(&config).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let verdict = runtime.block_on(passwords.verify(None, "the password of nobody")).unwrap();
        assert_eq!(verdict, Verdict::Wrong);
    }
}
