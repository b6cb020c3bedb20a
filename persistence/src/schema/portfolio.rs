//! Tables of `0007_portfolios`.

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    portfolios (id) {
        id -> Uid,
        program -> Text,
        candidacy_id -> Uid,
        person_id -> Uid,
        set_code -> Text,
        state -> EnumText,
        content -> JsonDoc,
        invoice_id -> Nullable<Uid>,
        pre_review -> Nullable<JsonDoc>,
        pre_review_waits -> Bool,
        attempt_id -> Nullable<Uid>,
        attempts -> BigInt,
        round -> BigInt,
        requested -> JsonDoc,
        disputed -> JsonDoc,
        chance_ends_on -> Nullable<Date>,
        submitted_on -> Nullable<Date>,
        decided_on -> Nullable<Date>,
        created_at -> UtcTs,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};
    portfolio_attempts (id) {
        id -> Uid,
        program -> Text,
        portfolio_id -> Uid,
        person_id -> Uid,
        set_code -> Text,
        number -> BigInt,
        content -> JsonDoc,
        content_hash -> Text,
        submitted_at -> UtcTs,
        outcomes -> JsonDoc,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{JsonDoc, Uid};
    evaluators (program, person_id) {
        program -> Text,
        person_id -> Uid,
        profile -> JsonDoc,
        ended_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    portfolio_assignments (id) {
        id -> Uid,
        program -> Text,
        portfolio_id -> Uid,
        attempt_id -> Uid,
        number -> BigInt,
        set_code -> Text,
        seat -> BigInt,
        evaluator_id -> Uid,
        state -> EnumText,
        to_rate -> JsonDoc,
        ratings -> JsonDoc,
        assigned_on -> Date,
        due_on -> Date,
        reminded_on -> Nullable<Date>,
        finalised_at -> Nullable<UtcTs>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(portfolio_assignments, portfolios);
