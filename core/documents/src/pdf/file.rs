//! A PDF file: where its objects lie, and each of them when it is asked for (ISO 32000-1, 7.5).
//!
//! Nothing is read ahead: a file costs what is used of it. Every object is parsed anew when it is asked for; only unpacked
//! object streams are kept, within limits.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::crypt::Crypt;
use super::filter::{self, Packed};
use super::object::{Dict, Object, Stream};
use super::parser::Parser;
use super::xref;
use crate::limits::{PDF_BYTES, PDF_DEPTH, PDF_KEPT_BYTES, PDF_STREAM_BYTES, PDF_TOTAL_BYTES, PDF_VALUES};
use crate::refused::{PdfFault, Refused};

/// References that may lead from one to the next.
const CHAIN: usize = 16;
/// Filters of one stream.
const FILTERS: usize = 4;

/// Where an object lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At an offset of the file.
    At(usize),
    /// Within an object stream, as its n-th object.
    In {
        /// Number of the object stream.
        stream: u32,
        /// Its n-th object, from 0.
        nth: usize,
    },
}

/// Objects by number.
pub(super) type Places = BTreeMap<u32, Place>;

/// A file, opened.
pub(super) struct File<'a> {
    bytes: &'a [u8],
    places: Places,
    trailer: Dict,
    /// Where the file is encrypted and opens without a password.
    crypt: Option<Crypt>,
    kept: RefCell<BTreeMap<u32, Rc<ObjectStream>>>,
    /// Bytes of object streams that may still be kept.
    room: Cell<usize>,
    /// Bytes that may still be unpacked.
    left: Cell<usize>,
    /// Values that may still be read.
    values: Cell<usize>,
    /// How many objects are being looked up within each other.
    nested: Cell<usize>,
    /// Where objects lie by a search, once a table has led to a wrong place.
    searched: OnceCell<Places>,
    searching: Cell<bool>,
}

/// An unpacked object stream (7.5.7).
struct ObjectStream {
    bytes: Vec<u8>,
    /// Number and place of each object.
    objects: Vec<(u32, usize)>,
}

impl<'a> File<'a> {
    /// Finds the objects, by the cross-reference tables or, where those are damaged, by looking for them.
    ///
    /// # Errors
    /// [`PdfFault`].
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refused> {
        if bytes.len() > PDF_BYTES {
            return Err(Refused::TooLarge { size: bytes.len() as u64, limit: PDF_BYTES as u64 });
        }
        let mut file = Self {
            bytes,
            places: Places::new(),
            trailer: Dict::default(),
            crypt: None,
            kept: RefCell::default(),
            room: Cell::new(PDF_KEPT_BYTES),
            left: Cell::new(PDF_TOTAL_BYTES),
            values: Cell::new(PDF_VALUES),
            nested: Cell::new(0),
            searched: OnceCell::new(),
            searching: Cell::new(false),
        };
        if !file.adopt(xref::by_table)? && !file.adopt(xref::by_search)? {
            return Err(PdfFault::Unreadable.into());
        }
        Ok(file)
    }

    /// Takes a way of finding objects if it leads to a catalog with pages.
    fn adopt(&mut self, find: fn(&File<'_>) -> Result<(Places, Dict), PdfFault>) -> Result<bool, PdfFault> {
        let (places, trailer) = find(self)?;
        (self.places, self.trailer) = (places, trailer);
        self.kept.borrow_mut().clear();
        self.room.set(PDF_KEPT_BYTES);
        self.crypt = None;
        if *self.trailer.get(b"Encrypt") != Object::Null {
            self.crypt = Some(self.unlocked().ok_or(PdfFault::Encrypted)?);
        }
        Ok(self.catalog().dict().is_some_and(|catalog| self.value(catalog, b"Pages").dict().is_some()))
    }

    /// The key, where the file has one that is no secret. What it is made of is not encrypted itself.
    fn unlocked(&self) -> Option<Crypt> {
        let encrypt = self.resolve(self.trailer.get(b"Encrypt"));
        let resolved = |dict: &Dict| Dict(dict.0.iter().map(|(key, value)| (key.clone(), self.resolve(value))).collect());
        let encrypt = resolved(encrypt.dict()?);
        let filters = resolved(encrypt.get(b"CF").dict().unwrap_or(&Dict::default()));
        let id = self.value(&self.trailer, b"ID");
        let id = id.array().and_then(<[Object]>::first).map(|first| self.resolve(first)).unwrap_or_default();
        Crypt::open(&encrypt, id.text().unwrap_or_default(), &filters)
    }

    /// All bytes of the file.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The document's catalog.
    pub(super) fn catalog(&self) -> Object {
        self.resolve(self.trailer.get(b"Root"))
    }

    /// The information dictionary (14.3.3).
    pub(super) fn info(&self) -> Object {
        self.resolve(self.trailer.get(b"Info"))
    }

    /// A value with references followed; [`Object::Null`] where they lead nowhere or in a circle.
    pub(super) fn resolve(&self, object: &Object) -> Object {
        let mut object = object.clone();
        for _ in 0..CHAIN {
            let Object::Ref(number) = object else { return object };
            object = self.object(number);
        }
        Object::Null
    }

    /// The value of a key, references followed.
    pub(super) fn value(&self, dict: &Dict, key: &[u8]) -> Object {
        self.resolve(dict.get(key))
    }

    /// An indirect object.
    fn object(&self, number: u32) -> Object {
        // The length of a stream may be an object within a stream whose length ...
        if self.nested.get() > PDF_DEPTH {
            return Object::Null;
        }
        self.nested.set(self.nested.get() + 1);
        let place = self.places.get(&number).copied();
        // An object that no table names is null (7.3.10); one that does not lie where a table says is looked for.
        let found = place.and_then(|place| self.object_of(place, number).or_else(|| self.object_of(self.searched(number)?, number)));
        self.nested.set(self.nested.get() - 1);
        found.unwrap_or_default()
    }

    fn object_of(&self, place: Place, number: u32) -> Option<Object> {
        match place {
            Place::At(at) => self.object_at(at, Some(number)),
            Place::In { stream, nth } => self.object_in(stream, nth, number),
        }
    }

    /// Where the object lies by a search through the file, which is made once.
    fn searched(&self, number: u32) -> Option<Place> {
        // The search itself looks objects up.
        if self.searching.replace(true) {
            return None;
        }
        let places = self.searched.get_or_init(|| xref::by_search(self).map(|(places, _)| places).unwrap_or_default());
        self.searching.set(false);
        places.get(&number).copied()
    }

    /// The object `N G obj` at an offset; none when another number stands there.
    pub(super) fn object_at(&self, at: usize, wanted: Option<u32>) -> Option<Object> {
        let mut parser = Parser::at(self.bytes, at);
        let number = parser.integer()?;
        let generation = parser.integer()?;
        parser.skip_space();
        if !parser.accept(b"obj") || wanted.is_some_and(|wanted| u64::from(wanted) != number) {
            return None;
        }
        let mut object = self.charged(&mut parser)?;
        let of = (u32::try_from(number).ok()?, u16::try_from(generation).unwrap_or_default());
        if let Some(crypt) = &self.crypt {
            crypt.texts(of, &mut object);
        }
        let Object::Dict(dict) = object else { return Some(object) };
        parser.skip_space();
        if !parser.accept(b"stream") {
            return Some(Object::Dict(dict));
        }
        // The word ends with a line feed, or carriage return and line feed (7.3.8.1).
        parser.accept(b"\r");
        parser.accept(b"\n");
        let range = self.stream_range(&dict, parser.at);
        Some(Object::Stream(Stream { dict, range, of }))
    }

    /// By its length where `endstream` follows there, else up to the next `endstream`.
    fn stream_range(&self, dict: &Dict, start: usize) -> std::ops::Range<usize> {
        if let Some(end) = self.value(dict, b"Length").index().and_then(|length| start.checked_add(length)) {
            let mut behind = Parser::at(self.bytes, end);
            behind.skip_space();
            if end <= self.bytes.len() && behind.accept(b"endstream") {
                return start..end;
            }
        }
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = memchr::memmem::find(rest, b"endstream").unwrap_or(rest.len());
        self.charge(length / 64);
        start..start + length
    }

    fn object_in(&self, stream: u32, nth: usize, number: u32) -> Option<Object> {
        let known = self.kept.borrow().get(&stream).map(Rc::clone);
        let stream = match known {
            Some(stream) => stream,
            None => self.keep(stream)?,
        };
        let (_, at) = stream.objects.get(nth).filter(|(stated, _)| *stated == number)?;
        self.charged(&mut Parser::at(&stream.bytes, *at))
    }

    /// Reads an object against what the whole document may cost: each is read anew whenever it is asked for.
    fn charged(&self, parser: &mut Parser<'_>) -> Option<Object> {
        if self.values.get() == 0 {
            return None;
        }
        let object = parser.object();
        self.charge(parser.cost());
        object
    }

    fn charge(&self, cost: usize) {
        self.values.set(self.values.get().saturating_sub(cost));
    }

    /// Unpacks an object stream, which must lie in the file itself.
    fn keep(&self, number: u32) -> Option<Rc<ObjectStream>> {
        let Some(Place::At(at)) = self.places.get(&number) else { return None };
        let Object::Stream(stream) = self.object_at(*at, Some(number))? else { return None };
        let unpacked = ObjectStream::new(self, &stream)?;
        self.room.set(self.room.get().checked_sub(unpacked.bytes.len())?);
        let unpacked = Rc::new(unpacked);
        self.kept.borrow_mut().insert(number, Rc::clone(&unpacked));
        Some(unpacked)
    }

    /// Numbers of the objects in an object stream.
    pub(super) fn numbers_in(&self, stream: &Stream) -> Vec<u32> {
        ObjectStream::new(self, stream).map(|stream| stream.objects.iter().map(|(number, _)| *number).collect()).unwrap_or_default()
    }

    /// The bytes of a stream, unpacked.
    pub(super) fn unpacked(&self, stream: &Stream) -> Result<Vec<u8>, Packed> {
        match self.unpacked_to(stream)? {
            (bytes, None) => Ok(bytes),
            (_, Some(_)) => Err(Packed::Unknown),
        }
    }

    /// The bytes of a stream, unpacked as far as the filters are of this program: the filter that is left is a picture's.
    pub(super) fn unpacked_to(&self, stream: &Stream) -> Result<(Vec<u8>, Option<Vec<u8>>), Packed> {
        let filters = listed(self.first_of(&stream.dict, [b"Filter", b"F"]));
        let params = listed(self.first_of(&stream.dict, [b"DecodeParms", b"DP"]));
        let raw = self.plain(stream);
        if filters.len() > FILTERS {
            return Err(Packed::Unknown);
        }
        // Bytes that are only copied cost a quarter of unpacked ones; without a price a form that is drawn a million times has none.
        let copied = raw.len() / 4;
        self.left.set(self.left.get().checked_sub(copied).ok_or(Packed::TooLarge)?);
        let mut bytes: Option<Vec<u8>> = None;
        for (nth, filter) in filters.iter().enumerate() {
            let filter = self.resolve(filter);
            let name = filter.name().unwrap_or_default();
            if matches!(name, b"DCTDecode" | b"DCT" | b"JPXDecode" | b"CCITTFaxDecode" | b"CCF" | b"JBIG2Decode") {
                return Ok((bytes.unwrap_or_else(|| raw.into_owned()), Some(name.to_vec())));
            }
            let params = params.get(nth).map(|params| self.resolve(params));
            let nothing = Dict::default();
            let params = params.as_ref().and_then(Object::dict).unwrap_or(&nothing);
            let room = PDF_STREAM_BYTES.min(self.left.get());
            let unpacked = filter::unpack(name, params, bytes.as_deref().unwrap_or(&raw), room)?;
            self.left.set(self.left.get().saturating_sub(unpacked.len()));
            bytes = Some(unpacked);
        }
        Ok((bytes.unwrap_or_else(|| raw.into_owned()), None))
    }

    /// The packed bytes of a stream. Cross-reference streams are never encrypted (7.5.8.2).
    fn plain(&self, stream: &Stream) -> Cow<'a, [u8]> {
        let raw = self.bytes.get(stream.range.clone()).unwrap_or_default();
        match &self.crypt {
            Some(crypt) if stream.dict.get(b"Type").name() != Some(b"XRef") => crypt.stream(stream.of, raw),
            _ => Cow::Borrowed(raw),
        }
    }

    fn first_of(&self, dict: &Dict, keys: [&[u8]; 2]) -> Object {
        keys.into_iter().map(|key| self.value(dict, key)).find(|value| *value != Object::Null).unwrap_or_default()
    }
}

impl ObjectStream {
    fn new(file: &File<'_>, stream: &Stream) -> Option<Self> {
        let bytes = file.unpacked(stream).ok()?;
        let first = file.value(&stream.dict, b"First").index()?;
        let count = file.value(&stream.dict, b"N").index()?;
        let mut head = Parser::new(bytes.get(..first)?);
        let pair = |_| Some((u32::try_from(head.integer()?).ok()?, first.checked_add(usize::try_from(head.integer()?).ok()?)?));
        // Each pair takes at least four bytes, whatever the count says.
        let objects = (0..count.min(first / 4 + 1)).map_while(pair).collect();
        Some(Self { bytes, objects })
    }
}

/// One value or an array of them.
fn listed(object: Object) -> Vec<Object> {
    match object {
        Object::Null => Vec::new(),
        Object::Array(items) => items,
        one => vec![one],
    }
}
