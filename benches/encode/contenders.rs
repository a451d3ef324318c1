//! The encoders of an input.

use std::hint::black_box;
use std::rc::Rc;

use bytes::BytesMut;
use chunkwire::{Encode, Writer};
use chunkwire_server::users::Users;
use serde::Serialize;

/// The name of the encoder.
pub(crate) const NATIVE: &str = "chunkwire";

/// The name of the encoder by way of `Serialize`.
pub(crate) const BY_SERDE: &str = "via serde";

/// The name of what moves the finished bytes into the buffer: the floor.
pub(crate) const COPY: &str = "copy";

/// Encodes the values of an input into a buffer that it uses again, so that no allocation is timed.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) encode: Box<dyn FnMut()>,
}

/// Values, and their encoders.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    /// The values as JSON, by the encoder.
    pub(crate) json: Vec<u8>,
    pub(crate) contenders: Vec<Contender>,
}

impl Input {
    fn new(name: &'static str, mut native: impl FnMut(&mut BytesMut) + 'static) -> Self {
        let mut buffer = BytesMut::new();
        native(&mut buffer);
        let json = buffer.to_vec();
        let mut input = Self { name, json, contenders: Vec::new() };
        input.ours(NATIVE, native);
        let (finished, mut copied) = (input.json.clone(), Vec::with_capacity(2 * input.json.len()));
        let encode = Box::new(move || {
            copied.clear();
            copied.extend_from_slice(black_box(&finished));
        });
        input.contenders.push(Contender { name: COPY, encode });
        input
    }

    /// Adds a contender of this crate, whose bytes have to be the same.
    fn ours(&mut self, name: &'static str, mut write: impl FnMut(&mut BytesMut) + 'static) {
        let mut buffer = BytesMut::with_capacity(2 * self.json.len());
        write(&mut buffer);
        assert!(buffer == self.json, "{name} writes something else for {}", self.name);
        let encode = Box::new(move || {
            buffer.clear();
            write(&mut buffer);
        });
        self.contenders.push(Contender { name, encode });
    }

    /// Adds another contender, whose bytes have to be the same except for floats: of those, the values.
    fn other(&mut self, name: &'static str, mut write: impl FnMut(&mut Vec<u8>) + 'static) {
        let mut buffer = Vec::with_capacity(2 * self.json.len());
        write(&mut buffer);
        if buffer != self.json {
            let parse = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).expect("valid JSON");
            assert_eq!(parse(&self.json), parse(&buffer), "{name} writes something else for {}", self.name);
        }
        let encode = Box::new(move || {
            buffer.clear();
            write(&mut buffer);
        });
        self.contenders.push(Contender { name, encode });
    }
}

/// Users that exist only while they are encoded: no other contender can do that, so only the floor is beside it.
pub(crate) fn lazy_users(name: &'static str) -> Input {
    Input::new(name, |buffer| {
        let mut out = Writer::new(buffer);
        let mut separator = "[";
        for user in black_box(Users::range(0, 1000)) {
            out.raw(separator);
            user.encode(&mut out);
            separator = ",";
        }
        out.raw("]");
    })
}

/// All contenders in Rust.
pub(crate) fn all<T: Encode + Serialize + 'static>(name: &'static str, values: Vec<T>) -> Input {
    let values: Rc<[T]> = values.into();
    let of = || Rc::clone(&values);

    let (native, serde) = (of(), of());
    let mut input = Input::new(name, move |out| black_box(&*native).encode(&mut Writer::new(out)));
    input.ours(BY_SERDE, move |out| {
        chunkwire::serialize(black_box(&*serde), &mut Writer::new(out)).expect("valid values");
    });
    let (serde_json, sonic_rs, simd_json) = (of(), of(), of());
    input.other("serde_json", move |out| serde_json::to_writer(out, black_box(&*serde_json)).expect("valid values"));
    input.other("sonic-rs", move |out| sonic_rs::to_writer(out, black_box(&*sonic_rs)).expect("valid values"));
    input.other("simd-json", move |out| simd_json::to_writer(out, black_box(&*simd_json)).expect("valid values"));
    input
}
