//! The rows. A new one is a constant in a file here and a line in [`all`].

mod demo;
mod download;
mod import;
mod million;
mod papers;
pub mod phones;
pub mod start;
mod store;
mod table;
mod tables;
mod window;
mod xml;

use std::process::Command;

use crate::row::Row;

/// All, in the order in which they run.
pub fn all() -> Vec<Row> {
    vec![
        xml::READ_XML,
        papers::READ_OFD,
        papers::READ_PDF,
        import::READ_WORKBOOK,
        import::IMPORT,
        import::IMPORT_LONG,
        tables::EXPORT_XLSX,
        tables::EXPORT_XLSX_LONG,
        tables::EXPORT_CSV,
        tables::EXPORT_PARQUET,
        store::STORE,
        store::STORE_LONG,
        store::REBUILD,
        download::DOWNLOAD,
        phones::PHONES,
        table::TABLE,
        start::START,
        start::START_FULL,
        demo::DEMO,
        demo::DEMO_LONG,
        million::MILLION,
        window::WINDOW,
        window::WINDOW_ORIGINALS,
    ]
}

/// The system's Python, which the peers' packages belong to.
const PYTHON: &str = "/usr/bin/python3";

/// True when this command works: how a peer is found to be installed.
fn works(command: &[&str]) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// A file of `peers/`.
fn peer_file(name: &str) -> String {
    format!("{}/peers/{name}", env!("CARGO_MANIFEST_DIR"))
}
