//! Scenes of the statistics.

use jiff::ToSpan;
use jiff::civil::date;
use piaoxia::state::stats::Tab;
use piaoxia::state::{Screen, State};
use piaoxia::text::Text;
use piaoxia::text::stats::Breakdown;
use piaoxia_domain::{Counterparty, Direction, Kind, Money, Month, Rate, TaxNumber, Totals};
use piaoxia_engine::Event;
use piaoxia_store::{BalanceFigure, Figures, KindFigure, OthersFigure, PartyFigure, RateFigure, Side, Sums};

use super::data::{fill_ledger, inside};

const ISSUED: Side = Some(Direction::Issued);
const RECEIVED: Side = Some(Direction::Received);

fn sums(invoices: u64, net: i64, percent: i64, reds: u64) -> Sums {
    let tax = net * percent / 100;
    Sums { totals: Totals { invoices, net: Money::from_fen(net), tax: Money::from_fen(tax), gross: Money::from_fen(net + tax) }, reds }
}

/// Eleven months; `scale` 1 is a small company.
fn figures(scale: i64) -> Figures {
    figures_of(1..=11, scale)
}

/// These months, counted from the first of 2026.
fn figures_of(months: std::ops::RangeInclusive<i32>, scale: i64) -> Figures {
    let mut figures = Figures { of_several_rates: 12, generation: 1, ..Figures::default() };
    for number in months {
        let month = Month::of(date(2026, 1, 1).saturating_add((number - 1).months()));
        let part = |n: i64| (i64::from(number) * 7 + n * 13).rem_euclid(17) + 5;
        let kinds = [(ISSUED, "81", 13), (ISSUED, "82", 3), (RECEIVED, "81", 13), (RECEIVED, "51", 9), (RECEIVED, "01", 6)];
        for (n, (side, kind, percent)) in (0..).zip(kinds) {
            let net = part(n) * scale * 812_345 * if n == 1 && number == 4 { -1 } else { 1 };
            let of = sums(part(n).unsigned_abs() * scale.unsigned_abs() / 3 + 1, net, percent, u64::from(n == 1));
            figures.all.merge(&of);
            figures.kinds.push(KindFigure { month, side, kind: Kind::from_code(kind), sums: of });
            let rate = if n == 4 { Rate::NoLines } else { Rate::Percent(u32::try_from(percent).unwrap() * 100) };
            figures.rates.push(RateFigure { month, side, rate, sums: of });
        }
        if number == 6 {
            let of = sums(2, 45_600, 6, 0);
            figures.all.merge(&of);
            figures.kinds.push(KindFigure { month, side: None, kind: Kind::from_code("82"), sums: of });
            figures.rates.push(RateFigure { month, side: None, rate: Rate::Other("***".into()), sums: of });
        }
        let of_side = |side: Side| {
            let mut totals = Totals::default();
            let found = figures.kinds.iter().filter(|figure| (figure.month, figure.side) == (month, side));
            found.for_each(|figure| totals.merge(&figure.sums.totals));
            totals
        };
        let input = of_side(RECEIVED);
        let ticked = Totals { tax: Money::from_fen(input.tax.fen() * 4 / 5), ..input };
        figures.balance.push(BalanceFigure { month, output: of_side(ISSUED), input, ticked, unknown: of_side(None) });
    }
    parties(&mut figures, scale);
    figures
}

fn parties(figures: &mut Figures, scale: i64) {
    let names = [
        "苏州示例办公用品有限公司",
        "深圳市票匣示例智能装备股份有限公司南山前海深港现代服务业合作区分公司及其下属采购中心",
        "=示例公式公司",
        "张三",
        "",
    ];
    for side in [ISSUED, RECEIVED] {
        for n in 0..20_i64 {
            let name = names[usize::try_from(n).unwrap() % names.len()];
            let number = TaxNumber::with_check_digit(&format!("91320500MA1X{:05}", 20_000 + n)).unwrap();
            let party = if name == "张三" { Counterparty::Name(name.into()) } else { Counterparty::TaxNumber(number) };
            figures.parties.push(PartyFigure {
                side,
                party,
                name: name.into(),
                sums: sums(40 - 2 * n.unsigned_abs(), (40 - n) * scale * 98_765, 13, 0),
            });
        }
        figures.others.push(OthersFigure { side, parties: 1_204, sums: sums(3_320, 55 * scale * 98_765, 9, 14) });
    }
    figures.others.push(OthersFigure { side: None, parties: 2, sums: sums(2, 45_600, 6, 0) });
}

fn shown(tab: Tab, figures: Figures) -> State {
    let mut state = inside(Screen::Stats);
    state.stats.tab = tab;
    state.ledger.invoices = 12_345;
    state.ask_figures();
    state.apply(Event::Figures { seq: 1, result: Ok(Box::new(figures)) });
    state
}

pub fn stats() -> State {
    shown(Tab::Of(Breakdown::Month), figures(1))
}

/// Three years.
pub fn stats_many() -> State {
    shown(Tab::Of(Breakdown::Month), figures_of(-24..=11, 98_765))
}

pub fn stats_rates() -> State {
    shown(Tab::Of(Breakdown::Rate), figures(1))
}

/// Large sums and long names.
pub fn stats_parties() -> State {
    shown(Tab::Of(Breakdown::Party), figures(98_765))
}

pub fn stats_balance() -> State {
    shown(Tab::Of(Breakdown::Balance), figures(40))
}

/// No invoice in the period.
pub fn stats_none() -> State {
    shown(Tab::Of(Breakdown::Month), Figures::default())
}

/// Nothing in the ledger.
pub fn stats_empty() -> State {
    let mut state = stats_none();
    state.ledger.invoices = 0;
    state
}

/// The ledger with the invoices of a figure.
pub fn stats_behind() -> State {
    let mut state = shown(Tab::Of(Breakdown::Rate), figures(1));
    state.arrange_stats(Text::zh_cn(), Breakdown::Rate);
    let narrow = state.stats.shown.as_ref().unwrap().table.rows[2].narrow.clone();
    state.open_figure(&narrow);
    fill_ledger(&mut state, 37);
    state
}
