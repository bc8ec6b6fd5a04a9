//! Scenes of pages whose content is on its way.

use piaoxia::loadable::Loadable;
use piaoxia::state::session::Qr;
use piaoxia::state::{Screen, State};

use super::data::inside;
use super::pages::sign_in;

pub fn companies_loading() -> State {
    let mut state = inside(Screen::Companies);
    state.companies.list = Loadable::default();
    state
}

pub fn company_loading() -> State {
    inside(Screen::Company { id: "c1".into() })
}

pub fn ledger_loading() -> State {
    let mut state = inside(Screen::Ledger);
    state.ledger.invoices = 12_345;
    state
}

pub fn stats_loading() -> State {
    let mut state = inside(Screen::Stats);
    state.ledger.invoices = 12_345;
    state
}

pub fn sign_in_asking() -> State {
    let mut state = sign_in();
    state.sign_in.qr = Qr::Asking;
    state
}
