//! Makes a release that the program believes: `cargo run --package piaoxia-update --example release -- --help`.
//!
//! 1. Once: `keys DIR` makes a key pair. Make two, the current key and the next, and keep their secrets in two places, none of
//!    them a checkout. `minisign -G` makes keys with a password; then `minisign` itself signs, see step 4.
//! 2. Build the program for each platform.
//!    `windows` makes that for Windows one that runs from a stick, and refuses one that would not run everywhere.
//! 3. `stamp`: version, channel, address and public keys go into each executable. For Windows this comes before its signature
//!    by Authenticode.
//! 4. `pack`: the executables go into a folder under the names that a release has, with `update.json`, signed by the secret
//!    key. Without `--secret` it says how to sign with `minisign`.
//! 5. `check`: looks at the folder as an installed program does.
//! 6. Put the folder on the web server, `update.json.minisig` last, or on a stick.
//!
//! To change a key: pin the next key and a new one by `--key` in the new version's stamp, and announce the same two by
//! `--announce` in its manifest, signed by the next key, which is kept elsewhere. A release may be signed by
//! several keys: give `--secret` more than once.
#![allow(clippy::print_stdout, reason = "a tool tells what it did")]

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use jiff::{SignedDuration, Timestamp};
use piaoxia_files::durable_write;
use piaoxia_signer::SecretKey;
use piaoxia_update::{
    FileEntry, Here, Keyring, MANIFEST, Manifest, Notes, PublicKey, SIGNATURE, Stamp, Verdict, Version, judge, trusted_comment,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[derive(Parser)]
enum Tool {
    /// Makes a key pair in a folder: `release.key`, `release.pub`.
    Keys { folder: PathBuf },
    /// Prepares an executable for Windows, in place, and tells which libraries it names.
    Windows { executable: PathBuf },
    /// Stamps an executable.
    Stamp(StampOptions),
    /// Puts executables into a folder and signs them.
    Pack(PackOptions),
    /// Looks at a folder as an installed program of a lower version does.
    Check {
        folder: PathBuf,
        /// Public keys that the program pins.
        #[arg(long, required = true)]
        key: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct StampOptions {
    executable: PathBuf,
    #[arg(long)]
    version: Version,
    #[arg(long, default_value = "stable")]
    channel: String,
    /// HTTPS address of the folder in which releases appear.
    #[arg(long)]
    feed: Option<String>,
    /// Public keys: the current one and the next.
    #[arg(long, required = true)]
    key: Vec<PathBuf>,
    /// Where the stamped executable goes.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct PackOptions {
    folder: PathBuf,
    /// A stamped executable and its platform, `linux-x86_64=target/release/piaoxia`; once for each.
    #[arg(long, required = true, value_name = "PLATFORM=FILE")]
    file: Vec<String>,
    /// Lowest version that may go there directly.
    #[arg(long)]
    minimum: Version,
    /// Days that the manifest is believed; sign it again before.
    #[arg(long, default_value_t = 90)]
    days: i64,
    /// How many of a hundred installations are offered it.
    #[arg(long, default_value_t = 100)]
    percent: u8,
    /// What is new, Chinese: a text file.
    #[arg(long)]
    notes_zh: PathBuf,
    /// What is new, English: a text file.
    #[arg(long)]
    notes_en: PathBuf,
    /// Public keys that count from this version on.
    #[arg(long)]
    announce: Vec<PathBuf>,
    /// Secret keys without a password.
    #[arg(long)]
    secret: Vec<PathBuf>,
}

fn main() -> Result<()> {
    match Tool::parse() {
        Tool::Keys { folder } => keys(&folder),
        Tool::Windows { executable } => windows(&executable),
        Tool::Stamp(options) => stamp(options),
        Tool::Pack(options) => pack(&options),
        Tool::Check { folder, key } => check(&folder, &public_keys(&key)?),
    }
}

fn keys(folder: &Path) -> Result<()> {
    let (secret, public) = (folder.join("release.key"), folder.join("release.pub"));
    if secret.exists() {
        return Err(format!("{} is there already", secret.display()).into());
    }
    fs::create_dir_all(folder)?;
    let key = SecretKey::generate()?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    // From its first byte on: nobody else reads it in between.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&secret)?;
    file.write_all(key.to_file().as_bytes())?;
    file.sync_all()?;
    durable_write(&public, format!("untrusted comment: Piaoxia releases\n{}\n", key.public()).as_bytes())?;
    println!("{}: keep it where nobody else reads it\n{}", secret.display(), public.display());
    Ok(())
}

fn windows(path: &Path) -> Result<()> {
    let mut executable = fs::read(path)?;
    let prepared = piaoxia_update::pe::prepare(&mut executable)?;
    fs::write(path, executable)?;
    let libraries: BTreeSet<_> = prepared.imports.iter().map(|import| &*import.library).collect();
    println!("{} names {}", path.display(), libraries.into_iter().collect::<Vec<_>>().join(" "));
    match prepared.windows_10.as_slice() {
        [] => println!("it runs on Windows 7 and later"),
        newer => println!("it needs Windows 10, because of {}", newer.join(" ")),
    }
    Ok(())
}

fn stamp(options: StampOptions) -> Result<()> {
    let mut executable = fs::read(&options.executable)?;
    let keys = public_keys(&options.key)?;
    Stamp { version: options.version, channel: options.channel, feed: options.feed, keys }.set(&mut executable)?;
    fs::write(&options.out, executable)?;
    // So that it can be run here, too.
    fs::set_permissions(&options.out, fs::metadata(&options.executable)?.permissions())?;
    println!("{} is {}", options.out.display(), options.version);
    Ok(())
}

fn pack(options: &PackOptions) -> Result<()> {
    fs::create_dir_all(&options.folder)?;
    let mut stamps = Vec::new();
    let mut files = Vec::new();
    for named in &options.file {
        let (platform, path) = named.split_once('=').ok_or("--file is PLATFORM=FILE")?;
        let bytes = fs::read(path)?;
        let stamp = Stamp::of(&bytes)?.ok_or_else(|| format!("{path} is not stamped"))?;
        let entry = FileEntry::of(stamp.version, platform, &bytes);
        durable_write(&options.folder.join(&entry.name), &bytes)?;
        files.push(entry);
        stamps.push(stamp);
    }
    let stamp = stamps.first().ok_or("no file")?;
    if stamps.iter().any(|other| other != stamp) {
        return Err("the executables are stamped differently".into());
    }
    let keys = public_keys(&options.announce)?;
    if !keys.is_empty() && keys != stamp.keys {
        return Err("a version announces the keys that it pins".into());
    }
    let now = Timestamp::now();
    let manifest = Manifest {
        product: "piaoxia".to_owned(),
        channel: stamp.channel.clone(),
        version: stamp.version,
        minimum: options.minimum,
        published: now,
        expires: now.checked_add(SignedDuration::from_hours(24 * options.days))?,
        percent: options.percent,
        notes: Notes { zh: fs::read_to_string(&options.notes_zh)?, en: fs::read_to_string(&options.notes_en)? },
        keys,
        files,
    };
    let mut bytes = serde_json::to_vec_pretty(&manifest)?;
    bytes.push(b'\n');
    Manifest::parse(&bytes)?;
    durable_write(&options.folder.join(MANIFEST), &bytes)?;
    sign(options, &manifest, &bytes)
}

fn sign(options: &PackOptions, manifest: &Manifest, bytes: &[u8]) -> Result<()> {
    let comment = trusted_comment(manifest.version, &manifest.channel);
    if options.secret.is_empty() {
        let (path, comment) = (options.folder.join(MANIFEST), comment.replace('\t', "\\t"));
        println!("minisign -S -H -s SECRET -m {} -t \"$(printf '{comment}')\"", path.display());
        return Ok(());
    }
    let mut signatures = String::new();
    for secret in &options.secret {
        let key = SecretKey::parse(&fs::read_to_string(secret)?)?;
        signatures += &key.sign(bytes, &format!("timestamp:{}\t{comment}", manifest.published.as_second()));
    }
    durable_write(&options.folder.join(SIGNATURE), signatures.as_bytes())?;
    println!("{} {} is signed", options.folder.display(), manifest.version);
    Ok(())
}

fn check(folder: &Path, keys: &[PublicKey]) -> Result<()> {
    let (bytes, signature) = (fs::read(folder.join(MANIFEST))?, fs::read_to_string(folder.join(SIGNATURE))?);
    let manifest = Manifest::parse(&bytes)?;
    let ring = Keyring::follow(keys, manifest.minimum, &[]);
    for entry in &manifest.files {
        let here = Here {
            version: manifest.minimum,
            channel: &manifest.channel,
            platform: &entry.platform,
            keys: &ring,
            seen: None,
            failed: &[],
            installation: "",
            phased: false,
            now: Timestamp::now(),
        };
        let verdict = judge(&bytes, &signature, &here)?;
        let program = fs::read(folder.join(&entry.name))?;
        let stamp = Stamp::of(&program)?.ok_or("not stamped")?;
        if FileEntry::of(stamp.version, &entry.platform, &program) != *entry {
            return Err(format!("{} is not what the manifest says", entry.name).into());
        }
        let word = if matches!(verdict, Verdict::New { .. }) { "good" } else { "good, and nothing newer" };
        println!("{}: {word}", entry.name);
    }
    Ok(())
}

fn public_keys(paths: &[PathBuf]) -> Result<Vec<PublicKey>> {
    paths.iter().map(|path| Ok(PublicKey::parse(&fs::read_to_string(path)?)?)).collect()
}
