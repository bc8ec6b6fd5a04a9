//! 备注: what the bureau demands there, and what people write there.

use piaoxia_domain::Money;

use super::Generator;
use super::calendar::date_of;
use super::kinds::{Number, Subject};
use super::record::Record;
use crate::dice::Dice;

const STATIONS: [&str; 8] = ["上海虹桥", "北京南", "杭州东", "南京南", "深圳北", "广州南", "武汉", "成都东"];
const AIRPORTS: [&str; 6] = ["上海虹桥SHA", "北京首都PEK", "深圳宝安SZX", "成都天府TFU", "广州白云CAN", "西安咸阳XIY"];

/// The remark of an invoice.
pub(super) fn remark(record: &Record<'_>, generator: &Generator, dice: &mut Dice) -> String {
    let mut parts = Vec::new();
    if let Some(blue) = record.cancels {
        let (key, _) = record.keys_at(generator, blue.day, blue.index);
        parts.push(cancels(key.number(), key.code(), dice));
    }
    if let Some(margin) = record.basis.content.margin {
        parts.push(format!("差额征税：{}。", Money::from_fen(margin)));
    }
    if record.cancels.is_none() {
        parts.extend(demanded(record, dice));
        if matches!(record.basis.entry.rule.subject, Subject::Special | Subject::Plain) {
            parts.extend(free(dice));
        }
    }
    parts.join(" ")
}

/// What a red invoice must say: 公告2024年第11号 article 8, and the older system's words.
fn cancels(number: &str, code: Option<&str>, dice: &mut Dice) -> String {
    match code {
        None => format!("被红冲蓝字数电发票号码：{number} 红字发票信息确认单编号：{}", dice.digits(20)),
        Some(code) => format!("被红冲蓝字发票代码：{code} 被红冲蓝字发票号码：{number}"),
    }
}

fn demanded(record: &Record<'_>, dice: &mut Dice) -> Option<String> {
    let day = date_of(record.day);
    match record.basis.entry.rule.subject {
        Subject::Rail => {
            let [from, to] = two_of(&STATIONS, dice);
            Some(format!("出发站：{from} 到达站：{to} 车次：G{} 乘车日期：{day} 席别：二等座", dice.between(1, 9_999)))
        }
        Subject::Air => {
            let [from, to] = two_of(&AIRPORTS, dice);
            Some(format!(
                "自：{from} 至：{to} 航班号：SL{:04} 乘机日期：{day} 电子客票号码：999-{}",
                dice.between(1, 9_999),
                dice.digits(10)
            ))
        }
        Subject::Toll => Some(format!("通行日期起：{day} 通行日期止：{day}")),
        Subject::Car => {
            Some(format!("车辆识别代号：LSLPX{} 发动机号码：{} 合格证编号：YX{}", dice.digits(12), dice.digits(8), dice.digits(13)))
        }
        Subject::UsedCar => Some(format!("车牌照号：沪A·{} 车辆识别代号：LSLPX{}", dice.digits(5), dice.digits(12))),
        Subject::Import => Some(format!("报关单编号：{}", dice.digits(18))),
        Subject::Special | Subject::Plain => {
            let paper = matches!(record.basis.entry.rule.number, Number::Legacy(_));
            (paper && dice.chance(300)).then(|| "销货清单附后".to_owned())
        }
    }
}

/// What people write, awkward things among it: a formula, markup, line breaks of another system, a very long text.
fn free(dice: &mut Dice) -> Option<String> {
    match dice.below(1000) {
        0..=699 => None,
        700..=819 => Some(format!("合同编号：HT-{}-{:04}", dice.between(2024, 2026), dice.between(1, 9_999))),
        820..=899 => Some(format!("订单号：{}", dice.digits(14))),
        900..=949 => Some(format!("收货地址：示例路{}号", dice.between(1, 999))),
        950..=979 => Some(format!("结算期间：{}月", dice.between(1, 12))),
        980..=984 => Some("=SUM(A1:A9) 按合同结算".to_owned()),
        985..=989 => Some("<加急> 设备 & 附件 \"请核对\"".to_owned()),
        990..=994 => Some("第一批\n第二批\t合并开票".to_owned()),
        _ => Some("本批货物按双方签署的框架协议及补充协议约定的价格与数量结算，".repeat(6)),
    }
}

/// Two different places.
fn two_of<const N: usize>(places: &[&'static str; N], dice: &mut Dice) -> [&'static str; 2] {
    let from = *dice.pick(places);
    let others = places.iter().filter(|place| **place != from);
    let to = others.copied().cycle().nth(dice.below(N as u64) as usize);
    [from, to.unwrap_or(from)]
}
