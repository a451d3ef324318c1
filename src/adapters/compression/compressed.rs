//! A body, compressed chunk by chunk.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::deflate::Deflate;
use super::gzip::{Chunk, Member};
use crate::body::chunk::CHUNK_SIZE;

pin_project! {
    /// A body that is compressed by gzip, or sent as it is, as its client prefers.
    ///
    /// What usually compresses responses keeps an encoder for each of them for as long as a client reads: of tower-http's
    /// `CompressionLayer` over such a body, a client that does not read takes 0.36 MB in gzip, 2.1 in zstd and 39.5 in
    /// brotli. This one keeps a checksum, a length, and what of a chunk did not fit: 1.5 kB. The encoder belongs to the
    /// thread: it compresses some chunks while the body is polled, ends each with a sync flush, and is free for the next
    /// response. All together is one member (RFC 1952) that every client reads.
    ///
    /// - **One chunk** in frames of [`CHUNK_SIZE`] bytes, as other bodies have it: several chunks of the source are taken
    ///   into one, but 16 at most, so that a frame of what compresses very well is shorter, and its thread soon free for
    ///   others. If the source pauses, what there is goes out at once, and the client can decode all of it.
    /// - **An honest end.** If the body fails, so does this one, after all that came before; gzip's trailer is missing.
    /// - **The ratio** is a little less than that of one encoder for all, since a frame does not refer to those before it.
    ///
    /// # Examples
    ///
    /// Around all responses of an axum service, but inside of the engine:
    ///
    /// ```
    /// use axum::extract::Request;
    /// use axum::middleware::{Next, from_fn};
    /// use axum::routing::get;
    /// use axum::{Router, response::Response};
    /// use chunkwire::{AcceptEncoding, Compressed, Format, JsonBody};
    ///
    /// async fn compressed(request: Request, next: Next) -> Response {
    ///     let accepted = AcceptEncoding::of(&request);
    ///     let response = Compressed::response(accepted, next.run(request).await);
    ///     response.map(axum::body::Body::new)
    /// }
    ///
    /// let squares = async || JsonBody::new(Format::Array, (0..10_000_u64).map(|i| i * i)).into_response();
    /// let app: Router = Router::new().route("/squares", get(squares)).layer(from_fn(compressed));
    /// # drop(app);
    /// ```
    #[must_use = "a body does nothing before it is polled"]
    pub struct Compressed<B: Body> {
        #[pin]
        body: B,
        // `None` sends the body as it is.
        gzip: Option<Box<Gzip>>,
        failure: Option<B::Error>,
    }
}

/// The default level. That of the same name has less to do in zlib-rs than in zlib: 1 compresses to more than a fifth
/// more bytes than gzip -1 does, 2 to less, in half the time.
const LEVEL: u8 = 2;

/// How many bytes of its source a frame takes at most. What compresses to less than a sixteenth would otherwise keep its
/// thread busy for as long as that takes to fill a frame.
const MOST: usize = 16 * CHUNK_SIZE;

/// How many bytes of that it costs to ask the source for a frame, which may be empty.
const ASKING: usize = MOST / 1024;

/// A body that is being compressed, but for the body.
struct Gzip {
    level: u8,
    member: Member,
    /// What is left of a frame that is longer than a chunk.
    rest: Bytes,
    chunk: Chunk,
    end: Ending,
}

/// What comes after all data.
enum Ending {
    /// The body has not ended.
    NotYet,
    Trailers(HeaderMap),
    Complete,
    /// The body failed; the error is said after what came before it.
    Failed,
    /// It is said now, since the connection has had a chance to write.
    Failing,
}

impl<B: Body> Compressed<B> {
    /// Returns a body that is compressed, whatever its client asks for.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// use chunkwire::{Compressed, Format, JsonBody};
    /// use flate2::read::GzDecoder;
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let body = Compressed::gzip(JsonBody::new(Format::Array, 1..=3));
    /// let bytes = body.collect().await?.to_bytes();
    /// let mut text = String::new();
    /// GzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    /// assert_eq!(text, "[1,2,3]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn gzip(body: B) -> Self {
        let (member, rest, chunk) = (Member::default(), Bytes::new(), Chunk::default());
        let gzip = Gzip { level: LEVEL, member, rest, chunk, end: Ending::NotYet };
        Self { body, gzip: Some(Box::new(gzip)), failure: None }
    }

    /// Returns a body that is sent as it is, where it has to be of the type of one that is compressed.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Compressed, Format, JsonBody};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let body = Compressed::plain(JsonBody::new(Format::Array, 1..=3));
    /// assert_eq!(body.collect().await?.to_bytes(), "[1,2,3]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn plain(body: B) -> Self {
        Self { body, gzip: None, failure: None }
    }

    /// Returns the same of which nothing is sent.
    pub(super) fn ended(mut self) -> Self {
        if let Some(gzip) = &mut self.gzip {
            gzip.end = Ending::Complete;
        }
        self
    }

    /// Sets the level, from 1, which takes the least time, to 9. Others are the nearest of these. The default is 2, which
    /// takes less time and fewer bytes than zlib, as in nginx, does at its level 1.
    ///
    /// A thread keeps an encoder of about 300 KiB for each level that it uses.
    pub fn level(mut self, level: u8) -> Self {
        if let Some(gzip) = &mut self.gzip {
            gzip.level = level;
        }
        self
    }
}

impl<B: Body> Body for Compressed<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let Some(Gzip { level, member, rest, chunk, end }) = this.gzip.as_deref_mut() else {
            let frame = ready!(this.body.poll_frame(cx));
            return Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(whole))));
        };

        let (mut deflate, mut taken) = (None, 0);
        while !chunk.is_full() && taken < MOST {
            if !rest.is_empty() {
                let piece = rest.split_to(rest.len().min(CHUNK_SIZE));
                taken += piece.len();
                member.write(deflate.get_or_insert_with(|| Deflate::take(*level)), &piece, chunk);
                continue;
            }
            if !matches!(end, Ending::NotYet) {
                break;
            }
            taken += ASKING;
            match this.body.as_mut().poll_frame(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => *rest = whole(data),
                    Err(frame) => {
                        member.end(chunk);
                        *end = frame.into_trailers().map_or(Ending::Complete, Ending::Trailers);
                    }
                },
                Poll::Ready(Some(Err(error))) => {
                    *this.failure = Some(error);
                    *end = Ending::Failed;
                }
                Poll::Ready(None) => {
                    member.end(chunk);
                    *end = Ending::Complete;
                }
            }
        }
        drop(deflate);

        if !chunk.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(chunk.take()))));
        }
        match mem::replace(end, Ending::Complete) {
            Ending::NotYet => {
                // The pause may be long.
                chunk.give_back();
                *end = Ending::NotYet;
                if taken >= MOST {
                    // It has none: all that it took was empty.
                    cx.waker().wake_by_ref();
                }
                Poll::Pending
            }
            Ending::Trailers(trailers) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Ending::Complete => Poll::Ready(None),
            Ending::Failed => {
                *end = Ending::Failing;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Ending::Failing => Poll::Ready(this.failure.take().map(Err)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.gzip {
            None => self.body.is_end_stream(),
            Some(gzip) => gzip.chunk.is_empty() && matches!(gzip.end, Ending::Complete),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.gzip {
            None => self.body.size_hint(),
            Some(_) => SizeHint::default(),
        }
    }
}

/// Returns data as one piece of memory, which it is most of the time.
fn whole(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}

impl<B: Body> fmt::Debug for Compressed<B> {
    /// Formats no data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compressed").field("level", &self.gzip.as_ref().map(|gzip| gzip.level)).finish_non_exhaustive()
    }
}
