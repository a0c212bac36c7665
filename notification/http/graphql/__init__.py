"""`/graphql`: the same use cases as REST, the same checks and the same reasons, in one schema.

- `types.py` what is answered and sent, `scalars.py` the one scalar of our own
- `schema.py` the fields, each one call of a use case
- `limits.py` what a document may ask for, checked before any of it runs
- `failures.py` exceptions as GraphQL errors
- `view.py` the HTTP around it
"""
