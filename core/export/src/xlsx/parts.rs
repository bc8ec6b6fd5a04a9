//! The parts of a workbook that are not sheets.

use super::xml::escape;

/// Cell formats, as indices into `cellXfs` of [`STYLES`].
pub(super) mod style {
    pub(in crate::xlsx) type Index = u8;
    pub(in crate::xlsx) const GENERAL: Index = 0;
    pub(in crate::xlsx) const HEADING: Index = 1;
    /// Text whatever it looks like, also after the user edited the cell.
    pub(in crate::xlsx) const TEXT: Index = 2;
    pub(in crate::xlsx) const AMOUNT: Index = 3;
    pub(in crate::xlsx) const DAY: Index = 4;
    pub(in crate::xlsx) const TOTAL: Index = 5;
    pub(in crate::xlsx) const TOTAL_AMOUNT: Index = 6;
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE_RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const SPREADSHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// Number format 4 is `#,##0.00`, 49 is `@` (ECMA-376 part 1, 18.8.30).
pub(super) const STYLES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">",
    "<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>",
    "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"宋体\"/><family val=\"3\"/><charset val=\"134\"/></font>",
    "<font><b/><sz val=\"11\"/><name val=\"宋体\"/><family val=\"3\"/><charset val=\"134\"/></font></fonts>",
    "<fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>",
    "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFE8EEF7\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>",
    "<borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border>",
    "<border><left/><right/><top style=\"thin\"><color auto=\"1\"/></top><bottom/><diagonal/></border></borders>",
    "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>",
    "<cellXfs count=\"7\">",
    "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>",
    "<xf numFmtId=\"49\" fontId=\"1\" fillId=\"2\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\"/>",
    "<xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>",
    "<xf numFmtId=\"4\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>",
    "<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>",
    "<xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"1\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyBorder=\"1\"/>",
    "<xf numFmtId=\"4\" fontId=\"1\" fillId=\"0\" borderId=\"1\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyBorder=\"1\"/>",
    "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>"
);

pub(super) fn package_relations() -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE_RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    )
}

pub(super) fn content_types(sheets: usize) -> String {
    let part = |name: &str, kind: &str| format!("<Override PartName=\"/xl/{name}.xml\" ContentType=\"{SPREADSHEET}.{kind}+xml\"/>");
    let each: String = (1..=sheets).map(|number| part(&format!("worksheets/sheet{number}"), "worksheet")).collect();
    format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{}{}{each}</Types>",
        part("workbook", "sheet.main"),
        part("styles", "styles"),
    )
}

pub(super) fn workbook_relations(sheets: usize) -> String {
    let each: String = (1..=sheets)
        .map(|number| {
            format!("<Relationship Id=\"rId{number}\" Type=\"{OFFICE_RELATIONS}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>")
        })
        .collect();
    let styles = sheets + 1;
    format!(
        "{HEAD}<Relationships xmlns=\"{RELATIONS}\">{each}<Relationship Id=\"rId{styles}\" Type=\"{OFFICE_RELATIONS}/styles\" Target=\"styles.xml\"/></Relationships>"
    )
}

/// Sheets by name with the range that their filter arrows cover, `$A$1:$C$9`; Excel keeps that range as a hidden name too.
pub(super) fn workbook(sheets: &[(&str, String)]) -> String {
    let mut names = String::new();
    let mut filters = String::new();
    for (index, (name, range)) in sheets.iter().enumerate() {
        let number = index + 1;
        names.push_str(&format!("<sheet name=\"{}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>", escaped(name)));
        let quoted = escaped(&name.replace('\'', "''"));
        filters.push_str(&format!(
            "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{index}\" hidden=\"1\">'{quoted}'!{range}</definedName>"
        ));
    }
    format!(
        "{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE_RELATIONS}\"><bookViews><workbookView/></bookViews>\
         <sheets>{names}</sheets><definedNames>{filters}</definedNames></workbook>"
    )
}

fn escaped(text: &str) -> String {
    let mut out = Vec::new();
    escape(&mut out, text);
    String::from_utf8(out).unwrap_or_default()
}

/// A name that Excel takes for a sheet: at most 31 UTF-16 units, of which room is left for ` (2)`; none of `: \ / ? * [ ]`,
/// no apostrophe at its ends.
pub(super) fn sheet_name(text: &str) -> String {
    let mut room: usize = 25;
    let name: String = text
        .chars()
        .filter(|c| !c.is_control())
        .map(|c| if matches!(c, ':' | '\\' | '/' | '?' | '*' | '[' | ']') { '_' } else { c })
        .take_while(|c| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    let name = name.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    if name.is_empty() { "Sheet".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_made_fit() {
        assert_eq!(sheet_name("发票[2026/10]"), "发票_2026_10_");
        assert_eq!(sheet_name("' '"), "Sheet");
        assert_eq!(sheet_name(&"长".repeat(40)).chars().count(), 25);
    }
}
