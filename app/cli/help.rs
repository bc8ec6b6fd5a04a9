//! What is typed, and what is said about it: the help and the mistakes, in the program's language.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, CommandFactory, FromArgMatches};

use super::args::Cli;
use super::fault::Fault;
use crate::text::{Cli as Words, Language, Text, fill};

const TEMPLATE: &str = "{about-with-newline}\n{usage-heading}{usage}\n\n{all-args}{after-help}";

/// Options that every command has, and their place in the help.
const EVERYWHERE: [&str; 6] = ["data", "service", "json", "lang", "help", "version"];
const LAST: usize = 900;

/// What came of reading the command line.
#[derive(Debug)]
pub enum Typed {
    /// Something to do.
    Do(Box<Cli>),
    /// Help or version: a text to be shown.
    Show(String),
    /// Typed wrong.
    Wrong {
        /// How.
        fault: Fault,
        /// JSON is wanted.
        json: bool,
    },
}

/// The language that the user names: with `--lang`, else in the environment. It is looked for before the command line is read, because
/// the help and the mistakes are in it, too.
#[must_use]
pub fn named_language(arguments: &[OsString]) -> Option<Language> {
    let texts = || arguments.iter().map(|argument| argument.to_str().unwrap_or_default());
    let behind = texts().skip_while(|text| *text != "--lang").nth(1);
    let named = behind.or_else(|| texts().find_map(|text| text.strip_prefix("--lang=")));
    named.and_then(Language::from_code).or_else(|| Language::from_code(&std::env::var("PIAOXIA_LANG").ok()?))
}

/// Reads the command line, the program's name first.
#[must_use]
pub fn typed(arguments: impl IntoIterator<Item = OsString>) -> Typed {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let words = &Text::current().cli;
    let json = arguments.iter().any(|argument| argument == "--json");
    let read = worded(words).try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    match read {
        Ok(cli) => Typed::Do(Box::new(cli)),
        Err(error) if !error.use_stderr() => Typed::Show(error.render().to_string().replace("[OPTIONS]", &words.usage_options)),
        Err(error) => Typed::Wrong { fault: Fault::Usage(sentence(&error, words)), json },
    }
}

/// The command line with every word from the texts.
fn worded(words: &'static Words) -> clap::Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).global(true).help(words.arg_help.clone());
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help(words.arg_version.clone());
    let command = Cli::command()
        .about(words.about.clone())
        .long_about(None)
        .after_help(words.after_help.clone())
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading(words.heading_commands.as_str())
        .subcommand_value_name(words.value_command.as_str())
        .args([help, version]);
    dressed(command, words).mut_subcommands(|command| {
        let about = about(command.get_name(), words).to_owned();
        dressed(command.about(about).long_about(None).disable_help_flag(true), words)
    })
}

fn dressed(command: clap::Command, words: &'static Words) -> clap::Command {
    let name = command.get_name().to_owned();
    command.help_template(TEMPLATE.replace("{usage-heading}", &words.heading_usage)).mut_args(|arg| {
        let heading = if arg.is_positional() { &words.heading_arguments } else { &words.heading_options };
        let arg = arg.help_heading(heading.as_str()).long_help(None);
        let takes_values = arg.get_action().takes_values();
        let arg = if takes_values { arg.hide_possible_values(true).hide_default_value(true) } else { arg };
        // A command's own options first.
        let arg = if EVERYWHERE.contains(&arg.get_id().as_str()) { arg.display_order(LAST) } else { arg };
        let arg = match arg.get_id().as_str() {
            "files" => arg.value_name(words.value_files.as_str()),
            "numbers" => arg.value_name(words.value_numbers.as_str()),
            "paths" => arg.value_name(words.value_paths.as_str()),
            "what" if name == "disk" => arg.value_name("list|verify"),
            "what" => arg.value_name("check|apply|rollback"),
            _ => arg,
        };
        match argument(&name, arg.get_id().as_str(), words) {
            Some(help) => arg.help(help.to_owned()),
            None => arg,
        }
    })
}

fn about<'w>(command: &str, words: &'w Words) -> &'w str {
    match command {
        "demo" => &words.about_demo,
        "inspect" => &words.about_inspect,
        "import" => &words.about_import,
        "list" => &words.about_list,
        "stats" => &words.about_stats,
        "export" => &words.about_export,
        "claim" => &words.about_claim,
        "download" => &words.about_download,
        "gateway" => &words.about_gateway,
        "disk" => &words.about_disk,
        "update" => &words.about_update,
        "doctor" => &words.about_doctor,
        "diagnostics" => &words.about_diagnostics,
        _ => "",
    }
}

fn argument<'w>(command: &str, id: &str, words: &'w Words) -> Option<&'w str> {
    Some(match (command, id) {
        (_, "data") => &words.arg_data,
        (_, "json") => &words.arg_json,
        (_, "service") => &words.arg_service,
        (_, "lang") => &words.arg_lang,
        ("demo", "count") => &words.arg_count,
        (_, "seed") => &words.arg_seed,
        ("demo", "out") => &words.arg_out,
        ("inspect", "files") => &words.arg_files,
        ("import", "paths") => &words.arg_paths,
        ("import", "report") => &words.arg_report,
        ("stats", "deduction") => &words.arg_deduction,
        ("stats", "period") => &words.arg_period,
        ("stats", "by") => &words.arg_by,
        ("stats", "top") => &words.arg_top,
        ("stats", "export") => &words.arg_export_table,
        ("export", "postings") => &words.arg_postings,
        ("disk", "what") => &words.arg_disk,
        ("disk", "serial") => &words.arg_serial,
        ("disk", "spend") => &words.arg_spend,
        ("disk", "library") => &words.arg_library,
        (_, "sandbox_disk") => &words.arg_sandbox_disk,
        ("download", "disk") => &words.arg_by_disk,
        ("update", "what") => &words.arg_update,
        ("update", "from") => &words.arg_update_from,
        ("download", "company") => &words.arg_company_to_download,
        (_, "company") => &words.arg_company,
        (_, "from") => &words.arg_from,
        ("export", "to") => &words.arg_to_path,
        ("diagnostics", "to") => &words.arg_to_diagnosis,
        (_, "to") => &words.arg_to,
        (_, "kind") => &words.arg_kind,
        (_, "direction") => &words.arg_direction,
        (_, "status") => &words.arg_status,
        (_, "text") => &words.arg_text,
        (_, "claimed") => &words.arg_claimed,
        ("claim", "numbers") => &words.arg_numbers,
        ("claim", "by") => &words.arg_claim_by,
        ("claim", "on") => &words.arg_claim_on,
        ("claim", "note") => &words.arg_claim_note,
        ("claim", "again") => &words.arg_claim_again,
        ("export", "format") => &words.arg_format,
        ("export", "template") => &words.arg_template,
        ("export", "encoding") => &words.arg_encoding,
        ("export", "pattern") => &words.arg_pattern,
        ("export", "per_page") => &words.arg_per_page,
        ("export", "order") => &words.arg_order,
        ("export", "group") => &words.arg_group,
        ("export", "no_footer") => &words.arg_no_footer,
        ("download", "scope") => &words.arg_scope,
        ("download", "since_last") => &words.arg_since_last,
        ("download", "refresh") => &words.arg_refresh,
        ("download", "no_originals") => &words.arg_no_originals,
        ("download", "sandbox_phone") => &words.arg_sandbox_phone,
        ("gateway", "listen") => &words.arg_listen,
        ("gateway", "keep") => &words.arg_keep,
        ("gateway", "forget") => &words.arg_forget,
        ("gateway", "invoices") => &words.arg_invoices,
        _ => return None,
    })
}

/// One sentence about what was typed wrong.
fn sentence(error: &clap::Error, words: &Words) -> String {
    let context = |kind| error.get(kind).map(shown).unwrap_or_default();
    let (arg, value) = (named(&context(ContextKind::InvalidArg)), context(ContextKind::InvalidValue));
    let said = match error.kind() {
        ErrorKind::UnknownArgument => fill(&words.wrong_unknown, &[("arg", &arg)]),
        ErrorKind::InvalidSubcommand => fill(&words.wrong_command, &[("name", &context(ContextKind::InvalidSubcommand))]),
        ErrorKind::MissingRequiredArgument => fill(&words.wrong_missing, &[("arg", &arg)]),
        ErrorKind::InvalidValue if value.is_empty() => fill(&words.wrong_no_value, &[("arg", &arg)]),
        ErrorKind::InvalidValue if error.get(ContextKind::ValidValue).is_some() => {
            let choices = context(ContextKind::ValidValue);
            fill(&words.wrong_choice, &[("arg", &arg), ("value", &value), ("choices", &choices)])
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => fill(&words.wrong_value, &[("arg", &arg), ("value", &value)]),
        ErrorKind::ArgumentConflict => fill(&words.wrong_twice, &[("arg", &arg)]),
        _ => words.wrong.clone(),
    };
    fill(&words.wrong_then, &[("said", &said)])
}

/// `--format` of `--format <FORMAT>`, and of a place without a name what stands there.
fn named(arg: &str) -> String {
    let name = |one: &str| one.split_once(" <").map_or(one, |(name, _)| name).trim_matches(['<', '>', '.']).to_owned();
    arg.split(", ").map(name).collect::<Vec<_>>().join(", ")
}

fn shown(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    fn type_in(line: &str) -> Typed {
        typed(line.split(' ').map(OsString::from))
    }

    fn wrong(line: &str) -> String {
        match type_in(line) {
            Typed::Wrong { fault: Fault::Usage(said), .. } => said,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn every_command_and_option_is_explained_in_chinese() {
        let mut command = worded(&Text::current().cli);
        command.build();
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for command in std::iter::once(&command).chain(command.get_subcommands()) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(chinese(&about), "{}", command.get_name());
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(chinese(&help), "{} {}: {help:?}", command.get_name(), arg.get_id());
            }
        }
    }

    #[test]
    fn mistakes_name_what_was_typed() {
        assert!(wrong("piaoxia export --format xls --to a.xls").contains("xlsx, csv, jsonl, parquet, originals, print, posting"));
        assert!(wrong("piaoxia export --format xlsx").contains("--to"));
        assert!(wrong("piaoxia list --kind 99").contains("99"));
        assert!(wrong("piaoxia list --colour red").contains("--colour"));
        assert!(wrong("piaoxia lst").contains("lst"));
        assert!(wrong("piaoxia demo --seed 1 --seed 2").contains("--seed"));
        assert!(wrong("piaoxia demo --seed").contains("--seed"));
        for line in ["piaoxia lst", "piaoxia list --from", "piaoxia list --from 2026-02-30", "piaoxia import"] {
            let said = wrong(line);
            assert!(!said.contains('{') && !said.contains("error"), "{said}");
        }
    }

    #[test]
    fn help_is_shown_and_json_is_seen_in_a_wrong_line() {
        let Typed::Show(help) = type_in("piaoxia --help") else { panic!("no help") };
        assert!(help.contains("download") && !help.contains("Usage") && !help.contains("Options"), "{help}");
        let Typed::Show(help) = type_in("piaoxia export --help") else { panic!("no help") };
        assert!(help.contains("--format") && !help.contains("Usage") && !help.contains("possible"), "{help}");
        assert!(matches!(type_in("piaoxia list --json --kind 99"), Typed::Wrong { json: true, .. }));
    }
}
