//! The people who act for an organisation: invited, handed over, removed; and providers that act no more.

use serde_json::json;

use crate::support::{
    mails::{mails_to, token_of},
    race::{contend, one_winner},
    world::{each, each_world},
};

const INVITED: &str = "You are invited to act for an organisation";

each_world! {
    async fn an_invitation_is_mailed_accepted_once_and_makes_the_primary_contact(world) {
        let staff = world.staff().await;
        let provider = staff.records_provider("Prairie State Library").await;
        let path = format!("/v1/organisations/{provider}/invitations");
        let body = json!({"email": "pia@provider.example", "role": "provider"});
        let invited = staff.post(&path, body).await.expect(201);
        assert_eq!((&invited["state"], &invited["expires_at"]), (&json!("open"), &json!("2026-03-15T12:00:00Z")));
        assert!(!invited.body().contains("token"));
        let token = token_of(world, "pia@provider.example", INVITED, 1).await;
        assert!(mails_to(world, "pia@provider.example", INVITED)[0].contains("Prairie State Library"));
        let accept = |token: &str| json!({"token": token});
        let (pia, eve) = (world.register("Pia").await, world.register("Eve").await);
        world.anyone().post("/v1/invitations/accept", accept(&token)).await.refused(401, "unauthenticated");
        let forged = format!("{}x", &token[..token.len() - 1]);
        eve.post("/v1/invitations/accept", accept(&forged)).await.faulty("#/token", "void");
        let accepted = pia.post("/v1/invitations/accept", accept(&token)).await.expect(200);
        assert_eq!((&accepted["state"], &accepted["accepted_by"]), (&json!("accepted"), &json!(pia.id)));
        eve.post("/v1/invitations/accept", accept(&token)).await.refused(409, "state-conflict").unmet(&["invitation.state"]);
        let users = pia.get(&format!("/v1/organisations/{provider}/users")).await.expect(200);
        assert_eq!(each(&users["items"], "person_id"), [&pia.id]);
        assert_eq!((&users["items"][0]["primary_contact"], &users["items"][0]["role"]), (&json!(true), &json!("provider")));
        eve.get(&format!("/v1/organisations/{provider}/users")).await.refused(403, "forbidden");
        assert_eq!(
            world.happened_to(&provider),
            ["provider.recorded", "organisation.user_invited", "organisation.invitation_accepted", "organisation.handed_over"]
        );
        assert_eq!(world.count("role.granted"), 1);
    }

    async fn sixteen_accept_an_invitation_and_one_is_let_in(world) {
        let staff = world.staff().await;
        let provider = staff.records_provider("Prairie State Library").await;
        let body = json!({"email": "pia@provider.example", "role": "provider"});
        staff.post(&format!("/v1/organisations/{provider}/invitations"), body).await.expect(201);
        let token = token_of(world, "pia@provider.example", INVITED, 1).await;
        let mut people = Vec::new();
        for number in 0..16 {
            people.push(world.register(&format!("Pia {number}")).await);
        }
        let answers = contend(|number| {
            let (person, token) = (people[number].clone(), token.clone());
            async move { person.post("/v1/invitations/accept", json!({"token": token})).await }
        })
        .await;
        let winner = one_winner(answers, 200).text("accepted_by");
        let users = staff.get(&format!("/v1/organisations/{provider}/users")).await.expect(200);
        assert_eq!(each(&users["items"], "person_id"), [&winner]);
        assert_eq!(world.count("role.granted"), 1);
    }

    async fn an_invitation_is_taken_back_or_runs_out(world) {
        let staff = world.staff().await;
        let provider = staff.records_provider("Prairie State Library").await;
        let path = format!("/v1/organisations/{provider}/invitations");
        let invite = |email: &str| json!({"email": email, "role": "provider"});
        let first = staff.post(&path, invite("a@provider.example")).await.expect(201);
        staff.post(&path, invite("b@provider.example")).await.expect(201);
        let revoked = token_of(world, "a@provider.example", INVITED, 1).await;
        let late = token_of(world, "b@provider.example", INVITED, 1).await;
        assert!(first["actions"][0]["allowed"].as_bool().unwrap());
        staff.post_empty(&format!("{path}/{}/revoke", first.id())).await.expect(200);
        staff.post_empty(&format!("{path}/{}/revoke", first.id())).await.refused(409, "state-conflict");
        let pia = world.register("Pia").await;
        let accept = |token: &str| json!({"token": token});
        pia.post("/v1/invitations/accept", accept(&revoked)).await.refused(409, "state-conflict");
        world.travel_to("2026-03-16");
        pia.post("/v1/invitations/accept", accept(&late)).await.refused(409, "state-conflict").unmet(&["invitation.state"]);
        let listed = staff.get(&path).await.expect(200);
        assert_eq!(each(&listed["items"], "state"), ["revoked", "expired"]);
        assert_eq!(world.count("role.granted"), 0);
        let other = staff.records_provider("Another Provider").await;
        let elsewhere = format!("/v1/organisations/{other}/invitations/{}/revoke", first.id());
        staff.post_empty(&elsewhere).await.refused(404, "not-found");
        staff.post(&path, json!({"email": "c@provider.example", "role": "college"})).await.faulty("#/role", "unknown");
        staff.post(&path, json!({"email": "pia at home", "role": "provider"})).await.faulty("#/email", "format");
    }

    async fn whose_role_an_admin_ends_does_not_speak_first_any_more(world) {
        let staff = world.staff().await;
        let provider = staff.records_provider("Prairie State Library").await;
        let paul = world.acts_for(&provider, "provider", "Paul").await;
        let pia = world.acts_for(&provider, "provider", "Pia").await;
        let admin = world.admin().await;
        let ends = async |who: &crate::support::actor::Actor| {
            let grants = format!("/v1/people/{}/grants", who.id);
            let grant = admin.get(&grants).await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
            admin.post_empty(&format!("{grants}/{grant}/end")).await.expect(200);
        };
        let first = async || {
            let users = staff.get(&format!("/v1/organisations/{provider}/users")).await.expect(200);
            let users = users["items"].as_array().unwrap().iter();
            users.filter(|one| one["primary_contact"] == true).map(|one| one["person_id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(first().await, [json!(paul.id)]);
        ends(&paul).await;
        assert_eq!(first().await, [json!(pia.id)]);
        // An ended role ends once.
        ends(&paul).await;
        assert_eq!(world.count("organisation.handed_over"), 2);
        ends(&pia).await;
        assert_eq!((first().await, world.count("organisation.contact_left")), (vec![], 1));
        let kim = world.acts_for(&provider, "provider", "Kim").await;
        assert_eq!(first().await, [json!(kim.id)]);
    }

    async fn the_primary_contact_hands_over_before_leaving(world) {
        let staff = world.staff().await;
        let provider = staff.records_provider("Prairie State Library").await;
        let paul = world.acts_for(&provider, "provider", "Paul").await;
        let pia = world.acts_for(&provider, "provider", "Pia").await;
        let eve = world.register("Eve").await;
        let base = format!("/v1/organisations/{provider}");
        let remove = |who: &str| format!("{base}/users/{who}/remove");
        let ina = world.acts_for(&provider, "provider", "Ina").await;
        // Who is not the primary contact takes nothing over and sends nobody away but themselves.
        pia.post(&remove(&paul.id), json!({})).await.refused(403, "forbidden");
        pia.post(&remove(&ina.id), json!({})).await.refused(403, "forbidden");
        let to = |who: &str| json!({"person_id": who});
        let contact = format!("{base}/primary-contact");
        pia.post(&contact, to(&pia.id)).await.refused(403, "forbidden");
        let seen = pia.get(&format!("{base}/users")).await.expect(200);
        assert_eq!(seen["items"][0]["actions"], json!([]), "nothing is offered to Pia on Paul");
        assert_eq!(each(&seen["items"][1]["actions"], "name"), ["remove_organisation_user"], "she may leave");
        paul.post(&remove(&ina.id), json!({})).await.expect(200);
        let kim = world.acts_for(&provider, "provider", "Kim").await;
        kim.post(&remove(&kim.id), json!({"reason": "I moved."})).await.expect(200);
        paul.post(&remove(&paul.id), json!({})).await.refused(409, "state-conflict").unmet(&["organisation.not_primary"]);
        staff.post(&remove(&paul.id), json!({})).await.refused(409, "state-conflict").unmet(&["organisation.not_primary"]);
        paul.post(&contact, to(&eve.id)).await.refused(409, "state-conflict").unmet(&["organisation.user"]);
        paul.post(&contact, to(&paul.id)).await.refused(409, "state-conflict").unmet(&["organisation.other_contact"]);
        eve.post(&contact, to(&eve.id)).await.refused(404, "not-found");
        paul.post(&contact, to(&pia.id)).await.expect(200);
        let left = pia.post(&remove(&paul.id), json!({"reason": "Paul retired."})).await.expect(200);
        assert_eq!(each(&left["items"], "person_id"), [&pia.id]);
        // The role ends with the next request.
        paul.get(&format!("{base}/users")).await.refused(403, "forbidden");
        pia.post(&remove(&paul.id), json!({})).await.refused(404, "not-found");
        assert_eq!(world.count("organisation.user_removed"), 3);
    }

    async fn a_deactivated_provider_proposes_nothing(world) {
        let cast = world.proposers().await;
        let draft = cast.paul.proposes(&cast.provider).await;
        let reason = json!({"reason": "It closed."});
        let path = format!("/v1/providers/{}", cast.provider);
        cast.paul.post(&format!("{path}/deactivate"), reason.clone()).await.refused(403, "forbidden");
        let closed = cast.staff.post(&format!("{path}/deactivate"), reason.clone()).await.expect(200);
        assert_eq!(closed["deactivated_on"], "2026-03-01");
        cast.staff.post(&format!("{path}/deactivate"), reason.clone()).await.refused(409, "state-conflict");
        let refused = cast.paul.hands_over(&draft.id(), "submit").await.refused(409, "state-conflict");
        refused.unmet(&["organisation.active"]);
        let body = json!({"provider_id": cast.provider, "set": "FND", "title": "Another"});
        cast.paul.post("/v1/course-proposals", body.clone()).await.refused(409, "state-conflict");
        cast.paul.post("/v1/bundles", body.clone()).await.refused(409, "state-conflict");
        assert_eq!(world.count("invoice.issued"), 0);
        assert_eq!(world.anyone().get(&path).await.expect(200)["deactivated_on"], "2026-03-01");
        cast.staff.post(&format!("{path}/reactivate"), reason).await.expect(200);
        cast.paul.hands_over(&draft.id(), "submit").await.expect(200);
    }
}
