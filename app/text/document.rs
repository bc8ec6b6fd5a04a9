//! Why a document was refused, what was odd about it, and what its checks stand on, in words.

use piaoxia_documents::{
    Check, Field, FileFormat, Foreign, LinePart, OfdFault, PdfFault, Reason, Refused, Source, Warning, Words, ZipFault,
};

use super::seals::{seal_check, seal_text};
use super::{Document as Sentences, Text, fill};

impl Words for Text {
    fn refused(&self, refused: &Refused) -> String {
        refused_text(&self.document, refused)
    }

    fn warning(&self, warning: &Warning) -> String {
        warning_text(&self.document, warning)
    }

    fn reason(&self, _check: Check, reason: &Reason) -> String {
        match reason {
            Reason::SealsHold { signatures } => fill(&self.seals.hold, &[("n", &signatures.to_string())]),
            Reason::SealsFail { failed } => fill(&self.seals.fail, &[("n", &failed.to_string())]),
            Reason::SealsOpen { open } => fill(&self.seals.open, &[("n", &open.to_string())]),
            Reason::Seal(reason) => seal_text(&self.seals, reason),
            other => reason_text(&self.document, other),
        }
    }
}

fn mib(bytes: u64) -> String {
    bytes.div_ceil(1024 * 1024).to_string()
}

/// Name of a field.
#[must_use]
pub fn field_name(w: &Sentences, field: Field) -> &str {
    match field {
        Field::Number => &w.field_number,
        Field::Code => &w.field_code,
        Field::PaperNumber => &w.field_paper_number,
        Field::Kind => &w.field_kind,
        Field::IssuedOn => &w.field_issued_on,
        Field::SellerName => &w.field_seller_name,
        Field::SellerTaxNo => &w.field_seller_tax_no,
        Field::SellerContact => &w.field_seller_contact,
        Field::SellerBank => &w.field_seller_bank,
        Field::BuyerName => &w.field_buyer_name,
        Field::BuyerTaxNo => &w.field_buyer_tax_no,
        Field::BuyerContact => &w.field_buyer_contact,
        Field::BuyerBank => &w.field_buyer_bank,
        Field::Net => &w.field_net,
        Field::Tax => &w.field_tax,
        Field::Gross => &w.field_gross,
        Field::Drawer => &w.field_drawer,
        Field::Remark => &w.field_remark,
        Field::CheckCode => &w.field_check_code,
        Field::RedOf => &w.field_red_of,
        Field::EffectiveTax => &w.field_effective_tax,
        Field::TickedAt => &w.field_ticked_at,
        Field::TaxPeriod => &w.field_tax_period,
        Field::Lines => &w.field_lines,
        Field::LineName => &w.field_line_name,
        Field::LineSpec => &w.field_line_spec,
        Field::LineUnit => &w.field_line_unit,
        Field::LineQuantity => &w.field_line_quantity,
        Field::LinePrice => &w.field_line_price,
        Field::LineNet => &w.field_line_net,
        Field::LineRate => &w.field_line_rate,
        Field::LineTax => &w.field_line_tax,
        Field::LineGross => &w.field_line_gross,
        Field::LineClassCode => &w.field_line_class_code,
    }
}

/// Name of a place in a file.
#[must_use]
pub fn source_name(w: &Sentences, source: Source) -> &str {
    match source {
        Source::Xml => &w.source_xml,
        Source::Attachment => &w.source_attachment,
        Source::CustomData => &w.source_custom_data,
        Source::CustomTag => &w.source_custom_tag,
        Source::Layout => &w.source_layout,
        Source::Info => &w.source_info,
        Source::TextLayer => &w.source_text_layer,
        Source::Qr => &w.source_qr,
        Source::Workbook => &w.source_workbook,
        Source::FileName => &w.source_file_name,
        Source::Computed => &w.source_computed,
    }
}

fn refused_text(w: &Sentences, refused: &Refused) -> String {
    match refused {
        Refused::Empty => w.refused_empty.clone(),
        Refused::TooLarge { size, limit } => fill(&w.refused_too_large, &[("size", &mib(*size)), ("limit", &mib(*limit))]),
        Refused::NotRecognised => w.refused_not_recognised.clone(),
        Refused::Foreign(Foreign::Csv) => w.refused_csv.clone(),
        Refused::Foreign(Foreign::Picture) => w.refused_picture.clone(),
        Refused::Foreign(Foreign::WebPage) => w.refused_web_page.clone(),
        Refused::Foreign(Foreign::Archive) => w.refused_other_archive.clone(),
        Refused::Archive => w.refused_archive.clone(),
        Refused::Zip(fault) => zip_text(w, fault),
        Refused::Doctype => w.refused_doctype.clone(),
        Refused::TooDeep { .. } | Refused::TooManyAttributes { .. } | Refused::TooManyParts { .. } | Refused::TooManyLines { .. } => {
            w.refused_too_complex.clone()
        }
        Refused::NotWellFormed { position } => {
            fill(&w.refused_not_well_formed, &[("line", &position.line.to_string()), ("column", &position.column.to_string())])
        }
        Refused::Encoding { declared } => fill(&w.refused_encoding, &[("declared", declared)]),
        Refused::MissingField { field } => fill(&w.refused_missing, &[("field", field_name(w, *field))]),
        Refused::BadValue { field, line: None, value } => fill(&w.refused_value, &[("field", field_name(w, *field)), ("value", value)]),
        Refused::BadValue { field, line: Some(line), value } => {
            fill(&w.refused_line_value, &[("field", field_name(w, *field)), ("line", &line.to_string()), ("value", value)])
        }
        Refused::TextTooLong { field, .. } => fill(&w.refused_text_too_long, &[("field", field_name(w, *field))]),
        Refused::Ofd(OfdFault::MissingPart { part }) => fill(&w.ofd_missing_part, &[("part", part)]),
        Refused::Ofd(OfdFault::BadPath { path }) => fill(&w.ofd_bad_path, &[("path", path)]),
        Refused::Pdf(fault) => pdf_text(w, fault),
        Refused::QrAlone(payload) => fill(
            &w.refused_qr_alone,
            &[("number", payload.key.number()), ("date", &payload.issued_on.to_string()), ("amount", &payload.amount.grouped())],
        ),
        Refused::Workbook => w.refused_workbook.clone(),
        Refused::OtherWorkbook(format) => fill(&w.refused_other_workbook, &[("format", format_name(w, *format))]),
        Refused::EncryptedWorkbook => w.refused_encrypted_workbook.clone(),
        Refused::NoInvoiceSheet => w.refused_no_invoice_sheet.clone(),
        Refused::NoInvoiceRows => w.refused_no_invoice_rows.clone(),
        Refused::DamagedPart => w.refused_damaged_part.clone(),
        Refused::NotInYuan { label } => fill(&w.refused_not_in_yuan, &[("label", label)]),
        Refused::NumberRounded { field, value } => fill(&w.refused_number_rounded, &[("field", field_name(w, *field)), ("value", value)]),
        Refused::LinesScattered { limit } => fill(&w.refused_lines_scattered, &[("limit", &limit.to_string())]),
        Refused::LinesUnread { lines } => fill(&w.refused_lines_unread, &[("n", &lines.to_string())]),
        Refused::LinesDivided => w.refused_lines_divided.clone(),
        Refused::OtherInvoices { next, count } => fill(&w.refused_other_invoices, &[("number", next), ("n", &count.to_string())]),
        Refused::OtherDocuments { count } => fill(&w.refused_other_documents, &[("n", &count.to_string())]),
        Refused::OtherAmount { field, ledger, file, kept } => {
            let sentence = if *kept { &w.refused_other_amount } else { &w.refused_other_amount_row };
            fill(sentence, &[("field", field_name(w, *field)), ("ledger", &ledger.grouped()), ("file", &file.grouped())])
        }
        Refused::MoreThanKept => w.refused_more_than_kept.clone(),
        Refused::ReaderEnded => w.refused_reader_ended.clone(),
        Refused::ReaderHung { seconds } => fill(&w.refused_reader_hung, &[("seconds", &seconds.to_string())]),
    }
}

fn format_name(w: &Sentences, format: FileFormat) -> &str {
    match format {
        FileFormat::Xml => "XML",
        FileFormat::Ofd => "OFD",
        FileFormat::Pdf => "PDF",
        FileFormat::Xlsx => "Excel",
        FileFormat::Xls => &w.format_xls,
        FileFormat::Xlsb => "XLSB",
        FileFormat::Ods => "ODS",
        FileFormat::Zip => "ZIP",
    }
}

fn zip_text(w: &Sentences, fault: &ZipFault) -> String {
    match fault {
        ZipFault::Empty => w.zip_empty.clone(),
        ZipFault::Unreadable => w.zip_unreadable.clone(),
        ZipFault::Damaged => w.zip_damaged.clone(),
        ZipFault::Encrypted => w.zip_encrypted.clone(),
        ZipFault::Overlapping | ZipFault::Bomb { .. } => w.zip_bomb.clone(),
        ZipFault::TooManyEntries { entries, limit } => fill(&w.zip_too_many, &[("n", &entries.to_string()), ("limit", &limit.to_string())]),
        ZipFault::EntryTooLarge { .. } | ZipFault::TooMuch { .. } => w.zip_too_large.clone(),
        ZipFault::DuplicateNames => w.zip_duplicate.clone(),
        ZipFault::NameTooLong { .. } => w.zip_name.clone(),
        ZipFault::Method => w.zip_method.clone(),
        ZipFault::Nested => w.zip_nested.clone(),
    }
}

fn pdf_text(w: &Sentences, fault: &PdfFault) -> String {
    match fault {
        PdfFault::Unreadable => w.pdf_unreadable.clone(),
        PdfFault::Encrypted => w.pdf_encrypted.clone(),
        PdfFault::TooLarge { .. } | PdfFault::TooComplex => w.pdf_too_large.clone(),
        PdfFault::TooManyPages { limit } => fill(&w.pdf_pages, &[("limit", &limit.to_string())]),
        PdfFault::NoText => w.pdf_no_text.clone(),
    }
}

fn warning_text(w: &Sentences, warning: &Warning) -> String {
    match warning {
        Warning::KindUnknown { label } => fill(&w.warn_kind_unknown, &[("label", label)]),
        Warning::KindFromFileName => w.warn_kind_from_name.clone(),
        Warning::IssueTimeUsed => w.warn_issue_time.clone(),
        Warning::Computed { field } => fill(&w.warn_computed, &[("field", field_name(w, *field))]),
        Warning::AttachmentUnread { name } => fill(&w.warn_attachment, &[("name", name)]),
        Warning::Absent { field } => fill(&w.warn_absent, &[("field", field_name(w, *field))]),
        Warning::Repeated { field } => fill(&w.warn_repeated, &[("field", field_name(w, *field))]),
        Warning::SourcesDiffer { field, kept, other } => fill(
            &w.warn_sources_differ,
            &[
                ("field", field_name(w, *field)),
                ("kept_in", source_name(w, kept.0)),
                ("kept", &kept.1),
                ("other_in", source_name(w, other.0)),
                ("other", &other.1),
            ],
        ),
        Warning::NumberYear { digits, issued_on } => fill(&w.warn_number_year, &[("digits", digits), ("date", &issued_on.to_string())]),
        Warning::FileNameNumber { in_name } => fill(&w.warn_file_name, &[("number", in_name)]),
        Warning::LineValue { line, field, value } => {
            fill(&w.warn_line_value, &[("line", &line.to_string()), ("field", field_name(w, *field)), ("value", value)])
        }
        Warning::NumberRounded { line, field, value } => {
            fill(&w.warn_number_rounded, &[("line", &line.to_string()), ("field", field_name(w, *field)), ("value", value)])
        }
        Warning::OtherInvoices { next, count } => fill(&w.warn_other_invoices, &[("number", next), ("n", &count.to_string())]),
        Warning::OtherDocuments { count } => fill(&w.warn_other_documents, &[("n", &count.to_string())]),
        Warning::LinesLeftOut => w.warn_lines_left_out.clone(),
        Warning::RateDerived { line, rate } => fill(&w.warn_rate_derived, &[("line", &line.to_string()), ("rate", rate)]),
        Warning::ColumnsLeftOut { sheet, names, count } => {
            fill(&w.warn_columns_left_out, &[("sheet", sheet), ("n", &count.to_string()), ("names", &names.join(&w.separator))])
        }
        Warning::SheetsLeftOut { names, count } => {
            fill(&w.warn_sheets_left_out, &[("n", &count.to_string()), ("names", &names.join(&w.separator))])
        }
        Warning::RedLabel { gross, .. } => fill(&w.warn_red_label, &[("gross", &gross.grouped())]),
    }
}

fn reason_text(w: &Sentences, reason: &Reason) -> String {
    match reason {
        Reason::TotalsFit { net, tax, gross } | Reason::TotalsDiffer { net, tax, gross } => {
            let sentence = if matches!(reason, Reason::TotalsFit { .. }) { &w.totals_fit } else { &w.totals_differ };
            fill(sentence, &[("net", &net.grouped()), ("tax", &tax.grouped()), ("gross", &gross.grouped())])
        }
        Reason::TotalsComputed => w.totals_computed.clone(),
        Reason::LineSumsFit { lines } => fill(&w.line_sums_fit, &[("n", &lines.to_string())]),
        Reason::LineSumsDiffer { lines_net, lines_tax, net, tax } => fill(
            &w.line_sums_differ,
            &[("lines_net", &lines_net.grouped()), ("lines_tax", &lines_tax.grouped()), ("net", &net.grouped()), ("tax", &tax.grouped())],
        ),
        Reason::NoLines => w.no_lines.clone(),
        Reason::LinesFit { checked, lines } => fill(&w.lines_fit, &[("checked", &checked.to_string()), ("n", &lines.to_string())]),
        Reason::LinesDiffer { first, faults } => {
            let part = match first.part {
                LinePart::Net => &w.part_net,
                LinePart::Tax => &w.part_tax,
            };
            let expected = first.expected.map_or_else(|| "?".to_owned(), |money| money.grouped());
            let values = [
                ("line", first.line.to_string()),
                ("part", part.clone()),
                ("expected", expected),
                ("stated", first.stated.grouped()),
                ("n", faults.to_string()),
            ];
            let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            fill(&w.lines_differ, &values)
        }
        Reason::LineTaxDrift { drift } => fill(&w.line_tax_drift, &[("drift", &drift.grouped())]),
        Reason::LinesNotComputable => w.lines_not_computable.clone(),
        Reason::CheckDigitFits => w.check_digit_fits.clone(),
        Reason::TaxNumberWrong(_) => w.tax_number_wrong.clone(),
        Reason::NoTaxNumber => w.no_tax_number.clone(),
        Reason::NoCheckDigit { length } => fill(&w.no_check_digit, &[("n", &length.to_string())]),
        Reason::NumberShapeFits => w.number_shape_fits.clone(),
        Reason::NumberShapeWrong { number } => fill(&w.number_shape_wrong, &[("number", number)]),
        Reason::NumberShapeUnknown => w.number_shape_unknown.clone(),
        Reason::NumbersAgree => w.numbers_agree.clone(),
        Reason::NumbersDiffer { header, supervision } => fill(&w.numbers_differ, &[("header", header), ("supervision", supervision)]),
        Reason::NumberStatedOnce => w.number_stated_once.clone(),
        Reason::SourcesAgree { fields, sources } => {
            fill(&w.sources_agree, &[("n", &fields.to_string()), ("sources", &sources.to_string())])
        }
        Reason::SourcesDiffer { field, fields } => fill(&w.sources_differ, &[("field", field_name(w, *field)), ("n", &fields.to_string())]),
        Reason::SourcesSingle => w.sources_single.clone(),
        Reason::QrFits => w.qr_fits.clone(),
        Reason::QrChecksumDiffers { stated, computed } => fill(&w.qr_differs, &[("stated", stated), ("computed", computed)]),
        Reason::QrChecksumNotPublic => w.qr_not_public.clone(),
        Reason::QrChecksumAbsent => w.qr_absent.clone(),
        Reason::QrOfAnother { number } => fill(&w.qr_of_another, &[("number", number)]),
        Reason::NoQr => w.no_qr.clone(),
        Reason::OtherAgrees { fields } => fill(&w.other_agrees, &[("n", &fields.to_string())]),
        Reason::OtherInvoice { here, other } => fill(&w.other_invoice, &[("here", here), ("other", other)]),
        Reason::OtherDiffers { field, here, other, fields } => {
            fill(&w.other_differs, &[("field", field_name(w, *field)), ("here", here), ("other", other), ("n", &fields.to_string())])
        }
        Reason::SignatureNotProvable => w.signature_not_provable.clone(),
        Reason::NoSignature => w.no_signature.clone(),
        // Worded with the other sentences about seals.
        Reason::SealsHold { .. } | Reason::SealsFail { .. } | Reason::SealsOpen { .. } | Reason::Seal(_) => String::new(),
    }
}

/// What a check of [`Check::id`] is about.
pub fn check_name<'t>(text: &'t Text, check: &'t str) -> &'t str {
    let words = &text.cli;
    match check {
        "totals" => &words.check_totals,
        "line_sums" => &words.check_line_sums,
        "lines" => &words.check_lines,
        "seller_tax_no" => &words.check_seller_tax_no,
        "buyer_tax_no" => &words.check_buyer_tax_no,
        "number_shape" => &words.check_number_shape,
        "numbers_agree" => &words.check_numbers_agree,
        "sources_agree" => &words.check_sources_agree,
        "qr_crc" => &words.check_qr_crc,
        "agrees_with_other" => &words.check_agrees_with_other,
        "signature" => &words.check_signature,
        other => seal_check(&text.seals, other).unwrap_or(other),
    }
}
