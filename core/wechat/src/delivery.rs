//! Repeated deliveries, and the five seconds that the platform waits for a reply.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::WeChat;
use crate::callback::now;
use crate::message::Incoming;

/// What the platform takes as: heard, nothing to say, do not send it again.
pub const SUCCESS: &str = "success";

/// What became of a delivery.
#[derive(Clone)]
enum Fate {
    /// Its handler runs, and somebody may wait for it.
    Running,
    /// The time was over while it ran: [`SUCCESS`] was answered.
    Late,
    /// It is done; what is replied to each repetition.
    Done(Option<Arc<str>>),
}

/// The deliveries of the last time, by identity.
#[derive(Default)]
pub(crate) struct Deliveries {
    inner: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    fates: HashMap<String, Arc<watch::Sender<Fate>>>,
    order: VecDeque<String>,
}

impl Deliveries {
    /// The fate of a delivery, and whether it is a new one.
    fn enter(&self, identity: &str, most: usize) -> (Arc<watch::Sender<Fate>>, bool) {
        let mut known = self.lock();
        if let Some(fate) = known.fates.get(identity) {
            return (Arc::clone(fate), false);
        }
        let fate = Arc::new(watch::Sender::new(Fate::Running));
        known.fates.insert(identity.to_owned(), Arc::clone(&fate));
        known.order.push_back(identity.to_owned());
        while known.order.len() > most.max(1) {
            if let Some(oldest) = known.order.pop_front() {
                known.fates.remove(&oldest);
            }
        }
        (fate, true)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WeChat {
    /// Runs the handler once for a delivery, however often it comes, and gives the body to answer with: [`SUCCESS`] or
    /// the sealed reply. Repetitions get the same reply.
    ///
    /// The handler gives a text to reply, or none. It has [`crate::Options::reply_time`]; when that is over, [`SUCCESS`] is
    /// answered, the handler goes on, and its text follows as 客服消息. It also goes on when the connection is lost; one
    /// that panics replies nothing.
    pub async fn answer<H, F>(&self, incoming: &Incoming, handler: H) -> String
    where
        H: FnOnce(Incoming) -> F,
        F: Future<Output = Option<String>> + Send + 'static,
    {
        let (fate, new) = self.inner.deliveries.enter(&incoming.identity, self.inner.options.deliveries);
        if new {
            let task = handler(incoming.clone());
            tokio::spawn(self.clone().carry_out(task, Arc::clone(&fate), incoming.from.clone()));
        }
        match self.wait(&fate).await {
            Some(text) => self.seal(incoming, &text, &format!("{:016x}", rand::random::<u64>()), now()),
            None => SUCCESS.to_owned(),
        }
    }

    async fn wait(&self, fate: &watch::Sender<Fate>) -> Option<Arc<str>> {
        let mut seen = fate.subscribe();
        let ended = tokio::time::timeout(self.inner.options.reply_time, seen.wait_for(|fate| !matches!(fate, Fate::Running))).await;
        if ended.is_err() {
            // Under the same lock as the handler's end: the text goes out by exactly one of the two ways.
            fate.send_if_modified(|fate| {
                let running = matches!(fate, Fate::Running);
                if running {
                    *fate = Fate::Late;
                }
                running
            });
        }
        match &*fate.borrow() {
            Fate::Done(text) => text.clone(),
            Fate::Running | Fate::Late => None,
        }
    }

    async fn carry_out<F>(self, task: F, fate: Arc<watch::Sender<Fate>>, openid: String)
    where
        F: Future<Output = Option<String>> + Send + 'static,
    {
        let text = tokio::spawn(task).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the handler of a WeChat message broke off");
            None
        });
        let mut late = None;
        fate.send_modify(|fate| {
            let in_time = matches!(fate, Fate::Running);
            let (now, later) = if in_time { (text, None) } else { (None, text) };
            *fate = Fate::Done(now.map(Arc::from));
            late = later;
        });
        if let Some(text) = late {
            match self.send_text(&openid, &text).await {
                Ok(()) => tracing::info!("a late reply went out as a message of its own"),
                Err(error) => tracing::warn!(%error, "a late reply is lost"),
            }
        }
    }
}
