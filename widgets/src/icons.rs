//! Icons drawn with strokes: no icon font, sharp at every scale, one colour.

use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, Widget, WidgetInfo};

use crate::glyphs::{self, Part};

/// A glyph on a 16 × 16 grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Icon {
    /// 首页
    Home,
    /// 企业
    Company,
    /// 电子税务局账号
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
    /// 缩小
    Minus,
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
    /// 向左两步
    ChevronsLeft,
    /// 向右两步
    ChevronsRight,
}

impl Icon {
    /// Every glyph.
    pub fn all() -> impl Iterator<Item = Self> {
        glyphs::all()
    }
}

const GRID: f32 = 16.0;

/// Paints a glyph into the largest square in the middle of `rect`.
pub fn paint(painter: &Painter, rect: Rect, icon: Icon, color: Color32) {
    let side = rect.width().min(rect.height());
    let square = Rect::from_center_size(rect.center(), Vec2::splat(side));
    let unit = side / GRID;
    let stroke = Stroke::new((1.3 * unit).max(1.0), color);
    let at = |(x, y): (f32, f32)| square.min + Vec2::new(x, y) * unit;
    painter.extend(glyphs::parts(icon).iter().map(|part| match *part {
        Part::Line(points) => Shape::line(points.iter().copied().map(at).collect(), stroke),
        Part::Closed(points) => Shape::closed_line(points.iter().copied().map(at).collect(), stroke),
        Part::Circle(x, y, radius) => Shape::circle_stroke(at((x, y)), radius * unit, stroke),
        Part::Dot(x, y, radius) => Shape::circle_filled(at((x, y)), radius * unit, color),
        Part::Arc(x, y, radius, from, to) => Shape::line(arc(at((x, y)), radius * unit, from, to), stroke),
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
