//! The contract: the committed document and the committed access matrix are what is served.
//!
//! `LSSC_BLESS=1 cargo test -p tests contract` writes both anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use api::{openapi, problem::Kind};
use domain::{
    Word,
    access::{Action, RULES, matrix},
};
use serde_json::{Value, json};

use crate::support::world::each_world;

/// An operation of the document: its method, its path and what is said of it.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) value: Value,
}

/// The operations of the document by their ids.
pub(crate) fn operations() -> BTreeMap<String, Operation> {
    let document = openapi::document();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            let id = value["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{method} {path} has no id"));
            let operation = Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                value: value.clone(),
            };
            assert!(found.insert(id.to_owned(), operation).is_none(), "{id} is there twice");
        }
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "how one asks for the committed files to be written")]
pub(crate) fn blessed() -> bool {
    std::env::var("LSSC_BLESS").is_ok_and(|value| value == "1")
}

/// The committed file says `text`; with `LSSC_BLESS=1` it is made to.
fn is_committed(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    if blessed() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{file} is not current: run LSSC_BLESS=1 cargo test -p tests contract"
    );
}

const MATRIX_HEAD: &str = "# Who may do what\n\n\
    Printed from `domain::access::RULES`; a test compares this file with it, and another walks every\n\
    operation as every role over HTTP. `own` is what belongs to the person who asks, `active member` what\n\
    belongs to an organisation that they act for; a grant that ended counts for nothing. Who may not even\n\
    read a resource is told 404. Everybody who registered is a candidate, besides what was granted.\n\n";

#[test]
fn the_committed_document_is_current() {
    let text = serde_json::to_string_pretty(&openapi::document()).unwrap() + "\n";
    is_committed("openapi/openapi.json", &text);
}

#[test]
fn the_committed_matrix_is_current() {
    is_committed("docs/access-matrix.md", &format!("{MATRIX_HEAD}{}", matrix()));
}

#[test]
fn every_operation_is_an_action_and_every_action_an_operation() {
    let operations: BTreeSet<String> = operations().into_keys().collect();
    let actions: BTreeSet<String> =
        Action::ALL.iter().map(|action| action.as_str().to_owned()).collect();
    assert_eq!(operations, actions);
    let ruled: BTreeSet<&str> = RULES.iter().map(|rule| rule.action.as_str()).collect();
    assert_eq!(ruled.len(), RULES.len());
    assert_eq!(ruled.len(), actions.len());
}

#[test]
fn every_operation_says_what_it_is_and_who_may() {
    let document = openapi::document();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: Vec<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for rule in RULES {
        let id = rule.action.as_str();
        let operation = &operations()[id];
        let said = &operation.value;
        let summary = said["summary"].as_str().unwrap_or_default();
        assert!((3..=80).contains(&summary.len()), "{id}: {summary:?}");
        assert!(said["description"].as_str().is_some_and(|text| text.contains("Who may")), "{id}");
        let tag = &said["tags"].as_array().unwrap()[..];
        assert!(tag.len() == 1 && tags.contains(&&tag[0]), "{id}: {tag:?}");
        let security = match (rule.public, rule.scope) {
            (true, _) => json!([]),
            (false, None) => json!([{"bearer": []}]),
            (false, Some(scope)) => json!([{"bearer": []}, {"client": [scope]}]),
        };
        assert_eq!(said["security"], security, "{id}");
    }
}

#[test]
fn every_operation_says_how_it_succeeds_and_how_it_fails() {
    for (id, operation) in operations() {
        let responses = operation.value["responses"].as_object().unwrap();
        let has = |status: &str| responses.contains_key(status);
        assert!(responses.keys().any(|status| status.starts_with('2')), "{id}");
        for (status, response) in responses {
            let told = response["$ref"].is_string()
                || response["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(told, "{id} {status}");
        }
        for status in ["401", "429", "500", "503"] {
            assert!(has(status), "{id} lacks {status}");
        }
        let oauth = operation.path.starts_with("/oauth/");
        if operation.path.contains('{') {
            assert!(has("404"), "{id}");
        }
        if !operation.value["requestBody"].is_null() && !oauth {
            for status in ["400", "408", "413", "415", "422"] {
                assert!(has(status), "{id} lacks {status}");
            }
        }
        if matches!(operation.method.as_str(), "PATCH" | "PUT" | "DELETE") && id != "sign_out" {
            assert!(has("412") && has("428"), "{id}");
        }
    }
}

/// Operations that move money or take a decision; the list is written down so that losing one shows.
const NEED_A_KEY: &[&str] = &[
    "accept_application",
    "adopt_agreement_change",
    "answer_help_request",
    "apply_credit",
    "approve_bundle",
    "approve_course_proposal",
    "approve_name_change",
    "assign_course_review",
    "assign_evaluator",
    "cancel_offering",
    "cancel_purchase_order",
    "cancel_support_event",
    "correct_completion",
    "correct_waiting_completion",
    "create_appeal",
    "create_award_round",
    "create_purchase_order",
    "create_renewal_audit",
    "create_requested_account",
    "deactivate_provider",
    "decide_appeal",
    "decide_audit_case",
    "decline_course_proposal",
    "decline_name_change",
    "decline_subsidy",
    "draw_award_round",
    "drop_agreement_change",
    "end_agreement",
    "end_bundle",
    "end_course",
    "erase_person",
    "extend_candidacy",
    "finalise_ratings",
    "grant_renewal",
    "grant_subsidy",
    "hand_back_assignment",
    "import_memberships",
    "invoice_portfolio",
    "issue_invoice",
    "lift_bounce",
    "link_account_request",
    "meet_condition",
    "merge_people",
    "post_graduates",
    "post_roster",
    "publish_policy",
    "reactivate_provider",
    "record_death",
    "record_payment",
    "record_payout",
    "refund_credit",
    "refund_payment",
    "refuse_application",
    "refuse_completion",
    "refuse_graduate",
    "refuse_renewal",
    "reinstate_certification",
    "reject_account_request",
    "release_assignment",
    "release_course_review",
    "renew_bundle",
    "request_assistance",
    "request_award",
    "request_subsidy",
    "resolve_payment_discrepancy",
    "respond_to_appeal",
    "restore_person",
    "retire_person",
    "reverse_measure",
    "reverse_payment",
    "reverse_person_merge",
    "review_agreement",
    "review_agreement_yearly",
    "revoke_certification",
    "send_back_agreement",
    "set_appeal_meeting",
    "show_hours",
    "sign_agreement",
    "submit_appeal_documents",
    "submit_application",
    "submit_audit_documents",
    "submit_course_proposal",
    "submit_course_review",
    "submit_portfolio",
    "submit_renewal",
    "suspend_certification",
    "swap_purchase_order_line",
    "verify_completion",
    "verify_graduate",
    "verify_membership",
    "void_achievement",
    "void_invoice",
    "void_ratings",
    "withdraw_appeal",
    "withdraw_assistance",
    "withdraw_completion",
    "withdraw_course",
    "withdraw_course_proposal",
    "withdraw_graduate",
    "withdraw_portfolio",
    "withdraw_renewal",
    "withdraw_waiting_completion",
];

#[test]
fn every_decision_says_that_it_needs_a_key() {
    let document = openapi::document();
    let resolved = |parameter: &Value| match parameter["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).cloned().unwrap(),
        None => parameter.clone(),
    };
    let asks = |operation: &Operation, name: &str| {
        let parameters = operation.value["parameters"].as_array();
        parameters
            .into_iter()
            .flatten()
            .map(resolved)
            .any(|one| one["name"] == name && one["required"] == true)
    };
    for (id, operation) in operations() {
        let needs = asks(&operation, "Idempotency-Key");
        assert_eq!(needs, NEED_A_KEY.contains(&id.as_str()), "{id}");
        let changes =
            matches!(operation.method.as_str(), "PATCH" | "PUT" | "DELETE") && id != "sign_out";
        assert_eq!(asks(&operation, "If-Match"), changes, "{id}");
    }
}

/// Kinds that no request of a test over HTTP can bring about at will.
const ELSEWHERE: [(&str, &str); 4] = [
    ("bad-request", "what the HTTP library refuses before it is a request"),
    ("busy", "the store's queue is full: tests of the store fill it"),
    ("idempotency-key-in-use", "a race that is lost by luck only"),
    ("internal", "a fault of the server: the operators' tests make one"),
];

#[test]
fn every_kind_of_problem_is_brought_about_by_a_test() {
    let mut sources = String::new();
    for folder in ["api", "ops"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in std::fs::read_dir(folder).unwrap() {
            sources += &std::fs::read_to_string(file.unwrap().path()).unwrap();
        }
    }
    for kind in
        Kind::ALL.iter().filter(|kind| ELSEWHERE.iter().all(|(slug, _)| *slug != kind.slug()))
    {
        let asserted = format!("({}, \"{}\")", kind.status(), kind.slug());
        let page = format!("/problems/{}", kind.slug());
        assert!(
            sources.contains(&asserted) || sources.contains(&page),
            "no test is told {}",
            kind.slug()
        );
    }
}

each_world! {
    async fn the_served_document_is_the_committed_one(world) {
        let served = world.anyone().get("/openapi.json").await.expect(200);
        assert_eq!(served.json, openapi::document());
        assert_eq!(served.header("content-type"), "application/json");
        let ui = world.anyone().get("/swagger-ui/").await.expect(200);
        assert!(ui.header("content-type").starts_with("text/html"));
    }

    async fn every_problem_that_the_document_names_has_a_page(world) {
        let document = openapi::document();
        let schema = document["components"]["schemas"]["Problem"].clone();
        assert!(schema.is_object());
        for kind in Kind::ALL {
            let path = format!("/problems/{}", kind.slug());
            let page = world.anyone().get(&path).await.expect(200);
            assert!(page.body().contains(kind.page().split('`').next().unwrap()), "{path}");
        }
    }
}
