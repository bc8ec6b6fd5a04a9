//! What guessing a passphrase costs: the parameters of Argon2id (RFC 9106).

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Result, VaultError};

/// Bytes of a key.
pub(crate) const KEY: usize = 32;
/// Bytes of a salt.
pub(crate) const SALT: usize = 32;

/// Parameters of Argon2id, kept with each vault. One lane: the implementation computes lanes one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// The least that is opened: a vault that asks for less was made to be guessed.
    pub const FLOOR: Self = Self { memory: 32 * 1024, passes: 2 };
    /// The most that is opened: a vault that asks for more was made to keep the PC busy.
    pub const CEILING: Self = Self { memory: 1024 * 1024, passes: 20 };
    /// Memory of new vaults; an old PC that needs more than a second for three passes over it takes less.
    const MEMORY: u32 = 64 * 1024;
    /// What a try may take on the PC on which the vault is made.
    const AIM: Duration = Duration::from_millis(700);
    const LONGEST: Duration = Duration::from_secs(1);

    /// Measures what takes half a second to a second here. Takes a second itself.
    #[must_use]
    pub fn calibrated() -> Self {
        let timed = |cost: Self| {
            let start = Instant::now();
            // A failure is one of memory, which the smaller try below then shows.
            cost.stretch(b"calibration", &[0; SALT]).map_or(Duration::MAX, |_| start.elapsed())
        };
        let least = Self { memory: Self::MEMORY, passes: 2 };
        let took = timed(least);
        if took > Self::LONGEST {
            return Self::FLOOR;
        }
        let pass = (took / least.passes).max(Duration::from_millis(1));
        let passes = u32::try_from(Self::AIM.as_millis() / pass.as_millis().max(1)).unwrap_or(least.passes);
        Self { memory: Self::MEMORY, passes: passes.clamp(3, Self::CEILING.passes) }
    }

    pub(crate) fn check(self) -> Result<()> {
        let within = |value: u32, low: u32, high: u32| (low..=high).contains(&value);
        let memory = within(self.memory, Self::FLOOR.memory, Self::CEILING.memory);
        let passes = within(self.passes, Self::FLOOR.passes, Self::CEILING.passes);
        if memory && passes { Ok(()) } else { Err(VaultError::Refused("the costs of its passphrase are out of bounds")) }
    }

    /// A key out of a passphrase. The memory it worked in is overwritten.
    pub(crate) fn stretch(self, passphrase: &[u8], salt: &[u8; SALT]) -> Result<Zeroizing<[u8; KEY]>> {
        let refused = |_| VaultError::Refused("the costs of its passphrase are out of bounds");
        let params = Params::new(self.memory, self.passes, 1, Some(KEY)).map_err(refused)?;
        let mut blocks: Vec<Block> = Vec::new();
        let count = params.block_count();
        blocks.try_reserve_exact(count).map_err(|_| VaultError::Refused("this PC has too little memory for it"))?;
        blocks.resize(count, Block::default());
        let mut key = Zeroizing::new([0; KEY]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let made = argon.hash_password_into_with_memory(passphrase, salt, key.as_mut_slice(), &mut blocks);
        blocks.iter_mut().for_each(Zeroize::zeroize);
        made.map_err(refused)?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn costs_that_were_lowered_or_blown_up_are_refused() {
        let Cost { memory, passes } = Cost::FLOOR;
        let bad = [
            Cost { memory: memory - 1, passes },
            Cost { memory, passes: passes - 1 },
            Cost { memory: Cost::CEILING.memory + 1, passes },
            Cost { memory, passes: Cost::CEILING.passes + 1 },
            Cost { memory: 0, passes: 0 },
            Cost { memory: u32::MAX, passes: u32::MAX },
        ];
        assert!(bad.iter().all(|cost| matches!(cost.check(), Err(VaultError::Refused(_)))));
        assert!(Cost::FLOOR.check().is_ok() && Cost::CEILING.check().is_ok());
    }

    #[test]
    fn what_is_measured_here_is_within_the_bounds_and_a_salt_makes_another_key() {
        let cost = Cost::calibrated();
        assert!(cost.check().is_ok(), "{cost:?}");
        let key = |salt| Cost::FLOOR.stretch(b"correct horse", &[salt; SALT]).unwrap();
        assert_eq!(*key(1), *key(1));
        assert_ne!(*key(1), *key(2));
    }

    // RFC 9106, section 5.3, has a secret and associated data, which are not used here; this one was made with the
    // reference implementation (argon2-cffi, argon2-cffi-bindings): m = 32 MiB, t = 2, p = 1, salt of 32 bytes 0x01.
    #[test]
    fn the_key_is_the_one_of_the_reference_implementation() {
        let key = Cost::FLOOR.stretch("票匣口令 2026".as_bytes(), &[1; SALT]).unwrap();
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "e03db6b8353c8e6202349f7ff2bf5039e473762dc0fc0bdb1c9e62f708e7bf4a");
    }
}
