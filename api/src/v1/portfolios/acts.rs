//! What becomes of a portfolio: reviews before submission, its fee, submission, withdrawal.

use actix_web::post;
use domain::{PortfolioId, access::Action, portfolio::Portfolio};

use super::{CommentPortfolio, PortfolioView, answer, facts};
use crate::{
    answer::Reply,
    app::App,
    call::Call,
    extract::{Body, PathOf},
    flows::{portfolio, program},
    problem::Problem,
    v1::fields::OptionalReason,
};

/// Ask for a review before submission
///
/// The office looks at the draft and comments, by competency where it helps: free, as often as one likes, one
/// at a time. It blocks nothing: the portfolio can be submitted without the answer (FAQ 15).
#[utoipa::path(tag = "Portfolios", responses((status = 200, body = PortfolioView)))]
#[post("/v1/portfolios/{portfolio_id}/pre-review")]
pub(crate) async fn request_pre_review(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::RequestPreReview, &facts(&portfolio))?;
            let today = program::today(&app, tx, &portfolio.program)?;
            let asked = portfolio::save(tx, portfolio.request_pre_review(today)?)?;
            answer(&app, tx, call, asked)
        })
        .await
}

/// Comment on a portfolio before it is submitted
///
/// The office says what would make the draft better, of a competency or of the whole; asked or not. What it
/// said before is replaced, and kept by the events.
#[utoipa::path(tag = "Portfolios", request_body = CommentPortfolio,
    responses((status = 200, body = PortfolioView)))]
#[post("/v1/portfolios/{portfolio_id}/comments")]
pub(crate) async fn comment_portfolio(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
    body: Body<CommentPortfolio>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::CommentPortfolio, &facts(&portfolio))?;
            let comments = body.get()?.comments();
            let rules = portfolio::pinned(tx, &portfolio)?;
            let bad = Portfolio::check_comments(&comments, &rules.set);
            if !bad.is_empty() {
                return Err(bad.into());
            }
            let today = program::today(&app, tx, &portfolio.program)?;
            let commented = portfolio::save(tx, portfolio.comment(comments, today)?)?;
            answer(&app, tx, call, commented)
        })
        .await
}

/// Ask for the invoice of a portfolio's fee
///
/// Once, while it is a draft; again where the invoice was voided or the fee returned. The price is the one in
/// force today, the member price where an ALA membership is verified for today (FAQ 21). The one fee covers
/// both rounds. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Portfolios", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PortfolioView)))]
#[post("/v1/portfolios/{portfolio_id}/invoice")]
pub(crate) async fn invoice_portfolio(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::InvoicePortfolio, &facts(&portfolio))?;
            let rules = program::in_force(&app, tx, &portfolio.program)?;
            let billed = portfolio::invoice(tx, &rules, portfolio)?;
            answer(&app, tx, call, billed)
        })
        .await
}

/// Submit a portfolio
///
/// Makes an attempt: everything in the portfolio as it is now, which nothing changes any more, with a SHA-256
/// over all of it. It needs an introduction, a learning statement, a narrative, a link or a file for every
/// competency, the fee settled, and a candidacy that runs. Two evaluators are assigned at once, as far as there
/// are any. While more information is asked for it hands in the one chance, by its last day; a day later it is
/// refused. Needs an `Idempotency-Key`.
#[utoipa::path(tag = "Portfolios", extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PortfolioView)))]
#[post("/v1/portfolios/{portfolio_id}/submit")]
pub(crate) async fn submit_portfolio(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::SubmitPortfolio, &facts(&portfolio))?;
            let rules = program::in_force(&app, tx, &portfolio.program)?;
            let submitted = portfolio::submit(tx, &rules, portfolio)?;
            answer(&app, tx, call, submitted)
        })
        .await
}

/// Withdraw a portfolio
///
/// From any open state. Its evaluators are released. What is owed of its fee is owed no more, and a part that
/// was paid goes back; a fee that was paid in full stays paid, and the office may return it. Needs an
/// `Idempotency-Key`.
#[utoipa::path(tag = "Portfolios", request_body = OptionalReason,
    extensions(("x-idempotency-key" = json!("required"))),
    responses((status = 200, body = PortfolioView)))]
#[post("/v1/portfolios/{portfolio_id}/withdraw")]
pub(crate) async fn withdraw_portfolio(
    app: App,
    call: Call,
    id: PathOf<PortfolioId>,
    body: Body<OptionalReason>,
) -> Result<Reply, Problem> {
    app.clone()
        .change(&call, move |tx, call| {
            call.signed()?;
            let portfolio = tx.portfolios().get(*id)?;
            call.allow(Action::WithdrawPortfolio, &facts(&portfolio))?;
            let reason = body.get()?.reason.clone().map(String::from);
            let rules = program::in_force(&app, tx, &portfolio.program)?;
            let withdrawn = portfolio::withdraw(tx, &rules, portfolio, reason)?;
            answer(&app, tx, call, withdrawn)
        })
        .await
}
