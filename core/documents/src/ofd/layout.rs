//! Facts told by where texts stand on the page: a label, and what is right of it on its row.

use piaoxia_domain::Kind;

use super::page::Text;
use crate::document::Source;
use crate::field::Field;
use crate::refused::Refused;
use crate::statement::Statement;
use crate::values;

/// Farthest that two texts of one row stand from each other vertically, mm.
const ROW: f64 = 2.0;

/// Labels as printed, without spaces and colons, and their fields.
const LABELS: [(&str, Field); 7] = [
    ("发票号码", Field::Number),
    ("数电发票号码", Field::Number),
    ("发票代码", Field::Code),
    ("开票日期", Field::IssuedOn),
    ("校验码", Field::CheckCode),
    ("开票人", Field::Drawer),
    ("(小写)", Field::Gross),
];

/// What the texts of the first page say, of the fields that are to be kept. A text that cannot be what its label says is
/// passed over: places on a page prove little.
///
/// # Errors
/// [`Refused::TextTooLong`].
pub(super) fn statement(texts: &[Text], keep: impl Fn(Field) -> bool) -> Result<Statement<'static>, Refused> {
    let page = Page { texts, squeezed: texts.iter().map(|text| squeezed(&text.text)).collect() };
    let mut found = Vec::new();
    for (label, field) in LABELS {
        if let Some(value) = page.labelled(label).next().and_then(|at| page.value(at, label)) {
            found.push((field, value));
        }
    }
    found.extend(page.kind().map(|kind| (Field::Kind, kind.code().to_owned())));
    found.extend(page.parties(&["名称"], [Field::BuyerName, Field::SellerName]));
    let tax_numbers = ["统一社会信用代码/纳税人识别号", "纳税人识别号"];
    found.extend(page.parties(&tax_numbers, [Field::BuyerTaxNo, Field::SellerTaxNo]));
    found.extend(page.sums());
    let mut statement = Statement::new(Source::Layout);
    for (field, value) in found {
        if keep(field) && statement.get(field).is_none() && plausible(field, &value) {
            statement.state(field, value)?;
        }
    }
    Ok(statement)
}

struct Page<'t> {
    texts: &'t [Text],
    /// The same texts without white space, brackets in half width.
    squeezed: Vec<String>,
}

impl Page<'_> {
    /// Texts that are this label, or begin with it and a colon.
    fn labelled(&self, label: &str) -> impl Iterator<Item = usize> {
        let is = |text: &str| text.strip_prefix(label).is_some_and(|rest| rest.is_empty() || rest.starts_with(['：', ':', '¥', '￥']));
        self.squeezed.iter().enumerate().filter(move |(_, text)| is(text)).map(|(at, _)| at).collect::<Vec<_>>().into_iter()
    }

    /// What stands behind the label in its own text, or else next on its row.
    fn value(&self, at: usize, label: &str) -> Option<String> {
        let rest = self.squeezed.get(at)?.strip_prefix(label)?.trim_start_matches(['：', ':']);
        if !rest.is_empty() {
            return Some(rest.to_owned());
        }
        let from = self.texts.get(at)?;
        let mut row: Vec<&Text> = self.right_of(from).collect();
        row.sort_by(|one, other| one.x.total_cmp(&other.x));
        let mut values = row.iter().map(|text| text.text.as_str()).filter(|text| !matches!(*text, "¥" | "￥"));
        values.next().filter(|text| !text.ends_with(['：', ':'])).map(str::to_owned)
    }

    fn right_of<'s>(&'s self, from: &'s Text) -> impl Iterator<Item = &'s Text> {
        self.texts.iter().filter(|text| !text.text.is_empty() && text.x > from.x && (text.y - from.y).abs() <= ROW)
    }

    /// The buyer stands left of the seller (数电) or above him (税控).
    fn parties(&self, labels: &[&str], fields: [Field; 2]) -> Vec<(Field, String)> {
        for label in labels {
            let mut at: Vec<usize> = self.labelled(label).collect();
            let place = |at: &usize| self.texts.get(*at).map_or((0.0, 0.0), |text| ((text.y / (2.0 * ROW)).round(), text.x));
            at.sort_by(|one, other| {
                let ((row, x), (other_row, other_x)) = (place(one), place(other));
                row.total_cmp(&other_row).then(x.total_cmp(&other_x))
            });
            if let [buyer, seller] = at[..] {
                let values = fields.into_iter().zip([buyer, seller]);
                return values.filter_map(|(field, at)| Some((field, self.value(at, label)?))).collect();
            }
        }
        Vec::new()
    }

    /// The row of 合计: 金额, then 税额.
    fn sums(&self) -> Vec<(Field, String)> {
        let mut labels: Vec<usize> = self.labelled("合计").chain(self.labelled("计")).collect();
        labels.sort_unstable();
        for at in labels {
            let Some(label) = self.texts.get(at) else { continue };
            let mut amounts: Vec<(f64, &str)> = self.right_of(label).map(|text| (text.x, text.text.as_str())).collect();
            amounts.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            let amounts: Vec<&str> = amounts.into_iter().map(|(_, text)| text).filter(|text| !matches!(*text, "¥" | "￥")).collect();
            if let [net, tax] = amounts[..] {
                return vec![(Field::Net, net.to_owned()), (Field::Tax, tax.to_owned())];
            }
        }
        Vec::new()
    }

    /// The title: 电子发票（增值税专用发票）, 上海增值税电子普通发票.
    fn kind(&self) -> Option<Kind> {
        self.squeezed.iter().find_map(|text| match text.find("增值税电子") {
            Some(at) => Kind::from_name(text.get(at..)?),
            None if text.contains("发票(") => Kind::from_name(text),
            None => None,
        })
    }
}

fn squeezed(text: &str) -> String {
    let half = |c| match c {
        '（' => '(',
        '）' => ')',
        c => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(half).collect()
}

fn plausible(field: Field, value: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    match field {
        Field::Number => matches!(value.len(), 8 | 20) && digits(value),
        Field::Code => matches!(value.len(), 10 | 12) && digits(value),
        Field::CheckCode => value.len() == 20 && digits(value),
        Field::IssuedOn => values::issued_at(value).is_some(),
        Field::Net | Field::Tax | Field::Gross => values::decimal(value).flatten().is_some(),
        _ => true,
    }
}
