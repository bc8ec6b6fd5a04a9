//! What an original states and the ledger does not hold: passenger, toll, tax-control details. All of it is invented, drawn
//! from the invoice's number; identity numbers are masked, so that none can be anybody's.

use jiff::ToSpan;
use jiff::civil::Date;
use piaoxia_domain::Invoice;

use super::digest::Draw;

const PEOPLE: [&str; 10] = ["林知远", "周予安", "沈书白", "陈望舒", "顾清和", "许南乔", "何景行", "宋明朗", "叶听澜", "江以宁"];
const STATIONS: [&str; 10] = ["上海虹桥", "北京南", "广州南", "杭州东", "南京南", "武汉", "成都东", "西安北", "深圳北", "长沙南"];
const AIRPORTS: [&str; 10] =
    ["上海虹桥", "北京首都", "广州白云", "成都天府", "深圳宝安", "昆明长水", "西安咸阳", "重庆江北", "厦门高崎", "青岛胶东"];
const PLATES: [char; 10] = ['京', '沪', '苏', '浙', '粤', '川', '鄂', '鲁', '皖', '闽'];

/// Special elements (特定要素) of a 数电 invoice.
pub(super) enum Special {
    /// Nothing special.
    None,
    /// 旅客运输: railway (51) and air (61) tickets.
    Passenger(Passenger),
    /// 通行费 (59, 14).
    Toll(Toll),
}

/// A journey.
pub(super) struct Passenger {
    /// 出行人.
    pub(super) traveler: &'static str,
    /// 有效身份证件号, masked.
    pub(super) id_number: String,
    /// 出行日期.
    pub(super) date: Date,
    /// 出发地.
    pub(super) from: &'static str,
    /// 到达地.
    pub(super) to: &'static str,
    /// 等级.
    pub(super) grade: &'static str,
    /// 交通工具类型.
    pub(super) vehicle: &'static str,
}

/// Use of a toll road.
pub(super) struct Toll {
    /// 车牌号.
    pub(super) plate: String,
    /// 车辆类型.
    pub(super) vehicle: &'static str,
    /// 通行日期起.
    pub(super) start: Date,
    /// 通行日期止.
    pub(super) end: Date,
}

/// The special elements of an invoice, by its kind.
pub(super) fn special(invoice: &Invoice) -> Special {
    let mut draw = Draw::new("special", invoice.key.number());
    match invoice.kind.code() {
        "51" => Special::Passenger(passenger(invoice, &mut draw, &STATIONS, &["二等座", "二等座", "一等座", "商务座"], "铁路")),
        "61" => Special::Passenger(passenger(invoice, &mut draw, &AIRPORTS, &["经济舱", "经济舱", "公务舱"], "飞机")),
        "59" | "14" => Special::Toll(toll(invoice, &mut draw)),
        _ => Special::None,
    }
}

fn passenger(invoice: &Invoice, draw: &mut Draw, places: &[&'static str], grades: &[&'static str], vehicle: &'static str) -> Passenger {
    let from = draw.below(places.len());
    let to = from + 1 + draw.below(places.len().saturating_sub(1));
    let place = |index: usize| places.get(index % places.len().max(1)).copied().unwrap_or_default();
    Passenger {
        traveler: draw.one_of(&PEOPLE),
        id_number: format!("{}********{}", draw.one_of(&["310101", "110105", "320106", "330106", "440106"]), draw.digits(4)),
        date: days_before(invoice.issued_on(), draw.below(12)),
        from: place(from),
        to: place(to),
        grade: draw.one_of(grades),
        vehicle,
    }
}

fn toll(invoice: &Invoice, draw: &mut Draw) -> Toll {
    let end = days_before(invoice.issued_on(), 1 + draw.below(5));
    Toll {
        plate: format!("{}{}{}", draw.one_of(&PLATES), draw.one_of(&['A', 'B', 'C', 'D']), draw.digits(5)),
        vehicle: draw.one_of(&["客车", "客车", "货车"]),
        start: days_before(end, draw.below(6)),
        end,
    }
}

fn days_before(date: Date, days: usize) -> Date {
    i64::try_from(days).ok().and_then(|days| date.checked_sub(days.days()).ok()).unwrap_or(date)
}

/// What a tax-control device (税控设备) adds to an invoice.
pub(super) struct Device {
    /// 机器编号, 12 digits.
    pub(super) machine_no: String,
    /// 密码区: four rows of 28 signs. Of a real device only it can decipher them; here they mean nothing.
    pub(super) cipher: String,
    /// 收款人.
    pub(super) payee: &'static str,
    /// 复核.
    pub(super) checker: &'static str,
}

/// The device's part of an older invoice.
pub(super) fn device(invoice: &Invoice) -> Device {
    // A seller keeps its device and its staff; only the cipher is the invoice's own.
    let mut seller = Draw::new("device", invoice.seller.tax_no.as_str());
    let mut cipher = Draw::new("cipher", &invoice.key.to_string());
    Device {
        machine_no: format!("6616{}", seller.digits(8)),
        cipher: (0..4 * 28).map(|_| char::from(b"0123456789+-*/<>"[..].get(cipher.below(16)).copied().unwrap_or(b'0'))).collect(),
        payee: seller.one_of(&PEOPLE),
        checker: seller.one_of(&PEOPLE),
    }
}
