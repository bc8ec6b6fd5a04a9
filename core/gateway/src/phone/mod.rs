//! The pages that a phone's browser shows: confirming a sign-in.

mod browser;
mod login;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::activation;
use crate::app::App;
use crate::failure::{Answer, Failure};
use crate::random;
use crate::state::{Person, State};
use crate::tickets::Typed;
use crate::words::shown;

/// Longest name of a person.
const NAME_LENGTH: usize = 20;

/// Routes of the pages.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/p/login/{id}", get(login::show).post(login::decide)).route("/p/login/{id}/seen", post(login::seen))
}

/// Who confirms.
pub(crate) enum Who {
    /// A person known by id.
    Known(String),
    /// Somebody new.
    New {
        /// As typed.
        name: String,
        /// Secret that the browser will be known by.
        browser: String,
    },
}

/// Confirms a ticket with the number that was typed: writes the person and the binding down, then lets the PC know.
/// None for an unknown ticket.
///
/// # Errors
/// A name that is none, or the state cannot be written; the ticket is open again then.
pub(crate) async fn confirm(app: &Arc<App>, ticket: &str, number: &str, who: Who) -> Answer<Option<Typed>> {
    if let Who::New { name, .. } = &who
        && !is_name(name)
    {
        return Err(Failure::bad_request("a name has 1 to 20 characters").field("name"));
    }
    let (app, ticket, number) = (Arc::clone(app), ticket.to_owned(), half_width(number));
    // A task of its own: a phone that goes away in the middle must not leave the ticket half confirmed.
    let done = tokio::spawn(async move {
        match app.tickets.claim(&ticket, &number) {
            Some(Typed::Right) => {}
            other => return Ok(other),
        }
        match app.book.change(|state| note(state, &app, &ticket, who)).await {
            Ok(person) => {
                app.tickets.confirm(&ticket, person);
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

fn note(state: &mut State, app: &App, ticket: &str, who: Who) -> Answer<String> {
    let device = app.tickets.view(ticket).ok_or_else(|| Failure::not_found("ticket"))?.device;
    let person = match who {
        Who::Known(id) => id,
        Who::New { name, browser } => {
            let id = random::id();
            let person = Person { name: shown(&name, NAME_LENGTH), browser: random::digest(&browser) };
            state.persons.insert(id.clone(), person);
            id
        }
    };
    activation::bind(state, &person, &device.id);
    state.devices.insert(device.id.clone(), device);
    Ok(person)
}

fn is_name(name: &str) -> bool {
    name.chars().count() <= NAME_LENGTH && !shown(name, NAME_LENGTH).is_empty()
}

/// Chinese input methods type full-width digits.
fn half_width(number: &str) -> String {
    number.trim().chars().map(piaoxia_domain::tax_number::half_width).collect()
}
