//! A disk behind a card reader, spoken to as its profile says.

#[cfg(test)]
mod fuzz;

use std::sync::Arc;

use encoding_rs::GBK;
use piaoxia_domain::TaxNumber;
use zeroize::Zeroizing;

use crate::apdu::{self, Answer, Command, Link};
use crate::certificate::Certificate;
use crate::device::Device;
use crate::disk::{Atr, Contents, KeyReference, Tries};
use crate::error::{Damage, DiskError, Result};
use crate::password::Password;
use crate::profile::{Encoding, Field, Header, Profile, Profiles, SignAnswer, SignInput, StatusWord};
use crate::signature::{self, Signature};

/// Longest certificate on a card, bytes.
const CERTIFICATE_BYTES: usize = 16 * 1024;

/// A card whose application is selected.
pub(crate) struct Card<'l> {
    link: &'l mut dyn Link,
    profile: Arc<Profile>,
    certificate: Option<Certificate>,
}

impl<'l> Card<'l> {
    /// Selects the application of the first profile that the card has.
    pub fn open(link: &'l mut dyn Link, profiles: &Profiles, atr: &Atr) -> Result<Self> {
        for profile in profiles.knowing(atr) {
            let select = Command::new(profile.commands.select_application, &profile.aid.0, Some(256));
            let answer = apdu::exchange(link, &select, profile.transport.long)?;
            if is_any(&profile.status.done, answer.status) {
                return Ok(Self { link, profile: Arc::clone(profile), certificate: None });
            }
            if !is_any(&profile.status.missing, answer.status) {
                return Err(DiskError::Refused(answer.status));
            }
        }
        Err(DiskError::UnknownCard { atr: atr.clone() })
    }

    fn ask(&mut self, header: Header, data: &[u8], expected: Option<u32>) -> Result<Answer> {
        apdu::exchange(self.link, &Command::new(header, data, expected), self.profile.transport.long)
    }

    /// The error that a status word means; none when it is done.
    fn fault(&self, status: u16) -> Option<DiskError> {
        let words = &self.profile.status;
        if is_any(&words.done, status) {
            return None;
        }
        Some(match words.wrong_password.matches(status) {
            Some(0) => DiskError::Locked,
            Some(left) => DiskError::WrongPassword { left: Tries::of(left) },
            None if is_any(&words.locked, status) => DiskError::Locked,
            None if is_any(&words.not_verified, status) => DiskError::NotVerified,
            None => DiskError::Refused(status),
        })
    }

    fn select(&mut self, file: &[u8]) -> Result<()> {
        let answer = self.ask(self.profile.commands.select_file, file, None)?;
        self.fault(answer.status).map_or(Ok(()), Err)
    }

    /// Reads `length` bytes from `offset` of the selected file; fewer when it ends before.
    fn read(&mut self, offset: usize, length: usize) -> Result<Vec<u8>> {
        let chunk = usize::from(self.profile.transport.chunk);
        let mut out = Vec::with_capacity(length);
        while out.len() < length {
            let wanted = (length - out.len()).min(chunk);
            // A profile's fields, and certificates, end before 32768.
            let [high, low] = u16::try_from(offset + out.len()).unwrap_or(u16::MAX).to_be_bytes();
            let [class, instruction] = self.read_header()?;
            let answer = self.ask(Header([class, instruction, high, low]), &[], u32::try_from(wanted).ok())?;
            let ends = is_any(&self.profile.status.end, answer.status);
            if let Some(fault) = self.fault(answer.status).filter(|_| !ends) {
                return Err(fault);
            }
            if answer.data.len() > wanted {
                return Err(DiskError::Damaged(Damage::TooLong));
            }
            let nothing = answer.data.is_empty();
            out.extend(answer.data);
            if ends {
                break;
            }
            if nothing {
                return Err(DiskError::Damaged(Damage::TooShort));
            }
        }
        Ok(out)
    }

    fn read_header(&self) -> Result<[u8; 2]> {
        self.profile.commands.read.0.as_slice().try_into().map_err(|_| DiskError::Damaged(Damage::TooShort))
    }

    fn text(&mut self, field: fn(&Profile) -> &Field) -> Result<String> {
        let profile = Arc::clone(&self.profile);
        let field = field(&profile);
        self.select(&field.file.0)?;
        let bytes = self.read(usize::from(field.offset), usize::from(field.length))?;
        decode(&bytes, field.encoding).ok_or(DiskError::Damaged(Damage::Text))
    }

    fn certificate(&mut self) -> Result<Certificate> {
        if let Some(certificate) = &self.certificate {
            return Ok(certificate.clone());
        }
        let profile = Arc::clone(&self.profile);
        self.select(&profile.certificate.file.0)?;
        let head = self.read(0, 4)?;
        let length = match head.as_slice() {
            [0x30, 0x82, high, low] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => return Err(DiskError::Damaged(Damage::Certificate)),
        };
        if length > CERTIFICATE_BYTES {
            return Err(DiskError::Damaged(Damage::TooLong));
        }
        let rest = self.read(4, length - 4)?;
        let certificate = Certificate::read(&[head, rest].concat())?;
        self.certificate = Some(certificate.clone());
        Ok(certificate)
    }
}

impl Device for Card<'_> {
    fn serial(&mut self) -> Result<String> {
        let serial = self.text(|profile| &profile.fields.serial)?;
        // The guard knows disks by their number: one without would share its counter's story with others.
        if serial.is_empty() { Err(DiskError::Damaged(Damage::Text)) } else { Ok(serial) }
    }

    fn contents(&mut self) -> Result<Contents> {
        let serial = self.serial()?;
        let company = self.text(|profile| &profile.fields.company)?;
        let tax_number = TaxNumber::from_document(&self.text(|profile| &profile.fields.tax_number)?);
        let certificate = self.certificate()?;
        let tries = self.tries()?;
        let (kind, key) = (self.profile.kind, KeyReference::Card(self.profile.sign.key));
        Ok(Contents { kind, serial, company, tax_number, certificate, key, tries })
    }

    fn tries(&mut self) -> Result<Tries> {
        let Some(header) = self.profile.commands.tries else { return Ok(Tries::Unknown) };
        let answer = self.ask(header, &[], None)?;
        match self.fault(answer.status) {
            // The password was given before in this session: such a card does not say.
            None => Ok(Tries::Unknown),
            Some(DiskError::WrongPassword { left }) => Ok(left),
            Some(DiskError::Locked) => Ok(Tries::Locked),
            Some(fault) => Err(fault),
        }
    }

    fn password_length(&self) -> (u8, u8) {
        (self.profile.password.least, self.profile.password.most)
    }

    fn present(&mut self, password: &Password) -> Result<()> {
        let mut bytes = Zeroizing::new(password.as_bytes().to_vec());
        if let Some(fill) = &self.profile.password.fill {
            bytes.resize(usize::from(fill.length), fill.byte.0.first().copied().unwrap_or_default());
        }
        let answer = apdu::exchange_once(self.link, &Command::new(self.profile.commands.verify, &bytes, None))?;
        self.fault(answer.status).map_or(Ok(()), Err)
    }

    fn sign(&mut self, challenge: &[u8]) -> Result<Signature> {
        let certificate = self.certificate()?;
        let profile = Arc::clone(&self.profile);
        let digest;
        let input = match profile.sign.input {
            SignInput::Digest => {
                digest = signature::challenge_digest(certificate.signer(), challenge)?;
                &digest[..]
            }
            SignInput::Message => challenge,
        };
        let answer = self.ask(profile.commands.sign, input, Some(256))?;
        if let Some(fault) = self.fault(answer.status) {
            return Err(fault);
        }
        let made = match profile.sign.answer {
            SignAnswer::Raw => answer.data.as_slice().try_into().ok().map(Signature::from_raw),
            SignAnswer::Der => Signature::from_der(&answer.data),
        };
        made.ok_or(DiskError::Damaged(Damage::Signature))?.proved(certificate.signer(), challenge)
    }
}

fn is_any(words: &[StatusWord], status: u16) -> bool {
    words.iter().any(|word| word.matches(status).is_some())
}

/// The text of a field, fit to show; none when it is not of this encoding.
fn decode(bytes: &[u8], encoding: Encoding) -> Option<String> {
    let end = bytes.iter().rposition(|byte| !matches!(byte, 0 | 0xFF | b' ')).map_or(0, |last| last + 1);
    let bytes = bytes.get(..end)?;
    let text = match encoding {
        Encoding::Ascii => bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into_owned())?,
        Encoding::Utf8 => std::str::from_utf8(bytes).ok()?.to_owned(),
        Encoding::Gbk => GBK.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned(),
        Encoding::Bcd => bcd(bytes)?,
    };
    Some(fit(&text))
}

/// Digits in half bytes; a last F fills.
fn bcd(bytes: &[u8]) -> Option<String> {
    let halves: Vec<u8> = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]).collect();
    let digits = halves.strip_suffix(&[0xF]).unwrap_or(&halves);
    digits.iter().map(|digit| char::from_digit(u32::from(*digit), 10)).collect()
}

/// Fit to show: no control characters, and none that is invisible or turns the reading direction.
pub(crate) fn fit(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control() || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    text.chars().filter(|c| !harmful(*c)).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_cards() {
        assert_eq!(decode(b"44990001\0\0", Encoding::Ascii).as_deref(), Some("44990001"));
        assert_eq!(decode(&[0xB2, 0xE2, 0xCA, 0xD4, 0xFF, 0xFF], Encoding::Gbk).as_deref(), Some("测试"));
        assert_eq!(decode(&[0xB2], Encoding::Gbk), None);
        assert_eq!(decode("测\u{202E}试".as_bytes(), Encoding::Utf8).as_deref(), Some("测试"));
        assert_eq!(decode(&[0x44, 0x99, 0x1F], Encoding::Bcd).as_deref(), Some("44991"));
        assert_eq!(decode(&[0x4A], Encoding::Bcd), None);
        assert_eq!(decode(&[0x80], Encoding::Ascii), None);
        assert_eq!(decode(&[0xFF; 9], Encoding::Ascii).as_deref(), Some(""));
    }
}
