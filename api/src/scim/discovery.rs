//! What SCIM says of itself (RFC 7643 sections 5 to 7). It is public, but for `filter`, which is refused.

use actix_web::{HttpRequest, web};
use serde_json::{Value, json};

use super::{BASE, USER, answer, query::MOST};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    problem::{Kind, Problem},
};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// RFC 7644 section 4: what is discovered is not filtered.
fn unfiltered(request: &HttpRequest) -> Result<(), Problem> {
    let query = request.query_string();
    if query.split('&').any(|pair| pair.starts_with("filter=")) {
        return Err(Problem::new(Kind::Forbidden, "What SCIM says of itself is not filtered."));
    }
    Ok(())
}

fn list(resources: &[Value]) -> Reply {
    let total = resources.len();
    answer(
        200,
        &json!({"schemas": [LIST], "totalResults": total, "itemsPerPage": total, "startIndex": 1,
            "Resources": resources}),
    )
}

/// What is supported.
pub(super) async fn provider(app: App, _call: Call) -> Result<Reply, Problem> {
    let at = |path: &str| format!("{}{path}", app.public_url);
    let body = json!({
        "schemas": [CONFIG],
        "documentationUri": at("/"),
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": MOST},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": true},
        "pagination": {"cursor": true, "index": true, "defaultPaginationMethod": "index",
            "defaultPageSize": 100, "maxPageSize": MOST},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth 2.0 client credentials",
            "description": "A machine's access token with the scopes accounts:read and accounts:write.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {"resourceType": "ServiceProviderConfig",
            "location": at("/scim/v2/ServiceProviderConfig")},
    });
    Ok(answer(200, &body))
}

fn user_type(app: &App) -> Value {
    json!({"schemas": [RESOURCE_TYPE], "id": "User", "name": "User", "endpoint": "/Users", "schema": USER,
        "description": "An account that the partner holds of a person.",
        "meta": {"resourceType": "ResourceType",
            "location": format!("{}{BASE}/ResourceTypes/User", app.public_url)}})
}

/// The one type of resources.
pub(super) async fn resource_types(
    app: App,
    _call: Call,
    request: HttpRequest,
) -> Result<Reply, Problem> {
    unfiltered(&request)?;
    Ok(list(&[user_type(&app)]))
}

/// The type of a name.
pub(super) async fn resource_type(
    app: App,
    _call: Call,
    name: web::Path<String>,
) -> Result<Reply, Problem> {
    if name.as_str() == "User" {
        Ok(answer(200, &user_type(&app)))
    } else {
        Err(Problem::not_found())
    }
}

/// An attribute as a schema tells it.
fn attribute(name: &str, kind: &str, description: &str, changes: &Value) -> Value {
    let mut attribute = json!({"name": name, "type": kind, "description": description,
        "multiValued": false, "required": false, "caseExact": false, "mutability": "readWrite",
        "returned": "default", "uniqueness": "none"});
    if let (Some(fields), Some(changes)) = (attribute.as_object_mut(), changes.as_object()) {
        fields.extend(changes.clone());
    }
    attribute
}

fn user_schema(app: &App) -> Value {
    let name = [
        attribute("givenName", "string", "Given names.", &json!({"required": true})),
        attribute("familyName", "string", "The family name.", &json!({"required": true})),
        attribute(
            "formatted",
            "string",
            "The full name; only where it is asked for.",
            &json!({"mutability": "readOnly", "returned": "request"}),
        ),
    ];
    let email = [attribute(
        "value",
        "string",
        "The address; the program's mails go to the person's own first one.",
        &json!({"required": true, "mutability": "immutable"}),
    )];
    let attributes = [
        attribute(
            "userName",
            "string",
            "The account's name in the partner's system.",
            &json!({"required": true, "uniqueness": "server"}),
        ),
        attribute(
            "name",
            "complex",
            "The person's name; one with a certificate changes it with the office.",
            &json!({"required": true, "subAttributes": name}),
        ),
        attribute("displayName", "string", "What the partner shows.", &json!({})),
        attribute(
            "emails",
            "complex",
            "Addresses of the person. More may be added; the person alone takes one away.",
            &json!({"multiValued": true, "required": true, "mutability": "immutable",
                "subAttributes": email}),
        ),
        attribute(
            "active",
            "boolean",
            "Whether the partner lets the account be used; never true of who retired or died.",
            &json!({}),
        ),
    ];
    json!({"schemas": [SCHEMA], "id": USER, "name": "User",
        "description": "An account that the partner holds of a person.", "attributes": attributes,
        "meta": {"resourceType": "Schema",
            "location": format!("{}{BASE}/Schemas/{USER}", app.public_url)}})
}

/// The one schema.
pub(super) async fn schemas(app: App, _call: Call, request: HttpRequest) -> Result<Reply, Problem> {
    unfiltered(&request)?;
    Ok(list(&[user_schema(&app)]))
}

/// The schema of a name.
pub(super) async fn schema(
    app: App,
    _call: Call,
    urn: web::Path<String>,
) -> Result<Reply, Problem> {
    if urn.eq_ignore_ascii_case(USER) {
        Ok(answer(200, &user_schema(&app)))
    } else {
        Err(Problem::not_found())
    }
}
