//! The details of an invoice: its face, the pages of its originals, what can be proved of them.

use egui_kittest::kittest::Queryable;
use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_documents::{Check, Outcome};
use piaoxia_domain::invoice::Format;
use piaoxia_engine::DownloadState;
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

#[test]
fn originals_are_shown_and_proved() {
    let folder = tempfile::tempdir().unwrap();
    let size = SandboxSize { seed: 3, invoices: 300 };
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size));
    window.sign_in();
    window.activate();
    window.add_first_account();
    window.press("发票下载");
    window.choose("发票查询统计");
    window.pick("票种", &["数电票（增值税专用发票）"]);
    let last_year = window.state().today.checked_sub(jiff::Span::new().months(11)).unwrap();
    window.type_into("开票日期起", &last_year.first_of_month().to_string());
    window.press("下载发票");
    window.wait("the download", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    let done = window.state().download.all[0].clone();
    assert_eq!((done.state, done.originals_missing), (DownloadState::Done, 0));
    assert!(done.received.invoices > 0);

    window.press("台账");
    window.wait("rows", |state| state.screen == Screen::Ledger && state.ledger.row(0).is_some());
    let number = window.state().ledger.row(0).unwrap().key.number().to_owned();
    window.harness.get_by_label(&number).click();
    window.settle();
    window.harness.key_press(egui::Key::Enter);
    window.wait("the details", |state| state.ledger.sheet.is_some());
    let sheet = window.state().ledger.sheet.clone().unwrap();
    assert_eq!(sheet.originals.len(), 3);
    window.hear(&format!("电子发票（增值税专用发票） {number}"));

    window.wait("the thumbnails", |state| {
        let thumbs = &state.ledger.looking.thumbs;
        thumbs.len() == 2 && thumbs.values().all(|thumb| thumb.drawn.value().is_some_and(|drawn| drawn.picture.width <= 150))
    });

    for format in [Format::Ofd, Format::Pdf] {
        window.choose(&format!("{} 原件", format.extension().to_uppercase()));
        window.wait("a drawing", |state| !state.ledger.looking.drawn.is_loading());
        assert_eq!(window.state().ledger.looking.drawn.problem(), None);
        window.wait("the page", |state| state.ledger.looking.drawn.value().is_some() && !state.ledger.looking.drawn.is_loading());
        let drawn = window.state().ledger.looking.drawn.value().unwrap().clone();
        assert_eq!(drawn.pages.len(), 1);
        let ink = drawn.picture.rgba.chunks_exact(4).filter(|pixel| pixel[..3].iter().all(|part| *part < 128)).count();
        assert!(ink > 2_000, "{format:?} shows {ink} dark pixels");
        let name = sheet.originals.iter().find(|original| original.format == format).unwrap().name.clone();
        window.hear(&format!("{name} 第 1 页"));
    }

    window.choose("核验");
    window.wait("the proof", |state| state.ledger.looking.proof.value().is_some());
    let proof = window.state().ledger.looking.proof.value().unwrap().clone();
    assert_eq!(proof.len(), 3);
    for paper in &proof {
        let found = paper.found.as_ref().unwrap();
        let failed: Vec<_> = found.verdicts.iter().filter(|verdict| verdict.result == Outcome::Fail).collect();
        assert!(failed.is_empty(), "{}: {failed:?}", paper.name);
        let with_ledger = found.verdicts.last().unwrap();
        assert_eq!((with_ledger.check, with_ledger.result), (Check::AgreesWithOther, Outcome::Pass), "{}", paper.name);
    }
    assert!(window.says("项通过"));
    window.press("关闭");
    assert!(window.state().ledger.wanted.is_none());
    window.close();
}
