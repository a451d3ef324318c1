//! Where rows go on that a limit has ended.

use std::sync::{Arc, Mutex, PoisonError};

use crate::query::described::Query;
use crate::query::value::Value;

/// Where the rows of [`Pages`](crate::Pages) go on, once the last of them has been written; a clone is the same one.
///
/// # Examples
///
/// ```no_run
/// use chunkwire::{Envelope, JsonBody};
/// use chunkwire_postgres::{Pages, Query};
/// use deadpool_postgres::Pool;
///
/// /// `{"rows":[…],"next":["7"]}`
/// fn users(pool: &Pool, query: &Query) -> JsonBody<Pages> {
///     let pages = Pages::new(pool.clone(), query.clone()).limit(1000);
///     let resume = pages.resume();
///     let envelope = Envelope::new("rows").after(move |_, fields| fields.field("next", resume.key()));
///     JsonBody::from_source(envelope, pages).full_chunks()
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Resume(Arc<Mutex<Option<Vec<String>>>>);

impl Resume {
    /// Returns the parts of the key behind which rows go on, each as text that PostgreSQL reads: that of the last row if
    /// the limit has ended them, or none if there is no such row. Returns `None` if there are no more rows, and before
    /// the end.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(chunkwire_postgres::Resume::default().key(), None);
    /// ```
    pub fn key(&self) -> Option<Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes the key behind which they go on.
    pub(super) fn note(&self, query: &Query, key: &[Value]) {
        let parts = query.key().iter().zip(key).map(|(part, value)| part.text_of(value));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = parts.collect();
    }
}
