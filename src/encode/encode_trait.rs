//! The trait of types that write themselves as JSON.

use bytes::BytesMut;

use super::writer::Writer;

/// A value that writes itself as JSON.
///
/// An implementation writes exactly one JSON value (RFC 8259, section 3); one that can't says why by [`Writer::fail`].
/// The trait is implemented for the types that have an obvious JSON form, which is that of their `serde::Serialize` in
/// serde_json, floats by value:
///
/// | Rust | JSON |
/// |---|---|
/// | integers of every width, `NonZero`, atomics | number, all digits |
/// | `f32`, `f64` | the shortest number that reads back as the same float; NaN and the infinities are `null`, and fail in a [`Finite`](crate::Finite) |
/// | `bool` | `true`, `false` |
/// | `char`, `str`, `String`, [`display`](crate::display()), `fmt::Arguments` | string |
/// | `Path`, `PathBuf` | string; fails if it is not UTF-8 |
/// | `IpAddr`, `Ipv4Addr`, `Ipv6Addr`, `SocketAddr`, `SocketAddrV4`, `SocketAddrV6` | string |
/// | `Option<T>` | the value or `null` |
/// | `()`, `PhantomData` | `null` |
/// | slices, arrays, `Vec`, `VecDeque`, `LinkedList`, `BinaryHeap`, `HashSet`, `BTreeSet`, tuples of up to 16 | array, in their order |
/// | `bytes::Bytes`, `bytes::BytesMut` | array of numbers |
/// | `HashMap`, `BTreeMap`, with keys that are [`EncodeKey`](crate::EncodeKey) | object, in the map's order |
/// | `Duration` | `{"secs":1,"nanos":0}` |
/// | `SystemTime` | `{"secs_since_epoch":1,"nanos_since_epoch":0}`; fails before 1970 |
/// | `Range`, `RangeInclusive`, `RangeFrom`, `RangeTo` | object with `start` and `end`, or one of them |
/// | `Bound` | `{"Included":1}`, `{"Excluded":1}`, `"Unbounded"` |
/// | `&T`, `&mut T`, `Box`, `Rc`, `Arc`, `Cow`, `Cell`, `Wrapping`, `Saturating`, `Reverse` | what they hold |
/// | `RefCell`, `Mutex` | what they hold; fails if it is mutably borrowed, or poisoned |
/// | `Serde`, feature `serde` | as serde_json; fails if that does |
///
/// And for those of other crates, each by the feature of its name:
///
/// | feature | Rust | JSON |
/// |---|---|---|
/// | `bigdecimal` | `BigDecimal`, which allocates its digits | string |
/// | `chrono` | `DateTime` (fails where its offset leads out of chrono's range), `NaiveDateTime`, `NaiveDate`, `NaiveTime`, `Month`, `Weekday` | string |
/// | | `TimeDelta` | array of seconds and nanoseconds |
/// | `indexmap` | `IndexMap`, `IndexSet` | object, array |
/// | `jiff` | `Timestamp`, `ZonedDateTime`, `SignedDuration`, `Span`; `Date`, `DateTime`, `Time`, `ISOWeekDate` of `civil` | string |
/// | `rust_decimal` | `Decimal`, as without its feature `serde-float` | string |
/// | `serde_json` | `Value`, `Map`, `Number`, `RawValue` | what they hold |
/// | `time` | `OffsetDateTime`, `UtcDateTime`, `PlainDateTime`, `Date`, `Time`, `UtcOffset`, `SignedDuration`, `Month`, `Weekday`, as with its feature `serde-human-readable` | string |
/// | | `Timestamp` | number of nanoseconds |
/// | `url` | `Url` | string |
/// | `uuid` | `Uuid`, `NonNilUuid`, `Hyphenated`, `Simple`, `Braced`, `Urn` | string |
///
/// Left out are `Result`, since a record that is one ends the body if it is an `Err`; `OsStr`, whose `Serialize` has
/// another form on each system; and `RwLock`, whose method `write` has the name of a record's.
///
/// With the feature `derive`, `#[derive(Encode)]` implements it for types of one's own, as serde's attributes say.
///
/// # Examples
///
/// A struct needs one [`object!`](crate::object), which stores field names as compile-time literals:
///
/// ```
/// use chunkwire::{Encode, Writer, object};
///
/// struct City {
///     name: String,
///     people: u32,
/// }
///
/// impl Encode for City {
///     fn encode(&self, out: &mut Writer<'_>) {
///         object!(out, { "name": self.name, "people": self.people });
///     }
/// }
///
/// let city = City { name: "Gdańsk".into(), people: 486_022 };
/// assert_eq!(chunkwire::to_vec(&city), "{\"name\":\"Gdańsk\",\"people\":486022}".as_bytes());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not write itself as JSON",
    label = "`chunkwire::Encode` is not implemented for `{Self}`",
    note = "implement `chunkwire::Encode` for a type of your own, with one `object!`",
    note = "or derive it, with the feature `derive`: a field that is only `serde::Serialize` then takes `#[encode(serde)]`",
    note = "wrap what is `serde::Serialize` in `chunkwire::Serde`, with the feature `serde`",
    note = "wrap what is `Display` in `chunkwire::display`, to have it as a string",
    note = "types of chrono, time, jiff, uuid and other crates write themselves with chunkwire's feature of that name"
)]
pub trait Encode {
    /// Writes this value as JSON.
    fn encode(&self, out: &mut Writer<'_>);
}

/// Encodes one value into a new buffer.
///
/// Streams don't need this; it is for single values, such as a response that is one object.
///
/// Without a value there is no JSON: if it [fails](Writer::fail), the buffer is empty. A value that may fail is better
/// written by [`Record::write`](crate::Record::write), which returns the error.
///
/// # Examples
///
/// ```
/// assert_eq!(chunkwire::to_vec(&[Some(1), None]), b"[1,null]");
/// ```
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    let mut out = Writer::new(&mut bytes);
    value.encode(&mut out);
    let failed = out.take_failure().is_some();
    drop(out);
    if failed { Vec::new() } else { bytes.into() }
}
