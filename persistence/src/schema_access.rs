//! The tables of `0002_people` and `0021_machine_access` by which people and machines sign in.

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Uid, UtcTs};
    credentials (person_id) {
        person_id -> Uid,
        password_hash -> Text,
        changed_at -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::UtcTs;
    sign_in_failures (address_key) {
        address_key -> Text,
        failures -> BigInt,
        last_at -> UtcTs,
        locked_until -> Nullable<UtcTs>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    grants (id) {
        id -> Uid,
        person_id -> Uid,
        role -> EnumText,
        organisation_id -> Nullable<Uid>,
        program -> Nullable<Text>,
        granted_at -> UtcTs,
        granted_by -> Text,
        ended_at -> Nullable<UtcTs>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Uid, UtcTs};
    calendar_feeds (person_id) {
        person_id -> Uid,
        token_hash -> Nullable<Text>,
        made_at -> UtcTs,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Nullable;
    use crate::types::{EnumText, Uid, UtcTs};
    sessions (id) {
        id -> Uid,
        person_id -> Uid,
        started_at -> UtcTs,
        expires_at -> UtcTs,
        ended_at -> Nullable<UtcTs>,
        end_reason -> Nullable<EnumText>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::types::{Uid, UtcTs};
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        session_id -> Uid,
        issued_at -> UtcTs,
        expires_at -> UtcTs,
        used_at -> Nullable<UtcTs>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Uid, UtcTs};
    password_resets (id) {
        id -> Uid,
        person_id -> Uid,
        address -> Text,
        requested_at -> UtcTs,
        expires_at -> UtcTs,
        used_at -> Nullable<UtcTs>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};
    clients (id) {
        id -> Uid,
        name -> Text,
        scopes -> JsonDoc,
        programs -> JsonDoc,
        people_a_day -> Nullable<BigInt>,
        created_at -> UtcTs,
        disabled_at -> Nullable<UtcTs>,
        last_used_at -> Nullable<UtcTs>,
        quota_tripped_at -> Nullable<UtcTs>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    client_credentials (id) {
        id -> Uid,
        client_id -> Uid,
        kind -> EnumText,
        label -> Text,
        secret_hash -> Nullable<Binary>,
        kid -> Nullable<Text>,
        jwk -> Nullable<JsonDoc>,
        created_at -> UtcTs,
        expires_at -> Nullable<UtcTs>,
        revoked_at -> Nullable<UtcTs>,
        last_used_at -> Nullable<UtcTs>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Uid, UtcTs};
    used_assertions (client_id, token_id) {
        client_id -> Uid,
        token_id -> Text,
        until -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::{Uid, UtcTs};
    client_read_hours (client_id, hour) {
        client_id -> Uid,
        hour -> UtcTs,
        people -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{Uid, UtcTs};
    client_reads (id) {
        id -> Uid,
        client_id -> Uid,
        at -> UtcTs,
        hour -> UtcTs,
        operation -> Text,
        request_id -> Text,
        people -> BigInt,
        first_person_id -> Uid,
        last_person_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use crate::types::{Uid, UtcTs};
    scim_users (account_id) {
        account_id -> Uid,
        client_id -> Uid,
        user_name -> Text,
        user_name_folded -> Text,
        names_itself -> Bool,
        display_name -> Nullable<Text>,
        active -> Nullable<Bool>,
        changed_at -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::UtcTs;
    revoked_tokens (token_id) {
        token_id -> Text,
        until -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::UtcTs;
    signing_keys (kid) {
        kid -> Text,
        private_key -> Binary,
        public_key -> Binary,
        created_at -> UtcTs,
        signs_from -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::UtcTs;
    secrets (name) {
        name -> Text,
        value -> Binary,
        created_at -> UtcTs,
    }
}

// Of the two tables below, what signing in reads; their own repository knows them whole.
diesel::table! {
    use crate::types::Uid;
    people (id) {
        id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use crate::types::{Uid, UtcTs};
    emails (id) {
        id -> Uid,
        person_id -> Uid,
        address -> Text,
        address_folded -> Text,
        verified_at -> Nullable<UtcTs>,
        is_primary -> Bool,
    }
}
