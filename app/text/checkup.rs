//! What 网络自检 found, and the 诊断文件, in the user's words.

use piaoxia_engine::checkup::{Finding, Line, Step, Verdict};
use piaoxia_engine::diagnosis::{Diagnosis, redact_lines};
use piaoxia_engine::event::Rebuilt;
use piaoxia_engine::network::{Network, ProxyChoice};

use super::{Help, Text, fill, megabytes, problem_text, thousands};

/// A step of the check in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineWords {
    /// What was checked.
    pub step: String,
    /// 正常, 注意, 不通, 未检查.
    pub verdict: String,
    /// What was found, in one sentence.
    pub found: String,
    /// What to do next; may be empty.
    pub advice: String,
}

/// Puts a line into words.
#[must_use]
pub fn line_words(text: &Text, line: &Line) -> LineWords {
    let (found, advice) = finding(text, &line.finding);
    LineWords { step: step_name(&text.help, line.step).to_owned(), verdict: verdict(&text.help, line.verdict).to_owned(), found, advice }
}

/// All lines, as they are copied.
#[must_use]
pub fn checkup_text(text: &Text, lines: &[Line]) -> String {
    let one = |line: &Line| {
        let words = line_words(text, line);
        let advice = if words.advice.is_empty() { String::new() } else { format!("\n    {}", words.advice) };
        format!("[{}] {}  {}{advice}\n", words.verdict, words.step, words.found)
    };
    lines.iter().map(one).collect()
}

/// The 诊断文件. Nothing in it is a secret: all of it passes through the one redacting function.
#[must_use]
pub fn diagnosis_text(text: &Text, version: &str, service: &str, preferences: &[(String, String)], of: &Diagnosis) -> String {
    let w = &text.help;
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        out.push_str(&fill(&w.diagnosis_line, &[("name", name), ("value", value)]));
        out.push('\n');
    };
    line(&w.diagnosis_version, version);
    line(&w.diagnosis_system, &format!("{} {}", of.system, of.machine));
    line(&w.diagnosis_data, &of.data);
    line(&w.diagnosis_service, service);
    line(&w.diagnosis_proxy, &proxy(w, &of.network));
    let roots = of.network.roots.as_ref().map_or_else(|| text.common.none.clone(), |roots| format!("{} ({})", roots.name, roots.count()));
    line(&w.diagnosis_roots, &roots);
    line(&w.diagnosis_pin, if of.network.pin.is_some() { &w.diagnosis_yes } else { &text.common.none });
    // Their names are for support alone, and stand apart from what everybody reads.
    let kept: String =
        preferences.iter().map(|(name, value)| fill(&w.diagnosis_line, &[("name", name), ("value", value)]) + "\n").collect();
    let kept = if kept.is_empty() { format!("{}\n", text.common.none) } else { kept };
    let checked = if of.lines.is_empty() { format!("{}\n", w.diagnosis_unchecked) } else { checkup_text(text, &of.lines) };
    let log = if of.log.is_empty() { text.common.none.clone() } else { of.log.join("\n") };
    let parts = [(&w.diagnosis_checkup, checked), (&w.diagnosis_preferences, kept), (&w.diagnosis_log, format!("{log}\n"))];
    let parts: Vec<String> = parts.iter().map(|(head, body)| format!("{head}\n{body}")).collect();
    let all = format!("{}\n\n{out}\n{}", w.diagnosis_head, parts.join("\n"));
    redact_lines(&all)
}

fn proxy(w: &Help, network: &Network) -> String {
    match &network.proxy {
        ProxyChoice::Direct => w.proxy_direct.clone(),
        ProxyChoice::System => w.proxy_system.clone(),
        ProxyChoice::Manual(address) => address.clone(),
    }
}

fn step_name(w: &Help, step: Step) -> &str {
    match step {
        Step::Proxy => &w.step_proxy,
        Step::Name => &w.step_name,
        Step::Connection => &w.step_connection,
        Step::Identity => &w.step_identity,
        Step::Clock => &w.step_clock,
        Step::Gateway => &w.step_gateway,
        Step::Notices => &w.step_notices,
        Step::Disk => &w.step_disk,
        Step::Ledger => &w.step_ledger,
    }
}

fn verdict(w: &Help, verdict: Verdict) -> &str {
    match verdict {
        Verdict::Skipped => &w.verdict_skipped,
        Verdict::Good => &w.verdict_good,
        Verdict::Warning => &w.verdict_warning,
        Verdict::Bad => &w.verdict_bad,
    }
}

/// What was found, and what to do next.
fn finding(text: &Text, finding: &Finding) -> (String, String) {
    let w = &text.help;
    let good = |sentence: &str, values: &[(&str, &str)]| (fill(sentence, values), String::new());
    match finding {
        Finding::InsideProgram => good(&w.inside, &[]),
        Finding::NotReached => good(&w.not_reached, &[]),
        Finding::NoProxy => good(&w.no_proxy, &[]),
        Finding::ThroughProxy { address, manual: true } => good(&w.proxy_typed, &[("address", address)]),
        Finding::ThroughProxy { address, manual: false } => good(&w.proxy_found, &[("address", address)]),
        Finding::Resolved { host, addresses } => {
            let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            good(&w.resolved, &[("host", host), ("addresses", &all.join(", "))])
        }
        Finding::Connected { address, millis } => good(&w.connected, &[("address", &address.to_string()), ("n", &millis.to_string())]),
        Finding::Proved { host } => good(&w.proved, &[("host", host)]),
        Finding::NotEncrypted => good(&w.not_encrypted, &[]),
        Finding::ClockRight => good(&w.clock_right, &[]),
        Finding::ClockWrong { ahead } => (clock_sentence(text, *ahead), w.clock_advice.clone()),
        Finding::NoTime => good(&w.no_time, &[]),
        Finding::Speaks { protocol } => good(&w.speaks, &[("version", protocol)]),
        Finding::OtherContract { protocol } => (fill(&w.other_contract, &[("version", protocol)]), w.other_contract_advice.clone()),
        Finding::SignedOut => good(&w.signed_out, &[]),
        Finding::Notices { count: 0 } => good(&w.no_notices, &[]),
        Finding::Notices { count } => (fill(&w.notices, &[("n", &count.to_string())]), w.notices_advice.clone()),
        Finding::Room { free } => good(&w.room, &[("free", &room(*free))]),
        Finding::LittleRoom { free } => (fill(&w.little_room, &[("free", &room(*free))]), w.little_room_advice.clone()),
        Finding::FolderReadOnly => (w.folder_read_only.clone(), w.folder_read_only_advice.clone()),
        Finding::LedgerSound { invoices } => good(&w.ledger_sound, &[("n", &thousands(*invoices))]),
        Finding::LedgerRebuilt { invoices, lost: 0 } => good(&w.ledger_rebuilt, &[("n", &thousands(*invoices))]),
        Finding::LedgerRebuilt { invoices, lost } => {
            let values = [("n", &*thousands(*invoices)), ("lost", &*thousands(*lost))];
            (fill(&w.ledger_lost, &values), w.ledger_lost_advice.clone())
        }
        Finding::LedgerReadOnly { invoices } => {
            (fill(&w.ledger_read_only, &[("n", &thousands(*invoices))]), w.folder_read_only_advice.clone())
        }
        Finding::NoLedger => good(&w.no_ledger, &[]),
        Finding::Failed { problem } => {
            let words = problem_text(text, problem);
            (words.title, words.advice)
        }
    }
}

/// That the ledger was built anew, and what is missing.
#[must_use]
pub fn rebuilt_line(text: &Text, rebuilt: Rebuilt) -> String {
    let words = &text.frame;
    let sentence = if rebuilt.lost == 0 { &words.rebuilt_notice } else { &words.rebuilt_lost };
    fill(sentence, &[("n", &thousands(rebuilt.invoices)), ("lost", &thousands(rebuilt.lost))])
}

/// By how much the clock is wrong.
#[must_use]
pub fn clock_sentence(text: &Text, ahead: i64) -> String {
    let template = if ahead > 0 { &text.help.clock_ahead } else { &text.help.clock_behind };
    fill(template, &[("much", &how_long(text, ahead.unsigned_abs()))])
}

/// The two largest units of a time, seconds.
fn how_long(text: &Text, seconds: u64) -> String {
    let w = &text.help;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let parts = match seconds {
        0..3600 => [(minutes.max(1), &w.minutes), (0, &w.minutes)],
        3600..86_400 => [(hours, &w.hours), (minutes % 60, &w.minutes)],
        86_400..31_536_000 => [(days, &w.days), (hours % 24, &w.hours)],
        _ => [(days / 365, &w.years), (days % 365, &w.days)],
    };
    let said = parts.iter().filter(|(count, _)| *count > 0);
    said.map(|(count, unit)| fill(unit, &[("n", &count.to_string())])).collect()
}

fn room(bytes: u64) -> String {
    if bytes < 10_000_000_000 { megabytes(bytes) } else { format!("{} GB", bytes / 1_000_000_000) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_engine::Problem;
    use piaoxia_engine::problem::{NetworkFault, What};

    fn all() -> Vec<Finding> {
        let address = std::net::IpAddr::from([10, 0, 0, 1]);
        vec![
            Finding::InsideProgram,
            Finding::NotReached,
            Finding::NoProxy,
            Finding::ThroughProxy { address: "p:1".into(), manual: true },
            Finding::ThroughProxy { address: "p:1".into(), manual: false },
            Finding::Resolved { host: "h".into(), addresses: vec![address] },
            Finding::Connected { address, millis: 3 },
            Finding::Proved { host: "h".into() },
            Finding::NotEncrypted,
            Finding::ClockRight,
            Finding::ClockWrong { ahead: -500_000_000 },
            Finding::NoTime,
            Finding::Speaks { protocol: "1".into() },
            Finding::OtherContract { protocol: "2".into() },
            Finding::SignedOut,
            Finding::Notices { count: 0 },
            Finding::Notices { count: 2 },
            Finding::Room { free: 9 << 30 },
            Finding::LittleRoom { free: 9 << 20 },
            Finding::FolderReadOnly,
            Finding::LedgerSound { invoices: 3 },
            Finding::LedgerRebuilt { invoices: 3, lost: 0 },
            Finding::LedgerRebuilt { invoices: 3, lost: 2 },
            Finding::LedgerReadOnly { invoices: 3 },
            Finding::NoLedger,
            Finding::Failed { problem: Box::new(Problem::new(What::Network(NetworkFault::NameUnknown), "")) },
        ]
    }

    #[test]
    fn every_finding_has_a_sentence_of_its_own_and_a_bad_one_says_what_to_do() {
        let mut sentences = Vec::new();
        for one in all() {
            let (found, advice) = finding(Text::zh_cn(), &one);
            assert!(!found.is_empty() && !found.contains('{') && !advice.contains('{'), "{one:?}: {found} {advice}");
            sentences.push(found);
        }
        let count = sentences.len();
        sentences.sort();
        sentences.dedup();
        assert_eq!(sentences.len(), count);
        for bad in [Finding::ClockWrong { ahead: 400 }, Finding::LittleRoom { free: 1 }, Finding::FolderReadOnly] {
            assert!(!finding(Text::zh_cn(), &bad).1.is_empty(), "{bad:?}");
        }
    }

    #[test]
    fn a_wrong_clock_is_told_in_the_largest_units() {
        let said = |ahead| clock_sentence(Text::zh_cn(), ahead);
        assert!(said(301).contains("快了 5 分钟"), "{}", said(301));
        assert!(said(-3_700).contains("慢了 1 小时 1 分钟"), "{}", said(-3_700));
        assert!(said(2 * 86_400).contains("快了 2 天"), "{}", said(2 * 86_400));
        assert!(said(-15 * 31_536_000 - 86_400).contains("慢了 15 年 1 天"), "{}", said(-15 * 31_536_000 - 86_400));
    }

    #[test]
    fn the_file_holds_what_helps_and_no_number_of_anybody() {
        let of = Diagnosis {
            system: "Linux".into(),
            machine: "x86_64",
            data: "~/Data".into(),
            network: Network { proxy: ProxyChoice::Manual("proxy.corp:8080".into()), ..Network::default() },
            lines: vec![Line { step: Step::Clock, verdict: Verdict::Bad, finding: Finding::ClockWrong { ahead: 86_400 } }],
            log: vec!["token=abc of 91310115MALGJBW58Q".into()],
        };
        let preferences = [("export.pattern".to_owned(), "91310115MALGJBW58Q/{month}".to_owned())];
        let said = diagnosis_text(Text::zh_cn(), "0.1.0", "https://u:p@tax.example/x?secret=1", &preferences, &of);
        for kept in ["0.1.0", "Linux x86_64", "proxy.corp:8080", "tax.example", "快了 1 天", "export.pattern"] {
            assert!(said.contains(kept), "{kept}: {said}");
        }
        for hidden in ["91310115MALGJBW58Q", "abc", "u:p", "secret=1"] {
            assert!(!said.contains(hidden), "{hidden}: {said}");
        }
    }
}
