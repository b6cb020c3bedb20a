//! Bytes as hexadecimal digits.

/// Two lower-case digits a byte.
pub(crate) fn of(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |hex, byte| hex + &format!("{byte:02x}"))
}
