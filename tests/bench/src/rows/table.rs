//! The table of a million rows: ours beside egui's own `TableBuilder`, layout alone.

use anyhow::Result;
use egui::{Context, Pos2, RawInput, Rect, Ui, Vec2};
use egui_extras::{Column as TheirColumn, TableBuilder};
use piaoxia_widgets::big_table::{BigTable, Cell, Column, TableState, TableText};
use piaoxia_widgets::{Tokens, fonts, tokens};

use crate::line::median;
use crate::measure::thread_cpu;
use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub const TABLE: Row = Row {
    name: "table",
    count: 1_000_000,
    tiny: 1_000,
    ours,
    peers: &[Peer::Library { name: "TableBuilder", work: theirs }],
    bars: &[("frame", 1.0)],
    ..PLAIN
};

const SIZE: Vec2 = Vec2::new(1366.0, 768.0);
const FRAMES: u64 = 300;
const HEIGHT: f32 = 28.0;
const TEXT: TableText<'static> = TableText { name: "发票", row: "第 {i} 行，共 {n} 行" };
const COLUMNS: [(&str, f32); 10] = [
    ("开票日期", 100.0),
    ("发票类型", 120.0),
    ("号码", 170.0),
    ("销售方", 200.0),
    ("购买方", 200.0),
    ("金额", 110.0),
    ("税额", 100.0),
    ("价税合计", 110.0),
    ("状态", 90.0),
    ("原件", 90.0),
];

fn text(row: u64, column: usize) -> String {
    match column {
        0 => format!("2026-{:02}-{:02}", row % 12 + 1, row % 28 + 1),
        2 => format!("26312{row:015}"),
        3 => format!("上海第{}商贸有限公司", row % 5_000),
        5..=7 => format!("{}.{:02}", row % 9_999, row % 100),
        _ => "华盟科技有限公司".to_owned(),
    }
}

/// Frames that each show another place of the table: CPU of the first, and the median of the others.
fn frames(task: &Task, meter: &mut Meter, mut draw: impl FnMut(&mut Ui, u64)) -> String {
    let context = Context::default();
    fonts::install(&context, piaoxia::FONT);
    tokens::apply(&context, &Tokens::light());
    let input = || RawInput { screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)), ..RawInput::default() };
    let mut times = Vec::new();
    let begun = thread_cpu();
    for frame in 0..FRAMES {
        let row = frame * 48_611 % task.count;
        let before = thread_cpu();
        // What is drawn is not needed: a screen would take the same of both.
        context.run_ui(input(), |ui| draw(ui, row)).textures_delta.clear();
        times.push((thread_cpu() - before) * 1e3);
        if frame == 0 {
            meter.figure("first_frame", (thread_cpu() - begun) * 1e3, "ms");
        }
    }
    meter.figure("frame", median(times.get(1..).unwrap_or_default()).unwrap_or_default(), "ms");
    format!("{FRAMES} frames")
}

fn ours(task: &Task, meter: &mut Meter) -> Result<String> {
    let columns = COLUMNS.map(|(title, width)| Column::new(title, width));
    let mut state = TableState::default();
    Ok(frames(task, meter, |ui, row| {
        state.go_to(row);
        let mut cells = |cell: &mut Cell<'_>, row: u64, column: usize| cell.text(&text(row, column));
        BigTable::new("table", &columns, task.count, TEXT).row_height(HEIGHT).show(ui, &mut state, &mut cells);
    }))
}

fn theirs(task: &Task, meter: &mut Meter) -> Result<String> {
    let rows = usize::try_from(task.count)?;
    Ok(frames(task, meter, |ui, row| {
        let mut table = TableBuilder::new(ui).striped(true).scroll_to_row(usize::try_from(row).unwrap_or_default(), None);
        for (_, width) in COLUMNS {
            table = table.column(TheirColumn::initial(width).clip(true));
        }
        let table = table.header(HEIGHT, |mut header| {
            for (title, _) in COLUMNS {
                header.col(|ui| {
                    ui.label(title);
                });
            }
        });
        table.body(|body| {
            body.rows(HEIGHT, rows, |mut line| {
                let row = line.index() as u64;
                for column in 0..COLUMNS.len() {
                    line.col(|ui| {
                        ui.label(text(row, column));
                    });
                }
            });
        });
    }))
}
