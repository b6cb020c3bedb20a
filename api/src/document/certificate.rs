//! A certificate: one page across, with the name, the sets, the dates, and how to verify it.

use chrono::NaiveDate;

use super::{
    CertificateSheet, DocumentError,
    canvas::{Canvas, Colour, Style},
};

const WIDTH: f32 = 792.0;
const HEIGHT: f32 = 612.0;
const MARGIN: f32 = 36.0;
const MIDDLE: f32 = WIDTH / 2.0;
/// The widest text in the middle.
const COLUMN: f32 = WIDTH - 4.0 * MARGIN;
/// The side of the code of squares.
const CODE: f32 = 92.0;

const INK: Colour = (33, 37, 41);
const SOFT: Colour = (108, 117, 125);
const LINE: Colour = (206, 212, 218);
const ACCENT: Colour = (27, 67, 110);

const TEXT: Style = Style { size: 11.0, bold: false, colour: INK };
const SMALL: Style = Style { size: 8.5, bold: false, colour: SOFT };

/// The certificate as PDF: one page.
pub fn certificate(sheet: &CertificateSheet<'_>) -> Result<Vec<u8>, DocumentError> {
    let mut canvas = Canvas::letter()?;
    canvas.size = (WIDTH, HEIGHT);
    canvas.frame(MARGIN, MARGIN, WIDTH - 2.0 * MARGIN, HEIGHT - 2.0 * MARGIN, ACCENT);
    let inner = MARGIN + 6.0;
    canvas.frame(inner, inner, WIDTH - 2.0 * inner, HEIGHT - 2.0 * inner, LINE);
    let mut page = Page { canvas, y: 104.0 };
    page.middle(Style { size: 18.0, bold: true, colour: ACCENT }, sheet.program, 2);
    page.y += 16.0;
    page.middle(TEXT, "certifies that", 1);
    page.y += 22.0;
    page.middle(Style { size: 30.0, bold: true, colour: INK }, sheet.holder_name, 2);
    page.y += 2.0;
    page.canvas.rule(MIDDLE - 160.0, page.y - 22.0, 320.0, LINE);
    page.middle(TEXT, "has achieved the competency sets", 1);
    page.y += 4.0;
    let style = Style { size: 11.5, bold: true, colour: INK };
    for set in &sheet.sets {
        page.middle(style, set, 1);
    }
    if let Some(condition) = sheet.condition {
        page.y += 4.0;
        page.middle(TEXT, condition, 2);
    }
    page.foot(sheet);
    page.code(sheet);
    page.canvas.finish(&format!("Certificate {}", sheet.number), sheet.program)
}

/// Where the layout stands.
struct Page {
    canvas: Canvas,
    y: f32,
}

impl Page {
    /// Sets a text in the middle, and goes on below it.
    fn middle(&mut self, style: Style, text: &str, most: usize) {
        for run in self.canvas.wrap(style, text, COLUMN, most) {
            self.canvas.left(MIDDLE - run.width / 2.0, self.y, run);
            self.y += style.size * 1.45;
        }
    }

    /// Number, edition, dates and the address at which it is verified, in the lower left corner.
    fn foot(&mut self, sheet: &CertificateSheet<'_>) {
        let day = |day: NaiveDate| day.format("%B %-d, %Y").to_string();
        let lines = [
            ("Certificate", format!("{}, edition {}", sheet.number, sheet.edition)),
            ("In force", format!("{} through {}", day(sheet.from), day(sheet.through))),
            ("Issued", day(sheet.issued_on)),
        ];
        let mut y = HEIGHT - MARGIN - 78.0;
        for (label, text) in lines {
            let label = self.canvas.run(Style { bold: true, ..SMALL }, label);
            self.canvas.left(MARGIN + 24.0, y, label);
            let text = self.canvas.run(Style { size: 9.5, bold: false, colour: INK }, &text);
            self.canvas.left(MARGIN + 84.0, y, text);
            y += 14.0;
        }
        let told = format!("Anyone may verify it: {}", sheet.verify_url);
        for run in self.canvas.wrap(SMALL, &told, 480.0, 2) {
            self.canvas.left(MARGIN + 24.0, y, run);
            y += 12.0;
        }
    }

    /// The address as a code that cameras read (ISO/IEC 18004), in the lower right corner.
    fn code(&mut self, sheet: &CertificateSheet<'_>) {
        let Ok(code) = qrcode::QrCode::with_error_correction_level(
            sheet.verify_url.as_bytes(),
            qrcode::EcLevel::M,
        ) else {
            // An address too long for a code is printed as text all the same.
            return;
        };
        let count = code.width();
        let modules = u16::try_from(count).map_or(1.0, f32::from);
        let side = CODE / modules;
        let (left, top) = (WIDTH - MARGIN - 24.0 - CODE, HEIGHT - MARGIN - 24.0 - CODE);
        let colours = code.to_colors();
        for (row, line) in (0_u16..).zip(colours.chunks(count)) {
            for (column, colour) in (0_u16..).zip(line) {
                if *colour == qrcode::Color::Dark {
                    let (x, y) = (f32::from(column) * side, f32::from(row) * side);
                    self.canvas.fill(left + x, top + y, side, side, (0, 0, 0));
                }
            }
        }
    }
}
