//! Mails that came back.

use domain::{
    NoticeId, decision,
    event::Event,
    notice::{Bounce, BounceEvent, BounceSort},
};
use persistence::Tx;

use crate::problem::Problem;

fn event(bounce: &Bounce, fact: BounceEvent) -> Event<BounceEvent> {
    Event { program: None, subject: bounce.id.to_string(), person: bounce.person, fact }
}

/// The address to which a notice was sent: 409 where it was not, or where nobody has the address any more.
pub fn address_of(tx: &mut Tx<'_>, id: NoticeId) -> Result<String, Problem> {
    let found = tx.notices().get(id).map_err(|error| match error {
        persistence::Error::NotFound => {
            Problem::input("/notice_id", "unknown", "There is no such notice.")
        }
        other => other.into(),
    })?;
    decision::by_state(vec![found.bounce_finding()])?;
    let gone = || Problem::state("The address to which the notice was sent is gone.");
    let email = found.email.ok_or_else(gone)?;
    Ok(tx.people().email(email)?.ok_or_else(gone)?.address)
}

/// Records that a mail to an address came back.
pub fn record(
    tx: &mut Tx<'_>,
    address: String,
    notice: Option<NoticeId>,
    (sort, detail): (BounceSort, Option<String>),
) -> Result<Bounce, Problem> {
    let bounce = Bounce {
        id: tx.new_id(),
        person: tx.people().by_email(&address)?,
        address,
        notice,
        sort,
        detail: detail.clone(),
        recorded_at: tx.now(),
        recorded_by: tx.actor().to_owned(),
        lifted_at: None,
        lift_reason: None,
        version: 1,
    };
    tx.bounces().insert(&bounce)?;
    tx.record(event(&bounce, BounceEvent::Recorded { sort, notice, detail }))?;
    Ok(bounce)
}

/// Lets mails go there again.
pub fn lift(tx: &mut Tx<'_>, bounce: Bounce, reason: String) -> Result<Bounce, Problem> {
    let (mut bounce, fact) = bounce.lift(reason, tx.now())?;
    tx.bounces().save(&mut bounce)?;
    tx.record(event(&bounce, fact))?;
    Ok(bounce)
}
