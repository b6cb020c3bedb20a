//! SQL types that are native on PostgreSQL and text on SQLite, and the wrapper that binds domain
//! values to them, so that `domain` stays free of diesel.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{self, SqlType, Text},
    sqlite::{Sqlite, SqliteValue},
};
use domain::{
    id::{Id, Kind},
    program::ProgramCode,
    word::Word,
};
use uuid::Uuid;

/// `uuid` | TEXT with hyphens.
#[derive(SqlType, QueryId, Clone, Copy, Debug, Default)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Uid;

/// `timestamptz` | TEXT of fixed width in UTC with microseconds, so that text order is time order.
#[derive(SqlType, QueryId, Clone, Copy, Debug, Default)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Text"))]
pub struct UtcTs;

// Of fixed width, text order is time order: `min` and `max` mean the same on both databases.
impl sql_types::SqlOrd for UtcTs {}

/// `jsonb` | TEXT.
#[derive(SqlType, QueryId, Clone, Copy, Debug, Default)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807))]
#[diesel(sqlite_type(name = "Text"))]
pub struct JsonDoc;

/// `text` | TEXT that holds the words of one vocabulary.
#[derive(SqlType, QueryId, Clone, Copy, Debug, Default)]
#[diesel(postgres_type(oid = 25, array_oid = 1009))]
#[diesel(sqlite_type(name = "Text"))]
pub struct EnumText;

/// A domain value in a row: `V<ApplicationId>`, `Option<V<DateTime<Utc>>>`, `V<State>`.
#[derive(AsExpression, FromSqlRow, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[diesel(sql_type = Uid)]
#[diesel(sql_type = UtcTs)]
#[diesel(sql_type = JsonDoc)]
#[diesel(sql_type = EnumText)]
#[diesel(sql_type = Text)]
pub struct V<T>(pub T);

fn text(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<String> {
    <String as FromSql<Text, Sqlite>>::from_sql(value)
}

impl<K: Kind> ToSql<Uid, Pg> for V<Id<K>> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let bits = Uuid::from_u128(self.0.bits());
        ToSql::<sql_types::Uuid, Pg>::to_sql(&bits, &mut out.reborrow())
    }
}
impl<K: Kind> FromSql<Uid, Pg> for V<Id<K>> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let bits = <Uuid as FromSql<sql_types::Uuid, Pg>>::from_sql(value)?;
        Ok(Self(Id::from_bits(bits.as_u128())))
    }
}
impl<K: Kind> ToSql<Uid, Sqlite> for V<Id<K>> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(Uuid::from_u128(self.0.bits()).to_string());
        Ok(IsNull::No)
    }
}
impl<K: Kind> FromSql<Uid, Sqlite> for V<Id<K>> {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bits: Uuid = text(value)?.parse()?;
        Ok(Self(Id::from_bits(bits.as_u128())))
    }
}

impl ToSql<UtcTs, Pg> for V<DateTime<Utc>> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Timestamptz, Pg>::to_sql(&self.0, &mut out.reborrow())
    }
}
impl FromSql<UtcTs, Pg> for V<DateTime<Utc>> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let at = <DateTime<Utc> as FromSql<sql_types::Timestamptz, Pg>>::from_sql(value)?;
        Ok(Self(at))
    }
}
impl ToSql<UtcTs, Sqlite> for V<DateTime<Utc>> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(instant_text(self.0));
        Ok(IsNull::No)
    }
}
impl FromSql<UtcTs, Sqlite> for V<DateTime<Utc>> {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(text(value)?.parse()?))
    }
}

/// `2026-03-01T12:00:00.000000Z`: what SQLite stores and what the chain of events is hashed over.
pub(crate) fn instant_text(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

impl ToSql<JsonDoc, Pg> for V<serde_json::Value> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Jsonb, Pg>::to_sql(&self.0, out)
    }
}
impl FromSql<JsonDoc, Pg> for V<serde_json::Value> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let json = <serde_json::Value as FromSql<sql_types::Jsonb, Pg>>::from_sql(value)?;
        Ok(Self(json))
    }
}
impl ToSql<JsonDoc, Sqlite> for V<serde_json::Value> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}
impl FromSql<JsonDoc, Sqlite> for V<serde_json::Value> {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&text(value)?)?))
    }
}

impl<W: Word + Debug, DB: Backend> ToSql<EnumText, DB> for V<W>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(self.0.as_str(), out)
    }
}
impl<W: Word, DB: Backend> FromSql<EnumText, DB> for V<W>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let word = <String as FromSql<Text, DB>>::from_sql(value)?;
        W::of(&word).map(Self).ok_or_else(|| format!("{word:?} is no word of {}", W::NAME).into())
    }
}

impl<DB: Backend> ToSql<Text, DB> for V<ProgramCode>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(self.0.as_str(), out)
    }
}
impl<DB: Backend> FromSql<Text, DB> for V<ProgramCode>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let code = <String as FromSql<Text, DB>>::from_sql(value)?;
        Ok(Self(code.parse()?))
    }
}
