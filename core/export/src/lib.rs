//! Export of invoices (导出): tables (XLSX, CSV, JSON Lines, Parquet), originals (版式文件, as a folder or ZIP), a PDF for printing, and
//! posting files (入账信息).
//!
//! Everything streams: memory does not grow with the number of invoices. Nothing appears at the target before the whole
//! result was read back and agrees with what was meant to be written; a cancelled or failed export leaves nothing behind.

mod ahead;
mod cell;
mod charset;
mod column;
mod csv_file;
mod digits;
mod error;
mod feed;
mod jsonl;
mod originals;
mod parquet;
mod posting;
mod print;
mod proof;
mod request;
mod room;
mod source;
mod text;
mod xlsx;
mod zip_out;

#[cfg(test)]
extern crate self as piaoxia_export;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;

pub use column::{Column, LineColumn};
pub use error::{ExportError, Report};
pub use posting::{
    CellFault, PostedInvoice, Posting, PostingEntry, PostingFault, PostingFile, RowFault, Side, TableFault, Voucher, posting_file,
    read_postings, write_posting,
};
pub use print::try_print;
pub use request::{Encoding, Expected, LinesTable, Output, PerSheet, Print, PrintGroup, Request, Table, Words};
pub use source::{OriginalFile, Progress, Source, SourceError};
pub use xlsx::{ShownTable, Value, write_list, write_table};

use feed::Feed;

/// Writes the invoices of `source` as the request says. Blocks; meant for a worker thread.
///
/// `progress` hears of the work at least every 200 invoices. The invoices are counted twice, once written and once read
/// back, so that `total` is about twice the number that the request expects.
///
/// # Errors
/// [`ExportError`]; nothing is left behind then, and an older file at the target is as it was. Only when the medium fails
/// while several finished files (parts of a ZIP) are put in place can the older ones be gone.
pub fn export(request: &Request, source: &mut dyn Source, progress: &dyn Progress) -> Result<Report, ExportError> {
    room::check(request)?;
    let feed = Feed::open(source, progress, request.expected.invoices)?;
    match &request.output {
        Output::Xlsx { table, lines } => xlsx::write(&request.target, table, lines.as_ref(), feed),
        Output::Csv(table, encoding) => csv_file::write(&request.target, table, *encoding, feed),
        Output::Jsonl => jsonl::write(&request.target, feed),
        Output::Parquet(table) => parquet::write(&request.target, table, feed),
        Output::OriginalsFolder(pattern) => originals::folder::write(&request.target, pattern, feed),
        Output::OriginalsZip(pattern) => originals::archive::write(&request.target, pattern, feed),
        Output::Print(print) => print::write(&request.target, print, feed),
    }
}
