//! Closed vocabularies: every enumerated word that the API, the database and the rules share.

/// An enumeration whose values are words: `as_str` is what JSON, SQL and people read.
pub trait Word: Sized + Copy + Eq + 'static {
    /// The vocabulary's own name, in `UpperCamelCase`.
    const NAME: &'static str;
    /// Every value, in the order in which people read them.
    const ALL: &'static [Self];
    /// The word of this value.
    fn as_str(self) -> &'static str;
    /// The value of a word, if the vocabulary holds it.
    #[must_use]
    fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == word)
    }
}

/// A word that its vocabulary does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not one of {expected}")]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What the vocabulary holds, joined by commas.
    pub expected: String,
}

impl UnknownWord {
    /// The error for `word` in the vocabulary `W`.
    #[must_use]
    pub fn in_vocabulary<W: Word>(word: &str) -> Self {
        let words: Vec<_> = W::ALL.iter().map(|value| value.as_str()).collect();
        Self { word: word.to_owned(), expected: words.join(", ") }
    }
}

/// Declares a vocabulary: an enum with `Word`, `Display`, `FromStr` and serde by its words.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }
        impl $crate::word::Word for $name {
            const NAME: &'static str = stringify!($name);
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn as_str(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::word::Word::as_str(*self))
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                <Self as $crate::word::Word>::of(word)
                    .ok_or_else(|| $crate::word::UnknownWord::in_vocabulary::<Self>(word))
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::word::Word::as_str(*self))
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
