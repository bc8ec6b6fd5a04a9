//! Stamps the version with the commit it was built from. A build outside a checkout has none and is no worse for it.

use std::path::Path;
use std::process::Command;

fn main() {
    let commit = git(&["rev-parse", "--short=10", "HEAD"]).map(|hash| format!("+{hash}")).unwrap_or_default();
    emit(&format!("rustc-env=PIAOXIA_COMMIT={commit}"));
    // The commit's time and not the clock's: the same commit gives the same program.
    emit(&format!("rustc-env=PIAOXIA_BUILT={}", git(&["log", "-1", "--format=%ct"]).unwrap_or_else(|| "0".to_owned())));
    emit("rerun-if-changed=build.rs");
    // A path that is not there would have everything built anew each time.
    let moved = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|path| Path::new(path).exists());
    if let Some(path) = moved {
        emit(&format!("rerun-if-changed={path}"));
    }
}

fn emit(line: &str) {
    println!("cargo::{line}");
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
