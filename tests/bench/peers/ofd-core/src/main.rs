//! Reads every OFD of a folder with ofd-core: the document, its pages, and the invoice that is attached.

use std::error::Error;
use std::fs;

use ofd_core::OfdReader;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let mut files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.sort();
    let (mut invoices, mut numbers, mut gross) = (0, 0_u64, 0_i64);
    for file in files {
        let mut reader = OfdReader::open(&file)?;
        for body in reader.ofd().doc_bodies.clone() {
            let document = reader.load_document(&body)?;
            for page in document.pages().to_vec() {
                reader.load_page(&document, &page)?;
            }
        }
        let attached = reader.package_mut().entries().into_iter().find(|name| name.ends_with("original_invoice.xml"));
        let text = reader.package_mut().read_to_string(&attached.ok_or("no attachment")?)?;
        let number = ["InvoiceNumber", "InvoiceNo"].into_iter().find_map(|tag| between(&text, tag)).ok_or("no number")?;
        let amount = ["TaxInclusiveTotalAmount", "TotalTax-includedAmount"].into_iter().find_map(|tag| between(&text, tag));
        invoices += 1;
        numbers += number[number.len().saturating_sub(9)..].parse::<u64>()?;
        gross += fen(amount.ok_or("no amount")?)?;
    }
    println!("result={invoices} invoices, {numbers}, {gross}");
    Ok(())
}

fn between<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let at = text.find(&format!("{tag}>"))? + tag.len() + 1;
    text[at..].split('<').next().map(str::trim)
}

fn fen(amount: &str) -> Result<i64, Box<dyn Error>> {
    let (yuan, rest) = amount.split_once('.').unwrap_or((amount, ""));
    let cents = format!("{rest:0<2}")[..2].parse::<i64>()?;
    let negative = yuan.starts_with('-');
    let whole = yuan.trim_start_matches('-').parse::<i64>()? * 100 + cents;
    Ok(if negative { -whole } else { whole })
}
