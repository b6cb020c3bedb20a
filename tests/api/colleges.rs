//! Colleges: everybody reads them, the office and their own people change them.

use serde_json::json;

use crate::support::world::{each, each_world};

each_world! {
    async fn a_college_is_changed_by_its_own_people_and_the_office(world) {
        let campus = world.campus().await;
        let path = format!("/v1/colleges/{}", campus.college);
        let shown = campus.cora.get(&path).await.expect(200);
        assert!(shown.allows("update_college"));
        let place = json!({"place": "Glen Ellyn, IL"});
        campus.cora.patch(&path, &shown.etag(), place.clone()).await.expect(200);
        campus.cora.patch(&path, &shown.etag(), place.clone()).await.refused(412, "stale");
        campus.staff.patch(&path, "*", json!({"website": "https://cod.example.edu"})).await.expect(200);
        let other = campus.staff.records_college("Palomar College").await;
        let stranger = world.acts_for(&other, "college", "Sol").await;
        stranger.patch(&path, "*", place.clone()).await.refused(403, "forbidden");
        world.register("Ada").await.patch(&path, "*", place.clone()).await.refused(403, "forbidden");
        world.anyone().patch(&path, "*", place).await.refused(401, "unauthenticated");
        campus.cora.post("/v1/colleges", json!({"name": "Mine"})).await.refused(403, "forbidden");
        let after = world.anyone().get(&path).await.expect(200);
        assert_eq!((&after["place"], &after["website"]), (&json!("Glen Ellyn, IL"), &json!("https://cod.example.edu")));
        assert_eq!((world.count("college.recorded"), world.count("college.updated")), (2, 2));
    }

    async fn a_name_is_there_once_and_found_however_it_is_typed(world) {
        let staff = world.staff().await;
        let ana = staff.records_college("Doña Ana Community College").await;
        staff.records_college("Palomar College").await;
        staff.post("/v1/colleges", json!({"name": "dona ana  community college"})).await.refused(409, "conflict");
        let found = world.anyone().get("/v1/colleges?q=ana%20dona").await.expect(200);
        assert_eq!(each(&found["items"], "id"), [ana]);
        assert_eq!(found.header("cache-control"), "public, max-age=60");
        assert_eq!(found["items"][0]["actions"], json!([]));
        assert_eq!(staff.get("/v1/colleges").await.expect(200).header("cache-control"), "private, no-cache");
        staff.post("/v1/colleges", json!({"name": " "})).await.refused(422, "invalid-input");
        staff.post("/v1/colleges", json!({"name": "X", "website": "ftp://x"})).await.refused(422, "invalid-input");
        assert_eq!(world.count("college.recorded"), 2);
    }
}
