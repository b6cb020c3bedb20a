//! The sequencer: gives committed events their dense position and chains their hashes.
//!
//! Writers never wait for each other over a number; an event that commits late gets a later
//! position, so whoever reads positions in order skips nothing.

use chrono::TimeDelta;
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Binary},
};
use domain::id::EventId;

use crate::{
    Error, Optional, Stamp, Store, Tx,
    chain::{GENESIS, link},
    conn::{Conn, each_backend},
    events::{EventRow, Recorded},
    schema_house::events,
    types::{Uid, V},
};

const LEASE: &str = "sequencer";

/// What a round of the sequencer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequenced {
    /// Whether this holder leads; when not, another does the work.
    pub leads: bool,
    /// How many events got their position. As many as the limit: there may be more.
    pub positioned: usize,
}

impl Store {
    /// One round of the sequencer for `holder`: gives at most `limit` events their positions, and
    /// holds the leadership for `lasts` after the stamp's instant.
    pub async fn sequence(
        &self,
        stamp: Stamp,
        holder: &str,
        lasts: TimeDelta,
        limit: i64,
    ) -> Result<Sequenced, Error> {
        let holder = holder.to_owned();
        self.write(stamp, move |tx| round(tx, &holder, lasts, limit)).await
    }
}

fn round(tx: &mut Tx<'_>, holder: &str, lasts: TimeDelta, limit: i64) -> Result<Sequenced, Error> {
    // The lease's row is held from here to the commit, so that even a leader whose lease has run out
    // in the middle of a round is waited for, and its positions are seen.
    if !tx.leases().acquire(LEASE, holder, lasts)? {
        return Ok(Sequenced { leads: false, positioned: 0 });
    }
    let (mut position, mut hash) = tail(tx)?;
    let waiting: Vec<EventRow> = each_backend!(tx.conn, |c| {
        events::table
            .select(EventRow::as_select())
            .filter(events::position.is_null())
            .order((events::at.asc(), events::id.asc()))
            .limit(limit)
            .load(c)
    })?;
    let mut links = Vec::with_capacity(waiting.len());
    for row in waiting {
        let event = Recorded::from(row);
        position += 1;
        hash = link(&hash, position, &event);
        links.push(Link { id: V(event.id), position, hash: hash.clone() });
    }
    let positioned = links.len();
    if positioned > 0 {
        save(tx, links)?;
    }
    Ok(Sequenced { leads: true, positioned })
}

struct Link {
    id: V<EventId>,
    position: i64,
    hash: Vec<u8>,
}

/// The last position and its hash.
fn tail(tx: &mut Tx<'_>) -> Result<(i64, Vec<u8>), Error> {
    let last: Option<(Option<i64>, Option<Vec<u8>>)> = each_backend!(tx.conn, |c| {
        events::table
            .select((events::position, events::hash))
            .filter(events::position.is_not_null())
            .order(events::position.desc())
            .first(c)
    })
    .map_err(Error::from)
    .found()?;
    match last {
        None => Ok((0, GENESIS.to_vec())),
        Some((Some(position), Some(hash))) => Ok((position, hash)),
        Some(_) => Err(Error::Broken("a positioned event has no hash".to_owned())),
    }
}

/// One statement on PostgreSQL, where each costs a round trip; one a row on SQLite, where none does.
fn save(tx: &mut Tx<'_>, links: Vec<Link>) -> Result<(), Error> {
    let wanted = links.len();
    let saved = match &mut *tx.conn {
        Conn::Postgres(c) => {
            let (mut ids, mut positions, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
            for link in links {
                ids.push(link.id);
                positions.push(link.position);
                hashes.push(link.hash);
            }
            diesel::sql_query(
                "UPDATE events SET position = link.position, hash = link.hash \
                 FROM unnest($1, $2, $3) AS link (id, position, hash) WHERE events.id = link.id",
            )
            .bind::<Array<Uid>, _>(ids)
            .bind::<Array<BigInt>, _>(positions)
            .bind::<Array<Binary>, _>(hashes)
            .execute(c)?
        }
        Conn::Sqlite(c) => {
            let mut saved = 0;
            for link in links {
                saved += diesel::update(events::table.find(link.id))
                    .set((events::position.eq(link.position), events::hash.eq(link.hash)))
                    .execute(c)?;
            }
            saved
        }
    };
    if saved == wanted {
        Ok(())
    } else {
        Err(Error::Broken(format!("{saved} of {wanted} events were positioned")))
    }
}
