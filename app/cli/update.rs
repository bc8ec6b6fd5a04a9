//! `update`: checks, installs and takes back versions of the program. Nothing of it happens by itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_engine::problem::What;
use piaoxia_engine::update::{self, Checked, Offer, Refusal, Updater};
use piaoxia_engine::{Problem, UpdateSource};
use piaoxia_service::ClientOptions;
use serde_json::{Value, json};

use super::args::{Update, UpdateWord};
use super::{Cx, Ended, Outcome};
use crate::boot::{self, Launch};
use crate::text::{fill, megabytes, release_notes};

/// Between two lines about a download.
const PROGRESS: Duration = Duration::from_secs(2);

pub(super) async fn run(cx: &Cx, options: &Update, launch: &Launch) -> Ended {
    let none = || Problem::new(What::Update(Refusal::NotARelease), "the program does not find itself");
    let updater = launch.updater().ok_or_else(none)?;
    let source = options.from.clone().map_or(UpdateSource::Feed, UpdateSource::Named);
    let figures = boot::client_options(&boot::place(cx.data.clone())?);
    match options.what {
        UpdateWord::Check => {
            let checked = update::check(&updater, &source, figures).await?;
            tell(cx, &checked);
            Ok(Outcome::Done)
        }
        UpdateWord::Apply => apply(cx, &updater, &source, figures).await,
        UpdateWord::Rollback => {
            let before = updater.roll_back().await.map_err(Problem::from)?;
            cx.say(&cx.text.update.rolled_back, &[("version", &before.to_string())]);
            cx.out.object(&json!({"next": before}));
            Ok(Outcome::Done)
        }
    }
}

async fn apply(cx: &Cx, updater: &Updater, source: &UpdateSource, figures: ClientOptions) -> Ended {
    let checked = update::download(updater, source, figures, progress(cx), &cx.stop).await?;
    tell(cx, &checked);
    if matches!(checked, Checked::New(_)) {
        let installed = updater.install().await.map_err(Problem::from)?;
        cx.say(&cx.text.update.installed, &[("version", &installed.to_string())]);
        cx.out.object(&json!({"next": installed}));
    }
    Ok(Outcome::Done)
}

fn tell(cx: &Cx, checked: &Checked) {
    let version = boot::version();
    let (result, offered) = match checked {
        Checked::Current => {
            cx.say(&cx.text.update.current, &[("version", &version.to_string())]);
            ("current", Value::Null)
        }
        Checked::NotYet(offered) => {
            cx.say(&cx.text.update.not_yet, &[("version", &offered.to_string())]);
            ("notYet", json!(offered))
        }
        Checked::New(Offer { version: offered, notes, size }) => {
            cx.say(&cx.text.update.new, &[("version", &offered.to_string()), ("size", &megabytes(*size))]);
            cx.out.say(release_notes(cx.text, notes));
            ("new", json!(offered))
        }
    };
    let notes = if let Checked::New(offer) = checked { json!(offer.notes) } else { Value::Null };
    cx.out.object(&json!({"version": version, "result": result, "offered": offered, "notes": notes}));
}

/// A line every other second, for people.
fn progress(cx: &Cx) -> impl Fn(u64, u64) + Send + Sync {
    let (out, template, told) = (cx.out.clone(), cx.text.update.progress.clone(), Mutex::new(Instant::now()));
    move |done, total| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= PROGRESS {
            *told = Instant::now();
            out.say(&fill(&template, &[("done", &megabytes(done)), ("total", &megabytes(total))]));
        }
    }
}
