//! Card profiles: how a kind of disk is spoken to, as data. Built in are the files of `resources/data/cards`; others can be read from
//! text of the same form. Everything is checked when it is read, so that a mistyped digit is no command to a card.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::disk::{Atr, DiskKind};

const BUILT_IN: [(&str, &str); 1] = [("sandbox.toml", include_str!("../../../resources/data/cards/sandbox.toml"))];

/// Longest field, bytes.
const FIELD_BYTES: u16 = 512;
/// Longest answer to reset.
const ATR_BYTES: usize = 33;

/// How a kind of disk is spoken to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// For people.
    pub name: String,
    /// Which device.
    pub kind: DiskKind,
    pub(crate) aid: Hex,
    pub(crate) atr: Vec<AtrPattern>,
    pub(crate) transport: Transport,
    pub(crate) commands: Commands,
    pub(crate) password: PasswordForm,
    pub(crate) sign: Sign,
    pub(crate) fields: Fields,
    pub(crate) certificate: CertificateFile,
    pub(crate) status: StatusWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transport {
    pub chunk: u16,
    pub long: Long,
}

/// How commands of more than 255 bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Long {
    Extended,
    Chained,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Commands {
    pub select_application: Header,
    pub select_file: Header,
    pub read: Hex,
    pub verify: Header,
    pub tries: Option<Header>,
    pub sign: Header,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordForm {
    pub least: u8,
    pub most: u8,
    pub fill: Option<Fill>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fill {
    pub byte: Hex,
    pub length: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sign {
    pub key: u8,
    pub input: SignInput,
    pub answer: SignAnswer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignInput {
    Digest,
    Message,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignAnswer {
    Raw,
    Der,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fields {
    pub serial: Field,
    pub tax_number: Field,
    pub company: Field,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    pub file: Hex,
    pub offset: u16,
    pub length: u16,
    pub encoding: Encoding,
}

/// How a text is written on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encoding {
    Ascii,
    Gbk,
    Utf8,
    Bcd,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateFile {
    pub file: Hex,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusWords {
    pub done: Vec<StatusWord>,
    pub wrong_password: StatusWord,
    pub locked: Vec<StatusWord>,
    pub not_verified: Vec<StatusWord>,
    pub missing: Vec<StatusWord>,
    pub end: Vec<StatusWord>,
}

/// Why a profile was refused.
#[derive(Debug, thiserror::Error)]
pub enum ProfileFault {
    /// Not of the form that a profile has; the text says where.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// A value that cannot be.
    #[error("{0}")]
    Value(&'static str),
    /// Another profile has the same application.
    #[error("the application of {0} is taken")]
    Taken(String),
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// The [`ProfileFault`].
    pub fn read(text: &str) -> Result<Self, ProfileFault> {
        let profile: Self = toml::from_str(text)?;
        profile.check().map_err(ProfileFault::Value)?;
        Ok(profile)
    }

    fn check(&self) -> Result<(), &'static str> {
        let must = |holds: bool, fault| if holds { Ok(()) } else { Err(fault) };
        must(!self.name.trim().is_empty(), "a profile has a name")?;
        must((5..=16).contains(&self.aid.0.len()), "an application has 5 to 16 bytes")?;
        must(!self.atr.is_empty(), "a profile names an answer to reset")?;
        must((1..=256).contains(&self.transport.chunk), "chunk is 1 to 256")?;
        must(self.commands.read.0.len() == 2, "read is CLA INS")?;
        let password = &self.password;
        must(password.least >= 4 && password.least <= password.most && password.most <= 64, "a password has 4 to 64 characters")?;
        if let Some(fill) = &password.fill {
            must(fill.byte.0.len() == 1 && fill.length >= password.most && fill.length <= 64, "fill is a byte and at most 64 long")?;
        }
        for field in [&self.fields.serial, &self.fields.tax_number, &self.fields.company] {
            must(field.file.0.len() == 2, "a file is two bytes")?;
            must((1..=FIELD_BYTES).contains(&field.length), "a field has 1 to 512 bytes")?;
            must(u32::from(field.offset) + u32::from(field.length) <= 0x8000, "a field ends before 32768")?;
        }
        must(self.certificate.file.0.len() == 2, "a file is two bytes")?;
        let status = &self.status;
        must(status.wrong_password.0.last() == Some(&None), "wrong_password ends with X")?;
        let fixed = [&status.done, &status.locked, &status.not_verified, &status.missing, &status.end];
        must(fixed.iter().all(|words| words.iter().all(|word| !word.0.contains(&None))), "only wrong_password has an X")?;
        must(!status.done.is_empty() && !status.locked.is_empty(), "done and locked have a status word")
    }

    /// Whether a card with this answer to reset is one of these.
    #[must_use]
    pub fn knows(&self, atr: &Atr) -> bool {
        self.atr.iter().any(|pattern| pattern.fits(atr.as_bytes()))
    }
}

/// Profiles, by application.
#[derive(Clone, Debug)]
pub struct Profiles(Arc<[Arc<Profile>]>);

impl Profiles {
    /// Those that come with the program.
    ///
    /// # Errors
    /// Never: a test reads them.
    pub fn built_in() -> Result<Self, ProfileFault> {
        Self::of(BUILT_IN.iter().map(|(_, text)| *text))
    }

    /// Reads profiles.
    ///
    /// # Errors
    /// The first fault.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, ProfileFault> {
        let mut by_application = BTreeMap::new();
        for text in texts {
            let profile = Profile::read(text)?;
            let name = profile.name.clone();
            if by_application.insert(profile.aid.0.clone(), Arc::new(profile)).is_some() {
                return Err(ProfileFault::Taken(name));
            }
        }
        Ok(Self(by_application.into_values().collect()))
    }

    /// Those that know a card with this answer to reset.
    pub fn knowing(&self, atr: &Atr) -> impl Iterator<Item = &Arc<Profile>> {
        self.0.iter().filter(|profile| profile.knows(atr))
    }
}

/// Bytes written as `D1 56 00`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hex(pub Vec<u8>);

/// CLA INS P1 P2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header(pub [u8; 4]);

/// Bytes, some of them open.
#[derive(Debug)]
pub(crate) struct AtrPattern(Vec<Option<u8>>);

impl AtrPattern {
    fn fits(&self, atr: &[u8]) -> bool {
        self.0.len() == atr.len() && self.0.iter().zip(atr).all(|(wanted, byte)| wanted.is_none_or(|wanted| wanted == *byte))
    }
}

/// Four hexadecimal digits, of which one may be open.
#[derive(Debug)]
pub(crate) struct StatusWord(Vec<Option<u16>>);

impl StatusWord {
    /// Whether it is this one; some with the open digit, 0 without.
    pub fn matches(&self, word: u16) -> Option<u8> {
        let mut open = 0;
        for (place, digit) in self.0.iter().rev().enumerate() {
            let found = (word >> (4 * place)) & 0xF;
            match digit {
                Some(digit) if *digit != found => return None,
                Some(_) => {}
                None => open = u8::try_from(found).unwrap_or_default(),
            }
        }
        Some(open)
    }
}

/// Pairs of digits; `..` is an open byte.
fn pairs(text: &str) -> Result<Vec<Option<u8>>, String> {
    let compact: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    compact
        .chunks(2)
        .map(|pair| match pair {
            ['.', '.'] => Ok(None),
            [high, low] => {
                digit(*high).zip(digit(*low)).map(|(high, low)| Some(high << 4 | low)).ok_or_else(|| format!("no bytes: {text}"))
            }
            _ => Err(format!("half a byte: {text}")),
        })
        .collect()
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    pairs(text)?.into_iter().map(|byte| byte.ok_or_else(|| format!("an open byte: {text}"))).collect()
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        hex(&String::deserialize(from)?).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = hex(&text).map_err(D::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom(format!("not CLA INS P1 P2: {text}")))
    }
}

impl<'de> Deserialize<'de> for AtrPattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = pairs(&text).map_err(D::Error::custom)?;
        if (2..=ATR_BYTES).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(D::Error::custom(format!("no answer to reset: {text}"))) }
    }
}

impl<'de> Deserialize<'de> for StatusWord {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let digit = |c: char| match c {
            'X' => Some(None),
            c => c.to_digit(16).and_then(|digit| u16::try_from(digit).ok()).map(Some),
        };
        let digits: Option<Vec<Option<u16>>> = text.chars().filter(|c| !c.is_whitespace()).map(digit).collect();
        digits.filter(|digits| digits.len() == 4).map(Self).ok_or_else(|| D::Error::custom(format!("not a status word: {text}")))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn sandbox() -> &'static str {
        BUILT_IN[0].1
    }

    #[test]
    fn the_built_in_profiles_are_read() {
        let profiles = Profiles::built_in().unwrap();
        let atr = Atr::new(&hex("3B 88 80 01 50 58 54 41 58 30 30 31 00").unwrap());
        let found = profiles.knowing(&atr).next().unwrap();
        assert_eq!((found.kind, found.to_string().as_str()), (DiskKind::Sandbox, "票匣沙箱税盘"));
        assert!(profiles.knowing(&Atr::new(&[0x3B, 0x00])).next().is_none());
        assert_eq!(found.status.wrong_password.matches(0x63C3), Some(3));
        assert_eq!(found.status.wrong_password.matches(0x6983), None);
    }

    #[test]
    fn a_profile_that_cannot_be_is_refused() {
        for (from, to) in [
            ("aid = \"D1 56 00 00 50 58 54 41 58 01\"", "aid = \"D1 56\""),
            ("aid = \"D1 56 00 00 50 58 54 41 58 01\"", "aid = \"D1 56 00 00 50 5\""),
            ("chunk = 0xE0", "chunk = 0"),
            ("chunk = 0xE0", "chunk = 257"),
            ("select_file = \"00 A4 02 0C\"", "select_file = \"00 A4 02\""),
            ("read = \"00 B0\"", "read = \"00 B0 00\""),
            ("verify = \"00 20 00 01\"", "verify = \"00 20 00 0G\""),
            ("least = 6", "least = 17"),
            ("length = 120", "length = 0"),
            ("length = 120", "length = 513"),
            ("offset = 36", "offset = 32767"),
            ("encoding = \"gbk\"", "encoding = \"big5\""),
            ("wrong_password = \"63 CX\"", "wrong_password = \"63 C0\""),
            ("locked = [\"69 83\"]", "locked = [\"69 8X\"]"),
            ("locked = [\"69 83\"]", "locked = []"),
            ("# fill = { byte = \"FF\", length = 16 }", "fill = { byte = \"FF\", length = 8 }"),
            ("input = \"digest\"", "input = \"digest\"\nother = 1"),
            ("name = \"票匣沙箱税盘\"", "name = \" \""),
            ("atr = [\"3B 88", "atr = [\"\", \"3B 88"),
        ] {
            let text = sandbox().replacen(from, to, 1);
            assert_ne!(text, sandbox(), "{from}");
            assert!(Profile::read(&text).is_err(), "{to}");
        }
        assert!(matches!(Profiles::of([sandbox(), sandbox()]), Err(ProfileFault::Taken(_))));
    }
}
