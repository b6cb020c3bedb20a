//! Tables of `0004_main_job`.

use super::people;

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid, UtcTs};
    applications (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        state -> EnumText,
        education -> Nullable<EnumText>,
        jobs -> JsonDoc,
        attachments -> JsonDoc,
        payment_choice -> Nullable<EnumText>,
        information_requested -> Nullable<Text>,
        invoice_id -> Nullable<Uid>,
        created_at -> UtcTs,
        submitted_on -> Nullable<Date>,
        decision -> Nullable<JsonDoc>,
        candidacy_id -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{JsonDoc, Uid};
    candidacies (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        application_id -> Uid,
        admitted_on -> Date,
        policy_version -> BigInt,
        framework_version -> BigInt,
        years -> BigInt,
        holds -> JsonDoc,
        extensions -> JsonDoc,
        deadline -> Date,
        held_on -> Nullable<Date>,
        completed_on -> Nullable<Date>,
        withdrawn_on -> Nullable<Date>,
        graduate_id -> Nullable<Uid>,
        hours_shown_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid};
    providers (id) {
        id -> Uid,
        program -> Text,
        kind -> EnumText,
        name -> Text,
        name_folded -> Text,
        place -> Nullable<Text>,
        website -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        search_text -> Text,
        primary_contact_id -> Nullable<Uid>,
        deactivated_on -> Nullable<Date>,
        deactivation_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid};
    courses (id) {
        id -> Uid,
        program -> Text,
        provider_id -> Uid,
        set_code -> Text,
        title -> Text,
        modes -> Text,
        place -> Nullable<Text>,
        price -> Nullable<Text>,
        website -> Nullable<Text>,
        approved_on -> Date,
        ends_on -> Date,
        search_text -> Text,
        place_folded -> Text,
        price_cents -> Nullable<BigInt>,
        renewals -> BigInt,
        ended_on -> Nullable<Date>,
        ending -> Nullable<EnumText>,
        end_reason -> Nullable<Text>,
        bundle_id -> Nullable<Uid>,
        proposal_id -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, JsonDoc, Uid};
    completions (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        candidacy_id -> Uid,
        course_id -> Uid,
        set_code -> Text,
        completed_on -> Date,
        proof -> EnumText,
        proof_url -> Nullable<Text>,
        form_id -> Nullable<Uid>,
        state -> EnumText,
        decided_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        findings -> JsonDoc,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid};
    achievements (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        candidacy_id -> Uid,
        set_code -> Text,
        method -> EnumText,
        achieved_on -> Date,
        evidence -> Text,
        voided_on -> Nullable<Date>,
        void_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::types::{JsonDoc, Uid};
    certifications (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        candidacy_id -> Uid,
        number -> Text,
        holder_name -> Text,
        completed_on -> Date,
        awarded_on -> Date,
        renewals -> BigInt,
        expires_on -> Date,
        renewal_opens_on -> Date,
        grace_ends_on -> Date,
        grace_is_certified -> Bool,
        provisional_until -> Nullable<Date>,
        condition_met_on -> Nullable<Date>,
        renewed -> JsonDoc,
        achievements -> JsonDoc,
        measures -> JsonDoc,
        editions -> JsonDoc,
        revoked_on -> Nullable<Date>,
        stands_through -> Date,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::Uid;
    certification_suspensions (certification_id, number) {
        certification_id -> Uid,
        number -> BigInt,
        program -> Text,
        from_on -> Date,
        through_on -> Nullable<Date>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(certifications, certification_suspensions);
diesel::allow_tables_to_appear_in_same_query!(people, applications);
