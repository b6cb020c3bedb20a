//! Pages on which texts, rules and boxes are set. Points (1/72 inch), from the upper left corner; a text's `y`
//! is its baseline.

use krilla::{
    Document,
    color::rgb,
    geom::{PathBuilder, Point, Rect, Size},
    metadata::Metadata,
    page::PageSettings,
    paint::{Fill, Stroke},
    text::{Font, GlyphId, KrillaGlyph},
};
use rustybuzz::{Face, UnicodeBuffer};

use super::DocumentError;

static REGULAR: &[u8] = include_bytes!("../../data/fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../data/fonts/NotoSans-Bold.ttf");

/// The most characters of one text that are looked at.
const MOST_CHARACTERS: usize = 4_000;

/// Red, green and blue.
pub(super) type Colour = (u8, u8, u8);

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    /// The size in points.
    pub(super) size: f32,
    /// Whether it is bold.
    pub(super) bold: bool,
    /// Its colour.
    pub(super) colour: Colour,
}

/// A text that is ready to be set: its glyphs are known, and so its width.
#[derive(Debug, Clone)]
pub(super) struct Run {
    text: String,
    style: Style,
    glyphs: Vec<KrillaGlyph>,
    /// How wide it is.
    pub(super) width: f32,
}

enum Mark {
    Text { x: f32, y: f32, run: Run },
    Box { area: Rect, fill: Option<Colour>, line: Option<Colour> },
}

/// A document that is being laid out.
pub(super) struct Canvas {
    regular: (Font, Face<'static>),
    bold: (Font, Face<'static>),
    /// Width and height of a page.
    pub(super) size: (f32, f32),
    pages: Vec<Vec<Mark>>,
}

/// Units of the font's design to the size of its letters.
fn em(face: &Face<'_>) -> f32 {
    i16::try_from(face.units_per_em()).map_or(1_000.0, f32::from)
}

fn loaded(bytes: &'static [u8]) -> Result<(Font, Face<'static>), DocumentError> {
    let broken = || DocumentError("a font cannot be read".to_owned());
    let font = Font::new(bytes.into(), 0).ok_or_else(broken)?;
    Ok((font, Face::from_slice(bytes, 0).ok_or_else(broken)?))
}

impl Canvas {
    /// A document of letter pages, the first one begun.
    pub(super) fn letter() -> Result<Self, DocumentError> {
        Ok(Self {
            regular: loaded(REGULAR)?,
            bold: loaded(BOLD)?,
            size: (612.0, 792.0),
            pages: vec![Vec::new()],
        })
    }
    /// Begins another page.
    pub(super) fn turn(&mut self) {
        self.pages.push(Vec::new());
    }

    /// A text, shaped. Line ends and other control characters become spaces.
    pub(super) fn run(&self, style: Style, text: &str) -> Run {
        let text: String = text
            .chars()
            .take(MOST_CHARACTERS)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let (_, face) = if style.bold { &self.bold } else { &self.regular };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let place = |cluster: u32| usize::try_from(cluster).unwrap_or(usize::MAX).min(text.len());
        let mut begins: Vec<_> =
            shaped.glyph_infos().iter().map(|info| place(info.cluster)).collect();
        begins.push(text.len());
        begins.sort_unstable();
        let ems = |units: i32| i16::try_from(units).map_or(0.0, f32::from) / em(face);
        let glyphs: Vec<_> = shaped
            .glyph_infos()
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, at)| {
                let begin = place(info.cluster);
                let next = begins.partition_point(|other| *other <= begin);
                let end = begins.get(next).copied().unwrap_or(text.len());
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    ems(at.x_advance),
                    ems(at.x_offset),
                    ems(at.y_offset),
                    ems(at.y_advance),
                    begin..end,
                    None,
                )
            })
            .collect();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size;
        Run { text, style, glyphs, width }
    }

    /// About how wide a text is: its letters side by side, not yet shaped. Cheap, and good enough to break lines.
    fn measure(&self, style: Style, text: &str) -> f32 {
        let (_, face) = if style.bold { &self.bold } else { &self.regular };
        let advance = |letter| {
            let glyph = face.glyph_index(letter).unwrap_or_default();
            f32::from(face.glyph_hor_advance(glyph).unwrap_or_default())
        };
        text.chars().map(advance).sum::<f32>() * style.size / em(face)
    }

    /// A text in lines no wider than `width`, `most` at most: what does not fit is cut with an ellipsis.
    pub(super) fn wrap(&self, style: Style, text: &str, width: f32, most: usize) -> Vec<Run> {
        let fits = |line: &str| self.measure(style, line) <= width;
        let text: String = text.chars().take(MOST_CHARACTERS).collect();
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut words = text.split_whitespace().flat_map(|word| self.pieces(style, word, width));
        let rest = loop {
            let Some(word) = words.next() else { break false };
            let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if fits(&longer) {
                line = longer;
            } else if lines.len() + 1 == most {
                break true;
            } else {
                lines.push(std::mem::replace(&mut line, word));
            }
        };
        if rest {
            while !line.is_empty() && !fits(&format!("{line}…")) {
                line.pop();
            }
            line = format!("{}…", line.trim_end());
        }
        lines.push(line);
        lines.iter().map(|line| self.run(style, line)).collect()
    }

    /// A word, or the parts of one that is wider than a line.
    fn pieces(&self, style: Style, word: &str, width: f32) -> Vec<String> {
        if self.measure(style, word) <= width {
            return vec![word.to_owned()];
        }
        let (mut pieces, mut piece, mut used) = (Vec::new(), String::new(), 0.0);
        for character in word.chars() {
            let advance = self.measure(style, character.encode_utf8(&mut [0; 4]));
            if used + advance > width && !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
                used = 0.0;
            }
            piece.push(character);
            used += advance;
        }
        pieces.push(piece);
        pieces
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }
    /// Sets a text from `x` on.
    pub(super) fn left(&mut self, x: f32, y: f32, run: Run) {
        self.mark(Mark::Text { x, y, run });
    }
    /// Sets a text that ends at `x`.
    pub(super) fn right(&mut self, x: f32, y: f32, run: Run) {
        self.left(x - run.width, y, run);
    }
    /// Sets a text from `x` on at the same place of every page.
    pub(super) fn left_on_every_page(&mut self, x: f32, y: f32, run: &Run) {
        for page in &mut self.pages {
            page.push(Mark::Text { x, y, run: run.clone() });
        }
    }
    /// Sets a text that ends at `x` on every page, told the page's number and how many there are.
    pub(super) fn right_on_every_page(
        &mut self,
        x: f32,
        y: f32,
        style: Style,
        text: impl Fn(usize, usize) -> String,
    ) {
        let count = self.pages.len();
        let runs: Vec<_> =
            (1..=count).map(|number| self.run(style, &text(number, count))).collect();
        for (page, run) in self.pages.iter_mut().zip(runs) {
            page.push(Mark::Text { x: x - run.width, y, run });
        }
    }
    /// Draws a line of half a point.
    pub(super) fn rule(&mut self, x: f32, y: f32, width: f32, colour: Colour) {
        self.fill(x, y, width, 0.5, colour);
    }
    /// Fills a box.
    pub(super) fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        if let Some(area) = Rect::from_xywh(x, y, width, height) {
            self.mark(Mark::Box { area, fill: Some(colour), line: None });
        }
    }
    /// Draws a frame.
    pub(super) fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        if let Some(area) = Rect::from_xywh(x, y, width, height) {
            self.mark(Mark::Box { area, fill: None, line: Some(colour) });
        }
    }

    /// The document as PDF.
    pub(super) fn finish(self, title: &str, author: &str) -> Result<Vec<u8>, DocumentError> {
        let (width, height) = self.size;
        let size = Size::from_wh(width, height)
            .ok_or_else(|| DocumentError("a page has no size".to_owned()))?;
        let mut document = Document::new();
        document.set_metadata(
            Metadata::new()
                .title(title.to_owned())
                .authors(vec![author.to_owned()])
                .language("en-US".to_owned()),
        );
        for marks in self.pages {
            let mut page = document.start_page_with(PageSettings::new(size));
            let mut surface = page.surface();
            for mark in marks {
                match mark {
                    Mark::Text { x, y, run } => {
                        let (font, _) = if run.style.bold { &self.bold } else { &self.regular };
                        surface.set_stroke(None);
                        surface.set_fill(Some(filled(run.style.colour)));
                        surface.draw_glyphs(
                            Point::from_xy(x, y),
                            &run.glyphs,
                            font.clone(),
                            &run.text,
                            run.style.size,
                            false,
                        );
                    }
                    Mark::Box { area, fill, line } => {
                        let mut path = PathBuilder::new();
                        path.push_rect(area);
                        let Some(path) = path.finish() else { continue };
                        surface.set_fill(fill.map(filled));
                        surface.set_stroke(line.map(stroked));
                        surface.draw_path(&path);
                    }
                }
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|error| DocumentError(error.to_string()))
    }
}

fn filled((red, green, blue): Colour) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

fn stroked((red, green, blue): Colour) -> Stroke {
    Stroke { paint: rgb::Color::new(red, green, blue).into(), width: 1.5, ..Stroke::default() }
}
