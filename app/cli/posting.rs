//! `export --format posting`: 入账信息 of invoices of the ledger.

use std::fs;
use std::path::Path;

use piaoxia_domain::{InvoiceFilter, InvoiceKey};
use piaoxia_engine::{Problem, Services};
use piaoxia_export::{CellFault, PostedInvoice, PostingFault, RowFault, TableFault, posting_file, read_postings, write_posting};
use piaoxia_files::FilesError;
use serde_json::json;

use super::args::{Export, Mistake};
use super::ledger::{Need, with_ledger};
use super::{Cx, Ended, Fault, Outcome};
use crate::text::{Text, fill};

pub(super) async fn run(cx: &Cx, options: &Export, table: &Path) -> Ended {
    let mistake = |mistake: Mistake| Fault::mistake(&mistake, cx.text);
    let (target, last_day) = options.target_and_last_day().map_err(mistake)?;
    if options.which.filter(last_day).map_err(mistake)? != InvoiceFilter::default() {
        return Err(mistake(Mistake::PostingFilters));
    }
    let bytes = fs::read(table).map_err(|error| Problem::from(FilesError::from_io(table, error)))?;
    let posted = read_postings(&bytes).map_err(|fault| Fault::Usage(table_text(cx.text, &fault)))?;
    fs::create_dir_all(&target).map_err(|error| Problem::from(FilesError::from_io(&target, error)))?;
    with_ledger(cx, Need::Read, async |services: &Services| {
        let (mut written, mut refused) = (0_u64, 0_u64);
        for invoice in posted {
            let number = invoice.key.number().to_owned();
            match write(cx, services, &target, invoice).await? {
                Ok(file) => {
                    written += 1;
                    cx.out.row(&file);
                    cx.out.record(&json!({"number": number, "file": file}));
                }
                Err(why) => {
                    refused += 1;
                    cx.out.row(&fill(&cx.text.cli.posting_refused, &[("number", &number), ("why", &why)]));
                    cx.out.record(&json!({"number": number, "refused": why}));
                }
            }
        }
        cx.say(&cx.text.cli.posted, &[("n", &written.to_string())]);
        cx.out.object(&json!({"format": "posting", "files": written, "refused": refused}));
        Ok(if refused == 0 { Outcome::Done } else { Outcome::SomeRefused })
    })
    .await
}

/// The file of an invoice, or one sentence about why there is none.
async fn write(cx: &Cx, services: &Services, folder: &Path, posted: PostedInvoice) -> Result<Result<String, String>, Problem> {
    let words = &cx.text.cli;
    let posting = match posted.posting {
        Ok(posting) => posting,
        Err(fault) => return Ok(Err(row_text(cx.text, &fault))),
    };
    let Some(invoice) = services.store().get(&posted.key).await? else { return Ok(Err(words.posting_unknown.clone())) };
    let file = match posting_file(&invoice, &posting) {
        Ok(file) => file,
        Err(fault) => return Ok(Err(fault_text(cx.text, &fault, &posted.key))),
    };
    let written = write_posting(folder, &file, &invoice, &posting).map_err(Problem::from)?;
    Ok(Ok(written.display().to_string()))
}

fn table_text(text: &Text, fault: &TableFault) -> String {
    match fault {
        TableFault::Unreadable => text.cli.posting_table.clone(),
        TableFault::Column(column) => fill(&text.cli.posting_header, &[("column", column)]),
        TableFault::Row(fault) => row_text(text, fault),
    }
}

fn row_text(text: &Text, fault: &RowFault) -> String {
    let words = &text.cli;
    let why = match &fault.what {
        CellFault::Blank { column } => fill(&words.posting_column, &[("column", column)]),
        CellFault::Value { column, value } => fill(&words.posting_value, &[("column", column), ("value", value)]),
        CellFault::Differs { column } => fill(&words.posting_differs, &[("column", column)]),
    };
    fill(&words.posting_row, &[("row", &fault.row.to_string()), ("why", &why)])
}

fn fault_text(text: &Text, fault: &PostingFault, key: &InvoiceKey) -> String {
    let words = &text.cli;
    match fault {
        PostingFault::Kind(kind) if kind.code().is_empty() => fill(&words.posting_kind, &[("kind", key.number())]),
        PostingFault::Kind(kind) => fill(&words.posting_kind, &[("kind", text.kind(kind))]),
        PostingFault::NoEntity => words.posting_no_entity.clone(),
        PostingFault::OneSided { voucher } => fill(&words.posting_one_sided, &[("voucher", voucher)]),
        PostingFault::Unbalanced { voucher, debit, credit } => {
            let (debit, credit) = (debit.to_string(), credit.to_string());
            fill(&words.posting_unbalanced, &[("voucher", voucher), ("debit", &debit), ("credit", &credit)])
        }
    }
}
