//! Institutions, and who acts for them.

use serde_json::json;

use crate::support::world::{each, each_world};

each_world! {
    async fn staff_record_institutions_and_their_people_keep_them(world) {
        let staff = world.staff().await;
        let (ines, id) = world.institution(&staff, "Riverside Library").await;
        let (otto, other) = world.institution(&staff, "Lakeside Library").await;
        let path = format!("/v1/institutions/{id}");
        let shown = ines.get(&path).await.expect(200);
        assert_eq!(shown["address"], json!(["1 Main Street", "Springfield, IL"]));
        assert!(shown.allows("update_institution") && shown.allows("create_purchase_order"));
        otto.get(&path).await.refused(404, "not-found");
        world.register("Ada").await.get(&path).await.refused(404, "not-found");
        world.anyone().get(&path).await.refused(401, "unauthenticated");
        let named = json!({"name": "Riverside Public Library"});
        ines.patch(&path, "\"v9\"", named.clone()).await.refused(412, "stale");
        let changed = ines.patch(&path, &shown.etag(), named.clone()).await.expect(200);
        assert_eq!((&changed["name"], &changed["version"]), (&named["name"], &json!(2)));
        otto.patch(&path, "*", named.clone()).await.refused(404, "not-found");
        otto.patch(&format!("/v1/institutions/{other}"), "*", named).await.refused(409, "conflict");
        world.auditor().await.patch(&path, "*", json!({})).await.refused(403, "forbidden");
        assert_eq!(world.happened_to(&id), ["institution.recorded", "institution.updated"]);
    }

    async fn a_list_holds_what_one_may_see(world) {
        let staff = world.staff().await;
        let (ines, river) = world.institution(&staff, "Riverside Library").await;
        let (_, lake) = world.institution(&staff, "Lakeside Library").await;
        let list = async |actor: &crate::support::actor::Actor, query: &str| {
            let list = actor.get(&format!("/v1/institutions?{query}")).await.expect(200);
            each(&list["items"], "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(list(&staff, "").await, [river.clone(), lake.clone()]);
        assert_eq!(list(&staff, "q=lakeside").await, [lake]);
        assert_eq!(list(&ines, "").await, [river]);
        assert_eq!(list(&ines, "q=lake").await, [""; 0]);
        world.register("Ada").await.get("/v1/institutions").await.refused(403, "forbidden");
    }

    async fn what_cannot_be_an_institution_is_refused(world) {
        let staff = world.staff().await;
        let with = |field: &str, value: serde_json::Value| {
            let mut body = json!({"name": "A", "address": ["B"], "email": "a@example.org"});
            body[field] = value;
            body
        };
        for (body, pointer, code) in [
            (with("address", json!([])), "#/address", "length"),
            (with("address", json!(["1", "2", "3", "4", "5", "6", "7"])), "#/address", "length"),
            (with("address", json!(["4242 4242 4242 4242"])), "#/address/0", "card_data"),
            (with("email", json!("nowhere")), "#/email", "format"),
            (with("program", json!("none")), "#/program", "unknown"),
        ] {
            staff.post("/v1/institutions", body).await.faulty(pointer, code);
        }
        assert_eq!(world.count("institution.recorded"), 0);
    }

    async fn a_role_is_granted_for_an_organisation_that_is_there(world) {
        let (ada, admin) = (world.register("Ada").await, world.admin().await);
        let path = format!("/v1/people/{}/grants", ada.id);
        for role in ["institution", "provider"] {
            let nowhere = json!({"role": role, "organisation": "org_00000000000000000000000000000000"});
            admin.post(&path, nowhere).await.faulty("#/organisation", "unknown");
        }
        assert_eq!(world.count("role.granted"), 0);
    }
}
