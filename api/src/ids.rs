//! Ids and chance, handed in: real ones, and ones that a seed decides for the demo and for tests.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use domain::id::EventId;
use persistence::IdSource;
use sha2::{Digest, Sha256};
use uuid::{Builder, ContextV7, Timestamp, Uuid};

/// Chance for secrets.
pub trait Chance: Send + Sync + 'static {
    /// Fills `bytes` with chance.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Chance {
    /// 32 bytes of chance.
    #[must_use]
    pub fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        bytes
    }
}

/// The operating system's chance, as everything that guards a secret needs it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        // Two version 4 UUIDs would hold fixed bits: ask the cryptographic library itself.
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // A machine without chance must not hand out secrets; no request can be served safely.
            std::process::abort();
        }
    }
}

/// Ids of `UUIDv7` form: time first, so that new rows stay together in the index, then a counter
/// and chance.
pub struct TimeIds {
    context: Mutex<ContextV7>,
}

impl Default for TimeIds {
    fn default() -> Self {
        Self { context: Mutex::new(ContextV7::new()) }
    }
}

impl IdSource for TimeIds {
    fn next(&self, now: DateTime<Utc>) -> u128 {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos()))
            .as_u128()
    }
}

/// Ids and chance that a seed decides: the same story gets the same ids. Never for real secrets.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    count: Mutex<u64>,
}

impl Seeded {
    /// Chance decided by `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, count: Mutex::new(0) }
    }
    fn block(&self) -> [u8; 32] {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = count.wrapping_add(1);
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(count.to_be_bytes());
        hash.finalize().into()
    }
}

impl Chance for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.block();
            for (byte, chance) in chunk.iter_mut().zip(block) {
                *byte = chance;
            }
        }
    }
}

impl IdSource for Seeded {
    fn next(&self, now: DateTime<Utc>) -> u128 {
        let mut chance = [0; 10];
        self.fill(&mut chance);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &chance).into_uuid().as_u128()
    }
}

/// Ids of what follows from one event: the same however often it is dealt with, and within an instant in the
/// order of the log. Whoever deals with events beside requests then takes no ids from theirs.
#[derive(Debug)]
pub struct Following {
    event: u128,
    position: u64,
    count: AtomicU64,
}

impl Following {
    /// The ids of what follows from `event`, which has this position in the log.
    #[must_use]
    pub fn of(event: EventId, position: i64) -> Self {
        let position = u64::try_from(position).unwrap_or_default();
        Self { event: event.bits(), position, count: AtomicU64::new(0) }
    }
}

impl IdSource for Following {
    fn next(&self, now: DateTime<Utc>) -> u128 {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut hash = Sha256::new();
        hash.update(self.event.to_be_bytes());
        hash.update(count.to_be_bytes());
        // 12 bits before the variant, and what comes after its byte: the position, the count, then chance.
        let [_, _, high, low, rest @ ..] = self.position.to_be_bytes();
        let [.., counted] = count.to_be_bytes();
        let bytes = [high, low, 0].into_iter().chain(rest).chain([counted]).chain(hash.finalize());
        let mut chance = [0; 10];
        for (byte, drawn) in chance.iter_mut().zip(bytes) {
            *byte = drawn;
        }
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &chance).into_uuid().as_u128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_ids_ascend_within_one_instant() {
        let ids = TimeIds::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let made: Vec<_> = (0..1000).map(|_| ids.next(now)).collect();
        assert!(made.is_sorted());
    }

    #[test]
    fn what_follows_from_an_event_has_ids_in_the_order_of_the_log() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let of = |event: u128, position| Following::of(EventId::from_bits(event), position);
        let (first, second) = (of(9, 255), of(3, 256));
        let made = [first.next(now), first.next(now), second.next(now), second.next(now)];
        assert!(made.is_sorted() && made.first() < made.last());
        assert_eq!(of(9, 255).next(now), made.first().copied().unwrap_or_default());
        assert_ne!(of(8, 255).next(now), made.first().copied().unwrap_or_default());
    }

    #[test]
    fn a_seed_decides_the_ids() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let (one, two) = (Seeded::new(7), Seeded::new(7));
        assert_eq!(one.next(now), two.next(now));
        assert_ne!(one.next(now), two.next(now) ^ 1);
        assert_ne!(Seeded::new(8).next(now), Seeded::new(7).next(now));
    }
}
