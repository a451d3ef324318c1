//! Blocks of 16 bytes, in which text is scanned and copied.

/// The size of a block in bytes.
pub(super) const BLOCK: usize = 16;

/// Returns a text of up to 15 bytes, followed by zeros. No byte after `text` is read.
#[inline(always)]
pub(super) fn short_block(text: &[u8]) -> [u8; BLOCK] {
    debug_assert!(text.len() < BLOCK);
    // Two overlapping loads cover every length of their class; the shift drops the bytes that both hold.
    let len = text.len();
    let bits = if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        let low = u64::from_le_bytes(*first);
        let high = u64::from_le_bytes(*last) >> 8 >> (8 * (15 - len));
        u128::from(low) | u128::from(high) << 64
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let low = u64::from(u32::from_le_bytes(*first));
        let high = u64::from(u32::from_le_bytes(*last)) >> (8 * (8 - len));
        u128::from(low | high << 32)
    } else if let (Some(first), Some(last)) = (text.first(), text.last()) {
        let middle = u32::from(text[len / 2]) << (8 * (len / 2));
        u128::from(u32::from(*first) | middle | u32::from(*last) << (8 * (len - 1)))
    } else {
        0
    };
    bits.to_le_bytes()
}

/// Returns whether all bytes are ASCII, which takes less time by blocks if they are few.
#[inline]
pub(super) fn is_ascii(text: &[u8]) -> bool {
    match (text.first_chunk::<BLOCK>(), text.last_chunk::<BLOCK>()) {
        (Some(first), Some(last)) if text.len() <= 2 * BLOCK => first.is_ascii() && last.is_ascii(),
        (Some(_), _) => text.is_ascii(),
        _ => short_block(text).is_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_blocks_hold_their_text_and_zeros() {
        for len in 0..BLOCK {
            let text: Vec<u8> = (1..=len as u8).collect();
            let block = short_block(&text);
            assert_eq!(block[..len], text);
            assert_eq!(block[len..], [0; BLOCK][len..]);
        }
    }
}
