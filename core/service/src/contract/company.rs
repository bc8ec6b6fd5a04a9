//! Companies and activation.

use jiff::civil::Date;
use piaoxia_domain::TaxNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Redeems an activation code for this PC.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivationRequest {
    /// The code as typed, 18 characters.
    pub code: String,
}

/// What the code brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivationResult {
    /// The companies of the code.
    pub companies: Vec<Company>,
}

/// 纳税人类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum TaxpayerKind {
    /// 一般纳税人.
    General,
    /// 小规模纳税人.
    Small,
}

/// What has been bought for a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entitlement {
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub expires_on: Date,
}

/// A company that the person may work for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Id within the service.
    pub id: String,
    /// 纳税人识别号.
    pub tax_no: TaxNumber,
    /// 名称.
    pub name: String,
    /// Four-digit region of its bureau.
    pub region: String,
    /// 一般纳税人 or 小规模纳税人.
    pub taxpayer_kind: TaxpayerKind,
    /// What has been bought.
    pub entitlement: Entitlement,
    /// Number of e-tax accounts.
    pub accounts: u32,
    /// Number of those that are signed in at the bureau.
    pub signed_in: u32,
}
