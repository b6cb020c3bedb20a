"""Reads a calendar with icalendar, one of the two parsers it is checked with: a line for each event."""

import datetime
import sys

import icalendar

calendar = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
assert calendar["VERSION"] == "2.0" and calendar["PRODID"], "VERSION or PRODID is missing"
assert not calendar.errors, calendar.errors
rows = []
for event in calendar.walk("VEVENT"):
    assert not event.errors, event.errors
    start, end = event.decoded("DTSTART"), event.decoded("DTEND")
    assert type(start) is datetime.date and type(end) is datetime.date, "a whole day has no hour"
    assert end > start, f"{event['UID']} ends before it begins"
    assert event.decoded("DTSTAMP").tzinfo is not None, "DTSTAMP is an instant in UTC"
    rows.append("|".join([
        str(event["UID"]), start.isoformat(), end.isoformat(), str(event["STATUS"]),
        str(int(event["SEQUENCE"])), str(event["SUMMARY"]), str(event["DESCRIPTION"]).replace("\n", " "),
    ]))
print("\n".join(sorted(rows)))
