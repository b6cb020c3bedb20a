//! Events: what happened, as the one log tells it.

use serde::Serialize;

use crate::{PersonId, program::ProgramCode};

/// What happened, with its data. Types are dotted and in the past tense: `application.submitted`.
pub trait Fact: Serialize {
    /// The dotted type.
    fn event_type(&self) -> &'static str;
}

/// One event before the store stamps it with its id, instant, actor and request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<F> {
    /// The program it belongs to; none for what people and machines do outside of programs.
    pub program: Option<ProgramCode>,
    /// The id of what changed, prefix included.
    pub subject: String,
    /// The person whom it concerns.
    pub person: Option<PersonId>,
    /// What happened.
    pub fact: F,
}

/// Declares a capability's events: `enum ApplicationEvent { Submitted = "application.submitted" { on: NaiveDate } }`.
#[macro_export]
macro_rules! facts {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$vmeta:meta])* $variant:ident = $word:literal { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? }),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(untagged)]
        $vis enum $name { $($(#[$vmeta])* $variant { $($(#[$fmeta])* #[doc = concat!("The `", stringify!($field), "` of it.")] $field: $type),* }),+ }
        impl $crate::event::Fact for $name {
            fn event_type(&self) -> &'static str { match self { $(Self::$variant { .. } => $word),+ } }
        }
        impl $name {
            /// Every type that this capability records.
            pub const TYPES: &'static [&'static str] = &[$($word),+];
        }
    };
}
