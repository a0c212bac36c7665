"""`/openapi.json` and `/docs`: the reference of the HTTP interface, for programs and for people.

Descriptions of operations and types of replies live here; the handlers that they describe do not. To document another
operation, add it to the `OPERATIONS` of its area, or add an area to `AREAS` in `document.py`. The schemas of bodies are
made from types: the models that validate requests, and the types of replies in `shapes.py`. Tests call every documented
operation, and fail if a reply does not match its description.

From the bottom up:

- `markup.py`: HTML elements
- `operation.py`: the parts of an operation's description
- `shapes.py`: types of replies; `shared.py`: parameters, headers and errors that operations share
- `notifications.py`, `cursors.py`, `rules.py`, `graphql.py`, `service.py`, `operators.py`: the operations, by area
- `document.py`: the OpenAPI document
- `schemas.py`, `page.py`: the document as an HTML page
- `routes.py`: the handlers
"""
