//! The pages that explain problems, and the front page.

use actix_web::{HttpResponse, web};

use super::{Kind, Problem};

/// `GET /problems/{slug}`.
pub(crate) async fn page(slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    let kind = Kind::of(&slug).ok_or_else(Problem::not_found)?;
    Ok(html(
        kind.title(),
        &format!(
            "<p>{} <code>/problems/{}</code></p><p>{}</p>",
            kind.status(),
            kind.slug(),
            kind.page()
        ),
    ))
}

/// `GET /problems`: all of them.
pub(crate) async fn index() -> HttpResponse {
    let mut lines = String::new();
    for kind in Kind::ALL {
        lines += "<li>";
        lines += &kind.status().to_string();
        lines += " <a href=\"/problems/";
        lines += kind.slug();
        lines += "\">";
        lines += kind.title();
        lines += "</a></li>";
    }
    html("Problems", &format!("<ul>{lines}</ul>"))
}

/// `GET /`: where to go.
pub(crate) async fn home() -> HttpResponse {
    html(
        "LSSC certification API",
        "<ul><li><a href=\"/swagger-ui/\">Swagger UI</a></li><li><a href=\"/openapi.json\">OpenAPI document</a></li>\
         <li><a href=\"/problems\">Problems</a></li></ul>",
    )
}

/// The texts come from this program, none from a caller: nothing is left to escape.
fn html(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(("Cache-Control", "public, max-age=3600")).body(
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body><h1>{title}</h1>{body}</body></html>"
        ),
    )
}
