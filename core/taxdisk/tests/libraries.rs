//! Disks behind a vendor's library, in a real helper process with a real library.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use piaoxia_seals::Trust;
use piaoxia_taxdisk::sim::{Authority, FIRST_PASSWORD};
use piaoxia_taxdisk::skf::HelperProgram;
use piaoxia_taxdisk::{
    Consent, Damage, Desk, DeviceCode, DiskError, DiskKind, KeyReference, LibraryFault, Meaning, Options, Password, Seat, Tries, View,
    verify_challenge,
};
use tempfile::TempDir;

/// How long a call may take here.
const LIMIT: Duration = Duration::from_secs(2);

/// What `cargo test` builds of the examples, beside this program.
fn example(name: &str) -> PathBuf {
    let programs = std::env::current_exe().unwrap();
    let path = programs.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(path.exists(), "{} is built by `cargo test` for the whole package, or `--examples`", path.display());
    path
}

struct Bench {
    desk: Desk,
    views: Receiver<View>,
    library: PathBuf,
    state: TempDir,
    bus: TempDir,
}

impl Bench {
    fn new(library: PathBuf) -> Self {
        let (state, bus) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut options = Options::of_this_system().unwrap();
        (options.readers, options.usb) = (false, Some(bus.path().to_owned()));
        options.helper = Some(HelperProgram { program: example("skf_helper"), arguments: vec![state.path().into()] });
        options.libraries = vec![library.clone()];
        options.limits.library = LIMIT;
        let (tell, views) = channel();
        let desk = Desk::start(options, move |view| tell.send(view).unwrap_or_default()).unwrap();
        Self { desk, views, library, state, bus }
    }

    fn good() -> Self {
        Self::new(example("libskf_library.so"))
    }

    fn seat(&self, device: &str) -> Seat {
        Seat::Library { path: self.library.clone(), device: device.to_owned() }
    }

    fn view(&self) -> View {
        self.views.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    fn verify(&self, device: &str, password: &str) -> Result<Tries, DiskError> {
        self.desk.verify(&self.seat(device), &Password::new(password.to_owned()), None)
    }
}

#[test]
fn a_disk_is_found_read_verified_and_signs() {
    let bench = Bench::good();
    let view = bench.view();
    assert_eq!((view.sightings.len(), view.obstacle()), (9, None));
    assert!(view.disks().any(|sighting| sighting.seat == bench.seat("good")));
    let contents = bench.desk.read(&bench.seat("good")).unwrap();
    assert_eq!((contents.kind, contents.serial.as_str(), contents.tries), (DiskKind::TaxUKey, "199000000000", Tries::Left(8)));
    assert_eq!((contents.company.as_str(), contents.tax_number.as_str()), ("票匣测试（北京）有限公司", "91310115MA1K35JX4G"));
    let key = KeyReference::Container { application: "TAX".to_owned(), container: "SM2CONTAINER0002".to_owned() };
    assert_eq!(contents.key, key);
    assert_eq!(bench.verify("good", "wrong-pass"), Err(DiskError::WrongPassword { left: Tries::Left(7) }));
    assert_eq!(bench.verify("good", "wrong-pass"), Err(DiskError::FailedBefore { left: Tries::Left(7) }));
    assert_eq!(bench.verify("good", FIRST_PASSWORD), Ok(Tries::Left(8)));
    let signature = bench.desk.sign(&bench.seat("good"), &Password::new(FIRST_PASSWORD.to_owned()), None, b"challenge").unwrap();
    let (trust, _) = Trust::from_certificates([Authority::new(1).unwrap().root_certificate()]);
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    assert!(verify_challenge(contents.certificate.der(), b"challenge", &signature.to_der(), &trust, now).is_ok());
}

/// A library tells of no coming and going; it is asked when anything on USB changes.
#[test]
fn a_library_is_asked_again_when_usb_changes() {
    let bench = Bench::good();
    assert_eq!(bench.view().sightings.len(), 9);
    let pulled = bench.state.path().join("pulled out");
    fs::write(&pulled, "").unwrap();
    let device = bench.bus.path().join("1-2");
    fs::create_dir(&device).unwrap();
    fs::write(device.join("idVendor"), "1234\n").unwrap();
    fs::write(device.join("idProduct"), "5678\n").unwrap();
    let view = bench.view();
    assert_eq!((view.sightings.len(), view.obstacle()), (0, Some(DiskError::NoReader)));
    fs::remove_file(&pulled).unwrap();
    bench.desk.look();
    assert_eq!(bench.view().sightings.len(), 9);
    bench.desk.set_libraries(Vec::new());
    assert_eq!(bench.view().sightings.len(), 0);
}

#[test]
fn the_guard_holds_for_libraries_too() {
    let bench = Bench::good();
    for number in 0..6 {
        let left = Tries::Left(7 - number);
        assert_eq!(bench.verify("good", &format!("wrong-{number}")), Err(DiskError::WrongPassword { left }));
    }
    assert_eq!(bench.verify("good", "wrong-7"), Err(DiskError::NeedsConsent { left: Tries::Left(2) }));
    let spend = |left, text: &str| {
        let consent = Consent::given_for("199000000000", Tries::Left(left));
        bench.desk.verify(&bench.seat("good"), &Password::new(text.to_owned()), Some(consent))
    };
    assert_eq!(spend(2, "wrong-8"), Err(DiskError::WrongPassword { left: Tries::Left(1) }));
    assert_eq!(spend(1, "wrong-9"), Err(DiskError::Locked));
    assert_eq!(bench.verify("good", FIRST_PASSWORD), Err(DiskError::Locked));
}

#[test]
fn what_hangs_or_crashes_costs_its_process() {
    let bench = Bench::good();
    let start = Instant::now();
    let hung = Err(DiskError::Library(LibraryFault::Hung { seconds: LIMIT.as_secs() }));
    assert_eq!(bench.desk.tries(&bench.seat("hangs")), hung);
    assert!(start.elapsed() < LIMIT * 2);
    assert_eq!(bench.desk.read(&bench.seat("crashes")).map(drop), Err(DiskError::Library(LibraryFault::Crashed)));
    // The next one has a new process.
    assert_eq!(bench.desk.tries(&bench.seat("good")), Ok(Tries::Left(8)));
    // The password was sent and counted, and no answer came: it is not sent again.
    for (device, seconds) in [("crashes verifying", 0), ("hangs verifying", 2)] {
        let start = Instant::now();
        assert_eq!(bench.verify(device, "wrong-pass"), Err(DiskError::StateUnknown { left: None }), "{device}");
        assert!(start.elapsed() >= Duration::from_secs(seconds) && start.elapsed() < LIMIT * 3);
        assert_eq!(bench.verify(device, "wrong-pass"), Err(DiskError::FailedBefore { left: Tries::Left(7) }), "{device}");
        assert_eq!(bench.desk.tries(&bench.seat(device)), Ok(Tries::Left(7)));
    }
}

#[test]
fn what_a_device_says_wrong_is_told() {
    let bench = Bench::good();
    let read = |device: &str| bench.desk.read(&bench.seat(device)).map(drop);
    assert_eq!(read("no certificate"), Err(DiskError::Device(DeviceCode(96))));
    assert_eq!(DeviceCode(96).meaning(), Meaning::NoCertificate);
    assert_eq!(read("in use"), Err(DiskError::InUse));
    assert_eq!(read("number 200"), Err(DiskError::Device(DeviceCode(200))));
    assert_eq!(read("pulled out"), Err(DiskError::Removed));
    assert_eq!(read("with a \0"), Err(DiskError::Damaged(Damage::Text)));
    // It signs with another key than that of its certificate.
    assert_eq!(read("another key"), Ok(()));
    let signed = bench.desk.sign(&bench.seat("another key"), &Password::new(FIRST_PASSWORD.to_owned()), None, b"challenge");
    assert_eq!(signed, Err(DiskError::Damaged(Damage::Signature)));
}

/// A library that cannot be used says why, and the program goes on.
#[test]
fn files_that_are_no_usable_library() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(example("libskf_library.so")).unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let fault = |path: &Path| {
        let bench = Bench::new(path.to_owned());
        let view = bench.view();
        let [(library, fault)] = view.library_faults.as_slice() else { panic!("{view:?}") };
        assert_eq!((library.as_path(), view.obstacle()), (path, Some(fault.clone())));
        assert_eq!(bench.desk.read(&bench.seat("good")).map(drop), Err(fault.clone()));
        let DiskError::Library(fault) = fault else { panic!("{fault:?}") };
        fault.clone()
    };
    // The header of a library of 32 bits.
    let mut short = good.clone();
    (short[4], short[18]) = (1, 3);
    let architecture = LibraryFault::Architecture { found: "x86".to_owned(), needed: std::env::consts::ARCH.to_owned() };
    assert_eq!(fault(&file("short.so", &short)), architecture);
    assert_eq!(fault(&file("text.so", b"#!/bin/sh\n")), LibraryFault::NotALibrary);
    assert_eq!(fault(&file("empty.so", b"")), LibraryFault::NotALibrary);
    assert!(matches!(fault(&folder.path().join("missing.so")), LibraryFault::NotReadable(_)));
    assert!(matches!(fault(folder.path()), LibraryFault::NotReadable(_)));
    // What is missing of a cut library is noticed by the system, or ends the process.
    assert!(matches!(fault(&file("cut.so", &good[..2_000])), LibraryFault::NotLoaded(_) | LibraryFault::Crashed));
    // A function under another name.
    let mut renamed = good;
    let name = b"SKF_ECCSignData\0";
    while let Some(place) = renamed.windows(name.len()).position(|window| window == name) {
        renamed[place] = b'X';
    }
    assert_eq!(fault(&file("renamed.so", &renamed)), LibraryFault::NoFunction("SKF_ECCSignData".to_owned()));
}

/// A program that ends while a library hangs leaves no process behind.
#[test]
fn a_helper_ends_with_its_program() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let state = tempfile::tempdir().unwrap();
    let mut helper = Command::new(example("skf_helper")).arg(state.path()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut input = helper.stdin.take().unwrap();
    let library = serde_json::to_string(&example("libskf_library.so")).unwrap();
    for order in [format!("{{\"Load\":{library}}}"), "{\"Attach\":\"hangs\"}".to_owned()] {
        writeln!(input, "\x01piaoxia-skf 1 {order}").unwrap();
    }
    std::thread::sleep(Duration::from_millis(500));
    assert!(helper.try_wait().unwrap().is_none(), "it hangs");
    drop(input);
    let start = Instant::now();
    while helper.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(5), "it is left behind");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_helper_that_does_not_start_or_talks_nonsense() {
    for (program, wanted) in
        [("/no/such/program", None), ("/bin/true", Some(LibraryFault::Crashed)), ("/bin/cat", Some(LibraryFault::Crashed))]
    {
        let mut options = Options::of_this_system().unwrap();
        (options.readers, options.usb) = (false, None);
        options.helper = Some(HelperProgram { program: program.into(), arguments: Vec::new() });
        let desk = Desk::start(options, |_| {}).unwrap();
        let outcome = desk.tries(&Seat::Library { path: "x.so".into(), device: "good".to_owned() });
        match (outcome, wanted) {
            (Err(DiskError::Library(LibraryFault::NoHelper(_))), None) => {}
            (Err(DiskError::Library(fault)), Some(wanted)) => assert_eq!(fault, wanted, "{program}"),
            other => panic!("{program}: {other:?}"),
        }
    }
}
