//! Tables of `0012_merges`.

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};
    person_merges (id) {
        id -> Uid,
        from_person_id -> Uid,
        into_person_id -> Uid,
        reason -> Text,
        merged_at -> UtcTs,
        merged_by -> Text,
        moved -> JsonDoc,
        reversed_at -> Nullable<UtcTs>,
        reversed_by -> Nullable<Text>,
        reversal_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::Uid;
    merged_people (person_id) {
        person_id -> Uid,
        into_person_id -> Uid,
        merge_id -> Uid,
        payer -> Text,
    }
}
