//! The helper process.

use std::io::{self, BufRead, Write};

use super::image;
use super::library::Library;
use super::wire::{self, Order, Outcome, Reply};
use crate::error::LibraryFault;

/// Loads a library and does what the program at the other end of the pipes asks of it, until they are closed. To be called by the hidden
/// command that [`HelperProgram`](super::HelperProgram) names, with standard input and output.
///
/// # Errors
/// The pipes are broken.
pub fn serve(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut library = None;
    while let Some(order) = wire::read::<Order>(input)? {
        let outcome = obey(&mut library, order);
        wire::write(output, &outcome)?;
    }
    if let Some(mut library) = library {
        library.detach();
    }
    Ok(())
}

fn obey(library: &mut Option<Library>, order: Order) -> Outcome {
    if let Order::Load(path) = &order {
        image::check(path)?;
        *library = Some(Library::load(path)?);
        return Ok(Reply::Done);
    }
    let library = library.as_mut().ok_or_else(|| LibraryFault::NotReadable("none is loaded".to_owned()))?;
    Ok(match order {
        Order::Load(_) => Reply::Done,
        Order::Enumerate => Reply::Devices(library.devices()?),
        Order::Attach(device) => Reply::Facts(library.attach(&device)?),
        Order::Tries => Reply::Tries(library.tries()?),
        Order::Present(password) => library.present(&password.0).map(|()| Reply::Done)?,
        Order::Sign(digest) => Reply::Signature(library.sign(&digest)?),
        Order::Detach => {
            library.detach();
            Reply::Done
        }
    })
}
