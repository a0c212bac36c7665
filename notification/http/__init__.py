"""The HTTP interface: each handler parses a request, makes one call to a service and renders the result.

The syntax of paths, queries, headers and bodies lives only here. Domain rules, storage and the creation
of services live elsewhere. A handler gets the services through `keys.py`.

From the bottom up:

- `observer.py`: instrumentation hooks
- `keys.py`: where an application keeps the services
- `status.py`: maps exceptions to status codes
- `range_header.py`, `parameters.py`, `json_body.py`: parse headers, queries and bodies
- `serializers.py`, `compression.py`, `etag.py`, `rendered_pages.py`: render replies
- `errors.py`: renders exceptions
- `slow_clients.py`: disconnects clients that stop reading
- `origins.py`, `cors.py`, `proxies.py`: determine and check where a request comes from
- `frame.py`: adds what all requests and replies have in common
- `notifications.py`, `cursors.py`, `rules.py`, `stream.py`, `ping.py`, `html_pages.py`, `home.py`: handlers, by path
- `rest.py`: places the routes of the REST interface
- `graphql/`: the same operations in one GraphQL schema; `openapi/`: the reference of the interface
- `application.py`: joins the handlers into an application
"""
