//! How figures read: `1,820 hours`, `$350`, `4 years`. The one place that writes them for people.

/// A whole number with thousands separated: `1,820`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Minutes as hours and minutes: `1,820 hours`, `31 hours 59 minutes`, `1 hour`.
#[must_use]
pub fn hours(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (whole, 0) => counted(whole, "hour"),
        (0, rest) => counted(rest, "minute"),
        (whole, rest) => format!("{} {}", counted(whole, "hour"), counted(rest, "minute")),
    }
}

/// A number and its noun, in the plural where it asks for one: `1 year`, `4 years`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// Cents as money: `$350` where they are whole dollars, `$350.50` otherwise, `12.00 EUR` in another currency.
#[must_use]
pub fn money(cents: i64, currency: &str) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (units, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    match (currency, rest) {
        ("USD", 0) => format!("{sign}${}", grouped(units)),
        ("USD", _) => format!("{sign}${}.{rest:02}", grouped(units)),
        _ => format!("{sign}{}.{rest:02} {currency}", grouped(units)),
    }
}

/// Words joined for people: `A`, `A and B`, `A, B and C`; `none` where there are none.
#[must_use]
pub fn list<T: std::fmt::Display>(items: &[T]) -> String {
    match items {
        [] => "none".to_owned(),
        [only] => only.to_string(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

/// The form in which texts are compared and searched: lower-case words of letters and digits, a blank
/// between them, without the accents of Latin letters. `Doña  Ana C.C.` is `dona ana c c`.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match plain(character) {
            Some(letter) => folded.push(letter),
            // An apostrophe joins: O'Brien is one word.
            None if matches!(character, '\'' | '\u{2019}' | '\u{301}') => {}
            None if folded.ends_with(' ') || folded.is_empty() => {}
            None => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

fn plain(character: char) -> Option<char> {
    const ACCENTS: &[(&str, char)] = &[
        ("àáâãäåāą", 'a'),
        ("çćč", 'c'),
        ("ďđ", 'd'),
        ("èéêëēęě", 'e'),
        ("ğ", 'g'),
        ("ìíîïīı", 'i'),
        ("łľ", 'l'),
        ("ñńň", 'n'),
        ("òóôõöøōő", 'o'),
        ("řŕ", 'r'),
        ("śšş", 's'),
        ("ťţ", 't'),
        ("ùúûüūůű", 'u'),
        ("ýÿ", 'y'),
        ("źżž", 'z'),
    ];
    if character.is_ascii() {
        return character.is_ascii_alphanumeric().then_some(character);
    }
    let accented = ACCENTS.iter().find(|(letters, _)| letters.contains(character));
    accented.map(|(_, letter)| *letter).or_else(|| character.is_alphanumeric().then_some(character))
}
