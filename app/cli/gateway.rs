//! `gateway`: the service alone, until it is asked to stop.

use std::path::Path;

use piaoxia_engine::{Secret, secrets};
use piaoxia_gateway::{Gateway, GatewayConfig, GatewayError, Limits};
use piaoxia_service::contract::SandboxSize;
use piaoxia_system::raise_file_handles;
use serde_json::json;

use super::args::Gateway as Options;
use super::{Cx, Ended, Fault, Outcome, secret};
use crate::boot::{BootError, Locked, loss, version};
use crate::text::{fill, problem_line};

/// File handles that are for other things than connections: the state, the log, files that are handed out.
const OWN_HANDLES: usize = 256;
/// Path of the OpenAPI document.
const OPENAPI: &str = "/v1/openapi.json";

pub(super) async fn run(cx: &Cx, options: &Options) -> Ended {
    // The window's own gateway keeps its state in the same folder.
    let locked = Locked::acquire(cx.data.clone())?;
    let state = (!locked.is_read_only()).then(|| locked.path().join("gateway"));
    if state.is_some() {
        cx.log_in(locked.path());
    }
    let keys = cx.options().key_folder;
    if let Some(name) = options.keep.as_ref().or(options.forget.as_ref()) {
        return change_secret(cx, locked.path(), keys.as_deref(), name, options.keep.is_some()).await;
    }
    let kept = secrets::of_gateway(locked.path(), keys.as_deref()).await?;
    let size = SandboxSize { seed: options.seed, invoices: options.invoices };
    let version = version().to_string();
    let config = GatewayConfig { listen: options.listen, limits: limits(), version, ..GatewayConfig::sandbox(size, state) };
    let config = config.with_settings(&kept).map_err(|error| refused(cx, error))?;
    let gateway = Gateway::start(config).await.map_err(|error| refused(cx, error))?;
    for warning in gateway.warnings() {
        cx.out.complain(&problem_line(cx.text, &loss(warning)));
    }
    let address = gateway.base_url().to_owned();
    cx.say(&cx.text.cli.serving, &[("address", &address)]);
    cx.say(&cx.text.cli.openapi, &[("address", &format!("{address}{OPENAPI}"))]);
    cx.out.say(&cx.text.cli.serving_stop);
    cx.out.object(&json!({"address": address, "openapi": format!("{address}{OPENAPI}")}));
    cx.stop.cancelled().await;
    gateway.stop().await;
    cx.out.say(&cx.text.cli.stopped);
    Ok(Outcome::Done)
}

async fn change_secret(cx: &Cx, data: &Path, keys: Option<&Path>, name: &str, keep: bool) -> Ended {
    let (value, sentence) = if keep {
        let value = secret().filter(|value| !value.is_empty()).ok_or_else(|| Fault::Usage(cx.text.cli.secret_empty.clone()))?;
        (Some(Secret::new(value.as_str())), &cx.text.cli.secret_kept)
    } else {
        (None, &cx.text.cli.secret_forgotten)
    };
    secrets::keep_of_gateway(data, keys, name, value).await?;
    cx.say(sentence, &[("name", name)]);
    cx.out.object(&json!({"name": name, "kept": keep}));
    Ok(Outcome::Done)
}

/// Connections need file handles, of which the system gives a process 1,024 until it asks for more.
fn limits() -> Limits {
    let limits = Limits::of_a_service();
    match raise_file_handles() {
        Some(handles) => Limits { connections: limits.connections.min(handles.saturating_sub(OWN_HANDLES).max(1)), ..limits },
        None => limits,
    }
}

/// An address that is taken, or not this PC's, and settings that cannot be used: mistakes of the operator.
fn refused(cx: &Cx, error: GatewayError) -> Fault {
    match error {
        GatewayError::Listen { address, source } => {
            Fault::Usage(fill(&cx.text.cli.cannot_listen, &[("address", &address.to_string()), ("why", &source.to_string())]))
        }
        GatewayError::Settings { path, reason } => {
            Fault::Usage(fill(&cx.text.cli.wrong_settings, &[("path", &path.display().to_string()), ("why", &reason)]))
        }
        other => BootError::from(other).into(),
    }
}
