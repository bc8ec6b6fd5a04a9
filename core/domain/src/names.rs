//! File names made of what invoices say (命名规则): valid on Windows, FAT and exFAT, and never outside their folder.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::invoice::Invoice;

mod field;

pub use field::Field;

/// Longest file or folder name, in UTF-16 units: room is left for what file managers and synchronisers append.
pub const NAME_UNITS: usize = 120;
/// Longest file or folder name in bytes of UTF-8: Linux takes 255, and 80 Chinese characters have 240.
pub const NAME_BYTES: usize = 238;
/// Longest relative path with its extension, in UTF-16 units; Windows takes 260 for the whole path.
pub const PATH_UNITS: usize = 200;
/// The pattern that is used until the user writes one. Its months keep folders small (FAT, below 2,000 files each).
pub const DEFAULT_PATTERN: &str = "{month}/{date}_{kind}_{counterparty}_{number}_{gross}";

/// Folders and the file name of a pattern.
const LEVELS: usize = 5;
/// No level is cut below this many units, the hash included.
const LEAST_UNITS: usize = 20;
/// Kept free behind a stem for ` (12345)` and an extension.
const SUFFIX_UNITS: usize = 17;
/// Longest pattern in characters.
const PATTERN_CHARS: usize = 200;

/// A name that every file system takes, made of any text; never empty, and the same when it is made safe again.
///
/// Normalised to NFC; `< > : " / \ | ? *` and control characters become `_`; invisible characters (zero-width,
/// direction marks) are dropped; no leading dots and tildes, no trailing dots and spaces; reserved device names get a
/// leading `_`; a name longer than [`NAME_UNITS`] or
/// [`NAME_BYTES`] is cut and gets eight digits of a hash, before its extension.
#[must_use]
pub fn safe_file_name(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&visible);
    let replaced: String = composed.chars().map(|c| if is_forbidden(c) { '_' } else { c }).collect();
    let name = replaced
        .trim_start_matches(|c: char| c == '.' || c == '~' || c.is_whitespace())
        .trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() {
        return "_".to_owned();
    }
    if is_reserved(name) { shortened(&format!("_{name}"), NAME_UNITS) } else { shortened(name, NAME_UNITS) }
}

/// Characters that Windows and FAT refuse, and those that no text may hold.
fn is_forbidden(c: char) -> bool {
    let noncharacter = matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE;
    matches!(c, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '\u{2028}' | '\u{2029}') || c.is_control() || noncharacter
}

/// Default-ignorable characters (Unicode, `Default_Ignorable_Code_Point`) and interlinear marks: two names that differ in
/// them look the same, and direction marks can make `exe.pdf` of `fdp.exe`.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Device names of Windows; they stay devices with any extension (`con.pdf`).
fn is_reserved(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    if matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let port = base.strip_prefix("COM").or_else(|| base.strip_prefix("LPT")).map(|digit| digit.chars().collect::<Vec<_>>());
    matches!(port.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The name when it is short enough (`limit` in UTF-16 units, and [`NAME_BYTES`]); else its head, eight digits of its hash,
/// and its extension.
fn shortened(name: &str, limit: usize) -> String {
    if units(name) <= limit && name.len() <= NAME_BYTES {
        return name.to_owned();
    }
    let is_extension = |e: &str| (1..=8).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric());
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let tail = format!("-{:08x}{extension}", fnv1a(name));
    let (mut used_units, mut used_bytes) = (tail.len(), tail.len());
    let fits = |c: &char| {
        used_units += c.len_utf16();
        used_bytes += c.len_utf8();
        used_units <= limit && used_bytes <= NAME_BYTES
    };
    let head: String = stem.chars().take_while(fits).collect();
    format!("{}{tail}", head.trim_end_matches(|c: char| c == '.' || c.is_whitespace()))
}

/// FNV-1a, 32 bits: the same on every run and machine, so that the same invoice always gets the same name.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Why a text is no naming pattern. Positions count characters from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing but spaces.
    #[error("the pattern is empty")]
    Empty,
    /// More than 200 characters.
    #[error("the pattern is longer than {PATTERN_CHARS} characters")]
    TooLong,
    /// A word in braces that names no field.
    #[error("no field is called {name:?} (character {at})")]
    UnknownField {
        /// Position of its brace.
        at: usize,
        /// The word.
        name: String,
    },
    /// A brace without its partner.
    #[error("the brace at character {at} has no partner")]
    Unbalanced {
        /// Position of the brace.
        at: usize,
    },
    /// A character that no file name takes.
    #[error("{character:?} at character {at} cannot be part of a file name")]
    Character {
        /// Its position.
        at: usize,
        /// Which.
        character: char,
    },
    /// Nothing between two `/`, or before the first or after the last.
    #[error("a folder or file without a name at character {at}")]
    EmptyLevel {
        /// Position of its end.
        at: usize,
    },
    /// More than four folders deep.
    #[error("more than {LEVELS} levels at character {at}")]
    TooDeep {
        /// Position where the level that is too many begins.
        at: usize,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// A naming pattern (命名规则), for example `{month}/{date}_{counterparty}_{number}`. `/` or `\` parts folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern {
    levels: Vec<Vec<Piece>>,
}

impl Default for NamePattern {
    /// [`DEFAULT_PATTERN`].
    fn default() -> Self {
        let text = |text: &str| Piece::Text(text.to_owned());
        let fields = [Field::Date, Field::Kind, Field::Counterparty, Field::Number, Field::Gross];
        let name = fields.into_iter().enumerate().flat_map(|(i, field)| {
            let separator = (i > 0).then(|| text("_"));
            separator.into_iter().chain([Piece::Field(field)])
        });
        Self { levels: vec![vec![Piece::Field(Field::Month)], name.collect()] }
    }
}

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`] with the position of what is wrong.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        if pattern.trim().is_empty() {
            return Err(PatternError::Empty);
        }
        if pattern.chars().count() > PATTERN_CHARS {
            return Err(PatternError::TooLong);
        }
        let mut levels = Vec::new();
        let mut start = 0;
        for level in pattern.split(['/', '\\']) {
            let end = start + level.chars().count();
            if levels.len() == LEVELS {
                return Err(PatternError::TooDeep { at: start });
            }
            if level.trim_matches(|c: char| c == '.' || c.is_whitespace()).is_empty() {
                return Err(PatternError::EmptyLevel { at: end });
            }
            levels.push(parse_level(level, start)?);
            start = end + 1;
        }
        Ok(Self { levels })
    }

    /// The pattern with its fields in these words ([`Field::word`] or [`Field::chinese`]); it reads as the same pattern.
    #[must_use]
    pub fn spelled(&self, word: fn(Field) -> &'static str) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field(field) => format!("{{{}}}", word(*field)),
        };
        let levels: Vec<String> = self.levels.iter().map(|level| level.iter().map(piece).collect()).collect();
        levels.join("/")
    }

    /// The invoice's relative path without extension, parted by `/`; claimed in `taken`, so that no other invoice gets it.
    ///
    /// It holds no `..`, no absolute part and no character that a file system refuses. A folder that would be empty is
    /// left out; a file name that would be empty is the invoice's number.
    #[must_use]
    pub fn render(&self, invoice: &Invoice, taken: &mut Taken) -> String {
        let mut names: Vec<String> = self.levels.iter().map(|level| level_text(level, invoice)).collect();
        if let Some(file) = names.last_mut().filter(|file| file.is_empty()) {
            *file = invoice.key.to_string();
        }
        let safe: Vec<String> = names.iter().filter(|name| !name.is_empty()).map(|name| safe_file_name(name)).collect();
        taken.claim(&safe.join("/"), "")
    }

    /// The paths that the first `count` invoices get, for the window.
    #[must_use]
    pub fn preview(&self, invoices: &[Invoice], count: usize) -> Vec<String> {
        let mut taken = Taken::default();
        invoices.iter().take(count).map(|invoice| self.render(invoice, &mut taken)).collect()
    }
}

fn parse_level(level: &str, start: usize) -> Result<Vec<Piece>, PatternError> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut characters = level.chars().zip(start..);
    while let Some((character, at)) = characters.next() {
        match character {
            '{' => {
                let word: String = characters.by_ref().map(|(c, _)| c).take_while(|c| *c != '}').collect();
                if at - start + word.chars().count() + 1 >= level.chars().count() {
                    return Err(PatternError::Unbalanced { at });
                }
                let Some(field) = Field::from_word(word.trim()) else {
                    return Err(PatternError::UnknownField { at, name: word });
                };
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Field(field));
            }
            '}' => return Err(PatternError::Unbalanced { at }),
            character if is_forbidden(character) => return Err(PatternError::Character { at, character }),
            character => text.push(character),
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

/// A field that is empty takes the separators behind it along: `{date}_{code}_{number}` never gives `__`.
fn level_text(level: &[Piece], invoice: &Invoice) -> String {
    const SEPARATORS: [char; 3] = ['_', '-', ' '];
    let mut out = String::new();
    let mut after_empty = false;
    for piece in level {
        match piece {
            Piece::Text(text) if after_empty => out.push_str(text.trim_start_matches(SEPARATORS)),
            Piece::Text(text) => out.push_str(text),
            Piece::Field(field) => {
                let value = field.of(invoice);
                after_empty = value.is_empty();
                out.push_str(&value);
                continue;
            }
        }
        after_empty = false;
    }
    if after_empty { out.trim_end_matches(SEPARATORS).to_owned() } else { out }
}

/// The paths that are given away. Upper and lower case are the same, as Windows has it.
///
/// Only hashes are kept, so that 200,000 names cost a few MiB; two names that share a hash cost a needless ` (2)`.
#[derive(Debug)]
pub struct Taken {
    /// Hash of a path, and the number to try next when it is wanted again.
    next: HashMap<u64, u32>,
    units: usize,
}

impl Default for Taken {
    /// Nothing taken, paths up to [`PATH_UNITS`].
    fn default() -> Self {
        Self::within(PATH_UNITS)
    }
}

impl Taken {
    /// Nothing taken, for a place that leaves this many UTF-16 units to relative paths with their extension; between 121
    /// and [`PATH_UNITS`].
    #[must_use]
    pub fn within(units: usize) -> Self {
        let least = LEVELS * (LEAST_UNITS + 1) - 1 + SUFFIX_UNITS;
        Self { next: HashMap::new(), units: units.clamp(least, PATH_UNITS) }
    }

    /// The path `stem` + `extension` (with its dot, or empty), with ` (2)`, ` (3)`, ... behind the stem when it is taken.
    /// A stem that is too long is cut and gets eight digits of its hash.
    pub fn claim(&mut self, stem: &str, extension: &str) -> String {
        let stem = fitted(stem, self.units - SUFFIX_UNITS);
        let wanted = path_hash(&format!("{stem}{extension}"));
        let mut number = self.next.get(&wanted).copied().unwrap_or(1);
        loop {
            let path = if number == 1 { format!("{stem}{extension}") } else { format!("{stem} ({number}){extension}") };
            number = number.saturating_add(1);
            let hash = path_hash(&path);
            if hash == wanted || !self.next.contains_key(&hash) {
                self.next.insert(hash, 2);
                self.next.insert(wanted, number);
                return path;
            }
        }
    }
}

fn path_hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for c in path.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
        c.hash(&mut hasher);
    }
    hasher.finish()
}

/// Cuts the longest names until the path fits.
fn fitted(path: &str, limit: usize) -> String {
    let mut names: Vec<String> = path.split('/').map(str::to_owned).collect();
    loop {
        let total: usize = names.iter().map(|name| units(name) + 1).sum::<usize>() - 1;
        let Some(longest) = names.iter_mut().max_by_key(|name| units(name)) else { return String::new() };
        let length = units(longest);
        if total <= limit || length <= LEAST_UNITS {
            return names.join("/");
        }
        *longest = shortened(longest, length.saturating_sub(total - limit).max(LEAST_UNITS));
    }
}
