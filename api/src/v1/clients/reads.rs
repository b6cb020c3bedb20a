//! What a machine client was told of people.

use actix_web::get;
use domain::{
    ClientId, ClientReadId,
    access::{Action, Facts},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{ClientReadView, ListClientReads};
use crate::{
    answer::{Listing, Reply},
    app::App,
    call::Call,
    extract::{Page, PathOf, Query},
    problem::Problem,
};

/// Registers the operations of this module.
pub(super) fn register(config: &mut ServiceConfig<'_>) {
    config.service(list_client_reads);
}

/// List what a machine client was told of people
///
/// Every answer to it that held personal data, the latest first: by which operation, of how many people, and the
/// first and the last of them. They are kept for two years.
#[utoipa::path(tag = "Administration", params(ListClientReads),
    responses((status = 200, body = Listing<ClientReadView>, description = "A page of answers.")))]
#[get("/v1/clients/{client_id}/reads")]
pub(crate) async fn list_client_reads(
    app: App,
    call: Call,
    id: PathOf<ClientId>,
    query: Query<ListClientReads>,
) -> Result<Reply, Problem> {
    app.read(&call, move |tx, call| {
        call.allow(Action::ListClientReads, &Facts::default())?;
        let client = tx.clients().get(*id)?;
        let page = Page::<ClientReadId>::of(query.limit, query.cursor.as_ref())?;
        let rows = tx.client_reads().list(client.id, page.rows())?;
        Ok(page.listing(rows, |read| read.id, ClientReadView::from).reply(call))
    })
    .await
}
