//! Tables of `0003_programs`.

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    programs (code) {
        code -> Text,
        name -> Text,
        zone -> Text,
        parent -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text};
    use crate::types::{JsonDoc, Uid, UtcTs};
    policies (id) {
        id -> Uid,
        program -> Text,
        version -> BigInt,
        effective_on -> Date,
        published_at -> UtcTs,
        published_by -> Text,
        document -> JsonDoc,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Date, Text};
    use crate::types::JsonDoc;
    frameworks (program, version) {
        program -> Text,
        version -> BigInt,
        adopted_on -> Date,
        document -> JsonDoc,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::JsonDoc;
    faqs (program) {
        program -> Text,
        document -> JsonDoc,
    }
}
