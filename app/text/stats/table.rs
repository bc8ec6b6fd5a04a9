//! Figures as tables.

use piaoxia_domain::{Counterparties, Counterparty, Direction, Money, Totals};
use piaoxia_export::{ShownTable, Value};
use piaoxia_store::{BalanceFigure, Figures, Side, Sums};
use serde_json::{Value as Json, json};

use super::behind::{Narrow, others_name, party_name};
use super::{Breakdown, rate_text, side_text};
use crate::text::Text;

/// What a column holds, and how it narrows a row down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatColumn {
    /// Heading.
    pub heading: String,
    /// Width in characters.
    pub width: u32,
    /// Name of the figure in JSON; empty for what tells a row from others.
    pub key: &'static str,
    /// Its figures are of these invoices of the row.
    pub of: ColumnOf,
}

/// Of which invoices of a row a column's figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnOf {
    /// All.
    Row,
    /// 红字.
    Reds,
    /// A direction, or none.
    Side(Side),
    /// Both known directions.
    Both,
    /// 已勾选 or 已抵扣 of what was received.
    Ticked,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatRow {
    /// As many as there are columns.
    pub values: Vec<Value>,
    /// What tells it from others, in JSON.
    pub words: Vec<(&'static str, Json)>,
    /// Its invoices.
    pub narrow: Narrow,
}

/// A table with its sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatTable {
    /// Columns.
    pub columns: Vec<StatColumn>,
    /// Rows.
    pub rows: Vec<StatRow>,
    /// The sums row.
    pub total: StatRow,
}

impl StatTable {
    /// What stands behind a figure; none where the cell holds none.
    #[must_use]
    pub fn behind(&self, row: &StatRow, column: usize) -> Option<Narrow> {
        if matches!(row.values.get(column)?, Value::Empty | Value::Text(_) | Value::Code(_)) {
            return None;
        }
        let mut narrow = row.narrow.clone();
        match self.columns.get(column)?.of {
            ColumnOf::Row => {}
            ColumnOf::Reds => narrow.red = true,
            ColumnOf::Side(side) => narrow.sides = vec![side],
            ColumnOf::Both => narrow.sides = Direction::ALL.map(Some).to_vec(),
            ColumnOf::Ticked => (narrow.sides, narrow.ticked) = (vec![Some(Direction::Received)], true),
        }
        Some(narrow)
    }

    /// A row as an object: what tells it from others, and its figures.
    #[must_use]
    pub fn object(&self, row: &StatRow) -> Json {
        let mut object: serde_json::Map<String, Json> = row.words.iter().map(|(key, word)| ((*key).to_owned(), word.clone())).collect();
        for (column, value) in self.columns.iter().zip(&row.values).filter(|(column, _)| !column.key.is_empty()) {
            let value = match value {
                Value::Count(count) => json!(count),
                Value::Amount(amount) => json!(amount),
                Value::Text(_) | Value::Code(_) | Value::Empty => Json::Null,
            };
            object.insert(column.key.to_owned(), value);
        }
        Json::Object(object)
    }

    /// As it goes into a workbook.
    #[must_use]
    pub fn to_shown(&self, sheet: &str) -> ShownTable {
        ShownTable {
            sheet: sheet.to_owned(),
            columns: self.columns.iter().map(|column| (column.heading.clone(), column.width)).collect(),
            rows: self.rows.iter().map(|row| row.values.clone()).collect(),
            total: self.total.values.clone(),
        }
    }
}

/// A value as it is read: thousands apart.
#[must_use]
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) | Value::Code(text) => text.clone(),
        Value::Count(count) => crate::text::thousands(*count),
        Value::Amount(amount) => amount.grouped(),
    }
}

/// The table of a breakdown; of one direction, or of all. The balance always shows all.
#[must_use]
pub fn table(text: &Text, figures: &Figures, of: Breakdown, side: Option<Side>) -> StatTable {
    let make = Make { text, figures, side };
    match of {
        Breakdown::Month => make.months(),
        Breakdown::Rate => make.rates(),
        Breakdown::Party => make.parties(),
        Breakdown::Balance => make.balance(),
    }
}

struct Make<'a> {
    text: &'a Text,
    figures: &'a Figures,
    side: Option<Side>,
}

impl Make<'_> {
    fn shows(&self, side: Side) -> bool {
        self.side.is_none_or(|wanted| wanted == side)
    }

    fn table(&self, heads: &[(&str, u32)], rows: Vec<StatRow>) -> StatTable {
        let common = &self.text.common;
        let mut columns: Vec<StatColumn> = heads.iter().map(|(heading, width)| column(heading, *width, "", ColumnOf::Row)).collect();
        columns.push(column(&common.count, 10, "invoices", ColumnOf::Row));
        columns.push(column(&self.text.stats.col_reds, 11, "red_invoices", ColumnOf::Reds));
        columns.push(column(&common.net, 18, "net", ColumnOf::Row));
        columns.push(column(&common.tax, 16, "tax", ColumnOf::Row));
        columns.push(column(&common.gross, 18, "gross", ColumnOf::Row));
        let mut whole = Sums::default();
        self.figures.kinds.iter().filter(|figure| self.shows(figure.side)).for_each(|figure| whole.merge(&figure.sums));
        let mut values = vec![Value::Text(self.text.export.total.clone())];
        values.resize(heads.len(), Value::Empty);
        values.extend(sums(&whole));
        let narrow = self.side.map_or_else(Narrow::default, Narrow::of);
        StatTable { columns, rows, total: StatRow { values, words: Vec::new(), narrow } }
    }

    fn row(&self, heads: Vec<Value>, words: Vec<(&'static str, Json)>, narrow: Narrow, of: &Sums) -> StatRow {
        StatRow { values: heads.into_iter().chain(sums(of)).collect(), words, narrow }
    }

    fn months(&self) -> StatTable {
        let words = &self.text.stats;
        let shown = self.figures.kinds.iter().filter(|figure| self.shows(figure.side));
        let rows = shown.map(|figure| {
            let month = figure.month.to_string();
            let heads = [month.clone(), side_text(self.text, figure.side).to_owned(), self.text.kind_short(&figure.kind).to_owned()];
            let told = vec![
                ("month", json!(month)),
                ("direction", direction(figure.side)),
                ("kind", json!(figure.kind.code())),
                ("kind_name", json!(figure.kind.name())),
            ];
            let narrow = Narrow { kind: Some(figure.kind.clone()), ..Narrow::month(figure.month, figure.side) };
            self.row(heads.map(Value::Text).to_vec(), told, narrow, &figure.sums)
        });
        self.table(&[(&words.col_month, 10), (&words.col_side, 10), (&words.col_kind, 24)], rows.collect())
    }

    fn rates(&self) -> StatTable {
        let words = &self.text.stats;
        let shown = self.figures.rates.iter().filter(|figure| self.shows(figure.side));
        let rows = shown.map(|figure| {
            let month = figure.month.to_string();
            let heads = [month.clone(), side_text(self.text, figure.side).to_owned(), rate_text(self.text, &figure.rate)];
            let told = vec![("month", json!(month)), ("direction", direction(figure.side)), ("rate", json!(figure.rate.word()))];
            let narrow = Narrow { rate: Some(figure.rate.clone()), ..Narrow::month(figure.month, figure.side) };
            self.row(heads.map(Value::Text).to_vec(), told, narrow, &figure.sums)
        });
        self.table(&[(&words.col_month, 10), (&words.col_side, 10), (&words.col_rate, 18)], rows.collect())
    }

    fn parties(&self) -> StatTable {
        let words = &self.text.stats;
        let mut rows = Vec::new();
        for side in [Some(Direction::Issued), Some(Direction::Received), None].into_iter().filter(|side| self.shows(*side)) {
            let named: Vec<_> = self.figures.parties.iter().filter(|figure| figure.side == side).collect();
            for figure in &named {
                let name = party_name(self.text, &figure.party, &figure.name);
                let number = match &figure.party {
                    Counterparty::TaxNumber(number) => number.as_str().to_owned(),
                    Counterparty::Name(_) => String::new(),
                };
                let told = vec![("direction", direction(side)), ("party", json!(figure.name)), ("tax_no", json!(number))];
                let heads = vec![Value::Text(side_text(self.text, side).to_owned()), Value::Text(name.clone()), Value::Code(number)];
                let parties = Some((Counterparties::Among(vec![figure.party.clone()]), name));
                rows.push(self.row(heads, told, Narrow { parties, ..Narrow::of(side) }, &figure.sums));
            }
            for figure in self.figures.others.iter().filter(|figure| figure.side == side) {
                let name = others_name(self.text, side, figure.parties);
                let told = vec![("direction", direction(side)), ("others", json!(figure.parties))];
                let heads = vec![Value::Text(side_text(self.text, side).to_owned()), Value::Text(name.clone()), Value::Empty];
                let except = Counterparties::Except(named.iter().map(|figure| figure.party.clone()).collect());
                let parties = side.map(|_| (except, name));
                rows.push(self.row(heads, told, Narrow { parties, ..Narrow::of(side) }, &figure.sums));
            }
        }
        self.table(&[(&words.col_side, 10), (&words.col_party, 40), (&words.col_tax_no, 26)], rows)
    }

    fn balance(&self) -> StatTable {
        let words = &self.text.stats;
        let mut columns = vec![column(&words.col_month, 10, "", ColumnOf::Row)];
        let (output, input) = (ColumnOf::Side(Some(Direction::Issued)), ColumnOf::Side(Some(Direction::Received)));
        columns.push(column(&words.col_output, 18, "output_tax", output));
        columns.push(column(&words.col_input, 18, "input_tax", input));
        columns.push(column(&words.col_ticked, 18, "input_tax_ticked", ColumnOf::Ticked));
        columns.push(column(&words.col_difference, 20, "difference", ColumnOf::Both));
        columns.push(column(&words.col_unknown, 24, "unknown_direction_tax", ColumnOf::Side(None)));
        let mut whole = [Totals::default(); 4];
        let rows = self.figures.balance.iter().map(|figure| {
            let parts = parts(figure);
            whole.iter_mut().zip(&parts).for_each(|(sum, part)| sum.merge(part));
            let month = figure.month.to_string();
            let values = taxes(Value::Text(month.clone()), &parts);
            StatRow { values, words: vec![("month", json!(month))], narrow: Narrow { month: Some(figure.month), ..Narrow::default() } }
        });
        let rows = rows.collect();
        let total =
            StatRow { values: taxes(Value::Text(self.text.export.total.clone()), &whole), words: Vec::new(), narrow: Narrow::default() };
        StatTable { columns, rows, total }
    }
}

fn column(heading: &str, width: u32, key: &'static str, of: ColumnOf) -> StatColumn {
    StatColumn { heading: heading.to_owned(), width, key, of }
}

fn direction(side: Side) -> Json {
    json!(side.map(Direction::word))
}

fn sums(of: &Sums) -> [Value; 5] {
    let Totals { invoices, net, tax, gross } = of.totals;
    [Value::Count(invoices), Value::Count(of.reds), Value::Amount(net), Value::Amount(tax), Value::Amount(gross)]
}

/// 销项, 进项, 已勾选, unknown.
fn parts(figure: &BalanceFigure) -> [Totals; 4] {
    [figure.output, figure.input, figure.ticked, figure.unknown]
}

fn taxes(head: Value, [output, input, ticked, unknown]: &[Totals; 4]) -> Vec<Value> {
    let amounts: [Money; 5] = [output.tax, input.tax, ticked.tax, output.tax - input.tax, unknown.tax];
    std::iter::once(head).chain(amounts.map(Value::Amount)).collect()
}
