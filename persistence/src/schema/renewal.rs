//! Tables of `0010_renewals`.

use super::main_job::certifications;

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    renewals (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        certification_id -> Uid,
        term -> BigInt,
        term_expires_on -> Date,
        submitted_on -> Date,
        lines -> JsonDoc,
        counted_minutes -> BigInt,
        technology_minutes -> BigInt,
        findings -> JsonDoc,
        policy_version -> BigInt,
        invoice_id -> Nullable<Uid>,
        state -> EnumText,
        decided_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        renewed_until -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(renewals, certifications);

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    activities (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        certification_id -> Uid,
        title -> Text,
        kind -> EnumText,
        started_on -> Nullable<Date>,
        dated_on -> Date,
        minutes -> Nullable<BigInt>,
        quantity -> Nullable<BigInt>,
        technology -> Bool,
        sets -> JsonDoc,
        provider -> Nullable<Text>,
        document_id -> Nullable<Uid>,
        document_url -> Nullable<Text>,
        logged_on -> Date,
        renewal_id -> Nullable<Uid>,
        counted_minutes -> Nullable<BigInt>,
        removed_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::types::Uid;
    renewal_activities (activity_id) {
        activity_id -> Uid,
        renewal_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::Uid;
    renewal_audits (id) {
        id -> Uid,
        program -> Text,
        granted_from -> Date,
        granted_until -> Date,
        seed -> Text,
        seed_source -> Text,
        share_percent -> Nullable<BigInt>,
        tickets -> BigInt,
        drawn -> BigInt,
        drawn_on -> Date,
        documents_by -> Date,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Uid;
    renewal_audit_tickets (audit_id, renewal_id) {
        audit_id -> Uid,
        renewal_id -> Uid,
        rank -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    audit_cases (id) {
        id -> Uid,
        program -> Text,
        audit_id -> Uid,
        renewal_id -> Uid,
        person_id -> Uid,
        certification_id -> Uid,
        rank -> BigInt,
        documents_by -> Date,
        documents -> JsonDoc,
        state -> EnumText,
        decided_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}
