//! Answers that are saved as files.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::Reply;

/// The bytes of a file, where the document names a body: `body = FileBody, content_type = "application/pdf"`.
#[derive(Debug, Clone, Copy)]
pub struct FileBody;

impl PartialSchema for FileBody {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .into()
    }
}
impl ToSchema for FileBody {}

impl Reply {
    /// 200 with a file that is saved under a name. Whatever is in it, no browser runs it as a page of ours:
    /// it is never shown in place, its type is never guessed, and a sandbox without any right holds it.
    #[must_use]
    pub fn file(media_type: &str, filename: &str, body: Vec<u8>) -> Self {
        Self { status: 200, headers: Vec::new(), body }
            .header("Content-Type", media_type)
            .header("X-Content-Type-Options", "nosniff")
            .header("Content-Security-Policy", "sandbox; default-src 'none'")
            .attachment(filename)
            .private()
    }
    /// Says that the answer is to be saved under a name and never shown in place (RFC 6266): the name as
    /// ASCII for old clients, and as it is. Path separators and control characters are left out.
    #[must_use]
    pub fn attachment(self, filename: &str) -> Self {
        let clean: String = filename
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '/' | '\\'))
            .take(200)
            .collect();
        let name = if clean.trim().is_empty() { "download" } else { clean.trim() };
        let ascii: String =
            name.chars()
                .map(|c| {
                    if c == ' ' || c.is_ascii_graphic() && !matches!(c, '"' | '%') {
                        c
                    } else {
                        '_'
                    }
                })
                .collect();
        let value = if ascii == name {
            format!("attachment; filename=\"{ascii}\"")
        } else {
            format!(
                "attachment; filename=\"{ascii}\"; filename*=UTF-8''{}",
                utf8_percent_encode(name, &BARE)
            )
        };
        self.header("Content-Disposition", value)
    }
}

/// What a name holds as it is where RFC 8187 writes it.
const BARE: AsciiSet = NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_and_never_shown() {
        let reply = Reply::file("image/png", "a.png", vec![1]);
        for (name, value) in [
            ("Content-Type", "image/png"),
            ("Content-Disposition", "attachment; filename=\"a.png\""),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "sandbox; default-src 'none'"),
            ("Cache-Control", "private, no-cache"),
        ] {
            assert_eq!(reply.header_value(name), Some(value));
        }
    }

    #[test]
    fn names_are_safe_in_the_header() {
        let of = |name: &str| {
            let reply = Reply::no_content().attachment(name);
            reply.header_value("content-disposition").unwrap_or_default().to_owned()
        };
        assert_eq!(of("a b.pdf"), "attachment; filename=\"a b.pdf\"");
        assert_eq!(of("../../etc\r\nX: y"), "attachment; filename=\"....etcX: y\"");
        assert_eq!(of("\u{0} "), "attachment; filename=\"download\"");
        assert_eq!(of("a\"b"), "attachment; filename=\"a_b\"; filename*=UTF-8''a%22b");
        assert_eq!(of("é"), "attachment; filename=\"_\"; filename*=UTF-8''%C3%A9");
    }
}
