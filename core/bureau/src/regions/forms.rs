//! The login form (登录表单) of a region, and what it takes.

use std::collections::BTreeMap;

use piaoxia_domain::TaxNumber;
use piaoxia_domain::account::Identity;

use super::{LoginName, RegionRule};
use crate::refusal::Refusal;

/// Key of the company's tax number.
pub const TAX_NO: &str = "taxNo";
/// Key of the login name.
pub const LOGIN_NAME: &str = "loginName";
/// Key of the password.
pub const PASSWORD: &str = "password";

/// Longest value that a field takes, in characters.
const FIELD_LIMIT: usize = 64;

/// The fields that a region's bureau asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Four-digit region.
    pub region: String,
    /// Fields in their order.
    pub fields: Vec<Field>,
    /// Identities that the region lists.
    pub identities: Vec<Identity>,
}

/// Kind of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Plain text.
    Text,
    /// Hidden while typed.
    Password,
    /// 居民身份证号码.
    IdNumber,
    /// Mobile phone.
    Phone,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its key.
    pub key: &'static str,
    /// Chinese label as the region's page prints it.
    pub label: &'static str,
    /// What is typed.
    pub kind: FieldKind,
    /// May not be empty.
    pub required: bool,
    /// Hint inside the empty field.
    pub hint: &'static str,
    /// Filled in and not to be changed.
    pub fixed: Option<String>,
}

impl Form {
    /// The form of a region for a company.
    pub(crate) fn of(rule: &RegionRule, tax_no: &TaxNumber) -> Self {
        let (name_label, name_kind, name_hint) = match rule.login {
            LoginName::Any => ("居民身份证号码/手机号码/用户名", FieldKind::Text, "请输入居民身份证号码、手机号码或用户名"),
            LoginName::Phone => ("手机号码", FieldKind::Phone, "请输入实名登记的手机号码"),
            LoginName::IdNumber => ("居民身份证号码", FieldKind::IdNumber, "请输入18位居民身份证号码"),
            LoginName::UserName => ("用户名", FieldKind::Text, "请输入电子税务局用户名"),
        };
        let field = |key, label, kind, hint| Field { key, label, kind, required: true, hint, fixed: None };
        let number =
            Field { fixed: Some(tax_no.to_string()), ..field(TAX_NO, "统一社会信用代码/纳税人识别号", FieldKind::Text, "") };
        Self {
            region: rule.code.to_owned(),
            fields: vec![
                number,
                field(LOGIN_NAME, name_label, name_kind, name_hint),
                field(PASSWORD, "个人用户密码", FieldKind::Password, "不是旧版的企业密码"),
            ],
            identities: rule.identities.to_vec(),
        }
    }

    /// The login name and password out of what was typed.
    ///
    /// # Errors
    /// [`Refusal::FieldInvalid`] with the first field that is missing, too long or of another shape.
    pub(crate) fn read<'a>(&self, typed: &'a BTreeMap<String, String>) -> Result<(&'a str, &'a str), Refusal> {
        for field in &self.fields {
            let value = typed.get(field.key).map_or("", String::as_str);
            if !field.takes(value) {
                return Err(Refusal::FieldInvalid { field: field.key.to_owned() });
            }
        }
        let value = |key: &str| typed.get(key).map_or("", String::as_str);
        Ok((value(LOGIN_NAME).trim(), value(PASSWORD)))
    }
}

impl Field {
    fn takes(&self, value: &str) -> bool {
        let trimmed = value.trim();
        if self.required && trimmed.is_empty() || value.chars().count() > FIELD_LIMIT {
            return false;
        }
        if let Some(fixed) = &self.fixed {
            return TaxNumber::from_document(value).as_str() == fixed;
        }
        match self.kind {
            FieldKind::Text | FieldKind::Password => true,
            FieldKind::Phone => trimmed.len() == 11 && trimmed.starts_with('1') && trimmed.bytes().all(|b| b.is_ascii_digit()),
            FieldKind::IdNumber => trimmed.len() == 18 && TaxNumber::typed(trimmed).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::tax_numbers::{credit_code, resident_id};

    fn typed(pairs: [(&str, &str); 3]) -> BTreeMap<String, String> {
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_form_takes_what_fits_and_names_what_does_not() {
        let tax_no = credit_code("91", "440305", 1);
        let other = credit_code("91", "440305", 2);
        let form = Form::of(RegionRule::of("4403").unwrap(), &tax_no);
        let good = typed([(TAX_NO, tax_no.as_str()), (LOGIN_NAME, " 19900000001 "), (PASSWORD, "x y")]);
        assert_eq!(form.read(&good), Ok(("19900000001", "x y")));
        for (key, value) in
            [(TAX_NO, other.as_str()), (LOGIN_NAME, "1990000000"), (LOGIN_NAME, ""), (PASSWORD, " "), (PASSWORD, &"x".repeat(65))]
        {
            let mut bad = good.clone();
            bad.insert(key.to_owned(), value.to_owned());
            assert_eq!(form.read(&bad), Err(Refusal::FieldInvalid { field: key.to_owned() }), "{key} {value:?}");
        }
        assert_eq!(form.read(&BTreeMap::new()), Err(Refusal::FieldInvalid { field: TAX_NO.to_owned() }));
    }

    #[test]
    fn an_id_number_needs_its_check_digit() {
        let form = Form::of(RegionRule::of("3702").unwrap(), &TaxNumber::default());
        let field = &form.fields[1];
        let good = resident_id("370202", 5);
        assert!(field.takes(&good));
        assert!(!field.takes(&good.replacen("1900", "1901", 1)));
        assert_eq!(form.identities.len(), 4);
    }
}
