//! What was measured, as a Markdown table: minimum, median and maximum over the rounds.

use std::fmt::Write;

/// One thing that was measured, once a round.
#[derive(Debug)]
struct Series {
    place: String,
    name: String,
    unit: &'static str,
    values: Vec<f64>,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    series: Vec<Series>,
}

impl Report {
    /// Notes a value of one round.
    pub(crate) fn note(&mut self, place: &str, name: &str, unit: &'static str, value: f64) {
        let known = self
            .series
            .iter_mut()
            .find(|one| one.place == place && one.name == name && one.unit == unit);
        match known {
            Some(series) => series.values.push(value),
            None => self.series.push(Series {
                place: place.to_owned(),
                name: name.to_owned(),
                unit,
                values: vec![value],
            }),
        }
    }

    /// Notes the values of the rules in process.
    pub(crate) fn rules(&mut self, values: Vec<(&'static str, f64)>) {
        for (name, value) in values {
            self.note("in process", name, "ns", value);
        }
    }

    /// The table.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from(
            "| where | what | unit | min | median | max |\n|---|---|---|---:|---:|---:|\n",
        );
        for series in &self.series {
            let mut values = series.values.clone();
            values.sort_by(f64::total_cmp);
            let at = |place: usize| values.get(place).copied().map(shown).unwrap_or_default();
            let (median, last) = (values.len() / 2, values.len().saturating_sub(1));
            let Series { place, name, unit, .. } = series;
            let (lowest, middle, highest) = (at(0), at(median), at(last));
            // Writing to a String does not fail.
            let _ok =
                writeln!(text, "| {place} | {name} | {unit} | {lowest} | {middle} | {highest} |");
        }
        text
    }
}

fn shown(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
