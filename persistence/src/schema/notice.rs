//! Tables of `0013_notices`.

use super::main_job::{candidacies, certifications};

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{EnumText, UtcTs};
    notice_templates (program, kind, version) {
        program -> Text,
        kind -> EnumText,
        version -> BigInt,
        subject -> Text,
        body -> Text,
        made_at -> UtcTs,
        made_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    notices (id) {
        id -> Uid,
        program -> Text,
        kind -> EnumText,
        person_id -> Uid,
        subject -> Text,
        fact_id -> Uid,
        fact_on -> Date,
        months -> BigInt,
        due_on -> Date,
        made_at -> UtcTs,
        state -> EnumText,
        settled_at -> Nullable<UtcTs>,
        template_version -> Nullable<BigInt>,
        email_id -> Nullable<Uid>,
        reason -> Nullable<EnumText>,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(notices, candidacies);
diesel::allow_tables_to_appear_in_same_query!(notices, certifications);

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::{JsonDoc, Uid};
    notice_preferences (person_id) {
        person_id -> Uid,
        muted -> JsonDoc,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    bounces (id) {
        id -> Uid,
        address -> Text,
        address_folded -> Text,
        person_id -> Nullable<Uid>,
        notice_id -> Nullable<Uid>,
        sort -> EnumText,
        detail -> Nullable<Text>,
        recorded_at -> UtcTs,
        recorded_by -> Text,
        lifted_at -> Nullable<UtcTs>,
        lift_reason -> Nullable<Text>,
        version -> BigInt,
    }
}
