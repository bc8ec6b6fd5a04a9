//! The harness prints lines of the promised shape. No figure is judged: that is what `make bench` is for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::process::Command;

/// `name ours=<n> peer=<name>:<n> ratio=<n> unit=<text>`; a peer that is not there has no figures.
fn is_line(line: &str) -> bool {
    let parts: Vec<&str> = line.split(' ').collect();
    let [name, ours, peer, ratio, unit] = parts.as_slice() else { return false };
    let number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    let value = |part: &str, key: &str| part.strip_prefix(key).map(str::to_owned).unwrap_or_default();
    let (peer, ratio) = (value(peer, "peer="), value(ratio, "ratio="));
    let (who, figure) = peer.split_once(':').unwrap_or_default();
    let compared = number(figure) || ((figure == "missing" || figure == "-") && ratio == "-");
    !name.is_empty() && number(&value(ours, "ours=")) && !who.is_empty() && compared && !value(unit, "unit=").is_empty()
}

#[test]
fn every_row_prints_well_formed_lines() {
    let program = env!("CARGO_BIN_EXE_piaoxia-bench");
    let listed = Command::new(program).arg("--list").output().unwrap();
    let rows: Vec<String> = String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect();
    assert!(rows.len() >= 6, "{rows:?}");
    let run = Command::new(program).args(["--tiny", "--long"]).output().unwrap();
    let (out, err) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert!(run.status.success(), "{out}\n{err}");
    for line in out.lines() {
        assert!(is_line(line), "{line}");
    }
    for row in rows {
        let of_row = |line: &&str| line.strip_prefix(&row).is_some_and(|rest| rest.starts_with('_'));
        assert!(out.lines().filter(of_row).count() >= 2, "{row} is missing:\n{out}\n{err}");
    }
}

#[test]
fn a_row_that_is_none_is_refused() {
    let run = Command::new(env!("CARGO_BIN_EXE_piaoxia-bench")).arg("--no-such").output().unwrap();
    assert!(!run.status.success() && run.stdout.is_empty());
}
