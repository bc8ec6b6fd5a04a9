//! Stamps the version with the commit it was built from; a build outside a checkout has none and is no worse for it. For Windows, gives
//! the executable its icon, its manifest and what the properties of the file say.

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
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows") {
        resources();
    }
}

/// By the windres of the MinGW that links, which `.ci/windows-kit` names (`CROSS_COMPILE`).
fn resources() {
    emit("rerun-if-changed=resources/windows");
    let mut resource = winresource::WindowsResource::new();
    resource
        .set_icon("resources/windows/piaoxia.ico")
        .set_manifest_file("resources/windows/piaoxia.manifest")
        // 简体中文.
        .set_language(0x0804)
        .set("ProductName", "票匣")
        .set("FileDescription", "票匣 Piaoxia")
        .set("OriginalFilename", "piaoxia.exe")
        .set("LegalCopyright", "MIT");
    if let Err(error) = resource.compile_for("piaoxia") {
        emit(&format!("error=the executable gets no icon and no manifest: {error}"));
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
