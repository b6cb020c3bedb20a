//! The tables of migration `0001_house`, and the sandbox's clock.

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};

    events (id) {
        id -> Uid,
        at -> UtcTs,
        program -> Nullable<Text>,
        subject -> Text,
        person -> Nullable<Uid>,
        #[sql_name = "type"]
        kind -> Text,
        actor -> Text,
        request_id -> Text,
        data -> JsonDoc,
        position -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::UtcTs;

    leases (name) {
        name -> Text,
        holder -> Text,
        until -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    cursors (name) {
        name -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    counters (program, name) {
        program -> Text,
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::UtcTs;

    sandbox_clock (name) {
        name -> Text,
        ahead_us -> BigInt,
        moved_at -> Nullable<UtcTs>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{JsonDoc, UtcTs};

    idempotency_keys (scope, key) {
        scope -> Text,
        key -> Text,
        fingerprint -> Binary,
        operation -> Text,
        status -> Nullable<BigInt>,
        headers -> Nullable<JsonDoc>,
        body -> Nullable<Binary>,
        created_at -> UtcTs,
        expires_at -> UtcTs,
    }
}
