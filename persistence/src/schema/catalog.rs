//! Tables of `0006_courses`.

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    attachments (id) {
        id -> Uid,
        program -> Text,
        person_id -> Nullable<Uid>,
        organisation_id -> Nullable<Uid>,
        purpose -> EnumText,
        file_name -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        uploaded_by -> Text,
        uploaded_at -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{Uid};
    colleges (id) {
        id -> Uid,
        program -> Text,
        name -> Text,
        name_folded -> Text,
        place -> Nullable<Text>,
        website -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        primary_contact_id -> Nullable<Uid>,
        deactivated_on -> Nullable<Date>,
        deactivation_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    invitations (id) {
        id -> Uid,
        program -> Text,
        organisation_id -> Uid,
        role -> EnumText,
        email -> Text,
        token_hash -> Binary,
        invited_by -> Text,
        invited_at -> UtcTs,
        expires_at -> UtcTs,
        accepted_by -> Nullable<Uid>,
        accepted_at -> Nullable<UtcTs>,
        revoked_at -> Nullable<UtcTs>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    bundles (id) {
        id -> Uid,
        program -> Text,
        provider_id -> Uid,
        set_code -> Text,
        title -> Text,
        state -> EnumText,
        courses -> JsonDoc,
        approved_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        renewals -> BigInt,
        ended_on -> Nullable<Date>,
        ending -> Nullable<EnumText>,
        end_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    course_proposals (id) {
        id -> Uid,
        program -> Text,
        provider_id -> Uid,
        proposed_by -> Uid,
        renews_id -> Nullable<Uid>,
        state -> EnumText,
        set_code -> Text,
        bundle_id -> Nullable<Uid>,
        content -> JsonDoc,
        changes -> JsonDoc,
        invoice_id -> Nullable<Uid>,
        created_at -> UtcTs,
        submitted_on -> Nullable<Date>,
        decision -> Nullable<JsonDoc>,
        course_id -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    course_reviews (id) {
        id -> Uid,
        program -> Text,
        proposal_id -> Uid,
        provider_id -> Uid,
        reviewer_id -> Uid,
        state -> EnumText,
        assigned_on -> Date,
        submitted_on -> Nullable<Date>,
        rubric -> Nullable<JsonDoc>,
        note -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid};
    offerings (id) {
        id -> Uid,
        program -> Text,
        course_id -> Uid,
        starts_on -> Date,
        ends_on -> Date,
        mode -> EnumText,
        place -> Nullable<Text>,
        place_folded -> Text,
        link -> Nullable<Text>,
        seats -> Nullable<BigInt>,
        price -> Nullable<Text>,
        price_cents -> Nullable<BigInt>,
        contact -> Nullable<Text>,
        registration_url -> Nullable<Text>,
        cancelled_on -> Nullable<Date>,
        cancel_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Uid, UtcTs};
    course_requests (id) {
        id -> Uid,
        program -> Text,
        course_id -> Nullable<Uid>,
        set_code -> Text,
        place -> Text,
        place_folded -> Text,
        email -> Nullable<Text>,
        note -> Nullable<Text>,
        person_id -> Nullable<Uid>,
        requested_at -> UtcTs,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    waiting_completions (id) {
        id -> Uid,
        program -> Text,
        provider_id -> Uid,
        course_id -> Uid,
        identity_key -> Text,
        email -> Text,
        name -> Text,
        completed_on -> Date,
        state -> EnumText,
        posted_at -> UtcTs,
        completion_id -> Nullable<Uid>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    agreements (id) {
        id -> Uid,
        program -> Text,
        college_id -> Uid,
        state -> EnumText,
        program_kind -> EnumText,
        program_title -> Text,
        pending -> Nullable<JsonDoc>,
        versions -> JsonDoc,
        signed_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        end_reason -> Nullable<Text>,
        yearly_reviews -> JsonDoc,
        next_review_on -> Nullable<Date>,
        created_at -> UtcTs,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    graduates (id) {
        id -> Uid,
        program -> Text,
        agreement_id -> Uid,
        college_id -> Uid,
        identity_key -> Text,
        name -> Text,
        email -> Text,
        graduated_on -> Date,
        state -> EnumText,
        person_id -> Nullable<Uid>,
        transcript_id -> Nullable<Uid>,
        recorded_at -> UtcTs,
        decided_on -> Nullable<Date>,
        decided_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        findings -> JsonDoc,
        candidacy_id -> Nullable<Uid>,
        version -> BigInt,
    }
}

use super::main_job::{completions, courses, providers};
diesel::allow_tables_to_appear_in_same_query!(completions, courses, offerings, providers);
diesel::allow_tables_to_appear_in_same_query!(agreements, colleges);
