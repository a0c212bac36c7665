"""How schemathesis sends the media types that it does not know. It imports this module by its name."""

import schemathesis

schemathesis.serializer.alias("application/graphql", "text/plain")
