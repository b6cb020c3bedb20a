//! Tables of `0009_appeals`.

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    appeals (id) {
        id -> Uid,
        program -> Text,
        decision_id -> Uid,
        decision_kind -> EnumText,
        subject -> Text,
        decision -> JsonDoc,
        person_id -> Nullable<Uid>,
        organisation_id -> Nullable<Uid>,
        state -> EnumText,
        grounds -> Text,
        policy -> JsonDoc,
        noticed_on -> Date,
        documents_by -> Date,
        documents -> JsonDoc,
        response -> Nullable<JsonDoc>,
        meeting -> Nullable<JsonDoc>,
        outcome -> Nullable<JsonDoc>,
        withdrawal -> Nullable<Text>,
        created_at -> UtcTs,
        version -> BigInt,
    }
}
