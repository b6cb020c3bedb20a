//! Tables of `0020_jobs`.

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    imports (id) {
        id -> Uid,
        kind -> EnumText,
        form -> EnumText,
        dry_run -> Bool,
        source -> Text,
        requested_by -> Text,
        requested_at -> UtcTs,
        rows_total -> BigInt,
        accepted -> BigInt,
        skipped -> BigInt,
        refused -> BigInt,
        started_at -> Nullable<UtcTs>,
        finished_at -> Nullable<UtcTs>,
        failed_at -> Nullable<UtcTs>,
        failure -> Nullable<Text>,
        undo_requested_at -> Nullable<UtcTs>,
        undo_requested_by -> Nullable<Text>,
        undone -> BigInt,
        kept -> BigInt,
        undo_finished_at -> Nullable<UtcTs>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use crate::types::Uid;
    job_bodies (job_id, part) {
        job_id -> Uid,
        part -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid};
    import_rows (import_id, line) {
        import_id -> Uid,
        line -> BigInt,
        state -> EnumText,
        code -> Text,
        pointer -> Nullable<Text>,
        message -> Text,
        made -> Nullable<Text>,
        made_version -> Nullable<BigInt>,
        source_key -> Nullable<Text>,
        undo_state -> Nullable<EnumText>,
        undo_reason -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(imports, import_rows);

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    reconciliations (id) {
        id -> Uid,
        form -> EnumText,
        source -> Text,
        requested_by -> Text,
        requested_at -> UtcTs,
        rows_total -> BigInt,
        rows_done -> BigInt,
        refused -> BigInt,
        matched -> BigInt,
        differing -> BigInt,
        missing_here -> BigInt,
        missing_there -> BigInt,
        swept_to -> Nullable<Text>,
        started_at -> Nullable<UtcTs>,
        finished_at -> Nullable<UtcTs>,
        failed_at -> Nullable<UtcTs>,
        failure -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Uid;
    reconciliation_links (reconciliation_id, external_id) {
        reconciliation_id -> Uid,
        external_id -> Text,
        line -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid};
    reconciliation_differences (reconciliation_id, place) {
        reconciliation_id -> Uid,
        place -> BigInt,
        kind -> EnumText,
        line -> Nullable<BigInt>,
        external_id -> Nullable<Text>,
        found_person_id -> Nullable<Uid>,
        field -> Nullable<Text>,
        here -> Nullable<Text>,
        there -> Nullable<Text>,
        code -> Text,
        event_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::Uid;
    former_external_ids (client_id, external_id) {
        client_id -> Uid,
        external_id -> Text,
        person_id -> Uid,
    }
}
