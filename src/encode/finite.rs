//! Floats that have to be numbers.

use super::encode_trait::Encode;
use super::writer::Writer;

/// A float that fails if it is not finite, where JSON has no number for it.
///
/// A bare float is then `null`, as with serde_json. In a `Finite`, NaN and the infinities end the body as a failing
/// source would: see [`Writer::fail`].
///
/// # Examples
///
/// ```
/// use chunkwire::{Finite, Format, JsonBody};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let readings = [20.5, f64::NAN];
/// let body = JsonBody::new(Format::Array, readings).collect().await.unwrap();
/// assert_eq!(body.to_bytes(), "[20.5,null]");
///
/// let error = JsonBody::new(Format::Array, readings.map(Finite)).collect().await.unwrap_err();
/// assert_eq!(error.to_string(), "the source of the records failed after 1 record");
/// let cause = std::error::Error::source(&error).unwrap().to_string();
/// assert_eq!(cause, "a float is NaN; allowed are finite numbers");
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Finite<T>(
    /// The float.
    pub T,
);

macro_rules! encode_finite {
    ($($float:ty),*) => {$(
        impl Encode for Finite<$float> {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                if self.0.is_finite() {
                    self.0.encode(out);
                } else {
                    out.fail(not_finite(self.0.into()));
                }
            }
        }
    )*};
}

encode_finite!(f32, f64);

#[cold]
fn not_finite(float: f64) -> String {
    format!("a float is {float}; allowed are finite numbers")
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::{Record, to_vec};

    #[test]
    fn only_what_json_has_a_number_for() {
        assert_eq!(to_vec(&(Finite(0.5f32), Finite(-1e300), Finite(-0.0))), b"[0.5,-1e300,-0.0]");
        for (float, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
            for result in [
                Finite(float).write(&mut Writer::new(&mut BytesMut::new())),
                Finite(float as f32).write(&mut Writer::new(&mut BytesMut::new())),
                [[Some(Finite(float))]].write(&mut Writer::new(&mut BytesMut::new())),
            ] {
                let error = result.unwrap_err();
                let cause = std::error::Error::source(&error).unwrap().to_string();
                assert_eq!(cause, format!("a float is {name}; allowed are finite numbers"));
            }
        }
    }
}
