//! Documents as readers see them.
#![expect(clippy::unwrap_used, reason = "tests")]

use lopdf::Document;

use super::*;

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn line(description: &str) -> SheetLine {
    SheetLine {
        description: description.to_owned(),
        quantity: 2,
        unit_cents: 35_000,
        amount_cents: 70_000,
    }
}

fn sheet() -> InvoiceSheet<'static> {
    InvoiceSheet {
        title: "Invoice",
        number: "LSSC-2026-000042",
        program: "Library Support Staff Certification",
        payer: "Zoë Ångström-Λάμπρου Щербакова",
        payer_lines: vec![
            "Riverside County Library System".to_owned(),
            "12 Elm Street".to_owned(),
            "Springfield, IL 62701".to_owned(),
        ],
        issued_on: on("2026-03-02"),
        due_on: on("2026-04-01"),
        facts: vec![("Purchase order", "PO-2026-77".to_owned())],
        stamp: "Part paid",
        tone: Tone::Due,
        lines: vec![
            line("Application fee, member price, for Ada Ames"),
            line(
                "Portfolio fee for a person whose name is long enough that the description of this line has to be wrapped",
            ),
        ],
        total_cents: 140_000,
        paid_cents: 123_450,
        balance_cents: 16_550,
        currency: "USD",
        payments: vec![SheetPayment {
            on: on("2026-03-09"),
            method: "Check".to_owned(),
            reference: "No. 4711".to_owned(),
            amount_cents: 123_450,
        }],
        note: "Pay by check to the order of the program, or by card in the portal.\nName the invoice's number.",
        footer: "Library Support Staff Certification, a program that certifies library workers.",
    }
}

/// The text of each page, without spaces: readers put them where they like.
fn texts(pdf: &[u8]) -> Vec<String> {
    let document = Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let bare = |text: String| text.chars().filter(|c| !c.is_whitespace()).collect();
    pages.iter().map(|page| bare(document.extract_text(&[*page]).unwrap())).collect()
}

#[test]
fn an_invoice_says_what_it_was_told() {
    let pdf = invoice(&sheet()).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let pages = texts(&pdf);
    let [page] = pages.as_slice() else { panic!("{} pages", pages.len()) };
    for text in [
        "LSSC-2026-000042",
        "PARTPAID",
        "ZoëÅngström-ΛάμπρουЩербакова",
        "Springfield,IL62701",
        "March2,2026",
        "April1,2026",
        "PO-2026-77",
        "tobewrapped",
        "$350.00",
        "$700.00",
        "$1,400.00",
        "$1,234.50",
        "$165.50",
        "No.4711",
        "bycheck",
        "Page1of1",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[test]
fn the_same_invoice_has_the_same_bytes() {
    assert_eq!(invoice(&sheet()).unwrap(), invoice(&sheet()).unwrap());
}

#[test]
fn many_lines_run_over_several_pages() {
    let lines = (1..=200).map(|number| line(&format!("Fee of person {number}"))).collect();
    let pages = texts(&invoice(&InvoiceSheet { lines, ..sheet() }).unwrap());
    assert!((5..=12).contains(&pages.len()), "{} pages", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page{}of{}", index + 1, pages.len())), "{page}");
        assert_eq!(page.contains("continued"), index > 0, "{page}");
    }
    let whole = pages.concat();
    assert!((1..=200).all(|number| whole.contains(&format!("person{number}"))));
    assert!(pages.last().unwrap().contains("Balancedue"));
}

#[test]
fn no_name_is_too_long_or_too_foreign() {
    let endless = "W".repeat(5_000);
    let many = "word ".repeat(3_000);
    let foreign = "王小明 محمد שלום 🎓 a\u{301}\u{0}\u{7}\u{200f}";
    for text in [endless.as_str(), many.as_str(), foreign, "", "   "] {
        let pdf = invoice(&InvoiceSheet {
            title: "Receipt",
            number: text,
            program: text,
            payer: text,
            payer_lines: vec![text.to_owned(); 30],
            facts: vec![("A label that is long", text.to_owned()); 9],
            stamp: text,
            tone: Tone::Void,
            lines: vec![line(text)],
            currency: "EUR",
            total_cents: i64::MIN,
            payments: vec![SheetPayment {
                on: on("2026-03-09"),
                method: text.to_owned(),
                reference: text.to_owned(),
                amount_cents: i64::MAX,
            }],
            note: text,
            footer: text,
            ..sheet()
        });
        assert!(!texts(&pdf.unwrap()).is_empty());
    }
}
