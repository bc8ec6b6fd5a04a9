//! The pages that a phone's browser shows. Rendered here, without a framework; a GET changes nothing, every change is a form of
//! our own page with a token of this browser.

mod account;
mod bind;
mod browser;
mod challenge;
mod companies;
mod contact;
mod download;
mod key;
mod login;
mod me;
mod menu;
mod page;
mod renew;
mod upgrade;
mod words;

pub(crate) use browser::{add_cookie, cookie};
pub(crate) use download::Downloads;
pub(crate) use key::KeyTickets;
pub(crate) use page::{Page, go};

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::activation;
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::persons::{By, NAME_LENGTH, Who};
use crate::state::State;
use crate::tickets::Typed;
use crate::wechat::introduce;
use crate::words::shown;

/// Routes of the pages.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/p", get(menu::show))
        .route("/p/login/{id}", get(login::show).post(login::decide))
        .route("/p/login/{id}/seen", post(login::seen))
        .route("/p/upgrade", get(upgrade::search))
        .route("/p/upgrade/search", get(upgrade::results))
        .route("/p/upgrade/{id}", get(upgrade::pick))
        .route("/p/upgrade/{id}/contact", get(upgrade::contact).post(upgrade::submit))
        .route("/p/key", get(key::ask).post(key::submit))
        .route("/p/key/{id}", get(key::show_qr))
        .route("/p/key/{id}/state", get(key::state))
        .route("/p/start/{id}", get(key::start).post(key::confirm))
        .route("/p/renew", get(renew::ask_renewal).post(renew::renew))
        .route("/p/revoke", get(renew::ask_revocation).post(renew::revoke))
        .merge(accounts())
        .route("/p/download", get(download::show))
        .route("/p/download/{id}", get(download::fetch))
        .layer(from_fn_with_state(Arc::clone(app), introduce))
}

fn accounts() -> Router<Arc<App>> {
    Router::new()
        .route("/p/companies", get(companies::list))
        .route("/p/company/{id}", get(companies::show))
        .route("/p/company/{id}/default", post(companies::set_default))
        .route("/p/company/{id}/account", get(account::ask).post(account::add))
        .route("/p/account/{id}/login", get(account::ask_password).post(account::login))
        .route("/p/account/{id}/bind", get(bind::ask).post(bind::decide))
        .route("/p/account/{id}/unbind", post(me::unbind))
        .route("/p/challenge/{id}", get(challenge::show).post(challenge::act))
        .route("/p/challenge/{id}/look", post(challenge::look))
        .route("/p/bind/{id}", get(bind::ask_by_qr).post(bind::decide_by_qr))
        .route("/p/bind/{id}/seen", post(bind::seen))
        .route("/p/me", get(me::show))
}

/// Confirms a ticket with the number that was typed: writes the person and the binding down, then lets the PC know.
/// None for an unknown ticket.
///
/// # Errors
/// A name that is none, or the state cannot be written; the ticket is open again then.
pub(crate) async fn confirm(app: &Arc<App>, ticket: &str, number: &str, mut who: Who) -> Answer<Option<Typed>> {
    if let By::New { name, .. } = &mut who.by {
        if !is_name(name) {
            return Err(Failure::bad_request("a name has 1 to 20 characters").field("name"));
        }
        *name = shown(name, NAME_LENGTH);
    }
    let (app, ticket, number) = (Arc::clone(app), ticket.to_owned(), half_width(number));
    // A task of its own: a phone that goes away in the middle must not leave the ticket half confirmed.
    let done = tokio::spawn(async move {
        match app.tickets.claim(&ticket, &number) {
            Some(Typed::Right) => {}
            other => return Ok(other),
        }
        match app.book.change(|state| note(state, &app, &ticket, who)).await {
            Ok((person, is_new_pc)) => {
                let pc = app.tickets.view(&ticket);
                app.tickets.confirm(&ticket, person.clone());
                if let Some(pc) = pc.filter(|_| is_new_pc) {
                    app.tell_of_new_pc(&person, &pc).await;
                }
                Ok(Some(Typed::Right))
            }
            Err(failure) => {
                app.tickets.release(&ticket);
                Err(failure)
            }
        }
    });
    done.await.map_err(|error| Failure::internal(format!("the confirmation broke off: {error}")))?
}

/// The person, and whether the PC was not hers before.
fn note(state: &mut State, app: &App, ticket: &str, who: Who) -> Answer<(String, bool)> {
    let device = app.tickets.view(ticket).ok_or_else(|| Failure::not_found("ticket"))?.device;
    let person = state.meet(who)?;
    let is_new_pc = state.binding(&person, &device.id).is_none();
    activation::bind(state, &person, &device.id);
    state.devices.insert(device.id.clone(), device);
    Ok((person, is_new_pc))
}

fn is_name(name: &str) -> bool {
    name.chars().count() <= NAME_LENGTH && !shown(name, NAME_LENGTH).is_empty()
}

/// Chinese input methods type full-width digits.
fn half_width(number: &str) -> String {
    number.trim().chars().map(piaoxia_domain::tax_number::half_width).collect()
}
