//! Why a command could not do its work: one sentence, a stable code, an exit code.

use piaoxia_engine::Problem;
use piaoxia_engine::problem::What;
use piaoxia_files::FilesError;
use piaoxia_service::ClientError;
use piaoxia_store::StoreError;
use serde::Serialize;
use serde_json::{Value, json};

use super::args::Mistake;
use super::{Outcome, Output};
use crate::boot::BootError;
use crate::text::{Text, fill, problem_line, problem_text};

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Fault {
    /// Typed wrong; the sentence says how.
    Usage(String),
    /// A person must do something first; the sentence says what.
    NeedsPerson(String),
    /// There is no window to be had.
    Window(String),
    /// Anything that the engine reports.
    Problem(Box<Problem>),
}

impl Fault {
    /// How the command ends.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Usage(_) => Outcome::Usage,
            Self::NeedsPerson(_) => Outcome::NeedsPerson,
            Self::Window(_) => Outcome::Device,
            Self::Problem(problem) => Outcome::of(problem),
        }
    }

    /// The sentence.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        match self {
            Self::Usage(sentence) | Self::NeedsPerson(sentence) => sentence.clone(),
            Self::Window(why) => fill(&text.cli.no_window, &[("why", why)]),
            Self::Problem(problem) => problem_line(text, problem),
        }
    }

    /// Prints the sentence on the error stream and, with `--json`, the object on the output.
    pub fn tell(&self, out: &Output, text: &Text) {
        let sentence = self.sentence(text);
        out.complain(&sentence);
        if let Self::Problem(problem) = self {
            let trace = problem_text(text, problem).trace;
            if !trace.is_empty() {
                out.complain(&trace);
            }
            tracing::error!(detail = problem.detail, "a command failed");
        }
        let request = self.request_id();
        out.object(&json!({"error": {"code": self.code(), "message": sentence, "requestId": request}}));
    }

    fn code(&self) -> String {
        match self {
            Self::Usage(_) => "usage".to_owned(),
            Self::NeedsPerson(_) => "needsPerson".to_owned(),
            Self::Window(_) => "window".to_owned(),
            Self::Problem(problem) => code(&problem.what),
        }
    }

    fn request_id(&self) -> Option<&str> {
        let Self::Problem(problem) = self else { return None };
        problem.api().map(|error| error.request_id.as_str()).filter(|id| !id.is_empty())
    }

    /// Options that do not fit together, in words.
    #[must_use]
    pub fn mistake(mistake: &Mistake, text: &Text) -> Self {
        let words = &text.cli;
        Self::Usage(match mistake {
            Mistake::RangeReversed => words.range_reversed.clone(),
            Mistake::NoTarget => words.no_target.clone(),
            Mistake::NoPeriod => words.deduction_without_period.clone(),
            Mistake::IdlePeriod => words.period_without_deduction.clone(),
            Mistake::DeductionFilters => words.deduction_filters.clone(),
            Mistake::NoPostings => words.posting_no_file.clone(),
            Mistake::IdlePostings => words.posting_only.clone(),
            Mistake::PostingFilters => words.posting_filters.clone(),
            Mistake::IdleEncoding => words.encoding_only.clone(),
            Mistake::NoTemplate { wanted, names } => fill(&words.no_template, &[("name", wanted), ("names", &names.join("、"))]),
            Mistake::NewerTemplate { name, format } => fill(&text.export.template_newer, &[("name", name), ("format", format)]),
            Mistake::SecondTarget(value) => fill(&words.second_target, &[("value", value)]),
        })
    }
}

/// Stable code of what happened: the service's own, else the area and the fault, `store.inUse`.
fn code(what: &What) -> String {
    match what {
        What::Service(error) => error.code.clone(),
        What::Network(fault) => format!("network.{}", word(fault)),
        What::File { fault, .. } => format!("file.{}", word(fault)),
        What::Store(fault) => format!("store.{}", word(fault)),
        What::Preview(fault) => format!("preview.{}", word(fault)),
        What::Update(refusal) => format!("update.{}", word(refusal)),
        What::Vault(fault) => format!("vault.{}", word(fault)),
        What::Disk(error) => format!("disk.{}", word(error)),
        What::NoDiskPassword => "disk.noPassword".to_owned(),
        What::NothingSelected => "nothingSelected".to_owned(),
        What::NotInLedger => "notInLedger".to_owned(),
        What::Pattern => "pattern".to_owned(),
        What::TooWide => "tooWide".to_owned(),
        What::Verification => "verification".to_owned(),
        What::Unlisted { .. } => "unlisted".to_owned(),
        What::Busy => "busy".to_owned(),
        What::Cancelled => "cancelled".to_owned(),
        What::Internal => "internal".to_owned(),
    }
}

/// The name that the fault has in JSON.
fn word<T: Serialize>(fault: &T) -> String {
    match serde_json::to_value(fault) {
        Ok(Value::String(word)) => word,
        // One with details: the name is the only key.
        Ok(Value::Object(details)) => details.keys().next().cloned().unwrap_or_default(),
        _ => "other".to_owned(),
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<BootError> for Fault {
    fn from(error: BootError) -> Self {
        match error {
            BootError::Window(why) => Self::Window(why),
            BootError::Service(ClientError::Address(_)) => Self::Usage(Text::current().cli.wrong_service.clone()),
            error => error.problem().into(),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Self {
        Problem::from(error).into()
    }
}

impl From<FilesError> for Fault {
    fn from(error: FilesError) -> Self {
        Problem::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::problem::{NetworkFault, StoreFault};
    use piaoxia_engine::update::{Refusal, Version};
    use piaoxia_service::contract::{ApiError, ErrorClass, code as api};

    #[test]
    fn codes_and_exits_are_stable() {
        let of = |what| Fault::from(Problem::new(what, "detail"));
        let in_use = of(What::Store(StoreFault::InUse));
        assert_eq!((in_use.code().as_str(), in_use.outcome()), ("store.inUse", Outcome::Store));
        let gone = of(What::Network(NetworkFault::Unreachable));
        assert_eq!((gone.code().as_str(), gone.outcome()), ("network.unreachable", Outcome::Service));
        let update = of(What::Update(Refusal::FailedBefore { version: Version::new(0, 2, 0) }));
        assert_eq!((update.code().as_str(), update.outcome()), ("update.failedBefore", Outcome::NeedsPerson));
        let update = of(What::Update(Refusal::SignatureWrong));
        assert_eq!((update.code().as_str(), update.outcome()), ("update.signatureWrong", Outcome::Service));
        let mut error = ApiError::new(ErrorClass::Locked, api::ACCOUNT_LOCKED, "");
        error.request_id = "r-7".to_owned();
        let locked = Fault::from(Problem::from(error));
        assert_eq!((locked.code().as_str(), locked.outcome()), (api::ACCOUNT_LOCKED, Outcome::NeedsPerson));
        assert_eq!(locked.request_id(), Some("r-7"));
    }
}
