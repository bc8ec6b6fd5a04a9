//! 导出模板: what was chosen once is chosen again by its name, here and on the command line.

use std::path::{Path, PathBuf};
use std::process::Command;

use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_engine::ExportKind;
use piaoxia_service::contract::{CodeCondition, SandboxSize};

use crate::driver::Window;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("core/documents/tests/fixtures").join(name)
}

fn opened(folder: &Path) -> Window {
    let size = SandboxSize { seed: 3, invoices: 40 };
    let mut window = Window::open(&folder.join("Data"), &folder.join("keys"), Sandbox::Quick(size));
    window.sign_in();
    let client = window.client.clone();
    let code = window.block_on(async { client.sandbox().issue_code(CodeCondition::Fresh).await }).unwrap().code;
    window.wait("a page", |state| matches!(state.screen, Screen::Activation | Screen::Home));
    if window.state().screen == Screen::Activation {
        window.type_into("激活码", &code);
        window.press("激活");
    }
    window.wait("the companies", |state| state.companies.list.value().is_some());
    window.press("台账");
    window
}

fn first_line(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&bytes).unwrap();
    text.lines().next().unwrap().to_owned()
}

#[test]
fn a_template_is_saved_renamed_used_after_a_restart_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(folder.path());
    window.drop_files(&[fixture("special.xml"), fixture("red.xml")]);
    window.wait("the import", |state| state.ledger.rows() == 2);
    window.press("导出");
    window.choose("CSV");
    window.choose("GB18030");
    window.press("调整列的顺序和标题");
    window.type_into("“发票票种”列的标题", "票种");
    window.press("上移“发票票种”");
    window.press("收起列的顺序和标题");
    window.press("存为模板…");
    window.type_into("模板名称", "全量发票查询（两张表）");
    assert!(window.says("是内置模板的名称"));
    window.type_into("模板名称", "给客户");
    window.press("保存模板");
    window.wait("the template", |state| state.export.templates.len() == 1);
    // Renamed to what it is called ever after.
    window.press("存为模板…");
    window.type_into("模板名称", "每月给客户");
    window.press("改名");
    window.wait("the new name", |state| state.export.templates.first().is_some_and(|template| template.name == "每月给客户"));
    assert_eq!(window.state().export.templates.len(), 1);
    window.press("取消");
    window.close();

    let mut window = opened(folder.path());
    window.wait("the rows", |state| state.ledger.rows() == 2);
    window.press("导出");
    assert_eq!(window.state().export.dialog.as_ref().unwrap().kind, ExportKind::Xlsx);
    window.select("导出模板", "每月给客户");
    assert_eq!(window.state().export.dialog.as_ref().unwrap().kind, ExportKind::Csv);
    let target = folder.path().join("客户.csv");
    window.type_into("保存为", target.to_str().unwrap());
    window.press("开始导出");
    window.wait("the export", |state| state.export.tasks.is_empty() && target.exists());
    let heading = first_line(&target);
    assert!(heading.starts_with("票种,开票日期,发票代码,"), "{heading}");
    // The next export begins with it.
    window.press("导出");
    assert_eq!(window.state().export.dialog.as_ref().unwrap().kind, ExportKind::Csv);
    window.press("取消");
    window.close();

    let again = folder.path().join("再来.csv");
    let line = ["export", "--template", "每月给客户", "--to", again.to_str().unwrap(), "--data"];
    let ended = Command::new(env!("CARGO_BIN_EXE_piaoxia")).args(line).arg(folder.path().join("Data")).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(&target).unwrap());

    let mut window = opened(folder.path());
    window.press("导出");
    window.press("删除模板…");
    assert!(window.says("删除模板“每月给客户”？"));
    window.press("删除");
    window.wait("no template", |state| state.export.templates.is_empty());
    assert!(window.state().export.template.picked.is_none());
    window.close();
}
