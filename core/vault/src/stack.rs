//! What a call leaves on the stack.
//!
//! Ciphers and hashes work on copies of single blocks, which lie on the stack and are overwritten by nobody: a thread that waits for its
//! next work would hold the last password that it decrypted until something else happens to lie there.

use std::hint::black_box;

use zeroize::Zeroize;

/// Bytes below a call that are overwritten; several times what the deepest one takes.
const SWEPT: usize = 64 << 10;

/// Does something with secrets, and overwrites what it left on the stack of this thread.
pub fn swept<T>(work: impl FnOnce() -> T) -> T {
    let done = apart(work);
    sweep();
    done
}

/// In frames of its own, which end before the sweep begins.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Its own frame lies where those were.
#[inline(never)]
fn sweep() {
    let mut below = [0_u8; SWEPT];
    black_box(&mut below).zeroize();
}
