//! Words of what is data: kinds, statuses, regions, identities. A code that has no word is shown as it is.

use piaoxia_domain::account::Identity;
use piaoxia_domain::{Kind, Region, Scope, Status};

use super::{Language, Text};

impl Text {
    /// A kind by its full name.
    #[must_use]
    pub fn kind<'k>(&self, kind: &'k Kind) -> &'k str {
        match (self.language, kind.info()) {
            (Language::En, Some(info)) => &info.name_en,
            _ => kind.name(),
        }
    }

    /// A kind, for a table column.
    #[must_use]
    pub fn kind_short<'k>(&self, kind: &'k Kind) -> &'k str {
        match (self.language, kind.info()) {
            (Language::En, Some(info)) => &info.short_en,
            _ => kind.short(),
        }
    }

    /// What a download asks for.
    #[must_use]
    pub fn scope(&self, scope: Scope) -> &str {
        match scope {
            Scope::Deductible => &self.download.scope_deductible,
            Scope::Issued => &self.download.issued,
            Scope::Received => &self.download.received,
        }
    }

    /// A status.
    #[must_use]
    pub fn status<'t>(&'t self, status: &'t Status) -> &'t str {
        let words = &self.ledger;
        match status {
            Status::Normal => &words.status_normal,
            Status::Void => &words.status_void,
            Status::RedFull => &words.status_red_full,
            Status::RedPart => &words.status_red_part,
            Status::Other(text) => text,
        }
    }

    /// A region.
    #[must_use]
    pub fn region_name(&self, region: &'static Region) -> &'static str {
        match self.language {
            Language::ZhCn => &region.name,
            Language::En => &region.name_en,
        }
    }

    /// The region with this four-digit code.
    #[must_use]
    pub fn region<'r>(&self, code: &'r str) -> &'r str {
        Region::from_code(code).map_or(code, |region| self.region_name(region))
    }

    /// An identity at the bureau.
    #[must_use]
    pub fn identity(&self, identity: Identity) -> &str {
        let words = &self.accounts;
        match identity {
            Identity::LegalRepresentative => &words.identity_legal,
            Identity::FinanceOfficer => &words.identity_finance,
            Identity::TaxOfficer => &words.identity_tax,
            Identity::Issuer => &words.identity_issuer,
            Identity::Administrator => &words.identity_administrator,
        }
    }

    /// What a service or a bureau says in its own Chinese words: a field of its form, an app, a choice. Ours for those that
    /// every bureau has, else as it is. So it is for the export templates that the program brings.
    #[must_use]
    pub fn foreign<'t>(&'t self, said: &'t str) -> &'t str {
        self.foreign.get(said).map_or(said, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn chinese_words_are_the_bureaus_own() {
        let text = Text::of(Language::ZhCn);
        for status in &Status::KNOWN {
            assert_eq!(text.status(status), status.text());
        }
        for identity in Identity::ALL {
            assert_eq!(text.identity(identity), identity.name());
        }
        assert_eq!(text.kind(&Kind::from_code("81")), "数电票（增值税专用发票）");
        assert_eq!((text.region("3100"), text.region("9999")), ("上海", "9999"));
        assert!(text.foreign.is_empty());
    }

    #[test]
    fn what_has_an_english_word_is_shown_by_it() {
        let text = Text::of(Language::En);
        for kind in Kind::all() {
            assert!(text.kind(&kind).is_ascii() && text.kind_short(&kind).is_ascii(), "{}", kind.code());
        }
        for region in Region::all() {
            assert!(text.region(&region.code).is_ascii(), "{}", region.code);
        }
        let all = Status::KNOWN;
        assert!(all.iter().all(|status| text.status(status).is_ascii()));
        assert_eq!((text.kind(&Kind::from_code("8208")), text.status(&Status::from_text("异常"))), ("8208", "异常"));
        assert_eq!((text.foreign("个人用户密码"), text.foreign("办税员")), ("Personal user password", "Tax clerk"));
        assert_eq!(text.foreign("方言"), "方言");
        for template in piaoxia_engine::templates::built_in() {
            for said in [&template.name, &template.note] {
                assert_ne!(text.foreign(said), said);
            }
        }
    }
}
