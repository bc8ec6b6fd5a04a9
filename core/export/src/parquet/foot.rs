//! The foot of a file (FileMetaData): its columns, and where their chunks lie.

use super::shape::{CODEC, PRECISION, SCALE, Shape};
use super::thrift::Writer;
use super::{Field, Group};

/// Version 2 of the format: logical types, and dictionaries by their later name.
const VERSION: i32 = 2;

pub(super) fn write(fields: &[Field], groups: &[Group]) -> Vec<u8> {
    let mut foot = Writer::default();
    foot.i32(1, VERSION);
    // The schema is a tree in one list: its root first.
    let schema: Vec<Option<&Field>> = std::iter::once(None).chain(fields.iter().map(Some)).collect();
    foot.structure_list(2, &schema, |element, field| match field {
        Some(field) => column(element, field),
        None => {
            element.text(4, "schema");
            element.i32(5, i32::try_from(fields.len()).unwrap_or(i32::MAX));
        }
    });
    foot.i64(3, groups.iter().map(|group| group.rows).sum());
    foot.structure_list(4, groups, |out, group| row_group(out, fields, group));
    foot.text(6, concat!("piaoxia version ", env!("CARGO_PKG_VERSION")));
    foot.finish()
}

fn column(element: &mut Writer, field: &Field) {
    let shape = field.shape;
    element.i32(1, shape.physical());
    element.i32(3, shape.repetition());
    element.text(4, &field.name);
    element.i32(6, shape.converted());
    if shape == Shape::Amount {
        element.i32(7, SCALE);
        element.i32(8, PRECISION);
    }
    element.structure(10, |logical| match shape {
        Shape::Text => logical.structure(1, |_| ()),
        Shape::Amount => logical.structure(5, |decimal| {
            decimal.i32(1, SCALE);
            decimal.i32(2, PRECISION);
        }),
        Shape::Day => logical.structure(6, |_| ()),
        Shape::Count => logical.structure(10, |integer| {
            integer.byte(1, 32);
            integer.flag(2, true);
        }),
    });
}

fn row_group(out: &mut Writer, fields: &[Field], group: &Group) {
    let chunks: Vec<_> = fields.iter().zip(&group.chunks).collect();
    out.structure_list(1, &chunks, |out, (field, (start, chunk))| {
        out.i64(2, 0);
        out.structure(3, |about| {
            about.i32(1, field.shape.physical());
            about.i32_list(2, &chunk.encodings);
            about.text_list(3, &[&field.name]);
            about.i32(4, CODEC);
            about.i64(5, chunk.rows);
            about.i64(6, chunk.uncompressed);
            about.i64(7, chunk.compressed);
            about.i64(9, start + chunk.data);
            if let Some(dictionary) = chunk.dictionary {
                about.i64(11, start + dictionary);
            }
        });
    });
    let sum = |size: fn(&super::Chunk) -> i64| group.chunks.iter().map(|(_, chunk)| size(chunk)).sum::<i64>();
    out.i64(2, sum(|chunk| chunk.uncompressed));
    out.i64(3, group.rows);
    if let Some((start, _)) = group.chunks.first() {
        out.i64(5, *start);
    }
    out.i64(6, sum(|chunk| chunk.compressed));
}
