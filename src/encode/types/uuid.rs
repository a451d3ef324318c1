//! UUIDs of `uuid`, in small letters and the form of their type.

use uuid::fmt::{Braced, Hyphenated, Simple, Urn};
use uuid::{NonNilUuid, Uuid};

use crate::encode::encode_key::EncodeKey;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

macro_rules! encode_as_hex {
    ($($form:ident),*) => {$(
        impl Encode for $form {
            fn encode(&self, out: &mut Writer<'_>) {
                out.raw("\"");
                out.raw(self.encode_lower(&mut [0; Self::LENGTH]));
                out.raw("\"");
            }
        }

        impl EncodeKey for $form {}
    )*};
}

encode_as_hex!(Braced, Hyphenated, Simple, Urn);

impl Encode for Uuid {
    fn encode(&self, out: &mut Writer<'_>) {
        self.as_hyphenated().encode(out);
    }
}

impl EncodeKey for Uuid {}

impl Encode for NonNilUuid {
    fn encode(&self, out: &mut Writer<'_>) {
        self.get().encode(out);
    }
}

impl EncodeKey for NonNilUuid {}
