//! Scenes of the questions before something is removed, those that have no scene elsewhere.

use piaoxia::state::State;
use piaoxia::state::accounts::UnbindDialog;
use piaoxia::state::claims::Withdrawal;
use piaoxia::state::removal::Removal;
use piaoxia_service::Roots;

use super::batch::schedules_kept;
use super::claims::sheet_claimed;
use super::dialogs::{download, export_template_name};
use super::disks::{disks_no_driver, disks_signed_in};
use super::extremes::download_many;
use super::folder::{backup_found, backup_on};
use super::help::network_settings;
use super::pages::{company, difference};
use super::vault::vault_settings;

pub fn cancel_download() -> State {
    removing(download(), |state| state.download.all.first().map(|download| Removal::Download(download.id.clone())))
}

pub fn remove_record() -> State {
    removing(difference(), |state| state.download.all.first().map(|download| Removal::Record(download.id.clone())))
}

pub fn remove_records() -> State {
    removing(download_many(), |_| Some(Removal::Records))
}

pub fn remove_library() -> State {
    removing(disks_no_driver(), |state| state.disks.view.libraries.first().cloned().map(Removal::Library))
}

pub fn remove_roots() -> State {
    let mut state = network_settings();
    let roots: Roots = serde_json::from_str(r#"{"name": "company-root.cer", "certificates": [""]}"#).unwrap();
    state.help.network.roots = Some(roots);
    removing(state, |_| Some(Removal::Roots))
}

fn removing(mut state: State, what: impl FnOnce(&State) -> Option<Removal>) -> State {
    state.removing = what(&state);
    assert!(state.removing.is_some());
    state
}

pub fn unbind_account() -> State {
    let mut state = company();
    let account = state.accounts.lists.get("c1").unwrap().value().unwrap()[0].clone();
    state.accounts.unbinding =
        Some(UnbindDialog { company: "c1".into(), account: account.id, login_name: account.login_name, busy: false, problem: None });
    state
}

pub fn empty_vault() -> State {
    let mut state = vault_settings();
    state.vault.destroying = true;
    state
}

pub fn withdraw_claim() -> State {
    let mut state = sheet_claimed();
    let key = state.ledger.sheet.as_ref().unwrap().invoice.key.clone();
    state.claims.withdrawing = Some(Withdrawal { key, id: "2".into() });
    state
}

pub fn remove_schedule() -> State {
    let mut state = schedules_kept();
    state.batch.asking_removal = Some("2".into());
    state
}

pub fn delete_template() -> State {
    let mut state = export_template_name();
    (state.export.template.naming, state.export.template.deleting) = (false, true);
    state
}

pub fn forget_disk() -> State {
    let mut state = disks_signed_in();
    state.disks.forgetting = state.disks.view.seats.first().map(|disk| disk.seat.clone());
    state
}

pub fn remove_backup() -> State {
    let mut state = backup_on();
    (state.backup.asking_off, state.backup.remove) = (true, true);
    state
}

pub fn restore_question() -> State {
    let mut state = backup_found();
    state.backup.asking_restore = state.backup.view.others.first().map(|found| found.folder.clone());
    state
}
