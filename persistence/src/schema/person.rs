//! Tables of `0002_people` that hold people; those of signing in are beside their repositories.

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{Uid, UtcTs};
    people (id) {
        id -> Uid,
        given_name -> Text,
        family_name -> Text,
        created_at -> UtcTs,
        retired_on -> Nullable<Date>,
        deceased_on -> Nullable<Date>,
        erased_on -> Nullable<Date>,
        version -> BigInt,
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

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    name_changes (id) {
        id -> Uid,
        person_id -> Uid,
        given_name -> Text,
        family_name -> Text,
        before -> JsonDoc,
        proof_id -> Nullable<Uid>,
        state -> EnumText,
        requested_on -> Date,
        decided_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    memberships (id) {
        id -> Uid,
        person_id -> Uid,
        program -> Text,
        number -> Text,
        number_folded -> Text,
        state -> EnumText,
        claimed_at -> UtcTs,
        decided_at -> Nullable<UtcTs>,
        valid_from -> Nullable<Date>,
        valid_until -> Nullable<Date>,
        version -> BigInt,
    }
}
