//! What a release is stamped with after it was built: version, channel, the keys that it believes, where it looks for
//! updates.
//!
//! The stamp lies in the executable itself, in a place that the linker fills with blanks and the release tool fills in
//! (before the file is signed for Windows). So one build can be released, tested and released again under another version
//! without being built anew, and there is no way to make a program believe another key than to change the program: no
//! option, no environment variable, no file. A build that nobody stamped believes no key, and says so when it is asked for
//! updates.

use std::hint::black_box;

use serde::{Deserialize, Serialize};

use crate::keys::PublicKey;
use crate::version::Version;

/// Room for the stamp, bytes.
const ROOM: usize = 2048;
/// Length of what marks the place.
const MARK: usize = 24;
/// Mark, then the length of the text.
const HEAD: usize = MARK + 2;

/// The place of the stamp. The mark must occur in no other place of the executable: it is read from here alone.
#[used]
static PLACE: [u8; ROOM] = blank();

const fn blank() -> [u8; ROOM] {
    let mark = *b"\xf5PIAOXIA-RELEASE-STAMP:\xf5";
    let mut place = [0; ROOM];
    let mut at = 0;
    while at < MARK {
        #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
        {
            place[at] = mark[at];
        }
        at += 1;
    }
    place
}

/// What a release knows of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Its version.
    pub version: Version,
    /// Which releases it follows: `stable`, `preview`.
    pub channel: String,
    /// HTTPS address of the folder in which releases appear; none: only from folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// Keys that it believes: the current one and the next.
    pub keys: Vec<PublicKey>,
}

/// Why a stamp cannot be read or set.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The file is no build of this program.
    #[error("there is no place for a stamp, or more than one")]
    NoPlace,
    /// The stamp is longer than its place.
    #[error("the stamp is too long: {length} of {ROOM} bytes")]
    TooLong {
        /// Bytes.
        length: usize,
    },
    /// What stands there is no stamp.
    #[error("the stamp cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A release believes one key or two.
    #[error("a release believes one key or two")]
    Keys,
}

impl Stamp {
    /// The stamp of the running program; none of a build that is no release.
    #[must_use]
    pub fn of_this_program() -> Option<Self> {
        match read(black_box(&PLACE)) {
            Ok(stamp) => stamp,
            Err(error) => {
                tracing::error!(%error, "the program's stamp; it counts as no release");
                None
            }
        }
    }

    /// The stamp of an executable file's bytes; none of a build that was not stamped.
    ///
    /// # Errors
    /// [`StampError`]: no build of this program, or damaged.
    pub fn of(executable: &[u8]) -> Result<Option<Self>, StampError> {
        let at = place_of(executable)?;
        read(executable.get(at..at + ROOM).ok_or(StampError::NoPlace)?)
    }

    /// Sets the stamp of an executable file's bytes, or replaces it.
    ///
    /// # Errors
    /// [`StampError`]; nothing is changed then.
    pub fn set(&self, executable: &mut [u8]) -> Result<(), StampError> {
        if !(1..=2).contains(&self.keys.len()) {
            return Err(StampError::Keys);
        }
        let text = serde_json::to_vec(self)?;
        let length = u16::try_from(text.len()).ok().filter(|length| HEAD + usize::from(*length) <= ROOM);
        let length = length.ok_or(StampError::TooLong { length: HEAD + text.len() })?;
        let at = place_of(executable)?;
        let place = executable.get_mut(at + MARK..at + ROOM).ok_or(StampError::NoPlace)?;
        place.fill(0);
        for (to, from) in place.iter_mut().zip(length.to_le_bytes().iter().chain(&text)) {
            *to = *from;
        }
        Ok(())
    }
}

/// Reads the text of a place.
fn read(place: &[u8]) -> Result<Option<Stamp>, StampError> {
    let length = match place.get(MARK..HEAD) {
        Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => return Err(StampError::NoPlace),
    };
    if length == 0 {
        return Ok(None);
    }
    let text = place.get(HEAD..HEAD + length).ok_or(StampError::NoPlace)?;
    let stamp: Stamp = serde_json::from_slice(text)?;
    if (1..=2).contains(&stamp.keys.len()) { Ok(Some(stamp)) } else { Err(StampError::Keys) }
}

/// Where the one place of an executable is.
fn place_of(executable: &[u8]) -> Result<usize, StampError> {
    let mark = black_box(&PLACE).get(..MARK).ok_or(StampError::NoPlace)?;
    let mut places = memchr::memmem::find_iter(executable, mark);
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(at),
        _ => Err(StampError::NoPlace),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::tests::kit::Signer;

    fn stamp(keys: usize) -> Stamp {
        let keys = (0..keys).map(|_| Signer::new().public()).collect();
        Stamp { version: Version::new(0, 2, 0), channel: "stable".into(), feed: Some("https://example.com/piaoxia/".into()), keys }
    }

    #[test]
    fn a_build_that_nobody_stamped_is_no_release() {
        assert_eq!(Stamp::of_this_program(), None);
        assert_eq!(Stamp::of(&std::fs::read(std::env::current_exe().unwrap()).unwrap()).unwrap(), None);
    }

    #[test]
    fn a_stamp_is_read_as_it_was_set_and_replaced() {
        let mut executable = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let length = executable.len();
        for stamp in [stamp(2), Stamp { feed: None, ..stamp(1) }] {
            stamp.set(&mut executable).unwrap();
            assert_eq!(Stamp::of(&executable).unwrap(), Some(stamp));
        }
        assert_eq!(executable.len(), length);
    }

    #[test]
    fn what_is_no_stamp_is_refused() {
        assert!(matches!(Stamp::of(b"MZ"), Err(StampError::NoPlace)));
        assert!(matches!(Stamp::of(&[PLACE, PLACE].concat()), Err(StampError::NoPlace)), "two places");
        let mut place = PLACE;
        assert!(matches!(stamp(0).set(&mut place), Err(StampError::Keys)));
        assert!(matches!(stamp(3).set(&mut place), Err(StampError::Keys)));
        let long = Stamp { channel: "x".repeat(ROOM), ..stamp(1) };
        assert!(matches!(long.set(&mut place), Err(StampError::TooLong { .. })));
        assert_eq!(place, PLACE);
        place[MARK] = 9;
        assert!(matches!(Stamp::of(&place), Err(StampError::Unreadable(_))));
    }
}
