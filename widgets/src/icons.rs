//! Icons drawn with strokes: no icon font, sharp at every scale, one colour.

use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, Widget, WidgetInfo};

/// A glyph on a 16 × 16 grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Icon {
    /// 首页
    Home,
    /// 企业
    Company,
    /// 电子税局账号
    Account,
    /// 税盘
    Disk,
    /// 下载
    Download,
    /// 导入
    Upload,
    /// 台账
    Ledger,
    /// 统计
    Chart,
    /// 任务
    Jobs,
    /// 设置
    Settings,
    /// 用户
    User,
    /// 文件夹
    Folder,
    /// 文件
    File,
    /// 搜索
    Search,
    /// 刷新
    Refresh,
    /// 关闭
    Close,
    /// 完成
    Check,
    /// 注意
    Warning,
    /// 说明
    Info,
    /// 错误
    Error,
    /// 添加
    Plus,
    /// 编辑
    Edit,
    /// 删除
    Trash,
    /// 复制
    Copy,
    /// 日历
    Calendar,
    /// 筛选
    Filter,
    /// 二维码
    Qr,
    /// 手机
    Phone,
    /// 锁定
    Lock,
    /// 显示
    Eye,
    /// 隐藏
    EyeOff,
    /// 暂停
    Pause,
    /// 继续
    Play,
    /// 时间
    Clock,
    /// 链接、绑定
    Link,
    /// 退出
    Exit,
    /// 通知
    Bell,
    /// 更多
    More,
    /// 向左
    ChevronLeft,
    /// 向右
    ChevronRight,
    /// 向上
    ChevronUp,
    /// 向下
    ChevronDown,
}

/// One stroke of a glyph, in grid units.
enum Part {
    Line(&'static [(f32, f32)]),
    Closed(&'static [(f32, f32)]),
    Circle(f32, f32, f32),
    /// Centre, radius, start and end in turns, clockwise from the right.
    Arc(f32, f32, f32, f32, f32),
    Dot(f32, f32, f32),
}

use Part::{Arc, Circle, Closed, Dot, Line};

const GRID: f32 = 16.0;

/// Paints a glyph into the largest square in the middle of `rect`.
pub fn paint(painter: &Painter, rect: Rect, icon: Icon, color: Color32) {
    let side = rect.width().min(rect.height());
    let square = Rect::from_center_size(rect.center(), Vec2::splat(side));
    let unit = side / GRID;
    let stroke = Stroke::new((1.3 * unit).max(1.0), color);
    let at = |(x, y): (f32, f32)| square.min + Vec2::new(x, y) * unit;
    painter.extend(parts(icon).iter().map(|part| match *part {
        Line(points) => Shape::line(points.iter().copied().map(at).collect(), stroke),
        Closed(points) => Shape::closed_line(points.iter().copied().map(at).collect(), stroke),
        Circle(x, y, radius) => Shape::circle_stroke(at((x, y)), radius * unit, stroke),
        Dot(x, y, radius) => Shape::circle_filled(at((x, y)), radius * unit, color),
        Arc(x, y, radius, from, to) => Shape::line(arc(at((x, y)), radius * unit, from, to), stroke),
    }));
}

fn arc(center: Pos2, radius: f32, from: f32, to: f32) -> Vec<Pos2> {
    const STEPS: u8 = 20;
    (0..=STEPS)
        .map(|step| {
            let turn = from + (to - from) * f32::from(step) / f32::from(STEPS);
            center + Vec2::angled(turn * std::f32::consts::TAU) * radius
        })
        .collect()
}

/// A glyph as a widget that is only looked at. `name` is its accessible name; give "" when text next to it says the same.
pub struct IconView<'a> {
    icon: Icon,
    name: &'a str,
    size: f32,
    color: Option<Color32>,
}

impl<'a> IconView<'a> {
    /// A 16 point glyph in the text colour.
    pub fn new(icon: Icon, name: &'a str) -> Self {
        Self { icon, name, size: GRID, color: None }
    }

    /// Side length in points.
    #[must_use]
    pub fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }

    /// Another colour than the text's.
    #[must_use]
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }
}

impl Widget for IconView<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(self.size), Sense::hover());
        let color = self.color.unwrap_or_else(|| ui.visuals().text_color());
        paint(ui.painter(), rect, self.icon, color);
        if !self.name.is_empty() {
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.name));
        }
        response
    }
}

fn parts(icon: Icon) -> &'static [Part] {
    match icon {
        Icon::Home => &[Line(&[(2.0, 8.0), (8.0, 2.5), (14.0, 8.0)]), Line(&[(3.7, 6.8), (3.7, 13.5), (12.3, 13.5), (12.3, 6.8)]), Line(&[(6.6, 13.5), (6.6, 9.8), (9.4, 9.8), (9.4, 13.5)])],
        Icon::Company => &[Closed(&[(2.5, 13.5), (2.5, 2.5), (9.5, 2.5), (9.5, 13.5)]), Line(&[(9.5, 6.5), (13.5, 6.5), (13.5, 13.5), (9.5, 13.5)]), Line(&[(4.7, 5.5), (7.3, 5.5)]), Line(&[(4.7, 8.0), (7.3, 8.0)]), Line(&[(4.7, 10.5), (7.3, 10.5)])],
        Icon::Account => &[Closed(&[(1.8, 3.2), (14.2, 3.2), (14.2, 12.8), (1.8, 12.8)]), Circle(5.6, 7.0, 1.5), Arc(5.6, 11.3, 2.3, 0.54, 0.96), Line(&[(9.6, 6.6), (12.2, 6.6)]), Line(&[(9.6, 9.4), (12.2, 9.4)])],
        Icon::Disk => &[Closed(&[(4.0, 7.0), (12.0, 7.0), (12.0, 13.8), (4.0, 13.8)]), Line(&[(5.5, 7.0), (5.5, 2.2), (10.5, 2.2), (10.5, 7.0)]), Line(&[(7.1, 4.4), (7.1, 4.9)]), Line(&[(8.9, 4.4), (8.9, 4.9)])],
        Icon::Download => &[Line(&[(8.0, 2.0), (8.0, 10.2)]), Line(&[(4.6, 7.0), (8.0, 10.4), (11.4, 7.0)]), Line(&[(2.5, 11.2), (2.5, 13.7), (13.5, 13.7), (13.5, 11.2)])],
        Icon::Upload => &[Line(&[(8.0, 10.2), (8.0, 2.2)]), Line(&[(4.6, 5.4), (8.0, 2.0), (11.4, 5.4)]), Line(&[(2.5, 11.2), (2.5, 13.7), (13.5, 13.7), (13.5, 11.2)])],
        Icon::Ledger => &[Closed(&[(2.5, 2.5), (13.5, 2.5), (13.5, 13.5), (2.5, 13.5)]), Line(&[(2.5, 6.2), (13.5, 6.2)]), Line(&[(2.5, 9.8), (13.5, 9.8)]), Line(&[(6.3, 6.2), (6.3, 13.5)])],
        Icon::Chart => &[Line(&[(2.2, 2.2), (2.2, 13.8), (13.8, 13.8)]), Line(&[(5.2, 13.8), (5.2, 9.0)]), Line(&[(8.4, 13.8), (8.4, 5.5)]), Line(&[(11.6, 13.8), (11.6, 7.6)])],
        Icon::Jobs => &[Line(&[(2.2, 4.2), (3.4, 5.3), (5.4, 2.9)]), Line(&[(7.6, 4.2), (13.8, 4.2)]), Line(&[(2.2, 8.9), (3.4, 10.0), (5.4, 7.6)]), Line(&[(7.6, 8.6), (13.8, 8.6)]), Line(&[(7.6, 13.0), (13.8, 13.0)]), Dot(3.7, 13.0, 0.9)],
        Icon::Settings => &[Line(&[(2.0, 4.0), (8.0, 4.0)]), Circle(10.0, 4.0, 1.8), Line(&[(12.0, 4.0), (14.0, 4.0)]), Line(&[(2.0, 8.0), (3.6, 8.0)]), Circle(5.6, 8.0, 1.8), Line(&[(7.6, 8.0), (14.0, 8.0)]), Line(&[(2.0, 12.0), (8.0, 12.0)]), Circle(10.0, 12.0, 1.8), Line(&[(12.0, 12.0), (14.0, 12.0)])],
        Icon::User => &[Circle(8.0, 5.2, 2.9), Arc(8.0, 14.0, 5.4, 0.5, 1.0), Line(&[(2.6, 14.0), (13.4, 14.0)])],
        Icon::Folder => &[Closed(&[(1.8, 12.8), (1.8, 3.2), (6.2, 3.2), (7.8, 5.2), (14.2, 5.2), (14.2, 12.8)])],
        Icon::File => &[Closed(&[(3.5, 1.8), (9.4, 1.8), (12.5, 4.9), (12.5, 14.2), (3.5, 14.2)]), Line(&[(9.4, 1.8), (9.4, 4.9), (12.5, 4.9)]), Line(&[(5.8, 8.2), (10.2, 8.2)]), Line(&[(5.8, 10.9), (10.2, 10.9)])],
        Icon::Search => &[Circle(7.0, 7.0, 4.5), Line(&[(10.3, 10.3), (14.0, 14.0)])],
        Icon::Refresh => &[Arc(8.0, 8.0, 5.4, -0.12, 0.68), Line(&[(12.9, 1.9), (12.4, 5.0), (9.3, 4.6)])],
        Icon::Close => &[Line(&[(3.6, 3.6), (12.4, 12.4)]), Line(&[(12.4, 3.6), (3.6, 12.4)])],
        Icon::Check => &[Line(&[(2.8, 8.6), (6.3, 12.0), (13.2, 4.4)])],
        Icon::Warning => &[Closed(&[(8.0, 2.0), (14.6, 13.6), (1.4, 13.6)]), Line(&[(8.0, 6.4), (8.0, 9.6)]), Dot(8.0, 11.6, 0.85)],
        Icon::Info => &[Circle(8.0, 8.0, 6.2), Line(&[(8.0, 7.3), (8.0, 11.4)]), Dot(8.0, 4.9, 0.9)],
        Icon::Error => &[Circle(8.0, 8.0, 6.2), Line(&[(8.0, 4.5), (8.0, 8.7)]), Dot(8.0, 11.2, 0.9)],
        Icon::Plus => &[Line(&[(8.0, 2.8), (8.0, 13.2)]), Line(&[(2.8, 8.0), (13.2, 8.0)])],
        Icon::Edit => &[Closed(&[(2.4, 13.6), (3.2, 10.2), (11.0, 2.4), (13.6, 5.0), (5.8, 12.8)]), Line(&[(9.2, 4.2), (11.8, 6.8)])],
        Icon::Trash => &[Line(&[(2.4, 4.2), (13.6, 4.2)]), Line(&[(6.0, 4.2), (6.0, 2.2), (10.0, 2.2), (10.0, 4.2)]), Line(&[(3.8, 4.2), (4.5, 13.8), (11.5, 13.8), (12.2, 4.2)]), Line(&[(6.7, 7.0), (6.9, 11.2)]), Line(&[(9.3, 7.0), (9.1, 11.2)])],
        Icon::Copy => &[Closed(&[(5.5, 5.5), (13.8, 5.5), (13.8, 13.8), (5.5, 13.8)]), Line(&[(10.5, 5.5), (10.5, 2.2), (2.2, 2.2), (2.2, 10.5), (5.5, 10.5)])],
        Icon::Calendar => &[Closed(&[(2.2, 3.5), (13.8, 3.5), (13.8, 13.8), (2.2, 13.8)]), Line(&[(2.2, 6.8), (13.8, 6.8)]), Line(&[(5.2, 1.8), (5.2, 4.6)]), Line(&[(10.8, 1.8), (10.8, 4.6)])],
        Icon::Filter => &[Closed(&[(2.0, 2.8), (14.0, 2.8), (9.5, 8.3), (9.5, 13.4), (6.5, 11.8), (6.5, 8.3)])],
        Icon::Qr => &[Closed(&[(2.2, 2.2), (6.6, 2.2), (6.6, 6.6), (2.2, 6.6)]), Closed(&[(9.4, 2.2), (13.8, 2.2), (13.8, 6.6), (9.4, 6.6)]), Closed(&[(2.2, 9.4), (6.6, 9.4), (6.6, 13.8), (2.2, 13.8)]), Dot(9.9, 9.9, 0.9), Dot(13.3, 9.9, 0.9), Dot(11.6, 11.6, 0.9), Dot(9.9, 13.3, 0.9), Dot(13.3, 13.3, 0.9)],
        Icon::Phone => &[Closed(&[(4.0, 1.8), (12.0, 1.8), (12.0, 14.2), (4.0, 14.2)]), Line(&[(7.0, 12.0), (9.0, 12.0)])],
        Icon::Lock => &[Closed(&[(3.2, 7.2), (12.8, 7.2), (12.8, 13.8), (3.2, 13.8)]), Line(&[(5.2, 7.2), (5.2, 5.0)]), Arc(8.0, 5.0, 2.8, 0.5, 1.0), Line(&[(10.8, 5.0), (10.8, 7.2)]), Dot(8.0, 10.5, 1.0)],
        Icon::Eye => &[Arc(8.0, 12.6, 7.6, 0.61, 0.89), Arc(8.0, 3.4, 7.6, 0.11, 0.39), Circle(8.0, 8.0, 2.0)],
        Icon::EyeOff => &[Arc(8.0, 12.6, 7.6, 0.61, 0.89), Arc(8.0, 3.4, 7.6, 0.11, 0.39), Circle(8.0, 8.0, 2.0), Line(&[(2.8, 13.4), (13.2, 2.6)])],
        Icon::Pause => &[Line(&[(5.5, 3.0), (5.5, 13.0)]), Line(&[(10.5, 3.0), (10.5, 13.0)])],
        Icon::Play => &[Closed(&[(4.5, 2.8), (13.0, 8.0), (4.5, 13.2)])],
        Icon::Clock => &[Circle(8.0, 8.0, 6.2), Line(&[(8.0, 4.4), (8.0, 8.2), (10.8, 9.8)])],
        Icon::Link => &[Arc(5.0, 8.0, 3.0, 0.14, 0.86), Arc(11.0, 8.0, 3.0, -0.36, 0.36), Line(&[(5.4, 8.0), (10.6, 8.0)])],
        Icon::Exit => &[Line(&[(9.0, 2.4), (2.8, 2.4), (2.8, 13.6), (9.0, 13.6)]), Line(&[(6.5, 8.0), (13.8, 8.0)]), Line(&[(10.8, 5.0), (13.8, 8.0), (10.8, 11.0)])],
        Icon::Bell => &[Line(&[(3.8, 11.6), (3.8, 7.0)]), Arc(8.0, 7.0, 4.2, 0.5, 1.0), Line(&[(12.2, 7.0), (12.2, 11.6)]), Line(&[(2.2, 11.6), (13.8, 11.6)]), Line(&[(6.6, 13.8), (9.4, 13.8)])],
        Icon::More => &[Dot(3.4, 8.0, 1.2), Dot(8.0, 8.0, 1.2), Dot(12.6, 8.0, 1.2)],
        Icon::ChevronLeft => &[Line(&[(9.8, 3.4), (5.4, 8.0), (9.8, 12.6)])],
        Icon::ChevronRight => &[Line(&[(6.2, 3.4), (10.6, 8.0), (6.2, 12.6)])],
        Icon::ChevronUp => &[Line(&[(3.4, 10.2), (8.0, 5.8), (12.6, 10.2)])],
        Icon::ChevronDown => &[Line(&[(3.4, 5.8), (8.0, 10.2), (12.6, 5.8)])],
    }
}
