//! Tables of `0005_money` and `0017_mend_money`, with those of invoices and payments as they leave them.

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{JsonDoc, Uid};
    invoices (id) {
        id -> Uid,
        program -> Text,
        number -> Text,
        person_id -> Nullable<Uid>,
        organisation_id -> Nullable<Uid>,
        application_id -> Nullable<Uid>,
        purchase_order_id -> Nullable<Uid>,
        lines -> JsonDoc,
        total_cents -> BigInt,
        currency -> Text,
        issued_on -> Date,
        due_on -> Date,
        voided_on -> Nullable<Date>,
        void_reason -> Nullable<Text>,
        member_credit -> Nullable<JsonDoc>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    payments (id) {
        id -> Uid,
        program -> Text,
        invoice_id -> Uid,
        method -> EnumText,
        reference -> Text,
        paid_by_person_id -> Nullable<Uid>,
        paid_by_organisation_id -> Nullable<Uid>,
        amount_cents -> BigInt,
        received_cents -> BigInt,
        refunded_cents -> BigInt,
        received_on -> Date,
        recorded_by -> Text,
        recorded_at -> UtcTs,
        reversed_on -> Nullable<Date>,
        reversal_reason -> Nullable<Text>,
        purchase_order_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid, UtcTs};
    ledger_postings (id) {
        id -> Uid,
        program -> Text,
        kind -> EnumText,
        currency -> Text,
        posted_on -> Date,
        invoice_id -> Nullable<Uid>,
        source -> Text,
        recorded_by -> Text,
        recorded_at -> UtcTs,
        transfer_count -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid};
    ledger_transfers (posting_id, place) {
        posting_id -> Uid,
        place -> BigInt,
        debit_account -> EnumText,
        debit_payer -> Nullable<Text>,
        credit_account -> EnumText,
        credit_payer -> Nullable<Text>,
        amount_cents -> BigInt,
    }
}

diesel::joinable!(ledger_transfers -> ledger_postings (posting_id));
diesel::allow_tables_to_appear_in_same_query!(ledger_transfers, ledger_postings);
diesel::allow_columns_to_appear_in_same_group_by_clause!(
    ledger_postings::invoice_id,
    ledger_transfers::debit_payer,
    ledger_transfers::credit_payer,
);

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{JsonDoc, Uid};
    institutions (id) {
        id -> Uid,
        program -> Text,
        name -> Text,
        name_folded -> Text,
        address -> JsonDoc,
        email -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::Uid;
    purchase_orders (id) {
        id -> Uid,
        program -> Text,
        institution_id -> Uid,
        number -> Text,
        invoice_id -> Uid,
        total_cents -> BigInt,
        currency -> Text,
        placed_on -> Date,
        settled_on -> Nullable<Date>,
        cancelled_on -> Nullable<Date>,
        cancel_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{EnumText, Uid};
    purchase_order_lines (order_id, place) {
        order_id -> Uid,
        place -> BigInt,
        name -> Text,
        email -> Text,
        amount_cents -> BigInt,
        person_id -> Uid,
        application_id -> Uid,
        invoice_id -> Uid,
        outcome -> Nullable<EnumText>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::Uid;
    subscriptions (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        invoice_id -> Uid,
        activated_on -> Date,
        ends_on -> Date,
        ended_on -> Nullable<Date>,
        reminded_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::Uid;
    award_rounds (id) {
        id -> Uid,
        program -> Text,
        name -> Text,
        opens_on -> Date,
        closes_on -> Date,
        places -> BigInt,
        amount_cents -> BigInt,
        seed_source -> Text,
        seed -> Nullable<Text>,
        drawn_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::Uid;
    assistance_requests (id) {
        id -> Uid,
        program -> Text,
        round_id -> Uid,
        person_id -> Uid,
        amount_cents -> BigInt,
        requested_on -> Date,
        withdrawn_on -> Nullable<Date>,
        rank -> Nullable<BigInt>,
        granted_on -> Nullable<Date>,
        invoice_id -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid};
    subsidies (id) {
        id -> Uid,
        program -> Text,
        person_id -> Uid,
        completion_id -> Uid,
        paid_cents -> BigInt,
        receipt_url -> Text,
        state -> EnumText,
        requested_on -> Date,
        decided_on -> Nullable<Date>,
        granted_cents -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        payout_id -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Nullable, Text};
    use crate::types::{EnumText, Uid};
    payouts (id) {
        id -> Uid,
        program -> Text,
        person_id -> Nullable<Uid>,
        organisation_id -> Nullable<Uid>,
        kind -> EnumText,
        amount_cents -> BigInt,
        currency -> Text,
        invoice_id -> Nullable<Uid>,
        payment_id -> Nullable<Uid>,
        subsidy_id -> Nullable<Uid>,
        reason -> Text,
        due_on -> Date,
        tender -> Nullable<EnumText>,
        reference -> Nullable<Text>,
        paid_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};
    payment_discrepancies (id) {
        id -> Uid,
        program -> Text,
        invoice_id -> Uid,
        payment_id -> Nullable<Uid>,
        reference -> Text,
        expected_cents -> BigInt,
        actual_cents -> BigInt,
        findings -> JsonDoc,
        received_at -> UtcTs,
        resolved_on -> Nullable<Date>,
        resolution -> Nullable<Text>,
        version -> BigInt,
        currency -> Text,
        taken_as_credit -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::Uid;
    card_references (program, reference) {
        program -> Text,
        reference -> Text,
        payment_id -> Nullable<Uid>,
        discrepancy_id -> Nullable<Uid>,
    }
}
