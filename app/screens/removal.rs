//! The question before something is removed: what it is, what is lost, what stays.

use egui::Ui;
use piaoxia_engine::{Download, DownloadId, DownloadState};
use piaoxia_widgets::dialog::{self, Choice, Question};

use super::{ScreenCx, download, words};
use crate::state::State;
use crate::state::removal::Removal;
use crate::text::{Text, fill, thousands};

/// Draws the question while it is open.
pub(super) fn question(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(removal) = state.removing.clone() else { return };
    let Some((title, body)) = said(cx.text, state, &removal) else {
        // It went away meanwhile: there is nothing to ask.
        state.removing = None;
        return;
    };
    let words = &cx.text.removal;
    let (confirm, cancel) = match &removal {
        Removal::Download(id) => {
            let stays = find(state, id).is_some_and(goes_on);
            (&words.download_confirm, if stays { &words.download_stay } else { &words.download_keep })
        }
        Removal::Record(_) | Removal::Records | Removal::Library(_) | Removal::Roots => (&words.confirm, &cx.text.common.cancel),
    };
    let question = Question { title: &title, text: &body, confirm, cancel, danger: true };
    match dialog::confirm(ui.ctx(), "removal", &question) {
        Choice::Open => {}
        Choice::Cancelled => state.removing = None,
        Choice::Confirmed => cx.commands.extend(state.remove()),
    }
}

/// Title and body; none when there is nothing to remove any more.
fn said(text: &Text, state: &State, removal: &Removal) -> Option<(String, String)> {
    let words = &text.removal;
    let named = |wanted: &DownloadId| {
        let download = find(state, wanted)?;
        let (company, what) = download::subject(text, download);
        Some((download, format!("{company}{what}")))
    };
    Some(match removal {
        Removal::Download(id) => {
            let (download, what) = named(id)?;
            let n = thousands(download.received.invoices);
            let body = fill(&words.download_body, &[("what", &what), ("n", &n)]);
            let body = if goes_on(download) { words::sentences(text, &[&body, &words.download_pause]) } else { body };
            (words.download_title.clone(), body)
        }
        Removal::Record(id) => {
            let (_, what) = named(id)?;
            (words.record_title.clone(), fill(&words.record_body, &[("what", &what)]))
        }
        Removal::Records => {
            let n = Some(state.download.over()).filter(|n| *n > 0)?;
            (words.records_title.clone(), fill(&words.records_body, &[("n", &thousands(n as u64))]))
        }
        Removal::Roots => {
            let roots = state.help.network.roots.as_ref()?;
            (words.roots_title.clone(), fill(&words.roots_body, &[("name", &roots.name)]))
        }
        Removal::Library(path) => (words.library_title.clone(), fill(&words.library_body, &[("path", &path.display().to_string())])),
    })
}

fn find<'a>(state: &'a State, wanted: &DownloadId) -> Option<&'a Download> {
    state.download.all.iter().find(|download| download.id == *wanted)
}

/// True for one that goes on unless it is cancelled or paused; not for one that has stopped, or waits for a person.
fn goes_on(download: &Download) -> bool {
    matches!(download.state, DownloadState::Waiting | DownloadState::Counting | DownloadState::Running)
}
