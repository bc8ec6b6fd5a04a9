//! What every back end can do. It is known to this package alone, because [`Device::present`] would go past the guard.

use crate::disk::{Contents, Tries};
use crate::error::Result;
use crate::password::Password;
use crate::signature::Signature;

/// A disk that is open, for one request.
pub(crate) trait Device {
    /// Its number, which the guard knows it by.
    fn serial(&mut self) -> Result<String>;

    /// All that is on it.
    fn contents(&mut self) -> Result<Contents>;

    /// Reads the counter; spends nothing.
    fn tries(&mut self) -> Result<Tries>;

    /// Fewest and most characters of a password.
    fn password_length(&self) -> (u8, u8);

    /// Sends the password, once. Only [`Guard`](crate::guard::Guard) calls it.
    ///
    /// # Errors
    /// One that [is an answer](crate::DiskError::is_answer), or the way was cut and nothing is known.
    fn present(&mut self, password: &Password) -> Result<()>;

    /// Signs a challenge with the disk's key (SM2 over SM3). The password was presented before.
    fn sign(&mut self, challenge: &[u8]) -> Result<Signature>;
}
