//! Files of records at the command line: in with what was refused, out in the columns that go in.

use super::process::Site;
use crate::support::database::each_database;

const PEOPLE: &str = "source_id,given_name,family_name,email\n\
    1,Ida,Novak,ida@example.org\n2,Omar,Reyes,omar@example.org\n3,Bad,Address,nowhere\n";

each_database! {
    async fn a_file_goes_in_and_out_without_a_server(db) {
        let site = Site::on(&db);
        site.run(&["migrate"]).ok();
        let file = site.write("people.csv", PEOPLE);
        let dry = site.run(&["import", "--kind", "people", "--dry-run", &file]);
        assert_eq!(dry.code, Some(1), "{dry:?}");
        assert!(dry.out.ends_with(": done, 2 accepted, 0 skipped, 1 refused.\n"), "{dry:?}");
        assert_eq!(site.run(&["export", "people"]).ok(), "source_id,given_name,family_name,email\r\n");
        let told = site.run(&["import", "--kind", "people", &file]);
        assert_eq!(told.code, Some(1), "{told:?}");
        assert!(told.out.starts_with("line 4 /email format: "), "{told:?}");
        let lines = site.run(&["export", "people", "--format", "ndjson"]).ok();
        assert_eq!(lines.lines().count(), 2);
        let again = site.write("people.ndjson", &lines);
        let out = site.run(&["import", "--kind", "people", &again]).ok();
        assert!(out.ends_with(": done, 0 accepted, 2 skipped, 0 refused.\n"), "{out}");
        assert_eq!(site.run(&["verify"]).ok(), "Every invariant holds.\n");
        let other = site.write("other.csv", "a,b\n1,2\n");
        let refused = site.run(&["import", "--kind", "people", &other]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{refused:?}");
    }
}
