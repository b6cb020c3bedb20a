//! Tables of `0018_accounts`.

use super::{money::subscriptions, person::people};

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{Uid, UtcTs};
    external_ids (id) {
        id -> Uid,
        client_id -> Uid,
        external_id -> Text,
        external_id_folded -> Text,
        person_id -> Uid,
        linked_at -> UtcTs,
        dormancy_told_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    account_requests (id) {
        id -> Uid,
        client_id -> Uid,
        request_id -> Text,
        asked -> JsonDoc,
        state -> EnumText,
        outcome -> Nullable<EnumText>,
        person_id -> Nullable<Uid>,
        findings -> JsonDoc,
        requested_on -> Date,
        decided_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(external_ids, people, subscriptions);
