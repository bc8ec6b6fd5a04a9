//! Writes 使用说明.html, which lies beside a release: one file, its pictures in it. `manual FILE`, in the checkout.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use piaoxia::manual::{Block, MANUAL, blocks};

const HEAD: &str = "<!doctype html>
<html lang=\"zh-CN\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>票匣使用说明</title>
<style>
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.7 'Microsoft YaHei', 'Noto Sans SC', sans-serif; color: #1c2730 }
h1, h2 { line-height: 1.3 }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #dfe5e9 }
img { max-width: 100%; border: 1px solid #dfe5e9 }
</style>
";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = std::env::args_os().nth(1).ok_or("manual FILE")?;
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/manual");
    let mut page = HEAD.to_owned();
    let mut list = None;
    for block in blocks(MANUAL) {
        let wanted = match block {
            Block::Step(..) => Some("ol"),
            Block::Point(_) => Some("ul"),
            _ => None,
        };
        if list != wanted {
            list.map_or(Ok(()), |open| writeln!(page, "</{open}>"))?;
            wanted.map_or(Ok(()), |open| writeln!(page, "<{open}>"))?;
            list = wanted;
        }
        match block {
            Block::Title(text) => writeln!(page, "<h1>{}</h1>", escaped(text))?,
            Block::Heading(text) => writeln!(page, "<h2>{}</h2>", escaped(text))?,
            Block::Text(text) => writeln!(page, "<p>{}</p>", escaped(text))?,
            Block::Step(_, text) | Block::Point(text) => writeln!(page, "<li>{}</li>", escaped(text))?,
            Block::Picture(shows, name) => {
                let picture = STANDARD.encode(std::fs::read(pictures.join(name))?);
                writeln!(page, "<p><img alt=\"{}\" src=\"data:image/png;base64,{picture}\"></p>", escaped(shows))?;
            }
        }
    }
    list.map_or(Ok(()), |open| writeln!(page, "</{open}>"))?;
    Ok(std::fs::write(target, page)?)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
