//! One row as serde sees it: a map of columns to cells.

use std::{cell::Cell as Slot, fmt};

use csv::StringRecord;
use domain::BadFact;
use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess,
        Unexpected, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

use crate::extract::shape::{code, sentence};

/// What serde says against a row.
#[derive(Debug)]
pub(super) struct Fault {
    /// The column's place, unless it is the row as a whole.
    pub(super) column: Option<usize>,
    /// serde's words.
    pub(super) message: String,
    /// Whether a cell was empty that may not be.
    empty: bool,
}

impl Fault {
    fn empty() -> Self {
        Self { column: None, message: "a value is needed".to_owned(), empty: true }
    }
    /// As a fault at a pointer.
    pub(super) fn at(&self, pointer: String) -> BadFact {
        let code = if self.empty { "required" } else { code(&self.message) };
        BadFact::at(pointer, code, sentence(&self.message))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self { column: None, message: message.to_string(), empty: false }
    }
}

/// The value of a row, its columns read in this order.
pub(super) fn read<T: DeserializeOwned>(
    columns: &[String],
    record: &StringRecord,
    order: &[usize],
) -> Result<T, Fault> {
    T::deserialize(Cells { columns, record, order, value: 0 })
}

struct Cells<'a> {
    columns: &'a [String],
    record: &'a StringRecord,
    order: &'a [usize],
    value: usize,
}

impl<'de> Deserializer<'de> for Cells<'_> {
    type Error = Fault;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Cells<'_> {
    type Error = Fault;
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((first, rest)) = self.order.split_first() else { return Ok(None) };
        (self.order, self.value) = (rest, *first);
        let column = self.columns.get(*first).map_or("", String::as_str);
        seed.deserialize(named(column)).map(Some)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let text = self.record.get(self.value).unwrap_or_default();
        seed.deserialize(Cell(text)).map_err(|fault| Fault { column: Some(self.value), ..fault })
    }
}

fn named(column: &str) -> StrDeserializer<'_, Fault> {
    column.into_deserializer()
}

/// One cell: a text, or what a text stands for.
struct Cell<'a>(&'a str);

impl<'a> Cell<'a> {
    fn full(&self) -> Result<&'a str, Fault> {
        if self.0.is_empty() { Err(Fault::empty()) } else { Ok(self.0) }
    }
    fn not(expected: &'static str) -> Fault {
        de::Error::invalid_type(Unexpected::Other("text"), &expected)
    }
}

/// Whole numbers: the visitor knows their bounds.
macro_rules! whole {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let text = self.full()?;
            let digits = text.strip_prefix('-').unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Self::not("a whole number"));
            }
            match (text.parse::<u64>(), text.parse::<i64>()) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => Err(de::Error::invalid_value(Unexpected::Other("number"), &visitor)),
            }
        }
    )+};
}

/// What one cell cannot hold.
macro_rules! never {
    ($($method:ident($($argument:ty),*))+) => {$(
        fn $method<V: Visitor<'de>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, Fault> {
            Err(de::Error::invalid_type(Unexpected::Other("text"), &visitor))
        }
    )+};
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = Fault;
    whole! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }
    never! {
        deserialize_bytes() deserialize_byte_buf() deserialize_seq() deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize) deserialize_map()
        deserialize_struct(&'static str, &'static [&'static str])
    }
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.full()?)
    }
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        // Spreadsheets write TRUE and FALSE.
        match self.full()?.to_ascii_lowercase().as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Self::not("true or false")),
        }
    }
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.full()?.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(Self::not("a number")),
        }
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(named(self.full()?))
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }
    forward_to_deserialize_any! { char str string unit unit_struct identifier }
}

/// The columns that a type names; none when it takes any.
pub(super) fn columns_of<T: DeserializeOwned>() -> Option<&'static [&'static str]> {
    let fields = Slot::new(None);
    // It fails always: only the question was of interest.
    let _asked = T::deserialize(Asked { fields: &fields, only: None, optional: &Slot::new(false) });
    fields.get()
}

/// Whether a column of a type may be left out: it is an `Option`.
pub(super) fn is_optional<T: DeserializeOwned>(column: &'static str) -> bool {
    let optional = Slot::new(false);
    let _asked =
        T::deserialize(Asked { fields: &Slot::new(None), only: Some(column), optional: &optional });
    optional.get()
}

/// Listens to what a type asks for, and gives it nothing.
struct Asked<'a> {
    fields: &'a Slot<Option<&'static [&'static str]>>,
    only: Option<&'static str>,
    optional: &'a Slot<bool>,
}

impl Asked<'_> {
    fn nothing() -> Fault {
        de::Error::custom("nothing is given")
    }
}

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Fault;
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(Self::nothing())
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.fields.set(Some(fields));
        if self.only.is_some() { visitor.visit_map(self) } else { Err(Self::nothing()) }
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Asked<'_> {
    type Error = Fault;
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some(column) = self.only.take() else { return Ok(None) };
        seed.deserialize(named(column)).map(Some)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(AskedCell(self.optional))
    }
}

/// Listens to whether a cell is an option.
struct AskedCell<'a>(&'a Slot<bool>);

impl<'de> Deserializer<'de> for AskedCell<'_> {
    type Error = Fault;
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(Asked::nothing())
    }
    fn deserialize_option<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        self.0.set(true);
        Err(Asked::nothing())
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
