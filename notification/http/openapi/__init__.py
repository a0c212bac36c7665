"""`/openapi.json` and `/docs`: what the service can do, for programs and for people.

To document another operation, add an `Operation` to the `OPERATIONS` of its area (`notifications.py`, `rules.py` and so
on: one file per area, beside which its neighbours show how) or a new area to `AREAS` in `document.py`. Its bodies are
types: the models that validate requests, or the shapes of replies in `shapes.py`, from which the schemas are made.
Headers and errors that several operations share are in `shared.py`. The tests call everything that is documented, and
fail where a reply is not as it says.
"""
