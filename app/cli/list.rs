//! `list`: invoices of the ledger, newest first.

use piaoxia_domain::Direction;
use piaoxia_domain::invoice::Format;
use piaoxia_engine::{Problem, Services};
use piaoxia_store::{PartyLabel, Row, Sort};
use serde_json::{Value, json};

use super::args::Filters;
use super::ledger::{Need, with_ledger};
use super::table::{self, Column};
use super::{Cx, Ended, Fault, Outcome};
use crate::text::fill;

/// Rows that are held at once.
const PAGE: usize = 500;
const COLUMNS: [Column; 7] =
    [Column::Left(10), Column::Left(4), Column::Left(20), Column::Left(20), Column::Left(32), Column::Right(16), Column::Left(13)];

pub(super) async fn run(cx: &Cx, filters: &Filters) -> Ended {
    let filter = filters.filter().map_err(|mistake| Fault::mistake(&mistake, cx.text))?;
    with_ledger(cx, Need::Read, async |services: &Services| {
        let company = filter.company.clone();
        let view = services.store().view(filter, Sort::default()).await?;
        let words = &cx.text.cli;
        let head = [
            &words.col_date,
            &words.col_direction,
            &words.col_kind,
            &words.col_number,
            &words.col_party,
            &words.col_gross,
            &words.col_status,
        ];
        cx.out.row(&table::line(&COLUMNS, &head.map(String::as_str)));
        for ids in view.ids.chunks(PAGE) {
            if cx.stop.is_cancelled() {
                return Err(Problem::cancelled().into());
            }
            if cx.out.is_closed() {
                break;
            }
            for row in services.store().rows(ids).into_iter().map(|row| row.seen_by(company.as_ref())) {
                if cx.out.json { cx.out.record(&object(&row)) } else { cx.out.row(&line(cx, &row)) }
            }
        }
        let totals = &view.totals;
        let (count, gross) = (totals.invoices.to_string(), totals.gross.grouped());
        cx.out.row(&fill(
            &words.list_total,
            &[("n", &count), ("net", &totals.net.grouped()), ("tax", &totals.tax.grouped()), ("gross", &gross)],
        ));
        Ok(Outcome::Done)
    })
    .await
}

fn line(cx: &Cx, row: &Row) -> String {
    let (direction, party) = match row.direction {
        Some(Direction::Issued) => (&cx.text.ledger.issued, &row.buyer),
        Some(Direction::Received) => (&cx.text.ledger.received, &row.seller),
        None => (&cx.text.common.unknown, &row.seller),
    };
    let date = row.issued_at.date().to_string();
    let gross = row.gross.grouped();
    table::line(
        &COLUMNS,
        &[&date, direction, cx.text.kind_short(&row.kind), row.key.number(), &party.name, &gross, cx.text.status(&row.status)],
    )
}

/// The fields are named as those of `inspect`.
fn object(row: &Row) -> Value {
    let party = |party: &PartyLabel| json!({"name": present(&party.name), "tax_no": present(party.tax_no.as_str())});
    json!({
        "number": row.key.number(),
        "code": row.key.code(),
        "kind": present(row.kind.code()),
        "issued_on": row.issued_at.date(),
        "direction": row.direction.map(Direction::word),
        "seller": party(&row.seller),
        "buyer": party(&row.buyer),
        "net": row.net,
        "tax": row.tax,
        "gross": row.gross,
        "status": row.status.word(),
        "deduction": row.deduction.map(piaoxia_domain::Deduction::word),
        "originals": row.originals.iter().map(Format::extension).collect::<Vec<_>>(),
    })
}

fn present(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
