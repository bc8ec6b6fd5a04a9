//! How a long task tells of itself: to the window by events, to the command line by a closure.

use crate::event::Event;
use crate::outbox::Outbox;

/// Takes what a task tells. The task waits until it is taken.
pub trait Observe<T>: Send {
    /// Takes one value.
    fn observe(&mut self, value: T) -> impl Future<Output = ()> + Send;
}

impl<T: Send, F: FnMut(T) + Send> Observe<T> for F {
    async fn observe(&mut self, value: T) {
        self(value);
    }
}

/// Makes an event of each value.
pub(crate) struct AsEvent<T> {
    outbox: Outbox,
    make: fn(T) -> Event,
}

impl<T> AsEvent<T> {
    pub(crate) fn new(outbox: &Outbox, make: fn(T) -> Event) -> Self {
        Self { outbox: outbox.clone(), make }
    }
}

impl<T: Send> Observe<T> for AsEvent<T> {
    async fn observe(&mut self, value: T) {
        self.outbox.send((self.make)(value)).await;
    }
}
