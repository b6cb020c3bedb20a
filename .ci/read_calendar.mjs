// Reads a calendar with ical.js, the other parser it is checked with: a line for each event.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [tools, path] = process.argv.slice(2);
const loaded = createRequire(`${tools}/`)("ical.js");
const ICAL = loaded.default ?? loaded;

const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
const rows = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  if (!event.startDate.isDate || !event.endDate.isDate) throw new Error("a whole day has no hour");
  if (event.endDate.compare(event.startDate) <= 0) throw new Error(`${event.uid} ends before it begins`);
  const text = (name) => component.getFirstPropertyValue(name);
  return [event.uid, event.startDate, event.endDate, text("status"), event.sequence, event.summary,
    event.description.replaceAll("\n", " ")].join("|");
});
console.log(rows.sort().join("\n"));
