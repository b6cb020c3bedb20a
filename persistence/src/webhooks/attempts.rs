//! The log of attempts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    WebhookDeliveryId,
    webhook::{Answer, Attempt, Outcome},
};
use serde_json::Value;

use super::WebhookDeliveries;
use crate::{Error, conn::each_backend, json, schema::webhook_attempts, types::V};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_attempts, treat_none_as_default_value = false)]
struct Row {
    delivery_id: V<WebhookDeliveryId>,
    number: i64,
    at: V<DateTime<Utc>>,
    took_ms: i64,
    url: String,
    request_headers: V<Value>,
    request_body: String,
    status: Option<i64>,
    response_headers: Option<V<Value>>,
    response_body: Option<String>,
    failure: Option<String>,
}

impl TryFrom<&Attempt> for Row {
    type Error = Error;
    fn try_from(attempt: &Attempt) -> Result<Self, Error> {
        let (answer, failure) = match &attempt.outcome {
            Outcome::Answered(answer) => (Some(answer), None),
            Outcome::Failed(why) => (None, Some(why.clone())),
        };
        Ok(Self {
            delivery_id: V(attempt.delivery),
            number: attempt.number,
            at: V(attempt.at),
            took_ms: attempt.took_ms,
            url: attempt.url.clone(),
            request_headers: json::of(&attempt.headers)?,
            request_body: attempt.body.clone(),
            status: answer.map(|answer| answer.status.into()),
            response_headers: answer.map(|answer| json::of(&answer.headers)).transpose()?,
            response_body: answer.map(|answer| answer.body.clone()),
            failure,
        })
    }
}

impl TryFrom<Row> for Attempt {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let outcome = match row.status {
            None => Outcome::Failed(row.failure.unwrap_or_default()),
            Some(status) => Outcome::Answered(Answer {
                status: u16::try_from(status).map_err(|error| Error::Broken(error.to_string()))?,
                headers: row.response_headers.map(json::read).transpose()?.unwrap_or_default(),
                body: row.response_body.unwrap_or_default(),
            }),
        };
        Ok(Self {
            delivery: row.delivery_id.0,
            number: row.number,
            at: row.at.0,
            took_ms: row.took_ms,
            url: row.url,
            headers: json::read(row.request_headers)?,
            body: row.request_body,
            outcome,
        })
    }
}

impl WebhookDeliveries<'_, '_> {
    /// Logs an attempt.
    pub fn log(&mut self, attempt: &Attempt) -> Result<(), Error> {
        let row = Row::try_from(attempt)?;
        each_backend!(self.0.conn, |c| diesel::insert_into(webhook_attempts::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// The attempts of a delivery, the first one first.
    pub fn attempts(&mut self, delivery: WebhookDeliveryId) -> Result<Vec<Attempt>, Error> {
        let rows: Vec<Row> = each_backend!(self.0.conn, |c| webhook_attempts::table
            .filter(webhook_attempts::delivery_id.eq(V(delivery)))
            .order(webhook_attempts::number.asc())
            .select(Row::as_select())
            .load(c))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
