//! What can be wrong with a mail, its settings or its queue.

use piaoxia_files::FilesError;

/// Why a mail was not taken. Nothing of its content is repeated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// The settings cannot be used.
    #[error("the mail settings: {0}")]
    Config(String),
    /// Not an address that mail can go to: `name@domain`, ASCII, at most 254 characters.
    #[error("not a mail address ({field})")]
    Address {
        /// Which one: `to`, `from.address`.
        field: &'static str,
    },
    /// A line break or another control character where a header or a fact has one line: somebody tries to add headers.
    #[error("a line break or control character in {field}")]
    Control {
        /// Which one.
        field: &'static str,
    },
    /// `=?`, which starts an encoded word (RFC 2047): readers would show something else than what was checked.
    #[error("an encoded word in {field}")]
    EncodedWord {
        /// Which one.
        field: &'static str,
    },
    /// Nothing there.
    #[error("{field} is empty")]
    Empty {
        /// Which one.
        field: &'static str,
    },
    /// Longer than any real one.
    #[error("{field} is longer than {limit}")]
    TooLong {
        /// Which one.
        field: &'static str,
        /// Characters of a line, bytes of a body.
        limit: usize,
    },
    /// Not an http(s) link.
    #[error("not an http(s) link: {field}")]
    Link {
        /// Which one.
        field: &'static str,
    },
    /// Too many mails wait: the server has been away for long, or somebody floods.
    #[error("{limit} mails wait already")]
    Full {
        /// The bound.
        limit: usize,
    },
    /// The mail could not be put together.
    #[error("the mail cannot be put together: {0}")]
    Build(String),
    /// The queue's folder or file.
    #[error("the mail queue: {0}")]
    Queue(#[from] FilesError),
}
