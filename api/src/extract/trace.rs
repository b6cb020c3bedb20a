//! Request ids and W3C trace context.

use std::fmt;

/// A `traceparent`: which trace a request belongs to, and which span called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// 128 bits, never zero.
    pub trace: u128,
    /// 64 bits, never zero.
    pub span: u64,
    /// Whether the caller records the trace.
    pub sampled: bool,
}

impl TraceParent {
    /// The trace context of a header's value; none when it is not one.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut parts = value.trim().split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let later = parts.next().is_some();
        let version = lower_hex(version, 2).and_then(|hex| u8::from_str_radix(hex, 16).ok())?;
        if version == 0xff || (version == 0 && later) {
            return None;
        }
        let trace =
            u128::from_str_radix(lower_hex(trace, 32)?, 16).ok().filter(|trace| *trace != 0)?;
        let span = u64::from_str_radix(lower_hex(span, 16)?, 16).ok().filter(|span| *span != 0)?;
        let flags = u8::from_str_radix(lower_hex(flags, 2)?, 16).ok()?;
        Some(Self { trace, span, sampled: flags & 1 == 1 })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

fn lower_hex(text: &str, digits: usize) -> Option<&str> {
    let fits = text.len() == digits
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    fits.then_some(text)
}

/// A request id that a caller sent, if it can stand in logs: 1 to 64 letters, digits, `.`, `_`, `-`.
#[must_use]
pub fn request_id(value: &str) -> Option<&str> {
    let fits = (1..=64).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    fits.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_context_comes_back_and_nonsense_does_not() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(TraceParent::parse(good).map(|trace| trace.to_string()).as_deref(), Some(good));
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceParent::parse(bad), None, "{bad}");
        }
        assert!(
            TraceParent::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x")
                .is_some()
        );
    }

    #[test]
    fn a_request_id_cannot_break_a_log_line() {
        assert_eq!(request_id("abc-1.2_3"), Some("abc-1.2_3"));
        for bad in ["", "a b", "a\nb", "ü", &"x".repeat(65)] {
            assert_eq!(request_id(bad), None);
        }
    }
}
