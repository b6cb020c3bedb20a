//! Tables of `0008_support`.

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};
    guidance (id) {
        id -> Uid,
        program -> Text,
        set_code -> Text,
        content -> JsonDoc,
        updated_at -> UtcTs,
        updated_by -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    support_events (id) {
        id -> Uid,
        program -> Text,
        kind -> EnumText,
        title -> Text,
        description -> Nullable<Text>,
        sets -> JsonDoc,
        starts_at -> UtcTs,
        ends_at -> UtcTs,
        place -> Nullable<Text>,
        link -> Nullable<Text>,
        seats -> Nullable<BigInt>,
        registered -> BigInt,
        cancelled_on -> Nullable<Date>,
        cancel_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Uid, UtcTs};
    support_registrations (id) {
        id -> Uid,
        program -> Text,
        event_id -> Uid,
        person_id -> Uid,
        registered_at -> UtcTs,
        withdrawn_at -> Nullable<UtcTs>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    help_requests (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        set_code -> Nullable<Text>,
        question -> Text,
        state -> EnumText,
        asked_at -> UtcTs,
        answers -> JsonDoc,
        closed_at -> Nullable<UtcTs>,
        version -> BigInt,
    }
}
