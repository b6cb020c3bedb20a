//! The contract of what leaves the house: every type that anything records is in it, or named as staying.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use domain::{
    access::RULES,
    change::{FOLLOW, INTERNAL, PUBLIC, visible},
};

/// Every type of a `facts!` in the sources, and the names of its data's fields.
fn recorded() -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn walk(folder: &Path, found: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for block in text.split("\nfacts! {").skip(1) {
            let block = block.split("\n}").next().unwrap();
            for piece in block.split(" = \"").skip(1) {
                let (name, rest) = piece.split_once('"').unwrap();
                let fields = rest.split_once('{').unwrap().1.split_once('}').unwrap().0;
                let names = fields.split(',').filter_map(|field| field.split_once(':'));
                let names = names
                    .map(|(name, _)| name.trim().rsplit('\n').next().unwrap().trim().to_owned());
                assert!(found.insert(name.to_owned(), names.collect()).is_none(), "{name}");
            }
        }
    }
}

#[test]
fn every_type_is_told_or_stays_and_none_does_both() {
    let recorded: BTreeSet<String> = recorded().into_keys().collect();
    assert!(recorded.len() > 240, "the sources were read: {}", recorded.len());
    let told: BTreeSet<String> = PUBLIC.iter().map(|one| one.event_type.to_owned()).collect();
    let stays: BTreeSet<String> = INTERNAL.iter().map(|one| (*one).to_owned()).collect();
    assert_eq!((told.len(), stays.len()), (PUBLIC.len(), INTERNAL.len()), "one stands there twice");
    assert_eq!(told.intersection(&stays).collect::<Vec<_>>(), [""; 0]);
    let known: BTreeSet<String> = told.union(&stays).cloned().collect();
    assert_eq!(recorded.difference(&known).collect::<Vec<_>>(), [""; 0], "are in neither list");
    assert_eq!(known.difference(&recorded).collect::<Vec<_>>(), [""; 0], "are recorded by nobody");
}

#[test]
fn what_is_told_is_in_what_is_recorded_and_keeps_what_the_office_keeps() {
    let recorded = recorded();
    // What the office keeps to itself, and what is personal beyond ids.
    let kept = [
        "reason",
        "reason_code",
        "public_text",
        "message",
        "address",
        "email",
        "decision",
        "findings",
        "names",
    ];
    for public in PUBLIC {
        let names: BTreeSet<_> = public.fields.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), public.fields.len(), "{}", public.event_type);
        for field in public.fields {
            let first = field.at.split('/').nth(1).unwrap();
            assert!(
                recorded[public.event_type].contains(first),
                "{} {}",
                public.event_type,
                field.at
            );
            assert!(!kept.contains(&field.name), "{} {}", public.event_type, field.name);
            for taken in ["position", "sequence", "subject", "person_id", "program"] {
                assert_ne!(field.name, taken, "{}", public.event_type);
            }
        }
        assert!(public.says.ends_with('.') && public.says.len() < 80, "{}", public.says);
    }
}

#[test]
fn each_scope_is_one_that_a_machine_can_have_and_shows_its_types_only() {
    let known: BTreeSet<_> = RULES.iter().filter_map(|rule| rule.scope).collect();
    for public in PUBLIC {
        assert!(known.contains(public.scope), "{}", public.scope);
        assert!(public.scope == FOLLOW || public.scope.ends_with(":read"), "{}", public.scope);
        assert_eq!(public.own, public.scope == "accounts:read", "{}", public.event_type);
    }
    assert_eq!(visible(None).len(), PUBLIC.len());
    assert!(visible(Some(&[])).is_empty());
    let one = ["certificates:read".to_owned()];
    let shown = visible(Some(&one));
    assert!(
        shown.len() > 5 && shown.iter().all(|one| one.event_type.starts_with("certification."))
    );
}
