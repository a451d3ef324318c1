//! Addresses, as strings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::encode::display::encode_as_display;
use crate::encode::encode_key::EncodeKey;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

fn write_octets(address: Ipv4Addr, out: &mut Writer<'_>) {
    for (index, octet) in address.octets().into_iter().enumerate() {
        out.byte_if(b'.', index > 0);
        out.unsigned(octet.into());
    }
}

impl Encode for Ipv4Addr {
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw("\"");
        write_octets(*self, out);
        out.raw("\"");
    }
}

impl EncodeKey for Ipv4Addr {}

impl Encode for SocketAddrV4 {
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw("\"");
        write_octets(*self.ip(), out);
        out.raw(":");
        out.unsigned(self.port().into());
        out.raw("\"");
    }
}

impl EncodeKey for SocketAddrV4 {}

encode_as_display!(Ipv6Addr, SocketAddrV6);

macro_rules! encode_either {
    ($($address:ident),*) => {$(
        impl Encode for $address {
            fn encode(&self, out: &mut Writer<'_>) {
                match self {
                    Self::V4(address) => address.encode(out),
                    Self::V6(address) => address.encode(out),
                }
            }
        }

        impl EncodeKey for $address {}
    )*};
}

encode_either!(IpAddr, SocketAddr);
