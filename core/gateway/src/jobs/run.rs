//! The work of a job, beside the requests that ask for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_service::contract::{Company, ErrorClass, Fault, JobKind, code};

use super::Running;
use super::way::Way;
use crate::app::App;
use crate::connectors::Task;
use crate::failure::{Answer, Failure};

/// How often the progress moves while the bureau prepares a collection.
const TICK: Duration = Duration::from_millis(100);

/// Runs the job as a task of its own. A panic in it fails the job and nothing else.
pub(super) fn spawn(app: Arc<App>, job: Arc<Running>) {
    tokio::spawn(async move {
        let collection = Arc::new(Mutex::new(None));
        let work = tokio::spawn(work(Arc::clone(&app), Arc::clone(&job), Arc::clone(&collection)));
        match work.await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => job.fail(failure.into_error()),
            Err(error) => job.fail(Failure::internal(format!("the job broke off: {error}")).into_error()),
        }
        let started = collection.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(id) = started
            && let Err(failure) = app.connector.end_collect(&id).await
        {
            tracing::debug!(error = %failure.error(), "the bureau did not take the end of a collection");
        }
    });
}

/// Id of the collection that the bureau has to be told the end of.
type Started = Arc<Mutex<Option<String>>>;

async fn work(app: Arc<App>, job: Arc<Running>, started: Started) -> Answer<()> {
    tokio::select! {
        () = job.until_cancelled() => Ok(()),
        () = app.stopping.cancelled() => Err(Failure::new(ErrorClass::UpstreamDown, code::BUREAU_DOWN, "the service was stopped")),
        done = execute(&app, &job, &started) => done,
    }
}

async fn execute(app: &Arc<App>, job: &Running, started: &Started) -> Answer<()> {
    let company = app.company(&app.book.read(), &job.request.company)?;
    match job.request.kind {
        JobKind::Summary => summarize(app, job, &company).await,
        JobKind::Collect => collect(app, job, &company, started).await,
    }
}

async fn summarize(app: &Arc<App>, job: &Running, company: &Company) -> Answer<()> {
    let query = &job.request.query;
    let way = Way::of(app, &job.account)?;
    let mut rows = at_bureau(app, job, |token| way.summary(company, token, query)).await?;
    if let Some(row) = rows.first_mut()
        && app.dial.take(Fault::WrongTotals).is_some()
    {
        row.totals.invoices += 1;
    }
    job.finish(rows, Vec::new());
    Ok(())
}

async fn collect(app: &Arc<App>, job: &Running, company: &Company, started: &Started) -> Answer<()> {
    let query = &job.request.query;
    let way = Way::of(app, &job.account)?;
    let collection = at_bureau(app, job, |token| way.start(company, token, query)).await?;
    match way {
        // An application cannot be taken back, and its package stays for whoever asks again.
        Way::Disk(_) => job.expect(Some(collection.ready_at)),
        Way::Account(_) => *started.lock().unwrap_or_else(PoisonError::into_inner) = Some(collection.id.clone()),
    }
    wait_until(job, collection.ready_at).await;
    job.expect(None);
    if app.dial.take(Fault::SessionLost).is_some() {
        lose_session(app, job, way).await;
    }
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let at = cursor.as_deref();
        let page = at_bureau(app, job, |token| way.page(company, token, &collection, query, at)).await?;
        let brought = page.items.len();
        items.extend(page.items);
        let share = 50 * items.len() as u64 / page.total.max(1);
        job.progress(50 + u8::try_from(share).unwrap_or(50));
        match page.next {
            // Nothing came, the next page is the same again, or more came than there is: it would go on for ever.
            Some(next) if brought == 0 || cursor.as_ref() == Some(&next) || items.len() as u64 > page.total => {
                return Err(Failure::new(ErrorClass::UpstreamDown, code::BUREAU_DOWN, "the pages of the bureau have no end"));
            }
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    job.finish(Vec::new(), items);
    Ok(())
}

/// Waits while the bureau prepares; the progress moves to the middle meanwhile.
async fn wait_until(job: &Running, ready_at: Timestamp) {
    let milliseconds = ready_at.as_millisecond() - Timestamp::now().as_millisecond();
    let whole = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    let begun = tokio::time::Instant::now();
    while let Some(left) = whole.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) {
        let share = 50 * begun.elapsed().as_millis() / whole.as_millis().max(1);
        job.progress(u8::try_from(share).unwrap_or(50));
        tokio::time::sleep(left.min(TICK)).await;
    }
    job.progress(50);
}

/// Somebody signs in elsewhere, or the disk comes loose.
async fn lose_session(app: &App, job: &Running, way: Way<'_>) {
    if let Way::Disk(platform) = way {
        return app.end_disk(platform, &job.account).await;
    }
    let state = app.book.read();
    let kept = state.accounts.iter().find(|kept| kept.account.id == job.account);
    if let (Some(kept), Some(sandbox)) = (kept, app.connector.sandbox()) {
        sandbox.kick(&kept.upstream);
    }
}

/// Asks the bureau under the job's account, one request of an account at a time. While the account is not signed in the
/// job waits, and goes on from the same place by itself.
async fn at_bureau<'a, T>(app: &Arc<App>, job: &Running, ask: impl Fn(String) -> Task<'a, T>) -> Answer<T> {
    let turn = app.desk.turn(&job.account);
    let mut sign_ins = app.desk.sign_ins();
    let mut called = false;
    loop {
        let Some(token) = app.desk.token(&job.account) else {
            job.waits();
            if !called {
                called = true;
                app.call_for_sign_in(&job.account).await;
                // It may be signed in already.
                continue;
            }
            // The desk outlives its receivers, so this cannot fail while the application is there.
            sign_ins.changed().await.map_err(|_| Failure::internal("the gateway is gone"))?;
            continue;
        };
        called = false;
        job.works();
        let answer = {
            let _mine = turn.lock().await;
            ask(token.clone()).await
        };
        match answer {
            Err(failure) if failure.code() == code::BUREAU_SESSION_LOST => app.desk.lost(&job.account, &token),
            answer => return answer,
        }
    }
}
