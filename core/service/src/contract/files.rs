//! Originals (版式文件): links that expire.

use jiff::Timestamp;
use piaoxia_domain::InvoiceKey;
use piaoxia_domain::invoice::Format;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks for links to the originals of invoices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilesRequest {
    /// Company id.
    pub company: String,
    /// At most 100.
    pub keys: Vec<InvoiceKey>,
}

/// A link to one original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileRef {
    /// Whose original.
    pub key: InvoiceKey,
    /// Format.
    pub format: Format,
    /// Path on the service, or an absolute https address.
    pub url: String,
    /// End of the link, UTC.
    pub expires_at: Timestamp,
    /// Name that the bureau gives the file, `dzfp_<number>_<name>_<time>.xml`.
    pub name: String,
}
