//! URLs of `url`, as strings.

use url::Url;

use crate::encode::encode_key::EncodeKey;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

impl Encode for Url {
    fn encode(&self, out: &mut Writer<'_>) {
        out.string(self.as_str());
    }
}

impl EncodeKey for Url {}
