//! What was measured, as a Markdown table: the median over the rounds, and minimum to maximum.

use std::fmt::Write;

use crate::load::Load;

/// What a value tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// Times a second.
    Rate,
    /// The rate as a share of hello-world's of the same round.
    OfHello,
    /// The rate of what it is compared with: the same statements without the server.
    Alone,
    /// The rate as a share of that.
    OfAlone,
    /// Half of the answers came within this many milliseconds.
    P50,
    /// All but one in a hundred did.
    P99,
}

const COLUMNS: &[(Figure, &str)] = &[
    (Figure::Rate, "per second"),
    (Figure::OfHello, "x hello-world"),
    (Figure::Alone, "compared with, per second"),
    (Figure::OfAlone, "x that"),
    (Figure::P50, "p50 ms"),
    (Figure::P99, "p99 ms"),
];

/// One row of the table, with the values of every round.
#[derive(Debug)]
struct Row {
    place: String,
    name: String,
    values: Vec<(Figure, f64)>,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    rules: Vec<(&'static str, f64)>,
}

impl Report {
    /// Notes a value of one round.
    pub(crate) fn note(&mut self, place: &str, name: &str, figure: Figure, value: f64) {
        let known = self.rows.iter_mut().find(|row| row.place == place && row.name == name);
        match known {
            Some(row) => row.values.push((figure, value)),
            None => self.rows.push(Row {
                place: place.to_owned(),
                name: name.to_owned(),
                values: vec![(figure, value)],
            }),
        }
    }

    /// Notes what a load of one round came to; as a share of hello-world's too, where that is given.
    pub(crate) fn load(&mut self, place: &str, name: &str, load: Load, hello: Option<Load>) {
        let millis = |us: u64| f64::from(u32::try_from(us).unwrap_or(u32::MAX)) / 1000.0;
        self.note(place, name, Figure::Rate, load.rate);
        if let Some(hello) = hello {
            self.note(place, name, Figure::OfHello, load.rate / hello.rate);
        }
        self.note(place, name, Figure::P50, millis(load.p50_us));
        self.note(place, name, Figure::P99, millis(load.p99_us));
    }

    /// Notes the rate of what something of this rate is compared with, and its share of that.
    pub(crate) fn beside(&mut self, place: &str, name: &str, rate: f64, other: f64) {
        self.note(place, name, Figure::Alone, other);
        self.note(place, name, Figure::OfAlone, rate / other);
    }

    /// Notes the nanoseconds of the rules in process.
    pub(crate) fn rules(&mut self, values: Vec<(&'static str, f64)>) {
        self.rules.extend(values);
    }

    /// The tables. Every cell is `median (minimum to maximum)`.
    pub(crate) fn markdown(&self) -> String {
        let heads: Vec<&str> = COLUMNS.iter().map(|(_, head)| *head).collect();
        let mut text = format!("| where | what | {} |\n", heads.join(" | "));
        text.extend(["|---|---|", &"---:|".repeat(heads.len()), "\n"]);
        for Row { place, name, values } in &self.rows {
            let cells: Vec<String> = COLUMNS
                .iter()
                .map(|(figure, _)| {
                    cell(values.iter().filter(|(of, _)| of == figure).map(|(_, value)| *value))
                })
                .collect();
            // Writing to a String does not fail.
            let _ok = writeln!(text, "| {place} | {name} | {} |", cells.join(" | "));
        }
        text.push_str("\n| one evaluation in process | ns |\n|---|---:|\n");
        let mut names: Vec<&str> = self.rules.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let values = self.rules.iter().filter(|(of, _)| *of == name).map(|(_, value)| *value);
            let _ok = writeln!(text, "| {name} | {} |", cell(values));
        }
        text
    }
}

fn cell(values: impl Iterator<Item = f64>) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (Some(lowest), Some(highest)) = (values.first(), values.last()) else {
        return String::new();
    };
    let middle = values.get(values.len() / 2).unwrap_or(highest);
    format!("{} ({} to {})", shown(*middle), shown(*lowest), shown(*highest))
}

fn shown(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.3}"),
    }
}
