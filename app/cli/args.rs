//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use piaoxia_domain::{Behind, DateRange, Direction, InvoiceFilter, Kind, Status, TaxNumber};
use piaoxia_engine::{PrintBy, PrintOrder};
use piaoxia_export::{PerSheet, PrintGroup};

use crate::text::Language;

pub use super::words::{ClaimedWord, DirectionWord, EncodingWord, ExportWord, GroupWord, OrderWord, PerPageWord, ScopeWord};

/// 票匣: all invoices of a company, downloaded, kept, proved and exported on its own PC.
///
/// What a user reads of these options is in the texts, see `help`.
#[derive(Debug, Parser)]
#[command(name = "piaoxia", version = crate::boot::build())]
pub struct Cli {
    /// Data folder; else Data/ beside the executable when portable.txt is there, else the user's folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// One JSON object a line.
    #[arg(long, global = true)]
    pub json: bool,
    /// Address of a hosted service; else the gateway inside the executable with the simulated bureau.
    #[arg(long, global = true, value_name = "URL")]
    pub service: Option<String>,
    /// What is said, and the headings of exports; else the variable PIAOXIA_LANG. Read before anything else, see `named_language`.
    #[arg(long, global = true, value_name = "zh-CN|en", ignore_case = true, value_parser = Language::ALL.map(Language::code))]
    pub lang: Option<String>,
    /// What to do; nothing opens the window.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job headless on the sandbox: sign in, activate, account, download, export.
    Demo(Demo),
    /// Read and check documents; changes nothing.
    Inspect {
        /// Files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Read files and folders into the ledger.
    Import {
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Write what was counted and refused to this workbook.
        #[arg(long, value_name = "FILE.xlsx")]
        report: Option<PathBuf>,
    },
    /// List invoices of the ledger.
    List(Filters),
    /// Counts and sums by kind and month.
    Stats(super::stats::Options),
    /// 报销登记: note that invoices were used, and warn of a second use.
    Claim(super::claim::Options),
    /// Write invoices of the ledger to files.
    Export(Export),
    /// Download invoices from the bureau.
    Download(super::download::Options),
    /// 税盘.
    Disk(super::disk::Options),
    /// Updates of the program.
    Update(Update),
    /// 网络自检.
    Doctor,
    /// 诊断文件.
    Diagnostics {
        /// Text file to write.
        #[arg(long, value_name = "FILE.txt")]
        to: PathBuf,
    },
    /// The service alone, on a port of its own.
    Gateway(Gateway),
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Invoices that the simulated bureau holds.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub count: u64,
    /// Seed of the simulated bureau.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Folder for the exported files.
    #[arg(long, default_value = "piaoxia-demo", value_name = "DIR")]
    pub out: PathBuf,
}

/// Which invoices of the ledger, by day.
#[derive(Debug, Args)]
pub struct Filters {
    /// Last day, yyyy-MM-dd.
    #[arg(long, value_name = "DATE")]
    pub to: Option<Date>,
    /// The other filters.
    #[command(flatten)]
    pub which: Which,
}

/// Which invoices of the ledger.
#[derive(Debug, Args)]
pub struct Which {
    /// Tax number of the company whose ledger it is.
    #[arg(long, value_name = "TAXNO", value_parser = tax_number)]
    pub company: Option<TaxNumber>,
    /// First day, yyyy-MM-dd.
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// Two-digit kinds, separated by commas.
    #[arg(long, value_delimiter = ',', value_parser = kind)]
    pub kind: Vec<Kind>,
    /// issued or received.
    #[arg(long)]
    pub direction: Option<DirectionWord>,
    /// normal, void, redFull, redPart, separated by commas.
    #[arg(long, value_delimiter = ',', value_parser = status)]
    pub status: Vec<Status>,
    /// used or unused: 已报销, 未报销.
    #[arg(long)]
    pub claimed: Option<ClaimedWord>,
    /// Words that must all occur.
    #[arg(long, default_value = "")]
    pub text: String,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// What to write.
    #[arg(long, required_unless_present = "template")]
    pub format: Option<ExportWord>,
    /// A template that the window keeps, or one that the program brings.
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// File, or folder for originals (a name that ends in .zip gives one archive). Given once more as yyyy-MM-dd: last day.
    #[arg(long, value_name = "PATH|DATE", required = true)]
    pub to: Vec<String>,
    /// 命名规则 of originals.
    #[arg(long)]
    pub pattern: Option<String>,
    /// How the text of a CSV file is kept: utf-8 (with a byte order mark) or gb18030.
    #[arg(long, value_name = "utf-8|gb18030")]
    pub encoding: Option<EncodingWord>,
    /// How a print looks.
    #[command(flatten)]
    pub print: Print,
    /// Posting data (入账数据) of `--format posting`, as CSV.
    #[arg(long, value_name = "FILE.csv")]
    pub postings: Option<PathBuf>,
    /// The other filters.
    #[command(flatten)]
    pub which: Which,
}

/// Options of `export --format print`.
#[derive(Clone, Copy, Debug, Args)]
pub struct Print {
    /// Pages of originals on a sheet of A4: 1, 2 or 4.
    #[arg(long, value_name = "1|2|4", default_value = "2")]
    pub per_page: PerPageWord,
    /// Order of the invoices.
    #[arg(long, default_value = "ledger")]
    pub order: OrderWord,
    /// What starts a new sheet.
    #[arg(long, default_value = "none")]
    pub group: GroupWord,
    /// Without count and sum at the foot of each sheet.
    #[arg(long)]
    pub no_footer: bool,
}

/// Options of `gateway`.
#[derive(Debug, Args)]
pub struct Gateway {
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,
    /// Seed of the simulated bureau.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Invoices that the simulated bureau holds for its first company.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    pub invoices: u64,
    /// Take a secret of settings.toml from the input and keep it in the vault; nothing is served.
    #[arg(long, value_name = "NAME", value_parser = piaoxia_gateway::SECRETS, conflicts_with = "forget")]
    pub keep: Option<String>,
    /// Forget such a secret.
    #[arg(long, value_name = "NAME", value_parser = piaoxia_gateway::SECRETS)]
    pub forget: Option<String>,
}

/// Options of `update`.
#[derive(Debug, Args)]
pub struct Update {
    /// check, apply or rollback.
    pub what: UpdateWord,
    /// A folder with a release, or the address of one; else the built-in address.
    #[arg(long, value_name = "DIR|URL")]
    pub from: Option<String>,
}

/// What is wanted of updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UpdateWord {
    /// Is there a newer version?
    Check,
    /// Download and install it; the next start is its.
    Apply,
    /// Go back to the version before.
    Rollback,
}

/// Options that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The last day lies before the first.
    RangeReversed,
    /// An export has no path.
    NoTarget,
    /// An export has more than one path and one day.
    SecondTarget(String),
    /// A deduction summary without a period.
    NoPeriod,
    /// A period without a deduction summary.
    IdlePeriod,
    /// A deduction summary of anything but a company.
    DeductionFilters,
    /// Posting files without posting data.
    NoPostings,
    /// Posting data for another format.
    IdlePostings,
    /// Filters beside posting data, which name the invoices.
    PostingFilters,
    /// An encoding for another format than CSV.
    IdleEncoding,
    /// There is no such template.
    NoTemplate {
        /// Its name.
        wanted: String,
        /// Names of those that there are.
        names: Vec<String>,
    },
    /// A template whose format this version does not know.
    NewerTemplate {
        /// Its name.
        name: String,
        /// The format.
        format: String,
    },
}

impl Print {
    /// As the engine takes it.
    #[must_use]
    pub fn order(&self) -> PrintOrder {
        PrintOrder {
            per_sheet: match self.per_page {
                PerPageWord::One => PerSheet::One,
                PerPageWord::Two => PerSheet::Two,
                PerPageWord::Four => PerSheet::Four,
            },
            by: match self.order {
                OrderWord::Ledger => PrintBy::Ledger,
                OrderWord::Date => PrintBy::Date,
                OrderWord::Seller => PrintBy::Seller,
                OrderWord::Amount => PrintBy::Amount,
            },
            group: match self.group {
                GroupWord::None => PrintGroup::None,
                GroupWord::Seller => PrintGroup::Seller,
                GroupWord::Month => PrintGroup::Month,
            },
            footer: !self.no_footer,
        }
    }
}

impl Filters {
    /// As the ledger takes it.
    ///
    /// # Errors
    /// The range is empty.
    pub fn filter(&self) -> Result<InvoiceFilter, Mistake> {
        self.which.filter(self.to)
    }
}

impl Which {
    /// As the ledger takes it.
    ///
    /// # Errors
    /// The range is empty.
    pub fn filter(&self, to: Option<Date>) -> Result<InvoiceFilter, Mistake> {
        let dates = match (self.from, to) {
            (None, None) => None,
            (from, to) => {
                let range = DateRange::new(from.unwrap_or(Date::MIN), to.unwrap_or(Date::MAX));
                Some(range.ok_or(Mistake::RangeReversed)?)
            }
        };
        Ok(InvoiceFilter {
            company: self.company.clone(),
            dates,
            kinds: self.kind.clone(),
            direction: self.direction.map(Direction::from),
            statuses: self.status.clone(),
            deductions: Vec::new(),
            claimed: self.claimed.map(|word| word == ClaimedWord::Used),
            text: piaoxia_domain::typed::search(&self.text),
            behind: Behind::default(),
        })
    }
}

impl Export {
    /// The target, and the last day if one was given: `--to` is the path, and, where it reads as a date, the day.
    ///
    /// # Errors
    /// There is no path, or more than one.
    pub fn target_and_last_day(&self) -> Result<(PathBuf, Option<Date>), Mistake> {
        let (mut path, mut day) = (None, None);
        for value in &self.to {
            match value.parse::<Date>() {
                Ok(date) if day.is_none() => day = Some(date),
                _ if path.is_none() => path = Some(PathBuf::from(value)),
                _ => return Err(Mistake::SecondTarget(value.clone())),
            }
        }
        path.map(|path| (path, day)).ok_or(Mistake::NoTarget)
    }
}

pub(super) fn tax_number(text: &str) -> Result<TaxNumber, String> {
    TaxNumber::typed(text).map_err(|fault| fault.to_string())
}

fn kind(text: &str) -> Result<Kind, String> {
    let kind = Kind::from_code(text.trim());
    if kind.info().is_some() { Ok(kind) } else { Err(format!("no such kind: {text:?}")) }
}

fn status(text: &str) -> Result<Status, String> {
    Status::KNOWN.into_iter().find(|status| status.word() == text.trim()).ok_or_else(|| format!("no such status: {text:?}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn nothing_opens_the_window() {
        assert!(parse("piaoxia").unwrap().command.is_none());
        assert!(parse("piaoxia --data x").unwrap().data.is_some());
    }

    #[test]
    fn an_export_takes_a_path_and_a_last_day() {
        let cli = parse("piaoxia export --format xlsx --to out.xlsx --from 2026-01-01 --to 2026-01-31 --kind 81,82").unwrap();
        let Some(Command::Export(export)) = cli.command else { panic!("not an export") };
        let (path, day) = export.target_and_last_day().unwrap();
        assert_eq!((path, day), (PathBuf::from("out.xlsx"), Some(jiff::civil::date(2026, 1, 31))));
        let filter = export.which.filter(day).unwrap();
        assert_eq!((filter.kinds.len(), filter.dates.unwrap().days()), (2, 31));
        let cli = parse("piaoxia export --format csv --to 2026-01-31").unwrap();
        let Some(Command::Export(export)) = cli.command else { panic!("not an export") };
        assert_eq!(export.target_and_last_day(), Err(Mistake::NoTarget));
    }

    #[test]
    fn wrong_values_are_refused() {
        for line in [
            "piaoxia list --kind 99",
            "piaoxia list --status gone",
            "piaoxia list --from 2026-13-01",
            "piaoxia stats --company 123",
            "piaoxia demo --count 0",
            "piaoxia import",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
