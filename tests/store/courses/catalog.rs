//! The catalog: 5,000 courses, found by what people type; proposals, reviews, bundles, requests.

use domain::{
    BundleId, CourseId, CourseRequestId, OfferingId, OrganisationId, PersonId, ProposalId,
    ReviewId,
    course::{
        Ending, EndingKind, Mode, ProviderKind,
        bundle::{Bundle, BundleState},
        offering::{CourseRequest, Offering, OfferingDetails, Wanted},
        proposal::{CourseProposal, ProposalContent, ProposalState},
        review::{Review, ReviewState},
    },
    program::ProgramCode,
};
use persistence::{Constraint, CourseFilter, Error, OfferingFilter, Page, Store};

use super::{course, day, furnished, person, set, write};
use crate::support::database::{each_database, noon};

async fn search(store: &Store, filter: CourseFilter) -> Vec<u128> {
    let page = Page { after: None, limit: 10_000 };
    let found = store.read(move |tx| tx.courses().list(&filter, page)).await.unwrap();
    found.into_iter().map(|one| one.id.bits()).collect()
}

/// Four courses that differ by what the catalog is searched by, and one offering of the third.
async fn four_courses(store: &Store) {
    furnished(store).await;
    let stored = write(store, |tx| {
        let mut in_room = course(1, 1, "FND", "The Nature of Libraries");
        in_room.details.modes = vec![Mode::FaceToFace, Mode::Hybrid];
        in_room.details.place = Some("Las Cruces, NM".to_owned());
        in_room.details.price = Some("$1,250".to_owned());
        let mut ended = course(2, 2, "FND", "Foundations 100%");
        ended.details.price = Some("Free".to_owned());
        ended.ended = Some(Ending {
            on: day("2025-06-01"),
            kind: EndingKind::Withdrawn,
            reason: "The instructor left".to_owned(),
        });
        let mut offered = course(3, 2, "CAT", "Cataloguing for everybody");
        offered.details.price = Some("$75.50 for members".to_owned());
        let plain = course(4, 2, "CAT", "Classification");
        tx.courses().insert_all(&[in_room, ended, offered, plain])?;
        for (bits, starts_on, cancelled_on) in
            [(1, "2026-05-01", None), (2, "2026-09-01", Some(day("2026-03-01")))]
        {
            tx.offerings().insert(&Offering {
                id: OfferingId::from_bits(bits),
                program: ProgramCode::lssc(),
                course: CourseId::from_bits(3),
                details: OfferingDetails {
                    starts_on: day(starts_on),
                    ends_on: day("2026-12-01"),
                    mode: Mode::Hybrid,
                    place: Some("Río Rancho".to_owned()),
                    link: None,
                    seats: Some(12),
                    price: None,
                    contact: None,
                    registration_url: None,
                },
                cancelled_on,
                cancel_reason: None,
                version: 1,
            })?;
        }
        Ok(())
    });
    stored.await.unwrap();
}

fn by(change: impl Fn(&mut CourseFilter)) -> CourseFilter {
    let mut filter = CourseFilter::default();
    change(&mut filter);
    filter
}

each_database! {
    async fn of_too_many_offerings_those_that_start_last_are_told(db) {
        let store = db.store();
        four_courses(&store).await;
        let latest = async |most: i64| {
            let filter = OfferingFilter::default();
            let found = store.read(move |tx| tx.offerings().latest(&filter, most)).await.unwrap();
            found.into_iter().map(|one| one.id.bits()).collect::<Vec<_>>()
        };
        assert_eq!((latest(1).await, latest(2).await), (vec![2], vec![1, 2]));
    }

    async fn the_catalog_is_found_by_what_people_type(db) {
        let store = db.store();
        four_courses(&store).await;
        let text = |text: &'static str| by(move |one| one.text = Some(text.to_owned()));
        assert_eq!(search(&store, text("nature LIBRARIES")).await, [1]);
        assert_eq!(search(&store, text("dona ana")).await, [1], "the provider's name, folded");
        assert_eq!(search(&store, text("library catalog")).await, [3], "all of the words");
        assert_eq!(search(&store, text("100%")).await, [2]);
        assert_eq!(search(&store, text("%")).await, [1, 2, 3, 4], "nothing to search by");
        assert_eq!(search(&store, by(|one| one.mode = Some(Mode::Hybrid))).await, [1]);
        let college = by(|one| one.provider_kind = Some(ProviderKind::CommunityCollege));
        assert_eq!(search(&store, college).await, [1]);
        assert_eq!(search(&store, by(|one| one.place = Some("las cruces".into()))).await, [1]);
        assert_eq!(search(&store, by(|one| one.place = Some("rio".into()))).await, [3]);
        assert_eq!(search(&store, by(|one| one.max_price_cents = Some(7_550))).await, [2, 3]);
        assert_eq!(search(&store, by(|one| one.max_price_cents = Some(7_549))).await, [2]);
    }

    async fn the_catalog_holds_what_is_approved_and_offered_on_a_day(db) {
        let store = db.store();
        four_courses(&store).await;
        let on = |text: &'static str| by(move |one| one.approved_on = Some(day(text)));
        assert_eq!(search(&store, on("2025-06-01")).await, [1, 2, 3, 4]);
        assert_eq!(search(&store, on("2025-06-02")).await, [1, 3, 4]);
        assert_eq!(search(&store, on("2028-01-02")).await, [0_u128; 0]);
        let from = |first: &'static str, last: &'static str| by(move |one| {
            one.starts_from = (!first.is_empty()).then(|| day(first));
            one.starts_until = (!last.is_empty()).then(|| day(last));
        });
        assert_eq!(search(&store, from("2026-05-01", "2026-05-01")).await, [3]);
        assert_eq!(search(&store, from("2026-05-02", "")).await, [0_u128; 0], "cancelled");
        assert_eq!(search(&store, from("", "2026-05-01")).await, [3]);
        let upcoming = store
            .read(|tx| tx.offerings().of_courses(&[CourseId::from_bits(3)], day("2026-06-01")))
            .await
            .unwrap();
        assert_eq!(upcoming.len(), 1);
        let read = store.read(|tx| tx.courses().get(CourseId::from_bits(2))).await.unwrap();
        assert_eq!(read.last_day(), day("2025-06-01"));
    }

    async fn five_thousand_courses_are_paged_without_a_gap(db) {
        let store = db.store();
        furnished(&store).await;
        write(&store, |tx| {
            let codes = ["FND", "COM", "TEC", "CAT", "YTH"];
            let code = |n: u128| codes[usize::try_from(n % 5).unwrap()];
            let all: Vec<_> = (1..=5_000)
                .map(|n| course(n, 1 + n % 2, code(n), &format!("Course {n}")))
                .collect();
            tx.courses().insert_all(&all)
        })
        .await
        .unwrap();
        let filter = by(|one| {
            one.set = Some(set("FND"));
            one.text = Some("state".to_owned());
            one.approved_on = Some(day("2026-01-01"));
        });
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (filter, page) = (filter.clone(), Page { after, limit: 200 });
            let rows = store.read(move |tx| tx.courses().list(&filter, page)).await.unwrap();
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            seen.extend(rows.into_iter().map(|one| one.id.bits()));
        }
        let expected: Vec<u128> = (1..=5_000).filter(|n| n % 5 == 0 && n % 2 == 1).collect();
        assert_eq!(seen, expected);
    }

    async fn a_course_has_one_open_renewal_and_a_reviewer_one_review(db) {
        let store = db.store();
        furnished(&store).await;
        let proposal = CourseProposal {
            id: ProposalId::from_bits(1),
            program: ProgramCode::lssc(),
            provider: OrganisationId::from_bits(1),
            proposed_by: PersonId::from_bits(1),
            renews: Some(CourseId::from_bits(1)),
            state: ProposalState::Draft,
            content: ProposalContent {
                set: set("FND"),
                bundle: None,
                details: course(1, 1, "FND", "Libraries").details,
                syllabus: None,
                instructor_resume: None,
                map: Vec::new(),
            },
            changes: Vec::new(),
            invoice: None,
            created_at: noon(),
            submitted_on: None,
            decision: None,
            course: None,
            version: 1,
        };
        let review = Review {
            id: ReviewId::from_bits(1),
            program: ProgramCode::lssc(),
            proposal: proposal.id,
            provider: proposal.provider,
            reviewer: PersonId::from_bits(1),
            state: ReviewState::Conflicted,
            assigned_on: day("2026-01-01"),
            submitted_on: None,
            rubric: None,
            note: Some("My sister teaches it".to_owned()),
            version: 1,
        };
        let (stored, again) = (proposal.clone(), proposal.clone());
        let (first, second) = (review.clone(), review.clone());
        write(&store, move |tx| {
            tx.people().insert(&person(1, "Day"))?;
            tx.courses().insert(&course(1, 1, "FND", "Libraries"))?;
            tx.proposals().insert(&stored)?;
            tx.reviews().insert(&first)
        })
        .await
        .unwrap();
        let open = write(&store, move |tx| {
            tx.proposals().insert(&CourseProposal { id: ProposalId::from_bits(2), ..again.clone() })
        });
        assert_eq!(open.await, Err(Error::Conflict(Constraint::ProposalsOneRenewal)));
        let twice = write(&store, move |tx| {
            tx.reviews().insert(&Review { id: ReviewId::from_bits(2), ..second.clone() })
        });
        assert_eq!(twice.await, Err(Error::Conflict(Constraint::ReviewsOnce)));
        let read = store.read(|tx| {
            let proposal = tx.proposals().get(ProposalId::from_bits(1))?;
            let reviews = tx.reviews().of(proposal.id)?;
            Ok::<_, Error>((proposal, reviews, tx.reviews().declared_by(PersonId::from_bits(1))?))
        });
        let declared = vec![OrganisationId::from_bits(1)];
        assert_eq!(read.await, Ok((proposal, vec![review], declared)));
    }

    async fn a_bundle_is_read_as_it_was_written(db) {
        let store = db.store();
        furnished(&store).await;
        let bundle = Bundle {
            id: BundleId::from_bits(1),
            program: ProgramCode::lssc(),
            provider: OrganisationId::from_bits(1),
            set: set("YTH"),
            title: "Youth services".to_owned(),
            state: BundleState::Approved,
            courses: vec![CourseId::from_bits(1), CourseId::from_bits(2)],
            approved_on: Some(day("2025-01-01")),
            ends_on: Some(day("2029-01-01")),
            renewals: 1,
            ended: None,
            version: 1,
        };
        let stored = bundle.clone();
        write(&store, move |tx| tx.bundles().insert(&stored)).await.unwrap();
        let read = store.read(|tx| tx.bundles().get(BundleId::from_bits(1))).await;
        assert_eq!(read, Ok(bundle));
    }

    async fn requests_are_counted_by_set_and_place_however_it_is_written(db) {
        let store = db.store();
        furnished(&store).await;
        write(&store, |tx| {
            tx.courses().insert(&course(1, 1, "FND", "Libraries"))?;
            for (bits, code, place) in [
                (1, "FND", "Las Cruces, NM"),
                (2, "FND", "las cruces  nm"),
                (3, "FND", "Reno, NV"),
                (4, "CAT", "Reno, NV"),
            ] {
                let one = (bits == 1).then(|| Wanted::Course(CourseId::from_bits(1)));
                tx.course_requests().insert(&CourseRequest {
                    id: CourseRequestId::from_bits(bits),
                    program: ProgramCode::lssc(),
                    wanted: one.unwrap_or_else(|| Wanted::Set(set(code))),
                    set: set(code),
                    place: place.to_owned(),
                    email: None,
                    note: None,
                    person: None,
                    requested_at: noon(),
                })?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let counted = |code: Option<&'static str>| {
            let store = store.clone();
            async move {
                let asked = code.map(set);
                let counts = store.read(move |tx| {
                    tx.course_requests().counts(&ProgramCode::lssc(), asked.as_ref(), 10)
                });
                let counts = counts.await.unwrap();
                let told = counts.into_iter().map(|one| (one.set.to_string(), one.requests));
                told.collect::<Vec<_>>()
            }
        };
        let told = |rows: &[(&str, i64)]| {
            rows.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect::<Vec<_>>()
        };
        assert_eq!(counted(None).await, told(&[("FND", 2), ("CAT", 1), ("FND", 1)]));
        assert_eq!(counted(Some("CAT")).await, told(&[("CAT", 1)]));
    }
}
