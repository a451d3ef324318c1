//! Every bit pattern of `f64` and `f32`, and short decimals with their neighbours: the text is ryu's and reads back as
//! the same bits.
//!
//! ryu's text is also the bound for the length.
#![no_main]

use chunkwire::to_vec;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for bits in data.chunks(8) {
        let mut whole = [0; 8];
        whole[..bits.len()].copy_from_slice(bits);
        let bits = u64::from_le_bytes(whole);

        double(f64::from_bits(bits));
        single(f32::from_bits(bits as u32));
        // The same bits as a decimal: 4 of them for the number of decimals, one for its sign, the rest for its digits.
        let places = (bits & 15) as i32;
        let sign = if bits & 16 == 0 { 1.0 } else { -1.0 };
        let decimal = sign * (bits >> 5) as f64 / 10f64.powi(places);
        for value in [decimal, decimal.next_up(), decimal.next_down()] {
            double(value);
        }
        let decimal = decimal as f32;
        for value in [decimal, decimal.next_up(), decimal.next_down()] {
            single(value);
        }
    }
});

fn double(value: f64) {
    let json = to_vec(&value);
    if value.is_finite() {
        let text = str::from_utf8(&json).expect("digits are UTF-8");
        assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{text}");
        assert_eq!(text, ryu::Buffer::new().format_finite(value));
    } else {
        assert_eq!(json, b"null");
    }
}

fn single(value: f32) {
    let json = to_vec(&value);
    if value.is_finite() {
        let text = str::from_utf8(&json).expect("digits are UTF-8");
        assert_eq!(text.parse::<f32>().map(f32::to_bits), Ok(value.to_bits()), "{text}");
        assert_eq!(text, ryu::Buffer::new().format_finite(value));
    } else {
        assert_eq!(json, b"null");
    }
}
