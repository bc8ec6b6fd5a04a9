//! `doctor` and `diagnostics`: 网络自检 and the 诊断文件 without a window.

use std::path::PathBuf;

use piaoxia_engine::checkup::{self, Checkup, LedgerState, Line, Verdict};
use piaoxia_engine::{diagnosis, network};
use piaoxia_service::{Client, ClientOptions};
use serde_json::json;

use super::{Cx, Ended, Fault, Outcome};
use crate::boot::{self, Folder, Launch, Locked, Options, Service};
use crate::text::{checkup_text, diagnosis_text, problem_line};

pub(super) async fn run(cx: &Cx, launch: &Launch) -> Ended {
    let lines = check(cx, launch, true).await?;
    Ok(outcome(&lines))
}

/// Checks everything and writes what support needs to know; what is written is shown.
pub(super) async fn diagnostics(cx: &Cx, launch: &Launch, to: PathBuf) -> Ended {
    let lines = check(cx, launch, false).await?;
    let data = boot::place(cx.data.clone()).map_err(Fault::from)?;
    let network = network::load(&data).unwrap_or_default();
    let service = match cx.service_of(&data)? {
        Service::Hosted(address) => address,
        Service::Sandbox | Service::Chosen => String::new(),
    };
    let facts = diagnosis::collect(data, network, lines).await;
    let text = diagnosis_text(cx.text, boot::build(), &service, &[], &facts);
    cx.out.say(text.trim_end());
    let path = diagnosis::save(to, text).await?;
    cx.say(&cx.text.help.diagnosis_saved, &[("file", &path.display().to_string())]);
    cx.out.object(&json!({"file": path}));
    Ok(Outcome::Done)
}

async fn check(cx: &Cx, launch: &Launch, tell: bool) -> Result<Vec<Line>, Fault> {
    let options = cx.options();
    let data = boot::place(options.data.clone()).map_err(Fault::from)?;
    // Settings that cannot be read are a finding, too, and no reason to check nothing.
    let network = network::load(&data).unwrap_or_else(|problem| {
        cx.out.complain(&problem_line(cx.text, &problem));
        network::Network::default()
    });
    let figures = ClientOptions { network, built: boot::built(), ..ClientOptions::default() };
    let client = match cx.service_of(&data)? {
        Service::Hosted(address) => Some(Client::with_options(&address, None, figures.clone()).map_err(boot::BootError::from)?),
        Service::Sandbox | Service::Chosen => None,
    };
    let elsewhere = launch.updater().and_then(|updater| updater.feed_address().map(str::to_owned));
    let (folder, ledger) = ledger(cx, &data, options).await;
    let checkup = Checkup { client, options: figures, elsewhere, data, ledger };
    let (out, text) = (cx.out.clone(), cx.text);
    let lines = checkup::run(
        &checkup,
        move |line: Line| {
            if tell {
                out.say(checkup_text(text, std::slice::from_ref(&line)).trim_end());
                out.record(&json!(line));
            }
        },
        &cx.stop,
    )
    .await;
    drop(checkup);
    if let Some(folder) = folder {
        folder.close().await;
    }
    Ok(lines)
}

/// The ledger, where there is one and no window has it.
async fn ledger(cx: &Cx, data: &std::path::Path, options: Options) -> (Option<Folder>, LedgerState) {
    if !boot::has_ledger(data) {
        return (None, LedgerState::None);
    }
    cx.log_nowhere();
    let opened = tokio::task::spawn_blocking(move || Locked::acquire(options.data).and_then(Locked::open)).await;
    match opened.map_err(std::io::Error::from).map_err(Into::into).and_then(|opened| opened) {
        Ok(folder) => {
            let state = LedgerState::Open { store: folder.store.clone(), report: folder.report };
            (Some(folder), state)
        }
        Err(error) => (None, LedgerState::Closed(Box::new(error.problem()))),
    }
}

fn outcome(lines: &[Line]) -> Outcome {
    match checkup::worst(lines) {
        Verdict::Bad => Outcome::SomeRefused,
        Verdict::Warning | Verdict::Good | Verdict::Skipped => Outcome::Done,
    }
}
