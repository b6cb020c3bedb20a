//! Headers by which a mail is stopped with one click (RFC 2369, RFC 8058), and told from a person's (RFC 3834).

use lettre::message::header::{Header, HeaderName, HeaderValue};

/// Written as it is: an address in brackets must not be broken into words.
macro_rules! header {
    ($(#[$meta:meta])* $name:ident = $word:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(super) struct $name(pub(super) String);
        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($word)
            }
            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }
            fn display(&self) -> HeaderValue {
                HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
            }
        }
    };
}

header! {
    /// Where mails of this kind are stopped.
    ListUnsubscribe = "List-Unsubscribe"
}
header! {
    /// That a POST there does it, without another question.
    ListUnsubscribePost = "List-Unsubscribe-Post"
}
header! {
    /// That no person wrote it: nobody answers that they are away.
    AutoSubmitted = "Auto-Submitted"
}
