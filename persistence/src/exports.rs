//! How many records there are to be exported.

use diesel::{dsl::count_star, prelude::*};
use domain::{
    completion::CompletionState, import::RecordKind, person::MembershipState, program::ProgramCode,
};

use crate::{
    Error, Tx,
    conn::each_backend,
    schema::{activities, applications, completions, memberships, people},
    types::V,
};

/// What counts records that may be exported.
pub struct Exports<'a, 'c>(&'a mut Tx<'c>);

impl<'c> Tx<'c> {
    /// Records that may be exported.
    pub fn exports(&mut self) -> Exports<'_, 'c> {
        Exports(self)
    }
}

/// How many rows a table has: those of these programs, and with a property where one is given.
macro_rules! counted {
    ($exports:expr, $codes:expr, $table:ident $(, $only:expr)?) => {
        each_backend!($exports.0.conn, |c| {
            let mut query = $table::table.select(count_star())$(.filter($only))?.into_boxed();
            if let Some(codes) = &$codes {
                query = query.filter($table::program.eq_any(codes.clone()));
            }
            query.get_result(c)
        })
    };
}

impl Exports<'_, '_> {
    /// How many records of a kind: of these programs, of every one without. People are of those in which they applied.
    pub fn count(
        &mut self,
        kind: RecordKind,
        programs: Option<&[ProgramCode]>,
    ) -> Result<i64, Error> {
        let codes: Option<Vec<String>> =
            programs.map(|programs| programs.iter().map(ToString::to_string).collect());
        let counted: Result<i64, diesel::result::Error> = match kind {
            RecordKind::People => each_backend!(self.0.conn, |c| {
                let mut query = people::table
                    .select(count_star())
                    .filter(people::erased_on.is_null())
                    .into_boxed();
                if let Some(codes) = &codes {
                    let applied = applications::table
                        .filter(applications::program.eq_any(codes.clone()))
                        .select(applications::person_id);
                    query = query.filter(people::id.eq_any(applied));
                }
                query.get_result(c)
            }),
            RecordKind::Applications => counted!(self, codes, applications),
            RecordKind::Completions => {
                counted!(
                    self,
                    codes,
                    completions,
                    completions::state.eq(V(CompletionState::Verified))
                )
            }
            RecordKind::Activities => {
                counted!(self, codes, activities, activities::removed_on.is_null())
            }
            RecordKind::Memberships => {
                counted!(
                    self,
                    codes,
                    memberships,
                    memberships::state.ne(V(MembershipState::Rejected))
                )
            }
        };
        Ok(counted?)
    }
}
