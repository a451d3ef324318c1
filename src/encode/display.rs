//! What a value's `Display` writes, as a string.

use std::fmt::{self, Display};

use super::encode_key::EncodeKey;
use super::encode_trait::Encode;
use super::writer::Writer;

/// Returns `value` as a JSON string: what its [`Display`] writes, escaped, piece by piece and without a [`String`] in
/// between.
///
/// If the `Display` fails, so does the value, as by [`Writer::fail`].
///
/// # Examples
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use chunkwire::{Encode, Writer, display, object};
///
/// struct Peer {
///     address: Ipv4Addr,
///     port: u16,
/// }
///
/// impl Encode for Peer {
///     fn encode(&self, out: &mut Writer<'_>) {
///         object!(out, { "peer": display(format_args!("<{}> at \"{}\"", self.address, self.port)) });
///     }
/// }
///
/// let peer = Peer { address: Ipv4Addr::LOCALHOST, port: 80 };
/// assert_eq!(chunkwire::to_vec(&peer), br#"{"peer":"<127.0.0.1> at \"80\""}"#);
/// ```
pub fn display<T: Display>(value: T) -> DisplayValue<T> {
    DisplayValue(value)
}

/// A value that is written as its [`Display`] writes it: see [`display`].
#[derive(Clone, Copy, Debug)]
pub struct DisplayValue<T>(T);

impl<T: Display> Encode for DisplayValue<T> {
    fn encode(&self, out: &mut Writer<'_>) {
        if write_display(&self.0, out).is_err() {
            out.fail(FAILED);
        }
    }
}

impl<T: Display> EncodeKey for DisplayValue<T> {}

/// What is told of a `Display` that fails, which says no more itself.
pub(super) const FAILED: &str = "a value could not be formatted as text";

/// Writes a string with what a `Display` writes.
pub(super) fn write_display(value: &(impl Display + ?Sized), out: &mut Writer<'_>) -> fmt::Result {
    out.raw("\"");
    fmt::write(&mut Pieces(out), format_args!("{value}"))?;
    out.raw("\"");
    Ok(())
}

/// The pieces of one string, escaped as they come.
struct Pieces<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for Pieces<'_, '_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0.piece_of_string(piece);
        Ok(())
    }
}

/// Lets types, whose JSON is a string, write it with their `Display`.
macro_rules! encode_as_display {
    ($($displayed:ty),* $(,)?) => {$(
        impl $crate::encode::encode_trait::Encode for $displayed {
            fn encode(&self, out: &mut $crate::encode::writer::Writer<'_>) {
                $crate::encode::display::display(self).encode(out);
            }
        }

        impl $crate::encode::encode_key::EncodeKey for $displayed {}
    )*};
}

pub(super) use encode_as_display;

encode_as_display!(fmt::Arguments<'_>);
