//! 保险箱: passwords, tokens and keys, encrypted in the data folder under one random key.
//!
//! The key is wrapped by a passphrase (口令), and a second copy of it may lie on this PC, outside the data folder, so that a
//! stick which travels gives nothing away. What is kept is small: everything is read at once, and written whole into one of
//! two slots ([`piaoxia_files::Slots`]).
//!
//! ```text
//! passphrase ─ Argon2id ─► wrapping key ─ XChaCha20-Poly1305 ─► vault key ─ HKDF ─► record key, name key, seal key
//! this PC ─ file of the user, on Windows DPAPI ─────────────────┘
//! ```
//! Every function here blocks; Argon2id takes half a second and 64 MiB on purpose.

mod book;
mod cost;
mod crypt;
mod error;
mod here;
mod passphrase;
mod stack;
mod tries;
mod vault;

pub use cost::Cost;
pub use error::{Result, VaultError};
pub use passphrase::{Strength, Weakness, check as check_passphrase};
pub use stack::swept;
pub use vault::{Clock, Place, Status, Vault, Warning};
