"""Lines of JSON are sent as the text that they are: schemathesis has no word for their media type."""

import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
