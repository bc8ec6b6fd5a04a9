//! The lines of strace: `PID call(arguments) = result`, strings in hexadecimal, names of open files in `<>`.

use std::collections::HashMap;

/// The calls that change a disk, and those that move the position of an open file.
pub(crate) const CALLS: &str = "openat,creat,read,write,pwrite64,writev,pwritev,lseek,ftruncate,truncate,rename,renameat,renameat2,unlink,\
unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,fallocate,copy_file_range,sendfile,linkat,link,symlink,symlinkat,msync";

/// One call that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub name: String,
    pub arguments: Vec<Argument>,
    pub result: i64,
    /// So many calls had ended when this one began: what others wrote meanwhile is not covered by a sync.
    pub began: usize,
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A string or a buffer.
    Bytes(Vec<u8>),
    /// An open file, with its name at that moment.
    Open(i64, String),
    /// Anything else, as it stands: numbers, flags.
    Word(String),
}

impl Call {
    pub(crate) fn bytes(&self, number: usize) -> Option<&[u8]> {
        match self.arguments.get(number)? {
            Argument::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn text(&self, number: usize) -> Option<String> {
        self.bytes(number).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    pub(crate) fn open(&self, number: usize) -> Option<(i64, &str)> {
        match self.arguments.get(number)? {
            Argument::Open(fd, name) => Some((*fd, name)),
            _ => None,
        }
    }

    pub(crate) fn word(&self, number: usize) -> Option<&str> {
        match self.arguments.get(number)? {
            Argument::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(crate) fn number(&self, number: usize) -> Option<u64> {
        self.word(number)?.parse().ok()
    }
}

/// The calls that succeeded, in the order in which they ended.
pub(crate) fn calls(trace: &str) -> Vec<Call> {
    let mut begun: HashMap<&str, (String, usize)> = HashMap::new();
    let mut calls: Vec<Call> = Vec::new();
    for line in trace.lines() {
        let Some((process, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if let Some(start) = rest.strip_suffix("<unfinished ...>") {
            begun.insert(process, (start.trim_end().to_owned(), calls.len()));
        } else if let Some(end) = rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
            let whole = begun.remove(process).map(|(start, began)| (start + end.1, began));
            calls.extend(whole.and_then(|(line, began)| call(&line, began)));
        } else {
            calls.extend(call(rest, calls.len()));
        }
    }
    calls
}

fn call(line: &str, began: usize) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(')')?;
    let result = result.trim_start().strip_prefix('=')?.trim_start();
    let digits = result.find(|letter: char| !letter.is_ascii_digit() && letter != '-').unwrap_or(result.len());
    let result = result.get(..digits)?.parse().ok()?;
    let call = Call { name: name.to_owned(), arguments: split(arguments).map(argument).collect(), result, began };
    (result >= 0).then_some(call)
}

/// Splits at the commas outside of strings and brackets.
fn split(arguments: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quoted) = (0_i32, false);
    arguments.split(move |letter| {
        match letter {
            '"' => quoted = !quoted,
            '[' | '{' | '<' if !quoted => depth += 1,
            ']' | '}' | '>' if !quoted => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0 && !quoted
    })
}

fn argument(text: &str) -> Argument {
    let text = text.trim();
    if let Some((_, rest)) = text.split_once('"') {
        return Argument::Bytes(unhex(rest.split('"').next().unwrap_or_default()));
    }
    let open = text.split_once('<').and_then(|(fd, name)| {
        let name = unhex(name.trim_end_matches("(deleted)").strip_suffix('>')?);
        Some(Argument::Open(fd.parse().unwrap_or(-1), String::from_utf8(name).ok()?))
    });
    open.unwrap_or_else(|| Argument::Word(text.to_owned()))
}

/// `\x61b` as bytes; letters that are not escaped stand for themselves.
fn unhex(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.strip_prefix("\\x").and_then(|rest| rest.split_at_checked(2));
        let byte = escaped.and_then(|(digits, rest)| Some((u8::from_str_radix(digits, 16).ok()?, rest)));
        match byte {
            Some((byte, after)) => {
                bytes.push(byte);
                rest = after;
            }
            None => {
                bytes.extend(first.to_string().bytes());
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const TRACE: &str = r#"7  openat(AT_FDCWD<\x2f\x74>, "\x61\x2c", O_RDWR|O_CREAT, 0666) = 3<\x2f\x74\x2f\x61\x2c>
7  pwrite64(3<\x2f\x74\x2f\x61\x2c>, "\x00\x22", 2, 512) = 2
8  fsync(3<\x2f\x74\x2f\x61\x2c> <unfinished ...>
7  unlink("\x62" <unfinished ...>
8  <... fsync resumed>) = 0
7  <... unlink resumed>) = -1 ENOENT (No such file or directory)
8  write(4<\x2f\x74\x2f\x63>(deleted), "\x00", 1) = 1
7  +++ exited with 0 +++"#;

    #[test]
    fn lines_become_calls_where_they_end() {
        let calls = calls(TRACE);
        let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
        assert_eq!(names, ["openat", "pwrite64", "fsync", "write"]);
        assert_eq!(calls.iter().map(|call| call.began).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let write = calls.get(1).unwrap();
        assert_eq!(write.open(0), Some((3, "/t/a,")));
        assert_eq!((write.bytes(1), write.number(3)), (Some([0, 0x22].as_slice()), Some(512)));
        assert_eq!(calls.first().unwrap().text(1).unwrap(), "a,");
        assert_eq!(calls.last().unwrap().open(0), Some((4, "/t/c")));
    }
}
