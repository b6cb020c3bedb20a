//! An invoice: head, payer and dates, lines, sums, payments, how to pay.

use chrono::NaiveDate;
use domain::text::grouped;

use super::{
    DocumentError, InvoiceSheet, Tone,
    canvas::{Canvas, Colour, Run, Style},
};

const MARGIN: f32 = 54.0;
const RIGHT: f32 = 612.0 - MARGIN;
const WIDTH: f32 = RIGHT - MARGIN;
/// Below this nothing is set but the footer.
const BOTTOM: f32 = 792.0 - 72.0;
const LEADING: f32 = 13.0;

const INK: Colour = (33, 37, 41);
const SOFT: Colour = (108, 117, 125);
const PALE: Colour = (240, 242, 245);
const LINE: Colour = (206, 212, 218);
const ACCENT: Colour = (27, 67, 110);

const TEXT: Style = Style { size: 9.5, bold: false, colour: INK };
const STRONG: Style = Style { bold: true, ..TEXT };
const LABEL: Style = Style { size: 8.0, bold: true, colour: SOFT };
const SMALL: Style = Style { size: 8.0, bold: false, colour: SOFT };

/// The right ends of the columns of lines that hold figures.
const QUANTITY: f32 = 385.0;
const UNIT: f32 = 472.0;
const AMOUNT: f32 = RIGHT - 8.0;

/// The invoice as PDF: letter pages, as many as its lines need, numbered.
pub fn invoice(sheet: &InvoiceSheet<'_>) -> Result<Vec<u8>, DocumentError> {
    let mut page = Page { canvas: Canvas::letter()?, sheet, y: MARGIN };
    page.head();
    page.parties();
    page.lines();
    page.sums();
    page.payments();
    page.note();
    page.feet();
    page.canvas.finish(&format!("{} {}", sheet.title, sheet.number), sheet.program)
}

/// Where the layout stands.
struct Page<'a> {
    canvas: Canvas,
    sheet: &'a InvoiceSheet<'a>,
    y: f32,
}

impl Page<'_> {
    fn left(&mut self, x: f32, style: Style, text: &str) {
        let run = self.canvas.run(style, text);
        self.canvas.left(x, self.y, run);
    }
    fn right(&mut self, x: f32, style: Style, text: &str) {
        let run = self.canvas.run(style, text);
        self.canvas.right(x, self.y, run);
    }
    fn amount(&self, cents: i64) -> String {
        amount(cents, self.sheet.currency)
    }
    /// Sets lines below each other from `x` on, and says how far they reach.
    fn column(&mut self, x: f32, mut y: f32, lines: Vec<Run>) -> f32 {
        for line in lines {
            self.canvas.left(x, y, line);
            y += LEADING;
        }
        y
    }
    /// Turns the page unless there is room for `height` more; whether it did.
    fn turned(&mut self, height: f32) -> bool {
        if self.y + height <= BOTTOM {
            return false;
        }
        self.canvas.turn();
        self.y = MARGIN;
        let title = format!("{} {}, continued", self.sheet.title, self.sheet.number);
        self.left(MARGIN, SMALL, &title);
        self.y += 22.0;
        true
    }

    fn head(&mut self) {
        let sheet = self.sheet;
        self.y += 8.0;
        let name = Style { size: 12.0, bold: true, colour: ACCENT };
        let program = self.canvas.wrap(name, sheet.program, 330.0, 2);
        let below = self.column(MARGIN, self.y, program);
        self.stamp();
        self.y = below + 28.0;
        self.left(MARGIN, Style { size: 24.0, bold: true, colour: INK }, sheet.title);
        self.y += 18.0;
        self.left(MARGIN, Style { size: 11.0, ..TEXT }, sheet.number);
        self.y += 14.0;
        self.canvas.rule(MARGIN, self.y, WIDTH, LINE);
        self.y += 24.0;
    }

    /// What state it is in, framed in the upper right corner.
    fn stamp(&mut self) {
        let colour = match self.sheet.tone {
            Tone::Due => (176, 96, 0),
            Tone::Settled => (20, 108, 67),
            Tone::Void => (176, 42, 55),
        };
        let style = Style { size: 14.0, bold: true, colour };
        let mut lines = self.canvas.wrap(style, &self.sheet.stamp.to_uppercase(), 150.0, 1);
        if let Some(run) = lines.pop().filter(|run| run.width > 0.0) {
            let width = run.width + 24.0;
            self.canvas.frame(RIGHT - width, self.y - 16.0, width, 25.0, colour);
            self.canvas.right(RIGHT - 12.0, self.y + 1.5, run);
        }
    }

    fn parties(&mut self) {
        let sheet = self.sheet;
        let top = self.y;
        self.left(MARGIN, LABEL, "BILL TO");
        let mut payer = self.canvas.wrap(STRONG, sheet.payer, 280.0, 2);
        for line in sheet.payer_lines.iter().take(8) {
            payer.extend(self.canvas.wrap(TEXT, line, 280.0, 2));
        }
        let below = self.column(MARGIN, top + 16.0, payer);
        let facts = [("Issued", day(sheet.issued_on)), ("Due", day(sheet.due_on))];
        self.y = top;
        let more = sheet.facts.iter().take(6).map(|(label, value)| (*label, value.clone()));
        for (label, value) in facts.into_iter().chain(more) {
            let label = self.canvas.wrap(TEXT, label, 95.0, 1);
            self.column(370.0, self.y, label);
            let value = self.canvas.wrap(STRONG, &value, RIGHT - 470.0, 2);
            self.y = self.column(470.0, self.y, value) + 2.0;
        }
        self.y = self.y.max(below) + 18.0;
    }

    fn lines_head(&mut self) {
        self.canvas.fill(MARGIN, self.y - 13.0, WIDTH, 20.0, PALE);
        self.left(MARGIN + 8.0, LABEL, "DESCRIPTION");
        self.right(QUANTITY, LABEL, "QUANTITY");
        self.right(UNIT, LABEL, "UNIT PRICE");
        self.right(AMOUNT, LABEL, "AMOUNT");
        self.y += 22.0;
    }

    fn lines(&mut self) {
        self.turned(60.0);
        self.lines_head();
        let sheet = self.sheet;
        for line in &sheet.lines {
            let description = self.canvas.wrap(TEXT, &line.description, 265.0, 4);
            let height = LEADING * f32::from(u8::try_from(description.len()).unwrap_or(4));
            if self.turned(height + 8.0) {
                self.lines_head();
            }
            self.right(QUANTITY, TEXT, &figure(line.quantity));
            self.right(UNIT, TEXT, &self.amount(line.unit_cents));
            self.right(AMOUNT, TEXT, &self.amount(line.amount_cents));
            self.y = self.column(MARGIN + 8.0, self.y, description) - 5.0;
            self.canvas.rule(MARGIN, self.y, WIDTH, LINE);
            self.y += 16.0;
        }
    }

    fn sums(&mut self) {
        let sheet = self.sheet;
        self.turned(70.0);
        self.y += 4.0;
        for (label, cents) in [("Total", sheet.total_cents), ("Paid", sheet.paid_cents)] {
            self.right(UNIT, TEXT, label);
            self.right(AMOUNT, TEXT, &self.amount(cents));
            self.y += 16.0;
        }
        let large = Style { size: 11.0, ..STRONG };
        self.canvas.fill(330.0, self.y - 11.0, RIGHT - 330.0, 24.0, PALE);
        self.y += 5.0;
        self.right(UNIT, large, "Balance due");
        self.right(AMOUNT, large, &self.amount(sheet.balance_cents));
        self.y += 36.0;
    }

    fn payments_head(&mut self) {
        self.left(MARGIN, LABEL, "PAYMENTS");
        self.y += 6.0;
        self.canvas.rule(MARGIN, self.y, WIDTH, LINE);
        self.y += 14.0;
    }

    fn payments(&mut self) {
        let sheet = self.sheet;
        if sheet.payments.is_empty() {
            return;
        }
        self.turned(60.0);
        self.payments_head();
        for payment in &sheet.payments {
            let method = self.canvas.wrap(TEXT, &payment.method, 110.0, 1);
            let reference = self.canvas.wrap(TEXT, &payment.reference, 210.0, 2);
            if self.turned(LEADING * 2.0) {
                self.payments_head();
            }
            self.left(MARGIN + 8.0, TEXT, &day(payment.on));
            self.right(AMOUNT, TEXT, &self.amount(payment.amount_cents));
            self.column(160.0, self.y, method);
            self.y = self.column(280.0, self.y, reference) + 3.0;
        }
        self.y += 18.0;
    }

    fn note(&mut self) {
        let sheet = self.sheet;
        if sheet.note.trim().is_empty() {
            return;
        }
        self.turned(60.0);
        self.left(MARGIN, LABEL, if sheet.balance_cents > 0 { "HOW TO PAY" } else { "NOTE" });
        self.y += 16.0;
        // Paragraphs stay apart.
        for paragraph in sheet.note.lines().filter(|line| !line.trim().is_empty()) {
            for line in self.canvas.wrap(TEXT, paragraph, WIDTH, 40) {
                self.turned(LEADING);
                self.canvas.left(MARGIN, self.y, line);
                self.y += LEADING;
            }
            self.y += 3.0;
        }
    }

    /// The same at the foot of every page, and its number.
    fn feet(&mut self) {
        let y = 792.0 - 40.0;
        let footer = self.canvas.wrap(SMALL, self.sheet.footer, WIDTH - 90.0, 1);
        for run in footer {
            self.canvas.left_on_every_page(MARGIN, y, &run);
        }
        self.canvas.right_on_every_page(RIGHT, y, SMALL, |number, count| {
            format!("Page {number} of {count}")
        });
    }
}

/// `March 2, 2026`.
fn day(day: NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

fn figure(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// Cents in a column of figures: `$350.00`, `-$1,234.50`, `12.00 EUR`.
fn amount(cents: i64, currency: &str) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (units, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    match currency {
        "USD" => format!("{sign}${}.{rest:02}", grouped(units)),
        _ => format!("{sign}{}.{rest:02} {currency}", grouped(units)),
    }
}
