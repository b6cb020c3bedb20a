//! Tables of `0019_webhooks`.

use crate::schema_access::clients;

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    webhook_endpoints (id) {
        id -> Uid,
        client_id -> Uid,
        url -> Text,
        types -> JsonDoc,
        scopes -> JsonDoc,
        format -> EnumText,
        description -> Nullable<Text>,
        secrets -> JsonDoc,
        created_at -> UtcTs,
        paused_at -> Nullable<UtcTs>,
        disabled_at -> Nullable<UtcTs>,
        disabling -> Nullable<EnumText>,
        failing_since -> Nullable<UtcTs>,
        position -> BigInt,
        turns -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    webhook_deliveries (id) {
        id -> Uid,
        endpoint_id -> Uid,
        turn -> BigInt,
        event_id -> Uid,
        event_type -> Text,
        position -> Nullable<BigInt>,
        person_id -> Nullable<Uid>,
        sequence -> Nullable<BigInt>,
        cause -> EnumText,
        made_at -> UtcTs,
        attempts -> BigInt,
        next_at -> Nullable<UtcTs>,
        delivered_at -> Nullable<UtcTs>,
        given_up_at -> Nullable<UtcTs>,
        claimed_by -> Nullable<Text>,
        claimed_until -> Nullable<UtcTs>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Uid;
    webhook_sequences (endpoint_id, person_id) {
        endpoint_id -> Uid,
        person_id -> Uid,
        last -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};
    webhook_attempts (delivery_id, number) {
        delivery_id -> Uid,
        number -> BigInt,
        at -> UtcTs,
        took_ms -> BigInt,
        url -> Text,
        request_headers -> JsonDoc,
        request_body -> Text,
        status -> Nullable<BigInt>,
        response_headers -> Nullable<JsonDoc>,
        response_body -> Nullable<Text>,
        failure -> Nullable<Text>,
    }
}

diesel::joinable!(webhook_deliveries -> webhook_endpoints (endpoint_id));
diesel::joinable!(webhook_attempts -> webhook_deliveries (delivery_id));
diesel::allow_tables_to_appear_in_same_query!(
    clients,
    webhook_endpoints,
    webhook_deliveries,
    webhook_attempts
);
