//! Closed vocabularies in the document: every [`Word`] is a string with an enumeration.

use domain::{Word, id::Kind};
use serde_json::Value;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};

/// `{"type": "string", "enum": [...]}` of a vocabulary: `#[schema(schema_with = one_of::<Education>)]`.
#[must_use]
pub fn one_of<W: Word>() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(W::ALL.iter().map(|word| word.as_str())))
        .build()
}

/// The same where null stands for none.
#[must_use]
pub fn one_of_or_null<W: Word>() -> Object {
    let words = W::ALL.iter().map(|word| Value::from(word.as_str()));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some(words.chain([Value::Null])))
        .build()
}

/// Some words of a vocabulary, each once.
#[must_use]
pub fn some_of<W: Word>() -> Array {
    ArrayBuilder::new()
        .items(one_of::<W>())
        .min_items(Some(1))
        .max_items(Some(W::ALL.len()))
        .unique_items(true)
        .build()
}

/// An id of a kind.
#[must_use]
pub fn id_of<K: Kind>() -> Object {
    id(SchemaType::Type(Type::String), K::PREFIX)
}

/// An id of a kind, or null.
#[must_use]
pub fn id_of_or_null<K: Kind>() -> Object {
    id(SchemaType::from_iter([Type::String, Type::Null]), K::PREFIX)
}

fn id(kind: SchemaType, prefix: &str) -> Object {
    let pattern = format!("^{prefix}_[0-9a-f]{{32}}$");
    ObjectBuilder::new().schema_type(kind).pattern(Some(pattern)).build()
}

/// A list of a vocabulary's words.
#[must_use]
pub fn list_of<W: Word>() -> Array {
    ArrayBuilder::new().items(one_of::<W>()).build()
}
