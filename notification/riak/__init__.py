"""An asyncio client for Riak's Protocol Buffers interface, usable by itself.

Here live connections, pools, failover between nodes, and the check of bucket properties.
Values are opaque bytes here: merging, formats and whatever else the service makes of them live in `storage/`.
It imports nothing else of this project, and no metrics or logging library; `observer.py` has the hooks for those.

Bottom-up:

- `errors.py`: the exception tree, and which errors another node can cure
- `riak_pb2.py`: the Protocol Buffers messages, generated from `riak.proto`
- `messages.py`: framing, message codes, and a call: a request with the reader of its reply
- `objects.py`: replies as plain values
- `options.py`: addresses, limits and credentials
- `observer.py`: instrumentation hooks
- `health.py`: the life cycle of a node as a table
- `connection.py`: one connection, one request at a time
- `dial.py`: opens a connection: TCP, TLS, authentication
- `pool.py`: the connections to one node
- `node.py`: one node: its pool, its health, its probe
- `cluster.py`: several nodes as one, with failover and a deadline
- `client.py`: `RiakClient`, the public interface
- `properties.py`: which bucket properties lose concurrent writes
- `guard.py`: keeps requests away from such buckets
"""
