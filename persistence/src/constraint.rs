//! The unique constraints that a request can run into: one line each, the same on both databases.

macro_rules! constraints {
    ($($variant:ident = $name:literal on $columns:literal;)+) => {
        /// A unique constraint or index, whichever database reported it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Constraint {$(
            #[doc = concat!("`", $name, "`: one row for each `", $columns, "`.")]
            $variant
        ),+}
        impl Constraint {
            /// Every registered constraint.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Its name, the same in both catalogs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
            /// Its columns as SQLite reports them: `table.column, table.column`.
            #[must_use]
            pub const fn columns(self) -> &'static str {
                match self { $(Self::$variant => $columns),+ }
            }
        }
    };
}

// Primary keys named `id` are absent: the id source never repeats, so running into one is a bug.
// An index over expressions has no columns to report; write its name there: `index 'name'`.
constraints! {
    EventsPosition = "events_position_key" on "events.position";
    LeasesName = "leases_pkey" on "leases.name";
    CursorsName = "cursors_pkey" on "cursors.name";
    CountersName = "counters_pkey" on "counters.program, counters.name";
    IdempotencyKey = "idempotency_keys_pkey" on "idempotency_keys.scope, idempotency_keys.key";
}

impl Constraint {
    /// The constraint that PostgreSQL names, or that SQLite tells by its columns.
    pub(crate) fn of(name: Option<&str>, message: &str) -> Option<Self> {
        let all = || Self::ALL.iter().copied();
        if let Some(name) = name {
            return all().find(|constraint| constraint.name() == name);
        }
        let columns = message.strip_prefix("UNIQUE constraint failed: ")?;
        all().find(|constraint| constraint.columns() == columns)
    }
}
