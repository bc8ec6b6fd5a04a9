//! 批量下载 and 定时下载.

use piaoxia::state::batch::{Days, ScheduleDialog};
use piaoxia::state::{Screen, State};
use piaoxia_domain::{DateRange, Money, Scope, Totals};
use piaoxia_engine::problem::{NetworkFault, What};
use piaoxia_engine::schedule::{Schedule, ScheduleView, When};
use piaoxia_engine::{CompanyRef, Event, Extent, Mark, Planned, Problem};

use super::data::{TODAY, companies, inside, moment, order};

fn held(invoices: u64) -> Totals {
    Totals { invoices, net: Money::from_fen(1_000_000), tax: Money::from_fen(130_000), gross: Money::from_fen(1_130_000) }
}

fn planned(company: &CompanyRef, scope: Scope, known: bool) -> Planned {
    let from = if known { jiff::civil::date(2026, 9, 1) } else { jiff::civil::date(2026, 1, 1) };
    let dates = DateRange::new(from, TODAY.yesterday().unwrap()).unwrap();
    let mut order = order(scope);
    (order.company, order.query.dates, order.extent, order.refresh) = (company.clone(), dates, Extent::New, true);
    let rows = DateRange::new(jiff::civil::date(2026, 1, 1), jiff::civil::date(2026, 11, 14)).unwrap();
    Planned {
        order,
        mark: known.then(|| Mark { rows, originals: Some(rows), at: moment("2026-11-15T01:00:00Z") }),
        held: if known { held(4_218) } else { Totals::default() },
        counts: if known { 7 } else { 1 },
        queries: if known { (1, 39) } else { (11, 11) },
    }
}

/// Many companies, one with a long name.
pub fn batch() -> State {
    let mut state = inside(Screen::Home);
    state.open_batch(Days::New);
    let long = "内蒙古自治区呼和浩特市示例农牧业综合开发集团股份有限公司第二分公司";
    let offered = state.batch.dialog.as_ref().unwrap().what.offered.clone();
    let mut plan = Vec::new();
    for scope in [Scope::Received, Scope::Issued] {
        for (number, company) in offered.iter().cycle().take(150).enumerate() {
            let name = if number == 2 { long.to_owned() } else { company.name.clone() };
            plan.push(planned(&CompanyRef { name, ..company.clone() }, scope, number % 4 != 1));
        }
    }
    let seq = state.batch.dialog.as_ref().unwrap().seq;
    state.apply(Event::BatchPlanned { seq, result: Ok(plan) });
    state
}

/// Nobody has an account yet.
pub fn batch_nobody() -> State {
    let mut state = inside(Screen::Download);
    let mut all = companies();
    all.iter_mut().for_each(|company| company.accounts = 0);
    state.companies.list.answer(Ok(all));
    state.open_batch(Days::Chosen);
    state
}

fn schedules(state: &State) -> Vec<ScheduleView> {
    let some = state.batch_what().offered;
    let schedule = |id: &str, when: When, companies: Vec<CompanyRef>| Schedule {
        id: id.into(),
        companies,
        scopes: vec![Scope::Received, Scope::Issued],
        when,
        originals: true,
        refresh: true,
        enabled: true,
        since: moment("2026-11-21T18:00:00Z"),
        begun: Some(moment("2026-11-21T18:00:00Z")),
    };
    let daily = schedule("1", When::Day { minute: 120 }, Vec::new());
    let monthly = schedule("2", When::Month { day: 1, minute: 8 * 60 + 30 }, some);
    let start = Schedule { enabled: false, begun: None, ..schedule("3", When::Start, Vec::new()) };
    let why = Problem::new(What::Network(NetworkFault::Unreachable), "");
    vec![
        ScheduleView { next: daily.next(), problem: None, schedule: daily },
        ScheduleView { next: monthly.next(), problem: Some(why), schedule: monthly },
        ScheduleView { next: None, problem: None, schedule: start },
    ]
}

/// Some schedules below an empty list of downloads.
pub fn schedules_kept() -> State {
    let mut state = inside(Screen::Download);
    let all = schedules(&state);
    state.apply(Event::Schedules(all));
    state
}

/// A schedule is made.
pub fn schedule_dialog() -> State {
    let mut state = schedules_kept();
    let mut dialog = ScheduleDialog::new(state.batch_what());
    (dialog.every, dialog.day, dialog.hour, dialog.minute) = (piaoxia::state::batch::Every::Month, 1, 8, 30);
    state.batch.editing = Some(dialog);
    state
}
