//! Tax disks (税盘): signing in by a challenge, and the session.

use reqwest::Method;

use super::transport::{Call, Retry};
use super::{Client, ClientError};
use crate::contract::{DiskChallenge, DiskSession, DiskSignIn};
use piaoxia_domain::AccountId;

impl Client {
    /// Asks for something that a disk has to sign.
    ///
    /// # Errors
    /// `session.notActivated`; `disk.notOffered` where the service takes no disks.
    pub async fn disk_challenge(&self) -> Result<DiskChallenge, ClientError> {
        self.send(Call::post("disk challenge", &["v1", "disks", "challenge"]).retry(Retry::Always)).await
    }

    /// Signs a disk in. After any error a further try needs a challenge of its own.
    ///
    /// # Errors
    /// `disk.challengeGone`, `disk.signatureWrong`, `disk.certificateExpired` and `disk.certificateNotYetValid` with `until`,
    /// `disk.certificateUnknown`, `disk.otherCompany`, `disk.digital`; of the passwords `platform.passwordWrong` and
    /// `platform.confirmationWrong` with `attemptsLeft`, `platform.passwordLocked` and `platform.confirmationLocked` with `until`,
    /// `platform.passwordNeeded`, `platform.passwordCancelled`, `platform.passwordNotAllowed`.
    pub async fn sign_in_disk(&self, request: &DiskSignIn) -> Result<DiskSession, ClientError> {
        self.send(Call::post("sign in disk", &["v1", "disks", "sessions"]).json(request)?).await
    }

    /// The session of a disk, with its limits as they are now.
    ///
    /// # Errors
    /// `bureau.sessionLost` when it is over.
    pub async fn disk_session(&self, account: &AccountId) -> Result<DiskSession, ClientError> {
        self.send(Call::get("disk session", &["v1", "disks", "sessions", &account.0])).await
    }

    /// The disk was pulled out, or signs out. Its jobs wait until it signs in again. One that is over already is no error.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn sign_out_disk(&self, account: &AccountId) -> Result<(), ClientError> {
        let path = ["v1", "disks", "sessions", &account.0];
        self.send_empty(Call::new("sign out disk", Method::DELETE, &path, Retry::Always)).await
    }
}
