//! What may be wrong with a release, one thing at a time: from a folder and from a web server, each goes the whole way, and
//! only what is good is installed.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use piaoxia_service::ClientOptions;
use tokio_util::sync::CancellationToken;

use super::kit::{NEW, OLD, Release, Signer, now, stamp, tree, updater};
use super::transfer::serve;
use crate::manifest::{MANIFEST_LIMIT, PACKAGE_LIMIT, file_name, platform};
use crate::mark::{Mark, STARTS};
use crate::shelf::State;
use crate::signature::{SIGNATURE, verify};
use crate::stamp::Stamp;
use crate::updater::{Checked, Updater, UpdaterConfig};
use crate::{MANIFEST, Refusal, Shelf, Source, UpdateError, Version};

/// Who is there: the keys that the installation pins, and somebody else.
struct Bench {
    current: Signer,
    next: Signer,
    stranger: Signer,
    /// Where the release lies.
    feed: std::path::PathBuf,
    /// The installation.
    data: std::path::PathBuf,
}

/// How it must end.
enum End {
    Installed,
    Current,
    Refused(fn(&Refusal) -> bool),
}

use End::{Current, Installed, Refused};

type Row = (&'static str, fn(&Bench), End);

fn good() -> Release {
    Release::new(NEW)
}

impl Bench {
    fn offer(&self, change: impl FnOnce(&mut Release)) {
        let mut release = good();
        change(&mut release);
        release.write_to(&self.feed, &self.current);
    }

    /// Another signature than the good one.
    fn signature(&self, sign: impl FnOnce(&[u8], &str) -> String) {
        let release = good();
        release.write_to(&self.feed, &self.current);
        let manifest = fs::read(self.feed.join(MANIFEST)).unwrap();
        fs::write(self.feed.join(SIGNATURE), sign(&manifest, &release.comment())).unwrap();
    }

    /// Bytes of a file that were changed after the release was signed.
    fn change(&self, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        if !self.feed.join(MANIFEST).exists() {
            good().write_to(&self.feed, &self.current);
        }
        let path = self.feed.join(name);
        fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
    }

    fn program(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        self.change(&file_name(NEW, &platform()), change);
    }
}

fn flipped(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

/// A bit of the signature, which is the second line.
fn flip_signature(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1] = STANDARD.encode(flipped(STANDARD.decode(&lines[1]).unwrap()));
    lines.join("\n")
}

/// The signature says that it is by another key than it is.
fn say_by(text: &str, whose: &Signer) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut bytes = STANDARD.decode(&lines[1]).unwrap();
    bytes[2..10].copy_from_slice(&STANDARD.decode(whose.public().to_string()).unwrap()[2..10]);
    lines[1] = STANDARD.encode(bytes);
    lines.join("\n")
}

fn signatures() -> Vec<Row> {
    vec![
        ("good, by the current key", |b| b.offer(|_| {}), Installed),
        ("good, by the next key", |b| good().write_to(&b.feed, &b.next), Installed),
        ("a stranger's, then a good one", |b| b.signature(|m, c| format!("{}{}", b.stranger.sign(m, c), b.current.sign(m, c))), Installed),
        (
            "none",
            |b| {
                b.offer(|_| {});
                fs::remove_file(b.feed.join(SIGNATURE)).unwrap()
            },
            Refused(|r| *r == Refusal::NoSignature),
        ),
        ("empty", |b| b.signature(|_, _| String::new()), Refused(|r| *r == Refusal::SignatureUnreadable)),
        ("no signature at all", |b| b.signature(|_, _| "hello".repeat(40)), Refused(|r| *r == Refusal::SignatureUnreadable)),
        (
            "not text",
            |b| {
                b.offer(|_| {});
                fs::write(b.feed.join(SIGNATURE), [0xff; 300]).unwrap()
            },
            Refused(|r| *r == Refusal::SignatureUnreadable),
        ),
        ("too long", |b| b.signature(|m, c| b.current.sign(m, c).repeat(40)), Refused(|r| matches!(r, Refusal::TooLarge { .. }))),
        ("of the old kind", |b| b.signature(|m, c| b.current.sign_as_long_ago(m, c)), Refused(|r| *r == Refusal::LegacySignature)),
        (
            "of the old kind by a stranger",
            |b| b.signature(|m, c| b.stranger.sign_as_long_ago(m, c)),
            Refused(|r| *r == Refusal::UnknownKey),
        ),
        ("by a stranger", |b| b.signature(|m, c| b.stranger.sign(m, c)), Refused(|r| *r == Refusal::UnknownKey)),
        (
            "by a stranger who says he is not",
            |b| b.signature(|m, c| say_by(&b.stranger.sign(m, c), &b.current)),
            Refused(|r| *r == Refusal::SignatureWrong),
        ),
        ("of other bytes", |b| b.signature(|_, c| b.current.sign(b"{}", c)), Refused(|r| *r == Refusal::SignatureWrong)),
        ("a bit of it flipped", |b| b.signature(|m, c| flip_signature(&b.current.sign(m, c))), Refused(|r| *r == Refusal::SignatureWrong)),
        (
            "its comment changed",
            |b| b.signature(|m, c| b.current.sign(m, c).replace("0.2.0", "0.3.0")),
            Refused(|r| *r == Refusal::SignatureWrong),
        ),
        (
            "its comment of another file",
            |b| b.signature(|m, c| b.current.sign(m, &c.replace("update.json", "notes.json"))),
            Refused(|r| *r == Refusal::CommentWrong),
        ),
        (
            "its comment of another version",
            |b| b.signature(|m, c| b.current.sign(m, &c.replace("0.2.0", "0.3.0"))),
            Refused(|r| *r == Refusal::CommentWrong),
        ),
        (
            "its comment of another channel",
            |b| b.signature(|m, c| b.current.sign(m, &c.replace("stable", "preview"))),
            Refused(|r| *r == Refusal::CommentWrong),
        ),
        (
            "its comment says nothing",
            |b| b.signature(|m, _| b.current.sign(m, "timestamp:1795939200")),
            Refused(|r| *r == Refusal::CommentWrong),
        ),
    ]
}

fn manifests() -> Vec<Row> {
    vec![
        (
            "no manifest",
            |b| {
                b.offer(|_| {});
                fs::remove_file(b.feed.join(MANIFEST)).unwrap()
            },
            Refused(|r| *r == Refusal::NoManifest),
        ),
        ("a bit of it flipped", |b| b.change(MANIFEST, flipped), Refused(|r| *r == Refusal::SignatureWrong)),
        ("its end missing", |b| b.change(MANIFEST, |bytes| bytes[..bytes.len() - 1].to_vec()), Refused(|r| *r == Refusal::SignatureWrong)),
        (
            "longer than any",
            |b| b.change(MANIFEST, |bytes| [bytes, vec![b' '; MANIFEST_LIMIT as usize]].concat()),
            Refused(|r| matches!(r, Refusal::TooLarge { .. })),
        ),
        (
            "signed, but no manifest",
            |b| {
                b.offer(|_| {});
                fs::write(b.feed.join(MANIFEST), "[]").unwrap();
                fs::write(b.feed.join(SIGNATURE), b.current.sign(b"[]", &good().comment())).unwrap()
            },
            Refused(|r| matches!(r, Refusal::ManifestUnreadable { .. })),
        ),
        ("of another program", |b| b.offer(|r| r.manifest.product = "other".into()), Refused(|r| *r == Refusal::OtherProduct)),
        (
            "of another channel",
            |b| b.offer(|r| r.manifest.channel = "preview".into()),
            Refused(|r| matches!(r, Refusal::OtherChannel { .. })),
        ),
        (
            "over",
            |b| b.offer(|r| r.manifest.expires = now() - jiff::SignedDuration::from_secs(1)),
            Refused(|r| matches!(r, Refusal::Expired { .. })),
        ),
        (
            "from the future",
            |b| b.offer(|r| r.manifest.published = now() + jiff::SignedDuration::from_hours(25)),
            Refused(|r| matches!(r, Refusal::ClockBehind { .. })),
        ),
        ("a few hours from the future", |b| b.offer(|r| r.manifest.published = now() + jiff::SignedDuration::from_hours(20)), Installed),
        (
            "announces keys by the next key",
            |b| {
                let mut release = good();
                release.manifest.keys = vec![b.next.public(), b.stranger.public()];
                release.write_to(&b.feed, &b.next);
            },
            Installed,
        ),
        ("announces a new current key", |b| b.offer(|r| r.manifest.keys = vec![b.stranger.public(), b.next.public()]), Installed),
        (
            "announces two strangers",
            |b| b.offer(|r| r.manifest.keys = vec![b.stranger.public(), Signer::new().public()]),
            Refused(|r| *r == Refusal::NextKeyDropped),
        ),
        (
            "drops the next key",
            |b| b.offer(|r| r.manifest.keys = vec![b.current.public(), b.stranger.public()]),
            Refused(|r| *r == Refusal::NextKeyDropped),
        ),
        (
            "its file named as another version's",
            |b| b.offer(|r| r.manifest.files[0].name = file_name(OLD, &platform())),
            Refused(|r| matches!(r, Refusal::ManifestUnreadable { .. })),
        ),
        (
            "its file elsewhere",
            |b| b.offer(|r| r.manifest.files[0].name = "../../piaoxia".into()),
            Refused(|r| matches!(r, Refusal::ManifestUnreadable { .. })),
        ),
        (
            "its file larger than any",
            |b| b.offer(|r| r.manifest.files[0].size = PACKAGE_LIMIT + 1),
            Refused(|r| matches!(r, Refusal::TooLarge { .. })),
        ),
        (
            "no file for this PC",
            |b| {
                b.offer(|r| {
                    r.manifest.files[0].platform = "plan9-mips".into();
                    r.manifest.files[0].name = file_name(NEW, "plan9-mips")
                })
            },
            Refused(|r| matches!(r, Refusal::NoFile { .. })),
        ),
    ]
}

fn versions() -> Vec<Row> {
    vec![
        ("the one that runs", |b| Release::new(OLD).write_to(&b.feed, &b.current), Current),
        (
            "older than what runs",
            |b| {
                let mut old = Release::new(Version::new(0, 0, 9));
                old.manifest.minimum = Version::new(0, 0, 1);
                old.write_to(&b.feed, &b.current)
            },
            Refused(|r| matches!(r, Refusal::Older { .. })),
        ),
        (
            "older than what was offered before",
            |b| {
                b.offer(|_| {});
                Shelf::of(&b.data).lock().unwrap();
                Shelf::of(&b.data).keep_state(&State { seen: Some(Version::new(0, 3, 0)), ..State::default() }).unwrap()
            },
            Refused(|r| matches!(r, Refusal::Older { .. })),
        ),
        (
            "only from a later one",
            |b| b.offer(|r| r.manifest.minimum = Version::new(0, 1, 1)),
            Refused(|r| matches!(r, Refusal::BelowMinimum { .. })),
        ),
        (
            "did not start here",
            |b| {
                b.offer(|_| {});
                let folder = Shelf::of(&b.data).folder(NEW);
                fs::create_dir_all(&folder).unwrap();
                Mark { starts: STARTS, ..Mark::default() }.write(&folder).unwrap()
            },
            Refused(|r| matches!(r, Refusal::FailedBefore { .. })),
        ),
    ]
}

fn programs() -> Vec<Row> {
    vec![
        (
            "no program",
            |b| {
                b.offer(|_| {});
                fs::remove_file(b.feed.join(file_name(NEW, &platform()))).unwrap()
            },
            Refused(|r| matches!(r, Refusal::FileMissing { .. })),
        ),
        ("a bit of it flipped", |b| b.program(flipped), Refused(|r| matches!(r, Refusal::WrongHash { .. }))),
        ("its end missing", |b| b.program(|bytes| bytes[1..].to_vec()), Refused(|r| matches!(r, Refusal::WrongSize { .. }))),
        ("empty", |b| b.program(|_| Vec::new()), Refused(|r| matches!(r, Refusal::WrongSize { .. }))),
        ("longer", |b| b.program(|bytes| [bytes, vec![0]].concat()), Refused(|r| matches!(r, Refusal::WrongSize { .. }))),
        ("another version's", |b| b.program(|_| Release::new(OLD).program), Refused(|r| matches!(r, Refusal::WrongHash { .. }))),
    ]
}

/// The whole way: look, download, install.
async fn update(updater: &Updater, source: &Source) -> Result<Checked, UpdateError> {
    let checked = updater.download(source, &|_, _| {}, &CancellationToken::new()).await?;
    if matches!(checked, Checked::New(_)) {
        updater.install().await?;
    }
    Ok(checked)
}

async fn goes(bench: &Bench, source: &Source, (name, _, end): &Row) {
    let pinned: Stamp = stamp(&[&bench.current, &bench.next]);
    let updater = updater(&bench.data, pinned.clone());
    let ended = update(&updater, source).await;
    let keys = Shelf::of(&bench.data).keyring(&pinned.keys, OLD);
    let installed = Shelf::prove(&Shelf::of(&bench.data).folder(NEW), NEW, keys.all()).is_ok();
    match (end, &ended) {
        (Installed, Ok(Checked::New(offer))) => assert!(installed && offer.version == NEW, "{name}"),
        (Current, Ok(Checked::Current)) => assert!(!installed, "{name}"),
        (Refused(fits), Err(UpdateError::Refused(refusal))) => {
            assert!(fits(refusal) && !installed, "{name}: {refusal:?}");
            let again = updater.install().await;
            assert!(again.is_err() && tree(&Shelf::of(&bench.data).folder(NEW)).len() <= 1, "{name}: {again:?}");
        }
        _ => panic!("{name}: {ended:?}"),
    }
}

fn bench(folder: &Path) -> Bench {
    let (feed, data) = (folder.join("feed"), folder.join("Data"));
    fs::create_dir_all(&feed).unwrap();
    Bench { current: Signer::new(), next: Signer::new(), stranger: Signer::new(), feed, data }
}

fn rows() -> Vec<Row> {
    [signatures(), manifests(), versions(), programs()].into_iter().flatten().collect()
}

#[tokio::test]
async fn from_a_folder_only_what_is_good_is_installed() {
    let rows = rows();
    assert!(rows.len() >= 40, "{}", rows.len());
    for row in &rows {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path());
        (row.1)(&bench);
        goes(&bench, &Source::Folder(bench.feed.clone()), row).await;
    }
}

#[tokio::test]
async fn from_a_web_server_only_what_is_good_is_installed() {
    for row in &rows() {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path());
        (row.1)(&bench);
        let address = serve(&bench.feed).await;
        goes(&bench, &Source::named(&address, ClientOptions::quick()).unwrap(), row).await;
    }
}

/// No bit of a manifest or of what counts in its signature can change.
#[test]
fn every_bit_of_a_release_is_signed() {
    let signer = Signer::new();
    let (manifest, signature) = good().signed_by(&signer);
    let keys = [signer.public()];
    assert!(verify(&manifest, &signature, &keys).is_ok());
    for bit in 0..manifest.len() * 8 {
        let mut changed = manifest.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify(&changed, &signature, &keys), Err(Refusal::SignatureWrong), "bit {bit} of the manifest");
    }
    let first_line = signature.find('\n').unwrap() + 1;
    for at in first_line..signature.trim_end().len() {
        let mut changed = signature.clone().into_bytes();
        changed[at] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        assert!(verify(&manifest, &changed, &keys).is_err(), "byte {at} of the signature: {changed}");
    }
}

#[tokio::test]
async fn a_build_that_is_no_release_believes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.offer(|_| {});
    let updater = Updater::new(UpdaterConfig::new(OLD, None, Shelf::of(&bench.data), None));
    let refused = update(&updater, &Source::Folder(bench.feed.clone())).await;
    assert!(matches!(refused, Err(UpdateError::Refused(Refusal::NotARelease))), "{refused:?}");
    assert!(!updater.status().await.unwrap().release && !bench.data.exists());
}

#[tokio::test]
async fn at_an_address_a_release_is_offered_step_by_step_and_from_a_folder_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.offer(|release| release.manifest.percent = 0);
    let updater = updater(&bench.data, stamp(&[&bench.current, &bench.next]));
    let web = Source::named(&serve(&bench.feed).await, ClientOptions::quick()).unwrap();
    assert_eq!(updater.check(&web).await.unwrap(), Checked::NotYet(NEW));
    assert_eq!(update(&updater, &web).await.unwrap(), Checked::NotYet(NEW));
    assert!(matches!(updater.install().await, Err(UpdateError::Refused(Refusal::NothingReady))));
    let brought = Source::Folder(bench.feed.clone());
    assert!(matches!(updater.check(&brought).await.unwrap(), Checked::New(_)));
    // What was offered once is remembered, whether it was this installation's turn or not.
    Release::new(Version::new(0, 1, 5)).write_to(&bench.feed, &bench.current);
    let refused = updater.check(&brought).await;
    assert!(matches!(refused, Err(UpdateError::Refused(Refusal::Older { known: NEW, .. }))), "{refused:?}");
}
