//! `#[derive(Encode)]` for [chunkwire](https://docs.rs/chunkwire), which has it by its feature `derive`.
//!
//! ```
//! #[derive(chunkwire::Encode)]
//! struct City {
//!     name: &'static str,
//!     people: u32,
//! }
//!
//! assert_eq!(chunkwire::to_vec(&City { name: "Lund", people: 94_703 }), br#"{"name":"Lund","people":94703}"#);
//! ```

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod attributes;
mod bounds;
mod case;
mod errors;
mod expand;
mod model;
mod refusals;
mod write;

/// Derives `chunkwire::Encode`, with the attributes of serde that the type has: the bytes are those of its `Serialize` in
/// serde_json, written by the encoder and not by way of serde.
///
/// It is in chunkwire by the feature `derive`. `Serialize` need not be derived too. What goes by way of serde takes the
/// feature `serde`. An attribute that is not supported does not compile, and the error says what is the way out.
///
/// # Examples
///
/// One more word for a type that has serde's derive:
///
/// ```
/// use std::collections::BTreeMap;
///
/// use chunkwire::Encode;
/// use serde::Serialize;
///
/// #[derive(Serialize, Encode)]
/// #[serde(rename_all = "camelCase")]
/// struct Shipment {
///     tracking_number: u64,
///     state: State,
///     #[serde(skip_serializing_if = "Option::is_none")]
///     note: Option<String>,
///     #[serde(flatten)]
///     more: BTreeMap<&'static str, f32>,
/// }
///
/// #[derive(Serialize, Encode)]
/// #[serde(tag = "is", rename_all = "kebab-case")]
/// enum State {
///     OnTheWay { stops_left: u64 },
///     Delivered,
/// }
///
/// let state = State::OnTheWay { stops_left: 2 };
/// let shipment = Shipment { tracking_number: 7, state, note: None, more: BTreeMap::from([("kg", 0.25)]) };
/// let json = r#"{"trackingNumber":7,"state":{"is":"on-the-way","stops_left":2},"kg":0.25}"#;
/// assert_eq!(chunkwire::to_vec(&shipment), json.as_bytes());
/// assert_eq!(serde_json::to_string(&shipment).unwrap(), json);
/// ```
///
/// # Attributes of serde
///
/// | `#[serde(…)]` | on | what it does |
/// |---|---|---|
/// | `rename`, `rename(serialize = "…")` | type, variant, field | another name; of a type it is what a `tag` says of a struct |
/// | `rename_all`, `rename_all(serialize = "…")` | type, variant | the names of the fields or variants in another case |
/// | `rename_all_fields` | enum | the names of the fields of all variants |
/// | `tag` | enum, struct with names | the name of the variant, or of the struct, as a field beside the others |
/// | `tag` and `content` | enum | the name of the variant in a field, and what it has in another |
/// | `untagged` | enum, variant | what the variant has, without its name |
/// | `transparent` | struct | as its only field |
/// | `into` | type | as what `Clone` and `Into` make of it, which has to be `Encode` |
/// | `skip`, `skip_serializing` | variant, field | a field is left out; a value with that variant [fails](#what-fails) |
/// | `skip_serializing_if` | field | it is left out if the function returns true |
/// | `flatten` | field | its fields stand beside the others; see [below](#fields-beside-others) |
/// | `serialize_with`, `with` | variant, field | by a function for serde, and so by way of serde |
/// | `bound` | type, variant, field | the bounds instead of inferred ones, with `Encode` where they say `Serialize` |
/// | `alias`, `borrow`, `crate`, `default`, `deny_unknown_fields`, `deserialize_with`, `expecting`, `from`, `other`, `skip_deserializing`, `try_from` | as in serde | nothing |
/// | `remote`, `getter`, `field_identifier`, `variant_identifier` | | not supported |
///
/// # Attributes of its own
///
/// | `#[encode(…)]` | on | what it does |
/// |---|---|---|
/// | `with = "path"` | field | by a function that takes a reference to the value and the `Writer`, whatever serde's attributes say |
/// | `serde` | field | by way of the `Serialize` of its type |
/// | `bound = "…"` | type | the bounds, as they are, instead of inferred ones and of serde's `bound` |
/// | `crate = "path"` | type | where chunkwire is, if it is not at `::chunkwire` |
///
/// ```
/// use chunkwire::{Encode, Writer};
/// use serde_json::{Value, json};
///
/// #[derive(Encode)]
/// struct Order {
///     // More than JavaScript's numbers can hold.
///     #[encode(with = "as_text")]
///     id: u64,
///     #[encode(serde)]
///     more: Value,
/// }
///
/// fn as_text(id: &u64, out: &mut Writer<'_>) {
///     out.raw("\"");
///     out.unsigned(*id);
///     out.raw("\"");
/// }
///
/// let order = Order { id: u64::MAX, more: json!({ "paid": true }) };
/// assert_eq!(chunkwire::to_vec(&order), br#"{"id":"18446744073709551615","more":{"paid":true}}"#);
/// ```
///
/// # Fields beside others
///
/// What is flattened, and the content of a variant beside its `tag`, has to be `chunkwire::EncodeFields`. This macro
/// implements it for structs with named fields, for unit structs and for enums (untagged ones with values that have no
/// names are not); maps have it, too. For any other type that is `Serialize`, the field takes `#[encode(serde)]`.
///
/// An option can't be beside a tag, where serde's derive fails when it runs:
///
/// ```compile_fail
/// # use std::collections::BTreeMap;
/// #[derive(chunkwire::Encode)]
/// #[serde(tag = "is")]
/// enum Message {
///     Headers(Option<BTreeMap<String, String>>),
/// }
///
/// chunkwire::to_vec(&Message::Headers(None));
/// ```
///
/// # Keys of maps
///
/// An enum of names is `chunkwire::EncodeKey`, too, and a newtype is not: a map with such keys takes `#[encode(serde)]`.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use chunkwire::Encode;
///
/// #[derive(Encode, PartialEq, Eq, PartialOrd, Ord)]
/// #[serde(rename_all = "lowercase")]
/// enum Size {
///     Small,
///     Large,
/// }
///
/// let stock = BTreeMap::from([(Size::Small, 3), (Size::Large, 0)]);
/// assert_eq!(chunkwire::to_vec(&stock), br#"{"small":3,"large":0}"#);
/// ```
///
/// # What fails
///
/// Where serde's derive returns an error, in a variant that is skipped or in what goes by way of serde, the record
/// [fails](https://docs.rs/chunkwire/latest/chunkwire/struct.Writer.html#method.fail): the body ends with the error, and
/// nothing of the record is sent. (Serde also fails at integers of 128 bits in flattened variants, which it keeps in
/// between; here they are written.)
///
/// ```
/// use bytes::BytesMut;
/// use chunkwire::{Encode, Record, Writer};
///
/// #[derive(Encode)]
/// enum Event {
///     Opened { by: &'static str },
///     #[serde(skip)]
///     Internal,
/// }
///
/// let mut out = BytesMut::new();
/// Event::Opened { by: "Ada" }.write(&mut Writer::new(&mut out))?;
/// let error = Event::Internal.write(&mut Writer::new(&mut out)).unwrap_err();
/// assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the variant `Event::Internal` is skipped");
/// # Ok::<(), chunkwire::Error>(())
/// ```
///
/// # Speed
///
/// The code is what [`object!`](https://docs.rs/chunkwire/latest/chunkwire/macro.object.html) would be: keys are joined
/// with their punctuation when it is compiled, and so are texts that are neighbours, such as a tag and the key after it.
/// An enum of names is one store, if all of them are short.
#[proc_macro_derive(Encode, attributes(encode, serde))]
pub fn derive_encode(input: TokenStream) -> TokenStream {
    expand::expand(&parse_macro_input!(input as DeriveInput)).into()
}
