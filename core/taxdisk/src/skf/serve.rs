//! The helper process.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use super::image;
use super::library::Library;
use super::wire::{self, Order, Outcome, Reply};
use crate::error::LibraryFault;

/// How long a library may still take when the program is gone.
const FAREWELL: Duration = Duration::from_secs(2);

/// Loads a library and does what the program at the other end of the pipes asks of it, until they are closed. To be called by the hidden
/// command that [`HelperProgram`](super::HelperProgram) names, with standard input and output, and nowhere else: when the input ends while
/// the library does not answer, it ends the process.
///
/// # Errors
/// The pipes are broken, or the thread that reads cannot be started.
pub fn serve<R: BufRead + Send + 'static>(mut input: R, output: &mut impl Write) -> io::Result<()> {
    let (say, orders) = sync_channel(1);
    let listen = move || {
        loop {
            let order = wire::read::<Order>(&mut input);
            let is_over = !matches!(order, Ok(Some(_)));
            // The other end is gone only together with the process.
            if say.send(order).is_err() || is_over {
                break;
            }
        }
        // The program is gone. A library that hangs does not stay behind.
        thread::sleep(FAREWELL);
        std::process::exit(1);
    };
    thread::Builder::new().name("orders".to_owned()).spawn(listen)?;
    let mut library = None;
    for order in orders {
        let Some(order) = order? else { break };
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
