//! Widgets of the window: egui only, no knowledge of invoices, companies or files. Every text comes from the caller.
//!
//! Set up once: `fonts::install(ctx, FONT_BYTES)` and `tokens::apply(ctx, &Tokens::light())`. Widgets find the
//! tokens in the context; a screen gets them with `Tokens::of(ui.ctx())`.
//!
//! | module | in one line |
//! |---|---|
//! | [`tokens`] | `Tokens { color, font, space, radius, height }`, `tokens.tone(Tone::Warning).text` |
//! | [`fonts`] | `install(ctx, bytes)`, `title_style()` for `RichText::text_style`; digits are tabular |
//! | [`surface`] | `card(ui, \|ui\| ..)`, `titled_card(ui, title, aside, body)`, `page_title(ui, title, aside)` |
//! | [`button`] | `ui.add(button::primary("下载").icon(Icon::Download).busy(b).enabled(e))`; `secondary`, `danger`, `link`, `quiet`, `icon(Icon::Close, "关闭")`; `.small()`, `.width(w)`; `at_right(ui, vec![(button, what)])` at the end of a row |
//! | [`field`] | `Field::new("用户名", &mut text).hint(..).error(err).show(ui).submitted`; `.password(reveal)`, `.code()`, `.forgetful()`, `.half_width()`, `.first(ready)`; `half_width(text)`, `submitted(&response, ui)` |
//! | [`select`] | `Select::new("地区", &mut Option<usize>, n, \|i\| name(i), text).show(ui).changed()`; `MultiSelect::new("票种", &mut BTreeSet<usize>, n, name, text)`, empty = all |
//! | [`date_picker`] | `DateField::new("日期", &mut date, calendar_text).today(d).show(ui)`; `DateRangeField::new(label, (&mut from, &mut to), &presets, range_text, calendar_text).show(ui).valid` |
//! | [`big_table`] | `BigTable::new(id, &columns, rows, text).sort(i, order).checkboxes(check_text).empty(\|ui\| ..).show(ui, &mut table_state, &mut source)`; source: `TableRows` or `\|cell, row, column\|`; `cell.text(..)`, `.quiet`, `.toned`, `.middle`, `.chip`, `.pending()`, `.press(text, tone)` is true when pressed, `.ui(\|ui\| ..)` |
//! | [`qr`] | `ui.add(Qr::new(text, "登录二维码").size(220.0))` |
//! | [`dialog`] | `let (choice, inner) = Dialog::new(id, title).confirm("保存").cancel("取消").show(ctx, \|ui\| ..)`, with date fields `.show_form(ctx, \|ui\| (.., valid))`; `dialog::confirm(ctx, id, &Question { .. }) -> Choice` |
//! | [`notice`] | state holds `Notices<Command>`; `notices.push(Notice::new(Level::Error, title).detail(..).action(label, cmd))`; `notice::show(ctx, &mut notices, &text)`, `notice::history(ui, &notices, &text)` |
//! | [`progress`] | `ui.add(Progress::new(name, 0.4).text("1,204 / 3,000"))`, `Progress::endless(name)` |
//! | [`skeleton`] | `Waiting::new("companies", "正在加载", clock).shape(Shape::Rows(6)).show(ui)`: its shape for a moment, then a progress bar; `is_late(ctx, id, clock)` |
//! | [`chip`] | `ui.add(Chip::new("正常", Tone::Good))` |
//! | [`stat`] | `Stat::new("价税合计", "1,234.50").note("共 32 张").width(220.0).show(ui)` |
//! | [`empty`] | `Empty::new(Icon::Ledger, title, explanation).show(ui, \|ui\| actions)` |
//! | [`bars`] | `Bars::new(id, "价税合计（万元）", &series, &groups).show(ui, &bars, \|i\| tip(i))` is the pressed bar |
//! | [`banner`] | `Banner::new(Tone::Warning, text).action("了解").show(ui)` is true when pressed |
//! | [`tabs`] | `tabs::tabs(ui, &labels, &mut index).changed()` |
//! | [`segmented`] | `segmented::segmented(ui, "模式", &["数电", "税控"], &mut index).changed()` |
//! | [`nav`] | `nav::nav_rail(ui, &[NavItem::new(Icon::Home, "首页").badge(2)], Some(0))` is the pressed index |
//! | [`icons`] | `ui.add(IconView::new(Icon::Check, ""))`, `icons::paint(painter, rect, icon, color)` |
//! | [`foreign`] | `foreign::visible(name)` marks what is hidden in a text from elsewhere; everything of one line is shown so |
//! | [`elide`] | `ui.add(Elided::new(path).middle())` |
//!
//! Names that are also accessible names (labels, `name` arguments) must differ within one screen: tests find widgets by them.

pub mod banner;
pub mod bars;
pub mod big_table;
pub mod button;
mod calendar;
pub mod chip;
pub mod date_picker;
pub mod dialog;
pub mod elide;
pub mod empty;
pub mod field;
pub mod fonts;
pub mod foreign;
mod glyphs;
pub mod icons;
pub mod nav;
pub mod notice;
mod option_list;
mod paint;
mod palette;
pub mod progress;
pub mod qr;
mod row_scroll;
pub mod segmented;
pub mod select;
mod selection;
pub mod skeleton;
pub mod stat;
pub mod surface;
mod table_bars;
mod table_body;
mod table_cell;
mod table_group;
mod table_head;
mod table_keys;
pub mod tabs;
pub mod tokens;
mod typed_date;

pub use icons::Icon;
pub use tokens::{Tokens, Tone};
