//! The key fields in `OFD.xml` (`CustomDatas`), under Chinese names.

use piaoxia_domain::Kind;

use super::map::Map;
use crate::document::Source;
use crate::field::Field;
use crate::refused::Refused;
use crate::statement::Statement;

/// What the key fields say.
///
/// # Errors
/// [`Refused::TextTooLong`].
pub(super) fn statement(map: &Map) -> Result<Statement<'static>, Refused> {
    let mut statement = Statement::new(Source::CustomData);
    for (name, text) in &map.custom_data {
        let name: String = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '：' | ':' | '、')).collect();
        match name.as_str() {
            // Only a name of the table: templates are named after all sorts of things.
            "模板编号" | "发票类型" | "发票票种" if Kind::from_name(text).is_some() => {
                statement.state(Field::Kind, text.clone())?
            }
            "开票类型" => statement.red = Some(text.contains('红')),
            name => {
                if let Some(field) = field(name) {
                    statement.state(field, text.clone())?;
                }
            }
        }
    }
    Ok(statement)
}

fn field(name: &str) -> Option<Field> {
    Some(match name {
        "发票代码" => Field::Code,
        "发票号码" | "数电发票号码" | "数电票号码" => Field::Number,
        "开票日期" => Field::IssuedOn,
        "校验码" => Field::CheckCode,
        "合计金额" => Field::Net,
        "合计税额" => Field::Tax,
        "价税合计" => Field::Gross,
        "购买方名称" => Field::BuyerName,
        "购买方纳税人识别号" => Field::BuyerTaxNo,
        "购买方地址电话" => Field::BuyerContact,
        "购买方开户行及账号" => Field::BuyerBank,
        "销售方名称" => Field::SellerName,
        "销售方纳税人识别号" => Field::SellerTaxNo,
        "销售方地址电话" => Field::SellerContact,
        "销售方开户行及账号" => Field::SellerBank,
        "开票人" => Field::Drawer,
        "备注" => Field::Remark,
        _ => return None,
    })
}
