//! The access token: one for the whole account, shared by every call.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::error::WeChatError;
use crate::secret::Secret;

/// A stable token is replaced by the platform during its last 5 minutes, when old and new are both good. Asking a little
/// later than that is asking once.
const RENEW_BEFORE: Duration = Duration::from_secs(240);
/// The platform renews by force 20 times a day, and not twice within 30 s.
const FORCED_APART: Duration = Duration::from_secs(30);

/// How a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The present one, or the next when that is nearly over.
    Plain,
    /// A new one; the present one ends.
    Forced,
}

/// A token and how long it lives from now.
pub(crate) struct Fresh {
    pub(crate) token: Secret,
    pub(crate) life: Duration,
}

/// The token at hand. Whoever needs one while another fetches it waits for the same answer.
#[derive(Default)]
pub(crate) struct Access {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<(Secret, Instant)>,
    failed: Option<(WeChatError, Instant)>,
    forced: Option<Instant>,
}

impl Access {
    /// The token; fetched when there is none, it is nearly over, or it is the one that was `refused`.
    ///
    /// A refused token is first asked for plainly: another holder of the account may have renewed it. Only when the same
    /// one comes back, a new one is forced.
    pub(crate) async fn token<F, Fut>(&self, refused: Option<&Secret>, fetch: F) -> Result<Secret, WeChatError>
    where
        F: Fn(Ask) -> Fut,
        Fut: Future<Output = Result<Fresh, WeChatError>>,
    {
        let came = Instant::now();
        let mut held = self.held.lock().await;
        if let Some((token, until)) = &held.token
            && Instant::now() < *until
            && Some(token) != refused
        {
            return Ok(token.clone());
        }
        // A hundred calls that waited for one failed try must not try a hundred times.
        if let Some((error, at)) = &held.failed
            && *at >= came
        {
            return Err(error.clone());
        }
        match renew(&mut held, refused, &fetch).await {
            Ok(token) => Ok(token),
            Err(error) => {
                held.failed = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }
}

async fn renew<F, Fut>(held: &mut Held, refused: Option<&Secret>, fetch: &F) -> Result<Secret, WeChatError>
where
    F: Fn(Ask) -> Fut,
    Fut: Future<Output = Result<Fresh, WeChatError>>,
{
    let mut fresh = fetch(Ask::Plain).await?;
    if Some(&fresh.token) == refused {
        if held.forced.is_some_and(|at| at.elapsed() < FORCED_APART) {
            return Err(WeChatError::Credential { code: 40001 });
        }
        held.forced = Some(Instant::now());
        fresh = fetch(Ask::Forced).await?;
    }
    let margin = RENEW_BEFORE.min(fresh.life / 2);
    held.token = Some((fresh.token.clone(), Instant::now() + (fresh.life - margin)));
    held.failed = None;
    Ok(fresh.token)
}
