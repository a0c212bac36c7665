"""`/graphql`: the operations of REST in one schema, with the same checks and the same errors.

A field checks its arguments, makes one call to a service and converts the result. The rules of the domain live
in `domain/`, and the syntax that GraphQL shares with REST lives in the modules of `http/`.

From the bottom up:

- `limits.py`: bounds what a document may ask for, before it runs
- `request.py`: the request body and its checks
- `scalars.py`, `types.py`: the types of the schema
- `errors.py`: maps exceptions to GraphQL errors
- `pacer.py`: spreads subscribers over turns of the event loop
- `schema.py`: the fields
- `socket.py`: subscriptions over a WebSocket
- `graphiql.py`: strawberry's page for browsers and its Content-Security-Policy
- `endpoint.py`: queries and mutations over HTTP
- `routes.py`: the handlers, which import all of the above when the first request arrives
"""
