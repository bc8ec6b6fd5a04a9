//! `claim`: 报销登记 from the command line, for scripts of a reimbursement system.

use std::collections::HashSet;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::InvoiceKey;
use piaoxia_domain::period::shanghai_day;
use piaoxia_engine::Services;
use piaoxia_store::{Claim, Claimed};
use serde_json::{Value, json};

use super::ledger::{Need, with_ledger};
use super::{Cx, Ended, Fault, Outcome};
use crate::text::fill;

/// Options of `claim`.
#[derive(Debug, Args)]
pub struct Options {
    /// Numbers of invoices: 20 digits, or code-number.
    #[arg(required = true)]
    pub numbers: Vec<String>,
    /// Who.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// When, yyyy-MM-dd; else today.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// What for.
    #[arg(long, default_value = "")]
    pub note: String,
    /// Although it was claimed before.
    #[arg(long)]
    pub again: bool,
}

pub(super) async fn run(cx: &Cx, options: &Options) -> Ended {
    let typed = options.numbers.iter().map(|number| key(cx, number)).collect::<Result<Vec<_>, _>>()?;
    let (keys, repeated) = each_once(typed);
    let now = Timestamp::now();
    let on = options.on.unwrap_or_else(|| shanghai_day(now));
    let claim = Claim { on, by: options.by.trim().to_owned(), note: options.note.trim().to_owned(), at: now, withdrawn: None };
    with_ledger(cx, Need::Write, async |services: &Services| {
        for key in &repeated {
            cx.out.complain(&fill(&cx.text.cli.claim_twice, &[("number", key.number())]));
            cx.out.object(&json!({"event": "repeated", "number": key.number(), "code": key.code()}));
        }
        let count = keys.len();
        let before = services.store().claim(keys, claim, options.again).await?;
        for claimed in &before {
            let Claimed { key, first, .. } = claimed;
            let values = [("number", key.number()), ("on", &first.on.to_string()), ("by", &first.by), ("note", &first.note)];
            cx.out.complain(&fill(&cx.text.cli.claimed_before, &values));
            cx.out.object(&object(claimed));
        }
        if before.is_empty() || options.again {
            cx.say(&cx.text.claims.done, &[("n", &count.to_string())]);
            cx.out.object(&json!({"event": "claimed", "invoices": count}));
            return Ok(Outcome::Done);
        }
        cx.out.complain(&cx.text.cli.claim_again);
        Ok(Outcome::SomeRefused)
    })
    .await
}

/// The invoices, each once, and those that were typed more than once: one use of an invoice is one claim.
fn each_once(typed: Vec<InvoiceKey>) -> (Vec<InvoiceKey>, Vec<InvoiceKey>) {
    let mut seen = HashSet::new();
    typed.into_iter().partition(|key| seen.insert(key.clone()))
}

fn key(cx: &Cx, number: &str) -> Result<InvoiceKey, Fault> {
    number.trim().parse().map_err(|_| Fault::Usage(fill(&cx.text.cli.claim_number, &[("number", number)])))
}

fn object(claimed: &Claimed) -> Value {
    let Claimed { key, first, .. } = claimed;
    json!({"event": "claimedBefore", "number": key.number(), "code": key.code(), "on": first.on, "by": first.by, "note": first.note})
}
