//! `make bench`: what Piaoxia does beside what others do, in the same run.
//!
//! ```text
//! name ours=<n> peer=<name>:<n> ratio=<ours/peer> unit=<s|ms|MiB|...>
//! ```
//! Every side of a row runs in a process of its own, in turn with the others, several times; a line holds medians. The
//! figure that has the row's own name is CPU seconds of the whole process less what it says it took to get ready. A peer
//! that is not installed is said (`peer=<name>:missing`), and no figure counts before the results are found equal.
//! Statistics over thousands of short calls, for which there are ready-made harnesses, would not tell the CPU of a process,
//! its memory, or a peer in another language: that is why this one is our own.
//!
//! A row is a [`row::Row`] in one of the files of `rows`, and a line in [`rows::all`].
//!
//! ```text
//! piaoxia-bench [--runs N] [--count N] [--tiny] [--long] [--list] [NAME...]
//! ```
#![cfg(unix)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod harness;
mod invoices;
mod line;
mod measure;
mod row;
mod rows;

use std::process::ExitCode;

use anyhow::{Context, Result};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("piaoxia-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// False when a row failed.
fn run() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(measure::COMMAND) => measure::measure(arguments.get(1..).unwrap_or_default()).map(|()| true),
        // The import starts this program to read the files.
        Some(piaoxia::boot::READ_FILES) => {
            piaoxia_engine::reader::serve(std::io::stdin().lock(), std::io::stdout().lock())?;
            Ok(true)
        }
        Some(rows::phones::COMMAND) => rows::phones::serve(arguments.get(1..).unwrap_or_default()).map(|()| true),
        Some(rows::start::COMMAND) => rows::start::empty_window().map(|()| true),
        Some(row::COMMAND) => row::work(arguments.get(1..).unwrap_or_default()).map(|()| true),
        _ => harness::run(&options(&arguments)?),
    }
}

fn options(arguments: &[String]) -> Result<harness::Options> {
    let mut options = harness::Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--tiny" => options.tiny = true,
            "--long" => options.long = true,
            "--list" => options.list = true,
            "--count" => options.count = Some(rest.next().context("--count takes a number")?.parse().context("--count takes a number")?),
            "--runs" => options.runs = rest.next().context("--runs takes a number")?.parse().context("--runs takes a number")?,
            name if name.starts_with('-') => anyhow::bail!("no option {name}"),
            name => options.names.push(name.to_owned()),
        }
    }
    Ok(options)
}
