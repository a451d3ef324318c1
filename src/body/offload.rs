//! An iterator that blocks, as a source that is pulled where the caller lets it block.
//!
//! The iterator and the chunk go there as a [`Job`], and come back when the chunk is full. Between two jobs everything
//! is here, so that a client that does not read holds no thread.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::chunk;
use super::error::Error;
use super::job::{Filled, Job};
use super::json_body::JsonBody;
use super::record::Record;
use super::records::{Records, Stopped};
use super::source::{Iter, Source};

impl<I: Iterator<Item: Record>> JsonBody<Iter<I>> {
    /// Pulls the records where they may block, such as on the threads of `tokio::task::spawn_blocking`.
    ///
    /// An iterator that waits for a disk, a database or a lock stalls its worker, and every other client of that
    /// worker. With this, `spawn` is called for each chunk with a [`Job`] that fills it. It [runs](Job::run) the job
    /// where blocking is allowed, and returns a future of what that returns. The frames are the same, bytes and sizes.
    ///
    /// - **No thread waits for a client.** A job ends when its chunk is full, and the next begins when the connection
    ///   asks for a chunk. Thousands of clients that don't read hold no thread, and others share however few there are.
    /// - **A thread waits for the iterator**, for as long as that takes for a chunk. While all threads are held, other
    ///   jobs queue. The future can await a limit of its own, such as a semaphore, before it runs the job.
    /// - **Everything that blocks is there**: the iterator, the encoding of records, [`Envelope::after`], and the drop
    ///   of an iterator that ended or failed. [`ready`](Self::ready) pulls the first record there too, if it is called
    ///   after this; it asks that the future is [`Unpin`], as tokio's `JoinHandle` and a boxed one are. The hook of
    ///   [`on_end`](Self::on_end) is called by the connection, and must not block.
    /// - **An honest end.** If a record panics, all before it is sent, and then the body fails like any other, with an
    ///   error that [`is_panic`](Error::is_panic). If the future fails, because the runtime shuts down for example, the
    ///   body fails with that [cause](StdError::source), and what its chunk held is lost.
    /// - **A client that goes away** ends the job at the record that is being pulled, and `on_end` is told at once. The
    ///   iterator is dropped by the job, or by the connection if none was running.
    ///
    /// It costs one job for each chunk: with tokio an allocation, and a switch to another thread and back. That is much
    /// for records that are there already, and little for those that are waited for.
    ///
    /// Only iterators can be offloaded. A [stream](Self::from_stream) does not block: it pauses, and so needs no thread
    /// either. One that asks a database for a page after the other, each from the key where the last one ended, needs
    /// no connection while its client does not read.
    ///
    /// [`Envelope::after`]: crate::Envelope::after
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{BufRead, BufReader, Write};
    ///
    /// use chunkwire::{Format, JsonBody};
    /// use http_body_util::BodyExt;
    /// use tokio::task::spawn_blocking;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (reader, mut writer) = std::io::pipe()?;
    /// let lines = BufReader::new(reader).lines();
    /// let body = JsonBody::new(Format::Array, lines).offload(|job| spawn_blocking(|| job.run()));
    ///
    /// // The body waits for a line and for the end of the pipe, and lets this go on, on the same thread.
    /// let writes = async {
    ///     writer.write_all(b"hello\n")?;
    ///     drop(writer);
    ///     std::io::Result::Ok(())
    /// };
    /// let (body, written) = tokio::join!(body.collect(), writes);
    /// written?;
    /// assert_eq!(body.unwrap().to_bytes(), r#"["hello"]"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Any other executor works as well, such as threads of one's own, a few for the whole process:
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::thread;
    ///
    /// use chunkwire::{Format, JsonBody};
    /// use http_body_util::BodyExt;
    /// use tokio::sync::oneshot;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (queue, jobs) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
    /// thread::spawn(move || jobs.into_iter().for_each(|job| job()));
    ///
    /// let body = JsonBody::new(Format::Array, 1..=3).offload(move |job| {
    ///     let (done, filled) = oneshot::channel();
    ///     queue.send(Box::new(|| drop(done.send(job.run())))).unwrap();
    ///     filled
    /// });
    /// assert_eq!(body.collect().await.unwrap().to_bytes(), "[1,2,3]");
    /// # }
    /// ```
    pub fn offload<F, T, E>(self, spawn: F) -> JsonBody<Offload<I, F, T>>
    where
        F: FnMut(Job<I>) -> T,
        T: Future<Output = Result<Filled<I>, E>>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.map_source(|Iter(records)| Offload {
            records: Some(records),
            spawn,
            running: None,
            wanted: Arc::default(),
        })
    }
}

pin_project! {
    /// An iterator of records that is pulled elsewhere, made by [`JsonBody::offload`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::vec::IntoIter;
    ///
    /// use chunkwire::{Filled, Format, Job, JsonBody, Offload};
    /// use tokio::task::{JoinHandle, spawn_blocking};
    ///
    /// type Running = JoinHandle<Filled<IntoIter<u32>>>;
    ///
    /// fn body(records: Vec<u32>) -> JsonBody<Offload<IntoIter<u32>, fn(Job<IntoIter<u32>>) -> Running, Running>> {
    ///     JsonBody::new(Format::Array, records).offload(|job| spawn_blocking(|| job.run()))
    /// }
    /// # drop(body(vec![1, 2]));
    /// ```
    pub struct Offload<I, F, T> {
        // `None` while a job has it, and after the last.
        records: Option<I>,
        spawn: F,
        #[pin]
        running: Option<T>,
        // A job that finds it dropped ends.
        wanted: Arc<()>,
    }
}

impl<I, F, T, E> Source for Offload<I, F, T>
where
    I: Iterator<Item: Record>,
    F: FnMut(Job<I>) -> T,
    T: Future<Output = Result<Filled<I>, E>>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn poll_fill(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        let mut this = self.project();
        let Records { document, enough } = records;
        if let Some(records) = this.records.take() {
            // Frames are dropped by this thread, so the free buffer is here and not where the job runs.
            chunk::make_room(&mut document.chunk);
            let job = Job { records, document: document.take(), enough: *enough, wanted: Arc::downgrade(this.wanted) };
            this.running.set(Some((this.spawn)(job)));
        }
        let Some(running) = this.running.as_mut().as_pin_mut() else {
            // Only a `spawn` that panicked leaves neither.
            return Poll::Ready(Err(Error::panicked()));
        };
        let filled = ready!(running.poll(cx));
        this.running.set(None);
        match filled {
            Ok(filled) => {
                *this.records = filled.records;
                **document = filled.document;
                filled.stopped
            }
            Err(error) => Poll::Ready(Err(Error::new(error))),
        }
    }
}

impl<I, F, T> fmt::Debug for Offload<I, F, T> {
    /// Formats no record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offload").field("running", &self.running.is_some()).finish_non_exhaustive()
    }
}
