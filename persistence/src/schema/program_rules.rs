//! Tables of `0003_programs`.

diesel::table! {
    use diesel::sql_types::*;
    programs (code) {
        code -> Text,
        name -> Text,
        zone -> Text,
        parent -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;
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
    use diesel::sql_types::*;
    use crate::types::*;
    frameworks (program, version) {
        program -> Text,
        version -> BigInt,
        adopted_on -> Date,
        document -> JsonDoc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;
    faqs (program) {
        program -> Text,
        document -> JsonDoc,
    }
}
