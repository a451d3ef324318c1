//! The bodies that handlers return, and what is meant by them.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Envelope, Format, JsonBody, Layout};
use chunkwire_test_support::records::{Pausing, document};
use http_body_util::{Full, StreamBody};
use hyper::body::Frame;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::task::spawn_blocking;

/// How the body of a handler is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Of chunkwire, from an iterator.
    Iterator(Shape),
    /// From a source that pauses where the script says.
    Pausing(Shape, u64, bool),
    /// From an iterator that is pulled on a thread for what blocks.
    Offloaded(Shape),
    /// All of it at once.
    Full,
    /// Frames of such a size, with trailers or without.
    Frames(usize, bool),
}

/// What stands around the records.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Array,
    Lines,
    Envelope,
}

impl Shape {
    fn layout(self) -> Layout {
        match self {
            Self::Array => Format::Array.into(),
            Self::Lines => Format::Lines.into(),
            Self::Envelope => {
                Envelope::new("all").before("n", 1).after(|records, fields| fields.field("count", records)).into()
            }
        }
    }

    /// What is meant, made without the library.
    pub(crate) fn document(self, records: &[String]) -> Vec<u8> {
        match self {
            Self::Array => document(Format::Array, records),
            Self::Lines => document(Format::Lines, records),
            Self::Envelope => {
                let count = format!(",\"count\":{}}}", records.len());
                [b"{\"n\":1,\"all\":", &*document(Format::Array, records), count.as_bytes()].concat()
            }
        }
    }
}

impl Kind {
    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::Iterator(shape) | Self::Pausing(shape, ..) | Self::Offloaded(shape) => shape,
            Self::Full | Self::Frames(..) => Shape::Lines,
        }
    }

    pub(crate) fn body(self, records: Arc<Vec<String>>) -> Body {
        let whole = || Bytes::from(self.shape().document(&records));
        let each = {
            let records = Arc::clone(&records);
            (0..records.len()).map(move |index| records[index].clone())
        };
        match self {
            Self::Iterator(shape) => Body::new(JsonBody::new(shape.layout(), each)),
            Self::Pausing(shape, script, full_chunks) => {
                let body = JsonBody::from_stream(shape.layout(), Pausing::new(each, script));
                Body::new(if full_chunks { body.full_chunks() } else { body })
            }
            Self::Offloaded(shape) => {
                Body::new(JsonBody::new(shape.layout(), each).offload(|job| spawn_blocking(|| job.run())))
            }
            Self::Full => Body::new(Full::new(whole())),
            Self::Frames(size, has_trailers) => {
                let mut whole = whole();
                let mut trailers = has_trailers.then(HeaderMap::new);
                let frames = std::iter::from_fn(move || {
                    if whole.is_empty() {
                        return trailers.take().map(Frame::trailers);
                    }
                    Some(Frame::data(whole.split_to(size.min(whole.len()))))
                });
                Body::new(StreamBody::new(tokio_stream::iter(frames.map(Ok::<_, Infallible>))))
            }
        }
    }
}

pub(crate) fn any_kind() -> impl Strategy<Value = Kind> {
    let shape = || select(&[Shape::Array, Shape::Lines, Shape::Envelope][..]);
    prop_oneof![
        2 => shape().prop_map(Kind::Iterator),
        2 => (shape(), any::<u64>(), any::<bool>()).prop_map(|(shape, script, full)| Kind::Pausing(shape, script, full)),
        1 => shape().prop_map(Kind::Offloaded),
        1 => Just(Kind::Full),
        2 => (select(&[1000, 7777, CHUNK_SIZE - 1, CHUNK_SIZE, 50_000][..]), any::<bool>())
            .prop_map(|(size, has_trailers)| Kind::Frames(size, has_trailers)),
    ]
}

/// Records of all lengths, of which some end near the end of a chunk.
pub(crate) fn any_records() -> impl Strategy<Value = Vec<usize>> {
    let near_chunks = (1..=4_usize, 0..24_usize).prop_map(|(chunks, by)| chunks * CHUNK_SIZE - 12 + by);
    prop_oneof![
        2 => vec(0..400_usize, 0..400),
        1 => vec(near_chunks.clone(), 0..3),
        1 => (near_chunks, vec(0..9000_usize, 0..12)).prop_map(|(first, rest)| [vec![first], rest].concat()),
    ]
}

/// Texts that don't compress to nothing.
pub(crate) fn texts(lengths: &[usize]) -> Vec<String> {
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'0' + (state >> 26) as u8)
    };
    lengths.iter().map(|length| (0..*length).map(|_| letter()).collect()).collect()
}
