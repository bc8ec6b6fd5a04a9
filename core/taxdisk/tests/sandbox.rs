//! The sandbox's disk, by the same way as a real one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_seals::Trust;
use piaoxia_taxdisk::sim::{Authority, FIRST_PASSWORD, Sandbox, SimDisk, SimIdentity, SimState};
use piaoxia_taxdisk::{
    Certificate, CertificateState, Consent, Desk, DiskError, DiskKind, KeyReference, Options, Password, Presence, Refusal, Seat, Tries,
    View, verify_challenge,
};

const NOW: &str = "2026-06-01T00:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn identity() -> SimIdentity {
    SimIdentity {
        serial: "4499000000001".to_owned(),
        company: "票匣㐀测试（上海）有限公司".replace('㐀', ""),
        tax_number: "91310115MA1K35JX4G".to_owned(),
        not_before: at("2024-01-01T00:00:00Z"),
        not_after: at("2026-06-20T08:00:00Z"),
    }
}

fn disk(state: SimState) -> SimDisk {
    SimDisk::new(&Authority::new(1).unwrap(), &identity(), state).unwrap()
}

fn desk(change: impl FnOnce(&mut Options)) -> (Desk, Sandbox, Receiver<View>) {
    let sandbox = Sandbox::default();
    let mut options = Options::of_this_system().unwrap();
    (options.readers, options.usb, options.sandbox) = (false, None, Some(sandbox.clone()));
    options.limits.look = Duration::from_millis(50);
    change(&mut options);
    let (tell, views) = channel();
    let desk = Desk::start(options, move |view| tell.send(view).unwrap_or_default()).unwrap();
    (desk, sandbox, views)
}

fn until(views: &Receiver<View>, wanted: impl Fn(&View) -> bool) -> View {
    let start = Instant::now();
    loop {
        let view = views.recv_timeout(Duration::from_secs(5)).unwrap();
        if wanted(&view) {
            assert!(start.elapsed() < Duration::from_secs(2));
            return view;
        }
    }
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn seat() -> Seat {
    Seat::Sandbox("税盘1".to_owned())
}

#[test]
fn a_disk_is_plugged_in_read_verified_signs_and_is_pulled_out() {
    let (desk, sandbox, views) = desk(|_| {});
    let empty = until(&views, |_| true);
    assert_eq!(empty.obstacle(), Some(DiskError::NoReader));
    sandbox.insert("税盘1", disk(SimState::default()));
    let view = until(&views, |view| view.disks().next().is_some());
    assert_eq!((view.sightings[0].seat.clone(), view.obstacle()), (seat(), None));

    let contents = desk.read(&seat()).unwrap();
    assert_eq!((contents.kind, contents.serial.as_str()), (DiskKind::Sandbox, "4499000000001"));
    assert_eq!((contents.company.as_str(), contents.tax_number.as_str()), ("票匣测试（上海）有限公司", "91310115MA1K35JX4G"));
    assert_eq!((contents.tries, contents.key.clone()), (Tries::Left(8), KeyReference::Card(1)));
    let certificate = &contents.certificate;
    assert_eq!((certificate.company(), certificate.tax_number()), (contents.company.clone(), Some(contents.tax_number.clone())));

    assert_eq!(desk.verify(&seat(), &password("wrong-pass"), None), Err(DiskError::WrongPassword { left: Tries::Left(7) }));
    assert_eq!(desk.tries(&seat()), Ok(Tries::Left(7)));
    assert_eq!(desk.verify(&seat(), &password(FIRST_PASSWORD), None), Ok(Tries::Left(8)));

    let challenge = b"piaoxia challenge 0123456789";
    let signature = desk.sign(&seat(), &password(FIRST_PASSWORD), None, challenge).unwrap().to_der();
    let authority = Authority::new(1).unwrap();
    let (trust, refused) = Trust::from_certificates([authority.root_certificate()]);
    assert!(refused.is_empty());
    let holder = verify_challenge(certificate.der(), challenge, &signature, &trust, at(NOW)).unwrap();
    assert_eq!(holder.subject, "91310115MA1K35JX4G");

    let mut pulled = sandbox.remove("税盘1").unwrap();
    until(&views, |view| view.sightings.is_empty());
    assert_eq!(desk.read(&seat()), Err(DiskError::NoCard));
    assert_eq!(pulled.answer(&[0, 0xA4, 2, 0x0C, 2, 0xEF, 1]), [0x69, 0x85]);
}

#[test]
fn a_service_believes_only_what_fits() {
    let (desk, sandbox, _views) = desk(|_| {});
    sandbox.insert("税盘1", disk(SimState::default()));
    let certificate = desk.read(&seat()).unwrap().certificate;
    let signature = desk.sign(&seat(), &password(FIRST_PASSWORD), None, b"one").unwrap().to_der();
    let trusting = |seed| Trust::from_certificates([Authority::new(seed).unwrap().root_certificate()]).0;
    let verify =
        |challenge: &[u8], trust: &Trust, now| verify_challenge(certificate.der(), challenge, &signature, trust, at(now)).map(drop);
    assert_eq!(verify(b"one", &trusting(1), NOW), Ok(()));
    assert_eq!(verify(b"two", &trusting(1), NOW), Err(Refusal::Signature));
    // The other sandbox's root has the same name and another key.
    assert!(matches!(verify(b"one", &trusting(2), NOW), Err(Refusal::Chain(_))));
    assert!(matches!(verify(b"one", &Trust::default(), NOW), Err(Refusal::Chain(_))));
    assert!(matches!(verify(b"one", &trusting(1), "2026-06-20T08:00:01Z"), Err(Refusal::Validity { .. })));
    assert!(matches!(verify(b"one", &trusting(1), "2023-06-01T00:00:00Z"), Err(Refusal::Validity { .. })));
    let root = Authority::new(1).unwrap();
    let by_root = verify_challenge(root.root_certificate(), b"one", &signature, &trusting(1), at(NOW));
    assert_eq!(by_root, Err(Refusal::NotForSigning));
    assert!(matches!(verify_challenge(&[1, 2], b"one", &signature, &trusting(1), at(NOW)), Err(Refusal::Certificate(_))));
    let is_believed = |place: &usize| {
        let mut changed = certificate.der().to_vec();
        changed[*place] ^= 0x01;
        verify_challenge(&changed, b"one", &signature, &trusting(1), at(NOW)).is_ok()
    };
    // The NULL behind the outer name of the algorithm, which nobody signed, says nothing.
    let oid = [0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75];
    let end = certificate.der().windows(oid.len()).rposition(|window| window == oid).unwrap() + oid.len();
    assert_eq!((0..certificate.der().len()).filter(is_believed).collect::<Vec<_>>(), [end, end + 1]);
}

#[test]
fn the_end_of_a_certificate_is_told_in_days() {
    let certificate = Certificate::read(disk(SimState::default()).certificate()).unwrap();
    let state = |now| certificate.state(at(now), 30);
    assert_eq!(state("2026-01-01T00:00:00Z"), CertificateState::Valid);
    assert_eq!(state(NOW), CertificateState::ExpiresSoon { days: 19 });
    assert_eq!(state("2026-06-20T07:00:00Z"), CertificateState::ExpiresSoon { days: 0 });
    assert_eq!(state("2026-06-23T09:00:00Z"), CertificateState::Expired { days: 3 });
    assert_eq!(state("2023-12-31T23:59:59Z"), CertificateState::NotYetValid);
}

#[test]
fn the_last_tries_need_a_consent_and_a_locked_disk_gets_nothing() {
    let (desk, sandbox, _views) = desk(|_| {});
    sandbox.insert("税盘1", disk(SimState::default()));
    for number in 0..6 {
        let wrong = password(&format!("wrong-{number}"));
        assert_eq!(desk.verify(&seat(), &wrong, None), Err(DiskError::WrongPassword { left: Tries::Left(7 - number) }));
    }
    assert_eq!(desk.verify(&seat(), &password("wrong-6"), None), Err(DiskError::NeedsConsent { left: Tries::Left(2) }));
    assert_eq!(desk.verify(&seat(), &password("wrong-0"), None), Err(DiskError::FailedBefore { left: Tries::Left(2) }));
    let consent = |left| Some(Consent::given_for("4499000000001", Tries::Left(left)));
    assert_eq!(desk.sign(&seat(), &password("wrong-6"), consent(1), b""), Err(DiskError::NeedsConsent { left: Tries::Left(2) }));
    assert_eq!(desk.verify(&seat(), &password("wrong-6"), consent(2)), Err(DiskError::WrongPassword { left: Tries::Left(1) }));
    assert_eq!(desk.verify(&seat(), &password("wrong-7"), consent(1)), Err(DiskError::Locked));
    assert_eq!(desk.verify(&seat(), &password(FIRST_PASSWORD), None), Err(DiskError::Locked));
    assert_eq!(desk.read(&seat()).unwrap().tries, Tries::Locked);

    // The tax hall unlocks it; what failed before may be right now.
    sandbox.with("税盘1", |disk| disk.set_state(SimState { password: "wrong-7".to_owned(), ..SimState::default() }));
    assert_eq!(desk.verify(&seat(), &password("wrong-7"), None), Err(DiskError::FailedBefore { left: Tries::Left(8) }));
    desk.forget_failed("4499000000001");
    assert_eq!(desk.verify(&seat(), &password("wrong-7"), None), Ok(Tries::Left(8)));
}

/// The card itself takes chains and extended lengths, and refuses what is neither.
#[test]
fn commands_of_every_form() {
    let mut disk = disk(SimState::default());
    let aid = [0xD1, 0x56, 0x00, 0x00, 0x50, 0x58, 0x54, 0x41, 0x58, 0x01];
    assert!(disk.answer(&[&[0, 0xA4, 4, 0, 10][..], &aid, &[0]].concat()).ends_with(&[0x90, 0]));
    assert_eq!(disk.answer(&[&[0x10, 0x20, 0, 1, 4][..], b"8888"].concat()), [0x90, 0]);
    assert_eq!(disk.answer(&[&[0, 0x20, 0, 1, 4][..], b"8888"].concat()), [0x90, 0]);
    assert_eq!(disk.answer(&[&[0, 0x20, 0, 1, 0, 0, 8][..], b"88888888"].concat()), [0x90, 0]);
    let digest = [7; 32];
    let short = disk.answer(&[&[0x80, 0x74, 0, 1, 32][..], &digest, &[64]].concat());
    let extended = disk.answer(&[&[0x80, 0x74, 0, 1, 0, 0, 32][..], &digest, &[0, 64]].concat());
    assert_eq!((short.len(), &short), (66, &extended));
    assert_eq!(disk.answer(&[0, 0xA4, 2, 0x0C, 2, 0xEF, 2]), [0x90, 0]);
    assert_eq!(disk.answer(&[0, 0xB0, 0, 0, 0, 0x01, 0x2C]).len(), 302);
    for wrong in [&[][..], &[0, 0x20, 0], &[0, 0x20, 0, 1, 9, 1], &[0, 0x20, 0, 1, 0, 0], &[0, 0xB0, 0, 0, 2, 1, 1, 1, 1]] {
        let answer = disk.answer(wrong);
        assert_eq!(answer.len(), 2, "{wrong:02X?}");
        assert_ne!(answer, [0x90, 0], "{wrong:02X?}");
    }
    assert_eq!(disk.state().left, 8);
}

#[test]
fn what_failed_outlasts_the_program() {
    let (first, sandbox, _views) = desk(|_| {});
    sandbox.insert("税盘1", disk(SimState::default()));
    assert!(first.verify(&seat(), &password("wrong-pass"), None).is_err());
    let kept = serde_json::to_string(&first.failed_passwords()).unwrap();
    drop(first);
    let (second, sandbox, _views) = desk(|options| options.failed = serde_json::from_str(&kept).unwrap());
    sandbox.insert("税盘1", disk(SimState::default()));
    assert_eq!(second.verify(&seat(), &password("wrong-pass"), None), Err(DiskError::FailedBefore { left: Tries::Left(8) }));
}

#[test]
fn a_usb_disk_without_a_driver_is_named() {
    let bus = tempfile::tempdir().unwrap();
    let plug = |place: &str, texts: &[(&str, &str)]| {
        fs::create_dir(bus.path().join(place)).unwrap();
        for (name, text) in texts {
            fs::write(bus.path().join(place).join(name), format!("{text}\n")).unwrap();
        }
    };
    plug("usb1", &[("idVendor", "1d6b"), ("idProduct", "0002"), ("product", "EHCI Host Controller")]);
    plug("1-1:1.0", &[("bInterfaceClass", "08")]);
    let folder = bus.path().to_owned();
    let (desk, _sandbox, views) = desk(|options| options.usb = Some(folder));
    assert_eq!(until(&views, |_| true).obstacle(), Some(DiskError::NoReader));
    plug("1-1", &[("idVendor", "1432"), ("idProduct", "07DC"), ("product", "\u{1B}[31mDisk")]);
    let view = until(&views, |view| !view.sightings.is_empty());
    let presence = &view.sightings[0].presence;
    let Presence::NoDriver { kind, usb, .. } = presence else { panic!("{presence:?}") };
    assert_eq!((*kind, usb.as_str()), (DiskKind::TaxControl, "1432:07dc"));
    assert!(matches!(view.obstacle(), Some(DiskError::NoDriver { .. })));
    assert_eq!(desk.read(&view.sightings[0].seat).err(), view.obstacle());
    fs::remove_dir_all(bus.path().join("1-1")).unwrap();
    until(&views, |view| view.sightings.is_empty());
    assert_eq!(desk.read(&view.sightings[0].seat).err(), Some(DiskError::NoReader));
}
