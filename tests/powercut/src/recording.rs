//! What a program did below a folder.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::trace::{CALLS, Call, calls};

/// One change of the disk, or a line that the program said. Paths are below the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A file with this name, empty unless it was there.
    Open {
        path: PathBuf,
        empty: bool,
    },
    Write {
        path: PathBuf,
        at: usize,
        bytes: Vec<u8>,
    },
    Length {
        path: PathBuf,
        bytes: usize,
    },
    /// What had ended before `since` is on the disk.
    SyncFile {
        path: PathBuf,
        since: usize,
    },
    SyncFolder {
        path: PathBuf,
        since: usize,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    Folder {
        path: PathBuf,
    },
    Said {
        line: String,
    },
}

/// A change, and the number of the call that made it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub number: usize,
    pub change: Change,
}

/// Everything that a program did below a folder, from the first call to the last.
#[derive(Debug)]
pub struct Recording {
    pub(crate) before: Vec<(PathBuf, Option<Vec<u8>>)>,
    pub(crate) steps: Vec<Step>,
}

impl Recording {
    /// Changes of the disk that were recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// True when the program changed nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Runs a program to its end and records what it does below `folder`, an absolute path without links. What is there before
/// counts as being on the disk.
///
/// # Errors
/// Why strace or the program could not be run, a program that failed, and calls that the model does not know.
pub fn record(program: &Command, folder: &Path) -> io::Result<Recording> {
    let before = contents(folder, folder)?;
    let trace = folder.with_extension("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-xx", "-s", "1000000000", "-e", "signal=none", "-e"]).arg(format!("trace={CALLS}"));
    strace.arg("-o").arg(&trace).arg("--").arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    let status = strace.stdout(Stdio::piped()).stderr(Stdio::null()).output()?.status;
    if !status.success() {
        return Err(io::Error::other(format!("the recorded program ended with {status}")));
    }
    let text = fs::read_to_string(&trace)?;
    fs::remove_file(&trace)?;
    let steps = Reader { folder, positions: HashMap::new() }.steps(&calls(&text))?;
    Ok(Recording { before, steps })
}

/// Folders and files below `root`, folders before what they hold.
fn contents(root: &Path, folder: &Path) -> io::Result<Vec<(PathBuf, Option<Vec<u8>>)>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let below = path.strip_prefix(root).map_err(io::Error::other)?.to_path_buf();
        if path.is_dir() {
            found.push((below, None));
            found.extend(contents(root, &path)?);
        } else {
            found.push((below, Some(fs::read(&path)?)));
        }
    }
    Ok(found)
}

struct Reader<'a> {
    folder: &'a Path,
    /// Of each open file: where the next write goes; none for the end.
    positions: HashMap<i64, Option<usize>>,
}

impl Reader<'_> {
    fn steps(mut self, calls: &[Call]) -> io::Result<Vec<Step>> {
        let mut steps = Vec::new();
        for (number, call) in calls.iter().enumerate() {
            let unknown = || io::Error::other(format!("the model does not know {}", call.name));
            let change = self.change(call).ok_or_else(unknown)?;
            steps.extend(change.map(|change| Step { number, change }));
        }
        Ok(steps)
    }

    /// What a call changes; the inner none for what lies elsewhere, the outer one for what cannot be modelled.
    #[expect(clippy::option_option, reason = "nothing to tell and nothing known are two things")]
    fn change(&mut self, call: &Call) -> Option<Option<Change>> {
        let number = call.number(2).and_then(|number| usize::try_from(number).ok());
        Some(match call.name.as_str() {
            "openat" | "creat" => self.opened(call),
            "read" => self.moved(call, |at, result| at.map(|at| at + result)),
            "lseek" => self.moved(call, |_, result| Some(result)),
            "write" if call.open(0).is_some_and(|(fd, _)| fd == 1) => said(call),
            "write" => self.written(call),
            "pwrite64" => {
                let at = call.number(3).and_then(|at| usize::try_from(at).ok())?;
                self.file(call).map(|path| write(path, at, call))
            }
            "ftruncate" => {
                let bytes = call.number(1).and_then(|bytes| usize::try_from(bytes).ok())?;
                self.file(call).map(|path| Change::Length { path, bytes })
            }
            "fsync" | "fdatasync" => self.file(call).map(|path| self.synced(path, call.began)),
            "rename" => self.renamed(call.text(0), call.text(1)),
            "renameat" => self.renamed(call.text(1), call.text(3)),
            "renameat2" => self.renamed(call.text(1), call.text(3)),
            "unlink" | "rmdir" => self.below(&call.text(0)?).map(|path| Change::Remove { path }),
            "unlinkat" => self.removed_at(call),
            "mkdir" => self.below(&call.text(0)?).map(|path| Change::Folder { path }),
            "mkdirat" => self.below(&call.text(1)?).map(|path| Change::Folder { path }),
            // Others may be used elsewhere, but not here.
            _ => {
                let here = call.open(0).is_some_and(|(_, name)| self.below(name).is_some()) || number.is_none();
                return if here { None } else { Some(None) };
            }
        })
    }

    fn below(&self, path: &str) -> Option<PathBuf> {
        Path::new(path).strip_prefix(self.folder).ok().map(Path::to_path_buf)
    }

    /// The open file that a call is about.
    fn file(&self, call: &Call) -> Option<PathBuf> {
        self.below(call.open(0)?.1)
    }

    fn opened(&mut self, call: &Call) -> Option<Change> {
        let (path, flags) = if call.name == "creat" { (call.text(0)?, "O_CREAT|O_TRUNC") } else { (call.text(1)?, call.word(2)?) };
        let path = self.below(&path)?;
        let append = flags.contains("O_APPEND");
        self.positions.insert(call.result, if append { None } else { Some(0) });
        let made = flags.contains("O_CREAT") && !flags.contains("O_TMPFILE");
        (made || flags.contains("O_TRUNC")).then(|| Change::Open { path, empty: flags.contains("O_TRUNC") })
    }

    fn moved(&mut self, call: &Call, to: impl Fn(Option<usize>, usize) -> Option<usize>) -> Option<Change> {
        let (fd, _) = call.open(0)?;
        let result = usize::try_from(call.result).ok()?;
        if let Some(position) = self.positions.get_mut(&fd) {
            // A file to append to is written at its end wherever it was read.
            if position.is_some() {
                *position = to(*position, result);
            }
        }
        None
    }

    fn written(&mut self, call: &Call) -> Option<Change> {
        let path = self.file(call)?;
        let position = self.positions.entry(call.open(0)?.0).or_insert(Some(0));
        let at = *position;
        *position = at.map(|at| at + usize::try_from(call.result).unwrap_or_default());
        Some(write(path, at.unwrap_or(usize::MAX), call))
    }

    fn synced(&self, path: PathBuf, since: usize) -> Change {
        // Folders are never written to, so a name with no file behind it is one.
        if self.folder.join(&path).is_dir() { Change::SyncFolder { path, since } } else { Change::SyncFile { path, since } }
    }

    fn renamed(&self, from: Option<String>, to: Option<String>) -> Option<Change> {
        Some(Change::Rename { from: self.below(&from?)?, to: self.below(&to?)? })
    }

    fn removed_at(&self, call: &Call) -> Option<Change> {
        let (name, path) = (call.open(0).map_or("", |(_, name)| name), call.text(1)?);
        let whole = Path::new(name).join(path);
        self.below(whole.to_str()?).map(|path| Change::Remove { path })
    }
}

/// A write at `usize::MAX` goes to the end.
fn write(path: PathBuf, at: usize, call: &Call) -> Change {
    let length = usize::try_from(call.result).unwrap_or_default();
    let bytes = call.bytes(1).and_then(|bytes| bytes.get(..length)).unwrap_or_default().to_vec();
    Change::Write { path, at, bytes }
}

fn said(call: &Call) -> Option<Change> {
    call.text(1).map(|line| Change::Said { line })
}
