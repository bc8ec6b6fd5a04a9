//! Signatures and the safe mode (安全模式) of the callback.
//!
//! `signature` is the SHA-1 in hex of the sorted and joined token, timestamp and nonce; `msg_signature` has the encrypted
//! text among them. The encrypted text is Base64 of AES-256-CBC over 16 random bytes, the length of the XML (4 bytes, big
//! endian), the XML and the AppID, padded as PKCS#7 with a block of 32; the first half of the key is the IV.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use cbc::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::WeChatError;
use crate::secret::Secret;

/// Length of an EncodingAESKey.
const KEY_TEXT: usize = 43;
const KEY: usize = 32;
/// Block of the padding; that of AES is 16.
const PADDING: usize = 32;
const AES_BLOCK: usize = 16;
/// Random bytes before the message.
const SALT: usize = 16;
/// The random bytes and the length.
const HEAD: usize = SALT + 4;

type Encryptor = cbc::Encryptor<aes::Aes256>;
type Decryptor = cbc::Decryptor<aes::Aes256>;
type AesBlock = Block<aes::Aes256>;

/// SHA-1 in hex of the parts, sorted byte by byte and joined.
pub(crate) fn signature(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in sorted {
        hash.update(part.as_bytes());
    }
    hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares in a time that tells nothing of where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Opens and seals messages of one account.
pub(crate) struct Cipher {
    key: Zeroizing<[u8; KEY]>,
    appid: String,
}

impl Cipher {
    /// # Errors
    /// [`WeChatError::Config`] for a key that is none.
    pub(crate) fn new(key: &Secret, appid: &str) -> Result<Self, WeChatError> {
        // 43 characters hold 258 bits: the two that are over are whatever the platform's random letter left there.
        let engine = GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
        let wrong = || WeChatError::Config("encoding_aes_key: 43 letters and digits".to_owned());
        if key.expose().len() != KEY_TEXT {
            return Err(wrong());
        }
        let padded = Zeroizing::new(format!("{}=", key.expose()));
        let bytes = Zeroizing::new(engine.decode(padded.as_bytes()).map_err(|_| wrong())?);
        let mut key = Zeroizing::new([0; KEY]);
        if bytes.len() != KEY {
            return Err(wrong());
        }
        key.copy_from_slice(&bytes);
        Ok(Self { key, appid: appid.to_owned() })
    }

    /// The XML of an encrypted text. The signature must have been checked before: this one only undoes.
    ///
    /// # Errors
    /// [`WeChatError::Sealed`], or [`WeChatError::OtherAccount`] for another AppID.
    pub(crate) fn open(&self, text: &str) -> Result<String, WeChatError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| WeChatError::Sealed)?;
        let plain = self.decrypt(&bytes).ok_or(WeChatError::Sealed)?;
        let (length, rest) = plain.get(SALT..).and_then(|rest| rest.split_first_chunk::<4>()).ok_or(WeChatError::Sealed)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| WeChatError::Sealed)?;
        let (message, appid) = rest.split_at_checked(length).ok_or(WeChatError::Sealed)?;
        if appid != self.appid.as_bytes() {
            return Err(WeChatError::OtherAccount);
        }
        String::from_utf8(message.to_vec()).map_err(|_| WeChatError::Sealed)
    }

    /// The encrypted text of an XML.
    pub(crate) fn seal(&self, message: &str, salt: [u8; SALT]) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut plain = Vec::with_capacity(HEAD + message.len() + self.appid.len() + PADDING);
        plain.extend_from_slice(&salt);
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(message.as_bytes());
        plain.extend_from_slice(self.appid.as_bytes());
        let padding = PADDING - plain.len() % PADDING;
        plain.extend(std::iter::repeat_n(u8::try_from(padding).unwrap_or_default(), padding));
        let mut blocks = to_blocks(&plain);
        let (key, iv) = self.key_and_iv();
        Encryptor::new(&key.into(), &iv.into()).encrypt_blocks(&mut blocks);
        STANDARD.encode(blocks.concat())
    }

    fn decrypt(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(PADDING) {
            return None;
        }
        let mut blocks = to_blocks(bytes);
        let (key, iv) = self.key_and_iv();
        Decryptor::new(&key.into(), &iv.into()).decrypt_blocks(&mut blocks);
        let mut plain = blocks.concat();
        let padding = usize::from(*plain.last()?);
        let end = plain.len().checked_sub(padding)?;
        if padding == 0 || padding > PADDING || !plain.get(end..)?.iter().all(|byte| usize::from(*byte) == padding) {
            return None;
        }
        plain.truncate(end);
        Some(plain)
    }

    fn key_and_iv(&self) -> ([u8; KEY], [u8; AES_BLOCK]) {
        let mut iv = [0; AES_BLOCK];
        for (byte, from) in iv.iter_mut().zip(self.key.iter()) {
            *byte = *from;
        }
        (*self.key, iv)
    }
}

fn to_blocks(bytes: &[u8]) -> Vec<AesBlock> {
    bytes.as_chunks::<AES_BLOCK>().0.iter().map(|chunk| AesBlock::from(*chunk)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    const KEY_43: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    fn cipher(appid: &str) -> Cipher {
        Cipher::new(&Secret::new(KEY_43.to_owned()), appid).unwrap()
    }

    #[test]
    fn signatures_are_those_of_the_documentation() {
        assert_eq!(signature(&["mytoken", "1700000000", "nonce1"]), "ff20f68ea979187272b89830bb117502d0eb1df8");
        assert_eq!(signature(&["nonce1", "mytoken", "1700000000"]), "ff20f68ea979187272b89830bb117502d0eb1df8");
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "abcd") && !same("abc", ""));
    }

    #[test]
    fn sealing_gives_what_the_platform_gives() {
        // Published with the platform's own sample code: key, AppID, 16 random bytes, text, result.
        let sealed = cipher("wxb11529c136998cb6").seal("我是中文abcd123", *b"aaaabbbbccccdddd");
        assert_eq!(sealed, "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==");
        assert_eq!(cipher("wxb11529c136998cb6").open(&sealed).unwrap(), "我是中文abcd123");
    }

    #[test]
    fn what_another_library_sealed_is_opened() {
        // Made with OpenSSL's enc -aes-256-cbc -nopad.
        let sealed = "Q3stYC6hdFzMh9T8HCvyDPpsPLTN6LjIKSRfHX7+A/ug45lcW7BDbxvCwlqiPU7dGd7/kRYKc3z4ya4tJWQ5JO6u+NSEXq2gz//SSpQNcDfXueF/\
                      YhiCtOs2WddcdTAzhpeg+J/RQ/Tfe/xHmSJLtfotmiCTH6QdVqLOX3aRIz4=";
        let opened = cipher("wx0123456789abcdef").open(sealed).unwrap();
        assert_eq!(opened, "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Content><![CDATA[你好]]></Content></xml>");
        assert_eq!(signature(&["mytoken", "1700000000", "nonce1", sealed]), "b3460a3d1f8fb9080d0b45f9bfc3ba39cb1ee8d5");
        assert_eq!(cipher("wx0123456789abcdee").open(sealed), Err(WeChatError::OtherAccount));
    }

    #[test]
    fn every_length_survives_and_damage_is_refused() {
        let cipher = cipher("wx0123456789abcdef");
        for length in 0..100 {
            let text = "x".repeat(length);
            assert_eq!(cipher.open(&cipher.seal(&text, [length as u8; 16])).unwrap(), text);
        }
        let sealed = cipher.seal("hello", [7; 16]);
        for damaged in ["", "=", "AAAA", "not base64!", &sealed[4..], &"A".repeat(64), &format!("{sealed}{sealed}")] {
            assert!(cipher.open(damaged).is_err(), "{damaged}");
        }
        let bytes = STANDARD.decode(&sealed).unwrap();
        for place in 0..bytes.len() {
            let mut turned = bytes.clone();
            turned[place] ^= 0x80;
            // The first block is random bytes: nothing proves it, which is why the signature is checked first.
            assert!(place < AES_BLOCK || cipher.open(&STANDARD.encode(&turned)).as_deref() != Ok("hello"), "{place}");
        }
    }

    #[test]
    fn keys_have_43_letters_and_any_last_one() {
        for last in ['A', 'B', 'Z', 'a', '9'] {
            let key = Secret::new(format!("{}{last}", &KEY_43[..42]));
            assert!(Cipher::new(&key, "wx0123456789abcdef").is_ok());
        }
        for bad in ["", "short", &format!("{KEY_43}="), &"!".repeat(43), &"é".repeat(21)] {
            assert!(matches!(Cipher::new(&Secret::new(bad.to_owned()), "wx"), Err(WeChatError::Config(_))), "{bad}");
        }
    }
}
