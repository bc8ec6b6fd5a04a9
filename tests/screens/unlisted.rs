//! A list of companies that could not be had, and a company that is not in it: neither looks like something else.

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};
use piaoxia::loadable::Loadable;
use piaoxia::state::batch::Days;
use piaoxia::state::{Screen, State};
use piaoxia::text::Text;
use piaoxia_domain::TaxNumber;
use piaoxia_engine::Problem;
use piaoxia_engine::problem::{NetworkFault, What};

use crate::{drawn, says, scenes};

fn without_list(screen: Screen) -> State {
    let mut state = State { screen, ..scenes::home() };
    state.download.take_all(Vec::new());
    state.companies.list = Loadable::default();
    state.companies.list.answer(Err(Problem::new(What::Network(NetworkFault::Unreachable), "")));
    state
}

/// Presses the one way to ask again.
fn ask_again(page: &mut Harness<'_, State>) {
    assert!(!page.state().companies.list.is_loading());
    page.get_by_role_and_label(Role::Button, &Text::zh_cn().common.retry).click();
    page.run_steps(2);
    assert!(page.state().companies.list.is_loading());
}

#[test]
fn a_list_that_could_not_be_had_is_told_on_every_page_that_lives_on_it() {
    let text = Text::zh_cn();
    let mut home = drawn(without_list(Screen::Home));
    assert!(!says(&home, &text.home.nothing_today) && says(&home, &text.common.unknown));
    ask_again(&mut home);
    home.state_mut().companies.list.answer(Ok(Vec::new()));
    home.run_steps(2);
    assert!(says(&home, &text.home.nothing_today) && !says(&home, &text.common.retry));

    ask_again(&mut drawn(without_list(Screen::Download)));

    let mut state = without_list(Screen::Settings);
    state.open_batch(Days::New);
    let mut dialog = drawn(state);
    assert!(!says(&dialog, &text.batch.no_company));
    ask_again(&mut dialog);
    dialog.state_mut().companies.list.answer(Ok(Vec::new()));
    dialog.run_steps(2);
    assert!(says(&dialog, &text.batch.no_company));
}

/// The filter by company.
fn filter<'t>(page: &'t Harness<'_, State>) -> Node<'t> {
    let label = Text::zh_cn().ledger.company.as_str();
    let is_it = |node: &Node<'_>| node.accesskit_node().label().is_some_and(|is| is.contains(label));
    page.query_all_by_role(Role::ComboBox).find(is_it).unwrap()
}

#[test]
fn a_filter_by_a_company_that_is_not_listed_says_its_tax_number_and_can_be_left() {
    let gone = TaxNumber::from_document("91310115MA1K35JX4G");
    let company = |state: &State| match state.screen {
        Screen::Stats => state.stats.company.clone(),
        _ => state.ledger.filters.company.clone(),
    };
    for scene in [scenes::ledger, scenes::stats] {
        let mut state = scene();
        state.companies.list.answer(Ok(Vec::new()));
        (state.ledger.filters.company, state.stats.company) = (Some(gone.clone()), Some(gone.clone()));
        let mut page = drawn(state);
        assert_eq!(filter(&page).accesskit_node().value().as_deref(), Some(gone.as_str()));
        filter(&page).click();
        page.run_steps(3);
        page.get_by_role_and_label(Role::ListBoxOption, &Text::zh_cn().ledger.all_companies).click();
        page.run_steps(3);
        assert_eq!(company(page.state()), None);
    }
}
