//! Disks behind a vendor's library (SKF), in the window: a real library in a real process of its own, and every way in which one fails.

use std::fs;
use std::path::{Path, PathBuf};

use piaoxia::boot::Sandbox;
use piaoxia::state::State;
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_engine::Command;
use piaoxia_engine::disks::{DiskView, DiskWish};
use piaoxia_engine::problem::What;
use piaoxia_service::contract::SandboxSize;
use piaoxia_taxdisk::sim::FIRST_PASSWORD;
use piaoxia_taxdisk::skf::HelperProgram;
use piaoxia_taxdisk::{DiskError, LibraryFault, Seat, Tries};

use crate::driver::Window;
use crate::kit;

/// The authority of the library's certificates has this seed.
const SIZE: SandboxSize = SandboxSize { seed: 1, invoices: 400 };

/// What `cargo test --workspace` builds of the examples.
fn example(name: &str) -> PathBuf {
    let programs = std::env::current_exe().unwrap();
    let path = programs.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(path.exists(), "{} is built by `cargo test --workspace`, or `--examples`", path.display());
    path
}

/// The window on the page of disks; the library's disks are of the sandbox's company that still uses one.
fn inside(folder: &Path) -> Window {
    let state = folder.join("state");
    fs::create_dir_all(&state).unwrap();
    let bureau = Bureau::new(BureauConfig::new(SIZE.seed, SIZE.invoices, jiff::civil::date(2026, 11, 1)));
    let company = bureau.sandbox_companies().iter().find(|company| company.uses_disk()).unwrap();
    fs::write(state.join("owner"), format!("{}\n{}", company.name, company.tax_no)).unwrap();
    let helper = HelperProgram { program: example("skf_helper"), arguments: vec![state.into()] };
    let mut window =
        Window::open_changed(&folder.join("Data"), &folder.join("keys"), Sandbox::Quick(SIZE), |options| options.libraries = Some(helper));
    window.sign_in();
    window.activate();
    window.press("税盘");
    window.wait("the watch", |state| state.disks.view.watching);
    window
}

/// The system's dialog is nothing that a test can press: what it answers is sent.
fn pick(window: &mut Window, library: &Path) {
    let wish = Command::Disk(DiskWish::SetLibraries(vec![library.to_owned()]));
    let commands = window.commands.clone();
    window.block_on(async { commands.send(wish).await }).unwrap();
}

fn device<'s>(state: &'s State, name: &str) -> Option<&'s DiskView> {
    state.disks.view.seats.iter().find(|disk| matches!(&disk.seat, Seat::Library { device, .. } if device == name))
}

fn fault(state: &State, name: &str) -> Option<DiskError> {
    device(state, name)?.fault.clone()
}

/// Shows the disk of a device, as 查看 of its line does where several have the same company.
fn show(window: &mut Window, name: &str) {
    let seat = device(window.state(), name).unwrap().seat.clone();
    window.harness.state_mut().state.disks.chosen = Some(seat);
    window.settle();
}

fn save(window: &mut Window, name: &str, password: &str) {
    show(window, name);
    window.type_into("证书密码", password);
    window.press("保存并验证");
}

#[test]
fn a_disk_behind_a_library_is_verified_and_signs_in_while_others_hang_and_crash() {
    let (_service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    pick(&mut window, &example("libskf_library.so"));
    // One of its devices hangs: the window goes on drawing, and the others come.
    let mut frames = 0;
    while fault(window.state(), "hangs").is_none() {
        window.harness.step();
        frames += 1;
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(frames < 60_000, "{:?}", device(window.state(), "hangs"));
    }
    assert!(frames > 100, "{frames} frames while it hung");
    window.wait("all devices", |state| {
        let mut seats = state.disks.view.seats.iter().filter(|disk| matches!(disk.seat, Seat::Library { .. }));
        seats.clone().count() == 9 && seats.all(|disk| disk.work.is_none() && (disk.facts.is_some() || disk.fault.is_some()))
    });
    assert!(matches!(fault(window.state(), "hangs"), Some(DiskError::Library(LibraryFault::Hung { .. }))));
    assert_eq!(fault(window.state(), "crashes"), Some(DiskError::Library(LibraryFault::Crashed)));
    for sentence in ["没有应答，已结束它", "厂商的库意外退出", "税盘被其他程序占用"] {
        window.hear(sentence);
    }

    save(&mut window, "good", "12345678");
    window.wait("the refusal", |state| {
        let problem = device(state, "good").and_then(|disk| disk.problem.as_ref());
        problem.is_some_and(|problem| problem.what == What::Disk(DiskError::WrongPassword { left: Tries::Left(7) }))
    });
    save(&mut window, "good", FIRST_PASSWORD);
    window.wait("the kept password", |state| device(state, "good").is_some_and(|disk| disk.verified && disk.kept.certificate));
    window.press("登录综合服务平台");
    window.wait("the session", |state| device(state, "good").is_some_and(|disk| disk.session.is_some()));

    // The password was on its way when the library crashed or hung: it is not sent again.
    for name in ["crashes verifying", "hangs verifying"] {
        save(&mut window, name, "wrong-pass");
        window.wait("an unknown state", |state| {
            let problem = device(state, name).and_then(|disk| disk.problem.as_ref());
            problem.is_some_and(|problem| matches!(problem.what, What::Disk(DiskError::StateUnknown { .. })))
        });
        save(&mut window, name, "wrong-pass");
        window.wait("no second try", |state| {
            let problem = device(state, name).and_then(|disk| disk.problem.as_ref());
            problem.is_some_and(|problem| matches!(problem.what, What::Disk(DiskError::FailedBefore { .. })))
        });
    }
    assert!(device(window.state(), "good").is_some_and(|disk| disk.session.is_some()), "the good one stays in");
    window.close();
}

#[test]
fn a_library_that_cannot_be_used_has_its_own_sentence() {
    let (_service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    let good = fs::read(example("libskf_library.so")).unwrap();
    let mut narrow = good.clone();
    // The header of a library of 32 bits.
    (narrow[4], narrow[18]) = (1, 3);
    let mut renamed = good;
    let name = b"SKF_ECCSignData\0";
    while let Some(place) = renamed.windows(name.len()).position(|window| window == name) {
        renamed[place] = b'X';
    }
    let cases: [(&str, &[u8], &str); 3] = [
        ("narrow.so", &narrow, "库文件是 x86 的"),
        ("renamed.so", &renamed, "SKF_ECCSignData"),
        ("text.so", b"#!/bin/sh\n", "不是本系统的库文件"),
    ];
    for (name, bytes, sentence) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        pick(&mut window, &path);
        window.wait(name, |state| state.disks.view.library_faults.iter().any(|(faulty, _)| *faulty == path));
        window.hear(sentence);
        window.press(&format!("不再使用 {}", path.display()));
        window.hear("移除厂商驱动库");
        window.press("移除");
        window.wait("no library", |state| state.disks.view.libraries.is_empty());
    }
    window.close();
}
